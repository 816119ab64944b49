//! HTML, its entities, and the marks of Markdown and of chat programs.

use super::fold;

/// Longer than this, `<…>` is not a tag.
const LONGEST_TAG: usize = 1_000;

/// A line shorter than this was ended on purpose, a longer one may have been wrapped.
const WRAPPED_LINE: usize = 60;

/// Elements that begin a line of their own.
const BLOCKS: [&str; 14] =
    ["br", "p", "div", "li", "ul", "ol", "tr", "td", "th", "h1", "h2", "h3", "h4", "hr"];

/// Sideways faces, as words of their own.
const FACES: [&str; 17] = [
    ":)", ":-)", ";)", ";-)", ":(", ":-(", ":D", ":-D", "xD", "XD", ":P", ":p", ":-P", ":'(", "<3", "^^",
    "^_^",
];

/// `text`, folded, without its markup, on one line. A heading, a list's item and a paragraph end with a stop.
pub(super) fn strip(text: &str) -> String {
    let text = entities(&tags(text));
    let mut out = String::with_capacity(text.len());
    let mut pause = Pause::None;
    for line in text.split('\n') {
        let (marks, shown) = prefix(line);
        let shown = inline(shown);
        let (_, shown) = prefix(&shown);
        if shown.is_empty() {
            pause = Pause::Stop;
            continue;
        }
        if matches!(marks, Marks::Item | Marks::Heading) {
            pause = Pause::Stop;
        }
        pause.join(&mut out, shown);
        out.push_str(shown);
        pause = match marks {
            Marks::Heading => Pause::Stop,
            _ if line.len() < WRAPPED_LINE => Pause::Comma,
            Marks::None | Marks::Item | Marks::Quote => Pause::None,
        };
    }
    out
}

/// What separates a line from the one before it, where that one has no punctuation at its end.
#[derive(Clone, Copy)]
enum Pause {
    None,
    Comma,
    Stop,
}

impl Pause {
    fn join(self, out: &mut String, next: &str) {
        if out.trim_end().ends_with(|c: char| c.is_alphanumeric() || matches!(c, '%' | ')' | '"')) {
            out.truncate(out.trim_end().len());
            match self {
                Self::Stop => out.push('.'),
                Self::Comma if !next.starts_with(char::is_lowercase) => out.push(','),
                Self::Comma | Self::None => {}
            }
        }
        if !out.is_empty() {
            out.push(' ');
        }
    }
}

#[derive(Clone, Copy)]
enum Marks {
    None,
    Quote,
    Item,
    Heading,
}

/// The marks at the start of a line, and the line without them.
fn prefix(line: &str) -> (Marks, &str) {
    let mut marks = Marks::None;
    let mut rest = line.trim();
    loop {
        let bare = rest.trim_start_matches('#');
        let hashes = rest.len() - bare.len();
        if (1..=6).contains(&hashes)
            && bare.starts_with(' ')
            && !bare.trim_start().starts_with(|c: char| c.is_ascii_digit())
        {
            marks = Marks::Heading;
            rest = bare.trim_start();
        } else if let Some(item) =
            ["- ", "* ", "+ ", "• ", "•", "◦ "].iter().find_map(|mark| rest.strip_prefix(mark))
        {
            marks = Marks::Item;
            rest = item.trim_start();
        } else if let Some(quoted) = rest.strip_prefix("> ") {
            marks = Marks::Quote;
            rest = quoted.trim_start();
        } else if rest.starts_with(['-', '=', '*', '_'])
            && rest.trim_start_matches(['-', '=', '*', '_', ' ']).is_empty()
        {
            return (Marks::None, "");
        } else if let Some(spoken) =
            rest.strip_prefix('-').filter(|spoken| spoken.starts_with(char::is_alphabetic))
        {
            rest = spoken; // a dialogue's dash
        } else {
            return (marks, rest);
        }
    }
}

/// Without tags. What opens no tag and is not a comparison goes as well, so that none can be made of the remains.
fn tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        rest = tag.get(1..).unwrap_or_default();
        match tag_end(rest) {
            Some(end) => {
                let (inside, after) = rest.split_at(end);
                out.push_str(gap(inside));
                rest = after.get(1..).unwrap_or_default();
            }
            None if compares(rest) => out.push('<'),
            None => {}
        }
    }
    out.push_str(rest);
    out
}

/// Whether `<` stands before a number: no tag begins so.
fn compares(after: &str) -> bool {
    after.starts_with(|c: char| c == ' ' || c == '=' || c.is_ascii_digit())
}

fn tag_end(inside: &str) -> Option<usize> {
    if !inside.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
        return None;
    }
    let end = inside.bytes().take(LONGEST_TAG).position(|byte| matches!(byte, b'>' | b'<'))?;
    (inside.as_bytes().get(end) == Some(&b'>')).then_some(end)
}

fn gap(inside: &str) -> &'static str {
    let name =
        inside.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    if BLOCKS.iter().any(|block| block.eq_ignore_ascii_case(name)) { "\n" } else { "" }
}

/// With entities as the characters that they stand for.
fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, entity) = rest.split_at(at);
        out.push_str(before);
        rest = entity.get(1..).unwrap_or_default();
        loop {
            match character(rest) {
                Some(('&', after)) => rest = after, // "&amp;lt;" was escaped twice
                Some((c, after)) => {
                    if c != '<' || compares(after) {
                        fold::push(&mut out, c);
                    }
                    rest = after;
                    break;
                }
                None => {
                    out.push('&');
                    break;
                }
            }
        }
    }
    out.push_str(rest);
    out
}

/// The character of the entity whose name `text` begins with, and what follows. Never one that an entity is made of.
fn character(text: &str) -> Option<(char, &str)> {
    let end = text.bytes().take(10).position(|byte| byte == b';')?;
    let (name, after) = text.split_at(end);
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "deg" => '°',
        "ordm" => 'º',
        "ordf" => 'ª',
        "euro" => '€',
        "pound" => '£',
        "iexcl" => '¡',
        "iquest" => '¿',
        "ndash" | "mdash" | "minus" => '-',
        "hellip" => '…',
        _ => match name.strip_prefix('#') {
            Some(number) => numbered(number)?,
            None => accented(name)?,
        },
    };
    Some((c, after.get(1..)?))
}

fn numbered(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code)
        .filter(|c| !c.is_ascii_alphanumeric() && !matches!(c, '#' | ';' | '\u{300}'..='\u{36f}'))
}

/// `aacute`, `Ntilde`, `uuml` and their like.
fn accented(name: &str) -> Option<char> {
    let letter = name.chars().next()?;
    let accents = match name.get(1..)? {
        "acute" => "áéíóúÁÉÍÓÚ",
        "grave" => "àèìòùÀÈÌÒÙ",
        "uml" => "äëïöüÄËÏÖÜ",
        "tilde" => return ['n', 'N'].contains(&letter).then_some(if letter == 'n' { 'ñ' } else { 'Ñ' }),
        "cedil" => return ['c', 'C'].contains(&letter).then_some(if letter == 'c' { 'ç' } else { 'Ç' }),
        _ => return None,
    };
    "aeiouAEIOU"
        .chars()
        .zip(accents.chars())
        .find(|(plain, _)| *plain == letter)
        .map(|(_, accented)| accented)
}

/// One line without the marks of emphasis, links and code; faces go too.
fn inline(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        rest = match c {
            '*' | '_' | '~' | '-' | '=' => {
                let following = rest.trim_start_matches(c);
                mark(&mut out, c, rest.len() - following.len(), before, following);
                following
            }
            '[' | '`' => after,
            ']' => link_end(after),
            '!' if before == ' ' && after.starts_with('[') => after,
            '•' | '◦' => {
                out.push_str(", ");
                after
            }
            _ => {
                out.push(c);
                after
            }
        };
        before = c;
    }
    if out.split(' ').any(|word| FACES.contains(&word)) {
        return out.split(' ').filter(|word| !FACES.contains(word)).collect::<Vec<_>>().join(" ");
    }
    out
}

/// What a run of a mark leaves behind: a sign with a meaning stays once, a decoration goes.
fn mark(out: &mut String, c: char, run: usize, before: char, after: &str) {
    let next = after.chars().next().unwrap_or(' ');
    match c {
        '-' | '=' if run >= 2 => out.push_str(" - "),
        '-' | '=' => out.push(c),
        '~' if run == 1 && (next.is_alphanumeric() || "$£€".contains(next)) => out.push('~'),
        '_' if before.is_alphanumeric() && next.is_alphanumeric() => out.push('_'),
        '*' if run == 1 && next.is_ascii_digit() && !emphasised(after) => out.push('*'),
        '*' if run == 1 && before == ' ' && " .,;:!?".contains(next) => out.push('*'), // a telephone's key
        _ => {}
    }
}

/// Whether a `*` before `text` has its closing `*`, with more than a dial code between them.
fn emphasised(text: &str) -> bool {
    text.split_once('*').is_some_and(|(between, after)| {
        !between.ends_with(' ')
            && !after.starts_with(|c: char| c.is_alphanumeric())
            && between.contains(|c: char| !c.is_ascii_digit())
    })
}

/// What follows `]`, without a link's target.
fn link_end(after: &str) -> &str {
    let Some(target) = after.strip_prefix('(') else { return after };
    match target.find([')', ' ', '(', '[', ']']) {
        Some(end) if target.get(end..).is_some_and(|rest| rest.starts_with(')')) => {
            target.get(end + 1..).unwrap_or_default()
        }
        _ => after,
    }
}
