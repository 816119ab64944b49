use super::super::packet::Decoder;
use super::super::script::{RINGING, UP, event, key};
use super::*;

const BUSY: Phase = Phase::HungUp { q850: Some(17), sip: Some(486) };

fn read(text: &str) -> Packet {
    let mut decoder = Decoder::default();
    decoder.push(b"Asterisk Call Manager/11.0.0\r\n");
    decoder.push(text.as_bytes());
    decoder.packet().expect("a packet")
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

/// Applies the events, one a second, and tells the phases that came out.
fn phases(board: &mut Board, events: &[String]) -> Vec<Option<Phase>> {
    let times = (1..).map(at);
    events.iter().zip(times).map(|(e, now)| board.apply(&read(e), now).map(|call| call.phase)).collect()
}

#[test]
fn a_call_goes_through_its_phases() {
    let tell = |name, state| event(name, key(1), "PJSIP/trunk-00000001", state);
    for (events, expected) in [
        (
            vec![
                tell("Newchannel", 0),
                tell("DialBegin", 0),
                tell("Newstate", RINGING),
                tell("Newstate", UP),
            ],
            vec![None, Some(Phase::Dialling), Some(Phase::Ringing), Some(Phase::Answered)],
        ),
        (
            vec![tell("DialBegin", 0), tell("DialEnd", 0), tell("Hangup", 0)],
            vec![Some(Phase::Dialling), None, Some(BUSY)],
        ),
        // Ringing is told twice, in either order; a late one does not take the answer back.
        (
            vec![tell("DialBegin", 0), tell("DialState", 0), tell("Newstate", RINGING), tell("Newstate", UP)],
            vec![Some(Phase::Dialling), Some(Phase::Ringing), None, Some(Phase::Answered)],
        ),
        (
            vec![
                tell("DialBegin", 0),
                tell("Newstate", UP),
                tell("DialState", RINGING),
                tell("DialBegin", 0),
            ],
            vec![Some(Phase::Dialling), Some(Phase::Answered), None, None],
        ),
        // Nothing but the beginning makes a call, and an end is told of any.
        (
            vec![tell("Newstate", RINGING), tell("DialState", 0), tell("DialEnd", 0), tell("Hangup", 0)],
            vec![None, None, None, Some(BUSY)],
        ),
        (vec![tell("Status", UP)], vec![Some(Phase::Answered)]),
    ] {
        assert_eq!(phases(&mut Board::default(), &events), expected, "{events:#?}");
    }
}

#[test]
fn a_call_is_shown_with_its_channel_and_since_when() {
    let mut board = Board::default();
    let channel = "PJSIP/trunk-00000001";
    board.apply(&read(&event("DialBegin", key(2), channel, 0)), at(1));
    board.apply(&read(&event("Newstate", key(2), channel, RINGING)), at(2));
    board.apply(&read(&event("DialState", key(2), channel, RINGING)), at(3));
    board.apply(&read(&event("DialBegin", key(1), "PJSIP/trunk-00000002", 0)), at(4));
    let ringing = Call { key: key(2), phase: Phase::Ringing, channel: channel.to_owned(), since: at(2) };
    assert_eq!(board.calls().len(), 2);
    assert_eq!(board.calls()[1], ringing);
    assert_eq!(board.channel(key(2)), Some(channel));
    let ended = board.apply(&read(&event("Hangup", key(2), channel, RINGING)), at(5)).unwrap();
    assert_eq!(ended, Call { phase: BUSY, since: at(5), ..ringing });
    assert_eq!(board.channel(key(2)), None);
    assert_eq!(board.calls().len(), 1);
}

#[test]
fn causes_are_read_as_far_as_they_tell_something() {
    let hang_up = |from: &str, to: &str| {
        let text = event("Hangup", key(1), "PJSIP/trunk-00000001", UP).replace(from, to);
        board_of(&[]).apply(&read(&text), at(1)).unwrap().phase
    };
    let over = |q850, sip| Phase::HungUp { q850, sip };
    assert_eq!(hang_up("", ""), BUSY);
    assert_eq!(hang_up("TechCause: 486\r\n", ""), over(Some(17), None));
    assert_eq!(hang_up("Cause: 17", "Cause: 0"), over(None, Some(486)), "the far end hung up");
    assert_eq!(hang_up("Cause: 17", "Cause: many"), over(None, Some(486)));
    assert_eq!(hang_up("486", "7"), over(Some(17), None));
}

fn board_of(calls: &[(u16, &str)]) -> Board {
    let mut board = Board::default();
    board.begin();
    for (attempt, channel) in calls {
        board.apply(&read(&event("DialBegin", key(*attempt), channel, 0)), at(1)).unwrap();
    }
    board
}

#[test]
fn channels_of_others_are_left_alone() {
    let ours = event("DialBegin", key(1), "PJSIP/trunk-00000001", 0);
    let uuid = key(1).job.to_string();
    for (from, to) in [
        (uuid.as_str(), ""),
        (uuid.as_str(), "../../etc"),
        ("PREGON_JOB", "OTHER_JOB"),
        ("PREGON_ATTEMPT=1", "PREGON_ATTEMPT="),
        ("PREGON_ATTEMPT=1", "PREGON_ATTEMPT=+1"),
        ("PREGON_ATTEMPT=1", "PREGON_ATTEMPT=65536"),
        ("DestChanVariable", "ChanVariable"),
        ("DestUniqueid", "Uniqueid"),
        ("DestChannelState", "ChannelState"),
        ("DestChannel:", "Channel:"),
        ("Event: DialBegin", "Response: Success"),
    ] {
        let other = ours.replace(from, to);
        assert_ne!(other, ours);
        assert_eq!(board_of(&[]).apply(&read(&other), at(1)), None, "{from} → {to}");
    }
}

#[test]
fn of_a_local_channel_only_the_near_half_is_followed() {
    let (near, far) = ("Local/300@from-internal-00000000;1", "Local/300@from-internal-00000000;2");
    let mut board = board_of(&[(1, near)]);
    assert_eq!(board.apply(&read(&event("Newstate", key(1), far, UP)), at(2)), None);
    assert_eq!(board.apply(&read(&event("Status", key(1), far, UP)), at(2)), None);
    assert_eq!(board.apply(&read(&event("Hangup", key(1), far, UP)), at(2)), None);
    assert_eq!(board.channel(key(1)), Some(near));
    let dial_on = event("DialBegin", key(1), "PJSIP/trunk-00000009", 0)
        .replace("DestChanVariable: PREGON_ATTEMPT=1", "DestChanVariable: PREGON_ATTEMPT=");
    assert_eq!(board.apply(&read(&dial_on), at(3)), None, "the leg behind it has no variables");
    let ended = board.apply(&read(&event("Hangup", key(1), near, UP)), at(4)).unwrap();
    assert_eq!(ended.phase, BUSY);
}

#[test]
fn another_channel_with_the_same_variables_does_not_take_over() {
    let mut board = board_of(&[(1, "PJSIP/trunk-00000001")]);
    for name in ["DialBegin", "Newstate", "Status", "Hangup"] {
        let other = event(name, key(1), "SIP/other-00000002-longer", UP);
        assert_eq!(board.apply(&read(&other), at(2)), None, "{name}");
    }
    assert_eq!(board.calls()[0].phase, Phase::Dialling);
}

#[test]
fn after_a_lost_connection_what_is_not_listed_is_gone() {
    let mut board =
        board_of(&[(1, "PJSIP/trunk-00000001"), (2, "PJSIP/trunk-00000002"), (3, "PJSIP/trunk-00000003")]);
    board.begin();
    // One still rings, one was answered meanwhile, one has ended; a fourth has begun.
    let still = event("Status", key(1), "PJSIP/trunk-00000001", 0);
    let answered = event("Status", key(2), "PJSIP/trunk-00000002", UP);
    let new = event("Status", key(4), "PJSIP/trunk-00000004", RINGING);
    assert_eq!(
        phases(&mut board, &[still, answered, new]),
        [None, Some(Phase::Answered), Some(Phase::Ringing)]
    );
    let gone: Vec<_> = board.settle(at(9)).into_iter().map(|c| (c.key, c.phase, c.since)).collect();
    assert_eq!(gone, [(key(3), Phase::Gone, at(9))]);
    let known: Vec<_> = board.calls().iter().map(|call| call.key).collect();
    assert_eq!(known, [key(1), key(2), key(4)]);
    assert_eq!(board.settle(at(10)), []);
}

#[test]
fn an_attempt_that_asterisk_dialled_again_is_followed_on_its_new_channel() {
    let mut board = board_of(&[(1, "PJSIP/trunk-00000001")]);
    board.apply(&read(&event("Newstate", key(1), "PJSIP/trunk-00000001", UP)), at(2)).unwrap();
    board.begin();
    let again = "PJSIP/trunk-again-00000000";
    let call = board.apply(&read(&event("Status", key(1), again, RINGING)), at(3)).unwrap();
    assert_eq!((call.phase, call.channel.as_str(), call.since), (Phase::Ringing, again, at(3)));
    assert_eq!(board.settle(at(4)), []);
}

#[test]
fn missing_variables_are_noticed() {
    let ours =
        event("Hangup", key(1), "PJSIP/trunk-00000001", UP).replace("Context: none", "Context: pregon-call");
    let without = |text: &str| {
        let lines = text.split_inclusive("\r\n").filter(|line| !line.starts_with("ChanVariable"));
        lines.collect::<String>()
    };
    assert!(is_nameless(&read(&without(&ours))));
    assert!(!is_nameless(&read(&ours)));
    assert!(!is_nameless(&read(&without(&ours.replace("pregon-call", "from-internal")))));
    assert!(!is_nameless(&read(&without(&ours.replace("Hangup", "Newstate")))));
}
