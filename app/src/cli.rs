//! The command line: roles, and the settings they share.

#![expect(clippy::doc_markdown, reason = "these comments are the help texts, shown to people as they stand")]

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use pregon_api::ApiArgs;
use pregon_asterisk::ami::AmiArgs;
use pregon_asterisk::{AsteriskArgs, ConsoleArgs, SetupArgs, TrunkArgs};
use pregon_core::Secret;
use pregon_dashboard::DashboardArgs;
use pregon_mixer::Settings as MixerArgs;
use pregon_speech::SpeechArgs;
use pregon_worker::{PaceArgs, WorkerArgs};

/// Pregon: spoken announcements by telephone and on the radio, from a job queue.
///
/// Every option can be set by the environment variable named beside it.
#[derive(Debug, Parser)]
#[command(name = "pregon", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) role: Role,
}

/// What this process does.
#[derive(Debug, Subcommand)]
pub(crate) enum Role {
    /// Everything in one process: API, dashboard, workers, a radio station, and the simulator where there is no Asterisk
    Serve(Box<Serve>),
    /// The HTTP API
    Api(Box<ApiRole>),
    /// A worker: takes jobs, speaks, hands over, follows the outcome
    Worker(Box<WorkerRole>),
    /// The dashboard
    Dashboard(Box<DashboardRole>),
    /// A radio station: plays, interrupts, streams
    Mixer(Box<MixerRole>),
    /// A stand-in for Asterisk that takes call files and makes up outcomes
    AsteriskSim(Box<SimRole>),
    /// Connects an Asterisk: dialplan, folders, permissions; shows what it does, and can undo it
    AsteriskSetup(Box<SetupRole>),
    /// Looks at everything that has to work and says what to do about what does not
    Doctor(Box<DoctorRole>),
    /// Prepares the database and the queues, and ends
    Migrate(Box<Common>),
    /// Prints the API's OpenAPI document
    Openapi,
}

/// Settings of every role.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "General")]
pub(crate) struct Common {
    /// Folder of the database, the audio and, without Asterisk, the spool
    #[arg(long, env = "PREGON_DATA_DIR", default_value = "./data")]
    pub(crate) data_dir: PathBuf,

    /// RabbitMQ, such as amqp://user:password@host:5672/%2f, or @/path of a file that holds it. Goes with REDIS_URL;
    /// with neither, queue and state live in one SQLite file in the data folder
    #[arg(long, env = "RABBITMQ_URL", value_name = "URL", hide_env_values = true)]
    pub(crate) rabbitmq_url: Option<Secret>,

    /// Redis, such as redis://:password@host:6379/0, or @/path of a file that holds it. Goes with RABBITMQ_URL
    #[arg(long, env = "REDIS_URL", value_name = "URL", hide_env_values = true)]
    pub(crate) redis_url: Option<Secret>,

    /// Put before the names of exchange, queues and Redis keys, so that several installations can share a broker
    #[arg(long, env = "QUEUE_PREFIX", default_value = "", value_parser = parse_prefix)]
    pub(crate) queue_prefix: String,

    /// How log lines are written; what is logged is chosen by RUST_LOG, such as info or pregon_worker=debug
    #[arg(long, env = "LOG_FORMAT", default_value = "pretty")]
    pub(crate) log_format: LogFormat,

    /// Which log lines are written
    #[arg(long, env = "RUST_LOG", default_value = "info", value_name = "FILTER")]
    pub(crate) log: String,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For eyes.
    Pretty,
    /// One JSON object per line.
    Json,
}

/// All roles in one process.
#[derive(Clone, Debug, Args)]
pub(crate) struct Serve {
    /// How many workers to start with; `PUT /workers` and `manage.sh scale` change it
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(0..=64))]
    pub(crate) workers: u16,
    /// Whether a radio station plays in this process
    #[arg(long, env = "RADIO", value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    pub(crate) radio: bool,
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    pub(crate) api: ApiArgs,
    #[command(flatten)]
    pub(crate) dashboard: DashboardArgs,
    #[command(flatten)]
    pub(crate) worker: WorkerArgs,
    #[command(flatten)]
    pub(crate) speech: SpeechArgs,
    #[command(flatten)]
    pub(crate) asterisk: AsteriskArgs,
    #[command(flatten)]
    pub(crate) ami: AmiArgs,
    #[command(flatten)]
    pub(crate) mixer: MixerArgs,
}

/// A radio station alone.
#[derive(Clone, Debug, Args)]
pub(crate) struct MixerRole {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    pub(crate) mixer: MixerArgs,
    /// Who may control the station: as API_KEYS of the API
    #[arg(long, env = "API_KEYS", default_value = "", hide_env_values = true, hide_default_value = true)]
    pub(crate) api_keys: pregon_core::ApiKeys,
    #[command(flatten)]
    pub(crate) speech: SpeechArgs,
}

/// The API alone.
#[derive(Clone, Debug, Args)]
pub(crate) struct ApiRole {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    pub(crate) api: ApiArgs,
    #[command(flatten)]
    pub(crate) speech: SpeechArgs,
    #[command(flatten)]
    pub(crate) trunks: TrunkArgs,
    #[command(flatten)]
    pub(crate) ami: AmiArgs,
}

/// A worker alone.
#[derive(Clone, Debug, Args)]
pub(crate) struct WorkerRole {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    pub(crate) worker: WorkerArgs,
    #[command(flatten)]
    pub(crate) speech: SpeechArgs,
    #[command(flatten)]
    pub(crate) asterisk: AsteriskArgs,
}

/// The dashboard alone.
#[derive(Clone, Debug, Args)]
pub(crate) struct DashboardRole {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    pub(crate) dashboard: DashboardArgs,
    #[command(flatten)]
    pub(crate) api: ApiArgs,
    #[command(flatten)]
    pub(crate) speech: SpeechArgs,
    #[command(flatten)]
    pub(crate) pace: PaceArgs,
    #[command(flatten)]
    pub(crate) asterisk: AsteriskArgs,
    #[command(flatten)]
    pub(crate) ami: AmiArgs,
}

/// The simulator alone.
#[derive(Clone, Debug, Args)]
pub(crate) struct SimRole {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    pub(crate) asterisk: AsteriskArgs,
}

/// Connecting Asterisk.
#[derive(Clone, Debug, Args)]
pub(crate) struct SetupRole {
    /// Only show what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Undo what an earlier run has changed, and leave what others wrote since
    #[arg(long)]
    pub(crate) remove: bool,
    #[command(flatten)]
    pub(crate) setup: SetupArgs,
    #[command(flatten)]
    pub(crate) console: ConsoleArgs,
    #[command(flatten)]
    pub(crate) ami: AmiArgs,
}

/// Looking everything over.
#[derive(Clone, Debug, Args)]
pub(crate) struct DoctorRole {
    #[command(flatten)]
    pub(crate) serve: Serve,
    #[command(flatten)]
    pub(crate) console: ConsoleArgs,
}

fn parse_prefix(text: &str) -> Result<String, String> {
    let fine = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if text.len() <= 40 && text.chars().all(fine) {
        Ok(text.to_owned())
    } else {
        Err("has at most 40 letters, digits, - _ or .".to_owned())
    }
}
