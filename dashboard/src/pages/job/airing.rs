//! What only announcements on the air have on their page.

use pregon_core::{Air, Airing, Job, OnAirAnnouncement};

use super::facts::Row;
use crate::House;
use crate::pages::Chrome;

/// The plain facts of an airing.
pub(super) fn rows(job: &Job, air: &Air, c: &Chrome) -> Vec<Row> {
    let (w, locale) = (&c.w().airs, &c.locale);
    let airing = job.outcome.as_ref().and_then(|outcome| outcome.airing.as_ref());
    let at = airing.and_then(|airing| airing.at);
    let asked = job.spec.not_before.unwrap_or(job.created);
    let heard = airing.filter(|airing| airing.at.is_some()).map(|airing| airing.seconds);
    let listeners = airing.and_then(|airing: &Airing| airing.listeners);
    vec![
        (w.aired_at, at.map(|at| locale.exact(at, c.now))),
        (w.heard, heard.map(|seconds| format!("{}\u{a0}s", locale.language.decimal(seconds, 1)))),
        (w.listeners_title, listeners.map(|n| locale.language.number(n.into()))),
        (w.reason, airing.and_then(|airing| airing.reason.clone())),
        (w.mode_title, Some((w.mode)(air.mode, locale, c.now))),
        (w.over_live_title, Some((w.over_live)(air.over_live).to_owned())),
        (w.chime_title, Some((w.chime)(air.chime).to_owned())),
        (w.repeat, Some((w.times)(air.repeat))),
        (w.dedupe, air.dedupe.clone()),
        (w.until_air, at.map(|at| locale.language.span(at.since(asked)))),
    ]
}

/// The announcement of `job` while it is heard, where its station runs in this process.
pub(super) async fn on_air(house: &House, job: &Job) -> Option<OnAirAnnouncement> {
    let air = job.spec.air().filter(|_| !job.state.name().is_final())?;
    let look = house.radio.as_ref()?.look(&air.station).await?;
    look.announcement.filter(|announcement| announcement.job == Some(job.id))
}
