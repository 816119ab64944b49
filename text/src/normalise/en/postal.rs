//! Postcodes, ZIP codes with their states, and number plates.

use super::{
    codes::{capitals, letters},
    numbers::digits,
    place::{Place, Said, among, ends, space},
};
use crate::normalise::scan::Token;

/// The states and districts of the United States, as in addresses.
#[rustfmt::skip]
pub(super) const STATES: [(&str, &str); 51] = [
    ("AL", "Alabama"), ("AK", "Alaska"), ("AZ", "Arizona"), ("AR", "Arkansas"), ("CA", "California"),
    ("CO", "Colorado"), ("CT", "Connecticut"), ("DE", "Delaware"), ("DC", "D C"), ("FL", "Florida"),
    ("GA", "Georgia"), ("HI", "Hawaii"), ("ID", "Idaho"), ("IL", "Illinois"), ("IN", "Indiana"), ("IA", "Iowa"),
    ("KS", "Kansas"), ("KY", "Kentucky"), ("LA", "Louisiana"), ("ME", "Maine"), ("MD", "Maryland"),
    ("MA", "Massachusetts"), ("MI", "Michigan"), ("MN", "Minnesota"), ("MS", "Mississippi"), ("MO", "Missouri"),
    ("MT", "Montana"), ("NE", "Nebraska"), ("NV", "Nevada"), ("NH", "New Hampshire"), ("NJ", "New Jersey"),
    ("NM", "New Mexico"), ("NY", "New York"), ("NC", "North Carolina"), ("ND", "North Dakota"), ("OH", "Ohio"),
    ("OK", "Oklahoma"), ("OR", "Oregon"), ("PA", "Pennsylvania"), ("RI", "Rhode Island"),
    ("SC", "South Carolina"), ("SD", "South Dakota"), ("TN", "Tennessee"), ("TX", "Texas"), ("UT", "Utah"),
    ("VT", "Vermont"), ("VA", "Virginia"), ("WA", "Washington"), ("WV", "West Virginia"), ("WI", "Wisconsin"),
    ("WY", "Wyoming"),
];

/// A postcode, a number plate, or a state with its ZIP code.
pub(super) fn postal(place: &Place<'_>) -> Option<Said> {
    let [Token::Word(front), after @ ..] = place.rest() else { return None };
    if !capitals(front) || front.len() > 2 {
        return None;
    }
    match after {
        [Token::Space, Token::Digits(figures), end @ ..] if figures.len() == 5 && ends(end) => {
            let (_, state) = STATES.iter().find(|(short, _)| short == front)?;
            let zip = zip(figures, end);
            Some(Said::new(format!("{state} {}", zip.words), 2 + zip.used))
        }
        _ => postcode(front, after).or_else(|| plate(front, after)).or_else(|| insurance(front, after)),
    }
}

/// "SW1A 1AA", "M1 1AE".
fn postcode(front: &str, after: &[Token<'_>]) -> Option<Said> {
    let [Token::Digits(area), after @ ..] = after else { return None };
    let (letter, after) = match after {
        [Token::Word(letter), after @ ..] if letter.len() == 1 && capitals(letter) => (*letter, after),
        _ => ("", after),
    };
    let [Token::Space, Token::Digits(inner), Token::Word(unit), end @ ..] = after else { return None };
    if area.len() > 2 || inner.len() != 1 || unit.len() != 2 || !capitals(unit) || !ends(end) {
        return None;
    }
    let outward = format!("{} {} {}", letters(front, true), digits(area), letters(letter, false));
    let inward = format!("{} {}", digits(inner), letters(unit, false));
    Some(Said::new(format!("{}, {inward}", outward.trim_end()), 5 + usize::from(!letter.is_empty())))
}

/// "AB12 CDE".
fn plate(front: &str, after: &[Token<'_>]) -> Option<Said> {
    let [Token::Digits(age), Token::Space, Token::Word(serial), end @ ..] = after else { return None };
    let shaped = front.len() == 2 && age.len() == 2 && serial.len() == 3;
    let word = among(serial, &["and", "the", "for"]);
    (shaped && capitals(serial) && !word && ends(end)).then(|| {
        Said::new(format!("{} {}, {}", letters(front, true), digits(age), letters(serial, false)), 4)
    })
}

/// A National Insurance number: "QQ 12 34 56 C".
fn insurance(front: &str, after: &[Token<'_>]) -> Option<Said> {
    let [
        Token::Space,
        Token::Digits(a),
        Token::Space,
        Token::Digits(b),
        Token::Space,
        Token::Digits(c),
        Token::Space,
        Token::Word(last),
        end @ ..,
    ] = after
    else {
        return None;
    };
    let shaped = front.len() == 2 && [a, b, c].iter().all(|pair| pair.len() == 2) && last.len() == 1;
    (shaped && capitals(last) && ends(end)).then(|| {
        let pairs = [a, b, c].map(|pair| digits(pair)).join(", ");
        Said::new(format!("{} {pairs}, {last}", letters(front, true)), 9)
    })
}

/// A ZIP code with or without its four digits more.
pub(super) fn zip(figures: &str, rest: &[Token<'_>]) -> Said {
    match rest {
        [Token::Sign('-'), Token::Digits(more), end @ ..] if more.len() == 4 && ends(end) => {
            Said::new(format!("{}, {}", digits(figures), digits(more)), 3)
        }
        _ => Said::new(digits(figures), 1),
    }
}

/// A state behind its town: "Austin, TX".
pub(super) fn state(place: &Place<'_>) -> Option<Said> {
    let [Token::Word(short), after @ ..] = place.rest() else { return None };
    let [.., Token::Word(town), Token::Sign(','), Token::Space] = place.before() else { return None };
    let small = town.bytes().any(|byte| byte.is_ascii_lowercase()) && town.starts_with(char::is_uppercase);
    let (_, state) = STATES.iter().find(|(name, _)| name == short)?;
    (small && *short != "OK" && space(after) + usize::from(ends(after)) > 0).then(|| Said::new(*state, 1))
}
