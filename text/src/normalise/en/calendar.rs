//! Names of days and months, short ones too, and stretches of them: "Monday through Friday".

use super::{
    dates::{month, month_alone, through},
    place::{Place, Said, among, capital, dash, dot, ends, from},
    words::{MONTHS, WEEKDAYS},
};
use crate::normalise::scan::Token;

/// A name, its length, and whether it is written out.
type Name = (&'static str, usize, bool);

/// The name of a day or month in short form, or a stretch of names.
pub(super) fn name(place: &Place<'_>) -> Option<Said> {
    stretch(place).or_else(|| weekday_alone(place)).or_else(|| month_alone(place))
}

fn stretch(place: &Place<'_>) -> Option<Said> {
    if let [Token::Word("M"), Token::Sign('-'), Token::Word("F"), rest @ ..] = place.rest()
        && ends(rest)
    {
        return Some(Said::new(format!("Monday {} Friday", through(place)), 3));
    }
    let read: fn(&[Token<'_>]) -> Option<Name> =
        if weekday(place.rest()).is_some() { weekday } else { month_name };
    let (first, used, _) = read(place.rest())?;
    let here = place.on(used);
    if let Some(dash) = dash(here.rest())
        && let Some((second, after, _)) = read(here.on(dash).rest())
    {
        return Some(Said::new(format!("{first} {} {second}", through(place)), used + dash + after));
    }
    let [Token::Sign('/'), ..] = here.rest() else { return None };
    let (second, after, _) = read(here.on(1).rest())?;
    let mut words = format!("{first}, {second}");
    let mut used = used + 1 + after;
    while let [Token::Sign('/'), beyond @ ..] = place.on(used).rest()
        && let Some((next, after, _)) = read(beyond)
    {
        words.push_str(", ");
        words.push_str(next);
        used += 1 + after;
    }
    Some(Said::new(words, used))
}

fn month_name(rest: &[Token<'_>]) -> Option<Name> {
    let (index, used) = month(rest)?;
    let name = MONTHS.get(index).copied()?;
    Some((name, used, used == 1 && rest.first()?.word()? == name))
}

/// The day of the week that `rest` begins with.
fn weekday(rest: &[Token<'_>]) -> Option<Name> {
    let [Token::Word(word), after @ ..] = rest else { return None };
    if !ends(after) || !capital(word) {
        return None;
    }
    let same = |name: &&str| name.eq_ignore_ascii_case(word);
    let (name, short) = WEEKDAYS.iter().find(|(name, short)| same(name) || short.iter().any(same))?;
    if same(name) { Some((name, 1, true)) } else { short.first().map(|_| (*name, 1 + dot(after), false)) }
}

fn weekday_alone(place: &Place<'_>) -> Option<Said> {
    let (name, used, full) = weekday(place.rest())?;
    if full {
        return None;
    }
    let [Token::Word(word), after @ ..] = place.rest() else { return None };
    // "Sat" and "Sun" are words as well.
    let word_too = among(word, &["sat", "sun", "wed", "mon"]);
    let dotted = matches!(after, [Token::Sign('.'), ..]) && (used == 2 || !word_too);
    let dated = match from(place.rest(), used) {
        [Token::Sign(','), Token::Space, next @ ..] | [Token::Space, next @ ..] => {
            matches!(next, [Token::Digits(_), ..]) || month(next).is_some() || joined(next)
        }
        _ => false,
    };
    let listed =
        place.after(&[
            "and", "or", "every", "on", "next", "this", "last", "until", "by", "to", "through", "from",
            "thru",
        ]) || matches!(place.before(), [.., Token::Sign('&' | '/'), Token::Space] | [.., Token::Sign('/')]);
    (dotted || dated || listed || !word_too).then(|| Said::new(name, used))
}

/// Whether `rest` begins with a word that joins, and a day of the week after it.
fn joined(rest: &[Token<'_>]) -> bool {
    let joint = match rest {
        [Token::Word("and" | "or" | "to" | "through" | "thru") | Token::Sign('&'), Token::Space, ..] => 2,
        _ => 0,
    };
    weekday(from(rest, joint)).is_some()
}
