//! From a master to the files that are played.

use std::io;

use pregon_audio::{Encoding, Pcm, WavInfo, envelope, level, measure, resample, wav};

/// Where a clip is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outlet {
    /// On the telephone.
    Call,
    /// On the radio: one WAV file, 48 kHz.
    Air,
}

/// Samples per second on the radio, in Hz.
const AIR_RATE: u32 = 48_000;

impl Outlet {
    /// Whether its WAV file is played as it is.
    pub(crate) fn plays(self, file: &WavInfo) -> bool {
        match self {
            Self::Call => file.plays_on_calls(),
            Self::Air => file.plays_on_air(),
        }
    }
}

/// How loud clips are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile {
    /// Integrated loudness, LUFS.
    pub lufs: f64,
    /// Highest true peak, dBTP.
    pub max_dbtp: f64,
}

impl Profile {
    /// Of announcements on the air. As one channel: on two, as stations play it, it measures -16 LUFS. A station that
    /// is louder or quieter turns it up or down.
    pub const AIR: Self = Self { lufs: -19.0, max_dbtp: -2.0 };
}

/// Bars of a drawn envelope.
const BARS: usize = 160;

/// A clip in every format of its outlet.
pub(crate) struct Rendition {
    pub(crate) seconds: f64,
    pub(crate) lufs: f64,
    pub(crate) peak_dbtp: f64,
    pub(crate) envelope: Vec<u8>,
    /// By extension.
    pub(crate) files: Vec<(&'static str, Vec<u8>)>,
}

/// A clip for the radio.
pub(crate) fn render_for_air(master: &Pcm, profile: Profile) -> Rendition {
    let clip = level(&resample(master, AIR_RATE), profile.lufs, profile.max_dbtp);
    rendition(&clip, vec![(Encoding::Wav.extension(), wav::encode(&clip))])
}

/// A clip for calls. Levels the master at the rate of each format, since resampling moves peaks, and encodes it.
pub(crate) fn render(master: &Pcm, profile: Profile, formats: &[Encoding]) -> io::Result<Rendition> {
    let levelled = |rate| level(&resample(master, rate), profile.lufs, profile.max_dbtp);
    let narrow = levelled(Encoding::Wav.rate());
    let wide = formats.contains(&Encoding::G722).then(|| levelled(Encoding::G722.rate()));
    let files = formats
        .iter()
        .map(|format| {
            let clip = wide.as_ref().filter(|clip| clip.rate == format.rate()).unwrap_or(&narrow);
            let mut file = Vec::new();
            format.write(clip, &mut file).map(|()| (format.extension(), file))
        })
        .collect::<io::Result<_>>()?;
    Ok(rendition(&narrow, files))
}

fn rendition(clip: &Pcm, files: Vec<(&'static str, Vec<u8>)>) -> Rendition {
    let loudness = measure(clip);
    Rendition {
        seconds: clip.seconds(),
        lufs: loudness.lufs,
        peak_dbtp: loudness.true_peak_dbtp,
        envelope: envelope(clip, BARS),
        files,
    }
}
