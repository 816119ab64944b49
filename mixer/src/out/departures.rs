//! When an announcement truly went out.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use pregon_core::Timestamp;

use crate::BLOCK_FRAMES;

/// Announcements that are remembered: hours of the busiest station.
const REMEMBERED: usize = 512;

/// One block with the beginning of an announcement that has left the encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Departure {
    /// First frame of the block; the announcement begins somewhere in it.
    pub frame: u64,
    /// When the page with it was handed to the listeners.
    pub at: Timestamp,
    /// How many there were.
    pub listeners: usize,
}

/// The latest departures. [`Airing::Began`](crate::Airing::Began) says which frame to ask for; the answer is there
/// some milliseconds later, long before the announcement ends.
#[derive(Debug, Default)]
pub struct Departures(Mutex<VecDeque<Departure>>);

impl Departures {
    /// When the block that holds `frame` left, if it was the beginning of an announcement.
    pub fn of(&self, frame: u64) -> Option<Departure> {
        let departures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        departures
            .iter()
            .rev()
            .find(|left| (left.frame..left.frame + BLOCK_FRAMES as u64).contains(&frame))
            .copied()
    }

    pub(super) fn record(&self, departure: Departure) {
        let mut departures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if departures.len() == REMEMBERED {
            departures.pop_front();
        }
        departures.push_back(departure);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_found_by_any_frame_of_its_block_and_the_oldest_is_forgotten() {
        let departures = Departures::default();
        let leaving = |block: u64| Departure {
            frame: block * 960,
            at: Timestamp::from_millis(i64::try_from(block).unwrap() * 20),
            listeners: 3,
        };
        for block in (0..=600).step_by(2).chain((10_000..).take(REMEMBERED - 1)) {
            departures.record(leaving(block));
        }
        assert_eq!(departures.of(10_003 * 960), Some(leaving(10_003)));
        assert_eq!(departures.of(10_003 * 960 + 959), Some(leaving(10_003)));
        assert_eq!(departures.of(600 * 960), Some(leaving(600)));
        assert_eq!(departures.of(599 * 960), None, "not a beginning");
        assert_eq!(departures.of(598 * 960), None, "forgotten");
    }
}
