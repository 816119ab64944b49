//! The address of a stream at an Icecast server.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use pregon_core::Secret;
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

/// Where to send a stream: `icecast://source:password@host:port/mount`. Shows itself without the password.
#[derive(Clone)]
pub struct Mount {
    host: String,
    port: u16,
    user: String,
    password: String,
    /// Begins with a slash, percent-encoded.
    pub(super) path: String,
}

impl FromStr for Mount {
    type Err = String;

    /// Errors never repeat the text: there is a password in it.
    fn from_str(text: &str) -> Result<Self, String> {
        let secret: Secret = text.parse()?;
        let shape = "write it as icecast://source:password@host:port/mount";
        let url = Url::parse(secret.reveal()).map_err(|error| format!("{error}; {shape}"))?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(shape)?;
        if url.scheme() != "icecast"
            || url.path().len() < 2
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return Err(shape.into());
        }
        let decoded = |text| percent_decode_str(text).decode_utf8().map_err(|_| shape.to_owned());
        let user = decoded(url.username())?;
        Ok(Self {
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(8_000),
            user: if user.is_empty() { "source".into() } else { user.into_owned() },
            password: decoded(url.password().ok_or(shape)?)?.into_owned(),
            path: url.path().to_owned(),
        })
    }
}

impl Mount {
    /// Whether its name says that MP3 is heard there.
    pub(in super::super) fn is_mp3(&self) -> bool {
        self.path.to_ascii_lowercase().ends_with(".mp3")
    }

    /// Connects, without waiting longer than `within`, and without Nagle's algorithm: pages leave at once.
    pub(super) async fn connect(&self, within: Duration) -> std::io::Result<TcpStream> {
        let connecting = TcpStream::connect((self.host.as_str(), self.port));
        let socket = timeout(within, connecting).await.map_err(|_| std::io::ErrorKind::TimedOut)??;
        socket.set_nodelay(true)?;
        Ok(socket)
    }

    /// For the `Host` header.
    pub(super) fn address(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    /// For the `Authorization` header. Never log it.
    pub(super) fn authorization(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.user, self.password)))
    }
}

impl fmt::Display for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "icecast://{}:***@{}{}", self.user, self.address(), self.path)
    }
}

impl fmt::Debug for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_shown_without_its_password() {
        let mount: Mount = "icecast://source:hack%40me@radio.example:8010/live.opus".parse().unwrap();
        assert_eq!(mount.authorization(), "Basic c291cmNlOmhhY2tAbWU=");
        assert_eq!((mount.address().as_str(), mount.path.as_str()), ("radio.example:8010", "/live.opus"));
        assert_eq!(format!("{mount:?}"), "icecast://source:***@radio.example:8010/live.opus");
        let mount: Mount = "icecast://:secreto@[::1]/x".parse().unwrap();
        assert_eq!(mount.to_string(), "icecast://source:***@[::1]:8000/x");
        assert_eq!(mount.host, "::1");
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_it() {
        for text in [
            "",
            "http://source:geheim@host/mount",
            "icecast://source:geheim@host:8000/",
            "icecast://source:geheim@host:8000",
            "icecast://source@host:8000/mount",
            "icecast://source:geheim@:8000/mount",
            "icecast://source:geheim@host:99999/mount",
            "icecast://source:geheim@host/mount?x=1",
        ] {
            let error = text.parse::<Mount>().unwrap_err();
            assert!(!error.contains("geheim") && error.contains("icecast://"), "{text}: {error}");
        }
    }
}
