use std::time::Instant;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::*;
use crate::Tier;
use crate::out::rig::{Rig, until};

/// Reads the body of a chunked answer until it holds `enough` bytes.
async fn body(socket: &mut TcpStream, enough: usize) -> Vec<u8> {
    let mut body = Vec::new();
    while body.len() < enough {
        let mut size = Vec::new();
        while !size.ends_with(b"\r\n") {
            size.push(socket.read_u8().await.unwrap());
        }
        let size = usize::from_str_radix(std::str::from_utf8(&size).unwrap().trim(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        socket.read_exact(&mut chunk).await.unwrap();
        body.extend_from_slice(&chunk[..size]);
    }
    body
}

#[tokio::test]
async fn every_bit_rate_is_a_stream_of_its_own() {
    let rig = Rig::on_air(&["--mixer-bitrates", "128,64"], 4);
    for path in ["/radio", "/radio-64"] {
        let (head, mut socket) = rig.ask(path, "Range: bytes=0-\r\n").await;
        assert!(head.starts_with("http/1.1 200") && head.contains("content-type: audio/ogg"), "{head}");
        assert!(head.contains("access-control-allow-origin: *"), "{head}");
        let bytes = body(&mut socket, 3_000).await;
        assert!(bytes.starts_with(b"OggS") && bytes[28..36] == *b"OpusHead", "{path}");
    }
    let (head, _) = rig.ask("/radio-320", "").await;
    assert!(head.starts_with("http/1.1 404"), "{head}");
}

#[tokio::test]
async fn a_player_may_ask_for_a_longer_beginning() {
    let rig = Rig::on_air(&["--join-burst-ms", "0"], 20);
    let stream = &rig.outputs.streams()[0].hub;
    let begins_well = |first: Option<axum::body::Bytes>| sequences(&first.unwrap_or_default()).len() >= 22;
    let longest = Some(Duration::from_secs(2));
    let deadline = Instant::now() + Duration::from_secs(10);
    while !begins_well(stream.listen(longest).next().await) {
        assert!(Instant::now() < deadline, "2 s were never heard");
        tokio::task::yield_now().await;
    }
    let (head, mut socket) = rig.ask("/radio?burst=2000&1795252431000", "").await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(sequences(&body(&mut socket, 1).await).len() >= 22, "headers and 2 s");
    for burst in ["10001", "-1", "long", ""] {
        let (head, _) = rig.ask(&format!("/radio?burst={burst}"), "").await;
        assert!(head.starts_with("http/1.1 400"), "{burst}: {head}");
    }
}

#[tokio::test]
async fn a_page_ends_with_the_first_block_of_every_announcement() {
    let rig = Rig::on_air(&["--join-burst-ms", "0"], 4);
    let (_, mut socket) = rig.ask("/radio", "").await;
    let mut heard = Vec::new();
    let mut cut_short = Vec::new();
    while cut_short.len() < 4 {
        heard.extend(body(&mut socket, 1).await);
        let granules = granules(&heard);
        let pages = granules.iter().zip(granules.iter().skip(1));
        cut_short = pages.filter(|(before, end)| *end - *before != 4_800).map(|(_, end)| *end).collect();
    }
    // The first pages are the headers, and then whatever was due when we joined.
    for (before, end) in cut_short.iter().zip(cut_short.iter().skip(1)).skip(1) {
        assert_eq!(end - before, 63 * 960, "one announcement every 63 blocks: {cut_short:?}");
    }
}

/// The granule positions of whole pages.
fn granules(bytes: &[u8]) -> Vec<u64> {
    let pages = bytes.windows(5).enumerate().filter(|(_, window)| window == b"OggS\0").map(|(at, _)| at);
    let whole = pages.filter(|at| bytes.len() >= at + 27);
    whole.map(|at| u64::from_le_bytes(bytes[at + 6..at + 14].try_into().unwrap())).collect()
}

#[tokio::test]
async fn a_listener_that_does_not_read_is_shown_out_and_the_others_hear_everything() {
    let rig = Rig::on_air(&["--mixer-bitrates", "510"], 20);
    let (_, mut quick) = rig.ask("/radio", "").await;
    let (_, slow) = rig.ask("/radio", "").await;
    until("both listen", Duration::from_secs(5), || rig.outputs.listening().now == 2).await;
    let reading = async {
        let mut last = None;
        loop {
            for sequence in sequences(&body(&mut quick, 20_000).await) {
                assert!(last.is_none_or(|last| sequence == last + 1), "{last:?}, then {sequence}");
                last = Some(sequence);
            }
        }
    };
    let shown_out =
        until("the slow one is gone", Duration::from_mins(1), || rig.outputs.listening().now == 1);
    tokio::select! {
        () = reading => unreachable!(),
        () = shown_out => {}
    }
    drop(slow);
    assert_eq!(rig.outputs.listening().peak, 2);
}

/// The page numbers in whole pages.
fn sequences(bytes: &[u8]) -> Vec<u32> {
    let pages = bytes.windows(5).enumerate().filter(|(_, window)| window == b"OggS\0").map(|(at, _)| at);
    let starts = pages.filter(|at| bytes.len() >= at + 27);
    starts.map(|at| u32::from_le_bytes(bytes[at + 18..at + 22].try_into().unwrap())).collect()
}

#[tokio::test]
async fn a_full_house_sends_people_away_until_somebody_leaves() {
    let rig = Rig::on_air(&["--max-listeners", "1"], 4);
    let (head, mut first) = rig.ask("/radio", "").await;
    assert!(head.starts_with("http/1.1 200"));
    let (head, _) = rig.ask("/radio", "").await;
    assert!(head.starts_with("http/1.1 503") && head.contains("retry-after"), "{head}");
    body(&mut first, 100).await;
    drop(first);
    until("the first has left", Duration::from_secs(5), || rig.outputs.listening().now == 0).await;
    assert!(rig.ask("/radio", "").await.0.starts_with("http/1.1 200"));
}

#[tokio::test]
async fn titles_come_as_events_beside_the_stream() {
    let rig = Rig::on_air(&[], 4);
    let (head, mut socket) = rig.ask("/events", "").await;
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    let first = String::from_utf8(body(&mut socket, 1).await).unwrap();
    assert!(first.starts_with("data: {\"tier\":\"noise\",\"title\":null"), "{first}");
    rig.outputs.billboard.write("La gata \"bajo\"\nla lluvia", Tier::Playlist);
    let second = String::from_utf8(body(&mut socket, 1).await).unwrap();
    let json: serde_json::Value =
        serde_json::from_str(second.trim().strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!((&json["title"], &json["tier"]), (&"La gata \"bajo\"\nla lluvia".into(), &"playlist".into()));
    assert_eq!(json["paused"], false);
}

#[tokio::test]
async fn the_player_speaks_the_language_of_its_reader_and_needs_nothing_from_elsewhere() {
    let rig = Rig::on_air(&["--mixer-bitrates", "128,64"], 4);
    for (language, word) in [("es-CO", "Escuchar"), ("en", "Listen")] {
        let (head, mut socket) =
            rig.ask("/", &format!("Accept-Language: {language}\r\nConnection: close\r\n")).await;
        assert!(head.contains("content-security-policy: default-src 'none'"), "{head}");
        let mut html = String::new();
        socket.read_to_string(&mut html).await.unwrap();
        assert!(html.contains(word) && html.contains("radio-64") && html.contains("prueba"), "{html}");
        assert!(!html.contains("http://") && !html.contains("https://"), "something comes from elsewhere");
    }
    for asset in ["/player.css", "/player.js"] {
        assert!(rig.ask(asset, "").await.0.starts_with("http/1.1 200"), "{asset}");
    }
}

#[tokio::test]
async fn when_the_station_stops_everybody_is_told_goodbye() {
    let rig = Rig::on_air(&[], 4);
    let (_, mut listener) = rig.ask("/radio", "").await;
    let (_, mut reader) = rig.ask("/events", "").await;
    body(&mut listener, 1_000).await;
    let begun = Instant::now();
    rig.outputs.stop.cancel();
    for socket in [&mut listener, &mut reader] {
        let mut rest = Vec::new();
        timeout(GRACE * 2, socket.read_to_end(&mut rest)).await.expect("the connection ends").unwrap();
        assert!(rest.ends_with(b"0\r\n\r\n"), "the answer is complete");
    }
    assert!(begun.elapsed() < GRACE, "nobody had to be cut off");
}
