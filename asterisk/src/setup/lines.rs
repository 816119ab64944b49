//! Lines of ours in files of others. Pure: bytes in, bytes out; what others wrote is kept byte for byte, whatever its
//! encoding.

/// The file with our lines at its end; `None` when they are there already.
pub(super) fn added(bytes: &[u8], lines: &[String]) -> Option<Vec<u8>> {
    let block = block(lines);
    if find(bytes, block.as_bytes()).is_some() {
        return None;
    }
    // What is left of an older block goes.
    let base = removed(bytes, lines).unwrap_or_else(|| bytes.to_owned());
    Some([base.as_slice(), block.as_bytes()].concat())
}

/// The file without our lines; `None` when there are none.
pub(super) fn removed(bytes: &[u8], lines: &[String]) -> Option<Vec<u8>> {
    let block = block(lines);
    if let Some(at) = find(bytes, block.as_bytes()) {
        let (before, rest) = bytes.split_at(at);
        let after = rest.get(block.len()..).unwrap_or_default();
        // Our first line end closed somebody's last line: when more was added since, it still has to.
        let open = !after.is_empty() && !before.is_empty() && !before.ends_with(b"\n");
        return Some([before, if open { b"\n" } else { b"" }, after].concat());
    }
    let (first, last) = (lines.first()?, lines.last()?);
    edited(bytes, first, last, lines)
}

/// Somebody has written between our lines: those stay.
fn edited(bytes: &[u8], first: &str, last: &str, ours: &[String]) -> Option<Vec<u8>> {
    let all: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
    let is = |line: &[u8], text: &str| line.trim_ascii() == text.as_bytes();
    let from = all.iter().position(|line| is(line, first))?;
    let to = from + all.iter().skip(from).position(|line| is(line, last))?;
    let kept = all
        .iter()
        .enumerate()
        .filter(|(at, line)| *at < from || *at > to || !ours.iter().any(|text| is(line, text)));
    Some(kept.flat_map(|(_, line)| line.iter().copied()).collect())
}

/// Begins with a line end: it closes a last line that has none, and else sets the block apart.
fn block(lines: &[String]) -> String {
    format!("\n{}\n", lines.join("\n"))
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours() -> Vec<String> {
        ["; begin", "#include pregon.conf", "; end"].map(str::to_owned).to_vec()
    }

    fn through(bytes: &[u8]) -> Vec<u8> {
        added(bytes, &ours()).unwrap()
    }

    #[test]
    fn what_was_there_comes_back_byte_for_byte() {
        for before in [
            &b""[..],
            b"\n",
            b"[a]\nexten => s,1,NoOp()\n",
            b"no end of line",
            b"windows\r\n",
            b"latin \xf1\xff\n\n\n",
            b"; begin\n",
        ] {
            let with = through(before);
            assert!(with.starts_with(before) && with.ends_with(b"\n#include pregon.conf\n; end\n"));
            assert_eq!(added(&with, &ours()), None, "once is enough");
            assert_eq!(removed(&with, &ours()).as_deref(), Some(before));
            assert_eq!(removed(before, &ours()), None);
        }
    }

    #[test]
    fn what_others_added_later_stays_on_lines_of_its_own() {
        for (before, after) in
            [(&b"first"[..], &b"first\nlast\n"[..]), (b"first\n", b"first\nlast\n"), (b"", b"last\n")]
        {
            let with = [through(before).as_slice(), b"last\n"].concat();
            assert_eq!(removed(&with, &ours()).as_deref(), Some(after));
        }
    }

    #[test]
    fn what_others_wrote_between_our_lines_stays() {
        let with = b"a\n\n; begin\nmine\n#include pregon.conf\n; end\nb\n";
        assert_eq!(removed(with, &ours()).as_deref(), Some(&b"a\n\nmine\nb\n"[..]));
        // And the block can be mended.
        let mended = added(with, &ours()).unwrap();
        assert_eq!(mended, b"a\n\nmine\nb\n\n; begin\n#include pregon.conf\n; end\n");
    }
}
