//! Writing Ogg pages (RFC 3533).

/// The first page of a stream.
pub(super) const FIRST: u8 = 0x02;
/// The last page of a stream.
pub(super) const LAST: u8 = 0x04;

/// Offsets of fields in a page.
const GRANULE_AT: usize = 6;
const SEQUENCE_AT: usize = 18;
const CHECKSUM_AT: usize = 22;

/// One page that holds whole packets.
///
/// `lacing` has the segment table of `packets` (see [`lace`]): at most 255 values.
pub(super) fn page(
    flags: u8,
    granule: u64,
    serial: u32,
    sequence: u32,
    lacing: &[u8],
    packets: &[u8],
) -> Vec<u8> {
    debug_assert!(lacing.len() <= 255, "a page has at most 255 segments");
    let mut page = Vec::with_capacity(27 + lacing.len() + packets.len());
    page.extend_from_slice(b"OggS\0");
    page.push(flags);
    page.extend_from_slice(&granule.to_le_bytes());
    page.extend_from_slice(&serial.to_le_bytes());
    page.extend_from_slice(&sequence.to_le_bytes());
    page.extend_from_slice(&[0; 4]);
    page.push(u8::try_from(lacing.len()).unwrap_or(u8::MAX));
    page.extend_from_slice(lacing);
    page.extend_from_slice(packets);
    seal(&mut page);
    page
}

/// Appends the segment values of one packet of `len` bytes: as many 255 as fit, then the rest, even if it is 0.
pub(super) fn lace(len: usize, lacing: &mut Vec<u8>) {
    lacing.extend(std::iter::repeat_n(u8::MAX, len / 255));
    lacing.extend(u8::try_from(len % 255));
}

/// The same page with another number at another position: for a listener for whom the stream began later.
pub(super) fn rebased(page: &[u8], granule: u64, sequence: u32) -> Vec<u8> {
    let mut page = page.to_vec();
    let fields = granule.to_le_bytes().into_iter().zip(GRANULE_AT..);
    let fields = fields.chain(sequence.to_le_bytes().into_iter().zip(SEQUENCE_AT..));
    for (byte, at) in fields.chain([0; 4].into_iter().zip(CHECKSUM_AT..)) {
        if let Some(place) = page.get_mut(at) {
            *place = byte;
        }
    }
    seal(&mut page);
    page
}

/// Puts the checksum into a page whose field for it is zero.
fn seal(page: &mut [u8]) {
    let sum = checksum(page).to_le_bytes();
    if let Some(field) = page.get_mut(CHECKSUM_AT..CHECKSUM_AT + 4) {
        field.copy_from_slice(&sum);
    }
}

/// CRC-32 with polynomial 0x04c11db7, not reflected, from 0, over the page with its checksum field empty. Eight bytes
/// at a time: every page is summed up again for each of a thousand listeners.
fn checksum(page: &[u8]) -> u32 {
    let (eights, rest) = page.as_chunks::<8>();
    let crc = eights.iter().fold(0_u32, |crc, [a, b, c, d, e, f, g, h]| {
        let [high, upper, lower, low] = crc.to_be_bytes();
        entry(7, high ^ a)
            ^ entry(6, upper ^ b)
            ^ entry(5, lower ^ c)
            ^ entry(4, low ^ d)
            ^ entry(3, *e)
            ^ entry(2, *f)
            ^ entry(1, *g)
            ^ entry(0, *h)
    });
    rest.iter().fold(crc, |crc, byte| {
        let [high, ..] = crc.to_be_bytes();
        crc << 8 ^ entry(0, high ^ byte)
    })
}

#[expect(
    clippy::indexing_slicing,
    reason = "a byte cannot miss a table of 256; checked access is twice as slow"
)]
fn entry(zeros: usize, byte: u8) -> u32 {
    TABLES[zeros][usize::from(byte)]
}

/// `TABLES[n][b]` is the checksum of byte `b` with `n` zeros behind it.
static TABLES: [[u32; 256]; 8] = tables();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which refuses an index out of bounds"
)]
#[expect(clippy::cast_possible_truncation, reason = "an index below 256")]
const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut at = 0;
    while at < 256 {
        let mut crc = (at as u32) << 24;
        let mut zeros = 0;
        while zeros < 8 {
            let mut bit = 0;
            while bit < 8 {
                crc = if crc & 0x8000_0000 == 0 { crc << 1 } else { crc << 1 ^ 0x04c1_1db7 };
                bit += 1;
            }
            tables[zeros][at] = crc;
            zeros += 1;
        }
        at += 1;
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_of_any_length_ends_with_a_segment_below_255() {
        let laced = |len| {
            let mut lacing = Vec::new();
            lace(len, &mut lacing);
            lacing
        };
        assert_eq!(laced(0), [0]);
        assert_eq!(laced(254), [254]);
        assert_eq!(laced(255), [255, 0]);
        assert_eq!(laced(600), [255, 255, 90]);
    }

    /// The first page of a file that opusenc (opus-tools 0.2) wrote.
    #[test]
    fn pages_carry_the_checksum_that_others_write() {
        let theirs = include_bytes!("../../testdata/tone.opus");
        let packet = &theirs[28..28 + usize::from(theirs[27])];
        let [serial, sequence] =
            [14, 18].map(|at| u32::from_le_bytes(theirs[at..at + 4].try_into().unwrap()));
        let mut lacing = Vec::new();
        lace(packet.len(), &mut lacing);
        let ours = page(FIRST, 0, serial, sequence, &lacing, packet);
        assert_eq!(ours, theirs[..28 + packet.len()]);
        let elsewhere = page(FIRST, 123_456_789_000, serial, 77, &lacing, packet);
        assert_eq!(rebased(&elsewhere, 0, sequence), ours);
    }
}
