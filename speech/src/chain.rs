//! Engines in the order in which they are asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pregon_core::EngineInfo;
use pregon_core::book::{Health, Standing};
use tokio::sync::Semaphore;

use crate::address::Address;
use crate::engine::{SynthError, Synthesizer};
use crate::ledger::Ledger;
use crate::recent::Recent;

/// How long a refusal of the same text is believed. Engines change; ten thousand equal jobs come within minutes.
const REFUSAL_MEMORY: Duration = Duration::from_mins(10);

/// Refusals remembered: at least this many, at most twice.
const REFUSALS: usize = 256;

/// How an engine of the chain is doing, as far as this process knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineHealth {
    /// Its name.
    pub id: &'static str,
    /// Whether it is asked.
    pub health: Health,
    /// What went wrong last, until it works again; or what is missing, with the remedy.
    pub trouble: Option<String>,
}

/// One engine, the seats in front of it, and what it has refused.
pub(crate) struct Link {
    pub(crate) engine: Arc<dyn Synthesizer>,
    /// Whoever waits here waits for others of this process, and thinks no worse of the engine.
    pub(crate) seats: Semaphore,
    refused: Mutex<Recent<Address, (Instant, String)>>,
}

impl Link {
    fn new(engine: Arc<dyn Synthesizer>) -> Self {
        let seats = Semaphore::new(engine.limits().at_once.clamp(1, Semaphore::MAX_PERMITS));
        Self { engine, seats, refused: Mutex::new(Recent::new(REFUSALS)) }
    }

    /// Why the engine refused the same a while ago.
    pub(crate) fn refusal(&self, address: Address, now: Instant) -> Option<String> {
        let (at, why) = self.refused().get(&address)?;
        (now.saturating_duration_since(at) < REFUSAL_MEMORY).then_some(why)
    }

    pub(crate) fn remember_refusal(&self, address: Address, why: String, now: Instant) {
        self.refused().insert(address, (now, why));
    }

    fn refused(&self) -> MutexGuard<'_, Recent<Address, (Instant, String)>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn health(&self, ledger: &Ledger) -> EngineHealth {
        let id = self.engine.id();
        let Standing { health, trouble, .. } = ledger.standing(id);
        EngineHealth { id, health, trouble: self.engine.trouble().or(trouble.map(|(_, why)| why)) }
    }
}

/// The engines, most wanted first.
pub(crate) struct Chain(Vec<Arc<Link>>);

impl Chain {
    pub(crate) fn new(engines: Vec<Arc<dyn Synthesizer>>) -> Self {
        Self(engines.into_iter().map(|engine| Arc::new(Link::new(engine))).collect())
    }

    /// The links in the order in which a job asks them: its own engine first, the others after it all the same. An
    /// engine that is not in the chain changes nothing.
    pub(crate) fn order<'a>(&'a self, first: Option<&'a str>) -> impl Iterator<Item = &'a Arc<Link>> {
        let asked = move |link: &&Arc<Link>| first == Some(link.engine.id());
        self.0.iter().filter(asked).chain(self.0.iter().filter(move |link| !asked(link)))
    }

    pub(crate) fn engines(&self) -> impl Iterator<Item = &dyn Synthesizer> {
        self.0.iter().map(|link| &*link.engine)
    }

    pub(crate) fn infos(&self) -> Vec<EngineInfo> {
        self.engines().map(Synthesizer::info).collect()
    }

    pub(crate) fn health(&self, ledger: &Ledger) -> Vec<EngineHealth> {
        self.0.iter().map(|link| link.health(ledger)).collect()
    }
}

/// Why the engines asked so far did not speak.
#[derive(Default)]
pub(crate) struct Passed {
    reasons: Vec<String>,
    pub(crate) transient: bool,
    pub(crate) retry_after: Option<Duration>,
}

impl Passed {
    pub(crate) fn note(&mut self, engine: &str, error: &SynthError) {
        let wait = match error {
            SynthError::Rejected(_) | SynthError::Unaffordable(_) => None,
            SynthError::Corrupt(_) | SynthError::Denied(_) | SynthError::Late => Some(None),
            SynthError::Unavailable { retry_after, .. } => Some(*retry_after),
            SynthError::Limited { retry_after, .. } | SynthError::Busy { retry_after } => {
                Some(Some(*retry_after))
            }
        };
        if let Some(wait) = wait {
            // One engine that may answer at any time makes waiting for the others pointless.
            self.retry_after = match (self.transient, self.retry_after, wait) {
                (false, _, wait) => wait,
                (true, Some(before), Some(wait)) => Some(before.min(wait)),
                (true, _, _) => None,
            };
            self.transient = true;
        }
        self.say(engine, &error.to_string());
    }

    pub(crate) fn say(&mut self, engine: &str, why: &str) {
        self.reasons.push(format!("{engine} {why}"));
    }

    /// All reasons in one line; `None` when there are none.
    pub(crate) fn line(&self) -> Option<String> {
        (!self.reasons.is_empty()).then(|| self.reasons.join("; "))
    }
}
