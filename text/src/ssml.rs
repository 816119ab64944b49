//! The part of SSML that sounds the same on every engine, because no engine ever sees it.
//!
//! Tags become pieces of a [`Script`]: words in a language and at a rate, exact silence, marks. What cannot be made so
//! (pitch, voices, sound files) is an error that names it, rather than something that one engine does and another
//! leaves out. <https://www.w3.org/TR/speech-synthesis11/>

mod attributes;
mod error;

use std::borrow::Cow;
use std::time::Duration;

use roxmltree::Node;

pub use error::{Fault, SsmlError};

use crate::Locale;
use crate::lexicon::Lexicon;
use crate::said_as::SaidAs;
use crate::script::{Draft, Manner, Piece, RATES, Script, within_rates};
use crate::xml;

use attributes::Attributes;

const NAMESPACE: &str = "http://www.w3.org/2001/10/synthesis";

/// Longest SSML, in bytes: more than the longest text that the API takes, whatever its letters.
const MAX_SOURCE: usize = 64 << 10;
/// Deepest nesting of tags.
const MAX_DEPTH: usize = 16;
/// Most pieces of a script.
const MAX_PIECES: usize = 500;
/// Longest silence of one break.
const MAX_PAUSE: Duration = Duration::from_secs(10);
/// Longest name of a mark, in bytes.
const MAX_MARK: usize = 64;
/// Longest silence of all pauses together.
const MAX_SILENCE: Duration = Duration::from_mins(1);

/// Silence between sentences, and between paragraphs.
const SENTENCE: Duration = Duration::from_millis(400);
const PARAGRAPH: Duration = Duration::from_millis(800);

impl Script {
    /// The script of a text in SSML. `language` is the tag of what stands in no other language, `rate` a factor by which
    /// all of it is spoken faster. The lexicon is for words of that language. The root `<speak>` may be left out.
    pub fn ssml(text: &str, language: &str, rate: f32, lexicon: &Lexicon) -> Result<Self, SsmlError> {
        if text.len() > MAX_SOURCE {
            return Err(Fault::TooLong.into());
        }
        let (source, shift) = rooted(text);
        let manner = Manner { language: language.to_owned(), rate: within_rates(rate) };
        let mut reader = Reader { draft: Draft::new(language, lexicon), asked: manner.rate };
        reader.document(&source, &manner).map_err(|error| error.shifted(shift))?;
        let script = reader.draft.finish();
        let silence: Duration = script.pieces().iter().map(Piece::silence).sum();
        if script.pieces().len() > MAX_PIECES {
            return Err(Fault::TooManyPieces(MAX_PIECES).into());
        }
        if silence > MAX_SILENCE {
            return Err(Fault::TooMuchSilence(MAX_SILENCE).into());
        }
        Ok(script)
    }
}

/// `text` within a root, if it has none of its own; and how many characters stand before it now.
fn rooted(text: &str) -> (Cow<'_, str>, u32) {
    let begun = text.trim_start();
    let root =
        begun.strip_prefix("<speak").is_some_and(|rest| rest.starts_with([' ', '>', '/', '\n', '\t', '\r']));
    if root || begun.starts_with("<?xml") {
        (Cow::Borrowed(text), 0)
    } else {
        (Cow::Owned(format!("<speak>{text}</speak>")), 7)
    }
}

struct Reader<'l> {
    draft: Draft<'l>,
    /// The rate of the request.
    asked: f32,
}

impl Reader<'_> {
    fn document(&mut self, source: &str, manner: &Manner) -> Result<(), SsmlError> {
        let tree = xml::parse(source)?;
        let root = tree.root_element();
        if tag(root)? != "speak" {
            return Err(Fault::Tag(xml::shown(root.tag_name().name())).at(root));
        }
        let attributes = Attributes::of(root, "speak", &["version", "xml:lang"])?;
        let manner =
            Manner { language: attributes.language()?.unwrap_or(&manner.language).to_owned(), ..*manner };
        self.inside(root, &manner, 1)
    }

    /// Reads what stands inside `node`.
    fn inside(&mut self, node: Node<'_, '_>, manner: &Manner, depth: usize) -> Result<(), SsmlError> {
        for child in node.children() {
            if child.is_element() {
                if depth >= MAX_DEPTH {
                    return Err(Fault::TooDeep(MAX_DEPTH).at(child));
                }
                self.element(child, manner, depth + 1)?;
            } else if child.is_text() {
                self.draft.text(manner, child.text().unwrap_or_default());
            }
        }
        Ok(())
    }

    fn element(&mut self, node: Node<'_, '_>, manner: &Manner, depth: usize) -> Result<(), SsmlError> {
        match tag(node)? {
            "p" => self.set_off(node, "p", PARAGRAPH, manner, depth),
            "s" => self.set_off(node, "s", SENTENCE, manner, depth),
            "lang" => {
                let attributes = Attributes::of(node, "lang", &["xml:lang"])?;
                let language =
                    attributes.language()?.ok_or_else(|| attributes.missing("xml:lang", "en-US"))?;
                self.inside(node, &Manner { language: language.to_owned(), ..*manner }, depth)
            }
            "prosody" => {
                let attributes = Attributes::of(node, "prosody", &["rate"])?;
                let rate = attributes.need("rate", "slow")?;
                let rate = prosody_rate(rate, manner.rate, self.asked);
                let rate = rate.ok_or_else(|| {
                    attributes.wrong("rate", "x-slow, slow, medium, fast, x-fast, default, or 50% to 200%")
                })?;
                self.inside(node, &Manner { rate: within_rates(rate), ..manner.clone() }, depth)
            }
            "emphasis" => self.emphasis(node, manner, depth),
            "break" => self.pause(node),
            "mark" => self.mark(node),
            "sub" => {
                let attributes = Attributes::of(node, "sub", &["alias"])?;
                let alias = attributes.need("alias", "what is spoken instead")?;
                plain(node)?;
                self.draft.words(manner, alias);
                Ok(())
            }
            "say-as" => self.say_as(node, manner),
            "speak" => Err(Fault::Root.at(node)),
            other => Err(Fault::Tag(xml::shown(other)).at(node)),
        }
    }

    /// A sentence or a paragraph: with a gap on either side.
    fn set_off(
        &mut self,
        node: Node<'_, '_>,
        name: &'static str,
        gap: Duration,
        manner: &Manner,
        depth: usize,
    ) -> Result<(), SsmlError> {
        let attributes = Attributes::of(node, name, &["xml:lang"])?;
        let language = attributes.language()?.unwrap_or(&manner.language).to_owned();
        self.draft.gap(gap);
        self.inside(node, &Manner { language, ..*manner }, depth)?;
        self.draft.gap(gap);
        Ok(())
    }

    /// No two engines stress alike, and most do not stress at all. Any can speak slower, and stop for a moment.
    fn emphasis(&mut self, node: Node<'_, '_>, manner: &Manner, depth: usize) -> Result<(), SsmlError> {
        let attributes = Attributes::of(node, "emphasis", &["level"])?;
        let (factor, gap) = match attributes.get("level").unwrap_or("moderate") {
            "strong" => (0.8, 200),
            "moderate" => (0.9, 100),
            "none" => (1.0, 0),
            "reduced" => (1.1, 0),
            _ => return Err(attributes.wrong("level", "strong, moderate, none or reduced")),
        };
        let gap = Duration::from_millis(gap);
        self.draft.gap(gap);
        self.inside(node, &Manner { rate: within_rates(manner.rate * factor), ..manner.clone() }, depth)?;
        self.draft.gap(gap);
        Ok(())
    }

    fn pause(&mut self, node: Node<'_, '_>) -> Result<(), SsmlError> {
        let attributes = Attributes::of(node, "break", &["time", "strength"])?;
        empty(node, "break")?;
        let by_strength = match attributes.get("strength").unwrap_or("medium") {
            // The lengths that Azure documents for the words, which the recommendation leaves open.
            "none" => 0,
            "x-weak" => 250,
            "weak" => 500,
            "medium" => 750,
            "strong" => 1_000,
            "x-strong" => 1_250,
            _ => return Err(attributes.wrong("strength", "none, x-weak, weak, medium, strong or x-strong")),
        };
        let length = match attributes.get("time") {
            None => Duration::from_millis(by_strength),
            Some(text) => time(text)
                .filter(|length| *length <= MAX_PAUSE)
                .ok_or_else(|| attributes.wrong("time", "500ms or 1.5s, and 10s at most"))?,
        };
        self.draft.pause(length);
        Ok(())
    }

    fn mark(&mut self, node: Node<'_, '_>) -> Result<(), SsmlError> {
        let attributes = Attributes::of(node, "mark", &["name"])?;
        empty(node, "mark")?;
        let name = attributes.need("name", "after-greeting")?;
        let good = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
        if name.is_empty() || name.len() > MAX_MARK || !name.chars().all(good) {
            return Err(attributes.wrong("name", "1 to 64 letters, digits, _ - . or :"));
        }
        self.draft.mark(name);
        Ok(())
    }

    fn say_as(&mut self, node: Node<'_, '_>, manner: &Manner) -> Result<(), SsmlError> {
        let attributes = Attributes::of(node, "say-as", &["interpret-as", "format"])?;
        let way = attributes.need("interpret-as", "date")?;
        let way = SaidAs::named(way).ok_or_else(|| attributes.wrong("interpret-as", SaidAs::NAMES))?;
        let format = attributes.get("format");
        if let Some(format) = format
            && !way.formats().contains(&format)
        {
            return Err(attributes.wrong("format", &way.formats_in_words()));
        }
        let words = way.write(plain(node)?.trim(), format, Locale::of(&manner.language));
        let words = words.map_err(|why| Fault::SayAs(why).at(node))?;
        self.draft.words(manner, &words);
        Ok(())
    }
}

/// The name of a tag of SSML.
fn tag<'t>(node: Node<'t, '_>) -> Result<&'t str, SsmlError> {
    let name = node.tag_name();
    match name.namespace() {
        None | Some(NAMESPACE) => Ok(name.name()),
        Some(_) => Err(Fault::Tag(xml::shown(name.name())).at(node)),
    }
}

/// The text inside `node`, which may have no tags.
fn plain(node: Node<'_, '_>) -> Result<String, SsmlError> {
    match node.children().find(Node::is_element) {
        Some(child) => {
            let names = [child, node].map(|node| xml::shown(node.tag_name().name()));
            let [inner, outer] = names;
            Err(Fault::Inside { inner, outer }.at(child))
        }
        None => Ok(xml::text(node)),
    }
}

fn empty(node: Node<'_, '_>, name: &'static str) -> Result<(), SsmlError> {
    let full =
        node.children().any(|child| child.is_element() || child.text().is_some_and(|t| !t.trim().is_empty()));
    if full { Err(Fault::NotEmpty(name).at(node)) } else { Ok(()) }
}

/// A length of time: `500ms`, `1.5s`.
fn time(text: &str) -> Option<Duration> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s')?, 1.0),
    };
    Duration::try_from_secs_f64(decimal(number)? * unit).ok()
}

/// The rate that `text` stands for, within words spoken at the rate `around`; `asked` is the rate of the request.
fn prosody_rate(text: &str, around: f32, asked: f32) -> Option<f32> {
    let factor = match text {
        "default" | "medium" => return Some(asked),
        "x-slow" => return Some(asked * 0.5),
        "slow" => return Some(asked * 0.75),
        "fast" => return Some(asked * 1.25),
        "x-fast" => return Some(asked * 1.5),
        _ => match text.strip_suffix('%') {
            Some(change) if change.starts_with(['+', '-']) => 1.0 + change.parse::<f64>().ok()? / 100.0,
            Some(percent) => decimal(percent)? / 100.0,
            None => decimal(text)?,
        },
    };
    #[expect(clippy::cast_possible_truncation, reason = "a factor between 0.5 and 2")]
    let factor = factor as f32;
    let (slowest, fastest) = RATES;
    (slowest..=fastest).contains(&factor).then_some(around * factor)
}

/// A number without sign or exponent.
fn decimal(text: &str) -> Option<f64> {
    let plain = text.len() <= 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
#[path = "ssml/tests.rs"]
mod tests;
