//! Amounts with a unit, and ranges of them: "five to seven kilometers", "minus three degrees Celsius".

use super::{
    place::{Place, Said, among, capital, dash, dot, ends, from, space, spelled},
    quantity::{Quantity, Size, quantity},
    streets::is_address,
    units::{PER, Stands, UNITS, Unit, british},
};
use crate::normalise::scan::Token;

/// Words that lead to what an amount tells apart.
const DETERMINERS: [&str; 14] = [
    "the", "this", "that", "your", "our", "my", "his", "her", "their", "its", "each", "every", "another",
    "any",
];
/// What is told apart by its measure: "500 mg tablets", "a 12 oz. can".
const MEASURED: [&str; 36] = [
    "fun",
    "apt",
    "apartment",
    "home",
    "house",
    "office",
    "tablet",
    "tablets",
    "capsule",
    "capsules",
    "pill",
    "pills",
    "dose",
    "doses",
    "can",
    "cans",
    "bottle",
    "bottles",
    "bag",
    "bags",
    "box",
    "boxes",
    "run",
    "walk",
    "race",
    "hike",
    "limit",
    "radius",
    "zone",
    "screen",
    "tv",
    "ladder",
    "pipe",
    "plan",
    "wait",
    "drive",
];
/// Words behind an amount that are not what it tells apart: "the $50 you owe", "every 10 km of road".
const CLOSED: [&str; 48] = [
    "and", "are", "was", "were", "will", "has", "have", "had", "you", "they", "she", "that", "which", "per",
    "from", "for", "with", "due", "off", "back", "each", "every", "more", "less", "until", "when", "already",
    "still", "must", "can", "may", "should", "would", "now", "today", "the", "your", "our", "into", "before",
    "after", "between", "during", "away", "long", "high", "deep", "this",
];

/// An amount, or a range of amounts, with its unit.
pub(super) fn measure(place: &Place<'_>) -> Option<Said> {
    height(place).or_else(|| temperature(place)).or_else(|| {
        let first = quantity(place.rest(), place.locale)?;
        let unit = unit_after(from(place.rest(), first.used));
        if let Some((unit, used)) = unit.filter(|(unit, _)| unit.sign != "\"" || !place.quoted('"')) {
            let here = place.on(first.used + used);
            if let Some((second, after)) = second(&here, dash(here.rest())) {
                // The unit is written twice: "5kg-7kg".
                if let Some((_, again)) =
                    unit_after(after.rest()).filter(|(again, _)| again.sign == unit.sign)
                {
                    return Some(measured(&between(&first, &second, place), unit, place, &after.on(again)));
                }
            }
            return Some(measured(&first, unit, place, &here));
        }
        let here = place.on(first.used);
        let (other, after) = second(&here, dash(here.rest()))?;
        let (unit, used) = unit_after(after.rest())?;
        Some(measured(&between(&first, &other, place), unit, place, &after.on(used)))
    })
}

/// The word between the ends of a range: "between 5 and 7", "5 to 7".
pub(super) fn link(place: &Place<'_>) -> &'static str {
    if place.after(&["between"]) { "and" } else { "to" }
}

/// A range of amounts, as one amount.
fn between(first: &Quantity, second: &Quantity, place: &Place<'_>) -> Quantity {
    let words = format!("{} {} {}", first.words, link(place), second.words);
    Quantity { words, size: Size::Many, used: 0 }
}

/// The upper end of a range, after its dash, and the place behind it.
fn second<'a>(here: &Place<'a>, dash: Option<usize>) -> Option<(Quantity, Place<'a>)> {
    let dash = dash?;
    let second = quantity(here.on(dash).rest(), here.locale)?;
    let after = here.on(dash + second.used);
    Some((second, after))
}

fn measured(amount: &Quantity, unit: &Unit, place: &Place<'_>, after: &Place<'_>) -> Said {
    // A capital behind the dot of a unit begins a sentence: units stand before small letters.
    let over =
        matches!(after.rest(), [Token::Sign('.'), Token::Space, Token::Word(word), ..] if capital(word));
    let after = after.on(if over { 0 } else { dot(after.rest()) });
    let name = |size| {
        let hyphen = place.tokens.get(place.at + amount.used) == Some(&Token::Sign('-'));
        let one = size == Size::One || hyphen || adjective(place, &after);
        let name = if one { unit.one } else { unit.many };
        if place.british() { british(name) } else { name.to_owned() }
    };
    let words = match amount.size {
        Size::Part if unit.sign != "%" => match amount.words.strip_prefix("one ") {
            Some("half") => format!("half {}", with_article(&name(Size::One))),
            _ => format!("{} of {}", amount.words, with_article(&name(Size::One))),
        },
        size => format!("{} {}", amount.words, name(size)),
    };
    match per(&after) {
        Some(per) => Said::new(format!("{words} {}", per.words), after.at - place.at + per.used),
        None => Said::new(words, after.at - place.at),
    }
}

fn with_article(name: &str) -> String {
    let article = if name.starts_with(['a', 'e', 'i', 'o']) || name == "hour" { "an" } else { "a" };
    format!("{article} {name}")
}

/// Whether an amount tells which, so that its unit is said in the singular: "a $50 voucher", "the 10 km walk".
pub(super) fn adjective(place: &Place<'_>, after: &Place<'_>) -> bool {
    let noun = |word: &str| {
        !capital(word)
            && word.len() > 2
            && !among(word, &CLOSED)
            && !["ed", "ing", "ly"].iter().any(|end| word.ends_with(end))
    };
    let named = matches!(after.rest(), [Token::Space, Token::Word(word), ..] if noun(word));
    let kind = matches!(after.rest(), [Token::Space, Token::Word(word), ..] if among(word, &MEASURED) && (!capital(word) || *word == "TV"));
    place.after(&["a", "an", "x"]) || kind || named && place.after(&DETERMINERS)
}

/// "per month", where an amount is followed by a stroke and what it is for.
pub(super) fn per(place: &Place<'_>) -> Option<Said> {
    let [Token::Sign('/'), Token::Word(word), rest @ ..] = place.rest() else { return None };
    if !ends(rest) || capital(word) && *word != "L" {
        return None;
    }
    let name = PER.iter().find(|(short, _)| short == word).map_or(*word, |(_, name)| name);
    let name = if place.british() { british(name) } else { name.to_owned() };
    let dot = if name == *word { 0 } else { dot(rest) };
    Some(Said::new(format!("per {name}"), 2 + dot))
}

/// A unit behind "per": "27p per kWh".
pub(super) fn rate(place: &Place<'_>) -> Option<Said> {
    let [Token::Word(word), rest @ ..] = place.rest() else { return None };
    if !place.after(&["per"]) || word.len() < 2 || !ends(rest) {
        return None;
    }
    let unit = UNITS.iter().find(|unit| unit.sign == *word && unit.stands == Stands::Anywhere)?;
    let name = if place.british() { british(unit.one) } else { unit.one.to_owned() };
    Some(Said::new(name, 1 + dot(rest)))
}

/// The unit that follows a number, and how many tokens it takes with the space or hyphen before it.
fn unit_after(rest: &[Token<'_>]) -> Option<(&'static Unit, usize)> {
    let gap = match rest {
        [Token::Space, ..] | [Token::Sign('-'), Token::Word(_), ..] => 1,
        _ => 0,
    };
    let after = from(rest, gap);
    // "350 W. 42nd St."
    if gap == 1 && is_address(rest) {
        return None;
    }
    if gap == 1
        && let [Token::Word("in"), Token::Sign('.'), beyond @ ..] = after
        && matches!(beyond, [] | [Token::Space | Token::Sign(_), ..])
    {
        return UNITS.iter().find(|unit| unit.sign == "in").map(|unit| (unit, 2));
    }
    let begins = match after.first()? {
        Token::Word(word) => word.chars().next()?,
        Token::Sign(sign) => *sign,
        Token::Digits(_) | Token::Mail(_) | Token::Link(_) | Token::Space => return None,
    };
    let found = UNITS
        .iter()
        .filter(|unit| unit.sign.starts_with(begins) && (gap == 0 || unit.stands == Stands::Anywhere))
        .filter_map(|unit| Some((unit, gap + spelled(after, unit.sign)?)))
        .max_by_key(|(_, used)| *used)?;
    // "5 L" and "5 W" are amounts; "May 5 W Main St" is none.
    let letter = gap == 1 && matches!(found.0.sign, "V" | "W" | "L" | "mi" | "mo" | "ms" | "ha" | "s");
    let named = matches!(from(rest, found.1), [Token::Space, Token::Word(word), ..] if capital(word));
    (!(letter && named)).then_some(found)
}

/// Degrees without their sign, as forecasts have them: "lows of 3C".
fn temperature(place: &Place<'_>) -> Option<Said> {
    const FORECAST: [&str; 12] = [
        "low",
        "lows",
        "high",
        "highs",
        "temperature",
        "temperatures",
        "degrees",
        "temps",
        "heat",
        "cold",
        "chill",
        "feels",
    ];
    let amount = quantity(place.rest(), place.locale)?;
    let scale = match place.on(amount.used).rest() {
        [Token::Word("C"), rest @ ..] if ends(rest) => "Celsius",
        [Token::Word("F"), rest @ ..] if ends(rest) => "Fahrenheit",
        _ => return None,
    };
    let degrees = if amount.size == Size::One { "degree" } else { "degrees" };
    place
        .words_before()
        .any(|(_, word)| among(word, &FORECAST))
        .then(|| Said::new(format!("{} {degrees} {scale}", amount.words), amount.used + 1))
}

/// Feet and inches: `5'10"`.
fn height(place: &Place<'_>) -> Option<Said> {
    let [Token::Digits(feet), Token::Sign('\''), rest @ ..] = place.rest() else { return None };
    let feet = quantity(&[Token::Digits(feet)], place.locale)?;
    let gap = space(rest);
    let feet_word = if feet.size == Size::One { "foot" } else { "feet" };
    if let [Token::Digits(inches), Token::Sign('"'), ..] = from(rest, gap) {
        let inches = quantity(&[Token::Digits(inches)], place.locale)?;
        let inch_word = if inches.size == Size::One { "inch" } else { "inches" };
        return Some(Said::new(
            format!("{} {feet_word} {} {inch_word}", feet.words, inches.words),
            2 + gap + 2,
        ));
    }
    (!place.quoted('\'') && ends(rest) && !matches!(rest, [Token::Sign('\''), ..]))
        .then(|| Said::new(format!("{} {feet_word}", feet.words), 2))
}
