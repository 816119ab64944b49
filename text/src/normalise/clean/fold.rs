//! One character at a time: the plain form of each, or nothing.

/// `text` in plain characters. Line ends stay, as `\n`.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' '..='~' => out.push(c),
            '\u{300}'..='\u{36f}' => join(&mut out, c),
            _ => push(&mut out, c),
        }
    }
    out
}

/// Adds the plain form of `c`.
pub(super) fn push(out: &mut String, c: char) {
    match c {
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{b}' | '\u{c}' => out.push('\n'),
        '‘' | '’' | '‚' | '‛' | '´' | '′' | '`' => out.push('\''),
        '“' | '”' | '„' | '‟' | '«' | '»' | '‹' | '›' | '″' => out.push('"'),
        '\u{2010}'..='\u{2013}' | '\u{2212}' | '\u{fe63}' => out.push('-'),
        '—' | '―' => out.push_str(" - "),
        '…' => out.push_str("..."),
        '‼' => out.push('!'),
        '⁇' => out.push('?'),
        '⁈' | '⁉' => out.push_str("?!"),
        '⁄' | '∕' => out.push('/'),
        '℃' => out.push_str("°C"),
        '℉' => out.push_str("°F"),
        '˚' => out.push('°'),
        '№' => out.push_str("No."),
        '→' | '⇒' | '➔' | '➜' | '➡' | '·' | '∙' | '|' | '¦' => out.push_str(", "),
        'ﬁ' => out.push_str("fi"),
        'ﬂ' => out.push_str("fl"),
        '₀'..='₉' => push_shifted(out, c, '₀', '0'),
        '！'..='～' => push_shifted(out, c, '！', '!'),
        '\u{1d7ce}'..='\u{1d7ff}' => out.push(char::from(b'0' + offset(c, '\u{1d7ce}', 10))),
        '\u{1d400}'..='\u{1d6a3}' => {
            let place = offset(c, '\u{1d400}', 52);
            out.push(char::from(if place < 26 { b'A' + place } else { b'a' + place - 26 }));
        }
        _ if soundless(c) => {}
        _ if c.is_whitespace() || c.is_control() || pictorial(c) => out.push(' '),
        _ => out.push(c),
    }
}

fn push_shifted(out: &mut String, c: char, from: char, to: char) {
    out.extend(char::from_u32(u32::from(c) - u32::from(from) + u32::from(to)));
}

fn offset(c: char, from: char, period: u32) -> u8 {
    u8::try_from((u32::from(c) - u32::from(from)) % period).unwrap_or(0)
}

/// Puts an accent onto the letter before it; an accent that no letter can carry has no sound.
fn join(out: &mut String, accent: char) {
    const LETTERS: &str = "aeiouyncAEIOUYNC";
    let composed = match accent {
        '\u{300}' => "àèìòùỳǹcÀÈÌÒÙỲǸC",
        '\u{301}' => "áéíóúýńćÁÉÍÓÚÝŃĆ",
        '\u{302}' => "âêîôûŷnĉÂÊÎÔÛŶNĈ",
        '\u{303}' => "ãẽĩõũỹñcÃẼĨÕŨỸÑC",
        '\u{308}' => "äëïöüÿncÄËÏÖÜŸNC",
        '\u{327}' => "aeiouyņçAEIOUYŅÇ",
        _ => return,
    };
    let Some(last) = out.chars().next_back() else { return };
    if let Some((_, with_accent)) = LETTERS.chars().zip(composed.chars()).find(|(letter, _)| *letter == last)
    {
        out.pop();
        out.push(with_accent);
    }
}

/// Joins, selects or directs other characters: goes without leaving a gap.
fn soundless(c: char) -> bool {
    matches!(c,
        '\0' | '\u{7f}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffd}'
        | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e01ef}' | '©' | '®' | '™' | '℠' | '¹' | '⁰' | '⁴'..='⁹')
}

/// Pictures: emoji, dingbats, arrows, boxes, private use (Unicode blocks).
fn pictorial(c: char) -> bool {
    matches!(c,
        '\u{2139}' | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{2460}'..='\u{27bf}'
        | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
        | '\u{e000}'..='\u{f8ff}' | '\u{1f000}'..='\u{1faff}' | '\u{f0000}'..='\u{10ffff}')
}
