use std::fs;

use clap::Parser as _;
use pregon_audio::{Pcm, wav};
use pregon_core::{Call, Content, Lane, PhoneNumber, Redial, Spec, Speech};

use super::*;

#[derive(clap::Parser)]
struct Cli {
    #[command(flatten)]
    asterisk: AsteriskArgs,
}

fn key() -> Key {
    "0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f-1".parse().unwrap()
}

fn asterisk(dir: &Path, flags: &[&str]) -> Asterisk {
    let args = Cli::parse_from(std::iter::once(&"pregon").chain(flags)).asterisk;
    Asterisk::new(Spool::open(&dir.join("spool")).unwrap(), &args, &dir.join("audio")).unwrap()
}

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::try_from(text.to_owned()).unwrap()
}

fn call(caller_id: Option<&str>, trunk: Option<&str>) -> Target {
    Target::Call(Call {
        to: number("+573005050149"),
        caller_id: caller_id.map(number),
        trunk: trunk.map(str::to_owned),
        interaction: None,
    })
}

/// The first attempt of a job with that target.
fn job(target: Target) -> Job {
    let speech = Speech {
        text: "Hola".into(),
        language: "es".into(),
        voice: None,
        engine: None,
        rate: None,
        ssml: false,
    };
    let spec = Spec {
        content: Content::Speech(speech),
        target,
        lane: Lane::Normal,
        max_attempts: 3,
        retry: Redial::default(),
        not_before: None,
        expires: None,
        metadata: std::collections::BTreeMap::default(),
        callback_url: None,
    };
    Job { attempt: key().attempt, ..Job::accept(key().job, spec, None, clock::now()) }
}

fn clip(dir: &Path, file: &[u8]) -> Recordings {
    let clip = Clip {
        hash: "4f2a9c0d11e84b7a4f2a9c0d11e84b7a".to_owned(),
        seconds: 1.0,
        lufs: -19.0,
        peak_dbtp: -3.0,
        engine: "espeak".to_owned(),
        voice: "es".to_owned(),
        cached: false,
        fallback: None,
    };
    let stem = clip.stem(&dir.join("audio")).unwrap();
    fs::create_dir_all(stem.parent().unwrap()).unwrap();
    fs::write(stem.with_extension("wav"), file).unwrap();
    clip.into()
}

fn sound(rate: u32, frames: usize) -> Vec<u8> {
    wav::encode(&Pcm::new(rate, vec![0.25; frames]))
}

#[tokio::test]
async fn a_call_is_handed_over_with_its_number_and_its_audio() {
    let dir = tempfile::tempdir().unwrap();
    let asterisk = asterisk(dir.path(), &[]);
    let clip = clip(dir.path(), &sound(8_000, 8_000));
    asterisk.dispatch(&job(call(None, None)), &clip).await.unwrap();
    let text = fs::read_to_string(dir.path().join(format!("spool/outgoing/{}.call", key()))).unwrap();
    assert!(text.starts_with("Channel: PJSIP/573005050149@trunk\nWaitTime: 45\n"), "{text}");
    let audio = dir.path().join("audio/4f").join(&clip.message.hash);
    assert!(text.contains(&format!("Set: PREGON_AUDIO={}\n", audio.display())), "{text}");
    assert_eq!(asterisk.spool().text(key()).await.unwrap().as_deref(), Some(text.as_str()));
    assert_eq!(
        asterisk.fate(&job(call(None, None))).await.unwrap(),
        Fate::Pending(pregon_core::Waiting::Pickup)
    );
    assert_eq!(asterisk.settle(&job(call(None, None))).await.unwrap(), Settled::HandedOver);
}

#[tokio::test]
async fn caller_and_trunk_are_the_calls_own_or_the_configured_ones() {
    let dir = tempfile::tempdir().unwrap();
    let flags = [
        "--asterisk-channel=PJSIP/{e164}@{trunk}",
        "--asterisk-trunk=tigo",
        "--asterisk-caller-id=Clinica <6015550000>",
        "--asterisk-wait-seconds=30",
    ];
    let asterisk = asterisk(dir.path(), &flags);
    let clip = clip(dir.path(), &sound(8_000, 80));
    let text = |target| asterisk.call_file(key(), &target, &clip).unwrap().to_string();
    let own = text(call(Some("+576011111111"), Some("claro-2")));
    assert!(
        own.starts_with("Channel: PJSIP/+573005050149@claro-2\nCallerID: <+576011111111>\nWaitTime: 30\n"),
        "{own}"
    );
    let configured = text(call(None, None));
    assert!(configured.contains("@tigo\nCallerID: \"Clinica\" <6015550000>\n"), "{configured}");
}

#[tokio::test]
async fn a_trunk_that_cannot_be_used_is_rejected() {
    let dir = tempfile::tempdir().unwrap();
    let clip = clip(dir.path(), &sound(8_000, 80));
    for (channel, trunk, word) in [
        ("PJSIP/{number}@trunk", "claro", "not one of the trunks: trunk"),
        ("PJSIP/{number}@{trunk}", "claro\nApplication: System", "trunk name"),
    ] {
        let asterisk = asterisk(dir.path(), &["--asterisk-channel", channel]);
        let error = asterisk.dispatch(&job(call(None, Some(trunk))), &clip).await.unwrap_err();
        assert!(matches!(&error, DispatchError::Rejected(why) if why.contains(word)), "{error}");
        assert_eq!(
            asterisk.settle(&job(call(None, None))).await.unwrap(),
            Settled::Voided,
            "nothing went out"
        );
    }
}

#[tokio::test]
async fn audio_that_would_play_as_silence_is_not_dispatched() {
    let dir = tempfile::tempdir().unwrap();
    let asterisk = asterisk(dir.path(), &[]);
    let cut = sound(8_000, 800)[..1_000].to_vec();
    for file in [sound(22_050, 100), sound(8_000, 0), cut, b"not audio".to_vec()] {
        let clip = clip(dir.path(), &file);
        let error = asterisk.dispatch(&job(call(None, None)), &clip).await.unwrap_err();
        assert!(
            matches!(&error, DispatchError::Unavailable(why) if why.contains("cannot be played")),
            "{error}"
        );
    }
    let mut clip = clip(dir.path(), &sound(8_000, 80));
    clip.message.hash = "../../etc/passwd".to_owned();
    let error = asterisk.dispatch(&job(call(None, None)), &clip).await.unwrap_err();
    assert!(matches!(error, DispatchError::Rejected(_)));
    assert_eq!(fs::read_dir(dir.path().join("spool/ledger")).unwrap().count(), 0);
}

#[test]
fn an_audio_folder_that_asterisk_would_misread_is_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let args = Cli::parse_from(["pregon"]).asterisk;
    let spool = Spool::open(&dir.path().join("spool")).unwrap();
    let error = Asterisk::new(spool, &args, Path::new("/data/a&b")).unwrap_err().to_string();
    assert!(error.contains("syntax") && error.contains("PREGON_DATA_DIR"), "{error}");
}

#[tokio::test]
async fn forgotten_jobs_leave_nothing_unless_their_call_still_waits() {
    let dir = tempfile::tempdir().unwrap();
    let asterisk = asterisk(dir.path(), &[]);
    let clip = clip(dir.path(), &sound(8_000, 80));
    asterisk.dispatch(&job(call(None, None)), &clip).await.unwrap();
    asterisk.forget(&[key().job]).await;
    assert_eq!(fs::read_dir(dir.path().join("spool/ledger")).unwrap().count(), 1);
    let name = format!("{}.call", key());
    let spool = dir.path().join("spool");
    fs::rename(spool.join("outgoing").join(&name), spool.join("outgoing_done").join(&name)).unwrap();
    asterisk.forget(&[key().job]).await;
    for folder in ["ledger", "outgoing_done"] {
        assert_eq!(fs::read_dir(spool.join(folder)).unwrap().count(), 0, "{folder}");
    }
}

#[tokio::test]
async fn a_question_needs_its_recordings_and_they_are_checked_too() {
    let dir = tempfile::tempdir().unwrap();
    let asterisk = asterisk(dir.path(), &[]);
    let message = clip(dir.path(), &sound(8_000, 8_000)).message;
    let mut target = call(None, None);
    let Target::Call(Call { interaction, .. }) = &mut target else { unreachable!() };
    *interaction = Some(pregon_core::Interaction {
        repeat: None,
        confirm: '1'.try_into().ok(),
        opt_out: None,
        input: None,
        prompt: "?".to_owned(),
        thanks: String::new(),
        wait_seconds: 6,
        prompts: 2,
        repeats: 3,
    });
    let silent = Recordings::from(message.clone());
    let error = asterisk.dispatch(&job(target.clone()), &silent).await.unwrap_err();
    assert!(matches!(error, DispatchError::Rejected(_)), "{error}");
    let missing = Clip { hash: "0".repeat(32), ..message.clone() };
    let unheard = Recordings { prompt: Some(missing), ..silent.clone() };
    let error = asterisk.dispatch(&job(target.clone()), &unheard).await.unwrap_err();
    assert!(matches!(error, DispatchError::Unavailable(_)), "{error}");
    let asked = Recordings { prompt: Some(message), ..silent };
    let text = asterisk.call_file(key(), &target, &asked).unwrap().to_string();
    // The message with a key, twice the prompt, the wait and a key; once more the message; and what is around it.
    let longest = (1.0 + 3.0) + 2.0 * (1.0 + 6.0 + 3.0) + (1.0 + 3.0) + 10.0;
    assert!(text.contains(&format!("Set: PREGON_LONGEST={longest}\n")), "{text}");
    asterisk.dispatch(&job(target.clone()), &asked).await.unwrap();
}
