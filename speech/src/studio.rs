//! The face of the crate: speech in, clip out.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pregon_audio::{Encoding, Pcm};
use pregon_core::{Clip, EngineInfo, Repertoire, Speech, clock};
use pregon_text::{Locale, normalise};

use crate::address::{Address, Rate, Recipe};
use crate::cache::{Cache, Entry};
use crate::chain::{Chain, EngineHealth, Link, Passed};
use crate::engine::{SynthError, Synthesizer, Utterance};
use crate::engines;
use crate::flights::Flights;
use crate::lock::Lock;
use crate::render::{Outlet, Profile, render, render_for_air};
use crate::settings::SpeechArgs;
use crate::text::normalised;

/// How long another process may take over the same clip. A renderer that is alive is done long before.
const LOCK_PATIENCE: Duration = Duration::from_mins(2);

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
pub struct Studio(Arc<Rooms>);

struct Rooms {
    chain: Chain,
    cache: Arc<Cache>,
    profile: Profile,
    flights: Flights<Address, Result<Found, Trouble>>,
}

/// A clip, and whether it was there before.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) entry: Arc<Entry>,
    pub(crate) before: bool,
}

#[derive(Clone)]
enum Trouble {
    Engine(SynthError),
    Disk(String),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Disk(error.to_string())
    }
}

/// How an engine would speak something, and where that lies.
pub(crate) struct Choice {
    pub(crate) voice: String,
    pub(crate) master: Address,
    pub(crate) rendition: Address,
}

/// One clip that is wanted from one engine.
struct Order {
    master: Address,
    rendition: (Address, Outlet),
    profile: Profile,
    utterance: Utterance,
}

impl Studio {
    /// A studio as configured; `data_dir` is where the audio folder lies unless it is set. Asks espeak-ng for its
    /// voices when it is in the chain; a missing espeak-ng is no error here but shows in [`Studio::engines_health`].
    pub async fn open(args: &SpeechArgs, data_dir: &Path) -> Result<Self, OpenError> {
        let engines = engines::build(args).await.map_err(OpenError::Engine)?;
        let audio_dir = args.audio_dir(data_dir);
        Self::with_engines(engines, &audio_dir, args.profile(), args.formats())
    }

    /// A studio with these engines, most wanted first. `formats` are written for every clip, the WAV file always.
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
        Ok(Self(Arc::new(Rooms {
            chain: Chain::new(engines),
            cache: Arc::new(cache),
            profile,
            flights: Flights::new(),
        })))
    }

    /// Where the clips lie; absolute. [`Clip::stem`] continues from here.
    pub fn audio_dir(&self) -> &Path {
        self.0.cache.root()
    }

    pub(crate) fn cache(&self) -> Arc<Cache> {
        Arc::clone(&self.0.cache)
    }

    /// What requests may ask for.
    pub fn repertoire(&self) -> Repertoire {
        Repertoire {
            engines: self.0.chain.order(None).map(|link| link.engine.info()).collect::<Vec<EngineInfo>>(),
        }
    }

    /// How each engine is doing, in the order of the chain.
    pub fn engines_health(&self) -> Vec<EngineHealth> {
        self.0.chain.health(Instant::now())
    }

    /// The clip of `speech` for the telephone: from the cache, or spoken by the first engine that can. Its files are on
    /// disk and were checked when this returns. Bounded in time by the engines' own time-outs. May be cancelled; work
    /// that others wait for as well goes on. It is read as `client` wants it read: with that client's lexicon.
    pub async fn clip(&self, speech: &Speech, client: Option<&str>) -> Result<Clip, SpeechError> {
        self.spoken(speech, client, Outlet::Call).await
    }

    /// The same for the radio: one WAV file, 48 kHz, at the loudness of [`Profile::AIR`].
    pub async fn air_clip(&self, speech: &Speech, client: Option<&str>) -> Result<Clip, SpeechError> {
        self.spoken(speech, client, Outlet::Air).await
    }

    async fn spoken(
        &self,
        speech: &Speech,
        _client: Option<&str>,
        outlet: Outlet,
    ) -> Result<Clip, SpeechError> {
        let text = normalise(&speech.text, Locale::of(&speech.language));
        let speech = &Speech { text, ..speech.clone() };
        if speech.text.is_empty() {
            let message = "there is nothing in the text that can be spoken".to_owned();
            return Err(SpeechError { retry: false, message, retry_after: None });
        }
        let mut passed = Passed::default();
        if let Some(engine) = self.not_configured(speech) {
            passed.say(engine, "is not configured");
        }
        for link in self.0.chain.order(speech.engine.as_deref()) {
            match self.clip_by(link, speech, outlet).await {
                Ok((address, found)) => return Ok(clip(address, &found, passed.line())),
                Err(Trouble::Engine(error)) => passed.note(link.engine.id(), &error),
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

    /// The engine that is asked first for `speech`, and what it would be asked for.
    pub(crate) fn first_choice(&self, speech: &Speech, outlet: Outlet) -> Option<(&'static str, Choice)> {
        let mut links = self.0.chain.order(speech.engine.as_deref());
        links.find_map(|link| Some((link.engine.id(), self.choice(link, speech, outlet)?)))
    }

    /// `None` when the engine does not speak the language.
    fn choice(&self, link: &Link, speech: &Speech, outlet: Outlet) -> Option<Choice> {
        let voice = link.engine.voice_for(&speech.language, speech.voice.as_deref())?;
        let recipe = Recipe {
            text: &speech.text,
            language: &speech.language,
            engine: link.engine.id(),
            version: link.engine.version(),
            voice: &voice,
            rate: Rate::of(speech.rate),
        };
        let master = recipe.address();
        Some(Choice { rendition: master.rendition(outlet, self.profile(outlet)), master, voice })
    }

    fn profile(&self, outlet: Outlet) -> Profile {
        match outlet {
            Outlet::Call => self.0.profile,
            Outlet::Air => Profile::AIR,
        }
    }

    fn not_configured<'a>(&self, speech: &'a Speech) -> Option<&'a str> {
        let asked = speech.engine.as_deref()?;
        self.0.chain.order(None).all(|link| link.engine.id() != asked).then_some(asked)
    }

    async fn clip_by(
        &self,
        link: &Arc<Link>,
        speech: &Speech,
        outlet: Outlet,
    ) -> Result<(Address, Found), Trouble> {
        let Choice { voice, master, rendition } = self.choice(link, speech, outlet).ok_or_else(|| {
            Trouble::Engine(SynthError::Rejected(format!("does not speak {}", printable(&speech.language))))
        })?;
        let rate = Rate::of(speech.rate);
        let profile = self.profile(outlet);
        if let Some(entry) = self.0.cache.hot(rendition) {
            return Ok((rendition, Found { entry, before: true }));
        }
        let (found, started) = self
            .0
            .flights
            .join(rendition, || {
                let utterance = Utterance {
                    text: normalised(&speech.text),
                    language: speech.language.clone(),
                    voice,
                    rate: rate.factor(),
                };
                let order = Order { master, rendition: (rendition, outlet), profile, utterance };
                fetch(Arc::clone(&self.0.cache), Arc::clone(link), order)
            })
            .await;
        let found = found?;
        Ok((rendition, Found { before: found.before || !started, ..found }))
    }
}

/// From the disk, from the master, or from the engine: the cheapest that works. One at a time per clip on this disk.
async fn fetch(cache: Arc<Cache>, link: Arc<Link>, order: Order) -> Result<Found, Trouble> {
    let Order { master, rendition, profile, utterance } = order;
    if let Some(found) = look_up(&cache, rendition).await? {
        return Ok(found);
    }
    let lock = {
        let cache = Arc::clone(&cache);
        blocking(move || cache.lock(rendition.0)).await??
    };
    let _lock = Lock::acquire(lock, LOCK_PATIENCE).await?;
    if let Some(found) = look_up(&cache, rendition).await? {
        return Ok(found);
    }
    let (engine, voice) = (link.engine.id().to_owned(), utterance.voice.clone());
    let (clip, fresh) = match load_master(&cache, master).await? {
        Some(clip) => (clip, false),
        None => (link.speak(master, utterance).await.map_err(Trouble::Engine)?, true),
    };
    let entry = blocking(move || {
        if fresh {
            cache.store_master(master, &clip)?;
        }
        let files = match rendition.1 {
            Outlet::Call => render(&clip, profile, cache.formats())?,
            Outlet::Air => render_for_air(&clip, profile),
        };
        cache.store(rendition, files, (engine, voice), clock::now())
    });
    Ok(Found { entry: entry.await??, before: false })
}

async fn look_up(cache: &Arc<Cache>, (address, outlet): (Address, Outlet)) -> io::Result<Option<Found>> {
    let cache = Arc::clone(cache);
    blocking(move || cache.load(address, outlet).map(|entry| Found { entry, before: true })).await
}

async fn load_master(cache: &Arc<Cache>, address: Address) -> io::Result<Option<Pcm>> {
    let cache = Arc::clone(cache);
    blocking(move || cache.load_master(address)).await
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
