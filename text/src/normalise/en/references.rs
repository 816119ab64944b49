//! Digits alone that are a code, a reference or a number to dial, by the words around them.

use super::{
    phones::group_words,
    place::{Place, Said, among, ends},
    postal,
    words::COUNTED,
};
use crate::normalise::scan::Token;

/// More groups of digits are no code.
const MOST_GROUPS: usize = 8;
/// Words after which digits are a code for the rest of the sentence.
#[rustfmt::skip]
const SECRETS: [&str; 15] = [
    "code", "codes", "pin", "otp", "passcode", "password", "digits", "ending", "ends", "zip", "postcode",
    "passcodes", "pins", "last4", "cvv",
];

/// Words close before digits that make them a reference.
#[rustfmt::skip]
const REFERENCES: [&str; 48] = [
    "account", "acct", "order", "reference", "ref", "invoice", "ticket", "case", "booking", "confirmation",
    "policy", "claim", "tracking", "card", "flight", "membership", "member", "customer", "id", "meter", "plate",
    "serial", "model", "loan", "file", "licence", "license", "reservation", "number", "quote", "quoting",
    "parcel", "shipment", "package", "passport", "patient", "prescription", "rx", "contract", "train", "permit",
    "application", "transaction", "check", "cheque", "badge", "routing", "bin",
];

/// Words between a reference and digits after which these are an amount.
const AMOUNTS: [&str; 20] = [
    "of", "total", "totals", "balance", "amount", "due", "over", "under", "than", "about", "almost",
    "nearly", "exactly", "limit", "within", "until", "by", "from", "up", "weighs",
];

/// Who is phoned under three digits (US N11 codes and 988; UK 101, 105, 111, 112, 119, 123, 159, 999).
const SERVICES: [&str; 18] = [
    "911", "999", "112", "111", "101", "105", "119", "123", "159", "211", "311", "411", "511", "611", "711",
    "811", "988", "933",
];

const DIALLED: [&str; 22] = [
    "call", "calls", "called", "calling", "dial", "dialing", "dialling", "dialed", "dialled", "text",
    "texting", "ring", "ringing", "phone", "phoning", "contact", "nhs", "to", "via", "or", "and", "on",
];

/// Digits alone that are a code: what is asked for, dialled or longer than an amount.
pub(super) fn figures(place: &Place<'_>) -> Option<Said> {
    let [Token::Digits(figures), rest @ ..] = place.rest() else { return None };
    if let Some(said) = in_groups(place) {
        return Some(said);
    }
    if !ends(rest)
        || matches!(rest, [Token::Sign('.' | ','), Token::Digits(_), ..] | [Token::Sign('%' | '°'), ..])
    {
        return None;
    }
    let counted = matches!(rest, [Token::Space, Token::Word(word), ..] if among(word, &COUNTED));
    let long = figures.len() >= 7 && !figures.ends_with("000") || figures.len() > 15;
    let zeros = figures.len() >= 2 && figures.starts_with('0');
    let zip =
        figures.len() == 5 && matches!(rest, [Token::Sign('-'), Token::Digits(more), ..] if more.len() == 4);
    if zip {
        return Some(postal::zip(figures, rest));
    }
    let marked = figures.len() > 3 && matches!(place.before(), [.., Token::Sign('#')]);
    let code =
        long || zeros || marked || !counted && (dialled(figures, place, rest) || named(figures, place));
    (code).then(|| Said::new(group_words(figures, false), 1))
}

/// A code in groups of one length, or with hyphens: "482-913", "60 41 22", "88-41207".
fn in_groups(place: &Place<'_>) -> Option<Said> {
    let [Token::Digits(first), rest @ ..] = place.rest() else { return None };
    let mut groups = vec![*first];
    let mut rest = rest;
    while let [mark @ (Token::Space | Token::Sign('-')), Token::Digits(group), after @ ..] = rest
        && groups.len() < MOST_GROUPS
        && (*mark == Token::Sign('-') || group.len() == first.len())
    {
        groups.push(group);
        rest = after;
    }
    let figures = groups.concat();
    let fits = groups.len() > 1 && figures.len() > 3 && groups.iter().all(|group| group.len() > 1);
    (fits && ends(rest) && named(&figures, place)).then(|| {
        let words: Vec<String> = groups.iter().map(|group| group_words(group, false)).collect();
        Said::new(words.join(", "), place.rest().len() - rest.len())
    })
}

fn dialled(figures: &str, place: &Place<'_>, rest: &[Token<'_>]) -> bool {
    let called =
        place.words_before().take(5).any(|(_, word)| among(word, DIALLED.get(..17).unwrap_or_default()));
    match figures.len() {
        3..=6 if place.after(&["dial"]) => true,
        3 => {
            SERVICES.contains(&figures)
                && (figures == "911"
                    || called && place.after(&DIALLED)
                    || matches!(rest, [Token::Space, Token::Word(word), ..]
                if among(word, &["call", "calls", "operator", "operators", "service", "emergency", "line"])))
        }
        5 | 6 => called && place.after(&["to", "text", "dial", "call", "phone"]),
        _ => false,
    }
}

/// Whether a word before says that `figures` are a code.
fn named(figures: &str, place: &Place<'_>) -> bool {
    if figures.len() < 3 {
        return false;
    }
    for (distance, word) in place.words_before() {
        if among(word, &AMOUNTS) {
            return false;
        }
        if among(word, &SECRETS) && (figures.len() > 3 || distance < 4) && distance < 9 {
            return true;
        }
        let near = if figures.len() > 3 { 3 } else { 1 };
        if among(word, &REFERENCES) && distance < near {
            return figures.len() > 3
                || distance == 0 && !among(word, &["check", "card", "train", "order", "model"]);
        }
    }
    false
}
