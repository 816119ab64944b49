//! One engine asked to speak one piece, for somebody and until some time.

use std::sync::Arc;
use std::time::{Duration, Instant as Clock};

use pregon_audio::Pcm;
use pregon_core::book::{Cadence, Errand, Leave, Report, Spending, Ticket, Told};
use tokio::sync::SemaphorePermit;
use tokio::time::{Instant, sleep, timeout_at};

use crate::address::Address;
use crate::budgets::Budgets;
use crate::chain::Link;
use crate::engine::{Encoded, SynthError, Synthesizer, Utterance};
use crate::ledger::{Ledger, Said};
use crate::master::master;
use crate::studio::blocking;

/// Requests at once after a pause, of an engine that has a rate.
const BURST: u32 = 4;

/// How long one clip may take where nothing else is set.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// What is kept free for an engine on this machine: it needs some 30 ms for a message, and some seconds on a machine
/// that has much to do.
const ROOM: Duration = Duration::from_secs(5);

/// What all requests keep to.
pub(crate) struct Rules {
    pub(crate) ledger: Ledger,
    pub(crate) budgets: Budgets,
    /// How long a job's speech may take.
    pub(crate) deadline: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self { ledger: Ledger::default(), budgets: Budgets::default(), deadline: DEADLINE }
    }
}

/// How long it takes to make a clip of what an engine said, at most.
const MAKING: Duration = Duration::from_secs(1);

/// Until when engines may take their time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Until {
    /// Engines over the network.
    pub(crate) remote: Instant,
    /// An engine that was given so long and has not answered is ill; with less it may just be slow.
    fair: Duration,
}

impl Until {
    /// For what has to be done within `whole` from now, where jobs usually have `deadline`. `rescue`: there is an engine
    /// on this machine, to speak in the end.
    pub(crate) fn within(whole: Duration, deadline: Duration, now: Instant, rescue: bool) -> Self {
        let room = if rescue { ROOM.min(whole / 4) } else { Duration::ZERO };
        Self { remote: now + whole.saturating_sub(room), fair: deadline / 4 }
    }
}

/// An engine, for whom it speaks, and by which rules.
#[derive(Clone)]
pub(crate) struct Commission {
    pub(crate) link: Arc<Link>,
    pub(crate) rules: Arc<Rules>,
    /// Empty where no keys are in use.
    pub(crate) client: Arc<str>,
    pub(crate) until: Until,
}

/// Leave to ask an engine, and what it costs.
struct Granted {
    engine: String,
    ticket: Ticket,
    by_book: bool,
    spending: Spending,
}

impl Granted {
    /// The engine spoke: whatever it said has to be paid.
    fn spoken(&self, report: Report) -> Told {
        Told { engine: self.engine.clone(), ticket: self.ticket, report, refund: None }
    }

    /// The engine did not speak.
    fn silent(&self, report: Report) -> Told {
        let refund = (self.spending.characters > 0).then(|| self.spending.clone());
        Told { refund, ..self.spoken(report) }
    }
}

impl Commission {
    pub(crate) fn engine(&self) -> &dyn Synthesizer {
        &*self.link.engine
    }

    /// When to give up; an engine on this machine gives up by itself, and nobody else is left.
    pub(crate) fn limit(&self) -> Option<Instant> {
        (!self.engine().local()).then_some(self.until.remote)
    }

    /// Waits for what others may have begun with more time than this job has. With a second on top, in which what an
    /// engine said at the last moment is made into a clip.
    pub(crate) async fn join<T>(&self, work: impl Future<Output = T>) -> Result<T, SynthError> {
        match self.limit() {
            Some(limit) => timeout_at(limit + MAKING, work).await.map_err(|_| SynthError::Late),
            None => Ok(work.await),
        }
    }

    /// How much time is left until then.
    pub(crate) fn left(&self) -> Option<Duration> {
        self.limit().map(|limit| limit.saturating_duration_since(Instant::now()))
    }

    /// Has the engine speak, unless it rests, has refused the same before, or may not be asked, and checks what it says.
    pub(crate) async fn speak(&self, address: Address, utterance: Utterance) -> Result<Pcm, SynthError> {
        if let Some(why) = self.link.refusal(address, Clock::now()) {
            return Err(SynthError::Rejected(why));
        }
        // What keeps it from working in this process alone is no news to others: their credentials may be right.
        if let Some(why) = self.engine().trouble().filter(|_| !self.engine().local()) {
            return Err(SynthError::Denied(why));
        }
        let _seat = self.seat().await?;
        let granted = self.leave(&utterance).await?;
        sleep(granted.ticket.wait).await;
        let (told, result) = match self.answer(&utterance).await {
            Ok(pieces) => match checked(pieces, utterance).await {
                Ok(clip) => (granted.spoken(Report::Answered), Ok(clip)),
                Err(error) => (granted.spoken(Report::Garbled { trouble: error.to_string() }), Err(error)),
            },
            Err(error) => (granted.silent(report(&error)), Err(error)),
        };
        if let Err(error) = &result {
            tracing::warn!(engine = self.engine().id(), %error, "the engine did not speak");
        }
        if let Err(SynthError::Rejected(why)) = &result {
            self.link.remember_refusal(address, why.clone(), Clock::now());
        }
        self.rules.ledger.tell(&told, granted.by_book, &granted.spending).await;
        result
    }

    async fn seat(&self) -> Result<Option<SemaphorePermit<'_>>, SynthError> {
        let seat = self.link.seats.acquire();
        let Some(limit) = self.limit() else { return Ok(seat.await.ok()) };
        let crowded = |_| SynthError::Busy { retry_after: self.until.fair };
        let seat = timeout_at(limit, seat).await.map_err(crowded)?;
        if limit <= Instant::now() {
            return Err(SynthError::Late);
        }
        Ok(seat.ok())
    }

    /// Asks for leave to ask the engine.
    async fn leave(&self, utterance: &Utterance) -> Result<Granted, SynthError> {
        let engine = self.engine();
        let patience = self.left().map_or(Duration::MAX, |left| left.saturating_sub(self.until.fair));
        let spending = self.spending(utterance);
        let errand = Errand {
            engine: engine.id().to_owned(),
            requests: u32::try_from(engine.requests(&utterance.text)).unwrap_or(u32::MAX),
            cadence: engine.limits().rate.map(|rate| Cadence { interval: rate.interval(), burst: BURST }),
            patience,
            spending,
        };
        let Said { leave, by_book } = self.rules.ledger.ask(&errand, !engine.local()).await;
        match leave {
            Leave::Go(ticket) => {
                Ok(Granted { engine: errand.engine, ticket, by_book, spending: errand.spending })
            }
            Leave::Resting { wait, trouble } => {
                let reason = format!("rests for another {} s: {trouble}", wait.as_secs().max(1));
                Err(SynthError::Unavailable { reason, retry_after: Some(wait) })
            }
            Leave::Crowded { wait } => Err(SynthError::Busy { retry_after: wait }),
            Leave::Spent { limit, month, .. } => Err(SynthError::Unaffordable(format!(
                "was not asked: the budget of {limit} characters for {month} is used up"
            ))),
        }
    }

    /// An engine on this machine costs nothing.
    fn spending(&self, utterance: &Utterance) -> Spending {
        let client = self.client.to_string();
        if self.engine().local() {
            return Spending { client, characters: 0, limit: None };
        }
        let characters = utterance.text.chars().count();
        let limit = self.rules.budgets.of(&client, self.engine().id());
        Spending { client, characters: u64::try_from(characters).unwrap_or(u64::MAX), limit }
    }

    async fn answer(&self, utterance: &Utterance) -> Result<Vec<Encoded>, SynthError> {
        let spoken = self.engine().synthesize(utterance);
        let Some(limit) = self.limit() else { return spoken.await };
        let given = limit.saturating_duration_since(Instant::now());
        match timeout_at(limit, spoken).await {
            Ok(answer) => answer,
            Err(_) if given < self.until.fair => Err(SynthError::Late),
            Err(_) => Err(SynthError::Unavailable {
                reason: format!("had not answered after {} s", given.as_secs().max(1)),
                retry_after: None,
            }),
        }
    }
}

/// What an engine's error says about the engine.
fn report(error: &SynthError) -> Report {
    let trouble = error.to_string();
    match error {
        SynthError::Rejected(_) => Report::Answered,
        SynthError::Busy { .. } | SynthError::Late | SynthError::Unaffordable(_) => Report::Undecided,
        SynthError::Corrupt(_) => Report::Failed { trouble, rest: None },
        SynthError::Unavailable { retry_after, .. } => Report::Failed { trouble, rest: *retry_after },
        SynthError::Limited { retry_after, .. } => Report::Failed { trouble, rest: Some(*retry_after) },
        SynthError::Denied(_) => Report::Locked { trouble },
    }
}

async fn checked(pieces: Vec<Encoded>, utterance: Utterance) -> Result<Pcm, SynthError> {
    let check = blocking(move || master(&pieces, &utterance)).await;
    check.map_err(|_| SynthError::Corrupt("the audio could not be examined".to_owned()))?
}
