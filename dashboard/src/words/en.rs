//! English.

use pregon_core::{
    DEAD, Job, Lane, Outcome, OutcomeKind, Played, RESULTS, Role, State, StateName, Timestamp, Waiting, What,
};

use super::{Language, Said, Told, Words, said};
use crate::format::{Locale, glance};
use crate::icon::{Icon, Tone, of_outcome};
use crate::pages::{Cry, Flash, detail};

pub(super) static WORDS: Words = Words {
    name: "English",
    weekdays: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    date: |weekday, day, month, time| format!("{weekday} {day} {month}, {time}"),
    ago: |span| format!("{span} ago"),
    at: |time| format!("at {time}"),
    skip: "Skip to content",
    sections: "Sections",
    overview: "Overview",
    jobs: "Jobs",
    need_a_person: "need a person",
    theme: "Theme",
    theme_auto: "Same as system",
    theme_light: "Light",
    theme_dark: "Dark",
    live: "Live",
    offline: "Offline",
    role: |role| match role {
        Role::Viewer => "viewer",
        Role::Client => "client",
        Role::Admin => "operator",
    },
    this_machine: "This machine",
    no_keys: "no keys",
    sign_out: "Sign out",
    show_data: "Show the data",
    copy: "Copy",
    copied: "Copied",
    flash: |flash| match flash {
        Flash::Cancelled => "Cancelled in time: it will not ring.",
        Flash::CancelAsked => {
            "Asked to cancel. The worker that holds it decides within seconds whether it is in time."
        }
        Flash::TooLate => "Too late: it had been dispatched or had ended.",
        Flash::Again => "It is queued again.",
        Flash::NotEnded => "Not repeated: it has not ended yet.",
        Flash::Changed => {
            "Not repeated: the page was old and another attempt was made meanwhile. See how it stands now."
        }
        Flash::Replayed => "The set-aside messages are back in their queue.",
        Flash::NotReplayed => "The queue does not answer: the messages are still set aside.",
        Flash::Scaled => "The number of workers has changed.",
    },
    cry: |sentence| cry(sentence),
    by_state: "Jobs by state",
    people_title: "Need a person",
    people_count: |n| format!("{} uncertain", en(n)),
    people_fate: "Handed to Asterisk; it may or may not have rung. Nobody is called again until you decide.",
    more_people: "See all",
    output: "Output per minute",
    output_label: |most, failed| {
        format!(
            "Bars per minute over the last hour: up to {most} completed in a minute; {failed} failed in total"
        )
    },
    wait: "Wait",
    run: "Processing",
    times_label: |title, p50, p95| {
        if p50.is_empty() {
            format!("{title} over the last hour: nothing to measure")
        } else {
            format!("{title} over the last hour: median {p50}, p95 {p95}")
        }
    },
    one_hour: "last hour",
    hour_ago: "60 min ago",
    half_hour_ago: "30 min ago",
    just_now: "now",
    minute: "Minute",
    accepted: "Accepted",
    quiet_minutes: "Minutes in which nothing happened are left out.",
    nothing_yet: "Nothing in the last hour",
    queues: "Queues",
    queue: "Queue",
    queue_name: |name| match name {
        n if n == Lane::High.queue() => "High",
        n if n == Lane::Normal.queue() => "Normal",
        n if n == DEAD => "Set aside",
        n if n == RESULTS => "Results",
        "tts_delayed" => "Delayed",
        _ => "Other",
    },
    waiting: "Waiting",
    consumers: "Consumers",
    queue_silent: "The queue does not answer",
    replay: "Put back",
    replay_ask: "These messages could not be read as jobs. Once the cause is fixed, they go back to their queue.",
    replay_yes: |n| format!("Put back {}", en(n)),
    workers: "Workers",
    slots_busy: |busy, slots| format!("{} of {} slots busy", en(busy), en(slots)),
    worker: "Worker",
    slots: "Slots",
    beat: "Heartbeat",
    of: |n, of| format!("{} of {}", en(n), en(of)),
    worker_done: |done, rescued| match rescued {
        0 => format!("{} done", en(done)),
        _ => format!("{} done, {} rescued", en(done), en(rescued)),
    },
    no_beat: "no heartbeat",
    no_workers: "No worker is running. Start one with",
    scale: "Scale",
    scale_count: "Workers of this process",
    failures: "Recent failures",
    see_all: |n| format!("See all {}", en(n)),
    no_failures: "None. As it should be.",
    reason: "Reason",
    advice_title: "What next",
    advice: |kind| match kind {
        None => "look at the error, then try again",
        Some(OutcomeKind::Busy | OutcomeKind::NoAnswer) => "can be called again",
        Some(OutcomeKind::Rejected) => "better not insist",
        Some(OutcomeKind::InvalidNumber) => "check the number",
        Some(OutcomeKind::Congestion | OutcomeKind::Unreachable) => "check the trunk",
        Some(OutcomeKind::Silent) => "check the trunk audio",
        Some(OutcomeKind::Expired) => "too late; never rang",
        Some(OutcomeKind::Uncertain) => "a person decides",
        Some(OutcomeKind::Answered) => "answered, nothing heard",
    },
    next_at: |time| format!("next at {time}"),
    high_waiting: |n| format!("{} high priority", en(n)),
    of_slots: |n| format!("of {}", plural(n, "slot", "slots")),
    last_hour: |n| format!("{} in the last hour", en(n)),
    heard_share: |share| format!("{share} of all that ended"),
    todo: "What to do now",
    todo_runs: "Pregón is running",
    todo_runs_text: "The queue and the store answer.",
    done: "done",
    todo_call: "Make a test call",
    todo_call_text: "With the simulator no telephone rings; you will see the audio, the call file and the outcome.",
    todo_test: "Or let the program do it",
    todo_test_text: "Asks for a call and follows it to its outcome:",
    sample_text: "Hello, this is my first call.",
    your_key: "YOUR_KEY",
    latest_jobs: "Latest jobs",
    no_jobs: "No jobs yet",
    no_jobs_text: "The first one appears here as soon as you ask for it, without reloading.",
    doctor: "explains how to fix each thing.",
    list_lede: |n, state| match (n, state) {
        (0, None) => "There are no jobs.".to_owned(),
        (n, None) => format!("{} in total.", plural(n, "job", "jobs")),
        (n, Some(state)) => list_lede(n, state),
    },
    list_found_lede: |n| match n {
        0 => "No job matches the filter.".to_owned(),
        1 => "One job matches the filter.".to_owned(),
        n => format!("{} jobs match the filter.", en(n)),
    },
    list_empty_lede: "No call has been asked for yet.",
    list_more_lede: "These match the filter; there are more pages.",
    list_label: "List of jobs",
    list_caption: "Jobs, newest first",
    state: |state| match state {
        StateName::Scheduled => "Scheduled",
        StateName::Queued => "Queued",
        StateName::Processing => "Processing",
        StateName::Dispatched => "Dispatched",
        StateName::Completed => "Completed",
        StateName::Failed => "Failed",
        StateName::Cancelled => "Cancelled",
    },
    states: |state| match state {
        StateName::Scheduled => "Scheduled",
        StateName::Queued => "Queued",
        StateName::Processing => "Processing",
        StateName::Dispatched => "Dispatched",
        StateName::Completed => "Completed",
        StateName::Failed => "Failed",
        StateName::Cancelled => "Cancelled",
    },
    state_title: "State",
    all: "All",
    search: "Search",
    search_hint: "text, digits of the number or id",
    priority: "Priority",
    any: "Any",
    high: "High",
    normal: "Normal",
    since: "Since",
    since_ever: "Ever",
    since_hour: "Last hour",
    since_today: "Today",
    since_week: "7 days",
    filter: "Filter",
    clear: "Clear filters",
    to: "To",
    text: "Text",
    outcome_title: "Outcome",
    attempt: "Attempt",
    time: "Time",
    pages: "Pages",
    newer: "Newer",
    older: "Older",
    new_ones: |n, more| match (n, more) {
        (n, true) => format!("{} new or more", en(n)),
        (n, _) => format!("{} new", en(n)),
    },
    none_match: "None here",
    none_match_text: "Try fewer filters, or the last digits of the number.",
    keep_looking: "The most recent ones were searched. Go on with “Older”.",
    outcome,
    pressed: |digits| format!("pressed {digits}"),
    again_at: |time| format!("again at {time}"),
    with_worker: |worker| format!("with {worker}"),
    waits_for_worker: "waits for a worker",
    in_the_spool: "in the spool",
    calling: "calling",
    never_rang: "never rang",
    call: "Call",
    crumbs: "You are at",
    accepted_at: |time| format!("accepted: {time}"),
    ended_at: |time| format!("ended: {time}"),
    story,
    simulated: "Simulated",
    call_again: "Call again",
    again_ask: |job| {
        let attempt = job.attempt.saturating_add(1);
        let first = match job.state.name() {
            StateName::Completed => "This person has heard the message.",
            StateName::Dispatched => "This person may already have heard the message.",
            _ => "It goes back to the queue.",
        };
        format!("{first} Attempt {attempt} will be created.")
    },
    again_yes: |tail| format!("Yes, call {tail}"),
    cancel: "Cancel",
    cancel_ask: |state| match state {
        StateName::Processing => "A worker holds it and decides whether it is in time.",
        _ => "The call will not be made.",
    },
    cancel_yes: "Yes, cancel it",
    cannot_cancel: |state| match state {
        StateName::Dispatched => "Already dispatched: it cannot be cancelled.",
        _ => "It has ended: it cannot be cancelled.",
    },
    message: "Message",
    asked_text: "Text asked for",
    no_audio: "The audio will be here as soon as it is dispatched.",
    listen: "Listen to the message",
    wave_label: |seconds| format!("Waveform of the message, {seconds} seconds"),
    measures: "Audio measurements",
    loudness: "Loudness",
    peak: "True peak",
    format: "Format",
    mono: "mono",
    voice: "Voice",
    cache: "Cache",
    cache_hit: "hit",
    cache_miss: "new",
    fallback: "Another voice spoke:",
    timeline: "What happened",
    attempt_n: |n| format!("Attempt {n}"),
    told,
    facts: "Facts",
    number: "Number",
    show: "Show",
    is_logged: "(is logged)",
    was_logged: "(was logged)",
    digits: "Pressed",
    attempts: "Attempts",
    rescues: "Rescues",
    trunk: "Trunk",
    caller_id: "Calls from",
    client: "Client",
    waited: "Wait",
    not_before: "Not before",
    expires: "Expires",
    labels: "Labels",
    error: "Error",
    call_file: "Call file",
    call_file_void: "This attempt was voided before it was dispatched: it can never ring.",
    sign_in: "Sign in",
    sign_in_lede: "Sign in to see what is being cried",
    key: "Key",
    key_wrong: "That key does not exist or has been revoked.",
    key_slow: "Too many tries. Wait a minute.",
    key_hint: "It is shown at the end of",
    key_hint_also: "It also stands in",
    not_found: "There is nothing here",
    not_found_text: "The address does not exist, or the job ended long ago and was removed.",
    away: "The job store does not answer",
    away_text: "Accepted calls are not lost: they go on as soon as it is back. This page tries by itself every 5 seconds; “pregon doctor” explains what is missing.",
    refused: "Your key does not allow that",
    refused_text: "Ask somebody who has an operator's key.",
    stale: "The form is no longer valid",
    stale_text: "Nothing was changed. Go back to the page, reload it and try again.",
    strange_host: "Without keys only this machine is served",
    strange_host_text: "Open the page as http://127.0.0.1 or localhost, or set API_KEYS to serve under another name.",
    broken: "Something failed on our side",
    broken_text: "It is in the log. Calls do not depend on this page.",
};

fn en(n: u64) -> String {
    Language::En.number(n)
}

fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", en(n), if n == 1 { one } else { many })
}

fn list_lede(n: u64, state: StateName) -> String {
    match state {
        StateName::Scheduled => format!("{} for their time.", plural(n, "job waits", "jobs wait")),
        StateName::Queued => format!("{} for a worker.", plural(n, "job waits", "jobs wait")),
        StateName::Processing => format!("{} in a worker's hands.", plural(n, "job is", "jobs are")),
        StateName::Dispatched => {
            format!("{} without an outcome yet.", plural(n, "dispatched call", "dispatched calls"))
        }
        StateName::Completed => format!("{} heard.", plural(n, "call was", "calls were")),
        StateName::Failed => format!("{} without being heard.", plural(n, "call ended", "calls ended")),
        StateName::Cancelled => {
            format!("{} before ringing.", plural(n, "job was cancelled", "jobs were cancelled"))
        }
    }
}

fn cry(sentence: &Cry) -> Said {
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
            said("", &format!("{} of {} calls failed", en(*failed), en(*ended)), " in the last hour.")
        }
        Cry::Behind(span) => said("The queue is ", &format!("about {} behind", glance(*span)), "."),
        Cry::Leaving(1) => said("", "1 call a minute", " leaves."),
        Cry::Leaving(n) => said("Calls ", &format!("leave at {} a minute", en(*n)), "."),
        Cry::Left(1) => said("", "1 call left", " in the last 5 minutes."),
        Cry::Left(n) => said("", &format!("{} calls left", en(*n)), " in the last 5 minutes."),
        Cry::Planned(1) => said("All quiet; ", "1 job waits for its time", "."),
        Cry::Planned(n) => said("All quiet; ", &format!("{} jobs wait for their time", en(*n)), "."),
        Cry::Quiet => said("All is up and quiet.", "", ""),
        Cry::First => said("All is up and quiet. The first cry is yours.", "", ""),
    }
}

fn outcome(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Answered => "Answered",
        OutcomeKind::Busy => "Busy",
        OutcomeKind::NoAnswer => "No answer",
        OutcomeKind::Rejected => "Rejected",
        OutcomeKind::InvalidNumber => "Invalid number",
        OutcomeKind::Congestion => "Congestion",
        OutcomeKind::Unreachable => "Unreachable",
        OutcomeKind::Silent => "Silent",
        OutcomeKind::Expired => "Expired",
        OutcomeKind::Uncertain => "Uncertain",
    }
}

fn story(job: &Job, locale: &Locale, now: Timestamp) -> String {
    let worker = job.worker.as_deref().unwrap_or("A worker");
    match &job.state {
        State::Scheduled { due } if job.attempt == 0 => {
            format!("The call will be made at {}.", locale.when(*due, now))
        }
        State::Scheduled { due } => {
            format!("Attempt {} did not go out; it is repeated at {}.", job.attempt, locale.when(*due, now))
        }
        State::Queued { .. } => "Waits in the queue for a worker to take it.".to_owned(),
        State::Processing { cancelling: true, .. } => {
            format!("Asked to cancel; {worker} decides whether it is in time.")
        }
        State::Processing { .. } => format!("{worker} is preparing the message."),
        State::Dispatched { waiting: Waiting::Pickup, .. } => {
            "The call file is in the spool; Asterisk has not taken it yet.".to_owned()
        }
        State::Dispatched { waiting: Waiting::Result, .. } => {
            "Asterisk has the call; its outcome is not known yet.".to_owned()
        }
        State::Dispatched { waiting: Waiting::Person, .. } => {
            "This call may or may not have rung. Nobody is called again until you decide.".to_owned()
        }
        State::Completed => {
            job.outcome.as_ref().map_or_else(|| "The call was heard.".to_owned(), |o| heard(job, o))
        }
        State::Failed => match &job.outcome {
            Some(outcome) => failed(outcome.kind).to_owned(),
            None => "The call never left: the message could not be prepared or dispatched.".to_owned(),
        },
        State::Cancelled => "Cancelled before it was dispatched.".to_owned(),
    }
}

fn heard(job: &Job, outcome: &Outcome) -> String {
    let attempt = match job.counted() {
        0 | 1 => "",
        2 => " at the second attempt",
        3 => " at the third attempt",
        _ => " after several attempts",
    };
    let seconds = job.clip.as_ref().map(|c| Language::En.seconds(c.seconds.round()));
    let heard = match (outcome.played, seconds) {
        (Some(Played::Fully), Some(seconds)) => format!("heard all {seconds} seconds"),
        (Some(Played::Fully), None) => "heard the whole message".to_owned(),
        (Some(Played::Partly), _) => "heard part of the message".to_owned(),
        (Some(Played::None) | None, _) => "the message was played".to_owned(),
    };
    match outcome.digits.as_deref().filter(|d| !d.is_empty()) {
        Some(digits) => format!("The person answered{attempt}, {heard} and pressed {digits}."),
        None => format!("The person answered{attempt} and {heard}."),
    }
}

const fn failed(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Answered => "Somebody answered, but the message was not played.",
        OutcomeKind::Busy => "The line was busy.",
        OutcomeKind::NoAnswer => "The phone rang and nobody answered.",
        OutcomeKind::Rejected => "The person rejected the call.",
        OutcomeKind::InvalidNumber => "That number does not exist.",
        OutcomeKind::Congestion => "The network had no free line.",
        OutcomeKind::Unreachable => "That number could not be reached.",
        OutcomeKind::Silent => "Somebody answered, but no audio went out.",
        OutcomeKind::Expired => "Its time was over before it could be called; it never rang.",
        OutcomeKind::Uncertain => "It was dispatched, and what became of it was never known.",
    }
}

fn told(what: &What, job: &Job, locale: &Locale, now: Timestamp) -> Told {
    let line = |icon, tone, what, how: &str, detail: &str| Told {
        icon,
        tone,
        what,
        how: how.to_owned(),
        detail: detail.to_owned(),
    };
    match what {
        What::Accepted => {
            let client = job.client.as_ref().map_or_else(String::new, |c| format!("client {c}"));
            line(Icon::Clock, Tone::Plan, "Accepted", " by the API", &client)
        }
        What::Claimed { worker } => line(Icon::Work, Tone::Go, "Taken", &format!(" by {worker}"), ""),
        What::Dispatched => line(Icon::Send, Tone::Go, "Handed over", " to Asterisk", ""),
        What::Retry { due, error } => {
            let again = format!("; repeated at {}", locale.when(*due, now));
            line(Icon::Again, Tone::Warn, "The attempt failed", &again, error)
        }
        What::Released => {
            line(Icon::Queue, Tone::Plan, "Given back", " to the queue: the worker stopped in good order", "")
        }
        What::Rescued { handed_over: true } => {
            line(Icon::Unplug, Tone::Warn, "Rescued", ": the worker died after handing it over", "")
        }
        What::Rescued { handed_over: false } => line(
            Icon::Unplug,
            Tone::Warn,
            "Rescued",
            ": the worker died before handing it over; does not count",
            "",
        ),
        What::Outcome { outcome: o } => {
            let (icon, tone) = of_outcome(o.kind);
            line(icon, tone, outcome(o.kind), "", &detail(o, locale))
        }
        What::Failed { error } => line(Icon::Fail, Tone::Bad, "Failed", " without being handed over", error),
        What::CancelAsked => line(Icon::Slash, Tone::Warn, "Asked to cancel", "", ""),
        What::Cancelled => line(Icon::Slash, Tone::Plain, "Cancelled", " before it was handed over", ""),
        What::Expired => line(Icon::Sand, Tone::Plain, "Expired", " before it could be called", ""),
        What::Again => line(Icon::Again, Tone::Plan, "Asked for another attempt", "", ""),
    }
}
