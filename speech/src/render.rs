//! From a master to the files that are played.

use std::io;

use pregon_audio::{Encoding, Pcm, WavInfo, envelope, measure, wav};

use crate::joint::{Part, join};
use crate::sidecar::{Mark, Measure};

/// Where a clip is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
pub(crate) const BARS: usize = 160;

/// Loudness of a clip may lie this far below the target: of single clicks and of a shrill voice, the peaks leave no room
/// for more.
const MOST_BELOW_LU: f64 = 10.0;
/// And this far above it, for the rounding of very short ones.
const MOST_ABOVE_LU: f64 = 1.5;

/// A clip in every format of its outlet.
pub(crate) struct Rendition {
    pub(crate) measure: Measure,
    /// By extension.
    pub(crate) files: Vec<(&'static str, Vec<u8>)>,
}

impl Rendition {
    /// What is wrong with its loudness, if anything.
    pub(crate) fn trouble(&self, profile: Profile) -> Option<String> {
        let Measure { lufs, peak_dbtp, .. } = self.measure;
        let loud = (profile.lufs - MOST_BELOW_LU..=profile.lufs + MOST_ABOVE_LU).contains(&lufs);
        (!loud || peak_dbtp > profile.max_dbtp + 0.1)
            .then(|| format!("the clip measures {lufs:.1} LUFS with a peak of {peak_dbtp:.1} dBTP"))
    }
}

/// A clip for the radio.
pub(crate) fn render_for_air(parts: &[Part<&Pcm>], profile: Profile) -> Rendition {
    let (clip, marks) = join(parts, AIR_RATE, profile);
    rendition(&clip, marks, vec![(Encoding::Wav.extension(), wav::encode(&clip))])
}

/// A clip for calls. Levels the masters at the rate of each format, since resampling moves peaks, and encodes them.
pub(crate) fn render(parts: &[Part<&Pcm>], profile: Profile, formats: &[Encoding]) -> io::Result<Rendition> {
    let (narrow, marks) = join(parts, Encoding::Wav.rate(), profile);
    let wide = formats.contains(&Encoding::G722).then(|| join(parts, Encoding::G722.rate(), profile).0);
    let files = formats
        .iter()
        .map(|format| {
            let clip = wide.as_ref().filter(|clip| clip.rate == format.rate()).unwrap_or(&narrow);
            let mut file = Vec::new();
            format.write(clip, &mut file).map(|()| (format.extension(), file))
        })
        .collect::<io::Result<_>>()?;
    Ok(rendition(&narrow, marks, files))
}

fn rendition(clip: &Pcm, marks: Vec<Mark>, files: Vec<(&'static str, Vec<u8>)>) -> Rendition {
    let loudness = measure(clip);
    let measure = Measure {
        seconds: clip.seconds(),
        lufs: loudness.lufs,
        peak_dbtp: loudness.true_peak_dbtp,
        envelope: envelope(clip, BARS),
        marks,
    };
    Rendition { measure, files }
}
