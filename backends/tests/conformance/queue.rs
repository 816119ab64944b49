//! What goes in comes out: publishing, delays, depths, browsing, results and dead letters.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use pregon_core::{DEAD, JobId, Lane, RESULTS};

use super::{QueueBed, depth, drain, eventually, job, jobs, publish, silent, take};

pub(crate) async fn what_is_published_arrives_whole_and_in_order(bed: &QueueBed) {
    let all = jobs(Lane::Normal, 5);
    bed.queue.check().await.unwrap();
    assert!(bed.queue.publish(&[]).await.is_empty());
    publish(&*bed.second, &all).await;
    let mut consumer = bed.queue.consume(8).await.unwrap();
    assert_eq!(drain(&mut consumer, 5).await, all);

    // Woken while it waits, by this process and by another.
    for (n, queue) in [(6, &bed.queue), (7, &bed.second)] {
        let more = job(Lane::High, n, Duration::ZERO);
        let publisher = async {
            tokio::task::yield_now().await;
            publish(&**queue, std::slice::from_ref(&more)).await;
        };
        let (delivery, ()) = tokio::join!(take(&mut consumer), publisher);
        assert_eq!((&delivery.job, delivery.lane), (&more, Lane::High));
        delivery.receipt.ack().await.unwrap();
    }
    consumer.close().await;
    let mut again = bed.second.consume(8).await.unwrap();
    assert!(silent(&mut again).await, "what was acknowledged is gone");
    again.close().await;
}

pub(crate) async fn depths_name_every_queue(bed: &QueueBed) {
    let names = [Lane::High.queue(), Lane::Normal.queue(), "tts_delayed", RESULTS, DEAD];
    for name in names {
        assert_eq!(depth(&*bed.queue, name).await, 0, "{name}");
    }
    publish(&*bed.queue, &jobs(Lane::Normal, 3)).await;
    publish(&*bed.queue, &jobs(Lane::High, 2)).await;
    let later = job(Lane::Normal, 9, Duration::ZERO);
    for answer in bed.queue.publish(&[(&later, Duration::from_hours(2))]).await {
        answer.unwrap();
    }
    eventually([2, 3, 1, 0, 0], async || {
        let mut messages = [0; 5];
        for (n, name) in messages.iter_mut().zip(names) {
            *n = depth(&*bed.second, name).await;
        }
        messages
    })
    .await;

    let mut consumer = bed.queue.consume(2).await.unwrap();
    let held = take(&mut consumer).await;
    assert_eq!(held.lane, Lane::High);
    let consumers = async || {
        let depths = bed.second.depths().await.unwrap();
        depths.iter().find(|d| d.name == Lane::Normal.queue()).unwrap().consumers
    };
    eventually(1, consumers).await;
    consumer.close().await;
    eventually(0, consumers).await;
    eventually(2, async || depth(&*bed.queue, Lane::High.queue()).await).await;
}

pub(crate) async fn browsing_leaves_everything_in_place(bed: &QueueBed) {
    let waiting = jobs(Lane::Normal, 25);
    let delayed = jobs(Lane::High, 2);
    publish(&*bed.queue, &waiting).await;
    let postings: Vec<_> = delayed.iter().map(|job| (job, Duration::from_hours(1))).collect();
    for answer in bed.queue.publish(&postings).await {
        answer.unwrap();
    }
    let wanted: BTreeSet<JobId> = waiting.iter().chain(&delayed).map(|job| job.id).collect();
    for _ in 0..2 {
        let mut seen = Vec::new();
        let n = bed.second.browse(&mut |job| seen.push(job.id)).await.unwrap();
        assert_eq!((n, seen.len()), (27, 27));
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), wanted);
    }
    let mut consumer = bed.queue.consume(30).await.unwrap();
    let mut taken: Vec<JobId> = drain(&mut consumer, 25).await.into_iter().map(|job| job.id).collect();
    taken.sort_unstable();
    assert_eq!(taken, waiting.iter().map(|job| job.id).collect::<Vec<_>>());
    assert!(silent(&mut consumer).await, "the delayed ones stay delayed");
    consumer.close().await;
}

pub(crate) async fn reports_go_to_the_results_feed(bed: &QueueBed) {
    for ended in &jobs(Lane::Normal, 3) {
        bed.queue.report(ended).await.unwrap();
    }
    eventually(3, async || depth(&*bed.second, RESULTS).await).await;
}

pub(crate) async fn a_delayed_job_arrives_when_its_time_comes(bed: &QueueBed) {
    let (soon, later) = (job(Lane::Normal, 1, Duration::ZERO), job(Lane::High, 2, Duration::ZERO));
    let mut consumer = bed.queue.consume(4).await.unwrap();
    let published = Instant::now();
    let postings = [(&later, Duration::from_secs(3)), (&soon, Duration::ZERO)];
    for answer in bed.queue.publish(&postings).await {
        answer.unwrap();
    }
    assert_eq!(drain(&mut consumer, 1).await, [soon]);
    assert!(published.elapsed() < Duration::from_secs(1), "one that is not delayed does not wait");
    assert_eq!(drain(&mut consumer, 1).await, [later]);
    let took = published.elapsed();
    // About a second early is allowed; late only by what a busy machine adds.
    assert!((Duration::from_millis(1_800)..Duration::from_secs(8)).contains(&took), "{took:?}");
    consumer.close().await;
}

pub(crate) async fn a_batch_arrives_exactly_once(bed: &QueueBed) {
    let all = jobs(Lane::Normal, 1_000);
    publish(&*bed.queue, &all).await;
    let (mut one, mut two) = (bed.queue.consume(64).await.unwrap(), bed.second.consume(16).await.unwrap());
    let mut taken = Vec::new();
    while taken.len() < all.len() {
        let delivery = tokio::select! {
            delivery = take(&mut one) => delivery,
            delivery = take(&mut two) => delivery,
        };
        delivery.receipt.ack().await.unwrap();
        taken.push(delivery.job.id);
    }
    taken.sort_unstable();
    assert_eq!(taken, all.iter().map(|job| job.id).collect::<Vec<_>>());
    assert!(silent(&mut one).await && silent(&mut two).await);
    one.close().await;
    two.close().await;
    eventually(0, async || depth(&*bed.queue, Lane::Normal.queue()).await).await;
}

pub(crate) async fn what_is_no_job_is_set_aside_and_can_be_replayed(bed: &QueueBed) {
    (bed.inject)(Lane::Normal, b"{\"not\": \"a job\"}".to_vec()).await;
    (bed.inject)(Lane::High, vec![0xff, 0xfe, b'!']).await;
    let good = job(Lane::Normal, 1, Duration::ZERO);
    publish(&*bed.queue, std::slice::from_ref(&good)).await;
    let mut consumer = bed.queue.consume(1).await.unwrap();
    assert_eq!(drain(&mut consumer, 1).await, [good]);

    eventually(2, async || bed.second.dead(10).await.unwrap().len()).await;
    assert_eq!(bed.queue.dead(1).await.unwrap().len(), 1);
    let mut dead = bed.queue.dead(10).await.unwrap();
    dead.sort_by(|a, b| a.queue.cmp(&b.queue));
    assert_eq!(dead[0].queue, Lane::Normal.queue());
    assert_eq!(dead[0].excerpt, "{\"not\": \"a job\"}");
    assert!(!dead[0].reason.is_empty());
    assert_eq!(dead[1].queue, Lane::High.queue());
    assert!(dead[1].excerpt.ends_with('!'), "what is no text is shown as far as it is");
    eventually(2, async || depth(&*bed.queue, DEAD).await).await;
    consumer.close().await;

    assert_eq!(bed.queue.replay_dead().await.unwrap(), 2);
    eventually((1, 1, 0), async || {
        let of = async |name| depth(&*bed.queue, name).await;
        (of(Lane::High.queue()).await, of(Lane::Normal.queue()).await, of(DEAD).await)
    })
    .await;
    assert_eq!(bed.queue.dead(10).await.unwrap(), []);
    assert_eq!(bed.queue.replay_dead().await.unwrap(), 0);
}
