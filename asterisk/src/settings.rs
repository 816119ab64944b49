//! Settings: flags and environment variables of everything that has to do with Asterisk.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::folders::writable;
use crate::simulator::{OutcomeMix, SimSettings};
use crate::trunks::TrunkArgs;

/// Where distributions put Asterisk's spool.
const SYSTEM_SPOOL: &str = "/var/spool/asterisk";

/// Whether calls are simulated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Simulate {
    /// Exactly when the spool is our own, under the data folder.
    #[default]
    Auto,
    /// Always: nothing else may take files from the spool.
    On,
    /// Never: an Asterisk takes the files, or nobody does.
    Off,
}

/// How calls reach Asterisk.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Asterisk")]
pub struct AsteriskArgs {
    /// The folder that holds outgoing/. Default: /var/spool/asterisk if its outgoing/ is writable, else spool/ in the
    /// data folder
    #[arg(long, env, value_name = "FOLDER")]
    pub asterisk_spool_dir: Option<PathBuf>,

    /// Where the dialplan of a real Asterisk reports how calls ended. Default: results/ beside outgoing/
    #[arg(long, env, value_name = "FOLDER")]
    pub asterisk_results_dir: Option<PathBuf>,

    /// Play Asterisk ourselves and invent the outcomes: no telephone rings. auto means on exactly when the spool lies in
    /// the data folder
    #[arg(long, env, value_enum, default_value_t)]
    pub asterisk_simulate: Simulate,

    /// How often each simulated outcome comes, as weights: answered, busy, `no_answer`, failed, rejected,
    /// `invalid_number`, congestion, silent, unreachable
    #[arg(long, env, value_name = "OUTCOME=WEIGHT,...", default_value = "answered=100")]
    pub asterisk_sim_outcomes: OutcomeMix,

    /// Length of a simulated call, in seconds
    #[arg(long, env, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    pub asterisk_sim_call_seconds: f64,

    /// How long a telephone may ring, in seconds
    #[arg(long, env, value_name = "SECONDS", default_value = "45", value_parser = clap::value_parser!(u16).range(1..=600))]
    pub asterisk_wait_seconds: u16,

    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are the settings")]
    pub ways: TrunkArgs,
}

impl AsteriskArgs {
    /// The folder that holds `outgoing/`.
    pub fn spool_dir(&self, data_dir: &Path) -> PathBuf {
        let system = || {
            let spool = PathBuf::from(SYSTEM_SPOOL);
            writable(&spool.join("outgoing")).is_ok().then_some(spool)
        };
        self.asterisk_spool_dir.clone().or_else(system).unwrap_or_else(|| data_dir.join("spool"))
    }

    /// Where calls are reported, when that is not `results/` in the spool; the simulator knows no other place.
    pub fn results_dir(&self, data_dir: &Path) -> Option<PathBuf> {
        self.asterisk_results_dir.clone().filter(|_| !self.simulates(data_dir))
    }

    /// Whether the simulator plays Asterisk.
    pub fn simulates(&self, data_dir: &Path) -> bool {
        match self.asterisk_simulate {
            Simulate::On => true,
            Simulate::Off => false,
            Simulate::Auto => resolved(&self.spool_dir(data_dir)).starts_with(resolved(data_dir)),
        }
    }

    /// What the simulator plays.
    pub fn simulation(&self) -> SimSettings {
        SimSettings {
            outcomes: self.asterisk_sim_outcomes.clone(),
            call_seconds: self.asterisk_sim_call_seconds,
            seed: None,
        }
    }
}

/// The real path, or the nearest thing to one: neither folder needs to exist yet.
fn resolved(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let existing = absolute.ancestors().find_map(|a| Some((a, a.canonicalize().ok()?)));
    match existing {
        Some((ancestor, real)) => {
            absolute.strip_prefix(ancestor).map_or(real.clone(), |rest| real.join(rest))
        }
        None => absolute,
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.0..=3_600.0).contains(&seconds) => Ok(seconds),
        Ok(_) | Err(_) => Err("must be a number of seconds from 0 to 3600".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        asterisk: AsteriskArgs,
    }

    fn args(flags: &[&str]) -> Result<AsteriskArgs, String> {
        let flags = std::iter::once(&"pregon").chain(flags);
        Cli::try_parse_from(flags).map(|cli| cli.asterisk).map_err(|e| e.to_string())
    }

    #[test]
    fn every_setting_has_its_variable_and_its_words() {
        for argument in Cli::command().get_arguments().filter(|a| a.get_id() != "help") {
            let variable = argument.get_env().and_then(|v| v.to_str()).unwrap_or_default();
            assert_eq!(variable, argument.get_id().as_str().to_uppercase());
            let named = variable.starts_with("ASTERISK_") || variable == "TRUNKS";
            assert!(named && argument.get_help().is_some(), "{variable}");
        }
    }

    #[test]
    fn the_simulator_plays_where_the_spool_is_our_own() {
        let parent = tempfile::tempdir().unwrap();
        let data = parent.path().join("data");
        let inside = data.join("spool");
        let outside = parent.path().join("spool");
        for (spool, mode, simulates) in [
            (&inside, "auto", true),
            (&inside, "off", false),
            (&outside, "auto", false),
            (&outside, "on", true),
        ] {
            let flags = ["--asterisk-spool-dir", spool.to_str().unwrap(), "--asterisk-simulate", mode];
            let args = args(&flags).unwrap();
            assert_eq!(args.spool_dir(&data), *spool);
            assert_eq!(args.simulates(&data), simulates, "{} {mode}", spool.display());
        }
    }

    #[test]
    fn a_link_from_the_data_folder_to_asterisk_is_not_our_own() {
        let parent = tempfile::tempdir().unwrap();
        let (data, real) = (parent.path().join("data"), parent.path().join("asterisk"));
        std::fs::create_dir_all(&data).unwrap();
        std::fs::create_dir_all(&real).unwrap();
        std::os::unix::fs::symlink(&real, data.join("spool")).unwrap();
        let args = args(&["--asterisk-spool-dir", data.join("spool").to_str().unwrap()]).unwrap();
        assert!(!args.simulates(&data));
    }

    #[test]
    fn bad_settings_are_refused_in_words() {
        for (flag, value, word) in [
            ("--asterisk-channel", "PJSIP/100", "{number}"),
            ("--asterisk-caller-id", "TTS", "Clinica"),
            ("--asterisk-trunk", "a b", "trunk name"),
            ("--trunks", "co speed=9", "trunk co: speed"),
            ("--asterisk-sim-outcomes", "answered=x", "weight"),
            ("--asterisk-sim-call-seconds", "-1", "3600"),
            ("--asterisk-wait-seconds", "0", "1..=600"),
            ("--asterisk-simulate", "maybe", "auto"),
        ] {
            let flag = format!("{flag}={value}");
            let error = args(&[&flag]).unwrap_err();
            assert!(error.contains(word), "{flag}: {error}");
        }
    }
}
