//! What is asked for in a body: a file, or an announcement.

use std::path::PathBuf;
use std::time::Duration;

use pregon_core::{Lane, Timestamp};

use super::fields::Fields;
use super::problem::Problem;
use crate::programme::Asked;
use crate::station::{Announcement, Chime, Mode, OverLive};

/// Longest address of a file, in bytes: a path of 4,096, all of it percent-encoded.
const ADDRESS: usize = 3 * 4_096;

/// Longest title or key, in bytes.
const NAME: usize = 200;

/// `{file}`.
pub(super) fn file(mut fields: Fields) -> Result<PathBuf, Problem> {
    let asked = address(&mut fields);
    fields.finish()?;
    required(asked).map(|asked| asked.path)
}

/// `{file, title, mode, at, ttl_seconds, priority, over_live, chime, repeat, dedupe_key, key}`.
pub(super) fn announcement(mut fields: Fields, now: Timestamp) -> Result<Announcement, Problem> {
    let asked = address(&mut fields);
    let title = fields.text("title", NAME);
    let mode = mode(&mut fields, now);
    let lane = fields.word("priority", &Lane::ALL.map(|lane| (lane.as_str(), lane)));
    let ttl = fields.whole("ttl_seconds", &(1..=86_400)).map(u64::from).map(Duration::from_secs);
    let over_live = fields.word(
        "over_live",
        &[("wait", OverLive::Wait), ("duck", OverLive::Duck), ("interrupt", OverLive::Interrupt)],
    );
    let chime = fields.word(
        "chime",
        &[("none", Chime::None), ("before", Chime::Before), ("after", Chime::After), ("both", Chime::Both)],
    );
    let repeat = fields.whole("repeat", &(1..=10)).and_then(|times| u8::try_from(times).ok());
    let dedupe = fields.text("dedupe_key", NAME);
    let key = fields.text("key", NAME);
    fields.finish()?;
    let asked = required(asked)?;
    let plain = Announcement::of(asked.path);
    Ok(Announcement {
        gain_db: 0.0,
        key,
        title: title.or(asked.title),
        mode,
        lane: lane.unwrap_or(plain.lane),
        expires: ttl.map(|ttl| now + ttl),
        over_live: over_live.unwrap_or(plain.over_live),
        chime: chime.unwrap_or(plain.chime),
        repeat: repeat.unwrap_or(plain.repeat),
        dedupe,
        audio: plain.audio,
    })
}

/// What was noted as an error if it is not there.
fn required(asked: Option<Asked>) -> Result<Asked, Problem> {
    asked.ok_or_else(|| Problem::Internal("a body without a file was taken".to_owned()))
}

fn address(fields: &mut Fields) -> Option<Asked> {
    let text = fields.text("file", ADDRESS).unwrap_or_default();
    Asked::parse(&text).map_err(|error| fields.refuse("file", error.to_string())).ok()
}

fn mode(fields: &mut Fields, now: Timestamp) -> Mode {
    /// The words; the time comes in a field of its own.
    #[derive(Clone, Copy, PartialEq)]
    enum Word {
        Timeless(Mode),
        At,
    }
    let words = [
        ("interrupt", Word::Timeless(Mode::Interrupt)),
        ("move_on", Word::Timeless(Mode::MoveOn)),
        ("duck", Word::Timeless(Mode::Duck)),
        ("next", Word::Timeless(Mode::Next)),
        ("at", Word::At),
    ];
    let word = fields.word("mode", &words);
    let at = fields.text("at", 100).map(|text| text.parse::<Timestamp>());
    match (word.unwrap_or(Word::Timeless(Mode::Interrupt)), at) {
        (Word::At, Some(Ok(at))) if at < now => fields.refuse("at", "has passed already"),
        (Word::At, Some(Ok(at))) => return Mode::At(at),
        (Word::Timeless(mode), None) => return mode,
        (Word::At, None) => fields.refuse("at", "is required with the mode at"),
        (_, Some(Err(error))) => fields.refuse("at", error.to_string()),
        (Word::Timeless(_), Some(Ok(_))) => fields.refuse("at", "goes with the mode at only"),
    }
    Mode::Interrupt
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(value: Value) -> Result<Announcement, Problem> {
        let now = "2026-11-21T10:00:00Z".parse().unwrap();
        announcement(Fields::of(value), now)
    }

    /// The names of the fields that were refused.
    fn refused(value: Value) -> Vec<String> {
        match read(value) {
            Err(Problem::Invalid(errors)) => errors.into_iter().map(|error| error.field).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_alone_is_announced_at_once() {
        assert_eq!(read(json!({"file": "file:///srv/a%20b.wav"})), Ok(Announcement::of("/srv/a b.wav")));
    }

    #[test]
    fn every_field_arrives() {
        let announcement = read(json!({
            "file": "annotate:title=\"x\":/srv/a.wav", "title": "News", "mode": "at", "at": "2026-11-21T12:00:00+01:00",
            "priority": "high", "ttl_seconds": 7_200, "over_live": "wait", "chime": "both", "repeat": 2,
            "dedupe_key": "news", "key": "job-1",
        }));
        let expected = Announcement {
            gain_db: 0.0,
            key: Some("job-1".into()),
            audio: "/srv/a.wav".into(),
            title: Some("News".into()),
            mode: Mode::At("2026-11-21T11:00:00Z".parse().unwrap()),
            lane: Lane::High,
            expires: Some("2026-11-21T12:00:00Z".parse().unwrap()),
            over_live: OverLive::Wait,
            chime: Chime::Both,
            repeat: 2,
            dedupe: Some("news".into()),
        };
        assert_eq!(announcement, Ok(expected));
    }

    #[test]
    fn everything_that_is_wrong_is_named() {
        assert_eq!(refused(json!({})), ["file"]);
        assert_eq!(
            refused(json!({
                "file": "http://x/y.mp3", "title": 3, "mode": "loud", "at": "noon", "priority": "urgent",
                "ttl_seconds": 0, "over_live": true, "chime": "ding", "repeat": 11, "volume": 3,
            })),
            ["file", "title", "mode", "priority", "ttl_seconds", "over_live", "chime", "repeat", "volume"]
                .iter()
                .flat_map(|name| if *name == "mode" { vec!["mode", "at"] } else { vec![*name] })
                .collect::<Vec<_>>()
        );
        for (mode, at) in [
            ("at", Value::Null),
            ("at", json!("2026-11-21T09:59:59Z")),
            ("duck", json!("2026-11-22T10:00:00Z")),
        ] {
            assert_eq!(refused(json!({"file": "/a", "mode": mode, "at": at})), ["at"], "{mode}");
        }
    }
}
