//! What the callee answers by key.

use pregon_core::Reply;
use serde_json::{Value, json};

use crate::line::{Line, Turn};
use crate::peer::Manner;

/// One way to ask, one way to answer, and what has to be told of it.
struct Case {
    asked: Value,
    manner: Manner,
    reply: Reply,
    digits: Option<&'static str>,
    repeats: Option<u16>,
    played: &'static str,
}

fn case(asked: Value, manner: Manner, reply: Reply, digits: Option<&'static str>) -> Case {
    Case { asked, manner, reply, digits, repeats: None, played: "fully" }
}

fn press(keys: &str) -> Manner {
    Manner::Press { keys: keys.to_owned() }
}

fn cases() -> Vec<Case> {
    let keys = || json!({"confirm": "1", "repeat": "2", "opt_out": "9"});
    let number = |min, max| json!({"input": {"min": min, "max": max}, "opt_out": "*"});
    vec![
        case(keys(), press("1"), Reply::Confirmed, Some("1")),
        case(keys(), press("9"), Reply::OptedOut, Some("9")),
        Case { repeats: Some(1), ..case(keys(), press("21"), Reply::Confirmed, Some("1")) },
        Case { repeats: Some(2), ..case(keys(), press("229"), Reply::OptedOut, Some("9")) },
        case(keys(), press("7"), Reply::Nothing, None),
        case(keys(), Manner::ANSWER, Reply::Nothing, None),
        Case { played: "partly", ..case(keys(), Manner::HangUp, Reply::Nothing, None) },
        case(json!({"input": {}, "repeat": "0"}), press("5"), Reply::Entered, Some("5")),
        case(number(3, 6), press("407#"), Reply::Entered, Some("407")),
        case(number(3, 3), press("407"), Reply::Entered, Some("407")),
        case(number(4, 6), press("407#"), Reply::Nothing, None),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_by_key_is_told() {
    let Some(line) = Line::open(Turn::shared().await).await else { return };
    let mut waiting = Vec::new();
    for case in cases() {
        let number = case.manner.number();
        let mut asked = case.asked.clone();
        asked.as_object_mut().unwrap().extend([
            ("wait_seconds".to_owned(), json!(2)),
            ("prompts".to_owned(), json!(1)),
            ("prompt".to_owned(), json!("¿Sí o no?")),
            ("thanks".to_owned(), json!("Vale.")),
        ]);
        let text = "Mañana no habrá agua de ocho a dos de la tarde.";
        waiting.push((line.call(&number, &json!({"interaction": asked, "text": text})).await, number, case));
    }
    for (id, number, case) in waiting {
        let job = line.ended(&id).await;
        let outcome = &job["outcome"];
        assert_eq!((&job["status"], &outcome["kind"]), (&json!("completed"), &json!("answered")), "{job}");
        let expected =
            (json!(case.reply.as_str()), json!(case.digits), json!(case.repeats), json!(case.played));
        let told = ["reply", "digits", "repeats", "played"]
            .map(|name| outcome.get(name).cloned().unwrap_or_default());
        assert_eq!(told, [expected.0, expected.1, expected.2, expected.3], "{}: {job}", case.asked);
        let calls = line.peer.calls_to(&number);
        assert_eq!(calls.len(), 1, "{number}");
        if case.manner == Manner::ANSWER {
            let (said, heard) = (job["clip"]["seconds"].as_f64().unwrap(), calls[0].sound.pcm().seconds());
            assert!(
                heard > said + 0.3,
                "the prompt was spoken after the message: {heard} s of {said} s and more"
            );
        }
    }
}

/// The bound that is written in the call file holds on the line: when a result never comes, the call is over by then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_hung_up_when_it_lasts_longer_than_it_can() {
    use std::time::Duration;

    use crate::line::{call_file, eventually, hand_over};

    let Some(line) = Line::open(Turn::shared().await).await else { return };
    let number = Manner::ANSWER.number();
    // A prompt that waits for half a minute, in a call that may last for two seconds.
    let asked =
        "Set: PREGON_PROMPT=/nowhere/p\nSet: PREGON_MOST=1\nSet: PREGON_WAIT=30\nSet: PREGON_PROMPTS=5\n";
    let file = call_file(&number);
    let key = file.key;
    let text = file.to_string().replace("PREGON_LONGEST=60", "PREGON_LONGEST=2");
    hand_over(&line.asterisk.spool(), &format!("{key}.call"), &(text + asked), 0o664);
    let call = || line.peer.calls_to(&number).into_iter().next();
    eventually("the call is over", || call().is_some_and(|call| call.ended.is_some())).await;
    let call = call().unwrap();
    let lasted = call.ended.unwrap() - call.answered.unwrap();
    assert!(lasted < Duration::from_secs(20), "{lasted:?}");
}
