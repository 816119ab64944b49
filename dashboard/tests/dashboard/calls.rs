//! Calls that go on: seen on their page, and hung up from there.

use std::time::Duration;

use axum::http::{StatusCode, header};
use pregon_core::{Event, Job, Phase, State, StateName, Store, Waiting, What, clock};
use tokio::time::Instant;

use crate::house::House;
use crate::live::{Stream, sent};

const HANG_UP: &str = "#frag-acts form[action$='/hangup']";

/// A job whose call Asterisk has taken.
async fn under_way(house: &House) -> Job {
    house.job(|j| matches!(j.state, State::Dispatched { waiting: Waiting::Result, .. })).await
}

#[tokio::test]
async fn each_phase_is_told_in_both_languages_and_can_be_ended() {
    let (house, line) = House::followed("").await;
    let job = under_way(&house).await;
    let since = clock::now();
    for (language, phase, story, word) in [
        ("es", Phase::Dialling, "Asterisk marca desde las ", "marcando"),
        ("es", Phase::Ringing, "El teléfono suena desde las ", "sonando"),
        ("es", Phase::Answered, "Contestaron a las ", "en línea"),
        ("en", Phase::Dialling, "Asterisk has been dialling since ", "dialling"),
        ("en", Phase::Ringing, "The phone has been ringing since ", "ringing"),
        ("en", Phase::Answered, "Somebody answered at ", "on the line"),
    ] {
        line.put(&job, Some(phase), since);
        let page = house.get(&format!("/jobs/{}?lang={language}", job.id)).await.page();
        assert!(page.text("#frag-lede").starts_with(story), "{}", page.text("#frag-lede"));
        assert_eq!(page.text("#frag-facts .out"), word);
        assert!(page.text("#frag-json").contains(&format!(r#""phase": "{}""#, phase.as_str())));
        assert_eq!((page.count(HANG_UP), page.count("#frag-acts form[action$='/cancel']")), (1, 0));
    }
}

#[tokio::test]
async fn what_nobody_knows_is_not_shown() {
    let path = async |house: &House| format!("/jobs/{}", under_way(house).await.id);
    let without = House::busy().await;
    let page = without.get(&path(&without).await).await.page();
    assert_eq!(page.count(HANG_UP), 0);
    assert_eq!(page.text("#frag-lede"), "Asterisk tiene la llamada; aún no se sabe el resultado.");
    let token = without.get(&path(&without).await).await;
    let refused = without.post(&format!("{}/hangup", path(&without).await), &token, &[]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);

    let (house, line) = House::followed("").await;
    let job = under_way(&house).await;
    let shown = async || house.get(&path(&house).await).await.page().count(HANG_UP);
    assert_eq!(shown().await, 0, "not on the line yet");
    line.put(&job, Some(Phase::Ringing), clock::now());
    assert_eq!(shown().await, 1);
    line.go_away(true);
    assert_eq!(shown().await, 0, "the connection is lost");
    line.go_away(false);
    assert_eq!(shown().await, 1);
    let done = house.job(|j| j.state.name() == StateName::Completed).await;
    line.put(&done, Some(Phase::Answered), clock::now());
    assert_eq!(house.get(&format!("/jobs/{}", done.id)).await.page().count(HANG_UP), 0);
}

#[tokio::test]
async fn a_call_is_hung_up_by_a_form_and_no_other_follows() {
    let (house, line) = House::followed("").await;
    let job = under_way(&house).await;
    let (path, form) = (format!("/jobs/{}", job.id), format!("/jobs/{}/hangup", job.id));
    line.put(&job, Some(Phase::Ringing), clock::now());
    let page = house.get(&path).await;
    let forged = house.post(&form, &page, &[("csrf", "made-up")]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    line.go_away(true);
    let away = house.post(&form, &page, &[]).await;
    assert_eq!(away.header(header::LOCATION), format!("{path}?said=not-hung-up"));
    line.go_away(false);
    assert_eq!(house.memory.get(job.id).await.unwrap().unwrap().timeline, job.timeline);

    let answer = house.post(&form, &page, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header(header::LOCATION), format!("{path}?said=hanging-up"));
    let stored = house.memory.get(job.id).await.unwrap().unwrap();
    assert_eq!(stored.timeline.last().unwrap().what, What::HangUpAsked);
    assert_eq!(stored.allowed, stored.counted(), "no attempt is left");
    let said = house.get(&format!("{path}?said=hanging-up")).await.page();
    assert!(said.text("#frag-timeline").contains("Se pidió colgar; no habrá otro intento"));
    assert_eq!(said.count(HANG_UP), 0);
    let late = house.post(&form, &page, &[]).await;
    assert_eq!(late.header(header::LOCATION), format!("{path}?said=no-call"));
}

#[tokio::test]
async fn only_those_who_may_change_a_job_hang_up() {
    let (house, line) = House::followed("pared:viewer:12345678").await;
    let door = house.get("/signin").await;
    house.post("/signin", &door, &[("key", "12345678"), ("next", "/jobs")]).await;
    let job = under_way(&house).await;
    line.put(&job, Some(Phase::Ringing), clock::now());
    let page = house.get(&format!("/jobs/{}", job.id)).await;
    assert!(page.page().text("#frag-lede").starts_with("El teléfono suena"));
    assert_eq!(page.page().count(HANG_UP), 0);
    let refused = house.post(&format!("/jobs/{}/hangup", job.id), &page, &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(house.memory.get(job.id).await.unwrap().unwrap().timeline, job.timeline);
}

#[tokio::test]
async fn a_phase_arrives_well_before_the_beat() {
    let (house, line) = House::followed("").await;
    let job = under_way(&house).await;
    let mut stream = Stream::open(&house, &format!("/live?page=job&id={}", job.id)).await;
    assert!(sent(&stream.next().await.unwrap(), "frag-acts"));
    let changed = Instant::now();
    line.put(&job, Some(Phase::Ringing), clock::now());
    let news = stream.next().await.unwrap();
    assert!(changed.elapsed() < Duration::from_secs(3), "that was the beat, not the change");
    assert!(news.contains("El teléfono suena desde las") && news.contains("/hangup"));
    assert!(!sent(&news, "frag-message"), "the message did not change");
}

#[tokio::test]
async fn a_call_that_was_handed_over_can_be_the_last_one() {
    let house = House::busy().await;
    let job = under_way(&house).await;
    let (path, form) = (format!("/jobs/{}", job.id), "#frag-acts form[action$='/cancel']");
    let page = house.get(&path).await;
    assert_eq!(
        page.page().text(&format!("{form} p")),
        "Esta llamada ya se entregó y sigue su curso. Si no la oyen, no habrá otro intento."
    );
    assert_eq!(page.page().text(&format!("{form} button")), "Sí, sin más intentos");
    let answer = house.post(&format!("{path}/cancel"), &page, &[]).await;
    assert_eq!(answer.header(header::LOCATION), format!("{path}?said=last-call"));
    let stored = house.memory.get(job.id).await.unwrap().unwrap();
    assert_eq!((stored.state.name(), stored.exhausted()), (StateName::Dispatched, true));
    let said = house.get(answer.header(header::LOCATION)).await.page();
    assert_eq!(
        said.text(".flash.warn"),
        "Esta llamada ya se entregó y sigue su curso. No habrá otra después."
    );
    assert_eq!((said.count(form), said.count("#frag-acts button[disabled]")), (0, 1));
    assert_eq!(
        said.text("#frag-acts .dim"),
        "Ya se entregó, y no habrá otro intento: no queda nada que cancelar."
    );
    let done = house.job(|j| j.state.name() == StateName::Completed).await;
    let late = house.post(&format!("/jobs/{}/cancel", done.id), &page, &[]).await;
    assert!(late.header(header::LOCATION).ends_with("said=too-late"));
}

#[tokio::test]
async fn a_job_cancelled_after_a_call_is_not_said_to_have_been_quiet() {
    let house = House::busy().await;
    let uncertain =
        house.job(|j| matches!(j.state, State::Dispatched { waiting: Waiting::Person, .. })).await;
    let now = clock::now();
    let cancelled = uncertain
        .clone()
        .apply(Event::Again { attempt: uncertain.attempt, heard_too: false }, now)
        .unwrap()
        .apply(Event::Cancel, now)
        .unwrap();
    house.memory.put(&cancelled);
    let page = house.get(&format!("/jobs/{}", cancelled.id)).await.page();
    assert_eq!(page.text("#frag-lede"), "Se canceló antes de volver a llamar.");
    assert!(page.text("#frag-facts").contains("no se volvió a llamar"));
    let quiet = house.job(|j| j.state.name() == StateName::Cancelled && j.attempt == 0).await;
    let page = house.get(&format!("/jobs/{}", quiet.id)).await.page();
    assert_eq!(page.text("#frag-lede"), "Se canceló antes de entregarla.");
    assert!(page.text("#frag-facts").contains("no sonó"));
}
