//! One thing that setup changes, and back again.
//!
//! A change knows both its sides, so undoing it is the same with the sides exchanged. It is made only where things stand
//! as it says they do: what somebody else has changed since is left alone.

use std::fmt;
use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{Gid, Uid};
use serde::{Deserialize, Serialize};

use super::lines;
use super::people;
use crate::folders::present;

/// Whose a file or folder is, and who may do what with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Permission bits, setgid among them.
    pub mode: u32,
}

impl Rights {
    /// Those of a file or folder; `None` when it is not there.
    pub(super) fn of(path: &Path) -> io::Result<Option<Self>> {
        let meta = present(fs::metadata(path))?;
        Ok(meta.map(|m| Self { uid: m.uid(), gid: m.gid(), mode: m.mode() & 0o7777 }))
    }

    fn give(self, path: &Path) -> io::Result<()> {
        // Only what differs: whoever owns a file may set its mode, and only root may give it away.
        let now = Self::of(path)?.ok_or(io::ErrorKind::NotFound)?;
        let user = (now.uid != self.uid).then(|| Uid::from_raw(self.uid));
        let group = (now.gid != self.gid).then(|| Gid::from_raw(self.gid));
        if user.is_some() || group.is_some() {
            rustix::fs::chown(path, user, group)?;
        }
        // After the owner: changing that takes setgid away.
        fs::set_permissions(path, Permissions::from_mode(self.mode))
    }
}

/// A file as a whole. What is printed of it is never its text: that may hold a secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// What is in it.
    pub text: String,
    /// Whose it is.
    pub rights: Rights,
}

impl Content {
    /// The file's; `None` when it is not there.
    pub(super) fn of(path: &Path) -> io::Result<Option<Self>> {
        let Some(text) = present(fs::read_to_string(path))? else { return Ok(None) };
        Ok(Rights::of(path)?.map(|rights| Self { text, rights }))
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content").field("bytes", &self.text.len()).field("rights", &self.rights).finish()
    }
}

/// What is changed. `from` is how it stands before, `to` how it stands after; `None` is: not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Change {
    /// A folder appears, goes (when it is empty), or gets other rights.
    Folder {
        /// Where.
        path: PathBuf,
        /// Before.
        from: Option<Rights>,
        /// After.
        to: Option<Rights>,
    },
    /// A file of ours appears, goes, or says something else.
    File {
        /// Where.
        path: PathBuf,
        /// Before.
        from: Option<Content>,
        /// After.
        to: Option<Content>,
    },
    /// Lines of ours at the end of a file of others.
    Lines {
        /// The file; it is there before and after.
        path: PathBuf,
        /// The lines, without their ends. The first and the last mark the block.
        lines: Vec<String>,
        /// Whether they are there afterwards.
        there: bool,
    },
    /// Somebody belongs to a group.
    Member {
        /// Who.
        user: String,
        /// To which.
        group: String,
        /// Whether he does afterwards.
        there: bool,
    },
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// It is made.
    Made,
    /// It was so already.
    Already,
    /// Somebody has changed this since, so it was left alone. Says what is left.
    Left(String),
}

impl Change {
    /// What takes this back.
    pub(super) fn undone(self) -> Self {
        match self {
            Self::Folder { path, from, to } => Self::Folder { path, from: to, to: from },
            Self::File { path, from, to } => Self::File { path, from: to, to: from },
            Self::Lines { path, lines, there } => Self::Lines { path, lines, there: !there },
            Self::Member { user, group, there } => Self::Member { user, group, there: !there },
        }
    }

    /// Makes it. Blocks.
    pub(super) fn make(&self) -> io::Result<Done> {
        match self {
            Self::Folder { path, from, to } => folder(path, *from, *to),
            Self::File { path, from, to } => file(path, from.as_ref(), to.as_ref()),
            Self::Lines { path, lines, there } => set_lines(path, lines, *there),
            Self::Member { user, group, there } => {
                // Who is gone belongs to nothing.
                if people::belongs(user, group)?.unwrap_or(false) == *there {
                    return Ok(Done::Already);
                }
                people::join(user, group, *there).map(|()| Done::Made)
            }
        }
    }
}

fn folder(path: &Path, from: Option<Rights>, to: Option<Rights>) -> io::Result<Done> {
    let now = Rights::of(path)?;
    if now == to {
        return Ok(Done::Already);
    }
    match (now, to) {
        (None, Some(to)) if from.is_none() => {
            DirBuilder::new().mode(0o700).create(path)?;
            to.give(path)?;
        }
        (Some(now), Some(to)) if from == Some(now) || from.is_none() => to.give(path)?,
        (Some(_), None) => match fs::remove_dir(path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
                return Ok(Done::Left(format!("{} is not empty", path.display())));
            }
            Err(error) => return Err(error),
        },
        (Some(_), Some(_)) => {
            return Ok(Done::Left(format!("somebody has changed the rights of {} since", path.display())));
        }
        (None, _) => return Ok(Done::Already),
    }
    Ok(Done::Made)
}

fn file(path: &Path, from: Option<&Content>, to: Option<&Content>) -> io::Result<Done> {
    let now = Content::of(path)?;
    if now.as_ref() == to {
        return Ok(Done::Already);
    }
    // FreePBX gives all files of Asterisk new rights when it likes: only the text tells whether one is still ours.
    if now.map(|now| now.text).as_ref() != from.map(|from| &from.text) {
        return Ok(Done::Left(format!("somebody has changed {} since", path.display())));
    }
    match to {
        Some(to) => put(path, to.text.as_bytes(), to.rights)?,
        None => fs::remove_file(path)?,
    }
    Ok(Done::Made)
}

fn set_lines(path: &Path, lines: &[String], there: bool) -> io::Result<Done> {
    let Some(bytes) = present(fs::read(path))? else {
        return Ok(Done::Left(format!("{} is gone", path.display())));
    };
    let changed = if there { lines::added(&bytes, lines) } else { lines::removed(&bytes, lines) };
    match (changed, Rights::of(path)?) {
        (Some(changed), Some(rights)) => put(path, &changed, rights).map(|()| Done::Made),
        (Some(_), None) | (None, _) => Ok(Done::Already),
    }
}

/// Replaces a file as a whole: who reads it meanwhile reads the old one or the new one.
pub(super) fn put(path: &Path, bytes: &[u8], rights: Rights) -> io::Result<()> {
    // A link stays a link.
    let real = present(path.canonicalize())?.unwrap_or_else(|| path.to_owned());
    let folder = real.parent().ok_or(io::ErrorKind::InvalidInput)?;
    // Not `.conf`: an Asterisk that includes `*.conf` must not meet half a file.
    let new = folder.join(format!(".pregon-{:016x}.new", rand::random::<u64>()));
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(bytes)?;
        rights.give(&new)?;
        file.sync_all()?;
        fs::rename(&new, &real)
    };
    write().inspect_err(|_| drop(fs::remove_file(&new)))?;
    fs::File::open(folder)?.sync_all()
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder { path, from: None, to: Some(to) } => {
                write!(f, "make the folder {} with {}", path.display(), told(*to))
            }
            Self::Folder { path, from: Some(from), to: Some(to) } => {
                write!(f, "change {} from {} to {}", path.display(), told(*from), told(*to))
            }
            Self::Folder { path, to: None, .. } => {
                write!(f, "remove the folder {} if it is empty", path.display())
            }
            Self::File { path, from: None, to: Some(to) } if to.text.is_empty() => {
                write!(f, "make the file {} with {}", path.display(), told(to.rights))
            }
            Self::File { path, from: None, to: Some(to) } => {
                write!(
                    f,
                    "write {} ({} lines) with {}",
                    path.display(),
                    to.text.lines().count(),
                    told(to.rights)
                )
            }
            Self::File { path, from: Some(_), to: Some(to) } => {
                write!(
                    f,
                    "replace {} by {} lines, with {}",
                    path.display(),
                    to.text.lines().count(),
                    told(to.rights)
                )
            }
            Self::File { path, from: Some(from), to: None } if from.text.is_empty() => {
                write!(f, "remove {} if nothing else is in it", path.display())
            }
            Self::File { path, to: None, .. } => write!(f, "remove {}", path.display()),
            Self::Lines { path, lines, there } => {
                let (verb, place) = if *there { ("add", "to the end of") } else { ("take", "out of") };
                write!(f, "{verb} these lines {place} {}:", path.display())?;
                lines.iter().try_for_each(|line| write!(f, "\n      {line}"))
            }
            Self::Member { user, group, there } => {
                write!(f, "run {}", people::spelled(user, group, *there))
            }
        }
    }
}

fn told(rights: Rights) -> String {
    format!("group {}, mode {:04o}", people::group_name(rights.gid), rights.mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_gone_has_left_the_group() {
        let (user, group) = ("nobody-has-this".to_owned(), "asterisk".to_owned());
        let leave = Change::Member { user, group, there: false };
        assert_eq!(leave.make().unwrap(), Done::Already);
        assert!(leave.undone().make().is_err(), "nor can he join");
    }
}
