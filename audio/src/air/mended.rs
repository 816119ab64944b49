//! WAV files whose header does not know how long they are.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use symphonia::core::io::MediaSource;

use crate::DecodeError;
use crate::riff::true_sizes;

/// Pictures and notes may lie in front of the samples; nobody writes more of them than this.
const HEADER_BYTES: u64 = 1 << 20;

/// A file that reads with other bytes in some places: streaming writers leave sizes in a WAV header that
/// the demuxer refuses or believes.
pub(super) struct Mended {
    file: File,
    at: u64,
    patches: Vec<(u64, [u8; 4])>,
}

impl Mended {
    pub(super) fn new(mut file: File) -> Result<Self, DecodeError> {
        let unreadable = |error: std::io::Error| DecodeError::Unreadable(error.to_string());
        let mut patches = Vec::new();
        let mut start = Vec::new();
        file.by_ref().take(12).read_to_end(&mut start).map_err(unreadable)?;
        if start.starts_with(b"RIFF") && start.ends_with(b"WAVE") {
            file.by_ref().take(HEADER_BYTES).read_to_end(&mut start).map_err(unreadable)?;
            let length = file.metadata().map_err(unreadable)?.len();
            let sizes = true_sizes(&start, length);
            let sizes = sizes.ok_or_else(|| DecodeError::Damaged("no sensible fmt and data chunk".into()))?;
            patches.extend(sizes.map(|(at, size)| (at, size.to_le_bytes())));
        }
        file.rewind().map_err(unreadable)?;
        Ok(Self { file, at: 0, patches })
    }
}

impl Read for Mended {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read(buffer)?;
        let begin = self.at;
        self.at += count as u64;
        for (at, byte) in self.patches.iter().flat_map(|(at, bytes)| (*at..).zip(bytes)) {
            let place = at.checked_sub(begin).and_then(|place| usize::try_from(place).ok());
            if let Some(place) = place.filter(|place| *place < count).and_then(|place| buffer.get_mut(place))
            {
                *place = *byte;
            }
        }
        Ok(count)
    }
}

impl Seek for Mended {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.at = self.file.seek(to)?;
        Ok(self.at)
    }
}

impl MediaSource for Mended {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        self.file.metadata().ok().map(|metadata| metadata.len())
    }
}
