//! Connections: who they are, and the one stream that each receives.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, any_service};
use pregon_core::{Caller, clock};
use serde_json::Value;
use socketioxide::extract::{SocketRef, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::{ParserConfig, SendError, SocketError, SocketIo};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SetOnce};

use super::fault::Fault;
use super::gate::{self, Gate};
use super::line::{Ended, Line, Listener, NotTaken, Sent};
use super::said::{Mark, Said, Stage};
use super::source;
use super::tail::Tail;
use crate::auth;
use crate::site::Site;

/// The namespace of the feed.
const NAMESPACE: &str = "/api/v1/podcasts/stream";
/// Most connections at once.
const MOST: usize = 500;
/// A connection that does not show a good key within this time is closed.
const INTRODUCTION: Duration = Duration::from_secs(5);
/// A connection is dead when its answer to a heartbeat takes longer than this, and there is one that often. Below the
/// time after which a request is given up: a poll ends with the next heartbeat.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// What one poll may bring, in bytes: all that can wait for a listener, in base64. The server would keep the rest for
/// the next poll, and lose it when the next is none, because the connection becomes a WebSocket.
const POLLED: u64 = 1 << 20;
/// Longest message of a listener, in bytes.
const HEARD: usize = 64 * 1024;
/// Longest stream id, in characters.
pub(super) const LONGEST_ID: usize = 128;

/// The Socket.IO server, to stand at [`gate::PATH`].
pub(crate) fn serve<S: Clone + Send + Sync + 'static>(site: &Arc<Site>) -> MethodRouter<S> {
    let input = ParserConfig::common().max_incoming_binaries(0).max_incoming_binary_buf_size(0);
    let (server, io) = SocketIo::builder()
        .max_buffer_size(site.api.pacing.room())
        .max_payload(POLLED)
        .ws_max_message_size(HEARD)
        .ws_max_frame_size(HEARD)
        .connect_timeout(INTRODUCTION)
        .ping_interval(HEARTBEAT)
        .ping_timeout(HEARTBEAT)
        .with_parser(input)
        .build_svc();
    let seats = Arc::new(Semaphore::new(MOST));
    let introduce = {
        let site = Arc::clone(site);
        async move |socket: SocketRef, TryData(auth): TryData<Value>| {
            let member = admit(&site, &seats, &socket, &auth.unwrap_or_default())?;
            socket.extensions.insert(Arc::new(member));
            attend(&socket, &site);
            Ok::<(), Refused>(())
        }
    };
    io.ns(NAMESPACE, greet.with(introduce));
    any_service(server).layer(from_fn_with_state(Gate::new(site.api.stop.clone()), gate::pass))
}

/// A connection that may ask for streams.
struct Member {
    caller: Caller,
    receives: AtomicBool,
    /// Set when events reach the listener.
    greeted: SetOnce<()>,
    site: Arc<Site>,
    _seat: OwnedSemaphorePermit,
}

impl Drop for Member {
    fn drop(&mut self) {
        self.site.metrics.listeners(-1);
    }
}

/// Why a connection is refused, as its client shows it.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("send a key: auth {{token}}, Authorization: Bearer <key>, X-API-Key: <key> or ?token=<key>")]
    NoKey,
    #[error("this key is not valid")]
    WrongKey,
    #[error("this key connects more often than it may; try again in a second")]
    TooMany,
    #[error("too many connections; try again later")]
    Full,
}

/// Lets a connection in by its key, of the `auth` of its first message, else of the headers or the address of the
/// request that opened it.
fn admit(
    site: &Arc<Site>,
    seats: &Arc<Semaphore>,
    socket: &SocketRef,
    auth: &Value,
) -> Result<Member, Refused> {
    let caller = if site.api.keys.is_empty() {
        Caller::local()
    } else {
        let request = socket.req_parts();
        let token = auth.get("token").and_then(Value::as_str).map(str::to_owned);
        let key = token
            .or_else(|| auth::secret(&request.headers).map(str::to_owned))
            .or_else(|| {
                let query = request.uri.query().unwrap_or_default().as_bytes();
                url::form_urlencoded::parse(query)
                    .find(|(name, _)| name == "token")
                    .map(|(_, key)| key.into_owned())
            })
            .ok_or(Refused::NoKey)?;
        site.api.keys.authenticate(&key).ok_or(Refused::WrongKey)?.clone()
    };
    if !site.limits.allow(&caller.name, Instant::now()) {
        return Err(Refused::TooMany);
    }
    let seat = Arc::clone(seats).try_acquire_owned().map_err(|_| Refused::Full)?;
    site.metrics.listeners(1);
    Ok(Member {
        caller,
        receives: AtomicBool::new(false),
        greeted: SetOnce::new(),
        site: Arc::clone(site),
        _seat: seat,
    })
}

/// Sets up what becomes of the connection's events. Before it stands: clients ask for their stream with the first
/// packet they send, and an event that nobody attends to is lost.
fn attend(socket: &SocketRef, site: &Arc<Site>) {
    socket.on_disconnect(async |socket: SocketRef| {
        // What still sends to the socket keeps it a little longer, and its seat with it.
        drop(socket.extensions.remove::<Arc<Member>>());
    });
    let site = Arc::clone(site);
    socket.on("join_stream", async move |socket: SocketRef, TryData(asked): TryData<Value>| {
        join(&site, socket, &asked.unwrap_or_default()).await;
    });
}

/// The connection stands.
async fn greet(socket: SocketRef) {
    tell(&socket, &Said::hello());
    if let Some(member) = socket.extensions.get::<Arc<Member>>() {
        // It is set once, because a connection begins once.
        drop(member.greeted.set(()));
    }
}

/// Tells something where there is room: whoever asks faster than it listens misses an answer.
fn tell(socket: &SocketRef, said: &Said) {
    if socket.offer(said).is_err() {
        tracing::debug!("a listener had no room for an answer");
    }
}

/// Answers `join_stream` with the whole stream, or says why not.
async fn join(site: &Arc<Site>, socket: SocketRef, asked: &Value) {
    let Some(member) = socket.extensions.get::<Arc<Member>>() else { return };
    member.greeted.wait().await;
    let id = asked.get("stream_id").and_then(Value::as_str);
    let id = id.filter(|id| !id.is_empty() && id.chars().count() <= LONGEST_ID);
    let refuse = |fault: Fault| tell(&socket, &Said::error(&fault, id));
    let Some(id) = id else { return refuse(Fault::NoId) };
    if !site.limits.allow(&member.caller.name, Instant::now()) {
        return refuse(Fault::TooMany);
    }
    let Some(turn) = Turn::of(&member) else { return refuse(Fault::Busy) };
    let mut line = Line::new(socket.clone(), site.api.pacing);
    let ended = tokio::select! {
        ended = stream(site, &member.caller, &mut line, id) => ended,
        () = site.api.stop.cancelled() => Err(Ended::Left),
    };
    drop(turn);
    site.metrics.streamed(match &ended {
        Ok(sent) => Ok(sent.bytes),
        Err(Ended::Left) => Err("left"),
        Err(Ended::Fault(fault)) => Err(fault.code()),
    });
    if let Err(Ended::Fault(fault)) = ended {
        line.close(&Said::error(&fault, Some(id))).await;
    }
}

async fn stream<L: Listener>(
    site: &Site,
    caller: &Caller,
    line: &mut Line<L>,
    id: &str,
) -> Result<Sent, Ended> {
    let found = source::find(site, caller, id).await?;
    line.say(&Said::status(Stage::Joined, id)).await?;
    let recording = found.open(site, caller, line, id).await?;
    let begins = Mark::StartOfStream { content_type: recording.kind };
    line.say(&Said::control(begins, id, clock::now())).await?;
    let mut tail = Tail::new(recording.file, site.api.pacing.chunk, recording.quiet);
    let sent = line.play(&mut tail).await?;
    let ends = Mark::EndOfStream { bytes: sent.bytes, chunks: sent.chunks };
    line.say(&Said::control(ends, id, clock::now())).await?;
    Ok(sent)
}

/// The right to receive a stream: chunks do not tell of which stream they are, so a connection has one at a time.
struct Turn<'a>(&'a AtomicBool);

impl<'a> Turn<'a> {
    fn of(member: &'a Member) -> Option<Self> {
        let receives = &member.receives;
        (!receives.swap(true, Ordering::AcqRel)).then_some(Self(receives))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Listener for SocketRef {
    fn offer(&self, said: &Said) -> Result<(), NotTaken> {
        let sent = match said {
            Said::Ack(ack) => self.emit("connection_ack", ack),
            Said::Status(status) => self.emit("stream_status", status),
            Said::Control(control) => self.emit("audio_control", control),
            Said::Chunk(bytes) => self.emit("audio_chunk", bytes),
            Said::Error(failure) => self.emit("stream_error", failure),
        };
        sent.map_err(|error| match error {
            SendError::Socket(SocketError::InternalChannelFull) => NotTaken::Full,
            // Our events are plain structs and bytes: each of them can be written.
            SendError::Socket(SocketError::Closed) | SendError::Serialize(_) => NotTaken::Left,
        })
    }

    fn has_left(&self) -> bool {
        !self.connected()
    }
}
