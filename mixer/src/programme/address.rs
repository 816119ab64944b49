//! How people write which file is to be aired: a path, a `file://` URI, or either behind Liquidsoap's `annotate:`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// A file that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Where it is; absolute.
    pub path: PathBuf,
    /// The title that goes before the one in its tags.
    pub title: Option<String>,
    /// The artist that goes before the one in its tags.
    pub artist: Option<String>,
}

/// The text names no file on this machine. It says what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAFile {
    /// Nothing is there.
    #[error("no file is named; write a path such as /srv/audio/news.wav, or file:///srv/audio/news.wav")]
    Empty,
    /// Another scheme than `file`.
    #[error("{0}: cannot be fetched; only files of this machine are aired")]
    Scheme(String),
    /// A `file://` URI of another machine.
    #[error("file://{0}/ names another machine; write file:///path")]
    Host(String),
    /// A relative path: it would depend on the folder the station was started in.
    #[error("{0} is not absolute; write the whole path, from /")]
    Relative(String),
    /// A percent sign without two hexadecimal digits, or a byte that no path holds.
    #[error("the URI is not encoded well; a percent sign is written %25")]
    Encoding,
    /// The part between `annotate:` and the file.
    #[error("the annotation cannot be read; write annotate:title=\"…\",artist=\"…\":/path")]
    Annotation,
}

impl Asked {
    /// Reads what was written. Whether the file exists and can be played is the station's to find out.
    pub fn parse(text: &str) -> Result<Self, NotAFile> {
        let text = text.trim();
        let mut asked = Self { path: PathBuf::new(), title: None, artist: None };
        let address = match text.strip_prefix("annotate:") {
            Some(annotated) => asked.annotate(annotated)?,
            None => text,
        };
        asked.path = path_of(address.trim())?;
        Ok(asked)
    }

    /// Takes the pairs before the file and returns the file.
    fn annotate<'a>(&mut self, mut rest: &'a str) -> Result<&'a str, NotAFile> {
        loop {
            let (key, after_key) = rest.split_once('=').ok_or(NotAFile::Annotation)?;
            let (value, after) = value_of(after_key).ok_or(NotAFile::Annotation)?;
            match key.trim() {
                "title" => self.title = Some(value),
                "artist" => self.artist = Some(value),
                // Fades and cues of other players.
                _ => {}
            }
            if let Some(address) = after.strip_prefix(':') {
                return Ok(address);
            }
            rest = after.strip_prefix(',').ok_or(NotAFile::Annotation)?;
        }
    }
}

/// The value at the beginning of `text`, quoted or bare, and what follows it.
fn value_of(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ':'])?;
        let (value, rest) = text.split_at(end);
        return Some((value.trim().to_owned(), rest));
    };
    let mut value = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => return Some((value, chars.as_str())),
            '\\' => value.push(chars.next()?),
            c => value.push(c),
        }
    }
}

fn path_of(address: &str) -> Result<PathBuf, NotAFile> {
    if address.is_empty() {
        return Err(NotAFile::Empty);
    }
    let bytes = match address.strip_prefix("file:") {
        Some(uri) => decoded(local(uri)?)?,
        None => match scheme(address) {
            Some(scheme) => return Err(NotAFile::Scheme(scheme.to_owned())),
            None => address.as_bytes().to_vec(),
        },
    };
    if bytes.contains(&0) {
        return Err(NotAFile::Encoding);
    }
    let path = PathBuf::from(OsString::from_vec(bytes));
    if path.is_absolute() { Ok(path) } else { Err(NotAFile::Relative(path.display().to_string())) }
}

/// The path of what follows `file:`, which is `//host/path`, `///path` or `/path`.
fn local(uri: &str) -> Result<&str, NotAFile> {
    let Some(rest) = uri.strip_prefix("//") else { return Ok(uri) };
    let at = rest.find('/').unwrap_or(rest.len());
    match rest.split_at(at) {
        ("" | "localhost", path) => Ok(path),
        (host, _) => Err(NotAFile::Host(host.to_owned())),
    }
}

/// `http` of `http://…`; also `say` of `say:…`, but not the `C` of a path with a colon in it.
fn scheme(address: &str) -> Option<&str> {
    let (scheme, _) = address.split_once(':')?;
    let named = |c: char| c.is_ascii_alphanumeric() || "+-._".contains(c);
    (!scheme.is_empty() && scheme.chars().all(named)).then_some(scheme)
}

fn decoded(text: &str) -> Result<Vec<u8>, NotAFile> {
    let digit = |byte: Option<u8>| byte.and_then(|b| char::from(b).to_digit(16)).ok_or(NotAFile::Encoding);
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let value = digit(bytes.next())? * 16 + digit(bytes.next())?;
                u8::try_from(value).map_err(|_| NotAFile::Encoding)?
            }
            other => other,
        });
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path(text: &str) -> Result<String, NotAFile> {
        Asked::parse(text).map(|asked| asked.path.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_file_is_named_in_several_ways() {
        for (text, expected) in [
            ("/srv/a b.mp3", "/srv/a b.mp3"),
            (" /srv/100%.mp3 ", "/srv/100%.mp3"),
            ("/srv/12:30.mp3", "/srv/12:30.mp3"),
            ("file:///srv/a.mp3", "/srv/a.mp3"),
            ("file:///srv/a%20b%C3%B1.mp3", "/srv/a bñ.mp3"),
            ("file:///srv/a b.mp3", "/srv/a b.mp3"),
            ("file://localhost/srv/a.mp3", "/srv/a.mp3"),
            ("file:/srv/a.mp3", "/srv/a.mp3"),
        ] {
            assert_eq!(path(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_names_no_file_says_why() {
        for (text, error) in [
            ("", NotAFile::Empty),
            ("annotate:title=\"x\":", NotAFile::Empty),
            ("http://radio.example/a.mp3", NotAFile::Scheme("http".into())),
            ("say:hello", NotAFile::Scheme("say".into())),
            ("file://nas/srv/a.mp3", NotAFile::Host("nas".into())),
            ("file://nas", NotAFile::Host("nas".into())),
            ("file://", NotAFile::Relative(String::new())),
            ("a.mp3", NotAFile::Relative("a.mp3".into())),
            ("../a.mp3", NotAFile::Relative("../a.mp3".into())),
            ("file:///srv/100%", NotAFile::Encoding),
            ("file:///srv/%zz", NotAFile::Encoding),
            ("file:///srv/a%00.mp3", NotAFile::Encoding),
            ("/srv/a\0.mp3", NotAFile::Encoding),
            ("annotate:/srv/a.mp3", NotAFile::Annotation),
            ("annotate:title=\"x:/srv/a.mp3", NotAFile::Annotation),
            ("annotate:title=\"x\"/srv/a.mp3", NotAFile::Annotation),
            ("annotate:title", NotAFile::Annotation),
        ] {
            assert_eq!(path(text), Err(error), "{text}");
        }
    }

    #[test]
    fn annotations_bring_title_and_artist() {
        let asked = Asked::parse(
            r#"annotate:title="Uno, \"dos\": tres",liq_fade_in="0.",artist=Ana:file:///srv/a%3A.mp3"#,
        );
        assert_eq!(
            asked.unwrap(),
            Asked {
                path: "/srv/a:.mp3".into(),
                title: Some("Uno, \"dos\": tres".into()),
                artist: Some("Ana".into())
            }
        );
    }

    proptest! {
        #[test]
        fn whatever_is_written_a_path_is_absolute(text in "(annotate:)?(title=\"?)?.{0,40}(file:/{0,3})?.{0,40}") {
            if let Ok(asked) = Asked::parse(&text) {
                prop_assert!(asked.path.is_absolute());
            }
        }
    }
}
