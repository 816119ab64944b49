//! Connects an Asterisk: the dialplan include, a user of the manager interface where one is wanted, and folders that
//! Asterisk and the workers share through a group, so that nothing needs root afterwards.
//!
//! First everything is looked at and becomes a [`Plan`] of what differs from what is wanted; a plan can be shown, and
//! carried out. A second plan is empty. Before each change, what takes it back is written to a record beside
//! `asterisk.conf`; a run that breaks off in the middle is finished by the next one, or undone by [`Setup::remove`].

mod change;
mod conf;
mod env_file;
mod error;
mod lines;
mod manager;
mod people;
mod place;
mod plan;
mod record;

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

pub use change::{Change, Content, Rights};
pub use error::SetupError;
pub use plan::Plan;
pub use record::Reload;

use crate::ami::AmiUrl;
use crate::console::Console;
use crate::doctor::dialplan;
use crate::folders::{key_of, present};
use conf::Conf;
use manager::User;
use place::Place;
use plan::Draft;
use record::Record;

/// Asterisk's group on most systems.
const GROUP: &str = "asterisk";

/// Shared folders: whatever is made there belongs to the group.
const SHARED: u32 = 0o2070;

/// Numbers that were called stand in here: for nobody else.
const PRIVATE: u32 = 0o2770;

/// Messages; secret enough for a folder, not for a telephone.
const PUBLIC: u32 = 0o2775;

/// Our part of the dialplan.
const DIALPLAN: &str = "pregon.conf";

/// Which Asterisk to connect, and how.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Asterisk")]
pub struct SetupArgs {
    /// Asterisk's configuration. Default: astetcdir of /etc/asterisk/asterisk.conf
    #[arg(long, env, value_name = "FOLDER")]
    pub asterisk_etc_dir: Option<PathBuf>,

    /// The folder that holds outgoing/. Default: astspooldir of asterisk.conf
    #[arg(long, env, value_name = "FOLDER")]
    pub asterisk_spool_dir: Option<PathBuf>,

    /// Where the dialplan reports how calls ended. Default: results/ in the spool
    #[arg(long, env, value_name = "FOLDER")]
    pub asterisk_results_dir: Option<PathBuf>,

    /// Where the rendered messages go: Asterisk has to be able to read there
    #[arg(long, env, value_name = "FOLDER", default_value = "/var/lib/pregon/audio")]
    pub audio_dir: PathBuf,

    /// The group through which Asterisk and the workers share their folders, by name or number. Default: the group of
    /// outgoing/, or asterisk where that is root's
    #[arg(long, env, value_name = "GROUP")]
    pub asterisk_group: Option<String>,

    /// Who runs the workers and so has to belong to that group. Default: nobody joins it
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,

    /// The file of settings, NAME=value line by line, that gets what the workers have to know. Default: none does
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
}

/// An Asterisk to be connected.
#[derive(Debug)]
pub struct Setup {
    place: Place,
    console: Console,
}

impl Setup {
    /// Finds it. Blocks.
    pub fn find(args: &SetupArgs, console: Console) -> Result<Self, SetupError> {
        let etc = args.asterisk_etc_dir.as_deref().map(absolute);
        let place = Place::find(etc.as_deref())
            .map_err(unreadable(&etc.as_deref().unwrap_or(Path::new(place::ETC)).join(place::CONF)))?;
        if !place.etc.is_dir() {
            return Err(SetupError::NoAsterisk(place.etc));
        }
        Ok(Self { place, console })
    }

    /// What has to be done. Changes nothing. `ami` is the manager interface, when the live feed is wanted.
    pub async fn plan(&self, args: &SetupArgs, ami: Option<&AmiUrl>) -> Result<Plan, SetupError> {
        let etc = &self.place.etc;
        let record = Record::open(etc).map_err(unreadable(etc))?;
        let spool = self.spool(args);
        let results = args.asterisk_results_dir.as_deref().map_or_else(|| spool.join("results"), absolute);
        if !spool.is_dir() {
            return Err(SetupError::NoAsterisk(spool));
        }
        if !speakable(&results) {
            return Err(SetupError::BadName(results));
        }
        let gid = group(args.asterisk_group.as_deref(), &spool)?;
        let mut draft = Draft::new(etc, gid);
        if spool != self.place.spool {
            draft.note(format!(
                "asterisk.conf names the spool {}: is {} the one that Asterisk reads?",
                self.place.spool.display(),
                spool.display()
            ));
        }
        folders(&mut draft, &spool, &results, &absolute(&args.audio_dir))?;
        install_dialplan(&mut draft, etc, &results)?;
        if let Some(url) = ami {
            install_user(&mut draft, etc, url)?;
        }
        if let Some(path) = &args.env_file {
            env_file::remember(&mut draft, &absolute(path), &spool, &results, &absolute(&args.audio_dir))?;
        }
        if let Some(user) = &args.user {
            draft.member(user)?;
        }
        let has_it = has_dialplan(&self.console, &results).await;
        Ok(draft.finish(record, results, has_it == Some(false)))
    }

    /// What has to be undone. Changes nothing.
    pub fn remove(&self, args: &SetupArgs) -> Result<Plan, SetupError> {
        let etc = &self.place.etc;
        let outgoing = self.spool(args).join("outgoing");
        let entries = present(std::fs::read_dir(&outgoing)).map_err(unreadable(&outgoing))?;
        let count =
            entries.into_iter().flatten().flatten().filter(|e| key_of(&e.file_name()).is_some()).count();
        if count > 0 {
            return Err(SetupError::Calling { count, outgoing });
        }
        let record = Record::open(etc).map_err(unreadable(etc))?;
        Ok(Plan::back(record, etc, &included_by_others(etc)?))
    }

    /// Makes every change of the plan, and tells Asterisk; `tell` gets a line for whatever needs a person. When
    /// cancelled or broken off, another run goes on.
    pub async fn carry_out(&self, plan: Plan, tell: impl FnMut(String) + Send) -> Result<(), SetupError> {
        plan.carry_out(&self.console, tell).await
    }

    fn spool(&self, args: &SetupArgs) -> PathBuf {
        args.asterisk_spool_dir.as_deref().map_or_else(|| self.place.spool.clone(), absolute)
    }

    /// The console.
    pub const fn console(&self) -> &Console {
        &self.console
    }
}

fn absolute(path: impl AsRef<Path>) -> PathBuf {
    std::path::absolute(path.as_ref()).unwrap_or_else(|_| path.as_ref().to_owned())
}

fn unreadable(path: &Path) -> impl Fn(io::Error) -> SetupError {
    move |why| SetupError::Unreadable { path: path.to_owned(), why }
}

/// A path that stands in `FILE(…,,,l,u)` in a dialplan.
fn speakable(path: &Path) -> bool {
    path.to_str().is_some_and(|p| !p.chars().any(|c| c.is_control() || ";,|\"\\$(){}[]&".contains(c)))
}

fn group(wanted: Option<&str>, spool: &Path) -> Result<u32, SetupError> {
    if let Some(name) = wanted.filter(|name| !name.is_empty()) {
        return people::gid(name)
            .map_err(unreadable(Path::new("getent")))?
            .ok_or_else(|| SetupError::NoGroup(name.to_owned()));
    }
    let outgoing = spool.join("outgoing");
    let place = if outgoing.is_dir() { &outgoing } else { spool };
    let owner = Rights::of(place).map_err(unreadable(place))?.map_or(0, |rights| rights.gid);
    if owner != 0 {
        return Ok(owner);
    }
    Ok(people::gid(GROUP).map_err(unreadable(Path::new("getent")))?.unwrap_or(owner))
}

fn folders(draft: &mut Draft, spool: &Path, results: &Path, audio: &Path) -> Result<(), SetupError> {
    draft.enterable(spool)?;
    for name in ["outgoing", "outgoing_done", "staging", "ledger"] {
        draft.folder(&spool.join(name), PRIVATE, SHARED)?;
    }
    draft.folder(results, PRIVATE, SHARED)?;
    draft.folder(audio, PUBLIC, SHARED)
}

fn install_dialplan(draft: &mut Draft, etc: &Path, results: &Path) -> Result<(), SetupError> {
    draft.file(&etc.join(DIALPLAN), dialplan::filled(results), 0o644)?;
    let (main, custom) = (etc.join("extensions.conf"), etc.join("extensions_custom.conf"));
    let read = |path: &Path| conf(path).map_err(unreadable(path));
    let (in_main, in_custom) = (read(&main)?, read(&custom)?);
    if in_main.includes(DIALPLAN) || in_custom.includes(DIALPLAN) {
        return Ok(());
    }
    // FreePBX writes extensions.conf anew whenever it likes, and leaves this one alone.
    let target = if in_main.includes("extensions_custom.conf") { custom } else { main };
    draft.lines(&target, &[&format!("#include {DIALPLAN}")], ';', 0o640)
}

fn install_user(draft: &mut Draft, etc: &Path, url: &AmiUrl) -> Result<(), SetupError> {
    match User::plan(etc, url).map_err(unreadable(&etc.join("manager.conf")))? {
        Ok(user) => {
            draft.file(&user.path, user.text, 0o640)?;
            if let Some(includer) = user.included_by {
                draft.lines(&includer, &["#include pregon_manager.conf"], ';', 0o640)?;
            }
            user.notes.into_iter().for_each(|note| draft.note(note));
        }
        Err(notes) => notes.into_iter().for_each(|note| draft.note(note)),
    }
    Ok(())
}

fn conf(path: &Path) -> io::Result<Conf> {
    let bytes = present(std::fs::read(path))?.unwrap_or_default();
    Ok(Conf::read(&String::from_utf8_lossy(&bytes)))
}

/// Files of the dialplan that include ours by a line that is not from setup.
fn included_by_others(etc: &Path) -> Result<Vec<PathBuf>, SetupError> {
    let mut found = Vec::new();
    for name in ["extensions.conf", "extensions_custom.conf"] {
        let path = etc.join(name);
        let bytes = present(std::fs::read(&path)).map_err(unreadable(&path))?.unwrap_or_default();
        let ours = plan::marked(&[&format!("#include {DIALPLAN}")], ';');
        let rest = lines::removed(&bytes, &ours).unwrap_or(bytes);
        if Conf::read(&String::from_utf8_lossy(&rest)).includes(DIALPLAN) {
            found.push(path);
        }
    }
    Ok(found)
}

/// Whether Asterisk has the dialplan as shipped; `None` when it does not say.
async fn has_dialplan(console: &Console, results: &Path) -> Option<bool> {
    let text = dialplan::filled(results);
    for (name, steps) in dialplan::contexts(&text) {
        let answer = console.ask(&format!("dialplan show {name}")).await.ok()?;
        if !dialplan::has(&answer, &steps) {
            return Some(false);
        }
    }
    Some(true)
}

#[cfg(test)]
#[path = "setup_tests.rs"]
mod tests;
#[cfg(test)]
mod undo_tests;
#[cfg(test)]
mod world;
