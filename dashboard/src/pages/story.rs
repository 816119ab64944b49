//! What became of a job, in the words of its row and of its timeline.

use pregon_core::{Entry, Job, LiveCall, Outcome, OutcomeKind, State, Timestamp, Waiting, What};

use crate::format::Locale;
use crate::icon::{Icon, Tone, of_outcome};
use crate::words::Told;

/// Longest error shown in a row, in characters.
const ERROR_SHOWN: usize = 60;

/// A result at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Absent where nothing is known yet.
    pub(crate) icon: Option<Icon>,
    pub(crate) tone: Tone,
    pub(crate) word: String,
    /// Small print.
    pub(crate) detail: String,
}

impl Verdict {
    fn pending(word: String) -> Self {
        Self { icon: None, tone: Tone::Plain, word, detail: String::new() }
    }
}

/// What is known of a call whose fate is not: as much as its job says, and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// It was handed over; nothing came back.
    NoResult,
    /// The worker died meanwhile.
    WorkerDied,
    /// It went on when somebody asked to hang it up.
    HungUp,
}

/// What is known of the latest call.
pub(crate) fn doubt(job: &Job) -> Doubt {
    let of_latest =
        |fits: fn(&What) -> bool| job.timeline.iter().any(|e| e.attempt == job.attempt && fits(&e.what));
    if of_latest(|what| matches!(what, What::HangUpAsked)) {
        Doubt::HungUp
    } else if of_latest(|what| matches!(what, What::Rescued { handed_over: true })) {
        Doubt::WorkerDied
    } else {
        Doubt::NoResult
    }
}

/// Whether a call was handed over before, whatever became of it.
pub(crate) fn was_called(job: &Job) -> bool {
    job.timeline.iter().any(|e| matches!(e.what, What::Dispatched | What::Rescued { handed_over: true }))
}

/// Whether a call was made of which nobody knows what became.
pub(crate) fn was_uncertain(job: &Job) -> bool {
    let uncertain =
        |what: &What| matches!(what, What::Outcome { outcome, .. } if outcome.kind == OutcomeKind::Uncertain);
    job.timeline.iter().any(|entry| uncertain(&entry.what))
}

/// How an outcome reads.
pub(crate) fn verdict(outcome: &Outcome, locale: &Locale) -> Verdict {
    let (icon, tone) = of_outcome(outcome.kind);
    let w = locale.words();
    Verdict {
        icon: Some(icon),
        tone,
        word: (w.outcome)(outcome.kind).to_owned(),
        detail: parts(outcome, locale).join(" · "),
    }
}

/// All small print of an outcome, for its line.
pub(crate) fn detail(outcome: &Outcome, locale: &Locale) -> String {
    let w = locale.words();
    let repeats = outcome.repeats.map(w.calls.asked_again);
    let airing = outcome.airing.as_ref();
    let listeners = airing.and_then(|airing| airing.listeners).map(|n| (w.airs.listeners)(n.into()));
    let reason = airing.and_then(|airing| airing.reason.clone());
    let rest = [repeats, listeners, reason].into_iter().flatten();
    parts(outcome, locale).into_iter().chain(rest).collect::<Vec<_>>().join(" · ")
}

/// Seconds, keys and codes of an outcome: `24 s · pulsó 1 (confirma)`, `Q.850 17 · SIP 486`.
fn parts(outcome: &Outcome, locale: &Locale) -> Vec<String> {
    let mut parts = Vec::new();
    let aired = outcome.airing.as_ref().map(|airing| airing.seconds).filter(|seconds| *seconds > 0.0);
    if let Some(seconds) = outcome.talk_seconds.or(aired) {
        parts.push(format!("{}\u{a0}s", locale.language.seconds(seconds)));
    }
    let w = locale.words();
    let digits = outcome.digits.as_deref().filter(|d| !d.is_empty());
    parts.extend(match (digits.map(w.pressed), outcome.reply.map(w.calls.reply)) {
        (Some(pressed), Some(meaning)) => Some(format!("{pressed} ({meaning})")),
        (Some(alone), None) => Some(alone),
        (None, Some(meaning)) => Some(meaning.to_owned()),
        (None, None) => None,
    });
    // A normal end says nothing that the word has not said.
    if outcome.kind != OutcomeKind::Answered {
        parts.extend(outcome.q850.map(|code| format!("Q.850\u{a0}{code}")));
        parts.extend(outcome.sip.map(|code| format!("SIP\u{a0}{code}")));
    }
    parts
}

/// How a call reads that goes on.
pub(crate) fn on_the_line(call: &LiveCall, locale: &Locale) -> Verdict {
    Verdict {
        icon: Some(Icon::Phone),
        tone: Tone::Go,
        word: (locale.words().phase)(call.phase).to_owned(),
        detail: String::new(),
    }
}

/// How an announcement reads that is on the air.
pub(crate) fn being_heard(locale: &Locale) -> Verdict {
    let word = locale.words().airs.on_air.to_owned();
    Verdict { icon: Some(Icon::Radio), tone: Tone::Go, word, detail: String::new() }
}

/// How the job stands, for its row in a list.
pub(crate) fn result_of(job: &Job, locale: &Locale, now: Timestamp) -> Verdict {
    let w = locale.words();
    match &job.state {
        State::Scheduled { due } if job.attempt == 0 => Verdict::pending((w.at)(&locale.when(*due, now))),
        State::Scheduled { due } => Verdict {
            icon: Some(Icon::Again),
            tone: Tone::Warn,
            word: (w.again_at)(&locale.when(*due, now)),
            detail: String::new(),
        },
        State::Queued { .. } => Verdict::pending(w.waits_for_worker.to_owned()),
        State::Processing { .. } => {
            Verdict::pending((w.with_worker)(job.worker.as_deref().unwrap_or_default()))
        }
        State::Dispatched { waiting: Waiting::Pickup, .. } => Verdict::pending(w.in_the_spool.to_owned()),
        State::Dispatched { waiting: Waiting::Result, .. } => Verdict {
            icon: Some(Icon::NoAnswer),
            tone: Tone::Plain,
            word: w.calling.to_owned(),
            detail: String::new(),
        },
        State::Dispatched { waiting: Waiting::Station, .. } => {
            Verdict::pending(w.airs.with_station.to_owned())
        }
        State::Dispatched { waiting: Waiting::Person, .. } => {
            verdict(&Outcome::of(OutcomeKind::Uncertain), locale)
        }
        State::Completed | State::Failed => match &job.outcome {
            Some(outcome) if outcome.kind == OutcomeKind::Uncertain => decided(job, outcome, locale),
            Some(outcome) => verdict(outcome, locale),
            None => Verdict {
                icon: Some(Icon::Fail),
                tone: Tone::Bad,
                word: shortened(job.last_error.as_deref().unwrap_or_default()),
                detail: String::new(),
            },
        },
        State::Cancelled if job.spec.air().is_some() => Verdict::pending(w.airs.not_aired.to_owned()),
        State::Cancelled => match &job.outcome {
            Some(outcome) => verdict(outcome, locale),
            None if was_called(job) => Verdict::pending(w.not_called_again.to_owned()),
            None => Verdict::pending(w.never_rang.to_owned()),
        },
    }
}

/// How a call reads of which only a person has said what became of it.
fn decided(job: &Job, outcome: &Outcome, locale: &Locale) -> Verdict {
    let w = locale.words();
    if job.state == State::Completed {
        let (icon, tone) = (Some(Icon::Check), Tone::Ok);
        return Verdict {
            icon,
            tone,
            word: w.calls.was_heard.to_owned(),
            detail: w.calls.a_person_says.to_owned(),
        };
    }
    Verdict { tone: Tone::Plain, detail: w.calls.was_left.to_owned(), ..verdict(outcome, locale) }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= ERROR_SHOWN {
        return text.to_owned();
    }
    text.chars().take(ERROR_SHOWN).chain(['…']).collect()
}

/// The class of a row.
pub(crate) const fn row_class(job: &Job) -> &'static str {
    match job.state {
        State::Processing { .. } => "on",
        State::Failed => "bad",
        State::Dispatched { waiting: Waiting::Person, .. } => "doubt",
        State::Cancelled => "gone",
        State::Scheduled { .. }
        | State::Queued { .. }
        | State::Dispatched { waiting: Waiting::Pickup | Waiting::Result | Waiting::Station, .. }
        | State::Completed => "",
    }
}

/// A line of the timeline.
pub(crate) enum Line {
    /// A new attempt begins.
    Attempt(String),
    /// Something happened.
    Entry(Box<EntryLine>),
}

/// What happened, and when.
pub(crate) struct EntryLine {
    pub(crate) at: Timestamp,
    pub(crate) clock: String,
    pub(crate) told: Told,
}

/// The timeline, with a heading wherever a new attempt begins.
pub(crate) fn timeline(job: &Job, locale: &Locale, now: Timestamp) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut attempt = 0;
    for Entry { at, attempt: of, what } in &job.timeline {
        if *of != attempt {
            attempt = *of;
            lines.push(Line::Attempt((locale.words().attempt_n)(attempt)));
        }
        let told = (locale.words().told)(what, job, locale, now);
        lines.push(Line::Entry(Box::new(EntryLine { at: *at, clock: locale.clock_seconds(*at), told })));
    }
    lines
}
