use super::*;
use crate::doctor::Verdict;

/// As Asterisk 22 says it, with everything in order.
fn well(spool: &Path) -> Answers {
    let module = |name: &&str| {
        format!(
            "{name}.so                   A description                            0          Running              core"
        )
    };
    let shipped = dialplan::filled(&spool.join("results"));
    let contexts = dialplan::contexts(&shipped);
    let contexts = contexts
        .into_iter()
        .map(|(name, steps)| (name.to_owned(), dialplan::as_asterisk_shows(name, &steps)));
    let endpoint = " Endpoint:  <Endpoint/CID.....>  <State.....>\n Endpoint:  trunk                 Not in use    0 of inf\n";
    Answers {
        mute: None,
        settings: format!("  Spool directory:             {}\n", spool.display()),
        uptime: "System uptime: 32\n".to_owned(),
        modules: dialplan::modules().iter().chain([&MODULE]).map(module).collect::<Vec<_>>().join("\n"),
        contexts: contexts.collect(),
        trunks: vec![("PJSIP/573000000000@trunk".to_owned(), Some(endpoint.to_owned()))],
    }
}

fn folders() -> Folders {
    Folders::of(Path::new("/srv/spool"))
}

/// The one thing that is not well, and what is said to it.
fn only(answers: &Answers) -> String {
    let not_well = |finding: Finding| match finding.verdict {
        Verdict::Good => None,
        Verdict::Bad(fix) => Some(format!("{} → {fix}", finding.what)),
        Verdict::Unseen(help) => Some(format!("{} ? {help}", finding.what)),
    };
    let mut all: Vec<String> = answers.findings(&folders()).into_iter().filter_map(not_well).collect();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[test]
fn an_asterisk_in_order_has_nothing_to_mend() {
    let findings = well(&folders().root).findings(&folders());
    assert!(findings.iter().all(|finding| finding.verdict == Verdict::Good), "{findings:?}");
    assert_eq!(findings.len(), 3 + dialplan::contexts(crate::DIALPLAN).len());
}

/// Makes one thing wrong.
type Spoil = Box<dyn Fn(&mut Answers)>;

#[test]
fn each_thing_that_is_wrong_is_named_with_its_remedy() {
    let other = "Unable to find object nosuch.\n";
    let gone = " Endpoint:  trunk                 Unavailable   0 of inf\n";
    let cases: Vec<(Spoil, [&str; 2])> = vec![
        (
            Box::new(|a| a.settings = "  Spool directory:   /var/spool/asterisk\n".to_owned()),
            ["reads the spool /var/spool", "ASTERISK_SPOOL_DIR=/var"],
        ),
        (
            Box::new(|a| a.modules = a.modules.replace("func_env.so", "func_enx.so")),
            ["not loaded func_env", "modules.conf"],
        ),
        (
            Box::new(|a| a.modules = a.modules.replacen("Running", "Not Running", 1)),
            ["not loaded pbx_spool", "load=NAME.so"],
        ),
        (
            Box::new(|a| a.contexts[0].1 = "There is no existence of 'pregon-call' context\n".to_owned()),
            ["no context [pregon-call]", "./manage.sh setup"],
        ),
        (
            Box::new(|a| {
                let told = a.contexts.iter_mut().find(|(name, _)| name == crate::HANGUP_CONTEXT).unwrap();
                told.1 = told.1.replace("/srv/spool", "/old");
            }),
            ["[pregon-hangup]", "/srv/spool/results"],
        ),
        (
            Box::new(|a| a.contexts[0].1 = a.contexts[0].1.replacen("Answer()", "NoOp()", 1)),
            ["[pregon-call] in the dialplan is not the one", "./manage.sh setup"],
        ),
        (
            Box::new(|a| a.trunks[0].1 = Some("No such command 'pjsip show endpoint trunk'\n".to_owned())),
            ["no PJSIP", "load chan_pjsip"],
        ),
        (
            Box::new(move |a| a.trunks[0].1 = Some(other.to_owned())),
            ["no endpoint trunk", "pjsip show endpoints"],
        ),
        (Box::new(move |a| a.trunks[0].1 = Some(gone.to_owned())), ["trunk does not answer", "aor"]),
        (
            Box::new(|a| a.trunks[0] = ("DAHDI/g1/573000000000".to_owned(), None)),
            ["DAHDI/g1", "console yourself"],
        ),
        (
            Box::new(|a| {
                a.trunks[0] = ("Local/57300@out/n".to_owned(), Some("There is no existence of".to_owned()));
            }),
            ["context of Local/57300@out/n", "from-internal"],
        ),
    ];
    for (spoil, words) in cases {
        let mut answers = well(&folders().root);
        spoil(&mut answers);
        let said = only(&answers);
        assert!(words.iter().all(|word| said.contains(word)), "{words:?}: {said}");
    }
}

#[test]
fn a_console_that_is_mute_is_told_and_is_not_a_fault() {
    let mute = Mute::Unreachable("asterisk -rx: No such file or directory".to_owned());
    let said = only(&Answers { mute: Some(mute), ..Answers::default() });
    assert!(
        said.contains("were not looked at") && said.contains("No such file") && said.contains("ASTERISK_CLI"),
        "{said}"
    );
    assert!(said.contains(" ? "), "not seen is not wrong");
    let said = only(&Answers { mute: Some(Mute::Forbidden), ..Answers::default() });
    assert!(said.contains(" ? ") && said.contains("add command to write="), "{said}");
}

#[test]
fn what_is_asked_depends_on_the_technology() {
    for (channel, asked) in [
        ("PJSIP/573@trunk", Some("pjsip show endpoint trunk")),
        ("PJSIP/trunk/sip:573@10.0.0.1:5060", Some("pjsip show endpoint trunk")),
        ("Local/573@from-internal/n", Some("dialplan show from-internal")),
        ("DAHDI/g1/573", None),
        ("nonsense", None),
    ] {
        assert_eq!(question(channel).as_deref(), asked, "{channel}");
    }
}

#[tokio::test]
async fn a_console_is_asked_about_everything() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("asked");
    let script = dir.path().join("console");
    fs::write(&script, format!("echo \"$1\" | tee -a '{}'\n", log.display())).unwrap();
    let args = crate::ConsoleArgs { asterisk_cli: format!("sh {}", script.display()) };
    let channels = ["PJSIP/573@a".to_owned(), "IAX2/b/573".to_owned()];
    let answers = Answers::collect(&Console::new(&args, None), &channels).await;
    assert_eq!(answers.settings, "core show settings\n");
    assert_eq!(answers.trunks[0].1.as_deref(), Some("pjsip show endpoint a\n"));
    assert_eq!(answers.trunks[1].1, None);
    let asked = fs::read_to_string(log).unwrap();
    for question in [
        "module show",
        "dialplan show pregon-call",
        "dialplan show pregon-hangup",
        "core show uptime seconds",
    ] {
        assert!(asked.lines().any(|line| line == question), "{question}: {asked}");
    }
}
