//! Abbreviations, where they are abbreviations.

use super::{
    place::{Place, Said, among, capital, dot, ends, from, sentence_over, spelled},
    words::STARTERS,
};
use crate::normalise::scan::{Token, roman};

/// Where a short form is one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    /// Before a name: its dot never ends a sentence.
    Title,
    /// Behind a name.
    Behind,
    /// Before a number.
    Number,
    /// With its dot.
    Dotted,
    /// Always, dot or not.
    Always,
}

/// What has a number, so that "no." behind it is one.
const NUMBERED: [&str; 22] = [
    "tracking",
    "policy",
    "account",
    "order",
    "invoice",
    "reference",
    "serial",
    "phone",
    "insurance",
    "case",
    "claim",
    "booking",
    "card",
    "flight",
    "model",
    "part",
    "item",
    "customer",
    "registration",
    "contact",
    "tel",
    "ref",
];
/// More letters with dots than this are read in parts.
const MOST_INITIALS: usize = 16;

#[rustfmt::skip]
const SHORTS: &[(&str, &str, When)] = &[
    ("mr", "mister", When::Title), ("mrs", "missus", When::Title), ("ms", "Ms", When::Title), ("prof", "professor", When::Title),
    ("gov", "governor", When::Title), ("sen", "senator", When::Title), ("rep", "representative", When::Title),
    ("gen", "general", When::Title), ("col", "colonel", When::Title), ("capt", "captain", When::Title),
    ("lt", "lieutenant", When::Title), ("sgt", "sergeant", When::Title), ("rev", "reverend", When::Title),
    ("hon", "honorable", When::Title), ("pres", "president", When::Title), ("maj", "major", When::Title),
    ("cpl", "corporal", When::Title), ("cllr", "councillor", When::Title), ("supt", "superintendent", When::Title),
    ("mt", "mount", When::Title), ("ft", "fort", When::Title), ("messrs", "messieurs", When::Title), ("insp", "inspector", When::Title),
    ("jr", "junior", When::Behind), ("sr", "senior", When::Behind), ("inc", "incorporated", When::Behind),
    ("ltd", "limited", When::Behind), ("co", "company", When::Behind), ("corp", "corporation", When::Behind),
    ("bros", "brothers", When::Behind), ("assn", "association", When::Behind), ("univ", "university", When::Behind),
    ("esq", "esquire", When::Behind), ("mfg", "manufacturing", When::Behind), ("intl", "international", When::Behind),
    ("no", "number", When::Number), ("nos", "numbers", When::Number), ("p", "page", When::Number), ("pp", "pages", When::Number),
    ("pg", "page", When::Number), ("pgs", "pages", When::Number), ("vol", "volume", When::Number), ("ch", "chapter", When::Number),
    ("sec", "section", When::Number), ("fig", "figure", When::Number), ("art", "article", When::Number),
    ("apt", "apartment", When::Number), ("ste", "suite", When::Number), ("rm", "room", When::Number), ("ext", "extension", When::Number),
    ("fl", "floor", When::Number), ("bldg", "building", When::Number), ("ver", "version", When::Number), ("v", "version", When::Number),
    ("rt", "route", When::Number), ("rte", "route", When::Number), ("hwy", "highway", When::Number), ("ep", "episode", When::Number),
    ("prop", "proposition", When::Number), ("tel", "telephone", When::Number), ("para", "paragraph", When::Number), ("c", "circa", When::Number),
    ("vs", "versus", When::Always), ("etc", "et cetera", When::Always), ("approx", "approximately", When::Always),
    ("dept", "department", When::Always), ("dept's", "department's", When::Always), ("appt", "appointment", When::Always), ("appts", "appointments", When::Always),
    ("acct", "account", When::Always), ("accts", "accounts", When::Always), ("pkg", "package", When::Always), ("pkgs", "packages", When::Always),
    ("incl", "including", When::Always), ("excl", "excluding", When::Always), ("govt", "government", When::Always),
    ("ea", "each", When::Always), ("blvd", "boulevard", When::Always), ("pkwy", "parkway", When::Always), ("hwy", "highway", When::Always),
    ("hrs", "hours", When::Always), ("yrs", "years", When::Always), ("lbs", "pounds", When::Always), ("mins", "minutes", When::Always),
    ("secs", "seconds", When::Always), ("qty", "quantity", When::Always), ("amt", "amount", When::Always), ("asst", "assistant", When::Always),
    ("mgmt", "management", When::Always), ("approx", "approximately", When::Always), ("thru", "through", When::Always),
    ("pls", "please", When::Always), ("plz", "please", When::Always), ("mph", "miles per hour", When::Always), ("kph", "kilometers per hour", When::Always),
    ("est", "established", When::Dotted), ("min", "minimum", When::Dotted), ("max", "maximum", When::Dotted), ("avg", "average", When::Dotted),
    ("ave", "avenue", When::Dotted), ("rd", "road", When::Always), ("fl", "floor", When::Dotted), ("ln", "lane", When::Dotted), ("misc", "miscellaneous", When::Dotted),
    ("div", "division", When::Dotted), ("mgr", "manager", When::Dotted), ("natl", "national", When::Dotted), ("dist", "district", When::Dotted),
    ("temp", "temperature", When::Dotted), ("ref", "reference", When::Always), ("tel", "telephone", When::Dotted), ("hr", "hour", When::Dotted),
    ("yr", "year", When::Dotted), ("mo", "month", When::Dotted), ("wk", "week", When::Dotted), ("sq", "square", When::Dotted), ("oz", "ounces", When::Dotted),
    ("ext", "extension", When::Dotted), ("gal", "gallons", When::Dotted), ("bldg", "building", When::Dotted), ("apt", "apartment", When::Dotted), ("apts", "apartments", When::Dotted),
    ("ste", "suite", When::Dotted), ("cont", "continued", When::Dotted), ("info", "information", When::Dotted), ("hosp", "hospital", When::Dotted),
    ("dr", "doctor", When::Dotted), ("drs", "doctors", When::Dotted), ("tues", "Tuesday", When::Dotted), ("thurs", "Thursday", When::Dotted),
    ("ed", "edition", When::Dotted), ("fwd", "forwarded", When::Always), ("wwi", "World War One", When::Always), ("wwii", "World War Two", When::Always), ("phd", "P H D", When::Always), ("pcm", "per month", When::Always), ("msg", "message", When::Always), ("msgs", "messages", When::Always),
];

/// Short forms with dots inside, or with a stroke, as they are said.
#[rustfmt::skip]
const PHRASES: &[(&[&str], &str)] = &[
    (&["e.g.", "E.g.", "eg.", "e.g"], "for example"), (&["i.e.", "I.e.", "ie.", "i.e"], "that is"), (&["w/o"], "without"),
    (&["c/o"], "care of"), (&["a.k.a.", "a.k.a"], "also known as"), (&["24/7", "24-7"], "twenty-four seven"), (&["9/11"], "nine eleven"),
    (&["50/50", "50-50"], "fifty fifty"), (&["20/20"], "twenty twenty"), (&["401(k)", "401k", "401K"], "four oh one K"),
    (&["403(b)"], "four oh three B"), (&["WW2"], "World War Two"), (&["WW1"], "World War One"),
    (&["7-Eleven"], "Seven Eleven"), (&["and/or"], "and or"), (&["p.a."], "per annum"), (&["p/m"], "per month"), (&["p/w"], "per week"), (&["b/w"], "between"), (&["b/c"], "because"),
    (&["Gov't", "gov't"], "government"), (&["C#"], "C sharp"), (&["Ph.D.", "Ph.D"], "P H D"), (&["n/a", "N/A"], "not applicable"),
    (&["T&Cs", "T&C", "T&C's"], "terms and conditions"), (&["No. 10"], "Number Ten"), (&["p.s.", "P.S."], "P S"), (&["CO2", "CO₂"], "C O two"),
];

/// A short form written out.
pub(super) fn short(place: &Place<'_>) -> Option<Said> {
    let [Token::Word(word), after @ ..] = place.rest() else { return None };
    // "it's", and the second pass over "Ms".
    if !ends(after) || word.len() > 6 || matches!(after, [Token::Sign('\'' | '/' | '&'), Token::Word(_), ..])
    {
        return None;
    }
    let first = word.bytes().next().map(|byte| byte.to_ascii_lowercase());
    let alike = |short: &str| short.len() == word.len() && short.bytes().next() == first;
    let here = SHORTS.iter().filter(|(short, ..)| alike(short) && short.eq_ignore_ascii_case(word));
    let mut found = here.filter_map(|(_, long, when)| Some((long, used(*when, word, after, place)?)));
    let (long, used) = found.next()?;
    Some(Said::new(cased(word, long), used))
}

/// How many tokens the short form `word` takes where it is one.
fn used(when: When, word: &str, after: &[Token<'_>], place: &Place<'_>) -> Option<usize> {
    let dotted = usize::from(matches!(after, [Token::Sign('.'), ..]));
    let next = from(after, dotted);
    match when {
        When::Title => {
            let named = matches!(next, [Token::Space, Token::Word(name), ..] if capital(name) && !(among(word, &["gen", "rep", "col", "ft", "lt", "pres", "hon", "rev", "maj", "sen", "gov", "prof"]) && dotted == 0));
            let whole = word.len() > 2 || *word != word.to_uppercase() || dotted == 1;
            let named = named || among(word, &["mr", "mrs"]);
            (named && capital(word) && whole && !(word == "Ms" && dotted == 0)).then_some(1 + dotted)
        }
        When::Behind => {
            let comma = matches!(place.before(), [.., Token::Word(name), Token::Sign(','), Token::Space] if capital(name));
            let name = comma
                || matches!(place.before(), [.., Token::Word(name), Token::Space] if capital(name))
                || matches!(
                    place.before(),
                    [.., Token::Word("and") | Token::Sign('&'), Token::Space]
                        | [.., Token::Word(_), Token::Sign('.' | ')'), Token::Space]
                );
            let state = *word == word.to_uppercase() && word.len() == 2;
            let title = dotted == 1 && among(word, &["jr", "sr"]);
            ((name || title) && capital(word) && !state).then(|| 1 + dot(after))
        }
        When::Number => {
            let bare =
                !among(word, &["no", "p", "c", "v", "art", "fig", "sec", "ch", "fl", "rt", "ep", "tel"]);
            let gap = match next {
                [Token::Space, Token::Digits(_), ..]
                | [Token::Digits(_), ..]
                | [Token::Space, Token::Sign('+' | '('), Token::Digits(_), ..] => true,
                [Token::Space, Token::Word(letter), Token::Digits(_), ..]
                | [Token::Space, Token::Word(letter), Token::Sign('-'), Token::Digits(_), ..] => {
                    letter.len() <= 3
                }
                [Token::Sign(':'), Token::Space, Token::Digits(_) | Token::Sign('+' | '('), ..] => {
                    dotted == 0 || among(word, &["tel", "ext"])
                }
                [Token::Space, ..] if among(word, &["no", "nos"]) => dotted == 1 && place.after(&NUMBERED),
                [Token::Space, Token::Word(figures), ..] => dotted == 1 && roman(figures).is_some(),
                _ => false,
            };
            (gap && (dotted == 1 || bare && !among(word, &["pp"]) || among(word, &["pp", "tel"])))
                .then_some(1 + dotted)
        }
        When::Dotted => {
            let number = matches!(place.before(), [.., Token::Digits(_), Token::Space]);
            let name = sentence_over(next) && among(word, &["ed", "info", "mo"]);
            (dotted == 1 && ends(next) && !name && !number).then(|| 1 + dot(after))
        }
        When::Always => {
            let over = matches!(next, [Token::Space, Token::Word(next), ..] if among(word, &["etc"]) && capital(next));
            Some(if over { 1 } else { 1 + dot(after) })
        }
    }
}

/// `long`, with a capital where `word` has one.
fn cased(word: &str, long: &str) -> String {
    let mut chars = long.chars();
    match chars.next() {
        Some(first) if capital(word) => first.to_uppercase().chain(chars).collect(),
        _ => long.to_owned(),
    }
}

/// A short form with signs inside.
pub(super) fn phrase(place: &Place<'_>) -> Option<Said> {
    let rest = place.rest();
    let [_, Token::Sign(_) | Token::Digits(_) | Token::Word(_), ..] = rest else { return None };
    for (forms, said) in PHRASES {
        for form in *forms {
            let Some(used) = starts(rest, form) else { continue };
            // The last dot stays where the sentence ends with it; after these hardly ever.
            let ending = form.ends_with('.')
                && sentence_over(from(rest, used))
                && !matches!(from(rest, used), [Token::Space, ..]);
            return Some(Said::new(cased(form, said), if ending { used - 1 } else { used }));
        }
    }
    with(rest)
}

fn starts(rest: &[Token<'_>], form: &str) -> Option<usize> {
    let first = rest.first()?;
    let begins = match first {
        Token::Word(word) | Token::Digits(word) => form.starts_with(word),
        Token::Sign(sign) => form.starts_with(*sign),
        Token::Space | Token::Mail(_) | Token::Link(_) => false,
    };
    let used = begins.then(|| spelled(rest, form))??;
    // "e.g" must not be the beginning of a longer one.
    (!matches!(from(rest, used), [Token::Sign('/'), Token::Word(_) | Token::Digits(_), ..])).then_some(used)
}

/// "w/ fries".
fn with(rest: &[Token<'_>]) -> Option<Said> {
    match rest {
        [Token::Word("w"), Token::Sign('/'), Token::Space, ..] => Some(Said::new("with", 2)),
        [Token::Word("w"), Token::Sign('/'), Token::Word(_), ..] => Some(Said::new("with ", 2)),
        _ => None,
    }
}

/// Letters with dots between: "U.S.", "N.H.S.", "J.K. Rowling". They are spaced, so that no dot looks like an end.
pub(super) fn initials(place: &Place<'_>) -> Option<Said> {
    let mut letters = Vec::new();
    let mut rest = place.rest();
    while let [Token::Word(letter), Token::Sign('.'), after @ ..] = rest
        && letter.len() == 1
        && capital(letter)
        && letters.len() < MOST_INITIALS
    {
        letters.push(*letter);
        rest = after;
    }
    if let [Token::Word(letter), after @ ..] = rest
        && letter.len() == 1
        && capital(letter)
        && ends(after)
        && !letters.is_empty()
    {
        let used = letters.len() * 2 + 1;
        letters.push(letter);
        return Some(Said::new(letters.join(" "), used));
    }
    if letters.len() < 2 || !ends(rest) && letters.len() < MOST_INITIALS {
        return None;
    }
    let over = match rest {
        [] => true,
        [Token::Space, Token::Word(word), ..] => STARTERS.contains(word),
        _ => false,
    };
    let used = letters.len() * 2 - usize::from(over);
    Some(Said::new(letters.join(" "), used))
}

/// "Roe v. Wade", "England v Scotland".
pub(super) fn versus(place: &Place<'_>) -> Option<Said> {
    let [Token::Word("v"), after @ ..] = place.rest() else { return None };
    let dotted = usize::from(matches!(after, [Token::Sign('.'), ..]));
    let names = place.word_before().is_some_and(capital)
        && matches!(from(after, dotted), [Token::Space, Token::Word(word), ..] if capital(word));
    names.then(|| Said::new("versus", 1 + dotted))
}

/// "package(s)": several.
pub(super) fn several(place: &Place<'_>) -> Option<Said> {
    match place.rest() {
        [
            Token::Word(word),
            Token::Sign('('),
            Token::Word(ending @ ("s" | "es")),
            Token::Sign(')'),
            rest @ ..,
        ] if ends(rest) => Some(Said::new(format!("{word}{ending}"), 4)),
        _ => None,
    }
}
