//! The user of the manager interface that `ASTERISK_AMI_URL` names.

use std::io;
use std::path::{Path, PathBuf};

use super::conf::Conf;
use crate::ami::AmiUrl;
use crate::folders::present;

/// Asterisk adds these to its channel events, so that the live feed knows whose call it is.
const VARIABLES: [&str; 2] = ["PREGON_JOB", "PREGON_ATTEMPT"];

/// What has to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct User {
    /// Our file.
    pub(super) path: PathBuf,
    /// What is in it.
    pub(super) text: String,
    /// The file that has to include ours, and does not.
    pub(super) included_by: Option<PathBuf>,
    /// What a person should know.
    pub(super) notes: Vec<String>,
}

impl User {
    /// Looks at `manager.conf` and what it includes. `None` when the user is there already, with all he needs, or
    /// cannot be made; then the notes say why.
    pub(super) fn plan(etc: &Path, url: &AmiUrl) -> io::Result<Result<Self, Vec<String>>> {
        if !url.user.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
            || url.user == "general"
        {
            let note = "the user in ASTERISK_AMI_URL can only be set up when his name has nothing but letters, digits, \
                        - _ and .; make him by hand in manager.conf";
            return Ok(Err(vec![note.to_owned()]));
        }
        let main = Conf::read(&text(&etc.join("manager.conf"))?);
        let by_folder = main.includes("manager.d/*.conf");
        let custom = main.includes("manager_custom.conf");
        let path = etc.join(if by_folder { "manager.d/pregon.conf" } else { "pregon_manager.conf" });
        // FreePBX writes manager.conf anew and leaves manager_custom.conf alone.
        let includer = etc.join(if custom { "manager_custom.conf" } else { "manager.conf" });
        let includes_ours = Conf::read(&text(&includer)?).includes("pregon_manager.conf");
        let general_first = main.has("general");
        let others = others(main, etc, &path)?;
        let mut notes = Vec::new();
        let Some(text) = write(&others, url, general_first, &mut notes) else { return Ok(Err(notes)) };
        let included_by = (!by_folder && !includes_ours).then_some(includer);
        Ok(Ok(Self { path, text, included_by, notes }))
    }
}

fn text(path: &Path) -> io::Result<String> {
    let bytes = present(std::fs::read(path))?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// All that is said about the manager interface, but by us.
fn others(main: Conf, etc: &Path, ours: &Path) -> io::Result<Conf> {
    let mut all = main;
    let mut paths = vec![etc.join("manager_custom.conf"), etc.join("manager_additional.conf")];
    if let Some(entries) = present(std::fs::read_dir(etc.join("manager.d")))? {
        paths.extend(
            entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "conf")),
        );
    }
    for path in paths.iter().filter(|path| *path != ours) {
        all.extend(Conf::read(&text(path)?));
    }
    Ok(all)
}

/// The text of our file; `None` when nothing is missing.
fn write(others: &Conf, url: &AmiUrl, general_first: bool, notes: &mut Vec<String>) -> Option<String> {
    let general = general(others, url, notes);
    let mut text =
        String::from("; Pregon's user of the manager interface, from ASTERISK_AMI_URL. Written by setup.\n");
    if !general.is_empty() {
        // (+) adds to a section, and is an error where there is none.
        let head = if general_first { "[general](+)" } else { "[general]" };
        text = format!("{text}\n{head}\n{}\n", general.join("\n"));
    }
    if others.has(&url.user) {
        notes.push(format!(
            "the user [{}] of the manager interface is somebody else's and stays as it is; it needs read=call and \
             write=call",
            url.user
        ));
        return (!general.is_empty()).then_some(text);
    }
    let local = if url.is_local() {
        "deny=0.0.0.0/0.0.0.0\npermit=127.0.0.1/255.255.255.255\npermit=::1/128\n"
    } else {
        ""
    };
    // With => a secret may begin with >, and \; is how a ; is written.
    let secret = url.secret.replace(';', "\\;");
    Some(format!("{text}\n[{}]\nsecret => {secret}\n{local}read=call\nwrite=call\n", url.user))
}

/// What the section `general` lacks. Nothing that somebody set is changed, but for what is added to a list.
fn general(others: &Conf, url: &AmiUrl, notes: &mut Vec<String>) -> Vec<String> {
    let said = |name| others.last("general", name).filter(|value| !value.is_empty());
    let mut lines = Vec::new();
    let on = said("enabled")
        .is_some_and(|v| ["yes", "true", "y", "t", "1", "on"].contains(&v.to_lowercase().as_str()));
    if !on && url.is_local() {
        lines.push("enabled=yes".to_owned());
        // Without it Asterisk listens everywhere.
        if said("bindaddr").is_none() {
            lines.push("bindaddr=127.0.0.1".to_owned());
        }
    } else if !on {
        notes.push(
            "the manager interface is off (enabled in manager.conf); ASTERISK_AMI_URL is not of this machine, so turn it \
             on yourself, with a bindaddr that is not open to the world"
                .to_owned(),
        );
    }
    match said("port") {
        None if url.port != 5038 => lines.push(format!("port={}", url.port)),
        Some(port) if port != url.port.to_string() => {
            notes.push(format!(
                "ASTERISK_AMI_URL names port {}, and manager.conf {port}: correct one of them",
                url.port
            ));
        }
        None | Some(_) => {}
    }
    let mut variables: Vec<&str> =
        said("channelvars").into_iter().flat_map(|v| v.split(',')).map(str::trim).collect();
    let missing: Vec<&str> = VARIABLES.into_iter().filter(|v| !variables.contains(v)).collect();
    if !missing.is_empty() {
        // The last one counts, so it has to hold those of others too.
        variables.extend(missing);
        lines.push(format!("channelvars={}", variables.join(",")));
    }
    lines
}

#[cfg(test)]
#[path = "manager_tests.rs"]
mod tests;
