//! The form that tries a text: what was filled in, and what is wrong with it.

use pregon_core::{NotRecorded, Speech};

use crate::csrf::Posted;
use crate::pages::radio::Complaint;
use crate::pages::radio::form::{Field, MAX_TEXT, check_language, check_text};
use crate::words::Language;

/// The form as it was filled in.
#[derive(Clone, Debug, Default)]
pub(super) struct Trial {
    pub(super) text: String,
    pub(super) language: String,
    /// `engine:voice`, an engine, or empty: whoever comes first.
    pub(super) voice: String,
    pub(super) ssml: bool,
    pub(super) complaints: Vec<Complaint>,
    /// The same in the words of whoever refused it.
    pub(super) why: Option<String>,
}

impl Trial {
    pub(super) fn fresh(language: Language) -> Self {
        Self { language: language.tag().to_owned(), ..Self::default() }
    }

    pub(super) fn read(form: &Posted) -> Self {
        Self {
            text: form.get("text").trim().to_owned(),
            language: form.get("language").trim().to_owned(),
            voice: form.get("voice").trim().to_owned(),
            ssml: form.get("ssml") == "on",
            complaints: Vec::new(),
            why: None,
        }
    }

    pub(super) fn wrong(&self, field: Field) -> Option<Complaint> {
        self.complaints.iter().copied().find(|complaint| complaint.field() == field)
    }

    /// Takes note of what is wrong.
    pub(super) fn refuse(&mut self, why: &NotRecorded) {
        self.complaints = vec![Complaint::of(why)];
        self.why = Some(why.to_string());
    }

    /// What it says, or all that is wrong.
    pub(super) fn speech(&self) -> Result<Speech, Vec<Complaint>> {
        let text = if self.ssml { check_markup(&self.text) } else { check_text(&self.text) };
        let (Ok(()), Ok(())) = (text, check_language(&self.language)) else {
            let wrong = [text.err(), check_language(&self.language).err()];
            return Err(wrong.into_iter().flatten().collect());
        };
        let (engine, voice) = match self.voice.split_once(':') {
            Some((engine, voice)) => (engine, Some(voice.to_owned())),
            None => (self.voice.as_str(), None),
        };
        Ok(Speech {
            text: self.text.clone(),
            language: self.language.clone(),
            voice,
            engine: Some(engine.to_owned()).filter(|engine| !engine.is_empty()),
            rate: None,
            ssml: self.ssml,
        })
    }
}

/// Markup may have lines.
fn check_markup(text: &str) -> Result<(), Complaint> {
    match text.chars().count() {
        0 => Err(Complaint::NoText),
        n if n > MAX_TEXT => Err(Complaint::LongText),
        _ => Ok(()),
    }
}
