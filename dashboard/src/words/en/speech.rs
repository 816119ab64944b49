//! What the page of the voices says in English.

use super::en;
use crate::words::SpeechWords;

pub(super) const SPEECH: SpeechWords = SpeechWords {
    title: "Voices",
    lede: |first, others| match others {
        0 => format!("{first} speaks; nobody stands in for it."),
        1 => format!("{first} speaks; another engine stands in for it."),
        n => format!("{first} speaks; {} other engines stand in for it.", en(n)),
    },
    attempt: "Try a text",
    attempt_hint: "As it would be heard on the telephone",
    text: "Text",
    voice: "Voice",
    usual_voice: "the usual one for the language",
    ssml: "The text is SSML",
    hear: "Hear it",
    read: "Only read it",
    characters: |n| match n {
        0 => "spoken before: costs nothing".to_owned(),
        1 => "1 character to speak".to_owned(),
        n => format!("{} characters to speak", en(n)),
    },
    voices: "Voices",
    no_voices: "This engine chooses the voice by the language:",
    more_voices: |n| format!("And {} more: GET /voices lists all.", en(n)),
    engines: "Engines",
    engine: "Engine",
    used: "Characters this month",
    ready: "ready",
    missing: "something is missing",
    resting: |left| format!("rests for {left}"),
    probing: "being tried",
    of: |used, limit| format!("{used} of {limit}"),
    cache: "What is kept",
    cache_down: "The audio folder cannot be used: the log says why.",
    size: "Space",
    files: "Files",
    hits: "Needed no new speech",
    evicted: "Made room",
    damaged: "Found damaged and made anew",
};
