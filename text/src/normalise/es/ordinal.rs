//! Numbers that order.

use super::super::scan::Token;
use super::place::{Place, Said};
use super::words::{self, Form};
use super::{date, noun};

/// Nouns that are counted through with a degree sign for the ordinal's º.
#[rustfmt::skip]
pub(super) const RANKED: &[&str] = &[
    "año", "aniversario", "básico", "bimestre", "capítulo", "ciclo", "congreso", "curso", "edición", "encuentro", "festival",
    "grado", "grupo", "lugar", "mandamiento", "nivel", "período", "piso", "planta", "puesto", "semestre", "trimestre", "turno", "vuelta",
];

/// Around a number, these say that its º is a degree.
const WARMTH: &[&str] = &[
    "temperatura",
    "temperaturas",
    "máxima",
    "mínima",
    "máximas",
    "mínimas",
    "máx",
    "mín",
    "termómetro",
    "fiebre",
    "clima",
];

/// 1.º, 2.ª, 3er, 4to, 5°.
pub(super) fn read(place: &Place<'_>) -> Option<Said> {
    let value: u64 = place.ahead.first()?.digits().filter(|digits| digits.len() <= 3)?.parse().ok()?;
    let dots = usize::from(place.ahead.get(1) == Some(&Token::Sign('.')));
    let mark = place.after(1 + dots);
    let rest = mark.after(1);
    let form = match mark.ahead.first()? {
        Token::Sign('ª') => Form::Feminine,
        Token::Sign('º') if rest.is_loose_end() && !(dots == 0 && is_warmth(place)) => Form::Alone,
        Token::Sign('°')
            if dots == 1
                || ranks(&rest)
                || place.words_before().take(2).any(|word| word == "grados" || word == "grado") =>
        {
            Form::Alone
        }
        Token::Word(suffix) if rest.is_loose_end() => match *suffix {
            "er" | "ER" => Form::Masculine,
            "ro" | "ero" | "do" | "to" | "mo" | "vo" | "no" | "RO" | "DO" | "TO" => Form::Alone,
            "ra" | "era" | "da" | "ta" | "ma" | "va" | "na" | "RA" | "DA" | "TA" => Form::Feminine,
            "a" if counted_through(&rest, value, dots) => Form::Feminine,
            "o" if counted_through(&rest, value, dots) => Form::Alone,
            _ => return None,
        },
        _ => return None,
    };
    let counted = matches!(rest.ahead, [Token::Space, Token::Word(_), ..])
        && noun::form_before(&rest.past_space().word()).is_some();
    let form = if form == Form::Alone && counted { Form::Masculine } else { form };
    let stop = usize::from(
        matches!(mark.ahead, [Token::Word(_), Token::Sign('.'), ..]) && !rest.after(1).ends_sentence(),
    );
    Said::new(words::ordinal(value, form), 2 + dots + stop)
}

/// Whether a temperature was spoken of.
fn is_warmth(place: &Place<'_>) -> bool {
    matches!(place.before, [.., Token::Sign('-')])
        || place.words_before().take(4).any(|word| WARMTH.contains(&&*word))
}

/// Whether a bare letter after a figure makes an ordinal of it: 2a edición, 1.o de mayo.
fn counted_through(rest: &Place<'_>, value: u64, dots: usize) -> bool {
    let noun = matches!(
        rest.ahead,
        [Token::Space, Token::Word(_), ..]
            | [Token::Sign('.'), Token::Space, Token::Word(_), ..]
            | [Token::Sign('.'), Token::Sign(','), ..]
    );
    value <= 50 && value > 0 && (dots == 1 || noun)
}

fn ranks(rest: &Place<'_>) -> bool {
    let next = rest.past_space();
    let word = next.word();
    match next.ahead {
        [Token::Word("C" | "F"), ..] => false,
        [Token::Sign('"'), Token::Word(letter), Token::Sign('"'), ..] => letter.len() == 1,
        [Token::Word("de"), Token::Space, Token::Word(month), ..] => {
            date::month(&month.to_lowercase()).is_some()
        }
        [Token::Word(letter), ..] if letter.len() == 1 => {
            letter.starts_with(|c: char| c.is_ascii_uppercase())
        }
        [Token::Word(_), ..] => RANKED.contains(&&*word),
        _ => false,
    }
}
