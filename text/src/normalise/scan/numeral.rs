//! Numbers as they are written: with marks for thousands and decimals, or in Roman figures.

use super::Token;

/// More groups of digits than this are no number.
const MOST_GROUPS: usize = 8;

/// A number in figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::normalise) struct Numeral<'a> {
    /// The digits before the decimal mark, without marks; at least one.
    pub(in crate::normalise) whole: String,
    /// The digits after the decimal mark.
    pub(in crate::normalise) fraction: Option<&'a str>,
    /// How many tokens it takes.
    pub(in crate::normalise) used: usize,
}

/// The number that `tokens` begin with, where `decimal` (`,` or `.`) is the decimal mark of the place. A mark that can
/// only be of the other custom is understood: `1,234.56` and `2.5` where the comma is decimal, `1'250.000` anywhere.
/// None for what is no number, such as a version (`1.2.3`) or an address.
pub(in crate::normalise) fn numeral<'a>(tokens: &[Token<'a>], decimal: char) -> Option<Numeral<'a>> {
    read(tokens, |mark, digits| mark == decimal || digits.len() != 3)
}

/// The same for money, which nobody writes with three decimals: a last group of three digits is thousands.
pub(in crate::normalise) fn amount<'a>(tokens: &[Token<'a>]) -> Option<Numeral<'a>> {
    read(tokens, |_, digits| digits.len() != 3)
}

fn read<'a>(tokens: &[Token<'a>], single_is_decimal: impl Fn(char, &str) -> bool) -> Option<Numeral<'a>> {
    let mut groups = Vec::new();
    let mut rest = tokens.get(1..)?;
    while let [Token::Sign(mark @ ('.' | ',' | '\'')), Token::Digits(digits), after @ ..] = rest {
        groups.push((*mark, *digits));
        rest = after;
        if groups.len() > MOST_GROUPS {
            return None;
        }
    }
    let first = tokens.first()?.digits()?;
    let (thousands, fraction) = split(first, &groups, single_is_decimal)?;
    let mut whole = first.to_owned();
    whole.extend(thousands.iter().map(|(_, digits)| *digits));
    Some(Numeral { whole, fraction, used: 1 + 2 * groups.len() })
}

type Group<'a> = (char, &'a str);

/// The groups of thousands, and the fraction.
fn split<'a, 'b>(
    first: &str,
    groups: &'b [Group<'a>],
    single_is_decimal: impl Fn(char, &str) -> bool,
) -> Option<(&'b [Group<'a>], Option<&'a str>)> {
    let Some(((last_mark, last), earlier)) = groups.split_last() else { return Some((&[], None)) };
    let plain = first.len() <= 3 && !first.starts_with('0');
    let thousands = |groups: &[Group<'_>]| {
        let mark = groups.iter().map(|(mark, _)| *mark).find(|mark| *mark != '\'');
        plain
            && groups.iter().all(|(_, digits)| digits.len() == 3)
            && groups.iter().all(|(other, _)| *other == '\'' || Some(*other) == mark)
    };
    let (Some((mark, _)), false) = (earlier.last(), *last_mark == '\'') else {
        let decimal = *last_mark != '\'' && (single_is_decimal(*last_mark, last) || !thousands(groups));
        return if decimal { Some((&[], Some(last))) } else { thousands(groups).then_some((groups, None)) };
    };
    if (mark == last_mark || *mark == '\'') && thousands(groups) {
        return Some((groups, None));
    }
    // "5.000.000.00": cents after the mark of the thousands.
    ((mark != last_mark || last.len() == 2) && thousands(earlier)).then_some((earlier, Some(last)))
}

/// The value of a number in Roman figures in capitals, up to 3,999, written the one correct way.
pub(in crate::normalise) fn roman(word: &str) -> Option<u16> {
    const FIGURES: [(&str, u16); 13] = [
        ("M", 1000),
        ("CM", 900),
        ("D", 500),
        ("CD", 400),
        ("C", 100),
        ("XC", 90),
        ("L", 50),
        ("XL", 40),
        ("X", 10),
        ("IX", 9),
        ("V", 5),
        ("IV", 4),
        ("I", 1),
    ];
    let mut rest = word;
    let mut value = 0;
    let mut last = (u16::MAX, 0); // the worth of the figure before, and how often it stood
    while let Some((figure, worth)) = FIGURES.into_iter().find(|(figure, _)| rest.starts_with(figure)) {
        let (before, times) = last;
        let repeated = worth == before && times < 3 && matches!(figure, "M" | "C" | "X" | "I");
        let lower = figure_ends(before) > worth;
        if !(repeated || lower) {
            return None;
        }
        last = (worth, if repeated { times + 1 } else { 1 });
        value += worth;
        rest = rest.get(figure.len()..)?;
    }
    (rest.is_empty() && value > 0).then_some(value)
}

/// What may follow a figure is worth less than this: after `CM` comes `XC` at most, after `V` no `IV`.
fn figure_ends(worth: u16) -> u16 {
    match worth {
        900 | 400 => 100,
        90 | 40 => 10,
        9 | 4 => 1,
        500 | 50 | 5 => worth / 5 * 4,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tokens;
    use super::*;

    #[test]
    fn marks_are_read_by_place_and_by_shape() {
        for (text, decimal, whole, fraction) in [
            ("45", ',', "45", None),
            ("1.250.000", ',', "1250000", None),
            ("1,250,000", ',', "1250000", None),
            ("1.234,56", ',', "1234", Some("56")),
            ("1,234.56", ',', "1234", Some("56")),
            ("12,5", ',', "12", Some("5")),
            ("2.5", ',', "2", Some("5")),
            ("1,250", ',', "1", Some("250")),
            ("1.250", ',', "1250", None),
            ("1,250", '.', "1250", None),
            ("0.250", ',', "0", Some("250")),
            ("1'250.000", ',', "1250000", None),
            ("1'250.000,50", ',', "1250000", Some("50")),
            ("3'500", '.', "3500", None),
            ("5.000.000.00", ',', "5000000", Some("00")),
        ] {
            let read = numeral(&tokens(text), decimal).map(|read| (read.whole, read.fraction));
            assert_eq!(read, Some((whole.to_owned(), fraction)), "{text} {decimal}");
        }
        for text in ["1.2.3", "192.168.0.1", "12.05.2025", "1,2,3"] {
            assert_eq!(numeral(&tokens(text), ','), None, "{text}");
        }
        assert_eq!(amount(&tokens("1,250")).map(|read| read.whole), Some("1250".to_owned()));
        assert_eq!(numeral(&tokens("5. Y"), '.').map(|read| read.used), Some(1));
    }

    #[test]
    fn roman_figures_have_one_spelling() {
        for (word, value) in
            [("IV", 4), ("XXI", 21), ("MCMXCIV", 1994), ("MMXXV", 2025), ("XLIX", 49), ("III", 3)]
        {
            assert_eq!(roman(word), Some(value), "{word}");
        }
        for word in ["", "IIII", "VX", "IC", "MIX1", "vi", "VV", "IXI", "VIV", "LXL", "ABC"] {
            assert_eq!(roman(word), None, "{word}");
        }
    }
}
