//! What is dialled.

use std::fmt;
use std::str::FromStr;

use pregon_core::PhoneNumber;

use super::{CallerId, Dialled, MAX_SETTING, PartError, Trunk};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blank {
    Number,
    E164,
    Trunk,
}

impl Blank {
    const ALL: [(&'static str, Self); 3] =
        [("{number}", Self::Number), ("{e164}", Self::E164), ("{trunk}", Self::Trunk)];
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Blank(Blank),
}

/// `ASTERISK_CHANNEL`: what is dialled, with blanks. `{number}` is the number's digits, `{e164}` the same with a plus
/// sign, `{trunk}` the trunk's name.
///
/// ```
/// use pregon_asterisk::ChannelTemplate;
/// use pregon_core::PhoneNumber;
///
/// let template: ChannelTemplate = "PJSIP/{number}@trunk".parse().unwrap();
/// let to = PhoneNumber::try_from("+573005050149".to_owned()).unwrap();
/// assert_eq!(template.fill(&to, None).to_string(), "PJSIP/573005050149@trunk");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelTemplate {
    source: String,
    pieces: Vec<Piece>,
}

impl ChannelTemplate {
    /// Whether a call may choose its trunk.
    pub fn has_trunk(&self) -> bool {
        self.pieces.contains(&Piece::Blank(Blank::Trunk))
    }

    /// What to dial. A template without `{trunk}` ignores `trunk`, one with it leaves a missing trunk empty; both
    /// are for the caller to exclude.
    pub fn fill(&self, to: &PhoneNumber, trunk: Option<&Trunk>) -> Channel {
        self.fill_as(&Dialled::of(to.digits()), to, trunk)
    }

    /// The same with `{number}` written in a way of its own.
    pub fn fill_as(&self, number: &Dialled, to: &PhoneNumber, trunk: Option<&Trunk>) -> Channel {
        let filled = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Blank(Blank::Number) => number.0.as_str(),
            Piece::Blank(Blank::E164) => to.as_str(),
            Piece::Blank(Blank::Trunk) => trunk.map_or("", |t| t.0.as_str()),
        });
        Channel(filled.collect())
    }

    /// A number written the way this template writes the callee's: what a trunk expects of one, it expects of both.
    pub fn caller_id(&self, number: &PhoneNumber) -> CallerId {
        let with_plus = self.pieces.contains(&Piece::Blank(Blank::E164));
        Dialled::of(if with_plus { number.as_str() } else { number.digits() }).caller_id()
    }
}

impl FromStr for ChannelTemplate {
    type Err = PartError;

    fn from_str(source: &str) -> Result<Self, PartError> {
        let refuse = |why| Err(PartError::Channel { template: source.chars().take(60).collect(), why });
        let Some((technology, destination)) = source.split_once('/') else {
            return refuse("it has no / between technology and destination");
        };
        if technology.is_empty() || !technology.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return refuse("the technology before the / may hold letters, digits and _ only");
        }
        if source.len() > MAX_SETTING {
            return refuse("it is longer than 200 characters");
        }
        // `;` and `#` begin comments in a call file and cut the value.
        if !source.bytes().all(|b| b.is_ascii_graphic() && !b"\";#,&\\".contains(&b)) {
            return refuse("spaces, control characters and \" ; # , & \\ are not allowed");
        }
        let Some(pieces) = pieces(source) else {
            return refuse("only {number}, {e164} and {trunk} may stand in braces");
        };
        let numbers = [Piece::Blank(Blank::Number), Piece::Blank(Blank::E164)];
        if !numbers.iter().any(|n| pieces.contains(n)) {
            return refuse(if destination.is_empty() {
                "nothing stands after the /"
            } else {
                "it needs {number} or {e164}, or every call would dial the same"
            });
        }
        Ok(Self { source: source.to_owned(), pieces })
    }
}

/// Splits at the blanks; `None` when a brace belongs to none.
fn pieces(source: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['{', '}']) {
        let (text, tail) = rest.split_at(at);
        let (word, blank) = Blank::ALL.into_iter().find(|(word, _)| tail.starts_with(word))?;
        pieces.push(Piece::Text(text.to_owned()));
        pieces.push(Piece::Blank(blank));
        rest = tail.get(word.len()..)?;
    }
    pieces.push(Piece::Text(rest.to_owned()));
    Some(pieces)
}

impl fmt::Display for ChannelTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

/// What is dialled: a [`ChannelTemplate`] filled in, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel(String);

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to() -> PhoneNumber {
        PhoneNumber::try_from("+573005050149".to_owned()).unwrap()
    }

    #[test]
    fn a_template_is_filled_in_and_nothing_else() {
        let movistar: Trunk = "movistar-1".parse().unwrap();
        for (template, filled) in [
            ("PJSIP/{number}@trunk", "PJSIP/573005050149@trunk"),
            ("PJSIP/{e164}@{trunk}", "PJSIP/+573005050149@movistar-1"),
            ("PJSIP/{trunk}/sip:{number}@10.0.0.1:5060", "PJSIP/movistar-1/sip:573005050149@10.0.0.1:5060"),
            ("Local/{number}@from-internal/n", "Local/573005050149@from-internal/n"),
            ("DAHDI/g1/9{number}", "DAHDI/g1/9573005050149"),
        ] {
            let template: ChannelTemplate = template.parse().unwrap();
            assert_eq!(template.fill(&to(), Some(&movistar)).to_string(), filled);
        }
    }

    #[test]
    fn a_template_that_cannot_work_is_refused_with_its_reason() {
        for (template, why) in [
            ("", "no /"),
            ("{number}@trunk", "no /"),
            ("/{number}", "technology"),
            ("PJ SIP/{number}", "technology"),
            ("PJSIP/", "nothing stands"),
            ("PJSIP/100@trunk", "needs {number}"),
            ("PJSIP/{phone}@trunk", "in braces"),
            ("PJSIP/{number@trunk", "in braces"),
            ("PJSIP/{number}}@trunk", "in braces"),
            ("PJSIP/{number}@trunk\nApplication: System", "control"),
            ("PJSIP/{number}@trunk;x", "control"),
            ("PJSIP/{number}#@trunk", "control"),
            ("PJSIP/{number}@trünk", "control"),
        ] {
            let error = template.parse::<ChannelTemplate>().unwrap_err().to_string();
            assert!(error.contains(why), "{template:?}: {error}");
        }
        let long = format!("PJSIP/{{number}}@{}", "x".repeat(200));
        assert!(long.parse::<ChannelTemplate>().unwrap_err().to_string().contains("200"));
    }

    #[test]
    fn a_callers_number_is_written_like_the_callees() {
        let plain: ChannelTemplate = "PJSIP/{number}@t".parse().unwrap();
        let plus: ChannelTemplate = "PJSIP/{e164}@t".parse().unwrap();
        assert_eq!(plain.caller_id(&to()).to_string(), "<573005050149>");
        assert_eq!(plus.caller_id(&to()).to_string(), "<+573005050149>");
    }
}
