//! What every [`Store`], [`EngineBook`], [`Queue`] and [`AirQueue`] must do, whatever it is made of.
//!
//! A backend passes by invoking [`store_suite!`], [`book_suite!`], [`queue_suite!`] and [`air_suite!`] with a function that
//! makes a fresh, empty bed for each test (or `None`, having printed why it is skipped). Times are taken close to the system clock, because
//! some backends count by it.

pub(crate) mod air;
pub(crate) mod book;
pub(crate) mod delivery;
pub(crate) mod keys;
pub(crate) mod listing;
pub(crate) mod pace;
pub(crate) mod queue;
pub(crate) mod store;
pub(crate) mod walk;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use pregon_core::{
    AirQueue, Call, Clip, Consumer, Content, Delivery, EngineBook, Event, Job, JobId, Lane, PhoneNumber,
    Queue, Spec, Speech, Store, Target, Timestamp, clock,
};
use uuid::Uuid;

/// An empty store, twice: `second` is another handle on the same jobs, as another process would have it.
pub(crate) struct StoreBed {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) second: Arc<dyn Store>,
    pub(crate) clean: Clean,
}

/// An empty book about engines, twice.
pub(crate) struct BookBed {
    pub(crate) book: Arc<dyn EngineBook>,
    pub(crate) second: Arc<dyn EngineBook>,
    pub(crate) clean: Clean,
}

/// Takes away what a bed left behind; run after a test that passed.
pub(crate) type Clean = Box<dyn FnOnce() -> BoxFuture<'static, ()> + Send + Sync>;

/// Puts bytes into a lane past the [`Queue`] trait, as a foreign program would.
pub(crate) type Inject = Box<dyn Fn(Lane, Vec<u8>) -> BoxFuture<'static, ()> + Send + Sync>;

/// An empty queue, twice.
pub(crate) struct QueueBed {
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) second: Arc<dyn Queue>,
    pub(crate) inject: Inject,
    pub(crate) clean: Clean,
}

/// The empty queues of stations, twice, and the lanes beside them.
pub(crate) struct AirBed {
    pub(crate) air: Arc<dyn AirQueue>,
    pub(crate) second: Arc<dyn AirQueue>,
    pub(crate) queue: Arc<dyn Queue>,
    /// Puts bytes into the queue of that name.
    pub(crate) inject: Box<dyn Fn(String, Vec<u8>) -> BoxFuture<'static, ()> + Send + Sync>,
    /// The test of this program that opens `place` and calls [`air::hold`].
    pub(crate) holder: &'static str,
    pub(crate) place: String,
    pub(crate) clean: Clean,
}

macro_rules! suite {
    ($fresh:path: $($module:ident::{$($name:ident),+ $(,)?})+) => {
        $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Some(bed) = $fresh().await else { return };
                $crate::conformance::$module::$name(&bed).await;
                (bed.clean)().await;
            }
        )+)+
    };
}

/// Every test of a store; `$fresh` is an `async fn() -> Option<StoreBed>`.
macro_rules! store_suite {
    ($fresh:path) => {
        suite! { $fresh:
            store::{
                a_job_is_inserted_once,
                a_swap_needs_the_version_it_saw,
                of_concurrent_swaps_exactly_one_wins,
                due_gives_the_overdue_of_one_state_in_order,
                prune_takes_ended_jobs_only,
                a_submission_can_be_taken_back_until_it_is_taken,
                workers_are_known_by_their_beats,
                watch_sees_every_change_in_order,
                watch_sees_other_processes,
                a_restored_store_is_not_lost,
            }
            listing::{
                a_list_is_walked_once_newest_first,
                every_filter_lists_what_it_matches,
                a_search_finds_text_number_and_id,
            }
            keys::{
                a_key_goes_once_and_replays_its_answer,
                an_abandoned_key_starts_afresh,
                a_request_that_died_goes_again_as_it_first_came,
                a_key_is_forgotten_after_a_day,
                of_concurrent_requests_exactly_one_goes,
            }
            walk::{counters_follow_any_walk}
            pace::{
                no_second_holds_more_calls_than_the_rate,
                never_more_calls_at_once_than_slots,
                an_attempt_that_asks_again_takes_nothing_more,
                the_slot_of_a_dead_worker_comes_back,
                a_call_under_way_keeps_its_slot,
                a_high_call_takes_the_next_turn,
                a_high_call_that_gives_up_keeps_nobody_back,
                trunks_have_slots_of_their_own_and_share_the_overall_ones,
                calls_on_their_way_hold_up_others_for_a_moment_only,
                congestion_slows_a_trunk_down_once_per_event,
            }
        }
    };
}

/// Every test of a book about engines; `$fresh` is an `async fn() -> Option<BookBed>`.
macro_rules! book_suite {
    ($fresh:path) => {
        suite! { $fresh:
            book::{
                failures_in_a_row_count_whoever_met_them,
                a_pause_that_one_was_asked_for_all_keep,
                what_is_no_speech_is_shown_and_rests_nobody,
                one_probe_is_admitted_across_all_workers,
                a_failed_probe_makes_the_rest_longer,
                latecomers_only_ever_prolong_a_rest,
                an_undecided_probe_is_made_again_at_once,
                refused_credentials_rest_until_somebody_starts_anew,
                turns_are_handed_out_once_to_all_together,
                an_errand_of_many_requests_takes_as_many_turns,
                a_budget_is_never_overspent,
                what_was_not_spoken_is_paid_back,
                accounts_are_kept_by_month_engine_and_client,
                whoever_is_refused_takes_nothing,
            }
        }
    };
}

/// Every test of a queue; `$fresh` is an `async fn() -> Option<QueueBed>`.
macro_rules! queue_suite {
    ($fresh:path) => {
        suite! { $fresh:
            queue::{
                what_is_published_arrives_whole_and_in_order,
                depths_name_every_queue,
                browsing_leaves_everything_in_place,
                reports_go_to_the_results_feed,
                a_delayed_job_arrives_when_its_time_comes,
                a_batch_arrives_exactly_once,
                what_is_no_job_is_set_aside_and_can_be_replayed,
            }
            delivery::{
                unacknowledged_messages_return_when_the_consumer_closes,
                unacknowledged_messages_return_when_the_consumer_is_dropped,
                a_high_job_overtakes_whatever_is_not_handed_out,
                a_backlog_of_both_lanes_gives_the_high_one_first,
                prefetch_bounds_each_lane,
                a_cancelled_wait_loses_nothing,
            }
        }
    };
}

/// Every test of stations' queues; `$fresh` is an `async fn() -> Option<AirBed>`.
macro_rules! air_suite {
    ($fresh:path) => {
        suite! { $fresh:
            air::{
                announcements_arrive_whole_and_in_order,
                announcements_return_in_order_when_the_consumer_closes,
                announcements_return_in_order_when_the_consumer_is_dropped,
                announcements_return_in_order_when_the_process_is_killed,
                stations_and_lanes_do_not_mix,
                prefetch_bounds_what_a_station_holds,
                a_long_held_announcement_stays_with_its_holder,
                a_cancelled_wait_loses_no_announcement,
                what_is_no_announcement_is_set_aside_and_can_be_replayed,
            }
        }
    };
}

/// How long anything that must happen may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How long to watch for something that must not happen.
pub(crate) const SILENCE: Duration = Duration::from_millis(400);

/// Asks again and again until the answer is the wanted one.
pub(crate) async fn eventually<T: PartialEq + Debug>(wanted: T, mut ask: impl AsyncFnMut() -> T) {
    let end = Instant::now() + PATIENCE;
    loop {
        let got = ask().await;
        if got == wanted {
            return;
        }
        assert!(Instant::now() < end, "still {got:?} instead of {wanted:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The next delivery, which must come.
pub(crate) async fn take(consumer: &mut Box<dyn Consumer>) -> Delivery {
    tokio::time::timeout(PATIENCE, consumer.next())
        .await
        .expect("a message must come")
        .expect("the queue answers")
}

/// Takes and acknowledges `n` messages.
pub(crate) async fn drain(consumer: &mut Box<dyn Consumer>, n: usize) -> Vec<Job> {
    let mut jobs = Vec::new();
    for _ in 0..n {
        let delivery = take(consumer).await;
        delivery.receipt.ack().await.unwrap();
        jobs.push(delivery.job);
    }
    jobs
}

/// Whether nothing comes for a while.
pub(crate) async fn silent(consumer: &mut Box<dyn Consumer>) -> bool {
    tokio::time::timeout(SILENCE, consumer.next()).await.is_err()
}

/// Publishes without delay; everything must be confirmed.
pub(crate) async fn publish(queue: &dyn Queue, jobs: &[Job]) {
    let postings: Vec<_> = jobs.iter().map(|job| (job, Duration::ZERO)).collect();
    for answer in queue.publish(&postings).await {
        answer.unwrap();
    }
}

/// Messages that wait in a queue.
pub(crate) async fn depth(queue: &dyn Queue, name: &str) -> u64 {
    let depths = queue.depths().await.unwrap();
    depths.iter().find(|d| d.name == name).unwrap_or_else(|| panic!("no {name} in {depths:?}")).messages
}

/// A job accepted `ago` before now; `n` makes its text and number its own.
pub(crate) fn job(lane: Lane, n: u32, ago: Duration) -> Job {
    let created = clock::now() - ago;
    let spec = Spec {
        content: Content::Speech(Speech {
            text: format!("Aviso número {n}: su cita es mañana"),
            language: "es".into(),
            voice: None,
            engine: None,
            rate: None,
            ssml: false,
        }),
        target: Target::Call(Call {
            to: PhoneNumber::try_from(format!("+57300{n:07}")).unwrap(),
            caller_id: None,
            trunk: None,
            interaction: None,
        }),
        lane,
        max_attempts: 3,
        retry: pregon_core::Redial::default(),
        not_before: None,
        expires: None,
        metadata: BTreeMap::default(),
        callback_url: None,
    };
    Job::accept(JobId::new(created), spec, None, created)
}

/// `n` jobs of one lane, each a millisecond newer than the one before.
pub(crate) fn jobs(lane: Lane, n: u32) -> Vec<Job> {
    (0..n).map(|i| job(lane, i, Duration::from_millis(u64::from(n - i)))).collect()
}

/// A claim under a lease of its own.
pub(crate) fn claim(until: Timestamp) -> Event {
    Event::Claim { worker: "ana".into(), lease: Uuid::new_v4(), until }
}

/// The job, claimed now.
pub(crate) fn claimed(job: &Job) -> Job {
    let now = clock::now();
    job.clone().apply(claim(now + pregon_core::LEASE), now).unwrap()
}

/// The job, cancelled now.
pub(crate) fn cancelled(job: &Job) -> Job {
    job.clone().apply(Event::Cancel, clock::now()).unwrap()
}

/// Something rendered.
pub(crate) fn clip() -> Clip {
    Clip {
        hash: "00112233445566778899aabbccddeeff".into(),
        seconds: 3.2,
        lufs: -19.0,
        peak_dbtp: -3.1,
        engine: "espeak".into(),
        voice: "es-419".into(),
        cached: false,
        fallback: None,
    }
}

/// Waits that are cut short while nothing is there, however fast the rest goes.
pub(crate) async fn cut_waits_short(consumer: &mut Box<dyn Consumer>) {
    for cut in 0..20 {
        let wait = tokio::time::timeout(Duration::from_micros(cut * 100), consumer.next()).await;
        assert!(wait.is_err(), "something came from nowhere");
    }
}

/// Takes and acknowledges so many messages, in waits that are cut short again and again.
pub(crate) async fn take_impatiently(consumer: &mut Box<dyn Consumer>, count: usize) -> Vec<JobId> {
    let (mut taken, mut cancelled) = (Vec::new(), 0_u64);
    let end = Instant::now() + PATIENCE;
    while taken.len() < count {
        assert!(Instant::now() < end, "{} of {count} came, {cancelled} waits cancelled", taken.len());
        // From "polled once" to two milliseconds: whatever step `next` has reached, it stops there.
        let moment = Duration::from_micros(cancelled * 37 % 2_000);
        tokio::select! {
            biased;
            delivery = consumer.next() => {
                let delivery = delivery.unwrap();
                delivery.receipt.ack().await.unwrap();
                taken.push(delivery.job.id);
            }
            () = tokio::time::sleep(moment) => cancelled += 1,
        }
    }
    taken
}
