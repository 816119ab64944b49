//! A station: what is heard, what waits, what was heard, and what can be announced.

pub(crate) mod acts;
mod desk;
pub(crate) mod form;
mod lists;
pub(crate) mod log;

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use pregon_core::{Lane, Radio, StationLook, StationName, Timestamp, clock};

use self::desk::{Desk, Skip};
pub(crate) use self::form::Complaint;
use self::form::{Announcing, CHIMES, Field, MAX_TEXT, When};
use self::lists::{LogRow, QueueRow, Streams};
use super::{Chrome, Flash, Heard, Reload, Section, Trouble, rendered};
use crate::House;
use crate::icon::Icon;
use crate::visitor::Visitor;

/// Lines of the log on the page; the file has more.
const LOGGED: usize = 20;

/// `GET /radio/{station}`
#[derive(Template)]
#[template(
    path = "radio.html",
    blocks = ["badge", "clock", "lede", "skip", "air", "meters", "queue", "log", "streams"]
)]
pub(crate) struct RadioPage {
    c: Chrome,
    station: StationName,
    /// The others of this process, and this one.
    stations: Vec<StationName>,
    /// Absent while the station does not answer.
    on: Option<OnAir>,
    log: Vec<LogRow>,
    /// For those who may operate.
    form: Option<Announcing>,
    /// Whether the form can be heard before it is sent.
    may_hear: bool,
    /// What the form says, once it was spoken.
    heard: Option<Heard>,
    /// Where it can be listened to from this page.
    stream: Option<String>,
}

/// What a station that answers shows.
struct OnAir {
    lede: String,
    desk: Desk,
    queue: Vec<QueueRow>,
    requests: String,
    streams: Streams,
}

impl RadioPage {
    /// The page as of `now`.
    pub(crate) async fn load(
        house: &House,
        visitor: &Visitor,
        station: &StationName,
        now: Timestamp,
    ) -> Result<Self, Trouble> {
        let radio = running(house, station)?;
        let mut c = Chrome::of(house, visitor, Section::Radio, now);
        let (look, log, people) = tokio::join!(
            radio.look(station),
            radio.as_run(station, LOGGED),
            house.0.people.waiting_for(house.desk.store(), &visitor.caller, now),
        );
        // The air goes on without the store, and this page with it.
        c.people = people.map_or(0, |people| people.len() as u64);
        let bound = visitor.own_only().is_some();
        Ok(Self {
            station: station.clone(),
            stations: radio.stations(),
            log: log.iter().map(|line| LogRow::of(line, &c, bound)).collect(),
            stream: look.as_ref().and_then(desk::stream),
            on: look.as_ref().map(|look| OnAir::of(look, &c, bound)),
            form: c.is_operator().then(|| Announcing::fresh(house.language, &house.zone, now)),
            may_hear: house.voices.is_some(),
            heard: None,
            c,
        })
    }

    /// The parts that change.
    pub(crate) fn fragments(&self) -> askama::Result<Vec<String>> {
        Ok(vec![
            self.as_badge().render()?,
            self.as_clock().render()?,
            self.as_lede().render()?,
            self.as_skip().render()?,
            self.as_air().render()?,
            self.as_meters().render()?,
            self.as_queue().render()?,
            self.as_log().render()?,
            self.as_streams().render()?,
        ])
    }

    /// The page as an answer, kept up to date, and allowed to play the station's stream.
    fn answer(mut self, visitor: &Visitor, said: Option<Flash>) -> Result<Response, Trouble> {
        let language = visitor.guest.language.tag();
        self.c.live = Some(format!("/live?page=radio&station={}&lang={language}", self.station));
        if self.form.is_some() {
            self.c.reload = Reload::Never;
        }
        self.c.flash = said;
        let mut response = rendered(&self)?;
        if let Some(media) = self.stream.as_deref().and_then(MediaFrom::of) {
            response.extensions_mut().insert(media);
        }
        Ok(response)
    }
}

impl OnAir {
    fn of(look: &StationLook, c: &Chrome, bound: bool) -> Self {
        let row = |announcement| QueueRow::of(announcement, c, bound);
        Self {
            lede: desk::lede(look, c),
            desk: Desk::of(look, c, bound),
            queue: look.waiting.iter().map(row).collect(),
            requests: look.queue.join(" · "),
            streams: Streams::of(look, c),
        }
    }
}

/// What the template asks for.
impl RadioPage {
    fn lede(&self) -> String {
        match &self.on {
            Some(on) => on.lede.clone(),
            None => (self.c.w().radio.silent)(self.station.as_str()),
        }
    }

    fn waiting(&self) -> String {
        let waiting = self.on.as_ref().map_or(0, |on| on.queue.len() as u64);
        (self.c.w().radio.waiting)(waiting)
    }

    /// The choices of a form: value, word, whether it is chosen.
    fn whens(&self, form: &Announcing) -> [(&'static str, &'static str, bool); 4] {
        let w = &self.c.w().radio;
        When::ALL.map(|when| {
            let word = match when {
                When::Interrupt => w.interrupt,
                When::Duck => w.duck,
                When::Next => w.next,
                When::At => w.at,
            };
            (when.as_str(), word, form.when == when)
        })
    }

    fn chimes(&self, form: &Announcing) -> [(&'static str, &'static str, bool); 4] {
        CHIMES.map(|(chime, word)| (word, (self.c.w().airs.chime)(chime), form.chime == chime))
    }

    fn links(&self) -> impl Iterator<Item = (&str, bool)> {
        self.stations.iter().map(|s| (s.as_str(), *s == self.station))
    }

    fn complaint(&self, field: Field) -> Option<&'static str> {
        self.form.as_ref()?.wrong(field).map(|complaint| (self.c.w().radio.complaint)(complaint))
    }

    fn player(&self) -> String {
        (self.c.w().radio.player)(self.station.as_str())
    }
}

/// Where else than from the dashboard itself a page may play sound: the origin of a stream.
#[derive(Clone, Debug)]
pub(crate) struct MediaFrom(pub(crate) String);

impl MediaFrom {
    fn of(stream: &str) -> Option<Self> {
        let origin = url::Url::parse(stream).ok()?.origin();
        origin.is_tuple().then(|| Self(origin.ascii_serialization()))
    }
}

/// The radio of this process, when it has that station.
fn running<'a>(house: &'a House, station: &StationName) -> Result<&'a dyn Radio, Trouble> {
    let radio = house.radio.as_deref().ok_or(Trouble::NotFound)?;
    if radio.stations().contains(station) { Ok(radio) } else { Err(Trouble::NotFound) }
}

/// The station that an address names.
fn named(text: &str) -> Result<StationName, Trouble> {
    text.parse().map_err(|_| Trouble::NotFound)
}

/// `GET /radio/{station}`
pub(crate) async fn show(
    State(house): State<House>,
    visitor: Visitor,
    Path(station): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let page = RadioPage::load(&house, &visitor, &named(&station)?, clock::now()).await?;
    page.answer(&visitor, query.get("said").and_then(|word| Flash::parse(word)))
}

/// Says which stations there are, or that there is none.
#[derive(Template)]
#[template(path = "radio_choose.html")]
struct Choose {
    c: Chrome,
    stations: Vec<StationName>,
}

impl Choose {
    fn lede(&self) -> String {
        let w = &self.c.w().radio;
        if self.stations.is_empty() { w.none.to_owned() } else { (w.choose)(self.stations.len() as u64) }
    }
}

/// `GET /radio`: straight to the station where there is one.
pub(crate) async fn choose(State(house): State<House>, visitor: Visitor) -> Result<Response, Trouble> {
    let stations = house.radio.as_ref().map(|radio| radio.stations()).unwrap_or_default();
    if let [station] = stations.as_slice() {
        return Ok(Redirect::to(&format!("/radio/{station}")).into_response());
    }
    let now = clock::now();
    let mut c = Chrome::of(&house, &visitor, Section::Radio, now);
    c.people = house.0.people.waiting_for(house.desk.store(), &visitor.caller, now).await?.len() as u64;
    rendered(&Choose { c, stations })
}
