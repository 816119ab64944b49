//! Idempotency keys.

use std::sync::Arc;
use std::time::Duration;

use pregon_core::{Answer, Begun, KEY_MEMORY, REQUEST_TIMEOUT, Request, clock};

use super::StoreBed;

const SECOND: Duration = Duration::from_secs(1);

const fn request<'a>(key: &'a str, fingerprint: &'a str) -> Request<'a> {
    Request { client: "clinic", key, fingerprint }
}

fn answer(body: &str) -> Answer {
    Answer { status: 202, body: body.into(), location: Some("/tts/status/1".into()) }
}

pub(crate) async fn a_key_goes_once_and_replays_its_answer(bed: &StoreBed) {
    let now = clock::now();
    let mine = request("k", "f1");
    assert_eq!(bed.store.begin(mine.clone(), now).await.unwrap(), Begun::Go { first_seen: now });
    assert_eq!(bed.second.begin(mine.clone(), now + SECOND).await.unwrap(), Begun::Busy);
    assert_eq!(bed.store.begin(request("k", "f2"), now + SECOND).await.unwrap(), Begun::Conflict);
    let theirs = Request { client: "school", ..mine.clone() };
    let go = Begun::Go { first_seen: now + SECOND };
    assert_eq!(bed.store.begin(theirs, now + SECOND).await.unwrap(), go, "keys of two clients do not meet");

    bed.store.finish(mine.clone(), &answer("é \"1\"")).await.unwrap();
    let replay = Begun::Replay(answer("é \"1\""));
    assert_eq!(bed.second.begin(mine.clone(), now + SECOND).await.unwrap(), replay);
    let later = now + KEY_MEMORY - SECOND;
    assert_eq!(bed.store.begin(mine, later).await.unwrap(), replay, "it holds for a day");
    assert_eq!(bed.store.begin(request("k", "f2"), later).await.unwrap(), Begun::Conflict);
}

pub(crate) async fn an_abandoned_key_starts_afresh(bed: &StoreBed) {
    let now = clock::now();
    let mine = request("k", "f1");
    bed.store.abandon(mine.clone()).await.unwrap();
    assert_eq!(bed.store.begin(mine.clone(), now).await.unwrap(), Begun::Go { first_seen: now });
    bed.store.abandon(mine.clone()).await.unwrap();
    let other = request("k", "f2");
    let go = Begun::Go { first_seen: now + SECOND };
    assert_eq!(bed.second.begin(other.clone(), now + SECOND).await.unwrap(), go);

    // A slow first try that gives up must not take away what the second one answered.
    bed.store.finish(other.clone(), &answer("2")).await.unwrap();
    bed.store.abandon(mine).await.unwrap();
    bed.store.abandon(other.clone()).await.unwrap();
    assert_eq!(bed.store.begin(other, now + SECOND).await.unwrap(), Begun::Replay(answer("2")));
}

pub(crate) async fn a_request_that_died_goes_again_as_it_first_came(bed: &StoreBed) {
    let now = clock::now();
    let mine = request("k", "f1");
    let go = Begun::Go { first_seen: now };
    assert_eq!(bed.store.begin(mine.clone(), now).await.unwrap(), go);
    let dead = now + REQUEST_TIMEOUT + SECOND;
    assert_eq!(bed.store.begin(request("k", "f2"), dead).await.unwrap(), Begun::Conflict);
    assert_eq!(bed.second.begin(mine.clone(), dead).await.unwrap(), go, "the same ids as at first");
    let retried = bed.store.begin(mine.clone(), dead + SECOND).await.unwrap();
    assert_eq!(retried, Begun::Busy, "the second try has its own time");
    bed.store.finish(mine.clone(), &answer("1")).await.unwrap();
    assert_eq!(bed.store.begin(mine, dead + SECOND).await.unwrap(), Begun::Replay(answer("1")));
}

pub(crate) async fn a_key_is_forgotten_after_a_day(bed: &StoreBed) {
    let now = clock::now();
    let mine = request("k", "f1");
    assert_eq!(bed.store.begin(mine.clone(), now).await.unwrap(), Begun::Go { first_seen: now });
    bed.store.finish(mine, &answer("1")).await.unwrap();
    let next_day = now + KEY_MEMORY + SECOND;
    let other = request("k", "f2");
    let go = Begun::Go { first_seen: next_day };
    assert_eq!(bed.store.begin(other.clone(), next_day).await.unwrap(), go);
    assert_eq!(bed.store.begin(other, next_day + SECOND).await.unwrap(), Begun::Busy);
}

pub(crate) async fn of_concurrent_requests_exactly_one_goes(bed: &StoreBed) {
    let now = clock::now();
    let rivals = (0..16).map(|n| {
        let store = Arc::clone(if n % 2 == 0 { &bed.store } else { &bed.second });
        tokio::spawn(async move { store.begin(request("k", "f1"), now).await.unwrap() })
    });
    let mut going = 0;
    for rival in rivals.collect::<Vec<_>>() {
        match rival.await.unwrap() {
            Begun::Go { first_seen } => {
                assert_eq!(first_seen, now);
                going += 1;
            }
            begun => assert_eq!(begun, Begun::Busy),
        }
    }
    assert_eq!(going, 1);
}
