//! What the air thread tells, and what the conductor makes of it: news, history, snapshots.

use pregon_core::Timestamp;

use super::conductor::{Conductor, Moment, REMEMBERED};
use super::item::{Hold, Item, Recall, Slot};
use super::{Airing, Ended, News, NowPlaying, Played, Snapshot, Ticket};
use crate::air::{Ending, Notice, Tier};

impl Conductor {
    /// Takes everything that the air thread has told.
    pub(super) fn hear(&mut self, moment: Moment) {
        while let Some(notice) = self.pit.desk.notice() {
            match notice {
                Notice::Began { ticket, frame } => self.begun(ticket, frame, moment.time_of(frame)),
                Notice::Ended { ticket, ending, played } => self.over(ticket, ending, played, moment.now),
                Notice::Returned(ticket) => self.returned(ticket, moment.now),
                Notice::Tier(tier) => {
                    self.tier = tier;
                    self.tell(News::Tier(tier));
                }
            }
        }
        while let Some(feed) = self.pit.desk.retired() {
            if let Some(item) = self.item(feed.ticket).filter(|item| matches!(item.hold, Hold::Returning)) {
                let failure = item.failure.clone().unwrap_or_default();
                item.hold = Hold::Ready(super::ready::Ready { feed, pump: None, failure });
            }
        }
        self.tell_track();
    }

    fn begun(&mut self, ticket: Ticket, frame: u64, at: Timestamp) {
        let Some(item) = self.item(ticket) else { return };
        item.began = Some((frame, at));
        if let Some(Recall::Withdrawn(reply)) = item.recall.take() {
            let _ = reply.send(false);
        }
        if item.tier() == Tier::Interrupt {
            let news =
                News::Announcement { ticket, key: item.key.clone(), airing: Airing::Began { frame, at } };
            self.tell(news);
        }
    }

    fn over(&mut self, ticket: Ticket, ending: Ending, played: u64, now: Timestamp) {
        let Some(item) = self.item(ticket) else { return };
        let seconds = seconds(played);
        let failure = item.failure.as_ref().and_then(|failure| failure.get());
        let ended = match (ending, failure, item.began) {
            (Ending::Complete, None, Some((frame, at))) => Ended::Aired { at, frame, seconds },
            (Ending::Complete, Some(error), _) => Ended::Failed { reason: error.to_string(), seconds },
            (Ending::Cut, _, _) | (Ending::Complete, None, None) => Ended::Skipped { seconds },
            (Ending::Starved, _, _) => {
                Ended::Failed { reason: "the file could not be read fast enough".into(), seconds }
            }
        };
        self.end(ticket, ended, now);
    }

    fn returned(&mut self, ticket: Ticket, now: Timestamp) {
        let Some(item) = self.item(ticket) else { return };
        match item.recall.take() {
            Some(Recall::Expired) => self.end(ticket, Ended::Expired, now),
            Some(Recall::Withdrawn(reply)) => {
                self.end(ticket, Ended::Skipped { seconds: 0.0 }, now);
                let _ = reply.send(true);
            }
            // Driven out by something more urgent: it waits again.
            None => item.hold = Hold::Returning,
        }
    }

    /// The one way out of a station.
    pub(super) fn end(&mut self, ticket: Ticket, ended: Ended, now: Timestamp) {
        let Some(place) = self.items.iter().position(|item| item.ticket == ticket) else { return };
        let mut item = self.items.remove(place);
        if let Some(Recall::Withdrawn(reply)) = item.recall.take() {
            let _ = reply.send(false);
        }
        let tier = item.tier();
        if tier == Tier::Interrupt {
            let airing = Airing::Ended(ended.clone());
            self.tell(News::Announcement { ticket, key: item.key.clone(), airing });
        }
        let (path, title, artist) = (item.facts.path, item.facts.title, item.facts.artist);
        self.history.push_front(Played { ticket, key: item.key, tier, path, title, artist, ended, at: now });
        self.history.truncate(REMEMBERED);
    }

    fn tell_track(&mut self) {
        let playing = self.now_playing_item().map(|item| item.ticket);
        if playing != self.told {
            self.told = playing;
            self.tell(News::NowPlaying(self.now_playing()));
        }
    }

    fn tell(&self, news: News) {
        // Nobody listening is nothing wrong.
        drop(self.pit.news.send(news));
    }

    fn now_playing(&self) -> Option<NowPlaying> {
        let item = self.now_playing_item()?;
        let elapsed = seconds(self.pit.desk.meters.played(item.ticket));
        Some(NowPlaying {
            ticket: item.ticket,
            tier: item.tier(),
            path: item.facts.path.clone(),
            title: item.facts.title.clone(),
            artist: item.facts.artist.clone(),
            began: item.began.map(|(_, at)| at)?,
            elapsed,
            remaining: item.facts.seconds.map(|length| (length - elapsed).max(0.0)),
        })
    }

    pub(super) fn snapshot(&self, now: Timestamp) -> Snapshot {
        let in_slot = |slot: Slot| {
            let mut items: Vec<&Item> =
                self.items.iter().filter(|item| item.slot() == slot && item.waits()).collect();
            items.sort_by_key(|item| item.rank());
            items
        };
        let waiting = [Slot::Soon, Slot::AfterTrack, Slot::AtTime].into_iter().flat_map(in_slot);
        Snapshot {
            station: self.pit.name.clone(),
            tier: self.tier,
            on_air: self.on_air().and_then(Item::shown),
            now_playing: self.now_playing(),
            waiting: waiting.filter_map(Item::shown).collect(),
            queue: in_slot(Slot::Queue).into_iter().filter_map(Item::queued).collect(),
            readings: self.pit.desk.meters.readings(),
            uptime_seconds: now.since(self.began).as_secs(),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "2^52 frames are three thousand years")]
fn seconds(frames: u64) -> f64 {
    frames as f64 / f64::from(pregon_audio::AIR_RATE)
}
