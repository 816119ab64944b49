//! A stand-in for Asterisk.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// Takes call files out of the spool as Asterisk does, archives them as completed, writes down that all of it was heard,
/// and remembers every sighting.
pub(crate) struct Taker {
    seen: Arc<Mutex<HashMap<String, u32>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Taker {
    pub(super) fn start(spool: &Path) -> Self {
        let [outgoing, done, results] = ["outgoing", "outgoing_done", "results"].map(|name| spool.join(name));
        for folder in [&outgoing, &done, &results] {
            std::fs::create_dir_all(folder).unwrap();
        }
        let (seen, stop) = (Arc::new(Mutex::new(HashMap::new())), Arc::new(AtomicBool::new(false)));
        let (record, halt) = (Arc::clone(&seen), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            while !halt.load(Ordering::Relaxed) {
                for entry in std::fs::read_dir(&outgoing).unwrap().flatten() {
                    let name = entry.file_name().into_string().unwrap();
                    *record.lock().unwrap().entry(name.clone()).or_insert(0) += 1;
                    let archived = done.join(&name);
                    std::fs::rename(entry.path(), &archived).unwrap();
                    let mut file = std::fs::OpenOptions::new().append(true).open(&archived).unwrap();
                    file.write_all(b"Status: Completed\n").unwrap();
                    let key = name.strip_suffix(".call").unwrap();
                    let heard = format!("{key}|asterisk|16|Up|SUCCESS||||||SIP 200 OK\n");
                    std::fs::write(results.join(key), heard).unwrap();
                }
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        Self { seen, stop, thread: Some(thread) }
    }

    /// Call file name to number of sightings.
    pub(crate) fn seen(&self) -> HashMap<String, u32> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Taker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
