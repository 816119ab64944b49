//! Processes that tests start and end.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// One running process of Pregon; killed when dropped.
pub(crate) struct Proc {
    pub(super) child: Child,
}

impl Proc {
    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// SIGTERM; the exit code, within `patience`.
    pub(crate) fn terminate(&mut self, patience: Duration) -> Option<i32> {
        drop(Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status());
        let end = Instant::now() + patience;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }

    /// Whether it has ended.
    pub(crate) fn ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Whether it ends by itself within `patience`; returns as soon as it has.
    pub(crate) async fn ends_within(&mut self, patience: Duration) -> bool {
        let waiting = async {
            while !self.ended() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(patience, waiting).await.is_ok()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Proc {
    fn drop(&mut self) {
        self.kill();
    }
}
