//! Sound that somebody sent in instead of a text.

use std::time::Duration;

use async_trait::async_trait;
use pregon_audio::{decode, is_silent, trim};
use pregon_core::{Clip, Kept, NotKept, Shelf, clock};
use tokio::sync::Semaphore;

use crate::address::Address;
use crate::address::Step;
use crate::disk::Tree;
use crate::joint::Part;
use crate::master::in_16_bit_steps;
use crate::render::{Outlet, Profile, render_for_air};
use crate::sidecar::Speaker;
use crate::studio::{Found, SpeechError, Studio, blocking, clip};

/// Longer than any announcement: caps what a small file can unpack to.
const LONGEST: Duration = Duration::from_mins(10);

/// Uploads decoded at once: each may take a hundred megabytes while it is.
static PLACES: Semaphore = Semaphore::const_new(2);

/// The engine that a clip of an upload names.
pub const UPLOAD: &str = "upload";

#[async_trait]
impl Shelf for Studio {
    /// A WAV or MP3 file, mixed down to one channel.
    async fn keep(&self, bytes: Vec<u8>) -> Result<Kept, NotKept> {
        let _place = PLACES.acquire().await;
        let cache = self.cache();
        let kept = blocking(move || {
            let address = Address::of_bytes(&bytes);
            let sound =
                decode(&bytes, None, LONGEST).map_err(|error| NotKept::NotAudio(error.to_string()))?;
            let sound = trim(&sound);
            if is_silent(&sound) {
                return Err(NotKept::NotAudio("there is only silence in it".to_owned()));
            }
            let master = in_16_bit_steps(sound);
            let stored = cache.store_upload(address, &master, sender(), clock::now());
            stored.map_err(|error| unusable(&error))?;
            Ok(Kept { id: address.to_string(), seconds: master.seconds() })
        });
        kept.await.map_err(|error| unusable(&error))?
    }

    async fn keeps(&self, id: &str) -> bool {
        let (cache, address) = (self.cache(), Address::parse(id));
        let found = blocking(move || {
            address.is_some_and(|address| cache.load_master(Tree::Uploads, address).is_some())
        });
        found.await.unwrap_or(false)
    }
}

fn sender() -> Speaker {
    Speaker { engine: UPLOAD.to_owned(), voice: String::new(), language: String::new(), words: String::new() }
}

fn unusable(error: &std::io::Error) -> NotKept {
    NotKept::Unavailable(format!("the audio folder is not usable: {error}"))
}

impl Studio {
    /// The clip of an upload for the radio, as [`Studio::air_clip`] gives one of a text.
    pub async fn air_clip_of(&self, id: &str) -> Result<Clip, SpeechError> {
        let gone = || SpeechError {
            retry: false,
            message: "the audio that was sent in is not there any more: send it again".to_owned(),
            retry_after: None,
        };
        let master = Address::parse(id).ok_or_else(gone)?;
        let address = Address::rendition([Step::Sound(master)], Outlet::Air, Profile::AIR);
        let cache = self.cache();
        if let Some(entry) = cache.hot(address) {
            return Ok(clip(address, &Found { entry, before: true }, None));
        }
        let found = blocking(move || {
            if let Some(entry) = cache.load(address, Outlet::Air) {
                return Ok(Some(Found { entry, before: true }));
            }
            let Some(sound) = cache.load_master(Tree::Uploads, master) else { return Ok(None) };
            let files = render_for_air(&[Part::Sound(&sound)], Profile::AIR);
            let entry = cache.store((address, Outlet::Air), files, sender(), clock::now())?;
            Ok::<_, std::io::Error>(Some(Found { entry, before: false }))
        });
        let unusable = |error: std::io::Error| SpeechError {
            retry: true,
            message: format!("the audio folder is not usable: {error}"),
            retry_after: None,
        };
        let found = found.await.map_err(unusable)?.map_err(unusable)?.ok_or_else(gone)?;
        Ok(clip(address, &found, None))
    }
}
