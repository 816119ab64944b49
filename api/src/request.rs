//! From a request's JSON to what a job has to do. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use pregon_core::{
    Call, Content, Interaction, Lane, NotSpoken, PhoneNumber, Redial, Region, Repertoire, Spec, Speech,
    StationName, Target, Timestamp, Trunks,
};
use serde_json::Value;
use utoipa::ToSchema;

use crate::fields::{Fields, forbidden_inside};
use crate::interaction::{InteractionView, interaction};
use crate::problem::FieldError;
use crate::retry::{Retry, retry};
use crate::view::{Priority, Time};
use crate::wording::{Wording, wording};

/// Longest text, in characters.
pub(crate) const MAX_TEXT: usize = 5_000;
/// Longest callback address, in characters.
pub(crate) const MAX_URL: usize = 2_000;
/// Attempts of a job that asks for no number of its own.
pub(crate) const DEFAULT_ATTEMPTS: u16 = 3;
/// A start that lies this far back is taken for now: clocks differ, and requests take time.
pub(crate) const SLACK: Duration = Duration::from_secs(5);
/// Nothing starts later than this.
pub(crate) const HORIZON: Duration = Duration::from_hours(366 * 24);
/// Most labels of a job, and most bytes of them as JSON.
const MAX_LABELS: (usize, usize) = (32, 4_096);

/// Every field that a call may have.
pub(crate) const FIELDS: [&str; 18] = [
    "text",
    "phone_number",
    "ssml",
    "fields",
    "language",
    "priority",
    "voice",
    "engine",
    "rate",
    "caller_id",
    "trunk",
    "interaction",
    "not_before",
    "expires",
    "max_attempts",
    "retry",
    "metadata",
    "callback_url",
];

/// A call to make.
#[derive(Clone, Debug, ToSchema)]
#[schema(example = json!({"text": "Su cita es mañana a las nueve", "phone_number": "3005050149", "priority": "high"}))]
pub(crate) struct CallRequest {
    /// What to say. Control characters are refused, line breaks among them unless it is SSML. With `fields`, a text with
    /// gaps such as `{{ name }}` or `{{ amount | currency }}`, which may have as many characters once they are filled.
    #[schema(min_length = 1, max_length = 5000, example = "Su cita es mañana a las nueve")]
    text: String,
    /// Whether the text is SSML (break, emphasis, lang, mark, p, prosody rate, s, say-as, speak, sub); plain text
    /// otherwise, whatever it looks like.
    #[schema(required = false, default = false)]
    ssml: bool,
    /// What the gaps of the text are filled with, by name: texts of at most 500 characters, or numbers. At most 100.
    #[schema(value_type = Option<Object>, example = json!({"name": "Ana", "amount": 45000}))]
    #[expect(dead_code, reason = "documents the shape: the gaps of the text are filled when it is read")]
    fields: (),
    /// Whom to call: in international form, or as dialled within `DEFAULT_REGION`.
    #[schema(value_type = String, example = "3005050149")]
    phone_number: PhoneNumber,
    /// Language tag of the text; `DEFAULT_LANGUAGE` when absent.
    #[schema(required = false, example = "es")]
    language: String,
    /// How urgent it is; `normal` when absent.
    #[schema(value_type = Priority, required = false)]
    priority: Lane,
    /// A voice by name: see `GET /voices`.
    #[schema(example = "es-419")]
    voice: Option<String>,
    /// The engine to try first; the configured chain when absent.
    #[schema(example = "espeak")]
    engine: Option<String>,
    /// Speaking rate; 1 is the voice's own.
    #[schema(minimum = 0.5, maximum = 2.0)]
    rate: Option<f32>,
    /// The number shown to the callee; the configured one when absent.
    #[schema(value_type = Option<String>, example = "+576067451200")]
    caller_id: Option<PhoneNumber>,
    /// The trunk to use; the configured one when absent.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,40}$")]
    trunk: Option<String>,
    /// What the callee is asked after the message, to be answered by key.
    #[schema(value_type = Option<InteractionView>)]
    interaction: Option<Interaction>,
    /// Not before this time: up to 366 days ahead, never in the past.
    #[schema(value_type = Option<Time>)]
    not_before: Option<Timestamp>,
    /// Pointless after this time; later than now and than `not_before`.
    #[schema(value_type = Option<Time>)]
    expires: Option<Timestamp>,
    /// Attempts that may be made before the job fails.
    #[schema(minimum = 1, maximum = 20, default = 3, required = false)]
    max_attempts: u16,
    /// Waits before another attempt, by outcome; for what is not named, the installation's own settings go.
    #[schema(value_type = Option<Retry>)]
    retry: Redial,
    /// Labels of your own, given back untouched: at most 32, and 4 KiB as JSON.
    #[schema(value_type = Option<Object>)]
    metadata: BTreeMap<String, Value>,
    /// An http or https address that is told when the job ends.
    #[schema(max_length = 2000, example = "https://crm.example.com/calls")]
    callback_url: Option<String>,
}

/// What requests are checked against.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) repertoire: Repertoire,
    pub(crate) trunks: Trunks,
    pub(crate) stations: Vec<StationName>,
    pub(crate) region: Region,
    pub(crate) language: String,
}

/// Reads one call. All that is wrong with it is told at once.
pub(crate) fn read(value: Value, rules: &Rules, now: Timestamp) -> Result<Spec, Vec<FieldError>> {
    let mut fields = Fields::of(value, "body").map_err(|e| vec![e])?;
    let number = |text: &str| PhoneNumber::parse(text, rules.region);
    let text = fields.need("text");
    let phone_number = fields.need("phone_number");
    let phone_number = fields
        .text("phone_number", phone_number, MAX_TEXT)
        .and_then(|t| number(&t).map_err(|why| fields.refuse("phone_number", why)).ok());
    let priority = fields.parsed("priority", 40, priority);
    let rate = fields.number("rate", &(0.5..=2.0));
    let caller_id = fields.parsed("caller_id", MAX_TEXT, number);
    let trunk = fields.parsed("trunk", MAX_TEXT, trunk);
    route(&mut fields, rules, phone_number.as_ref(), trunk.as_deref());
    let max_attempts = fields.whole("max_attempts", &(1..=20));
    let callback_url = fields.parsed("callback_url", MAX_URL, callback_url);
    let retry = retry(&mut fields);
    let metadata = labels(&mut fields);
    let (language, engine, voice) = speaker(&mut fields, rules);
    let text = wording(&mut fields, text, &language, rules);
    let interaction = interaction(&mut fields, &language);
    let (not_before, expires) = times(&mut fields, now);
    fields.finish(&FIELDS)?;
    // Without errors both are there.
    let (Some(Wording { text, ssml }), Some(phone_number)) = (text, phone_number) else {
        return Err(Vec::new());
    };
    let request = CallRequest {
        text,
        ssml,
        fields: (),
        phone_number,
        language,
        priority: priority.unwrap_or(Lane::Normal),
        voice,
        engine,
        rate,
        caller_id,
        trunk,
        interaction,
        not_before,
        expires,
        max_attempts: max_attempts.unwrap_or(DEFAULT_ATTEMPTS),
        retry,
        metadata,
        callback_url,
    };
    Ok(request.into_spec())
}

impl CallRequest {
    fn into_spec(self) -> Spec {
        Spec {
            content: Content::Speech(Speech {
                text: self.text,
                language: self.language,
                voice: self.voice,
                engine: self.engine,
                rate: self.rate,
                ssml: self.ssml,
            }),
            target: Target::Call(Call {
                to: self.phone_number,
                caller_id: self.caller_id,
                trunk: self.trunk,
                interaction: self.interaction,
            }),
            lane: self.priority,
            max_attempts: self.max_attempts,
            retry: self.retry,
            not_before: self.not_before,
            expires: self.expires,
            metadata: self.metadata,
            callback_url: self.callback_url,
        }
    }
}

/// The lane of that word.
pub(crate) fn priority(text: &str) -> Result<Lane, &'static str> {
    Lane::ALL.into_iter().find(|l| l.as_str() == text).ok_or("must be normal or high")
}

/// A call that no trunk takes would fail later, one by one.
fn route(fields: &mut Fields, rules: &Rules, to: Option<&PhoneNumber>, trunk: Option<&str>) {
    if let Some(Err(why)) = trunk.map(|name| rules.trunks.knows(name)) {
        fields.refuse("trunk", why);
        return;
    }
    let Some(to) = to else { return };
    if let Err(why) = rules.trunks.choose(to, trunk) {
        fields.refuse(if why.is_about_the_trunk() { "trunk" } else { "phone_number" }, why);
    }
}

fn trunk(text: &str) -> Result<String, &'static str> {
    let named = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if (1..=40).contains(&text.len()) && text.bytes().all(named) {
        Ok(text.to_owned())
    } else {
        Err("must be 1 to 40 letters, digits, _ or -")
    }
}

pub(crate) fn language(text: &str) -> Result<String, &'static str> {
    let mut subtags = text.split('-');
    let primary = subtags.next().unwrap_or_default();
    let plain = |s: &str| s.bytes().all(|b| b.is_ascii_alphanumeric());
    let good = (2..=3).contains(&primary.len())
        && primary.bytes().all(|b| b.is_ascii_alphabetic())
        && text.len() <= 35
        && subtags.all(|s| (1..=8).contains(&s.len()) && plain(s));
    if good { Ok(text.to_owned()) } else { Err("must be a language tag such as es or es-CO") }
}

pub(crate) fn callback_url(text: &str) -> Result<String, &'static str> {
    const WRONG: &str = "must be an http or https address such as https://example.com/calls";
    let (scheme, rest) = text.split_once("://").ok_or(WRONG)?;
    let web = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    // The parser forgives more slashes than two, and takes what follows for the host.
    if !web || rest.starts_with(['/', '\\']) || text.contains(char::is_whitespace) {
        return Err(WRONG);
    }
    let url = url::Url::parse(text).map_err(|_| WRONG)?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err(WRONG);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("may not carry a user name or password");
    }
    Ok(text.to_owned())
}

pub(crate) fn labels(fields: &mut Fields) -> BTreeMap<String, Value> {
    let (most, bytes) = MAX_LABELS;
    let labels = match fields.take("metadata") {
        None => return BTreeMap::new(),
        Some(Value::Object(labels)) => labels,
        Some(_) => {
            fields.refuse("metadata", "must be an object in braces");
            return BTreeMap::new();
        }
    };
    let labels = Value::Object(labels);
    let size = labels.to_string().len();
    if let Some(found) = forbidden_inside(&labels) {
        fields.refuse("metadata", found);
    } else if size > bytes {
        fields.refuse("metadata", format_args!("may have {bytes} bytes as JSON, not {size}"));
    }
    let Value::Object(labels) = labels else { return BTreeMap::new() };
    if labels.len() > most {
        fields.refuse("metadata", format_args!("may have {most} labels, not {}", labels.len()));
    }
    labels.into_iter().collect()
}

/// Language, engine and voice. Each of them is named when nobody can speak so, not only the first.
pub(crate) fn speaker(fields: &mut Fields, rules: &Rules) -> (String, Option<String>, Option<String>) {
    let tag = fields.parsed("language", MAX_TEXT, language).unwrap_or_else(|| rules.language.clone());
    let name = |text: &str| Ok::<_, &str>(text.to_owned());
    let engine = fields.parsed("engine", MAX_TEXT, name);
    let voice = fields.parsed("voice", MAX_TEXT, name);
    let (mut asked_tag, mut asked_engine, mut asked_voice) =
        (tag.as_str(), engine.as_deref(), voice.as_deref());
    while let Err(error) = rules.repertoire.check(asked_tag, asked_engine, asked_voice) {
        match error {
            NotSpoken::Engine(_) if asked_engine.is_some() => {
                fields.refuse("engine", error);
                asked_engine = None;
            }
            NotSpoken::Voice(_) => {
                fields.refuse("voice", error);
                asked_voice = None;
            }
            NotSpoken::Language(_) if asked_tag != rules.language => {
                fields.refuse("language", error);
                asked_tag = &rules.language;
            }
            NotSpoken::Engine(_) | NotSpoken::Language(_) => {
                fields.refuse("language", error);
                break;
            }
        }
    }
    (tag, engine, voice)
}

fn times(fields: &mut Fields, now: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
    let not_before = fields.parsed("not_before", MAX_TEXT, str::parse::<Timestamp>);
    let expires = fields.parsed("expires", MAX_TEXT, str::parse::<Timestamp>);
    if not_before.is_some_and(|at| at + SLACK < now) {
        fields.refuse("not_before", "lies in the past");
    }
    if not_before.is_some_and(|at| at > now + HORIZON) {
        fields.refuse("not_before", "lies more than 366 days ahead");
    }
    if let Some(expires) = expires {
        if expires <= now {
            fields.refuse("expires", "lies in the past");
        } else if not_before.is_some_and(|start| expires <= start) {
            fields.refuse("expires", "must be later than not_before");
        }
    }
    (not_before, expires)
}

#[cfg(test)]
#[path = "request_tests.rs"]
pub(crate) mod tests;
