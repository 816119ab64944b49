//! The radio page: what is heard, what waits, what can be done.

use std::time::Duration;

use axum::http::{StatusCode, header};
use pregon_core::{Chime, Lane, Mode, OnAirTrack, Radio, StationName, Store, Tier, clock};
use tokio::time::Instant;

use crate::house::{Answer, House};
use crate::live::{Stream, sent};

const PATH: &str = "/radio/main";

/// The form as it stands on the page, with some fields changed.
fn filled<'a>(page: &'a str, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("nonce", page),
        ("text", "Hoy hay mercado"),
        ("mode", "duck"),
        ("at", ""),
        ("ttl_seconds", "90"),
        ("chime", "before"),
        ("priority", "high"),
        ("language", "es-CO"),
    ];
    for (name, value) in changes {
        fields.retain(|(field, _)| field != name);
        fields.push((*name, *value));
    }
    fields
}

fn nonce(answer: &Answer) -> String {
    answer.page().attribute("#announce input[name=nonce]", "value")
}

#[tokio::test]
async fn one_station_is_shown_at_once_and_several_are_offered() {
    let (house, studio) = House::on_air("");
    let straight = house.get("/radio").await;
    assert_eq!((straight.status, straight.header(header::LOCATION)), (StatusCode::SEE_OTHER, PATH));
    assert_eq!(house.get(PATH).await.page().text(".nav a[aria-current]"), "Radio");
    studio.add("la_voz");
    let choose = house.get("/radio").await.page();
    assert_eq!(choose.text(".lede"), "Aquí suenan 2 estaciones: elige una.");
    assert_eq!(choose.all("main section a"), ["main", "la_voz"]);
    assert_eq!(house.get(PATH).await.page().attribute(".dateline nav a", "href"), "/radio/la_voz");
    for path in ["/radio/nope", "/radio/No%20Es", "/live?page=radio&station=%C3%B1"] {
        assert_eq!(house.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn without_a_station_it_is_said_kindly() {
    let house = House::empty("");
    assert_eq!(house.get("/").await.page().count(".nav a[href='/radio']"), 0);
    let answer = house.get("/radio").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.page().text(".lede"), "En este proceso no suena ninguna estación");
    assert_eq!(house.get(PATH).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_page_shows_what_is_heard_and_what_waits() {
    let (house, _) = House::on_air("");
    let answer = house.get(PATH).await;
    assert!(!answer.text.contains("http-equiv"), "loading again would empty the form");
    let page = answer.page();
    assert_eq!(
        page.text("#frag-lede"),
        "Suena «La gata bajo la lluvia», de Rocío Dúrcal; 3 anuncios esperan."
    );
    assert_eq!(page.text("#frag-air .title"), "La gata bajo la lluviaRocío Dúrcal");
    assert_eq!(page.all("#frag-air .track + .row span"), ["2:14", "−1:27"]);
    assert_eq!(page.attribute("#frag-air .track rect", "width"), "60.6%");
    assert_eq!(page.text("#frag-air .tiers [aria-current]"), "Lista");
    assert_eq!(page.text("#frag-air .tiers .next"), "Anuncio (siguiente)");
    assert_eq!(page.attribute("#frag-meters svg", "aria-label"), "Canal izquierdo: −9\u{a0}dB");
    assert_eq!(page.attribute("#frag-meters .f-ok", "width"), "84.7%");
    assert!(page.text("#frag-meters").contains("Sonoridad−16,2 LUFS"));
    assert_eq!(page.text("#frag-queue .sheet-h p"), "3 esperan");
    assert_eq!(page.count("#frag-queue tbody th a[href^='/jobs/']"), 3);
    assert!(page.text("#frag-queue tbody tr").contains("Bajar la música"));
    assert_eq!(page.text("#frag-queue .sheet-f"), "Peticiones: Pueblo blanco");
    assert_eq!(page.text("#frag-streams .clock"), "214");
    assert!(page.text("#frag-streams").contains("412 temas; 2 no se pueden leer"));
    assert_eq!(page.count("#frag-streams tbody tr"), 3);
    assert_eq!(page.all("#frag-log .out"), ["Lista", "Emitida", "Caducada", "Fallida", "Saltada"]);
    assert_eq!(page.count("#frag-log tr.gone"), 1);
    assert!(page.text("body").contains("En el aire"));
}

#[tokio::test]
async fn an_announcement_on_air_shows_itself_and_what_it_pauses() {
    let (house, studio) = House::on_air("");
    let now = clock::now();
    studio.begin(now - Duration::from_secs(3));
    let page = house.get(PATH).await.page();
    assert_eq!(page.text("#frag-lede"), "Hay un anuncio en el aire; 2 anuncios esperan.");
    assert!(page.text("#frag-air .title").starts_with("Corte de luz"));
    assert_eq!(page.text("#frag-air .tiers [aria-current]"), "Anuncio");
    assert_eq!(
        page.text("#frag-air .row .dim"),
        "de fondo, más bajo: «La gata bajo la lluvia · Rocío Dúrcal»"
    );
    studio.change(|look| look.announcement.as_mut().unwrap().mode = Mode::Interrupt);
    let page = house.get(PATH).await.page();
    assert_eq!(
        page.text("#frag-air .row .dim"),
        "en pausa: «La gata bajo la lluvia · Rocío Dúrcal», en 2:14"
    );
    assert!(page.text("#frag-skip summary").contains("Cortar anuncio"));
    studio.change(|look| {
        (look.announcement, look.track, look.tier) = (None, None, Tier::Noise);
        look.peak_dbfs = [f32::NEG_INFINITY, -0.3];
        look.streams[2].up = false;
        look.library = None;
    });
    let page = house.get(PATH).await.page();
    assert_eq!(
        page.text("#frag-lede"),
        "La salida Icecast no emite. No hay nada que poner y suena un ruido suave; 2 anuncios esperan."
    );
    assert_eq!(page.count("#frag-skip button[disabled]"), 1);
    assert_eq!(page.all("#frag-meters .meters .num"), ["silencio", "0 dB"]);
    assert_eq!(page.count("#frag-streams tr.bad"), 1);
    assert!(page.text("#frag-streams").contains("bucle de demostración"));
}

#[tokio::test]
async fn only_this_page_may_play_the_stream() {
    let (house, studio) = House::on_air("");
    let answer = house.get(PATH).await;
    assert_eq!(answer.page().attribute(".player audio", "src"), "http://127.0.0.1:8005/radio");
    let policy = answer.header(header::CONTENT_SECURITY_POLICY);
    assert!(policy.ends_with("media-src 'self' http://127.0.0.1:8005"), "{policy}");
    let elsewhere = house.get("/jobs").await;
    assert!(elsewhere.header(header::CONTENT_SECURITY_POLICY).ends_with("media-src 'self'"));
    studio.change(|look| look.address = "javascript:alert(1)".to_owned());
    let odd = house.get(PATH).await;
    assert_eq!(odd.page().count(".player"), 0);
    assert!(!odd.text.contains("javascript:"));
    assert!(odd.header(header::CONTENT_SECURITY_POLICY).ends_with("media-src 'self'"));
}

#[tokio::test]
async fn a_form_asks_for_an_announcement_as_the_api_would() {
    let (house, _) = House::on_air("");
    let page = house.get(PATH).await;
    let nonce = nonce(&page);
    let before = house.jobs().await.len();
    let fields = filled(&nonce, &[]);
    let answer = house.post("/radio/main/announce", &page, &fields).await;
    assert_eq!(answer.header(header::LOCATION), "/radio/main?said=announced");
    let job = house.job(|j| j.spec.text() == "Hoy hay mercado").await;
    let air = job.spec.air().unwrap();
    assert_eq!((air.station.as_str(), air.mode, air.chime), ("main", Mode::Duck, Chime::Before));
    assert_eq!((job.spec.lane, job.client.as_deref()), (Lane::High, None));
    assert_eq!(job.spec.expires, Some(job.created + Duration::from_secs(90)));
    assert_eq!(job.spec.speech().unwrap().language, "es-CO");
    let again = house.post("/radio/main/announce", &page, &fields).await;
    assert_eq!(again.header(header::LOCATION), "/radio/main?said=announced-before");
    assert_eq!(house.jobs().await.len(), before + 1, "the same form announces once");
    let changed = filled(&nonce, &[("text", "Mañana hay mercado")]);
    house.post("/radio/main/announce", &page, &changed).await;
    assert_eq!(house.jobs().await.len(), before + 2);
    assert!(house.get("/radio/main?said=announced").await.page().text(".flash").starts_with("Aceptado"));
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_its_field_and_nothing_is_lost() {
    let (house, _) = House::on_air("");
    let page = house.get(PATH).await;
    let nonce = nonce(&page);
    let before = house.jobs().await.len();
    let wrong =
        [("text", "uno\r\ndos <b>"), ("ttl_seconds", "0"), ("mode", "at"), ("at", "2020-01-01T10:00")];
    let answer = house.post("/radio/main/announce", &page, &filled(&nonce, &wrong)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let shown = answer.page();
    assert!(shown.text("#a-text-e").starts_with("Ponlo en un solo párrafo"));
    assert_eq!(shown.text("#a-ttl-e"), "Pon al menos 5 segundos.");
    assert_eq!(shown.text("#a-at-e"), "Esa hora ya pasó: pon una que esté por venir.");
    assert_eq!(shown.count("#announce [aria-invalid=true]"), 3);
    assert_eq!(shown.attribute("#a-text", "aria-describedby"), "a-text-e a-text-h");
    assert_eq!((shown.text("#a-text").as_str(), shown.count("#announce b")), ("uno dos <b>", 0));
    assert_eq!(shown.attribute("#announce [name=mode][checked]", "value"), "at");
    assert_eq!(shown.attribute("#a-chime [selected]", "value"), "before");
    assert_eq!(house.jobs().await.len(), before);
    let forged = house.post("/radio/main/announce", &page, &filled(&nonce, &[("mode", "shout")])).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let long = "ю".repeat(5_000);
    let long = house.post("/radio/main/announce", &page, &filled(&nonce, &[("text", &long)])).await;
    assert_eq!(long.status, StatusCode::SEE_OTHER, "a whole text fits whatever its letters");
}

#[tokio::test]
async fn only_those_who_operate_change_what_is_heard() {
    let (house, studio) = House::on_air("pared:viewer:12345678,vecino:client:87654321");
    let main = StationName::default();
    for (key, titles) in [("12345678", true), ("87654321", false)] {
        let door = house.get("/signin").await;
        house.post("/signin", &door, &[("key", key), ("next", PATH)]).await;
        let page = house.get(PATH).await;
        assert_eq!(page.page().count("#announce, #frag-skip button, #frag-queue form"), 0);
        assert_eq!(page.page().text("#frag-queue tbody th").contains("Corte de luz"), titles);
        assert_eq!(page.page().count("#frag-queue tbody a") > 0, titles);
        assert_eq!(page.text.contains("La tertulia"), titles, "what was never heard is nobody else's");
        let file = house.get("/radio/main/as-run.csv").await;
        assert_eq!(file.text.contains("La tertulia"), titles);
        assert_eq!(page.text.matches("http-equiv").count(), 1, "nothing is filled in here");
        let clip = format!("/previews/{}", crate::sample::day::CLIP);
        // A client may try a voice; here is no such clip.
        let hears = if titles { StatusCode::FORBIDDEN } else { StatusCode::NOT_FOUND };
        assert_eq!(house.get(&clip).await.status, hears);
        for act in ["announce", "skip", "withdraw"] {
            let refused = house.post(&format!("/radio/main/{act}"), &page, &[("number", "1")]).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{act}");
        }
        house.post("/signout", &page, &[]).await;
    }
    assert_eq!(studio.look(&main).await.unwrap().waiting.len(), 3);
}

#[tokio::test]
async fn an_announcement_is_taken_out_until_it_begins() {
    let (house, studio) = House::on_air("");
    let page = house.get(PATH).await;
    let out = house.post("/radio/main/withdraw", &page, &[("number", "2")]).await;
    assert_eq!(out.header(header::LOCATION), "/radio/main?said=taken-out");
    assert_eq!(house.get(PATH).await.page().count("#frag-queue tbody tr"), 2);
    studio.begin(clock::now());
    let late = house.post("/radio/main/withdraw", &page, &[("number", "1")]).await;
    assert_eq!(late.header(header::LOCATION), "/radio/main?said=has-begun");
}

#[tokio::test]
async fn a_skip_ends_what_its_page_showed_and_nothing_else() {
    let (house, studio) = House::on_air("");
    let main = StationName::default();
    let page = house.get(PATH).await;
    let standing = page.page().attribute("#frag-skip input[name=standing]", "value");
    studio.begin(clock::now());
    let overtaken = house.post("/radio/main/skip", &page, &[("standing", &standing)]).await;
    assert_eq!(overtaken.header(header::LOCATION), "/radio/main?said=air-changed");
    assert!(studio.look(&main).await.unwrap().announcement.is_some(), "the announcement goes on");
    let page = house.get(PATH).await;
    let standing = page.page().attribute("#frag-skip input[name=standing]", "value");
    let skipped = house.post("/radio/main/skip", &page, &[("standing", &standing)]).await;
    assert_eq!(skipped.header(header::LOCATION), "/radio/main?said=skipped");
    assert!(studio.look(&main).await.unwrap().announcement.is_none());
}

#[tokio::test]
async fn the_log_is_a_file_that_spreadsheets_cannot_misread() {
    let (house, _) = House::on_air("");
    let file = house.get("/radio/main/as-run.csv").await;
    assert_eq!(file.header(header::CONTENT_TYPE), "text/csv; charset=utf-8");
    assert!(file.header(header::CONTENT_DISPOSITION).contains("as-run-main.csv"));
    let lines: Vec<&str> = file.text.split("\r\n").collect();
    assert_eq!(lines.len(), 1 + 5 + 1);
    assert_eq!(lines[0], "at,tier,outcome,title,artist,seconds,listeners,job_id,reason");
    assert!(
        lines[1].contains(r#"Z,playlist,"aired","Colombia tierra querida","Lucho Bermúdez",209.00,209,,"#)
    );
    assert!(lines[4].contains(r#""'=SUMA(A1)""#) && lines[4].ends_with(r#","the file ended early""#));
}

#[tokio::test]
async fn an_open_page_hears_the_air_every_second() {
    let (house, studio) = House::on_air("");
    let live = house.get(PATH).await.page().attribute("body", "data-live");
    let mut stream = Stream::open(&house, &live).await;
    let all = stream.next().await.unwrap();
    assert!(sent(&all, "frag-meters") && sent(&all, "frag-queue") && sent(&all, "frag-log"));
    let changed = Instant::now();
    studio.play_on(1.0);
    studio.change(|look| {
        look.track = Some(OnAirTrack { title: "Otra".into(), artist: None, elapsed: 1.0, remaining: None });
    });
    let news = stream.next().await.unwrap();
    assert!(changed.elapsed() < Duration::from_secs(3), "slower than a meter may be");
    assert!(sent(&news, "frag-meters") && news.contains("Suena «Otra»"));
    assert!(!sent(&news, "frag-log") && !sent(&news, "frag-streams"), "nothing changed there");
    studio.fall_silent(true);
    let gone = stream.next().await.unwrap();
    assert!(gone.contains("La estación main no responde."), "{gone}");
    studio.fall_silent(false);
    assert!(stream.next().await.unwrap().contains("Suena «Otra»"), "it comes back by itself");
}

#[tokio::test]
async fn a_store_that_is_away_takes_nothing_and_says_so() {
    let (house, _) = House::on_air("");
    let page = house.get(PATH).await;
    let nonce = nonce(&page);
    house.memory.go_away(true);
    let answer = house.post("/radio/main/announce", &page, &filled(&nonce, &[])).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.page().text("#a-text"), "Hoy hay mercado");
    assert!(answer.page().text("#announce [role=alert]").starts_with("No se aceptó"));
    house.memory.go_away(false);
    let counts = house.memory.counts().await.unwrap();
    let answer = house.post("/radio/main/announce", &page, &filled(&nonce, &[])).await;
    assert_eq!(answer.header(header::LOCATION), "/radio/main?said=announced");
    assert_eq!(house.memory.counts().await.unwrap().total(), counts.total() + 1);
}

#[tokio::test]
async fn an_announcement_is_heard_before_it_is_sent() {
    let (house, _) = House::on_air("");
    house.lay_clip();
    let page = house.get(PATH).await;
    let (nonce, before) = (nonce(&page), house.jobs().await.len());
    assert_eq!(
        page.page().attribute("#announce button", "value"),
        "preview",
        "a press of Enter sends nothing"
    );
    assert_eq!(page.page().count("#a-heard .take"), 0);
    let said = [("do", "preview"), ("text", "Hoy <b>sesiona</b> a las 18:30"), ("at", "never")];
    let answer = house.post("/radio/main/announce", &page, &filled(&nonce, &said)).await;
    assert_eq!(answer.status, StatusCode::OK);
    let heard = answer.page();
    assert_eq!(heard.text("#a-heard q"), "Hoy <b>sesiona</b> a las seis y media de la tarde");
    assert_eq!(heard.attribute("#a-heard q", "lang"), "es-CO");
    assert_eq!(heard.text("#a-heard .small .nb"), "es-419 · espeak");
    assert_eq!(heard.text("#a-heard .take .num"), "0:000:07");
    assert_eq!(heard.attribute("#a-heard .wave .heard", "d").matches('M').count(), 3);
    assert_eq!(heard.text("#a-text"), "Hoy <b>sesiona</b> a las 18:30", "nothing is lost");
    assert_eq!(heard.attribute("#a-chime [selected]", "value"), "before");
    assert_eq!(heard.attribute("#announce input[name=nonce]", "value"), nonce);
    assert_eq!(house.jobs().await.len(), before, "nothing is sent");

    let source = heard.attribute("#a-heard audio", "src");
    let sound = house.get(&source).await;
    assert_eq!((sound.status, sound.header(header::CONTENT_TYPE)), (StatusCode::OK, "audio/wav"));
    assert_eq!(sound.text, "0123456789");
    for nothing in ["/previews/0123456789abcdef0123456789abcdef01234567", "/previews/..%2fsecret"] {
        assert_eq!(house.get(nothing).await.status, StatusCode::NOT_FOUND, "{nothing}");
    }
    let sent = house.post("/radio/main/announce", &answer, &filled(&nonce, &[("do", "air")])).await;
    assert_eq!(sent.header(header::LOCATION), "/radio/main?said=announced");
}

#[tokio::test]
async fn what_cannot_be_heard_says_why() {
    let (house, _) = House::on_air("");
    let page = house.get(PATH).await;
    let nonce = nonce(&page);
    let hear = async |changes: &[(&str, &str)]| {
        let fields: Vec<_> = changes.iter().copied().chain([("do", "preview")]).collect();
        house.post("/radio/main/announce", &page, &filled(&nonce, &fields)).await
    };
    let empty = hear(&[("text", " "), ("language", "!")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(empty.page().text("#a-text-e"), "Escribe qué se dice.");
    assert_eq!(empty.page().count("#announce [aria-invalid=true]"), 2);
    let strange = hear(&[("language", "tlh")]).await;
    assert_eq!(strange.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(strange.page().text("#a-text-e").starts_with("Ningún motor puede decir este texto"));
    house.booth.fall_silent(true);
    let mute = hear(&[]).await;
    assert_eq!(mute.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(mute.page().text("#announce [role=alert]").starts_with("Ningún motor puede hablar ahora."));
    assert_eq!(
        (mute.page().text("#a-text").as_str(), mute.page().count("#a-heard .take")),
        ("Hoy hay mercado", 0)
    );
}
