//! Telephone numbers, and other numbers in groups: digit by digit, with a pause between the groups.

use super::{
    numbers::digits,
    place::{Place, Said, among, ends, from, space},
};
use crate::normalise::scan::Token;

/// More groups are no telephone or card number.
const MOST_GROUPS: usize = 7;
/// Country codes with the length of a whole number behind the plus (ITU-T E.164, national numbering plans).
const COUNTRIES: [(&str, usize); 8] =
    [("1", 11), ("44", 12), ("52", 12), ("57", 12), ("34", 11), ("54", 13), ("61", 11), ("33", 11)];

/// Groups of digits with what stands between them.
struct Groups<'a> {
    figures: Vec<&'a str>,
    marks: Vec<Mark>,
    /// How many tokens the first group, the first two and so on take.
    ends: Vec<usize>,
    plus: bool,
    parenthesis: bool,
}

/// What stands between two groups.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Space,
    Hyphen,
    Dot,
    Parenthesis,
}

/// A telephone number, or another number that is written in groups.
pub(super) fn phone(place: &Place<'_>) -> Option<Said> {
    if let Some(said) = lettered(place) {
        return Some(said);
    }
    let groups = groups(place.rest())?;
    let count = (1..=groups.figures.len()).rev().find(|count| groups.is_number(*count, place))?;
    let used = groups.ends.get(count - 1).copied()?;
    let words = groups.words(count);
    let after = place.on(used);
    match extension(after.rest()) {
        Some((figures, more)) => {
            Some(Said::new(format!("{words}, extension {}", digits(figures)), used + more))
        }
        None => Some(Said::new(words, used)),
    }
}

/// "1-800-FLOWERS".
fn lettered(place: &Place<'_>) -> Option<Said> {
    let mut rest = place.rest();
    let mut parts = Vec::new();
    while let [Token::Digits(figures), Token::Sign('-'), after @ ..] = rest
        && parts.len() < 3
    {
        parts.push(group_words(figures, parts.len() < 2));
        rest = after;
    }
    let figures = parts.len();
    let toll_free = matches!(place.rest(), [Token::Digits("1"), _, Token::Digits(area), ..] if area.len() == 3)
        || matches!(place.rest(), [Token::Digits("800" | "888" | "877" | "866" | "855" | "844" | "833"), ..]);
    if figures == 0 || !toll_free {
        return None;
    }
    while let [Token::Word(word), after @ ..] = rest
        && parts.len() < MOST_GROUPS
        && word.bytes().all(|byte| byte.is_ascii_uppercase())
    {
        parts.push((*word).to_owned());
        rest = match after {
            [Token::Sign('-'), Token::Word(_), ..] => from(after, 1),
            _ => after,
        };
    }
    let letters = parts.get(figures..).unwrap_or_default().join(" ");
    let numbers = parts.get(..figures).unwrap_or_default().join(", ");
    let used = place.rest().len() - rest.len();
    (letters.len() >= 3 && ends(rest)).then(|| Said::new(format!("{numbers}, {letters}"), used))
}

/// An extension by itself: "ext. 204".
pub(super) fn inner(place: &Place<'_>) -> Option<Said> {
    let [Token::Word(word), ..] = place.rest() else { return None };
    let (figures, used) = extension(place.rest()).filter(|_| word.len() > 1)?;
    Some(Said::new(format!("extension {}", digits(figures)), used))
}

/// The extension behind a number, and how many tokens it takes.
fn extension<'a>(rest: &'a [Token<'a>]) -> Option<(&'a str, usize)> {
    let comma = usize::from(matches!(rest, [Token::Sign(','), ..]));
    let gap = comma + space(from(rest, comma));
    let [Token::Word(word), after @ ..] = from(rest, gap) else { return None };
    if !among(word, &["ext", "extension", "x", "extn"]) {
        return None;
    }
    let dot = usize::from(matches!(after, [Token::Sign('.'), ..]));
    let used = dot + space(from(after, dot));
    match from(after, used) {
        [Token::Digits(figures), ..] => Some((figures, gap + 1 + used + 1)),
        _ => None,
    }
}

/// The groups that `rest` begins with.
fn groups<'a>(rest: &'a [Token<'a>]) -> Option<Groups<'a>> {
    let plus = usize::from(matches!(rest, [Token::Sign('+'), Token::Digits(_), ..]));
    let (first, mut used, parenthesis) = match from(rest, plus) {
        [Token::Digits(first), ..] => (first, plus + 1, false),
        [Token::Sign('('), Token::Digits(first), Token::Sign(')'), after @ ..] if plus == 0 => {
            (first, 3 + space(after), true)
        }
        _ => return None,
    };
    let mut found =
        Groups { figures: vec![first], marks: vec![], ends: vec![used], plus: plus == 1, parenthesis };
    while found.figures.len() < MOST_GROUPS {
        let (mark, gap) = match from(rest, used) {
            // The zero that is dialled at home only: +44 (0)20.
            [Token::Space, Token::Sign('('), Token::Digits("0"), Token::Sign(')'), Token::Digits(_), ..] => {
                (Mark::Parenthesis, 4)
            }
            [
                Token::Space,
                Token::Sign('('),
                Token::Digits("0"),
                Token::Sign(')'),
                Token::Space,
                Token::Digits(_),
                ..,
            ] => (Mark::Parenthesis, 5),
            [Token::Space, Token::Sign('('), Token::Digits(area), Token::Sign(')'), ..] => {
                found.push(area, Mark::Parenthesis, used + 4);
                used += 4;
                if matches!(from(rest, used), [Token::Digits(_), ..]) {
                    (Mark::Parenthesis, 0)
                } else {
                    (Mark::Space, 1)
                }
            }
            [Token::Space | Token::Sign('-' | '.'), Token::Digits(_), ..] => (mark(from(rest, used)), 1),
            [Token::Digits(_), ..] if parenthesis && used == 3 => (Mark::Parenthesis, 0),
            [Token::Digits(_), ..] if parenthesis && used == 4 => (Mark::Space, 0),
            _ => break,
        };
        let [Token::Digits(group), ..] = from(rest, used + gap) else { break };
        used += gap + 1;
        found.push(group, mark, used);
    }
    Some(found)
}

fn mark(rest: &[Token<'_>]) -> Mark {
    match rest {
        [Token::Sign('-'), ..] => Mark::Hyphen,
        [Token::Sign('.'), ..] => Mark::Dot,
        _ => Mark::Space,
    }
}

impl<'a> Groups<'a> {
    fn push(&mut self, group: &'a str, mark: Mark, end: usize) {
        self.figures.push(group);
        self.marks.push(mark);
        self.ends.push(end);
    }

    /// Whether the first `count` groups are a number that is said digit by digit.
    fn is_number(&self, count: usize, place: &Place<'_>) -> bool {
        let groups = self.figures.get(..count).unwrap_or_default();
        let marks = self.marks.get(..count.saturating_sub(1)).unwrap_or_default();
        let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
        let total: usize = lengths.iter().sum();
        let Some(first) = groups.first() else { return false };
        let end = self.ends.get(count - 1).copied().unwrap_or_default();
        if !ends(from(place.rest(), end)) {
            return extension(from(place.rest(), end)).is_some() && total >= 7;
        }
        if self.plus {
            let known = COUNTRIES.iter().find(|(code, _)| {
                first.starts_with(code) && (*code == "1" || first.len() <= 2 || count == 1)
            });
            return known.map_or((8..=15).contains(&total), |(_, length)| total == *length);
        }
        if self.parenthesis {
            return (7..=11).contains(&total) && count > 1;
        }
        let hyphens = !marks.is_empty() && marks.iter().all(|mark| *mark == Mark::Hyphen);
        match lengths.as_slice() {
            [3, 4] => {
                hyphens
                    || place
                        .words_before()
                        .take(4)
                        .any(|(_, word)| among(word, &["call", "dial", "phone", "text", "ring"]))
            }
            [3, 3 | 4, 4] | [4, 4, 4, 4] | [4, 6, 5] => true,
            [1, 3, 3, 4] => *first == "1",
            [10] => !place.british() && !first.starts_with(['0', '1']) || first.starts_with('0'),
            [11] => first.starts_with(['0', '1']),
            [1, 1, 1] => {
                hyphens && matches!(groups, ["9" | "4" | "2" | "3" | "5" | "6" | "7" | "8", "1", "1"])
            }
            [2, 2, 2] | [3, 2, 4] => hyphens,
            _ if first.starts_with('0') => (10..=12).contains(&total) && count > 1 && first.len() > 2,
            [_, _, _, ..] => hyphens && (8..=19).contains(&total),
            _ => false,
        }
    }

    /// The first `count` groups in words.
    fn words(&self, count: usize) -> String {
        let groups = self.figures.get(..count).unwrap_or_default();
        if groups.iter().all(|group| group.len() == 1) {
            return digits(&groups.concat());
        }
        let words: Vec<String> = groups
            .iter()
            .enumerate()
            .map(|(at, group)| {
                let area = at == 0 || at == 1 && self.figures.first().is_some_and(|first| first.len() == 1);
                group_words(group, area && groups.len() > 1 && !self.plus)
            })
            .collect();
        format!("{}{}", if self.plus { "plus " } else { "" }, words.join(", "))
    }
}

/// One group: "eight hundred" for a free area (`area`), digits otherwise, long ones in parts.
pub(super) fn group_words(group: &str, area: bool) -> String {
    match group {
        "800" if area => "eight hundred".to_owned(),
        "0800" if area => "zero eight hundred".to_owned(),
        "0300" if area => "zero three hundred".to_owned(),
        _ => parts(group).into_iter().map(digits).collect::<Vec<_>>().join(", "),
    }
}

/// A long run of digits in the parts in which people say it.
fn parts(group: &str) -> Vec<&str> {
    let lengths: &[usize] = match group.len() {
        6 => &[3, 3],
        7 => &[3, 4],
        8 => &[4, 4],
        9 => &[3, 3, 3],
        10 => &[3, 3, 4],
        11 if group.starts_with("02") => &[3, 4, 4],
        11 if group.starts_with('0') => &[5, 3, 3],
        11 => &[1, 3, 3, 4],
        12.. => &[4; 8],
        _ => return vec![group],
    };
    let mut rest = group;
    let mut parts = Vec::new();
    for length in lengths {
        let (part, after) = rest.split_at_checked(*length).unwrap_or((rest, ""));
        if !part.is_empty() {
            parts.push(part);
        }
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(rest);
    }
    parts
}
