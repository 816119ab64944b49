//! The way to one listener: paced, patient, and never holding more than its room.

use std::io;
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::time::{Instant, sleep, sleep_until};

use super::fault::Fault;
use super::flow::{Flow, Full, Pacing};
use super::said::Said;
use super::tail::Tail;

/// Who hears a stream.
pub(super) trait Listener: Send + Sync {
    /// Puts an event into the listener's room. Never waits.
    fn offer(&self, said: &Said) -> Result<(), NotTaken>;

    /// Whether nobody is there any more.
    fn has_left(&self) -> bool;
}

/// Why an event was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotTaken {
    /// There is no room now.
    Full,
    /// Nobody is there any more.
    Left,
}

/// Why a stream ended before its end.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ended {
    /// The listener left, or the process stops: there is nobody to tell.
    Left,
    /// The listener is told.
    Fault(Fault),
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// What was sent of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) bytes: u64,
    pub(super) chunks: u64,
}

/// One listener, for the time of one stream.
pub(super) struct Line<L> {
    listener: L,
    pacing: Pacing,
    flow: Flow,
}

impl<L: Listener> Line<L> {
    pub(super) fn new(listener: L, pacing: Pacing) -> Self {
        Self { listener, pacing, flow: Flow::new(pacing, Instant::now()) }
    }

    /// Tells the listener something, waiting for room.
    pub(super) async fn say(&mut self, said: &Said) -> Result<(), Ended> {
        loop {
            match self.listener.offer(said) {
                Ok(()) => {
                    self.flow.taken(Instant::now());
                    return Ok(());
                }
                Err(NotTaken::Left) => return Err(Ended::Left),
                Err(NotTaken::Full) => match self.flow.full(Instant::now()) {
                    Full::Wait(wait) => sleep(wait).await,
                    Full::GiveUp => return Err(Fault::Slow.into()),
                },
            }
        }
    }

    /// Whether nobody is there any more.
    pub(super) fn has_left(&self) -> bool {
        self.listener.has_left()
    }

    /// The last word, said as soon as there is room. A listener that never makes room is ended by the heartbeat of its
    /// connection, so this ends too.
    pub(super) async fn close(&self, said: &Said) {
        const AGAIN: Duration = Duration::from_millis(250);
        while self.listener.offer(said) == Err(NotTaken::Full) {
            sleep(AGAIN).await;
        }
    }

    /// Sends the whole of `tail`, a chunk at a time. Pauses are counted from chunk to chunk, not from the end of one
    /// to the start of the next, so that reading does not slow the stream.
    pub(super) async fn play<R: AsyncRead + Unpin>(&mut self, tail: &mut Tail<R>) -> Result<Sent, Ended> {
        let (mut sent, mut due) = (Sent::default(), Instant::now());
        while let Some(bytes) = tail.next().await.map_err(|error| broken(&error))? {
            sleep_until(due).await;
            due = Instant::now() + self.pacing.pause;
            sent.bytes += bytes.len() as u64;
            sent.chunks += 1;
            self.say(&Said::Chunk(bytes)).await?;
            // Without a pause, a fast disk and a fast listener would never let anybody else run.
            tokio::task::yield_now().await;
        }
        Ok(sent)
    }
}

fn broken(error: &io::Error) -> Fault {
    tracing::error!(%error, "the audio of a stream cannot be read");
    Fault::Broken
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::feed::said::Stage;

    /// A listener with room for so many events.
    #[derive(Clone)]
    struct Ear(Arc<Mutex<State>>);

    struct State {
        room: usize,
        waiting: VecDeque<Said>,
        heard: Vec<u8>,
        most: usize,
        left: bool,
    }

    impl Ear {
        fn new(room: usize) -> Self {
            let waiting = VecDeque::new();
            Self(Arc::new(Mutex::new(State { room, waiting, heard: Vec::new(), most: 0, left: false })))
        }

        /// Takes one event out of its room.
        fn take(&self) -> Option<Said> {
            let mut state = self.0.lock().unwrap();
            let said = state.waiting.pop_front()?;
            if let Said::Chunk(bytes) = &said {
                state.heard.extend_from_slice(bytes);
            }
            Some(said)
        }

        fn leave(&self) {
            self.0.lock().unwrap().left = true;
        }

        /// Listens on, one event per `each`.
        fn hear(&self, each: Duration) -> tokio::task::JoinHandle<()> {
            let ear = self.clone();
            tokio::spawn(async move {
                loop {
                    sleep(each).await;
                    ear.take();
                }
            })
        }
    }

    impl Listener for Ear {
        fn offer(&self, said: &Said) -> Result<(), NotTaken> {
            let mut state = self.0.lock().unwrap();
            if state.left {
                return Err(NotTaken::Left);
            }
            if state.waiting.len() >= state.room {
                return Err(NotTaken::Full);
            }
            state.waiting.push_back(said.clone());
            let now = state.waiting.iter().map(length).sum();
            state.most = state.most.max(now);
            Ok(())
        }

        fn has_left(&self) -> bool {
            self.0.lock().unwrap().left
        }
    }

    const MS: Duration = Duration::from_millis(1);

    fn length(said: &Said) -> usize {
        if let Said::Chunk(bytes) = said { bytes.len() } else { 0 }
    }

    fn sound(length: usize) -> Vec<u8> {
        (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect()
    }

    fn line(ear: &Ear) -> Line<Ear> {
        Line::new(ear.clone(), Pacing { chunk: 4_096, pause: 10 * MS })
    }

    async fn play(ear: &Ear, sound: &[u8]) -> Result<Sent, Ended> {
        line(ear).play(&mut Tail::new(sound, 4_096, Duration::ZERO)).await
    }

    #[tokio::test(start_paused = true)]
    async fn chunks_come_at_the_pace_of_the_settings() {
        let (ear, sound, start) = (Ear::new(32), sound(40_000), Instant::now());
        let listening = ear.hear(MS);
        let sent = play(&ear, &sound).await.unwrap();
        assert_eq!(sent, Sent { bytes: 40_000, chunks: 10 });
        assert_eq!(start.elapsed(), 90 * MS);
        sleep(5 * MS).await;
        listening.abort();
        assert_eq!(ear.0.lock().unwrap().heard, sound);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_listener_gets_every_byte_and_holds_no_more_than_its_room() {
        let (ear, sound, start) = (Ear::new(32), sound(4_096 * 200), Instant::now());
        let listening = ear.hear(100 * MS);
        assert_eq!(play(&ear, &sound).await.unwrap().chunks, 200);
        assert!(start.elapsed() >= Duration::from_secs(16), "{:?}", start.elapsed());
        sleep(Duration::from_secs(4)).await;
        listening.abort();
        let state = ear.0.lock().unwrap();
        assert_eq!(state.heard, sound);
        assert!(state.most <= 32 * 4_096, "{} bytes waited", state.most);
    }

    #[tokio::test(start_paused = true)]
    async fn a_listener_that_takes_nothing_is_told_when_it_does_again() {
        let (ear, start) = (Ear::new(4), Instant::now());
        let mut line = line(&ear);
        let ended = line.play(&mut Tail::new(&sound(100_000)[..], 4_096, Duration::ZERO)).await;
        assert_eq!(ended, Err(Ended::Fault(Fault::Slow)));
        assert!(start.elapsed() < Duration::from_secs(13));
        let error = Said::error(&Fault::Slow, Some("strm_1"));
        let (again, wanted) = (ear.clone(), error.clone());
        let awake = tokio::spawn(async move {
            sleep(Duration::from_mins(1)).await;
            while let Some(said) = again.take() {
                if said == wanted {
                    return;
                }
                sleep(MS * 300).await;
            }
            panic!("the error was not told");
        });
        line.close(&error).await;
        awake.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_when_its_listener_leaves() {
        let (ear, start) = (Ear::new(1_000), Instant::now());
        let leaving = ear.clone();
        tokio::spawn(async move {
            sleep(55 * MS).await;
            leaving.leave();
        });
        assert_eq!(play(&ear, &sound(1_000_000)).await, Err(Ended::Left));
        assert_eq!(start.elapsed(), 60 * MS);
        line(&ear).close(&Said::status(Stage::Joined, "strm_1")).await;
    }
}
