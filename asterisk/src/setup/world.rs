//! What the tests of setup set up.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Plan, Rights, Setup, SetupArgs, SetupError};
use crate::ami::AmiUrl;
use crate::console::{Console, ConsoleArgs};

/// `dialplan show` of the context c, read from the file itself.
const SHOW: &str = r#"
/^\[/ { on = $0 == "[" c "]"; if (on) print "[ Context '" c "' created by 'pbx_config' ]" }
on && /^exten/ { split($3, exten, ","); printf "  '%s' =>", exten[1]; sub(/,/, ""); n = 0 }
on && /=>/ { sub(/^[^,]*,/, ""); printf "  %d. %s [pregon.conf:1]\n", ++n, $0 }
"#;

/// An Asterisk's folders, and a console that notes what it is told and answers as if it had the dialplan.
pub(super) struct World {
    dir: tempfile::TempDir,
    pub(super) ami: Option<AmiUrl>,
}

impl World {
    pub(super) fn new() -> Self {
        Self::with(None)
    }

    pub(super) fn with(ami: Option<AmiUrl>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let world = Self { dir, ami };
        for folder in ["etc", "spool/outgoing", "spool/outgoing_done"] {
            fs::create_dir_all(world.at(folder)).unwrap();
        }
        world.write("etc/extensions.conf", "[general]\nstatic=yes\n[mine]\nexten => 1,1,NoOp()");
        world.write(
            "etc/asterisk.conf",
            &format!("[directories]\nastspooldir => {}\n", world.at("spool").display()),
        );
        world.write(".env", "API_KEYS=ana:admin:12345678\n");
        world.write("console", &format!("#!/bin/sh\necho \"$1\" >>'{}'\n", world.at("told").display()));
        world
    }

    pub(super) fn at(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        fs::write(self.at(path), text).unwrap();
    }

    pub(super) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap()
    }

    pub(super) fn args(&self) -> SetupArgs {
        SetupArgs {
            asterisk_etc_dir: Some(self.at("etc")),
            asterisk_spool_dir: None,
            asterisk_results_dir: None,
            audio_dir: self.at("lib/pregon/audio"),
            asterisk_group: None,
            user: None,
            env_file: Some(self.at(".env")),
        }
    }

    pub(super) fn setup(&self) -> Setup {
        // Not run by itself: another thread may still hold the file open for writing.
        let cli = format!("sh {}", self.at("console").display());
        Setup::find(&self.args(), Console::new(&ConsoleArgs { asterisk_cli: cli }, None)).unwrap()
    }

    /// From here on Asterisk shows the dialplan that is in its folder.
    pub(super) fn obey(&self) {
        self.write("show.awk", SHOW);
        let script = format!(
            "#!/bin/sh\necho \"$1\" >>'{}'\ncase $1 in dialplan\\ show*) awk -v c=\"${{1#dialplan show }}\" -f '{}' '{}' ;; esac\n",
            self.at("told").display(),
            self.at("show.awk").display(),
            self.at("etc/pregon.conf").display()
        );
        self.write("console", &script);
    }

    pub(super) async fn plan(&self) -> Plan {
        self.setup().plan(&self.args(), self.ami.as_ref()).await.unwrap()
    }

    /// What a run says to a person, or how it failed.
    pub(super) async fn run(&self) -> Result<Vec<String>, SetupError> {
        let mut said = Vec::new();
        self.setup().carry_out(self.plan().await, |line| said.push(line)).await.map(|()| said)
    }

    pub(super) async fn remove(&self) -> Vec<String> {
        let mut said = Vec::new();
        let plan = self.setup().remove(&self.args()).unwrap();
        said.extend(plan.notes().iter().cloned());
        self.setup().carry_out(plan, |line| said.push(line)).await.unwrap();
        said
    }

    /// What the console was told, and forgets it.
    pub(super) fn told(&self) -> Vec<String> {
        let told = fs::read_to_string(self.at("told")).unwrap_or_default();
        drop(fs::remove_file(self.at("told")));
        told.lines().filter(|line| line.ends_with("reload")).map(str::to_owned).collect()
    }

    /// Every file and folder with its rights and its bytes.
    pub(super) fn everything(&self) -> BTreeMap<PathBuf, (Rights, Vec<u8>)> {
        let mut all = BTreeMap::new();
        let mut open = vec![self.dir.path().to_owned()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let bytes = if path.is_dir() { Vec::new() } else { fs::read(&path).unwrap() };
                if path.is_dir() {
                    open.push(path.clone());
                }
                if !["told", "console", "show.awk"].iter().any(|name| path.ends_with(name)) {
                    all.insert(path.clone(), (Rights::of(&path).unwrap().unwrap(), bytes));
                }
            }
        }
        all
    }
}

pub(super) fn mode(path: &Path) -> u32 {
    Rights::of(path).unwrap().unwrap().mode
}
