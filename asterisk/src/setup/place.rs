//! Where Asterisk keeps its things, by `asterisk.conf`.

use std::io;
use std::path::{Path, PathBuf};

use super::conf::Conf;
use crate::folders::present;

/// Where Asterisk is configured unless it was built otherwise.
pub(super) const ETC: &str = "/etc/asterisk";

/// In there: where everything else is.
pub(super) const CONF: &str = "asterisk.conf";

/// Where its spool is unless `asterisk.conf` says otherwise.
const SPOOL: &str = "/var/spool/asterisk";

/// The folders of an Asterisk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// `astetcdir`.
    pub(super) etc: PathBuf,
    /// `astspooldir`.
    pub(super) spool: PathBuf,
}

impl Place {
    /// Reads `asterisk.conf`, in `etc` when it is given.
    pub(super) fn find(etc: Option<&Path>) -> io::Result<Self> {
        let first = etc.unwrap_or(Path::new(ETC));
        let text = present(std::fs::read(first.join(CONF)))?.unwrap_or_default();
        let conf = Conf::read(&String::from_utf8_lossy(&text));
        let named = |name| conf.last("directories", name).map(PathBuf::from);
        Ok(Self {
            etc: etc.map(Path::to_owned).or_else(|| named("astetcdir")).unwrap_or_else(|| first.to_owned()),
            spool: named("astspooldir").unwrap_or_else(|| SPOOL.into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(conf: &str) -> Place {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("asterisk.conf"), conf).unwrap();
        Place::find(Some(dir.path())).unwrap()
    }

    #[test]
    fn folders_are_those_of_asterisk_conf() {
        let written = "[directories]\nastspooldir => /srv/spool ; ours\nastrundir=/run/a\n";
        assert_eq!(place(written).spool, Path::new("/srv/spool"));
    }

    #[test]
    fn a_template_says_nothing() {
        // As Debian ships it: with (!) Asterisk does not read the section.
        let template = "[directories](!)\nastspooldir => /srv/spool\n[options]\nastspooldir => /x\n";
        assert_eq!(place(template).spool, Path::new(SPOOL));
        assert_eq!(place("").spool, Path::new(SPOOL));
    }
}
