use super::*;

fn etc(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("manager.d")).unwrap();
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

fn url(text: &str) -> AmiUrl {
    AmiUrl::read(text).unwrap()
}

fn plan(files: &[(&str, &str)], address: &str) -> Result<User, Vec<String>> {
    User::plan(etc(files).path(), &url(address)).unwrap()
}

const DEBIAN: &str =
    "[general]\nenabled = yes\nport = 5038\nbindaddr = 127.0.0.1\n#include \"manager.d/*.conf\"\n";

#[test]
fn on_debian_it_is_one_file_of_the_folder() {
    let user = plan(&[("manager.conf", DEBIAN)], "ami://pregon:a%3Bb@127.0.0.1").unwrap();
    assert!(user.path.ends_with("manager.d/pregon.conf"));
    assert_eq!((user.included_by, user.notes.len()), (None, 0));
    let rest = user.text.split_once("\n\n").unwrap().1;
    assert_eq!(
        rest,
        "[general](+)\nchannelvars=PREGON_JOB,PREGON_ATTEMPT\n\n[pregon]\nsecret => a\\;b\n\
         deny=0.0.0.0/0.0.0.0\npermit=127.0.0.1/255.255.255.255\npermit=::1/128\nread=call\nwrite=call\n"
    );
}

#[test]
fn what_is_off_is_turned_on_for_this_machine_only() {
    let off = [("manager.conf", "[general]\nenabled = no\n")];
    let user = plan(&off, "ami://pregon:s@localhost:5039").unwrap();
    assert!(
        user.text.contains("[general](+)\nenabled=yes\nbindaddr=127.0.0.1\nport=5039\n"),
        "{}",
        user.text
    );
    assert!(user.path.ends_with("pregon_manager.conf"));
    assert!(user.included_by.unwrap().ends_with("manager.conf"));

    let user = plan(&off, "ami://pregon:s@pbx.example").unwrap();
    assert!(!user.text.contains("enabled") && !user.text.contains("permit"), "{}", user.text);
    assert!(user.notes[0].contains("not of this machine"), "{:?}", user.notes);
}

#[test]
fn without_a_general_section_nothing_is_added_to_it() {
    let user = plan(&[], "ami://pregon:s@[::1]").unwrap();
    assert!(user.text.contains("[general]\nenabled=yes\n"), "{}", user.text);
}

#[test]
fn freepbx_keeps_its_own_files() {
    let main = "[general]\nenabled=yes\nport=5038\nchannelvars=A\n#include manager_custom.conf\n";
    let files = [("manager.conf", main), ("manager_custom.conf", "[general](+)\nchannelvars=A,B\n")];
    let user = plan(&files, "ami://pregon:s@127.0.0.1").unwrap();
    assert!(user.included_by.unwrap().ends_with("manager_custom.conf"));
    assert!(user.text.contains("channelvars=A,B,PREGON_JOB,PREGON_ATTEMPT\n"), "{}", user.text);
}

#[test]
fn a_user_of_somebody_else_is_left_alone() {
    let other = "[pregon]\nsecret=x\n[general](+)\nchannelvars=PREGON_ATTEMPT,PREGON_JOB\n";
    let files = [("manager.conf", DEBIAN), ("manager.d/other.conf", other)];
    let notes = plan(&files, "ami://pregon:s@127.0.0.1").unwrap_err();
    assert!(notes[0].contains("somebody else"), "{notes:?}");
}

#[test]
fn what_it_wrote_itself_does_not_count() {
    let first = plan(&[("manager.conf", DEBIAN)], "ami://pregon:s@127.0.0.1").unwrap();
    let files = [("manager.conf", DEBIAN), ("manager.d/pregon.conf", &first.text)];
    assert_eq!(plan(&files, "ami://pregon:s@127.0.0.1").unwrap().text, first.text);
}

#[test]
fn names_that_would_be_syntax_and_other_ports_are_told() {
    let notes = plan(&[], "ami://a%5Db:s@127.0.0.1").unwrap_err();
    assert!(notes[0].contains("by hand"), "{notes:?}");
    let user = plan(&[("manager.conf", DEBIAN)], "ami://pregon:s@127.0.0.1:5039").unwrap();
    assert!(user.notes[0].contains("5039"), "{:?}", user.notes);
}
