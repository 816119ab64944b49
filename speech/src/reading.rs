//! From what a job says to the script that is spoken.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use pregon_core::Speech;
use pregon_text::{Lexicon, Script, SsmlError};

use crate::address::Address;
use crate::lexicons::LexiconFolder;
use crate::recent::Recent;

/// Scripts kept: at least this many, at most twice. Ten thousand jobs come with the same text, and reading 5,000
/// characters takes longer than handing out their clip may.
const REMEMBERED: usize = 128;

/// The scripts read lately.
pub(crate) struct Readings(Mutex<Recent<Address, Reading>>);

type Reading = (Arc<Lexicon>, Arc<Script>);

impl Readings {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Recent::new(REMEMBERED)))
    }

    /// The script of `speech` as `client` wants it read.
    pub(crate) fn read(
        &self,
        speech: &Speech,
        client: Option<&str>,
        lexicons: &LexiconFolder,
    ) -> Result<Arc<Script>, SsmlError> {
        static EMPTY: LazyLock<Arc<Lexicon>> = LazyLock::new(Arc::default);
        let lexicon = lexicons.find(client, &speech.language).unwrap_or_else(|| Arc::clone(&EMPTY));
        let key = Address::of_speech(speech, client);
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key);
        // The memory holds on to the lexicon, so that no other one can come to lie where it lay.
        if let Some((_, script)) = known.filter(|(used, _)| Arc::ptr_eq(used, &lexicon)) {
            return Ok(script);
        }
        let script = Arc::new(read(speech, &lexicon)?);
        let reading = (lexicon, Arc::clone(&script));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, reading);
        Ok(script)
    }
}

fn read(speech: &Speech, lexicon: &Lexicon) -> Result<Script, SsmlError> {
    let rate = speech.rate.unwrap_or(1.0);
    if speech.ssml {
        return Script::ssml(&speech.text, &speech.language, rate, lexicon);
    }
    Ok(Script::plain(&speech.text, &speech.language, rate, lexicon))
}
