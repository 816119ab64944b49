//! The Wyoming protocol, against a small server of our own and against the framing of the `wyoming` package.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pregon_audio::decode;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::fake::speech;
use crate::far::{engine, engines, kind, long_text, nobody, say, studio};

/// What the server says when it is told to speak.
#[derive(Clone, Copy)]
enum Reply {
    Speech,
    Stereo,
    Nothing,
    Eight,
    Changing,
    Error,
    HangUp,
    Junk,
    Huge,
    Short,
    Drip,
    Flood,
}

#[derive(Clone)]
struct Server {
    reply: Reply,
    address: String,
    heard: Arc<Mutex<Vec<Value>>>,
}

impl Server {
    async fn start(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server =
            Self { reply, address: listener.local_addr().unwrap().to_string(), heard: Arc::default() };
        let host = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(host.clone().serve(stream));
            }
        });
        server
    }

    /// Until the client is gone.
    async fn serve(self, stream: TcpStream) -> Option<()> {
        let mut stream = BufReader::new(stream);
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
            let event: Value = serde_json::from_str(&line).unwrap();
            self.heard.lock().unwrap().push(event.clone());
            match event["type"].as_str().unwrap() {
                "describe" => send(&mut stream, "info", &info(), b"").await?,
                "synthesize" => self.speak(&mut stream, event["data"]["text"].as_str().unwrap()).await?,
                other => panic!("{other}"),
            }
        }
    }

    async fn speak(&self, stream: &mut BufReader<TcpStream>, text: &str) -> Option<()> {
        let mono = json!({"rate": 22_050, "width": 2, "channels": 1});
        let mut clock = tokio::time::interval(Duration::from_millis(20));
        // 220 Hz: what is higher than the line carries is heard as nothing.
        let tone = |n: usize| if (n / 50).is_multiple_of(2) { [0x00, 0x20] } else { [0x00, 0xe0] };
        let chunk: Vec<u8> = (0..text.chars().count() * 600).flat_map(tone).collect();
        match self.reply {
            Reply::Speech => {
                send(stream, "audio-start", &mono, b"").await?;
                for part in chunk.chunks(2_048) {
                    send(stream, "audio-chunk", &mono, part).await?;
                }
            }
            Reply::Stereo => {
                let stereo = json!({"rate": 22_050, "width": 2, "channels": 2});
                send(stream, "audio-start", &stereo, b"").await?;
                send(stream, "audio-chunk", &stereo, &[0x00, 0x20, 0x00, 0x00].repeat(22_050)).await?;
            }
            Reply::Nothing => send(stream, "audio-start", &mono, b"").await?,
            Reply::Eight => {
                send(stream, "audio-start", &json!({"rate": 8_000, "width": 1, "channels": 1}), b"").await?;
            }
            Reply::Changing => {
                send(stream, "audio-start", &mono, b"").await?;
                send(stream, "audio-chunk", &json!({"rate": 16_000, "width": 2, "channels": 1}), &chunk)
                    .await?;
            }
            Reply::Error => {
                send(stream, "error", &json!({"text": format!("cannot say {text}"), "code": "boom"}), b"")
                    .await?;
            }
            Reply::HangUp => return None,
            Reply::Junk => write(stream, b"HTTP/1.1 400 Bad Request\r\n").await?,
            Reply::Huge => {
                write(stream, b"{\"type\":\"audio-chunk\",\"payload_length\":99999999999}\n").await?;
            }
            Reply::Short => {
                write(stream, b"{\"type\":\"audio-chunk\",\"payload_length\":4000}\nabc").await?;
                return None;
            }
            Reply::Drip => loop {
                write(stream, b" ").await?;
                clock.tick().await;
            },
            Reply::Flood => loop {
                send(stream, "audio-chunk", &mono, &vec![0x20; 1 << 20]).await?;
            },
        }
        send(stream, "audio-stop", &json!({}), b"").await
    }
}

fn info() -> Value {
    let voice = |name: &str, language: &str, installed| json!({"name": name, "languages": [language], "installed": installed});
    json!({"asr": [], "tts": [{"name": "piper", "installed": true, "voices": [
        voice("es_ES-sharvard-medium", "es_ES", true),
        voice("es_MX-ald-medium", "es_MX", true),
        voice("es_AR-daniela-high", "es_AR", false),
    ]}]})
}

/// As the package frames it: the data apart from the header.
async fn send(stream: &mut BufReader<TcpStream>, kind: &str, data: &Value, payload: &[u8]) -> Option<()> {
    let data = data.to_string();
    let mut header = json!({"type": kind, "version": "1.10.2", "data_length": data.len()});
    if !payload.is_empty() {
        header["payload_length"] = json!(payload.len());
    }
    write(stream, format!("{header}\n{data}").as_bytes()).await?;
    write(stream, payload).await
}

async fn write(stream: &mut BufReader<TcpStream>, bytes: &[u8]) -> Option<()> {
    stream.write_all(bytes).await.ok()
}

fn args(address: &str, voices: &str) -> Vec<String> {
    vec![
        "--tts-engines=wyoming".to_owned(),
        format!("--wyoming-addr={address}"),
        format!("--wyoming-voices={voices}"),
        "--tts-timeouts=wyoming=20".to_owned(),
    ]
}

const SHARVARD: &str = "es=es_ES-sharvard-medium";

#[tokio::test]
async fn the_order_is_what_the_protocol_expects() {
    let server = Server::start(Reply::Speech).await;
    let engine = engine(&args(&server.address, SHARVARD)).await;
    server.heard.lock().unwrap().clear();
    say(&*engine, "Su cita es \"mañana\"", 1.0).await.unwrap();
    let expected = [
        json!({"type": "describe", "data": {}}),
        json!({"type": "synthesize", "data": {"text": "Su cita es \"mañana\"", "voice": {"name": "es_ES-sharvard-medium"}}}),
    ];
    assert_eq!(*server.heard.lock().unwrap(), expected);
}

#[tokio::test]
async fn its_chunks_become_one_clip() {
    let (server, dir) = (Server::start(Reply::Speech).await, tempfile::tempdir().unwrap());
    let studio = studio(&args(&server.address, SHARVARD), dir.path()).await;
    let clip = studio.clip(&speech("Su cita de control es mañana"), None).await.unwrap();
    assert_eq!(
        (clip.engine.as_str(), clip.voice.as_str(), clip.fallback),
        ("wyoming", "es_ES-sharvard-medium", None)
    );
    assert!((0.7..0.9).contains(&clip.seconds), "28 characters of 600 samples: {}", clip.seconds);
}

#[tokio::test]
async fn two_channels_become_one() {
    let server = Server::start(Reply::Stereo).await;
    let spoken = say(&*engine(&args(&server.address, SHARVARD)).await, "Su cita", 1.0).await.unwrap();
    let clip = decode(&spoken[0].bytes, None, Duration::from_mins(1)).unwrap();
    assert_eq!((clip.rate, clip.samples.len()), (22_050, 22_050));
    assert!((clip.samples[99] - 0.125).abs() < 1e-3, "the mean of a quarter and nothing");
}

#[tokio::test]
async fn a_voice_that_the_server_lacks_is_noticed_before_it_speaks_with_another() {
    let server = Server::start(Reply::Speech).await;
    for voice in ["es_CO-nobody-low", "es_AR-daniela-high"] {
        let engine = engine(&args(&server.address, &format!("es={voice}"))).await;
        let error = say(&*engine, "Su cita", 1.0).await.unwrap_err();
        assert_eq!(kind(&error), "unavailable");
        assert!(error.to_string().contains(&format!("has no voice {voice} (WYOMING_VOICES)")), "{error}");
    }
    assert!(server.heard.lock().unwrap().iter().all(|event| event["type"] == "describe"));
}

#[tokio::test]
async fn the_voices_of_the_server_can_be_asked_for() {
    let server = Server::start(Reply::Speech).await;
    let engine = engine(&args(&server.address, SHARVARD)).await;
    assert_eq!(engine.voice_for("es-CO", Some("es_MX-ald-medium")).as_deref(), Some("es_MX-ald-medium"));
    assert_eq!(
        engine.voice_for("es-CO", Some("es_AR-daniela-high")).as_deref(),
        Some("es_ES-sharvard-medium")
    );
}

#[tokio::test]
async fn what_goes_wrong_decides_what_happens_next() {
    for (reply, expected, words) in [
        (Reply::Nothing, "corrupt", "sent no audio"),
        (Reply::Eight, "corrupt", "not 16 bit PCM"),
        (Reply::Changing, "corrupt", "changed the format"),
        (Reply::Error, "unavailable", "reported an error (boom)"),
        (Reply::HangUp, "unavailable", "hung up"),
        (Reply::Junk, "corrupt", "does not speak the Wyoming protocol"),
        (Reply::Huge, "corrupt", "sent far more than speech"),
        (Reply::Short, "unavailable", "hung up"),
        (Reply::Flood, "corrupt", "sent far more than speech"),
    ] {
        let server = Server::start(reply).await;
        let error = say(&*engine(&args(&server.address, SHARVARD)).await, "Su cita", 1.0).await.unwrap_err();
        assert_eq!(kind(&error), expected, "{error:?}");
        assert!(
            error.to_string().contains(words) && !error.to_string().contains("cita"),
            "{error} does not say: {words}"
        );
    }
}

#[tokio::test]
async fn the_deadline_is_for_the_whole_and_not_for_each_byte() {
    let server = Server::start(Reply::Drip).await;
    let mut args = args(&server.address, SHARVARD);
    args[3] = "--tts-timeouts=wyoming=0.3".to_owned();
    let error = say(&*engine(&args).await, "Su cita", 1.0).await.unwrap_err();
    assert_eq!(error.to_string(), "did not answer in time");
}

#[tokio::test]
async fn nobody_listening_is_said_and_keeps_nothing_from_starting() {
    let engine = engine(&args(&nobody().await, SHARVARD)).await;
    let error = say(&*engine, "Su cita", 1.0).await.unwrap_err();
    assert!(error.to_string().starts_with("cannot be reached"), "{error}");
}

#[tokio::test]
async fn long_texts_go_in_pieces() {
    let server = Server::start(Reply::Speech).await;
    let engine = engine(&args(&server.address, SHARVARD)).await;
    let text = long_text(2_500);
    assert_eq!(say(&*engine, &text, 1.0).await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let mut args = vec!["--tts-engines=wyoming".to_owned()];
    for (variable, remedy) in [
        ("WYOMING_ADDR is not set", "--wyoming-addr=127.0.0.1:1"),
        ("WYOMING_VOICES is not set", "--wyoming-voices=es=x"),
    ] {
        let error = engines(&args).await.err().unwrap();
        assert!(error.starts_with(variable) && !error.contains('\n'), "{error}");
        args.push(remedy.to_owned());
    }
    assert!(engines(&args).await.is_ok());
}

/// A server made of the package itself: reads and writes its events. Says the port it has on its first line.
const PACKAGE: &str = "
import asyncio
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.info import Attribution, Describe, Info, TtsProgram, TtsVoice
from wyoming.server import AsyncEventHandler, AsyncServer
from wyoming.tts import Synthesize

by = Attribution(name='x', url='x')
voice = TtsVoice(name='es_ES-sharvard-medium', attribution=by, installed=True, description=None, version=None, languages=['es_ES'])
info = Info(tts=[TtsProgram(name='x', attribution=by, installed=True, description=None, version=None, voices=[voice])])

class Handler(AsyncEventHandler):
    async def handle_event(self, event):
        if Describe.is_type(event.type):
            await self.write_event(info.event())
        elif Synthesize.is_type(event.type):
            said = Synthesize.from_event(event)
            assert said.text == 'Su cita es mañana', said
            assert said.voice.name == voice.name, said
            await self.write_event(AudioStart(rate=22050, width=2, channels=1).event())
            for _ in range(10):
                await self.write_event(AudioChunk(rate=22050, width=2, channels=1, audio=b'\\x00\\x20' * 2205).event())
            await self.write_event(AudioStop().event())
        return True

async def main():
    async def serve(reader, writer):
        await Handler(reader, writer).run()
    server = await asyncio.start_server(serve, '127.0.0.1', 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, input)

try:
    asyncio.run(main())
except EOFError:
    pass
";

#[tokio::test]
async fn the_package_itself_understands_us_and_we_it() {
    let Some(python) = std::env::var_os("TEST_PYTHON") else {
        let why = "TEST_PYTHON names no Python with wyoming: run `tests/python.sh DIR`";
        assert!(std::env::var_os("REQUIRE_SERVICES").is_none(), "{why}");
        eprintln!("SKIPPED: {why}");
        return;
    };
    let mut server = Command::new(python)
        .args(["-c", PACKAGE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut port = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(server.stdout.as_mut().unwrap()), &mut port)
        .unwrap();
    let engine = engine(&args(&format!("127.0.0.1:{}", port.trim()), SHARVARD)).await;
    let spoken = say(&*engine, "Su cita es mañana", 1.0).await;
    // Any line ends it.
    drop(server.stdin.take().unwrap().write_all(b"\n"));
    server.wait().unwrap();
    let clip = decode(&spoken.unwrap()[0].bytes, None, Duration::from_mins(1)).unwrap();
    assert_eq!((clip.rate, clip.samples.len()), (22_050, 22_050));
}
