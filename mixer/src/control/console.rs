//! Answers the commands of the line protocol for one station.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pregon_core::clock;

use super::lines::{LONGEST_LINE, Line};
use super::protocol::{self, Answer, Command, QueueName};
use super::request::{Pushed, Request};
use crate::Tier;
use crate::programme::Asked;
use crate::station::{Announcement, Mode, Snapshot, Station, Ticket};

/// How many pushes are remembered in the words of whoever made them. Older ones are still known by their files.
const REMEMBERED: usize = 2_000;

/// One station, as the line protocol sees it. The number of a request is the station's own ticket, so tracks of the
/// programme and announcements of other origin have one too.
#[derive(Debug)]
pub(super) struct Console {
    station: Station,
    pushed: Mutex<BTreeMap<Ticket, Pushed>>,
}

impl Console {
    pub(super) fn new(station: Station) -> Self {
        Self { station, pushed: Mutex::default() }
    }

    /// The answer to a line; a blank one has none.
    pub(super) async fn answer(&self, line: &Line) -> Option<Answer> {
        let bytes = match line {
            Line::Whole(bytes) => bytes,
            Line::TooLong => {
                return Some(Answer::error(format_args!("a line may have {LONGEST_LINE} bytes")));
            }
        };
        let command = protocol::parse(bytes)?;
        Some(self.carry_out(command).await.unwrap_or_else(|Closed| Answer::error("the station is closing")))
    }

    async fn carry_out(&self, command: Command<'_>) -> Result<Answer, Closed> {
        Ok(match command {
            Command::Push(queue, uri) => self.push(queue, uri).await,
            Command::Queue(queue) => rids(waiting(&self.snapshot().await?, queue)),
            Command::Skip(queue) => self.skip(queue).await?,
            Command::FlushAndSkip(queue) => {
                for ticket in waiting(&self.snapshot().await?, queue) {
                    self.station.withdraw(ticket).await;
                }
                self.skip(queue).await?
            }
            Command::SkipTrack => {
                if !self.station.hush().await {
                    self.station.skip().await;
                }
                Answer::Text("Done!".to_owned())
            }
            Command::OnAir => rids(on_air(&self.snapshot().await?)),
            Command::Alive => rids(alive(&self.snapshot().await?)),
            Command::All => {
                let over = self.station.history().await.into_iter().map(|played| played.ticket);
                rids(alive(&self.snapshot().await?).into_iter().chain(over).collect())
            }
            // A push is answered when its file is open: nobody sees one that is not.
            Command::Resolving => rids(Vec::new()),
            Command::Trace(rid) => {
                self.request(rid).await?.map_or_else(Answer::no_such_request, |r| r.trace())
            }
            Command::Metadata(rid) => {
                self.request(rid).await?.map_or_else(Answer::no_such_request, |r| r.metadata())
            }
            Command::LiveStatus => Answer::Text("no source client connected".to_owned()),
            Command::Version => Answer::version(),
            Command::Uptime => Answer::uptime(Duration::from_secs(self.snapshot().await?.uptime_seconds)),
            Command::Help(about) => Answer::help(about),
            Command::Exit => Answer::Bye,
            Command::Unknown => Answer::unknown(),
            Command::NotText => {
                Answer::error("the line is not UTF-8; in a file:// URI, write other bytes as %xx")
            }
        })
    }

    async fn push(&self, queue: QueueName, uri: &str) -> Answer {
        let Asked { path, title, artist } = match Asked::parse(uri) {
            Ok(asked) => asked,
            Err(error) => return Answer::error(error),
        };
        let at = clock::now();
        let taken = match queue {
            QueueName::Interrupting => {
                let announcement = Announcement { title: title.clone(), ..Announcement::of(path) };
                self.station.announce(announcement).await
            }
            QueueName::Requests => self.station.enqueue(path).await,
        };
        match taken {
            Ok(ticket) => {
                self.remember(ticket, Pushed { uri: uri.to_owned(), title, artist, at });
                rids(vec![ticket])
            }
            Err(refused) => Answer::error(refused),
        }
    }

    async fn skip(&self, queue: QueueName) -> Result<Answer, Closed> {
        match queue {
            QueueName::Interrupting => {
                self.station.hush().await;
            }
            QueueName::Requests => {
                let playing = self.snapshot().await?.now_playing;
                if playing.is_some_and(|track| track.tier == Tier::Queue) {
                    self.station.skip().await;
                }
            }
        }
        Ok(Answer::Text("Done.".to_owned()))
    }

    async fn snapshot(&self) -> Result<Snapshot, Closed> {
        self.station.snapshot().await.ok_or(Closed)
    }

    fn remember(&self, ticket: Ticket, push: Pushed) {
        let mut pushed = self.pushed.lock().unwrap_or_else(PoisonError::into_inner);
        pushed.insert(ticket, push);
        while pushed.len() > REMEMBERED {
            pushed.pop_first();
        }
    }

    /// What is known of the request with this number.
    async fn request(&self, rid: &str) -> Result<Option<Request>, Closed> {
        let Ok(rid) = rid.parse() else { return Ok(None) };
        let ticket = Ticket(rid);
        let alive = Request::alive(&self.snapshot().await?, ticket);
        let found = match alive {
            Some(request) => Some(request),
            None => self.over(ticket).await,
        };
        let Some(mut request) = found else { return Ok(None) };
        let pushed = self.pushed.lock().unwrap_or_else(PoisonError::into_inner).get(&ticket).cloned();
        if let Some(pushed) = pushed {
            request.pushed(pushed);
        }
        Ok(Some(request))
    }

    async fn over(&self, ticket: Ticket) -> Option<Request> {
        self.station.history().await.into_iter().find(|played| played.ticket == ticket).map(Request::over)
    }
}

/// The station is gone.
struct Closed;

/// What a queue of the protocol holds. An announcement for the end of a track or for a time of day stands in no queue:
/// to drop what waits must not drop those.
fn waiting(snapshot: &Snapshot, queue: QueueName) -> Vec<Ticket> {
    let at_once = |mode: Mode| match mode {
        Mode::Interrupt | Mode::MoveOn | Mode::Duck => true,
        Mode::Next | Mode::At(_) => false,
    };
    match queue {
        QueueName::Interrupting => {
            snapshot.waiting.iter().filter(|w| at_once(w.mode)).map(|w| w.ticket).collect()
        }
        QueueName::Requests => snapshot.queue.iter().map(|queued| queued.ticket).collect(),
    }
}

fn on_air(snapshot: &Snapshot) -> Vec<Ticket> {
    let track = snapshot.now_playing.iter().map(|track| track.ticket);
    track.chain(snapshot.on_air.iter().map(|announcement| announcement.ticket)).collect()
}

fn alive(snapshot: &Snapshot) -> Vec<Ticket> {
    let waiting = snapshot.waiting.iter().map(|waiting| waiting.ticket);
    let queued = snapshot.queue.iter().map(|queued| queued.ticket);
    on_air(snapshot).into_iter().chain(waiting).chain(queued).collect()
}

fn rids(mut tickets: Vec<Ticket>) -> Answer {
    tickets.sort_unstable();
    tickets.dedup();
    Answer::rids(tickets.into_iter().map(|ticket| ticket.0))
}
