//! Servers of a test's own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use pregon_backends::rabbitmq::RabbitQueue;
use pregon_backends::redis::RedisStore;
use tokio::process::Command;

/// A pair of servers for one test, stopped and removed at its end.
pub(crate) struct Services {
    dir: tempfile::TempDir,
}

impl Services {
    /// Starts one of the two. `None`, having said so, when it is not installed.
    pub(crate) async fn start(what: &str) -> Option<Self> {
        let program =
            if what == "redis" { "/usr/bin/redis-server" } else { "/usr/lib/rabbitmq/bin/rabbitmq-server" };
        if !Path::new(program).exists() {
            assert!(
                std::env::var_os("REQUIRE_SERVICES").is_none_or(|v| v != "1"),
                "{program} is not installed"
            );
            println!("SKIPPED: {program} is not installed");
            return None;
        }
        let services = Self { dir: tempfile::tempdir().unwrap() };
        services.run(&["start", what]).await;
        Some(services)
    }

    fn script() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/services.sh")
    }

    pub(crate) async fn run(&self, arguments: &[&str]) {
        let (command, rest) = arguments.split_first().unwrap();
        let output =
            Command::new(Self::script()).arg(command).arg(self.dir.path()).args(rest).output().await.unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// RabbitMQ writes the names of new quorum queues to disk some seconds late (`ra_directory`, a dets table), and a
    /// queue that is killed before that comes back empty, without a leader.
    pub(crate) async fn settle(&self) {
        self.run(&["ctl", "eval", "[dets:sync(T) || T <- dets:all()]."]).await;
    }

    /// Takes a queue away by force, as a broker under load may do it: its consumers are never cancelled.
    pub(crate) async fn vanish(&self, queue: &str) {
        let forcibly = format!(
            "Q = rabbit_misc:r(<<\"/\">>, queue, <<\"{queue}\">>), {{ok, A}} = rabbit_amqqueue:lookup(Q), \
             {{N, _}} = amqqueue:get_pid(A), ra:force_delete_server(quorum_queues, {{N, node()}}), \
             rabbit_amqqueue:internal_delete(Q, <<\"test\">>)."
        );
        self.run(&["ctl", "eval", &forcibly]).await;
    }

    pub(crate) fn url(&self, variable: &str) -> String {
        let env = std::fs::read_to_string(self.dir.path().join("env")).unwrap();
        let line = env.lines().find_map(|line| line.strip_prefix(&format!("export {variable}=")));
        line.unwrap().to_owned()
    }

    pub(crate) async fn queue(&self) -> Arc<RabbitQueue> {
        Arc::new(RabbitQueue::connect(&self.url("TEST_AMQP_URL"), "").await.unwrap())
    }

    pub(crate) async fn store(&self) -> RedisStore {
        RedisStore::connect(&self.url("TEST_REDIS_URL"), "").await.unwrap()
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        let script = std::process::Command::new(Self::script()).arg("kill").arg(self.dir.path()).status();
        assert!(script.unwrap().success(), "the servers of a test must end with it");
    }
}
