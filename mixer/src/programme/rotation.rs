//! Which file comes next.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::path::Path;
use std::sync::Arc;

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

/// In which order a folder is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MusicOrder {
    /// Every file once before any comes again; no file twice in a row.
    #[default]
    Shuffle,
    /// By path, from the first to the last and over again.
    Name,
}

/// The files that can be played, and the order in which they come.
#[derive(Debug)]
pub(super) struct Rotation {
    order: MusicOrder,
    files: BTreeSet<Arc<Path>>,
    /// What is left of this round; unused when the order is that of the names.
    round: VecDeque<Arc<Path>>,
    last: Option<Arc<Path>>,
    rng: StdRng,
}

impl Rotation {
    pub(super) fn new(order: MusicOrder, rng: StdRng) -> Self {
        Self { order, files: BTreeSet::new(), round: VecDeque::new(), last: None, rng }
    }

    /// From now on there are these files. New ones join the round that is under way, at a random place of it.
    pub(super) fn hold(&mut self, files: BTreeSet<Arc<Path>>) {
        self.round.retain(|path| files.contains(path));
        if self.order == MusicOrder::Shuffle {
            for path in files.difference(&self.files) {
                let at = self.rng.random_range(0..=self.round.len());
                self.round.insert(at, Arc::clone(path));
            }
        }
        self.files = files;
    }

    /// Takes a file out.
    pub(super) fn drop_file(&mut self, path: &Path) {
        self.files.remove(path);
        self.round.retain(|other| **other != *path);
    }

    /// The next file; `None` when there are none.
    pub(super) fn next(&mut self) -> Option<Arc<Path>> {
        let next = match self.order {
            MusicOrder::Name => self.by_name().next().cloned(),
            MusicOrder::Shuffle => {
                if self.round.is_empty() {
                    self.shuffle();
                }
                self.round.pop_front()
            }
        };
        if next.is_some() {
            self.last.clone_from(&next);
        }
        next
    }

    /// The files in the order in which they will come, as far as that is known; each of them once.
    pub(super) fn upcoming(&self) -> Vec<Arc<Path>> {
        match self.order {
            MusicOrder::Name => self.by_name().cloned().collect(),
            MusicOrder::Shuffle => {
                let soon: HashSet<&Arc<Path>> = self.round.iter().collect();
                let later = self.files.iter().filter(|path| !soon.contains(path));
                self.round.iter().chain(later).cloned().collect()
            }
        }
    }

    fn by_name(&self) -> impl Iterator<Item = &Arc<Path>> {
        let after = |path: &&Arc<Path>| self.last.as_ref().is_none_or(|last| *path > last);
        self.files.iter().filter(after).chain(self.files.iter().filter(move |path| !after(path)))
    }

    fn shuffle(&mut self) {
        let mut files: Vec<_> = self.files.iter().cloned().collect();
        files.shuffle(&mut self.rng);
        // No file twice in a row, across the rounds too.
        if files.len() > 1 && files.first() == self.last.as_ref() {
            let other = self.rng.random_range(1..files.len());
            files.swap(0, other);
        }
        self.round = files.into();
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn files(names: &[&str]) -> BTreeSet<Arc<Path>> {
        names.iter().map(|name| Arc::from(Path::new(name))).collect()
    }

    fn rotation(order: MusicOrder, names: &[&str], seed: u64) -> Rotation {
        let mut rotation = Rotation::new(order, StdRng::seed_from_u64(seed));
        rotation.hold(files(names));
        rotation
    }

    fn take(rotation: &mut Rotation, count: usize) -> Vec<String> {
        (0..count).map(|_| rotation.next().unwrap().to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn by_name_it_goes_round() {
        let mut rotation = rotation(MusicOrder::Name, &["b", "c", "a"], 0);
        assert_eq!(take(&mut rotation, 4), ["a", "b", "c", "a"]);
        rotation.hold(files(&["a", "aa", "c"]));
        assert_eq!(rotation.upcoming().len(), 3);
        assert_eq!(take(&mut rotation, 3), ["aa", "c", "a"]);
    }

    #[test]
    fn a_shuffled_round_has_every_file_once_and_none_comes_twice_in_a_row() {
        let names = ["a", "b", "c", "d", "e"];
        let mut orders = HashSet::new();
        for seed in 0..50 {
            let mut rotation = rotation(MusicOrder::Shuffle, &names, seed);
            let played = take(&mut rotation, 50);
            for round in played.chunks(5) {
                assert_eq!(round.iter().collect::<HashSet<_>>().len(), 5, "{round:?}");
                orders.insert(round.to_vec());
            }
            assert!(played.windows(2).all(|pair| pair[0] != pair[1]), "{played:?}");
        }
        assert!(orders.len() > 60, "only {} of 120 orders came", orders.len());
    }

    #[test]
    fn what_is_upcoming_comes() {
        for order in [MusicOrder::Shuffle, MusicOrder::Name] {
            let mut rotation = rotation(order, &["a", "b", "c", "d"], 7);
            take(&mut rotation, 6);
            let upcoming = rotation.upcoming();
            assert_eq!(upcoming.iter().collect::<HashSet<_>>().len(), 4);
            for path in upcoming.iter().take(2) {
                assert_eq!(rotation.next().as_ref(), Some(path));
            }
        }
    }

    #[test]
    fn files_come_and_go_within_a_round() {
        for seed in 0..50 {
            let mut rotation = rotation(MusicOrder::Shuffle, &["a", "b", "c", "d"], seed);
            let first = take(&mut rotation, 2);
            rotation.hold(files(&["a", "b", "c", "d", "new"]));
            rotation.drop_file(Path::new("d"));
            let left = if first.contains(&"d".to_owned()) { 3 } else { 2 };
            let mut all = [first, take(&mut rotation, left)].concat();
            all.retain(|name| name != "d");
            all.sort();
            assert_eq!(all, ["a", "b", "c", "new"]);
        }
    }

    #[test]
    fn one_file_comes_again_and_none_is_none() {
        for order in [MusicOrder::Shuffle, MusicOrder::Name] {
            let mut rotation = rotation(order, &["a"], 1);
            assert_eq!(take(&mut rotation, 3), ["a", "a", "a"]);
            rotation.hold(BTreeSet::new());
            assert_eq!(rotation.next(), None);
        }
    }
}
