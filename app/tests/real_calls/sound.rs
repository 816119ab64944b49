//! What is heard at the other end, what is pressed there, and how soon it rings.

use std::path::Path;
use std::time::{Duration, Instant};

use pregon_audio::{Pcm, decode, wav};
use serde_json::{Value, json};

use crate::line::{Line, Turn, call_file, count, eventually, hand_over};
use crate::peer::{Manner, likeness};

/// The message as the API plays it.
async fn rendered(line: &Line, id: &str) -> Pcm {
    let url = format!("http://{}/jobs/{id}/audio", line.rig.base);
    let file = line.rig.http.get(url).send().await.unwrap().bytes().await.unwrap();
    decode(&file, None, Duration::from_mins(1)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_heard_is_what_was_rendered() {
    let Some(line) = Line::open(Turn::shared().await).await else { return };
    for (trunk, text) in
        [("trunk", "Mañana no habrá agua de ocho a dos."), ("trunk2", "Son las diez en punto.")]
    {
        let number = Manner::ANSWER.number();
        let id = line.call(&number, &json!({"trunk": trunk, "text": text})).await;
        line.ended(&id).await;
        let (said, heard) = (rendered(&line, &id).await, line.peer.calls_to(&number)[0].sound.pcm());
        let (alike, late) = likeness(&said, &heard);
        println!(
            "{:.2} s of speech heard with a correlation of {alike:.5}, {late} samples late",
            said.seconds()
        );
        assert!(alike >= 0.999, "{alike}");
    }
}

/// The rendered message of a job, as a file.
fn audio_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let shards = folders.iter().filter(|path| path.file_name().is_some_and(|name| name.len() == 2));
    files
        .into_iter()
        .filter(|f| f.extension().is_some_and(|e| e == "wav"))
        .chain(shards.flat_map(|f| audio_files(f)))
        .collect()
}

/// Once it rings nothing can hold the call back: then the outcome has to say that nothing was heard.
async fn spoiled_while_it_rings(text: &str, spoil: impl Fn(&Path)) -> Option<Value> {
    let line = Line::open(Turn::shared().await).await?;
    let number = Manner::Answer { ring: Duration::from_secs(2) }.number();
    let id = line.call(&number, &json!({"text": text})).await;
    eventually("it rings", || !line.peer.calls_to(&number).is_empty()).await;
    let files = audio_files(&Path::new(line.rig.setting("PREGON_DATA_DIR")).join("audio"));
    assert_eq!(files.len(), 1, "{files:?}");
    spoil(&files[0]);
    let job = line.ended(&id).await;
    assert_eq!(line.peer.calls_to(&number)[0].sound.pcm().samples.len(), 0, "nothing was heard");
    Some(job)
}

fn assert_silent(job: &Value) {
    assert_eq!(
        (&job["status"], &job["outcome"]["kind"], &job["outcome"]["played"]),
        (&json!("failed"), &json!("silent"), &json!("none")),
        "{job}"
    );
    assert_eq!((&job["outcome"]["q850"], &job["outcome"]["sip"]), (&json!(16), &json!(200)), "{job}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn audio_that_goes_missing_while_it_rings_is_told_as_silence() {
    let Some(job) = spoiled_while_it_rings("Uno.", |file| std::fs::remove_file(file).unwrap()).await else {
        return;
    };
    assert_silent(&job);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn audio_of_a_wrong_rate_is_told_as_silence() {
    let wrong = wav::encode(&Pcm::new(22_050, vec![0.25; 22_050]));
    let Some(job) = spoiled_while_it_rings("Dos.", |file| std::fs::write(file, &wrong).unwrap()).await else {
        return;
    };
    assert_silent(&job);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn audio_that_was_spoiled_before_the_call_is_made_anew() {
    let Some(line) = Line::open(Turn::shared().await).await else { return };
    let wrong = wav::encode(&Pcm::new(22_050, vec![0.25; 22_050]));
    let text = json!({"text": "Tres tristes tigres."});
    for spoil in [None, Some(&wrong)] {
        let files = audio_files(&Path::new(line.rig.setting("PREGON_DATA_DIR")).join("audio"));
        for (file, wrong) in files.iter().zip(spoil) {
            std::fs::write(file, wrong).unwrap();
        }
        let number = Manner::ANSWER.number();
        let job = line.ended(&line.call(&number, &text).await).await;
        assert_eq!(
            (&job["outcome"]["kind"], &job["outcome"]["played"]),
            (&json!("answered"), &json!("fully")),
            "{job}"
        );
        assert!(line.peer.calls_to(&number)[0].sound.pcm().seconds() > 0.5);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_that_the_peer_presses_reach_asterisk() {
    let Some(line) = Line::open(Turn::shared().await).await else { return };
    for keys in ["7", "407#"] {
        let number = Manner::Press { keys: keys.to_owned() }.number();
        let digits = keys.trim_end_matches('#');
        let text = format!(
            "Channel: PJSIP/{number}@trunk\nWaitTime: 5\nMaxRetries: 0\nContext: test-keys\nExtension: s\n\
             Set: NAME={number}\nSet: COUNT={}\n",
            // One more than there are: only # or time ends it.
            digits.len() + 1
        );
        hand_over(&line.asterisk.spool(), &format!("keys-{number}.call"), &text, 0o664);
        let written = line.asterisk.dir().join("keys").join(&number);
        let read = || std::fs::read_to_string(&written).unwrap_or_default();
        eventually("the keys are written down", || read().ends_with('\n')).await;
        assert_eq!(read().trim_end(), digits);
    }
}

/// A hand-over costs what the disk costs; what comes after it, until the INVITE is at the peer, has to be short.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_rings_within_milliseconds_of_the_hand_over() {
    let Some(line) = Line::open(Turn::alone().await).await else { return };
    let spool = line.spool().await;
    let (mut hand_overs, mut invites) = (Vec::new(), Vec::new());
    for _ in 0..count(50) {
        let number = Manner::Refuse { status: 486 }.number();
        let file = call_file(&number);
        let began = Instant::now();
        spool.dispatch(file).await.unwrap();
        hand_overs.push(began.elapsed());
        eventually("it was dialled", || !line.peer.calls_to(&number).is_empty()).await;
        invites.push(line.peer.calls_to(&number)[0].invited - began);
    }
    let (hand_over, invite) = (median(&mut hand_overs), median(&mut invites));
    println!("dispatch to INVITE: median {invite:?}, of which the hand-over itself {hand_over:?}");
    // A call file that is linked instead of renamed is seen two seconds later.
    assert!(invite.saturating_sub(hand_over) < Duration::from_millis(100), "{invite:?}");
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
