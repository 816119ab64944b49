//! Azure's contract.

use axum::response::Response;

use crate::fake::speech;
use crate::far::{Far, Heard, engine, engines, long_text, say, sound, spoken_wav, studio};

fn args(far: &Far) -> Vec<String> {
    vec![
        "--tts-engines=azure".to_owned(),
        format!("--azure-tts-url={}", far.url),
        "--azure-tts-key=k-123".to_owned(),
        "--azure-tts-voices=es-419=es-MX-DaliaNeural,en=en-US-AvaNeural".to_owned(),
    ]
}

fn dalia(heard: &Heard) -> Response {
    let said = heard.text().split('>').nth(2).unwrap().split('<').next().unwrap();
    sound(spoken_wav(said), "audio/x-wav")
}

#[tokio::test]
async fn the_order_is_what_the_service_expects() {
    let far = Far::start(dalia).await;
    let engine = engine(&args(&far)).await;
    say(&*engine, "Tom & Jerry <b>dicen</b> \"hola\"", 1.0).await.unwrap();
    say(&*engine, "hola", 1.1).await.unwrap();
    let [first, second] = <[Heard; 2]>::try_from(far.orders()).unwrap();
    assert_eq!(first.path, "/cognitiveservices/v1");
    for (name, value) in [
        ("ocp-apim-subscription-key", "k-123"),
        ("content-type", "application/ssml+xml"),
        ("x-microsoft-outputformat", "riff-24khz-16bit-mono-pcm"),
        ("user-agent", "pregon"),
    ] {
        assert_eq!(first.header(name), Some(value), "{name}");
    }
    assert_eq!(
        first.text(),
        "<speak version=\"1.0\" xmlns=\"http://www.w3.org/2001/10/synthesis\" xml:lang=\"es-CO\">\
         <voice name=\"es-MX-DaliaNeural\">Tom &#38; Jerry &#60;b&#62;dicen&#60;/b&#62; &#34;hola&#34;</voice></speak>"
    );
    assert!(second.text().contains("<prosody rate=\"+10%\">hola</prosody>"), "{}", second.text());
}

#[tokio::test]
async fn its_answer_becomes_a_clip() {
    let (far, dir) = (Far::start(dalia).await, tempfile::tempdir().unwrap());
    let clip = studio(&args(&far), dir.path())
        .await
        .clip(&speech("Su cita de control es mañana"), None)
        .await
        .unwrap();
    assert_eq!(
        (clip.engine.as_str(), clip.voice.as_str(), clip.fallback),
        ("azure", "es-MX-DaliaNeural", None)
    );
}

#[tokio::test]
async fn long_texts_go_in_pieces_of_whole_documents() {
    let far = Far::start(dalia).await;
    let text = long_text(3_500);
    say(&*engine(&args(&far)).await, &text, 1.0).await.unwrap();
    let orders = far.orders();
    assert_eq!(orders.len(), 2);
    assert!(
        orders.iter().all(|order| order.text().starts_with("<speak ") && order.text().ends_with("</speak>"))
    );
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let mut args = vec!["--tts-engines=azure".to_owned()];
    for (variable, remedy) in [
        ("AZURE_TTS_KEY is not set", "--azure-tts-key=k"),
        ("AZURE_TTS_REGION is not set", "--azure-tts-region=eastus"),
        ("AZURE_TTS_VOICES is not set", "--azure-tts-voices=es=x"),
    ] {
        let error = engines(&args).await.err().unwrap();
        assert!(error.starts_with(variable) && !error.contains('\n'), "{error}");
        args.push(remedy.to_owned());
    }
    assert!(engines(&args).await.is_ok());
}
