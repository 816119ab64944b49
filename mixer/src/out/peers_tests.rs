//! Our streams in the hands of others: opusinfo, ffmpeg, mpv, Icecast.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use pregon_audio::{Frame, Pcm, wav};

use super::icecast::{Client, run};
use super::rig::{Rig, settings, until};
use super::{Mount, Outputs, Relay, listen, serve};
use crate::{Airing, Announcement, Cut, Ended, News, OnAir, Plan, Programme, Source, SourceError};

/// Whether the programs are installed. Where services are required their absence is a failure.
fn installed(programs: &[&str]) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = |program: &&&str| std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    let missing: Vec<_> = programs.iter().filter(|program| !found(program)).collect();
    if missing.is_empty() {
        return true;
    }
    assert!(
        std::env::var_os("REQUIRE_SERVICES").is_none_or(|value| value != "1"),
        "not installed: {missing:?}"
    );
    println!("SKIPPED: not installed: {missing:?}");
    false
}

async fn output(program: &str, arguments: &[&str]) -> Output {
    let running = Command::new(program).args(arguments).stdin(Stdio::null()).kill_on_drop(true).output();
    timeout(Duration::from_mins(1), running).await.unwrap_or_else(|_| panic!("{program} hangs")).unwrap()
}

/// Everything that a listener of HTTP/1.0 gets until the stream ends: no chunks, only the stream.
async fn listen_to_the_end(address: SocketAddr, path: &str) -> Vec<u8> {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    timeout(Duration::from_mins(1), socket.read_to_end(&mut answer)).await.unwrap().unwrap();
    let body = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    answer.split_off(body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn opusinfo_finds_one_stream_without_errors_from_the_start_and_from_the_middle() {
    if !installed(&["opusinfo"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut rig = Rig::on_air(&["--mixer-bitrates", "128,64"], 20);
    let early = tokio::spawn(listen_to_the_end(rig.address, "/radio"));
    until("one listens", Duration::from_secs(5), || rig.outputs.listening().now == 1).await;
    sleep(Duration::from_millis(500)).await;
    let late = ["/radio", "/radio-64"].map(|path| tokio::spawn(listen_to_the_end(rig.address, path)));
    until("three listen", Duration::from_secs(5), || rig.outputs.listening().now == 3).await;
    sleep(Duration::from_millis(500)).await;
    rig.sign_off();
    for (number, recording) in std::iter::once(early).chain(late).enumerate() {
        let file = folder.path().join(format!("{number}.opus"));
        std::fs::write(&file, recording.await.unwrap()).unwrap();
        is_one_stream(&file).await;
    }
}

async fn is_one_stream(file: &Path) {
    let checked = output("opusinfo", &[file.to_str().unwrap()]).await;
    let said = String::from_utf8_lossy(&[checked.stdout, checked.stderr].concat()).into_owned();
    assert!(checked.status.success(), "{said}");
    assert_eq!(said.matches("New logical stream").count(), 1, "{said}");
    for trouble in ["WARNING", "ERROR", "Hole", "EOS not set"] {
        assert!(!said.contains(trouble), "{}: {said}", file.display());
    }
}

/// Tracks of a second, each with a title of its own.
struct Titles(u32);

/// What is left of one, in frames.
struct Second(usize);

impl Programme for Titles {
    fn next(&mut self) -> Option<Cut> {
        self.0 += 1;
        let source: Box<dyn Source> = Box::new(Second(48_000));
        Some(Cut { path: None, title: self.0.to_string(), artist: None, seconds: Some(1.0), source })
    }
}

impl Source for Second {
    fn read(&mut self, out: &mut [Frame]) -> Result<usize, SourceError> {
        let frames = self.0.min(out.len());
        for (at, frame) in out[..frames].iter_mut().enumerate() {
            let phase = u16::try_from((self.0 - at) % 96).unwrap();
            *frame = [0.25 * (f32::from(phase) * std::f32::consts::TAU / 96.0).sin(); 2];
        }
        self.0 -= frames;
        Ok(frames)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_across_titles_and_an_announcement_is_one_stream_that_others_play() {
    if !installed(&["opusinfo", "ffmpeg", "mpv"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let [speech, recording] = ["speech.wav", "recording.opus"].map(|name| folder.path().join(name));
    std::fs::write(&speech, wav::encode(&Pcm::new(48_000, vec![0.2; 48_000]))).unwrap();
    let plan =
        Plan { name: "prueba".into(), crossfade: Duration::ZERO, duck_db: -15.0, chime: None, taps: 1 };
    let (taps, on_air) = OnAir::start(plan, Titles(0)).unwrap().into_parts();
    let (stop, station) = (CancellationToken::new(), on_air.station.clone());
    let outputs = Outputs::start(&settings(&[]), &station, taps, None, &stop).unwrap();
    let socket = listen(([127, 0, 0, 1], 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(serve(socket, outputs.router(), stop.clone()));
    let listener = tokio::spawn(listen_to_the_end(address, "/radio"));
    until("one listens", Duration::from_secs(5), || outputs.listening().now == 1).await;

    let mut news = station.news();
    station.announce(Announcement::of(&speech)).await.unwrap();
    let (mut titles, mut aired) = (Vec::new(), false);
    while titles.len() < 3 || !aired {
        match timeout(Duration::from_secs(20), news.recv()).await.unwrap().unwrap() {
            News::NowPlaying(Some(track)) => titles.push(track.title),
            News::Announcement { airing: Airing::Ended(ended), .. } => {
                aired = true;
                assert!(matches!(ended, Ended::Aired { .. }), "{ended:?}");
            }
            News::NowPlaying(None) | News::Tier(_) | News::Announcement { .. } => {}
        }
    }
    tokio::task::spawn_blocking(|| on_air.stop()).await.unwrap();
    std::fs::write(&recording, listener.await.unwrap()).unwrap();
    stop.cancel();

    is_one_stream(&recording).await;
    let file = recording.to_str().unwrap();
    let raw = ["-v", "warning", "-i", file, "-ac", "1", "-f", "s16le", "-"];
    let silent = ["--no-config", "--vo=null", "--ao=null", "--untimed", "--msg-level=all=warn", file];
    let (decoded, played) = tokio::join!(output("ffmpeg", &raw), output("mpv", &silent));
    assert_eq!(String::from_utf8_lossy(&decoded.stderr), "", "ffmpeg complains");
    let tenths = decoded.stdout.len() / (2 * 48_000 / 10);
    assert!(tenths >= 28, "two titles and an announcement of 1 s each: {tenths} tenths of a second");
    let said = String::from_utf8_lossy(&[played.stdout, played.stderr].concat()).into_owned();
    assert!(played.status.success() && !said.contains("rror"), "mpv: {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ffmpeg_and_mpv_play_the_stream_from_the_middle() {
    if installed(&["ffmpeg", "mpv"]) {
        let rig = Rig::on_air(&[], 1);
        sleep(Duration::from_secs(1)).await;
        others_play(&rig.url("/radio")).await;
    }
}

/// ffmpeg and mpv take two seconds of the tone at this address.
async fn others_play(url: &str) {
    let raw = ["-v", "warning", "-i", url, "-t", "2", "-ac", "1", "-f", "s16le", "-"];
    let silent = ["--no-config", "--vo=null", "--ao=null", "--length=2", "--msg-level=all=warn", url];
    let (decoded, played) = tokio::join!(output("ffmpeg", &raw), output("mpv", &silent));
    assert_eq!(String::from_utf8_lossy(&decoded.stderr), "", "ffmpeg complains");
    let samples: Vec<i16> =
        decoded.stdout.chunks_exact(2).map(|pair| i16::from_le_bytes(pair.try_into().unwrap())).collect();
    assert!(samples.len().abs_diff(96_000) < 960, "{} samples", samples.len());
    // 500 Hz at 0.25: a thousand periods, in tune and at level.
    let rises = samples[4_800..].windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
    assert!(rises.abs_diff(950) <= 3, "{rises} periods in 1.9 s");
    let loudest = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
    assert!((7_500..9_500).contains(&loudest), "{loudest}");
    let said = String::from_utf8_lossy(&[played.stdout, played.stderr].concat()).into_owned();
    assert!(played.status.success() && !said.contains("rror"), "mpv: {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_icecast_comes_back_it_is_fed_within_5_s_and_our_own_listeners_never_notice() {
    if !installed(&["icecast2"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let port = quiet_port();
    let mut icecast = start_icecast(folder.path(), port).await;

    let rig = Rig::on_air(&[], 1);
    let mount: Mount = format!("icecast://source:muysecreto@127.0.0.1:{port}/live").parse().unwrap();
    let (report, state) = tokio::sync::watch::channel(Relay::Connecting);
    let (stream, billboard) = (rig.outputs.streams()[0].clone(), rig.outputs.billboard.clone());
    let stop = CancellationToken::new();
    tokio::spawn(run(Client { mount, stream, billboard, report }, "prueba".into(), stop.clone()));
    assert!(hears_ogg(port, Duration::from_secs(5)).await, "not on air at first");

    let mut ours = rig.outputs.streams()[0].hub.listen(None);
    ours.next().await.unwrap();
    let own_listener = tokio::spawn(async move {
        let mut numbers = Vec::new();
        while let Some(page) = ours.next().await {
            numbers.push(u32::from_le_bytes(page[18..22].try_into().unwrap()));
        }
        numbers
    });

    icecast.kill().await.unwrap();
    until("the loss is noticed", Duration::from_secs(5), || matches!(*state.borrow(), Relay::Off(_))).await;
    // Long enough for the pauses between attempts to have grown to the longest.
    sleep(Duration::from_secs(20)).await;
    let icecast = start_icecast(folder.path(), port).await;
    let back = Instant::now();
    assert!(
        hears_ogg(port, Duration::from_secs(5)).await,
        "not on air 5 s after it came back: {:?}",
        state.borrow()
    );
    println!("on air {:?} after Icecast came back", back.elapsed());

    stop.cancel();
    rig.outputs.streams()[0].hub.close();
    let heard = own_listener.await.unwrap();
    assert!(
        heard.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "a listener of ours missed a page: {heard:?}"
    );
    assert!(heard.len() > 100, "a listener of ours heard {} pages in over 20 s", heard.len());
    drop(icecast);
}

/// A free port that nothing else on this machine is given by chance while the server is away.
fn quiet_port() -> u16 {
    let mut ports =
        (20_000..32_000).filter(|port| port % 97 == u16::try_from(std::process::id() % 97).unwrap());
    ports.find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

/// Runs Icecast on that port and waits until it listens.
async fn start_icecast(folder: &Path, port: u16) -> Child {
    let configuration = folder.join("icecast.xml");
    // It refuses to run as root.
    let root = rustix::process::geteuid().is_root();
    let owner = "<changeowner><user>nobody</user><group>nogroup</group></changeowner>";
    let xml = format!(
        "<icecast><limits><clients>20</clients><sources>2</sources><burst-size>0</burst-size></limits>\
         <authentication><source-password>muysecreto</source-password><admin-password>x</admin-password>\
         </authentication><hostname>localhost</hostname>\
         <listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>\
         <paths><logdir>/tmp</logdir><webroot>/usr/share/icecast2/web</webroot>\
         <adminroot>/usr/share/icecast2/admin</adminroot></paths>\
         <logging><accesslog>-</accesslog><errorlog>-</errorlog></logging>\
         <security><chroot>0</chroot>{}</security></icecast>",
        if root { owner } else { "" }
    );
    std::fs::write(&configuration, xml).unwrap();
    let icecast = Command::new("icecast2")
        .arg("-c")
        .arg(&configuration)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        assert!(Instant::now() < deadline, "Icecast does not listen");
        sleep(Duration::from_millis(20)).await;
    }
    icecast
}

/// Whether a listener of the Icecast server gets our stream within that time.
async fn hears_ogg(port: u16, within: Duration) -> bool {
    let listening = async {
        loop {
            if hear(port).await.is_ok_and(|heard| heard) {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(within, listening).await.is_ok()
}

async fn hear(port: u16) -> std::io::Result<bool> {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await?;
    socket.write_all(b"GET /live HTTP/1.0\r\n\r\n").await?;
    let mut heard = Vec::new();
    while heard.len() < 4_000 {
        if socket.read_buf(&mut heard).await? == 0 {
            return Ok(false);
        }
    }
    Ok(heard.windows(8).any(|window| window == b"OpusHead"))
}

#[cfg(feature = "mp3")]
mod mp3;
