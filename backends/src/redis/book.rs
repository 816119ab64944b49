//! The book about voice engines, each write one script by the server's clock.

use std::time::Duration;

use async_trait::async_trait;
use pregon_core::StoreError;
use pregon_core::book::{
    Account, EngineBook, Errand, Leave, Month, Record, Report, Spending, Standing, Ticket, Told, brief,
    constants,
};
use pregon_core::pace::micros;
use redis::ScriptInvocation;

use super::RedisStore;

/// The numbers of a record around its text, in the order of the script that shows them.
type Row = (u32, i64, i64, i64, i64, i64, String, i64, i64);

fn record((failures, rest, until, probe, locked, since, trouble, troubled, next): Row) -> Record {
    Record { failures, rest, until, probe, locked: locked != 0, since, trouble, troubled, next }
}

fn add_constants(script: &mut ScriptInvocation<'_>) {
    for constant in constants() {
        script.arg(constant);
    }
}

fn leave(word: &str, number: u64, rest: String, limit: Option<u64>) -> Result<Leave, StoreError> {
    let wait = Duration::from_micros(number);
    let month = |text: &str| match text.parse() {
        Ok(number) => Ok(Month::numbered(number)),
        Err(_) => Err(StoreError(format!("{text:?} is no month"))),
    };
    Ok(match word {
        "go" | "probe" => Leave::Go(Ticket { wait, probe: word == "probe", month: month(&rest)? }),
        "resting" => Leave::Resting { wait, trouble: rest },
        "crowded" => Leave::Crowded { wait },
        "spent" => Leave::Spent { limit: limit.unwrap_or_default(), used: number, month: month(&rest)? },
        other => return Err(StoreError(format!("the script about engines answered {other:?}"))),
    })
}

/// The field of an account is `<length of the engine's name>:<engine>:<client>`.
fn account(field: &str, characters: u64) -> Option<Account> {
    let (length, names) = field.split_once(':')?;
    let (engine, client) = names.split_at_checked(length.parse().ok()?)?;
    Some(Account { engine: engine.to_owned(), client: client.strip_prefix(':')?.to_owned(), characters })
}

#[async_trait]
impl EngineBook for RedisStore {
    async fn ask(&self, errand: &Errand) -> Result<Leave, StoreError> {
        let Spending { client, characters, limit } = &errand.spending;
        let mut script = self.scripts.book_ask.key(&self.prefix);
        script.arg(&errand.engine).arg(errand.requests.max(1));
        script.arg(errand.cadence.map_or(0, |cadence| micros(cadence.interval)));
        script.arg(errand.cadence.map_or(1, |cadence| cadence.burst.max(1)));
        script.arg(micros(errand.patience)).arg(client).arg(characters);
        script.arg(limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX)));
        add_constants(&mut script);
        let (word, number, rest): (String, u64, String) = self.wire.run(&script).await?;
        leave(&word, number, rest, *limit)
    }

    async fn tell(&self, told: &Told) -> Result<(), StoreError> {
        let (word, trouble, rest) = match &told.report {
            Report::Answered => ("answered", "", None),
            Report::Garbled { trouble } => ("answered", trouble.as_str(), None),
            Report::Undecided => ("undecided", "", None),
            Report::Failed { trouble, rest } => ("failed", trouble.as_str(), *rest),
            Report::Locked { trouble } => ("locked", trouble.as_str(), None),
        };
        let mut script = self.scripts.book_tell.key(&self.prefix);
        script.arg(&told.engine).arg(u8::from(told.ticket.probe)).arg(word).arg(brief(trouble));
        script.arg(rest.map_or(-1, micros)).arg(told.ticket.month.number());
        let (client, characters) =
            told.refund.as_ref().map_or(("", 0), |refund| (refund.client.as_str(), refund.characters));
        script.arg(client).arg(characters);
        add_constants(&mut script);
        self.wire.run::<u8>(&script).await.map(drop)
    }

    async fn charge(&self, engine: &str, spending: &Spending) -> Result<(), StoreError> {
        let mut script = self.scripts.book_charge.key(&self.prefix);
        script.arg(engine).arg(&spending.client).arg(spending.characters);
        self.wire.run::<u8>(&script).await.map(drop)
    }

    async fn unlock(&self, engine: &str) -> Result<(), StoreError> {
        let mut script = self.scripts.book_unlock.key(&self.prefix);
        script.arg(engine);
        self.wire.run::<u8>(&script).await.map(drop)
    }

    async fn standings(&self, engines: &[String]) -> Result<Vec<Standing>, StoreError> {
        let mut script = self.scripts.book_show.key(&self.prefix);
        for engine in engines {
            script.arg(engine);
        }
        let (now, rows): (i64, Vec<Row>) = self.wire.run(&script).await?;
        Ok(rows.into_iter().map(|row| record(row).standing(now)).collect())
    }

    async fn accounts(&self) -> Result<(Month, Vec<Account>), StoreError> {
        let script = self.scripts.book_accounts.key(&self.prefix);
        let (month, fields): (u32, Vec<(String, u64)>) = self.wire.run(&script).await?;
        let accounts = fields.iter().filter_map(|(field, characters)| account(field, *characters));
        Ok((Month::numbered(month), accounts.collect()))
    }
}
