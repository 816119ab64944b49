//! One attempt: render, hand over, settle.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use pregon_core::{
    Call, Clip, Content, DispatchError, Event, Job, LEASE, RING_AFTER, Recordings, Settled, Speech, State,
    Target, Timestamp, Trouble, clock, fault,
};
use pregon_speech::{SpeechError, Studio};
use uuid::Uuid;

use crate::turn::{self, Seat, Turn};
use crate::{Shop, Stop, insist};

/// How an attempt ended, before anything is stored.
#[derive(Debug)]
enum End {
    /// The call file is in the spool.
    HandedOver(Clip),
    /// It did not work; another attempt may.
    Retry(Trouble, String),
    /// It never will.
    Fail(String),
    /// Given up without fault: cancelled, or this process stops.
    Release,
    /// The lease went to somebody else, who settles the attempt.
    Lost,
}

/// When the outcome of a handed-over call is first looked for, should no event tell it earlier.
const FIRST_CHECK: Duration = Duration::from_secs(15);

/// A hand-over this soon after the claim does not look for a wish to cancel first.
const FRESH: Duration = Duration::from_millis(100);

/// Performs the attempt that `job` was claimed for and stores its end. Returns the job as stored; `None` when the
/// lease was lost or the hard stop came before anything could be stored.
pub(crate) async fn perform(
    floor: &Shop,
    job: Job,
    lease: Uuid,
    seat: &mut Seat,
    stop: &Stop,
) -> Option<Job> {
    let end = {
        let attempt = AssertUnwindSafe(attempt(floor, &job, seat, stop)).catch_unwind();
        let renewal = renew(floor, &job, lease, stop);
        tokio::select! {
            end = attempt => end.unwrap_or_else(|_| End::Retry(Trouble::Panic, "internal error".to_owned())),
            end = renewal => end,
            () = stop.hard.cancelled() => End::Release,
        }
    };
    store_end(floor, job, lease, end, stop).await
}

async fn attempt(floor: &Shop, job: &Job, seat: &mut Seat, stop: &Stop) -> End {
    let mut recordings = match record(floor, job).await {
        Ok(recordings) => recordings,
        Err(error) => return speech_trouble(&error),
    };
    fault::point("rendered");
    let turn = turn::wait(floor, job, seat, stop).await;
    if turn == Turn::GiveBack {
        return End::Release;
    }
    let late = turn == Turn::Waited || job.started.is_some_and(|at| clock::now().since(at) > FRESH);
    if late && wants_cancel(floor, job).await {
        return End::Release;
    }
    if turn == Turn::Waited {
        // The wait may have been longer than a clip that nobody plays is sure to stay.
        recordings = match again(floor, job, recordings).await {
            Ok(recordings) => recordings,
            Err(error) => return speech_trouble(&error),
        };
    }
    match floor.dispatcher.dispatch(job, &recordings).await {
        Ok(()) => {
            turn::dialled(floor, job, Some(&recordings), stop).await;
            End::HandedOver(recordings.message)
        }
        Err(DispatchError::Voided) => End::Release,
        Err(DispatchError::Rejected(why)) => End::Fail(why),
        Err(error @ DispatchError::Unavailable(_)) => End::Retry(Trouble::Handover, error.to_string()),
    }
}

/// What is played where the job is announced.
async fn record(floor: &Shop, job: &Job) -> Result<Recordings, SpeechError> {
    let left = job.spec.expires.map(|at| at.until(clock::now()));
    let (studio, client) = (&floor.studio.for_one_job(left), job.client.as_deref());
    match (&job.spec.content, &job.spec.target) {
        (Content::Speech(speech), Target::Call(call)) => record_call(studio, speech, call, client).await,
        (Content::Speech(speech), Target::Air(_)) => Ok(studio.air_clip(speech, client).await?.into()),
        (Content::Audio(recording), Target::Air(_)) => Ok(studio.air_clip_of(&recording.id).await?.into()),
        (Content::Audio(_), Target::Call(_)) => {
            let message = "only text can be read on the telephone".to_owned();
            Err(SpeechError { retry: false, message, retry_after: None })
        }
    }
}

/// The same as `before` if it is still there, which costs next to nothing to see, else recorded anew.
async fn again(floor: &Shop, job: &Job, before: Recordings) -> Result<Recordings, SpeechError> {
    let clips = [Some(&before.message), before.prompt.as_ref(), before.thanks.as_ref()];
    for clip in clips.into_iter().flatten() {
        if !floor.studio.still_wanted(clip).await {
            return record(floor, job).await;
        }
    }
    Ok(before)
}

/// The message, and what the call asks after it, in the same voice.
async fn record_call(
    studio: &Studio,
    speech: &Speech,
    call: &Call,
    client: Option<&str>,
) -> Result<Recordings, SpeechError> {
    let mut recordings = Recordings::from(studio.clip(speech, client).await?);
    let Some(asked) = &call.interaction else { return Ok(recordings) };
    let say = |text: &str| Speech { text: text.to_owned(), ssml: false, ..speech.clone() };
    recordings.prompt = Some(studio.clip(&say(&asked.prompt), client).await?);
    if !asked.thanks.trim().is_empty() {
        recordings.thanks = Some(studio.clip(&say(&asked.thanks), client).await?);
    }
    Ok(recordings)
}

fn speech_trouble(error: &SpeechError) -> End {
    if !error.retry {
        return End::Fail(error.to_string());
    }
    let trouble = error.retry_after.map_or(Trouble::Speech, Trouble::Limited);
    End::Retry(trouble, error.to_string())
}

async fn wants_cancel(floor: &Shop, job: &Job) -> bool {
    let row = floor.desk.store().get(job.id).await;
    matches!(row, Ok(Some(Job { state: State::Processing { cancelling: true, .. }, .. })))
}

/// Renews the lease while the attempt goes on; ends only when there is a reason to give up.
async fn renew(floor: &Shop, job: &Job, lease: Uuid, stop: &Stop) -> End {
    let mut current = job.clone();
    loop {
        tokio::time::sleep(LEASE / 3).await;
        let now = clock::now();
        let event = Event::Renew { lease, until: now + LEASE };
        let renewed = insist(stop, "renewing a lease", || change(floor, &current, &event, now)).await;
        match renewed {
            Some(None) => return End::Lost,
            None | Some(Some(Job { state: State::Processing { cancelling: true, .. }, .. })) => {
                return End::Release;
            }
            Some(Some(renewed)) => current = renewed,
        }
    }
}

/// Applies `event` to the job as this worker knows it, or as the store has it by now, or, where the store lost it, to
/// this worker's copy. `None` when the job takes the event no more.
pub(crate) async fn change(
    floor: &Shop,
    known: &Job,
    event: &Event,
    now: Timestamp,
) -> Result<Option<Job>, pregon_core::StoreError> {
    use pregon_core::{Inserted, Swap};
    let store = floor.desk.store();
    let mut before = known.clone();
    loop {
        let Ok(after) = before.clone().apply(event.clone(), now) else { return Ok(None) };
        match store.swap(&before, &after).await? {
            Swap::Done => return Ok(Some(after)),
            Swap::Stale => match store.get(known.id).await? {
                // The store went back in time: this worker's copy is newer, and right.
                Some(row) if row.version < known.version => {
                    store.swap(&row, known).await?;
                }
                Some(row) => before = row,
                None => {}
            },
            Swap::Missing => match store.insert(std::slice::from_ref(&after)).await?.first() {
                Some(Inserted::New) => return Ok(Some(after)),
                Some(Inserted::Existing) => before = store.get(known.id).await?.unwrap_or(before),
                Some(Inserted::Discarded) | None => return Ok(None),
            },
        }
    }
}

async fn store_end(floor: &Shop, job: Job, lease: Uuid, end: End, stop: &Stop) -> Option<Job> {
    let handed_over = match &end {
        End::HandedOver(_) => true,
        End::Lost => return None,
        // The hand-over may have been committed before it went wrong: then it counts, whatever went wrong after it.
        End::Retry(..) | End::Fail(_) | End::Release => match settle(floor, &job, stop).await? {
            Settled::HandedOver => {
                turn::dialled(floor, &job, None, stop).await;
                true
            }
            Settled::Voided => {
                turn::lost(floor, &job, stop).await;
                false
            }
        },
    };
    let now = clock::now();
    let dispatched = |clip| Event::Dispatched { lease, check: now + FIRST_CHECK, clip };
    let event = match end {
        End::HandedOver(clip) => dispatched(Some(clip)),
        _ if handed_over => dispatched(None),
        End::Retry(trouble, error) => {
            Event::Retry { lease, due: now + trouble.pause(job.counted(), rand::random()), error }
        }
        End::Fail(error) => Event::Fail { lease, error },
        End::Release | End::Lost => Event::Release { lease, ring: now + RING_AFTER },
    };
    insist(stop, "storing the end of an attempt", || change(floor, &job, &event, now)).await?
}

async fn settle(floor: &Shop, job: &Job, stop: &Stop) -> Option<Settled> {
    insist(stop, "settling an attempt", || floor.dispatcher.settle(job)).await
}
