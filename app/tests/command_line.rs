//! The command line as its users meet it: help, mistakes, the doctor, and a clean end.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests say what is wrong by panicking, and print what they skip"
)]

mod rig;

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rig::{Backing, Rig, free_port};

fn pregon(args: &[&str], env: &[(&str, &str)]) -> Output {
    let dir = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_pregon"))
        .args(args)
        .current_dir(&dir)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// One line on standard error, exit code 2, and the word in it.
fn assert_usage(output: &Output, word: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    assert!(text.contains(word), "{text:?} does not name {word}");
}

#[test]
fn help_teaches_every_setting() {
    for role in ["serve", "api", "worker", "dashboard", "asterisk-sim"] {
        let output = pregon(&[role, "--help"], &[]);
        assert!(output.status.success());
        insta::assert_snapshot!(format!("help_{role}"), String::from_utf8(output.stdout).unwrap());
    }
}

#[test]
fn a_mistake_is_one_line_that_names_the_setting() {
    for (args, env, word) in [
        (&["serve", "--wrokers", "3"][..], &[][..], "--wrokers"),
        (&["serve", "--workers", "many"], &[], "--workers"),
        (&["fly"], &[], "fly"),
        (&["serve"], &[("API_ADDR", "nonsense")], "API_ADDR"),
        (&["serve"], &[("API_KEYS", "ana:root:12345678")], "role"),
        (&["worker"], &[("WORKER_CONCURRENCY", "0")], "0"),
        (&["worker"], &[("TTS_ENGINES", "hal9000")], "hal9000"),
        (&["worker"], &[("ASTERISK_CHANNEL", "PJSIP/trunk")], "{number}"),
        (&["worker"], &[("ASTERISK_SIM_OUTCOMES", "answered=lots")], "lots"),
        (&["worker"], &[("JOB_RETENTION", "a week")], "7d"),
        (&["api"], &[("DEFAULT_REGION", "Colombia")], "CO"),
        (&["api"], &[("RABBITMQ_URL", "amqp://localhost")], "REDIS_URL"),
        (&["api"], &[("REDIS_URL", "redis://localhost")], "RABBITMQ_URL"),
        (&["serve"], &[("RUST_LOG", "pregon=loudest")], "RUST_LOG"),
    ] {
        let mut env = env.to_vec();
        env.push(("PREGON_DATA_DIR", "data"));
        assert_usage(&pregon(args, &env), word);
    }
}

#[test]
fn nobody_beyond_this_machine_gets_in_without_keys() {
    for (role, variable) in [("serve", "API_ADDR"), ("api", "API_ADDR"), ("dashboard", "DASHBOARD_ADDR")] {
        let addr = format!("0.0.0.0:{}", free_port());
        let started = Instant::now();
        let output = pregon(&[role], &[(variable, &addr)]);
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(started.elapsed() < Duration::from_secs(5), "refused at once, not after a time-out");
        assert!(!output.status.success());
        assert!(text.contains("API_KEYS") && text.contains(variable), "{text}");
    }
}

#[test]
fn secrets_are_not_shown() {
    let url = "amqp://me:swordfish@127.0.0.1:1/%2f";
    let redis = "redis://:swordfish@127.0.0.1:1/0";
    let output = pregon(
        &["doctor"],
        &[("RABBITMQ_URL", url), ("REDIS_URL", redis), ("API_KEYS", "a:admin:swordfish")],
    );
    let help = pregon(&["serve", "--help"], &[("RABBITMQ_URL", url), ("API_KEYS", "a:admin:swordfish")]);
    for text in [&output.stdout, &output.stderr, &help.stdout] {
        assert!(!String::from_utf8_lossy(text).contains("swordfish"));
    }
}

/// What the doctor says, and whether it is content.
fn doctor(env: &[(&str, &str)]) -> (bool, String) {
    let output = pregon(&["doctor"], env);
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_doctor_names_what_is_wrong_and_the_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let (blocked, spool) = (dir.path().join("file"), dir.path().join("spool"));
    std::fs::write(&blocked, "").unwrap();
    let elsewhere = tempfile::tempdir_in("/dev/shm").unwrap();
    std::fs::create_dir_all(&spool).unwrap();
    for folder in ["staging", "ledger", "results", "outgoing_done"] {
        std::fs::create_dir(spool.join(folder)).unwrap();
    }
    std::os::unix::fs::symlink(elsewhere.path(), spool.join("outgoing")).unwrap();
    let gone = format!("127.0.0.1:{}", free_port());
    for (env, words) in [
        (vec![("ASTERISK_SPOOL_DIR", text(&blocked))], ["spool", "file"]),
        (vec![("ASTERISK_SPOOL_DIR", text(&spool))], ["file system", "outgoing"]),
        (vec![("ESPEAK_BIN", "/nowhere/espeak-ng")], ["espeak", "apt-get install espeak-ng"]),
        (vec![("RABBITMQ_URL", "amqp://127.0.0.1:1")], ["REDIS_URL", "set both"]),
        (
            vec![("RABBITMQ_URL", "amqp://127.0.0.1:1"), ("REDIS_URL", &*format!("redis://{gone}"))],
            ["Redis", "REDIS_URL"],
        ),
        (vec![("PREGON_DATA_DIR", text(&blocked))], ["data folder", "PREGON_DATA_DIR"]),
    ] {
        let (content, said) = doctor(&env);
        assert!(!content, "{env:?}: {said}");
        for word in words {
            assert!(said.contains(word), "{env:?}: {word} is not in\n{said}");
        }
        assert!(said.contains("fix: "), "{said}");
    }
}

#[test]
fn the_doctor_finds_an_unreachable_rabbitmq() {
    let Some(Backing::Distributed { redis, .. }) = Backing::distributed() else { return };
    let amqp = format!("amqp://127.0.0.1:{}", free_port());
    let (content, said) = doctor(&[("RABBITMQ_URL", &amqp), ("REDIS_URL", &redis)]);
    assert!(!content);
    assert!(said.contains("RabbitMQ"), "{said}");
}

#[tokio::test]
async fn a_stop_drains_and_ends_well() {
    let rig = Rig::start(&Backing::Embedded).await;
    let mut worker = rig.worker(&[]);
    let id = rig.submit("normal").await.unwrap();
    rig.settle(&[id], false, Duration::from_secs(30)).await;
    assert_eq!(worker.terminate(Duration::from_secs(15)), Some(0));
}
