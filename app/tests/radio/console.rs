//! The socket for those who know Liquidsoap, beside the jobs.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::air::{Air, tone};
use crate::rig::Rig;

/// What socat brings back for one line; `None` after saying SKIPPED where there is no socat.
fn socat(air: &Air, line: &str) -> Option<String> {
    let socket = format!("UNIX-CONNECT:{}", air.data().join("mixer.sock").display());
    let spawned = Command::new("socat")
        .args(["-t", "5", "-", &socket])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) if std::env::var_os("REQUIRE_SERVICES").is_some() => panic!("socat: {error}"),
        Err(error) => {
            println!("SKIPPED: socat: {error}");
            return None;
        }
    };
    child.stdin.take().unwrap().write_all(format!("{line}\nquit\n").as_bytes()).unwrap();
    Some(String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pushes_on_the_socket_and_jobs_stand_in_one_line() {
    let air = Air::plain().await;
    let file = air.rig.dir.path().join("aviso.wav");
    std::fs::write(&file, tone(700.0, 0.6)).unwrap();
    let long = air.announce(300.0, 4.0, json!({})).await;
    air.until_on_air(&long).await;
    let push = format!("interrupting_requests.push file://{}", file.display());
    let Some(answer) = socat(&air, &push) else { return };
    let rid = answer.lines().next().unwrap().trim().parse::<u64>();
    assert!(rid.is_ok() && answer.ends_with("END\r\nBye!\r\n"), "{answer:?}");
    let job = air.announce(500.0, 0.5, json!({})).await;
    let bad = socat(&air, "interrupting_requests.push file:///nowhere/aviso.wav").unwrap();
    assert!(bad.starts_with("ERROR: "), "{bad:?}");
    air.ended(&job).await;
    let expected = [Some(long), None, Some(job)].map(|key| (key, "aired".to_owned()));
    let logged = async |_: &Rig| air.as_run() == expected;
    air.rig.until("all three are in the log", crate::air::PATIENCE, logged).await;
}
