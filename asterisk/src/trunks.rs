//! Trunks: by which way a call leaves, how its number is written there, and what the way bears.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use pregon_core::{Call, Limits, Line, NotRouted, PhoneNumber, Region, TrunkInfo, Trunks};

use crate::parts::{CallerId, Channel, ChannelTemplate, Dialled, Prefix, Trunk};

/// How a trunk wants numbers written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Form {
    /// Country code and number: 573005050149.
    #[default]
    Digits,
    /// The same with a plus sign.
    E164,
    /// Without the country code: 3005050149. Only for the trunk's own countries.
    National,
}

impl Form {
    const ALL: [(&'static str, Self); 3] =
        [("digits", Self::Digits), ("e164", Self::E164), ("national", Self::National)];

    /// The number as the trunk wants it. One of another country is never cut down to what might be a stranger's here.
    fn write<'n>(self, number: &'n PhoneNumber, countries: &[Region]) -> &'n str {
        match self {
            Self::Digits => number.digits(),
            Self::E164 => number.as_str(),
            Self::National => {
                countries.iter().find_map(|country| number.national(*country)).unwrap_or(number.digits())
            }
        }
    }
}

/// One trunk of `TRUNKS`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Way {
    name: Trunk,
    countries: Vec<Region>,
    channel: ChannelTemplate,
    form: Form,
    prefix: Prefix,
    caller_id: Option<CallerId>,
    limits: Limits,
}

impl Way {
    /// What to dial. `name` is the trunk's own or, where one channel takes any name, the call's.
    fn dial(&self, call: &Call, name: &Trunk) -> Channel {
        let number = self.prefix.before(self.form.write(&call.to, &self.countries));
        self.channel.fill_as(&number, &call.to, Some(name))
    }

    /// A caller's number written the way the callee's is, but without the prefix: what a trunk expects of one, it
    /// expects of both.
    fn caller_id(&self, number: &PhoneNumber) -> CallerId {
        match self.form {
            Form::Digits => self.channel.caller_id(number),
            Form::E164 | Form::National => Dialled::of(self.form.write(number, &self.countries)).caller_id(),
        }
    }
}

/// `TRUNKS`: one or more trunks, the preferred ones first.
#[derive(Clone, Debug, PartialEq)]
pub struct TrunkList(Vec<Way>);

/// What is wrong with `TRUNKS`, naming trunk and key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotTrunks(String);

impl FromStr for TrunkList {
    type Err = NotTrunks;

    fn from_str(text: &str) -> Result<Self, NotTrunks> {
        let mut ways: Vec<Way> = Vec::new();
        for words in split(text)? {
            let way = way(&words)?;
            if ways.iter().any(|known| known.name == way.name) {
                return Err(NotTrunks(format!("trunk {}: there are two of that name", way.name)));
            }
            ways.push(way);
        }
        if ways.is_empty() {
            return Err(NotTrunks("names no trunk".to_owned()));
        }
        Ok(Self(ways))
    }
}

/// Trunks at the semicolons, words at the blanks; neither counts between double quotes.
fn split(text: &str) -> Result<Vec<Vec<String>>, NotTrunks> {
    let (mut trunks, mut words, mut word) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    for c in text.chars().chain([';']) {
        match c {
            '"' => quoted = !quoted,
            ';' | ' ' | '\t' | '\n' if !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                if c == ';' && !words.is_empty() {
                    trunks.push(std::mem::take(&mut words));
                }
            }
            _ => word.push(c),
        }
    }
    if quoted { Err(NotTrunks("a double quote is not closed".to_owned())) } else { Ok(trunks) }
}

const KEYS: &str = "channel, number, prefix, countries, caller_id, per_second, at_once";

fn way(words: &[String]) -> Result<Way, NotTrunks> {
    let (name, settings) = words.split_first().ok_or_else(|| NotTrunks("names no trunk".to_owned()))?;
    if name.contains('=') {
        return Err(NotTrunks(format!("{name:?} stands where the name of a trunk should")));
    }
    let trunk: Trunk = name.parse().map_err(|why| NotTrunks(format!("{why}")))?;
    let channel = format!("PJSIP/{{number}}@{trunk}");
    let mut way = Way {
        channel: channel.parse().map_err(|why| NotTrunks(format!("trunk {trunk}: channel: {why}")))?,
        name: trunk,
        countries: Vec::new(),
        form: Form::default(),
        prefix: Prefix::default(),
        caller_id: None,
        limits: Limits::default(),
    };
    let mut seen = HashSet::new();
    for setting in settings {
        let (key, value) = setting.split_once('=').unwrap_or((setting, ""));
        let wrong = |why: &dyn fmt::Display| NotTrunks(format!("trunk {name}: {key}: {why}"));
        if !seen.insert(key) {
            return Err(wrong(&"stands there twice"));
        }
        set(&mut way, key, value).map_err(|why| wrong(&why))?;
    }
    if way.form == Form::National && way.countries.is_empty() {
        let why = "national needs countries=, or a number of another country would ring a stranger";
        return Err(NotTrunks(format!("trunk {name}: number: {why}")));
    }
    Ok(way)
}

fn set(way: &mut Way, key: &str, value: &str) -> Result<(), String> {
    let text = |why: &dyn fmt::Display| why.to_string();
    match key {
        "channel" => way.channel = value.parse().map_err(|why| text(&why))?,
        "number" => {
            let form = Form::ALL.into_iter().find(|(word, _)| *word == value);
            (_, way.form) = form.ok_or_else(|| format!("{value:?} is none of digits, e164, national"))?;
        }
        "prefix" => way.prefix = value.parse()?,
        "countries" => way.countries = value.split(',').map(str::parse).collect::<Result<_, _>>()?,
        "caller_id" => way.caller_id = Some(value.parse().map_err(|why| text(&why))?),
        "per_second" => way.limits.per_second = Some(value.parse()?),
        "at_once" => {
            let slots = value.parse().ok().filter(|n| (1..=100_000).contains(n));
            way.limits.at_once =
                Some(slots.ok_or_else(|| format!("{value:?} is not a whole number from 1 to 100000"))?);
        }
        _ => return Err(format!("is not a setting of a trunk: {KEYS}")),
    }
    Ok(())
}

/// By which ways calls leave.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Trunks")]
#[expect(clippy::doc_markdown, reason = "these comments are the help texts, shown to people as they stand")]
pub struct TrunkArgs {
    /// The trunks, preferred ones first, with semicolons between them: a name and its settings, such as
    /// 'co number=national countries=CO per_second=5 at_once=20; world number=e164'.
    /// A call goes by the trunk it names, or by the first that calls its country. Settings of each:
    ///   channel      what is dialled, as ASTERISK_CHANNEL; PJSIP/{number}@NAME unless set
    ///   number       how {number} is written: digits (573005050149, unless set), e164
    ///                (+573005050149) or national (3005050149)
    ///   prefix       put before {number}: digits and *
    ///   countries    those it calls, such as CO,VE; all unless set
    ///   caller_id    as ASTERISK_CALLER_ID, which goes where it is not set; in quotes if it holds a name
    ///   per_second   calls that may start per second, as CALLS_PER_SECOND
    ///   at_once      calls that may go on at once, as CALLS_AT_ONCE
    /// Where TRUNKS is set, ASTERISK_CHANNEL and ASTERISK_TRUNK are not used
    #[arg(long, env, value_name = "TRUNK;...", verbatim_doc_comment)]
    pub trunks: Option<TrunkList>,

    /// What is dialled. {number} stands for the number's digits, {e164} for the same with a plus sign, {trunk} for the
    /// trunk's name
    #[arg(long, env, value_name = "TECH/DESTINATION", default_value = "PJSIP/{number}@trunk")]
    pub asterisk_channel: ChannelTemplate,

    /// The trunk of calls that name none; calls may name others where the channel has {trunk} in it
    #[arg(long, env, value_name = "NAME", default_value = "trunk")]
    pub asterisk_trunk: Trunk,

    /// What people see when called: a number, or a name and a number such as "Clinica <+576015550000>". Without it most
    /// trunks show "anonymous"
    #[arg(long, env, value_name = "NUMBER")]
    pub asterisk_caller_id: Option<CallerId>,
}

impl TrunkArgs {
    /// The trunks as everybody may know them.
    pub fn known(&self) -> Trunks {
        self.exchange(Duration::ZERO).trunks
    }

    /// What each of them bears, in the same order.
    pub fn limits(&self) -> Vec<Limits> {
        self.exchange(Duration::ZERO).ways.iter().map(|way| way.limits).collect()
    }

    /// What each trunk would dial to reach `to`, to look its name up in Asterisk.
    pub fn examples(&self, to: &PhoneNumber) -> Vec<Channel> {
        let ways = self.exchange(Duration::ZERO).ways;
        ways.iter().map(|way| way.channel.fill(to, Some(&way.name))).collect()
    }

    /// Everything a call needs to find its way. A telephone may ring for `ring`.
    pub(crate) fn exchange(&self, ring: Duration) -> Exchange {
        let single = || {
            vec![Way {
                name: self.asterisk_trunk.clone(),
                countries: Vec::new(),
                channel: self.asterisk_channel.clone(),
                form: Form::Digits,
                prefix: Prefix::default(),
                caller_id: None,
                limits: Limits::default(),
            }]
        };
        let ways = self.trunks.as_ref().map_or_else(single, |list| list.0.clone());
        let info = |way: &Way| TrunkInfo { name: way.name.to_string(), countries: way.countries.clone() };
        let trunks = Trunks {
            known: ways.iter().map(info).collect(),
            open: self.trunks.is_none() && self.asterisk_channel.has_trunk(),
        };
        Exchange { ways, trunks, caller_id: self.asterisk_caller_id.clone(), ring }
    }
}

/// Sends each call on its way.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    ways: Vec<Way>,
    trunks: Trunks,
    caller_id: Option<CallerId>,
    ring: Duration,
}

/// Why a call cannot be sent anywhere from here.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoWay {
    #[error("the trunk it asks for {0}")]
    Unknown(NotRouted),
    #[error("{0}")]
    Country(NotRouted),
    #[error("{0}")]
    Name(#[from] crate::parts::PartError),
}

impl From<NotRouted> for NoWay {
    fn from(why: NotRouted) -> Self {
        match why {
            NotRouted::Unknown(_) => Self::Unknown(why),
            NotRouted::Abroad(_) | NotRouted::Nowhere => Self::Country(why),
        }
    }
}

impl Exchange {
    /// A call must not silently go out by another trunk than it asked for.
    fn way(&self, call: &Call) -> Result<(&Way, Trunk), NoWay> {
        let at = self.trunks.choose(&call.to, call.trunk.as_deref())?;
        let way = self.ways.get(at).ok_or(NoWay::Country(NotRouted::Nowhere))?;
        let name = match &call.trunk {
            Some(name) => name.parse()?,
            None => way.name.clone(),
        };
        Ok((way, name))
    }

    /// What is dialled, and what the callee sees.
    pub(crate) fn connect(&self, call: &Call) -> Result<(Channel, Option<CallerId>), NoWay> {
        let (way, name) = self.way(call)?;
        let own = call.caller_id.as_ref().map(|number| way.caller_id(number));
        let shown = own.or_else(|| way.caller_id.clone()).or_else(|| self.caller_id.clone());
        Ok((way.dial(call, &name), shown))
    }

    /// The trunk a call goes by, for those who count.
    pub(crate) fn line(&self, call: &Call) -> Option<Line> {
        let (way, name) = self.way(call).ok()?;
        Some(Line { trunk: name.to_string(), limits: way.limits, ring: self.ring })
    }
}

#[cfg(test)]
#[path = "trunks_tests.rs"]
mod tests;
