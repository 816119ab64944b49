//! Meters of the output: levels, loudness and counters, readable from any thread.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use pregon_audio::Frame;
use serde::Serialize;

use super::BLOCK_FRAMES;
use crate::station::Ticket;

/// Levels and counters of the air thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Readings {
    /// Frames rendered since the station began.
    pub frames: u64,
    /// Highest sample of the last 0.4 s by channel, in dBFS. The limiter keeps what lies between the samples below
    /// −1 dBTP.
    pub peak_dbfs: [f32; 2],
    /// Loudness of the last 0.4 s, in LUFS (ITU-R BS.1770).
    pub momentary_lufs: f32,
    /// Loudness of the last 3 s, in LUFS.
    pub short_term_lufs: f32,
    /// By how much the limiter held down in the last block, in dB (zero or negative).
    pub limiter_db: f32,
    /// Blocks in which a feed had nothing to give although it had not ended.
    pub underruns: u64,
    /// Blocks rendered more than a block later than due, and made up for.
    pub late: u64,
    /// Blocks never rendered, because the thread was held up for longer than can be made up for.
    pub lost: u64,
    /// Blocks that an encoder did not take in time, all encoders together.
    pub overruns: u64,
    /// Reports of the air thread that nobody took in time.
    pub unheard: u64,
}

/// Nothing is quieter than this, in dB: JSON has no minus infinity.
const FLOOR_DB: f32 = -120.0;

/// Where the air thread writes and everybody reads. Each value is whole; together they may be a block apart.
#[derive(Debug, Default)]
pub(crate) struct Meters {
    frames: AtomicU64,
    peak: [AtomicU32; 2],
    momentary: AtomicU32,
    short_term: AtomicU32,
    limiter: AtomicU32,
    underruns: AtomicU64,
    late: AtomicU64,
    lost: AtomicU64,
    overruns: AtomicU64,
    unheard: AtomicU64,
    /// The track that is heard, or pauses, and how many of its frames were.
    track: AtomicU64,
    played: AtomicU64,
}

/// What is counted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mishap {
    Underrun,
    Late,
    Lost,
    Overrun,
    Unheard,
}

impl Meters {
    pub(super) fn count(&self, mishap: Mishap, by: u64) {
        let counter = match mishap {
            Mishap::Underrun => &self.underruns,
            Mishap::Late => &self.late,
            Mishap::Lost => &self.lost,
            Mishap::Overrun => &self.overruns,
            Mishap::Unheard => &self.unheard,
        };
        counter.fetch_add(by, Ordering::Relaxed);
    }

    pub(crate) fn readings(&self) -> Readings {
        let level = |bits: &AtomicU32| f32::from_bits(bits.load(Ordering::Relaxed));
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Readings {
            frames: count(&self.frames),
            peak_dbfs: [level(&self.peak[0]), level(&self.peak[1])].map(|peak| decibels(peak * peak)),
            momentary_lufs: loudness(level(&self.momentary)),
            short_term_lufs: loudness(level(&self.short_term)),
            // Zeroed memory stands for "not yet".
            limiter_db: if count(&self.frames) == 0 { 0.0 } else { decibels(level(&self.limiter).powi(2)) },
            underruns: count(&self.underruns),
            late: count(&self.late),
            lost: count(&self.lost),
            overruns: count(&self.overruns),
            unheard: count(&self.unheard),
        }
    }

    pub(super) fn show_track(&self, ticket: Ticket, played: u64) {
        self.track.store(ticket.0, Ordering::Relaxed);
        self.played.store(played, Ordering::Relaxed);
    }

    /// Frames heard of a track; zero when it is not the one that is heard.
    pub(crate) fn played(&self, ticket: Ticket) -> u64 {
        let shown = self.track.load(Ordering::Relaxed) == ticket.0;
        if shown { self.played.load(Ordering::Relaxed) } else { 0 }
    }
}

fn decibels(power: f32) -> f32 {
    (10.0 * power.log10()).max(FLOOR_DB)
}

/// BS.1770: −0.691 dB makes a sine of 1 kHz read its level.
fn loudness(power: f32) -> f32 {
    (decibels(power) - 0.691).max(FLOOR_DB)
}

/// Blocks in 3 s and in 0.4 s.
const SHORT_TERM: usize = 150;
const MOMENTARY: usize = 20;

/// The air thread's side of the meters.
#[derive(Debug)]
pub(super) struct Gauge {
    weighting: [[Biquad; 2]; 2],
    /// Weighted power of the last blocks, both channels together; and their peaks. The newest is overwritten last.
    powers: Box<[f32; SHORT_TERM]>,
    peaks: [[f32; 2]; MOMENTARY],
    block: usize,
}

impl Gauge {
    pub(super) fn new() -> Self {
        Self {
            weighting: [[Biquad::shelf(), Biquad::high_pass()]; 2],
            powers: Box::new([0.0; SHORT_TERM]),
            peaks: [[0.0; 2]; MOMENTARY],
            block: 0,
        }
    }

    /// Reads a finished block and shows the result.
    pub(super) fn read(&mut self, block: &[Frame; BLOCK_FRAMES], limiter: f32, shown: &Meters) {
        let mut power = 0.0_f32;
        let mut peak = [0.0_f32; 2];
        for frame in block {
            for ((sample, [shelf, high_pass]), peak) in frame.iter().zip(&mut self.weighting).zip(&mut peak) {
                let weighted = high_pass.next(shelf.next(*sample));
                power += weighted * weighted;
                *peak = peak.max(sample.abs());
            }
        }
        self.weighting.iter_mut().flatten().for_each(Biquad::settle);
        #[expect(clippy::cast_precision_loss, reason = "960")]
        let mean = power / BLOCK_FRAMES as f32;
        if let Some(slot) = self.powers.get_mut(self.block % SHORT_TERM) {
            *slot = mean;
        }
        if let Some(slot) = self.peaks.get_mut(self.block % MOMENTARY) {
            *slot = peak;
        }
        self.block += 1;
        self.show(limiter, shown);
    }

    #[expect(clippy::cast_precision_loss, reason = "at most 150 blocks")]
    fn show(&self, limiter: f32, shown: &Meters) {
        let newest = |count: usize| {
            let first = self.block.saturating_sub(count);
            let sum: f32 = (first..self.block).filter_map(|n| self.powers.get(n % SHORT_TERM)).sum();
            sum / count as f32
        };
        for (channel, shown) in shown.peak.iter().enumerate() {
            let highest = self
                .peaks
                .iter()
                .filter_map(|peak| peak.get(channel))
                .fold(0.0_f32, |high, peak| high.max(*peak));
            shown.store(highest.to_bits(), Ordering::Relaxed);
        }
        shown.momentary.store(newest(MOMENTARY).to_bits(), Ordering::Relaxed);
        shown.short_term.store(newest(SHORT_TERM).to_bits(), Ordering::Relaxed);
        shown.limiter.store(limiter.to_bits(), Ordering::Relaxed);
        shown.frames.fetch_add(BLOCK_FRAMES as u64, Ordering::Release);
    }
}

/// A filter of second order, transposed direct form II.
#[derive(Debug, Clone, Copy)]
struct Biquad {
    b: [f32; 3],
    a: [f32; 2],
    state: [f32; 2],
}

impl Biquad {
    /// BS.1770-4 table 1, 48 kHz: the head.
    fn shelf() -> Self {
        Self { b: [1.535_124_9, -2.691_696_2, 1.198_392_8], a: [-1.690_659_3, 0.732_480_77], state: [0.0; 2] }
    }

    /// BS.1770-4 table 2, 48 kHz: low frequencies count less.
    fn high_pass() -> Self {
        Self { b: [1.0, -2.0, 1.0], a: [-1.990_047_5, 0.990_072_25], state: [0.0; 2] }
    }

    fn next(&mut self, sample: f32) -> f32 {
        let out = self.b[0] * sample + self.state[0];
        self.state[0] = self.b[1] * sample - self.a[0] * out + self.state[1];
        self.state[1] = self.b[2] * sample - self.a[1] * out;
        out
    }

    /// Denormal numbers are slow, and a filter that rings out in silence is full of them.
    fn settle(&mut self) {
        for state in &mut self.state {
            if state.abs() < 1e-15 {
                *state = 0.0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f32, amplitude: f32, blocks: usize) -> Vec<Frame> {
        #[expect(clippy::cast_precision_loss, reason = "a short tone")]
        let at = |n: usize| amplitude * (n as f32 * hertz / 48_000.0 * std::f32::consts::TAU).sin();
        (0..blocks * BLOCK_FRAMES).map(|n| [at(n), at(n) / 2.0]).collect()
    }

    fn read(frames: &[Frame]) -> Readings {
        let (mut gauge, meters) = (Gauge::new(), Meters::default());
        for block in frames.as_chunks::<BLOCK_FRAMES>().0 {
            gauge.read(block, 0.5, &meters);
        }
        meters.readings()
    }

    #[test]
    fn loudness_reads_as_a_standard_meter_does() {
        for hertz in [60.0, 997.0, 8_000.0] {
            let frames = tone(hertz, 0.25, 200);
            let mut standard = ebur128::EbuR128::new(2, 48_000, ebur128::Mode::S | ebur128::Mode::M).unwrap();
            standard.add_frames_f32(frames.as_flattened()).unwrap();
            let readings = read(&frames);
            let (short, momentary) =
                (standard.loudness_shortterm().unwrap(), standard.loudness_momentary().unwrap());
            assert!(
                (f64::from(readings.short_term_lufs) - short).abs() < 0.1,
                "{hertz}: {readings:?} {short}"
            );
            assert!((f64::from(readings.momentary_lufs) - momentary).abs() < 0.1, "{hertz}: {momentary}");
        }
    }

    #[test]
    fn peaks_are_per_channel_and_fall_after_0_4_s() {
        let mut frames = tone(997.0, 0.5, 20);
        let readings = read(&frames);
        assert!((readings.peak_dbfs[0] + 6.02).abs() < 0.1 && (readings.peak_dbfs[1] + 12.04).abs() < 0.1);
        assert!((readings.limiter_db + 6.02).abs() < 0.01);
        frames.extend(tone(997.0, 0.0, 20));
        assert!(read(&frames).peak_dbfs.iter().all(|peak| *peak <= FLOOR_DB));
    }

    #[test]
    fn nothing_yet_reads_as_silence() {
        let readings = Meters::default().readings();
        assert_eq!((readings.momentary_lufs, readings.limiter_db, readings.frames), (FLOOR_DB, 0.0, 0));
    }
}
