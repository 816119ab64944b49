//! Files that appear in folders, told by inotify.

use std::ffi::{OsStr, OsString};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;
use tokio::io::unix::AsyncFd;

/// Room for a hundred events at a time.
const BUFFER: usize = 8 * 1024;

/// One piece of news.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// A file was moved into, or written and closed in, the folder of that index.
    File(usize, OsString),
    /// Some news was lost: look for yourself.
    Missed,
}

/// Watches folders for files that are moved in or written.
#[derive(Debug)]
pub(crate) struct Arrivals {
    inotify: AsyncFd<OwnedFd>,
    folders: Vec<i32>,
}

impl Arrivals {
    /// Files that come into these folders, from now on. The folders must exist.
    pub(crate) fn watch(folders: &[&Path]) -> io::Result<Self> {
        Self::start(folders, WatchFlags::MOVED_TO | WatchFlags::CLOSE_WRITE)
    }

    /// Files that somebody writes to in this folder, not those that are moved in.
    pub(crate) fn watch_writing(folder: &Path) -> io::Result<Self> {
        Self::start(&[folder], WatchFlags::CLOSE_WRITE)
    }

    fn start(folders: &[&Path], events: WatchFlags) -> io::Result<Self> {
        let inotify = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        let watch = |folder: &&Path| inotify::add_watch(&inotify, *folder, events | WatchFlags::ONLYDIR);
        let folders = folders.iter().map(watch).collect::<Result<_, Errno>>()?;
        #[expect(
            deprecated,
            reason = "its successor is unsafe because a type could change its descriptor; OwnedFd does not"
        )]
        let inotify = AsyncFd::new(inotify)?;
        Ok(Self { inotify, folders })
    }

    /// Waits for news; never empty. Cancel-safe.
    pub(crate) async fn next(&self) -> io::Result<Vec<Arrival>> {
        loop {
            let mut ready = self.inotify.readable().await?;
            let news = self.read()?;
            if news.is_empty() {
                ready.clear_ready();
            } else {
                return Ok(news);
            }
        }
    }

    /// What has come by now; as much as the buffer holds.
    pub(crate) fn read(&self) -> io::Result<Vec<Arrival>> {
        let mut buffer = [MaybeUninit::uninit(); BUFFER];
        let mut reader = inotify::Reader::new(self.inotify.get_ref(), &mut buffer);
        let mut news = Vec::new();
        loop {
            match reader.next() {
                Ok(event) => news.extend(self.arrival(event.wd(), event.events(), event.file_name())),
                Err(Errno::WOULDBLOCK) => return Ok(news),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            if reader.is_buffer_empty() {
                return Ok(news);
            }
        }
    }

    fn arrival(&self, watch: i32, events: ReadFlags, name: Option<&std::ffi::CStr>) -> Option<Arrival> {
        if events.intersects(ReadFlags::QUEUE_OVERFLOW | ReadFlags::IGNORED) {
            return Some(Arrival::Missed);
        }
        let folder = self.folders.iter().position(|wd| *wd == watch)?;
        let name = OsStr::from_bytes(name?.to_bytes()).to_owned();
        (!events.contains(ReadFlags::ISDIR)).then_some(Arrival::File(folder, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn files_that_are_moved_in_or_written_are_told_in_order() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(one.path().join("before"), "").unwrap();
        let arrivals = Arrivals::watch(&[one.path(), two.path()]).unwrap();
        assert_eq!(arrivals.read().unwrap(), []);
        std::fs::write(two.path().join("a"), "x").unwrap();
        std::fs::create_dir(two.path().join("folder")).unwrap();
        std::fs::rename(two.path().join("a"), one.path().join("b")).unwrap();
        let news = arrivals.next().await.unwrap();
        assert_eq!(news, [Arrival::File(1, "a".into()), Arrival::File(0, "b".into())]);
        drop(one);
        let news = arrivals.next().await.unwrap();
        assert_eq!(news, [Arrival::Missed], "a folder that goes away is not silence");
    }
}
