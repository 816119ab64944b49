//! What is heard and what is pressed: RTP packets, both ways.

use std::collections::BTreeMap;
use std::time::Duration;

use pregon_audio::Pcm;

/// Samples per second of telephone sound.
pub(crate) const RATE: u32 = 8_000;

const HEADER: usize = 12;
const ULAW: u8 = 0;
const KEY: u8 = 101;

/// Sound as it came, put together by the time stamps of its packets. What got lost is silence.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sound {
    first: Option<u32>,
    parts: BTreeMap<u32, Vec<u8>>,
}

impl Sound {
    /// Adds a packet if it is one with sound in it.
    pub(super) fn add(&mut self, packet: &[u8]) {
        let Some((header, payload)) = packet.split_at_checked(HEADER) else { return };
        if header[0] >> 6 != 2 || header[1] & 0x7f != ULAW {
            return;
        }
        let stamp = u32::from_be_bytes([header[4], header[5], header[6], header[7]]);
        let offset = stamp.wrapping_sub(*self.first.get_or_insert(stamp));
        // An hour at most: whatever lies further was sent before the first.
        if offset < 3_600 * RATE {
            self.parts.insert(offset, payload.to_vec());
        }
    }

    /// From the first packet to the end of the last.
    pub(crate) fn pcm(&self) -> Pcm {
        let end = self.parts.last_key_value().map_or(0, |(at, part)| *at as usize + part.len());
        let mut samples = vec![0.0; end];
        for (at, part) in &self.parts {
            for (sample, byte) in samples[*at as usize..].iter_mut().zip(part) {
                *sample = f32::from(linear(*byte)) / 32_768.0;
            }
        }
        Pcm::new(RATE, samples)
    }
}

/// ITU-T G.711 µ-law to 16 bits.
fn linear(byte: u8) -> i16 {
    let code = !byte;
    let magnitude = (((i16::from(code & 0x0f) << 3) + 0x84) << (code >> 4 & 7)) - 0x84;
    if code & 0x80 == 0 { magnitude } else { -magnitude }
}

/// A key is held down this long, and as long is the pause to the next. Each lasts eight packets.
const HELD: u16 = 160;
const STEP: Duration = Duration::from_millis(20);

/// The packets that press `keys`, each with the time at which it is sent. RFC 4733: all packets of one key have the
/// same time stamp, durations grow, and the last says three times that the key was let go.
pub(super) fn key_packets(keys: &str) -> Vec<(Duration, Vec<u8>)> {
    let mut packets = Vec::new();
    let steps = HELD / 20;
    for (nth, event) in keys.bytes().filter_map(event).enumerate() {
        let began = u32::try_from(nth).unwrap() * 2 * u32::from(steps);
        for step in 0..steps + 2 {
            let (at, duration) = (began + u32::from(step), (step + 1).min(steps) * 160);
            let number = u16::try_from(packets.len()).unwrap();
            let mark = if step == 0 { 0x80 } else { 0 };
            let end = if step + 1 >= steps { 0x80 } else { 0 };
            let volume = 0x0a;
            let mut packet = vec![0x80, mark | KEY];
            packet.extend(number.to_be_bytes());
            packet.extend((began * 160).to_be_bytes());
            packet.extend(*b"peer");
            packet.extend([event, end | volume]);
            packet.extend(duration.to_be_bytes());
            packets.push((STEP * at, packet));
        }
    }
    packets
}

fn event(key: u8) -> Option<u8> {
    match key {
        b'0'..=b'9' => Some(key - b'0'),
        b'*' => Some(10),
        b'#' => Some(11),
        _ => None,
    }
}

/// How alike `heard` is to `said`: the correlation of the two over the whole length of `said`, where they lie best
/// upon each other, and by how many samples `heard` is late. 1 is alike, 0 has nothing in common.
pub(crate) fn likeness(said: &Pcm, heard: &Pcm) -> (f64, usize) {
    // The place is found by the loudest quarter of a second: that is quick.
    const SAMPLE: usize = RATE as usize / 4;
    let power = |part: &[f32]| part.iter().map(|s| s * s).sum::<f32>();
    let parts = said.samples.chunks(SAMPLE).enumerate();
    let loudest = parts.max_by(|(_, a), (_, b)| power(a).total_cmp(&power(b)));
    let (at, sample) = loudest.map_or((0, &[][..]), |(nth, part)| (nth * SAMPLE, part));
    let lags = (0..RATE as usize / 2).map(|lag| (correlation(sample, &heard.samples, at + lag), lag));
    let (_, lag) = lags.max_by(|(a, _), (b, _)| a.total_cmp(b)).unwrap_or_default();
    (correlation(&said.samples, &heard.samples, lag), lag)
}

/// Of `said` with what begins at `from` in `heard`. Neither has a mean worth taking away: it is sound.
fn correlation(said: &[f32], heard: &[f32], from: usize) -> f64 {
    let heard = heard.get(from..).unwrap_or_default().iter().chain(std::iter::repeat(&0.0));
    let mut sums = [0.0_f64; 3];
    for (a, b) in said.iter().zip(heard) {
        let (a, b) = (f64::from(*a), f64::from(*b));
        for (sum, term) in sums.iter_mut().zip([a * b, a * a, b * b]) {
            *sum += term;
        }
    }
    let [both, said, heard] = sums;
    if said * heard > 0.0 { both / (said * heard).sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use pregon_audio::Encoding;

    use super::*;

    fn sweep() -> Pcm {
        #[expect(clippy::cast_precision_loss, reason = "16,000 is far below")]
        let at = |n: usize| n as f32 / RATE as f32;
        let samples = (0..2 * RATE as usize).map(|n| ((2_500.0 + 2_000.0 * at(n)) * at(n)).sin() * 0.5);
        Pcm::new(RATE, samples.collect())
    }

    fn packet(stamp: u32, payload: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x80, ULAW, 0, 0];
        packet.extend(stamp.to_be_bytes());
        packet.extend(*b"test");
        packet.extend(payload);
        packet
    }

    #[test]
    fn sound_is_put_together_whatever_the_order_and_the_gaps() {
        let said = sweep();
        let coded = Encoding::Ulaw.encode(&said).unwrap();
        let mut sound = Sound::default();
        let start = u32::MAX - 1_000;
        let mut parts: Vec<_> = coded.chunks(160).zip((0_u32..).step_by(160)).collect();
        parts[1..].reverse();
        for (part, at) in parts {
            sound.add(&packet(start.wrapping_add(at), part));
            sound.add(&packet(start.wrapping_add(at), part));
        }
        sound.add(&key_packets("5")[0].1);
        let heard = sound.pcm();
        assert_eq!(heard.samples.len(), said.samples.len());
        let (alike, lag) = likeness(&said, &heard);
        assert!(alike > 0.9995 && lag == 0, "{alike} {lag}");
    }

    #[test]
    fn likeness_counts_what_is_missing_and_finds_the_place() {
        let said = sweep();
        let cut = Pcm::new(RATE, said.samples[..12_000].to_vec());
        let (alike, _) = likeness(&said, &cut);
        assert!((0.8..0.95).contains(&alike), "three quarters: {alike}");
        let late = Pcm::new(RATE, std::iter::repeat_n(0.0, 800).chain(said.samples.clone()).collect());
        let (alike, lag) = likeness(&said, &late);
        assert!(alike > 0.999 && lag == 800, "{alike} {lag}");
        let (alike, _) = likeness(&said, &Pcm::new(RATE, vec![0.0; 16_000]));
        assert!(alike.abs() < 0.001, "silence: {alike}");
    }
}
