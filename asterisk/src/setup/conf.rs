//! Asterisk's configuration files, as far as setup has to understand them. Pure.

/// Sections with their settings, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Conf {
    settings: Vec<(String, String, String)>,
    sections: Vec<String>,
    includes: Vec<String>,
}

impl Conf {
    /// Reads a file; what is not understood is skipped.
    pub(super) fn read(text: &str) -> Self {
        let mut conf = Self::default();
        let mut section = None;
        for line in text.lines().map(|line| without_comment(line).trim().to_owned()) {
            if let Some(name) = include(&line) {
                conf.includes.push(name.to_owned());
            } else if let Some((name, options)) = line.strip_prefix('[').and_then(|l| l.split_once(']')) {
                // A template is read only where another section asks for it.
                section = (!options.contains('!')).then(|| name.to_owned());
                conf.sections.extend(section.clone());
            } else if let (Some(section), Some((name, value))) = (&section, line.split_once('=')) {
                let value = value.strip_prefix('>').unwrap_or(value).trim();
                conf.settings.push((section.clone(), name.trim().to_owned(), value.to_owned()));
            }
        }
        conf
    }

    /// One after the other, as an include does.
    pub(super) fn extend(&mut self, other: Self) {
        self.settings.extend(other.settings);
        self.sections.extend(other.sections);
        self.includes.extend(other.includes);
    }

    /// The value that counts: the last.
    pub(super) fn last(&self, section: &str, name: &str) -> Option<&str> {
        let named = |(s, n, _): &&(String, String, String)| s == section && n.eq_ignore_ascii_case(name);
        self.settings.iter().rfind(named).map(|(_, _, value)| value.as_str())
    }

    /// Whether there is such a section.
    pub(super) fn has(&self, section: &str) -> bool {
        self.sections.iter().any(|s| s == section)
    }

    /// Whether it includes a file of that name, whatever its folder. `*` stands for what it stands for in a shell.
    pub(super) fn includes(&self, name: &str) -> bool {
        self.includes.iter().any(|i| i == name || i.rsplit('/').next() == Some(name) && !name.contains('/'))
    }
}

/// `;` begins a comment, `\;` does not.
fn without_comment(line: &str) -> &str {
    let comment = line.match_indices(';').find(|(at, _)| !line.get(..*at).is_some_and(|l| l.ends_with('\\')));
    comment.and_then(|(at, _)| line.get(..at)).unwrap_or(line)
}

/// `#include "x.conf"`, `#tryinclude <x.conf>`.
fn include(line: &str) -> Option<&str> {
    let (directive, name) = line.split_once(char::is_whitespace)?;
    let name = name.trim().trim_matches(['"', '<', '>']);
    matches!(directive, "#include" | "#tryinclude").then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_sections_and_includes_are_read() {
        let conf = Conf::read(
            "; [no]\n[general]\nenabled = no ; by default\nenabled=>yes\nsecret = a\\;b\nnonsense\n[tpl](!)\nx=1\n\
             [ana](tpl)\nread=call\n  #include \"manager.d/*.conf\" \n;#include no.conf\n#tryinclude <a/b.conf>\n",
        );
        assert_eq!(conf.last("general", "Enabled"), Some("yes"));
        assert_eq!(conf.last("general", "secret"), Some("a\\;b"));
        assert_eq!((conf.last("tpl", "x"), conf.last("ana", "read")), (None, Some("call")));
        assert!(conf.has("ana") && !conf.has("no") && !conf.has("tpl"));
        assert!(conf.includes("manager.d/*.conf") && conf.includes("b.conf"));
        assert!(!conf.includes("no.conf"));
    }
}
