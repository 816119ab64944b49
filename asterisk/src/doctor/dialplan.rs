//! Whether Asterisk has our dialplan, as this version ships it. Pure: the console's answers in, findings out.

use std::path::Path;

use crate::DIALPLAN;

/// `pbx.c` shows a step in a buffer of 256 bytes; what is longer is cut.
const SHOWN: usize = 200;

/// The dialplan with the results folder filled in.
pub(crate) fn filled(results: &Path) -> String {
    DIALPLAN.replace("__RESULTS_DIR__", &results.display().to_string())
}

/// The contexts of the shipped dialplan, each with its steps.
pub(crate) fn contexts(dialplan: &str) -> Vec<(&str, Vec<String>)> {
    let mut contexts: Vec<(&str, Vec<String>)> = Vec::new();
    for line in dialplan.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.split_once(']')) {
            contexts.push((name.0, Vec::new()));
        } else if let Some((_, steps)) = contexts.last_mut() {
            steps.extend(step(line));
        }
    }
    contexts
}

/// `exten => s,1,Answer()` and `same => n(label),Answer()` → `Answer()`.
fn step(line: &str) -> Option<String> {
    let (word, rest) = line.split_once("=>")?;
    let fields = match word.trim() {
        "exten" => rest.splitn(3, ',').nth(2),
        "same" => rest.split_once(',').map(|(_, priority)| priority),
        _ => None,
    };
    Some(fields?.trim().replace("\\;", ";"))
}

/// Whether what `dialplan show CONTEXT` answered has all these steps, in this order.
pub(crate) fn has(answer: &str, steps: &[String]) -> bool {
    let mut rest = answer;
    steps.iter().all(|step| {
        let shown = step.get(..SHOWN).unwrap_or(step);
        let found = rest.split_once(shown).map(|(_, after)| after);
        rest = found.unwrap_or_default();
        found.is_some()
    })
}

/// Whether there is such a context at all.
pub(crate) fn exists(answer: &str) -> bool {
    answer.contains("[ Context '")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN_BY_22: &str = include_str!("dialplan_show.txt");

    #[test]
    fn the_shipped_steps_are_found_in_what_asterisk_shows() {
        let dialplan =
            "; c\n[a]\nexten => s,1,NoOp(x, y)\n same => n(again),Set(A=1\\;2)\n[b]\nexten => s,1,Return()\n";
        let contexts = contexts(dialplan);
        assert_eq!(contexts.iter().map(|c| c.0).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(contexts[0].1, ["NoOp(x, y)", "Set(A=1;2)"]);
        let answer =
            "[ Context 'a' created by 'pbx_config' ]\n  's' => 1. NoOp(x, y) [x:1]\n [again] 2. Set(A=1;2)\n";
        assert!(exists(answer) && has(answer, &contexts[0].1));
        assert!(!has(answer, &contexts[1].1), "another context");
        assert!(!has(answer, &contexts[0].1.iter().rev().cloned().collect::<Vec<_>>()), "another order");
        assert!(!exists("There is no existence of 'a' context\nCommand 'dialplan show a' failed.\n"));
    }

    #[test]
    fn both_contexts_have_steps() {
        let text = filled(Path::new("/spool/results"));
        let contexts = contexts(&text);
        for name in [crate::CONTEXT, crate::HANGUP_CONTEXT] {
            let (_, steps) = contexts.iter().find(|(n, _)| *n == name).unwrap();
            assert!(steps.len() > 3, "{name}");
        }
        assert!(text.contains("FILE(/spool/results/") && !text.contains("__RESULTS_DIR__"));
    }

    #[test]
    fn what_asterisk_22_shows_is_understood() {
        let shipped = "[c]\nexten => s,1,NoOp(Pregon ${PREGON_JOB} attempt ${PREGON_ATTEMPT})\n\
                       same => n,Set(PREGON_PLAYED=none)\nsame => n,Answer()\n";
        assert!(has(SHOWN_BY_22, &contexts(shipped)[0].1));
    }
}
