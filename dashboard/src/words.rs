//! Everything the pages say. [`Words`] has a place for each phrase, and each language fills all of them, so a missing
//! translation does not compile.

mod en;
mod es;

use std::str::FromStr;

use pregon_core::{Job, LiveCall, OutcomeKind, Phase, Role, StateName, Timestamp, What};

use crate::format::Locale;
use crate::icon::{Icon, Tone};
use crate::pages::{Cry, Flash};

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Spanish.
    #[default]
    Es,
    /// English.
    En,
}

/// Not a language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotALanguage;

impl FromStr for Language {
    type Err = NotALanguage;

    /// Reads a tag such as `es`, `es-CO` or `EN_us` by its first part.
    fn from_str(tag: &str) -> Result<Self, NotALanguage> {
        match tag.split(['-', '_']).next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "es" => Ok(Self::Es),
            "en" => Ok(Self::En),
            _ => Err(NotALanguage),
        }
    }
}

impl Language {
    /// Its tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::En => "en",
        }
    }

    /// The language to offer instead.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Es => Self::En,
            Self::En => Self::Es,
        }
    }

    pub(crate) const fn words(self) -> &'static Words {
        match self {
            Self::Es => &es::WORDS,
            Self::En => &en::WORDS,
        }
    }

    /// The first language of an `Accept-Language` header that the pages have. Browsers list them by preference.
    pub(crate) fn accepted(header: &str) -> Option<Self> {
        header.split(',').find_map(|item| item.split(';').next().unwrap_or_default().trim().parse().ok())
    }
}

/// A sentence of the cry, with the part that leads to what needs doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) before: String,
    pub(crate) link: String,
    pub(crate) after: String,
}

fn said(before: &str, link: &str, after: &str) -> Said {
    Said { before: before.to_owned(), link: link.to_owned(), after: after.to_owned() }
}

/// An entry of the timeline: what happened in bold, how it went on, and the small print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) icon: Icon,
    pub(crate) tone: Tone,
    pub(crate) what: &'static str,
    pub(crate) how: String,
    pub(crate) detail: String,
}

/// All phrases of a language.
pub(crate) struct Words {
    pub(crate) name: &'static str,
    pub(crate) weekdays: [&'static str; 7],
    pub(crate) months: [&'static str; 12],
    pub(crate) date: fn(weekday: &str, day: i8, month: &str, time: &str) -> String,
    pub(crate) ago: fn(&str) -> String,
    pub(crate) at: fn(&str) -> String,
    // The frame
    pub(crate) skip: &'static str,
    pub(crate) sections: &'static str,
    pub(crate) overview: &'static str,
    pub(crate) jobs: &'static str,
    pub(crate) need_a_person: &'static str,
    pub(crate) theme: &'static str,
    pub(crate) theme_auto: &'static str,
    pub(crate) theme_light: &'static str,
    pub(crate) theme_dark: &'static str,
    pub(crate) live: &'static str,
    pub(crate) offline: &'static str,
    pub(crate) role: fn(Role) -> &'static str,
    pub(crate) this_machine: &'static str,
    pub(crate) no_keys: &'static str,
    pub(crate) sign_out: &'static str,
    pub(crate) show_data: &'static str,
    pub(crate) copy: &'static str,
    pub(crate) copied: &'static str,
    pub(crate) flash: fn(Flash) -> &'static str,
    // The overview
    pub(crate) cry: fn(&Cry) -> Said,
    pub(crate) by_state: &'static str,
    pub(crate) people_title: &'static str,
    pub(crate) people_count: fn(u64) -> String,
    pub(crate) people_fate: &'static str,
    pub(crate) more_people: &'static str,
    pub(crate) output: &'static str,
    pub(crate) output_label: fn(most: u64, failed: u64) -> String,
    pub(crate) wait: &'static str,
    pub(crate) run: &'static str,
    pub(crate) times_label: fn(title: &str, p50: &str, p95: &str) -> String,
    pub(crate) one_hour: &'static str,
    pub(crate) hour_ago: &'static str,
    pub(crate) half_hour_ago: &'static str,
    pub(crate) just_now: &'static str,
    pub(crate) minute: &'static str,
    pub(crate) accepted: &'static str,
    pub(crate) quiet_minutes: &'static str,
    pub(crate) nothing_yet: &'static str,
    pub(crate) queues: &'static str,
    pub(crate) queue: &'static str,
    pub(crate) queue_name: fn(&str) -> &'static str,
    pub(crate) waiting: &'static str,
    pub(crate) consumers: &'static str,
    pub(crate) queue_silent: &'static str,
    pub(crate) replay: &'static str,
    pub(crate) replay_ask: &'static str,
    pub(crate) replay_yes: fn(u64) -> String,
    pub(crate) workers: &'static str,
    pub(crate) slots_busy: fn(busy: u64, slots: u64) -> String,
    pub(crate) worker: &'static str,
    pub(crate) slots: &'static str,
    pub(crate) beat: &'static str,
    pub(crate) of: fn(u64, u64) -> String,
    pub(crate) worker_done: fn(done: u64, rescued: u64) -> String,
    pub(crate) no_beat: &'static str,
    pub(crate) no_workers: &'static str,
    pub(crate) scale: &'static str,
    pub(crate) scale_count: &'static str,
    pub(crate) failures: &'static str,
    pub(crate) see_all: fn(u64) -> String,
    pub(crate) no_failures: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) advice_title: &'static str,
    pub(crate) advice: fn(Option<OutcomeKind>) -> &'static str,
    pub(crate) next_at: fn(&str) -> String,
    pub(crate) high_waiting: fn(u64) -> String,
    pub(crate) of_slots: fn(u64) -> String,
    pub(crate) last_hour: fn(u64) -> String,
    pub(crate) heard_share: fn(&str) -> String,
    // First run
    pub(crate) todo: &'static str,
    pub(crate) todo_runs: &'static str,
    pub(crate) todo_runs_text: &'static str,
    pub(crate) done: &'static str,
    pub(crate) todo_call: &'static str,
    pub(crate) todo_call_text: &'static str,
    pub(crate) todo_test: &'static str,
    pub(crate) todo_test_text: &'static str,
    pub(crate) sample_text: &'static str,
    pub(crate) your_key: &'static str,
    pub(crate) latest_jobs: &'static str,
    pub(crate) no_jobs: &'static str,
    pub(crate) no_jobs_text: &'static str,
    pub(crate) doctor: &'static str,
    // The list
    pub(crate) list_lede: fn(u64, Option<StateName>) -> String,
    pub(crate) list_found_lede: fn(u64) -> String,
    pub(crate) list_empty_lede: &'static str,
    pub(crate) list_more_lede: &'static str,
    pub(crate) list_label: &'static str,
    pub(crate) list_caption: &'static str,
    pub(crate) state: fn(StateName) -> &'static str,
    pub(crate) states: fn(StateName) -> &'static str,
    pub(crate) state_title: &'static str,
    pub(crate) all: &'static str,
    pub(crate) search: &'static str,
    pub(crate) search_hint: &'static str,
    pub(crate) priority: &'static str,
    pub(crate) any: &'static str,
    pub(crate) high: &'static str,
    pub(crate) normal: &'static str,
    pub(crate) since: &'static str,
    pub(crate) since_ever: &'static str,
    pub(crate) since_hour: &'static str,
    pub(crate) since_today: &'static str,
    pub(crate) since_week: &'static str,
    pub(crate) filter: &'static str,
    pub(crate) clear: &'static str,
    pub(crate) to: &'static str,
    pub(crate) text: &'static str,
    pub(crate) outcome_title: &'static str,
    pub(crate) attempt: &'static str,
    pub(crate) time: &'static str,
    pub(crate) pages: &'static str,
    pub(crate) newer: &'static str,
    pub(crate) older: &'static str,
    pub(crate) new_ones: fn(u64, more: bool) -> String,
    pub(crate) none_match: &'static str,
    pub(crate) none_match_text: &'static str,
    pub(crate) keep_looking: &'static str,
    pub(crate) outcome: fn(OutcomeKind) -> &'static str,
    pub(crate) pressed: fn(&str) -> String,
    pub(crate) again_at: fn(&str) -> String,
    pub(crate) with_worker: fn(&str) -> String,
    pub(crate) waits_for_worker: &'static str,
    pub(crate) in_the_spool: &'static str,
    pub(crate) calling: &'static str,
    pub(crate) never_rang: &'static str,
    // One job
    pub(crate) call: &'static str,
    pub(crate) crumbs: &'static str,
    pub(crate) accepted_at: fn(&str) -> String,
    pub(crate) ended_at: fn(&str) -> String,
    pub(crate) story: fn(&Job, &Locale, Timestamp) -> String,
    pub(crate) on_the_line: fn(&LiveCall, &Locale) -> String,
    pub(crate) phase: fn(Phase) -> &'static str,
    pub(crate) simulated: &'static str,
    pub(crate) call_again: &'static str,
    pub(crate) again_ask: fn(&Job) -> String,
    pub(crate) again_yes: fn(&str) -> String,
    pub(crate) cancel: &'static str,
    pub(crate) cancel_ask: fn(StateName) -> &'static str,
    pub(crate) cancel_yes: &'static str,
    pub(crate) cannot_cancel: fn(StateName) -> &'static str,
    pub(crate) hang_up: &'static str,
    pub(crate) hang_up_ask: &'static str,
    pub(crate) hang_up_yes: &'static str,
    pub(crate) message: &'static str,
    pub(crate) asked_text: &'static str,
    pub(crate) no_audio: &'static str,
    pub(crate) listen: &'static str,
    pub(crate) wave_label: fn(&str) -> String,
    pub(crate) measures: &'static str,
    pub(crate) loudness: &'static str,
    pub(crate) peak: &'static str,
    pub(crate) format: &'static str,
    pub(crate) mono: &'static str,
    pub(crate) voice: &'static str,
    pub(crate) cache: &'static str,
    pub(crate) cache_hit: &'static str,
    pub(crate) cache_miss: &'static str,
    pub(crate) fallback: &'static str,
    pub(crate) timeline: &'static str,
    pub(crate) attempt_n: fn(u16) -> String,
    pub(crate) told: fn(&What, &Job, &Locale, Timestamp) -> Told,
    pub(crate) facts: &'static str,
    pub(crate) number: &'static str,
    pub(crate) show: &'static str,
    pub(crate) is_logged: &'static str,
    pub(crate) was_logged: &'static str,
    pub(crate) digits: &'static str,
    pub(crate) attempts: &'static str,
    pub(crate) rescues: &'static str,
    pub(crate) trunk: &'static str,
    pub(crate) caller_id: &'static str,
    pub(crate) client: &'static str,
    pub(crate) waited: &'static str,
    pub(crate) not_before: &'static str,
    pub(crate) expires: &'static str,
    pub(crate) labels: &'static str,
    pub(crate) error: &'static str,
    pub(crate) call_file: &'static str,
    pub(crate) call_file_void: &'static str,
    // The door
    pub(crate) sign_in: &'static str,
    pub(crate) sign_in_lede: &'static str,
    pub(crate) key: &'static str,
    pub(crate) key_wrong: &'static str,
    pub(crate) key_slow: &'static str,
    pub(crate) key_hint: &'static str,
    pub(crate) key_hint_also: &'static str,
    // When something is wrong
    pub(crate) not_found: &'static str,
    pub(crate) not_found_text: &'static str,
    pub(crate) away: &'static str,
    pub(crate) away_text: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) refused_text: &'static str,
    pub(crate) stale: &'static str,
    pub(crate) stale_text: &'static str,
    pub(crate) strange_host: &'static str,
    pub(crate) strange_host_text: &'static str,
    pub(crate) broken: &'static str,
    pub(crate) broken_text: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_the_first_language_that_the_pages_have() {
        assert_eq!(Language::accepted("fr-FR,en-GB;q=0.8,es;q=0.5"), Some(Language::En));
        assert_eq!(Language::accepted("es-CO"), Some(Language::Es));
        assert_eq!(Language::accepted("fr, de;q=0.3"), None);
        assert_eq!("EN_us".parse(), Ok(Language::En));
        assert_eq!("".parse::<Language>(), Err(NotALanguage));
    }
}
