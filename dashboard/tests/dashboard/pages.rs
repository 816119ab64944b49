//! What the pages show, whatever the jobs hold.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use pregon_core::{Outcome, OutcomeKind, StateName};

use crate::house::{Answer, House};

/// What holds for every page: our own script and style only, nothing inline, one heading, no number in the title.
fn check_frame(page: &Answer) {
    let html = page.page();
    assert_eq!(html.count("script"), 1, "a text became a script");
    assert!(html.attribute("script", "src").starts_with("/static/app-"));
    assert_eq!(html.count("style, [style], b b, [onclick], [onload]"), 0);
    assert_eq!(html.count("h1"), 1);
    assert!(!html.text("title").contains("57"));
    assert!(page.header(header::CONTENT_SECURITY_POLICY).contains("script-src 'self'"));
    assert_eq!(page.header(header::CACHE_CONTROL), "no-store");
}

#[tokio::test]
async fn the_overview_tells_how_things_stand() {
    let house = House::busy().await;
    let answer = house.get("/").await;
    assert_eq!(answer.status, StatusCode::OK);
    check_frame(&answer);
    let page = answer.page();
    assert_eq!(
        page.text("#frag-lede"),
        "2 llamadas inciertas esperan tu decisión. El worker obra-4 no da señales."
    );
    assert_eq!(page.attribute("#frag-lede a", "href"), "#frag-people");
    assert_eq!(page.count("#frag-states li"), 7);
    assert_eq!(page.attribute("#frag-states li:nth-child(6) a", "href"), "/jobs?status=failed");
    assert_eq!(page.count("#frag-people li"), 2);
    assert_eq!(page.count("#frag-people form[action$='/again']"), 2);
    assert_eq!(page.text("#frag-badge"), "2 necesitan a una persona");
    assert_eq!(page.count("figure svg[role=img]"), 3);
    assert!(page.count("#frag-output-data tbody tr") > 50);
    assert!(page.text("#frag-wait .legend").starts_with("p50 "));
    assert_eq!(page.count("#frag-queues tbody tr"), 5);
    assert!(page.text("#frag-queues tr.bad").starts_with("Apartados tts_dead"));
    assert_eq!(page.text("#frag-workers tr.bad th"), "obra-4 sin latido");
    assert_eq!(page.count("#frag-workers .slots i.on"), 6);
    assert_eq!(page.count("#frag-failures tbody tr"), 6);
}

#[tokio::test]
async fn texts_of_callers_stay_texts() {
    let house = House::busy().await;
    let hostile = house.job(|j| j.client.as_deref() == Some("<i>")).await;
    let path = format!("/jobs/{}", hostile.id);
    for path in ["/", "/jobs?status=failed", "/jobs?q=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E", &path] {
        check_frame(&house.get(path).await);
    }
    let page = house.get(&path).await.page();
    assert_eq!(page.text(".say p"), r#"<script>alert("1")</script> & 'comillas' "dobles" <b>gordo</b>"#);
    assert_eq!(page.count("i, .say b, .say script"), 0);
    assert!(page.text("#frag-timeline .body").contains("cliente <i>"));
    let search = house.get("/jobs?q=%22%3E%3Cscript%3E").await.page();
    assert_eq!(search.attribute("#q", "value"), "\"><script>");
}

#[tokio::test]
async fn the_first_run_teaches_the_first_call() {
    let house = House::empty("");
    for path in ["/", "/jobs"] {
        let answer = house.get(path).await;
        check_frame(&answer);
        let page = answer.page();
        assert!(page.text("#c1").starts_with("curl -X POST http://127.0.0.1:5000/tts/call"), "{path}");
        assert!(!page.text("#c1").contains("authorization"));
        assert!(answer.text.contains("./manage.sh test"));
    }
    let page = house.get("/").await.page();
    assert_eq!(page.text("#frag-lede"), "Todo está en pie y en silencio. Te toca dar el primer pregón.");
    assert!(page.attribute("body", "data-live").contains("first=1"));
}

#[tokio::test]
async fn the_list_is_filtered_and_paged() {
    let house = House::busy().await;
    let first = house.get("/jobs").await;
    check_frame(&first);
    let page = first.page();
    assert_eq!(page.count("tbody tr"), 25);
    assert_eq!(page.count("tbody .f-state .tag"), 25);
    let older = page.attribute("a[rel=next]", "href");
    let second = house.get(&older).await.page();
    assert_eq!(second.count("tbody tr"), 25);
    assert_ne!(second.attribute("tbody a", "href"), page.attribute("tbody a", "href"));
    let back = house.get(&second.attribute("a[rel=prev]", "href")).await.page();
    assert_eq!(back.attribute("tbody a", "href"), page.attribute("tbody a", "href"));
    let high = house.get("/jobs?priority=high").await.page();
    assert_eq!((high.count("tbody tr"), high.count("tbody .tag.high")), (3, 3));
    let found = house.get("/jobs?q=nadie-dijo-esto").await.page();
    assert_eq!(found.text("#frag-lede"), "Ningún trabajo cumple el filtro.");
    let found = house.get("/jobs?q=%2B57+300+123+45+49").await.page();
    assert_eq!(found.all("tbody th"), ["+57 300 ••• ••49"]);
    let failed = house.get("/jobs?status=failed").await.page();
    assert_eq!(failed.count("tbody tr.bad"), 25);
    assert_eq!(failed.text("#frag-chips a[aria-current]"), "Fallidos 27");
}

#[tokio::test]
async fn every_state_has_its_page() {
    let house = House::busy().await;
    for state in StateName::ALL {
        let job = house.job(|j| j.state.name() == state).await;
        let answer = house.get(&format!("/jobs/{}", job.id)).await;
        check_frame(&answer);
        let page = answer.page();
        assert_eq!(page.count(&format!("#frag-acts .tag.{}", state.as_str())), 1, "{state:?}");
        assert_eq!(page.count("form[action$='/again']") == 1, state.is_final(), "{state:?}");
        assert_eq!(page.count("form[action$='/cancel']") == 1, !state.is_final(), "{state:?}");
        assert!(page.count("#frag-timeline li") >= 1);
        let call = job.spec.call().unwrap();
        assert!(!answer.text.contains(call.to.digits()), "the whole number is on the page: {state:?}");
    }
}

#[tokio::test]
async fn every_outcome_has_its_words_in_both_languages() {
    let house = House::busy().await;
    let sample = house.job(|j| j.state.name() == StateName::Completed).await;
    let mut told = std::collections::BTreeSet::new();
    for language in ["es", "en"] {
        for kind in OutcomeKind::ALL {
            let mut job = sample.clone();
            job.state = if kind == OutcomeKind::Answered { job.state } else { pregon_core::State::Failed };
            job.outcome = Some(Outcome::of(kind));
            house.memory.put(&job);
            let page = house.get(&format!("/jobs/{}?lang={language}", job.id)).await.page();
            assert!(!page.text("#frag-facts .out").is_empty());
            told.insert(page.text("#frag-lede"));
        }
    }
    assert_eq!(told.len(), 26, "each outcome has a sentence of its own: {told:?}");
}

#[tokio::test]
async fn every_decision_about_another_attempt_is_told_in_both_languages() {
    use pregon_core::{Entry, Sequel, State, What, clock};
    let house = House::busy().await;
    let mut job = house.job(|j| j.state.name() == StateName::Completed).await;
    let (now, outcome) = (clock::now(), Outcome::of(OutcomeKind::Busy));
    let due = now + std::time::Duration::from_mins(5);
    (job.outcome, job.state) = (Some(outcome.clone()), State::Scheduled { due });
    let again = Sequel::Again { due, attempt: 2, of: 3 };
    let mut told = std::collections::BTreeSet::new();
    for (language, words, story) in [
        (
            "es",
            "Ocupado; se volverá a llamar a las ",
            "El teléfono estaba ocupado. Se volverá a llamar a las ",
        ),
        ("en", "Busy; tried again at ", "The line was busy. It is tried again at "),
    ] {
        for next in [again, Sequel::NoneLeft, Sequel::Enough, Sequel::TooLate, Sequel::Never, Sequel::Person]
        {
            let what = What::Outcome { outcome: outcome.clone(), next: Some(next) };
            job.timeline = vec![Entry { at: now, attempt: 1, what }];
            house.memory.put(&job);
            let page = house.get(&format!("/jobs/{}?lang={language}", job.id)).await.page();
            let line = page.text("#frag-timeline");
            if next == again {
                assert!(line.contains(words) && line.contains(", ") && line.contains(" 2 "), "{line}");
                assert!(page.text("#frag-lede").contains(story), "{}", page.text("#frag-lede"));
            }
            told.insert(line);
        }
    }
    assert_eq!(told.len(), 12, "each decision has words of its own: {told:?}");
}

#[tokio::test]
async fn a_job_shows_its_clip_its_call_file_and_its_story() {
    let house = House::busy().await;
    house.lay_clip();
    let job = house.job(|j| j.attempt == 2).await;
    let call = job.spec.call().unwrap();
    house.lay_call_file(&job, &format!("Channel: PJSIP/{}@claro\nArchive: yes\n", call.to.digits()));
    let answer = house.get(&format!("/jobs/{}", job.id)).await;
    let page = answer.page();
    assert_eq!(page.text("#frag-lede"), "La persona contestó al segundo intento, oyó el mensaje y confirmó.");
    assert_eq!(page.text("#frag-file pre"), "Channel: PJSIP/57320•••••31@claro Archive: yes");
    assert_eq!(page.attribute(".wave .heard", "d").matches('M').count(), 3);
    assert!(page.text("#frag-message .strip").contains("−19,1 LUFS"));
    assert_eq!(page.all("#frag-timeline .att"), ["Intento 1", "Intento 2"]);
    assert_eq!(page.count("#frag-json .k"), 13 + 8);
    assert!(page.text("#frag-json").contains(r#""phone_number": "+57 320 ••• ••31""#));
    assert_eq!(page.count(".tag.sim"), 1);
    house.lay_call_file(&job, "");
    let void = house.get(&format!("/jobs/{}", job.id)).await.page();
    assert!(void.text("#frag-file").contains("ya no puede sonar"));
}

#[tokio::test]
async fn the_player_can_jump() {
    let house = House::busy().await;
    let job = house.job(|j| j.clip.is_some()).await;
    let path = format!("/jobs/{}/audio", job.id);
    assert_eq!(house.get(&path).await.status, StatusCode::NOT_FOUND, "nothing lies there yet");
    house.lay_clip();
    let whole = house.get(&path).await;
    assert_eq!((whole.status, whole.text.as_str()), (StatusCode::OK, "0123456789"));
    assert_eq!(whole.header(header::CONTENT_TYPE), "audio/wav");
    let ask = |range: &str| Request::get(&path).header(header::RANGE, range).body(Body::empty()).unwrap();
    let part = house.ask(ask("bytes=2-4")).await;
    assert_eq!((part.status, part.text.as_str()), (StatusCode::PARTIAL_CONTENT, "234"));
    assert_eq!(part.header(header::CONTENT_RANGE), "bytes 2-4/10");
    let beyond = house.ask(ask("bytes=10-")).await;
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(beyond.header(header::CONTENT_RANGE), "bytes */10");
}

#[tokio::test]
async fn language_and_theme_are_chosen_once() {
    let house = House::busy().await;
    let english = house.get("/?lang=en&theme=dark").await.page();
    assert_eq!(english.attribute("html", "lang"), "en");
    assert_eq!(english.text("#frag-states li:nth-child(5) .v"), "1,836");
    let later = house.get("/jobs").await.page();
    assert_eq!((later.text("h1").as_str(), later.attribute("html", "data-theme").as_str()), ("Jobs", "dark"));
    assert_eq!(later.attribute("a[hreflang=es]", "href"), "/jobs?lang=es");
    let asked =
        Request::get("/").header(header::ACCEPT_LANGUAGE, "en-GB,es;q=0.5").body(Body::empty()).unwrap();
    assert_eq!(House::empty("").ask(asked).await.page().attribute("html", "lang"), "en");
}

#[tokio::test]
async fn trouble_is_told_in_plain_words() {
    let house = House::busy().await;
    for path in ["/nope", "/jobs/nope", "/jobs/0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f"] {
        let answer = house.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        check_frame(&answer);
        assert_eq!(answer.page().text(".lede"), "Aquí no hay nada");
    }
    house.memory.go_away(true);
    for path in ["/", "/jobs"] {
        let answer = house.get(path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(answer.page().count("body[data-retry]"), 1);
        assert!(answer.text.contains(r#"<noscript><meta http-equiv="refresh" content="5"></noscript>"#));
        assert!(!answer.text.contains("connection refused"), "internals are shown");
    }
    assert_eq!(house.get("/health").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(house.get("/health/live").await.status, StatusCode::OK);
    house.memory.go_away(false);
    assert_eq!(house.get("/health").await.status, StatusCode::OK);
}

#[tokio::test]
async fn files_are_kept_for_good_and_only_under_their_hash() {
    let house = House::empty("");
    let page = house.get("/").await.page();
    let css = house.get(&page.attribute("link[rel=stylesheet]", "href")).await;
    assert_eq!(css.header(header::CONTENT_TYPE), "text/css; charset=utf-8");
    assert!(css.header(header::CACHE_CONTROL).contains("immutable"));
    assert_eq!(house.get("/static/app.css").await.status, StatusCode::NOT_FOUND);
}
