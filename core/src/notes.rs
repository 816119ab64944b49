//! What one process knows of the engines by itself: the book of those who have no other, or cannot reach it.

use std::collections::HashMap;

use crate::book::{Account, Errand, Leave, Month, Record, Spending, Standing, Told};
use crate::time::Timestamp;

/// The book about engines in memory. Pure: time comes in as a parameter, in microseconds since the epoch.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    engines: HashMap<String, Record>,
    /// Characters of one month, by engine and client.
    spent: HashMap<(String, String), u64>,
    month: Month,
}

impl Notes {
    /// As [`EngineBook::ask`](crate::EngineBook::ask).
    pub fn ask(&mut self, errand: &Errand, now: i64) -> Leave {
        self.turn_page(now);
        let key = (errand.engine.clone(), errand.spending.client.clone());
        let used = self.spent.get(&key).copied().unwrap_or(0);
        let leave = self.engines.entry(errand.engine.clone()).or_default().admit(errand, used, now);
        if matches!(leave, Leave::Go(_)) {
            self.spent.insert(key, used.saturating_add(errand.spending.characters));
        }
        leave
    }

    /// As [`EngineBook::tell`](crate::EngineBook::tell).
    pub fn tell(&mut self, told: &Told, now: i64) {
        self.note(told, now);
        let Some(Spending { client, characters, .. }) = told.refund.clone() else { return };
        if told.ticket.month == self.month {
            let account = self.spent.entry((told.engine.clone(), client)).or_default();
            *account = account.saturating_sub(characters);
        }
    }

    /// Learns from a report on an errand that a shared book gave leave for.
    pub fn note(&mut self, told: &Told, now: i64) {
        self.engines.entry(told.engine.clone()).or_default().note(&told.ticket, &told.report, now);
    }

    /// As [`EngineBook::unlock`](crate::EngineBook::unlock).
    pub fn unlock(&mut self, engine: &str, now: i64) {
        if let Some(record) = self.engines.get_mut(engine) {
            record.unlock(now);
        }
    }

    /// How an engine stands.
    pub fn standing(&self, engine: &str, now: i64) -> Standing {
        self.engines.get(engine).unwrap_or(&Record::default()).standing(now)
    }

    /// What was spent this month.
    pub fn accounts(&mut self, now: i64) -> (Month, Vec<Account>) {
        self.turn_page(now);
        let account = |((engine, client), characters): (&(String, String), &u64)| Account {
            engine: engine.clone(),
            client: client.clone(),
            characters: *characters,
        };
        (self.month, self.spent.iter().map(account).collect())
    }

    /// A new month has new budgets.
    fn turn_page(&mut self, now: i64) {
        let month = Month::of(now);
        if month != self.month {
            self.month = month;
            self.spent.clear();
        }
    }
}

/// A moment as [`Notes`] has it.
pub fn micros_of(now: Timestamp) -> i64 {
    now.millis().saturating_mul(1_000)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::book::{Health, Report, Ticket};

    const NOW: i64 = 1_795_000_000_000_000;

    fn errand(characters: u64) -> Errand {
        let spending = Spending { client: "acme".into(), characters, limit: Some(100) };
        Errand { engine: "openai".into(), requests: 1, cadence: None, patience: Duration::ZERO, spending }
    }

    fn ticket(leave: &Leave) -> Ticket {
        match leave {
            Leave::Go(ticket) => *ticket,
            other => panic!("{other:?}"),
        }
    }

    fn failed(ticket: Ticket, refund: Option<Spending>) -> Told {
        let rest = Some(Duration::from_mins(1));
        Told {
            engine: "openai".into(),
            ticket,
            report: Report::Failed { trouble: "answered 503".into(), rest },
            refund,
        }
    }

    #[test]
    fn a_month_has_one_budget_and_what_was_not_spoken_is_paid_back() {
        let mut notes = Notes::default();
        ticket(&notes.ask(&errand(60), NOW));
        let second = ticket(&notes.ask(&errand(40), NOW));
        assert!(matches!(notes.ask(&errand(1), NOW), Leave::Spent { used: 100, limit: 100, .. }));
        notes.tell(&failed(second, Some(errand(40).spending)), NOW);
        let minute_later = NOW + 60_000_000;
        ticket(&notes.ask(&errand(40), minute_later));

        let next_month = NOW + 31 * 86_400_000_000;
        assert_eq!(notes.accounts(next_month).1, []);
        let new = ticket(&notes.ask(&errand(100), next_month));
        notes.tell(&failed(second, Some(errand(40).spending)), next_month);
        let account = Account { engine: "openai".into(), client: "acme".into(), characters: 100 };
        assert_eq!(
            notes.accounts(next_month),
            (new.month, vec![account]),
            "a late refund is of its own month"
        );
    }

    #[test]
    fn what_others_gave_leave_for_teaches_as_well_and_costs_nothing_here() {
        let mut notes = Notes::default();
        let ticket = Ticket { wait: Duration::ZERO, probe: false, month: Month::of(NOW) };
        notes.note(&failed(ticket, None), NOW);
        assert_eq!(notes.standing("openai", NOW).health, Health::Resting(Duration::from_mins(1)));
        assert_eq!(notes.standing("azure", NOW).health, Health::Ready);
        assert!(matches!(notes.ask(&errand(1), NOW), Leave::Resting { .. }));
        assert_eq!(notes.accounts(NOW).1, []);
    }
}
