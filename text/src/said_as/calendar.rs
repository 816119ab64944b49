//! Days and times.

use crate::Locale;
use crate::normalise::months;

/// A day, or what is known of it.
#[derive(Default)]
struct Date {
    year: Option<u32>,
    month: Option<u32>,
    day: Option<u32>,
}

/// A day with its month in letters. Without a `format`, a year of four digits shows the order, else the country's custom.
pub(super) fn date(text: &str, format: Option<&str>, locale: Locale) -> Option<String> {
    // A moment, as programs write it: the day stands before the T.
    let text = text.split_once('T').map_or(text, |(day, _)| day);
    let parts: Vec<&str> = text.split(['-', '/', '.', ' ']).collect();
    let format = format.map_or_else(|| order(&parts, locale), Some)?;
    let parts = if parts.len() == 1 && format.len() > 1 { cut(text, format)? } else { parts };
    if parts.len() != format.len() {
        return None;
    }
    let mut date = Date::default();
    for (part, field) in parts.iter().zip(format.chars()) {
        let number = number(part, 4)?;
        match field {
            'y' => date.year = Some(if part.len() <= 2 { 2_000 + number } else { number }),
            'm' => date.month = Some(number),
            _ => date.day = Some(number),
        }
    }
    written(&date, locale)
}

/// The order in which day, month and year stand.
fn order(parts: &[&str], locale: Locale) -> Option<&'static str> {
    let american = locale == Locale::EnUs;
    Some(match parts {
        [compact] if compact.len() == 8 => "ymd",
        [first, _, _] if first.len() == 4 => "ymd",
        [_, _, _] if american => "mdy",
        [_, _, _] => "dmy",
        [first, _] if first.len() == 4 => "ym",
        [_, second] if second.len() == 4 => "my",
        [_, _] if american => "md",
        [_, _] => "dm",
        _ => return None,
    })
}

/// The parts of a day without marks between them, such as 20261201.
fn cut<'t>(text: &'t str, format: &str) -> Option<Vec<&'t str>> {
    let mut rest = text;
    let mut parts = Vec::new();
    for field in format.chars() {
        let (part, after) = rest.split_at_checked(if field == 'y' { 4 } else { 2 })?;
        parts.push(part);
        rest = after;
    }
    rest.is_empty().then_some(parts)
}

fn written(Date { year, month, day }: &Date, locale: Locale) -> Option<String> {
    let english = matches!(locale, Locale::EnUs | Locale::EnGb);
    let names = months(english);
    let index = month.map(|month| usize::try_from(month).ok()?.checked_sub(1));
    let name = match index {
        None => "",
        Some(index) => names.get(index?).copied()?,
    };
    if day.is_some_and(|day| day == 0 || day > longest(*month, *year)) {
        return None;
    }
    // Other languages have month names that are not known here: figures in the order that no country swaps.
    if locale == Locale::Other {
        let parts = [
            year.map(|y| format!("{y:04}")),
            month.map(|m| format!("{m:02}")),
            day.map(|d| format!("{d:02}")),
        ];
        return Some(parts.into_iter().flatten().collect::<Vec<_>>().join("-"));
    }
    let words = match (day, month, year) {
        (Some(day), None, _) => day.to_string(),
        (None, None, year) => (*year)?.to_string(),
        (None, Some(_), None) => name.to_owned(),
        (None, Some(_), Some(year)) if english => format!("{name} {year}"),
        (None, Some(_), Some(year)) => format!("{name} de {year}"),
        (Some(day), Some(_), None) if english => format!("{name} {day}"),
        (Some(day), Some(_), None) => format!("{day} de {name}"),
        (Some(day), Some(_), Some(year)) if locale == Locale::EnUs => format!("{name} {day}, {year}"),
        (Some(day), Some(_), Some(year)) if english => format!("{day} {name} {year}"),
        (Some(day), Some(_), Some(year)) => format!("{day} de {name} de {year}"),
    };
    Some(words)
}

/// Days of that month; of the longest one where it is not known.
fn longest(month: Option<u32>, year: Option<u32>) -> u32 {
    let leap = year.is_none_or(|y| y.is_multiple_of(4) && (!y.is_multiple_of(100) || y.is_multiple_of(400)));
    match month {
        Some(2) if leap => 29,
        Some(2) => 28,
        Some(4 | 6 | 9 | 11) => 30,
        _ => 31,
    }
}

/// A time of the day as hours and minutes, with the half of the day if it names one. Seconds are not said.
pub(super) fn time(text: &str, format: Option<&str>) -> Option<String> {
    let (clock, half) = half(text);
    // A moment, as programs write it: the time stands behind the T.
    let clock = clock.split_once('T').map_or(clock, |(_, time)| time);
    let clock = clock.trim_end_matches(['Z', 'h']).trim_end();
    let mut parts = clock.split([':', '.']);
    let hours = number(parts.next()?, 2)?;
    let minutes = parts.next().map_or(Some(0), |part| number(part, 2).filter(|_| part.len() == 2))?;
    let seconds = parts.next().map_or(Some(0), |part| number(part, 2))?;
    let twelve = half.is_some() || format == Some("hms12");
    let good = if twelve { (1..=12).contains(&hours) } else { hours <= 24 };
    if !good || minutes > 59 || seconds > 59 || parts.next().is_some() {
        return None;
    }
    let half = half.map(|half| format!(" {half}")).unwrap_or_default();
    Some(format!("{hours}:{minutes:02}{half}"))
}

/// The time, and `am` or `pm` if it says so.
fn half(text: &str) -> (&str, Option<&'static str>) {
    let letters: String =
        text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    let half = match letters.as_str() {
        "am" => "am",
        "pm" => "pm",
        _ => return (text, None),
    };
    let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    (text.get(..end).unwrap_or_default().trim_end(), Some(half))
}

/// One to `most` digits.
fn number(text: &str, most: usize) -> Option<u32> {
    let digits = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_every_order_and_written_in_one() {
        use Locale::{EnGb, EnUs, EsCo, Other};
        for (text, format, locale, written) in [
            ("2026-12-01", None, EsCo, "1 de diciembre de 2026"),
            ("2026-12-01", None, EnUs, "December 1, 2026"),
            ("2026-12-01", None, EnGb, "1 December 2026"),
            ("2026-12-01", None, Other, "2026-12-01"),
            ("2026-12-01T15:30:00Z", None, EsCo, "1 de diciembre de 2026"),
            ("20261201", None, EsCo, "1 de diciembre de 2026"),
            ("01/12/2026", None, EsCo, "1 de diciembre de 2026"),
            ("12/01/2026", None, EnUs, "December 1, 2026"),
            ("12/01/26", Some("mdy"), EsCo, "1 de diciembre de 2026"),
            ("01122026", Some("dmy"), EsCo, "1 de diciembre de 2026"),
            ("1.12.", None, EsCo, ""),
            ("01/12", None, EsCo, "1 de diciembre"),
            ("12/01", None, EnUs, "December 1"),
            ("2026-12", None, EsCo, "diciembre de 2026"),
            ("12/2026", None, EnGb, "December 2026"),
            ("12", Some("m"), EsCo, "diciembre"),
            ("2026", Some("y"), EsCo, "2026"),
            ("31", Some("d"), EsCo, "31"),
            ("29/02/2024", None, EsCo, "29 de febrero de 2024"),
            ("29/02/2026", None, EsCo, ""),
            ("31/04", None, EsCo, ""),
            ("13/13/2026", None, EsCo, ""),
            ("0/1/2026", None, EsCo, ""),
            ("1/0/2026", None, EsCo, ""),
            ("2026", None, EsCo, ""),
            ("", None, EsCo, ""),
            ("ñandú-12-01", None, EsCo, ""),
            ("ñññññññ", Some("ymd"), EsCo, ""),
        ] {
            assert_eq!(
                date(text, format, locale).unwrap_or_default(),
                written,
                "{text} {format:?} {locale:?}"
            );
        }
    }

    #[test]
    fn times_keep_their_half_of_the_day() {
        for (text, format, written) in [
            ("15:30", None, "15:30"),
            ("15:30:59", None, "15:30"),
            ("8", None, "8:00"),
            ("08:05", Some("hms24"), "8:05"),
            ("3:30 p. m.", None, "3:30 pm"),
            ("3:30PM", Some("hms12"), "3:30 pm"),
            ("12 am", None, "12:00 am"),
            ("2026-12-01T15:30:00Z", None, "15:30"),
            ("24:00", None, "24:00"),
            ("25:00", None, ""),
            ("13:00 pm", None, ""),
            ("15:60", None, ""),
            ("15:3", None, ""),
            ("1:2:3:4", None, ""),
            ("13:00", Some("hms12"), ""),
            ("tarde", None, ""),
        ] {
            assert_eq!(time(text, format).unwrap_or_default(), written, "{text}");
        }
    }
}
