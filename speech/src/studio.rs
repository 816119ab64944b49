//! The face of the crate: speech in, clip out.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use pregon_audio::Encoding;
use pregon_core::{Clip, EngineBook, Repertoire, Speech};
use pregon_text::Script;
use tokio::time::Instant;

use crate::address::Address;
use crate::budgets::Budgets;
use crate::cache::{Cache, Entry};
use crate::chain::{Chain, EngineHealth, Link, Passed};
use crate::commission::{Commission, Rules, Until};
use crate::engine::{SynthError, Synthesizer};
use crate::engines;
use crate::fallback::FallbackArgs;
use crate::flights::Flights;
use crate::ledger::Ledger;
use crate::lexicons::LexiconFolder;
use crate::plan::Plan;
use crate::reading::Readings;
use crate::render::{Outlet, Profile};
use crate::settings::SpeechArgs;
use crate::take::{Takes, Trouble, fetch};

/// Why there is no clip. The message is shown with the job: it names engines and reasons, never the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SpeechError {
    /// Whether the same request may work later.
    pub retry: bool,
    /// What went wrong, engine by engine.
    pub message: String,
    /// When to try again, where every engine that may still speak has said when.
    pub retry_after: Option<Duration>,
}

/// Why there is no studio: one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The audio folder cannot be used.
    #[error("AUDIO_DIR={path} is not usable: {error}")]
    Folder {
        /// Which.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// An engine cannot be set up.
    #[error("TTS_ENGINES: {0}")]
    Engine(String),
}

/// Makes clips. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Studio {
    rooms: Arc<Rooms>,
    limit: u64,
    rules: Arc<Rules>,
    /// Until when what is wanted may take; `None`: each clip has its own time from when it is asked for.
    until: Option<Until>,
}

pub(crate) struct Rooms {
    chain: Chain,
    pub(crate) cache: Arc<Cache>,
    pub(crate) takes: Takes,
    profile: Profile,
    readings: Readings,
    lexicons: LexiconFolder,
    clips: Flights<Address, Result<Found, Trouble>>,
}

/// A clip, and whether it was there before.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) entry: Arc<Entry>,
    pub(crate) before: bool,
}

impl Studio {
    /// A studio as configured; `data_dir` is where the audio folder lies unless it is set. Asks espeak-ng for its
    /// voices when it is in the chain; a missing espeak-ng is no error here but shows in [`Studio::engines_health`].
    ///
    /// `book`: what all workers know of the engines; without one this studio goes by what it learns itself. It is told
    /// that credentials may be new.
    pub async fn open(
        args: &SpeechArgs,
        data_dir: &Path,
        book: Option<Arc<dyn EngineBook>>,
    ) -> Result<Self, OpenError> {
        let engines = engines::configured(args).await.map_err(OpenError::Engine)?;
        let audio_dir = args.audio_dir(data_dir);
        let studio = Self::with_engines(engines, &audio_dir, args.profile(), args.formats())?;
        let FallbackArgs { tts_budgets, tts_deadline, .. } = args.fallback.clone();
        let studio = studio.holding(args.audio_cache_max).keeping(book, tts_budgets, tts_deadline);
        for engine in studio.rooms.chain.engines().filter(|engine| !engine.local()) {
            studio.rules.ledger.unlock(engine.id()).await;
        }
        Ok(studio)
    }

    /// A studio with these engines, most wanted first. `formats` are written for every clip, the WAV file always. The
    /// cache has no limit.
    pub fn with_engines(
        engines: Vec<Arc<dyn Synthesizer>>,
        audio_dir: &Path,
        profile: Profile,
        mut formats: Vec<Encoding>,
    ) -> Result<Self, OpenError> {
        if !formats.contains(&Encoding::Wav) {
            formats.push(Encoding::Wav);
        }
        let cache = std::path::absolute(audio_dir).and_then(|dir| Cache::open(dir, formats));
        let cache =
            cache.map_err(|error| OpenError::Folder { path: audio_dir.display().to_string(), error })?;
        let rooms = Arc::new(Rooms {
            chain: Chain::new(engines),
            takes: Takes::new(),
            profile,
            lexicons: LexiconFolder::within(cache.disk().root()),
            cache: Arc::new(cache),
            readings: Readings::new(),
            clips: Flights::new(),
        });
        Ok(Self { rooms, limit: 0, rules: Arc::default(), until: None })
    }

    /// The same studio, keeping at most so many bytes of clips and masters; 0: without limit. Only [`Studio::tend`] makes
    /// room.
    #[must_use]
    pub fn holding(self, limit: u64) -> Self {
        Self { limit, ..self }
    }

    /// The same studio, going by `book` and `budgets`, with so much time for a job's speech.
    #[must_use]
    pub fn keeping(self, book: Option<Arc<dyn EngineBook>>, budgets: Budgets, deadline: Duration) -> Self {
        Self { rules: Arc::new(Rules { ledger: Ledger::new(book), budgets, deadline }), ..self }
    }

    /// The same studio for one job: all that is asked of it has to be done within its time from now, or within `left` if
    /// that is shorter. An engine on this machine may take longer.
    #[must_use]
    pub fn for_one_job(&self, left: Option<Duration>) -> Self {
        Self { until: Some(self.until(left)), ..self.clone() }
    }

    fn until(&self, left: Option<Duration>) -> Until {
        let deadline = self.rules.deadline;
        let whole = left.map_or(deadline, |left| left.min(deadline));
        Until::within(whole, deadline, Instant::now(), self.engines().any(Synthesizer::local))
    }

    pub(crate) const fn limit(&self) -> u64 {
        self.limit
    }

    /// Where the clips lie; absolute. [`Clip::stem`] continues from here.
    pub fn audio_dir(&self) -> &Path {
        self.rooms.cache.disk().root()
    }

    pub(crate) fn cache(&self) -> Arc<Cache> {
        Arc::clone(&self.rooms.cache)
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(crate) fn engines(&self) -> impl Iterator<Item = &dyn Synthesizer> {
        self.rooms.chain.engines()
    }

    /// What requests may ask for.
    pub fn repertoire(&self) -> Repertoire {
        Repertoire { engines: self.rooms.chain.infos() }
    }

    /// How each engine is doing as far as this process knows, in the order of the chain.
    pub fn engines_health(&self) -> Vec<EngineHealth> {
        self.rooms.chain.health(&self.rules.ledger)
    }

    /// The clip of `speech` for the telephone: from the cache, or spoken by the first engine that can. Its files are on
    /// disk and were checked when this returns. Bounded by the deadline of the studio, after which only an engine on this
    /// machine is asked, and by what that takes. May be cancelled; work
    /// that others wait for as well goes on. It is read as `client` wants it read: with that client's lexicon.
    pub async fn clip(&self, speech: &Speech, client: Option<&str>) -> Result<Clip, SpeechError> {
        self.spoken(speech, client, Outlet::Call).await
    }

    /// The same for the radio: one WAV file, 48 kHz, at the loudness of [`Profile::AIR`].
    pub async fn air_clip(&self, speech: &Speech, client: Option<&str>) -> Result<Clip, SpeechError> {
        self.spoken(speech, client, Outlet::Air).await
    }

    /// The words of `speech` as `client` wants them read.
    pub(crate) fn script(&self, speech: &Speech, client: Option<&str>) -> Result<Arc<Script>, SpeechError> {
        let refused = |message: String| SpeechError { retry: false, message, retry_after: None };
        let script = self.rooms.readings.read(speech, client, &self.rooms.lexicons);
        let script =
            script.map_err(|error| refused(format!("the text is no SSML that can be read: {error}")))?;
        if script.has_words() {
            return Ok(script);
        }
        Err(refused("there is nothing in the text that can be spoken".to_owned()))
    }

    /// How the engine that is asked first would speak, and its name; `None` when no engine speaks the language.
    pub(crate) fn first_plan(
        &self,
        speech: &Speech,
        script: &Script,
        outlet: Outlet,
    ) -> Option<(&'static str, Plan)> {
        let mut links = self.rooms.chain.order(speech.engine.as_deref());
        links.find_map(|link| Some((link.engine.id(), self.plan(link, speech, script, outlet)?)))
    }

    fn plan(&self, link: &Link, speech: &Speech, script: &Script, outlet: Outlet) -> Option<Plan> {
        let profile = match outlet {
            Outlet::Call => self.rooms.profile,
            Outlet::Air => Profile::AIR,
        };
        Plan::of(&*link.engine, (speech, script), (outlet, profile))
    }

    /// The clip that lies there, if it does.
    pub(crate) async fn there(&self, address: Address, outlet: Outlet) -> Option<Clip> {
        let cache = self.cache();
        let entry = match cache.hot(address) {
            Some(entry) => Some(entry),
            None => blocking(move || cache.load(address, outlet)).await.ok()?,
        };
        entry.map(|entry| clip(address, &Found { entry, before: true }, None))
    }

    async fn spoken(
        &self,
        speech: &Speech,
        client: Option<&str>,
        outlet: Outlet,
    ) -> Result<Clip, SpeechError> {
        self.said(&self.script(speech, client)?, speech, client, outlet).await
    }

    /// The clip of a script, by the engine and with the voice that `speech` asks for; its text is not looked at.
    pub(crate) async fn said(
        &self,
        script: &Arc<Script>,
        speech: &Speech,
        client: Option<&str>,
        outlet: Outlet,
    ) -> Result<Clip, SpeechError> {
        let mut passed = Passed::default();
        if let Some(engine) = self.not_configured(speech) {
            passed.say(engine, "is not configured");
        }
        let until = self.until.unwrap_or_else(|| self.until(None));
        let client: Arc<str> = client.unwrap_or_default().into();
        for link in self.rooms.chain.order(speech.engine.as_deref()) {
            let Some(plan) = self.plan(link, speech, script, outlet) else {
                let why = format!("does not speak {}", printable(&speech.language));
                passed.note(link.engine.id(), &SynthError::Rejected(why));
                continue;
            };
            let address = plan.rendition;
            let (link, rules, client) = (Arc::clone(link), Arc::clone(&self.rules), Arc::clone(&client));
            let commission = Commission { link, rules, client, until };
            match self.clip_by(&commission, plan, script).await {
                Ok(found) => return Ok(clip(address, &found, passed.line())),
                Err(Trouble::Engine(error)) => passed.note(commission.engine().id(), &error),
                Err(Trouble::Disk(error)) => {
                    tracing::error!(audio_dir = %self.audio_dir().display(), error, "the audio folder is not usable");
                    let message = format!("the audio folder is not usable: {error}");
                    return Err(SpeechError { retry: true, message, retry_after: None });
                }
            }
        }
        let message = passed.line().unwrap_or_else(|| "no engine is configured".to_owned());
        Err(SpeechError { retry: passed.transient, message, retry_after: passed.retry_after })
    }

    fn not_configured<'a>(&self, speech: &'a Speech) -> Option<&'a str> {
        let asked = speech.engine.as_deref()?;
        self.rooms.chain.order(None).all(|link| link.engine.id() != asked).then_some(asked)
    }

    async fn clip_by(
        &self,
        commission: &Commission,
        plan: Plan,
        script: &Arc<Script>,
    ) -> Result<Found, Trouble> {
        let cache = &self.rooms.cache;
        if let Some(entry) = cache.hot(plan.rendition) {
            cache.tally().hit();
            return Ok(Found { entry, before: true });
        }
        let flight = || fetch(Arc::clone(&self.rooms), commission.clone(), plan.clone(), Arc::clone(script));
        let joined = self.rooms.clips.join_unless(plan.rendition, Trouble::is_personal, flight);
        let (found, started) = commission.join(joined).await.map_err(Trouble::Engine)?;
        let found = found?;
        let before = found.before || !started;
        if before {
            cache.tally().hit();
        } else {
            cache.tally().missed();
        }
        Ok(Found { before, ..found })
    }
}

pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)
}

pub(crate) fn clip(address: Address, found: &Found, fallback: Option<String>) -> Clip {
    let sidecar = &found.entry.sidecar;
    Clip {
        hash: address.to_string(),
        seconds: sidecar.seconds,
        lufs: sidecar.lufs,
        peak_dbtp: sidecar.peak_dbtp,
        engine: sidecar.engine.clone(),
        voice: sidecar.voice.clone(),
        cached: found.before,
        fallback,
    }
}

/// A language tag as far as it is one: the rest of what a caller wrote has no place in a message.
fn printable(language: &str) -> String {
    language.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(35).collect()
}
