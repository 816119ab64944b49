//! What calls ask, what people answer by key, and the file that made the call.

use pregon_core::{Input, Interaction, Job, Outcome, OutcomeKind, Played, Reply, StateName, Target};

use crate::house::{House, Page};

/// The call that was answered at the second attempt, and asked something.
async fn asking(house: &House) -> Job {
    house.job(|j| j.attempt == 2).await
}

/// The values of a fact; none when it is not told.
fn fact(page: &Page, name: &str) -> Vec<String> {
    let (names, values) = (page.all("#frag-facts dt"), page.all("#frag-facts dd"));
    names.into_iter().zip(values).filter_map(|(n, value)| (n == name).then_some(value)).collect()
}

#[tokio::test]
async fn the_page_tells_what_was_asked_and_what_was_answered() {
    let house = House::busy().await;
    let job = asking(&house).await;
    let page = house.get(&format!("/jobs/{}", job.id)).await.page();
    assert_eq!(fact(&page, "Pulsó"), ["1 · confirma"]);
    assert_eq!(fact(&page, "Repeticiones"), ["1"]);
    assert!(fact(&page, "Pregunta")[0].starts_with("Para confirmar su cita, marque 1."));
    assert_eq!(page.attribute("#frag-facts dd[lang]", "lang"), "es");
    assert_eq!(fact(&page, "Teclas"), ["1 confirma · 2 repite el mensaje · 9 no más llamadas"]);
    let line = page.all("#frag-timeline .body");
    assert!(line.iter().any(|line| line.starts_with("Ocupado tras 22 s; ")), "{line:?}");
    assert_eq!(
        line.last().unwrap(),
        "Contestada a los 11 s, oída24 s · pulsó 1 (confirma) · pidió oírlo otra vez"
    );
    assert!(page.text("#frag-json").contains(r#""reply": "confirmed", "repeats": 1"#));
    let list = house.get(&format!("/jobs?q={}", job.id)).await.page();
    assert_eq!(list.text(".f-out"), "Contestada· 24 s · pulsó 1 (confirma)");
}

#[tokio::test]
async fn every_reply_has_its_words_in_both_languages() {
    let house = House::busy().await;
    let sample = asking(&house).await;
    let mut told = std::collections::BTreeSet::new();
    for (language, name, digits, reply, fact_told, story) in [
        ("es", "Pulsó", Some("1"), Reply::Confirmed, "1 · confirma", "oyó el mensaje y confirmó."),
        (
            "es",
            "Pulsó",
            Some("9"),
            Reply::OptedOut,
            "9 · no quiere más llamadas",
            "y pidió no recibir más llamadas.",
        ),
        ("es", "Pulsó", Some("4512"), Reply::Entered, "4512 · su respuesta", "y marcó 4512."),
        (
            "es",
            "Pulsó",
            None,
            Reply::Nothing,
            "sin respuesta",
            "oyó el mensaje, pero no respondió a la pregunta.",
        ),
        ("en", "Pressed", Some("1"), Reply::Confirmed, "1 · confirms", "heard the message and confirmed."),
        (
            "en",
            "Pressed",
            Some("9"),
            Reply::OptedOut,
            "9 · wants no more calls",
            "and asked for no more calls.",
        ),
        ("en", "Pressed", Some("4512"), Reply::Entered, "4512 · their answer", "and entered 4512."),
        (
            "en",
            "Pressed",
            None,
            Reply::Nothing,
            "no reply",
            "heard the message, but did not reply to the question.",
        ),
    ] {
        let mut job = sample.clone();
        let digits = digits.map(ToOwned::to_owned);
        let played = Some(Played::Fully);
        job.outcome =
            Some(Outcome { played, digits, reply: Some(reply), ..Outcome::of(OutcomeKind::Answered) });
        house.memory.put(&job);
        let page = house.get(&format!("/jobs/{}?lang={language}", job.id)).await.page();
        assert_eq!(fact(&page, name), [fact_told]);
        assert!(page.text("#frag-lede").ends_with(story), "{}", page.text("#frag-lede"));
        told.insert(page.text("#frag-facts .out"));
    }
    assert_eq!(told.len(), 8, "{told:?}");
}

#[tokio::test]
async fn the_keys_are_told_with_their_meaning() {
    let house = House::busy().await;
    let mut job = asking(&house).await;
    for (min, max, es, en) in [
        (1, 1, "una cifra · * no más llamadas", "one digit · * no more calls"),
        (4, 4, "4 cifras · * no más llamadas", "4 digits · * no more calls"),
        (4, 8, "de 4 a 8 cifras · * no más llamadas", "4 to 8 digits · * no more calls"),
    ] {
        let Target::Call(call) = &mut job.spec.target else { unreachable!() };
        let asked = call.interaction.take().unwrap();
        let opt_out = '*'.try_into().ok();
        let input = Some(Input { min, max });
        let prompt = "<b>¿Cuál?</b>".to_owned();
        call.interaction = Some(Interaction { confirm: None, repeat: None, opt_out, input, prompt, ..asked });
        house.memory.put(&job);
        let page = async |language| house.get(&format!("/jobs/{}?lang={language}", job.id)).await.page();
        assert_eq!(fact(&page("es").await, "Teclas"), [es]);
        assert_eq!(fact(&page("es").await, "Pregunta"), ["<b>¿Cuál?</b>"]);
        assert_eq!(fact(&page("en").await, "Keys"), [en]);
    }
    let silent = house.job(|j| j.state.name() == StateName::Completed && j.attempt == 1).await;
    let page = house.get(&format!("/jobs/{}?lang=es", silent.id)).await.page();
    assert_eq!((fact(&page, "Teclas").len(), fact(&page, "Pregunta").len()), (0, 0));
    assert_eq!(fact(&page, "Pulsó"), ["1"], "without a question a key means nothing");
}

#[tokio::test]
async fn a_withdrawn_call_file_is_still_shown() {
    let house = House::busy().await;
    let job = asking(&house).await;
    let entry = house.lay_call_file(&job, "Channel: PJSIP/573201234531@claro\n");
    let outgoing = house.folder.path().join("call");
    std::fs::hard_link(&entry, &outgoing).unwrap();
    // Asterisk adds its mark to the file in the spool, and the spool takes it away.
    let mut file = std::fs::OpenOptions::new().append(true).open(&outgoing).unwrap();
    std::io::Write::write_all(&mut file, b"StartRetry: 4711 1 (1763700000)\n").unwrap();
    std::fs::remove_file(&outgoing).unwrap();
    let page = house.get(&format!("/jobs/{}", job.id)).await.page();
    assert_eq!(page.text("#frag-file .sheet-h p"), "Intento 2");
    assert_eq!(
        page.text("#frag-file pre"),
        "Channel: PJSIP/57320•••••31@claro StartRetry: 4711 1 (1763700000)"
    );
}

#[tokio::test]
async fn a_number_is_masked_however_its_trunk_writes_it() {
    let house = House::busy().await;
    let job = asking(&house).await;
    for (written, masked) in [
        ("PJSIP/573201234531@claro", "PJSIP/57320•••••31@claro"),
        ("PJSIP/+573201234531@claro", "PJSIP/+57320•••••31@claro"),
        ("PJSIP/3201234531@claro", "PJSIP/320•••••31@claro"),
        ("PJSIP/993201234531@claro", "PJSIP/99320•••••31@claro"),
        ("Local/3201234531@out/n", "Local/320•••••31@out/n"),
    ] {
        house.lay_call_file(&job, &format!("Channel: {written}\nCallerID: \"Clínica\" <6067451200>\n"));
        let page = house.get(&format!("/jobs/{}", job.id)).await;
        let shown = page.page().text("#frag-file pre");
        assert_eq!(shown, format!("Channel: {masked} CallerID: \"Clínica\" <6067451200>"));
        assert!(!page.text.contains("3201234531"), "{written}");
    }
}
