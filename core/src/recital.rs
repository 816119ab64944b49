//! Speech that is listened to while it is still being spoken: the trait between those who stream it and whoever speaks.

use async_trait::async_trait;
use futures_util::stream::BoxStream;

use crate::booth::NotRecorded;
use crate::job::Speech;

/// How the bytes of a recital are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SoundFormat {
    /// MPEG layer III, 24 kHz, one channel.
    Mp3,
    /// One Ogg Opus stream.
    Opus,
    /// FLAC, 24 kHz, one channel, 16 bit.
    Flac,
    /// A WAV file of 24 kHz, one channel, 16 bit. Its header promises the greatest length there is: nobody knows the
    /// true one when it is sent.
    Wav,
    /// The same without a header, least significant byte first.
    Pcm,
}

impl SoundFormat {
    /// The usual word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mp3 => "mp3",
            Self::Opus => "opus",
            Self::Flac => "flac",
            Self::Wav => "wav",
            Self::Pcm => "pcm",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Mp3 => "audio/mpeg",
            Self::Opus => "audio/ogg",
            Self::Flac => "audio/flac",
            Self::Wav => "audio/wav",
            Self::Pcm => "audio/pcm",
        }
    }
}

/// The bytes of a speech in order, as they come to be. After an error nothing follows: the listener has a part.
/// When it is dropped, the sentences that were begun are spoken to their end, for the cache, and no more are begun.
pub type Recital = BoxStream<'static, Result<Vec<u8>, NotRecorded>>;

/// Speaks to one listener, sentence by sentence.
#[async_trait]
pub trait Reciter: Send + Sync + 'static {
    /// What it can write, best known first.
    fn formats(&self) -> &'static [SoundFormat];

    /// Speaks `speech` as `client` wants it read; a line break in it ends a paragraph. Returns when the first sentence
    /// is spoken: what cannot be spoken at all is an error here, before anything was sent. A format that is not among
    /// [`Reciter::formats`] is refused.
    async fn recite(
        &self,
        speech: &Speech,
        format: SoundFormat,
        client: Option<&str>,
    ) -> Result<Recital, NotRecorded>;
}
