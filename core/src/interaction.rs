//! What the callee may answer with the keys of the telephone. Pure: what can be asked, and what an answer means.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::outcome::Reply;

/// Seconds that the callee has to press a key after the prompt: least, usual, most.
pub const ANSWER_SECONDS: (u8, u8, u8) = (2, 6, 30);
/// How often the prompt is spoken before the call ends without an answer: least, usual, most.
pub const PROMPTS: (u8, u8, u8) = (1, 2, 5);
/// How often the message may be heard again: least, usual, most.
pub const REPEATS: (u8, u8, u8) = (1, 3, 9);
/// Most digits of an entered number: an account or an identity card is shorter.
pub const MAX_DIGITS: u8 = 20;
/// After the latest digit of a number the call waits this long for the next.
pub const BETWEEN_DIGITS: Duration = Duration::from_secs(3);

/// A key of the telephone: a digit or the star. `#` is not one: it ends what is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "char", try_from = "char")]
pub struct DialKey(char);

/// Not a key that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one key: 0 to 9 or *")]
pub struct NotAKey;

impl TryFrom<char> for DialKey {
    type Error = NotAKey;

    fn try_from(key: char) -> Result<Self, NotAKey> {
        if key.is_ascii_digit() || key == '*' { Ok(Self(key)) } else { Err(NotAKey) }
    }
}

impl From<DialKey> for char {
    fn from(key: DialKey) -> Self {
        key.0
    }
}

impl fmt::Display for DialKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The message is spoken again.
    Repeat,
    /// The callee confirms.
    Confirm,
    /// The callee wants no more calls.
    OptOut,
}

impl Purpose {
    /// All three, in the order in which they are spoken.
    pub const ALL: [Self; 3] = [Self::Confirm, Self::Repeat, Self::OptOut];

    /// The word used in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Repeat => "repeat",
            Self::Confirm => "confirm",
            Self::OptOut => "opt_out",
        }
    }
}

/// A number that the callee is asked to enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Fewest digits, 1 or more.
    pub min: u8,
    /// Most digits, up to [`MAX_DIGITS`].
    pub max: u8,
}

/// What a call asks after its message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interaction {
    /// Hears the message again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<DialKey>,
    /// Confirms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm: Option<DialKey>,
    /// Wants no more calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opt_out: Option<DialKey>,
    /// A digit or a number of the callee's own choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Input>,
    /// What is asked, as it is spoken.
    pub prompt: String,
    /// What is said after an answer; nothing when empty.
    pub thanks: String,
    /// Seconds to press the first key after the prompt.
    pub wait_seconds: u8,
    /// How often the prompt is spoken at most.
    pub prompts: u8,
    /// How often the message is heard again at most.
    pub repeats: u8,
}

/// Why nothing can be asked that way: the field, and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NotAskable {
    /// The field of the interaction; empty for all of it.
    pub field: &'static str,
    /// What is wrong.
    pub why: &'static str,
}

impl Interaction {
    /// The key of that purpose.
    pub const fn key(&self, purpose: Purpose) -> Option<DialKey> {
        match purpose {
            Purpose::Repeat => self.repeat,
            Purpose::Confirm => self.confirm,
            Purpose::OptOut => self.opt_out,
        }
    }

    /// The first contradiction in it: every key has one meaning.
    pub fn check(&self) -> Result<(), NotAskable> {
        let wrong = |field, why| Err(NotAskable { field, why });
        let keys: Vec<_> = Purpose::ALL.iter().filter_map(|p| Some((p.as_str(), self.key(*p)?))).collect();
        if keys.is_empty() && self.input.is_none() {
            return wrong("", "must have at least one of confirm, repeat, opt_out and input");
        }
        for (at, (field, key)) in keys.iter().enumerate() {
            if keys.iter().take(at).any(|(_, earlier)| earlier == key) {
                return wrong(field, "is the key of another choice already");
            }
        }
        if let Some(input) = self.input {
            if self.confirm.is_some() {
                return wrong("confirm", "cannot stand beside input: both are the answer");
            }
            if input.min == 0 || input.max > MAX_DIGITS || input.min > input.max {
                return wrong("input", "must have 1 to 20 digits, min no more than max");
            }
            let star = DialKey('*');
            if input.max > 1
                && let Some((field, _)) = keys.iter().find(|(_, key)| *key != star)
            {
                return wrong(field, "must be * beside an input of more than one digit");
            }
        }
        Ok(())
    }

    /// What was meant by the keys that the callee pressed at last.
    pub fn reply(&self, digits: Option<&str>) -> Reply {
        let Some(digits) = digits.filter(|d| !d.is_empty()) else { return Reply::Nothing };
        let is = |key: Option<DialKey>| key.is_some_and(|key| digits == key.to_string());
        if is(self.confirm) {
            Reply::Confirmed
        } else if is(self.opt_out) {
            Reply::OptedOut
        } else if is(self.repeat) || self.input.is_none() {
            Reply::Nothing
        } else {
            Reply::Entered
        }
    }

    /// The longest that a call with it can last after it was answered, where its recordings last so many seconds.
    pub fn longest(&self, message: f64, prompt: f64, thanks: f64) -> f64 {
        let digits = f64::from(self.input.map_or(1, |input| input.max));
        let asking = prompt + f64::from(self.wait_seconds) + digits * BETWEEN_DIGITS.as_secs_f64();
        let keyed = digits * BETWEEN_DIGITS.as_secs_f64();
        let round = message + keyed + f64::from(self.prompts) * asking;
        let repeats = if self.repeat.is_some() { f64::from(self.repeats) } else { 0.0 };
        // And once more, when a key that was not asked for has cut it short.
        (1.0 + repeats) * round + message + keyed + thanks
    }

    /// What is asked where the job has no words of its own: `es` for Spanish, English else.
    pub fn default_prompt(&self, language: &str) -> String {
        let spanish = is_spanish(language);
        let mut parts: Vec<String> = Vec::new();
        if let Some(input) = self.input {
            parts.push(match (spanish, input.max) {
                (true, 1) => "Marque su respuesta.".to_owned(),
                (true, _) => "Marque su respuesta y después la tecla numeral.".to_owned(),
                (false, 1) => "Please press your answer.".to_owned(),
                (false, _) => "Please enter your answer, then press the hash key.".to_owned(),
            });
        }
        for purpose in Purpose::ALL {
            let Some(key) = self.key(purpose) else { continue };
            let key = spoken(key, spanish);
            parts.push(match (spanish, purpose) {
                (true, Purpose::Confirm) => format!("Para confirmar, marque {key}."),
                (true, Purpose::Repeat) => format!("Para escuchar de nuevo, marque {key}."),
                (true, Purpose::OptOut) => format!("Para no recibir más llamadas, marque {key}."),
                (false, Purpose::Confirm) => format!("To confirm, press {key}."),
                (false, Purpose::Repeat) => format!("To hear this again, press {key}."),
                (false, Purpose::OptOut) => format!("To receive no more calls, press {key}."),
            });
        }
        parts.join(" ")
    }

    /// What is said after an answer where the job has no words of its own.
    pub fn default_thanks(language: &str) -> &'static str {
        if is_spanish(language) { "Gracias." } else { "Thank you." }
    }
}

fn is_spanish(language: &str) -> bool {
    language.split('-').next().is_some_and(|primary| primary.eq_ignore_ascii_case("es"))
}

fn spoken(key: DialKey, spanish: bool) -> String {
    match (key.0, spanish) {
        ('*', true) => "asterisco".to_owned(),
        ('*', false) => "star".to_owned(),
        (digit, _) => digit.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(confirm: Option<char>, repeat: Option<char>, opt_out: Option<char>) -> Interaction {
        let key = |c: Option<char>| c.map(|c| c.try_into().unwrap());
        Interaction {
            repeat: key(repeat),
            confirm: key(confirm),
            opt_out: key(opt_out),
            input: None,
            prompt: "?".to_owned(),
            thanks: String::new(),
            wait_seconds: ANSWER_SECONDS.1,
            prompts: PROMPTS.1,
            repeats: REPEATS.1,
        }
    }

    #[test]
    fn a_key_has_one_meaning() {
        let input = |min, max| Some(Input { min, max });
        for (wrong, field) in [
            (asking(None, None, None), ""),
            (asking(Some('1'), Some('1'), None), "repeat"),
            (asking(Some('1'), Some('2'), Some('1')), "opt_out"),
            (Interaction { input: input(1, 1), ..asking(Some('1'), None, None) }, "confirm"),
            (Interaction { input: input(4, 4), ..asking(None, Some('1'), None) }, "repeat"),
            (Interaction { input: input(0, 4), ..asking(None, None, None) }, "input"),
            (Interaction { input: input(5, 4), ..asking(None, None, None) }, "input"),
            (Interaction { input: input(1, 21), ..asking(None, None, None) }, "input"),
        ] {
            assert_eq!(wrong.check().unwrap_err().field, field, "{wrong:?}");
        }
        for right in [
            asking(Some('1'), Some('2'), Some('9')),
            asking(None, None, Some('*')),
            Interaction { input: input(1, 1), ..asking(None, Some('*'), Some('9')) },
            Interaction { input: input(4, 12), ..asking(None, Some('*'), None) },
        ] {
            assert_eq!(right.check(), Ok(()), "{right:?}");
        }
        assert!(['#', 'A', ' ', '\n', '٣'].into_iter().all(|c| DialKey::try_from(c).is_err()));
    }

    #[test]
    fn an_answer_means_what_its_key_was_asked_for() {
        let keys = asking(Some('1'), Some('2'), Some('9'));
        let number = Interaction { input: Some(Input { min: 1, max: 6 }), ..asking(None, None, Some('*')) };
        for (interaction, digits, reply) in [
            (&keys, None, Reply::Nothing),
            (&keys, Some(""), Reply::Nothing),
            (&keys, Some("1"), Reply::Confirmed),
            (&keys, Some("2"), Reply::Nothing),
            (&keys, Some("9"), Reply::OptedOut),
            (&keys, Some("7"), Reply::Nothing),
            (&number, Some("7"), Reply::Entered),
            (&number, Some("004512"), Reply::Entered),
            (&number, Some("*"), Reply::OptedOut),
        ] {
            assert_eq!(interaction.reply(digits), reply, "{digits:?}");
        }
    }

    #[test]
    fn what_is_asked_names_every_key_in_the_language_of_the_message() {
        let keys = asking(Some('1'), Some('2'), Some('*'));
        assert_eq!(
            keys.default_prompt("es-CO"),
            "Para confirmar, marque 1. Para escuchar de nuevo, marque 2. \
             Para no recibir más llamadas, marque asterisco."
        );
        assert_eq!(
            keys.default_prompt("en"),
            "To confirm, press 1. To hear this again, press 2. To receive no more calls, press star."
        );
        let number = Interaction { input: Some(Input { min: 4, max: 8 }), ..asking(None, Some('*'), None) };
        assert_eq!(
            number.default_prompt("es"),
            "Marque su respuesta y después la tecla numeral. Para escuchar de nuevo, marque asterisco."
        );
    }

    #[test]
    fn no_call_lasts_longer_than_all_its_prompts_and_repeats() {
        let keys =
            Interaction { wait_seconds: 5, prompts: 2, repeats: 1, ..asking(Some('1'), Some('2'), None) };
        // Twice: the message with a digit, and two times the prompt, the wait and a digit; and a message that was cut short.
        let round = 10.0 + 3.0 + 2.0 * (4.0 + 5.0 + 3.0);
        assert!((keys.longest(10.0, 4.0, 1.0) - (2.0 * round + 13.0 + 1.0)).abs() < 1e-9);
        let once = Interaction { repeat: None, ..keys };
        assert!(
            (once.longest(10.0, 4.0, 1.0) - (round + 13.0 + 1.0)).abs() < 1e-9,
            "nobody can ask to hear it again"
        );
    }
}
