//! The scripts, hashed once.

use redis::Script;

pub(super) struct Scripts {
    pub(super) insert: Script,
    pub(super) swap: Script,
    pub(super) discard: Script,
    pub(super) prune: Script,
    pub(super) page: Script,
    pub(super) due: Script,
    pub(super) begin: Script,
    pub(super) finish: Script,
    pub(super) abandon: Script,
    pub(super) admit: Script,
    pub(super) hold: Script,
    pub(super) vacate: Script,
    pub(super) slow: Script,
    pub(super) loads: Script,
    pub(super) book_ask: Script,
    pub(super) book_tell: Script,
    pub(super) book_unlock: Script,
    pub(super) book_charge: Script,
    pub(super) book_show: Script,
    pub(super) book_accounts: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            insert: Script::new(concat!(include_str!("rows.lua"), include_str!("insert.lua"))),
            swap: Script::new(concat!(include_str!("rows.lua"), include_str!("swap.lua"))),
            discard: Script::new(concat!(include_str!("rows.lua"), include_str!("discard.lua"))),
            prune: Script::new(concat!(include_str!("rows.lua"), include_str!("prune.lua"))),
            page: Script::new(include_str!("page.lua")),
            due: Script::new(include_str!("due.lua")),
            begin: Script::new(include_str!("begin.lua")),
            finish: Script::new(include_str!("finish.lua")),
            abandon: Script::new(include_str!("abandon.lua")),
            admit: Script::new(concat!(include_str!("gates.lua"), include_str!("admit.lua"))),
            hold: Script::new(concat!(include_str!("gates.lua"), include_str!("hold.lua"))),
            vacate: Script::new(concat!(include_str!("gates.lua"), include_str!("vacate.lua"))),
            slow: Script::new(concat!(include_str!("gates.lua"), include_str!("slow.lua"))),
            loads: Script::new(concat!(include_str!("gates.lua"), include_str!("loads.lua"))),
            book_ask: Script::new(concat!(include_str!("book.lua"), include_str!("book_ask.lua"))),
            book_tell: Script::new(concat!(include_str!("book.lua"), include_str!("book_tell.lua"))),
            book_unlock: Script::new(concat!(include_str!("book.lua"), include_str!("book_unlock.lua"))),
            book_charge: Script::new(concat!(include_str!("book.lua"), include_str!("book_charge.lua"))),
            book_show: Script::new(concat!(include_str!("book.lua"), include_str!("book_show.lua"))),
            book_accounts: Script::new(concat!(include_str!("book.lua"), include_str!("book_accounts.lua"))),
        }
    }
}
