//! Pregon: one binary, every role.

mod cli;
mod doctor;
mod lifecycle;
mod place;
mod setup;
mod station;
mod telemetry;
mod wire;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use cli::{Cli, Common, Role};
use lifecycle::Roles;

/// Exit code of a command line or a setting that makes no sense.
const USAGE: u8 = 2;

/// Roles without workers have nothing to drain but open requests.
const SHORT_DRAIN: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("cannot start: {error}"), 1),
    };
    let code = runtime.block_on(run(cli.role));
    runtime.shutdown_timeout(Duration::from_secs(1));
    code
}

/// Help and version go to standard output; a mistake is one line on standard error.
fn refuse(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind;
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => error.exit(),
        _ => {
            let text = error.to_string();
            let lines: Vec<&str> = text.lines().map(str::trim).take_while(|l| !l.is_empty()).collect();
            fail(lines.join(" ").trim_start_matches("error: "), USAGE)
        }
    }
}

#[expect(clippy::print_stderr, reason = "logging may not have started")]
fn fail(message: &str, code: u8) -> ExitCode {
    eprintln!("pregon: {message}");
    ExitCode::from(code)
}

async fn run(role: Role) -> ExitCode {
    match role {
        Role::Openapi => print_openapi(),
        Role::Doctor(args) => doctor::run(&args).await,
        Role::AsteriskSetup(args) => setup::run(&args).await.unwrap_or_else(|error| explain(&error)),
        Role::Serve(args) => {
            let drain = args.worker.drain_timeout;
            start(&args.common, drain, async |roles: &mut Roles| wire::serve(&args, roles).await).await
        }
        Role::Api(args) => {
            start(&args.common, SHORT_DRAIN, async |roles: &mut Roles| wire::api_role(&args, roles).await)
                .await
        }
        Role::Worker(args) => {
            let drain = args.worker.drain_timeout;
            start(&args.common, drain, async |roles: &mut Roles| wire::worker_role(&args, roles).await).await
        }
        Role::Dashboard(args) => {
            start(&args.common, SHORT_DRAIN, async |roles: &mut Roles| {
                wire::dashboard_role(&args, roles).await
            })
            .await
        }
        Role::Mixer(args) => {
            start(&args.common, SHORT_DRAIN, async |roles: &mut Roles| wire::mixer_role(&args, roles).await)
                .await
        }
        Role::AsteriskSim(args) => {
            start(&args.common, SHORT_DRAIN, async |roles: &mut Roles| wire::sim_role(&args, roles)).await
        }
        Role::Migrate(common) => match place::Place::of(&common) {
            Err(error) => fail(&error.to_string(), USAGE),
            Ok(place) => match place.open(&common.queue_prefix, Duration::ZERO).await {
                Ok(_) => ExitCode::SUCCESS,
                Err(error) => fail(&format!("{error:#}"), 1),
            },
        },
    }
}

/// Checks the settings, starts logging, wires the role, and runs until it is over.
async fn start(
    common: &Common,
    drain: Duration,
    wire: impl AsyncFnOnce(&mut Roles) -> anyhow::Result<()>,
) -> ExitCode {
    if let Err(error) = telemetry::start(common) {
        return fail(&error.to_string(), USAGE);
    }
    let mut roles = match Roles::new() {
        Ok(roles) => roles,
        Err(error) => return fail(&format!("cannot listen to signals: {error}"), 1),
    };
    match wire(&mut roles).await {
        Ok(()) => roles.run(drain).await,
        Err(error) => explain(&error),
    }
}

fn explain(error: &anyhow::Error) -> ExitCode {
    fail(&format!("{error:#}"), if error.is::<wire::Misconfigured>() { USAGE } else { 1 })
}

#[expect(clippy::print_stdout, reason = "printing is what this command is for")]
fn print_openapi() -> ExitCode {
    match pregon_api::openapi().to_pretty_json() {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error.to_string(), 1),
    }
}
