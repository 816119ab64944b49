//! Calls while every engine over the network is down: they go out all the same, with the voice of this machine, and say
//! so. Through the public door, with workers in processes of their own.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests say what is wrong by panicking, and print what they skip"
)]

mod rig;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rig::{Backing, Rig, free_port};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_mins(2);

/// A server that takes every connection and does with it what `answer` does, for as long as the test runs. Counts.
fn server(answer: impl Fn(TcpStream) + Send + 'static) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            count.fetch_add(1, Ordering::SeqCst);
            answer(connection);
        }
    });
    (url, asked)
}

/// Says that it is asked too often.
fn refuse(mut connection: TcpStream) {
    let mut request = [0; 4_096];
    drop(connection.read(&mut request));
    let answer = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 900\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    drop(connection.write_all(answer.as_bytes()));
}

/// Takes the connection and says nothing.
fn hang(connection: TcpStream) {
    std::mem::forget(connection);
}

fn espeak_is_there() -> bool {
    let there = std::process::Command::new("espeak-ng").arg("--version").output().is_ok();
    if !there {
        assert!(std::env::var_os("REQUIRE_SERVICES").is_none(), "espeak-ng is not installed");
        println!("SKIPPED: espeak-ng is not installed");
    }
    there
}

async fn call(rig: &Rig, text: &str) -> Value {
    let request = json!({"text": text, "phone_number": "3005050149", "priority": "high"});
    let (status, answer) = rig.post("/tts/call", &request).await.unwrap();
    assert_eq!(status, 202, "{answer}");
    let path = format!("/tts/status/{}", answer["job_id"].as_str().unwrap());
    rig.until("the call is over", PATIENCE, async |rig: &Rig| {
        rig.get(&path).await.is_some_and(|(_, job)| job["status"] == "completed")
    })
    .await;
    rig.get(&path).await.unwrap().1
}

async fn goes_out_and_says_so(backing: &Backing) {
    let dir = tempfile::tempdir().unwrap();
    let spool = dir.path().join("spool");
    std::fs::create_dir_all(spool.join("outgoing")).unwrap();
    let ((limited, limits), (hung, _)) = (server(refuse), server(hang));
    let settings = [
        ("TTS_ENGINES", "azure,google,openai"),
        ("AZURE_TTS_URL", &limited),
        ("AZURE_TTS_KEY", "a-key-of-the-test"),
        ("AZURE_TTS_VOICES", "es=dalia"),
        ("GOOGLE_TTS_URL", &format!("http://127.0.0.1:{}", free_port())),
        ("OPENAI_TTS_URL", &format!("{hung}/v1")),
        ("OPENAI_TTS_VOICES", "es=nova"),
        ("TTS_DEADLINE", "4s"),
        ("TTS_BUDGETS", "azure=100"),
        ("ASTERISK_SIM_CALL_SECONDS", "0.1"),
        ("ASTERISK_SIM_OUTCOMES", "answered=1"),
    ];
    let rig = Rig::before(Path::new(&spool), backing, &settings).await;
    let _asterisk = rig.run(&["asterisk-sim"], &[]);
    let _workers = [rig.worker(&[]), rig.worker(&[])];

    let job = call(&rig, "Atención: evacúen el edificio por la salida norte.").await;
    let clip = &job["clip"];
    assert_eq!((&clip["engine"], &clip["cached"]), (&json!("espeak"), &json!(false)), "{job}");
    assert!(clip["voice"].as_str().unwrap().starts_with("es"), "{clip}");
    let why = clip["fallback"].as_str().unwrap();
    for words in [
        "azure is asked too often: answered 429",
        "google cannot be reached",
        "openai had not answered after ",
    ] {
        assert!(why.contains(words), "{words}: {why}");
    }

    // Whichever worker takes them, and whatever it has seen itself: nobody asks again who was told to wait.
    for n in 0..4 {
        let job = call(&rig, &format!("Su turno es el {n}.")).await;
        let why = job["clip"]["fallback"].as_str().unwrap();
        assert!(why.contains("azure rests for another "), "{why}");
    }
    assert_eq!(limits.load(Ordering::SeqCst), 1);
    let (_, list) = rig.get("/engines").await.unwrap();
    let engines = list["engines"].as_array().unwrap();
    let azure = &engines[0];
    assert_eq!((&azure["engine"], &azure["state"]), (&json!("azure"), &json!("resting")), "{list}");
    assert!(azure["error"].as_str().unwrap().contains("429") && azure["since"].is_string(), "{list}");
    assert_eq!(azure["budget"], json!({"limit": 100, "used": 0}), "what was not spoken is not counted");
    assert_eq!((&engines[3]["engine"], &engines[3]["local"]), (&json!("espeak"), &json!(true)), "{list}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_goes_out_with_the_voice_of_this_machine_and_says_so() {
    if espeak_is_there() {
        goes_out_and_says_so(&Backing::Embedded).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_goes_out_on_rabbitmq_and_redis_as_well() {
    let Some(backing) = Backing::distributed() else { return };
    if espeak_is_there() {
        goes_out_and_says_so(&backing).await;
    }
}
