//! Whether Asterisk has our dialplan, as this version ships it. Pure: the console's answers in, findings out.

use std::path::Path;

use crate::DIALPLAN;

/// `pbx.c` shows a step in a buffer of 256 bytes; what is longer is cut.
const SHOWN: usize = 200;

/// The dialplan with the results folder filled in.
pub(crate) fn filled(results: &Path) -> String {
    DIALPLAN.replace("__RESULTS_DIR__", &results.display().to_string())
}

/// An extension of a context, with its steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Extension {
    name: String,
    steps: Vec<String>,
}

/// The contexts of the shipped dialplan, each with its extensions.
pub(crate) fn contexts(dialplan: &str) -> Vec<(&str, Vec<Extension>)> {
    let mut contexts: Vec<(&str, Vec<Extension>)> = Vec::new();
    for line in dialplan.lines().map(str::trim) {
        if let Some((name, _)) = line.strip_prefix('[').and_then(|l| l.split_once(']')) {
            contexts.push((name, Vec::new()));
            continue;
        }
        let (Some((_, extensions)), Some((word, rest))) = (contexts.last_mut(), line.split_once("=>")) else {
            continue;
        };
        match (word.trim(), rest.split_once(',')) {
            ("exten", Some((name, rest))) => {
                let name = name.trim();
                if !extensions.iter().any(|extension| extension.name == name) {
                    extensions.push(Extension { name: name.to_owned(), steps: Vec::new() });
                }
                let extension = extensions.iter_mut().find(|extension| extension.name == name);
                if let (Some(extension), Some((_, step))) = (extension, rest.split_once(',')) {
                    extension.steps.push(as_shown(step));
                }
            }
            ("same", Some((_, step))) => {
                extensions.last_mut().into_iter().for_each(|e| e.steps.push(as_shown(step)));
            }
            _ => {}
        }
    }
    contexts
}

fn as_shown(step: &str) -> String {
    step.trim().replace("\\;", ";")
}

/// The modules that the shipped dialplan says it needs.
pub(crate) fn modules() -> Vec<&'static str> {
    let comments = DIALPLAN.lines().map_while(|line| line.strip_prefix(';'));
    let needs = comments.skip_while(|line| !line.trim_start().starts_with("Needs:"));
    let words = needs.take_while(|line| !line.trim().is_empty()).flat_map(str::split_whitespace);
    let names = words.map(|word| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()));
    names.filter(|name| name.contains('_')).collect()
}

/// Whether what `dialplan show CONTEXT` answered has all these extensions, each with these steps and no others.
pub(crate) fn has(answer: &str, extensions: &[Extension]) -> bool {
    extensions.iter().all(|extension| {
        let found = shown(answer, &extension.name);
        found.len() == extension.steps.len() && found.iter().zip(&extension.steps).all(|(f, s)| is(f, s))
    })
}

/// Whether a line of the answer shows this step: it has its number and perhaps its label before, and its place after.
fn is(line: &str, step: &str) -> bool {
    line.contains(step.get(..SHOWN).unwrap_or(step))
}

/// The lines of an extension's steps. Asterisk sorts the extensions of a context.
fn shown<'a>(answer: &'a str, name: &str) -> Vec<&'a str> {
    let head = format!("'{name}' =>");
    let begins = |line: &&str| line.trim_start().starts_with(&head);
    let mut lines = answer.lines().skip_while(|line| !begins(line));
    let first = lines.next().and_then(|line| line.split_once("=>")).map(|(_, step)| step);
    let rest = lines.take_while(|line| !line.contains(" => ") || is_step(line));
    first.into_iter().chain(rest).filter(|line| is_step(line)).collect()
}

/// `    4. Answer()   [pregon.conf:14]`, `  [label] 5. Hangup()   [pregon.conf:15]`.
fn is_step(line: &str) -> bool {
    let line = line.trim_start();
    let line =
        line.strip_prefix('[').and_then(|l| l.split_once(']')).map_or(line, |(_, rest)| rest.trim_start());
    line.split_once(". ").is_some_and(|(number, _)| number.parse::<u32>().is_ok())
}

/// Whether there is such a context at all.
pub(crate) fn exists(answer: &str) -> bool {
    answer.contains("[ Context '")
}

/// What an Asterisk that has these extensions answers.
#[cfg(test)]
pub(crate) fn as_asterisk_shows(context: &str, extensions: &[Extension]) -> String {
    let mut answer = format!("[ Context '{context}' created by 'pbx_config' ]\n");
    for Extension { name, steps } in extensions {
        for (at, step) in steps.iter().enumerate() {
            let head = if at == 0 { format!("'{name}' =>") } else { String::new() };
            answer = format!("{answer}  {head:17} {}. {step}   [pregon.conf:{at}]\n", at + 1);
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN_BY_22: &str = include_str!("dialplan_show.txt");

    /// As Asterisk 22 shows it: extensions in an order of its own, labels before the numbers.
    const ANSWER: &str = "[ Context 'a' created by 'pbx_config' ]\n  'i' =>            1. Return()       [x:4]\n  \
                          's' =>            hint: SIP/1       [x:9]\n                    1. NoOp(x, y)     [x:1]\n     \
                          [again]        2. Set(A=1;2)     [x:2]\n  Include =>        'default'         [x:8]\n\n\
                          -= 2 extensions (3 priorities) in 1 context. =-\n";
    const SHIPPED: &str = "; c\n[a]\nexten => s,1,NoOp(x, y)\n same => n(again),Set(A=1\\;2)\nexten => i,1,Return\n\
                           [b]\nexten => s,1,Return()\n";

    #[test]
    fn the_shipped_extensions_are_found_in_what_asterisk_shows() {
        let contexts = contexts(SHIPPED);
        assert_eq!(contexts.iter().map(|c| c.0).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(contexts[0].1[0].steps, ["NoOp(x, y)", "Set(A=1;2)"]);
        assert!(exists(ANSWER) && has(ANSWER, &contexts[0].1));
        assert!(!has(ANSWER, &contexts[1].1), "another context");
        assert!(!exists("There is no existence of 'a' context\nCommand 'dialplan show a' failed.\n"));
    }

    #[test]
    fn a_dialplan_of_another_version_is_not_ours() {
        for (ours, theirs) in [
            ("NoOp(x, y)", "NoOp(x, z)"),
            ("NoOp(x, y)", "NoOp(x, y)\n same => n,Wait(1)"),
            ("\n same => n(again),Set(A=1\\;2)", ""),
            ("=> i,1", "=> t,1"),
            ("NoOp(x, y)\n same => n(again),Set(A=1\\;2)", "Set(A=1\\;2)\n same => n,NoOp(x, y)"),
        ] {
            let other = SHIPPED.replace(ours, theirs);
            assert_ne!(other, SHIPPED);
            assert!(!has(ANSWER, &contexts(&other)[0].1), "{other}");
        }
    }

    #[test]
    fn both_contexts_have_steps() {
        let text = filled(Path::new("/spool/results"));
        let contexts = contexts(&text);
        for name in [crate::CONTEXT, crate::HANGUP_CONTEXT] {
            let (_, extensions) = contexts.iter().find(|(n, _)| *n == name).unwrap();
            assert!(extensions.iter().any(|e| e.name == "s" && e.steps.len() > 3), "{name}");
        }
        assert!(text.contains("FILE(/spool/results/") && !text.contains("__RESULTS_DIR__"));
    }

    #[test]
    fn the_dialplan_tells_which_modules_it_needs() {
        let modules = modules();
        for name in ["pbx_spool", "app_playback", "func_env", "func_hangupcause", "format_wav"] {
            assert!(modules.contains(&name), "{name}: {modules:?}");
        }
        let prefixes = ["pbx_", "app_", "func_", "format_", "res_"];
        assert!(modules.iter().all(|m| prefixes.iter().any(|p| m.starts_with(p))), "{modules:?}");
    }

    #[test]
    fn what_asterisk_22_shows_is_understood() {
        let shipped = "[c]\nexten => s,1,NoOp(Pregon ${PREGON_JOB} attempt ${PREGON_ATTEMPT})\n\
                       same => n,Set(PREGON_PLAYED=none)\nsame => n,Answer()\n\
                       same => n,Set(PREGON_ANSWERED=${STRFTIME(,,%s.%3q)})\n";
        assert!(has(SHOWN_BY_22, &contexts(shipped)[0].1));
    }
}
