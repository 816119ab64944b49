//! How many characters a client may have spoken by an engine in a month.

use std::str::FromStr;

use crate::engines::EngineName;

/// All budgets, as in `TTS_BUDGETS`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budgets(Vec<Budget>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Budget {
    /// Whose; `None`: of every client that has none of its own.
    client: Option<String>,
    engine: EngineName,
    characters: u64,
}

impl Budgets {
    /// What `client` may spend with `engine`: its own budget, else that of everybody, else there is no limit.
    pub(crate) fn of(&self, client: &str, engine: &str) -> Option<u64> {
        let of = |whose: Option<&str>| {
            let entry = |entry: &&Budget| entry.client.as_deref() == whose && entry.engine.as_str() == engine;
            self.0.iter().find(entry).map(|entry| entry.characters)
        };
        of(Some(client)).or_else(|| of(None))
    }
}

impl FromStr for Budgets {
    type Err = String;

    /// Reads `engine=characters` and `client/engine=characters`, separated by commas; nothing: no budgets.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut budgets: Vec<Budget> = Vec::new();
        for entry in text.split(',').filter(|_| !text.trim().is_empty()) {
            let budget: Budget = entry.parse()?;
            if budgets.iter().any(|b| b.client == budget.client && b.engine == budget.engine) {
                return Err(format!("{:?} stands twice", whose(entry)));
            }
            budgets.push(budget);
        }
        Ok(Self(budgets))
    }
}

fn whose(entry: &str) -> &str {
    entry.rsplit_once('=').map_or(entry, |(whose, _)| whose).trim()
}

impl FromStr for Budget {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?} is no budget: write engine=characters or client/engine=characters, such as google=500000"
            )
        };
        let (_, characters) = text.rsplit_once('=').ok_or_else(wrong)?;
        let characters = characters.trim().parse().map_err(|_| wrong())?;
        let (client, engine) = match whose(text).rsplit_once('/') {
            Some(("", _)) => return Err(wrong()),
            Some((client, engine)) => (Some(client.to_owned()), engine),
            None => (None, whose(text)),
        };
        Ok(Self { client, engine: engine.parse()?, characters })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_its_own_budget_or_that_of_everybody() {
        let budgets: Budgets = "google=500, acme/google = 20,a/b/espeak=0".parse().unwrap();
        for (client, engine, expected) in [
            ("acme", "google", Some(20)),
            ("crm", "google", Some(500)),
            ("", "google", Some(500)),
            ("a/b", "espeak", Some(0)),
            ("acme", "espeak", None),
        ] {
            assert_eq!(budgets.of(client, engine), expected, "{client} {engine}");
        }
        assert_eq!(" ".parse(), Ok(Budgets::default()));
    }

    #[test]
    fn bad_entries_are_named_with_what_would_do() {
        for (text, words) in [
            ("google", "\"google\" is no budget: write engine=characters"),
            ("google=-1", "is no budget"),
            ("google=1e6", "is no budget"),
            ("google=1,", "\"\" is no budget"),
            ("/google=1", "is no budget"),
            ("=1", "\"\" is no engine"),
            ("acme/nobody=1", "\"nobody\" is no engine"),
            ("google=1, google=2", "\"google\" stands twice"),
            ("a/google=1,b/google=2,a/google=2", "\"a/google\" stands twice"),
        ] {
            let error = text.parse::<Budgets>().unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
