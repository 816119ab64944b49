//! RabbitMQ and Redis cut off, emptied, restarted and killed under load. The servers are this test's own, started by
//! `tests/services.sh`, so nothing else is disturbed.

#[cfg(test)]
#[expect(dead_code, unused_macros, reason = "the conformance suites use the rest")]
mod conformance;
#[cfg(test)]
#[expect(dead_code, reason = "the conformance suites use the rest")]
mod foreign;

#[cfg(test)]
mod outages {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

    use crate::conformance::{drain, eventually, job, jobs, publish};
    use crate::foreign::{self, Broker};
    use futures_util::StreamExt;
    use pregon_backends::rabbitmq::RabbitQueue;
    use pregon_backends::redis::RedisStore;
    use pregon_core::{Consumer, JobId, Lane, Queue, Store};
    use tokio::process::Command;

    /// A pair of servers for one test, stopped and removed at its end.
    struct Services {
        dir: tempfile::TempDir,
    }

    impl Services {
        /// Starts one of the two. `None`, having said so, when it is not installed.
        async fn start(what: &str) -> Option<Self> {
            let program = if what == "redis" {
                "/usr/bin/redis-server"
            } else {
                "/usr/lib/rabbitmq/bin/rabbitmq-server"
            };
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

        async fn run(&self, arguments: &[&str]) {
            let (command, rest) = arguments.split_first().unwrap();
            let output = Command::new(Self::script())
                .arg(command)
                .arg(self.dir.path())
                .args(rest)
                .output()
                .await
                .unwrap();
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        }

        fn url(&self, variable: &str) -> String {
            let env = std::fs::read_to_string(self.dir.path().join("env")).unwrap();
            let line = env.lines().find_map(|line| line.strip_prefix(&format!("export {variable}=")));
            line.unwrap().to_owned()
        }

        async fn queue(&self) -> Arc<RabbitQueue> {
            Arc::new(RabbitQueue::connect(&self.url("TEST_AMQP_URL"), "").await.unwrap())
        }

        async fn store(&self) -> RedisStore {
            RedisStore::connect(&self.url("TEST_REDIS_URL"), "").await.unwrap()
        }
    }

    impl Drop for Services {
        fn drop(&mut self) {
            let script = std::process::Command::new(Self::script()).arg("kill").arg(self.dir.path()).status();
            assert!(script.unwrap().success(), "the servers of a test must end with it");
        }
    }

    /// What publishers have achieved, and when they shall stop.
    #[derive(Default)]
    struct Load {
        confirmed: AtomicUsize,
        stop: AtomicBool,
    }

    impl Load {
        /// Waits until some more messages were confirmed.
        async fn goes_on(&self) {
            let enough = self.confirmed.load(Ordering::Relaxed) + 300;
            eventually(true, async || self.confirmed.load(Ordering::Relaxed) >= enough).await;
        }
    }

    /// Publishes until told to stop, several calls at a time; returns the ids that were confirmed.
    async fn keep_publishing(queue: &RabbitQueue, load: &Load) -> BTreeSet<JobId> {
        let streams = (0..4_u32).map(|stream| async move {
            let mut confirmed = Vec::new();
            let mut n = stream * 100_000;
            // No faster than a busy machine takes them away again.
            let mut pace = tokio::time::interval(Duration::from_millis(40));
            pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            while !load.stop.load(Ordering::Relaxed) {
                pace.tick().await;
                let batch: Vec<_> = (0..10).map(|i| job(Lane::Normal, n + i, Duration::ZERO)).collect();
                n += 10;
                let postings: Vec<_> = batch.iter().map(|job| (job, Duration::ZERO)).collect();
                let answers = queue.publish(&postings).await;
                load.confirmed.fetch_add(answers.iter().filter(|a| a.is_ok()).count(), Ordering::Relaxed);
                confirmed.extend(batch.iter().zip(answers).filter(|(_, a)| a.is_ok()).map(|(job, _)| job.id));
            }
            confirmed
        });
        futures_util::future::join_all(streams).await.into_iter().flatten().collect()
    }

    /// Takes and acknowledges until every id has come, through whatever happens to the broker.
    async fn collect(consumer: &mut Box<dyn Consumer>, wanted: &BTreeSet<JobId>, seen: &mut BTreeSet<JobId>) {
        let end = Instant::now() + Duration::from_mins(1);
        while !wanted.is_subset(seen) {
            let missing = wanted.difference(seen).count();
            assert!(Instant::now() < end, "{missing} of {} confirmed messages never came", wanted.len());
            let next = tokio::time::timeout(Duration::from_secs(5), consumer.next()).await;
            if let Ok(Ok(delivery)) = next {
                seen.insert(delivery.job.id);
                drop(delivery.receipt.ack().await);
            }
        }
    }

    /// Publishes and takes at the same time while `disturb` does its worst; everything confirmed must come.
    async fn under_load(queue: &Arc<RabbitQueue>, disturb: impl AsyncFnOnce(&Load)) {
        let mut consumer = queue.consume(50).await.unwrap();
        let load = Arc::new(Load::default());
        let (publisher, until) = (Arc::clone(queue), Arc::clone(&load));
        let publishing = tokio::spawn(async move { keep_publishing(&publisher, &until).await });
        let until = Arc::clone(&load);
        let taking = tokio::spawn(async move {
            let mut seen = BTreeSet::new();
            while !until.stop.load(Ordering::Relaxed) {
                // So short that it is cancelled at every step of opening its lanes again.
                let next = tokio::time::timeout(Duration::from_millis(3), consumer.next()).await;
                if let Ok(Ok(delivery)) = next {
                    seen.insert(delivery.job.id);
                    drop(delivery.receipt.ack().await);
                }
            }
            (consumer, seen)
        });
        load.goes_on().await;
        disturb(&load).await;
        load.goes_on().await;
        load.stop.store(true, Ordering::Relaxed);
        let confirmed = publishing.await.unwrap();
        let (mut consumer, mut seen) = taking.await.unwrap();
        collect(&mut consumer, &confirmed, &mut seen).await;
        // And the queue works as on the first day.
        let after = jobs(Lane::High, 3);
        publish(&**queue, &after).await;
        collect(&mut consumer, &after.iter().map(|job| job.id).collect(), &mut seen).await;
        consumer.close().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn cut_connections_and_a_killed_broker_lose_nothing_that_was_confirmed() {
        let Some(services) = Services::start("rabbitmq").await else { return };
        let queue = services.queue().await;
        under_load(&queue, async |load| {
            for _ in 0..3 {
                services.run(&["ctl", "close_all_connections", "test"]).await;
                load.goes_on().await;
            }
        })
        .await;
        under_load(&queue, async |_| {
            services.run(&["kill", "rabbitmq"]).await;
            let down = job(Lane::Normal, 1, Duration::ZERO);
            let asked = Instant::now();
            assert!(
                queue.publish(&[(&down, Duration::ZERO)]).await[0].is_err(),
                "nothing is confirmed by a dead broker"
            );
            assert!(asked.elapsed() < Duration::from_secs(12), "and the caller is told so in time");
            assert!(queue.check().await.is_err());
            services.run(&["start", "rabbitmq"]).await;
            let back = Instant::now();
            eventually(true, async || queue.publish(&[(&down, Duration::ZERO)]).await[0].is_ok()).await;
            assert!(back.elapsed() < Duration::from_secs(10), "publishing resumes: {:?}", back.elapsed());
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn deleted_queues_come_back_under_publishers_and_consumers() {
        let Some(services) = Services::start("rabbitmq").await else { return };
        let queue = services.queue().await;
        let broker = Broker::connect(&services.url("TEST_AMQP_URL"), "").await;
        let mut consumer = queue.consume(10).await.unwrap();
        publish(&*queue, &jobs(Lane::Normal, 5)).await;
        drain(&mut consumer, 5).await;

        for round in 0..3_u32 {
            broker.delete_queues(&foreign::QUEUES).await;
            if round == 2 {
                broker.delete_exchange("tts").await;
            }
            // The publisher finds out by an unroutable message, the consumer by being cancelled.
            let more: Vec<_> = (0..20).map(|n| job(Lane::Normal, round * 100 + n, Duration::ZERO)).collect();
            let wanted: BTreeSet<JobId> = more.iter().map(|job| job.id).collect();
            let mut seen = BTreeSet::new();
            let (publishing, taking) = (publish(&*queue, &more), collect(&mut consumer, &wanted, &mut seen));
            tokio::join!(publishing, taking);
        }

        broker.delete_queues(&foreign::QUEUES).await;
        let depths = queue.depths().await.unwrap();
        assert_eq!(depths.iter().map(|d| d.messages).sum::<u64>(), 0);
        broker.delete_queues(&foreign::QUEUES).await;
        let later = job(Lane::Normal, 900, Duration::ZERO);
        queue.publish(&[(&later, Duration::from_secs(1))]).await.remove(0).unwrap();
        let mut seen = BTreeSet::new();
        collect(&mut consumer, &BTreeSet::from([later.id]), &mut seen).await;
        broker.delete_queues(&foreign::QUEUES).await;
        queue.report(&later).await.unwrap();
    }

    /// A broker under load gives up waiting for a quorum queue to end and removes it by force; its consumers are then
    /// never cancelled.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_consumer_whose_queue_vanished_without_a_word_finds_out_by_itself() {
        let Some(services) = Services::start("rabbitmq").await else { return };
        let queue = services.queue().await;
        let mut consumer = queue.consume(10).await.unwrap();
        publish(&*queue, &jobs(Lane::Normal, 5)).await;
        drain(&mut consumer, 5).await;
        for name in ["tts_priority", "tts_calls"] {
            let forcibly = format!(
                "Q = rabbit_misc:r(<<\"/\">>, queue, <<\"{name}\">>), {{ok, A}} = rabbit_amqqueue:lookup(Q), \
                 {{N, _}} = amqqueue:get_pid(A), ra:force_delete_server(quorum_queues, {{N, node()}}), \
                 rabbit_amqqueue:internal_delete(Q, <<\"test\">>)."
            );
            services.run(&["ctl", "eval", &forcibly]).await;
        }
        for lane in [Lane::Normal, Lane::High] {
            let more = jobs(lane, 20);
            publish(&*queue, &more).await;
            let wanted = more.iter().map(|job| job.id).collect();
            collect(&mut consumer, &wanted, &mut BTreeSet::new()).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_restarted_redis_fails_calls_for_a_moment_and_an_emptied_one_is_lost_once() {
        let Some(services) = Services::start("redis").await else { return };
        let store = services.store().await;
        let second = services.store().await;
        assert_eq!(
            store.check().await.unwrap(),
            Vec::<String>::new(),
            "with an append-only file there is no warning"
        );
        assert!(store.lost().await.unwrap());
        store.restored().await.unwrap();
        let all = jobs(Lane::Normal, 100);
        store.insert(&all).await.unwrap();
        let mut changes = store.watch().await.unwrap();

        services.run(&["stop", "redis"]).await;
        let asked = Instant::now();
        assert!(store.get(all[0].id).await.is_err());
        assert!(store.counts().await.is_err());
        assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
        services.run(&["start", "redis"]).await;
        eventually(Some(100), async || store.counts().await.ok().map(|counts| counts.total())).await;
        assert!(!store.lost().await.unwrap(), "the append-only file kept everything");
        assert_eq!(store.get(all[7].id).await.unwrap().as_ref(), Some(&all[7]));

        // The watch has subscribed again by itself; what happened before that it does not see.
        let watching = tokio::spawn(async move { changes.next().await });
        let mut n = 1_000;
        eventually(true, async || {
            n += 1;
            store.insert(&[job(Lane::High, n, Duration::ZERO)]).await.unwrap();
            watching.is_finished()
        })
        .await;
        assert!(watching.await.unwrap().is_some());

        let client = redis::Client::open(services.url("TEST_REDIS_URL")).unwrap();
        let mut operator = client.get_multiplexed_async_connection().await.unwrap();
        redis::cmd("FLUSHALL").exec_async(&mut operator).await.unwrap();
        // A connection that has not been used since the restart finds out only now.
        eventually(true, async || second.counts().await.is_ok()).await;
        let asked = [store.lost().await.unwrap(), second.lost().await.unwrap(), store.lost().await.unwrap()];
        assert_eq!(asked, [true, false, false]);
        assert_eq!(store.counts().await.unwrap().total(), 0);
        store.insert(&all).await.unwrap();
        store.restored().await.unwrap();
        assert_eq!((store.lost().await.unwrap(), store.counts().await.unwrap().total()), (false, 100));

        redis::cmd("CONFIG").arg("SET").arg("appendonly").arg("no").exec_async(&mut operator).await.unwrap();
        redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg("1gb").exec_async(&mut operator).await.unwrap();
        assert_eq!(store.check().await.unwrap().len(), 1, "noeviction is the default");
        redis::cmd("CONFIG")
            .arg("SET")
            .arg("maxmemory-policy")
            .arg("allkeys-lru")
            .exec_async(&mut operator)
            .await
            .unwrap();
        assert_eq!(store.check().await.unwrap().len(), 2);
        redis::cmd("SCRIPT").arg("FLUSH").exec_async(&mut operator).await.unwrap();
        assert_eq!(
            store.due(pregon_core::StateName::Queued, pregon_core::clock::now(), 1).await.unwrap(),
            []
        );
    }
}
