use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;
use crate::console::ConsoleArgs;

/// An Asterisk's folders, and a console that notes what it is told and answers as if it had the dialplan.
struct World {
    dir: tempfile::TempDir,
    ami: Option<AmiUrl>,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let world = Self { dir, ami: None };
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

    fn at(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.at(path), text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap()
    }

    fn args(&self) -> SetupArgs {
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

    fn setup(&self) -> Setup {
        // Not run by itself: another thread may still hold the file open for writing.
        let cli = format!("sh {}", self.at("console").display());
        Setup::find(&self.args(), Console::new(&ConsoleArgs { asterisk_cli: cli }, None)).unwrap()
    }

    /// From here on Asterisk shows the dialplan that is in its folder.
    fn obey(&self) {
        let (told, etc) = (self.at("told"), self.at("etc/pregon.conf"));
        let script = format!(
            "#!/bin/sh\necho \"$1\" >>'{}'\ncase $1 in dialplan\\ show*) sed 's/^[^=]*=> [sn,0-9]*,//' '{}' ;; esac\n",
            told.display(),
            etc.display()
        );
        self.write("console", &script);
    }

    async fn plan(&self) -> Plan {
        self.setup().plan(&self.args(), self.ami.as_ref()).await.unwrap()
    }

    /// What a run says to a person, or how it failed.
    async fn run(&self) -> Result<Vec<String>, SetupError> {
        let mut said = Vec::new();
        self.setup().carry_out(self.plan().await, |line| said.push(line)).await.map(|()| said)
    }

    async fn remove(&self) -> Vec<String> {
        let mut said = Vec::new();
        let plan = self.setup().remove().unwrap();
        said.extend(plan.notes().iter().cloned());
        self.setup().carry_out(plan, |line| said.push(line)).await.unwrap();
        said
    }

    /// What the console was told, and forgets it.
    fn told(&self) -> Vec<String> {
        let told = fs::read_to_string(self.at("told")).unwrap_or_default();
        drop(fs::remove_file(self.at("told")));
        told.lines().filter(|line| line.ends_with("reload")).map(str::to_owned).collect()
    }

    /// Every file and folder with its rights and its bytes.
    fn everything(&self) -> BTreeMap<PathBuf, (Rights, Vec<u8>)> {
        let mut all = BTreeMap::new();
        let mut open = vec![self.dir.path().to_owned()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let bytes = if path.is_dir() { Vec::new() } else { fs::read(&path).unwrap() };
                if path.is_dir() {
                    open.push(path.clone());
                }
                if !["told", "console"].iter().any(|name| path.ends_with(name)) {
                    all.insert(path.clone(), (Rights::of(&path).unwrap().unwrap(), bytes));
                }
            }
        }
        all
    }
}

fn mode(path: &Path) -> u32 {
    Rights::of(path).unwrap().unwrap().mode
}

#[tokio::test]
async fn it_connects_and_a_second_run_has_nothing_to_do() {
    let world = World::new();
    world.obey();
    assert_eq!(world.run().await.unwrap(), [""; 0]);
    assert_eq!(world.told(), ["dialplan reload"]);
    assert!(world.read("etc/extensions.conf").ends_with("\n#include pregon.conf\n; --- Pregon ends\n"));
    let results = world.at("spool/results");
    assert_eq!(world.read("etc/pregon.conf"), dialplan::filled(&results));
    for folder in ["outgoing", "outgoing_done"] {
        assert_eq!(mode(&world.at("spool").join(folder)) & 0o2070, 0o2070, "{folder}");
    }
    for folder in ["staging", "ledger", "results"] {
        assert_eq!(mode(&world.at("spool").join(folder)), 0o2770, "{folder}");
    }
    assert_eq!(mode(&world.at("lib/pregon/audio")), 0o2775);
    assert_eq!(mode(&world.at("lib")), 0o755);
    let env = world.read(".env");
    assert!(env.contains(&format!("\nASTERISK_SPOOL_DIR={}\n", world.at("spool").display())), "{env}");
    assert!(env.contains("\nAUDIO_DIR=/") && env.contains("\nASTERISK_GID="), "{env}");

    let before = world.everything();
    let plan = world.plan().await;
    assert!(plan.is_empty() && plan.notes().is_empty(), "{plan:?}");
    world.run().await.unwrap();
    assert_eq!(world.everything(), before);
    assert_eq!(world.told(), [""; 0]);
}

#[tokio::test]
async fn a_plan_alone_touches_nothing_and_names_everything() {
    let world =
        World { ami: Some(AmiUrl::read("ami://pregon:swordfish@127.0.0.1").unwrap()), ..World::new() };
    let before = world.everything();
    let plan = world.plan().await;
    let lines = plan.told_with(world.setup().console()).join("\n");
    assert_eq!(world.everything(), before);
    assert_eq!(world.told(), [""; 0]);
    for word in [
        "spool/staging",
        "spool/ledger",
        "spool/results",
        "lib/pregon/audio",
        "mode 2770",
        "spool/outgoing from group",
        "etc/pregon.conf",
        "#include pregon.conf",
        "etc/extensions.conf",
        "pregon_manager.conf",
        "etc/manager.conf",
        ".env",
        "ASTERISK_SPOOL_DIR=",
        "console 'dialplan reload'",
        "console 'manager reload'",
    ] {
        assert!(lines.contains(word), "{word} is not in\n{lines}");
    }
    assert!(!lines.contains("swordfish") && !format!("{plan:?}").contains("swordfish"));
}

#[tokio::test]
async fn removing_restores_every_byte_and_permission() {
    for ami in [None, Some(AmiUrl::read("ami://pregon:s3cret@127.0.0.1:5039").unwrap())] {
        let world = World { ami, ..World::new() };
        world.obey();
        fs::set_permissions(world.at("spool"), fs::Permissions::from_mode(0o700)).unwrap();
        fs::set_permissions(world.at("etc/extensions.conf"), fs::Permissions::from_mode(0o604)).unwrap();
        let before = world.everything();
        world.run().await.unwrap();
        assert_ne!(world.everything(), before);
        assert_eq!(world.told().len(), if world.ami.is_some() { 2 } else { 1 });
        assert_eq!(world.remove().await, [""; 0]);
        assert_eq!(world.everything(), before);
        assert_eq!(
            world.told().len(),
            if world.ami.is_some() { 2 } else { 1 },
            "Asterisk has to know that it is gone"
        );
        assert!(world.setup().remove().unwrap().is_empty(), "once is enough");
    }
}

#[tokio::test]
async fn removing_leaves_what_others_wrote() {
    let world = World::new();
    world.obey();
    world.run().await.unwrap();
    // Calls were made, settings added, lines written, rights changed.
    world.write("spool/ledger/0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f-1", "");
    world.write("etc/extensions.conf", &(world.read("etc/extensions.conf") + "[later]\n"));
    world.write(".env", &world.read(".env").replace("ASTERISK_GID=", "#"));
    fs::set_permissions(world.at("spool/outgoing"), fs::Permissions::from_mode(0o2777)).unwrap();
    let said = world.remove().await;
    assert!(said.iter().any(|line| line.contains("ledger is not empty")), "{said:?}");
    assert!(
        said.iter().any(|line| line.contains("changed the rights of") && line.contains("outgoing")),
        "{said:?}"
    );
    assert!(world.at("spool/ledger/0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f-1").exists());
    let extensions = world.read("etc/extensions.conf");
    assert_eq!(extensions, "[general]\nstatic=yes\n[mine]\nexten => 1,1,NoOp()\n[later]\n");
    let env = world.read(".env");
    assert!(
        env.starts_with("API_KEYS=") && !env.contains("ASTERISK_SPOOL_DIR") && env.contains('#'),
        "{env}"
    );
    assert_eq!(mode(&world.at("spool/outgoing")), 0o2777);
    assert!(!world.at("etc/pregon.setup").exists(), "nothing is left to remember");
}

#[tokio::test]
async fn a_dialplan_that_others_include_is_not_taken_from_under_them() {
    let world = World::new();
    world.obey();
    world.run().await.unwrap();
    world.write("etc/extensions.conf", &(world.read("etc/extensions.conf") + "#include pregon.conf\n"));
    let said = world.remove().await;
    assert!(said[0].contains("pregon.conf stays"), "{said:?}");
    assert!(world.at("etc/pregon.conf").exists());
    assert_eq!(world.read("etc/extensions.conf").matches("pregon.conf").count(), 1);
}

#[tokio::test]
async fn an_include_by_hand_and_settings_by_hand_are_enough() {
    let world = World::new();
    world.obey();
    world.write("etc/extensions.conf", "#tryinclude \"pregon.conf\"\n");
    world.write(".env", "ASTERISK_SPOOL_DIR=/x\nexport ASTERISK_GID=7\nAUDIO_DIR='/y'\n");
    let (extensions, env) = (world.read("etc/extensions.conf"), world.read(".env"));
    world.run().await.unwrap();
    assert_eq!((world.read("etc/extensions.conf"), world.read(".env")), (extensions, env));
}

#[tokio::test]
async fn freepbx_gets_the_line_where_it_keeps_it() {
    let world = World::new();
    world.write("etc/extensions.conf", "; do not edit\n#include extensions_custom.conf\n");
    world.write("etc/real.conf", "[from-internal-custom]\n");
    symlink(world.at("etc/real.conf"), world.at("etc/extensions_custom.conf")).unwrap();
    world.run().await.unwrap_err(); // this console never shows a dialplan
    assert!(!world.read("etc/extensions.conf").contains("pregon"));
    assert!(world.read("etc/real.conf").contains("#include pregon.conf"));
    assert!(fs::symlink_metadata(world.at("etc/extensions_custom.conf")).unwrap().is_symlink());
}

#[tokio::test]
async fn a_run_that_broke_off_is_finished_by_the_next_or_undone() {
    let before = World::new().plan().await.changes().len();
    for steps in 0..before {
        for undo in [false, true] {
            let world = World::new();
            world.obey();
            let untouched = world.everything();
            break_off(&world, steps).await;
            if undo {
                world.remove().await;
                assert_eq!(world.everything(), untouched, "after {steps} steps");
                continue;
            }
            world.run().await.unwrap();
            assert!(world.plan().await.is_empty(), "after {steps} steps");
            assert_eq!(world.told().len(), 1, "after {steps} steps");
            world.remove().await;
            assert_eq!(world.everything(), untouched, "after {steps} steps");
        }
    }
}

/// A run that dies between noting a change and making it.
async fn break_off(world: &World, steps: usize) {
    let plan = world.plan().await;
    let mut record = Record::open(&world.at("etc")).unwrap();
    record.reload = plan.reloads().to_vec();
    for (at, change) in plan.changes().iter().enumerate().take(steps + 1) {
        record.note(change);
        record.save().unwrap();
        if at < steps {
            change.make().unwrap();
        }
    }
}

#[tokio::test]
async fn a_change_that_fails_is_named_and_what_came_before_is_kept() {
    let world = World::new();
    world.obey();
    let untouched = world.everything();
    let plan = world.plan().await;
    // Somebody puts a file where a folder of the plan has to be.
    world.write("lib", "");
    let error = world.setup().carry_out(plan, |_| ()).await.unwrap_err();
    assert!(matches!(error, SetupError::Failed { .. }), "{error}");
    assert!(error.to_string().contains("lib") && error.to_string().contains("another run"), "{error}");
    assert_eq!(world.told(), [""; 0]);
    fs::remove_file(world.at("lib")).unwrap();
    world.run().await.unwrap();
    world.remove().await;
    assert_eq!(world.everything(), untouched);
}

#[tokio::test]
async fn a_reload_that_did_not_come_through_is_made_up_for() {
    let world = World::new();
    let error = world.run().await.unwrap_err().to_string();
    assert!(error.contains("does not have Pregon's contexts") && error.contains("dialplan show"), "{error}");
    assert_eq!(world.told(), ["dialplan reload"]);
    world.obey();
    assert_eq!(world.plan().await.reloads(), [Reload::Dialplan]);
    world.run().await.unwrap();
    assert_eq!(world.told(), ["dialplan reload"]);
    assert!(world.plan().await.is_empty());
}

#[tokio::test]
async fn an_asterisk_that_does_not_answer_is_told_later() {
    let world = World::new();
    world.write("console", "#!/bin/sh\necho 'Unable to connect' >&2\nexit 1\n");
    let said = world.run().await.unwrap();
    assert!(said[0].contains("Unable to connect") && said[0].contains("dialplan reload"), "{said:?}");
    world.obey();
    world.run().await.unwrap();
    assert_eq!(world.told(), ["dialplan reload"]);
}

#[tokio::test]
async fn a_new_version_replaces_the_dialplan_and_can_still_be_removed() {
    let world = World::new();
    world.obey();
    world.write("etc/pregon.conf", "; by hand\n");
    let untouched = world.everything();
    world.run().await.unwrap();
    world.told();
    // As if an older version had written it.
    let mut record = Record::open(&world.at("etc")).unwrap();
    let old = "; of last year\n";
    for change in &mut record.undo {
        if let Change::File { from: Some(ours), .. } = change {
            old.clone_into(&mut ours.text);
        }
    }
    record.save().unwrap();
    world.write("etc/pregon.conf", old);
    world.run().await.unwrap();
    assert_eq!(world.told(), ["dialplan reload"]);
    assert_eq!(world.read("etc/pregon.conf"), dialplan::filled(&world.at("spool/results")));
    world.remove().await;
    assert_eq!(world.everything(), untouched);
}

#[tokio::test]
async fn what_cannot_work_is_refused_in_words() {
    let world = World::new();
    let setup = world.setup();
    for (args, word) in [
        (SetupArgs { asterisk_group: Some("nobody-has-this".to_owned()), ..world.args() }, "no group"),
        (SetupArgs { asterisk_spool_dir: Some(world.at("nowhere")), ..world.args() }, "no Asterisk"),
        (SetupArgs { asterisk_results_dir: Some(world.at("a,b")), ..world.args() }, "ASTERISK_RESULTS_DIR"),
    ] {
        let error = setup.plan(&args, None).await.unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
    let args = SetupArgs { asterisk_etc_dir: Some(world.at("nowhere")), ..world.args() };
    let console = setup.console().clone();
    assert!(Setup::find(&args, console).unwrap_err().to_string().contains("ASTERISK_ETC_DIR"));
}

#[tokio::test]
async fn another_group_is_given_where_we_may() {
    let world = World::new();
    world.obey();
    let untouched = world.everything();
    let args = SetupArgs { asterisk_group: Some("54321".to_owned()), ..world.args() };
    let plan = world.setup().plan(&args, None).await.unwrap();
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED: only root can give folders to a group that it does not belong to");
        return;
    }
    world.setup().carry_out(plan, |_| ()).await.unwrap();
    for folder in ["spool/outgoing", "spool/staging", "spool/ledger", "spool/results", "lib/pregon/audio"] {
        let rights = Rights::of(&world.at(folder)).unwrap().unwrap();
        assert_eq!((rights.gid, rights.mode & 0o2070), (54_321, 0o2070), "{folder}");
    }
    world.remove().await;
    assert_eq!(world.everything(), untouched);
}
