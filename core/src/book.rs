//! The book about voice engines that all workers keep together: which engine rests after failures, how often each may
//! be asked, and how many characters each client has had spoken this month.
//!
//! [`Record`] is the rule; SQLite and a process on its own use it as it stands, Redis has it as scripts, and one
//! conformance suite holds all to it. Stores go by their own clock, as they do for [`pace`](crate::pace).

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::pace::micros;
use crate::store::StoreError;
use crate::time::Timestamp;

/// Failures in a row, whoever met them, before an engine is left alone. One or two are a hiccup, and every further one
/// costs a job its whole time-out.
pub const FAILURES: u32 = 4;

/// The first rest; it doubles with every failed probe.
pub const FIRST_REST: Duration = Duration::from_secs(30);

/// The longest rest, also when the engine asks for more: operators repair things faster than that.
pub const LONGEST_REST: Duration = Duration::from_mins(30);

/// A probe that has not reported within this time was cancelled, and the next caller may probe.
pub const PROBE_PATIENCE: Duration = Duration::from_mins(1);

/// Turns are never booked further ahead than this: more is a clock that was set back.
pub const FARTHEST: Duration = Duration::from_mins(5);

/// What is kept of an error: its first characters.
const TROUBLE: usize = 200;

/// How fast an engine may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// From one request to the next, in the long run.
    pub interval: Duration,
    /// Requests at once after a pause; at least 1.
    pub burst: u32,
}

/// Characters that a client wants spoken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spending {
    /// Whose; empty where no keys are in use.
    pub client: String,
    /// How many.
    pub characters: u64,
    /// How many this client may have spoken by the engine in a month; `None` only counts them.
    pub limit: Option<u64>,
}

/// What somebody wants from an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    /// Which engine.
    pub engine: String,
    /// Requests it takes; at least 1.
    pub requests: u32,
    /// How fast the engine may be asked; `None` sets no limit.
    pub cadence: Option<Cadence>,
    /// How long the first request may wait for its turn.
    pub patience: Duration,
    /// What it costs.
    pub spending: Spending,
}

/// A calendar month in UTC, counted from January of the year 0. Prints as `2026-11`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(u32);

impl Month {
    /// The month of this moment, in microseconds since the epoch.
    pub fn of(now: i64) -> Self {
        let date = jiff::Timestamp::from_microsecond(now).unwrap_or_default().to_zoned(TimeZone::UTC).date();
        let months = i32::from(date.year()) * 12 + i32::from(date.month()) - 1;
        Self(months.unsigned_abs())
    }

    /// The month with this number.
    pub const fn numbered(number: u32) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0 / 12, self.0 % 12 + 1)
    }
}

/// The right to ask an engine now. Whoever has one tells the book how it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// How long to wait before the first request.
    pub wait: Duration,
    /// The engine has rested, and this answer decides.
    pub probe: bool,
    /// The month that the characters are counted in.
    pub month: Month,
}

/// What the book says to an errand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leave {
    /// Go; the characters are counted and the turns are booked.
    Go(Ticket),
    /// The engine is left alone for that long.
    Resting {
        /// How long.
        wait: Duration,
        /// What went wrong last.
        trouble: String,
    },
    /// Others have the next turns: the first free one comes that much later than the errand can wait.
    Crowded {
        /// How much.
        wait: Duration,
    },
    /// The client's budget is used up.
    Spent {
        /// What it is.
        limit: u64,
        /// What has been spoken of it.
        used: u64,
        /// In which month.
        month: Month,
    },
}

/// How an errand went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// The engine answered, be it with a refusal of this text.
    Answered,
    /// It answered with something that is no speech. That is shown, and rests nobody: a text in a foreign script can
    /// sound like nothing, and whoever sends some of those must not silence the engine for everybody.
    Garbled {
        /// What was wrong with it, without spoken text.
        trouble: String,
    },
    /// The engine was not asked after all, or not given the time it needs.
    Undecided,
    /// It failed.
    Failed {
        /// What went wrong, without spoken text.
        trouble: String,
        /// How long it wants to be left alone, which it then is at once.
        rest: Option<Duration>,
    },
    /// It refused our credentials: it is left alone until somebody has had the chance to put them right.
    Locked {
        /// What went wrong.
        trouble: String,
    },
}

/// A report with what it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// About which engine.
    pub engine: String,
    /// The errand's ticket.
    pub ticket: Ticket,
    /// How it went.
    pub report: Report,
    /// Characters to take off a client's account: the engine did not speak.
    pub refund: Option<Spending>,
}

/// Whether an engine is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// It is.
    Ready,
    /// It is left alone for that long.
    Resting(Duration),
    /// Its rest is over and the next answer decides.
    Probing,
}

/// How an engine stands with everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether it is asked.
    pub health: Health,
    /// Since when; `None` where it never was otherwise.
    pub since: Option<Timestamp>,
    /// What went wrong last, and when; `None` once it works again.
    pub trouble: Option<(Timestamp, String)>,
}

/// What a client has had spoken by an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Which engine.
    pub engine: String,
    /// Whose; empty where no keys are in use.
    pub client: String,
    /// Characters.
    pub characters: u64,
}

/// The book. Every write is atomic. All calls may be cancelled at any point: what was asked for is then counted, and
/// a probe forgotten after [`PROBE_PATIENCE`]. When a call fails, its caller goes by what it knows itself: no store
/// that is away keeps anybody from speaking.
#[async_trait]
pub trait EngineBook: Send + Sync + 'static {
    /// Asks for leave. Counts the characters, books the turns and takes the probe, or does none of it.
    async fn ask(&self, errand: &Errand) -> Result<Leave, StoreError>;

    /// Tells how it went.
    async fn tell(&self, told: &Told) -> Result<(), StoreError>;

    /// Adds to an account what was spoken while the book could not be reached. Its limit is not looked at.
    async fn charge(&self, engine: &str, spending: &Spending) -> Result<(), StoreError>;

    /// Somebody has started with settings that may be new: engines that refused the old credentials are asked again.
    async fn unlock(&self, engine: &str) -> Result<(), StoreError>;

    /// How these engines stand, in order.
    async fn standings(&self, engines: &[String]) -> Result<Vec<Standing>, StoreError>;

    /// What has been spoken this month, of all clients, in no order.
    async fn accounts(&self) -> Result<(Month, Vec<Account>), StoreError>;
}

/// What the book has on one engine. Times are microseconds of the clock of whoever keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// In a row.
    pub failures: u32,
    /// How long the present rest was meant to be; 0: it does not rest.
    pub rest: i64,
    /// When it ends.
    pub until: i64,
    /// When the probe began that is under way; 0: none.
    pub probe: i64,
    /// Whether credentials were refused.
    pub locked: bool,
    /// When its health last changed; 0: never.
    pub since: i64,
    /// What went wrong last; empty: nothing.
    pub trouble: String,
    /// When.
    pub troubled: i64,
    /// When the next request may start.
    pub next: i64,
}

impl Record {
    /// Whether the errand may go; `used` is what its client has had spoken this month. Changed only when it may.
    pub fn admit(&mut self, errand: &Errand, used: u64, now: i64) -> Leave {
        let probe = match self.health(now) {
            Health::Ready => false,
            Health::Resting(wait) => return Leave::Resting { wait, trouble: self.trouble.clone() },
            Health::Probing if self.probed_for(now) > 0 => {
                let wait = span(self.probed_for(now));
                return Leave::Resting { wait, trouble: self.trouble.clone() };
            }
            Health::Probing => true,
        };
        let (spending, month) = (&errand.spending, Month::of(now));
        if let Some(limit) = spending.limit.filter(|limit| used.saturating_add(spending.characters) > *limit)
        {
            return Leave::Spent { limit, used, month };
        }
        let (first, next) = self.turns(errand, now);
        let wait = (first - now).max(0);
        if wait > micros(errand.patience) {
            return Leave::Crowded { wait: span(wait - micros(errand.patience)) };
        }
        self.next = next;
        if probe {
            self.probe = now;
        }
        Leave::Go(Ticket { wait: span(wait), probe, month })
    }

    /// When the first of its requests may start, and when the first after them. What was saved up in a long pause is
    /// worth one burst and no more.
    fn turns(&self, errand: &Errand, now: i64) -> (i64, i64) {
        let Some(Cadence { interval, burst }) = errand.cadence else { return (now, self.next) };
        let interval = micros(interval);
        let earliest = now - interval * i64::from(burst.max(1) - 1);
        let first = self.next.min(now + micros(FARTHEST)).max(earliest);
        (first, first + interval * i64::from(errand.requests.max(1)))
    }

    /// How long the probe under way may still take; 0 where there is none.
    fn probed_for(&self, now: i64) -> i64 {
        let age = now - self.probe;
        if self.probe == 0 || age < 0 { 0 } else { (micros(PROBE_PATIENCE) - age).max(0) }
    }

    /// Takes note of how an errand went.
    pub fn note(&mut self, ticket: &Ticket, report: &Report, now: i64) {
        let open = self.rest > 0;
        match report {
            Report::Answered | Report::Garbled { .. } if ticket.probe || !open => {
                let since = if open { now } else { self.since };
                *self = Self { since, next: self.next, ..Self::default() };
                if let Report::Garbled { trouble } = report {
                    self.trouble(trouble, now);
                }
            }
            Report::Undecided if ticket.probe => self.probe = 0,
            // It began before the engine was found to be ill: of the two, the probe decides.
            Report::Answered | Report::Garbled { .. } | Report::Undecided => {}
            Report::Failed { trouble, rest } => {
                self.trouble(trouble, now);
                let asked = rest.map(|rest| micros(rest).clamp(1, micros(LONGEST_REST)));
                self.failed(ticket.probe, asked, now);
            }
            Report::Locked { trouble } => {
                self.trouble(trouble, now);
                self.locked = true;
                self.open(micros(LONGEST_REST), now);
            }
        }
    }

    fn failed(&mut self, probe: bool, asked: Option<i64>, now: i64) {
        if self.rest == 0 {
            self.failures = self.failures.saturating_add(1);
            if let Some(rest) = asked.or((self.failures >= FAILURES).then_some(micros(FIRST_REST))) {
                self.open(rest, now);
            }
        } else if probe {
            self.open(asked.unwrap_or(self.rest.saturating_mul(2)), now);
        } else if let Some(asked) = asked {
            // A latecomer may prolong a rest, never shorten it.
            self.until = self.until.max(now + asked);
            self.rest = self.rest.max(asked);
        }
    }

    fn open(&mut self, rest: i64, now: i64) {
        if self.rest == 0 {
            self.since = now;
        }
        self.rest = rest.min(micros(LONGEST_REST));
        self.until = now + self.rest;
        self.probe = 0;
    }

    fn trouble(&mut self, why: &str, now: i64) {
        self.trouble = brief(why);
        self.troubled = now;
    }

    /// Credentials may be new.
    pub fn unlock(&mut self, now: i64) {
        if self.locked {
            *self = Self { since: now, next: self.next, ..Self::default() };
        }
    }

    /// How it stands.
    pub fn health(&self, now: i64) -> Health {
        // A clock that was set back must not prolong a rest.
        let left = self.until.min(now + micros(LONGEST_REST)) - now;
        match (self.rest, left) {
            (0, _) => Health::Ready,
            (_, 1..) => Health::Resting(span(left)),
            (_, _) => Health::Probing,
        }
    }

    /// The same for people.
    pub fn standing(&self, now: i64) -> Standing {
        let at = |micros: i64| Timestamp::from_millis(micros / 1_000);
        Standing {
            health: self.health(now),
            since: (self.since != 0).then(|| at(self.since)),
            trouble: (!self.trouble.is_empty()).then(|| (at(self.troubled), self.trouble.clone())),
        }
    }
}

fn span(micros: i64) -> Duration {
    Duration::from_micros(micros.unsigned_abs())
}

/// As much of an error as the book keeps.
pub fn brief(trouble: &str) -> String {
    trouble.chars().take(TROUBLE).collect()
}

/// The constants of the rule, for stores that have it in a language of their own; times are microseconds.
pub fn constants() -> [i64; 5] {
    let [first, longest, probe, farthest] = [FIRST_REST, LONGEST_REST, PROBE_PATIENCE, FARTHEST].map(micros);
    [i64::from(FAILURES), first, longest, probe, farthest]
}

#[cfg(test)]
#[path = "book_tests.rs"]
mod tests;
