//! Fault points: places where a crash test can stop the process dead.
//!
//! The setting `PREGON_FAULT_POINT=<name>@<n>` aborts the process the `n`-th time the named point is reached. Without
//! it a point costs one load. The names are those of the hand-over: `claimed`, `rendered`, `staged`, `committed`,
//! `handed_over`, `dispatched`; and `earned`: another attempt is stored and not yet published.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

struct Armed {
    name: String,
    left: AtomicU64,
}

static ARMED: OnceLock<Option<Armed>> = OnceLock::new();

fn armed() -> Option<&'static Armed> {
    ARMED
        .get_or_init(|| {
            let setting = std::env::var_os("PREGON_FAULT_POINT")?.into_string().ok()?;
            let (name, nth) = setting.split_once('@').unwrap_or((&setting, "1"));
            Some(Armed { name: name.to_owned(), left: AtomicU64::new(nth.parse().ok()?) })
        })
        .as_ref()
}

/// Aborts the process if this point was armed and its turn has come.
pub fn point(name: &str) {
    if let Some(armed) = armed()
        && armed.name == name
        && armed.left.fetch_sub(1, Ordering::Relaxed) == 1
    {
        std::process::abort();
    }
}
