//! The text that makes Asterisk call somebody.

use std::fmt;

use pregon_core::Key;

use crate::parts::{AudioPath, CallerId, Channel};

/// The dialplan context that plays the announcement (`conf/pregon.conf`).
pub const CONTEXT: &str = "pregon-call";

/// The dialplan context that reports how the call ended.
pub const HANGUP_CONTEXT: &str = "pregon-hangup";

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
        writeln!(f, "Set: CDR(userfield)={}", self.key)?;
        writeln!(f, "Set: CHANNEL(hangup_handler_push)={HANGUP_CONTEXT},s,1")
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use pregon_core::PhoneNumber;
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
        Set: CDR(userfield)=0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f-2
        Set: CHANNEL(hangup_handler_push)=pregon-hangup,s,1
        "#);
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
            let file = CallFile { key, channel, caller_id, audio, wait_seconds: wait };

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
                ("Set", format!("CDR(userfield)={key}")),
                ("Set", "CHANNEL(hangup_handler_push)=pregon-hangup,s,1".into()),
            ] {
                expected.push((name, value));
            }
            let expected: Vec<_> = expected.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
            let text = file.to_string();
            prop_assert_eq!(read(&text), expected);
            prop_assert!(text.ends_with('\n') && !text.contains('\r'));
        }
    }
}
