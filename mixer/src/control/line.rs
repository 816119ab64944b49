//! Conversations in the line protocol, on whatever kind of connection.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::console::Console;
use super::lines::{Line, Lines};
use super::protocol::Answer;

/// Connections at once, on all doors together.
const CONNECTIONS: usize = 32;

/// A connection on which nothing moves for this long is closed.
const IDLE: Duration = Duration::from_mins(5);

/// How many bytes of answers may wait for somebody who writes and does not read. Then nothing more is read from them.
/// Ten thousand lines in one go are answered below it.
const UNREAD: usize = 1 << 20;

/// Read at once: bounds how many lines wait for their answers.
const PIECE: usize = 8 * 1024;

/// Whoever comes through one of the doors.
#[derive(Clone)]
pub(super) struct Reception {
    console: Arc<Console>,
    slots: Arc<Semaphore>,
    talks: TaskTracker,
    stop: CancellationToken,
    idle: Duration,
}

impl Reception {
    pub(super) fn new(console: Console, stop: CancellationToken) -> Self {
        let slots = Arc::new(Semaphore::new(CONNECTIONS));
        Self { console: Arc::new(console), slots, talks: TaskTracker::new(), stop, idle: IDLE }
    }

    #[cfg(test)]
    pub(super) fn patient_for(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    /// Talks with somebody, beside the others.
    pub(super) fn welcome<C: AsyncRead + AsyncWrite + Send + 'static>(&self, connection: C) {
        let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() else {
            let (_, mut write) = tokio::io::split(connection);
            self.talks.spawn(async move {
                let sorry =
                    Answer::error(format_args!("there are {CONNECTIONS} connections already")).to_bytes();
                drop(tokio::time::timeout(Duration::from_secs(1), write.write_all(&sorry)).await);
            });
            return;
        };
        let (reception, stop) = (self.clone(), self.stop.clone());
        self.talks.spawn(async move {
            let talk = Talk::new(connection, reception.idle).hold(&reception.console);
            if let Some(Err(error)) = stop.run_until_cancelled(talk).await {
                tracing::debug!(%error, "a control connection broke off");
            }
            drop(slot);
        });
    }

    /// Waits until nobody talks any more.
    pub(super) async fn empty(self) {
        self.talks.close();
        self.talks.wait().await;
    }
}

/// How a conversation goes on.
enum Next {
    /// Something was read or written.
    Moved,
    /// The other side will write no more.
    HeardAll,
    /// Nothing happened for too long.
    Idle,
}

/// One conversation.
struct Talk<C> {
    read: ReadHalf<C>,
    write: WriteHalf<C>,
    lines: Lines,
    unanswered: VecDeque<Line>,
    unread: VecDeque<u8>,
    idle: Duration,
}

impl<C: AsyncRead + AsyncWrite + Send> Talk<C> {
    fn new(connection: C, idle: Duration) -> Self {
        let (read, write) = tokio::io::split(connection);
        Self {
            read,
            write,
            lines: Lines::default(),
            unanswered: VecDeque::new(),
            unread: VecDeque::new(),
            idle,
        }
    }

    /// Answers line by line until the other side says goodbye or has had the answer to its last line: that it has
    /// closed its own direction meanwhile does not matter.
    async fn hold(mut self, console: &Console) -> std::io::Result<()> {
        let mut heard_all = false;
        let mut piece = vec![0; PIECE];
        loop {
            while let Some(line) = self.unanswered.pop_front() {
                let Some(answer) = console.answer(&line).await else { continue };
                self.unread.extend(answer.to_bytes());
                if answer == Answer::Bye {
                    return self.part().await;
                }
                // Each answer leaves when it is known, not after those that follow it.
                if let Some(wrote) = self.write_some().now_or_never() {
                    wrote?;
                }
            }
            if heard_all && self.unread.is_empty() {
                return self.part().await;
            }
            match self.next(heard_all, &mut piece).await? {
                Next::Moved => {}
                Next::HeardAll => {
                    heard_all = true;
                    self.unanswered.extend(self.lines.finish());
                }
                Next::Idle => {
                    self.unread.extend(b"Connection timed out.. Bye!\r\n");
                    return self.part().await;
                }
            }
        }
    }

    async fn next(&mut self, heard_all: bool, piece: &mut [u8]) -> std::io::Result<Next> {
        let deadline = Instant::now() + self.idle;
        let listens = !heard_all && self.unread.len() < UNREAD;
        let speaks = !self.unread.is_empty();
        tokio::select! {
            wrote = write_some(&mut self.write, &mut self.unread), if speaks => wrote.map(|()| Next::Moved),
            count = self.read.read(piece), if listens => {
                let count = count?;
                let heard = piece.get(..count).unwrap_or_default();
                self.lines.feed(heard, |line| self.unanswered.push_back(line));
                Ok(if count == 0 { Next::HeardAll } else { Next::Moved })
            }
            () = tokio::time::sleep_until(deadline) => Ok(Next::Idle),
        }
    }

    async fn write_some(&mut self) -> std::io::Result<()> {
        write_some(&mut self.write, &mut self.unread).await
    }

    /// Says what is left to say and closes.
    async fn part(mut self) -> std::io::Result<()> {
        let idle = self.idle;
        let last = async {
            while !self.unread.is_empty() {
                self.write_some().await?;
            }
            self.write.shutdown().await
        };
        tokio::time::timeout(idle, last).await.unwrap_or(Ok(()))
    }
}

/// Writes what the other side takes at once. Cancelled, it has written nothing.
async fn write_some<W: AsyncWrite + Unpin>(write: &mut W, unread: &mut VecDeque<u8>) -> std::io::Result<()> {
    let count = write.write(unread.as_slices().0).await?;
    if count == 0 {
        return Err(std::io::ErrorKind::WriteZero.into());
    }
    unread.drain(..count);
    Ok(())
}
