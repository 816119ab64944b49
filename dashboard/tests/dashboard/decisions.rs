//! Calls whose fate nobody knows, and what people decide about them.

use axum::http::{StatusCode, header};
use pregon_core::{
    Entry, Event, Filter, Job, Outcome, OutcomeKind, State, StateName, Store, Verdict, Waiting, What, clock,
};

use crate::house::{Answer, House};
use crate::live::{Stream, sent};

const BUTTONS: &str = "#frag-acts button[name=verdict]";

/// The newest uncertain call.
async fn uncertain(house: &House) -> Job {
    let handed_over = Filter { state: Some(StateName::Dispatched), limit: 500, ..Filter::default() };
    let jobs = house.memory.list(&handed_over).await.unwrap().jobs;
    let doubtful = |job: &Job| matches!(job.state, State::Dispatched { waiting: Waiting::Person, .. });
    jobs.into_iter().find(doubtful).unwrap()
}

async fn stored(house: &House, job: &Job) -> Job {
    house.memory.get(job.id).await.unwrap().unwrap()
}

async fn decide(house: &House, page: &Answer, job: &Job, verdict: &str, from: &str) -> Answer {
    let attempt = job.attempt.to_string();
    let fields = [("attempt", &*attempt), ("verdict", verdict), ("from", from)];
    house.post(&format!("/jobs/{}/decide", job.id), page, &fields).await
}

fn led(answer: &Answer) -> &str {
    answer.header(header::LOCATION)
}

#[tokio::test]
async fn the_overview_offers_three_ways_and_stays_for_the_next_call() {
    let house = House::busy().await;
    let overview = house.get("/").await;
    let page = overview.page();
    assert_eq!(page.all("#frag-people li:first-child .row > .btn"), ["Se oyó", "Dejarla"]);
    assert_eq!(page.text("#frag-people li:first-child summary"), "Volver a llamar");
    let first = uncertain(&house).await;
    let form = format!("decide-{}", first.id);
    assert_eq!(page.attribute("#frag-people li:first-child button", "form"), form);
    assert_eq!(page.attribute(&format!("#{form}"), "action"), format!("/jobs/{}/decide", first.id));
    assert_eq!(page.attribute(&format!("#{form} [name=attempt]"), "value"), "1");
    assert_eq!(page.attribute(&format!("#{form} [name=from]"), "value"), "overview");

    let answer = decide(&house, &overview, &first, "heard", "overview").await;
    assert_eq!((answer.status, led(&answer)), (StatusCode::SEE_OTHER, "/?said=heard"));
    let after = house.get(led(&answer)).await.page();
    assert_eq!(after.text(".flash"), "Anotado: se oyó. El trabajo queda completado.");
    assert_eq!(after.count("#frag-people li"), 1);
    assert_eq!(stored(&house, &first).await.state, State::Completed);

    let second = uncertain(&house).await;
    let answer = decide(&house, &overview, &second, "left", "overview").await;
    assert_eq!(led(&answer), "/?said=left");
    let after = house.get(led(&answer)).await.page();
    assert_eq!(after.text(".flash"), "Anotado: se deja así. Nadie volverá a llamar.");
    assert_eq!((after.count("#frag-people li"), after.count("#frag-people[hidden]")), (0, 1));
    assert_eq!(stored(&house, &second).await.state, State::Failed);
}

#[tokio::test]
async fn what_was_decided_is_told_for_what_it_is() {
    let house = House::busy().await;
    for (verdict, button, flash, story, result, line) in [
        (
            "heard",
            "Se oyó",
            "heard",
            "Se oyó: lo decidió una persona, porque no llegó ningún resultado.",
            "Se oyó· lo dijo una persona",
            "Se oyó: lo decidió una persona",
        ),
        (
            "left",
            "Dejarla",
            "left",
            "Nunca se supo si sonó, y se decidió dejarla así.",
            "Incierta· se dejó así",
            "Se dejó así: lo decidió una persona; nadie volverá a llamar",
        ),
    ] {
        let job = uncertain(&house).await;
        let path = format!("/jobs/{}", job.id);
        let page = house.get(&path).await;
        assert!(page.page().all(BUTTONS).contains(&button.to_owned()));
        assert_eq!(page.page().count("#frag-acts form[action$='/cancel'], #frag-acts [disabled]"), 0);
        let answer = decide(&house, &page, &job, verdict, "job").await;
        assert_eq!(led(&answer), format!("{path}?said={flash}"));
        let page = house.get(led(&answer)).await.page();
        assert_eq!(page.text("#frag-lede"), story);
        assert_eq!(page.text("#frag-facts .out"), result);
        assert_eq!(page.all("#frag-timeline .body").last().unwrap(), line);
        assert_eq!((page.count(BUTTONS), page.count("#frag-acts form[action$='/again']")), (0, 1));
        let again = page.text("#frag-acts form[action$='/again'] p");
        assert!(again.contains("oído el mensaje") || again.contains("oyó el mensaje"), "{again}");
        let list = house.get(&format!("/jobs?q={}", job.id)).await.page();
        assert_eq!(list.text(".f-out"), result);
        assert!(page.text("#frag-json").contains(r#""kind": "uncertain""#), "what the network told stays");
        let english = house.get(&format!("{path}?lang=en")).await.page();
        assert_ne!(english.text("#frag-lede"), story);
        house.get("/?lang=es").await;
    }
}

#[tokio::test]
async fn who_comes_too_late_is_shown_what_was_faster() {
    let house = House::busy().await;
    let overview = house.get("/").await;
    let job = uncertain(&house).await;
    let path = format!("/jobs/{}", job.id);
    let put = |event: Event| house.memory.put(&job.clone().apply(event, clock::now()).unwrap());
    let heard = Event::Decide { attempt: 1, verdict: Verdict::Heard };

    put(heard.clone());
    let same = decide(&house, &overview, &job, "heard", "overview").await;
    assert_eq!(led(&same), "/?said=heard", "deciding the same once more changes nothing");
    let other = decide(&house, &overview, &job, "left", "overview").await;
    assert_eq!(led(&other), format!("{path}?said=forestalled"));
    let page = house.get(led(&other)).await.page();
    assert_eq!(page.text(".flash.warn"), "Alguien se te adelantó y ya lo decidió. Así quedó.");
    assert_eq!(stored(&house, &job).await.state, State::Completed);

    put(Event::Again { attempt: 1, heard_too: true });
    let called = decide(&house, &overview, &job, "left", "overview").await;
    assert_eq!(led(&called), format!("{path}?said=forestalled"));
    assert_eq!(stored(&house, &job).await.state.name(), StateName::Queued);

    put(Event::Outcome { attempt: 1, outcome: Outcome::of(OutcomeKind::Busy), again: None });
    let late = decide(&house, &overview, &job, "heard", "overview").await;
    assert_eq!(led(&late), format!("{path}?said=overtaken"));
    assert_eq!(stored(&house, &job).await.outcome.unwrap().kind, OutcomeKind::Busy);
}

#[tokio::test]
async fn who_was_said_to_have_heard_it_is_not_called_by_an_old_page() {
    let house = House::busy().await;
    let old = house.get("/").await;
    let job = uncertain(&house).await;
    let again = format!("#frag-people form[action='/jobs/{}/again']", job.id);
    let field = |name: &str| old.page().attribute(&format!("{again} [name={name}]"), "value");
    let (attempt, standing) = (field("attempt"), field("standing"));
    decide(&house, &old, &job, "heard", "overview").await;
    let fields = [("attempt", &*attempt), ("standing", &*standing)];
    let answer = house.post(&format!("/jobs/{}/again", job.id), &old, &fields).await;
    assert_eq!(led(&answer), format!("/jobs/{}?said=changed", job.id));
    assert_eq!(stored(&house, &job).await.state, State::Completed);
}

#[tokio::test]
async fn only_those_who_may_change_a_job_decide() {
    let (house, _) = House::followed("pared:viewer:12345678").await;
    let door = house.get("/signin").await;
    house.post("/signin", &door, &[("key", "12345678"), ("next", "/")]).await;
    let job = uncertain(&house).await;
    let overview = house.get("/").await;
    assert_eq!(
        (overview.page().count("#frag-people li"), overview.page().count("#frag-people form")),
        (2, 0)
    );
    let refused = decide(&house, &overview, &job, "heard", "overview").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);

    let open = House::busy().await;
    let job = uncertain(&open).await;
    let page = open.get("/").await;
    let forged = open.post(&format!("/jobs/{}/decide", job.id), &page, &[("csrf", "made-up")]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    for made_up in ["", "again", "HEARD"] {
        assert_eq!(
            decide(&open, &page, &job, made_up, "job").await.status,
            StatusCode::FORBIDDEN,
            "{made_up}"
        );
    }
    assert_eq!(stored(&open, &job).await, job);
}

#[tokio::test]
async fn no_more_is_said_of_a_fate_than_the_job_tells() {
    let house = House::busy().await;
    let mut job = uncertain(&house).await;
    let now = clock::now();
    let mut told = std::collections::BTreeSet::new();
    for (language, words) in [
        ("es", "Nadie volverá a llamar hasta que decidas."),
        ("en", "Nobody is called again until you decide."),
    ] {
        for (attempt, what) in [
            (1, What::Dispatched),
            (1, What::HangUpAsked),
            (1, What::Rescued { handed_over: true }),
            (0, What::HangUpAsked),
        ] {
            job.timeline = vec![Entry { at: now, attempt, what }];
            house.memory.put(&job);
            let page = house.get(&format!("/jobs/{}?lang={language}", job.id)).await.page();
            let story = page.text("#frag-lede");
            assert!(story.ends_with(words), "{story}");
            told.insert(story);
        }
    }
    assert_eq!(told.len(), 6, "what happened to another attempt says nothing: {told:?}");
    let overview = House::busy().await.get("/").await.page();
    let fates = overview.all("#frag-people li p + p");
    assert!(fates[0].starts_with("Se entregó a Asterisk y no llegó ningún resultado: no se sabe si sonó."));
    assert!(fates[1].starts_with("La llamada estaba en curso cuando se pidió colgar"));
    assert!(fates.iter().all(|fate| fate.contains("Nadie volverá a llamar hasta que decidas. hace ")));
}

#[tokio::test]
async fn a_decision_arrives_on_open_pages() {
    let house = House::busy().await;
    let job = uncertain(&house).await;
    let mut overview = Stream::open(&house, "/live?page=overview").await;
    let mut page = Stream::open(&house, &format!("/live?page=job&id={}", job.id)).await;
    assert!(sent(&overview.next().await.unwrap(), "frag-people"));
    let before = page.next().await.unwrap();
    assert!(before.contains("/decide") && sent(&before, "frag-acts"));
    let form = house.get("/").await;
    decide(&house, &form, &job, "left", "overview").await;
    let news = page.next().await.unwrap();
    assert!(news.contains("tag failed") && news.contains("Se dejó así") && !news.contains("/decide"));
    let news = overview.next().await.unwrap();
    assert!(sent(&news, "frag-people") && !news.contains(&format!("decide-{}", job.id)));
}
