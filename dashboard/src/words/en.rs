//! English.

mod story;

use pregon_core::{DEAD, Lane, OutcomeKind, Phase, RESULTS, Role, StateName};

use super::{Language, Said, Words, said};
use crate::format::glance;
use crate::pages::{Cry, Flash};

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
        Flash::HangingUp => "Asterisk hangs up that call. No other attempt follows.",
        Flash::NoCall => "There is nothing to hang up: that call is not on the line any more.",
        Flash::NotHungUp => {
            "Asterisk does not answer, and it is not known whether it hung up. You can try again."
        }
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
        Some(OutcomeKind::Expired) => "too late to call",
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
    story: story::story,
    on_the_line: story::on_the_line,
    phase: |phase| match phase {
        Phase::Dialling => "dialling",
        Phase::Ringing => "ringing",
        Phase::Answered => "on the line",
    },
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
    hang_up: "Hang up",
    hang_up_ask: "The call ends now, and no other attempt follows.",
    hang_up_yes: "Yes, hang up",
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
    told: story::told,
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
