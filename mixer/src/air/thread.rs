//! The air thread: one block every 20 ms, whatever happens elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::meter::Mishap;
use super::mixer::Mixer;
use super::tap::{BLOCK_FRAMES, Block, Spout};

/// Length of a block.
const BLOCK: Duration = Duration::from_millis(20);

/// How far behind the thread may fall and still catch up, block by block. Longer ones (a suspended machine) are left
/// out: a burst of that length would drown the listeners and starve the feeds.
const CATCH_UP: Duration = Duration::from_secs(2);

/// Nice value of the air thread: above everything that renders speech on the same machine.
const NICENESS: i32 = -11;

/// Which frame is on air at which time. Shared between the air thread, which may lose blocks, and the conductor.
#[derive(Debug)]
pub(crate) struct Dial {
    began: Instant,
    /// Nanoseconds after `began` at which frame 0 would have been due, had nothing been lost.
    origin: AtomicU64,
}

impl Dial {
    /// Frame 0 is due now.
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), origin: AtomicU64::new(0) }
    }

    /// The frame that is due at that instant.
    pub(crate) fn frame_at(&self, instant: Instant) -> u64 {
        let since = nanos(instant.saturating_duration_since(self.began));
        let frames = u128::from(since.saturating_sub(self.origin.load(Ordering::Acquire))) * 48 / 1_000_000;
        u64::try_from(frames).unwrap_or(u64::MAX)
    }

    /// When the block that begins with that frame is due.
    fn due(&self, frame: u64) -> Instant {
        let after = u128::from(frame) * 1_000_000 / 48 + u128::from(self.origin.load(Ordering::Relaxed));
        self.began + Duration::from_nanos(u64::try_from(after).unwrap_or(u64::MAX))
    }

    /// Moves everything to come by that long.
    fn leave_out(&self, span: Duration) {
        self.origin.fetch_add(nanos(span), Ordering::Release);
    }
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

/// What to do at an instant when a block is due at another.
#[derive(Debug, PartialEq, Eq)]
enum Turn {
    /// Too early by so much.
    Wait(Duration),
    /// In time, or late by less than a block.
    Render,
    /// Late, but it can be made up for.
    Hurry,
    /// Too late: so much is left out.
    LeaveOut(Duration),
}

fn turn(due: Instant, now: Instant) -> Turn {
    let behind = now.saturating_duration_since(due);
    if now < due {
        Turn::Wait(due - now)
    } else if behind < BLOCK {
        Turn::Render
    } else if behind < CATCH_UP {
        Turn::Hurry
    } else {
        // Whole blocks, so that blocks stay on the same grid.
        let blocks = behind.as_nanos() / BLOCK.as_nanos();
        Turn::LeaveOut(BLOCK * u32::try_from(blocks).unwrap_or(u32::MAX))
    }
}

/// Starts the thread. It ends when `stop` is set.
pub(crate) fn start(
    name: &str,
    mut mixer: Mixer,
    mut spouts: Vec<Spout>,
    dial: Arc<Dial>,
    stop: Arc<AtomicBool>,
) -> std::io::Result<JoinHandle<()>> {
    let name = format!("air-{name}");
    std::thread::Builder::new().name(name).spawn(move || {
        raise_priority();
        while !stop.load(Ordering::Relaxed) {
            let meters = &mixer.outbox().meters;
            match turn(dial.due(mixer.given()), Instant::now()) {
                Turn::Wait(span) => {
                    std::thread::sleep(span);
                    continue;
                }
                Turn::LeaveOut(span) => {
                    let blocks = span.as_nanos() / BLOCK.as_nanos();
                    meters.count(Mishap::Lost, u64::try_from(blocks).unwrap_or(u64::MAX));
                    dial.leave_out(span);
                    continue;
                }
                Turn::Hurry => meters.count(Mishap::Late, 1),
                Turn::Render => {}
            }
            air(&mut mixer, &mut spouts);
        }
    })
}

/// Renders a block and gives it to every encoder.
fn air(mixer: &mut Mixer, spouts: &mut [Spout]) {
    let mut block = Block { first_frame: mixer.given(), urgent: false, frames: [[0.0; 2]; BLOCK_FRAMES] };
    block.urgent = mixer.render(&mut block.frames);
    for spout in spouts {
        if !spout.pour(&block) {
            mixer.outbox().meters.count(Mishap::Overrun, 1);
        }
    }
}

/// On Linux a nice value belongs to a thread, and "this process" means the calling thread.
fn raise_priority() {
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::warn!(%error, "the air thread runs at normal priority: on a busy machine it may be late");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_blocks_are_made_up_for_and_a_long_sleep_is_left_out() {
        let due = Instant::now();
        let millis = Duration::from_millis;
        assert_eq!(turn(due + millis(7), due), Turn::Wait(millis(7)));
        assert_eq!(turn(due, due), Turn::Render);
        assert_eq!(turn(due, due + millis(19)), Turn::Render);
        assert_eq!(turn(due, due + millis(20)), Turn::Hurry);
        assert_eq!(turn(due, due + millis(1_999)), Turn::Hurry);
        assert_eq!(turn(due, due + millis(2_015)), Turn::LeaveOut(millis(2_000)));
    }

    #[test]
    fn the_dial_keeps_to_the_clock_for_days_and_moves_with_what_is_left_out() {
        let dial = Dial::new();
        let day = Duration::from_hours(24);
        assert_eq!(dial.frame_at(dial.began + day), 86_400 * 48_000);
        assert_eq!(dial.due(86_400 * 48_000), dial.began + day);
        dial.leave_out(Duration::from_secs(10));
        assert_eq!(dial.frame_at(dial.began + day), 86_390 * 48_000);
        assert_eq!(dial.due(86_390 * 48_000), dial.began + day);
    }
}
