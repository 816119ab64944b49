//! What a job is: the model, its transitions, the policies, and the traits that the rest of Pregon implements.
//!
//! This crate is pure. It opens no socket, touches no database and reads the clock in one place ([`clock`]), which
//! callers pass on as a value. State changes in one function, [`Job::apply`]:
//!
//! ```
//! use pregon_core::{Call, Content, Event, Job, JobId, Lane, Spec, Speech, StateName, Target, clock};
//!
//! let now = clock::now();
//! let spec = Spec {
//!     content: Content::Speech(Speech {
//!         text: "Su cita es mañana".into(), language: "es".into(), voice: None, engine: None, rate: None, ssml: false,
//!     }),
//!     target: Target::Call(Call {
//!         to: pregon_core::PhoneNumber::parse("3005050149", "CO".parse().unwrap()).unwrap(),
//!         caller_id: None,
//!         trunk: None,
//!         interaction: None,
//!     }),
//!     lane: Lane::Normal,
//!     max_attempts: 3,
//!     retry: Default::default(),
//!     not_before: None,
//!     expires: None,
//!     metadata: Default::default(),
//!     callback_url: None,
//! };
//! let job = Job::accept(JobId::new(now), spec, None, now);
//! let job = job.apply(Event::Cancel, now).unwrap();
//! assert_eq!(job.state.name(), StateName::Cancelled);
//! ```

mod air;
pub mod book;
mod booth;
mod desk;
mod dispatch;
mod event;
pub mod fault;
mod id;
pub mod interaction;
mod job;
mod keys;
mod lexicon;
mod lineup;
pub mod notes;
mod outcome;
pub mod pace;
mod phone;
mod queue;
mod radio;
mod recital;
mod redial;
mod repertoire;
mod retry;
mod shelf;
mod sound_cache;
mod state;
pub mod stats;
mod store;
mod switchboard;
mod time;
mod timeline;
mod transition;
mod trunk;

pub use air::{Air, AirQueue, Chime, MAIN, Mode, NotAStation, OverLive, StationName};
pub use book::EngineBook;
pub use booth::{Booth, Medium, NotRecorded, Reading, Segment};
pub use desk::{Advance, Again, Cancelled, Cut, Decided, Desk, Ears, Intake, NotAccepted, advance};
pub use dispatch::{DispatchError, Dispatcher, Fate, Recordings, Settled};
pub use event::{Event, Refused, Verdict};
pub use id::{JobId, Key, NotAnId};
pub use interaction::{DialKey, Input, Interaction, NotAKey, NotAskable, Purpose};
pub use job::{Call, Clip, Content, Job, Lane, Recording, Spec, Speech, Target};
pub use keys::{ApiKeys, Caller, Role, Secret};
pub use lexicon::{LexiconTrouble, Lexicons, Lines};
pub use lineup::{EngineLook, EngineRoom, Lineup};
pub use outcome::{Airing, Outcome, OutcomeKind, Played, Reply};
pub use pace::{Admission, Admitted, Limits, Line, Load, Pace, Rate};
pub use phone::{NotANumber, PhoneNumber, Region};
pub use queue::{Consumer, DEAD, DeadLetter, Delivery, Depth, Queue, QueueError, RESULTS, Receipt};
pub use radio::{AsRunLine, OnAirAnnouncement, OnAirTrack, Radio, StationLook, StreamLine, Tier};
pub use recital::{Recital, Reciter, SoundFormat};
pub use redial::{MAX_WAITS, Mishap, NotWaits, Redial, Sequel, Waits};
pub use repertoire::{EngineInfo, NotSpoken, Repertoire, VoiceInfo};
pub use retry::{LONGEST, Trouble};
pub use shelf::{Kept, NotKept, Shelf};
pub use sound_cache::{CacheDown, CacheFigures, Purge, Purged, SoundCache};
pub use state::{State, StateName, Waiting};
pub use store::{
    ALIVE, Answer, Beat, Begun, Change, Filter, Inserted, KEY_MEMORY, Page, REQUEST_TIMEOUT, Request, Store,
    StoreError, Swap,
};
pub use switchboard::{CallNews, HungUp, LiveCall, NotHungUp, Phase, Switchboard};
pub use time::{NotATime, Timestamp, clock, span};
pub use timeline::{Entry, MAX_ENTRIES, What};
pub use transition::{LEASE, RING_AFTER};
pub use trunk::{NotRouted, TrunkInfo, Trunks};
