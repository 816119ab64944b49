//! The cry: how things stand, in two sentences at most, the most urgent first.

use std::time::Duration;

/// One sentence of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cry {
    /// Nothing can leave: the queue does not answer.
    QueueSilent,
    /// Jobs wait and nobody takes them.
    NobodyWorks { waiting: u64 },
    /// Calls wait for a person's decision.
    Uncertain(u64),
    /// A worker died.
    WorkerSilent(String),
    /// Several did.
    WorkersSilent(u64),
    /// Messages that are no jobs were set aside.
    SetAside(u64),
    /// Many calls of the last hour failed.
    Failing { failed: u64, ended: u64 },
    /// The queue takes this long at the present pace.
    Behind(Duration),
    /// Calls leave at this pace, per minute.
    Leaving(u64),
    /// This many left in the last five minutes.
    Left(u64),
    /// Jobs wait for their time, and nothing else is going on.
    Planned(u64),
    /// All is well and nothing is going on.
    Quiet,
    /// Nothing was ever asked for.
    First,
}

impl Cry {
    /// Where it leads.
    pub(crate) const fn leads_to(&self) -> &'static str {
        match self {
            Self::QueueSilent | Self::SetAside(_) => "#frag-queues",
            Self::NobodyWorks { .. } | Self::WorkerSilent(_) | Self::WorkersSilent(_) => "#frag-workers",
            Self::Uncertain(_) => "#frag-people",
            Self::Failing { .. } => "/jobs?status=failed&since=hour",
            Self::Behind(_) => "/jobs?status=queued",
            Self::Leaving(_) | Self::Left(_) => "#frag-output",
            Self::Planned(_) => "/jobs?status=scheduled",
            Self::Quiet | Self::First => "",
        }
    }
}

/// What the cry is made of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Situation {
    pub(crate) queue_answers: bool,
    pub(crate) total: u64,
    pub(crate) queued: u64,
    pub(crate) scheduled: u64,
    pub(crate) uncertain: u64,
    pub(crate) set_aside: u64,
    pub(crate) alive: u64,
    /// Names of workers that fell silent.
    pub(crate) silent: Vec<String>,
    /// Handed over in the last five minutes.
    pub(crate) left: u64,
    /// Failed, and ended in any way, in the last hour.
    pub(crate) failed: u64,
    pub(crate) ended: u64,
}

/// Fewer failures than this are no news.
const FEW: u64 = 5;
/// A queue that empties within this time is no news.
const SOON: Duration = Duration::from_mins(2);
const WINDOW: Duration = Duration::from_mins(5);

/// The sentences for a situation.
pub(crate) fn cry(now: &Situation) -> Vec<Cry> {
    let mut all = Vec::new();
    if !now.queue_answers {
        all.push(Cry::QueueSilent);
    }
    if now.alive == 0 && now.queued > 0 {
        all.push(Cry::NobodyWorks { waiting: now.queued });
    }
    if now.uncertain > 0 {
        all.push(Cry::Uncertain(now.uncertain));
    }
    match now.silent.as_slice() {
        [] => {}
        [one] => all.push(Cry::WorkerSilent(one.clone())),
        several => all.push(Cry::WorkersSilent(several.len() as u64)),
    }
    if now.set_aside > 0 {
        all.push(Cry::SetAside(now.set_aside));
    }
    if now.failed >= FEW && now.failed * 4 >= now.ended {
        all.push(Cry::Failing { failed: now.failed, ended: now.ended });
    }
    if let Some(wait) = backlog(now).filter(|wait| *wait > SOON && now.alive > 0) {
        all.push(Cry::Behind(wait));
    }
    all.extend(pace(now));
    if all.is_empty() {
        all.push(if now.total == 0 { Cry::First } else { Cry::Quiet });
    }
    all.truncate(2);
    all
}

fn pace(now: &Situation) -> Option<Cry> {
    match (now.left / 5, now.left, now.scheduled) {
        (0, 0, 0) => None,
        (0, 0, planned) => Some(Cry::Planned(planned)),
        (0, few, _) => Some(Cry::Left(few)),
        (per_minute, ..) => Some(Cry::Leaving(per_minute)),
    }
}

/// How long the queue takes at the pace of the last minutes.
fn backlog(now: &Situation) -> Option<Duration> {
    let seconds = now.queued.saturating_mul(WINDOW.as_secs()).checked_div(now.left)?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn well() -> Situation {
        Situation { queue_answers: true, total: 10, alive: 1, ..Situation::default() }
    }

    #[test]
    fn quiet_when_nothing_happens() {
        assert_eq!(cry(&well()), [Cry::Quiet]);
        assert_eq!(cry(&Situation { total: 0, ..well() }), [Cry::First]);
        assert_eq!(cry(&Situation { scheduled: 3, ..well() }), [Cry::Planned(3)]);
        assert_eq!(cry(&Situation { left: 3, ..well() }), [Cry::Left(3)]);
    }

    #[test]
    fn the_most_urgent_come_first_and_two_are_enough() {
        let busy = Situation { left: 230, uncertain: 2, queued: 10_000, ..well() };
        assert_eq!(cry(&busy), [Cry::Uncertain(2), Cry::Behind(Duration::from_secs(13_043))]);
        let dead = Situation { alive: 0, silent: vec!["a".into(), "b".into()], queue_answers: false, ..busy };
        assert_eq!(cry(&dead), [Cry::QueueSilent, Cry::NobodyWorks { waiting: 10_000 }]);
    }

    #[test]
    fn a_few_failures_are_no_news() {
        let failing = |failed, ended| cry(&Situation { failed, ended, left: 50, ..well() });
        assert_eq!(failing(4, 4), [Cry::Leaving(10)]);
        assert_eq!(failing(20, 1_000), [Cry::Leaving(10)]);
        assert_eq!(failing(20, 60), [Cry::Failing { failed: 20, ended: 60 }, Cry::Leaving(10)]);
    }
}
