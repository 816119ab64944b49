//! Waiting for a turn to dial. Of all the attempts of a process that wait for one trunk, only the foremost of each
//! lane asks the store, and sleeps until about its turn; the others stand behind it in the order in which they came.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pregon_core::pace::ADMITTED;
use pregon_core::{
    Admission, Admitted, Event, Job, Lane, Limits, Line, OutcomeKind, Recordings, State, Store, StoreError,
    Timestamp, Waiting, clock,
};
use tokio::sync::{Notify, OwnedSemaphorePermit};

use crate::{PAUSES, Shop, Stop, insist};

/// What a call may last beyond ringing and all that it plays before its slot is given away.
/// Whoever looks after a call that goes on keeps its slot for longer.
const TALK: Duration = Duration::from_secs(90);

/// Where calls may name any trunk, the queues of names that nobody waits for are dropped at this many.
const MANY: usize = 100;

/// For so long a look whether a trunk without limits is slowed down is good.
const EASED_LOOK: Duration = Duration::from_secs(2);

/// The queue of those that wait for one trunk in one lane. Fair: first come, first served.
type Queue = Arc<tokio::sync::Mutex<()>>;

/// What the attempts of a process share while they wait for their turns.
#[derive(Clone, Debug, Default)]
pub struct Turns {
    overall: Limits,
    queues: Arc<Mutex<HashMap<(String, Lane), Queue>>>,
    /// A call of this process has ended, or was seen to.
    freed: Arc<Notify>,
    /// Of trunks without limits: when it was last looked whether they are slowed down, and whether they were.
    eased: Arc<Mutex<HashMap<String, (Instant, bool)>>>,
}

impl Turns {
    /// Turns for all trunks together; each trunk has limits of its own besides.
    pub fn new(overall: Limits) -> Self {
        Self { overall, ..Self::default() }
    }

    fn queue(&self, trunk: &str, lane: Lane) -> Queue {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        if queues.len() >= MANY {
            queues.retain(|_, queue| Arc::strong_count(queue) > 1);
        }
        Arc::clone(queues.entry((trunk.to_owned(), lane)).or_default())
    }
}

impl Turns {
    /// Whether a trunk without limits is slowed down at the moment, as all workers saw it a moment ago.
    async fn eased(&self, store: &dyn Store, trunk: &str) -> bool {
        let known = self.eased_now().get(trunk).copied();
        if let Some((looked, eased)) = known
            && looked.elapsed() < EASED_LOOK
        {
            return eased;
        }
        let loads = store.loads(&[trunk.to_owned()]).await;
        // A store that does not answer slows down enough.
        let eased = loads.is_ok_and(|loads| loads.iter().any(|load| load.eased > 0));
        self.note_eased(trunk, eased);
        eased
    }

    fn note_eased(&self, trunk: &str, eased: bool) {
        let mut all = self.eased_now();
        if all.len() >= MANY {
            all.clear();
        }
        all.insert(trunk.to_owned(), (Instant::now(), eased));
    }

    fn eased_now(&self) -> MutexGuard<'_, HashMap<String, (Instant, bool)>> {
        self.eased.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A worker's slot. An attempt that has to wait gives it to another one: that one may be urgent, and the queue hands
/// out only so many of each lane. Dialling itself needs none.
pub(crate) type Seat = Option<OwnedSemaphorePermit>;

/// Whether to dial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Now, without having waited.
    Go,
    /// Now, after a while.
    Waited,
    /// The worker stops, or the job's time is over: somebody else takes it from here.
    GiveBack,
}

/// The trunk of a job whose calls are counted. Where no limits are set, nobody counts, unless the network has had no
/// line for a call a moment ago.
async fn paced(floor: &Shop, job: &Job) -> Option<Line> {
    let line = floor.dispatcher.line(&job.spec.target)?;
    let limited = !line.limits.none() || !floor.turns.overall.none();
    (limited || floor.turns.eased(floor.desk.store(), &line.trunk).await).then_some(line)
}

/// Waits for the job's turn. Cancelling leaves at most a slot behind, for [`lost`] to free.
pub(crate) async fn wait(floor: &Shop, job: &Job, seat: &mut Seat, stop: &Stop) -> Turn {
    let Some(line) = paced(floor, job).await else { return Turn::Go };
    let queue = floor.turns.queue(&line.trunk, job.spec.lane);
    let mut turn = Turn::Go;
    let _foremost = if let Ok(foremost) = queue.try_lock() {
        foremost
    } else {
        turn = Turn::Waited;
        drop(seat.take());
        tokio::select! {
            foremost = queue.lock() => foremost,
            () = stop.soft.cancelled() => return Turn::GiveBack,
        }
    };
    let admission = Admission {
        key: job.key(),
        trunk: line.trunk,
        lane: job.spec.lane,
        of_trunk: line.limits,
        overall: floor.turns.overall,
        lease: ADMITTED,
    };
    loop {
        if job.expired(clock::now()) {
            return Turn::GiveBack;
        }
        let pause = match floor.desk.store().admit(&admission).await {
            Ok(Admitted::Go) => return turn,
            Ok(Admitted::Wait(pause)) => pause,
            Err(error) => {
                tracing::warn!(%error, "no turn to be had: trying again");
                PAUSES.1
            }
        };
        turn = Turn::Waited;
        drop(seat.take());
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = floor.turns.freed.notified() => {}
            () = stop.soft.cancelled() => return Turn::GiveBack,
        }
    }
}

/// The call is under way: it keeps its slot for as long as it may last.
pub(crate) async fn dialled(floor: &Shop, job: &Job, recordings: Option<&Recordings>, stop: &Stop) {
    let Some(line) = paced(floor, job).await else { return };
    let talk = recordings.map_or(Duration::ZERO, |recordings| recordings.longest(&job.spec.target));
    let lease = line.ring + talk + TALK;
    insist(stop, "keeping a slot", || floor.desk.store().hold(&line.trunk, job.key(), lease)).await;
}

/// The attempt will never be dialled.
pub(crate) async fn lost(floor: &Shop, job: &Job, stop: &Stop) {
    let Some(line) = paced(floor, job).await else { return };
    insist(stop, "giving up a slot", || floor.desk.store().vacate(&line.trunk, job.key())).await;
    floor.turns.freed.notify_waiters();
}

/// A call was looked at: one that goes on keeps its slot until after the next look. To be told before the look is
/// stored: should that find the call over after all, [`stored`] has the last word.
pub(crate) async fn looked_at(floor: &Shop, job: &Job, event: &Event, now: Timestamp) {
    let Event::Check { next, waiting: Waiting::Pickup | Waiting::Result, .. } = event else { return };
    let Some(line) = paced(floor, job).await else { return };
    let lease = next.until(now) + TALK;
    warn(floor.desk.store().hold(&line.trunk, job.key(), lease).await);
}

/// What the look found is stored, or was not because the attempt is over. A slot whose news is lost here comes back
/// when its time is up.
pub(crate) async fn stored(floor: &Shop, job: &Job, event: &Event, done: bool) {
    let told = if let Event::Outcome { outcome, .. } = event { Some(outcome.kind) } else { None };
    if told.is_some() || !done {
        warn(over(floor, job, told.filter(|_| done)).await);
    }
}

/// The call is over, and this is how, if the caller is the one who stored it.
async fn over(floor: &Shop, job: &Job, how: Option<OutcomeKind>) -> Result<(), StoreError> {
    let store = floor.desk.store();
    if let Some(line) = paced(floor, job).await {
        store.vacate(&line.trunk, job.key()).await?;
        floor.turns.freed.notify_waiters();
    }
    if how == Some(OutcomeKind::Congestion)
        && let Some(line) = floor.dispatcher.line(&job.spec.target)
    {
        tracing::warn!(trunk = line.trunk, "no free line: trunk {} is slowed down for a while", line.trunk);
        store.slow(&line.trunk).await?;
        floor.turns.note_eased(&line.trunk, true);
    }
    Ok(())
}

fn warn(done: Result<(), StoreError>) {
    if let Err(error) = done {
        tracing::warn!(%error, "a slot is not accounted for");
    }
}

/// A dead worker's attempt was settled: it keeps its slot when it was handed over.
pub(crate) async fn rescued(floor: &Shop, job: &Job, handed_over: bool) -> Result<(), StoreError> {
    let Some(line) = paced(floor, job).await else { return Ok(()) };
    if !handed_over {
        return floor.desk.store().vacate(&line.trunk, job.key()).await;
    }
    floor.desk.store().hold(&line.trunk, job.key(), line.ring + TALK).await?;
    // Somebody may have been faster, and the call over by now.
    let row = floor.desk.store().get(job.id).await?;
    let on = row.is_none_or(|row| {
        row.attempt == job.attempt && matches!(row.state, State::Processing { .. } | State::Dispatched { .. })
    });
    if on { Ok(()) } else { over(floor, job, None).await }
}
