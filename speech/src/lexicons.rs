//! Lexicons on disk, one file per client and language, read again when they change.
//!
//! ```text
//! <audio_dir>/lexicons/<hash of the client>/<language>.json
//! ```

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use pregon_core::{LexiconTrouble, Lexicons, Lines};
use pregon_text::{Lexicon, is_language_tag};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::recent::Recent;
use crate::studio::blocking;

/// Most lexicons of a client.
const MAX_LANGUAGES: usize = 40;
/// Lexicons kept in memory: at least this many, at most twice. The largest have some megabytes.
const REMEMBERED: usize = 32;

/// The lexicons in the audio folder. Cheap to clone; clones share what they remember. Several, in this process or in
/// others, may work on one folder.
#[derive(Clone)]
pub struct LexiconFolder(Arc<Inner>);

struct Inner {
    root: PathBuf,
    recent: Mutex<Recent<Name, (Trace, Arc<Lexicon>)>>,
}

/// Hash of a file's path.
type Name = [u8; 32];

/// By which a file is recognised without reading it. Every change makes a new file.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Trace {
    inode: u64,
    length: u64,
    modified: Option<SystemTime>,
}

/// What a file holds.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// The tag as it was sent.
    language: String,
    lines: Lines,
}

impl LexiconFolder {
    /// The lexicons below that audio folder. Nothing is made there before the first one is put in.
    pub fn within(audio_dir: &Path) -> Self {
        let recent = Mutex::new(Recent::new(REMEMBERED));
        Self(Arc::new(Inner { root: audio_dir.join("lexicons"), recent }))
    }

    /// The lexicon with which `client` wants that language spoken: that of the tag, else that of its first part (`es` for
    /// `es-CO`). The same one for as long as its file does not change, which costs one or two `stat`s to see; after a
    /// change, the file is read, 1 MiB at most. One that cannot be read is told to the log and passed over: the message
    /// matters more.
    pub fn find(&self, client: Option<&str>, language: &str) -> Option<Arc<Lexicon>> {
        let primary = language.split('-').next().filter(|primary| *primary != language);
        self.load(client, language).or_else(|| self.load(client, primary?))
    }

    fn load(&self, client: Option<&str>, language: &str) -> Option<Arc<Lexicon>> {
        let path = self.0.path(client, language)?;
        let trace = Trace::of(&path).ok()?;
        let name = Sha256::digest(path.as_os_str().as_encoded_bytes()).into();
        let known = self.0.recent().get(&name).filter(|(known, _)| *known == trace);
        if let Some((_, lexicon)) = known {
            return Some(lexicon);
        }
        match read(&path) {
            Ok(kept) => {
                let lexicon = Arc::new(Lexicon::of(kept?.lines).0);
                self.0.recent().insert(name, (trace, Arc::clone(&lexicon)));
                Some(lexicon)
            }
            Err(error) => {
                tracing::error!(%error, language, "a lexicon cannot be read and is passed over");
                None
            }
        }
    }
}

impl Inner {
    /// `None` for what is no language: nothing else becomes part of a path.
    fn path(&self, client: Option<&str>, language: &str) -> Option<PathBuf> {
        let name = format!("{}.json", language.to_ascii_lowercase());
        is_language_tag(language).then(|| self.folder(client).join(name))
    }

    fn folder(&self, client: Option<&str>) -> PathBuf {
        let name = client.map_or_else(
            || "everybody".to_owned(),
            |client| {
                Sha256::digest(client).iter().take(20).fold(String::new(), |hex, b| format!("{hex}{b:02x}"))
            },
        );
        self.root.join(name)
    }

    fn recent(&self) -> std::sync::MutexGuard<'_, Recent<Name, (Trace, Arc<Lexicon>)>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Trace {
    fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Self { inode: metadata.ino(), length: metadata.len(), modified: metadata.modified().ok() })
    }
}

#[async_trait]
impl Lexicons for LexiconFolder {
    async fn languages(&self, client: Option<&str>) -> Result<Vec<String>, LexiconTrouble> {
        let folder = self.0.folder(client);
        let languages = blocking(move || {
            let mut languages = Vec::new();
            for path in files(&folder)? {
                languages.extend(read(&path)?.map(|kept| kept.language));
            }
            languages.sort_unstable();
            Ok(languages)
        });
        languages.await.flatten().map_err(|error| away(&error))
    }

    async fn get(&self, client: Option<&str>, language: &str) -> Result<Option<Lines>, LexiconTrouble> {
        let Some(path) = self.0.path(client, language) else { return Ok(None) };
        let kept = blocking(move || read(&path)).await.flatten().map_err(|error| away(&error))?;
        Ok(kept.map(|kept| kept.lines))
    }

    async fn put(&self, client: Option<&str>, language: &str, lines: Lines) -> Result<(), LexiconTrouble> {
        let path = self.0.path(client, language).ok_or_else(|| away(&ErrorKind::InvalidFilename.into()))?;
        let kept = Kept { language: language.to_owned(), lines };
        let written = blocking(move || {
            let folder = path.parent().unwrap_or(&path);
            fs::create_dir_all(folder)?;
            let others = files(folder)?.iter().filter(|other| **other != path).count();
            if others >= MAX_LANGUAGES {
                return Ok(Err(LexiconTrouble::Full(others)));
            }
            write(&path, &serde_json::to_vec(&kept)?).map(Ok)
        });
        written.await.flatten().map_err(|error| away(&error))?
    }

    async fn delete(&self, client: Option<&str>, language: &str) -> Result<bool, LexiconTrouble> {
        let Some(path) = self.0.path(client, language) else { return Ok(false) };
        match blocking(move || fs::remove_file(&path)).await.flatten() {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(away(&error)),
        }
    }
}

fn away(error: &io::Error) -> LexiconTrouble {
    LexiconTrouble::Unavailable(format!("the lexicons in the audio folder are not usable: {error}"))
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let listed = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed?,
    };
    let paths = listed.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    Ok(paths.into_iter().filter(|path| path.extension().is_some_and(|end| end == "json")).collect())
}

fn read(path: &Path) -> io::Result<Option<Kept>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whoever opens `path` sees the old file or the new one, never half of one, and sees it after a loss of power too.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension(format!("{:016x}", rand::random::<u64>()));
    let written = (|| {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        path.parent().map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
    })();
    if written.is_err() {
        drop(fs::remove_file(&fresh));
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pairs: &[(&str, &str)]) -> Lines {
        pairs.iter().map(|(written, spoken)| ((*written).to_owned(), (*spoken).to_owned())).collect()
    }

    /// What becomes of the word IPS.
    fn spoken_by(folder: &LexiconFolder, client: Option<&str>, language: &str) -> String {
        folder.find(client, language).unwrap_or_default().apply("IPS").into_owned()
    }

    #[tokio::test]
    async fn each_client_has_its_own_and_a_country_falls_back_to_its_language() {
        let dir = tempfile::tempdir().unwrap();
        let folder = LexiconFolder::within(dir.path());
        assert_eq!(folder.languages(None).await.unwrap(), [""; 0]);
        folder.put(None, "es", lines(&[("IPS", "general")])).await.unwrap();
        folder.put(Some("crm"), "es", lines(&[("IPS", "del crm")])).await.unwrap();
        folder.put(Some("crm"), "es-CO", lines(&[("IPS", "colombiano")])).await.unwrap();
        for (client, language, spoken) in [
            (None, "es", "general"),
            (None, "es-MX", "general"),
            (Some("crm"), "es", "del crm"),
            (Some("crm"), "ES-co", "colombiano"),
            (Some("crm"), "es-AR", "del crm"),
            (Some("shop"), "es", "IPS"),
            (None, "en", "IPS"),
            (None, "../es", "IPS"),
            (Some("../crm"), "es", "IPS"),
        ] {
            assert_eq!(spoken_by(&folder, client, language), spoken, "{client:?} {language}");
        }
        assert_eq!(folder.languages(Some("crm")).await.unwrap(), ["es", "es-CO"]);
        assert_eq!(folder.get(Some("crm"), "es-co").await.unwrap(), Some(lines(&[("IPS", "colombiano")])));
        assert_eq!(folder.get(Some("crm"), "en").await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_change_by_anybody_is_seen_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let (one, other) = (LexiconFolder::within(dir.path()), LexiconFolder::within(dir.path()));
        for spoken in ["uno", "dos", "uno"] {
            other.put(None, "es", lines(&[("IPS", spoken)])).await.unwrap();
            assert_eq!(spoken_by(&one, None, "es"), spoken);
            // From memory, which is the same thing.
            let [first, second] = [(); 2].map(|()| one.find(None, "es").unwrap());
            assert!(Arc::ptr_eq(&first, &second));
        }
        assert!(other.delete(None, "es").await.unwrap());
        assert!(!other.delete(None, "es").await.unwrap());
        assert_eq!(spoken_by(&one, None, "es"), "IPS");
    }

    #[tokio::test]
    async fn a_broken_file_is_passed_over_and_can_be_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let folder = LexiconFolder::within(dir.path());
        folder.put(None, "es", lines(&[("IPS", "uno")])).await.unwrap();
        let path = dir.path().join("lexicons/everybody/es.json");
        fs::write(&path, "{\"language\":\"es\",\"lines\":[[\"IPS\"").unwrap();
        assert_eq!(spoken_by(&folder, None, "es"), "IPS");
        assert!(matches!(folder.get(None, "es").await, Err(LexiconTrouble::Unavailable(_))));
        folder.put(None, "es", lines(&[("IPS", "dos")])).await.unwrap();
        assert_eq!(spoken_by(&folder, None, "es"), "dos");
        let left = fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(left, 1, "nothing half-written is left");
    }

    #[tokio::test]
    async fn a_client_cannot_fill_the_disk() {
        let dir = tempfile::tempdir().unwrap();
        let folder = LexiconFolder::within(dir.path());
        for n in 0..MAX_LANGUAGES {
            folder.put(None, &format!("es-a{n}"), Lines::new()).await.unwrap();
        }
        assert!(matches!(folder.put(None, "es", Lines::new()).await, Err(LexiconTrouble::Full(40))));
        folder.put(None, "es-a1", Lines::new()).await.unwrap();
        folder.put(Some("crm"), "es", Lines::new()).await.unwrap();
    }
}
