//! How calls reach people: the call file, the spool that hands each one over exactly once, the traces that tell what
//! became of it, and a simulator that plays Asterisk. Linux only: Asterisk's spool lives by inotify, and so do we.
//!
//! The crate speaks no SIP, needs no AMI ([`ami`] is for those who want to watch and to hang up), and never touches
//! anything in `outgoing/` but its own files. How the hand-over works, and why nobody is phoned twice, stands in
//! [`Spool`]'s module; the dialplan that goes with it is `conf/pregon.conf`.
//!
//! ```no_run
//! # use pregon_asterisk::{Asterisk, AsteriskArgs, Spool, watch};
//! # use pregon_core::{Clip, Dispatcher, Job};
//! # async fn example(args: AsteriskArgs, job: Job, clip: Clip) -> Result<(), Box<dyn std::error::Error>> {
//! let data = std::path::Path::new("data");
//! let spool = Spool::open(&args.spool_dir(data))?;
//! let mut news = watch(&spool, tokio_util::sync::CancellationToken::new());
//! let asterisk = Asterisk::new(spool, &args, &data.join("audio"))?;
//! asterisk.dispatch(&job, &clip.into()).await?;
//! while let Some(key) = news.recv().await {
//!     println!("{key}: {:?}", asterisk.fate(&job).await?);
//! }
//! # Ok(())
//! # }
//! ```

pub mod ami;
mod arrivals;
mod callfile;
mod console;
mod dispatcher;
mod doctor;
mod fate;
mod flush;
mod folders;
pub mod outcome;
mod parts;
mod prune;
mod settings;
mod setup;
mod simulator;
pub mod spool;
mod trunks;
mod watch;
mod withdraw;

pub use callfile::{CONTEXT, CallFile, HANGUP_CONTEXT, RETRY_SECONDS};
pub use console::{Console, ConsoleArgs, Mute};
pub use dispatcher::Asterisk;
pub use doctor::{Answers, Finding, Scene, Verdict, examine};
pub use fate::{LONGEST_CALL, RESULT_GRACE};
pub use folders::OpenError;
pub use parts::{AudioPath, CallerId, Channel, ChannelTemplate, Dialled, PartError, Prefix, Trunk};
pub use settings::{AsteriskArgs, Simulate};
pub use setup::{Change, Content, Plan, Reload, Rights, Setup, SetupArgs, SetupError};
pub use simulator::{NotAMix, OutcomeMix, SimSettings, Simulator, SimulatorError};
pub use spool::Spool;
pub use trunks::{NotTrunks, TrunkArgs, TrunkList};
pub use watch::watch;
pub use withdraw::withdraw;

/// The dialplan that plays the announcements and reports how calls ended. `__RESULTS_DIR__` in it stands for the
/// spool's `results/`, as an absolute path.
pub const DIALPLAN: &str = include_str!("../conf/pregon.conf");
