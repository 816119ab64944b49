//! Cuts what arrives on a connection into lines, within bounds.

/// Longest line, in bytes: a path has at most 4,096 of them, three times that when percent-encoded, and annotations
/// come before it.
pub const LONGEST_LINE: usize = 16 * 1024;

/// One line as it arrived, without its end.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// The bytes of the line; never empty.
    Whole(Vec<u8>),
    /// The line was longer than [`LONGEST_LINE`] and has been dropped.
    TooLong,
}

/// Cuts bytes into lines. A line ends with any run of CR and LF, as in Liquidsoap, so empty lines do not exist. It
/// keeps at most one unfinished line of [`LONGEST_LINE`] bytes.
///
/// ```
/// use pregon_mixer::control::{Line, Lines};
///
/// let mut lines = Lines::default();
/// let mut seen = Vec::new();
/// lines.feed(b"version\r\n\nup", |line| seen.push(line));
/// lines.feed(b"time\n", |line| seen.push(line));
/// assert_eq!(seen, [Line::Whole(b"version".to_vec()), Line::Whole(b"uptime".to_vec())]);
/// ```
#[derive(Debug, Default)]
pub struct Lines {
    unfinished: Vec<u8>,
    overflown: bool,
}

impl Lines {
    /// Takes what arrived and calls `each` for every line that it completes.
    pub fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(Line)) {
        let mut pieces = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).peekable();
        while let Some(piece) = pieces.next() {
            self.append(piece);
            if pieces.peek().is_some()
                && let Some(line) = self.finish()
            {
                each(line);
            }
        }
    }

    /// The line that lacks its end when the other side has stopped writing.
    pub fn finish(&mut self) -> Option<Line> {
        let line = std::mem::take(&mut self.unfinished);
        if std::mem::take(&mut self.overflown) {
            return Some(Line::TooLong);
        }
        (!line.is_empty()).then_some(Line::Whole(line))
    }

    fn append(&mut self, piece: &[u8]) {
        if self.overflown || self.unfinished.len() + piece.len() > LONGEST_LINE {
            self.overflown = true;
            self.unfinished = Vec::new();
        } else {
            self.unfinished.extend_from_slice(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(pieces: &[&[u8]]) -> Vec<Line> {
        let (mut lines, mut seen) = (Lines::default(), Vec::new());
        for piece in pieces {
            lines.feed(piece, |line| seen.push(line));
        }
        seen.extend(lines.finish());
        seen
    }

    fn whole(text: &str) -> Line {
        Line::Whole(text.into())
    }

    #[test]
    fn lines_end_however_they_end() {
        assert_eq!(cut(&[b"a\nb\r\nc\rd"]), ["a", "b", "c", "d"].map(whole));
        assert_eq!(cut(&[b"\n\r\n\n"]), []);
        assert_eq!(cut(&[b"he", b"", b"lp\r", b"\n", b"x"]), ["help", "x"].map(whole));
    }

    #[test]
    fn a_line_may_have_so_many_bytes_and_no_more() {
        let fits = vec![b'x'; LONGEST_LINE];
        assert_eq!(cut(&[&fits, b"\n"]), [Line::Whole(fits.clone())]);
        assert_eq!(cut(&[&fits, b"x", &fits, b"\nhelp\n"]), [Line::TooLong, whole("help")]);
    }

    proptest! {
        #[test]
        fn however_the_bytes_are_parted_the_lines_are_the_same(
            bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), any::<u8>()], 0..200),
            at in 0_usize..200,
        ) {
            let (head, tail) = bytes.split_at(at.min(bytes.len()));
            prop_assert_eq!(cut(&[head, tail]), cut(&[&bytes]));
        }
    }
}
