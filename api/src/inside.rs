//! Files of the audio folder, opened so that nothing outside of it can be reached.

use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, openat};

/// `given` as a path below `root`. It may be absolute, in the words of the settings or in those of the file system.
/// `None` when it names no place below: `..` is never followed, not even back to where it came from.
pub(crate) fn below(root: &Path, given: &Path) -> Option<PathBuf> {
    let real = root.canonicalize().ok();
    let tail = match given.strip_prefix(root) {
        Ok(tail) => tail,
        Err(_) if given.is_absolute() => given.strip_prefix(real?).ok()?,
        Err(_) => given,
    };
    let plain = tail.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    (plain && tail.file_name().is_some()).then(|| tail.components().collect())
}

/// Opens the file at `path` below `root`, for reading. Blocks.
///
/// Each folder on the way is opened from the one before, and no symbolic link is followed: whoever swaps a folder for
/// a link meanwhile gets an error, not a file from elsewhere. `root` itself may be a link. What is no plain file, a
/// pipe for instance, is `InvalidInput`; a link is whatever the system says of it.
pub(crate) fn open(root: &Path, path: &Path) -> io::Result<File> {
    let folder = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let outside = || io::Error::new(io::ErrorKind::InvalidInput, "the path leaves its folder");
    let mut names = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => names.push(name),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return Err(outside()),
        }
    }
    let name = names.pop().ok_or_else(outside)?;
    let mut here = openat(CWD, root, folder, Mode::empty())?;
    for step in names {
        here = openat(&here, step, folder | OFlags::NOFOLLOW, Mode::empty())?;
    }
    // Without NONBLOCK, opening a pipe waits for its writer.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(openat(&here, name, flags, Mode::empty())?);
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"))
    }
}

/// The same, off the threads that must not block.
pub(crate) async fn open_soon(root: &Path, path: PathBuf) -> io::Result<tokio::fs::File> {
    let root = root.to_owned();
    let opened = tokio::task::spawn_blocking(move || open(&root, &path)).await;
    opened.map_err(io::Error::other)?.map(tokio::fs::File::from_std)
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn paths_stay_below_the_folder() {
        let home = tempfile::tempdir().unwrap();
        let (real, link) = (home.path().join("real"), home.path().join("link"));
        std::fs::create_dir(&real).unwrap();
        symlink(&real, &link).unwrap();
        for good in ["a.wav", "./a.wav", "sub/a.wav", "sub//a.wav"] {
            assert!(below(&link, Path::new(good)).is_some(), "{good}");
            assert!(below(&link, &link.join(good)).is_some(), "{good}");
            assert!(below(&link, &real.join(good)).is_some(), "{good}");
        }
        assert_eq!(below(&link, &real.join("sub/a.wav")), Some("sub/a.wav".into()));
        let twin = format!("{}-twin/a.wav", real.display());
        for bad in ["", ".", "..", "../a.wav", "sub/../../a.wav", "sub/../a.wav", "/etc/passwd", "/", &twin] {
            assert_eq!(below(&link, Path::new(bad)), None, "{bad}");
        }
        assert_eq!(below(&link, &link.join("../real/a.wav")), None);
        assert_eq!(below(&link, &link), None);
    }

    #[test]
    fn links_pipes_and_folders_are_not_opened() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("audio");
        std::fs::create_dir_all(root.join("sub")).unwrap();
        std::fs::write(root.join("sub/a.wav"), b"sound").unwrap();
        std::fs::write(home.path().join("secret"), b"secret").unwrap();
        symlink(home.path().join("secret"), root.join("out.wav")).unwrap();
        symlink("sub/a.wav", root.join("in.wav")).unwrap();
        symlink(home.path(), root.join("up")).unwrap();
        rustix::fs::mknodat(CWD, root.join("pipe.wav"), rustix::fs::FileType::Fifo, Mode::RUSR, 0).unwrap();

        let mut text = String::new();
        open(&root, Path::new("sub/a.wav")).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "sound");
        for bad in ["out.wav", "in.wav", "up/secret", "up", "pipe.wav", "sub", "../secret", "/etc/passwd", ""]
        {
            assert!(open(&root, Path::new(bad)).is_err(), "{bad}");
        }
        assert_eq!(open(&root, Path::new("none.wav")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
