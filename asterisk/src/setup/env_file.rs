//! The file of settings that workers read.

use std::path::Path;

use super::plan::Draft;
use super::{SetupError, unreadable};
use crate::folders::present;

/// Settings that the workers need; those that somebody has set already stay.
pub(super) fn remember(
    draft: &mut Draft,
    file: &Path,
    spool: &Path,
    results: &Path,
    audio: &Path,
) -> Result<(), SetupError> {
    let text = present(std::fs::read(file)).map_err(unreadable(file))?.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let mut wanted = vec![
        ("ASTERISK_SPOOL_DIR", spool.display().to_string()),
        ("ASTERISK_GID", draft.gid().to_string()),
        ("AUDIO_DIR", audio.display().to_string()),
    ];
    if results != spool.join("results") {
        wanted.push(("ASTERISK_RESULTS_DIR", results.display().to_string()));
    }
    let mut lines = Vec::new();
    for (name, value) in wanted {
        match set_in(&text, name) {
            None => lines.push(format!("{name}={value}")),
            Some(set) if set != value => {
                draft.note(format!("{} says {name}={set}, which should be {value}", file.display()));
            }
            Some(_) => {}
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    draft.lines(file, &lines.iter().map(String::as_str).collect::<Vec<_>>(), '#', 0o600)
}

/// What a file of settings says about one of them: the first line counts, as for manage.sh.
fn set_in<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let line = line.trim();
        let (found, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
        (found.trim() == name).then(|| value.trim().trim_matches(['"', '\'']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_counts_as_it_does_for_manage_sh() {
        let text = "#A=2\nAB=4\n export  A=\"3\" \nnonsense\nA=1\n";
        assert_eq!(set_in(text, "A"), Some("3"));
        assert_eq!(set_in(text, "B"), None);
    }
}
