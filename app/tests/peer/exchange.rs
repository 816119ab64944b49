//! The peer's side of each call.

use std::collections::{BTreeMap, HashMap};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use pregon_core::clock;

use super::Record;
use super::calls::Call;
use super::manner::Manner;
use super::sip::{Message, status_line};
use super::sound::{Sound, key_packets};

/// Between an answer and what the one who answered does next.
const MOMENT: Duration = Duration::from_secs(1);

/// SIP over UDP repeats what is not acknowledged, at growing intervals, and gives up after the last.
const REPEAT: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(16));

/// How long the thread waits for a packet when nothing is due.
const IDLE: Duration = Duration::from_millis(200);

pub(super) struct Exchange {
    line: UdpSocket,
    sound: UdpSocket,
    ports: (u16, u16),
    record: Arc<Record>,
    dialogs: HashMap<String, Dialog>,
    /// What is due, by time and serial number.
    agenda: BTreeMap<(Instant, u64), (String, Step)>,
    serial: u64,
}

struct Dialog {
    invite: Message,
    from: SocketAddr,
    /// Its place in the record.
    call: usize,
    tag: String,
    /// The latest response to the INVITE, for when that is repeated. A dead line has none.
    last: Option<Vec<u8>>,
    /// What is repeated until the other side has acknowledged it.
    unacknowledged: Option<Vec<u8>>,
    after_answer: Option<Step>,
}

#[derive(Clone)]
enum Step {
    Answer,
    Refuse(u16),
    HangUp,
    Press(String),
    Sound(Vec<u8>),
    Repeat(Duration),
}

impl Exchange {
    pub(super) fn new(line: UdpSocket, sound: UdpSocket, record: Arc<Record>) -> Self {
        let port = |socket: &UdpSocket| socket.local_addr().unwrap().port();
        let ports = (port(&line), port(&sound));
        Self { line, sound, ports, record, dialogs: HashMap::new(), agenda: BTreeMap::new(), serial: 0 }
    }

    pub(super) fn run(mut self) {
        let mut packet = vec![0; 65_536];
        loop {
            let next = self.agenda.first_key_value().map(|((at, _), _)| *at);
            let wait = next.map_or(IDLE, |at| at.saturating_duration_since(Instant::now()).min(IDLE));
            self.line.set_read_timeout(Some(wait.max(Duration::from_micros(1)))).unwrap();
            // No packet in time, or word of a port that is closed by now.
            if let Ok((length, from)) = self.line.recv_from(&mut packet)
                && let Some(message) = Message::read(&packet[..length])
            {
                self.receive(message, from);
            }
            while let Some(due) = self.agenda.first_entry().filter(|e| e.key().0 <= Instant::now()) {
                let (id, step) = due.remove();
                self.act(&id, step);
            }
        }
    }

    fn receive(&mut self, message: Message, from: SocketAddr) {
        let id = message.header("Call-ID").to_owned();
        match message.method() {
            Some("INVITE") if message.in_dialog() => {
                self.send(from, &message.response("200 OK", "", self.ports.0, Some(self.ports.1)));
            }
            Some("INVITE") => match self.dialogs.get(&id) {
                Some(dialog) => dialog.last.iter().for_each(|last| self.send(from, last)),
                None => self.begin(id, message, from),
            },
            Some("ACK") => self.acknowledged(&id),
            None if message.header("CSeq").ends_with("BYE") => self.acknowledged(&id),
            None => {}
            Some(method) => {
                self.send(from, &message.response("200 OK", "", self.ports.0, None));
                match method {
                    "CANCEL" => self.act(&id, Step::Refuse(487)),
                    "BYE" => self.end(&id),
                    _ => {}
                }
            }
        }
    }

    fn begin(&mut self, id: String, invite: Message, from: SocketAddr) {
        let now = Instant::now();
        let (caller, trunk) = invite.caller();
        let call = Call {
            number: invite.user().to_owned(),
            caller: caller.to_owned(),
            trunk: trunk.to_owned(),
            invited_at: clock::now(),
            invited: now,
            rang: None,
            answered: None,
            ended: None,
            sound: Sound::default(),
        };
        let manner = Manner::of(&call.number);
        let place = {
            let mut calls = self.record.calls();
            calls.push(call);
            calls.len() - 1
        };
        let dialog = Dialog {
            invite,
            from,
            call: place,
            tag: format!("peer{place}"),
            last: None,
            unacknowledged: None,
            after_answer: None,
        };
        self.dialogs.insert(id.clone(), dialog);
        match manner {
            Some(manner) => self.treat(id, manner, now),
            // A number of no manner exists no more than one that nobody has.
            None => self.act(&id, Step::Refuse(404)),
        }
    }

    fn treat(&mut self, id: String, manner: Manner, now: Instant) {
        let (ring, step, after) = match manner {
            Manner::Dead => return,
            Manner::Refuse { status } => return self.act(&id, Step::Refuse(status)),
            Manner::Ring => (Duration::ZERO, None, None),
            Manner::RingAndRefuse { status } => (MOMENT, Some(Step::Refuse(status)), None),
            Manner::Answer { ring } => (ring, Some(Step::Answer), None),
            Manner::HangUp => (Duration::ZERO, Some(Step::Answer), Some(Step::HangUp)),
            Manner::Press { keys } => (Duration::ZERO, Some(Step::Answer), Some(Step::Press(keys))),
        };
        self.say(&id, "180 Ringing", None);
        self.note(&id, |call| call.rang = Some(now));
        if let Some(dialog) = self.dialogs.get_mut(&id) {
            dialog.after_answer = after;
        }
        if let Some(step) = step {
            self.plan(now + ring, id, step);
        }
    }

    /// Steps that come too late for their call do nothing.
    fn act(&mut self, id: &str, step: Step) {
        let Some(dialog) = self.dialogs.get(id) else { return };
        let (answered, over) = {
            let call = &self.record.calls()[dialog.call];
            (call.answered.is_some(), call.ended.is_some())
        };
        match step {
            Step::Answer if !over => self.answer(id),
            Step::Refuse(status) if !over && !answered => {
                self.say(id, &status_line(status), None);
                self.insist(id);
                self.end(id);
            }
            Step::HangUp if !over => {
                let bye = dialog.invite.bye(&dialog.tag, self.ports.0);
                self.send(dialog.from, &bye);
                if let Some(dialog) = self.dialogs.get_mut(id) {
                    dialog.unacknowledged = Some(bye);
                }
                self.plan(Instant::now() + REPEAT.0, id.to_owned(), Step::Repeat(REPEAT.0));
                self.end(id);
            }
            Step::Press(keys) if !over => {
                let now = Instant::now();
                for (after, packet) in key_packets(&keys) {
                    self.plan(now + after, id.to_owned(), Step::Sound(packet));
                }
            }
            Step::Sound(packet) if !over => {
                if let Some(port) = dialog.invite.sound_port() {
                    drop(self.sound.send_to(&packet, ("127.0.0.1", port)));
                }
            }
            Step::Repeat(interval) => self.repeat(id, interval),
            Step::Answer | Step::Refuse(_) | Step::HangUp | Step::Press(_) | Step::Sound(_) => {}
        }
    }

    fn answer(&mut self, id: &str) {
        let Some(dialog) = self.dialogs.get_mut(id) else { return };
        let after = dialog.after_answer.take();
        if let Some(port) = dialog.invite.sound_port() {
            self.record.talkers().insert(port, dialog.call);
        }
        let now = Instant::now();
        self.note(id, |call| call.answered = Some(now));
        self.say(id, "200 OK", Some(self.ports.1));
        self.insist(id);
        if let Some(step) = after {
            self.plan(now + MOMENT, id.to_owned(), step);
        }
    }

    /// Responds to the INVITE.
    fn say(&mut self, id: &str, status: &str, sound: Option<u16>) {
        let Some(dialog) = self.dialogs.get_mut(id) else { return };
        let response = dialog.invite.response(status, &dialog.tag, self.ports.0, sound);
        let to = dialog.from;
        dialog.last = Some(response.clone());
        self.send(to, &response);
    }

    /// Repeats the latest response until it is acknowledged.
    fn insist(&mut self, id: &str) {
        let Some(dialog) = self.dialogs.get_mut(id) else { return };
        dialog.unacknowledged.clone_from(&dialog.last);
        self.plan(Instant::now() + REPEAT.0, id.to_owned(), Step::Repeat(REPEAT.0));
    }

    fn repeat(&mut self, id: &str, interval: Duration) {
        let Some(dialog) = self.dialogs.get(id) else { return };
        let Some(message) = &dialog.unacknowledged else { return };
        self.send(dialog.from, message);
        if interval < REPEAT.1 {
            self.plan(Instant::now() + interval * 2, id.to_owned(), Step::Repeat(interval * 2));
        }
    }

    fn acknowledged(&mut self, id: &str) {
        if let Some(dialog) = self.dialogs.get_mut(id) {
            dialog.unacknowledged = None;
        }
    }

    fn end(&mut self, id: &str) {
        let now = Instant::now();
        self.note(id, |call| {
            call.ended.get_or_insert(now);
        });
    }

    fn note(&self, id: &str, what: impl FnOnce(&mut Call)) {
        if let Some(dialog) = self.dialogs.get(id) {
            what(&mut self.record.calls()[dialog.call]);
        }
    }

    fn plan(&mut self, at: Instant, id: String, step: Step) {
        self.serial += 1;
        self.agenda.insert((at, self.serial), (id, step));
    }

    fn send(&self, to: SocketAddr, packet: &[u8]) {
        drop(self.line.send_to(packet, to));
    }
}
