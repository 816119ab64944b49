//! Cutting a text into pieces that an engine takes, at places where a speaker pauses.

use std::time::Duration;

use crate::limits::Length;

/// Abbreviations whose full stop ends no sentence, in Spanish and English.
const TITLES: [&str; 12] = ["dr", "dra", "jr", "mr", "mrs", "ms", "msgr", "prof", "profa", "sr", "sra", "st"];

/// What may stand between the end of a sentence and the space after it.
const CLOSING: [char; 7] = [')', ']', '"', '\'', '”', '’', '»'];

/// What a piece ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    /// In the middle of a word, where nothing else is left.
    Hard,
    /// Between two words.
    Word,
    /// At a comma, a colon, a bracket.
    Clause,
    /// At the end of a sentence.
    Sentence,
}

impl End {
    /// Silence to put between this piece and the next. The pieces are trimmed to 0.2 s of pads between them, which is
    /// a comma's pause already; 0.5 s is what readers of news take between sentences.
    pub(crate) fn pause(self) -> Duration {
        match self {
            Self::Sentence => Duration::from_millis(300),
            Self::Clause | Self::Word | Self::Hard => Duration::ZERO,
        }
    }
}

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    /// Begins and ends with something else than a space.
    pub(crate) text: &'a str,
    pub(crate) end: End,
}

/// `text` in pieces that `most` allows, in order; nothing but spaces is lost between them. Each is as long as can be and
/// ends with a sentence, else with a clause, else with a word, and in the middle of a word only where that word alone
/// is too long.
pub(crate) fn split(text: &str, most: Length) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let fits = most.prefix(rest);
        let (cut, end) = if fits < rest.len() { best_cut(rest, fits) } else { (rest.len(), End::Sentence) };
        let (piece, after) = rest.split_at(cut);
        pieces.push(Piece { text: piece.trim_end(), end });
        rest = after.trim_start();
    }
    pieces
}

/// The sentences of `text` in order, each of at least `least` characters as long as there are so many: shorter ones go
/// with the next. Nothing but spaces is lost between them.
pub(crate) fn sentences(text: &str, least: usize) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (sentence, after) = rest.split_at(sentence_end(rest, least));
        sentences.push(sentence.trim_end());
        rest = after.trim_start();
    }
    sentences
}

/// Where the first sentence ends that has so many characters.
fn sentence_end(text: &str, least: usize) -> usize {
    let mut previous = None;
    for (count, (at, mark)) in text.char_indices().enumerate() {
        match cut_at(text, at, mark, previous) {
            Some((cut, End::Sentence)) if count + 1 >= least => return cut,
            _ => previous = Some(mark),
        }
    }
    text.len()
}

/// The last place of the best kind within the first `fits` bytes.
fn best_cut(text: &str, fits: usize) -> (usize, End) {
    let mut best = (fits, End::Hard);
    let mut previous = None;
    for (at, mark) in text.char_indices() {
        let after = at + mark.len_utf8();
        let place = cut_at(text, at, mark, previous).filter(|(cut, _)| (1..=fits).contains(cut));
        if let Some((cut, end)) = place.filter(|(_, end)| *end >= best.1) {
            best = (cut, end);
        }
        if after > fits {
            break;
        }
        previous = Some(mark);
    }
    best
}

/// Where `mark`, which stands at `at`, allows a cut: before it or after it.
fn cut_at(text: &str, at: usize, mark: char, previous: Option<char>) -> Option<(usize, End)> {
    let after = at + mark.len_utf8();
    let follows = |rest: &str| rest.is_empty() || rest.starts_with(' ');
    let rest = text.get(after..).unwrap_or_default();
    match mark {
        ' ' => Some((at, End::Word)),
        '¿' | '¡' | '(' | '[' => Some((at, End::Clause)),
        '。' | '？' | '！' => Some((after, End::Sentence)),
        '，' | '、' | '：' | '—' => Some((after, End::Clause)),
        '.' if abbreviation(text.get(..at).unwrap_or_default()) => None,
        '.' | '?' | '!' | '…' => {
            let closed = rest.trim_start_matches(CLOSING);
            follows(closed).then(|| (text.len() - closed.len(), End::Sentence))
        }
        // 15:30 is a time, 1.500,75 a number.
        ':' if previous.is_some_and(|c| c.is_ascii_digit()) => None,
        ',' | ';' | ':' | '،' | ')' | ']' => follows(rest).then_some((after, End::Clause)),
        _ => None,
    }
}

/// Whether a full stop after `before` belongs to the word: `Dr`, `p.m`, `EE.UU`.
pub(crate) fn abbreviation(before: &str) -> bool {
    let word = before.rsplit([' ', '(', '¿', '¡']).next().unwrap_or_default();
    let letters = word.rsplit_once('.').map_or(0, |(_, last)| last.chars().count());
    (1..=2).contains(&letters) || TITLES.iter().any(|title| title.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(text: &str, most: usize) -> Vec<(&str, End)> {
        split(text, Length::Characters(most)).into_iter().map(|piece| (piece.text, piece.end)).collect()
    }

    #[test]
    fn text_that_fits_is_one_piece() {
        let exactly = "ñ".repeat(100);
        for text in ["¿Sí? (no), claro.", exactly.as_str()] {
            assert_eq!(cut(text, 100), [(text, End::Sentence)]);
        }
        assert!(cut(" ", 100).is_empty());
    }

    #[test]
    fn sentences_come_before_clauses_before_words() {
        let text = "Buenos días, Sr. Pérez. Le recordamos su cita con la Dra. Gómez a las 15:30, o a las 4 p.m. si \
                    prefiere. ¿Puede venir? El copago es de $ 45.000,50: traiga efectivo";
        assert_eq!(
            cut(text, 60),
            [
                ("Buenos días, Sr. Pérez.", End::Sentence),
                ("Le recordamos su cita con la Dra. Gómez a las 15:30,", End::Clause),
                ("o a las 4 p.m. si prefiere. ¿Puede venir?", End::Sentence),
                ("El copago es de $ 45.000,50: traiga efectivo", End::Sentence),
            ]
        );
    }

    #[test]
    fn each_kind_of_pause_is_a_place_to_cut() {
        for (text, most, expected) in [
            ("uno, dos tres", 11, vec![("uno,", End::Clause), ("dos tres", End::Sentence)]),
            ("uno. dos, tres", 11, vec![("uno.", End::Sentence), ("dos, tres", End::Sentence)]),
            ("(uno.) dos tres", 13, vec![("(uno.)", End::Sentence), ("dos tres", End::Sentence)]),
            ("dijo «ya.» y se fue", 16, vec![("dijo «ya.»", End::Sentence), ("y se fue", End::Sentence)]),
            (
                "uno ¿dos? tres",
                8,
                vec![("uno", End::Clause), ("¿dos?", End::Sentence), ("tres", End::Sentence)],
            ),
            ("uno—dos tres", 10, vec![("uno—", End::Clause), ("dos tres", End::Sentence)]),
            ("a las 15:30 h", 11, vec![("a las 15:30", End::Word), ("h", End::Sentence)]),
            ("son 1.500,75", 9, vec![("son", End::Word), ("1.500,75", End::Sentence)]),
            ("今日は。明日", 5, vec![("今日は。", End::Sentence), ("明日", End::Sentence)]),
            ("palabra", 4, vec![("pala", End::Hard), ("bra", End::Sentence)]),
        ] {
            assert_eq!(cut(text, most), expected, "{text}");
        }
    }

    #[test]
    fn short_sentences_go_with_the_next() {
        let text =
            "¡Hola! Su cita con la Dra. Gómez es a las 3.30 p.m. Sí. «No llegue tarde, por favor.» Gracias";
        assert_eq!(
            sentences(text, 24),
            [
                "¡Hola! Su cita con la Dra. Gómez es a las 3.30 p.m. Sí.",
                "«No llegue tarde, por favor.»",
                "Gracias",
            ]
        );
        assert_eq!(sentences(text, 1).len(), 4);
        assert!(sentences("  ", 24).is_empty());
    }

    #[test]
    fn bytes_count_where_the_engine_counts_bytes() {
        let pieces = split("ñandú ñandú", Length::Bytes(8));
        assert_eq!(pieces.iter().map(|piece| piece.text).collect::<Vec<_>>(), ["ñandú", "ñandú"]);
        assert_eq!(split("ññ", Length::Bytes(3)).len(), 2, "no character is cut in two");
        assert_eq!(split("😀", Length::Bytes(1)).len(), 1, "and each goes somewhere");
    }

    proptest! {
        #[test]
        fn every_piece_fits_and_nothing_is_lost(
            text in "([a-zñ0-9]{1,40}|[ .,:;?!¿¡()…—\\[\\]😀-]{1,3}){0,60}",
            most in 4_usize..60,
        ) {
            let solid = |text: &str| text.split(' ').collect::<String>();
            for length in [Length::Characters(most), Length::Bytes(most)] {
                let pieces = split(&text, length);
                let fits = |piece: &Piece<'_>| !piece.text.is_empty() && length.prefix(piece.text) == piece.text.len();
                prop_assert!(pieces.iter().all(fits));
                let joined: String = pieces.iter().map(|piece| piece.text).collect();
                prop_assert_eq!(solid(&joined), solid(&text));
            }
        }
    }
}
