//! Announcements on their way to stations.

use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pregon_core::{AirQueue, Consumer, DEAD, Delivery, Job, JobId, Lane, StationName};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use super::{
    AirBed, PATIENCE, SILENCE, cut_waits_short, depth, drain, eventually, job, jobs, publish, silent, take,
    take_impatiently,
};

/// Longer than any lease.
const LONG: Duration = Duration::from_secs(7);

/// What the process that is killed says when it has what it wants.
const HOLDING: &str = "holding three announcements";

/// Tells the process that is killed where the queue is.
const PLACE: &str = "PREGON_TEST_AIR";

pub(crate) fn main() -> StationName {
    StationName::default()
}

pub(crate) async fn hand_on(air: &dyn AirQueue, station: &StationName, jobs: &[Job]) {
    for job in jobs {
        air.hand_on(station, job).await.unwrap();
    }
}

async fn waits(air: &dyn AirQueue, station: &StationName, n: u64) {
    eventually(n, async || air.waiting(station).await.unwrap()).await;
}

async fn take_several(consumer: &mut Box<dyn Consumer>, n: usize) -> Vec<Delivery> {
    let mut held = Vec::new();
    for _ in 0..n {
        held.push(take(consumer).await);
    }
    held
}

pub(crate) async fn announcements_arrive_whole_and_in_order(bed: &AirBed) {
    let (station, all) = (main(), jobs(Lane::Normal, 5));
    assert_eq!(bed.air.waiting(&station).await.unwrap(), 0, "a station nobody has named yet has nothing");
    hand_on(&*bed.second, &station, &all).await;
    waits(&*bed.air, &station, 5).await;
    let mut consumer = bed.air.tune_in(&station, 8).await.unwrap();
    assert_eq!(drain(&mut consumer, 5).await, all);

    // Woken while it waits, by this process and by another; the lane is that of the job.
    for (n, air) in [(6, &bed.air), (7, &bed.second)] {
        let more = job(Lane::High, n, Duration::ZERO);
        let giver = async {
            tokio::task::yield_now().await;
            air.hand_on(&station, &more).await.unwrap();
        };
        let (delivery, ()) = tokio::join!(take(&mut consumer), giver);
        assert_eq!((&delivery.job, delivery.lane), (&more, Lane::High));
        delivery.receipt.ack().await.unwrap();
    }
    consumer.close().await;
    let mut again = bed.second.tune_in(&station, 8).await.unwrap();
    assert!(silent(&mut again).await, "what was acknowledged is gone");
    again.close().await;
    assert_eq!(bed.air.waiting(&station).await.unwrap(), 0);
}

/// Fifty announcements; a consumer acknowledges the second, holds four and has the rest on its shelf.
async fn half_done(bed: &AirBed) -> (Box<dyn Consumer>, Vec<Delivery>, Vec<Job>) {
    let mut all = jobs(Lane::Normal, 50);
    hand_on(&*bed.air, &main(), &all).await;
    let mut consumer = bed.air.tune_in(&main(), 60).await.unwrap();
    let mut held = take_several(&mut consumer, 5).await;
    held.remove(1).receipt.ack().await.unwrap();
    all.remove(1);
    (consumer, held, all)
}

async fn the_rest_comes_in_order(bed: &AirBed, mut wanted: Vec<Job>) {
    let mut heir = bed.second.tune_in(&main(), 10).await.unwrap();
    let later = job(Lane::High, 900, Duration::ZERO);
    hand_on(&*bed.air, &main(), std::slice::from_ref(&later)).await;
    wanted.push(later);
    let ids = |jobs: &[Job]| jobs.iter().map(|job| job.id).collect::<Vec<JobId>>();
    assert_eq!(ids(&drain(&mut heir, wanted.len()).await), ids(&wanted));
    assert!(silent(&mut heir).await);
    heir.close().await;
}

pub(crate) async fn announcements_return_in_order_when_the_consumer_closes(bed: &AirBed) {
    let (consumer, held, wanted) = half_done(bed).await;
    consumer.close().await;
    the_rest_comes_in_order(bed, wanted).await;
    for late in held {
        // Whatever this answers, it must not harm the message's next life.
        drop(late.receipt.ack().await);
    }
}

pub(crate) async fn announcements_return_in_order_when_the_consumer_is_dropped(bed: &AirBed) {
    let (consumer, held, wanted) = half_done(bed).await;
    drop(consumer);
    waits(&*bed.second, &main(), 49).await;
    the_rest_comes_in_order(bed, wanted).await;
    drop(held);
}

/// Run in a process of its own: holds three announcements until it is killed. Does nothing when started by hand.
pub(crate) async fn hold(open: impl AsyncFnOnce(String) -> Arc<dyn AirQueue>) {
    let Some(place) = std::env::var_os(PLACE) else { return };
    let air = open(place.into_string().unwrap()).await;
    let mut consumer = air.tune_in(&main(), 3).await.unwrap();
    let held = take_several(&mut consumer, 3).await;
    println!("{HOLDING}");
    std::future::pending::<()>().await;
    drop(held);
}

pub(crate) async fn announcements_return_in_order_when_the_process_is_killed(bed: &AirBed) {
    let all = jobs(Lane::Normal, 5);
    hand_on(&*bed.air, &main(), &all).await;
    let mut holder = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args([bed.holder, "--exact", "--ignored", "--nocapture"])
        .env(PLACE, &bed.place)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    let said = async { while !lines.next_line().await.unwrap().unwrap().contains(HOLDING) {} };
    tokio::time::timeout(PATIENCE, said).await.unwrap();
    waits(&*bed.air, &main(), 2).await;
    holder.kill().await.unwrap();

    let killed = Instant::now();
    let mut heir = bed.air.tune_in(&main(), 5).await.unwrap();
    assert_eq!(drain(&mut heir, 5).await, all, "the younger ones wait for those that were held");
    assert!(killed.elapsed() < LONG, "{:?}", killed.elapsed());
    heir.close().await;
}

pub(crate) async fn stations_and_lanes_do_not_mix(bed: &AirBed) {
    let stations: [StationName; 2] = [main(), "radio-2".parse().unwrap()];
    let [first, second] = [jobs(Lane::Normal, 3), jobs(Lane::High, 3)];
    let called = job(Lane::Normal, 9, Duration::ZERO);
    hand_on(&*bed.air, &stations[0], &first).await;
    hand_on(&*bed.air, &stations[1], &second).await;
    publish(&*bed.queue, std::slice::from_ref(&called)).await;
    for station in &stations {
        waits(&*bed.second, station, 3).await;
    }
    for (lane, waiting) in [(Lane::High, 0), (Lane::Normal, 1)] {
        eventually(waiting, async || depth(&*bed.queue, lane.queue()).await).await;
    }
    let mut seen = Vec::new();
    assert_eq!(bed.queue.browse(&mut |job| seen.push(job.id)).await.unwrap(), 1);
    assert_eq!(seen, [called.id]);

    let mut calls = bed.queue.consume(10).await.unwrap();
    assert_eq!(drain(&mut calls, 1).await, [called]);
    for (station, wanted) in stations.iter().zip([first, second]) {
        let mut consumer = bed.air.tune_in(station, 10).await.unwrap();
        assert_eq!(drain(&mut consumer, 3).await, wanted);
        assert!(silent(&mut consumer).await);
        consumer.close().await;
    }
    assert!(silent(&mut calls).await);
    calls.close().await;
}

pub(crate) async fn prefetch_bounds_what_a_station_holds(bed: &AirBed) {
    let all = jobs(Lane::Normal, 6);
    hand_on(&*bed.air, &main(), &all).await;
    let mut consumer = bed.air.tune_in(&main(), 2).await.unwrap();
    waits(&*bed.second, &main(), 4).await;
    let mut held = take_several(&mut consumer, 2).await;
    assert!(silent(&mut consumer).await, "no more while two are in hand");
    // Out of order: what matters is that there is room.
    held.pop().unwrap().receipt.ack().await.unwrap();
    let third = take(&mut consumer).await;
    assert_eq!(third.job, all[2]);
    assert!(silent(&mut consumer).await);
    waits(&*bed.second, &main(), 3).await;
    // A receipt that is dropped is not acknowledged: its message stays and keeps its place.
    drop(third);
    assert!(silent(&mut consumer).await);
    consumer.close().await;
    waits(&*bed.second, &main(), 5).await;
}

pub(crate) async fn a_long_held_announcement_stays_with_its_holder(bed: &AirBed) {
    let all = jobs(Lane::Normal, 2);
    hand_on(&*bed.air, &main(), &all).await;
    let mut holder = bed.air.tune_in(&main(), 2).await.unwrap();
    let held = take_several(&mut holder, 2).await;
    let mut other = bed.second.tune_in(&main(), 2).await.unwrap();
    let came = tokio::time::timeout(LONG, async {
        tokio::select! { one = holder.next() => one, one = other.next() => one }
    });
    assert!(came.await.is_err(), "an announcement that is being aired came again");
    for delivery in held {
        delivery.receipt.ack().await.unwrap();
    }
    assert!(silent(&mut other).await && silent(&mut holder).await);
    holder.close().await;
    other.close().await;
}

pub(crate) async fn a_cancelled_wait_loses_no_announcement(bed: &AirBed) {
    let all = jobs(Lane::Normal, 200);
    let mut consumer = bed.air.tune_in(&main(), 5).await.unwrap();
    cut_waits_short(&mut consumer).await;
    let (air, load) = (Arc::clone(&bed.second), all.clone());
    let giver = tokio::spawn(async move { hand_on(&*air, &main(), &load).await });
    let taken = take_impatiently(&mut consumer, all.len()).await;
    giver.await.unwrap();
    assert_eq!(taken, all.iter().map(|job| job.id).collect::<Vec<_>>());
    assert!(silent(&mut consumer).await);
    consumer.close().await;
}

pub(crate) async fn what_is_no_announcement_is_set_aside_and_can_be_replayed(bed: &AirBed) {
    // The first post names the station; only then is there a queue for foreign programs to spoil.
    let [before, after] = [1, 2].map(|n| job(Lane::Normal, n, Duration::ZERO));
    hand_on(&*bed.air, &main(), std::slice::from_ref(&before)).await;
    (bed.inject)(main().queue(), b"play something nice".to_vec()).await;
    hand_on(&*bed.air, &main(), std::slice::from_ref(&after)).await;
    let mut consumer = bed.air.tune_in(&main(), 1).await.unwrap();
    assert_eq!(drain(&mut consumer, 2).await, [before, after]);
    eventually(1, async || depth(&*bed.queue, DEAD).await).await;
    let dead = bed.queue.dead(10).await.unwrap();
    assert_eq!((dead[0].queue.as_str(), dead[0].excerpt.as_str()), ("air_main", "play something nice"));
    consumer.close().await;

    assert_eq!(bed.queue.replay_dead().await.unwrap(), 1);
    waits(&*bed.second, &main(), 1).await;
    let mut calls = bed.queue.consume(1).await.unwrap();
    let stray = tokio::time::timeout(SILENCE, calls.next()).await;
    assert!(stray.is_err(), "it went back to its station, not to a lane");
    assert_eq!(bed.queue.dead(10).await.unwrap(), []);
    calls.close().await;
}
