//! The command line as its users meet it: help, mistakes, the doctor, and a clean end.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests say what is wrong by panicking, and print what they skip"
)]

mod rig;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rig::{Backing, Rig, free_port};

fn pregon(args: &[&str], env: &[(&str, &str)]) -> Output {
    let dir = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_pregon"))
        .args(args)
        .current_dir(&dir)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// One line on standard error, exit code 2, and the word in it.
fn assert_usage(output: &Output, word: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    assert!(text.contains(word), "{text:?} does not name {word}");
}

#[test]
fn help_teaches_every_setting() {
    for role in ["serve", "api", "worker", "dashboard", "mixer", "asterisk-sim", "asterisk-setup"] {
        let output = pregon(&[role, "--help"], &[]);
        assert!(output.status.success());
        insta::assert_snapshot!(format!("help_{role}"), String::from_utf8(output.stdout).unwrap());
    }
}

#[test]
fn a_mistake_is_one_line_that_names_the_setting() {
    for (args, env, word) in [
        (&["serve", "--wrokers", "3"][..], &[][..], "--wrokers"),
        (&["serve", "--workers", "many"], &[], "--workers"),
        (&["fly"], &[], "fly"),
        (&["serve"], &[("API_ADDR", "nonsense")], "API_ADDR"),
        (&["serve"], &[("API_KEYS", "ana:root:12345678")], "role"),
        (&["worker"], &[("WORKER_CONCURRENCY", "0")], "0"),
        (&["worker"], &[("TTS_ENGINES", "hal9000")], "hal9000"),
        (&["worker"], &[("ASTERISK_CHANNEL", "PJSIP/trunk")], "{number}"),
        (&["worker"], &[("ASTERISK_SIM_OUTCOMES", "answered=lots")], "lots"),
        (&["worker"], &[("JOB_RETENTION", "a week")], "7d"),
        (&["worker"], &[("CALLS_PER_SECOND", "2.5")], "2.5"),
        (&["worker"], &[("CALLS_AT_ONCE", "0")], "0"),
        (&["worker"], &[("TRUNKS", "co number=e164; ve speed=9")], "trunk ve: speed"),
        (&["api"], &[("TRUNKS", "co number=national")], "trunk co: number"),
        (&["worker"], &[("RETRY_BUSY", "1m,5")], "--retry-busy"),
        (&["worker"], &[("RETRY_NO_ANSWER", "1m,5")], "\"5\" is not a wait"),
        (&["serve"], &[("RETRY_CONGESTION", "never,1m")], "only stand last"),
        (&["api"], &[("DEFAULT_REGION", "Colombia")], "CO"),
        (&["api"], &[("RABBITMQ_URL", "amqp://localhost")], "REDIS_URL"),
        (&["api"], &[("REDIS_URL", "redis://localhost")], "RABBITMQ_URL"),
        (&["serve"], &[("RUST_LOG", "pregon=loudest")], "RUST_LOG"),
        (&["serve"], &[("RADIO", "maybe")], "maybe"),
        (&["api"], &[("STATIONS", "La Voz")], "La Voz"),
        (&["mixer"], &[("STATION", "La Voz")], "La Voz"),
        (&["mixer"], &[("MIXER_BITRATES", "128,5")], "5"),
        (&["mixer"], &[("ICECAST_URL", "http://127.0.0.1/x")], "icecast://"),
    ] {
        let mut env = env.to_vec();
        env.push(("PREGON_DATA_DIR", "data"));
        assert_usage(&pregon(args, &env), word);
    }
}

#[test]
fn nobody_beyond_this_machine_gets_in_without_keys() {
    for (role, variable) in
        [("serve", "API_ADDR"), ("api", "API_ADDR"), ("dashboard", "DASHBOARD_ADDR"), ("mixer", "MIXER_ADDR")]
    {
        let addr = format!("0.0.0.0:{}", free_port());
        let started = Instant::now();
        let output = pregon(&[role], &[(variable, &addr)]);
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(started.elapsed() < Duration::from_secs(5), "refused at once, not after a time-out");
        assert!(!output.status.success());
        assert!(text.contains("API_KEYS") && text.contains(variable), "{text}");
    }
}

#[test]
fn secrets_are_not_shown() {
    let url = "amqp://me:swordfish@127.0.0.1:1/%2f";
    let redis = "redis://:swordfish@127.0.0.1:1/0";
    let output = pregon(
        &["doctor"],
        &[("RABBITMQ_URL", url), ("REDIS_URL", redis), ("API_KEYS", "a:admin:swordfish")],
    );
    let help = pregon(&["serve", "--help"], &[("RABBITMQ_URL", url), ("API_KEYS", "a:admin:swordfish")]);
    for text in [&output.stdout, &output.stderr, &help.stdout] {
        assert!(!String::from_utf8_lossy(text).contains("swordfish"));
    }
}

#[test]
fn an_unreadable_manager_address_is_refused_without_showing_it() {
    for role in ["serve", "api", "dashboard"] {
        for url in ["ami://me:swordfish@", "ami://me:swordfish@127.0.0.1/x", "http://me:swordfish@127.0.0.1"]
        {
            let output = pregon(&[role], &[("ASTERISK_AMI_URL", url), ("PREGON_DATA_DIR", "data")]);
            assert_usage(&output, "ASTERISK_AMI_URL");
            for text in [&output.stdout, &output.stderr] {
                assert!(!String::from_utf8_lossy(text).contains("swordfish"), "{role} {url}");
            }
        }
    }
}

/// What the doctor says, and whether it is content.
fn doctor(env: &[(&str, &str)]) -> (bool, String) {
    let output = pregon(&["doctor"], env);
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_doctor_names_what_is_wrong_and_the_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let (blocked, spool) = (dir.path().join("file"), dir.path().join("spool"));
    std::fs::write(&blocked, "").unwrap();
    let elsewhere = tempfile::tempdir_in("/dev/shm").unwrap();
    std::fs::create_dir_all(&spool).unwrap();
    for folder in ["staging", "ledger", "results", "outgoing_done"] {
        std::fs::create_dir(spool.join(folder)).unwrap();
    }
    std::os::unix::fs::symlink(elsewhere.path(), spool.join("outgoing")).unwrap();
    let gone = format!("127.0.0.1:{}", free_port());
    for (env, words) in [
        (vec![("ASTERISK_SPOOL_DIR", text(&blocked))], ["Asterisk", "file"]),
        (vec![("ASTERISK_SPOOL_DIR", text(&spool))], ["file system", "outgoing"]),
        (vec![("ESPEAK_BIN", "/nowhere/espeak-ng")], ["espeak", "apt-get install espeak-ng"]),
        (vec![("RABBITMQ_URL", "amqp://127.0.0.1:1")], ["REDIS_URL", "set both"]),
        (
            vec![("RABBITMQ_URL", "amqp://127.0.0.1:1"), ("REDIS_URL", &*format!("redis://{gone}"))],
            ["Redis", "REDIS_URL"],
        ),
        (vec![("PREGON_DATA_DIR", text(&blocked))], ["data folder", "PREGON_DATA_DIR"]),
    ] {
        let (content, said) = doctor(&env);
        assert!(!content, "{env:?}: {said}");
        for word in words {
            assert!(said.contains(word), "{env:?}: {word} is not in\n{said}");
        }
        assert!(said.contains("fix: "), "{said}");
    }
}

/// The folders of an Asterisk, and programs that only note what they are told.
struct FakeAsterisk(tempfile::TempDir);

/// `dialplan show` of the context c, read from the file itself.
const SHOW: &str = r#"
/^\[/ { on = $0 == "[" c "]"; if (on) print "[ Context '" c "' created by 'pbx_config' ]" }
on && /^exten/ { split($3, exten, ","); printf "  '%s' =>", exten[1]; sub(/,/, ""); n = 0 }
on && /=>/ { sub(/^[^,]*,/, ""); printf "  %d. %s [pregon.conf:1]\n", ++n, $0 }
"#;

impl FakeAsterisk {
    fn new() -> Self {
        let fake = Self(tempfile::tempdir().unwrap());
        for folder in ["etc", "spool/outgoing", "spool/outgoing_done", "bin"] {
            std::fs::create_dir_all(fake.at(folder)).unwrap();
        }
        std::fs::write(fake.at("etc/extensions.conf"), "[mine]\n").unwrap();
        std::fs::write(fake.at("groups"), "people").unwrap();
        std::fs::write(fake.at("show.awk"), SHOW).unwrap();
        fake.program(
            "console",
            "case $1 in 'dialplan show'*) awk -v c=\"${1##* }\" -f show.awk etc/pregon.conf ;; esac",
        );
        fake.program("id", "cat groups");
        fake.program("usermod", "echo \"people $2\" >groups");
        fake.program("gpasswd", "echo people >groups");
        fake
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// Written by a process of its own: a file that this one has open for writing could not be run.
    fn program(&self, name: &str, does: &str) {
        let text = format!(
            "#!/bin/sh\ncd '{dir}' && echo \"{name} $*\" >>told && {does}\n",
            dir = text(self.0.path())
        );
        let write = ["-c", "printf %s \"$1\" >\"$2\" && chmod +x \"$2\"", "sh", &text];
        let path = self.at("bin").join(name);
        assert!(Command::new("sh").args(write).arg(path).status().unwrap().success());
    }

    fn run(&self, args: &[&str], env: &[(&str, &str)]) -> (bool, String) {
        let path = format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", self.at("bin").display());
        let at = |name: &str| text(&self.at(name)).to_owned();
        let (etc, spool, audio, file) = (at("etc"), at("spool"), at("audio"), at(".env"));
        let mut all = vec![
            ("PATH", path.as_str()),
            ("ASTERISK_ETC_DIR", &etc),
            ("ASTERISK_SPOOL_DIR", &spool),
            ("AUDIO_DIR", &audio),
            ("ASTERISK_CLI", "console"),
            ("ASTERISK_GROUP", "54321"),
        ];
        all.extend(env);
        let args = [&["asterisk-setup", "--user", "ana", "--env-file", &file], args].concat();
        let output = pregon(&args, &all);
        let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr);
        (output.status.success(), said)
    }

    /// What was told to the programs that change something.
    fn told(&self) -> Vec<String> {
        let told = std::fs::read_to_string(self.at("told")).unwrap_or_default();
        told.lines().filter(|l| !l.starts_with("id ") && !l.contains(" show ")).map(str::to_owned).collect()
    }

    /// Every path with its mode and its text.
    fn everything(&self) -> Vec<(PathBuf, u32, String)> {
        let (mut all, mut open) =
            (Vec::new(), vec![self.at("etc"), self.at("spool"), self.at("audio"), self.at(".env")]);
        while let Some(path) = open.pop() {
            let Ok(meta) = path.metadata() else { continue };
            open.extend(std::fs::read_dir(&path).into_iter().flatten().map(|e| e.unwrap().path()));
            all.push((
                path.clone(),
                meta.permissions().mode(),
                std::fs::read_to_string(&path).unwrap_or_default(),
            ));
        }
        all.sort();
        all
    }
}

#[test]
fn asterisk_is_connected_as_shown_once_and_back_again() {
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED: only root can give folders to any group");
        return;
    }
    let fake = FakeAsterisk::new();
    let before = fake.everything();
    let (well, plan) = fake.run(&["--dry-run"], &[]);
    assert!(
        well && plan.contains("#include pregon.conf") && plan.contains("usermod -aG 54321 ana"),
        "{plan}"
    );
    assert_eq!(fake.everything(), before);
    assert_eq!(fake.told(), [""; 0]);

    let (well, said) = fake.run(&[], &[]);
    assert!(well, "{said}");
    // It did what it had shown.
    assert!(said.starts_with(plan.lines().next().unwrap()) && said.contains("log in again"), "{said}");
    assert_eq!(fake.told(), ["usermod -aG 54321 ana", "console dialplan reload"]);
    let after = fake.everything();
    let (well, said) = fake.run(&[], &[]);
    assert!(well && said.contains("nothing to do"), "{said}");
    assert_eq!(fake.everything(), after);

    let (well, said) = fake.run(&["--remove"], &[]);
    assert!(well, "{said}");
    assert_eq!(fake.everything(), before);
    assert_eq!(fake.told()[2..], ["gpasswd -d ana 54321", "console dialplan reload"]);
}

#[test]
fn a_setup_that_cannot_work_says_why() {
    let fake = FakeAsterisk::new();
    for (env, word) in [
        (("ASTERISK_ETC_DIR", "/nowhere"), "ASTERISK_ETC_DIR"),
        (("ASTERISK_GROUP", "nobody-has-this"), "ASTERISK_GROUP"),
        (("ASTERISK_AMI_URL", "ami://ana:swordfish@"), "ASTERISK_AMI_URL"),
    ] {
        let (well, said) = fake.run(&[], &[env]);
        assert!(!well && said.contains(word) && !said.contains("swordfish"), "{said}");
    }
}

#[test]
fn the_doctor_says_what_it_could_not_see() {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["outgoing", "outgoing_done", "staging", "ledger", "results"] {
        std::fs::create_dir_all(dir.path().join(folder)).unwrap();
    }
    let (_, said) =
        doctor(&[("ASTERISK_SPOOL_DIR", text(dir.path())), ("ASTERISK_CLI", "/nowhere/asterisk -rx")]);
    assert!(
        said.contains("?     Asterisk") && said.contains("to see it: ") && said.contains("ASTERISK_CLI"),
        "{said}"
    );
}

#[test]
fn the_doctor_finds_an_unreachable_rabbitmq() {
    let Some(Backing::Distributed { redis, .. }) = Backing::distributed() else { return };
    let amqp = format!("amqp://127.0.0.1:{}", free_port());
    let (content, said) = doctor(&[("RABBITMQ_URL", &amqp), ("REDIS_URL", &redis)]);
    assert!(!content);
    assert!(said.contains("RabbitMQ"), "{said}");
}

#[tokio::test]
async fn a_stop_drains_and_ends_well() {
    let rig = Rig::start(&Backing::Embedded).await;
    let mut worker = rig.worker(&[]);
    let id = rig.submit("normal").await.unwrap();
    rig.settle(&[id], false, Duration::from_secs(30)).await;
    assert_eq!(worker.terminate(Duration::from_secs(15)), Some(0));
}
