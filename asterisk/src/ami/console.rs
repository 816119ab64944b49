//! The console through the manager interface. Needs a user with `write=command`, which the live feed does not.

use std::time::Duration;

use tokio::time::timeout;

use super::connection::{Broken, Connection, accepted};
use super::settings::AmiUrl;
use crate::console::Mute;

/// Asks one question on a connection of its own. `patience` bounds each step.
pub(crate) async fn command(url: &AmiUrl, question: &str, patience: Duration) -> Result<String, Mute> {
    match timeout(patience, ask(url, question, patience)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(broken)) => Err(Mute::Unreachable(format!("ASTERISK_AMI_URL: {broken}"))),
        Err(_) => Err(Mute::Unreachable("ASTERISK_AMI_URL: no answer".to_owned())),
    }
}

async fn ask(url: &AmiUrl, question: &str, patience: Duration) -> Result<Result<String, Mute>, Broken> {
    let mut connection = Connection::open(url, patience).await?;
    let id = connection.send("Command", &[("Command", question)]).await?;
    loop {
        let packet = connection.next().await?;
        if packet.get("ActionID") != Some(&id) || packet.get("Response").is_none() {
            continue;
        }
        let lines: Vec<&str> = packet.all("Output").collect();
        // A question that Asterisk answers with no is an error, and has its answer nevertheless.
        if lines.is_empty() && accepted(&packet).is_err() {
            return Ok(Err(Mute::Forbidden));
        }
        return Ok(Ok(lines.join("\n")));
    }
}
