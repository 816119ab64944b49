//! Ranges, and other figures with dashes between them.

use super::super::scan::{self, Token};
use super::number::{decimal_mark, form_before, in_words, numeral, point};
use super::place::{Place, Said};
use super::words::{self, Form};

/// A range: 10–15 %, 2024-2025. Says its first number and what joins the two; the second is read after it.
pub(super) fn read(place: &Place<'_>) -> Option<Said> {
    let number = numeral(place)?;
    let dash = dash(&place.after(number.used))?;
    let other = place.after(number.used + dash);
    let next = scan::numeral(other.ahead, decimal_mark(place.locale))?;
    let year = place.ahead.first()?.digits()?;
    if number.used == 1
        && year.len() == 4
        && year.starts_with("20")
        && next.whole.len() == 1
        && next.used == 1
    {
        return Said::new(format!("{} ", words::number(year, Form::Alone)), 2); // a term of a year: 2025-2
    }
    if let [Token::Sign('-'), Token::Digits(_), ..] = other.after(next.used).ahead {
        return joined(place);
    }
    if [&number, &next].iter().any(|n| {
        n.fraction.is_none()
            && (n.whole.len() > 4 && n.used == 1 || n.whole.len() > 1 && n.whole.starts_with('0'))
    }) {
        return joined(place);
    }
    let form = match form_before(&other.after(next.used), 0) {
        Form::Masculine => Form::Alone,
        form => form,
    };
    Said::new(format!("{} a ", in_words(&number, form, point(place, &number))), number.used + dash)
}

/// The tokens of a dash between two figures.
pub(super) fn dash(place: &Place<'_>) -> Option<usize> {
    match place.ahead {
        [Token::Sign('-'), Token::Digits(_), ..] => Some(1),
        [Token::Space, Token::Sign('-'), Token::Space, Token::Digits(_), ..] => Some(3),
        _ => None,
    }
}

/// Three or more figures with dashes: a line-up of short ones, else a number that identifies.
fn joined(place: &Place<'_>) -> Option<Said> {
    let mut groups = vec![place.ahead.first()?.digits()?];
    let mut used = 1;
    while let [Token::Sign('-'), Token::Digits(next), ..] = place.after(used).ahead {
        groups.push(next);
        used += 2;
    }
    let short = groups.iter().all(|group| group.len() <= 2);
    let spoken: Vec<_> = groups
        .iter()
        .map(|group| if short { words::number(group, Form::Alone) } else { words::dictated(group) })
        .collect();
    (used > 1).then_some(())?;
    Said::new(spoken.join(if short { " " } else { ", " }), used)
}
