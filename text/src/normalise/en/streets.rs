//! Streets and saints: "St." and "Dr." before and behind a name, and what else addresses shorten.

use super::place::{Place, Said, among, capital, dot, ends, from};
use crate::normalise::scan::Token;

/// Kinds of street, as they are shortened behind a name.
#[rustfmt::skip]
const STREETS: [(&str, &str); 33] = [
    ("St", "Street"), ("Ave", "Avenue"), ("Av", "Avenue"), ("Blvd", "Boulevard"), ("Rd", "Road"),
    ("Dr", "Drive"), ("Ln", "Lane"), ("Ct", "Court"), ("Pl", "Place"), ("Sq", "Square"), ("Ter", "Terrace"),
    ("Terr", "Terrace"), ("Pkwy", "Parkway"), ("Pky", "Parkway"), ("Hwy", "Highway"), ("Cres", "Crescent"),
    ("Cir", "Circle"), ("Gdns", "Gardens"), ("Expy", "Expressway"), ("Fwy", "Freeway"), ("Tpke", "Turnpike"),
    ("Plz", "Plaza"), ("Trl", "Trail"), ("Bldg", "Building"), ("Jct", "Junction"), ("Hts", "Heights"),
    ("Pk", "Park"), ("Ctr", "Center"), ("Stn", "Station"), ("Grn", "Green"), ("Mdws", "Meadows"),
    ("Xing", "Crossing"), ("Aly", "Alley"),
];
/// Kinds of street that are written out; a number before a name and one of these is a house's.
#[rustfmt::skip]
const FULL: [&str; 22] = [
    "street", "avenue", "boulevard", "road", "drive", "lane", "court", "place", "square", "terrace", "parkway",
    "highway", "crescent", "circle", "gardens", "way", "close", "broadway", "park", "hill", "plaza", "trail",
];
const DIRECTIONS: [(&str, &str); 8] = [
    ("N", "North"),
    ("S", "South"),
    ("E", "East"),
    ("W", "West"),
    ("NE", "Northeast"),
    ("NW", "Northwest"),
    ("SE", "Southeast"),
    ("SW", "Southwest"),
];
/// Names that follow "St." as a saint's, so that a word before them is not a street's: "Visit St. Mary's".
#[rustfmt::skip]
const SAINTS: [&str; 64] = [
    "Mary", "John", "James", "Paul", "Peter", "Jude", "Luke", "Mark", "Louis", "Patrick", "George", "Andrew",
    "Thomas", "Joseph", "Francis", "Anthony", "Michael", "Albans", "Helens", "Helena", "Ives", "Andrews",
    "Pancras", "Petersburg", "Augustine", "Lucia", "Kitts", "Vincent", "Bernard", "Nicholas", "Anne", "Ann",
    "Elizabeth", "Catherine", "Charles", "Clair", "Cloud", "Croix", "Martin", "Stephen", "Matthew", "Barnabas",
    "Bartholomew", "David", "Christopher", "Agnes", "Margaret", "Teresa", "Theresa", "Valentine", "Moritz",
    "Tropez", "Leonard", "Neots", "Austell", "Leger", "Mirren", "Johnstone", "Johns", "Rita", "Thérèse",
    "Alban", "Stephens", "Vitus",
];
/// What may follow a street in an address.
const UNITS: [&str; 16] = [
    "Suite", "Ste", "Apt", "Unit", "Building", "Bldg", "Room", "Floor", "North", "South", "East", "West",
    "NW", "NE", "SW", "SE",
];

/// "St." and "Dr.": saint or street, doctor or drive.
pub(super) fn saint_or_doctor(place: &Place<'_>) -> Option<Said> {
    let [Token::Word(short), after @ ..] = place.rest() else { return None };
    let (title, street) = match *short {
        "St" | "ST" => ("Saint", "Street"),
        "Dr" | "DR" => ("Doctor", "Drive"),
        "dr" => ("doctor", "doctor"),
        _ => return None,
    };
    if !ends(after) || matches!(after, [Token::Sign('\''), ..]) {
        return None;
    }
    let dotted = usize::from(matches!(after, [Token::Sign('.'), ..]));
    let next = match from(after, dotted) {
        [Token::Space, Token::Word(word), ..] if capital(word) => Some(*word),
        _ => None,
    };
    let named = is_name_before(place);
    let is_street = match next {
        None => named,
        Some(next) if UNITS.contains(&next) => named,
        Some(next) if title == "Saint" && SAINTS.contains(&next) => false,
        Some(_) => named && (house_before(place) || title == "Saint" && !opens(place)),
    };
    if is_street {
        return Some(Said::new(street, 1 + dot(after)));
    }
    // A title's dot never ends a sentence, unless nothing follows that it could be the title of.
    let dot = if next.is_some() { dotted } else { dot(after) };
    (next.is_some() || title != "Saint").then(|| Said::new(title, 1 + dot))
}

/// Whether a street's name stands before this place: a word with a capital, or a number with its ending.
fn is_name_before(place: &Place<'_>) -> bool {
    match place.before() {
        [.., Token::Digits(_), Token::Word(ending), Token::Space] => among(ending, &["st", "nd", "rd", "th"]),
        [.., Token::Word(word), Token::Space] => capital(word),
        _ => false,
    }
}

/// Whether the word before this place begins its sentence: "Visit" in "Visit St. Xavier".
fn opens(place: &Place<'_>) -> bool {
    let before = place.before();
    let before = before.get(..before.len().saturating_sub(2)).unwrap_or_default();
    matches!(before, [] | [.., Token::Sign('.' | '!' | '?' | ':' | ','), Token::Space])
}

/// Whether a house number stands before the name at this place: "45 Elm St".
fn house_before(place: &Place<'_>) -> bool {
    for token in place.before().iter().rev().take(10) {
        match token {
            Token::Digits(_) => return true,
            Token::Space | Token::Sign('.' | '\'') => {}
            Token::Word(word) if capital(word) || among(word, &["th", "st", "nd", "rd"]) => {}
            Token::Word(_) | Token::Mail(_) | Token::Link(_) | Token::Sign(_) => break,
        }
    }
    false
}

/// A kind of street behind its name: "Fifth Ave.", "Oak Blvd".
pub(super) fn street(place: &Place<'_>) -> Option<Said> {
    let [Token::Word(short), after @ ..] = place.rest() else { return None };
    if !ends(after) || !is_name_before(place) {
        return None;
    }
    let (_, street) =
        STREETS.iter().find(|(name, _)| name.eq_ignore_ascii_case(short)).filter(|_| capital(short))?;
    // "The CT scan", "PL" and the like are street names only with a house number.
    let unsure =
        short.len() <= 2 && !matches!(*short, "Rd" | "RD" | "Ln" | "LN") && *short == short.to_uppercase();
    (!unsure).then(|| Said::new(*street, 1 + dot(after)))
}

/// A direction in an address: "350 W. 42nd St.", "Pennsylvania Ave NW".
pub(super) fn direction(place: &Place<'_>) -> Option<Said> {
    let [Token::Word(short), after @ ..] = place.rest() else { return None };
    let (_, direction) = DIRECTIONS.iter().find(|(name, _)| name == short)?;
    let used = 1 + dot(after);
    let numbered = matches!(place.before(), [.., Token::Digits(_), Token::Space]);
    let named = matches!(from(place.rest(), used), [Token::Space, Token::Word(word), ..] if capital(word));
    let ahead =
        (numbered || used == 2) && is_address(from(place.rest(), used)) || numbered && used == 2 && named;
    let road = matches!(
        place.before(),
        [.., Token::Word("I" | "US" | "SR"), Token::Sign('-'), Token::Digits(_), Token::Space]
    );
    let wind = |word: &str| among(word, &["wind", "winds", "breeze", "gusts"]);
    let windy = matches!(from(place.rest(), used), [Token::Space, Token::Word(word), ..] if wind(word))
        || place.word_before().is_some_and(wind);
    let last = matches!(from(place.rest(), 1), [] | [Token::Sign('.' | ',' | '!' | '?'), ..]);
    let behind = (short.len() == 2 || last) && place.word_before().is_some_and(is_street) && ends(after)
        || matches!(place.before(), [.., Token::Word(word), Token::Sign('.'), Token::Space] if is_street(word))
            && short.len() == 2;
    (ahead || behind || windy || road).then(|| Said::new(*direction, used))
}

fn is_street(word: &str) -> bool {
    among(word, &FULL) || STREETS.iter().any(|(short, _)| short.eq_ignore_ascii_case(word))
}

/// Whether what follows a number is a street: a few names, and a kind of street.
pub(super) fn is_address(rest: &[Token<'_>]) -> bool {
    let mut rest = rest;
    for names in 0..4 {
        let [Token::Space, next @ ..] = rest else { return false };
        rest = match next {
            [Token::Word(word), after @ ..] if capital(word) => {
                if is_street(word) && (names > 0 || *word == "Broadway") {
                    return true;
                }
                match after {
                    [Token::Sign('\''), Token::Word(_), beyond @ ..] => beyond,
                    [Token::Sign('.'), beyond @ ..] if word.len() <= 2 => beyond,
                    _ => after,
                }
            }
            [Token::Digits(_), Token::Word(ending), after @ ..]
                if among(ending, &["st", "nd", "rd", "th"]) =>
            {
                after
            }
            _ => return false,
        };
    }
    false
}
