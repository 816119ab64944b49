//! What has to be done, in its order, and doing it.

use std::io;
use std::path::{Path, PathBuf};

use super::change::{Change, Content, Done, Rights};
use super::people;
use super::record::{Record, Reload};
use super::{DIALPLAN, SetupError, has_dialplan, unreadable};
use crate::console::{Console, Mute};

/// The plan under way.
pub(super) struct Draft {
    etc: PathBuf,
    gid: u32,
    changes: Vec<Change>,
    notes: Vec<String>,
}

impl Draft {
    pub(super) fn new(etc: &Path, gid: u32) -> Self {
        Self { etc: etc.to_owned(), gid, changes: Vec::new(), notes: Vec::new() }
    }

    pub(super) const fn gid(&self) -> u32 {
        self.gid
    }

    pub(super) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    fn rights(&self, mode: u32) -> Rights {
        Rights { uid: rustix::process::geteuid().as_raw(), gid: self.gid, mode }
    }

    /// A folder of the group: with `mode` when it is new, else with `least` added to what it has.
    pub(super) fn folder(&mut self, path: &Path, mode: u32, least: u32) -> Result<(), SetupError> {
        let from = Rights::of(path).map_err(unreadable(path))?;
        let to = match from {
            Some(now) => Rights { gid: self.gid, mode: now.mode | least, ..now },
            None => self.rights(mode),
        };
        if from.is_none() {
            for parent in
                path.ancestors().skip(1).take_while(|p| !p.exists()).collect::<Vec<_>>().iter().rev()
            {
                // Asterisk has to come through.
                let new =
                    Change::Folder { path: parent.to_path_buf(), from: None, to: Some(self.rights(0o755)) };
                if !self.changes.contains(&new) {
                    self.changes.push(new);
                }
            }
        }
        if from != Some(to) {
            self.changes.push(Change::Folder { path: path.to_owned(), from, to: Some(to) });
        }
        Ok(())
    }

    /// A folder of Asterisk's that the group has to come through.
    pub(super) fn enterable(&mut self, path: &Path) -> Result<(), SetupError> {
        let Some(now) = Rights::of(path).map_err(unreadable(path))? else { return Ok(()) };
        let to = Rights { mode: now.mode | 0o050, ..now };
        if now.gid == self.gid && now != to {
            self.changes.push(Change::Folder { path: path.to_owned(), from: Some(now), to: Some(to) });
        } else if now.gid != self.gid && now.mode & 0o001 == 0 {
            self.notes.push(format!(
                "members of the group {} cannot enter {}: name its group with ASTERISK_GROUP, or let others in",
                people::group_name(self.gid),
                path.display()
            ));
        }
        Ok(())
    }

    /// A file of ours, with `mode` when it is new.
    pub(super) fn file(&mut self, path: &Path, text: String, mode: u32) -> Result<(), SetupError> {
        let from = Content::of(path).map_err(unreadable(path))?;
        let fresh = self.rights(mode);
        let rights = from.as_ref().map_or(fresh, |now| {
            let readable =
                now.rights.mode & 0o004 != 0 || now.rights.gid == self.gid && now.rights.mode & 0o040 != 0;
            if readable { now.rights } else { Rights { uid: now.rights.uid, ..fresh } }
        });
        let to = Content { text, rights };
        if from.as_ref() == Some(&to) {
            return Ok(());
        }
        let parent = path.parent().filter(|parent| !parent.exists());
        if let Some(parent) = parent {
            self.folder(parent, 0o750, 0)?;
        }
        self.changes.push(Change::File { path: path.to_owned(), from, to: Some(to) });
        Ok(())
    }

    /// Lines at the end of a file of others; the file is made, with `mode`, when it is not there.
    pub(super) fn lines(
        &mut self,
        path: &Path,
        lines: &[&str],
        comment: char,
        mode: u32,
    ) -> Result<(), SetupError> {
        if Content::of(path)
            .or_else(|error| match error.kind() {
                // Not UTF-8, but there.
                io::ErrorKind::InvalidData => {
                    Ok(Some(Content { text: String::new(), rights: self.rights(mode) }))
                }
                _ => Err(error),
            })
            .map_err(unreadable(path))?
            .is_none()
        {
            // A file of settings belongs to whoever has the folder, Asterisk's to its group.
            let owner = path.parent().and_then(|parent| Rights::of(parent).ok().flatten());
            let rights = match owner {
                Some(owner) if comment == '#' => Rights { mode, ..owner },
                Some(_) | None => self.rights(mode),
            };
            let to = Some(Content { text: String::new(), rights });
            self.changes.push(Change::File { path: path.to_owned(), from: None, to });
        }
        let lines = marked(lines, comment);
        self.changes.push(Change::Lines { path: path.to_owned(), lines, there: true });
        Ok(())
    }

    /// Somebody who has to belong to the group.
    pub(super) fn member(&mut self, user: &str) -> Result<(), SetupError> {
        let group = people::group_name(self.gid);
        let belongs = people::belongs(user, &group).map_err(unreadable(Path::new("id")))?;
        if !belongs.ok_or_else(|| SetupError::NoUser(user.to_owned()))? {
            if self.gid == 0 {
                return Err(SetupError::RootsGroup(user.to_owned()));
            }
            self.changes.push(Change::Member { user: user.to_owned(), group, there: true });
            self.notes.push(format!("{user} has to log in again before the new group counts"));
        }
        Ok(())
    }

    /// `stale` is that Asterisk said that it has another dialplan.
    pub(super) fn finish(self, record: Record, results: PathBuf, stale: bool) -> Plan {
        let mut reloads = record.reload.clone();
        let changed = self.changes.iter().filter_map(|change| reload_for(&self.etc, change));
        for reload in changed.chain(stale.then_some(Reload::Dialplan)) {
            if !reloads.contains(&reload) {
                reloads.push(reload);
            }
        }
        Plan { changes: self.changes, notes: self.notes, reloads, record, results: Some(results) }
    }
}

/// The lines between two that tell where they come from.
pub(super) fn marked(lines: &[&str], comment: char) -> Vec<String> {
    let first =
        format!("{comment} --- Pregon: added by ./manage.sh setup, taken out by ./manage.sh setup --remove");
    let last = format!("{comment} --- Pregon ends");
    let middle = lines.iter().copied().map(str::to_owned);
    std::iter::once(first).chain(middle).chain(std::iter::once(last)).collect()
}

/// What Asterisk has to read again after a change.
fn reload_for(etc: &Path, change: &Change) -> Option<Reload> {
    let (Change::File { path, .. } | Change::Lines { path, .. }) = change else { return None };
    let inside = path.strip_prefix(etc).ok()?.to_str()?;
    if inside == DIALPLAN || inside.starts_with("extensions") {
        return Some(Reload::Dialplan);
    }
    inside.contains("manager").then_some(Reload::Manager)
}

/// What has to be done.
#[derive(Debug)]
pub struct Plan {
    changes: Vec<Change>,
    notes: Vec<String>,
    reloads: Vec<Reload>,
    record: Record,
    /// The folder that the dialplan names; `None` when the dialplan goes.
    results: Option<PathBuf>,
}

impl Plan {
    /// Everything that is on record, backwards.
    pub(super) fn back(record: Record, etc: &Path, includers: &[PathBuf]) -> Self {
        let kept =
            |change: &Change| matches!(change, Change::File { path, .. } if *path == etc.join(DIALPLAN));
        let (keep, changes): (Vec<_>, Vec<_>) =
            record.undo.iter().rev().cloned().partition(|change| !includers.is_empty() && kept(change));
        let mut notes = Vec::new();
        if !keep.is_empty() {
            let names: Vec<_> = includers.iter().map(|path| path.display().to_string()).collect();
            notes.push(format!(
                "{} stays: {} includes it by a line that somebody else wrote, and Asterisk refuses a dialplan that \
                 includes what is not there",
                etc.join(DIALPLAN).display(),
                names.join(" and ")
            ));
        }
        let mut reloads = record.reload.clone();
        for reload in changes.iter().filter_map(|change| reload_for(etc, change)) {
            if !reloads.contains(&reload) {
                reloads.push(reload);
            }
        }
        let mut record = record;
        record.undo.retain(|change| !keep.contains(change));
        Self { changes, notes, reloads, record, results: None }
    }

    /// Whether everything is as it should be.
    pub const fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.reloads.is_empty()
    }

    /// What is to be changed, in order.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// What Asterisk is to be told afterwards.
    pub fn reloads(&self) -> &[Reload] {
        &self.reloads
    }

    /// The lines that tell what is told to whom.
    pub fn told_with(&self, console: &Console) -> Vec<String> {
        let changes = self.changes.iter().map(ToString::to_string);
        let reloads = self.reloads.iter().map(|reload| format!("run {}", console.spelled(reload.command())));
        changes.chain(reloads).collect()
    }

    /// What a person should know.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    pub(super) async fn carry_out(
        mut self,
        console: &Console,
        mut tell: impl FnMut(String) + Send,
    ) -> Result<(), SetupError> {
        self.record.reload.clone_from(&self.reloads);
        for change in &self.changes {
            let forth = self.results.is_some();
            if forth {
                // First on record, then done: whatever happens in between can be taken back.
                self.record.note(change);
                self.record.save().map_err(SetupError::Record)?;
            }
            let failed = |why| SetupError::Failed { change: Box::new(change.clone()), why };
            if let Done::Left(why) = change.make().map_err(failed)? {
                tell(format!("left as it is: {why}"));
            }
            if !forth {
                self.record.undo.retain(|undo| undo != change);
                self.record.save().map_err(SetupError::Record)?;
            }
        }
        self.reload(console, &mut tell).await?;
        self.record.save().map_err(SetupError::Record)
    }

    async fn reload(
        &mut self,
        console: &Console,
        tell: &mut (impl FnMut(String) + Send),
    ) -> Result<(), SetupError> {
        for reload in &self.reloads {
            if let Err(Mute::Unreachable(why)) = console.ask(reload.command()).await {
                tell(format!(
                    "Asterisk's console does not answer ({why}). An Asterisk that does not run reads everything when it \
                     starts; one that runs elsewhere has to be told: {}   (ASTERISK_CLI names the command)",
                    console.spelled(reload.command())
                ));
                // Whoever removes wants no record to stay.
                if self.results.is_none() {
                    self.record.reload.clear();
                }
                continue;
            }
            if let (Reload::Dialplan, Some(results)) = (reload, &self.results)
                && has_dialplan(console, results).await == Some(false)
            {
                return Err(SetupError::NotTaken(console.spelled("dialplan show pregon-call")));
            }
            self.record.reload.retain(|waiting| waiting != reload);
        }
        Ok(())
    }
}
