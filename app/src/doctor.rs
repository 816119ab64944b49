//! `pregon doctor`: looks at everything that has to work, and says what to do about what does not.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use pregon_core::{ApiKeys, clock};
use pregon_speech::Studio;

use crate::cli::Serve;
use crate::wire::Place;

/// One thing looked at.
struct Finding {
    ok: bool,
    what: String,
    fix: String,
}

impl Finding {
    fn good(what: impl Into<String>) -> Self {
        Self { ok: true, what: what.into(), fix: String::new() }
    }

    fn bad(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { ok: false, what: what.into(), fix: fix.into() }
    }
}

/// Prints a line for each finding; exit code 1 when something has to be mended.
#[expect(clippy::print_stdout, reason = "the findings are what this command is for")]
pub(crate) async fn run(args: &Serve) -> ExitCode {
    let mut findings = vec![data_dir(&args.common.data_dir)];
    findings.extend(backends(args).await);
    findings.extend(addresses(args));
    findings.extend(voices(args).await);
    let spool = args.asterisk.spool_dir(&args.common.data_dir);
    findings.extend(pregon_asterisk::examine(&spool, clock::now()).into_iter().map(|f| Finding {
        ok: f.ok(),
        what: format!("spool: {}", f.what),
        fix: f.fix.unwrap_or_default(),
    }));
    for finding in &findings {
        let mark = if finding.ok { "ok  " } else { "FAIL" };
        println!("{mark}  {}", finding.what);
        if !finding.ok {
            println!("      fix: {}", finding.fix);
        }
    }
    let bad = findings.iter().filter(|f| !f.ok).count();
    println!("{} checks, {bad} to mend", findings.len());
    if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
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
        Ok(Ok(desk)) => desk,
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
    let studio = match Studio::open(&args.speech, &args.common.data_dir).await {
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
