//! The text that makes Asterisk call somebody.

use std::fmt;

use pregon_core::{Interaction, Key};

use crate::parts::{AudioPath, CallerId, Channel};

/// The dialplan context that plays the announcement (`conf/pregon.conf`).
pub const CONTEXT: &str = "pregon-call";

/// The dialplan context that reports how the call ended.
pub const HANGUP_CONTEXT: &str = "pregon-hangup";

/// The variable that bounds an answered call.
pub(crate) const LONGEST: &str = "PREGON_LONGEST";

/// The variable with the keys that are answers.
pub(crate) const KEYS: &str = "PREGON_KEYS";

/// The variable with the fewest digits that are an answer.
pub(crate) const LEAST: &str = "PREGON_LEAST";

/// What Asterisk adds to the present for the time in `StartRetry:`. Longer than any call: where Asterisk cannot keep
/// its mark in the file, it dials again after this long (measured: five calls at once to one person with 2 s).
pub const RETRY_SECONDS: i64 = 3_600;

/// One attempt at one call, ready to be written. Every part is of a type that cannot hold anything harmful.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFile {
    /// The attempt.
    pub key: Key,
    /// What is dialled.
    pub channel: Channel,
    /// What the callee sees.
    pub caller_id: Option<CallerId>,
    /// What is played.
    pub audio: AudioPath,
    /// How long it may ring, in seconds.
    pub wait_seconds: u16,
    /// How long it may go on once it was answered, in seconds: then Asterisk hangs up.
    pub longest_seconds: u64,
    /// What the callee is asked after the message.
    pub question: Option<Question>,
}

/// What a call asks, and how it sounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The keys and what they are for.
    pub interaction: Interaction,
    /// The question.
    pub prompt: AudioPath,
    /// What follows an answer.
    pub thanks: Option<AudioPath>,
}

impl CallFile {
    /// Everything that it plays.
    pub fn sounds(&self) -> impl Iterator<Item = &AudioPath> {
        let question = self.question.iter();
        let asked = question.flat_map(|asked| std::iter::once(&asked.prompt).chain(&asked.thanks));
        std::iter::once(&self.audio).chain(asked)
    }
}

impl fmt::Display for CallFile {
    /// One file is one attempt: `MaxRetries: 0`, because attempts are counted and named by the ledger. The archived
    /// file is the only trace of a call that never got a channel, hence `Archive: yes`. `CDR(userfield)` is set here
    /// because the dialplan does not run for calls that nobody answers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Channel: {}", self.channel)?;
        if let Some(caller_id) = &self.caller_id {
            writeln!(f, "CallerID: {caller_id}")?;
        }
        writeln!(f, "WaitTime: {}", self.wait_seconds)?;
        writeln!(f, "MaxRetries: 0")?;
        writeln!(f, "RetryTime: {RETRY_SECONDS}")?;
        writeln!(f, "Archive: yes")?;
        writeln!(f, "Context: {CONTEXT}")?;
        writeln!(f, "Extension: s")?;
        writeln!(f, "Priority: 1")?;
        writeln!(f, "Set: PREGON_JOB={}", self.key.job)?;
        writeln!(f, "Set: PREGON_ATTEMPT={}", self.key.attempt)?;
        writeln!(f, "Set: PREGON_AUDIO={}", self.audio)?;
        writeln!(f, "Set: {LONGEST}={}", self.longest_seconds)?;
        if let Some(question) = &self.question {
            write!(f, "{question}")?;
        }
        writeln!(f, "Set: CDR(userfield)={}", self.key)?;
        writeln!(f, "Set: CHANNEL(hangup_handler_push)={HANGUP_CONTEXT},s,1")
    }
}

impl fmt::Display for Question {
    /// The variables that `[pregon-ask]` in `conf/pregon.conf` goes by.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asked = &self.interaction;
        writeln!(f, "Set: PREGON_PROMPT={}", self.prompt)?;
        if let Some(thanks) = &self.thanks {
            writeln!(f, "Set: PREGON_THANKS={thanks}")?;
        }
        if let Some(key) = asked.repeat {
            writeln!(f, "Set: PREGON_REPEAT={key}")?;
        }
        let answers: String = [asked.confirm, asked.opt_out].into_iter().flatten().map(char::from).collect();
        if !answers.is_empty() {
            writeln!(f, "Set: {KEYS}={answers}")?;
        }
        if let Some(input) = asked.input {
            writeln!(f, "Set: {LEAST}={}", input.min)?;
        }
        writeln!(f, "Set: PREGON_MOST={}", asked.input.map_or(1, |input| input.max))?;
        writeln!(f, "Set: PREGON_WAIT={}", asked.wait_seconds)?;
        writeln!(f, "Set: PREGON_PROMPTS={}", asked.prompts)?;
        writeln!(f, "Set: PREGON_REPEATS={}", asked.repeats)
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use pregon_core::{Input, PhoneNumber};
    use proptest::prelude::*;

    use super::*;
    use crate::parts::{ChannelTemplate, Prefix, Trunk};

    fn key() -> Key {
        "0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f-2".parse().unwrap()
    }

    #[test]
    fn a_call_file_reads_like_this() {
        let template: ChannelTemplate = "PJSIP/{number}@trunk".parse().unwrap();
        let file = CallFile {
            key: key(),
            channel: template.fill(&PhoneNumber::try_from("+573005050149".to_owned()).unwrap(), None),
            caller_id: Some("Clinica <+576015550000>".parse().unwrap()),
            audio: Path::new("/var/lib/pregon/audio/4f/4f2a9c0d11e84b7a").try_into().unwrap(),
            wait_seconds: 45,
            longest_seconds: 34,
            question: None,
        };
        insta::assert_snapshot!(file, @r#"
        Channel: PJSIP/573005050149@trunk
        CallerID: "Clinica" <+576015550000>
        WaitTime: 45
        MaxRetries: 0
        RetryTime: 3600
        Archive: yes
        Context: pregon-call
        Extension: s
        Priority: 1
        Set: PREGON_JOB=0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f
        Set: PREGON_ATTEMPT=2
        Set: PREGON_AUDIO=/var/lib/pregon/audio/4f/4f2a9c0d11e84b7a
        Set: PREGON_LONGEST=34
        Set: CDR(userfield)=0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f-2
        Set: CHANNEL(hangup_handler_push)=pregon-hangup,s,1
        "#);
    }

    /// Every key and every bound in use, whether or not they fit together.
    fn interaction() -> Interaction {
        let key = |key: char| key.try_into().ok();
        Interaction {
            repeat: key('*'),
            confirm: key('1'),
            opt_out: key('9'),
            input: Some(Input { min: 1, max: 1 }),
            prompt: "Uno;\nApplication: System".to_owned(),
            thanks: "#".to_owned(),
            wait_seconds: 6,
            prompts: 2,
            repeats: 3,
        }
    }

    /// Reads as `pbx_spool.c` does: comments cut, long lines skipped, the value trimmed.
    fn read(text: &str) -> Vec<(String, String)> {
        let lines = text.split('\n').filter(|line| line.len() < 1_023);
        let cut = lines.map(|line| {
            let hash = line
                .char_indices()
                .find(|(at, c)| *c == '#' && (*at == 0 || line[..*at].ends_with([' ', '\t'])));
            let end = [hash.map(|(at, _)| at), line.find(';')].into_iter().flatten().min();
            &line[..end.unwrap_or(line.len())]
        });
        cut.filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
            .collect()
    }

    proptest! {
        #[test]
        fn whatever_the_parts_the_file_has_exactly_its_lines(
            digits in "[0-9]{3,15}",
            attempt in any::<u16>(),
            template in "[A-Za-z]{1,8}/[!-~]{0,20}\\{(number|e164|trunk)\\}[ -~\\n\\t;#]{0,20}",
            plain in prop::bool::ANY,
            trunk in "[ -~\\n]{0,45}",
            caller in prop::option::of("[ -~\\n]{0,12}<?\\+?[0-9]{0,16}>?"),
            path in "/[ -~\\n\\r\\u{80}-\\u{ff}]{1,60}",
            clean in prop::bool::ANY,
            wait in 1_u16..600,
            prefix in "[0-9*]{0,12}|[ -~\\n]{0,14}",
            asks in prop::bool::ANY,
        ) {
            let template = if plain { "PJSIP/{number}@{trunk}".to_owned() } else { template };
            let path = if clean { format!("/data/{digits}") } else { path };
            let Ok(template) = template.parse::<ChannelTemplate>() else { return Ok(()) };
            let Ok(audio) = AudioPath::try_from(PathBuf::from(&path).as_path()) else { return Ok(()) };
            let trunk = trunk.parse::<Trunk>().ok();
            let known = prefix.parse::<Prefix>().ok();
            let prefix = known.as_ref().map_or("", |_| prefix.as_str());
            let caller_id = caller.as_deref().and_then(|c| c.parse::<CallerId>().ok());
            let to = PhoneNumber::try_from(format!("+{digits}")).unwrap();
            let key = Key { attempt, ..key() };
            let number = known.clone().unwrap_or_default().before(to.digits());
            let channel = template.fill_as(&number, &to, trunk.as_ref());
            let longest_seconds = u64::from(wait) * 3;
            let question = asks.then(|| Question {
                interaction: interaction(),
                prompt: audio.clone(),
                thanks: clean.then(|| audio.clone()),
            });
            let file = CallFile { key, channel, caller_id, audio, wait_seconds: wait, longest_seconds, question };

            let channel = template
                .to_string()
                .replace("{number}", &format!("{prefix}{digits}"))
                .replace("{e164}", &format!("+{digits}"))
                .replace("{trunk}", &trunk.as_ref().map(ToString::to_string).unwrap_or_default());
            let mut expected = vec![("Channel", channel)];
            expected.extend(file.caller_id.as_ref().map(|c| ("CallerID", c.to_string())));
            for (name, value) in [
                ("WaitTime", wait.to_string()),
                ("MaxRetries", "0".into()),
                ("RetryTime", "3600".into()),
                ("Archive", "yes".into()),
                ("Context", "pregon-call".into()),
                ("Extension", "s".into()),
                ("Priority", "1".into()),
                ("Set", format!("PREGON_JOB={}", key.job)),
                ("Set", format!("PREGON_ATTEMPT={attempt}")),
                ("Set", format!("PREGON_AUDIO={path}")),
                ("Set", format!("PREGON_LONGEST={longest_seconds}")),
            ] {
                expected.push((name, value));
            }
            if asks {
                expected.push(("Set", format!("PREGON_PROMPT={path}")));
                expected.extend(clean.then(|| ("Set", format!("PREGON_THANKS={path}"))));
                let rest = ["REPEAT=*", "KEYS=19", "LEAST=1", "MOST=1", "WAIT=6", "PROMPTS=2", "REPEATS=3"];
                expected.extend(rest.map(|set| ("Set", format!("PREGON_{set}"))));
            }
            expected.push(("Set", format!("CDR(userfield)={key}")));
            expected.push(("Set", "CHANNEL(hangup_handler_push)=pregon-hangup,s,1".into()));
            let expected: Vec<_> = expected.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
            let text = file.to_string();
            prop_assert_eq!(read(&text), expected);
            prop_assert!(text.ends_with('\n') && !text.contains('\r'));
        }
    }
}
