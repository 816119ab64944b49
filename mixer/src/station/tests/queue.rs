//! Who comes first, who comes at all, and taking back.

use super::*;

#[test]
fn high_goes_before_normal_and_each_is_first_in_first_out() {
    let mut stage = Stage::new(&["song_600"]);
    let mut tickets = Vec::new();
    for (name, lane) in
        [("a_1", Lane::Normal), ("b_1", Lane::Normal), ("c_1", Lane::High), ("d_1", Lane::High)]
    {
        stage.run(0.2);
        tickets.push(stage.announce(name, |wanted| wanted.lane = lane));
    }
    let [a, b, c, d] = tickets[..] else { panic!() };
    let waiting: Vec<Ticket> = stage.snapshot().waiting.iter().map(|waiting| waiting.ticket).collect();
    assert_eq!(waiting, [c, d, b]);
    stage.run(5.0);
    assert_eq!(stage.begun(), [a, c, d, b]);
    let gaps: Vec<u64> =
        [a, c, d, b].map(|ticket| stage.began_at(ticket).0).windows(2).map(|p| p[1] - p[0]).collect();
    assert_eq!(gaps, [48_000; 3], "one after the other, to the sample");
}

#[test]
fn many_announcements_are_all_heard_once_in_order() {
    let mut stage = Stage::new(&["song_600"]);
    let tickets: Vec<Ticket> = (0..30).map(|_| stage.announce("a_0.5", |_| {})).collect();
    stage.run(18.0);
    assert_eq!(stage.begun(), tickets);
    let ended = stage.ended();
    assert!(ended.len() == 30 && ended.iter().all(|(_, ended)| aired(ended)), "{ended:?}");
    assert_eq!(stage.underruns(), 0);
}

#[test]
fn what_has_expired_is_not_aired() {
    let mut stage = Stage::new(&["song_600"]);
    stage.run(1.0);
    let long = stage.announce("long_5", |_| {});
    let now = stage.now();
    let cued = stage.announce("cued_1", |wanted| wanted.expires = Some(now + Duration::from_secs(2)));
    let behind = stage.announce("behind_1", |wanted| wanted.expires = Some(now + Duration::from_secs(3)));
    let patient = stage.announce("patient_1", |wanted| wanted.expires = Some(now + Duration::from_secs(30)));
    stage.run(9.0);
    assert_eq!(stage.begun(), [long, patient]);
    let ended = stage.ended();
    assert_eq!(ended[..2], [(cued, Ended::Expired), (behind, Ended::Expired)]);
    assert!(ended[2].0 == long && ended[3].0 == patient && aired(&ended[3].1));
    let mut late = Announcement::of("late_1");
    late.expires = Some(stage.now());
    assert_eq!(stage.try_announce(late), Err(Refused::Expired));
}

#[test]
fn what_is_on_air_does_not_expire() {
    let mut stage = Stage::new(&["song_600"]);
    let now = stage.now();
    let ticket = stage.announce("long_3", |wanted| wanted.expires = Some(now + Duration::from_secs(1)));
    stage.run(5.0);
    assert!(stage.ended()[0].0 == ticket && aired(&stage.ended()[0].1));
}

#[test]
fn the_same_announcement_is_taken_once() {
    let mut stage = Stage::new(&["song_600"]);
    let first = stage.announce("a_1", |wanted| wanted.key = Some("job-1".into()));
    let keyed = |stage: &mut Stage| {
        stage.try_announce(Announcement { key: Some("job-1".into()), ..Announcement::of("b_1") })
    };
    assert_eq!(keyed(&mut stage), Err(Refused::Duplicate(first)), "it waits");
    stage.run(0.5);
    assert_eq!(keyed(&mut stage), Err(Refused::Duplicate(first)), "it is on air");
    stage.run(2.0);
    assert_eq!(keyed(&mut stage), Err(Refused::Duplicate(first)), "it was on air");

    let alike = |stage: &mut Stage| {
        stage.try_announce(Announcement { dedupe: Some("door".into()), ..Announcement::of("c_1") })
    };
    let second = alike(&mut stage).unwrap();
    assert_eq!(alike(&mut stage), Err(Refused::Duplicate(second)));
    stage.run(2.0);
    assert!(alike(&mut stage).is_ok(), "the door may be announced again");
}

#[test]
fn what_waits_can_be_withdrawn_and_what_has_begun_cannot() {
    let mut stage = Stage::new(&["song_600"]);
    let on_air = stage.announce("a_3", |_| {});
    stage.run(0.5);
    let (cued, behind) = (stage.announce("b_1", |_| {}), stage.announce("c_1", |_| {}));
    stage.run(0.1);
    let answers =
        [on_air, cued, behind, Ticket(999)].map(|ticket| stage.ask(|reply| Request::Withdraw(ticket, reply)));
    stage.run(5.0);
    assert_eq!(answers.map(|mut answer| answer.try_recv().unwrap()), [false, true, true, false]);
    assert_eq!(stage.begun(), [on_air]);
    let skipped = Ended::Skipped { seconds: 0.0 };
    assert!(stage.ended().contains(&(cued, skipped.clone())) && stage.ended().contains(&(behind, skipped)));
}

#[test]
fn a_withdrawal_in_the_same_breath_as_the_beginning_is_answered_truly() {
    let mut stage = Stage::new(&["song_600"]);
    stage.run(1.0);
    let ticket = stage.announce("a_1", |_| {});
    let mut answer = stage.ask(|reply| Request::Withdraw(ticket, reply));
    stage.run(3.0);
    let withdrawn = answer.try_recv().unwrap();
    assert_eq!(withdrawn, stage.begun().is_empty());
    assert_eq!(stage.ended().len(), 1, "and it ends once");
}

#[test]
fn an_announcement_can_be_hushed() {
    let mut stage = Stage::new(&["song_600"]);
    assert!(!stage.ask(Request::Hush).try_recv().unwrap());
    let ticket = stage.announce("a_30", |_| {});
    stage.run(2.0);
    assert!(stage.ask(Request::Hush).try_recv().unwrap());
    stage.run(0.2);
    assert!(matches!(stage.ended()[..], [(ended, Ended::Skipped { seconds })]
        if ended == ticket && (1.9..2.1).contains(&seconds)));
}
