//! How fast a listener is fed: the pace of the settings, and a slower one for who cannot follow.

use std::time::Duration;

use tokio::time::Instant;

/// How the feed cuts files into chunks, and how fast it sends them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pacing {
    /// Bytes of a chunk; the last one of a stream may be shorter.
    pub chunk: usize,
    /// Time between two chunks of a stream. Zero: as fast as the listener takes them.
    pub pause: Duration,
}

impl Pacing {
    /// Bytes that may wait for one listener.
    const WAITING: usize = 128 * 1024;

    /// How many chunks, and other events, may wait for one listener. Few enough to bound its memory, and enough to
    /// bridge the way there and back of a listener that polls.
    pub(super) fn room(self) -> usize {
        (Self::WAITING / self.chunk.max(1)).clamp(4, 32)
    }
}

/// Waits between two tries are kept between these.
const SHORTEST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_secs(2);
/// A listener that takes nothing at all for so long is given up.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a full listener calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// Try again after this time.
    Wait(Duration),
    /// It does not follow.
    GiveUp,
}

/// The pace of one listener. When its room is full, it waits until about half of it should be free again, by what went
/// through before: a room that is always full would leave no place for the heartbeat, and the connection would end.
#[derive(Debug)]
pub(super) struct Flow {
    room: u32,
    /// Taken since the last time it was full.
    taken: u32,
    since: Instant,
    last_taken: Instant,
    wait: Duration,
}

impl Flow {
    pub(super) fn new(pacing: Pacing, now: Instant) -> Self {
        let room = u32::try_from(pacing.room()).unwrap_or(u32::MAX);
        Self { room, taken: 0, since: now, last_taken: now, wait: SHORTEST }
    }

    /// The listener took something.
    pub(super) fn taken(&mut self, now: Instant) {
        self.taken = self.taken.saturating_add(1);
        self.last_taken = now;
    }

    /// The listener had no room.
    pub(super) fn full(&mut self, now: Instant) -> Full {
        if now.duration_since(self.last_taken) >= PATIENCE {
            return Full::GiveUp;
        }
        let wait = match self.taken {
            0 => self.wait * 2,
            taken => now.duration_since(self.since) * self.room / 2 / taken,
        };
        self.wait = wait.clamp(SHORTEST, LONGEST);
        self.taken = 0;
        self.since = now;
        Full::Wait(self.wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn pacing(chunk: usize) -> Pacing {
        Pacing { chunk, pause: 10 * MS }
    }

    #[test]
    fn what_waits_for_a_listener_is_bounded() {
        for (chunk, room) in [(1, 32), (4_096, 32), (8_192, 16), (32_768, 4), (65_536, 4)] {
            assert_eq!(pacing(chunk).room(), room, "{chunk}");
        }
    }

    /// Feeds a listener that takes one chunk per `each`; returns for how much of the time its room was full.
    fn share_of_full(each: Duration, minutes: u32) -> f64 {
        let pacing = pacing(4_096);
        let start = Instant::now();
        let (mut flow, mut now) = (Flow::new(pacing, start), start);
        let (mut inside, mut next_out, mut full_for) = (0, start + each, Duration::ZERO);
        let mut next_try = start;
        while now < start + Duration::from_mins(1) * minutes {
            if now >= next_out {
                inside = (inside - 1).max(0);
                next_out += each;
            }
            let is_full = inside == 32;
            full_for += if is_full { MS } else { Duration::ZERO };
            if now >= next_try && is_full {
                let Full::Wait(wait) = flow.full(now) else { panic!("given up") };
                next_try = now + wait;
            } else if now >= next_try {
                inside += 1;
                flow.taken(now);
                next_try = now + pacing.pause;
            }
            now += MS;
        }
        full_for.as_secs_f64() / (now - start).as_secs_f64()
    }

    #[test]
    fn a_slow_listener_keeps_room_for_the_heartbeat() {
        for (each, most) in [(15, 0.15), (50, 0.15), (100, 0.15), (250, 0.15)] {
            let share = share_of_full(each * MS, 3);
            assert!(share > 0.0 && share < most, "one chunk per {each} ms: full for {share:.2} of the time");
        }
    }

    #[test]
    fn who_keeps_up_is_never_made_to_wait() {
        assert!(share_of_full(9 * MS, 1) < f64::EPSILON);
    }

    #[test]
    fn who_takes_nothing_is_given_up() {
        let start = Instant::now();
        let (mut flow, mut now) = (Flow::new(pacing(4_096), start), start);
        let mut tries = 0;
        while let Full::Wait(wait) = flow.full(now) {
            assert!((SHORTEST..=LONGEST).contains(&wait));
            now += wait;
            tries += 1;
        }
        assert!(now - start >= PATIENCE && now - start < PATIENCE + LONGEST);
        assert!(tries < 20, "{tries} tries");
    }
}
