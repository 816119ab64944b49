//! The page of the voices.

use axum::http::{StatusCode, header};

use crate::house::House;

#[tokio::test]
async fn engines_and_voices_are_listed_those_of_the_reader_first() {
    let house = House::empty("");
    let answer = house.get("/speech").await;
    assert_eq!(answer.status, StatusCode::OK);
    let page = answer.page();
    assert_eq!(page.text(".lede"), "Habla azure; otros 2 motores lo relevan.");
    assert_eq!(page.text("nav [aria-current]"), "Voces");
    assert_eq!(page.all("#voices summary"), ["azure", "espeak", "google"]);
    assert_eq!(page.all("#voices details:first-of-type tbody th")[..2], ["Salomé", "en-1"]);
    assert_eq!(page.count("#voices details:first-of-type tbody th"), 60);
    assert!(page.text("#voices details:first-of-type p").starts_with("Y 11 más"));
    assert!(page.all("#voices details:last-of-type p")[0].ends_with("es, en, fr"));
    assert_eq!(page.count("#a-voice option"), 1 + 3 + 60 + 2);
    let english = house.get("/speech?lang=en").await.page();
    assert_eq!(english.text(".lede"), "azure speaks; 2 other engines stand in for it.");
    assert_eq!(english.text("#voices details:first-of-type tbody th"), "en-1");
}

#[tokio::test]
async fn a_text_is_read_without_a_sound_or_heard() {
    let house = House::empty("");
    house.lay_clip();
    let page = house.get("/speech").await;
    let text = "Llame a las 18:30 <hoy>";
    let fields = [("text", text), ("language", "es-CO"), ("voice", "espeak:es-419"), ("ssml", "")];
    let read = house.post("/speech", &page, &[&fields[..], &[("do", "read")]].concat()).await;
    assert_eq!(read.status, StatusCode::OK);
    let read = read.page();
    assert_eq!(read.text("#a-heard q"), "Llame a las seis y media de la tarde <hoy>");
    assert_eq!(read.attribute("#a-heard q span", "lang"), "es-CO");
    assert_eq!(read.text("#a-heard .dim"), "es-419 · espeak · 42 caracteres por decir");
    assert_eq!(read.count(".take"), 0, "nothing is spoken");
    assert_eq!(read.text("#a-text"), text, "nothing is lost");
    assert_eq!(read.attribute("#a-voice [selected]", "value"), "espeak:es-419");

    let heard = house.post("/speech", &page, &[&fields[..], &[("do", "preview")]].concat()).await;
    let source = heard.page().attribute(".take audio", "src");
    assert_eq!(house.get(&source).await.header(header::CONTENT_TYPE), "audio/wav");
    assert_eq!(house.jobs().await.len(), 0, "nobody is called");
}

#[tokio::test]
async fn a_voice_says_a_sentence_of_its_language() {
    let house = House::empty("");
    house.lay_clip();
    let page = house.get("/speech").await;
    let parsed = page.page();
    assert_eq!(parsed.attribute("#voices tbody form [name=voice]", "value"), "azure:Salomé");
    let sample = parsed.attribute("#voices tbody form [name=text]", "value");
    assert!(sample.starts_with("Su cita"), "{sample}");
    let fields =
        [("text", sample.as_str()), ("language", "es-CO"), ("voice", "azure:Salomé"), ("do", "preview")];
    let heard = house.post("/speech", &page, &fields).await.page();
    assert_eq!((heard.count(".take"), heard.text("#a-text")), (1, sample));
}

#[tokio::test]
async fn what_cannot_be_said_says_why() {
    let house = House::empty("");
    let page = house.get("/speech").await;
    let attempt = async |text: &str, language: &str| {
        let fields = [("text", text), ("language", language), ("do", "preview")];
        house.post("/speech", &page, &fields).await
    };
    let empty = attempt(" ", "!").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(empty.page().count("#try [aria-invalid=true]"), 2);
    let strange = attempt("nuqneH", "tlh").await;
    assert_eq!(strange.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(strange.page().text("#a-text-e [lang=en]"), "no configured engine speaks the language");
    house.booth.fall_silent(true);
    let mute = attempt("Hola", "es").await;
    assert_eq!(mute.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(mute.page().text("#a-text"), "Hola");
    assert!(mute.page().text("#try [role=alert]").starts_with("Ningún motor puede hablar ahora."));
}

#[tokio::test]
async fn a_client_hears_what_it_tries_and_a_viewer_tries_nothing() {
    let house = House::empty("marta:admin:correct-horse,crm:client:87654321,luis:viewer:12345678");
    house.lay_clip();
    let enter = async |key: &str| {
        let door = house.get("/signin").await;
        house.post("/signin", &door, &[("key", key), ("next", "/speech")]).await;
        house.get("/speech").await
    };
    let fields = [("text", "Hola"), ("language", "es"), ("do", "preview")];
    let page = enter("87654321").await;
    let heard = house.post("/speech", &page, &fields).await;
    let source = heard.page().attribute(".take audio", "src");
    assert_eq!(house.get(&source).await.status, StatusCode::OK);
    house.post("/signout", &page, &[]).await;
    let page = enter("12345678").await;
    assert_eq!(house.post("/speech", &page, &fields).await.status, StatusCode::FORBIDDEN);
    assert_eq!(house.get(&source).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn engines_and_cache_say_how_they_are() {
    let house = House::empty("marta:admin:correct-horse");
    let page = House::empty("").get("/speech").await.page();
    assert_eq!(page.all("#engines tbody th"), ["azure", "gcloud", "espeak"]);
    assert_eq!(page.all("#engines .out"), ["descansa 1 min 30 s", "le falta algo", "listo"]);
    assert_eq!(page.all("#engines .sub"), ["answered 429 <too many>", "set GOOGLE_CLOUD_TTS_KEY"]);
    assert_eq!(page.all("#engines td.num"), ["12.300 de 100.000", "12.300", "12.300"]);
    assert_eq!(page.all("#cache dd"), ["205 MiB de 2.048 MiB", "1.312", "97,8 %", "4", "1"]);
    assert_eq!(house.get("/speech").await.status, StatusCode::SEE_OTHER, "strangers sign in first");
}
