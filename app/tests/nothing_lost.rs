//! Nothing lost, nobody twice: a thousand jobs while workers, stores, brokers and connections die.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests say what is wrong by panicking, and print what they skip"
)]

mod rig;

use std::collections::BTreeSet;
use std::time::Duration;

use rig::proxy::{Proxy, port_of, with_port};
use rig::{Backing, Proc, Rig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const JOBS: usize = 1_000;
const STEPS: [&str; 6] = ["claimed", "rendered", "staged", "committed", "handed_over", "dispatched"];
const ROUNDS: usize = 4 * STEPS.len();
const PATIENCE: Duration = Duration::from_mins(3);

/// These tests empty and restart the services, so they take turns.
static SERVICES: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// In each round one worker dies at a chosen step of the hand-over and two others by SIGKILL wherever they are.
async fn kill_workers(backing: &Backing) {
    let rig = Rig::start(backing).await;
    let (mut ids, mut hit) = (Vec::new(), BTreeSet::new());
    for (round, step) in STEPS.iter().cycle().enumerate().take(ROUNDS) {
        let fault = format!("{step}@{}", 1 + (round * 7) % 11);
        let mut doomed = rig.worker(&[("PREGON_FAULT_POINT", &fault)]);
        let mut others = [rig.worker(&[]), rig.worker(&[])];
        ids.extend(rig.submit_many(JOBS.div_ceil(ROUNDS), 8).await);
        if doomed.ends_within(Duration::from_secs(3)).await {
            hit.insert(*step);
        }
        others.iter_mut().for_each(Proc::kill);
    }
    let _workers = [rig.worker(&[]), rig.worker(&[]), rig.worker(&[])];
    rig.settle(&ids, false, PATIENCE).await;
    assert_eq!(hit.len(), STEPS.len(), "only these steps were hit: {hit:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_die_at_every_step_embedded() {
    kill_workers(&Backing::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_die_at_every_step_distributed() {
    let Some(backing) = Backing::distributed() else { return };
    let _turn = SERVICES.lock().await;
    kill_workers(&backing).await;
}

/// A thousand jobs and three workers, disturbed when a third and again when two thirds of the calls have gone out.
async fn disturb(backing: Backing, forgetful: bool, disturbance: impl AsyncFn(&Rig)) {
    let rig = Rig::start(&backing).await;
    let first = rig.submit_many(JOBS / 2, 16).await;
    let _workers = [rig.worker(&[]), rig.worker(&[]), rig.worker(&[])];
    rig.until("a third went out", PATIENCE, async |rig: &Rig| rig.taken(&first) >= JOBS / 3).await;
    let (second, ()) = tokio::join!(rig.submit_many(JOBS / 2, 16), disturbance(&rig));
    let ids: Vec<String> = first.into_iter().chain(second).collect();
    rig.until("two thirds went out", PATIENCE, async |rig: &Rig| rig.taken(&ids) >= 2 * JOBS / 3).await;
    disturbance(&rig).await;
    rig.settle(&ids, forgetful, PATIENCE).await;
}

async fn redis_command(url: &str, command: &str) {
    let mut redis = tokio::net::TcpStream::connect(("127.0.0.1", port_of(url))).await.unwrap();
    redis.write_all(format!("{command}\r\n").as_bytes()).await.unwrap();
    let mut answer = [0; 5];
    redis.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"+OK\r\n", "{command}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_emptied() {
    let Some(backing) = Backing::distributed() else { return };
    let _turn = SERVICES.lock().await;
    disturb(backing, true, async |rig: &Rig| redis_command(rig.setting("REDIS_URL"), "FLUSHALL").await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rabbitmq_loses_its_queues() {
    use lapin::{Connection, ConnectionProperties, options::QueueDeleteOptions};
    let Some(backing) = Backing::distributed() else { return };
    let _turn = SERVICES.lock().await;
    disturb(backing, false, async |rig: &Rig| {
        let properties = ConnectionProperties::default();
        let connection = Connection::connect(rig.setting("RABBITMQ_URL"), properties).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        for queue in ["tts_calls", "tts_priority", "tts_delay_1s", "tts_delay_10s"] {
            let name = format!("{}{queue}", rig.setting("QUEUE_PREFIX"));
            channel.queue_delete(name.as_str().into(), QueueDeleteOptions::default()).await.unwrap();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_cut_while_publishing() {
    let Some(Backing::Distributed { amqp, redis }) = Backing::distributed() else { return };
    let _turn = SERVICES.lock().await;
    let (to_amqp, to_redis) = (Proxy::to(port_of(&amqp)).await, Proxy::to(port_of(&redis)).await);
    let backing = Backing::Distributed {
        amqp: with_port(&amqp, to_amqp.port),
        redis: with_port(&redis, to_redis.port),
    };
    disturb(backing, false, async |_: &Rig| {
        for _ in 0..10 {
            // The rhythm of the disturbance: nothing is waited for.
            to_amqp.cut();
            tokio::time::sleep(Duration::from_millis(70)).await;
            to_redis.cut();
            tokio::time::sleep(Duration::from_millis(130)).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rabbitmq_and_redis_are_restarted() {
    let Some(backing) = Backing::distributed() else { return };
    let _turn = SERVICES.lock().await;
    let folder = std::env::var_os("TEST_SERVICES_DIR").expect("tests/services.sh sets TEST_SERVICES_DIR");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/services.sh");
    disturb(backing, false, async |_: &Rig| {
        let status = tokio::process::Command::new(script).arg("restart").arg(&folder).status().await.unwrap();
        assert!(status.success(), "the services came back");
    })
    .await;
}
