//! Sees call files appear, by inotify: a poll would cost the CPU time that is to be measured, and its own interval.

use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;

use crate::times::rate;

/// Watches a folder for files that are renamed into it.
pub(crate) struct Watch {
    fd: OwnedFd,
}

/// A file that appeared.
pub(crate) struct Seen {
    pub(crate) name: String,
    pub(crate) at: Instant,
}

/// While counting, events are fetched in bunches: fewer wake-ups take less from the workers that are measured.
const BUNCH: Duration = Duration::from_millis(5);

/// How often a quiet folder is looked at for the time limit.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

impl Watch {
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        let fd = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        inotify::add_watch(&fd, folder, WatchFlags::MOVED_TO)
            .with_context(|| format!("cannot watch {}", folder.display()))?;
        Ok(Self { fd })
    }

    /// Waits for `jobs` files; says how fast they came, from the first to the last.
    pub(crate) fn drain(&self, jobs: u64, limit: Duration) -> Result<String> {
        let started = Instant::now();
        let (mut first, mut seen) = (None, 0);
        loop {
            let before = seen;
            self.each(|_| seen += 1)?;
            let now = Instant::now();
            if seen > before && first.is_none() {
                // The files of the first bunch do not count: when they came is not known well enough.
                first = Some((now, seen));
            }
            if seen >= jobs {
                let (since, uncounted) = first.unwrap_or((now, seen));
                let span = now - since;
                let per_second = rate(seen - uncounted, span);
                return Ok(format!("rate={per_second:.0} seconds={:.3} jobs={seen}", span.as_secs_f64()));
            }
            if started.elapsed() > limit {
                bail!("{seen} of {jobs} call files after {} s", limit.as_secs());
            }
            if seen > before {
                thread::sleep(BUNCH);
            }
        }
    }

    /// Passes each file on as it appears, until the receiver is dropped.
    pub(crate) fn stream(self) -> mpsc::Receiver<Result<Seen>> {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            loop {
                let mut open = true;
                let result = self.each(|name| {
                    let seen = Seen { name: name.to_owned(), at: Instant::now() };
                    open = sender.send(Ok(seen)).is_ok();
                });
                if let Err(error) = result {
                    drop(sender.send(Err(error)));
                    return;
                }
                if !open {
                    return;
                }
            }
        });
        receiver
    }

    /// Waits a moment for events and takes all that are there.
    fn each(&self, mut visit: impl FnMut(&str)) -> Result<()> {
        poll(&mut [PollFd::new(&self.fd, PollFlags::IN)], Some(&LOOK))?;
        let mut buffer = [MaybeUninit::uninit(); 16 * 1024];
        let mut reader = inotify::Reader::new(&self.fd, &mut buffer);
        loop {
            let event = match reader.next() {
                Ok(event) => event,
                Err(Errno::WOULDBLOCK) => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            if event.events().contains(ReadFlags::QUEUE_OVERFLOW) {
                bail!("inotify dropped events: raise fs.inotify.max_queued_events");
            }
            if let Some(name) = event.file_name().and_then(|n| n.to_str().ok()) {
                visit(name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_whole_files_count() {
        let folder = std::env::temp_dir().join(format!("pregon-bench-{}", std::process::id()));
        fs::create_dir_all(folder.join("outgoing")).unwrap();
        let watch = Watch::new(&folder.join("outgoing")).unwrap();
        fs::write(folder.join("outgoing/half-written"), "").unwrap();
        for n in 0..3 {
            fs::write(folder.join("x"), "").unwrap();
            fs::rename(folder.join("x"), folder.join(format!("outgoing/{n}.call"))).unwrap();
        }
        let line = watch.drain(3, Duration::from_secs(5)).unwrap();
        assert!(line.ends_with("jobs=3"), "{line}");
        assert!(watch.drain(1, Duration::from_millis(1)).is_err(), "nothing more came");
        fs::remove_dir_all(folder).unwrap();
    }
}
