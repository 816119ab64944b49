//! Numbers that are names: of rooms, roads, houses and radio stations.

use super::{
    measures::link,
    numbers::{digits, in_pairs},
    place::{Place, Said, among, dash, ends, from},
    quantity::number,
    streets::is_address,
};
use crate::normalise::scan::{Numeral, Token};

/// What has a number for a name: said in pairs, "room two oh four".
#[rustfmt::skip]
const PLACES: [&str; 24] = [
    "room", "rooms", "suite", "route", "highway", "hwy", "interstate", "rt", "rte", "apt", "apartment", "unit",
    "bus", "gate", "channel", "form", "boeing", "airbus", "ste", "rm", "flat", "box", "studio", "freeway",
];

/// The number of a room, a road, a house or a radio station.
pub(super) fn place_name(place: &Place<'_>) -> Option<Said> {
    let [Token::Digits(figures), rest @ ..] = place.rest() else { return None };
    if let Some(said) = frequency(place) {
        return Some(said);
    }
    if !ends(rest)
        || figures.starts_with('0')
        || matches!(rest, [Token::Sign('.' | ',' | ':'), Token::Digits(_), ..])
    {
        return None;
    }
    let short = matches!(place.before(), [.., Token::Word(word), Token::Sign('.'), Token::Space] if among(word, &PLACES));
    let named = (3..=4).contains(&figures.len()) && (short || place.after(&PLACES));
    let house = (3..=5).contains(&figures.len()) && is_address(rest);
    (named || house).then(|| Said::new(in_pairs(figures, place.locale), 1))
}

/// "98.5 FM", "FM 101.1", "92-95 FM", "1010 AM".
fn frequency(place: &Place<'_>) -> Option<Said> {
    let first = number(place.rest())?;
    let dash = dash(from(place.rest(), first.used));
    let second =
        dash.and_then(|dash| number(from(place.rest(), first.used + dash)).map(|second| (second, dash)));
    let used = first.used + second.as_ref().map_or(0, |(second, dash)| dash + second.used);
    let behind = match from(place.rest(), used) {
        [Token::Space, Token::Word(word @ ("FM" | "AM")), after @ ..] if ends(after) => Some((*word, 2)),
        [Token::Word(word @ ("FM" | "AM")), after @ ..] if ends(after) => Some((*word, 1)),
        _ => None,
    };
    let band =
        behind.map(|(band, _)| band).or(place.word_before().filter(|word| matches!(*word, "FM" | "AM")))?;
    let fits = match first.whole.parse::<u64>().ok()? {
        n if band == "FM" => (65..=108).contains(&n),
        n => (520..=1710).contains(&n) && first.fraction.is_none(),
    };
    let words = |number: &Numeral<'_>| {
        let whole = in_pairs(&number.whole, place.locale);
        number.fraction.map_or(whole.clone(), |fraction| format!("{whole} point {}", digits(fraction)))
    };
    let mut said = words(&first);
    if let Some((second, _)) = &second {
        said = format!("{said} {} {}", link(place), words(second));
    }
    match behind {
        Some((band, more)) => {
            let band = if band == "FM" { "F M" } else { "AM" };
            fits.then(|| Said::new(format!("{said} {band}"), used + more))
        }
        None => fits.then(|| Said::new(said, used)),
    }
}
