//! Calls are seen as they go on and can be hung up; and nothing but the view depends on that.

use std::time::Duration;

use serde_json::{Value, json};

use crate::line::{Line, PATIENCE, Turn, eventually};
use crate::outcomes;
use crate::peer::Manner;
use crate::rig::proxy::Proxy;

/// A busy machine gets so long to notice.
const SOON: Duration = Duration::from_secs(20);

/// Between two cuts of the manager session: often within a call, and time to come back in between.
const CUT_EVERY: Duration = Duration::from_millis(700);

/// A line whose API follows calls through a proxy that can be cut.
async fn followed(turn: Turn, more: &[(&str, &str)]) -> Option<(Line, Proxy)> {
    let Some(place) = std::env::var_os("TEST_ASTERISK_AMI") else {
        assert!(std::env::var_os("REQUIRE_SERVICES").is_none(), "TEST_ASTERISK_AMI is not set");
        println!("SKIPPED: TEST_ASTERISK_AMI is not set; ./manage.sh check starts an Asterisk");
        return None;
    };
    let place = place.into_string().expect("host:port:user:secret");
    let parts: Vec<&str> = place.splitn(4, ':').collect();
    let [_, port, user, secret] = parts[..] else { panic!("TEST_ASTERISK_AMI is host:port:user:secret") };
    let proxy = Proxy::to(port.parse().unwrap()).await;
    let url = format!("ami://{user}:{secret}@127.0.0.1:{}", proxy.port);
    let settings = [&[("ASTERISK_AMI_URL", url.as_str())], more].concat();
    Some((Line::open_with(turn, &settings).await?, proxy))
}

/// The job, once its status shows the call in that phase.
async fn seen(line: &Line, id: &str, phase: &str) -> Value {
    line.rig
        .until(&format!("{id} is seen {phase}"), SOON, async |_| line.job(id).await["live"]["phase"] == phase)
        .await;
    line.job(id).await
}

async fn hang_up(line: &Line, id: &str) -> (u16, Value) {
    line.rig.post(&format!("/jobs/{id}/hangup"), &json!({})).await.unwrap()
}

fn events(job: &Value) -> Vec<&str> {
    job["timeline"].as_array().unwrap().iter().map(|e| e["event"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ringing_call_is_seen_and_hung_up_and_nobody_calls_again() {
    let more = [("ASTERISK_WAIT_SECONDS", "40")];
    let Some((line, _proxy)) = followed(Turn::shared().await, &more).await else { return };
    let mut stream = line.rig.http.get(format!("http://{}/events", line.rig.base)).send().await.unwrap();
    let number = Manner::Ring.number();
    let id = line.call(&number, &json!({"max_attempts": 3, "retry": {"no_answer": ["1s"]}})).await;
    let ringing = seen(&line, &id, "ringing").await;
    assert_eq!(ringing["status"], "dispatched");
    assert!(ringing["live"]["since"].as_str().is_some_and(|since| since.ends_with('Z')), "{ringing}");

    let (status, answer) = hang_up(&line, &id).await;
    assert_eq!((status, &answer["job_id"]), (202, &json!(id)), "{answer}");
    let job = line.ended(&id).await;
    assert_eq!((&job["status"], &job["attempts"]), (&json!("failed"), &json!(1)), "{job}");
    assert_eq!(job["outcome"]["kind"], "no_answer", "{job}");
    assert_eq!(events(&job), ["accepted", "claimed", "dispatched", "hang_up_asked", "outcome"]);
    assert_eq!(job["timeline"].as_array().unwrap().last().unwrap()["decision"], "none_left");
    assert_eq!(job.get("live"), None);
    let calls = line.peer.calls_to(&number);
    let [call] = calls.as_slice() else { panic!("{} calls for {job}", calls.len()) };
    assert!(call.ringing().is_some_and(|time| time < Duration::from_secs(30)), "it was cut, not given up");
    assert_eq!(hang_up(&line, &id).await.0, 409, "there is nothing left to hang up");

    let mut told = String::new();
    while !told.contains("\"phase\":\"over\"") {
        let part = tokio::time::timeout(SOON, stream.chunk()).await.expect("an event");
        told.push_str(&String::from_utf8_lossy(&part.unwrap().expect("the stream goes on")));
    }
    let phases: Vec<&str> = told
        .lines()
        .filter(|data| data.contains(&id))
        .filter_map(|data| data.split_once("\"phase\":\"")?.1.split('"').next())
        .collect();
    // On a busy machine it may ring before anybody was told that it is being dialled.
    let since_ringing = phases.strip_prefix(&["dialling"]).unwrap_or(&phases);
    assert_eq!(since_ringing, ["ringing", "over"], "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answered_call_is_hung_up_and_was_heard_in_part() {
    let Some((line, _proxy)) = followed(Turn::shared().await, &[]).await else { return };
    let number = Manner::ANSWER.number();
    let id = line.call(&number, &json!({"max_attempts": 2})).await;
    seen(&line, &id, "answered").await;
    let talks = Duration::from_millis(1_200);
    eventually("the message is being heard", || {
        line.peer.calls_to(&number)[0].answered.is_some_and(|at| at.elapsed() > talks)
    })
    .await;
    assert_eq!(hang_up(&line, &id).await.0, 202);
    let job = line.ended(&id).await;
    assert_eq!(
        (&job["status"], &job["outcome"]["kind"], &job["outcome"]["played"]),
        (&json!("completed"), &json!("answered"), &json!("partly")),
        "{job}"
    );
    assert_eq!(line.peer.calls_to(&number).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_connection_nothing_is_shown_and_it_comes_back() {
    let more = [("ASTERISK_WAIT_SECONDS", "50")];
    let Some((line, proxy)) = followed(Turn::shared().await, &more).await else { return };
    let number = Manner::Ring.number();
    let id = line.call(&number, &json!({})).await;
    let since = seen(&line, &id, "ringing").await["live"]["since"].clone();
    proxy.close();
    let blind = async |_: &_| line.job(&id).await.get("live").is_none();
    line.rig.until("nothing is shown", SOON, blind).await;
    let (status, problem) = hang_up(&line, &id).await;
    assert!(status == 503 && problem["detail"].as_str().unwrap().contains("ASTERISK_AMI_URL"), "{problem}");
    let job = line.job(&id).await;
    assert_eq!((&job["status"], events(&job).last()), (&json!("dispatched"), Some(&"dispatched")), "{job}");
    proxy.open();
    assert_eq!(seen(&line, &id, "ringing").await["live"]["since"], since, "it is the same call");
    assert_eq!(hang_up(&line, &id).await.0, 202);
    assert_eq!(line.ended(&id).await["outcome"]["kind"], "no_answer");
    assert_eq!(line.peer.calls_to(&number).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_of_the_table_ends_in_its_outcome_while_the_manager_session_comes_and_goes() {
    let Some((line, proxy)) = followed(Turn::shared().await, &[]).await else { return };
    let cuts = async {
        let mut pace = tokio::time::interval(CUT_EVERY);
        loop {
            pace.tick().await;
            proxy.cut();
        }
    };
    tokio::select! {
        () = outcomes::make_rounds(&line) => {}
        () = cuts => {}
    }
    let sessions = proxy.served();
    assert!(sessions > 3, "the session was cut and came back: {sessions}");
    // 409 says that the line is known to be free, 503 that nobody knows.
    let id = line.call(&Manner::Refuse { status: 486 }.number(), &json!({})).await;
    line.ended(&id).await;
    line.rig.until("calls are followed", PATIENCE, async |_| hang_up(&line, &id).await.0 == 409).await;
    println!("the manager session was cut {} times meanwhile", sessions - 1);
}
