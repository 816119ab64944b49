//! From a master to the files that a call plays.

use std::io;

use pregon_audio::{Encoding, Pcm, envelope, level, measure, resample};

/// How loud calls are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile {
    /// Integrated loudness, LUFS.
    pub lufs: f64,
    /// Highest true peak, dBTP.
    pub max_dbtp: f64,
}

/// Bars of a drawn envelope.
const BARS: usize = 160;

/// A clip for calls in every configured format.
pub(crate) struct Rendition {
    pub(crate) seconds: f64,
    pub(crate) lufs: f64,
    pub(crate) peak_dbtp: f64,
    pub(crate) envelope: Vec<u8>,
    pub(crate) files: Vec<(Encoding, Vec<u8>)>,
}

/// Levels the master at the rate of each format, since resampling moves peaks, and encodes it.
pub(crate) fn render(master: &Pcm, profile: Profile, formats: &[Encoding]) -> io::Result<Rendition> {
    let levelled = |rate| level(&resample(master, rate), profile.lufs, profile.max_dbtp);
    let narrow = levelled(Encoding::Wav.rate());
    let wide = formats.contains(&Encoding::G722).then(|| levelled(Encoding::G722.rate()));
    let files = formats
        .iter()
        .map(|format| {
            let clip = wide.as_ref().filter(|clip| clip.rate == format.rate()).unwrap_or(&narrow);
            let mut file = Vec::new();
            format.write(clip, &mut file).map(|()| (*format, file))
        })
        .collect::<io::Result<_>>()?;
    let loudness = measure(&narrow);
    Ok(Rendition {
        seconds: narrow.seconds(),
        lufs: loudness.lufs,
        peak_dbtp: loudness.true_peak_dbtp,
        envelope: envelope(&narrow, BARS),
        files,
    })
}
