//! What an address asks the list for.

use std::collections::HashMap;
use std::time::Duration;

use pregon_core::{Filter, JobId, Lane, StateName, Timestamp};
use url::form_urlencoded::Serializer;

use super::ROWS;
use crate::format::Locale;
use crate::visitor::Visitor;

/// Pages that "newer" finds back; beyond that it leads to the first.
const TRAIL: usize = 20;
/// Longest search, in characters.
const MAX_SEARCH: usize = 100;

/// From when on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Since {
    #[default]
    Ever,
    Hour,
    Today,
    Week,
}

impl Since {
    pub(super) const ALL: [Self; 4] = [Self::Ever, Self::Hour, Self::Today, Self::Week];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Ever => "",
            Self::Hour => "hour",
            Self::Today => "today",
            Self::Week => "week",
        }
    }

    fn start(self, locale: &Locale, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Ever => None,
            Self::Hour => Some(now - Duration::from_hours(1)),
            Self::Today => Some(locale.midnight(now)),
            Self::Week => Some(now - Duration::from_hours(7 * 24)),
        }
    }
}

/// What a job does, as the API names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Call,
    Air,
}

impl Kind {
    const ALL: [Self; 2] = [Self::Call, Self::Air];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Air => "air",
        }
    }
}

/// What the address asks for. What it does not understand it leaves out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Asked {
    pub(super) state: Option<StateName>,
    pub(super) lane: Option<Lane>,
    pub(super) kind: Option<Kind>,
    pub(super) since: Since,
    pub(super) query: String,
    pub(super) before: Option<JobId>,
    /// Where the pages before this one started, newest first.
    pub(super) trail: Vec<JobId>,
}

impl Asked {
    pub(crate) fn read(pairs: &HashMap<String, String>) -> Self {
        let get = |name: &str| pairs.get(name).map_or("", String::as_str);
        Self {
            state: StateName::parse(get("status")),
            lane: Lane::ALL.into_iter().find(|l| l.as_str() == get("priority")),
            kind: Kind::ALL.into_iter().find(|k| k.as_str() == get("kind")),
            since: Since::ALL.into_iter().find(|s| s.as_str() == get("since")).unwrap_or_default(),
            query: get("q").trim().chars().filter(|c| !c.is_control()).take(MAX_SEARCH).collect(),
            before: get("before").parse().ok(),
            trail: get("trail").split(',').filter_map(|id| id.parse().ok()).take(TRAIL).collect(),
        }
    }

    pub(super) fn pairs(&self) -> Serializer<'static, String> {
        let mut out = Serializer::new(String::new());
        let fields = [
            ("status", self.state.map_or("", StateName::as_str)),
            ("priority", self.lane.map_or("", Lane::as_str)),
            ("kind", self.kind.map_or("", Kind::as_str)),
            ("since", self.since.as_str()),
            ("q", &self.query),
        ];
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
            out.append_pair(name, value);
        }
        if let Some(before) = self.before {
            out.append_pair("before", &before.to_string());
        }
        if !self.trail.is_empty() {
            let trail: Vec<_> = self.trail.iter().map(ToString::to_string).collect();
            out.append_pair("trail", &trail.join(","));
        }
        out
    }

    fn url(&self) -> String {
        let query = self.pairs().finish();
        if query.is_empty() { "/jobs".to_owned() } else { format!("/jobs?{query}") }
    }

    /// The first page of the same list, in another state.
    pub(super) fn in_state(&self, state: Option<StateName>) -> String {
        Self { state, before: None, trail: Vec::new(), ..self.clone() }.url()
    }

    pub(super) fn first_page(&self) -> String {
        self.in_state(self.state)
    }

    /// The same state without the rest.
    pub(super) fn cleared(&self) -> String {
        Self { state: self.state, ..Self::default() }.url()
    }

    pub(super) fn older(&self, next: JobId) -> String {
        let trail = self.before.into_iter().chain(self.trail.iter().copied()).take(TRAIL).collect();
        Self { before: Some(next), trail, ..self.clone() }.url()
    }

    pub(super) fn newer(&self) -> Option<String> {
        self.before?;
        let mut trail = self.trail.clone();
        let before = (!trail.is_empty()).then(|| trail.remove(0));
        Some(Self { before, trail, ..self.clone() }.url())
    }

    pub(super) const fn is_narrowed(&self) -> bool {
        self.lane.is_some()
            || self.kind.is_some()
            || !matches!(self.since, Since::Ever)
            || !self.query.is_empty()
    }

    pub(super) fn filter(&self, visitor: &Visitor, locale: &Locale, now: Timestamp) -> Filter {
        Filter {
            state: self.state,
            lane: self.lane,
            client: visitor.own_only(),
            query: Some(self.query.clone()).filter(|q| !q.is_empty()),
            air: self.kind.map(|kind| kind == Kind::Air),
            since: self.since.start(locale, now),
            before: self.before,
            limit: ROWS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Asked {
        Asked::read(&url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    #[test]
    fn an_address_is_read_and_written_back() {
        let url = asked("status=failed&priority=high&kind=air&since=today&q=a%26b");
        assert_eq!(url.url(), "/jobs?status=failed&priority=high&kind=air&since=today&q=a%26b");
        assert_eq!(asked("status=nonsense&priority=urgent&kind=mail&since=1999&before=x").url(), "/jobs");
    }

    #[test]
    fn newer_leads_back_the_way_one_came() {
        let ids: Vec<JobId> = (1..4).map(|n| JobId::new(Timestamp::from_millis(n))).collect();
        let follow = |url: &str| asked(url.split_once('?').map_or("", |(_, query)| query));
        let first = asked("q=agua");
        assert_eq!(first.newer(), None);
        let second = follow(&first.older(ids[2]));
        let third = follow(&second.older(ids[1]));
        assert_eq!((third.before, third.trail.as_slice()), (Some(ids[1]), &ids[2..]));
        let back = follow(&third.newer().unwrap());
        assert_eq!((back.before, back.trail.len()), (Some(ids[2]), 0));
        assert_eq!(back.newer().unwrap(), "/jobs?q=agua");
    }
}
