//! `pregon doctor`: looks at everything that has to work, and says what to do about what does not.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use pregon_asterisk::{Answers, Console, Scene, Verdict};
use pregon_core::{ApiKeys, PhoneNumber, clock};
use pregon_speech::Studio;

use crate::cli::{DoctorRole, Serve};
use crate::place::Place;

/// Numbers like this one belong to nobody. It is not dialled: it makes the examples of what would be.
const EXAMPLE: &str = "+573000000000";

/// One thing looked at.
struct Finding {
    verdict: Verdict,
    what: String,
}

impl Finding {
    fn good(what: impl Into<String>) -> Self {
        Self { verdict: Verdict::Good, what: what.into() }
    }

    fn bad(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { verdict: Verdict::Bad(fix.into()), what: what.into() }
    }
}

/// Prints a line for each finding; exit code 1 when something has to be mended.
#[expect(clippy::print_stdout, reason = "the findings are what this command is for")]
pub(crate) async fn run(role: &DoctorRole) -> ExitCode {
    let args = &role.serve;
    let mut findings = match foreign(&args.common.data_dir) {
        Some(foreign) => vec![foreign],
        None => own(args).await,
    };
    findings.extend(addresses(args));
    findings.extend(asterisk(role).await);
    for finding in &findings {
        match &finding.verdict {
            Verdict::Good => println!("ok    {}", finding.what),
            Verdict::Unseen(help) => println!("?     {}\n      to see it: {help}", finding.what),
            Verdict::Bad(fix) => println!("FAIL  {}\n      fix: {fix}", finding.what),
        }
    }
    let bad = findings.iter().filter(|f| matches!(f.verdict, Verdict::Bad(_))).count();
    println!("{} checks, {bad} to mend", findings.len());
    if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The spool and, where no simulator plays it, Asterisk itself.
async fn asterisk(role: &DoctorRole) -> Vec<Finding> {
    let (args, data_dir) = (&role.serve.asterisk, &role.serve.common.data_dir);
    let ami = match role.serve.ami.url() {
        Ok(ami) => ami,
        Err(error) => {
            return vec![Finding::bad(error.to_string(), "correct it, or unset it: calls work without")];
        }
    };
    let scene = Scene {
        spool: args.spool_dir(data_dir),
        results: args.results_dir(data_dir),
        audio: Some(role.serve.speech.audio_dir(data_dir)),
    };
    let mut answers = None;
    if !args.simulates(data_dir) {
        let to = PhoneNumber::try_from(EXAMPLE.to_owned());
        let channels = to.map(|to| args.ways.examples(&to)).unwrap_or_default();
        let channels: Vec<String> = channels.iter().map(ToString::to_string).collect();
        answers = Some(Answers::collect(&Console::new(&role.console, ami), &channels).await);
    }
    let found = pregon_asterisk::examine(&scene, answers.as_ref(), clock::now());
    found.into_iter().map(|f| Finding { verdict: f.verdict, what: format!("Asterisk: {}", f.what) }).collect()
}

/// Root may write everywhere, which says nothing about whoever runs Pregon; and what root makes in the data folder, that
/// user could not write.
fn foreign(data_dir: &Path) -> Option<Finding> {
    let path = std::path::absolute(data_dir).unwrap_or_else(|_| data_dir.to_owned());
    // Where it will be, when it is not there yet.
    let owner = path.ancestors().find_map(|place| place.metadata().ok())?.uid();
    (rustix::process::geteuid().is_root() && owner != 0).then(|| Finding {
        verdict: Verdict::Unseen(
            "run the doctor as that user; with ASTERISK_CLI=\"sudo asterisk -rx\" it can look into Asterisk too"
                .to_owned(),
        ),
        what: format!(
            "data folder {} is user {owner}'s, and this is root: data and voices were not looked at, nor whether that \
             user may write in the spool",
            data_dir.display()
        ),
    })
}

/// What whoever runs Pregon writes and needs.
async fn own(args: &Serve) -> Vec<Finding> {
    let mut findings = vec![data_dir(&args.common.data_dir)];
    findings.extend(backends(args).await);
    findings.extend(voices(args).await);
    findings
}

fn data_dir(path: &Path) -> Finding {
    let probe = path.join(format!(".probe-{}", std::process::id()));
    let tried = std::fs::create_dir_all(path)
        .and_then(|()| std::fs::write(&probe, b"probe"))
        .and_then(|()| std::fs::remove_file(&probe));
    match tried {
        Ok(()) => Finding::good(format!("data folder {} is writable", path.display())),
        Err(error) => Finding::bad(
            format!("data folder {} is not writable: {error}", path.display()),
            "give its owner to the user that runs Pregon, or set PREGON_DATA_DIR to a folder of yours",
        ),
    }
}

async fn backends(args: &Serve) -> Vec<Finding> {
    let place = match Place::of(&args.common) {
        Ok(place) => place,
        Err(error) => {
            return vec![Finding::bad(
                error.to_string(),
                "set the other one too, or unset both for the embedded SQLite",
            )];
        }
    };
    let name = match &place {
        Place::Embedded(path) => format!("embedded SQLite {}", path.display()),
        Place::Distributed { .. } => "RabbitMQ and Redis".to_owned(),
    };
    let opened =
        tokio::time::timeout(Duration::from_secs(10), place.open(&args.common.queue_prefix, Duration::ZERO));
    let desk = match opened.await {
        Ok(Ok(opened)) => opened.desk,
        Ok(Err(error)) => {
            return vec![Finding::bad(
                format!("{name}: {error:#}"),
                "check that it runs and that RABBITMQ_URL and REDIS_URL name its host, port, user and password",
            )];
        }
        Err(_) => {
            return vec![Finding::bad(
                format!("{name}: no answer within 10 seconds"),
                "check host and port of RABBITMQ_URL and REDIS_URL, and any firewall between",
            )];
        }
    };
    let mut findings = vec![Finding::good(format!("{name}: reachable"))];
    if let Ok(warnings) = desk.store().check().await {
        findings.extend(
            warnings.into_iter().map(|w| Finding::bad(w, "change the setting and restart the service")),
        );
    }
    findings
}

fn addresses(args: &Serve) -> Vec<Finding> {
    let keys: &ApiKeys = &args.api.api_keys;
    [("API_ADDR", args.api.api_addr), ("DASHBOARD_ADDR", args.dashboard.dashboard_addr)]
        .into_iter()
        .map(|(variable, addr)| match keys.guard(addr, variable) {
            Ok(()) => Finding::good(format!("{variable}={addr}")),
            Err(message) => Finding::bad(message, "set API_KEYS, or listen on 127.0.0.1"),
        })
        .collect()
}

async fn voices(args: &Serve) -> Vec<Finding> {
    let studio = match Studio::open(&args.speech, &args.common.data_dir, None).await {
        Ok(studio) => studio,
        Err(error) => {
            return vec![Finding::bad(error.to_string(), "correct the setting that the message names")];
        }
    };
    studio
        .engines_health()
        .into_iter()
        .map(|engine| match engine.trouble {
            None => Finding::good(format!("engine {} is ready", engine.id)),
            Some(trouble) => Finding::bad(
                format!("engine {}: {trouble}", engine.id),
                "for espeak: apt-get install espeak-ng, or set ESPEAK_BIN; for others check their settings",
            ),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_leaves_the_folder_of_another_user_alone() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("not/yet");
        assert!(foreign(&data).is_none(), "our own");
        if std::os::unix::fs::chown(dir.path(), Some(54_321), None).is_err() {
            println!("SKIPPED: only root can give a folder away");
            return;
        }
        let found = foreign(&data).unwrap();
        assert!(found.what.contains("user 54321's") && matches!(found.verdict, Verdict::Unseen(_)));
    }
}
