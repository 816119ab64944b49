use jiff::tz::TimeZone;

use super::*;
use crate::words::Language;

fn limits(per_second: Option<&str>, at_once: Option<u32>) -> Limits {
    Limits { per_second: per_second.map(|rate| rate.parse().unwrap()), at_once }
}

fn trunk(name: &str, countries: &[&str], limits: Limits) -> (TrunkInfo, Limits) {
    let countries = countries.iter().map(|c| c.parse().unwrap()).collect();
    (TrunkInfo { name: name.to_owned(), countries }, limits)
}

fn load(trunk: &str, calls: u32, eased: u8) -> Load {
    Load { trunk: trunk.to_owned(), calls, eased, ..Load::default() }
}

/// Name, pace, what it is instead of, and calls of each row.
fn told(gates: &Gates, loads: &[Load]) -> Vec<String> {
    let locale = Locale { language: Language::Es, zone: TimeZone::UTC };
    let dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    rows(gates, loads, &locale)
        .into_iter()
        .map(|t| {
            format!(
                "{} {} {} {}{}",
                t.name,
                dash(t.pace),
                dash(t.slowed),
                dash(t.calls),
                if t.unbounded { "" } else { "!" }
            )
        })
        .collect()
}

#[test]
fn nobody_counts_where_there_is_nothing_to_keep_to() {
    let gates = Gates { trunks: vec![trunk("trunk", &[], Limits::default())], ..Gates::default() };
    assert_eq!(told(&gates, &[load("trunk", 0, 0), load("", 0, 0)]), ["trunk - - -"]);
    let free = trunk("free", &[], Limits::default());
    let gates = Gates { trunks: vec![trunk("co", &[], limits(None, Some(2))), free], ..Gates::default() };
    assert_eq!(names(&gates), ["co", "free", ""]);
    let loads = [load("co", 1, 0), load("free", 0, 0), load("", 1, 0)];
    assert_eq!(told(&gates, &loads), ["co - - 1 de 2!", "free - - -"]);
}

#[test]
fn one_channel_has_the_shared_limits_as_its_own() {
    let only = vec![trunk("trunk", &[], Limits::default())];
    let mut gates = Gates { trunks: only, open: false, overall: limits(Some("10"), Some(20)) };
    assert_eq!(told(&gates, &[load("trunk", 2, 1), load("", 3, 0)]), ["trunk 5/s de 10/s 3 de 20!"]);
    gates.open = true;
    assert_eq!(told(&gates, &[load("trunk", 2, 0), load("", 3, 0)]), ["Todas juntas 10/s - 3 de 20!"]);
}

#[test]
fn each_trunk_has_its_row_and_all_together_have_one() {
    let gates = Gates {
        trunks: vec![
            trunk("co", &["CO", "VE"], limits(Some("10"), Some(20))),
            trunk("slots", &[], limits(None, Some(4))),
            trunk("rate", &[], limits(Some("0.5"), None)),
        ],
        open: false,
        overall: limits(Some("12"), None),
    };
    let loads = [load("co", 17, 2), load("slots", 4, 1), load("rate", 0, 0), load("", 21, 0)];
    assert_eq!(
        told(&gates, &loads),
        [
            "co 2,5/s de 10/s 17 de 20!",
            "slots 6/s de 12/s 4 de 4!",
            "rate 30/min - 0",
            "Todas juntas 12/s - 21"
        ]
    );
    let locale = Locale { language: Language::En, zone: TimeZone::UTC };
    let shown = rows(&gates, &loads, &locale);
    assert_eq!((shown[0].countries.as_str(), shown[1].countries.as_str()), ("CO · VE", "all countries"));
    assert_eq!((shown[0].drawn.len(), &shown[1].drawn), (0, &vec![true; 4]), "twenty are too many to draw");
}

#[test]
fn what_has_no_limit_is_slowed_down_all_the_same() {
    let free = vec![trunk("free", &[], Limits::default())];
    let gates = Gates { trunks: free, ..Gates::default() };
    let loads = [load("free", 3, 2), load("", 3, 0)];
    assert_eq!(told(&gates, &loads), ["free 5/s de ordinario sin límite -"]);
    let both = [gates.trunks, vec![trunk("co", &[], limits(None, Some(2)))]].concat();
    let gates = Gates { trunks: both, ..Gates::default() };
    let loads = [load("free", 3, 9), load("co", 0, 1), load("", 3, 0)];
    assert_eq!(
        told(&gates, &loads),
        ["free 1,25/s de ordinario sin límite -", "co 10/s de ordinario sin límite 0 de 2!"]
    );
}
