//! Redis and RabbitMQ under the conformance suite, each test under a prefix of its own.
//!
//! `TEST_REDIS_URL` and `TEST_AMQP_URL` name the servers; `tests/services.sh start DIR` starts a pair and writes them
//! to `DIR/env`. Without them the tests are skipped, or fail under `REQUIRE_SERVICES=1`.

#[cfg(test)]
#[macro_use]
mod conformance;
#[cfg(test)]
mod foreign;

#[cfg(test)]
mod distributed {
    use std::sync::Arc;

    use crate::conformance::{self, AirBed, BookBed, Clean, QueueBed, StoreBed, air};
    use crate::foreign::{self, Broker, server};
    use futures_util::FutureExt;
    use pregon_backends::rabbitmq::RabbitQueue;
    use pregon_backends::redis::RedisStore;
    use pregon_core::book::Month;
    use pregon_core::{AirQueue, Lane};
    use uuid::Uuid;

    fn prefix() -> String {
        format!("test-{}-", Uuid::new_v4().simple())
    }

    async fn twice() -> Option<(Arc<RedisStore>, Arc<RedisStore>, Clean)> {
        let (url, prefix) = (server("TEST_REDIS_URL")?, prefix());
        let open = async || Arc::new(RedisStore::connect(&url, &prefix).await.unwrap());
        let (store, second) = (open().await, open().await);
        let clean = Box::new(|| async move { foreign::remove_keys(&url, &prefix).await }.boxed());
        Some((store, second, clean))
    }

    async fn redis() -> Option<StoreBed> {
        let (store, second, clean) = twice().await?;
        Some(StoreBed { store, second, clean })
    }

    async fn book() -> Option<BookBed> {
        let (book, second, clean) = twice().await?;
        Some(BookBed { book, second, clean })
    }

    async fn rabbitmq() -> Option<QueueBed> {
        let (url, prefix) = (server("TEST_AMQP_URL")?, prefix());
        let open = async || Arc::new(RabbitQueue::connect(&url, &prefix).await.unwrap());
        let (queue, second) = (open().await, open().await);
        let broker = Arc::new(Broker::connect(&url, &prefix).await);
        let injector = Arc::clone(&broker);
        let inject = Box::new(move |lane: Lane, body: Vec<u8>| {
            let broker = Arc::clone(&injector);
            async move { broker.publish(lane.queue(), &body).await }.boxed()
        });
        let clean = Box::new(|| async move { broker.remove_everything().await }.boxed());
        Some(QueueBed { queue, second, inject, clean })
    }

    async fn stations() -> Option<AirBed> {
        let (url, place) = (server("TEST_AMQP_URL")?, prefix());
        let open = async || Arc::new(RabbitQueue::connect(&url, &place).await.unwrap());
        let (air, second) = (open().await, open().await);
        let broker = Arc::new(Broker::connect(&url, &place).await);
        let injector = Arc::clone(&broker);
        let inject = Box::new(move |queue: String, body: Vec<u8>| {
            let broker = Arc::clone(&injector);
            async move { broker.publish(&queue, &body).await }.boxed()
        });
        let clean = Box::new(|| {
            async move {
                broker.delete_queues(&["air_main", "air_radio-2"]).await;
                broker.remove_everything().await;
            }
            .boxed()
        });
        let (queue, holder) = (Arc::clone(&air), "distributed::a_station_that_is_killed");
        Some(AirBed { air, second, queue, inject, holder, place, clean })
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "started and killed by another test"]
    async fn a_station_that_is_killed() {
        air::hold(async |place| {
            let url = server("TEST_AMQP_URL").unwrap();
            Arc::new(RabbitQueue::connect(&url, &place).await.unwrap()) as Arc<dyn AirQueue>
        })
        .await;
    }

    store_suite!(redis);
    book_suite!(book);
    queue_suite!(rabbitmq);
    air_suite!(stations);

    #[tokio::test]
    async fn an_empty_store_is_lost_to_one_caller_until_it_is_restored() {
        let Some(bed) = redis().await else { return };
        let asked = [
            bed.store.lost().await.unwrap(),
            bed.second.lost().await.unwrap(),
            bed.store.lost().await.unwrap(),
        ];
        assert_eq!(asked, [true, false, false]);
        bed.store.restored().await.unwrap();
        assert_eq!((bed.store.lost().await.unwrap(), bed.second.lost().await.unwrap()), (false, false));
        (bed.clean)().await;
    }

    #[tokio::test]
    async fn a_queue_with_other_settings_is_named_together_with_the_way_out() {
        let Some(url) = server("TEST_AMQP_URL") else { return };
        let prefix = prefix();
        let broker = Broker::connect(&url, &prefix).await;
        broker.declare_classic("tts_calls").await;
        let Err(error) = RabbitQueue::connect(&url, &prefix).await else { panic!("it connected") };
        let words = error.to_string();
        assert!(words.contains(&format!("{prefix}tts_calls")) && words.contains("QUEUE_PREFIX"), "{words}");
        broker.remove_everything().await;
    }

    #[tokio::test]
    async fn an_unreachable_server_is_an_error_without_its_password() {
        let store = RedisStore::connect("redis://:secret@127.0.0.1:1/0", "").await.err().unwrap();
        let queue = RabbitQueue::connect("amqp://ana:secret@127.0.0.1:1/%2f", "").await.err().unwrap();
        let nonsense = RabbitQueue::connect("secret", "").await.err().unwrap();
        let also = RedisStore::connect("secret", "").await.err().unwrap();
        for words in [store.to_string(), queue.to_string(), nonsense.to_string(), also.to_string()] {
            assert!(!words.contains("secret"), "{words}");
        }
    }

    #[tokio::test]
    async fn redis_reckons_months_as_we_do() {
        let Some(url) = server("TEST_REDIS_URL") else { return };
        let months = concat!(
            include_str!("../src/redis/book.lua"),
            "local months = {}\nfor i, at in ipairs(ARGV) do months[i] = month_of(tonumber(at)) end\nreturn months"
        );
        // Every month of 60 years begins within two of these days, whose ends are looked at as well.
        let days: Vec<i64> = (0..22_000).map(|day| day * 86_400_000_000).collect();
        let times: Vec<i64> = days.into_iter().flat_map(|day| [day, day + 86_399_999_999]).collect();
        let client = redis::Client::open(url).unwrap();
        let mut wire = client.get_multiplexed_async_connection().await.unwrap();
        for times in times.chunks(4_000) {
            let script = redis::Script::new(months);
            let mut asked = script.key("");
            for at in times {
                asked.arg(at);
            }
            let answers: Vec<u32> = asked.invoke_async(&mut wire).await.unwrap();
            let ours: Vec<u32> = times.iter().map(|at| Month::of(*at).number()).collect();
            assert_eq!(answers, ours);
        }
    }

    #[tokio::test]
    async fn a_search_looks_at_a_bounded_number_of_rows_at_a_time() {
        let Some(bed) = redis().await else { return };
        let all = conformance::jobs(Lane::Normal, 12_000);
        assert_eq!(bed.store.insert(&all).await.unwrap().len(), 12_000);
        let filter =
            pregon_core::Filter { query: Some("número 17:".into()), limit: 10, ..Default::default() };
        let page = bed.store.list(&filter).await.unwrap();
        assert_eq!(page.jobs, [], "it lies further back than one call looks");
        assert_eq!(page.next, Some(all[12_000 - 5_000].id));
        let found = conformance::listing::walk(&*bed.store, &filter).await;
        assert_eq!(found.iter().map(|job| job.id).collect::<Vec<_>>(), [all[17].id]);
        (bed.clean)().await;
    }
}
