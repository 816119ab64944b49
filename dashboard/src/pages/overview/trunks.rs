//! The trunks: how fast calls may leave by each, and how many are on it.

use pregon_core::pace::{MOST_EASED, UNMETERED};
use pregon_core::{Limits, Load, Rate, TrunkInfo};

use crate::format::Locale;
use crate::gates::Gates;

/// The gate that all trunks share, as [`pregon_core::Pace::loads`] knows it.
const SHARED: &str = "";
/// More slots than this are told by the figure alone.
const SLOTS_DRAWN: u32 = 12;

/// A small box per slot: taken or not. None where there are too many.
pub(super) fn boxes(taken: u32, slots: u32) -> Vec<bool> {
    let drawn = if slots <= SLOTS_DRAWN { slots } else { 0 };
    (0..drawn).map(|slot| slot < taken).collect()
}

/// One row.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Trunk {
    pub(super) name: String,
    /// Where it calls; empty for the row of all trunks.
    pub(super) countries: String,
    /// How fast calls may leave at the moment; `None` where that is not limited.
    pub(super) pace: Option<String>,
    /// Slowed down, because the network had no line: how fast they leave else.
    pub(super) slowed: Option<String>,
    pub(super) drawn: Vec<bool>,
    /// Calls on it, of so many; `None` where nobody counts.
    pub(super) calls: Option<String>,
    /// Whether any number may go on at once.
    pub(super) unbounded: bool,
}

/// The gates to look at.
pub(super) fn names(gates: &Gates) -> Vec<String> {
    gates.trunks.iter().map(|(trunk, _)| trunk.name.clone()).chain([SHARED.to_owned()]).collect()
}

/// A row for each trunk and, where they share limits, one for all of them. A single trunk without limits of its own has
/// the shared ones, and one row says it.
pub(super) fn rows(gates: &Gates, loads: &[Load], locale: &Locale) -> Vec<Trunk> {
    let w = locale.words();
    let load = |name: &str| loads.iter().find(|load| load.trunk == name);
    let calls = |name: &str| load(name).map(|load| load.calls);
    let eased = |trunk: &TrunkInfo| load(&trunk.name).map_or(0, |load| load.eased.min(MOST_EASED));
    let overall = gates.overall;
    // Who has nothing to keep to does not ask, and is not counted.
    let counted = |limits: &Limits| !(limits.none() && overall.none());
    let shared = Gate {
        limits: overall,
        fallback: None,
        eased: 0,
        calls: calls(SHARED).filter(|_| counted(&overall)),
    };
    if let [(trunk, limits)] = gates.trunks.as_slice()
        && limits.none()
    {
        let name = if gates.open { w.calls.all_trunks } else { &trunk.name };
        let gate = Gate { eased: eased(trunk), ..shared };
        return vec![gate.row(name, countries(trunk, locale), locale)];
    }
    let row = |(trunk, limits): &(TrunkInfo, Limits)| {
        let calls = calls(&trunk.name).filter(|_| counted(limits));
        let gate = Gate { limits: *limits, fallback: overall.per_second, eased: eased(trunk), calls };
        gate.row(&trunk.name, countries(trunk, locale), locale)
    };
    let mut rows: Vec<Trunk> = gates.trunks.iter().map(row).collect();
    if !overall.none() {
        rows.push(shared.row(w.calls.all_trunks, String::new(), locale));
    }
    rows
}

fn countries(trunk: &TrunkInfo, locale: &Locale) -> String {
    if trunk.countries.is_empty() {
        return locale.words().calls.all_countries.to_owned();
    }
    trunk.countries.iter().map(ToString::to_string).collect::<Vec<_>>().join(" · ")
}

/// What holds for a row.
#[derive(Clone, Copy)]
struct Gate {
    limits: Limits,
    /// The rate that is halved where it has none of its own.
    fallback: Option<Rate>,
    eased: u8,
    calls: Option<u32>,
}

impl Gate {
    fn row(self, name: &str, countries: String, locale: &Locale) -> Trunk {
        let (w, language) = (locale.words(), locale.language);
        let Limits { per_second, at_once } = self.limits;
        let told = |rate: Rate| language.rate(rate.per_second());
        let halved = |rate: Rate| language.rate(rate.per_second() / f64::from(1_u32 << self.eased));
        // As `Admission::eased_gap` has it.
        let base = per_second.or(self.fallback).unwrap_or(UNMETERED);
        let slow = self.eased > 0;
        Trunk {
            name: name.to_owned(),
            countries,
            pace: if slow { Some(halved(base)) } else { per_second.map(told) },
            slowed: slow.then(|| (w.calls.instead_of)(per_second.or(self.fallback).map(told).as_deref())),
            drawn: self.calls.zip(at_once).map_or_else(Vec::new, |(calls, slots)| boxes(calls, slots)),
            calls: self.calls.map(|calls| match at_once {
                Some(slots) => (w.of)(calls.into(), slots.into()),
                None => language.number(calls.into()),
            }),
            unbounded: at_once.is_none(),
        }
    }
}

#[cfg(test)]
#[path = "trunks_tests.rs"]
mod tests;
