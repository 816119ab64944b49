//! Users and groups, by the system's own commands: they may come from anywhere, not only from `/etc`.

use std::io;
use std::process::{Command, Stdio};

/// The id of a group that is given by name or number.
pub(super) fn gid(group: &str) -> io::Result<Option<u32>> {
    if let Ok(gid) = group.parse() {
        return Ok(Some(gid));
    }
    Ok(entry(group)?.as_deref().and_then(|line| line.split(':').nth(2)?.parse().ok()))
}

/// A group's name, or its number when it has none.
pub(super) fn group_name(gid: u32) -> String {
    let line = entry(&gid.to_string()).ok().flatten();
    let name = line.as_deref().and_then(|line| line.split(':').next());
    name.map_or_else(|| gid.to_string(), str::to_owned)
}

/// `asterisk:x:113:ana,luis`.
fn entry(group: &str) -> io::Result<Option<String>> {
    let output = Command::new("getent").args(["group", "--", group]).stdin(Stdio::null()).output()?;
    Ok(output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned()))
}

/// Whether a user belongs to a group; `None` when there is no such user. Blocks.
pub(super) fn belongs(user: &str, group: &str) -> io::Result<Option<bool>> {
    let output = Command::new("id").args(["-nG", "--", user]).stdin(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    Ok(output.status.success().then(|| said.split_whitespace().any(|name| name == group)))
}

/// Lets a user join or leave a group. Blocks.
pub(super) fn join(user: &str, group: &str, join: bool) -> io::Result<()> {
    let words = words(user, group, join);
    let [program, arguments @ ..] = words.as_slice() else { return Ok(()) };
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(io::Error::other(format!("{}: {said}", words.join(" "))))
}

/// The command that does it.
pub(super) fn spelled(user: &str, group: &str, join: bool) -> String {
    words(user, group, join).join(" ")
}

fn words<'a>(user: &'a str, group: &'a str, join: bool) -> Vec<&'a str> {
    if join { vec!["usermod", "-aG", group, user] } else { vec!["gpasswd", "-d", user, group] }
}
