//! Roman figures, where a name or a chapter has one.

use super::{
    numbers::{cardinal, ordinal},
    place::{Place, Said, among, capital, ends},
};
use crate::normalise::scan::{Token, roman};

/// What is numbered: "Chapter Four".
#[rustfmt::skip]
const NUMBERED: [&str; 44] = [
    "war", "chapter", "part", "volume", "vol", "book", "act", "scene", "section", "article", "title", "type",
    "phase", "level", "grade", "class", "stage", "bowl", "episode", "apollo", "schedule", "appendix", "mark",
    "division", "category", "tier", "group", "page", "figure", "table", "wrestlemania", "rocky", "fantasy",
    "factor", "step", "unit", "lesson", "round", "series", "season", "annex", "module", "vatican", "form",
];
/// Names of kings, queens, popes, and of those who are named after their fathers.
#[rustfmt::skip]
const NAMES: [&str; 58] = [
    "Henry", "Elizabeth", "Charles", "George", "Edward", "Richard", "William", "James", "Louis", "Philip",
    "John", "Paul", "Pius", "Benedict", "Leo", "Francis", "Nicholas", "Alexander", "Napoleon", "Felipe",
    "Catherine", "Peter", "Ivan", "Frederick", "Mary", "Robert", "Harald", "Carl", "Haakon", "Margrethe",
    "Ramses", "Innocent", "Gregory", "Clement", "Urban", "Sixtus", "Malcolm", "Kenneth", "David", "Alfonso",
    "Fernando", "Carlos", "Pedro", "Umberto", "Emmanuel", "Xerxes", "Darius", "Thomas", "Joseph", "Michael",
    "Samuel", "Martin", "Edwin", "Albert", "Rama", "Frederik", "Juan", "Ferdinand",
];
const TITLES: [&str; 12] = [
    "king", "queen", "pope", "emperor", "tsar", "czar", "prince", "princess", "saint", "empress", "kaiser",
    "sultan",
];

/// "Henry the Eighth", "World War Two", "Chapter Four". A lone I is the pronoun, except after a number's or king's name.
pub(super) fn numeral(place: &Place<'_>) -> Option<Said> {
    let [Token::Word(figures), after @ ..] = place.rest() else { return None };
    if !ends(after) || matches!(after, [Token::Sign('\'' | '&' | '/'), ..]) {
        return None;
    }
    let value = u64::from(roman(figures)?);
    if place.after(&["the"])
        && figures.len() > 1
        && figures.bytes().all(|byte| matches!(byte, b'I' | b'V' | b'X'))
        && matches!(after, [Token::Space, Token::Word(word), ..] if capital(word))
    {
        return Some(Said::new(titled(&ordinal(value, place.locale)), 1));
    }
    let before = place.word_before().filter(|word| capital(word))?;
    let pronoun = *figures == "I";
    let speaks = matches!(after, [Token::Space, Token::Word(word), ..] if among(word, &["am", "have", "will", "would", "was", "can", "do", "did", "had", "think", "know"]));
    if pronoun && speaks {
        return None;
    }
    if among(before, &NUMBERED) {
        return Some(Said::new(titled(&cardinal(value, place.locale)), 1));
    }
    let named = named(place);
    let ruler = NAMES.contains(&before) && (!pronoun || named.is_some_and(|(_, title)| title));
    let heir = !pronoun && value <= 4 && named.is_some_and(|(known, _)| known);
    if ruler || heir {
        return Some(Said::new(format!("the {}", titled(&ordinal(value, place.locale))), 1));
    }
    // Sequels: "Star Trek II". What else looks like figures is a word or initials: "MIX", "CD", "an IV".
    let sequel = matches!(
        *figures,
        "II" | "III" | "VII" | "VIII" | "IX" | "XI" | "XII" | "XIII" | "XIV" | "XV" | "XVI"
    );
    sequel.then(|| Said::new(titled(&cardinal(value, place.locale)), 1))
}

/// Whether one of the two words before the last is a name that is handed down, and whether one is a title.
fn named(place: &Place<'_>) -> Option<(bool, bool)> {
    let mut before = place.words_before().skip(1).take(2).map(|(_, word)| word).peekable();
    before.peek()?;
    Some(before.fold((false, false), |(known, title), word| {
        (known || NAMES.contains(&word), title || among(word, &TITLES))
    }))
}

/// A number with capitals, as it stands in a name.
fn titled(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    let mut start = true;
    for c in words.chars() {
        if start {
            out.extend(c.to_uppercase());
        } else {
            out.push(c);
        }
        start = matches!(c, ' ' | '-');
    }
    out
}
