//! A telephone network behind a spool: everybody answers, and every call lasts as long as it is told to.

use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

/// Attempt to beginning and end, in nanoseconds since the epoch; a call that goes on has no end yet.
type Calls = BTreeMap<String, (i64, i64)>;

pub(crate) struct Network {
    calls: Arc<Mutex<Calls>>,
    done: PathBuf,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Network {
    /// Takes calls from `spool`; the `nth` lasts `length(nth)`.
    pub(crate) fn start(spool: &Path, length: fn(usize) -> Duration) -> Self {
        let [outgoing, done, results] = ["outgoing", "outgoing_done", "results"].map(|name| spool.join(name));
        for folder in [&outgoing, &done, &results] {
            std::fs::create_dir_all(folder).unwrap();
        }
        let (calls, stop) = (Arc::new(Mutex::new(Calls::new())), Arc::new(AtomicBool::new(false)));
        let (record, halt, archive) = (Arc::clone(&calls), Arc::clone(&stop), done.clone());
        let thread = std::thread::spawn(move || {
            let mut ends: HashMap<String, Instant> = HashMap::new();
            while !halt.load(Ordering::Relaxed) {
                for entry in std::fs::read_dir(&outgoing).unwrap().flatten() {
                    let name = entry.file_name().into_string().unwrap();
                    if ends.contains_key(&name) {
                        continue;
                    }
                    // The kernel's own note of the rename: this thread may have been asleep.
                    let meta = entry.metadata().unwrap();
                    let arrived = meta.ctime() * 1_000_000_000 + meta.ctime_nsec();
                    let mut calls = record.lock().unwrap();
                    let nth = calls.len();
                    let again = calls.insert(attempt(&name), (arrived, i64::MAX));
                    assert_eq!(again, None, "{name} came twice");
                    ends.insert(name, Instant::now() + length(nth));
                }
                let over: Vec<String> =
                    ends.iter().filter(|(_, at)| Instant::now() >= **at).map(|(n, _)| n.clone()).collect();
                for name in over {
                    ends.remove(&name);
                    let key = attempt(&name);
                    if let Some(call) = record.lock().unwrap().get_mut(&key) {
                        call.1 = now();
                    }
                    hang_up(&outgoing.join(&name), &archive.join(&name), &results.join(&key), &key);
                }
                // How often this stand-in for Asterisk looks into its spool.
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        Self { calls, done, stop, thread: Some(thread) }
    }

    /// All calls so far.
    pub(crate) fn calls(&self) -> Calls {
        self.calls.lock().unwrap().clone()
    }

    /// The call file of a job's one ended call.
    pub(crate) fn text(&self, job: &str) -> String {
        std::fs::read_to_string(self.done.join(format!("{job}-1.call"))).unwrap()
    }
}

fn attempt(name: &str) -> String {
    name.strip_suffix(".call").unwrap().to_owned()
}

#[expect(clippy::disallowed_methods, reason = "it is compared with what the kernel notes")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_nanos()).unwrap()
}

/// As Asterisk does: the handler's result, then the archived file with its status.
fn hang_up(file: &Path, archived: &Path, result: &Path, key: &str) {
    std::fs::rename(file, archived).unwrap();
    let mut file = std::fs::OpenOptions::new().append(true).open(archived).unwrap();
    file.write_all(b"Status: Completed\n").unwrap();
    std::fs::write(
        result,
        format!("{key}|asterisk|16|Up|SUCCESS|||||{}|SIP 200 OK\n", now() / 1_000_000_000),
    )
    .unwrap();
}

impl Drop for Network {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
