//! Keeping an open page up to date: a stream of the parts that changed.

use std::collections::HashMap;
use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{BoxStream, Stream, StreamExt, pending, unfold};
use pregon_core::{CallNews, Change, JobId, StationName, Timestamp, clock};
use tokio::time::{Instant, sleep_until};

use crate::House;
use crate::pages::Trouble;
use crate::pages::job::JobPage;
use crate::pages::jobs::{Asked, Jobs};
use crate::pages::overview::Overview;
use crate::pages::radio::RadioPage;
use crate::visitor::Visitor;

/// Nobody reads faster than this, and a busy system changes a thousand times a second.
const NO_FASTER: Duration = Duration::from_millis(500);
/// A page is never older than this, even if a change was missed.
const NO_OLDER: Duration = Duration::from_secs(5);
/// How often the radio page is told what is heard, and how loud.
const EVERY_SECOND: Duration = Duration::from_secs(1);

/// What an open page shows.
enum Watched {
    Overview { first: bool },
    Jobs { asked: Asked, top: Option<JobId> },
    Job { id: String },
    Radio { station: StationName },
}

impl Watched {
    fn read(query: &HashMap<String, String>) -> Option<Self> {
        let get = |name: &str| query.get(name).map_or("", String::as_str);
        match get("page") {
            "overview" => Some(Self::Overview { first: get("first") == "1" }),
            "jobs" => Some(Self::Jobs { asked: Asked::read(query), top: get("top").parse().ok() }),
            "job" => Some(Self::Job { id: get("id").to_owned() }),
            "radio" => Some(Self::Radio { station: get("station").parse().ok()? }),
            _ => None,
        }
    }

    fn concerns(&self, change: &Change) -> bool {
        match self {
            Self::Overview { .. } | Self::Jobs { .. } => true,
            Self::Job { id } => change.job_id.to_string() == *id,
            Self::Radio { .. } => false,
        }
    }

    /// A page is never older than this. The air changes by itself, and tells nobody.
    const fn no_older(&self) -> Duration {
        match self {
            Self::Overview { .. } | Self::Jobs { .. } | Self::Job { .. } => NO_OLDER,
            Self::Radio { .. } => EVERY_SECOND,
        }
    }

    /// Only a job's own page shows how far its call is.
    fn shows(&self, news: &CallNews) -> bool {
        match self {
            Self::Overview { .. } | Self::Jobs { .. } | Self::Radio { .. } => false,
            Self::Job { id } => news.key.job.to_string() == *id,
        }
    }

    async fn fragments(
        &mut self,
        house: &House,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<Vec<String>, Trouble> {
        match self {
            Self::Overview { first } => {
                let page = Overview::load(house, visitor, now).await?;
                let whole = *first && !page.is_first();
                *first = *first && !whole;
                Ok(page.fragments(whole)?)
            }
            Self::Jobs { asked, top } => {
                Ok(Jobs::load(house, visitor, asked.clone(), *top, now).await?.fragments()?)
            }
            Self::Job { id } => Ok(JobPage::load(house, visitor, id, now).await?.fragments()?),
            Self::Radio { station } => {
                Ok(RadioPage::load(house, visitor, station, now).await?.fragments()?)
            }
        }
    }
}

/// `GET /live?page=…`: an event `frags` with the HTML of each element that changed, at most twice a second and at
/// least every five seconds; the newest state, never a backlog.
pub(crate) async fn stream(
    State(house): State<House>,
    visitor: Visitor,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let Some(watched) = Watched::read(&query) else { return Trouble::NotFound.into_response() };
    let stop = house.0.stop.clone();
    let calls = house.switchboard.as_ref().map_or_else(|| pending().boxed(), |board| board.watch());
    let events =
        events(Viewer { house, visitor, watched, sent: HashMap::new(), changes: None, calls, last: None });
    Sse::new(events.take_until(stop.cancelled_owned())).into_response()
}

struct Viewer {
    house: House,
    visitor: Visitor,
    watched: Watched,
    /// Hash of each element as it was last sent.
    sent: HashMap<usize, u64>,
    changes: Option<BoxStream<'static, Change>>,
    calls: BoxStream<'static, CallNews>,
    /// When it was last brought up to date.
    last: Option<Instant>,
}

fn events(viewer: Viewer) -> impl Stream<Item = Result<Event, Infallible>> {
    unfold(Some(viewer), async |viewer| {
        let mut viewer = viewer?;
        viewer.news().await;
        let now = clock::now();
        if viewer.visitor.is_over(now) {
            return Some((Ok(Event::default().event("leave").data("signin")), None));
        }
        viewer.last = Some(Instant::now());
        let event = match viewer.watched.fragments(&viewer.house, &viewer.visitor, now).await {
            Ok(fragments) => Event::default().event("frags").data(viewer.unsent(&fragments)),
            // The job is gone: loading the page again says so.
            Err(Trouble::NotFound) => return Some((Ok(Event::default().event("leave").data("gone")), None)),
            // Without news the page says that it is cut off, and the next beat tries again.
            Err(_) => Event::default().comment("away"),
        };
        Some((Ok(event), Some(viewer)))
    })
}

impl Viewer {
    /// Waits until there is something to send.
    async fn news(&mut self) {
        // Watching starts before the first look, so that no change falls in between.
        if self.changes.is_none() {
            self.changes = self.house.desk.store().watch().await.ok();
        }
        let Some(last) = self.last else { return };
        let mut due = last + self.watched.no_older();
        while Instant::now() < due {
            let change = async {
                match &mut self.changes {
                    Some(changes) => changes.next().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = sleep_until(due) => return,
                change = change => match change {
                    Some(change) if self.watched.concerns(&change) => due = due.min(last + NO_FASTER),
                    Some(_) => {}
                    // The store went away; the next beat looks for it.
                    None => self.changes = None,
                },
                news = self.calls.next() => match news {
                    Some(news) if self.watched.shows(&news) => due = due.min(last + NO_FASTER),
                    Some(_) => {}
                    None => self.calls = pending().boxed(),
                },
            }
        }
    }

    /// The elements that are not as they were sent. An element keeps its place in the list.
    fn unsent(&mut self, fragments: &[String]) -> String {
        let mut out = String::new();
        for (place, html) in fragments.iter().enumerate() {
            let mut hasher = DefaultHasher::new();
            html.hash(&mut hasher);
            let hash = hasher.finish();
            if self.sent.insert(place, hash) != Some(hash) {
                out.push_str(html);
            }
        }
        out
    }
}
