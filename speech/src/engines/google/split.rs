//! Cutting text into pieces that the service takes, at places where a speaker pauses.

/// Most characters (code points) of one request.
const MOST: usize = 100;

/// Abbreviations whose full stop ends no sentence, in Spanish and English.
const TITLES: [&str; 12] = ["dr", "dra", "jr", "mr", "mrs", "ms", "msgr", "prof", "profa", "sr", "sra", "st"];

/// The text in pieces of at most 100 characters, in order; nothing but spaces is lost between words. Pieces without a
/// letter or a digit are left out: the service has no audio for them.
///
/// The places are those where gTTS cuts. Unlike there, neighbours that fit together stay together and keep their
/// punctuation: fewer requests to a service that counts them, and sentences that end like sentences.
pub(super) fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for phrase in phrases(text).into_iter().flat_map(within_limit) {
        match pieces.last_mut() {
            Some(last) if length(last) + 1 + length(phrase) <= MOST => {
                last.push(' ');
                last.push_str(phrase);
            }
            _ => pieces.push(phrase.to_owned()),
        }
    }
    pieces.retain(|piece| piece.chars().any(char::is_alphanumeric));
    pieces
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// The text cut at every pause, trimmed. A text that fits is one phrase.
fn phrases(text: &str) -> Vec<&str> {
    if length(text) <= MOST {
        return vec![text.trim()];
    }
    let mut phrases = Vec::new();
    let mut rest = text;
    while let Some(at) = first_cut(rest) {
        let (phrase, after) = rest.split_at(at);
        phrases.push(phrase.trim());
        rest = after;
    }
    phrases.push(rest.trim());
    phrases.retain(|phrase| !phrase.is_empty());
    phrases
}

/// Where the first pause is, in bytes, not at the very beginning.
fn first_cut(text: &str) -> Option<usize> {
    let mut previous = None;
    for (at, mark) in text.char_indices() {
        let after = at + mark.len_utf8();
        let next = text.get(after..).and_then(|rest| rest.chars().next());
        let cut = match mark {
            '¿' | '¡' | '(' | '[' => Some(at),
            '?' | '!' | '？' | '！' | ')' | ']' | '…' | '‥' | '،' | ';' | '—' | '。' | '，' | '、' | '：' => {
                Some(after)
            }
            // 15:30 is a time.
            ':' if !previous.is_some_and(|c: char| c.is_ascii_digit()) => Some(after),
            // 1.500,75 is a number: only a space after it makes it a pause.
            ',' if next == Some(' ') => Some(after),
            '.' if next == Some(' ') && !abbreviation(text.get(..at).unwrap_or_default()) => Some(after),
            _ => None,
        };
        if let Some(cut) = cut.filter(|cut| *cut > 0 && *cut < text.len()) {
            return Some(cut);
        }
        previous = Some(mark);
    }
    None
}

/// Whether a full stop after `before` belongs to the word: `Dr`, `p.m`, `EE.UU`.
fn abbreviation(before: &str) -> bool {
    let word = before.rsplit([' ', '(', '¿', '¡']).next().unwrap_or_default();
    let letters = word.rsplit_once('.').map_or(0, |(_, last)| length(last));
    (1..=2).contains(&letters) || TITLES.iter().any(|title| title.eq_ignore_ascii_case(word))
}

/// A phrase in pieces that fit, cut at the last space that allows it, or hard where there is none.
fn within_limit(phrase: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = phrase;
    while let Some((end, _)) = rest.char_indices().nth(MOST) {
        // A space right after the last character that fits is as good as one before it.
        let whole = rest.get(..=end).unwrap_or_default();
        let cut = whole.rfind(' ').filter(|at| *at > 0).unwrap_or(end);
        let (part, after) = rest.split_at(cut);
        parts.push(part.trim());
        rest = after.trim_start();
    }
    parts.push(rest);
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_that_fits_is_sent_as_it_is() {
        let exactly = "ñ".repeat(MOST);
        for text in ["¿Sí? (no), claro.", exactly.as_str()] {
            assert_eq!(pieces(text), [text]);
        }
    }

    #[test]
    fn long_text_is_cut_where_a_speaker_pauses() {
        let text = "Buenos días, Sr. Pérez. Le recordamos su cita con la Dra. Gómez mañana a las 15:30, o a las \
                    4 p.m. si prefiere. ¿Puede confirmar? El copago es de $ 45.000,50: traiga efectivo.";
        assert_eq!(
            pieces(text),
            [
                "Buenos días, Sr. Pérez. Le recordamos su cita con la Dra. Gómez mañana a las 15:30,",
                "o a las 4 p.m. si prefiere. ¿Puede confirmar? El copago es de $ 45.000,50: traiga efectivo.",
            ]
        );
    }

    #[test]
    fn phrases_end_at_each_kind_of_pause_and_not_inside_words() {
        let filler = "x".repeat(MOST);
        for (text, expected) in [
            ("uno, dos", vec!["uno,", "dos"]),
            ("uno. Dos", vec!["uno.", "Dos"]),
            ("uno; dos", vec!["uno;", "dos"]),
            ("uno: dos", vec!["uno:", "dos"]),
            ("uno… dos", vec!["uno…", "dos"]),
            ("uno—dos", vec!["uno—", "dos"]),
            ("uno (dos) tres", vec!["uno", "(dos)", "tres"]),
            ("¿uno? ¡dos!", vec!["¿uno?", "¡dos!"]),
            ("15:30 h", vec!["15:30 h"]),
            ("1.500,75 pesos", vec!["1.500,75 pesos"]),
            ("Sr. Díaz", vec!["Sr. Díaz"]),
            ("4 p.m. hoy", vec!["4 p.m. hoy"]),
            ("EE.UU. hoy", vec!["EE.UU. hoy"]),
        ] {
            let long = format!("{text} {filler}");
            let mut found = phrases(&long);
            let last = found.pop().unwrap();
            let rest = last.strip_suffix(&filler).unwrap().trim();
            found.extend((!rest.is_empty()).then_some(rest));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn without_pauses_the_last_space_that_fits_is_taken_and_without_spaces_none() {
        let words = "palabra ".repeat(30);
        assert!(pieces(words.trim()).iter().all(|piece| piece.split(' ').all(|word| word == "palabra")));
        let hard: Vec<usize> = pieces(&"é".repeat(250)).iter().map(|piece| length(piece)).collect();
        assert_eq!(hard, [100, 100, 50]);
        let fits = format!("{} {}", "a".repeat(100), "b".repeat(100));
        assert_eq!(pieces(&fits).len(), 2);
    }

    #[test]
    fn pieces_without_a_sound_are_left_out() {
        assert!(pieces("").is_empty());
        assert!(pieces("… — !").is_empty());
        assert_eq!(pieces(&format!("hola. {}", "-".repeat(300))).len(), 1);
    }

    proptest! {
        #[test]
        fn every_piece_fits_and_no_letter_is_lost(text in "([a-zñ0-9]{1,120}|[ .,:;?!¿¡()…—\\[\\]😀-]{1,3}){0,60}") {
            let pieces = pieces(&text);
            prop_assert!(pieces.iter().all(|piece| (1..=MOST).contains(&length(piece))));
            let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            prop_assert_eq!(letters(&pieces.concat()), letters(&text));
        }
    }
}
