//! What happens on the telephone right now, told by Asterisk's manager interface (AMI), and the lever that ends a call.
//!
//! Optional, and never needed for correctness: a job's outcome comes from the spool, with or without this. It knows
//! nothing of calls that were over before it connected, forgets what ended, and after each lost connection asks
//! Asterisk for all that is going on, so that a call that ended meanwhile is not shown as running.
//!
//! Calls are recognised by the variables that every call file sets, and that Asterisk adds to its channel events where
//! `manager.conf` says so. A user needs the class `call` and no other:
//!
//! ```text
//! [general]
//! enabled=yes
//! bindaddr=127.0.0.1
//! channelvars=PREGON_JOB,PREGON_ATTEMPT
//!
//! [pregon]
//! secret=...
//! read=call
//! write=call
//! ```
//!
//! ```no_run
//! # use pregon_asterisk::ami::{AmiArgs, Feed};
//! # async fn example(args: AmiArgs) -> Result<(), Box<dyn std::error::Error>> {
//! let stop = tokio_util::sync::CancellationToken::new();
//! let Some(url) = args.url()? else { return Ok(()) };
//! let feed = Feed::start(url, stop.clone());
//! let mut news = feed.watch();
//! while let Ok(call) = news.recv().await {
//!     println!("{}: {:?} since {}", call.key, call.phase, call.since);
//! }
//! # Ok(())
//! # }
//! ```

mod calls;
mod connection;
mod console;
mod feed;
mod packet;
mod settings;
mod switchboard;
mod teller;

#[cfg(test)]
mod asterisk_tests;
#[cfg(test)]
mod script;

pub use calls::{Call, Phase};
pub(crate) use console::command;
pub use feed::{AmiError, Feed, HangUp};
pub use settings::{AmiArgs, AmiUrl, NotAnAmiUrl};
