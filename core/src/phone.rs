//! Phone numbers: parsed by libphonenumber's rules, kept as E.164.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A number in E.164 form, such as `+573005050149`: a plus sign and 3 to 15 digits, nothing else, ever. It is the
/// only part of a request that reaches a call file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

/// Why a text is not a phone number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotANumber {
    /// Letters, line breaks and the like.
    #[error("may hold digits, spaces, + - . ( ) only")]
    Characters,
    /// Nothing in it.
    #[error("is empty")]
    Empty,
    /// Longer than any number.
    #[error("is longer than 15 digits")]
    TooLong,
    /// Fewer digits than any number of its country.
    #[error("is too short for a phone number of region {0}")]
    TooShort(String),
    /// Not a number of that region and no country code.
    #[error("is not a phone number of region {0}; write it with its country code, such as +573005050149")]
    Unknown(String),
}

/// A country by its two-letter code, such as `CO`: numbers without a country code are read as of this region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region(phonenumber::country::Id);

impl FromStr for Region {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        text.to_ascii_uppercase()
            .parse()
            .map(Self)
            .map_err(|_| format!("{text:?} is not a two-letter region such as CO, MX or ES"))
    }
}

impl Region {
    /// Its calling code, such as 57. Some regions share one.
    pub fn calling_code(self) -> u16 {
        phonenumber::metadata::DATABASE.by_id(self.0.as_ref()).map_or(0, phonenumber::Metadata::country_code)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.as_ref())
    }
}

/// Longest text looked at: 15 digits with generous punctuation.
const MAX_TEXT: usize = 40;

impl PhoneNumber {
    /// Reads `text`, taking `region` for numbers without a country code.
    ///
    /// The number must have a length that its country uses; the ranges in use are not checked, because they change
    /// faster than any table.
    pub fn parse(text: &str, region: Region) -> Result<Self, NotANumber> {
        if text.is_empty() {
            return Err(NotANumber::Empty);
        }
        let allowed = |b: u8| b.is_ascii_digit() || b"+-.() ".contains(&b);
        if !text.bytes().all(allowed) || text.rfind('+').is_some_and(|at| at > 0) {
            return Err(NotANumber::Characters);
        }
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        // A dialling prefix such as 00 may stand before the 15 digits of E.164.
        if digits > 18 || text.len() > MAX_TEXT {
            return Err(NotANumber::TooLong);
        }
        if digits < 3 {
            return Err(NotANumber::TooShort(region.to_string()));
        }
        let unknown = || NotANumber::Unknown(region.to_string());
        let number = phonenumber::parse(Some(region.0), text).map_err(|_| unknown())?;
        Self::checked(&number).ok_or_else(unknown)
    }

    /// The table's general entry has no lengths, so those of the kinds of numbers are put together; all countries
    /// that share the code count.
    fn checked(number: &phonenumber::PhoneNumber) -> Option<Self> {
        use phonenumber::Type;
        const KINDS: [Type; 9] = [
            Type::FixedLine,
            Type::Mobile,
            Type::TollFree,
            Type::PremiumRate,
            Type::SharedCost,
            Type::PersonalNumber,
            Type::Voip,
            Type::Uan,
            Type::Pager,
        ];
        let national = number.national().to_string();
        let length = u16::try_from(national.len()).ok()?;
        let database = &phonenumber::metadata::DATABASE;
        let code = number.code().value();
        let possible = database.by_code(&code)?.into_iter().any(|country| {
            let kinds = country.descriptors();
            KINDS.iter().filter_map(|k| kinds.get(*k)).any(|k| k.possible_length().contains(&length))
        });
        possible.then(|| format!("+{code}{national}")).and_then(|text| Self::try_from(text).ok())
    }

    /// As E.164, with the plus sign.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits alone, as a dial string wants them.
    pub fn digits(&self) -> &str {
        self.0.strip_prefix('+').unwrap_or(&self.0)
    }

    /// The digits behind the calling code of `region`; `None` when the number has another code. No calling code begins
    /// with another one, so the first digits decide.
    pub fn national(&self, region: Region) -> Option<&str> {
        self.digits().strip_prefix(&region.calling_code().to_string()).filter(|rest| !rest.is_empty())
    }

    /// The number for eyes that need not know it: `+57 300 ••• ••49`.
    pub fn masked(&self) -> String {
        let digits = self.digits();
        let head: String = digits.chars().take(5).collect();
        let tail = digits.get(digits.len().saturating_sub(2)..).unwrap_or_default();
        match head.split_at_checked(2) {
            Some((code, area)) if digits.len() > 7 => format!("+{code} {area} ••• ••{tail}"),
            _ => format!("+•••{tail}"),
        }
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = NotANumber;
    fn try_from(text: String) -> Result<Self, NotANumber> {
        let digits = text.strip_prefix('+').unwrap_or_default();
        let plain = (3..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if plain { Ok(Self(text)) } else { Err(NotANumber::Characters) }
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<String, NotANumber> {
        PhoneNumber::parse(text, "CO".parse().unwrap()).map(Into::into)
    }

    #[test]
    fn numbers_become_e164() {
        for (text, e164) in [
            ("3005050149", "+573005050149"),
            ("300 505 0149", "+573005050149"),
            ("(300) 505-0149", "+573005050149"),
            ("+573005050149", "+573005050149"),
            ("6067451200", "+576067451200"),
            ("+34 600 123 456", "+34600123456"),
            ("+1 (212) 555-0147", "+12125550147"),
            ("+525512345678", "+525512345678"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(e164), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        for (text, reason) in [
            ("", NotANumber::Empty),
            ("3005050149\nApplication: System", NotANumber::Characters),
            ("300505O149", NotANumber::Characters),
            ("300+5050149", NotANumber::Characters),
            ("٣٠٠٥٠٥٠١٤٩", NotANumber::Characters),
            ("12", NotANumber::TooShort("CO".into())),
            ("123456789012345678901234567890", NotANumber::TooLong),
            ("12345", NotANumber::Unknown("CO".into())),
            ("+", NotANumber::TooShort("CO".into())),
            ("+999123456789", NotANumber::Unknown("CO".into())),
        ] {
            assert_eq!(read(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn the_calling_code_tells_the_country() {
        let region = |code: &str| code.parse::<Region>().unwrap();
        let number = |text: &str| PhoneNumber::try_from(text.to_owned()).unwrap();
        for (text, code, national) in [
            ("+573005050149", "CO", Some("3005050149")),
            ("+573005050149", "ES", None),
            ("+34600123456", "ES", Some("600123456")),
            ("+12125550147", "US", Some("2125550147")),
            ("+12125550147", "CA", Some("2125550147")),
            ("+5730", "CO", Some("30")),
        ] {
            assert_eq!(number(text).national(region(code)), national, "{text} {code}");
        }
    }

    #[test]
    fn a_masked_number_shows_its_ends_only() {
        let number = PhoneNumber::try_from("+573005050149".to_owned()).unwrap();
        assert_eq!(number.masked(), "+57 300 ••• ••49");
        assert_eq!(PhoneNumber::try_from("+12345".to_owned()).unwrap().masked(), "+•••45");
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_is_a_plus_and_digits(text in "[-+0-9 ().\\n;#&,a-z]{0,45}") {
            if let Ok(number) = read(&text) {
                prop_assert!(number.starts_with('+'));
                prop_assert!((4..=16).contains(&number.len()));
                prop_assert!(number[1..].bytes().all(|b| b.is_ascii_digit()));
                prop_assert_eq!(read(&number), Ok(number.clone()));
            }
        }
    }
}
