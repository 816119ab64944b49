//! RabbitMQ cut off, emptied, restarted and killed under load.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pregon_backends::rabbitmq::RabbitQueue;
use pregon_core::{Consumer, JobId, Lane, Queue};

use crate::conformance::{drain, eventually, job, jobs, publish};
use crate::foreign::{self, Broker};
use crate::services::Services;

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
        services.vanish(name).await;
    }
    for lane in [Lane::Normal, Lane::High] {
        let more = jobs(lane, 20);
        publish(&*queue, &more).await;
        let wanted = more.iter().map(|job| job.id).collect();
        collect(&mut consumer, &wanted, &mut BTreeSet::new()).await;
    }
}
