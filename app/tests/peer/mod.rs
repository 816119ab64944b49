//! The other end of the trunk: a telephone network on one loopback port, which answers, rings or refuses as the number
//! that is called tells ([`Manner`]), and remembers every call.

#![expect(dead_code, reason = "each test file uses its own part of the peer")]

pub(crate) mod calls;
mod exchange;
mod manner;
mod sip;
mod sound;

use std::collections::HashMap;
use std::net::UdpSocket;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

pub(crate) use calls::Call;
use exchange::Exchange;
pub(crate) use manner::Manner;
pub(crate) use sound::likeness;

/// A peer at work. It ends with its process.
pub(crate) struct Peer {
    record: Arc<Record>,
}

/// What both threads write.
#[derive(Default)]
struct Record {
    calls: Mutex<Vec<Call>>,
    /// The call that sends sound from that port. Ports are used again, by later calls.
    talkers: Mutex<HashMap<u16, usize>>,
}

impl Record {
    fn calls(&self) -> MutexGuard<'_, Vec<Call>> {
        self.calls.lock().unwrap()
    }

    fn talkers(&self) -> MutexGuard<'_, HashMap<u16, usize>> {
        self.talkers.lock().unwrap()
    }
}

impl Peer {
    /// Listens at that port of loopback.
    pub(crate) fn at(port: u16) -> Self {
        let record = Arc::new(Record::default());
        let line = UdpSocket::bind(("127.0.0.1", port)).expect("the peer's port is free");
        let sound = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
        let ear = sound.try_clone().unwrap();
        let exchange = Exchange::new(line, sound, Arc::clone(&record));
        std::thread::spawn(move || exchange.run());
        let heard = Arc::clone(&record);
        std::thread::spawn(move || listen(&ear, &heard));
        Self { record }
    }

    /// Every call so far, in the order in which they came.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.record.calls().clone()
    }

    /// The calls to this number, however it was dialled.
    pub(crate) fn calls_to(&self, number: &str) -> Vec<Call> {
        self.record.calls().iter().filter(|call| call.number.ends_with(number)).cloned().collect()
    }
}

/// Writes down what is heard. One socket hears all calls: Asterisk speaks from a port of its own in each.
fn listen(ear: &UdpSocket, record: &Record) {
    let mut packet = [0; 2_048];
    loop {
        // A port that is closed by now says so here; that is no reason to stop listening. The pause keeps a socket that
        // fails for ever from taking a whole core.
        let Ok((length, from)) = ear.recv_from(&mut packet) else {
            std::thread::sleep(Duration::from_millis(1));
            continue;
        };
        let talker = record.talkers().get(&from.port()).copied();
        if let Some(call) = talker {
            record.calls()[call].sound.add(&packet[..length]);
        }
    }
}
