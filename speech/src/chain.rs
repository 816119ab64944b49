//! Engines in the order in which they are asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pregon_audio::Pcm;

use crate::address::Address;
use crate::breaker::{Breaker, Health};
use crate::engine::{Encoded, SynthError, Synthesizer, Utterance};
use crate::master::master;
use crate::recent::Recent;

/// How long a refusal of the same text is believed. Engines change; ten thousand equal jobs come within minutes.
const REFUSAL_MEMORY: Duration = Duration::from_mins(10);

/// Refusals remembered: at least this many, at most twice.
const REFUSALS: usize = 256;

/// How an engine of the chain is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineHealth {
    /// Its name.
    pub id: &'static str,
    /// Whether it is asked.
    pub health: Health,
    /// What went wrong last, until it works again; or what is missing, with the remedy.
    pub trouble: Option<String>,
}

/// One engine with its record.
pub(crate) struct Link {
    pub(crate) engine: Arc<dyn Synthesizer>,
    record: Mutex<Record>,
}

struct Record {
    breaker: Breaker,
    last_error: Option<String>,
    refused: Recent<Address, (Instant, String)>,
}

impl Link {
    pub(crate) fn new(engine: Arc<dyn Synthesizer>) -> Self {
        let record = Record { breaker: Breaker::default(), last_error: None, refused: Recent::new(REFUSALS) };
        Self { engine, record: Mutex::new(record) }
    }

    /// Has the engine speak, unless it rests or has refused the same before, and checks what it says.
    pub(crate) async fn speak(&self, address: Address, utterance: Utterance) -> Result<Pcm, SynthError> {
        self.admit(address, Instant::now())?;
        let answer = self.engine.synthesize(&utterance).await;
        self.learn(address, answer.as_ref().err(), Instant::now());
        let result = match answer {
            Ok(pieces) => checked(pieces, utterance).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &result {
            tracing::warn!(engine = self.engine.id(), %error, "the engine did not speak");
        }
        // A bad clip is shown but rests nobody: a text in a foreign script can sound like nothing, and whoever sends
        // some of those must not silence the engine for everybody.
        self.record().last_error = result.as_ref().err().map(ToString::to_string);
        result
    }

    fn admit(&self, address: Address, now: Instant) -> Result<(), SynthError> {
        let mut record = self.record();
        let refused = record.refused.get(&address);
        if let Some((_, why)) = refused.filter(|(at, _)| now.saturating_duration_since(*at) < REFUSAL_MEMORY)
        {
            return Err(SynthError::Rejected(why));
        }
        record.breaker.admit(now).map_err(|rest| {
            let last = record.last_error.as_deref().unwrap_or("failed");
            let reason = format!("rests for another {} s: {last}", rest.as_secs().max(1));
            SynthError::Unavailable { reason, retry_after: Some(rest) }
        })
    }

    fn learn(&self, address: Address, error: Option<&SynthError>, now: Instant) {
        let mut record = self.record();
        match error {
            None => record.breaker.answered(),
            Some(SynthError::Rejected(why)) => {
                record.breaker.answered();
                record.refused.insert(address, (now, why.clone()));
            }
            Some(SynthError::Busy { .. }) => record.breaker.undecided(now),
            Some(SynthError::Corrupt(_)) => record.breaker.failed(now, None),
            Some(SynthError::Unavailable { retry_after, .. }) => record.breaker.failed(now, *retry_after),
            Some(SynthError::Limited { retry_after, .. }) => record.breaker.failed(now, Some(*retry_after)),
        }
    }

    fn health(&self, now: Instant) -> EngineHealth {
        let record = self.record();
        EngineHealth {
            id: self.engine.id(),
            health: record.breaker.health(now),
            trouble: self.engine.trouble().or_else(|| record.last_error.clone()),
        }
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn checked(pieces: Vec<Encoded>, utterance: Utterance) -> Result<Pcm, SynthError> {
    let check = tokio::task::spawn_blocking(move || master(&pieces, &utterance)).await;
    check.map_err(|_| SynthError::Corrupt("the audio could not be examined".to_owned()))?
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

    pub(crate) fn health(&self, now: Instant) -> Vec<EngineHealth> {
        self.0.iter().map(|link| link.health(now)).collect()
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
            SynthError::Rejected(_) => None,
            SynthError::Corrupt(_) => Some(None),
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
