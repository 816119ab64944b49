//! What may happen to the queue of a station.

use std::time::{Duration, Instant};

use lapin::options::{QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Connection, ConnectionProperties};
use pregon_backends::rabbitmq::RabbitQueue;
use pregon_core::{AirQueue, Consumer, Job, JobId, Lane};

use crate::conformance::air::{hand_on, main};
use crate::conformance::{drain, eventually, job, jobs};
use crate::foreign::Broker;
use crate::services::Services;

/// The next announcements, through whatever happens to the broker; none is acknowledged.
async fn hear(consumer: &mut Box<dyn Consumer>, n: usize) -> Vec<JobId> {
    let end = Instant::now() + Duration::from_mins(1);
    let mut heard = Vec::new();
    while heard.len() < n {
        assert!(Instant::now() < end, "{} of {n} came", heard.len());
        if let Ok(Ok(delivery)) = tokio::time::timeout(Duration::from_secs(5), consumer.next()).await {
            heard.push(delivery.job.id);
        }
    }
    heard
}

fn ids(jobs: &[Job]) -> Vec<JobId> {
    jobs.iter().map(|job| job.id).collect()
}

/// Whether a station that has tuned in gets what is handed on, in order.
async fn still_on_the_air(queue: &RabbitQueue, consumer: &mut Box<dyn Consumer>) {
    let more = jobs(Lane::Normal, 3);
    hand_on(queue, &main(), &more).await;
    assert_eq!(ids(&drain(consumer, 3).await), ids(&more));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_station_survives_its_deleted_queue() {
    let Some(services) = Services::start("rabbitmq").await else { return };
    let queue = services.queue().await;
    let broker = Broker::connect(&services.url("TEST_AMQP_URL"), "").await;
    let mut consumer = queue.tune_in(&main(), 10).await.unwrap();
    still_on_the_air(&queue, &mut consumer).await;
    for round in 0..3 {
        broker.delete_queues(&["air_main"]).await;
        if round == 2 {
            broker.delete_exchange("tts").await;
        }
        still_on_the_air(&queue, &mut consumer).await;
    }
    services.vanish("air_main").await;
    // The channels on which the old queue was served are of no use for the new one; the first call finds out.
    let lost = job(Lane::Normal, 8, Duration::ZERO);
    eventually(true, async || queue.hand_on(&main(), &lost).await.is_ok()).await;
    assert_eq!(ids(&drain(&mut consumer, 1).await), [lost.id]);
    still_on_the_air(&queue, &mut consumer).await;

    broker.delete_queues(&["air_main"]).await;
    eventually(Some(0), async || queue.waiting(&main()).await.ok()).await;
    consumer.close().await;
}

/// Deletes the queue of a station and declares it again in the same moment.
async fn replace(name: &str, url: &str) {
    let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    arguments.insert("x-delivery-limit".into(), 1_000_000_000.into());
    arguments.insert("x-single-active-consumer".into(), true.into());
    channel.queue_delete(name.into(), QueueDeleteOptions::default()).await.unwrap();
    channel.queue_declare(name.into(), QueueDeclareOptions::durable(), arguments).await.unwrap();
    let options = QueueBindOptions::default();
    channel.queue_bind(name.into(), "tts".into(), name.into(), options, FieldTable::default()).await.unwrap();
}

/// The broker takes the old consumer over to the new queue, and drops the messages whose numbers it has seen before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_station_survives_a_queue_that_is_replaced_at_once() {
    let Some(services) = Services::start("rabbitmq").await else { return };
    let queue = services.queue().await;
    let mut consumer = queue.tune_in(&main(), 10).await.unwrap();
    for _ in 0..3 {
        still_on_the_air(&queue, &mut consumer).await;
    }
    replace("air_main", &services.url("TEST_AMQP_URL")).await;
    let more = jobs(Lane::Normal, 3);
    hand_on(&*queue, &main(), &more).await;
    assert_eq!(hear(&mut consumer, 3).await, ids(&more));
    consumer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_station_holds_comes_again_in_order_after_cut_connections_and_a_killed_broker() {
    let Some(services) = Services::start("rabbitmq").await else { return };
    let queue = services.queue().await;
    let mut consumer = queue.tune_in(&main(), 4).await.unwrap();
    let all = jobs(Lane::Normal, 6);
    hand_on(&*queue, &main(), &all).await;
    assert_eq!(hear(&mut consumer, 3).await, ids(&all[..3]));

    services.run(&["ctl", "close_all_connections", "test"]).await;
    assert_eq!(hear(&mut consumer, 4).await, ids(&all[..4]));

    services.settle().await;
    services.run(&["kill", "rabbitmq"]).await;
    assert!(queue.hand_on(&main(), &all[0]).await.is_err(), "nothing is confirmed by a dead broker");
    assert!(queue.waiting(&main()).await.is_err());
    services.run(&["start", "rabbitmq"]).await;
    assert_eq!(hear(&mut consumer, 4).await, ids(&all[..4]));
    consumer.close().await;
    let mut heir = queue.tune_in(&main(), 10).await.unwrap();
    assert_eq!(ids(&drain(&mut heir, 6).await), ids(&all));
    still_on_the_air(&queue, &mut heir).await;
}

/// `consumer_timeout` is half an hour by default, and looked at once a minute: too long for a test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_held_for_too_long_comes_again_to_the_same_station() {
    let Some(services) = Services::start("rabbitmq").await else { return };
    for (setting, millis) in [("consumer_timeout", 2_000), ("channel_tick_interval", 200)] {
        let set = format!("application:set_env(rabbit, {setting}, {millis}).");
        services.run(&["ctl", "eval", &set]).await;
    }
    let queue = services.queue().await;
    let mut consumer = queue.tune_in(&main(), 2).await.unwrap();
    let all = jobs(Lane::Normal, 3);
    hand_on(&*queue, &main(), &all).await;
    let held = consumer.next().await.unwrap();
    assert_eq!(hear(&mut consumer, 1).await, ids(&all[1..2]));
    assert_eq!(hear(&mut consumer, 2).await, ids(&all[..2]), "the broker closed the channel");
    assert!(held.receipt.ack().await.is_err(), "what comes again was not acknowledged");
    let last = job(Lane::Normal, 9, Duration::ZERO);
    hand_on(&*queue, &main(), std::slice::from_ref(&last)).await;
    consumer.close().await;
    let mut heir = queue.tune_in(&main(), 10).await.unwrap();
    assert_eq!(ids(&drain(&mut heir, 4).await), [ids(&all), vec![last.id]].concat());
}
