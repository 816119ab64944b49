use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

/// A good form at that time.
fn form() -> Announcing {
    let zone = bogota();
    Announcing { text: "Hoy hay mercado".to_owned(), ..Announcing::fresh(Language::Es, &zone, NOW) }
}

fn bogota() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(-5))
}

fn spec(form: &Announcing) -> Result<Spec, Vec<Complaint>> {
    form.spec(&StationName::default(), &bogota(), NOW)
}

/// A time in Bogotá, so many seconds from now, as a browser writes it.
fn local(seconds: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(NOW.millis() + seconds * 1_000).unwrap();
    at.to_zoned(bogota()).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

#[test]
fn a_form_becomes_the_job_that_the_api_would_make() {
    let spec = spec(&Announcing { when: When::Duck, chime: Chime::Both, ..form() }).unwrap();
    let air = spec.air().unwrap();
    assert_eq!((air.mode, air.chime, air.repeat), (Mode::Duck, Chime::Both, 1));
    assert_eq!((spec.text(), spec.max_attempts), ("Hoy hay mercado", 3));
    assert_eq!((spec.not_before, spec.expires), (None, Some(NOW + Duration::from_mins(2))));
}

#[test]
fn for_a_time_it_is_prepared_twenty_seconds_ahead_and_stale_after_it() {
    let at = |seconds, ttl: &str| Announcing {
        when: When::At,
        time: local(seconds),
        ttl: ttl.to_owned(),
        ..form()
    };
    let hour = NOW + Duration::from_hours(1);
    let later = spec(&at(3_600, "")).unwrap();
    assert_eq!(later.air().unwrap().mode, Mode::At(hour));
    assert_eq!(later.not_before, Some(hour - Duration::from_secs(20)));
    assert_eq!(later.expires, Some(hour + Duration::from_mins(1)));
    let soon = spec(&at(10, "30")).unwrap();
    assert_eq!((soon.not_before, soon.expires), (None, Some(NOW + Duration::from_secs(40))));
}

#[test]
fn each_thing_that_is_wrong_is_told_at_its_field() {
    let text = |text: &str| Announcing { text: text.to_owned(), ..form() };
    let ttl = |ttl: &str| Announcing { ttl: ttl.to_owned(), ..form() };
    let time = |time: String| Announcing { when: When::At, time, ..form() };
    let language = |tag: &str| Announcing { language: tag.to_owned(), ..form() };
    for (form, complaint, field) in [
        (text(""), Complaint::NoText, Field::Text),
        (text(&"á".repeat(MAX_TEXT + 1)), Complaint::LongText, Field::Text),
        (text("uno\r\ndos"), Complaint::ControlText, Field::Text),
        (ttl("4"), Complaint::ShortTtl, Field::Ttl),
        (ttl("604801"), Complaint::LongTtl, Field::Ttl),
        (ttl("un rato"), Complaint::OddTtl, Field::Ttl),
        (ttl("-5"), Complaint::OddTtl, Field::Ttl),
        (time(String::new()), Complaint::NoTime, Field::Time),
        (time(local(-60)), Complaint::PastTime, Field::Time),
        (time(local(367 * 86_400)), Complaint::FarTime, Field::Time),
        (language("español"), Complaint::OddLanguage, Field::Language),
        (language(""), Complaint::OddLanguage, Field::Language),
    ] {
        assert_eq!(spec(&form), Err(vec![complaint]));
        assert_eq!(complaint.field(), field);
    }
    for fine in [text(&"á".repeat(MAX_TEXT)), ttl("5"), ttl(""), time(local(-3)), language("es-CO")] {
        assert!(spec(&fine).is_ok(), "{fine:?}");
    }
    let both = Announcing { text: String::new(), ttl: "0".to_owned(), ..form() };
    assert_eq!(spec(&both), Err(vec![Complaint::NoText, Complaint::ShortTtl]));
}

#[test]
fn the_time_of_another_mode_does_not_matter() {
    assert!(spec(&Announcing { time: "ayer".to_owned(), ..form() }).is_ok());
}
