//! How one engine would speak a script, and where that lies.

use pregon_core::Speech;
use pregon_text::{Piece, Say, Script};

use crate::address::{Address, Rate, Recipe, Step};
use crate::engine::{Synthesizer, Utterance};
use crate::joint::Part;
use crate::render::{Outlet, Profile};

/// A piece to be spoken, and the master that it becomes.
#[derive(Clone, Debug)]
pub(crate) struct Take {
    pub(crate) master: Address,
    pub(crate) utterance: Utterance,
}

/// A whole script for one engine.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Of the speech's own language.
    pub(crate) voice: String,
    pub(crate) parts: Vec<Part<Take>>,
    pub(crate) outlet: Outlet,
    pub(crate) profile: Profile,
    pub(crate) rendition: Address,
}

impl Plan {
    /// `None` when the engine does not speak the language of `speech`. What the script says in another language that the
    /// engine does not speak is read by the same voice: a word that sounds foreign is better than no message.
    pub(crate) fn of(
        engine: &dyn Synthesizer,
        (speech, script): (&Speech, &Script),
        (outlet, profile): (Outlet, Profile),
    ) -> Option<Self> {
        let voice = engine.voice_for(&speech.language, speech.voice.as_deref())?;
        let own = (speech.language.as_str(), voice.as_str());
        let parts: Vec<_> = script
            .pieces()
            .iter()
            .map(|piece| match piece {
                Piece::Say(say) => Part::Sound(take(engine, say, own)),
                Piece::Pause(length) => Part::Pause(*length),
                Piece::Mark(name) => Part::Mark(name.clone()),
            })
            .collect();
        let steps = parts.iter().map(|part| match part {
            Part::Sound(take) => Step::Sound(take.master),
            Part::Pause(length) => Step::Pause(*length),
            Part::Mark(name) => Step::Mark(name),
        });
        let rendition = Address::rendition(steps, outlet, profile);
        Some(Self { voice, parts, outlet, profile, rendition })
    }
}

fn take(engine: &dyn Synthesizer, say: &Say, (language, voice): (&str, &str)) -> Take {
    let foreign = if say.language == language { None } else { engine.voice_for(&say.language, None) };
    let (language, voice) = match foreign {
        Some(voice) => (say.language.clone(), voice),
        None => (language.to_owned(), voice.to_owned()),
    };
    let rate = Rate::of(say.rate);
    let recipe = Recipe {
        text: &say.text,
        language: &language,
        engine: engine.id(),
        version: engine.version(),
        voice: &voice,
        rate,
    };
    let master = recipe.address();
    Take { master, utterance: Utterance { text: say.text.clone(), language, voice, rate: rate.factor() } }
}
