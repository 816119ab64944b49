//! Several sources, one after the other: chime, speech, gap, speech again, chime.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use pregon_audio::Frame;

use super::{Source, SourceError, Tapes};

/// A link of a chain.
pub(crate) enum Part {
    /// Open already.
    Open(Box<dyn Source>),
    /// Opened when its turn comes.
    File(PathBuf),
    /// So many frames of silence.
    Silence(usize),
    /// Frames that were read ahead.
    Frames(VecDeque<Frame>),
}

/// One source made of several.
pub(crate) struct Chain {
    parts: VecDeque<Part>,
    tapes: Arc<dyn Tapes>,
}

impl Chain {
    pub(crate) fn new(parts: impl IntoIterator<Item = Part>, tapes: Arc<dyn Tapes>) -> Self {
        Self { parts: parts.into_iter().collect(), tapes }
    }
}

impl Source for Chain {
    fn read(&mut self, out: &mut [Frame]) -> Result<usize, SourceError> {
        while let Some(part) = self.parts.front_mut() {
            let count = match part {
                Part::Open(source) => source.read(out)?,
                Part::File(path) => {
                    let cut = self.tapes.open(path).map_err(|refused| SourceError(refused.to_string()))?;
                    *part = Part::Open(cut.source);
                    continue;
                }
                Part::Silence(left) => {
                    let count = out.len().min(*left);
                    out.iter_mut().take(count).for_each(|frame| *frame = [0.0; 2]);
                    *left -= count;
                    count
                }
                Part::Frames(frames) => {
                    let count = out.len().min(frames.len());
                    for (slot, frame) in out.iter_mut().zip(frames.drain(..count)) {
                        *slot = frame;
                    }
                    count
                }
            };
            if count > 0 || out.is_empty() {
                return Ok(count);
            }
            self.parts.pop_front();
        }
        Ok(0)
    }
}
