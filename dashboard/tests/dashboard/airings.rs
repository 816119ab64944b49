//! Announcements on the air among the other jobs: in lists, and on their own page.

use axum::http::{StatusCode, header};
use pregon_core::{Job, Outcome, OutcomeKind, State, StateName, Store, Waiting, What, clock};

use crate::house::House;
use crate::sample::air::{airing, fill_air};

const CANCEL: &str = "#frag-acts form[action$='/cancel']";

/// The airing that ended so.
async fn ended(house: &House, kind: OutcomeKind) -> Job {
    house.job(|j| j.outcome.as_ref().is_some_and(|o| o.kind == kind)).await
}

#[tokio::test]
async fn the_page_of_an_airing_tells_what_was_heard_and_when() {
    let (house, _) = House::on_air("");
    house.lay_clip();
    let job = ended(&house, OutcomeKind::Aired).await;
    let answer = house.get(&format!("/jobs/{}", job.id)).await;
    let page = answer.page();
    assert_eq!(page.text("h1"), "Anuncio");
    let at = job.outcome.as_ref().unwrap().airing.as_ref().unwrap().at.unwrap();
    let clock = at.to_string()[11..19].to_owned();
    assert_eq!(
        page.text("#frag-lede"),
        format!("Salió al aire a las {clock} y sonó 14 segundos, con 214 oyentes.")
    );
    let facts = page.text("#frag-facts");
    let exact = format!("Al aire{clock},{:03}", at.millis() % 1_000);
    for fact in [
        "ResultadoEmitida· 14 s",
        &exact,
        "Sonó14,2 s",
        "Oyentes214",
        "ModoInterrumpir",
        "Gongantes y después",
        "Se dice1 vez",
        "Hasta el aire1,1 s",
        "PrioridadAlta",
        "Clientepolicia-local",
        "Caduca",
    ] {
        assert!(facts.contains(fact), "{fact} in {facts}");
    }
    assert_eq!(page.attribute(".facts.top a", "href"), "/radio/main");
    assert_eq!(page.count("form[action$='/number']"), 0, "there is no number to show");
    assert_eq!(page.count("#frag-file[hidden]"), 1, "there is no call file");
    let timeline = page.text("#frag-timeline");
    assert!(timeline.contains("Entregado a la estación main"), "{timeline}");
    let aired = format!("Emitida a las {clock},{:03}14 s · 214 oyentes", at.millis() % 1_000);
    assert!(timeline.contains(&aired), "{timeline}");
    assert!(page.text("#frag-message .strip").contains("48 kHz"));
    assert_eq!(
        page.attribute("#frag-message .wave .heard", "d").matches('M').count(),
        3,
        "one stroke per level"
    );
    assert!(page.attribute("#frag-message audio", "src").starts_with(&format!("/jobs/{}/audio", job.id)));
    let json = page.text("#frag-json");
    assert!(json.contains(r#""kind": "air""#) && json.contains(r#""station": "main""#), "{json}");
    assert!(json.contains(&format!(r#""at": "{at}""#)) && !json.contains("phone_number"), "{json}");
    assert_eq!(page.text("#frag-acts .ask summary"), "Emitir otra vez");
}

#[tokio::test]
async fn every_end_of_an_airing_has_a_sentence_in_both_languages() {
    let (house, _) = House::on_air("");
    for (kind, es, en) in [
        (OutcomeKind::Skipped, "alguien lo saltó.", "somebody skipped it."),
        (OutcomeKind::Expired, "Se pasó su hora; no salió al aire.", "Its time was over; it was not aired."),
        (OutcomeKind::Failed, "La estación no pudo emitirlo.", "The station could not air it."),
    ] {
        let job = ended(&house, kind).await;
        assert_eq!(job.state.name(), StateName::Failed);
        for (language, sentence) in [("es", es), ("en", en)] {
            let page = house.get(&format!("/jobs/{}?lang={language}", job.id)).await.page();
            let lede = page.text("#frag-lede");
            assert!(lede.ends_with(sentence), "{lede}");
            assert!(!lede.contains("call") && !lede.contains("llam"), "{lede}");
        }
    }
    let failed = ended(&house, OutcomeKind::Failed).await;
    let page = house.get(&format!("/jobs/{}?lang=es", failed.id)).await.page();
    assert!(page.text("#frag-facts").contains("Motivothe clip cannot be decoded"));
    let cancelled = house.job(|j| j.state.name() == StateName::Cancelled).await;
    let page = house.get(&format!("/jobs/{}", cancelled.id)).await.page();
    assert_eq!(page.text("#frag-lede"), "Se canceló antes de salir al aire.");
    assert!(page.text("#frag-timeline").contains("Cancelado antes de salir al aire"));
}

#[tokio::test]
async fn an_airing_stands_in_the_lists_with_its_station() {
    let (house, _) = House::on_air("");
    let jobs = house.get("/jobs").await.page();
    assert_eq!(jobs.count("tbody .f-who .i-radio"), 9);
    assert!(jobs.all("tbody .f-who").iter().all(|to| to == "radio main"));
    assert!(jobs.all("tbody .cut").iter().any(|text| text == "Grabación 01234567"));
    assert!(jobs.all("tbody .f-out").iter().any(|out| out == "en la estación"));
    assert!(jobs.all("tbody .f-out").iter().any(|out| out == "Emitida· 14 s"));
    assert_eq!(house.get("/jobs?kind=air").await.page().count("tbody tr"), 9);
    let calls = house.get("/jobs?kind=call").await.page();
    assert_eq!(calls.text("#frag-lede"), "Ningún trabajo cumple el filtro.");
    assert_eq!(calls.attribute("#f-kind [selected]", "value"), "call");
    let found = house.get("/jobs?q=main").await.page();
    assert_eq!(found.count("tbody tr"), 9);
    let overview = house.get("/").await.page();
    assert_eq!(overview.count("#frag-failures tbody .i-radio"), 3);
    assert!(overview.text("#frag-failures").contains("mira el motivo y emítelo otra vez"));
}

#[tokio::test]
async fn an_airing_that_nobody_knows_the_end_of_is_told_as_one() {
    let (house, _) = House::on_air("");
    let mut job = ended(&house, OutcomeKind::Aired).await;
    job.state = State::Dispatched { check: clock::now(), waiting: Waiting::Person };
    job.outcome = Some(Outcome::of(OutcomeKind::Uncertain));
    house.memory.put(&job);
    let told = "Se entregó a la estación y no se sabe si salió al aire. No se repite hasta que decidas.";
    assert!(house.get("/").await.page().text("#frag-people").contains(told));
    assert_eq!(house.get(&format!("/jobs/{}", job.id)).await.page().text("#frag-lede"), told);
}

#[tokio::test]
async fn an_airing_is_cancelled_until_it_begins() {
    let (house, studio) = House::on_air("");
    let waiting = house
        .jobs()
        .await
        .into_iter()
        .filter(|j| j.state.name() == StateName::Dispatched)
        .collect::<Vec<_>>();
    // The list has the newest first; the oldest is the first in the station's queue.
    let (first, other) = (&waiting[2], &waiting[0]);
    let path = format!("/jobs/{}", other.id);
    let page = house.get(&path).await;
    assert_eq!(
        page.page().text(&format!("{CANCEL} p")),
        "La estación lo quita de su cola si aún no ha empezado."
    );
    let answer = house.post(&format!("{path}/cancel"), &page, &[]).await;
    assert_eq!(answer.header(header::LOCATION), format!("{path}?said=withdraw-asked"));
    let stored = house.memory.get(other.id).await.unwrap().unwrap();
    assert_eq!(stored.timeline.last().unwrap().what, What::CancelAsked);
    let said = house.get(answer.header(header::LOCATION)).await.page();
    assert!(said.text(".flash").contains("Se pidió a la estación"));
    assert_eq!(said.text("#frag-acts .dim"), "Ya se pidió: la estación dirá si llegó a tiempo.");
    assert_eq!(said.count(CANCEL), 0);

    studio.begin(clock::now());
    let page = house.get(&format!("/jobs/{}", first.id)).await.page();
    assert!(page.text("#frag-lede").starts_with("Está en el aire desde las "));
    assert_eq!(page.text("#frag-facts .out"), "En el aire");
    assert_eq!(page.text("#frag-acts .dim"), "Ya está en el aire.");
    assert_eq!(page.count(CANCEL), 0);
}

#[tokio::test]
async fn a_recording_shows_which_it_is_and_no_text() {
    let (house, _) = House::on_air("");
    let job = house.job(|j| j.spec.speech().is_none()).await;
    let page = house.get(&format!("/jobs/{}", job.id)).await.page();
    assert_eq!(
        (page.text(".say h3"), page.text(".say p")),
        ("Grabación".into(), "Grabación 01234567".into())
    );
    assert!(page.text("#frag-json").contains(r#""audio": "0123456789abcdef"#));
    let number = house.get(&format!("/jobs/{}", job.id)).await;
    let refused = house.post(&format!("/jobs/{}/number", job.id), &number, &[]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_mode_says_when_it_will_be_heard() {
    use pregon_core::{Event, Lane, Mode};
    let house = House::empty("");
    fill_air(&house.memory, clock::now());
    let now = clock::now();
    let at = now + std::time::Duration::from_hours(1);
    for (mode, ends) in [
        (Mode::Interrupt, "en cuanto le toque."),
        (Mode::MoveOn, "en cuanto le toque."),
        (Mode::Duck, "en cuanto le toque."),
        (Mode::Next, "cuando acabe el tema."),
        (Mode::At(at), &format!("{}.", &at.to_string()[11..19])),
    ] {
        let job = airing("Hola", mode, Lane::Normal, now);
        let lease = uuid::Uuid::nil();
        let claim = Event::Claim { worker: "obra-1".to_owned(), lease, until: now };
        let job = job.apply(claim, now).unwrap();
        let job = job.apply(Event::Dispatched { lease, check: at, clip: None }, now).unwrap();
        house.memory.put(&job);
        let page = house.get(&format!("/jobs/{}", job.id)).await.page();
        let lede = page.text("#frag-lede");
        assert!(lede.starts_with("La estación lo tiene; sale al aire") && lede.ends_with(ends), "{lede}");
        assert_eq!(page.count(".facts.top a"), 0, "no station runs here");
    }
}
