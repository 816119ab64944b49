//! Logging: set up once, at the start.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::cli::{Common, LogFormat};

/// Starts logging to standard error. Errors name the setting.
pub(crate) fn start(common: &Common) -> anyhow::Result<()> {
    let filter =
        EnvFilter::try_new(&common.log).map_err(|e| anyhow::anyhow!("RUST_LOG={}: {e}", common.log))?;
    // lapin writes whole messages, with text and number, when one is returned.
    let filter = filter.add_directive("lapin=error".parse()?);
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match common.log_format {
        LogFormat::Pretty => lines.with_target(false).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
    Ok(())
}
