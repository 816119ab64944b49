//! The line protocol with a station on air, through real sockets.
#![expect(clippy::future_not_send, reason = "the futures of a test stay on its thread")]

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use pregon_audio::{Frame, Pcm, wav};
use proptest::prelude::*;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::console::Console;
use super::line::Reception;
use super::*;
use crate::feed::{Cut, Source, SourceError};
use crate::station::{OnAir, Plan, Programme, Station};

/// Longer than anything here takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(30);

/// A programme of one endless quiet track.
struct Hum;

impl Source for Hum {
    fn read(&mut self, out: &mut [Frame]) -> Result<usize, SourceError> {
        out.fill([0.01; 2]);
        Ok(out.len())
    }
}

impl Programme for Hum {
    fn next(&mut self) -> Option<Cut> {
        let title = "Hum".to_owned();
        Some(Cut { path: None, title, artist: None, seconds: None, source: Box::new(Self) })
    }
}

/// A station on air without outputs.
pub(super) fn on_air() -> OnAir {
    let plan = Plan { name: "main".into(), crossfade: Duration::ZERO, duck_db: -12.0, chime: None, taps: 0 };
    OnAir::start(plan, Hum).unwrap()
}

/// A spoken clip of so many seconds.
pub(super) fn clip(folder: &Path, name: &str, seconds: usize) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, wav::encode(&Pcm::new(48_000, vec![0.1; 48_000 * seconds]))).unwrap();
    path
}

/// A station that is controlled.
struct Controlled {
    on_air: OnAir,
    folder: TempDir,
    telnet: SocketAddr,
    socket: PathBuf,
    stop: CancellationToken,
    doors: JoinHandle<()>,
}

fn args(socket: Option<PathBuf>) -> ControlArgs {
    ControlArgs { telnet_addr: "127.0.0.1:0".parse().unwrap(), mixer_socket: socket }
}

impl Controlled {
    async fn start() -> Self {
        let (on_air, folder, stop) = (on_air(), tempfile::tempdir().unwrap(), CancellationToken::new());
        let doors = Doors::open(&args(None), folder.path()).await.unwrap();
        let (telnet, socket) = (doors.telnet_addr().unwrap(), doors.socket().to_owned());
        let doors = tokio::spawn(doors.serve(on_air.station.clone(), stop.clone()));
        Self { on_air, folder, telnet, socket, stop, doors }
    }

    fn clip(&self, name: &str, seconds: usize) -> String {
        clip(self.folder.path(), name, seconds).display().to_string()
    }

    async fn socket(&self) -> UnixStream {
        UnixStream::connect(&self.socket).await.unwrap()
    }

    /// Says one thing on a connection of its own; the answer without its end.
    async fn ask(&self, line: &str) -> String {
        let answer = say(self.socket().await, &format!("{line}\n")).await;
        answer.strip_suffix("\r\nEND\r\n").unwrap_or_else(|| panic!("{line}: {answer:?}")).to_owned()
    }

    async fn until(&self, line: &str, holds: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let answer = self.ask(line).await;
            if holds(&answer) {
                return answer;
            }
            assert!(begun.elapsed() < DEADLINE, "{line}: {answer}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(DEADLINE, self.doors).await.unwrap().unwrap();
        assert!(!self.socket.exists(), "the socket is left behind");
        tokio::task::spawn_blocking(|| self.on_air.stop()).await.unwrap();
    }
}

/// Writes it all, closes that direction, and reads whatever comes.
async fn say<C: AsyncRead + AsyncWrite + Unpin>(mut connection: C, text: &str) -> String {
    connection.write_all(text.as_bytes()).await.unwrap();
    connection.shutdown().await.unwrap();
    let mut heard = String::new();
    tokio::time::timeout(DEADLINE, connection.read_to_string(&mut heard)).await.unwrap().unwrap();
    heard
}

#[tokio::test]
async fn a_push_pauses_the_programme_and_can_be_followed_to_its_end() {
    let station = Controlled::start().await;
    station.until("request.on_air", |rids| !rids.is_empty()).await;
    let track = station.ask("request.on_air").await;
    assert!(station.ask(&format!("request.metadata {track}")).await.contains("source=\"playlist\""));

    let long =
        station.ask(&format!("interrupting_requests.push file://{}", station.clip("long.wav", 60))).await;
    let annotated = format!("annotate:title=\"Dos\",artist=\"Ana\":{}", station.clip("short.wav", 1));
    let short = station.ask(&format!("interrupting_requests.push {annotated}")).await;
    assert!(long.parse::<u64>().unwrap() < short.parse::<u64>().unwrap());
    let metadata = station.until(&format!("request.metadata {long}"), |m| m.contains("playing")).await;
    for line in
        [format!("rid=\"{long}\""), "status=\"playing\"".into(), "source=\"interrupting_requests\"".into()]
    {
        assert!(metadata.split('\n').any(|l| l == line), "{line} is not in {metadata}");
    }
    assert!(metadata.contains("initial_uri=\"file:///") && metadata.contains("on_air=\"20"), "{metadata}");
    assert_eq!(station.ask("interrupting_requests.queue").await, short, "what is on air is not listed");
    let both = station.ask("request.on_air").await;
    assert!(both.split(' ').any(|rid| rid == long) && both.split(' ').any(|rid| rid == track), "{both}");
    let metadata = station.ask(&format!("request.metadata {short}")).await;
    assert!(
        metadata.contains("status=\"ready\"") && metadata.contains("title=\"Dos\"\nartist=\"Ana\""),
        "{metadata}"
    );

    assert_eq!(station.ask("interrupting_requests.skip").await, "Done.");
    station.until(&format!("request.metadata {short}"), |m| m.contains("status=\"destroyed\"")).await;
    assert!(station.ask(&format!("request.trace {short}")).await.contains("Aired for 1.0 s."));
    assert!(station.ask(&format!("request.trace {long}")).await.contains("Skipped after"));
    assert_eq!(station.ask("request.alive").await, track, "the programme goes on");
    assert_eq!(station.ask("request.metadata 999999").await, "No such request.");
    assert_eq!(station.ask("request.trace x").await, "No such request.");
    station.stop().await;
}

#[tokio::test]
async fn a_file_that_cannot_be_played_is_an_error_at_once() {
    let station = Controlled::start().await;
    let broken = station.folder.path().join("broken.mp3");
    fs::write(&broken, b"<html>").unwrap();
    for queue in ["interrupting_requests", "requests"] {
        for (uri, word) in [
            ("file:///nowhere/x.wav".to_owned(), "/nowhere/x.wav"),
            (broken.display().to_string(), "broken.mp3"),
            (station.folder.path().display().to_string(), ""),
            ("/dev/zero".to_owned(), "/dev/zero"),
            (String::new(), "no file is named"),
            ("http://radio.example/x.mp3".to_owned(), "only files of this machine"),
        ] {
            let answer = station.ask(&format!("{queue}.push {uri}")).await;
            assert!(answer.starts_with("ERROR: ") && answer.contains(word), "{uri}: {answer}");
        }
        assert_eq!(station.ask(&format!("{queue}.queue")).await, "");
    }
    station.stop().await;
}

#[tokio::test]
async fn queues_are_shown_skipped_and_flushed() {
    let station = Controlled::start().await;
    for queue in ["interrupting_requests", "requests"] {
        let path = station.clip(&format!("{queue}.wav"), 60);
        let mut rids = Vec::new();
        for _ in 0..3 {
            rids.push(station.ask(&format!("{queue}.push {path}")).await);
        }
        station.until(&format!("request.metadata {}", rids[0]), |m| m.contains("playing")).await;
        assert_eq!(station.ask(&format!("{queue}.queue")).await, rids[1..].join(" "));
        assert_eq!(station.ask(&format!("{queue}.skip")).await, "Done.");
        station.until(&format!("request.metadata {}", rids[1]), |m| m.contains("playing")).await;
        assert_eq!(station.ask(&format!("{queue}.flush_and_skip")).await, "Done.");
        for rid in &rids {
            station.until(&format!("request.metadata {rid}"), |m| m.contains("destroyed")).await;
        }
        assert_eq!(station.ask(&format!("{queue}.queue")).await, "");
    }
    assert_eq!(station.ask("radio.skip").await, "Done!");
    station.stop().await;
}

#[tokio::test]
async fn every_pipelined_line_is_answered_although_the_sender_has_hung_up() {
    let station = Controlled::start().await;
    let lines = "live.status\r\n\r\n  \nnosuch\ninterrupting_requests.queue\nrequests.push\nversion";
    for answer in [
        say(station.socket().await, lines).await,
        say(TcpStream::connect(station.telnet).await.unwrap(), lines).await,
    ] {
        let mut answers = answer.split("\r\nEND\r\n");
        assert_eq!(answers.next(), Some("no source client connected"));
        assert_eq!(answers.next(), Some("ERROR: unknown command, type \"help\" to get a list of commands."));
        assert_eq!(answers.next(), Some(""));
        assert!(answers.next().unwrap().starts_with("ERROR: no file is named"));
        assert!(answers.next().unwrap().starts_with("Pregon "));
        assert_eq!((answers.next(), answers.next()), (Some(""), None));
    }
    assert_eq!(say(station.socket().await, "exit\nversion\n").await, "Bye!\r\n");
    assert_eq!(say(station.socket().await, "").await, "");
    station.stop().await;
}

#[tokio::test]
async fn ten_thousand_lines_in_one_go_are_answered() {
    let station = Controlled::start().await;
    for line in ["nosuch.command\n", "interrupting_requests.queue\n"] {
        // Written to its end before anything is read.
        let answer = say(station.socket().await, &line.repeat(10_000)).await;
        assert_eq!(answer.matches("\r\nEND\r\n").count(), 10_000);
    }
    let long = format!("requests.push /{}\nversion\n", "x".repeat(LONGEST_LINE));
    let answer = say(station.socket().await, &long).await;
    assert!(answer.starts_with("ERROR: a line may have 16384 bytes\r\nEND\r\nPregon"), "{answer}");
    station.stop().await;
}

#[tokio::test]
async fn somebody_who_never_reads_is_not_read_any_more_and_holds_up_nobody() {
    let station = Controlled::start().await;
    let mut deaf = station.socket().await;
    // Each line has an answer of 1 KiB: a hundred thousand would take 100 MiB if they were all kept.
    let lines = "help\n".repeat(100_000);
    let wrote = tokio::time::timeout(Duration::from_millis(500), deaf.write_all(lines.as_bytes())).await;
    assert!(wrote.is_err(), "everything was taken in");
    assert!(station.ask("version").await.starts_with("Pregon"));
    station.stop().await;
}

#[tokio::test]
async fn connections_are_bounded_and_do_not_idle_for_ever() {
    let on_air = on_air();
    let stop = CancellationToken::new();
    let reception = Reception::new(Console::new(on_air.station.clone()), stop.clone());
    let patient = reception.clone().patient_for(Duration::from_millis(50));
    let (mut here, there) = tokio::io::duplex(1_000);
    patient.welcome(there);
    let mut last_words = String::new();
    here.read_to_string(&mut last_words).await.unwrap();
    assert_eq!(last_words, "Connection timed out.. Bye!\r\n");

    let mut talks = Vec::new();
    for _ in 0..32 {
        let (here, there) = tokio::io::duplex(1_000);
        reception.welcome(there);
        talks.push(here);
    }
    let (mut here, there) = tokio::io::duplex(1_000);
    reception.welcome(there);
    let mut sorry = String::new();
    here.read_to_string(&mut sorry).await.unwrap();
    assert_eq!(sorry, "ERROR: there are 32 connections already\r\nEND\r\n");
    stop.cancel();
    drop(patient);
    tokio::time::timeout(DEADLINE, reception.empty()).await.unwrap();
    tokio::task::spawn_blocking(|| on_air.stop()).await.unwrap();
}

#[tokio::test]
async fn the_socket_is_for_owner_and_group_and_belongs_to_one_station() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mixer.sock");
    let first = Doors::open(&args(None), folder.path()).await.unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
    let second = Doors::open(&args(None), folder.path()).await.unwrap_err();
    assert!(matches!(&second, NotOpened::Taken(taken) if *taken == path), "{second}");
    drop(first);
    assert!(!path.exists());

    // As a process that was killed leaves it.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    drop(Doors::open(&args(None), folder.path()).await.unwrap());

    fs::write(&path, "precious").unwrap();
    let error = Doors::open(&args(None), folder.path()).await.unwrap_err();
    assert!(matches!(error, NotOpened::NotASocket(_)), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"precious");
    let nowhere = args(Some("/nowhere/mixer.sock".into()));
    let error = Doors::open(&nowhere, folder.path()).await.unwrap_err();
    assert!(error.to_string().contains("/nowhere/mixer.sock"), "{error}");
}

#[tokio::test]
async fn the_port_is_for_this_machine_only() {
    let folder = tempfile::tempdir().unwrap();
    for addr in ["0.0.0.0:0", "192.0.2.1:1234", "[::]:0"] {
        let args = ControlArgs { telnet_addr: addr.parse().unwrap(), mixer_socket: None };
        let error = Doors::open(&args, folder.path()).await.unwrap_err();
        assert!(error.to_string().contains("listen on 127.0.0.1"), "{error}");
    }
    let first = Doors::open(&args(None), folder.path()).await.unwrap();
    let args = ControlArgs { telnet_addr: first.telnet_addr().unwrap(), mixer_socket: None };
    assert!(matches!(Doors::open(&args, folder.path()).await, Err(NotOpened::Port { .. })));
}

#[tokio::test]
async fn socat_talks_as_in_any_script() {
    if std::process::Command::new("socat").arg("-V").output().is_err() {
        assert!(std::env::var_os("REQUIRE_SERVICES").is_none(), "socat is not installed");
        println!("SKIPPED: socat is not installed");
        return;
    }
    let station = Controlled::start().await;
    let script = format!(
        "echo 'interrupting_requests.push file://{}' | socat - UNIX-CONNECT:{}",
        station.clip("a.wav", 1),
        station.socket.display()
    );
    let rid = shell(&script).await;
    let rid = rid.strip_suffix("\r\nEND\r\n").unwrap().parse::<u64>().unwrap();
    station.until(&format!("request.trace {rid}"), |trace| trace.contains("Aired for 1.0 s.")).await;
    let addr = station.telnet;
    assert!(
        shell(&format!("printf 'version\\nuptime\\nquit\\n' | socat - TCP:{addr}"))
            .await
            .ends_with("Bye!\r\n")
    );
    station.stop().await;
}

async fn shell(script: &str) -> String {
    let run = tokio::process::Command::new("sh").args(["-c", script]).output();
    String::from_utf8(tokio::time::timeout(DEADLINE, run).await.unwrap().unwrap().stdout).unwrap()
}

/// What somebody might send.
fn words() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "interrupting_requests.push /nowhere",
        "requests.push annotate:",
        "interrupting_requests.queue",
        "requests.flush_and_skip",
        "interrupting_requests.skip",
        "radio.skip",
        "request.on_air",
        "request.metadata 1",
        "request.trace 18446744073709551616",
        "request.all",
        "help request.all",
        "\r\n",
        "\n\n",
    ]);
    let known = known.prop_map(|line| format!("{line}\n").into_bytes());
    let noise = proptest::collection::vec(any::<u8>(), 0..60);
    proptest::collection::vec(prop_oneof![known, noise], 0..30).prop_map(|parts| parts.concat())
}

#[test]
fn whatever_is_sent_the_station_answers_the_next_one() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let on_air = on_air();
    let station: Station = on_air.station.clone();
    let reception = Arc::new(Reception::new(Console::new(station), CancellationToken::new()));
    let _entered = runtime.enter();
    proptest!(ProptestConfig::with_cases(100), |(mut bytes in words())| {
        bytes.retain(|byte| *byte != 0);
        let talk = async {
            let (mut here, there) = tokio::io::duplex(4_096);
            reception.welcome(there);
            let (mut read, mut write) = tokio::io::split(&mut here);
            let send = async {
                // A goodbye among the bytes closes early.
                let sent = write.write_all(&bytes).await;
                drop(sent);
                drop(write.write_all(b"\nversion\n").await);
                drop(write.shutdown().await);
            };
            let mut heard = Vec::new();
            let ((), read) = tokio::join!(send, read.read_to_end(&mut heard));
            drop(read);
            String::from_utf8(heard)
        };
        let heard = runtime.block_on(async { tokio::time::timeout(DEADLINE, talk).await });
        let heard = heard.expect("an answer in time").expect("answers are text");
        prop_assert!(heard.ends_with("(speaks as Liquidsoap 2.1.3)\r\nEND\r\n") || heard.ends_with("Bye!\r\n"));
    });
    on_air.stop();
}
