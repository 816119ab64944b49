//! Where the manager interface is, and who we are there.

use std::fmt;
use std::net::IpAddr;

use clap::Args;
use percent_encoding::percent_decode_str;
use pregon_core::Secret;
use url::Url;

use super::packet;

/// Where Asterisk listens unless it is told otherwise.
const PORT: u16 = 5038;

/// The live feed.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Asterisk")]
pub struct AmiArgs {
    /// Asterisk's manager interface, where calls are followed live and can be hung up: ami://user:secret@host:port, or
    /// @/path of a file that holds it. Calls work without it. The secret travels unencrypted: stay on this machine or a
    /// private network
    #[arg(long, env, value_name = "URL", hide_env_values = true)]
    pub asterisk_ami_url: Option<Secret>,
}

impl AmiArgs {
    /// The address, if one is set. Read late, because clap shows a value that it refuses.
    pub fn url(&self) -> Result<Option<AmiUrl>, NotAnAmiUrl> {
        let text = self.asterisk_ami_url.as_ref().map(Secret::reveal).filter(|text| !text.is_empty());
        text.map(AmiUrl::read).transpose()
    }
}

/// Why `ASTERISK_AMI_URL` cannot be used. Shows nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "ASTERISK_AMI_URL {why}; write it like ami://user:secret@127.0.0.1:5038, with %40 for @, %2F for / and so on in user \
     and secret"
)]
pub struct NotAnAmiUrl {
    why: &'static str,
}

/// `ami://user:secret@host:port`. Prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct AmiUrl {
    pub(crate) user: String,
    pub(crate) secret: String,
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl AmiUrl {
    /// Reads it.
    pub fn read(text: &str) -> Result<Self, NotAnAmiUrl> {
        let refuse = |why| Err(NotAnAmiUrl { why });
        let Ok(url) = Url::parse(text) else { return refuse("is not a URL") };
        if url.scheme() != "ami" {
            return refuse("does not begin with ami://");
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return refuse("has something behind the host");
        }
        let Some(host) = url.host_str().filter(|host| !host.is_empty()) else { return refuse("has no host") };
        let decoded = |part| percent_decode_str(part).decode_utf8().map(std::borrow::Cow::into_owned);
        let (Ok(user), Ok(secret)) = (decoded(url.username()), decoded(url.password().unwrap_or_default()))
        else {
            return refuse("is not UTF-8");
        };
        if user.is_empty() || secret.is_empty() {
            return refuse("has no user or no secret");
        }
        if !packet::writable(&user) || !packet::writable(&secret) {
            return refuse("has a user or secret that Asterisk cannot read");
        }
        // Brackets belong to the URL, not to the address.
        let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host).to_owned();
        Ok(Self { user, secret, host, port: url.port().unwrap_or(PORT) })
    }

    /// Whether the secret stays on this machine.
    pub(crate) fn is_local(&self) -> bool {
        self.host == "localhost" || self.host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    }

    /// Host and port, for the log.
    pub(super) fn address(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Debug for AmiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for AmiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        ami: AmiArgs,
    }

    fn args(url: &str) -> AmiArgs {
        Cli::try_parse_from(["pregon", "--asterisk-ami-url", url]).unwrap().ami
    }

    #[test]
    fn the_setting_has_its_variable_and_its_words() {
        let command = Cli::command();
        let setting = command.get_arguments().find(|a| a.get_id() == "asterisk_ami_url").unwrap();
        assert_eq!(setting.get_env().unwrap(), "ASTERISK_AMI_URL");
        assert!(setting.is_hide_env_values_set() && setting.get_help().is_some());
    }

    #[test]
    fn an_address_is_read_with_its_escapes() {
        for (text, parts) in [
            ("ami://ana:s3cret@127.0.0.1:5039", ("ana", "s3cret", "127.0.0.1:5039")),
            ("ami://ana:s3cret@pbx.example/", ("ana", "s3cret", "pbx.example:5038")),
            ("ami://ana:a:b@[::1]:5038", ("ana", "a:b", "[::1]:5038")),
            ("ami://an%20a:p%40ss%2F%C3%B1%25@pbx", ("an a", "p@ss/ñ%", "pbx:5038")),
        ] {
            let url = args(text).url().unwrap().unwrap();
            assert_eq!((url.user.as_str(), url.secret.as_str(), url.address().as_str()), parts, "{text}");
        }
    }

    #[test]
    fn nothing_or_an_empty_text_means_no_feed() {
        assert_eq!(Cli::parse_from(["pregon"]).ami.url(), Ok(None));
        assert_eq!(args("").url(), Ok(None));
    }

    #[test]
    fn an_address_may_lie_in_a_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "ami://ana:s3cret@pbx\n").unwrap();
        let url = args(&format!("@{}", file.path().display())).url().unwrap().unwrap();
        assert_eq!(url.secret, "s3cret");
    }

    #[test]
    fn a_bad_address_says_what_is_wrong_and_nothing_of_itself() {
        let long = format!("ami://ana:zzsecret{}@pbx", "z".repeat(1_000));
        for (text, why) in [
            ("zzsecret", "not a URL"),
            ("http://ana:zzsecret@pbx", "ami://"),
            ("ami:ana:zzsecret@pbx", "host"),
            ("ami://ana:zzsecret@", "not a URL"),
            ("ami://zzsecret@pbx", "no user or no secret"),
            ("ami://:zzsecret@pbx", "no user or no secret"),
            ("ami://ana:zzsecret@pbx/x", "behind the host"),
            ("ami://ana:zzsecret@pbx:port", "not a URL"),
            ("ami://ana:zz/secret@pbx", "not a URL"),
            ("ami://ana:zzsecret%0D%0AAction:%20Originate@pbx", "cannot read"),
            ("ami://ana:zzsecret%FF@pbx", "UTF-8"),
            (&long, "cannot read"),
        ] {
            let error = args(text).url().unwrap_err().to_string();
            assert!(error.contains(why) && !error.contains("zz"), "{text}: {error}");
        }
    }

    #[test]
    fn it_never_shows_itself() {
        let args = args("ami://ana:s3cret@pbx");
        let url = args.url().unwrap().unwrap();
        assert_eq!(format!("{url} {url:?}"), "*** ***");
        assert!(!format!("{args:?}").contains("s3cret"));
    }

    #[test]
    fn only_loopback_keeps_the_secret_on_this_machine() {
        for (host, local) in
            [("127.0.0.1", true), ("[::1]", true), ("localhost", true), ("10.0.0.1", false), ("pbx", false)]
        {
            assert_eq!(AmiUrl::read(&format!("ami://a:b@{host}")).unwrap().is_local(), local, "{host}");
        }
    }
}
