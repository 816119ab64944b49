//! Voices: which there are, how they read a text, and how their engines are doing.

mod state;
mod tried;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use pregon_core::{EngineInfo, Medium, NotRecorded, Reading, Segment, Speech, VoiceInfo, clock};

use self::state::{CacheLook, Health};
use self::tried::Trial;
use super::radio::form::{Field, MAX_TEXT};
use super::{Chrome, Heard, Section, Trouble, rendered};
use crate::House;
use crate::csrf::Posted;
use crate::icon::Icon;
use crate::visitor::Visitor;

/// Voices of one engine on the page; a cloud has hundreds.
const VOICES: usize = 60;

/// `GET /speech`
#[derive(Template)]
#[template(path = "speech.html")]
struct SpeechPage {
    c: Chrome,
    trial: Trial,
    /// How the text of the form is read, once somebody asked.
    read: Option<Read>,
    engines: Vec<EngineRow>,
    health: Vec<Health>,
    /// Absent while its folder cannot be used.
    cache: Option<CacheLook>,
}

/// A text as it is spoken.
struct Read {
    segments: Vec<Part>,
    characters: u64,
    heard: Option<Heard>,
    engine: String,
    voice: String,
}

/// A stretch of it.
enum Part {
    Words { text: String, language: String },
    Pause(String),
}

/// An engine and what it can say.
struct EngineRow {
    id: String,
    languages: String,
    voices: Vec<VoiceRow>,
    /// Voices that are not shown.
    more: u64,
}

struct VoiceRow {
    id: String,
    language: String,
    /// What it says when it is tried.
    sample: &'static str,
}

impl SpeechPage {
    async fn load(house: &House, visitor: &Visitor, trial: Trial) -> Result<Self, Trouble> {
        let voices = house.voices.as_ref().ok_or(Trouble::NotFound)?;
        let c = Chrome::of(house, visitor, Section::Speech, clock::now());
        let (lineup, figures) =
            tokio::join!(voices.engines.lineup(client(house, visitor)), voices.cache.figures());
        let figures = figures.inspect_err(|error| tracing::warn!(%error, "the audio cache cannot be read"));
        Ok(Self {
            trial,
            read: None,
            engines: voices.repertoire.engines.iter().map(|engine| EngineRow::of(engine, &c)).collect(),
            health: lineup.engines.iter().map(|look| Health::of(look, &c)).collect(),
            cache: figures.ok().map(|figures| CacheLook::of(&figures, &c)),
            c,
        })
    }

    fn lede(&self) -> String {
        let (w, first) = (&self.c.w().speech, self.engines.first());
        first.map_or_else(String::new, |first| (w.lede)(&first.id, self.engines.len() as u64 - 1))
    }

    fn complaint(&self, field: Field) -> Option<&'static str> {
        self.trial.wrong(field).map(|complaint| (self.c.w().radio.complaint)(complaint))
    }

    /// What can be chosen as a voice: the value, the word, and whether it is chosen.
    fn choices(&self) -> Vec<(String, String, bool)> {
        let usual = (String::new(), self.c.w().speech.usual_voice.to_owned());
        let of_engine = |engine: &EngineRow| (engine.id.clone(), engine.id.clone());
        let of_voice = |engine: &EngineRow, voice: &VoiceRow| {
            (
                format!("{}:{}", engine.id, voice.id),
                format!("{} · {} ({})", engine.id, voice.id, voice.language),
            )
        };
        let of_all = |engine: &EngineRow| {
            let voices = engine.voices.iter().map(|voice| of_voice(engine, voice)).collect::<Vec<_>>();
            std::iter::once(of_engine(engine)).chain(voices).collect::<Vec<_>>()
        };
        let all = std::iter::once(usual).chain(self.engines.iter().flat_map(of_all));
        all.map(|(value, word)| (value.clone(), word, value == self.trial.voice)).collect()
    }

    fn characters(&self, read: &Read) -> String {
        (self.c.w().speech.characters)(read.characters)
    }

    fn more(&self, engine: &EngineRow) -> String {
        (self.c.w().speech.more_voices)(engine.more)
    }
}

impl EngineRow {
    fn of(engine: &EngineInfo, c: &Chrome) -> Self {
        let EngineInfo { id, voices, languages, .. } = engine;
        let row = |VoiceInfo { id, language, .. }: &VoiceInfo| VoiceRow {
            id: id.clone(),
            language: language.clone(),
            sample: sample(language),
        };
        // Voices of the page's own language come first.
        let own = |voice: &&VoiceInfo| voice.language.starts_with(c.locale.language.tag());
        let sorted = voices.iter().filter(own).chain(voices.iter().filter(|voice| !own(voice)));
        Self {
            id: id.clone(),
            languages: languages.join(", "),
            voices: sorted.take(VOICES).map(row).collect(),
            more: voices.len().saturating_sub(VOICES) as u64,
        }
    }
}

/// A sentence that shows what a voice makes of everyday things, in its language or in the nearest one that we speak.
fn sample(language: &str) -> &'static str {
    if language.starts_with("en") {
        "Your appointment is on 12 May at 3:30 pm. Questions? Call 555-0142."
    } else {
        "Su cita es el 12 de mayo a las 3:30 p. m. ¿Dudas? Llame al 300 505 0149."
    }
}

impl Read {
    fn of(reading: &Reading, heard: Option<Heard>, c: &Chrome) -> Self {
        let part = |segment: &Segment| match segment {
            Segment::Words { text, language } => {
                Part::Words { text: text.clone(), language: language.clone() }
            }
            Segment::Pause(pause) => Part::Pause(c.locale.language.seconds(pause.as_secs_f64())),
        };
        let (engine, voice) = match &heard {
            Some(heard) => (heard.engine.clone(), heard.voice.clone()),
            None => (reading.engine.clone(), reading.voice.clone()),
        };
        let segments = reading.segments.iter().map(part).collect();
        Self { segments, characters: reading.characters, heard, engine, voice }
    }
}

/// Whose lexicon and budget count for this visitor.
fn client<'a>(house: &House, visitor: &'a Visitor) -> Option<&'a str> {
    (!house.keys.is_empty()).then_some(visitor.caller.name.as_str())
}

/// `GET /speech`
pub(crate) async fn show(State(house): State<House>, visitor: Visitor) -> Result<Response, Trouble> {
    let trial = Trial::fresh(visitor.guest.language);
    rendered(&SpeechPage::load(&house, &visitor, trial).await?)
}

/// `POST /speech`: reads the text of the form, and with `do=preview` speaks it as well.
pub(crate) async fn attempt(
    State(house): State<House>,
    visitor: Visitor,
    form: Posted,
) -> Result<Response, Trouble> {
    visitor.must_submit()?;
    let aloud = form.get("do") == "preview";
    let mut page = SpeechPage::load(&house, &visitor, Trial::read(&form)).await?;
    let status = match page.trial.speech() {
        Ok(speech) => match try_out(&house, &visitor, &speech, aloud, &page.c).await {
            Ok(read) => {
                page.read = Some(read);
                StatusCode::OK
            }
            Err(why) => {
                page.trial.refuse(&why);
                match why {
                    NotRecorded::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
                    NotRecorded::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
                }
            }
        },
        Err(complaints) => {
            page.trial.complaints = complaints;
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    Ok((status, rendered(&page)?).into_response())
}

async fn try_out(
    house: &House,
    visitor: &Visitor,
    speech: &Speech,
    aloud: bool,
    c: &Chrome,
) -> Result<Read, NotRecorded> {
    let mute = || NotRecorded::Unavailable { why: "no engines".to_owned(), retry_after: None };
    let booth = &*house.voices.as_ref().ok_or_else(mute)?.booth;
    let (client, language) = (client(house, visitor), visitor.guest.language);
    let reading = booth.read(speech, Medium::Call, client).await?;
    let heard = if aloud {
        Some(Heard::record(house, booth, speech, Medium::Call, client, language).await?)
    } else {
        None
    };
    Ok(Read::of(&reading, heard, c))
}
