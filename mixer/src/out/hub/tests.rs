use pregon_audio::{AIR_BLOCK, OpusStream};

use super::*;

const BLOCK: [[f32; 2]; AIR_BLOCK] = [[0.1; 2]; AIR_BLOCK];

struct Rig {
    stream: OpusStream,
    hub: Arc<Hub>,
}

impl Rig {
    fn new(burst_ms: u64) -> Self {
        let stream = OpusStream::new(64_000, 9, "test").unwrap();
        let hub = Hub::new(stream.headers(), Duration::from_millis(burst_ms));
        Self { stream, hub }
    }

    /// Publishes pages of 100 ms.
    fn publish(&mut self, pages: usize) {
        for _ in 0..5 * pages {
            if let Some(page) = self.stream.push(&BLOCK).unwrap() {
                self.hub.publish(Piece::Page(page));
            }
        }
    }
}

/// The numbers of the pages in `bytes`.
fn sequences(mut bytes: &[u8]) -> Vec<u32> {
    let mut sequences = Vec::new();
    while !bytes.is_empty() {
        assert_eq!(&bytes[..4], b"OggS", "a page begins here");
        sequences.push(u32::from_le_bytes(bytes[18..22].try_into().unwrap()));
        let lacing = &bytes[27..27 + usize::from(bytes[26])];
        let length = 27 + lacing.len() + lacing.iter().map(|length| usize::from(*length)).sum::<usize>();
        bytes = &bytes[length..];
    }
    sequences
}

#[tokio::test]
async fn whoever_joins_gets_headers_the_burst_and_then_every_page() {
    let mut rig = Rig::new(200);
    let mut early = rig.hub.listen(None);
    assert_eq!(sequences(&early.next().await.unwrap()), [0, 1], "nothing was heard yet");
    rig.publish(10);
    let mut late = rig.hub.listen(None);
    rig.publish(1);
    assert_eq!(sequences(&late.next().await.unwrap()), [0, 1, 2, 3], "headers and 200 ms, without a hole");
    assert_eq!(sequences(&late.next().await.unwrap()), [4]);
    for expected in 2..=12 {
        assert_eq!(sequences(&early.next().await.unwrap()), [expected]);
    }
}

#[tokio::test]
async fn a_listener_may_ask_for_more_of_what_was_heard_or_for_none() {
    let mut rig = Rig::new(200);
    rig.publish(150);
    for (asked, pages) in [(0, 0), (99, 0), (100, 1), (2_000, 20), (60_000, 100)] {
        let first = rig.hub.listen(Some(Duration::from_millis(asked))).next().await.unwrap();
        assert_eq!(sequences(&first).len(), 2 + pages, "{asked} ms, 10 s at most");
    }
}

#[tokio::test]
async fn a_relay_begins_at_the_live_edge_and_is_no_listener() {
    let mut rig = Rig::new(1_000);
    rig.publish(10);
    let mut relay = rig.hub.relay();
    rig.publish(1);
    assert_eq!(sequences(&relay.next().await.unwrap()), [0, 1]);
    assert_eq!(sequences(&relay.next().await.unwrap()), [2]);
    assert_eq!(rig.hub.listening(), Listening::default());
}

#[tokio::test]
async fn a_listener_that_does_not_read_is_dropped_and_the_others_lose_nothing() {
    let mut rig = Rig::new(0);
    let (mut slow, mut quick) = (rig.hub.listen(None), rig.hub.listen(None));
    slow.next().await.unwrap();
    quick.next().await.unwrap();
    for expected in 0..200 {
        rig.publish(1);
        assert_eq!(sequences(&quick.next().await.unwrap()), [expected + 2]);
    }
    assert_eq!(slow.next().await, None);
    assert_eq!(slow.next().await, None, "and stays dropped");
    drop(slow);
    let listening = rig.hub.listening();
    assert_eq!((listening.now, listening.peak, listening.joined, listening.dropped), (1, 2, 2, 1));
}

#[tokio::test]
async fn the_end_comes_after_the_last_page() {
    let mut rig = Rig::new(0);
    let mut listener = rig.hub.listen(None);
    rig.publish(1);
    rig.hub.close();
    assert!(listener.next().await.is_some() && listener.next().await.is_some());
    assert_eq!(listener.next().await, None);
}

#[test]
fn time_listened_is_counted_for_those_who_stay_and_those_who_left() {
    let rig = Rig::new(0);
    let (first, second) = (rig.hub.listen(None), rig.hub.listen(None));
    drop(first);
    let gone = rig.hub.listening();
    let later = rig.hub.listening();
    assert_eq!((later.now, later.joined), (1, 2));
    assert!(later.seconds > gone.seconds && later.longest_seconds > gone.longest_seconds);
    assert!(later.longest_seconds < later.seconds, "{later:?}");
    drop(second);
    let end = rig.hub.listening();
    assert_eq!((end.now, end.longest_seconds.total_cmp(&0.0)), (0, std::cmp::Ordering::Equal));
    assert_eq!(rig.hub.listening(), end, "nobody listens, nothing is counted");
}
