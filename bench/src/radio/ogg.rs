//! Just enough Ogg to hear a stream page by page.

use anyhow::{Result, ensure};

/// Bytes before the segment table.
const HEADER: usize = 27;
/// Bits of the flags: the first and the last page of a logical stream.
const FIRST: u8 = 0x02;
const LAST: u8 = 0x04;

/// Bytes in, pages out.
#[derive(Default)]
pub(super) struct Pages {
    bytes: Vec<u8>,
    /// A packet that the next page continues.
    unfinished: Vec<u8>,
}

/// A page that has arrived.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// Whether a logical stream begins here.
    pub(super) first: bool,
    /// Whether one ends here.
    pub(super) last: bool,
    /// Position of its end in the stream, in frames.
    pub(super) granule: u64,
    /// The packets that it completes.
    pub(super) packets: Vec<Vec<u8>>,
}

impl Pages {
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next page that is there as a whole.
    pub(super) fn next(&mut self) -> Result<Option<Page>> {
        let Some((header, rest)) = self.bytes.split_at_checked(HEADER) else { return Ok(None) };
        ensure!(header.starts_with(b"OggS"), "the stream is not Ogg");
        let [flags, segments] = [5, 26].map(|at| header.get(at).copied().unwrap_or_default());
        let granule = header.get(6..14).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
        let Some((lacing, body)) = rest.split_at_checked(segments.into()) else { return Ok(None) };
        let length = lacing.iter().map(|&segment| usize::from(segment)).sum();
        let Some(mut body) = body.get(..length) else { return Ok(None) };
        let mut packets = Vec::new();
        for &segment in lacing {
            let (piece, others) = body.split_at_checked(segment.into()).unwrap_or((body, &[]));
            self.unfinished.extend_from_slice(piece);
            body = others;
            if segment < u8::MAX {
                packets.push(std::mem::take(&mut self.unfinished));
            }
        }
        self.bytes.drain(..HEADER + usize::from(segments) + length);
        let (first, last) = (flags & FIRST != 0, flags & LAST != 0);
        Ok(Some(Page { first, last, granule: granule.unwrap_or_default(), packets }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(flags: u8, lacing: &[u8], body: &[u8]) -> Vec<u8> {
        let mut page = b"OggS\0".to_vec();
        page.extend([flags, 7]);
        page.extend([0; 19]);
        page.push(u8::try_from(lacing.len()).unwrap());
        [&page, lacing, body].concat()
    }

    #[test]
    fn packets_are_whole_however_they_arrive() {
        let bytes = [page(2, &[3, 2], b"abcde"), page(0, &[255], &[7; 255]), page(4, &[1, 0], &[8])].concat();
        for piece in [1, 10, bytes.len()] {
            let (mut pages, mut found) = (Pages::default(), Vec::new());
            for part in bytes.chunks(piece) {
                pages.feed(part);
                while let Some(page) = pages.next().unwrap() {
                    found.push(page);
                }
            }
            let long = [&[7; 255][..], &[8]].concat();
            let expected = [
                (true, false, vec![b"abc".to_vec(), b"de".to_vec()]),
                (false, false, vec![]),
                (false, true, vec![long, vec![]]),
            ]
            .map(|(first, last, packets)| Page { first, last, granule: 7, packets });
            assert_eq!(found, expected, "in pieces of {piece}");
        }
        let mut pages = Pages::default();
        pages.feed(&[0; 40]);
        assert!(pages.next().is_err());
    }
}
