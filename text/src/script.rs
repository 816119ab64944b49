//! What is to be spoken, piece by piece: words, exact silence, marks.

use std::time::Duration;

use crate::lexicon::Lexicon;
use crate::{Locale, normalise};

/// Slowest and fastest speech, as factors of the voice's own rate.
pub const RATES: (f32, f32) = (0.5, 2.0);

/// Words to be spoken in one go.
#[derive(Clone, Debug, PartialEq)]
pub struct Say {
    /// The words: lexicon and normaliser have been over them, there is no markup left. Never empty.
    pub text: String,
    /// Their language tag.
    pub language: String,
    /// Speaking rate as a factor of the voice's own, within [`RATES`].
    pub rate: f32,
}

/// One piece of a script.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Words.
    Say(Say),
    /// Silence of exactly this length; two never stand beside each other.
    Pause(Duration),
    /// A place with a name; makes no sound.
    Mark(String),
}

impl Piece {
    /// How long it is silent by itself.
    pub const fn silence(&self) -> Duration {
        match self {
            Self::Pause(length) => *length,
            Self::Say(_) | Self::Mark(_) => Duration::ZERO,
        }
    }
}

/// What is to be spoken, in order.
///
/// ```
/// use std::time::Duration;
/// use pregon_text::{Lexicon, Piece, Script};
///
/// let ssml = "Su turno: <break time='500ms'/> <emphasis>ya</emphasis>.";
/// let script = Script::ssml(ssml, "es-CO", 1.0, &Lexicon::default()).unwrap();
/// assert!(script.pieces().contains(&Piece::Pause(Duration::from_millis(500))));
/// assert_eq!(script.spoken(), "Su turno: ya.");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    pieces: Vec<Piece>,
}

impl Script {
    /// The script of a plain text, whatever it looks like: a `<` is no tag here. `language` is a language tag, `rate` a
    /// factor, taken to the nearest of [`RATES`] when it lies outside.
    pub fn plain(text: &str, language: &str, rate: f32, lexicon: &Lexicon) -> Self {
        let mut draft = Draft::new(language, lexicon);
        draft.text(&Manner { language: language.to_owned(), rate: within_rates(rate) }, text);
        draft.finish()
    }

    /// The pieces, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The words of all pieces in one line.
    pub fn spoken(&self) -> String {
        self.words().map(|say| say.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Whether there is anything to speak; silence and marks alone are not.
    pub fn has_words(&self) -> bool {
        self.words().next().is_some()
    }

    /// The languages that are spoken, each time one begins.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.words().map(|say| say.language.as_str())
    }

    fn words(&self) -> impl Iterator<Item = &Say> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Say(say) => Some(say),
            Piece::Pause(_) | Piece::Mark(_) => None,
        })
    }
}

/// `rate` if it can be spoken, else the nearest that can.
pub(crate) fn within_rates(rate: f32) -> f32 {
    let (slowest, fastest) = RATES;
    if rate.is_nan() { 1.0 } else { rate.clamp(slowest, fastest) }
}

/// How words are spoken.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Manner {
    pub(crate) language: String,
    pub(crate) rate: f32,
}

/// A script in the making. What is said in the same manner without a pause becomes one piece, so that it is
/// normalised, and spoken, as the one phrase it is.
pub(crate) struct Draft<'a> {
    pieces: Vec<Piece>,
    lexicon: &'a Lexicon,
    /// Language of the lexicon: primary subtag.
    home: String,
    manner: Manner,
    line: String,
    /// Whether what came last into the line was written for somebody, so that what follows must not stick to it.
    sealed: bool,
    gap: Duration,
    /// Whether a pause was asked for since the last words: the gap of a sentence adds nothing to that.
    paused: bool,
}

impl<'a> Draft<'a> {
    /// An empty one. `lexicon` is for words of this language.
    pub(crate) fn new(language: &str, lexicon: &'a Lexicon) -> Self {
        Self {
            pieces: Vec::new(),
            lexicon,
            home: primary(language),
            manner: Manner::default(),
            line: String::new(),
            sealed: false,
            gap: Duration::ZERO,
            paused: false,
        }
    }

    /// Adds a text as its writer wrote it.
    pub(crate) fn text(&mut self, manner: &Manner, text: &str) {
        self.turn_to(manner);
        if self.sealed && text.starts_with(char::is_alphanumeric) {
            self.line.push(' ');
        }
        self.sealed = false;
        if primary(&manner.language) == self.home {
            self.line.push_str(&self.lexicon.apply(text));
        } else {
            self.line.push_str(text);
        }
    }

    /// Adds words that stand for something else: the lexicon has no say in them.
    pub(crate) fn words(&mut self, manner: &Manner, words: &str) {
        self.turn_to(manner);
        if self.line.ends_with(char::is_alphanumeric) {
            self.line.push(' ');
        }
        self.line.push_str(words);
        self.sealed = true;
    }

    /// Asks for at least so much silence before the next words: where a sentence ends. It is nothing at either end of
    /// the script, and nothing where a pause was asked for.
    pub(crate) fn gap(&mut self, least: Duration) {
        if least.is_zero() {
            return;
        }
        self.flush();
        if !self.paused {
            self.gap = self.gap.max(least);
        }
    }

    /// Adds exactly so much silence.
    pub(crate) fn pause(&mut self, silence: Duration) {
        self.flush();
        self.gap = Duration::ZERO;
        self.paused = true;
        match self.pieces.last_mut() {
            Some(Piece::Pause(length)) => *length += silence,
            _ if silence.is_zero() => {}
            Some(Piece::Say(_) | Piece::Mark(_)) | None => self.pieces.push(Piece::Pause(silence)),
        }
    }

    /// Names this place.
    pub(crate) fn mark(&mut self, name: &str) {
        self.flush();
        self.pieces.push(Piece::Mark(name.to_owned()));
    }

    /// The script.
    pub(crate) fn finish(mut self) -> Script {
        self.flush();
        Script { pieces: self.pieces }
    }

    fn turn_to(&mut self, manner: &Manner) {
        if self.manner != *manner {
            self.flush();
            self.manner = manner.clone();
        }
    }

    /// Ends the line.
    fn flush(&mut self) {
        let line = std::mem::take(&mut self.line);
        self.sealed = false;
        let text = normalise(self.close_previous(&line), Locale::of(&self.manner.language));
        // A comma alone makes some engines fail, and none speak.
        if !text.contains(char::is_alphanumeric) {
            return;
        }
        let gap = std::mem::take(&mut self.gap);
        if !gap.is_zero() && self.words_before() {
            self.pieces.push(Piece::Pause(gap));
        }
        self.paused = false;
        let Manner { language, rate } = self.manner.clone();
        self.pieces.push(Piece::Say(Say { text, language, rate }));
    }

    /// Gives the marks at the beginning of `line` to the words they close, where those stand right before it.
    fn close_previous<'l>(&mut self, line: &'l str) -> &'l str {
        let rest = line.trim_start_matches(|c: char| ",.;:!?…)]»”".contains(c));
        let closing = line.strip_suffix(rest).unwrap_or_default();
        if let Some(Piece::Say(said)) = self.pieces.last_mut()
            && !said.text.ends_with(|c: char| ",.;:!?…".contains(c))
        {
            said.text.push_str(closing);
        }
        rest
    }

    fn words_before(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Say(_)))
    }
}

fn primary(language: &str) -> String {
    language.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase()
}
