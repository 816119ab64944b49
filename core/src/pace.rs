//! Pacing: how many calls start per second and how many go on at once, by trunk and over all of them.
//!
//! A call passes two gates, that of its trunk and the one that all trunks share. A gate lets calls through evenly, a
//! tenth slower than asked for, because what is counted is the dial at the other end: of two calls admitted a second
//! apart, the first may be held up on its way by a slow disk and the second not. The tenth makes up for it, and so
//! does a bound on the calls that are on their way between gate and spool.
//!
//! [`decide`] is the rule; SQLite uses it as it stands, Redis has it as a script, and one conformance suite holds
//! both to it. Stores go by their own clock, so that a worker whose clock is wrong cannot jump the line.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use serde::Serialize;

use crate::id::Key;
use crate::job::Lane;
use crate::store::StoreError;

/// How much slower than asked for a gate lets calls through.
const MARGIN: f64 = 1.1;

/// A call that comes late to an idle moment may be followed this much sooner: sleepers wake late, and the rate would
/// sink by as much each time.
pub const LENIENCE: Duration = Duration::from_millis(10);

/// From the gate to the spool takes up to this long; what takes longer pushes the next call back.
pub const USUAL: Duration = Duration::from_millis(30);

/// A call on its way holds up others for this long at most: its worker may be dead. What a disk may take at its worst
/// must be less, or calls that it held back go out together.
pub const ON_ITS_WAY: Duration = Duration::from_secs(3);

/// Between two looks while calls on their way hold up others.
const NEXT_LOOK: Duration = Duration::from_millis(8);

/// Between two looks while all slots are taken.
const FULL: Duration = Duration::from_millis(200);

/// A high call that waits keeps normal ones back until this long after it should have asked again.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// How long an admitted call keeps its slot unless [`Pace::hold`] says that it was handed over. Longer than a dead
/// worker's lease and the sweep that finds it: by then its attempt is void.
pub const ADMITTED: Duration = Duration::from_secs(30);

/// Congestion answers to calls that were under way together count once.
pub const EASE_APART: Duration = Duration::from_secs(2);

/// After this long without congestion the rate doubles, until it is the asked one again.
pub const EASE_STEP: Duration = Duration::from_secs(15);

/// A rate is never halved more often than this.
pub const MOST_EASED: u8 = 4;

/// What a trunk without any rate is taken to bear when it is eased: calls per second, halved once for the first
/// congestion.
pub const UNMETERED: Rate = Rate(20.0);

/// Calls per second: a whole number up to 1000, or a fraction below 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Rate(f64);

impl Rate {
    /// The number.
    pub const fn per_second(self) -> f64 {
        self.0
    }

    /// From one call to the next.
    pub fn gap(self) -> Duration {
        Duration::from_secs_f64(MARGIN / self.0)
    }

    /// How many calls may be on their way from gate to spool. Those beyond the first may all be late without
    /// breaking the rate.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 1000")]
    fn on_their_way(self) -> u32 {
        let spare = self.0 - (self.0 / MARGIN).floor() - 1.0;
        1 + (spare.max(0.0) / 2.0) as u32
    }
}

impl FromStr for Rate {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let whole = |n: f64| n.fract() == 0.0 && (1.0..=1_000.0).contains(&n);
        match text.parse::<f64>() {
            Ok(n) if whole(n) || (0.001..1.0).contains(&n) => Ok(Self(n)),
            Ok(_) | Err(_) => Err(format!(
                "{text:?} is not a rate: a whole number from 1 to 1000, or a fraction such as 0.5"
            )),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a gate bears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Limits {
    /// Calls that may start per second.
    pub per_second: Option<Rate>,
    /// Calls that may go on at once.
    pub at_once: Option<u32>,
}

impl Limits {
    /// Whether there is nothing to keep to.
    pub const fn none(&self) -> bool {
        self.per_second.is_none() && self.at_once.is_none()
    }
}

/// The trunk a call goes by.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its name.
    pub trunk: String,
    /// What it bears.
    pub limits: Limits,
    /// How long a telephone may ring on it.
    pub ring: Duration,
}

/// An attempt that asks to be dialled.
#[derive(Clone, Debug, PartialEq)]
pub struct Admission {
    /// Which. Asked again under the same key it gets no second slot and costs no second turn.
    pub key: Key,
    /// By which trunk.
    pub trunk: String,
    /// How urgent.
    pub lane: Lane,
    /// What the trunk bears.
    pub of_trunk: Limits,
    /// What all trunks together may bear.
    pub overall: Limits,
    /// How long its slot is kept unless [`Pace::hold`] says otherwise.
    pub lease: Duration,
}

/// What the gates say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// Dial now.
    Go,
    /// Not yet; ask again after this long.
    Wait(Duration),
}

/// How a trunk is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Load {
    /// The trunk.
    pub trunk: String,
    /// Calls on it.
    pub calls: u32,
    /// High calls that wait for it.
    pub high_waiting: u32,
    /// How many times its rate is halved at the moment.
    pub eased: u8,
}

/// The gates. Every write is atomic; all calls may be cancelled at any point and repeated. Where no limit is set, calls
/// come here only while their trunk is eased.
#[async_trait]
pub trait Pace: Send + Sync {
    /// Asks for a turn and a slot, at both gates or at none.
    async fn admit(&self, admission: &Admission) -> Result<Admitted, StoreError>;

    /// The call is under way: its slot is kept for `lease` from now or longer, also where it had been
    /// lost.
    async fn hold(&self, trunk: &str, key: Key, lease: Duration) -> Result<(), StoreError>;

    /// The call is over, or never will be: its slot is free, and if it waited it does no more.
    async fn vacate(&self, trunk: &str, key: Key) -> Result<(), StoreError>;

    /// The network had no line for a call by this trunk: halves its rate for a while.
    async fn slow(&self, trunk: &str) -> Result<(), StoreError>;

    /// How these trunks are doing. The empty name stands for the gate that all trunks share.
    async fn loads(&self, trunks: &[String]) -> Result<Vec<Load>, StoreError>;
}

/// How often a trunk's rate stands halved, and since when. Times are microseconds of the store's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ease {
    /// Halvings at the last congestion.
    pub level: u8,
    /// When that was.
    pub at: i64,
}

impl Ease {
    /// Halvings still in force.
    pub fn level_at(self, now: i64) -> u8 {
        let steps = (now - self.at).max(0) / micros(EASE_STEP);
        self.level.saturating_sub(u8::try_from(steps).unwrap_or(u8::MAX))
    }

    /// After one more congestion.
    #[must_use]
    pub fn more(self, now: i64) -> Self {
        if self.level > 0 && now - self.at < micros(EASE_APART) {
            return self;
        }
        Self { level: (self.level_at(now) + 1).min(MOST_EASED), at: now }
    }
}

/// What a gate bears, in the numbers that stores reckon with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bar {
    /// Microseconds from one call to the next; 0 sets no rate.
    pub gap: i64,
    /// Slots.
    pub at_once: Option<u32>,
    /// Calls that may be on their way.
    pub on_their_way: u32,
}

impl Bar {
    fn of(limits: Limits) -> Self {
        Self {
            gap: limits.per_second.map_or(0, |rate| micros(rate.gap())),
            at_once: limits.at_once,
            on_their_way: limits.per_second.map_or(0, Rate::on_their_way),
        }
    }
}

impl Admission {
    /// Whether anything has to be kept to.
    pub const fn paced(&self) -> bool {
        !(self.of_trunk.none() && self.overall.none())
    }

    /// The two gates, the trunk's first.
    pub fn bars(&self) -> [Bar; 2] {
        [Bar::of(self.of_trunk), Bar::of(self.overall)]
    }

    /// The gap that is doubled when the trunk is eased: its own, or the one that all trunks share, or the gap at a rate
    /// that most trunks bear.
    pub fn eased_gap(&self) -> i64 {
        let rate = self.of_trunk.per_second.or(self.overall.per_second).unwrap_or(UNMETERED);
        micros(rate.gap())
    }
}

/// A gate at the moment of asking. Times are microseconds of the store's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// When the next call may go.
    pub next: i64,
    /// Slots taken.
    pub calls: u32,
    /// Calls admitted less than [`ON_ITS_WAY`] ago and not under way yet.
    pub on_their_way: u32,
    /// High calls that wait, the asking one aside.
    pub high: u32,
}

impl Gate {
    /// How long a call has to wait at this gate; 0 lets it through.
    pub fn wait(&self, bar: Bar, lane: Lane, now: i64) -> i64 {
        let mut wait = 0;
        if bar.gap > 0 {
            wait = (self.next - now).max(0);
            if self.on_their_way >= bar.on_their_way {
                wait = wait.max(micros(NEXT_LOOK));
            }
        }
        if bar.at_once.is_some_and(|slots| self.calls >= slots) {
            wait = wait.max(micros(FULL));
        }
        if lane == Lane::Normal && self.high > 0 {
            // The next turns are theirs.
            let theirs = bar.gap.saturating_mul(self.high.into()).min(micros(ON_ITS_WAY));
            wait = (wait + theirs).max(micros(NEXT_LOOK));
        }
        wait
    }

    /// When the next call may go once this one went.
    pub fn after(&self, bar: Bar, now: i64) -> i64 {
        if bar.gap == 0 { self.next } else { self.next.max(now - micros(LENIENCE)) + bar.gap }
    }
}

/// Whether a call may go through both gates, and which of them kept it.
pub fn decide(lane: Lane, gates: [(Gate, Bar); 2], now: i64) -> (Admitted, [bool; 2]) {
    let waits = gates.map(|(gate, bar)| gate.wait(bar, lane, now));
    let longest = waits.into_iter().max().unwrap_or(0);
    if longest == 0 {
        return (Admitted::Go, [false; 2]);
    }
    let wait = Duration::from_micros(longest.unsigned_abs());
    (Admitted::Wait(wait), waits.map(|w| w > 0))
}

/// The gap of an eased trunk.
pub fn eased(bar: Bar, gap: i64, level: u8) -> Bar {
    if level == 0 {
        bar
    } else {
        Bar { gap: gap << level.min(MOST_EASED), on_their_way: bar.on_their_way.max(1), ..bar }
    }
}

/// A span in microseconds.
pub fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

/// The constants of the rule, for stores that have it in a language of their own, in microseconds.
pub fn constants() -> [i64; 6] {
    [LENIENCE, ON_ITS_WAY, NEXT_LOOK, FULL, PATIENCE, EASE_STEP].map(micros)
}

#[cfg(test)]
#[path = "pace_tests.rs"]
mod tests;
