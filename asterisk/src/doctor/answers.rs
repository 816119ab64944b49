//! What Asterisk's console tells about modules, dialplan and trunks.

use std::fs;
use std::path::Path;
use std::time::Duration;

use pregon_core::Timestamp;

use super::access::Process;
use super::calls::Life;
use super::{Finding, dialplan};
use crate::console::{Console, Mute};
use crate::folders::Folders;

/// What our call files need beside what the dialplan says it needs: `Set: CHANNEL(hangup_handler_push)`.
const MODULE: &str = "func_channel";

/// What the console said.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// Why it said nothing.
    pub(super) mute: Option<Mute>,
    pub(super) settings: String,
    pub(super) uptime: String,
    pub(super) modules: String,
    /// Of each context of ours.
    pub(super) contexts: Vec<(String, String)>,
    /// What is dialled, and what is known of its trunk.
    pub(super) trunks: Vec<(String, Option<String>)>,
}

impl Answers {
    /// Asks. `channels` are examples of what is dialled, one for each trunk, such as `PJSIP/573000000000@trunk`.
    pub async fn collect(console: &Console, channels: &[String]) -> Self {
        let mut answers = Self::default();
        match console.ask("core show settings").await {
            Ok(settings) => answers.settings = settings,
            Err(mute) => return Self { mute: Some(mute), ..answers },
        }
        answers.uptime = console.ask("core show uptime seconds").await.unwrap_or_default();
        answers.modules = console.ask("module show").await.unwrap_or_default();
        for (name, _) in dialplan::contexts(crate::DIALPLAN) {
            let answer = console.ask(&format!("dialplan show {name}")).await.unwrap_or_default();
            answers.contexts.push((name.to_owned(), answer));
        }
        for channel in channels {
            let answer = match question(channel) {
                Some(question) => console.ask(&question).await.ok(),
                None => None,
            };
            answers.trunks.push((channel.clone(), answer));
        }
        answers
    }

    /// The running Asterisk, as far as it tells of itself.
    pub(super) fn life(&self, now: Timestamp) -> Option<Life> {
        let up =
            value(&self.uptime, "System uptime").and_then(|s| s.parse().ok()).map(Duration::from_secs)?;
        let started = now.millis().checked_sub(i64::try_from(up.as_millis()).ok()?)?;
        Some(Life { pid: self.pid(), started: Timestamp::from_millis(started), up })
    }

    /// Its process, where it can be seen.
    pub(super) fn process(&self) -> Option<Process> {
        Process::running(self.pid()?)
    }

    fn pid(&self) -> Option<u32> {
        fs::read_to_string(value(&self.settings, "PID file")?).ok()?.trim().parse().ok()
    }

    pub(super) fn findings(&self, folders: &Folders) -> Vec<Finding> {
        if let Some(mute) = &self.mute {
            return vec![Finding::unseen(
                format!("Asterisk's console says nothing, so dialplan and trunks were not looked at: {mute}"),
                remedy(mute),
            )];
        }
        let mut findings = vec![self.spool(folders), self.missing_modules()];
        findings.extend(self.contexts(folders));
        findings.extend(self.trunks.iter().map(|(channel, answer)| trunk(channel, answer.as_deref())));
        findings
    }

    fn spool(&self, folders: &Folders) -> Finding {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        match value(&self.settings, "Spool directory") {
            Some(theirs) if real(Path::new(theirs)) != real(&folders.root) => Finding::bad(
                format!("Asterisk reads the spool {theirs}, and call files go to {}", folders.root.display()),
                format!("set ASTERISK_SPOOL_DIR={theirs}, or mount that folder under the same path"),
            ),
            Some(_) => Finding::good("Asterisk reads this spool"),
            None => Finding::unseen(
                "Asterisk does not tell which spool it reads",
                "compare astspooldir in asterisk.conf",
            ),
        }
    }

    fn missing_modules(&self) -> Finding {
        let runs = |name: &str| {
            let line = self
                .modules
                .lines()
                .find(|line| line.strip_prefix(name).is_some_and(|l| l.starts_with(".so")));
            line.is_some_and(|line| line.contains(" Running") && !line.contains("Not Running"))
        };
        let missing: Vec<&str> =
            dialplan::modules().into_iter().chain([MODULE]).filter(|name| !runs(name)).collect();
        if missing.is_empty() {
            return Finding::good("Asterisk has loaded the modules that calls need");
        }
        Finding::bad(
            format!("Asterisk has not loaded {}", missing.join(", ")),
            "take their noload lines out of modules.conf, or load them there (load=NAME.so), and restart Asterisk",
        )
    }

    fn contexts(&self, folders: &Folders) -> Vec<Finding> {
        let shipped = dialplan::filled(&folders.results);
        let wanted = dialplan::contexts(&shipped);
        let judge = |(name, answer): &(String, String)| {
            let steps = wanted.iter().find(|(wanted, _)| wanted == name).map(|(_, steps)| steps.as_slice());
            if !dialplan::exists(answer) {
                return Finding::bad(
                    format!(
                        "the dialplan has no context [{name}]: calls would be silent, or not be reported"
                    ),
                    "./manage.sh setup; or include asterisk/conf/pregon.conf in extensions.conf and: dialplan reload",
                );
            }
            if !dialplan::has(answer, steps.unwrap_or_default()) {
                return Finding::bad(
                    format!(
                        "[{name}] in the dialplan is not the one of this version, or reports to another folder"
                    ),
                    format!("./manage.sh setup (it has to report to {})", folders.results.display()),
                );
            }
            Finding::good(format!("[{name}] is in the dialplan"))
        };
        self.contexts.iter().map(judge).collect()
    }
}

const fn remedy(mute: &Mute) -> &'static str {
    match mute {
        // Not the whole doctor as root: what root may do tells nothing about the workers.
        Mute::Unreachable(_) => {
            "start Asterisk; if it runs, say how to reach its console: ASTERISK_CLI=\"sudo asterisk -rx\"; or let its group \
             in for good, with astctlpermissions=0660 and astctlgroup=asterisk under [files] in asterisk.conf"
        }
        Mute::Forbidden => {
            "say how to reach the console: ASTERISK_CLI=\"sudo asterisk -rx\"; or add command to write= of that user in \
             manager.conf"
        }
    }
}

/// `  Spool directory:             /var/spool/asterisk` → `/var/spool/asterisk`.
fn value<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    answer.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

/// What to ask about the trunk that a channel goes through; `None` when only its technology knows.
fn question(channel: &str) -> Option<String> {
    match channel.split_once('/')? {
        ("PJSIP", destination) => Some(format!("pjsip show endpoint {}", endpoint(destination))),
        ("Local", destination) => {
            let context = destination.split_once('@')?.1;
            Some(format!("dialplan show {}", context.split('/').next()?))
        }
        _ => None,
    }
}

/// `573000000000@trunk`, `trunk/sip:573000000000@host` → `trunk`.
fn endpoint(destination: &str) -> &str {
    let first = destination.split('/').next().unwrap_or(destination);
    first.rsplit('@').next().unwrap_or(first)
}

fn trunk(channel: &str, answer: Option<&str>) -> Finding {
    let Some(answer) = answer else {
        return Finding::unseen(
            format!("the trunk of {channel} was not looked at"),
            "only PJSIP and Local are known here: ask Asterisk's console yourself",
        );
    };
    let (technology, destination) = channel.split_once('/').unwrap_or_default();
    if technology == "Local" {
        return if dialplan::exists(answer) {
            Finding::good(format!("the context of {channel} is in the dialplan"))
        } else {
            Finding::bad(
                format!("the context of {channel} is not in the dialplan: every call would fail at once"),
                "name an outgoing context in ASTERISK_CHANNEL or TRUNKS; on FreePBX it is from-internal",
            )
        };
    }
    if answer.contains("No such command") {
        return Finding::bad(
            format!("Asterisk has no PJSIP: every call through {channel} would fail at once"),
            "load chan_pjsip (modules.conf) and restart Asterisk; or name another technology in ASTERISK_CHANNEL",
        );
    }
    let name = endpoint(destination);
    let line =
        answer.lines().find_map(|line| line.trim().strip_prefix("Endpoint:")?.trim().strip_prefix(name));
    match line {
        // The heading has <Endpoint/CID…> where the name would be, so this is the endpoint itself.
        Some(state) if state.contains("Unavailable") || state.contains("Invalid") => Finding::bad(
            format!("Asterisk says that the trunk {name} does not answer ({})", state.trim()),
            format!(
                "see: pjsip show endpoint {name}; check the address in its aor, the firewall, and user and password"
            ),
        ),
        Some(state) => Finding::good(format!("the trunk {name} is there ({})", words(state))),
        None => Finding::bad(
            format!("Asterisk has no endpoint {name}: every call through it would fail at once"),
            "name one of those that `pjsip show endpoints` lists in ASTERISK_CHANNEL or TRUNKS",
        ),
    }
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[path = "answers_tests.rs"]
mod tests;
