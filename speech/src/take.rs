//! Making a clip: every piece from its master or from the engine, joined, levelled and filed.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use pregon_audio::Pcm;
use pregon_core::clock;
use pregon_text::Script;

use crate::address::Address;
use crate::cache::Cache;
use crate::commission::Commission;
use crate::disk::Tree;
use crate::engine::{SynthError, Utterance};
use crate::flights::Flights;
use crate::joint::Part;
use crate::lock::Lock;
use crate::plan::{Plan, Take};
use crate::render::{Outlet, render, render_for_air};
use crate::sidecar::Speaker;
use crate::studio::{Found, Rooms, blocking};

/// How long another process may take over the same clip. A renderer that is alive is done long before.
const LOCK_PATIENCE: Duration = Duration::from_mins(2);

/// Pieces of one script that an engine is asked for at the same time.
const AT_ONCE: usize = 3;

/// Why an engine made no clip.
#[derive(Clone)]
pub(crate) enum Trouble {
    Engine(SynthError),
    Disk(String),
}

impl Trouble {
    /// As [`SynthError::is_personal`].
    pub(crate) fn is_personal<T>(result: &Result<T, Self>) -> bool {
        matches!(result, Err(Self::Engine(error)) if error.is_personal())
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Disk(error.to_string())
    }
}

/// The masters being spoken: scripts have sentences in common.
pub(crate) type Takes = Flights<Address, Result<Arc<Pcm>, Trouble>>;

/// From the disk, from the masters, or from the engine: the cheapest that works. One at a time per clip on this disk.
pub(crate) async fn fetch(
    rooms: Arc<Rooms>,
    commission: Commission,
    plan: Plan,
    script: Arc<Script>,
) -> Result<Found, Trouble> {
    let rendition = (plan.rendition, plan.outlet);
    if let Some(found) = look_up(&rooms.cache, rendition).await? {
        return Ok(found);
    }
    let _lock = lock(&rooms.cache, &commission, Tree::Clips, plan.rendition).await?;
    if let Some(found) = look_up(&rooms.cache, rendition).await? {
        return Ok(found);
    }
    let Plan { voice, parts, outlet, profile, .. } = plan;
    let masters: Vec<_> = parts.iter().filter_map(sound).map(|take| take.master).collect();
    let language = parts.iter().filter_map(sound).map(|take| take.utterance.language.clone()).next();
    let takes = parts.into_iter().map(|part| spoken(Arc::clone(&rooms), commission.clone(), part));
    let parts: Vec<_> = stream::iter(takes).buffered(AT_ONCE).try_collect().await?;
    let by = Speaker {
        engine: commission.engine().id().to_owned(),
        voice,
        language: language.unwrap_or_default(),
        words: Address::of_words(&script.spoken()).to_string(),
    };
    let cache = Arc::clone(&rooms.cache);
    let made = blocking(move || {
        let parts: Vec<_> = parts.iter().map(borrowed).collect();
        let files = match outlet {
            Outlet::Call => render(&parts, profile, cache.formats())?,
            Outlet::Air => render_for_air(&parts, profile),
        };
        if let Some(trouble) = files.trouble(profile) {
            // Or they would be found again, and the engine never asked.
            for master in masters {
                cache.forget(Tree::Masters, master)?;
            }
            return Err(Trouble::Engine(SynthError::Corrupt(trouble)));
        }
        Ok(cache.store(rendition, files, by, clock::now())?)
    });
    Ok(Found { entry: made.await??, before: false })
}

fn sound(part: &Part<Take>) -> Option<&Take> {
    match part {
        Part::Sound(take) => Some(take),
        Part::Pause(_) | Part::Mark(_) => None,
    }
}

fn borrowed(part: &Part<Arc<Pcm>>) -> Part<&Pcm> {
    match part {
        Part::Sound(clip) => Part::Sound(clip),
        Part::Pause(length) => Part::Pause(*length),
        Part::Mark(name) => Part::Mark(name.clone()),
    }
}

async fn spoken(
    rooms: Arc<Rooms>,
    commission: Commission,
    part: Part<Take>,
) -> Result<Part<Arc<Pcm>>, Trouble> {
    match part {
        Part::Pause(length) => Ok(Part::Pause(length)),
        Part::Mark(name) => Ok(Part::Mark(name)),
        Part::Sound(Take { master, utterance }) => {
            let speak = || speak(Arc::clone(&rooms.cache), commission.clone(), master, utterance.clone());
            let (take, _) = rooms.takes.join_unless(master, Trouble::is_personal, speak).await;
            take.map(Part::Sound)
        }
    }
}

/// One piece, from its master or from the engine. One at a time on this disk.
async fn speak(
    cache: Arc<Cache>,
    commission: Commission,
    address: Address,
    utterance: Utterance,
) -> Result<Arc<Pcm>, Trouble> {
    if let Some(master) = load_master(&cache, address).await? {
        return Ok(Arc::new(master));
    }
    let _lock = lock(&cache, &commission, Tree::Masters, address).await?;
    if let Some(master) = load_master(&cache, address).await? {
        return Ok(Arc::new(master));
    }
    let by = Speaker {
        engine: commission.engine().id().to_owned(),
        voice: utterance.voice.clone(),
        language: utterance.language.clone(),
        words: Address::of_words(&utterance.text).to_string(),
    };
    cache.tally().spoken();
    let master = commission.speak(address, utterance).await.map_err(Trouble::Engine)?;
    let stored = blocking(move || {
        cache.store_master(Tree::Masters, address, &master, by, clock::now()).map(|()| Arc::new(master))
    });
    Ok(stored.await??)
}

async fn lock(
    cache: &Arc<Cache>,
    commission: &Commission,
    tree: Tree,
    address: Address,
) -> io::Result<Option<Lock>> {
    let cache = Arc::clone(cache);
    let path = blocking(move || cache.disk().lock(tree, address)).await??;
    Lock::acquire(path, commission.left().map_or(LOCK_PATIENCE, |left| left.min(LOCK_PATIENCE))).await
}

async fn look_up(cache: &Arc<Cache>, (address, outlet): (Address, Outlet)) -> io::Result<Option<Found>> {
    let cache = Arc::clone(cache);
    blocking(move || cache.load(address, outlet).map(|entry| Found { entry, before: true })).await
}

async fn load_master(cache: &Arc<Cache>, address: Address) -> io::Result<Option<Pcm>> {
    let cache = Arc::clone(cache);
    blocking(move || cache.load_master(Tree::Masters, address)).await
}
