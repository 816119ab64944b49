//! Files that other programs announced, by the stream ids they gave them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pregon_core::{Caller, Timestamp};

/// How long an announced file can be joined.
pub(super) const KEPT: Duration = Duration::from_hours(24);
/// Most files of one owner; the oldest gives way.
const MOST: usize = 1_000;

struct Entry {
    owner: Option<String>,
    path: PathBuf,
    since: Timestamp,
    serial: u64,
}

impl Entry {
    fn is_over(&self, now: Timestamp) -> bool {
        now.since(self.since) >= KEPT
    }
}

/// Which file a stream id stands for. Kept in memory: whoever announced a file announces it again after a restart.
#[derive(Default)]
pub(crate) struct Registry(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    by_id: HashMap<String, Entry>,
    serial: u64,
}

impl Registry {
    /// Keeps `path`, below the audio folder, as the stream `id`, in the place of what `id` was before. False, and
    /// nothing is changed, when the id or the file is in use by somebody whose streams `caller` may not change.
    pub(super) fn keep(
        &self,
        caller: &Caller,
        owner: Option<String>,
        id: &str,
        path: &Path,
        now: Timestamp,
    ) -> bool {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.by_id.retain(|_, entry| !entry.is_over(now));
        let theirs = |entry: &Entry| !caller.may_change(entry.owner.as_deref());
        // Whoever knows where another key's file lies must not come by its sound under a name of their own.
        if entries.by_id.get(id).is_some_and(theirs)
            || entries.by_id.values().any(|entry| entry.path == path && theirs(entry))
        {
            return false;
        }
        entries.by_id.remove(id);
        entries.make_room(owner.as_deref());
        entries.serial += 1;
        let entry = Entry { owner, path: path.to_owned(), since: now, serial: entries.serial };
        entries.by_id.insert(id.to_owned(), entry);
        true
    }

    /// The path below the audio folder, if there is a stream of that id and `caller` may hear it.
    pub(super) fn find(&self, caller: &Caller, id: &str, now: Timestamp) -> Option<PathBuf> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.by_id.get(id).filter(|entry| !entry.is_over(now))?;
        caller.may_see(entry.owner.as_deref()).then(|| entry.path.clone())
    }
}

impl Entries {
    fn make_room(&mut self, owner: Option<&str>) {
        let of_owner = || self.by_id.iter().filter(|(_, entry)| entry.owner.as_deref() == owner);
        if of_owner().count() < MOST {
            return;
        }
        let oldest = of_owner().min_by_key(|(_, entry)| entry.serial).map(|(id, _)| id.clone());
        if let Some(id) = oldest {
            self.by_id.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use pregon_core::Role;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn caller(name: &str, role: Role) -> Caller {
        Caller { name: name.into(), role }
    }

    fn keep(registry: &Registry, by: &Caller, id: &str, at: Timestamp) -> bool {
        registry.keep(by, Some(by.name.clone()), id, Path::new(id), at)
    }

    #[test]
    fn only_those_who_may_see_a_stream_find_it() {
        let (registry, crm) = (Registry::default(), caller("crm", Role::Client));
        assert!(keep(&registry, &crm, "strm_1", NOW));
        let found = |by: &Caller| registry.find(by, "strm_1", NOW).is_some();
        assert!(found(&crm) && found(&caller("ana", Role::Admin)) && found(&caller("wall", Role::Viewer)));
        assert!(!found(&caller("shop", Role::Client)));
    }

    #[test]
    fn an_id_cannot_be_taken_over() {
        let (registry, crm) = (Registry::default(), caller("crm", Role::Client));
        assert!(keep(&registry, &crm, "strm_1", NOW));
        assert!(!keep(&registry, &caller("shop", Role::Client), "strm_1", NOW));
        assert!(keep(&registry, &crm, "strm_1", NOW));
        assert!(keep(&registry, &caller("ana", Role::Admin), "strm_1", NOW));
        assert!(!keep(&registry, &crm, "strm_1", NOW));
    }

    #[test]
    fn the_file_of_another_key_is_not_announced_again() {
        let (registry, crm) = (Registry::default(), caller("crm", Role::Client));
        let keep = |by: &Caller, id| registry.keep(by, Some(by.name.clone()), id, Path::new("a.wav"), NOW);
        assert!(keep(&crm, "strm_1") && keep(&crm, "strm_2"));
        assert!(!keep(&caller("shop", Role::Client), "mine"));
        assert!(registry.find(&caller("shop", Role::Client), "mine", NOW).is_none());
    }

    #[test]
    fn a_day_later_it_is_gone() {
        let (registry, crm) = (Registry::default(), caller("crm", Role::Client));
        keep(&registry, &crm, "strm_1", NOW);
        assert!(registry.find(&crm, "strm_1", NOW + KEPT - Duration::from_millis(1)).is_some());
        assert!(registry.find(&crm, "strm_1", NOW + KEPT).is_none());
        assert!(keep(&registry, &caller("shop", Role::Client), "strm_1", NOW + KEPT));
    }

    #[test]
    fn the_oldest_of_an_owner_gives_way_and_nobody_elses() {
        let registry = Registry::default();
        let (crm, shop) = (caller("crm", Role::Client), caller("shop", Role::Client));
        keep(&registry, &shop, "of-shop", NOW);
        for n in 0..=MOST {
            keep(&registry, &crm, &format!("strm_{n}"), NOW);
        }
        assert!(registry.find(&crm, "strm_0", NOW).is_none());
        assert!(registry.find(&crm, "strm_1", NOW).is_some());
        assert!(registry.find(&shop, "of-shop", NOW).is_some());
        assert_eq!(registry.0.lock().unwrap().by_id.len(), MOST + 1);
    }
}
