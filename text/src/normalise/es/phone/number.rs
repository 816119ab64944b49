//! The digits of a telephone number, grouped as people of its country do.

use super::super::words;
use crate::Locale;

/// The groups in which people write numbers, and hardly anything else.
const SHAPES: &[&[usize]] = &[
    &[3, 3, 4],
    &[3, 7],
    &[2, 4, 4],
    &[3, 3, 2, 2],
    &[3, 4],
    &[3, 2, 2],
    &[2, 2, 2, 2, 2],
    &[2, 8],
    &[2, 3, 2, 2],
    &[3, 2, 2, 2],
];

/// Digits that may be a telephone number.
pub(super) struct Number<'a> {
    pub(super) parts: &'a [&'a str],
    /// All of them in one.
    pub(super) digits: String,
    /// A stop stands between two of them, as it does in a number with decimals.
    pub(super) dotted: bool,
    /// A plus sign stands before.
    pub(super) plus: bool,
}

impl Number<'_> {
    /// The number in words, where its shape or what was said before it makes it one.
    pub(super) fn spoken(&self, locale: Locale, dialled: bool, numbered: bool) -> Option<String> {
        let length = self.digits.len();
        if self.plus {
            return (8..=15).contains(&length).then(|| self.international(locale)).flatten();
        }
        if length == 12 && locale == Locale::EsCo && self.digits.starts_with("573") {
            return Some(format!("cincuenta y siete, {}", national(self.digits.get(2..)?, Locale::EsCo)));
        }
        if let Some(spoken) = self.toll_free(locale) {
            return Some(spoken);
        }
        let shape: Vec<_> = self.parts.iter().map(|part| part.len()).collect();
        let of_country = match locale {
            Locale::EsMx => length == 10 && !self.digits.starts_with(['0', '1']),
            Locale::EsEs => length == 9 && self.digits.starts_with(['6', '7', '8', '9']),
            Locale::EsAr => {
                length == 10 && self.digits.starts_with(['1', '2', '3'])
                    || length == 11 && self.digits.starts_with("011")
            }
            Locale::EsCo | Locale::EnUs | Locale::EnGb | Locale::Other => {
                length == 10 && (self.digits.starts_with('3') || self.digits.starts_with("60"))
            }
        };
        let looks = SHAPES.contains(&shape.as_slice()) && (!self.dotted || shape.len() > 2);
        let of_context =
            dialled && (3..=13).contains(&length) && (shape.len() > 1 || length > 2) && !self.years()
                || numbered && (6..=13).contains(&length);
        if !(of_country || looks || of_context) {
            return None;
        }
        Some(if self.parts.len() == 1 { national(&self.digits, locale) } else { written(self.parts) })
    }

    fn years(&self) -> bool {
        self.parts.len() == 2 && self.parts.iter().all(|part| part.len() == 4 && part.starts_with("20"))
    }

    /// `+57 300 505 0149`: the code of the country, then the number as that country groups it.
    fn international(&self, locale: Locale) -> Option<String> {
        const CODES: &[(&str, Option<Locale>)] = &[
            ("57", Some(Locale::EsCo)),
            ("52", Some(Locale::EsMx)),
            ("34", Some(Locale::EsEs)),
            ("54", Some(Locale::EsAr)),
            ("1", None),
            ("51", None),
            ("56", None),
            ("58", None),
            ("593", None),
            ("507", None),
            ("506", None),
            ("44", None),
        ];
        let known = CODES.iter().find(|(code, _)| self.digits.starts_with(code));
        if self.parts.len() > 1 && self.parts.first().is_some_and(|first| first.len() <= 3) {
            let (code, rest) = self.parts.split_first()?;
            let spoken = if let ([single], Some((_, Some(country)))) = (rest, known) {
                national(single, *country)
            } else {
                written(rest)
            };
            return Some(format!("más {}, {spoken}", code_in_words(code)));
        }
        let (code, country) = known?;
        let rest = self.digits.get(code.len()..)?;
        Some(format!("más {}, {}", code_in_words(code), national(rest, country.unwrap_or(locale))))
    }

    /// The numbers that cost nothing have names: cero uno ocho mil, novecientos, cero ochocientos.
    fn toll_free(&self, locale: Locale) -> Option<String> {
        let (prefix, name) = [
            (Locale::EsCo, "018000", "cero uno ocho mil", 11..=13),
            (Locale::EsMx, "01800", "cero uno ochocientos", 12..=12),
            (Locale::EsMx, "800", "ochocientos", 10..=10),
            (Locale::EsMx, "900", "novecientos", 10..=10),
            (Locale::EsEs, "900", "novecientos", 9..=9),
            (Locale::EsEs, "800", "ochocientos", 9..=9),
            (Locale::EsAr, "0800", "cero ochocientos", 10..=11),
            (Locale::EsAr, "0810", "cero ochocientos diez", 10..=11),
            (Locale::EsCo, "1800", "uno ochocientos", 11..=11),
            (Locale::EsMx, "1800", "uno ochocientos", 11..=11),
            (Locale::EsAr, "0600", "cero seiscientos", 10..=11),
        ]
        .into_iter()
        .find(|(country, prefix, _, lengths)| {
            *country == locale && self.digits.starts_with(prefix) && lengths.contains(&self.digits.len())
        })
        .map(|(_, prefix, name, _)| (prefix, name))?;
        let mut left = prefix.len();
        let mut rest = Vec::new();
        for part in self.parts {
            let skipped = left.min(part.len());
            left -= skipped;
            rest.extend(part.get(skipped..).filter(|part| !part.is_empty()));
        }
        let spoken = if let [single] = *rest { chunks(single) } else { written(&rest) };
        Some(format!("{name}, {spoken}"))
    }
}

fn code_in_words(code: &str) -> String {
    if code.len() > 2 { words::digits(code) } else { words::pair(code) }
}

/// A number in one run, grouped as its country does.
fn national(digits: &str, locale: Locale) -> String {
    let sizes: &[usize] = match (locale, digits.len()) {
        (Locale::EsMx, 10) if ["55", "33", "81", "56"].iter().any(|city| digits.starts_with(city)) => {
            &[2, 4, 4]
        }
        (Locale::EsAr, 10) if digits.starts_with("11") => &[2, 4, 4],
        (Locale::EsAr, 11) if digits.starts_with("911") => &[1, 2, 4, 4],
        (Locale::EsAr, 11) if digits.starts_with("011") => &[3, 4, 4],
        (Locale::EsAr, 11) => &[1, 3, 3, 4],
        (Locale::EsEs, 9) if digits.starts_with("91") || digits.starts_with("93") => &[2, 3, 2, 2],
        (Locale::EsEs, 9) if digits.starts_with("90") || digits.starts_with("80") => &[3, 3, 3],
        (Locale::EsEs, 9) => &[3, 2, 2, 2],
        (_, 10) => &[3, 3, 4],
        (_, 8) => &[4, 4],
        (_, 7) => &[3, 4],
        _ => return chunks(digits),
    };
    let mut rest = digits;
    let mut parts = Vec::new();
    for size in sizes {
        let (part, after) = rest.split_at(*size);
        parts.push(part);
        rest = after;
    }
    written(&parts)
}

/// Groups as they were written.
fn written(parts: &[&str]) -> String {
    let area = |at: usize, part: &str| at == 0 && parts.len() > 1 && part.len() == 4 && part.starts_with('0');
    let spoken = parts
        .iter()
        .enumerate()
        .map(|(at, part)| if area(at, part) { words::digits(part) } else { group(part) });
    spoken.collect::<Vec<_>>().join(", ")
}

/// Digits that stand together: two as a number, four as two pairs, others one by one.
pub(super) fn group(part: &str) -> String {
    match part.len() {
        2 => words::pair(part),
        3 => words::digits(part),
        4 => {
            let (first, second) = part.split_at(2);
            format!("{} {}", words::pair(first), words::pair(second))
        }
        7 | 8 => {
            let (first, second) = part.split_at(part.len() - 4);
            format!("{}, {}", group(first), group(second))
        }
        _ => chunks(part),
    }
}

/// A run that no rule groups, by threes, a rest of one with the last.
fn chunks(run: &str) -> String {
    match run.len() {
        3 if run == "911" => "nueve once".to_owned(),
        3 | 4 | 7 | 8 => group(run),
        _ => words::dictated(run),
    }
}
