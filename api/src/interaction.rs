//! The field `interaction`: what the callee may answer with the keys of the telephone.

use pregon_core::interaction::{ANSWER_SECONDS, MAX_DIGITS, PROMPTS, REPEATS};
use pregon_core::{DialKey, Input, Interaction, NotAKey, Purpose};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::fields::Fields;

/// Longest prompt, in characters.
const MAX_PROMPT: usize = 1_000;

const FIELDS: [&str; 9] =
    ["confirm", "repeat", "opt_out", "input", "prompt", "thanks", "wait_seconds", "prompts", "repeats"];

/// What the callee is asked after the message. At least one of `confirm`, `repeat`, `opt_out` and `input`; every key is
/// one of `0` to `9` and `*`, and has one meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"confirm": "1", "repeat": "2", "opt_out": "9"}))]
pub(crate) struct InteractionView {
    /// The key that confirms.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9*]$", example = "1")]
    confirm: Option<String>,
    /// The key that plays the message again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9*]$", example = "2")]
    repeat: Option<String>,
    /// The key that asks for no more calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9*]$", example = "9")]
    opt_out: Option<String>,
    /// A digit or a number of the callee's own. Not beside `confirm`; beside a number, the other keys can only be `*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<InputView>,
    /// What is asked; made of the keys, in the language of the message, when absent.
    #[schema(required = false, max_length = 1000, example = "Para confirmar, marque 1.")]
    prompt: String,
    /// What is said after an answer; `Gracias.` or `Thank you.` when absent, nothing when empty.
    #[schema(required = false, max_length = 1000)]
    thanks: String,
    /// Seconds to press the first key after the prompt.
    #[schema(required = false, minimum = 2, maximum = 30, default = 6)]
    wait_seconds: u8,
    /// How often the prompt is spoken before the call ends without an answer.
    #[schema(required = false, minimum = 1, maximum = 5, default = 2)]
    prompts: u8,
    /// How often the message may be heard again.
    #[schema(required = false, minimum = 1, maximum = 9, default = 3)]
    repeats: u8,
}

/// A digit or a number. The callee ends it with `#`, or by waiting for three seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"min": 4, "max": 8}))]
pub(crate) struct InputView {
    /// Fewest digits.
    #[schema(required = false, minimum = 1, maximum = 20, default = 1)]
    min: u8,
    /// Most digits.
    #[schema(required = false, minimum = 1, maximum = 20, default = 1)]
    max: u8,
}

impl From<&Interaction> for InteractionView {
    fn from(asked: &Interaction) -> Self {
        let key = |purpose| asked.key(purpose).map(|key: DialKey| key.to_string());
        Self {
            confirm: key(Purpose::Confirm),
            repeat: key(Purpose::Repeat),
            opt_out: key(Purpose::OptOut),
            input: asked.input.map(|input| InputView { min: input.min, max: input.max }),
            prompt: asked.prompt.clone(),
            thanks: asked.thanks.clone(),
            wait_seconds: asked.wait_seconds,
            prompts: asked.prompts,
            repeats: asked.repeats,
        }
    }
}

/// Reads the field of a call in that language. What is wrong with it is named as `interaction.confirm`.
pub(crate) fn interaction(fields: &mut Fields, language: &str) -> Option<Interaction> {
    let value = fields.take("interaction")?;
    match read(value, language) {
        Ok(asked) => Some(asked),
        Err(errors) => {
            for (field, why) in errors {
                fields.refuse(&field, why);
            }
            None
        }
    }
}

fn read(value: Value, language: &str) -> Result<Interaction, Vec<(String, String)>> {
    let inside = |name: &str| if name.is_empty() { OUTER.to_owned() } else { format!("{OUTER}.{name}") };
    let mut fields = Fields::of(value, OUTER).map_err(|e| vec![(e.field, e.message)])?;
    let mut asked = Interaction {
        repeat: key(&mut fields, Purpose::Repeat),
        confirm: key(&mut fields, Purpose::Confirm),
        opt_out: key(&mut fields, Purpose::OptOut),
        input: input(&mut fields),
        prompt: String::new(),
        thanks: String::new(),
        wait_seconds: bounded(&mut fields, "wait_seconds", ANSWER_SECONDS),
        prompts: bounded(&mut fields, "prompts", PROMPTS),
        repeats: bounded(&mut fields, "repeats", REPEATS),
    };
    let prompt = words(&mut fields, "prompt");
    let thanks = words(&mut fields, "thanks");
    if prompt.as_deref().is_some_and(|text| text.trim().is_empty()) {
        fields.refuse("prompt", "is empty");
    }
    fields
        .finish(&FIELDS)
        .map_err(|errors| errors.into_iter().map(|e| (inside(&e.field), e.message)).collect::<Vec<_>>())?;
    asked.check().map_err(|wrong| vec![(inside(wrong.field), wrong.why.to_owned())])?;
    asked.prompt = prompt.unwrap_or_else(|| asked.default_prompt(language));
    asked.thanks = thanks.unwrap_or_else(|| Interaction::default_thanks(language).to_owned());
    Ok(asked)
}

const OUTER: &str = "interaction";

fn key(fields: &mut Fields, purpose: Purpose) -> Option<DialKey> {
    fields.parsed(purpose.as_str(), MAX_PROMPT, |text: &str| {
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(key), None) => key.try_into(),
            (_, _) => Err(NotAKey),
        }
    })
}

fn words(fields: &mut Fields, field: &str) -> Option<String> {
    let value = fields.take(field);
    fields.text(field, value, MAX_PROMPT)
}

fn bounded(fields: &mut Fields, field: &str, (least, usual, most): (u8, u8, u8)) -> u8 {
    let number = fields.whole(field, &(least.into()..=most.into()));
    number.and_then(|n| u8::try_from(n).ok()).unwrap_or(usual)
}

fn input(fields: &mut Fields) -> Option<Input> {
    let mut inner = match Fields::of(fields.take("input")?, "input") {
        Ok(inner) => inner,
        Err(error) => {
            fields.refuse("input", error.message);
            return None;
        }
    };
    let min = bounded(&mut inner, "min", (1, 1, MAX_DIGITS));
    let max = bounded(&mut inner, "max", (1, min, MAX_DIGITS));
    if let Err(errors) = inner.finish(&["min", "max"]) {
        for error in errors {
            fields.refuse(&format!("input.{}", error.field), error.message);
        }
    }
    Some(Input { min, max })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_said_is_filled_in() {
        let asked = read(json!({"confirm": "1", "opt_out": "9"}), "es-CO").unwrap();
        assert_eq!(asked.prompt, "Para confirmar, marque 1. Para no recibir más llamadas, marque 9.");
        assert_eq!(
            (asked.thanks.as_str(), asked.wait_seconds, asked.prompts, asked.repeats),
            ("Gracias.", 6, 2, 3)
        );
        let own =
            json!({"input": {"min": 4, "max": 8}, "prompt": "Your number?", "thanks": "", "prompts": 1});
        let asked = read(own, "en").unwrap();
        assert_eq!((asked.prompt.as_str(), asked.thanks.as_str(), asked.prompts), ("Your number?", "", 1));
        assert_eq!(asked.input, Some(Input { min: 4, max: 8 }));
        assert_eq!(read(json!({"input": {}}), "en").unwrap().input, Some(Input { min: 1, max: 1 }));
    }

    #[test]
    fn what_is_wrong_is_named_down_to_the_key() {
        for (value, field, words) in [
            (json!("1"), "interaction", "must be an object"),
            (json!({}), "interaction", "must have at least one of"),
            (json!({"confirm": "#"}), "interaction.confirm", "must be one key: 0 to 9 or *"),
            (json!({"confirm": "12"}), "interaction.confirm", "must be one key"),
            (json!({"confirm": 1}), "interaction.confirm", "must be a text"),
            (json!({"confirm": "1", "repeat": "1"}), "interaction.repeat", "another choice"),
            (json!({"confirm": "1", "prompt": " "}), "interaction.prompt", "is empty"),
            (json!({"confirm": "1", "wait_seconds": 99}), "interaction.wait_seconds", "from 2 to 30"),
            (json!({"confirm": "1", "optout": "9"}), "interaction.optout", "did you mean opt_out?"),
            (json!({"input": {"max": 40}}), "interaction.input.max", "from 1 to 20"),
            (json!({"input": {"min": 5, "max": 4}}), "interaction.input", "min no more than max"),
            (json!({"input": {"digits": 4}}), "interaction.input.digits", "is not a known field"),
        ] {
            let errors = read(value.clone(), "es").unwrap_err();
            assert_eq!(errors.len(), 1, "{value}: {errors:?}");
            assert_eq!(errors[0].0, field, "{value}");
            assert!(errors[0].1.contains(words), "{value}: {}", errors[0].1);
        }
    }
}
