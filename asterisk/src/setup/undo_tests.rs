use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::record::Record;
use super::world::{World, mode};
use crate::ami::AmiUrl;

#[tokio::test]
async fn removing_restores_every_byte_and_permission() {
    for ami in [None, Some(AmiUrl::read("ami://pregon:s3cret@127.0.0.1:5039").unwrap())] {
        let world = World::with(ami);
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
        assert!(world.setup().remove(&world.args()).unwrap().is_empty(), "once is enough");
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
async fn the_dialplan_stays_while_calls_are_on_their_way() {
    let world = World::new();
    world.obey();
    world.run().await.unwrap();
    let before = world.everything();
    let call = world.at("spool/outgoing/0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f-1.call");
    fs::write(&call, "").unwrap();
    fs::write(world.at("spool/outgoing/of-another-program.call"), "").unwrap();
    let error = world.setup().remove(&world.args()).unwrap_err().to_string();
    assert!(error.starts_with("1 calls of Pregon") && error.contains("stop Pregon"), "{error}");
    fs::remove_file(call).unwrap();
    fs::remove_file(world.at("spool/outgoing/of-another-program.call")).unwrap();
    assert_eq!(world.everything(), before);
    assert!(!world.setup().remove(&world.args()).unwrap().is_empty());
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
