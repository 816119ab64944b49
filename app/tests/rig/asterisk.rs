//! A real Asterisk that `tests/asterisk.sh` has started.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Asterisk as tests see it: its spool, its console, and the switch that turns it off.
pub(crate) struct Asterisk {
    dir: PathBuf,
    /// The port at which its trunks expect the other end.
    pub(crate) peer_port: u16,
}

impl Asterisk {
    /// The one that `TEST_ASTERISK_DIR` names; `None` after saying SKIPPED where there is none, unless
    /// `REQUIRE_SERVICES` makes that a failure.
    pub(crate) fn find() -> Option<Self> {
        let var = |name| std::env::var_os(name).and_then(|v| v.into_string().ok());
        match (var("TEST_ASTERISK_DIR"), var("TEST_ASTERISK_PEER")) {
            (Some(dir), Some(port)) => Some(Self { dir: dir.into(), peer_port: port.parse().unwrap() }),
            _ if var("REQUIRE_SERVICES").is_some() => panic!("TEST_ASTERISK_DIR is not set"),
            _ => {
                println!("SKIPPED: TEST_ASTERISK_DIR is not set; ./manage.sh check starts an Asterisk");
                None
            }
        }
    }

    /// Its folder.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The folder that holds `outgoing/`.
    pub(crate) fn spool(&self) -> PathBuf {
        self.dir.join("spool")
    }

    /// Its process, as it writes it into call files.
    pub(crate) fn pid(&self) -> u32 {
        std::fs::read_to_string(self.dir.join("asterisk.pid")).unwrap().trim().parse().unwrap()
    }

    /// SIGKILL. Blocks until it is gone.
    pub(crate) fn kill(&self) {
        self.script("kill", &[]);
    }

    /// Blocks until it is fully booted.
    pub(crate) fn start(&self) {
        self.script("start", &[]);
    }

    /// One command on its console. Blocks.
    pub(crate) fn console(&self, command: &str) -> String {
        self.script("cli", &[command])
    }

    fn script(&self, command: &str, arguments: &[&str]) -> String {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/asterisk.sh");
        let output = Command::new(script)
            .arg(command)
            .arg(&self.dir)
            .args(arguments)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(output.status.success(), "asterisk.sh {command}: {}", output.status);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}
