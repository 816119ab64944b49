//! The book about engines: two handles are two workers, and what one learns the other knows.

use std::sync::Arc;
use std::time::Duration;

use pregon_core::book::{
    Account, Cadence, EngineBook, Errand, FIRST_REST, Health, LONGEST_REST, Leave, Month, Report, Spending,
    Ticket, Told,
};
use pregon_core::clock;

use super::{BookBed, eventually};

const SECOND: Duration = Duration::from_secs(1);

fn spending(client: &str, characters: u64, limit: Option<u64>) -> Spending {
    Spending { client: client.into(), characters, limit }
}

fn errand(engine: &str) -> Errand {
    Errand {
        engine: engine.into(),
        requests: 1,
        cadence: None,
        patience: Duration::ZERO,
        spending: spending("acme", 10, None),
    }
}

fn told(ticket: Ticket, report: Report) -> Told {
    Told { engine: "google".into(), ticket, report, refund: None }
}

fn failed(rest: Option<Duration>) -> Report {
    Report::Failed { trouble: "answered 503".into(), rest }
}

fn ticket(leave: &Leave) -> Option<Ticket> {
    match leave {
        Leave::Go(ticket) => Some(*ticket),
        Leave::Resting { .. } | Leave::Crowded { .. } | Leave::Spent { .. } => None,
    }
}

async fn go(book: &Arc<dyn EngineBook>) -> Ticket {
    let leave = book.ask(&errand("google")).await.unwrap();
    ticket(&leave).unwrap_or_else(|| panic!("{leave:?}"))
}

async fn tell(book: &Arc<dyn EngineBook>, ticket: Ticket, report: Report) {
    book.tell(&told(ticket, report)).await.unwrap();
}

async fn rest(book: &Arc<dyn EngineBook>) -> Option<Duration> {
    match book.ask(&errand("google")).await.unwrap() {
        Leave::Resting { wait, .. } => Some(wait),
        Leave::Go(_) | Leave::Crowded { .. } | Leave::Spent { .. } => None,
    }
}

async fn health(book: &Arc<dyn EngineBook>) -> Health {
    book.standings(&["google".to_owned()]).await.unwrap()[0].health
}

fn both(bed: &BookBed) -> impl Iterator<Item = &Arc<dyn EngineBook>> {
    [&bed.book, &bed.second].into_iter().cycle()
}

pub(crate) async fn failures_in_a_row_count_whoever_met_them(bed: &BookBed) {
    for book in both(bed).take(3) {
        let ticket = go(book).await;
        tell(book, ticket, failed(None)).await;
    }
    let ticket = go(&bed.second).await;
    tell(&bed.second, ticket, Report::Answered).await;
    for book in both(bed).take(4) {
        assert_eq!(health(book).await, Health::Ready, "an answer came between");
        let ticket = go(book).await;
        tell(book, ticket, failed(None)).await;
    }
    for book in [&bed.book, &bed.second] {
        let wait = rest(book).await.expect("four in a row are enough");
        assert!(wait <= FIRST_REST && wait + 10 * SECOND > FIRST_REST, "{wait:?}");
    }
}

pub(crate) async fn a_pause_that_one_was_asked_for_all_keep(bed: &BookBed) {
    let before = clock::now();
    let ticket = go(&bed.book).await;
    tell(&bed.book, ticket, failed(Some(600 * SECOND))).await;
    let leave = bed.second.ask(&errand("google")).await.unwrap();
    let Leave::Resting { wait, trouble } = leave else { panic!("{leave:?}") };
    assert!(wait <= 600 * SECOND && wait > 590 * SECOND, "{wait:?}");
    assert_eq!(trouble, "answered 503");
    assert!(ticket_of_another(bed).await, "other engines are asked");
    let standings = bed.second.standings(&["azure".to_owned(), "google".to_owned()]).await.unwrap();
    assert_eq!(
        (standings[0].health, standings[0].since, &standings[0].trouble),
        (Health::Ready, None, &None)
    );
    assert!(matches!(standings[1].health, Health::Resting(_)), "{standings:?}");
    let (at, trouble) = standings[1].trouble.clone().unwrap();
    assert_eq!((trouble.as_str(), standings[1].since), ("answered 503", Some(at)));
    assert!(at.since(before) < 20 * SECOND && before.since(at) < SECOND, "{at}");
}

pub(crate) async fn what_is_no_speech_is_shown_and_rests_nobody(bed: &BookBed) {
    for book in both(bed).take(6) {
        let ticket = go(book).await;
        tell(book, ticket, Report::Garbled { trouble: "the audio is silent".into() }).await;
    }
    let standing = bed.second.standings(&["google".to_owned()]).await.unwrap().remove(0);
    assert_eq!(
        (standing.health, standing.trouble.unwrap().1.as_str()),
        (Health::Ready, "the audio is silent")
    );
    let ticket = go(&bed.book).await;
    tell(&bed.second, ticket, Report::Answered).await;
    assert_eq!(bed.book.standings(&["google".to_owned()]).await.unwrap()[0].trouble, None);
}

async fn ticket_of_another(bed: &BookBed) -> bool {
    ticket(&bed.second.ask(&errand("azure")).await.unwrap()).is_some()
}

/// Waits until the engine may be probed.
async fn probe(book: &Arc<dyn EngineBook>) -> Ticket {
    eventually(Health::Probing, async || health(book).await).await;
    go(book).await
}

pub(crate) async fn one_probe_is_admitted_across_all_workers(bed: &BookBed) {
    let ticket = go(&bed.book).await;
    tell(&bed.book, ticket, failed(Some(SECOND))).await;
    eventually(Health::Probing, async || health(&bed.second).await).await;
    let asks = both(bed).take(16).cloned().map(|book| tokio::spawn(async move { ticket_if(&book).await }));
    let mut probes = Vec::new();
    for ask in asks.collect::<Vec<_>>() {
        probes.extend(ask.await.unwrap());
    }
    let [probe] = probes.as_slice() else { panic!("{probes:?}") };
    assert!(probe.probe);
    // One that was on its way since before says nothing about now.
    tell(&bed.second, ticket, Report::Answered).await;
    assert!(rest(&bed.book).await.is_some());
    tell(&bed.second, *probe, Report::Answered).await;
    for book in [&bed.book, &bed.second] {
        assert!(!go(book).await.probe);
        assert_eq!(book.standings(&["google".to_owned()]).await.unwrap()[0].trouble, None);
    }
}

async fn ticket_if(book: &Arc<dyn EngineBook>) -> Option<Ticket> {
    ticket(&book.ask(&errand("google")).await.unwrap())
}

pub(crate) async fn a_failed_probe_makes_the_rest_longer(bed: &BookBed) {
    let ticket = go(&bed.book).await;
    tell(&bed.book, ticket, failed(Some(SECOND))).await;
    let first = probe(&bed.second).await;
    tell(&bed.second, first, failed(None)).await;
    let wait = rest(&bed.book).await.expect("it rests again");
    assert!(wait > SECOND / 2 && wait <= 2 * SECOND, "{wait:?}");
    let second = probe(&bed.book).await;
    tell(&bed.book, second, failed(Some(900 * SECOND))).await;
    assert!(rest(&bed.second).await.unwrap() > 890 * SECOND);
}

pub(crate) async fn latecomers_only_ever_prolong_a_rest(bed: &BookBed) {
    let early = go(&bed.second).await;
    let ticket = go(&bed.book).await;
    tell(&bed.book, ticket, failed(Some(300 * SECOND))).await;
    for report in [Report::Answered, Report::Undecided, failed(None), failed(Some(5 * SECOND))] {
        tell(&bed.second, early, report.clone()).await;
        let wait = rest(&bed.book).await.expect("it still rests");
        assert!(wait > 290 * SECOND, "{report:?}: {wait:?}");
    }
    tell(&bed.second, early, failed(Some(Duration::MAX))).await;
    let wait = rest(&bed.book).await.unwrap();
    assert!(wait > 1_790 * SECOND && wait <= LONGEST_REST, "{wait:?}");
}

pub(crate) async fn an_undecided_probe_is_made_again_at_once(bed: &BookBed) {
    let ticket = go(&bed.book).await;
    tell(&bed.book, ticket, failed(Some(SECOND))).await;
    let first = probe(&bed.book).await;
    assert!(rest(&bed.second).await.is_some());
    tell(&bed.book, first, Report::Undecided).await;
    assert!(go(&bed.second).await.probe);
}

pub(crate) async fn refused_credentials_rest_until_somebody_starts_anew(bed: &BookBed) {
    let ticket = go(&bed.book).await;
    tell(&bed.book, ticket, Report::Locked { trouble: "refused the key".into() }).await;
    assert!(rest(&bed.second).await.unwrap() > 1_790 * SECOND);
    bed.second.unlock("google").await.unwrap();
    assert!(!go(&bed.book).await.probe);

    let ticket = go(&bed.book).await;
    tell(&bed.book, ticket, failed(Some(600 * SECOND))).await;
    bed.second.unlock("google").await.unwrap();
    assert!(rest(&bed.book).await.is_some(), "other troubles do not end so");
}

pub(crate) async fn turns_are_handed_out_once_to_all_together(bed: &BookBed) {
    let cadence = Some(Cadence { interval: 10 * SECOND, burst: 2 });
    let asks = both(bed).take(20).cloned().map(|book| {
        let errand = Errand { cadence, patience: 55 * SECOND, ..errand("google") };
        tokio::spawn(async move { book.ask(&errand).await.unwrap() })
    });
    let mut waits = Vec::new();
    for ask in asks.collect::<Vec<_>>() {
        match ask.await.unwrap() {
            Leave::Go(ticket) => waits.push(ticket.wait),
            Leave::Crowded { wait } => assert!(wait <= 5 * SECOND, "{wait:?}"),
            other => panic!("{other:?}"),
        }
    }
    waits.sort_unstable();
    // Two at once, then one every ten seconds as far as they can wait; the test itself takes less than five.
    let due: Vec<u64> = waits.iter().map(|wait| wait.as_secs().next_multiple_of(10)).collect();
    assert_eq!(due, [0, 0, 10, 20, 30, 40, 50], "{waits:?}");
}

pub(crate) async fn an_errand_of_many_requests_takes_as_many_turns(bed: &BookBed) {
    let cadence = Some(Cadence { interval: 10 * SECOND, burst: 1 });
    let ask = async |requests, patience| {
        bed.second.ask(&Errand { requests, cadence, patience, ..errand("google") }).await.unwrap()
    };
    assert_eq!(ticket(&ask(4, SECOND).await).unwrap().wait, Duration::ZERO);
    let Leave::Crowded { wait } = ask(1, 10 * SECOND).await else { panic!("there is no turn") };
    assert!(wait <= 30 * SECOND && wait > 20 * SECOND, "{wait:?}");
    let wait = ticket(&ask(1, 40 * SECOND).await).unwrap().wait;
    assert!(wait <= 40 * SECOND && wait > 30 * SECOND, "the impatient one has booked nothing: {wait:?}");
}

fn costly(engine: &str, client: &str, characters: u64) -> Errand {
    Errand { spending: spending(client, characters, Some(100)), ..errand(engine) }
}

async fn spent(book: &Arc<dyn EngineBook>, engine: &str, client: &str) -> u64 {
    let (_, accounts) = book.accounts().await.unwrap();
    let mine = |a: &&Account| a.engine == engine && a.client == client;
    accounts.iter().find(mine).map_or(0, |account| account.characters)
}

pub(crate) async fn a_budget_is_never_overspent(bed: &BookBed) {
    let asks = both(bed)
        .take(32)
        .cloned()
        .map(|book| tokio::spawn(async move { book.ask(&costly("openai", "acme", 9)).await.unwrap() }));
    let mut tickets = Vec::new();
    for ask in asks.collect::<Vec<_>>() {
        match ask.await.unwrap() {
            Leave::Go(ticket) => tickets.push(ticket),
            Leave::Spent { limit, used, month } => {
                assert_eq!((limit, used, month), (100, 99, Month::of(clock::now().millis() * 1_000)));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(tickets.len(), 11);
    assert_eq!(spent(&bed.second, "openai", "acme").await, 99);
    for (engine, client, fits) in [("azure", "acme", true), ("openai", "", true), ("openai", "acme", false)] {
        let leave = bed.book.ask(&costly(engine, client, 2)).await.unwrap();
        assert_eq!(ticket(&leave).is_some(), fits, "{engine} for {client:?}");
    }
    assert!(ticket(&bed.book.ask(&costly("openai", "acme", 1)).await.unwrap()).is_some(), "the last one");
}

pub(crate) async fn what_was_not_spoken_is_paid_back(bed: &BookBed) {
    let ask = async |characters| bed.book.ask(&costly("openai", "acme", characters)).await.unwrap();
    let reserved = ticket(&ask(90).await).unwrap();
    assert_eq!(ticket(&ask(90).await), None);
    let refund = |characters| Told {
        engine: "openai".into(),
        refund: Some(spending("acme", characters, Some(100))),
        ..told(reserved, failed(None))
    };
    bed.second.tell(&refund(90)).await.unwrap();
    assert_eq!(spent(&bed.book, "openai", "acme").await, 0);
    assert!(ticket(&ask(90).await).is_some());
    bed.second.tell(&refund(1_000)).await.unwrap();
    assert_eq!(spent(&bed.book, "openai", "acme").await, 0, "nobody is owed characters");
}

pub(crate) async fn accounts_are_kept_by_month_engine_and_client(bed: &BookBed) {
    let names = [("openai", ""), ("openai", "acme"), ("open", "ai:acme"), ("a:b", "c"), ("a", "b:c")];
    for (n, (engine, client)) in (1..).zip(names) {
        let free = Errand { spending: spending(client, n, None), ..errand(engine) };
        assert!(ticket(&bed.book.ask(&free).await.unwrap()).is_some());
        bed.second.charge(engine, &spending(client, 100, Some(1))).await.unwrap();
    }
    let (month, mut accounts) = bed.second.accounts().await.unwrap();
    accounts.sort_unstable_by_key(|account| account.characters);
    let read: Vec<_> =
        accounts.iter().map(|a| (a.engine.as_str(), a.client.as_str(), a.characters)).collect();
    let written: Vec<_> = (101..).zip(names).map(|(n, (engine, client))| (engine, client, n)).collect();
    assert_eq!(read, written);
    assert_eq!(month, Month::of(clock::now().millis() * 1_000));
}

pub(crate) async fn whoever_is_refused_takes_nothing(bed: &BookBed) {
    let cadence = Some(Cadence { interval: 100 * SECOND, burst: 1 });
    let leave = bed.book.ask(&Errand { cadence, ..costly("google", "acme", 101) }).await.unwrap();
    assert!(matches!(leave, Leave::Spent { used: 0, .. }), "{leave:?}");
    let first = Errand { cadence, ..costly("google", "acme", 50) };
    assert!(ticket(&bed.second.ask(&first).await.unwrap()).is_some(), "the turn is free");
    assert!(matches!(bed.book.ask(&first).await.unwrap(), Leave::Crowded { .. }));
    assert_eq!(spent(&bed.second, "google", "acme").await, 50);
    tell(&bed.book, go(&bed.book).await, failed(Some(600 * SECOND))).await;
    assert!(rest(&bed.second).await.is_some());
    assert_eq!(spent(&bed.second, "google", "acme").await, 60, "an engine that rests costs nothing");
}
