//! What the radio page says in English.

use pregon_core::{Mode, Tier};

use super::{en, plural};
use crate::pages::Complaint;
use crate::words::RadioWords;

pub(super) const RADIO: RadioWords = RadioWords {
    title: "Radio",
    none: "No station runs in this process",
    none_text: "The mixer is another process, “pregon mixer”, with a page of its own at MIXER_ADDR. With “pregon serve”, which is all in one, you see it here. Accepted announcements wait for their station in its queue: none is lost.",
    choose: |n| format!("{} stations run here: choose one.", en(n)),
    silent: |station| format!("The station {station} does not answer."),
    silent_text: "It has closed or is starting. Accepted announcements wait for it; this page comes back by itself as soon as it plays.",
    down: |stream| format!("The stream {stream} is not being sent."),
    announcement_is_on: "An announcement is on air",
    somebody_is_live: "Somebody is live",
    noise_is_on: "There is nothing to play, and soft noise is on air",
    track_is_on: |title, artist| match artist {
        Some(artist) => format!("“{title}” by {artist} is playing"),
        None => format!("“{title}” is playing"),
    },
    and_wait: |n| match n {
        0 => ".".to_owned(),
        1 => "; 1 announcement waits.".to_owned(),
        n => format!("; {} announcements wait.", en(n)),
    },
    now: "Now",
    announce: "Announce",
    player: |station| format!("Listen to {station}"),
    skip_track: "Skip track",
    skip_announcement: "Cut announcement",
    skip_ask: "The announcement is cut now and ends as “Skipped”. The music goes on.",
    skip_yes: "Yes, cut the announcement",
    hidden_title: "Announcement",
    tier: |tier| match tier {
        Tier::Interrupt => "Announcement",
        Tier::Live => "Live",
        Tier::Queue => "Requests",
        Tier::Playlist => "Playlist",
        Tier::Noise => "Noise",
    },
    tiers: "What rules the air, from most to least",
    comes_next: "(next)",
    soft_noise: "Soft noise",
    track_beneath: |mode, title, elapsed| match mode {
        Mode::Duck => format!("beneath, lowered: “{title}”"),
        Mode::MoveOn => format!("left off: “{title}”"),
        Mode::Interrupt | Mode::Next | Mode::At(_) => format!("paused: “{title}”, at {elapsed}"),
    },
    played: |elapsed, left| match left {
        Some(left) => format!("{elapsed} played, {left} left"),
        None => format!("{elapsed} played"),
    },
    channels: [("L", "Left channel"), ("R", "Right channel")],
    silence: "silence",
    loudness: "Loudness",
    peak: "Peak",
    underruns: "Underruns",
    queue: "Announcement queue",
    waiting: |n| match n {
        0 => String::new(),
        n => plural(n, "waits", "wait"),
    },
    queue_empty: "No announcement waits.",
    action: "Action",
    take_out: "Take out",
    take_out_ask: "It will not be aired. It ends as “Skipped”.",
    take_out_yes: "Take it out of the queue",
    never: "never",
    expires_in: |span| format!("expires in {span}"),
    requests: "Requests",
    log: "As-run log",
    log_empty: "Nothing has played to its end yet.",
    what: "What played",
    from: "From",
    length: "Length",
    listeners: "Listeners",
    most_listeners: |n| format!("now; at most {n} since it started"),
    uptime: "Running for",
    music: "Music",
    library: |files, broken| {
        let files = plural(files, "track", "tracks");
        match broken {
            0 => files,
            n => format!("{files}; {} cannot be read", en(n)),
        }
    },
    built_in_loop: "demo loop",
    player_page: "Page for listeners",
    streams: "Streams",
    stream: "Stream",
    up: "sending",
    not_up: "not sending",
    say: "What is said",
    say_hint: "One paragraph, up to 5,000 characters.",
    when: "When",
    interrupt: "Interrupt",
    duck: "Lower music",
    next: "End of track",
    at: "At a time",
    time: "Time",
    time_hint: "By the clock of this page, above.",
    ttl: "Expires (seconds)",
    ttl_hint: "Empty: never; at a time, 60 s after it.",
    language: "Language",
    announce_yes: "Announce",
    hear: "Hear it first",
    will_be_heard: "Will be heard:",
    preview: "Preview of the announcement",
    complaint: |complaint| match complaint {
        Complaint::NoText => "Write what is said.",
        Complaint::LongText => "Shorten it: 5,000 characters fit.",
        Complaint::ControlText => "Put it into one paragraph, without line breaks or tabs.",
        Complaint::NoTime => "Set the time at which it goes on air.",
        Complaint::PastTime => "That time has passed: set one that is to come.",
        Complaint::FarTime => "Set a time within the next 366 days.",
        Complaint::ShortTtl => "Set at least 5 seconds.",
        Complaint::LongTtl => "Set 604,800 seconds (7 days) at most.",
        Complaint::OddTtl => "Set a whole number of seconds.",
        Complaint::OddLanguage => "Set a language tag such as es, es-CO or en.",
        Complaint::Unspeakable => "No engine can speak this text in this language: change one of them.",
        Complaint::Mute => {
            "No engine can speak at the moment. Try again in a while; what is announced waits for one."
        }
        Complaint::Away => {
            "Not accepted: the store or the queue does not answer. It will not be aired; send it again."
        }
    },
};
