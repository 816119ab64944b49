//! FLAC, written whole: its header tells the length and a checksum of the sound.

use std::io::Cursor;

use flac_codec::encode::{FlacSampleWriter, Options};
use thiserror::Error;

use crate::Pcm;

/// Why there is no FLAC file; the encoder's own words.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("FLAC: {0}")]
pub struct FlacError(String);

/// A whole FLAC file of a clip: one channel, 16 bit.
///
/// # Errors
/// FLAC has no such sample rate (it ends at 1,048,575 Hz), or the clip is empty.
pub fn flac(clip: &Pcm) -> Result<Vec<u8>, FlacError> {
    let refused = |error: flac_codec::Error| FlacError(error.to_string());
    let length = Some(clip.samples.len() as u64);
    let mut file = Cursor::new(Vec::new());
    let options = Options::default().no_padding();
    let mut writer = FlacSampleWriter::new(&mut file, options, clip.rate, 16, 1, length).map_err(refused)?;
    let samples: Vec<i32> = clip.to_i16().map(i32::from).collect();
    writer.write(&samples).map_err(refused)?;
    writer.finalize().map_err(refused)?;
    Ok(file.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::sine;

    #[test]
    fn a_clip_comes_back_sample_by_sample() {
        for rate in [8_000, 24_000, 48_000] {
            let clip = sine(rate, 440.0, 0.5, 1.5);
            let file = flac(&clip).unwrap();
            assert!(file.starts_with(b"fLaC") && file.len() < 2 * clip.samples.len());
            let mut reader = flac_codec::decode::FlacSampleReader::new(Cursor::new(file)).unwrap();
            let mut back = Vec::new();
            reader.read_to_end(&mut back).unwrap();
            assert_eq!(back, clip.to_i16().map(i32::from).collect::<Vec<_>>(), "{rate} Hz");
        }
    }

    #[test]
    fn what_flac_does_not_do_is_refused() {
        assert!(flac(&Pcm::new(2_000_000, vec![0.0; 10])).is_err());
        assert!(flac(&Pcm::new(24_000, Vec::new())).is_err());
    }
}
