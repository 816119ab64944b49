//! From what an engine sent to a master: decoded, joined and found to be speech.

use std::time::Duration;

use pregon_audio::{Pcm, SILENCE_DBFS, decode, is_silent, measure, trim};

use crate::engine::{Encoded, SynthError, Utterance};
use crate::joint::append;

/// Fewest seconds per letter or digit: 20 ms is 50 letters a second, three times as fast as anybody speaks. Less means
/// that the end is missing.
const SHORTEST_PER_LETTER: f64 = 0.020;

/// Most seconds per letter: a spelt `W` takes 0.7 s.
const LONGEST_PER_LETTER: f64 = 1.2;

/// Most seconds per other character: a digit can become `setecientos`, an emoji a whole sentence.
const LONGEST_PER_SYMBOL: f64 = 5.0;

/// Pauses and pads, whatever the length.
const LONGEST_PAUSES: f64 = 5.0;

/// Longest silence between two pieces.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Quieter than this, in LUFS, is no speech: engines speak at -16 to -30.
const QUIETEST: f64 = -50.0;

/// Stretches in which sound is looked for, per second: none of the sounds of speech is shorter.
const STRETCHES: u32 = 50;

/// Longer than any announcement: caps what a small file can unpack to.
const LONGEST: f64 = 1_800.0;

/// The pieces as one clip at the engine's own rate, trimmed, in 16-bit steps: the same samples that a master read
/// back from disk has, so that renditions made now and later are equal.
pub(crate) fn master(pieces: &[Encoded], utterance: &Utterance) -> Result<Pcm, SynthError> {
    let lengths = Plausible::of(utterance);
    let mut joined: Option<Pcm> = None;
    let mut pause = Duration::ZERO;
    for piece in pieces {
        let clip = decode(&piece.bytes, piece.container, lengths.longest())
            .map_err(|error| SynthError::Corrupt(error.to_string()))?;
        // Engines pad every piece with silence of their own, or with none.
        let clip = trim(&clip);
        match &mut joined {
            None => joined = Some(clip),
            Some(whole) if whole.rate == clip.rate => append(whole, &clip, pause),
            Some(_) => return Err(SynthError::Corrupt("the pieces have different sample rates".to_owned())),
        }
        pause = piece.pause_after.min(LONGEST_PAUSE);
    }
    let whole = joined.ok_or_else(|| SynthError::Corrupt("there is no audio".to_owned()))?;
    if is_silent(&whole) {
        return Err(silence(&utterance.text));
    }
    lengths.check(whole.seconds(), sounding_seconds(&whole))?;
    let whole = in_16_bit_steps(whole);
    let loudness = measure(&whole).lufs;
    if loudness < QUIETEST {
        return Err(SynthError::Corrupt(format!("{loudness:.0} LUFS are too quiet to be speech")));
    }
    Ok(whole)
}

/// How long there is something to hear: clicks in a long silence are no speech.
#[expect(clippy::cast_precision_loss, reason = "a clip of 2^52 stretches does not fit in memory")]
fn sounding_seconds(clip: &Pcm) -> f64 {
    let threshold = 10.0_f32.powf(SILENCE_DBFS / 20.0);
    let stretches = clip.samples.chunks((clip.rate / STRETCHES).max(1) as usize);
    let sounding = stretches.filter(|stretch| stretch.iter().any(|sample| sample.abs() >= threshold));
    sounding.count() as f64 / f64::from(STRETCHES)
}

fn silence(text: &str) -> SynthError {
    if text.chars().any(char::is_alphanumeric) {
        return SynthError::Corrupt("the audio is silent".to_owned());
    }
    SynthError::Rejected("there is nothing in the text that can be spoken".to_owned())
}

pub(crate) fn in_16_bit_steps(mut clip: Pcm) -> Pcm {
    // Lossy decoders overshoot full scale; brought down here, since a clipped top cannot be repaired by levelling.
    let gain = 1.0_f32.min(0.999 / clip.sample_peak());
    clip.samples.iter_mut().for_each(|sample| *sample *= gain);
    let samples = clip.to_i16().map(|sample| f32::from(sample) / 32_768.0).collect();
    Pcm::new(clip.rate, samples)
}

/// How long a text may sound.
struct Plausible {
    at_least: f64,
    at_most: f64,
}

impl Plausible {
    #[expect(clippy::cast_precision_loss, reason = "a text of 2^52 characters does not fit in memory")]
    fn of(utterance: &Utterance) -> Self {
        let letters = utterance.text.chars().filter(|c| c.is_alphabetic()).count() as f64;
        let sounding = utterance.text.chars().filter(|c| c.is_alphanumeric()).count() as f64;
        let symbols = utterance.text.chars().filter(|c| !c.is_alphabetic() && *c != ' ').count() as f64;
        let rate = f64::from(utterance.rate);
        let spoken = letters * LONGEST_PER_LETTER + symbols * LONGEST_PER_SYMBOL;
        Self {
            at_least: sounding * SHORTEST_PER_LETTER / rate.max(1.0),
            at_most: (LONGEST_PAUSES + spoken / rate.min(1.0)).min(LONGEST),
        }
    }

    fn longest(&self) -> Duration {
        Duration::from_secs_f64(self.at_most)
    }

    fn check(&self, seconds: f64, sounding: f64) -> Result<(), SynthError> {
        if seconds < self.at_least {
            return Err(SynthError::Corrupt(format!("{seconds:.1} s of audio are too short for the text")));
        }
        if sounding < self.at_least {
            let why =
                format!("{sounding:.1} s of sound in {seconds:.1} s of audio are too little for the text");
            return Err(SynthError::Corrupt(why));
        }
        if seconds > self.at_most {
            return Err(SynthError::Corrupt(format!("{seconds:.1} s of audio are too long for the text")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use pregon_audio::wav;

    use super::*;

    fn utterance(text: &str) -> Utterance {
        Utterance { text: text.into(), language: "es".into(), voice: "es".into(), rate: 1.0 }
    }

    fn tone(rate: u32, seconds: f32, amplitude: f32) -> Encoded {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "test maths"
        )]
        let samples =
            (0..(rate as f32 * seconds) as u32).map(|n| amplitude * (n as f32 * 0.3).sin()).collect();
        Encoded::new(wav::encode(&Pcm::new(rate, samples)), None)
    }

    /// Two seconds of silence between two clicks.
    fn clicks() -> Encoded {
        let mut samples = vec![0.0; 44_100];
        (samples[0], samples[44_099]) = (0.5, 0.5);
        Encoded::new(wav::encode(&Pcm::new(22_050, samples)), None)
    }

    fn word(result: Result<Pcm, SynthError>) -> String {
        match result.unwrap_err() {
            SynthError::Corrupt(why) => format!("corrupt: {why}"),
            SynthError::Rejected(why) => format!("rejected: {why}"),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn pieces_are_joined_in_order() {
        let pieces = [tone(24_000, 1.0, 0.5), tone(24_000, 2.0, 0.1)];
        let clip = master(&pieces, &utterance("Su cita es mañana")).unwrap();
        assert!((clip.seconds() - 3.2).abs() < 0.01, "{}", clip.seconds());
        assert!(clip.samples[100].abs() <= 0.5 && clip.samples[60_000..].iter().all(|s| s.abs() <= 0.11));
    }

    #[test]
    fn a_pause_between_two_pieces_is_as_long_as_asked() {
        let piece = |pause| Encoded { pause_after: pause, ..tone(22_050, 1.0, 0.5) };
        let join = |pause| master(&[piece(pause), piece(pause)], &utterance("Su cita. Es hoy")).unwrap();
        let close = join(Duration::ZERO);
        let apart = join(Duration::from_millis(300));
        assert_eq!(apart.samples.len() - close.samples.len(), 6_615, "300 ms, and none after the last");
        assert!(join(Duration::MAX).seconds() < close.seconds() + 5.1, "within reason");
    }

    #[test]
    fn what_is_not_speech_is_told_apart() {
        let text = utterance("Su cita es mañana");
        let junk = Encoded::new(b"<html>sorry</html>".to_vec(), None);
        for (pieces, reason) in [
            (vec![], "corrupt: there is no audio"),
            (vec![junk], "corrupt: the audio format is not supported"),
            (vec![tone(22_050, 2.0, 0.0)], "corrupt: the audio is silent"),
            (vec![tone(22_050, 0.1, 0.5)], "corrupt: 0.1 s of audio are too short"),
            (vec![tone(22_050, 200.0, 0.5)], "corrupt: the audio is longer than"),
            (vec![tone(22_050, 15.0, 0.5), tone(22_050, 20.0, 0.5)], "corrupt: 35.2 s of audio are too long"),
            (vec![tone(22_050, 1.0, 0.5), tone(24_000, 1.0, 0.5)], "corrupt: the pieces have different"),
            (vec![clicks()], "corrupt: 0.0 s of sound in 2.0 s of audio are too little"),
            (vec![tone(22_050, 2.0, 0.0025)], "corrupt: -55 LUFS are too quiet"),
        ] {
            let found = word(master(&pieces, &text));
            assert!(found.starts_with(reason), "{found}");
        }
        assert!(word(master(&[tone(22_050, 1.0, 0.0)], &utterance("… — !"))).starts_with("rejected: "));
    }

    #[test]
    fn lengths_of_real_speech_are_plausible() {
        for (text, rate, seconds) in [
            ("Sí", 1.0, 0.4),
            ("777777", 1.0, 4.2),
            ("😀😀😀", 1.0, 7.0),
            ("WWWWWWWWWW", 0.5, 14.0),
            ("Buenos días, le llamamos de la clínica", 4.0, 0.7),
            ("Buenos días, le llamamos de la clínica", 0.25, 10.0),
        ] {
            let lengths = Plausible::of(&Utterance { rate, ..utterance(text) });
            assert_eq!(lengths.check(seconds, seconds), Ok(()), "{text} at {rate}");
        }
    }

    #[test]
    fn a_master_survives_the_way_to_disk_and_back() {
        let clip = master(&[tone(22_050, 1.0, 0.7)], &utterance("hola")).unwrap();
        assert_eq!(decode(&wav::encode(&clip), None, Duration::from_mins(1)).unwrap(), clip);
    }
}
