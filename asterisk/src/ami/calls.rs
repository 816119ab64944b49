//! Who is on the telephone, as the events tell it. Pure: packets in, changes out.

use std::collections::HashMap;

use pregon_core::{JobId, Key, Timestamp};

use super::packet::Packet;
use crate::callfile::CONTEXT;

/// How far a call is. Later phases are greater; a call never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Asterisk has sent the call out.
    Dialling,
    /// The other side says that it rings.
    Ringing,
    /// Somebody, or something, picked up.
    Answered,
    /// Over.
    HungUp {
        /// Q.850 cause; absent when the far end hung up without one.
        q850: Option<u16>,
        /// SIP status, where the technology told one.
        sip: Option<u16>,
    },
    /// Over, and how it ended went by while there was no connection.
    Gone,
}

impl Phase {
    /// Whether nobody is on the line any more.
    pub const fn is_over(self) -> bool {
        match self {
            Self::Dialling | Self::Ringing | Self::Answered => false,
            Self::HungUp { .. } | Self::Gone => true,
        }
    }
}

/// One call, as it is right now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The attempt.
    pub key: Key,
    /// How far it is.
    pub phase: Phase,
    /// Asterisk's name of its channel, such as `PJSIP/trunk-0000002a`. With some technologies it holds the number.
    pub channel: String,
    /// When it was first seen in this phase.
    pub since: Timestamp,
}

/// A channel of ours, as an event describes it.
struct Leg {
    key: Key,
    channel: String,
    unique_id: String,
    phase: Phase,
}

impl Leg {
    /// Reads the channel whose fields begin with `prefix`. `None` when it is not ours, or not the one to follow.
    fn read(packet: &Packet, prefix: &str) -> Option<Self> {
        let field = |name: &str| packet.get(&format!("{prefix}{name}")).map(str::to_owned);
        let variables = format!("{prefix}ChanVariable");
        let variable = |name| packet.all(&variables).find_map(|v| v.strip_prefix(name));
        let job: JobId = variable("PREGON_JOB=")?.parse().ok()?;
        let attempt = variable("PREGON_ATTEMPT=")?;
        let channel = field("Channel")?;
        // The far half of a Local channel gets copies of the variables; only the near one is the call file's.
        if channel.ends_with(";2") {
            return None;
        }
        Some(Self {
            key: format!("{job}-{attempt}").parse().ok()?,
            channel,
            unique_id: field("Uniqueid")?,
            phase: match field("ChannelState")?.as_str() {
                "5" => Phase::Ringing,
                "6" => Phase::Answered,
                _ => Phase::Dialling,
            },
        })
    }
}

#[derive(Debug)]
struct Line {
    call: Call,
    unique_id: String,
    /// The connection that has last confirmed it.
    connection: u64,
}

/// The calls that are going on.
#[derive(Debug, Default)]
pub(super) struct Board {
    lines: HashMap<Key, Line>,
    connection: u64,
}

impl Board {
    /// From now on another connection tells.
    pub(super) fn begin(&mut self) {
        self.connection += 1;
    }

    /// What this packet changes.
    pub(super) fn apply(&mut self, packet: &Packet, now: Timestamp) -> Option<Call> {
        match packet.get("Event")? {
            // Neither can follow the Hangup of its channel, and leave behind a call that never ends: a channel is taken
            // off all lists before that is told, and the thread that dials holds it until it is done (channel.c, dial.c).
            "DialBegin" => self.open(Leg::read(packet, "Dest")?, now),
            "Status" => self.open(Leg::read(packet, "")?, now),
            "Newstate" => self.advance(&Leg::read(packet, "")?, now),
            "DialState" if packet.get("DialStatus") == Some("RINGING") => {
                let leg = Leg::read(packet, "Dest")?;
                self.advance(&Leg { phase: leg.phase.max(Phase::Ringing), ..leg }, now)
            }
            "Hangup" => self.close(Leg::read(packet, "")?, packet, now),
            _ => None,
        }
    }

    /// Everything that goes on was told to the present connection: what it did not tell is over.
    pub(super) fn settle(&mut self, now: Timestamp) -> Vec<Call> {
        let present = self.connection;
        let gone = self.lines.extract_if(|_, line| line.connection != present);
        gone.map(|(_, line)| Call { phase: Phase::Gone, since: now, ..line.call }).collect()
    }

    /// All calls, oldest job first.
    pub(super) fn calls(&self) -> Vec<Call> {
        let mut calls: Vec<_> = self.lines.values().map(|line| line.call.clone()).collect();
        calls.sort_by_key(|call| call.key);
        calls
    }

    /// The channel of a call that is going on.
    pub(super) fn channel(&self, key: Key) -> Option<&str> {
        self.lines.get(&key).map(|line| line.call.channel.as_str())
    }

    /// A call that may be new.
    fn open(&mut self, leg: Leg, now: Timestamp) -> Option<Call> {
        let known = self.lines.get(&leg.key);
        if known.is_some_and(|l| l.unique_id == leg.unique_id || l.connection == self.connection) {
            return self.advance(&leg, now);
        }
        let call = Call { key: leg.key, phase: leg.phase, channel: leg.channel, since: now };
        let line = Line { call: call.clone(), unique_id: leg.unique_id, connection: self.connection };
        self.lines.insert(leg.key, line);
        Some(call)
    }

    fn advance(&mut self, leg: &Leg, now: Timestamp) -> Option<Call> {
        let line = self.lines.get_mut(&leg.key).filter(|line| line.unique_id == leg.unique_id)?;
        line.connection = self.connection;
        line.call.channel.clone_from(&leg.channel);
        // Ringing is told by two threads, and can come after the answer.
        if leg.phase <= line.call.phase {
            return None;
        }
        line.call.phase = leg.phase;
        line.call.since = now;
        Some(line.call.clone())
    }

    /// Told even of a call that was not known: it began before the connection did.
    fn close(&mut self, leg: Leg, packet: &Packet, now: Timestamp) -> Option<Call> {
        let known = self.lines.get(&leg.key);
        if known.is_some_and(|line| line.unique_id != leg.unique_id) {
            return None;
        }
        self.lines.remove(&leg.key);
        let number = |name| packet.get(name).and_then(|n| n.parse().ok());
        let q850 = number("Cause").filter(|cause| *cause != 0);
        let sip = number("TechCause").filter(|status| (100..700).contains(status));
        Some(Call { key: leg.key, phase: Phase::HungUp { q850, sip }, channel: leg.channel, since: now })
    }
}

/// Whether a channel is in our dialplan and Asterisk does not tell whose it is: `channelvars` is missing.
pub(super) fn is_nameless(packet: &Packet) -> bool {
    packet.get("Event") == Some("Hangup")
        && packet.get("Context") == Some(CONTEXT)
        && !packet.all("ChanVariable").any(|v| v.starts_with("PREGON_JOB="))
}

#[cfg(test)]
#[path = "calls_tests.rs"]
mod tests;
