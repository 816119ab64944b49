//! From pieces to one sound: speech, and silence of exactly the length that was asked for.

use std::ops::Range;
use std::time::Duration;

use pregon_audio::{Pcm, SILENCE_DBFS, level, resample};

use crate::render::Profile;
use crate::sidecar::Mark;

/// Silence between two pieces that follow each other without a pause: as much as trimming leaves between the files of
/// one piece. Where their own ends have less, the rest is put in.
const JOINT: Duration = Duration::from_millis(200);

/// One piece of a sound.
#[derive(Clone, Debug)]
pub(crate) enum Part<S> {
    /// Speech.
    Sound(S),
    /// Silence of exactly this length.
    Pause(Duration),
    /// A place with a name.
    Mark(String),
}

/// The parts at `rate`, in order, with the speech at the loudness of `profile`. A pause is exactly so many samples of
/// digital silence, and its neighbours neither begin nor end with any.
pub(crate) fn join(parts: &[Part<&Pcm>], rate: u32, profile: Profile) -> (Pcm, Vec<Mark>) {
    let mut line = Line::default();
    for part in parts {
        match part {
            Part::Sound(clip) => line.speak(&resample(clip, rate)),
            Part::Pause(length) => line.pause(frames(*length, rate)),
            Part::Mark(name) => line.marks.push((line.pauses.len(), line.speech.len(), name)),
        }
    }
    // Without the pauses: a level found with them would depend on how much silence there is between the words.
    let Line { speech, pauses, marks, .. } = line;
    lay_out(&level(&Pcm::new(rate, speech), profile.lufs, profile.max_dbtp), &pauses, &marks)
}

/// `more` after `whole`, with the usual silence between them and `pause` on top of it. Both have the same rate.
pub(crate) fn append(whole: &mut Pcm, more: &Pcm, pause: Duration) {
    let silence = missing(&whole.samples, more) + frames(pause, whole.rate);
    whole.samples.resize(whole.samples.len() + silence, 0.0);
    whole.samples.extend_from_slice(&more.samples);
}

/// Samples of silence that two neighbours lack between them.
fn missing(before: &[f32], after: &Pcm) -> usize {
    let quiet = |sample: &&f32| sample.abs() < 10.0_f32.powf(SILENCE_DBFS / 20.0);
    let own = before.iter().rev().take_while(quiet).count() + after.samples.iter().take_while(quiet).count();
    frames(JOINT, after.rate).saturating_sub(own)
}

/// Speech without its pauses, and where they belong.
#[derive(Default)]
struct Line<'a> {
    speech: Vec<f32>,
    /// Where each pause belongs, and its length in samples.
    pauses: Vec<(usize, usize)>,
    /// How many pauses come before each mark, and where it belongs in the speech.
    marks: Vec<(usize, usize, &'a str)>,
    /// Whether more speech would follow speech.
    open: bool,
}

impl Line<'_> {
    fn speak(&mut self, clip: &Pcm) {
        if self.open {
            self.speech.resize(self.speech.len() + missing(&self.speech, clip), 0.0);
        }
        self.speech.extend_from_slice(&clip.samples);
        self.open = true;
    }

    fn pause(&mut self, length: usize) {
        self.pauses.push((self.speech.len(), length));
        self.open = false;
    }
}

fn lay_out(speech: &Pcm, pauses: &[(usize, usize)], marks: &[(usize, usize, &str)]) -> (Pcm, Vec<Mark>) {
    let mut whole = Pcm::new(speech.rate, Vec::with_capacity(speech.samples.len()));
    let mut named = Vec::new();
    let mut from = 0;
    let ends = pauses.iter().copied().chain([(speech.samples.len(), 0)]);
    for (index, (to, length)) in ends.enumerate() {
        let sounding = sounding(&speech.samples, from..to, (index > 0, index < pauses.len()));
        for (_, at, name) in marks.iter().filter(|(before, ..)| *before == index) {
            let at = whole.samples.len() + at.clamp(&sounding.start, &sounding.end) - sounding.start;
            named.push(Mark { name: (*name).to_owned(), seconds: seconds(at, speech.rate) });
        }
        whole.samples.extend_from_slice(speech.samples.get(sounding).unwrap_or_default());
        whole.samples.resize(whole.samples.len() + length, 0.0);
        from = to;
    }
    (whole, named)
}

/// The stretch without the digital silence at its head or tail: what rounds to nothing in 16-bit steps.
fn sounding(samples: &[f32], stretch: Range<usize>, (head, tail): (bool, bool)) -> Range<usize> {
    let piece = samples.get(stretch.clone()).unwrap_or_default();
    let sounds = |sample: &f32| (sample * 32_768.0).round() != 0.0;
    let start = if head { piece.iter().position(sounds).unwrap_or(piece.len()) } else { 0 };
    let end = if tail { piece.iter().rposition(sounds).map_or(start, |last| last + 1) } else { piece.len() };
    stretch.start + start..stretch.start + end.max(start)
}

fn frames(length: Duration, rate: u32) -> usize {
    let frames = (length.as_nanos() * u128::from(rate) + 500_000_000) / 1_000_000_000;
    usize::try_from(frames).unwrap_or(usize::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "a clip of 2^52 samples does not fit in memory")]
fn seconds(samples: usize, rate: u32) -> f64 {
    samples as f64 / f64::from(rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFILE: Profile = Profile { lufs: -19.0, max_dbtp: -3.0 };

    /// A tone that never crosses zero on a sample, `quiet` seconds of silence around it.
    #[expect(clippy::cast_precision_loss, reason = "test maths")]
    fn word(rate: u32, seconds: f64, quiet: f64) -> Pcm {
        let silence = vec![0.0; frames(Duration::from_secs_f64(quiet), rate)];
        let sound = (0..frames(Duration::from_secs_f64(seconds), rate))
            .map(|n| 0.3 * (n as f32 * 0.9 + 0.4).sin() + 0.01)
            .collect();
        Pcm::new(rate, [silence.clone(), sound, silence].concat())
    }

    /// Lengths of the stretches of digital silence that are longer than a hundredth of a second.
    fn silences(clip: &Pcm) -> Vec<usize> {
        let (mut found, mut length) = (Vec::new(), 0);
        for sample in clip.to_i16().chain([1]) {
            if sample == 0 {
                length += 1;
            } else {
                found.extend(Some(length).filter(|length| *length > 80));
                length = 0;
            }
        }
        found
    }

    #[test]
    fn a_pause_is_exactly_as_long_as_it_was_asked_for() {
        for rate in [8_000, 16_000, 48_000] {
            for quiet in [0.0, 0.05, 0.2] {
                for millis in [50, 750, 1_234] {
                    let clip = word(22_050, 1.0, quiet);
                    let parts =
                        [Part::Sound(&clip), Part::Pause(Duration::from_millis(millis)), Part::Sound(&clip)];
                    let (joined, _) = join(&parts, rate, PROFILE);
                    let exact = usize::try_from(millis).unwrap() * rate as usize / 1_000;
                    let inside = silences(&joined).into_iter().filter(|length| *length == exact).count();
                    assert_eq!(inside, 1, "{rate} {quiet} {millis}: {:?}", silences(&joined));
                }
            }
        }
    }

    #[test]
    fn a_pause_at_either_end_stays() {
        let (clip, second) = (word(8_000, 1.0, 0.0), Part::Pause(Duration::from_secs(1)));
        let (joined, _) = join(&[second.clone(), Part::Sound(&clip), second], 8_000, PROFILE);
        assert_eq!(silences(&joined), [8_000, 8_000]);
        assert_eq!(joined.samples.len(), 24_000);
    }

    #[test]
    fn pieces_without_a_pause_stand_a_fifth_of_a_second_apart() {
        for (quiet, apart) in [(0.0, 0.2), (0.05, 0.2), (0.1, 0.2), (0.3, 0.6)] {
            let clip = word(8_000, 1.0, quiet);
            let (joined, _) = join(&[Part::Sound(&clip), Part::Sound(&clip)], 8_000, PROFILE);
            let expected = 2.0 + 2.0 * quiet + apart;
            assert!((joined.seconds() - expected).abs() < 0.01, "{quiet}: {}", joined.seconds());
            let mut whole = clip.clone();
            append(&mut whole, &clip, Duration::ZERO);
            assert!((whole.seconds() - expected).abs() < 0.01, "{quiet}: {}", whole.seconds());
        }
    }

    #[test]
    fn marks_lie_where_they_were_written() {
        let clip = word(8_000, 1.0, 0.0);
        let mark = |name: &str| Part::Mark(name.to_owned());
        let (sound, half) = (Part::Sound(&clip), Part::Pause(Duration::from_millis(500)));
        let parts = [
            mark("start"),
            sound.clone(),
            mark("before"),
            half.clone(),
            mark("between"),
            half,
            mark("after"),
            sound,
            mark("end"),
        ];
        let (_, marks) = join(&parts, 8_000, PROFILE);
        let found: Vec<_> = marks.iter().map(|mark| (mark.name.as_str(), mark.seconds)).collect();
        let expected = [("start", 0.0), ("before", 1.0), ("between", 1.5), ("after", 2.0), ("end", 3.0)];
        assert_eq!(found, expected);
    }
}
