//! Numbers that are no measure, date or code: counts, ranks, years, ranges and scores.

use super::{
    measures::link,
    numbers::{digits, in_pairs, ordinal, plural, year},
    place::{Place, Said, among, dash, ends, from},
    quantity::{is_fraction, number, number_words, quantity, whole_words},
    words::{COUNTED, MONTHS, YEAR_CUES},
};
use crate::normalise::scan::{Numeral, Token};

/// Words before which "30s" are seconds. Otherwise they are years of a life or of a century: "in his thirties".
const SECONDS: [&str; 10] = ["a", "for", "in", "within", "every", "about", "after", "to", "took", "lasted"];

/// "1st", "1,000th".
pub(super) fn rank(place: &Place<'_>) -> Option<Said> {
    let number = number(place.rest()).filter(|number| number.fraction.is_none())?;
    let [Token::Word(ending), rest @ ..] = from(place.rest(), number.used) else { return None };
    let n = number.whole.parse().ok()?;
    (among(ending, &["st", "nd", "rd", "th"]) && ends(rest))
        .then(|| Said::new(ordinal(n, place.locale), number.used + 1))
}

/// "1990s", "the 90s", "'90s", and the plural of another number.
pub(super) fn decade(place: &Place<'_>) -> Option<Said> {
    let mark = usize::from(matches!(place.rest(), [Token::Sign('\''), ..]));
    let [Token::Digits(figures), rest @ ..] = from(place.rest(), mark) else { return None };
    if let Some(thousands) =
        number(place.rest()).filter(|number| matches!(number.whole.as_str(), "100" | "1000"))
        && let [Token::Word("s"), after @ ..] = from(place.rest(), thousands.used)
        && ends(after)
    {
        let words = if thousands.whole == "100" { "hundreds" } else { "thousands" };
        return Some(Said::new(words, thousands.used + 1));
    }
    let n: u64 = figures.parse().ok()?;
    let (rest, used) = match rest {
        [Token::Sign('\''), Token::Word("s"), rest @ ..] if n.is_multiple_of(10) => (rest, 2),
        [Token::Word("s"), rest @ ..] => (rest, 1),
        // "the summer of '69"
        rest if mark == 1
            && figures.len() == 2
            && !matches!(rest, [Token::Sign('\'' | '"'), ..])
            && ends(rest) =>
        {
            return Some(Said::new(in_pairs(figures, place.locale), 2));
        }
        _ => return None,
    };
    // Those of an age: "over-65s".
    if used == 1 && ends(rest) && place.after(&["over", "under"]) {
        return Some(Said::new(plural(&whole_words(figures, place.locale)), 2));
    }
    let decade =
        n.is_multiple_of(10) && n >= 20 && (figures.len() == 4 || mark == 1 || !place.after(&SECONDS));
    (decade && ends(rest) && matches!(figures.len(), 2 | 4)).then(|| {
        let words = if figures.len() == 4 { year(n, place.locale) } else { in_pairs(figures, place.locale) };
        Said::new(plural(&words), mark + 1 + used)
    })
}

/// "2024-25", "2019-2023", "in 1999", "2025".
pub(super) fn years(place: &Place<'_>) -> Option<Said> {
    let [Token::Digits(figures), rest @ ..] = place.rest() else { return None };
    let n: u64 = figures.parse().ok().filter(|_| figures.len() == 4)?;
    if !(1000..2200).contains(&n) || matches!(rest, [Token::Sign('.' | ','), Token::Digits(_), ..]) {
        return None;
    }
    let said = year(n, place.locale);
    match rest {
        [Token::Sign('-' | '/'), Token::Digits(next), end @ ..]
            if ends(end) && !matches!(end, [Token::Sign('-' | '/'), Token::Digits(_), ..]) =>
        {
            let n = next.parse().ok()?;
            match next.len() {
                2 => return Some(Said::new(format!("{said} to {}", in_pairs(next, place.locale)), 3)),
                4 if (1000..2200).contains(&n) => {
                    return Some(Said::new(format!("{said} {} {}", link(place), year(n, place.locale)), 3));
                }
                _ => {}
            }
        }
        _ => {}
    }
    let counted = match rest {
        [Token::Space, Token::Word(word), ..] => {
            among(word, &COUNTED) || n < 1900 && word.ends_with('s') && word.len() > 3
        }
        [Token::Sign('%' | '°' | '+'), ..] => true,
        _ => false,
    };
    let near = place.after(&YEAR_CUES) || place.word_before().is_some_and(|word| MONTHS.contains(&word));
    let year = (1900..2100).contains(&n) || n < 1900 && near;
    (year && !counted && ends(rest)).then(|| Said::new(said, 1))
}

/// "4x6", "3 × 4", "5:1".
pub(super) fn size(place: &Place<'_>) -> Option<Said> {
    let first = quantity(place.rest(), place.locale)?;
    let rest = from(place.rest(), first.used);
    let (joint, gap) = match rest {
        [Token::Sign(':'), Token::Digits(_), ..] => ("to", 1),
        [Token::Sign('×') | Token::Word("x" | "X"), Token::Digits(_), ..] => ("by", 1),
        [Token::Space, Token::Word("x" | "X"), Token::Space, Token::Digits(_), ..] => ("by", 3),
        _ => return None,
    };
    let second = quantity(from(rest, gap), place.locale)?;
    let used = first.used + gap + second.used;
    if gap == 3 && !ends(place.on(used).rest()) {
        // "2 x 500mg": two of them.
        return Some(Said::new(first.words, first.used + 2));
    }
    ends(place.on(used).rest()).then(|| Said::new(format!("{} {joint} {}", first.words, second.words), used))
}

/// "10-15", "1st-3rd".
pub(super) fn range(place: &Place<'_>) -> Option<Said> {
    let first = quantity(place.rest(), place.locale)?;
    let gap = dash(from(place.rest(), first.used))?;
    let here = place.on(first.used + gap);
    let second = quantity(here.rest(), place.locale)?;
    let last =
        if ends(here.on(second.used).rest()) { Said::new(second.words, second.used) } else { rank(&here)? };
    Some(Said::new(format!("{} {} {}", first.words, link(place), last.words), first.used + gap + last.used))
}

/// Any other number; dots between several groups are said.
pub(super) fn count(place: &Place<'_>) -> Option<Said> {
    let rest = place.rest();
    if let Some(said) = over(place).filter(|_| !is_fraction(rest)) {
        return Some(said);
    }
    if let Some(amount) = quantity(rest, place.locale) {
        let half = amount.words == "one half"
            && matches!(from(rest, amount.used), [Token::Space, Token::Word(_), ..]);
        return Some(Said::new(if half { "half".to_owned() } else { amount.words }, amount.used));
    }
    dotted(place)
}

/// Numbers with dots between that are no decimals: "2.0.1". A dot before digits is a decimal point: ".25".
pub(super) fn dotted(place: &Place<'_>) -> Option<Said> {
    let mut words = Vec::new();
    let mut rest = place.rest();
    if let [Token::Digits(figures), after @ ..] = rest {
        words.push(whole_words(figures, place.locale));
        rest = after;
    } else if !place.fresh() {
        return None;
    }
    while let [Token::Sign('.'), Token::Digits(figures), after @ ..] = rest {
        words.push("point".to_owned());
        words.push(if words.len() == 1 { digits(figures) } else { whole_words(figures, place.locale) });
        rest = after;
    }
    (!words.is_empty()).then(|| Said::new(words.join(" "), place.rest().len() - rest.len()))
}

/// A fraction of more than the usual parts: "17/32".
fn over(place: &Place<'_>) -> Option<Said> {
    let [Token::Digits(top), Token::Sign('/'), Token::Digits(bottom), rest @ ..] = place.rest() else {
        return None;
    };
    let link = match (top.parse::<u64>().ok()?, bottom.parse::<u64>().ok()?) {
        (_, 10 | 100) => "out of",
        (top, bottom) if top == bottom => "out of",
        _ => "over",
    };
    let numeral = |figures: &str| Numeral { whole: figures.to_owned(), fraction: None, used: 1 };
    let words = |figures: &str| number_words(&numeral(figures), place.locale);
    ends(rest).then(|| Said::new(format!("{} {link} {}", words(top), words(bottom)), 3))
}
