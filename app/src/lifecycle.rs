//! Start, stop and the exit code: the roles of a process live and end together.

use std::process::ExitCode;
use std::time::Duration;

use pregon_worker::Stop;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;

/// After the hard stop the roles get this long to give back what they hold.
const LAST_CALL: Duration = Duration::from_secs(10);

/// The running roles of this process.
pub(crate) struct Roles {
    tasks: JoinSet<(&'static str, anyhow::Result<()>)>,
    stop: Stop,
    term: Signal,
    int: Signal,
}

impl Roles {
    /// Listens to signals from here on: one that comes while the roles are being wired is obeyed when they run.
    pub(crate) fn new() -> std::io::Result<Self> {
        Ok(Self {
            tasks: JoinSet::new(),
            stop: Stop::default(),
            term: signal(SignalKind::terminate())?,
            int: signal(SignalKind::interrupt())?,
        })
    }

    pub(crate) fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// Runs `role` until it ends; when one ends that nobody asked to, the whole process does.
    pub(crate) fn start(
        &mut self,
        name: &'static str,
        role: impl Future<Output = anyhow::Result<()>> + Send + 'static,
    ) {
        self.tasks.spawn(async move { (name, role.await) });
    }

    /// Waits for a signal or for a role to end, then stops the rest: softly, after `drain` or on a second signal hard.
    /// The exit code is 0 only when a signal asked for the end and every role obeyed.
    pub(crate) async fn run(mut self, drain: Duration) -> ExitCode {
        let mut sound = true;
        tokio::select! {
            _ = self.term.recv() => tracing::info!("stopping: finishing what is in hand"),
            _ = self.int.recv() => tracing::info!("stopping: finishing what is in hand; once more to stop at once"),
            Some(ended) = self.tasks.join_next() => { report(&ended, true); sound = false; }
        }
        self.stop.soft.cancel();
        let hard = self.stop.hard.clone();
        let deadline = tokio::time::sleep(drain);
        tokio::pin!(deadline);
        loop {
            tokio::select! {
                ended = self.tasks.join_next() => match ended {
                    None => break,
                    Some(ended) => sound &= report(&ended, false),
                },
                () = &mut deadline => {
                    if hard.is_cancelled() {
                        tracing::error!("some roles did not end");
                        return ExitCode::FAILURE;
                    }
                    tracing::warn!(drain_s = drain.as_secs(), "not drained in time: giving back what is in hand");
                    hard.cancel();
                    deadline.as_mut().reset(tokio::time::Instant::now() + LAST_CALL);
                }
                _ = self.term.recv() => hard.cancel(),
                _ = self.int.recv() => hard.cancel(),
            }
        }
        if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

type Ended = Result<(&'static str, anyhow::Result<()>), tokio::task::JoinError>;

/// Logs how a role ended; true when it ended well.
fn report(ended: &Ended, unasked: bool) -> bool {
    match ended {
        Ok((name, Ok(()))) if unasked => tracing::error!("{name} ended by itself"),
        Ok((_, Ok(()))) => return true,
        Ok((name, Err(error))) => tracing::error!("{name} failed: {error:#}"),
        Err(error) => tracing::error!("a role panicked: {error}"),
    }
    false
}
