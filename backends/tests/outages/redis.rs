//! Redis restarted and emptied.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use pregon_core::{Lane, Store};

use crate::conformance::{eventually, job, jobs};
use crate::services::Services;

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
    assert_eq!(store.due(pregon_core::StateName::Queued, pregon_core::clock::now(), 1).await.unwrap(), []);
}
