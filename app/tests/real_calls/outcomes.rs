//! Every way in which a call can end ends in its own outcome, with nothing but call files and the shipped dialplan.

use std::time::Duration;

use serde_json::{Value, json};

use crate::line::{Line, Turn, WAIT_SECONDS, rounds};
use crate::peer::{Call, Manner};

/// By how much a time may differ from the peer's, in seconds: packets, threads and files have a way to go.
const SLACK: f64 = 0.5;

/// How a telephone behaves, and what has to become of a call to it.
struct Row {
    manner: Manner,
    kind: &'static str,
    played: Option<&'static str>,
    q850: Option<u16>,
    sip: Option<u16>,
}

fn row(manner: Manner, kind: &'static str, q850: Option<u16>, sip: Option<u16>) -> Row {
    Row { manner, kind, played: None, q850, sip }
}

fn answered(manner: Manner, played: &'static str, q850: Option<u16>) -> Row {
    Row { manner, kind: "answered", played: Some(played), q850, sip: Some(200) }
}

/// The measured table, and what trunks say beyond it.
fn table() -> Vec<Row> {
    let ring = Duration::from_millis(1_500);
    let mut rows = vec![
        answered(Manner::ANSWER, "fully", Some(16)),
        answered(Manner::Answer { ring }, "fully", Some(16)),
        answered(Manner::Press { keys: "5".to_owned() }, "fully", Some(16)),
        // Asterisk tells no cause when the callee hangs up.
        answered(Manner::HangUp, "partly", None),
        row(Manner::Ring, "no_answer", Some(19), Some(180)),
        row(Manner::Dead, "unreachable", Some(19), None),
    ];
    for (status, kind, q850) in [
        (486, "busy", 17),
        (600, "busy", 17),
        (404, "invalid_number", 1),
        (410, "invalid_number", 22),
        (484, "invalid_number", 28),
        (480, "unreachable", 19),
        (408, "unreachable", 18),
        (401, "unreachable", 21),
        (503, "congestion", 34),
        (500, "congestion", 38),
        (603, "rejected", 21),
        (403, "rejected", 21),
    ] {
        rows.push(row(Manner::Refuse { status }, kind, Some(q850), Some(status)));
    }
    for (status, kind, q850) in [(486, "busy", 17), (480, "no_answer", 19), (603, "rejected", 21)] {
        rows.push(row(Manner::RingAndRefuse { status }, kind, Some(q850), Some(status)));
    }
    rows
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_of_the_table_ends_in_its_outcome() {
    let Some(line) = Line::open(Turn::shared().await).await else { return };
    make_rounds(&line).await;
}

/// Calls every row of the table, as often as is wanted.
pub(crate) async fn make_rounds(line: &Line) {
    for round in 0..rounds() {
        let trunk = if round % 2 == 0 { "trunk" } else { "trunk2" };
        let (mut jobs, ghost) = (Vec::new(), Manner::ANSWER.number());
        for row in table() {
            let number = row.manner.number();
            jobs.push((line.call(&number, &json!({"trunk": trunk})).await, number, row));
        }
        let lost = line.call(&ghost, &json!({"trunk": "nosuch"})).await;
        for (id, number, row) in jobs {
            let job = line.ended(&id).await;
            let calls = line.peer.calls_to(&number);
            let [call] = calls.as_slice() else { panic!("{} calls for {job}", calls.len()) };
            assert_eq!(call.trunk, trunk);
            check(&row, &job, call);
        }
        let lost = line.ended(&lost).await;
        assert_eq!(lost["outcome"], json!({"kind": "unreachable", "simulated": false}), "{lost}");
        assert_eq!((&lost["status"], line.peer.calls_to(&ghost).len()), (&json!("failed"), 0));
        println!("round {}: {} calls on {trunk}, each with its outcome", round + 1, table().len() + 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_callee_sees_who_calls() {
    let Some(line) = Line::open(Turn::shared().await).await else { return };
    let number = Manner::Refuse { status: 486 }.number();
    line.ended(&line.call(&number, &json!({"caller_id": "6015550000"})).await).await;
    let call = &line.peer.calls_to(&number)[0];
    assert_eq!(
        (call.number.as_str(), call.caller.as_str()),
        (format!("57{number}").as_str(), "576015550000")
    );
}

fn check(row: &Row, job: &Value, call: &Call) {
    let (outcome, what) = (&job["outcome"], format!("{:?}: {job}", row.manner));
    for (field, value) in [
        ("kind", json!(row.kind)),
        ("played", json!(row.played)),
        ("q850", json!(row.q850)),
        ("sip", json!(row.sip)),
        ("digits", Value::Null),
        ("simulated", json!(false)),
    ] {
        assert_eq!(outcome[field], value, "{field}, {what}");
    }
    assert_eq!(job["status"], if row.kind == "answered" { "completed" } else { "failed" }, "{what}");
    // A dead line does not notice that it is given up.
    let ringing = call.ringing().map_or(WAIT_SECONDS, |time| time.as_secs_f64());
    assert_near(&outcome["ring_seconds"], Some(ringing), &what);
    assert_near(&outcome["talk_seconds"], call.talking().map(|time| time.as_secs_f64()), &what);
}

fn assert_near(told: &Value, seen: Option<f64>, what: &str) {
    let near = match (told.as_f64(), seen) {
        (Some(told), Some(seen)) => (told - seen).abs() <= SLACK,
        (told, seen) => told.is_none() && seen.is_none(),
    };
    assert!(near, "told {told}, seen {seen:?}: {what}");
}
