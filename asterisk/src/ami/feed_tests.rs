use tokio::time::{Instant, sleep};

use super::super::calls::Phase;
use super::super::script::{LONG, Pbx, RINGING, UP, event, key};
use super::*;

const TRUNK: &str = "PJSIP/trunk-00000001";

const TEMPO: Tempo = Tempo {
    first_pause: Duration::from_millis(1),
    longest_pause: Duration::from_millis(20),
    ping_every: Duration::from_mins(1),
    patience: LONG,
};

fn follow(pbx: &Pbx, tempo: Tempo) -> (Feed, broadcast::Receiver<Call>) {
    let feed = Feed::start_with(pbx.url(), CancellationToken::new(), tempo);
    let news = feed.watch();
    (feed, news)
}

async fn told(news: &mut broadcast::Receiver<Call>) -> (Key, Phase) {
    let call = timeout(LONG, news.recv()).await.expect("no news").expect("ended");
    (call.key, call.phase)
}

async fn until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + LONG;
    while !condition() {
        assert!(Instant::now() < deadline, "{what} does not come true");
        sleep(Duration::from_millis(2)).await;
    }
}

fn call(name: &str, attempt: u16, state: u8) -> String {
    event(name, key(attempt), TRUNK, state)
}

#[tokio::test]
async fn it_logs_in_for_call_events_and_tells_what_happens() {
    let pbx = Pbx::start().await;
    let (feed, mut news) = follow(&pbx, TEMPO);
    let mut peer = pbx.accept().await;
    peer.say("Asterisk Call Manager/11.0.0\r\n").await;
    let login = peer.action("Login").await;
    assert_eq!(login[2..], ["Username: ana", "Secret: s3cret", "Events: call"]);
    assert!(!feed.connected());
    peer.answer(&login, "Success", "Authentication accepted").await;
    peer.list(&[]).await;
    until("connected", || feed.connected()).await;
    assert_eq!(feed.calls(), []);
    for (event, phase) in [
        (call("DialBegin", 1, 0), Phase::Dialling),
        (call("Newstate", 1, RINGING), Phase::Ringing),
        (call("Newstate", 1, UP), Phase::Answered),
    ] {
        peer.say(event).await;
        assert_eq!(told(&mut news).await, (key(1), phase));
        assert_eq!(feed.calls()[0].phase, phase);
    }
    peer.say(call("Hangup", 1, UP)).await;
    assert_eq!(told(&mut news).await, (key(1), Phase::HungUp { q850: Some(17), sip: Some(486) }));
    assert_eq!(feed.calls(), []);
}

#[tokio::test]
async fn the_secret_is_told_to_nobody_but_asterisk() {
    let pbx = Pbx::start().await;
    let (feed, _news) = follow(&pbx, TEMPO);
    for greeting in ["SSH-2.0-OpenSSH_9.2\r\n", "\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "\u{fffd}\n"] {
        let mut peer = pbx.accept().await;
        peer.say(greeting).await;
        peer.ended().await;
    }
    let _peer = pbx.connect(&[]).await;
    until("connected", || feed.connected()).await;
}

#[tokio::test]
async fn a_refused_login_is_tried_again_after_the_longest_pause() {
    let pbx = Pbx::start().await;
    let longest_pause = Duration::from_millis(300);
    let (feed, _news) = follow(&pbx, Tempo { longest_pause, ..TEMPO });
    let mut peer = pbx.accept().await;
    peer.say("Asterisk Call Manager/11.0.0\r\n").await;
    let login = peer.action("Login").await;
    let refused = Instant::now();
    peer.answer(&login, "Error", "Authentication failed").await;
    peer.ended().await;
    // The same for a user who may log in and no more.
    let mut peer = pbx.log_in().await;
    assert!(refused.elapsed() >= longest_pause);
    let status = peer.action("Status").await;
    let refused = Instant::now();
    peer.answer(&status, "Error", "Permission denied").await;
    peer.ended().await;
    assert!(!feed.connected());
    let _peer = pbx.connect(&[]).await;
    assert!(refused.elapsed() >= longest_pause);
    until("connected", || feed.connected()).await;
}

#[tokio::test]
async fn pauses_grow_to_their_limit() {
    let pbx = Pbx::start().await;
    let millis = Duration::from_millis;
    let tempo = Tempo { first_pause: millis(20), longest_pause: millis(80), ..TEMPO };
    let (_feed, _news) = follow(&pbx, tempo);
    let start = Instant::now();
    let mut last = start;
    drop(pbx.accept().await);
    for pause in [20, 40, 80, 80, 80, 80, 80, 80, 80, 80, 80] {
        drop(pbx.accept().await);
        assert!(last.elapsed() >= millis(pause), "{pause} ms");
        last = Instant::now();
    }
    // Without the limit it would have taken 40 s.
    assert!(start.elapsed() < LONG);
}

#[tokio::test]
async fn a_connection_cut_in_mid_packet_is_made_again_and_nothing_half_is_believed() {
    let pbx = Pbx::start().await;
    let (feed, mut news) = follow(&pbx, TEMPO);
    let mut peer = pbx.connect(&[]).await;
    for attempt in 1..=3 {
        peer.say(call("DialBegin", attempt, 0)).await;
        assert_eq!(told(&mut news).await, (key(attempt), Phase::Dialling));
    }
    let hangup = call("Hangup", 1, 0);
    peer.say(hangup.strip_suffix("\r\n").unwrap()).await;
    drop(peer);
    until("disconnected", || !feed.connected()).await;
    assert_eq!(feed.calls(), [], "nobody knows");

    let mut peer = pbx.log_in().await;
    // An event may come before the list.
    peer.say(call("DialBegin", 4, 0)).await;
    assert_eq!(told(&mut news).await, (key(4), Phase::Dialling));
    assert!(!feed.connected() && feed.calls().is_empty());
    peer.list(&[call("Status", 1, 0), call("Status", 2, UP), call("Status", 4, 0)]).await;
    assert_eq!(told(&mut news).await, (key(2), Phase::Answered));
    assert_eq!(told(&mut news).await, (key(3), Phase::Gone));
    let calls: Vec<_> = feed.calls().iter().map(|call| (call.key, call.phase)).collect();
    assert_eq!(calls, [(key(1), Phase::Dialling), (key(2), Phase::Answered), (key(4), Phase::Dialling)]);
}

#[tokio::test]
async fn garbage_and_endless_lines_are_passed_over() {
    let pbx = Pbx::start().await;
    let (_feed, mut news) = follow(&pbx, TEMPO);
    let mut peer = pbx.connect(&[]).await;
    let noise: Vec<u8> = (0..=u8::MAX).filter(|byte| *byte != b'\n').cycle().take(50_000).collect();
    peer.say(noise).await;
    peer.say("\r\n\r\n: \r\n::::\r\nEvent\r\nEvent: \r\n\r\nEvent: TestEvent\r\nState: x\r\n\r\n").await;
    peer.say(vec![b'x'; 2_000_000]).await;
    peer.say("\r\n\r\n").await;
    let long = call("DialBegin", 1, 0).replace("3005550000", &"9".repeat(1_000_000));
    peer.say(long).await;
    assert_eq!(told(&mut news).await, (key(1), Phase::Dialling));
}

#[tokio::test]
async fn silence_is_a_lost_connection() {
    let pbx = Pbx::start().await;
    let (feed, _news) = follow(&pbx, Tempo { ping_every: Duration::from_secs(1), ..TEMPO });
    let mut peer = pbx.connect(&[call("Status", 1, UP)]).await;
    let ping = peer.action("Ping").await;
    assert!(feed.connected());
    peer.answer(&ping, "Success", "Pong").await;
    peer.action("Ping").await;
    // Bytes that make no packet are no answer.
    peer.say("x").await;
    peer.ended().await;
    pbx.connect(&[]).await;
}

#[tokio::test]
async fn a_list_that_never_comes_is_a_lost_connection() {
    let pbx = Pbx::start().await;
    let (feed, _news) = follow(&pbx, Tempo { patience: Duration::from_millis(200), ..TEMPO });
    let mut peer = pbx.log_in().await;
    let status = peer.action("Status").await;
    peer.answer(&status, "Success", "Channel status will follow").await;
    peer.ended().await;
    assert!(!feed.connected());
    let mut peer = pbx.accept().await;
    peer.ended().await;
}

#[tokio::test]
async fn a_call_is_hung_up_by_its_channel() {
    let pbx = Pbx::start().await;
    let (feed, mut news) = follow(&pbx, TEMPO);
    let calls = [call("Status", 1, UP), call("Status", 2, RINGING), call("Status", 3, UP)];
    let mut peer = pbx.connect(&calls).await;
    until("connected", || feed.connected()).await;

    for (attempt, response, message, expected) in [
        (1, "Success", "Channel Hungup", "Ok(Done)"),
        (2, "Error", "No such channel", "Ok(NoCall)"),
        (3, "Error", "Permission denied", "Err(Refused(\"Permission denied\"))"),
    ] {
        let hang_up = feed.hang_up(key(attempt));
        let answer = async {
            let action = peer.action("Hangup").await;
            assert_eq!(action[2..], [format!("Channel: {TRUNK}"), "Cause: 16".to_owned()]);
            peer.answer(&action, response, message).await;
        };
        let (result, ()) = tokio::join!(hang_up, answer);
        assert_eq!(format!("{result:?}"), expected);
    }

    peer.say(call("Hangup", 1, UP)).await;
    while !matches!(told(&mut news).await, (k, Phase::HungUp { .. }) if k == key(1)) {}
    assert_eq!(feed.hang_up(key(1)).await.unwrap(), HangUp::NoCall, "it is over");
    assert_eq!(feed.hang_up(key(9)).await.unwrap(), HangUp::NoCall, "it never was");
    drop(feed);
    peer.ended().await;
}

#[tokio::test]
async fn a_channel_whose_name_would_be_a_pattern_is_not_hung_up() {
    let pbx = Pbx::start().await;
    let (feed, _news) = follow(&pbx, TEMPO);
    let mut peer = pbx.connect(&[event("Status", key(1), "/PJSIP.*/", UP)]).await;
    until("connected", || feed.connected()).await;
    assert_eq!(feed.hang_up(key(1)).await.unwrap(), HangUp::NoCall);
    drop(feed);
    peer.ended().await;
}

#[tokio::test]
async fn hanging_up_without_an_answer_is_not_taken_for_done() {
    let pbx = Pbx::start().await;
    let (feed, _news) = follow(&pbx, TEMPO);
    assert!(matches!(feed.hang_up(key(1)).await, Err(AmiError::NotConnected)));
    let mut peer = pbx.connect(&[call("Status", 1, UP)]).await;
    until("connected", || feed.connected()).await;
    let lost = async {
        peer.action("Hangup").await;
        drop(peer);
    };
    let (result, ()) = tokio::join!(feed.hang_up(key(1)), lost);
    assert!(matches!(result, Err(AmiError::Unanswered)), "{result:?}");

    let (slow, _news) = follow(&pbx, Tempo { patience: Duration::from_millis(100), ..TEMPO });
    let (mut one, mut two) =
        (pbx.connect(&[call("Status", 1, UP)]).await, pbx.connect(&[call("Status", 1, UP)]).await);
    until("connected", || slow.connected() && feed.connected()).await;
    assert!(matches!(slow.hang_up(key(1)).await, Err(AmiError::Unanswered)));
    tokio::select! {
        _ = one.action("Hangup") => {}
        _ = two.action("Hangup") => {}
    }
}

#[tokio::test]
async fn it_ends_when_it_is_stopped_and_tells_its_watchers() {
    let pbx = Pbx::start().await;
    let stop = CancellationToken::new();
    let feed = Feed::start_with(pbx.url(), stop.clone(), TEMPO);
    let mut news = feed.watch();
    let mut peer = pbx.connect(&[]).await;
    until("connected", || feed.connected()).await;
    stop.cancel();
    peer.ended().await;
    let ended = timeout(LONG, news.recv()).await.unwrap();
    assert!(matches!(ended, Err(broadcast::error::RecvError::Closed)));
    until("disconnected", || !feed.connected()).await;
    assert!(matches!(feed.watch().recv().await, Err(broadcast::error::RecvError::Closed)));
    assert!(matches!(feed.hang_up(key(1)).await, Err(AmiError::NotConnected)));
}

#[tokio::test]
async fn it_ends_with_its_last_handle_connected_or_not() {
    let pbx = Pbx::start().await;
    let (feed, mut news) = follow(&pbx, TEMPO);
    let mut peer = pbx.connect(&[]).await;
    let other = feed.clone();
    drop(feed);
    peer.say(call("DialBegin", 1, 0)).await;
    assert_eq!(told(&mut news).await.0, key(1), "a handle is left");
    drop(other);
    peer.ended().await;

    let pause = Duration::from_hours(1);
    let (feed, mut news) = follow(&pbx, Tempo { first_pause: pause, longest_pause: pause, ..TEMPO });
    drop(pbx.accept().await);
    drop(feed);
    let ended = timeout(LONG, news.recv()).await.unwrap();
    assert!(matches!(ended, Err(broadcast::error::RecvError::Closed)));
}
