//! What is known of the engines: by the book that all workers share, or where that cannot be reached, by notes of our
//! own. A store that is away keeps nobody from speaking.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pregon_core::book::{Account, EngineBook, Errand, Leave, Month, Spending, Standing, Told};
use pregon_core::notes::{Notes, micros_of};
use pregon_core::{StoreError, clock};
use tokio::time::Instant;

/// The book answers within a few milliseconds. One that takes longer is away: a call must not wait for it.
const PATIENCE: Duration = Duration::from_secs(1);

/// After it was away it is left alone for so long.
const ALONE: Duration = Duration::from_secs(5);

/// The book and the notes.
#[derive(Default)]
pub(crate) struct Ledger {
    book: Option<Arc<dyn EngineBook>>,
    own: Mutex<Own>,
}

#[derive(Default)]
struct Own {
    notes: Notes,
    /// Until when the book is left alone.
    alone: Option<Instant>,
    /// What was spoken meanwhile, by engine and client.
    owed: HashMap<(String, String), u64>,
}

/// An answer, and whether it is the book's.
pub(crate) struct Said {
    pub(crate) leave: Leave,
    pub(crate) by_book: bool,
}

impl Ledger {
    pub(crate) fn new(book: Option<Arc<dyn EngineBook>>) -> Self {
        Self { book, own: Mutex::default() }
    }

    /// Asks for leave. `shared`: the engine is the same one for all workers. While the book cannot be reached no budget
    /// is enforced; what is spoken is written into it later.
    pub(crate) async fn ask(&self, errand: &Errand, shared: bool) -> Said {
        if shared
            && let Some(book) = self.book()
            && let Some(leave) = self.in_time(book.ask(errand)).await
        {
            self.pay(book).await;
            return Said { leave, by_book: true };
        }
        let unlimited = Spending { limit: None, ..errand.spending.clone() };
        let lenient = Errand { spending: unlimited, ..errand.clone() };
        let errand = if self.book.is_some() { &lenient } else { errand };
        Said { leave: self.own().notes.ask(errand, now()), by_book: false }
    }

    /// Tells how an errand went that `ask` gave leave for, `by_book` or not.
    pub(crate) async fn tell(&self, told: &Told, by_book: bool, spending: &Spending) {
        if by_book {
            self.own().notes.note(told, now());
            if let Some(book) = self.book() {
                self.in_time(book.tell(told)).await;
            }
            return;
        }
        let mut own = self.own();
        own.notes.tell(told, now());
        if told.refund.is_none() && self.book.is_some() && spending.characters > 0 {
            *own.owed.entry((told.engine.clone(), spending.client.clone())).or_default() +=
                spending.characters;
        }
    }

    /// Writes down what was spoken while the book was away.
    async fn pay(&self, book: &dyn EngineBook) {
        // One debt each time, and not taken out before it is paid: a call waits meanwhile, and may be given up.
        let Some(((engine, client), characters)) =
            self.own().owed.iter().next().map(|(whose, characters)| (whose.clone(), *characters))
        else {
            return;
        };
        let spending = Spending { client: client.clone(), characters, limit: None };
        if self.in_time(book.charge(&engine, &spending)).await.is_some() {
            let mut own = self.own();
            let left =
                own.owed.get(&(engine.clone(), client.clone())).map(|owed| owed.saturating_sub(characters));
            match left {
                Some(left @ 1..) => own.owed.insert((engine, client), left),
                Some(0) | None => own.owed.remove(&(engine, client)),
            };
        }
    }

    /// This process has started, perhaps with other credentials.
    pub(crate) async fn unlock(&self, engine: &str) {
        if let Some(book) = self.book() {
            self.in_time(book.unlock(engine)).await;
        }
    }

    /// How an engine stands as far as this process knows by itself.
    pub(crate) fn standing(&self, engine: &str) -> Standing {
        self.own().notes.standing(engine, now())
    }

    /// How engines stand, in order, and what was spent this month; by the book if it can be reached.
    pub(crate) async fn look(&self, engines: &[String]) -> (Vec<Standing>, Month, Vec<Account>) {
        if let Some(book) = self.book()
            && let Some(standings) = self.in_time(book.standings(engines)).await
            && let Some((month, accounts)) = self.in_time(book.accounts()).await
        {
            return (standings, month, accounts);
        }
        let standings = engines.iter().map(|engine| self.standing(engine)).collect();
        let (month, accounts) = self.own().notes.accounts(now());
        (standings, month, accounts)
    }

    /// The book, if there is one that was not away a moment ago.
    fn book(&self) -> Option<&dyn EngineBook> {
        let alone = self.own().alone.is_some_and(|until| Instant::now() < until);
        self.book.as_deref().filter(|_| !alone)
    }

    /// What the book answers, if it does.
    async fn in_time<T>(&self, answer: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
        let why = match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => return Some(answer),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it does not answer".to_owned(),
        };
        self.own().alone = Some(Instant::now() + ALONE);
        tracing::warn!(
            why,
            "the book about voice engines cannot be reached: budgets are not enforced meanwhile"
        );
        None
    }

    fn own(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn now() -> i64 {
    micros_of(clock::now())
}
