//! A text that its writer says the meaning of: `3005050149` is a telephone number, `2026-12-01` a day. It is written so
//! that the normaliser can read it in one way only; the words are the normaliser's, so that they are the same as in a
//! text that was clear by itself.

mod calendar;
mod spelling;

use crate::{Locale, normalise};

use spelling::spelled;

/// Longest text that is given a meaning, in characters.
const MAX_LENGTH: usize = 200;

/// What a text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SaidAs {
    Telephone,
    Digits,
    Characters,
    Date,
    Time,
    Currency,
    Ordinal,
    Cardinal,
}

impl SaidAs {
    /// Every name, for a message.
    pub(crate) const NAMES: &'static str =
        "telephone, digits, characters, spell-out, date, time, currency, ordinal or cardinal";

    /// The meaning of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "telephone" => Self::Telephone,
            "digits" => Self::Digits,
            "characters" | "spell-out" => Self::Characters,
            "date" => Self::Date,
            "time" => Self::Time,
            "currency" => Self::Currency,
            "ordinal" => Self::Ordinal,
            "cardinal" => Self::Cardinal,
            _ => return None,
        })
    }

    /// The formats that may be named.
    pub(crate) const fn formats(self) -> &'static [&'static str] {
        match self {
            Self::Date => &["mdy", "dmy", "ymd", "md", "dm", "ym", "my", "d", "m", "y"],
            Self::Time => &["hms12", "hms24"],
            Self::Telephone
            | Self::Digits
            | Self::Characters
            | Self::Currency
            | Self::Ordinal
            | Self::Cardinal => &[],
        }
    }

    /// The same in words.
    pub(crate) fn formats_in_words(self) -> String {
        match self.formats() {
            [] => "left out: only date and time have one".to_owned(),
            formats => format!("one of {}", formats.join(", ")),
        }
    }

    /// `text` so that it is read as what it is. The error says what would do, beginning with the text.
    pub(crate) fn write(self, text: &str, format: Option<&str>, locale: Locale) -> Result<String, String> {
        let text = text.trim();
        let written = if text.chars().count() > MAX_LENGTH {
            None
        } else {
            match self {
                Self::Telephone => telephone(text, locale),
                Self::Digits => digits(text, locale),
                Self::Characters => characters(text, locale),
                Self::Date => calendar::date(text, format, locale),
                Self::Time => calendar::time(text, format),
                Self::Currency => currency(text, None, locale),
                Self::Ordinal => ordinal(text, locale),
                Self::Cardinal => cardinal(text),
            }
        };
        written.ok_or_else(|| self.refuse(text))
    }

    /// The same for an amount in the currency with that code.
    pub(crate) fn write_in(self, text: &str, code: &str, locale: Locale) -> Result<String, String> {
        currency(text.trim(), Some(code), locale).ok_or_else(|| self.refuse(text))
    }

    fn refuse(self, text: &str) -> String {
        let shown: String = text.trim().chars().take(40).collect();
        format!("\"{shown}\" is not {}", self.wanted())
    }

    const fn wanted(self) -> &'static str {
        match self {
            Self::Telephone => "a telephone number such as 3005050149",
            Self::Digits => "digits such as 1234",
            Self::Characters => "anything to spell: 1 to 200 letters, digits or signs",
            Self::Date => "a day such as 2026-12-01",
            Self::Time => "a time such as 15:30",
            Self::Currency => "an amount such as 45000 or 45000.50",
            Self::Ordinal => "a whole number such as 3",
            Self::Cardinal => "a number such as 45000",
        }
    }
}

/// Digit by digit.
fn digits(text: &str, locale: Locale) -> Option<String> {
    let separate = |c: char| c.is_whitespace() || "-./".contains(c);
    let groups = text.split(separate).filter(|group| !group.is_empty());
    let words =
        |group: &str| group.chars().all(|c| c.is_ascii_digit()).then(|| spelled(group.chars(), locale));
    let groups: Vec<String> = groups.map(words).collect::<Option<_>>()?;
    (!groups.is_empty()).then(|| groups.join(", "))
}

/// One after the other.
fn characters(text: &str, locale: Locale) -> Option<String> {
    let groups: Vec<_> = text.split_whitespace().map(|group| spelled(group.chars(), locale)).collect();
    (!groups.is_empty()).then(|| groups.join(", "))
}

/// In the groups that the country hears, or that the writer made.
fn telephone(text: &str, locale: Locale) -> Option<String> {
    let number = text.strip_prefix('+').unwrap_or(text);
    let clean = number.chars().all(|c| c.is_ascii_digit() || " -./()".contains(c));
    let groups: Vec<&str> = number.split(|c: char| !c.is_ascii_digit()).filter(|g| !g.is_empty()).collect();
    if !clean || !(3..=15).contains(&groups.concat().len()) {
        return None;
    }
    let plus = if number.len() < text.len() { "+" } else { "" };
    // The word before it makes a telephone number of any figures.
    let lead = match locale {
        Locale::EsCo | Locale::EsMx | Locale::EsEs | Locale::EsAr => "teléfono ",
        Locale::EnUs | Locale::EnGb => "phone ",
        Locale::Other => "",
    };
    let spoken = normalise(&format!("{lead}{plus}{}", groups.join(" ")), locale);
    Some(spoken.strip_prefix(lead).unwrap_or(&spoken).to_owned())
}

/// An amount of money. Without a sign or a code of its own it is in `currency`, else in the money of the country.
fn currency(text: &str, currency: Option<&str>, locale: Locale) -> Option<String> {
    if !text.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let figures = |c: char| c.is_ascii_digit() || ".,-'".contains(c);
    if !text.chars().all(figures) {
        // It names its money itself.
        return Some(text.to_owned());
    }
    let mut amount = decimal(text, locale);
    // Programs drop the last zero of 45000.50.
    if amount.rsplit_once([',', '.']).is_some_and(|(_, cents)| cents.len() == 1) {
        amount.push('0');
    }
    Some(match (currency, locale) {
        (Some(code), _) => format!("{amount} {code}"),
        (None, Locale::EsCo | Locale::EsMx | Locale::EsAr | Locale::EnUs) => format!("${amount}"),
        (None, Locale::EsEs) => format!("{amount} €"),
        (None, Locale::EnGb) => format!("£{amount}"),
        (None, Locale::Other) => amount,
    })
}

/// A number as programs write it (`45000.5`), with the decimal mark of the country; any other as it is.
pub(crate) fn decimal(text: &str, locale: Locale) -> String {
    let comma = match locale {
        Locale::EsCo | Locale::EsEs | Locale::EsAr => true,
        Locale::EsMx | Locale::EnUs | Locale::EnGb | Locale::Other => false,
    };
    match text.split_once('.') {
        Some((whole, fraction))
            if comma
                && whole.bytes().all(|b| b.is_ascii_digit() || b == b'-')
                && fraction.len() != 3
                && fraction.bytes().all(|b| b.is_ascii_digit()) =>
        {
            format!("{whole},{fraction}")
        }
        Some(_) | None => text.to_owned(),
    }
}

fn ordinal(text: &str, locale: Locale) -> Option<String> {
    let number = text.trim_end_matches(|c: char| c.is_alphabetic() || c == '.');
    let good = (1..=6).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    if !good {
        return None;
    }
    if number.len() < text.len() {
        // It says so itself: 3.ª, 1er, 2nd.
        return Some(text.to_owned());
    }
    Some(match locale {
        Locale::EsCo | Locale::EsMx | Locale::EsEs | Locale::EsAr => format!("{number}.º"),
        Locale::EnUs | Locale::EnGb => format!("{number}{}", english_ending(number)),
        Locale::Other => number.to_owned(),
    })
}

fn english_ending(number: &str) -> &'static str {
    let teen = number.len() > 1 && number.get(number.len() - 2..).is_some_and(|tail| tail.starts_with('1'));
    match number.bytes().last() {
        Some(b'1') if !teen => "st",
        Some(b'2') if !teen => "nd",
        Some(b'3') if !teen => "rd",
        _ => "th",
    }
}

fn cardinal(text: &str) -> Option<String> {
    let figures = text.strip_prefix(['-', '+']).unwrap_or(text);
    let good = figures.starts_with(|c: char| c.is_ascii_digit())
        && figures.chars().all(|c| c.is_ascii_digit() || ".,' ".contains(c));
    good.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_such_thing_says_what_would_do() {
        for (way, text, words) in [
            (SaidAs::Telephone, "IPS", "\"IPS\" is not a telephone number such as 3005050149"),
            (SaidAs::Telephone, "12", "\"12\" is not a telephone number"),
            (SaidAs::Digits, "12a", "\"12a\" is not digits such as 1234"),
            (SaidAs::Characters, "", "\"\" is not anything to spell"),
            (SaidAs::Date, "mañana", "\"mañana\" is not a day such as 2026-12-01"),
            (SaidAs::Date, "2026-02-30", "\"2026-02-30\" is not a day"),
            (SaidAs::Time, "25:00", "\"25:00\" is not a time such as 15:30"),
            (SaidAs::Currency, "mucho", "\"mucho\" is not an amount"),
            (SaidAs::Ordinal, "-1", "\"-1\" is not a whole number"),
            (SaidAs::Cardinal, "uno", "\"uno\" is not a number"),
        ] {
            let error = way.write(text, None, Locale::EsCo).unwrap_err();
            assert!(error.starts_with(words), "{error}");
        }
        assert!(SaidAs::Digits.write(&"1".repeat(201), None, Locale::EsCo).is_err());
    }

    #[test]
    fn amounts_and_places_are_written_as_the_country_writes_them() {
        for (locale, amount, place) in [
            (Locale::EsCo, "$45000,50", "3.º"),
            (Locale::EsMx, "$45000.50", "3.º"),
            (Locale::EsEs, "45000,50 €", "3.º"),
            (Locale::EsAr, "$45000,50", "3.º"),
            (Locale::EnUs, "$45000.50", "3rd"),
            (Locale::EnGb, "£45000.50", "3rd"),
            (Locale::Other, "45000.50", "3"),
        ] {
            assert_eq!(currency("45000.5", None, locale).unwrap(), amount);
            assert_eq!(ordinal("3", locale).unwrap(), place);
        }
        for (text, currency_code, written) in [
            ("USD 45.50", None, "USD 45.50"),
            ("45.000", None, "$45.000"),
            ("45000", Some("USD"), "45000 USD"),
        ] {
            assert_eq!(currency(text, currency_code, Locale::EsCo).unwrap(), written);
        }
        for (number, written) in
            [("1", "1st"), ("11", "11th"), ("22", "22nd"), ("113", "113th"), ("2nd", "2nd")]
        {
            assert_eq!(ordinal(number, Locale::EnUs).unwrap(), written);
        }
    }
}
