//! Against a real Asterisk that has our dialplan: `TEST_ASTERISK_AMI=host:port:user:secret`, of a user with
//! `read=call` and `write=call,originate`. Nobody is phoned: the calls go to our own dialplan.

use std::time::Duration;

use pregon_core::{JobId, Key, clock};
use tokio::sync::broadcast;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::calls::{Call, Phase};
use super::connection::{Broken, Connection, accepted};
use super::feed::{Feed, HangUp};
use super::script::LONG;
use super::settings::AmiUrl;

fn asterisk() -> Option<AmiUrl> {
    let Some(place) = std::env::var_os("TEST_ASTERISK_AMI") else {
        eprintln!("SKIPPED: TEST_ASTERISK_AMI is not set");
        return None;
    };
    let place = place.into_string().expect("TEST_ASTERISK_AMI is text");
    let parts: Vec<_> = place.splitn(4, ':').collect();
    let [host, port, user, secret] = parts[..] else { panic!("TEST_ASTERISK_AMI is host:port:user:secret") };
    Some(AmiUrl {
        user: user.to_owned(),
        secret: secret.to_owned(),
        host: host.to_owned(),
        port: port.parse().unwrap(),
    })
}

/// Makes Asterisk call its own dialplan, as it would call somebody.
async fn originate(connection: &mut Connection, key: Key) {
    let job = format!("PREGON_JOB={}", key.job);
    let attempt = format!("PREGON_ATTEMPT={}", key.attempt);
    let fields = [
        ("Channel", "Local/s@pregon-call/n"),
        ("Application", "Wait"),
        ("Data", "60"),
        ("Async", "true"),
        ("Variable", job.as_str()),
        ("Variable", &attempt),
    ];
    let id = connection.send("Originate", &fields).await.unwrap();
    loop {
        let packet = timeout(LONG, connection.next()).await.expect("no answer").unwrap();
        if packet.get("ActionID") == Some(&id) {
            accepted(&packet).expect("the user of TEST_ASTERISK_AMI has write=call,originate");
            return;
        }
    }
}

async fn next(news: &mut broadcast::Receiver<Call>, key: Key) -> Call {
    loop {
        let call = timeout(LONG, news.recv()).await.expect("no news").expect("ended");
        if call.key == key {
            return call;
        }
    }
}

async fn connected(feed: &Feed) {
    let deadline = Instant::now() + LONG;
    while !feed.connected() {
        assert!(Instant::now() < deadline, "no connection");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_real_asterisk_tells_of_calls_and_hangs_them_up() {
    let Some(url) = asterisk() else { return };
    let mut own = Connection::open(&url, LONG).await.unwrap();
    let feed = Feed::start(url.clone(), CancellationToken::new());
    let mut news = feed.watch();
    connected(&feed).await;
    let key = Key { job: JobId::new(clock::now()), attempt: 2 };
    assert_eq!(feed.hang_up(key).await.unwrap(), HangUp::NoCall);
    originate(&mut own, key).await;
    assert_eq!(next(&mut news, key).await.phase, Phase::Dialling);
    let answered = next(&mut news, key).await;
    assert_eq!(answered.phase, Phase::Answered);
    assert_eq!(feed.calls().into_iter().find(|call| call.key == key), Some(answered.clone()));

    // Whoever comes later is told of what goes on.
    let late = Feed::start(url, CancellationToken::new());
    connected(&late).await;
    let seen = late.calls().into_iter().find(|call| call.key == key).expect("a call goes on");
    assert_eq!((seen.phase, &seen.channel), (Phase::Answered, &answered.channel));

    assert_eq!(feed.hang_up(key).await.unwrap(), HangUp::Done);
    let ended = next(&mut news, key).await;
    assert_eq!(ended.phase, Phase::HungUp { q850: Some(16), sip: None });
    assert_eq!(feed.hang_up(key).await.unwrap(), HangUp::NoCall);
}

#[tokio::test]
async fn a_real_asterisk_refuses_a_wrong_secret() {
    let Some(url) = asterisk() else { return };
    let url = AmiUrl { secret: format!("{}x", url.secret), ..url };
    let refused = Connection::open(&url, LONG).await.unwrap_err();
    assert!(matches!(&refused, Broken::Refused { why, .. } if why == "Authentication failed"), "{refused}");
    assert!(!refused.to_string().contains(&url.secret));
}
