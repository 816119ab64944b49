//! How things stand, in English: the sentences that pages open with.

use pregon_core::StateName;

use super::{en, plural};
use crate::format::glance;
use crate::pages::Cry;
use crate::words::{Said, said};

pub(super) fn list_lede(n: u64, state: StateName) -> String {
    match state {
        StateName::Scheduled => format!("{} for their time.", plural(n, "job waits", "jobs wait")),
        StateName::Queued => format!("{} for a worker.", plural(n, "job waits", "jobs wait")),
        StateName::Processing => format!("{} in a worker's hands.", plural(n, "job is", "jobs are")),
        StateName::Dispatched => {
            format!("{} without an outcome yet.", plural(n, "dispatched job", "dispatched jobs"))
        }
        StateName::Completed => format!("{} heard.", plural(n, "job was", "jobs were")),
        StateName::Failed => format!("{} without being heard.", plural(n, "job ended", "jobs ended")),
        StateName::Cancelled => {
            format!("{} before ringing.", plural(n, "job was cancelled", "jobs were cancelled"))
        }
    }
}

pub(super) fn cry(sentence: &Cry) -> Said {
    match sentence {
        Cry::QueueSilent => said("", "The queue does not answer", ": nothing new leaves until it is back."),
        Cry::NobodyWorks { waiting } => {
            let waiting = format!("{} and ", plural(*waiting, "job waits", "jobs wait"));
            said(&waiting, "no worker is running", ".")
        }
        Cry::Uncertain(1) => said("", "1 uncertain call", " waits for your decision."),
        Cry::Uncertain(n) => said("", &format!("{} uncertain calls", en(*n)), " wait for your decision."),
        Cry::WorkerSilent(name) => said("", &format!("Worker {name}"), " gives no sign of life."),
        Cry::WorkersSilent(n) => said("", &format!("{} workers", en(*n)), " give no sign of life."),
        Cry::SetAside(1) => said("", "1 message", " that is no job was set aside."),
        Cry::SetAside(n) => said("", &format!("{} messages", en(*n)), " that are no jobs were set aside."),
        Cry::Failing { failed, ended } => {
            said("", &format!("{} of {} jobs failed", en(*failed), en(*ended)), " in the last hour.")
        }
        Cry::Behind(span) => said("The queue is ", &format!("about {} behind", glance(*span)), "."),
        Cry::Leaving(1) => said("", "1 announcement a minute", " leaves."),
        Cry::Leaving(n) => said("Announcements ", &format!("leave at {} a minute", en(*n)), "."),
        Cry::Left(1) => said("", "1 announcement left", " in the last 5 minutes."),
        Cry::Left(n) => said("", &format!("{} announcements left", en(*n)), " in the last 5 minutes."),
        Cry::Planned(1) => said("All quiet; ", "1 job waits for its time", "."),
        Cry::Planned(n) => said("All quiet; ", &format!("{} jobs wait for their time", en(*n)), "."),
        Cry::Quiet => said("All is up and quiet.", "", ""),
        Cry::First => said("All is up and quiet. The first cry is yours.", "", ""),
    }
}
