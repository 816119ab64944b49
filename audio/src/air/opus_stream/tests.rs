use super::*;
use crate::signals::sine;

/// What a page says in its header, and its packets.
struct Read {
    flags: u8,
    granule: u64,
    sequence: u32,
    packets: Vec<Vec<u8>>,
    /// Where the next page begins.
    end: usize,
}

fn read_page(bytes: &[u8]) -> Read {
    assert_eq!(&bytes[..5], b"OggS\0");
    let lacing = &bytes[27..27 + usize::from(bytes[26])];
    let (mut packets, mut packet, mut at) = (Vec::new(), Vec::new(), 27 + lacing.len());
    for length in lacing {
        packet.extend_from_slice(&bytes[at..at + usize::from(*length)]);
        at += usize::from(*length);
        if *length < 255 {
            packets.push(std::mem::take(&mut packet));
        }
    }
    assert!(packet.is_empty(), "a packet goes on in the next page");
    let sequence = u32::from_le_bytes(bytes[18..22].try_into().unwrap());
    let granule = u64::from_le_bytes(bytes[6..14].try_into().unwrap());
    Read { flags: bytes[5], granule, sequence, packets, end: at }
}

fn blocks(hz: f64, seconds: f64) -> Vec<[Frame; AIR_BLOCK]> {
    let clip = sine(AIR_RATE, hz, 0.5, seconds);
    clip.samples.chunks_exact(AIR_BLOCK).map(|block| std::array::from_fn(|at| [block[at]; 2])).collect()
}

fn stream() -> OpusStream {
    OpusStream::new(128_000, 7, "Radio Valdeflores").unwrap()
}

#[test]
fn headers_say_what_follows() {
    let stream = stream();
    let bytes = stream.headers();
    let head = read_page(bytes);
    let tags = read_page(&bytes[head.end..]);
    assert_eq!((head.flags, head.granule, head.sequence), (ogg::FIRST, 0, 0));
    assert_eq!((tags.flags, tags.granule, tags.sequence), (0, 0, 1));
    assert_eq!(head.end + tags.end, bytes.len());
    assert_eq!(head.packets, [b"OpusHead\x01\x02\x00\x0f\x80\xbb\x00\x00\x00\x00\x00"]);
    assert_eq!(tags.packets, [b"OpusTags\x06\0\0\0Pregon\x01\0\0\0\x17\0\0\0TITLE=Radio Valdeflores"]);
}

#[test]
fn whoever_joins_later_gets_a_stream_that_begins_then() {
    let mut stream = stream();
    let pages: Vec<Page> =
        blocks(440.0, 1.0).iter().filter_map(|block| stream.push(block).unwrap()).collect();
    let origin = pages[4].origin();
    for (at, page) in (0_u32..).zip(&pages[4..]) {
        let read = read_page(&page.since(origin));
        assert_eq!((read.sequence, read.granule), (2 + at, 4_800 * u64::from(at + 1)));
        assert_eq!(read.packets, read_page(&page.bytes).packets);
    }
    assert_eq!(pages[3].since(pages[0].origin()), pages[3].bytes, "from the start nothing changes");
}

#[test]
fn pages_hold_100_ms_and_count_on() {
    let mut stream = stream();
    let pages: Vec<Page> =
        blocks(440.0, 1.0).iter().filter_map(|block| stream.push(block).unwrap()).collect();
    assert_eq!(pages.len(), 10);
    for (at, page) in (1..).zip(&pages) {
        let read = read_page(&page.bytes);
        assert_eq!((read.flags, read.packets.len()), (0, PAGE_BLOCKS));
        assert_eq!((read.granule, page.granule), (at * 4_800, at * 4_800));
        assert_eq!((u64::from(read.sequence), u64::from(page.sequence)), (at + 1, at + 1));
        assert_eq!(page.frames, 4_800);
        assert_eq!(read.end, page.bytes.len());
    }
}

#[test]
fn what_must_not_wait_goes_out_at_once() {
    let mut stream = stream();
    let blocks = blocks(440.0, 0.2);
    assert_eq!(stream.flush(), None, "nothing to send");
    assert_eq!(stream.push(&blocks[0]).unwrap(), None);
    assert_eq!(stream.push(&blocks[1]).unwrap(), None);
    let early = stream.flush().unwrap();
    assert_eq!((early.granule, early.frames, early.sequence), (1_920, 1_920, 2));
    assert_eq!(stream.flush(), None);
    let next = blocks[2..7].iter().find_map(|block| stream.push(block).unwrap()).unwrap();
    assert_eq!((next.granule, next.frames, next.sequence), (6_720, 4_800, 3));
    let end = read_page(&stream.end().bytes);
    assert_eq!((end.flags, end.granule, end.packets.len()), (ogg::LAST, 7_680, 1));
}

#[test]
fn what_is_decoded_is_what_was_encoded() {
    let mut stream = stream();
    let pages = blocks(1_000.0, 1.0).into_iter().filter_map(|block| stream.push(&block).unwrap());
    let mut decoder = opus::Decoder::new(AIR_RATE, opus::Channels::Stereo).unwrap();
    let mut heard = Vec::new();
    for packet in pages.flat_map(|page| read_page(&page.bytes).packets) {
        let mut sound = [0.0; 2 * AIR_BLOCK];
        assert_eq!(decoder.decode_float(&packet, &mut sound, false).unwrap(), AIR_BLOCK);
        heard.extend(sound.chunks_exact(2).map(|frame| frame[0]));
    }
    let fit = crate::signals::fit_sine(&crate::Pcm::new(AIR_RATE, heard[4_800..].to_vec()), 1_000.0);
    assert!((fit.amplitude - 0.5).abs() < 0.02 && fit.snr_db > 25.0, "{fit:?}");
}

#[test]
fn the_size_of_pages_follows_the_bit_rate() {
    for (bits, bytes) in [(64_000, 800), (128_000, 1_600), (320_000, 4_000)] {
        let mut stream = OpusStream::new(bits, 1, "").unwrap();
        // Noise is the hardest to encode.
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f32::from((state >> 16) as u16) / 65_536.0 - 0.5
        };
        let sizes = (0..100).filter_map(|_| {
            let block = std::array::from_fn(|_| [noise(), noise()]);
            stream.push(&block).unwrap().map(|page| page.bytes.len())
        });
        let (count, sum) = sizes.fold((0, 0), |(count, sum), size| (count + 1, sum + size));
        assert!((sum / count).abs_diff(bytes) < bytes / 8, "{bits}: {} bytes a page", sum / count);
    }
}

#[test]
fn a_sample_that_is_no_number_does_not_spoil_what_follows() {
    let mut stream = stream();
    stream.push(&[[f32::NAN; 2]; AIR_BLOCK]).unwrap();
    stream.push(&[[f32::INFINITY; 2]; AIR_BLOCK]).unwrap();
    let pages: Vec<Page> =
        blocks(1_000.0, 1.0).iter().filter_map(|block| stream.push(block).unwrap()).collect();
    let mut decoder = opus::Decoder::new(AIR_RATE, opus::Channels::Stereo).unwrap();
    let mut loudest = 0.0_f32;
    for packet in pages[5..].iter().flat_map(|page| read_page(&page.bytes).packets) {
        let mut sound = [0.0; 2 * AIR_BLOCK];
        decoder.decode_float(&packet, &mut sound, false).unwrap();
        assert!(sound.iter().all(|sample| sample.is_finite()));
        loudest = sound.iter().fold(loudest, |loudest, sample| loudest.max(sample.abs()));
    }
    assert!((0.4..0.7).contains(&loudest), "{loudest}");
}

#[test]
fn bit_rates_that_opus_does_not_have_are_refused() {
    for bits in [0, 5_999, 510_001, u32::MAX] {
        assert_eq!(OpusStream::new(bits, 1, "").unwrap_err(), EncodeError::BitRate(bits));
    }
}
