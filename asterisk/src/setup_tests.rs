use std::fs;
use std::os::unix::fs::symlink;

use super::world::{World, mode};
use super::*;

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
    let world = World::with(AmiUrl::read("ami://pregon:swordfish@127.0.0.1").ok());
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
async fn an_include_by_hand_and_settings_by_hand_are_enough() {
    let world = World::new();
    world.obey();
    world.write("etc/extensions.conf", "#tryinclude \"pregon.conf\"\n");
    world.write(".env", "ASTERISK_SPOOL_DIR=/x\nexport ASTERISK_GID=7\nAUDIO_DIR='/y'\n");
    let (extensions, env) = (world.read("etc/extensions.conf"), world.read(".env"));
    let notes = world.plan().await.notes().join("\n");
    assert!(
        notes.contains("says AUDIO_DIR=/y, which should be /") && notes.contains("ASTERISK_GID=7"),
        "{notes}"
    );
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
        (SetupArgs { user: Some("nobody-has-this".to_owned()), ..world.args() }, "--user"),
        (
            SetupArgs {
                asterisk_group: Some("0".to_owned()),
                user: Some("nobody".to_owned()),
                ..world.args()
            },
            "groupadd --system asterisk",
        ),
    ] {
        let error = setup.plan(&args, None).await.unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
        assert!(std::error::Error::source(&error).is_none(), "it would be told twice");
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
