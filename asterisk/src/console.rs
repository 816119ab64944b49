//! Asterisk's console, for questions and reloads: through the program `asterisk -rx` or whatever stands in for it, or
//! through the manager interface.

use std::process::Stdio;
use std::time::Duration;

use clap::Args;
use tokio::process::Command;
use tokio::time::timeout;

use crate::ami::{self, AmiUrl};

/// A reload of a big dialplan takes seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// How to reach the console.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Asterisk")]
pub struct ConsoleArgs {
    /// The command that reaches Asterisk's console; what is asked comes after it as one more argument. Such as: docker
    /// exec asterisk asterisk -rx
    #[arg(long, env, value_name = "COMMAND", default_value = "asterisk -rx")]
    pub asterisk_cli: String,
}

/// Why the console said nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mute {
    /// Asterisk does not run, or does not let us in, or the command is not there.
    #[error("{0}")]
    Unreachable(String),
    /// The manager interface lets us in and does not let us ask.
    #[error("the user of ASTERISK_AMI_URL may not use the console (write=command in manager.conf)")]
    Forbidden,
}

/// A way to the console.
#[derive(Clone, Debug)]
pub struct Console {
    command: Vec<String>,
    ami: Option<AmiUrl>,
}

impl Console {
    /// The command first; the manager interface where the command leads nowhere.
    pub fn new(args: &ConsoleArgs, ami: Option<AmiUrl>) -> Self {
        Self { command: args.asterisk_cli.split_whitespace().map(str::to_owned).collect(), ami }
    }

    /// What a person would type to ask this.
    pub fn spelled(&self, question: &str) -> String {
        format!("{} '{question}'", self.command.join(" "))
    }

    /// Asks, and returns the answer as it would stand on the screen. When cancelled, the command is killed.
    pub async fn ask(&self, question: &str) -> Result<String, Mute> {
        match (self.run(question).await, &self.ami) {
            (Err(_), Some(url)) => ami::command(url, question, PATIENCE).await,
            (answer, _) => answer,
        }
    }

    async fn run(&self, question: &str) -> Result<String, Mute> {
        let unreachable = |why: &str| Mute::Unreachable(format!("{}: {why}", self.spelled(question)));
        let Some((program, arguments)) = self.command.split_first() else {
            return Err(unreachable("ASTERISK_CLI is empty"));
        };
        let mut command = Command::new(program);
        command.args(arguments).arg(question).stdin(Stdio::null()).kill_on_drop(true);
        let output = match timeout(PATIENCE, command.output()).await {
            Ok(Ok(output)) => output,
            Ok(Err(error)) => return Err(unreachable(&error.to_string())),
            Err(_) => return Err(unreachable("no answer within 20 seconds")),
        };
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        // Asterisk's program exits with 1 also when it asked and the answer was no.
        if output.status.success() || said.contains("Command '") {
            return Ok(said);
        }
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned() + &said;
        Err(unreachable(complaint.trim().lines().next().unwrap_or("it failed without a word")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn console(command: &str) -> Console {
        Console::new(&ConsoleArgs { asterisk_cli: command.to_owned() }, None)
    }

    #[tokio::test]
    async fn a_question_is_one_argument_and_no_shell_sees_it() {
        let answer = console("printf %s|").ask("dialplan show $(id); x").await;
        assert_eq!(answer.as_deref(), Ok("dialplan show $(id); x|"));
    }

    #[tokio::test]
    async fn a_console_that_is_not_there_says_so() {
        for (command, why) in [("", "empty"), ("/nowhere/asterisk -rx", "No such file"), ("false", "failed")]
        {
            let Err(Mute::Unreachable(said)) = console(command).ask("core show version").await else {
                panic!("{command} answered");
            };
            assert!(said.contains(why), "{said}");
        }
    }
}
