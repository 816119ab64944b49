//! Who gets a message, and when: redelivery, priority, prefetch, cancellation.

use std::collections::BTreeSet;
use std::time::Duration;

use pregon_core::{Delivery, JobId, Lane};

use super::{
    QueueBed, cut_waits_short, depth, drain, eventually, job, jobs, publish, silent, take, take_impatiently,
};

/// Five messages; a consumer acknowledges one, holds two and has two buffered.
async fn half_done(bed: &QueueBed) -> (Box<dyn pregon_core::Consumer>, Vec<Delivery>, BTreeSet<JobId>) {
    let all = jobs(Lane::Normal, 5);
    publish(&*bed.queue, &all).await;
    let mut consumer = bed.queue.consume(5).await.unwrap();
    assert_eq!(drain(&mut consumer, 1).await, all[..1]);
    let held = vec![take(&mut consumer).await, take(&mut consumer).await];
    (consumer, held, all[1..].iter().map(|job| job.id).collect())
}

async fn the_rest_comes_back(bed: &QueueBed, wanted: &BTreeSet<JobId>) {
    let mut heir = bed.second.consume(5).await.unwrap();
    let back: BTreeSet<JobId> = drain(&mut heir, 4).await.into_iter().map(|job| job.id).collect();
    assert_eq!(&back, wanted);
    assert!(silent(&mut heir).await);
    heir.close().await;
}

pub(crate) async fn unacknowledged_messages_return_when_the_consumer_closes(bed: &QueueBed) {
    let (consumer, held, wanted) = half_done(bed).await;
    consumer.close().await;
    the_rest_comes_back(bed, &wanted).await;
    for late in held {
        // Whatever this answers, it must not harm the message's next life.
        drop(late.receipt.ack().await);
    }
}

pub(crate) async fn unacknowledged_messages_return_when_the_consumer_is_dropped(bed: &QueueBed) {
    let (consumer, held, wanted) = half_done(bed).await;
    drop(consumer);
    the_rest_comes_back(bed, &wanted).await;
    drop(held);
}

pub(crate) async fn a_high_job_overtakes_whatever_is_not_handed_out(bed: &QueueBed) {
    const PREFETCH: u16 = 4;
    publish(&*bed.queue, &jobs(Lane::Normal, 200)).await;
    let mut consumer = bed.queue.consume(PREFETCH).await.unwrap();
    drain(&mut consumer, 1).await;

    // Without a hand-over in between: the buffered normal jobs stay behind it once it has arrived.
    let first = job(Lane::High, 900, Duration::ZERO);
    publish(&*bed.second, std::slice::from_ref(&first)).await;
    let mut overtaken = 0;
    while drain(&mut consumer, 1).await != [first.clone()] {
        overtaken += 1;
        assert!(overtaken <= PREFETCH, "a high job waited behind {overtaken} normal ones");
    }

    // With all normal slots in hand nothing else may come before it.
    let mut held = Vec::new();
    for _ in 0..PREFETCH {
        held.push(take(&mut consumer).await);
        assert_eq!(held.last().unwrap().lane, Lane::Normal);
    }
    let second = job(Lane::High, 901, Duration::ZERO);
    publish(&*bed.queue, std::slice::from_ref(&second)).await;
    assert_eq!(drain(&mut consumer, 1).await, [second]);
    for delivery in held {
        delivery.receipt.ack().await.unwrap();
    }
    assert_eq!(take(&mut consumer).await.lane, Lane::Normal);
    consumer.close().await;
}

pub(crate) async fn a_backlog_of_both_lanes_gives_the_high_one_first(bed: &QueueBed) {
    const PREFETCH: u16 = 3;
    publish(&*bed.queue, &jobs(Lane::Normal, 30)).await;
    publish(&*bed.queue, &jobs(Lane::High, 30)).await;
    let mut consumer = bed.queue.consume(PREFETCH).await.unwrap();
    let (mut high, mut normal) = (Vec::new(), Vec::new());
    while high.len() < 30 {
        let delivery = take(&mut consumer).await;
        delivery.receipt.ack().await.unwrap();
        match delivery.lane {
            Lane::High => high.push(delivery.job.id),
            Lane::Normal => normal.push(delivery.job.id),
        }
    }
    // The two lanes may start a moment apart, never more than what was buffered by then.
    assert!(normal.len() <= usize::from(PREFETCH), "{} normal jobs went first", normal.len());
    assert!(high.is_sorted(), "first in, first out");
    drain(&mut consumer, 30 - normal.len()).await;
    consumer.close().await;
}

pub(crate) async fn prefetch_bounds_each_lane(bed: &QueueBed) {
    publish(&*bed.queue, &jobs(Lane::Normal, 10)).await;
    publish(&*bed.queue, &jobs(Lane::High, 10)).await;
    let mut consumer = bed.queue.consume(3).await.unwrap();
    let mut held = Vec::new();
    for _ in 0..6 {
        held.push(take(&mut consumer).await);
    }
    let high = held.iter().filter(|d| d.lane == Lane::High).count();
    assert_eq!(high, 3, "three of each lane");
    assert!(silent(&mut consumer).await, "no more while six are in hand");

    let at = held.iter().position(|d| d.lane == Lane::Normal).unwrap();
    held.remove(at).receipt.ack().await.unwrap();
    let next = take(&mut consumer).await;
    assert_eq!(next.lane, Lane::Normal, "the lane with a free place");
    assert!(silent(&mut consumer).await);
    consumer.close().await;
    eventually((10, 9), async || {
        let of = async |lane: Lane| depth(&*bed.queue, lane.queue()).await;
        (of(Lane::High).await, of(Lane::Normal).await)
    })
    .await;
}

pub(crate) async fn a_cancelled_wait_loses_nothing(bed: &QueueBed) {
    const N: u32 = 400;
    let all: Vec<_> = (0..N)
        .map(|n| job(if n % 4 == 0 { Lane::High } else { Lane::Normal }, n, Duration::from_millis(n.into())))
        .collect();
    let mut consumer = bed.queue.consume(5).await.unwrap();
    cut_waits_short(&mut consumer).await;
    let (queue, load) = (std::sync::Arc::clone(&bed.second), all.clone());
    let publisher = tokio::spawn(async move {
        for few in load.chunks(7) {
            publish(&*queue, few).await;
        }
    });
    let mut taken = take_impatiently(&mut consumer, all.len()).await;
    publisher.await.unwrap();
    taken.sort_unstable();
    let mut wanted: Vec<_> = all.iter().map(|job| job.id).collect();
    wanted.sort_unstable();
    assert_eq!(taken, wanted);
    assert!(silent(&mut consumer).await);
    consumer.close().await;
}
