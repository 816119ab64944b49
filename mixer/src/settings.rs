//! The settings of a station, from the command line or the environment.

use std::path::PathBuf;

use clap::Args;

use pregon_core::StationName;

use crate::control::ControlArgs;
use crate::out::OutSettings;
use crate::programme::ProgrammeArgs;

/// How a station sounds and where it is heard and controlled.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Radio station")]
pub struct Settings {
    /// Name of the station: announcements for it wait in the queue `air_<name>`
    #[arg(long, env = "STATION", default_value = "main")]
    pub station: StationName,

    /// How far the programme is lowered under an announcement that speaks over it, in dB
    #[arg(long, env = "DUCK_DB", default_value_t = -15.0, allow_negative_numbers = true)]
    pub duck_db: f32,

    /// An audio file to use as chime instead of the built-in one
    #[arg(long, env = "CHIME_FILE")]
    pub chime_file: Option<PathBuf>,

    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are the settings")]
    pub programme: ProgrammeArgs,

    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are the settings")]
    pub out: OutSettings,

    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are the settings")]
    pub control: ControlArgs,
}
