//! Keeps a connection to Asterisk, and tells what it hears.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use pregon_core::clock;
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until};

use super::calls::{Call, is_nameless};
use super::connection::{Broken, Connection, accepted};
use super::feed::{AmiError, HangUp, Order, State, Tempo, lock};
use super::packet::Packet;
use super::settings::AmiUrl;

/// Q.850 16, normal clearing. Asterisk hands it on to the hangup handler, so it is also the cause in the result file.
const CAUSE: &str = "16";

/// Every handle is gone.
#[derive(Debug)]
pub(super) struct Gone;

/// Why a session ended.
enum End {
    Broken(Broken),
    Gone,
}

impl From<Broken> for End {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

#[derive(Debug)]
pub(super) struct Teller {
    url: AmiUrl,
    tempo: Tempo,
    state: Arc<Mutex<State>>,
    news: broadcast::Sender<Call>,
    /// Whether the missing `channelvars` were complained about.
    warned: bool,
}

impl Teller {
    pub(super) fn new(
        url: AmiUrl,
        tempo: Tempo,
        state: Arc<Mutex<State>>,
        news: broadcast::Sender<Call>,
    ) -> Self {
        Self { url, tempo, state, news, warned: false }
    }

    /// Connects again and again; ends when nobody can ask for anything any more. Cancelling it closes the connection.
    pub(super) async fn run(mut self, mut orders: mpsc::Receiver<Order>) -> Gone {
        let asterisk = self.url.address();
        let mut pause = self.tempo.first_pause;
        let mut told = None;
        loop {
            let broken = match self.session(&mut orders).await {
                End::Broken(broken) => broken,
                End::Gone => return Gone,
            };
            let was_connected = std::mem::take(&mut lock(&self.state).connected);
            if was_connected {
                pause = self.tempo.first_pause;
            }
            let why = Some(broken.to_string());
            if was_connected || told != why {
                tracing::warn!(asterisk, error = %broken, "no live news of calls; connecting again and again");
            } else {
                tracing::debug!(asterisk, error = %broken, "still no live news of calls");
            }
            told = why;
            if matches!(broken, Broken::Refused { .. }) {
                pause = self.tempo.longest_pause;
            }
            if refusing(&mut orders, sleep(pause)).await.is_err() {
                return Gone;
            }
            pause = pause.saturating_mul(2).min(self.tempo.longest_pause);
        }
    }

    async fn session(&mut self, orders: &mut mpsc::Receiver<Order>) -> End {
        let opened = refusing(orders, Connection::open(&self.url, self.tempo.patience)).await;
        let mut connection = match opened {
            Ok(Ok(connection)) => connection,
            Ok(Err(broken)) => return broken.into(),
            Err(Gone) => return End::Gone,
        };
        lock(&self.state).board.begin();
        // What happens from the login on is told as events, and whatever had begun before is in this list.
        match connection.send("Status", &[]).await {
            Ok(list) => self.follow(&mut connection, orders, list).await,
            Err(broken) => broken.into(),
        }
    }

    /// Tells what this connection tells, until it breaks.
    async fn follow(
        &mut self,
        connection: &mut Connection,
        orders: &mut mpsc::Receiver<Order>,
        list: String,
    ) -> End {
        let now = Instant::now();
        let mut pings = interval_at(now + self.tempo.ping_every, self.tempo.ping_every);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let listed_by = now + self.tempo.patience;
        let mut awaited = Awaited { list: Some(list), hang_ups: HashMap::new() };
        let mut heard = true;
        loop {
            let done = tokio::select! {
                packet = connection.next() => {
                    heard = true;
                    packet.and_then(|packet| self.take(&packet, &mut awaited))
                }
                order = orders.recv() => match order {
                    Some(order) => self.hang_up(connection, order, &mut awaited).await,
                    None => return End::Gone,
                },
                _ = pings.tick() => {
                    awaited.hang_ups.retain(|_, reply| !reply.is_closed());
                    if std::mem::take(&mut heard) {
                        connection.send("Ping", &[]).await.map(drop)
                    } else {
                        Err(Broken::Silent)
                    }
                }
                () = sleep_until(listed_by), if awaited.list.is_some() => Err(Broken::Silent),
            };
            if let Err(broken) = done {
                return broken.into();
            }
        }
    }

    fn take(&mut self, packet: &Packet, awaited: &mut Awaited) -> Result<(), Broken> {
        let id = packet.get("ActionID").unwrap_or_default();
        let listing = awaited.list.as_deref() == Some(id);
        if packet.get("Response").is_some() {
            if let Some(reply) = awaited.hang_ups.remove(id) {
                // An error means that whoever asked has stopped waiting.
                drop(reply.send(hung_up(packet)));
            }
            let refused = |why| Broken::Refused { what: "the list of calls", why };
            return if listing { accepted(packet).map_err(refused) } else { Ok(()) };
        }
        if listing && packet.get("EventList") == Some("Complete") {
            awaited.list = None;
            self.listed();
            return Ok(());
        }
        if is_nameless(packet) && !std::mem::replace(&mut self.warned, true) {
            tracing::warn!(
                "Asterisk does not tell which call is which: set channelvars=PREGON_JOB,PREGON_ATTEMPT in the [general] \
                 section of manager.conf and reload"
            );
        }
        let change = lock(&self.state).board.apply(packet, clock::now());
        self.tell(change);
        Ok(())
    }

    /// Everything that goes on is known.
    fn listed(&self) {
        let mut state = lock(&self.state);
        let gone = state.board.settle(clock::now());
        state.connected = true;
        drop(state);
        tracing::info!(asterisk = self.url.address(), "calls are followed live");
        self.tell(gone);
    }

    fn tell(&self, changes: impl IntoIterator<Item = Call>) {
        for call in changes {
            tracing::debug!(key = %call.key, phase = ?call.phase, "a call has changed");
            // An error means that nobody watches.
            drop(self.news.send(call));
        }
    }

    async fn hang_up(
        &self,
        connection: &mut Connection,
        order: Order,
        awaited: &mut Awaited,
    ) -> Result<(), Broken> {
        // Whoever asked has stopped waiting, and would not learn of it.
        if order.reply.is_closed() {
            return Ok(());
        }
        // Without the list it is not known whether there is no such call.
        if awaited.list.is_some() {
            drop(order.reply.send(Err(AmiError::NotConnected)));
            return Ok(());
        }
        let channel = lock(&self.state).board.channel(order.key).map(str::to_owned);
        // A name that begins with a slash would be a pattern, and hang up every call that it fits.
        let Some(channel) = channel.filter(|name| !name.starts_with('/')) else {
            drop(order.reply.send(Ok(HangUp::NoCall)));
            return Ok(());
        };
        match connection.send("Hangup", &[("Channel", &channel), ("Cause", CAUSE)]).await {
            Ok(id) => {
                awaited.hang_ups.insert(id, order.reply);
                Ok(())
            }
            // The connection is as good as before.
            Err(Broken::NotWritable(error)) => {
                drop(order.reply.send(Err(AmiError::Refused(error.to_string()))));
                Ok(())
            }
            Err(broken) => Err(broken),
        }
    }
}

/// Answers that are still to come.
struct Awaited {
    /// The id of the list of calls, until it is complete.
    list: Option<String>,
    /// Who waits for which answer.
    hang_ups: HashMap<String, oneshot::Sender<Result<HangUp, AmiError>>>,
}

fn hung_up(answer: &Packet) -> Result<HangUp, AmiError> {
    match accepted(answer) {
        Ok(()) => Ok(HangUp::Done),
        Err(why) if why == "No such channel" => Ok(HangUp::NoCall),
        Err(why) => Err(AmiError::Refused(why)),
    }
}

/// Does the work, and meanwhile refuses to hang up: there is no connection.
async fn refusing<T>(orders: &mut mpsc::Receiver<Order>, work: impl Future<Output = T>) -> Result<T, Gone> {
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return Ok(done),
            order = orders.recv() => match order {
                Some(order) => drop(order.reply.send(Err(AmiError::NotConnected))),
                None => return Err(Gone),
            },
        }
    }
}
