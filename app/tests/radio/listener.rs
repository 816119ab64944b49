//! Somebody who listens to the stream and keeps what came.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt as _;
use pregon_audio::Track;
use tokio::task::JoinHandle;

use crate::air::Air;
use crate::rig::Rig;

/// Frames in one of the coarse search: 2 kHz are enough to find a voice.
const COARSE: usize = 24;

pub(crate) struct Listener {
    bytes: Arc<Mutex<Vec<u8>>>,
    task: JoinHandle<()>,
}

impl Listener {
    /// Tunes in, and waits until something has come.
    pub(crate) async fn tune_in(air: &Air) -> Self {
        // The client of the rig gives up after half a minute, which no stream here lasts.
        let answer = air.rig.http.get(air.url("/radio")).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&bytes);
        let task = tokio::spawn(async move {
            let mut stream = answer.bytes_stream();
            while let Some(Ok(chunk)) = stream.next().await {
                kept.lock().unwrap().extend_from_slice(&chunk);
            }
        });
        let listener = Self { bytes, task };
        listener.until_more(air, 1).await;
        listener
    }

    /// Waits until that many bytes have come.
    async fn until_more(&self, air: &Air, bytes: usize) {
        let heard = async |_: &Rig| self.bytes.lock().unwrap().len() >= bytes;
        air.rig.until("the stream goes on", Duration::from_secs(20), heard).await;
    }

    /// Listens for about another second, and gives what was heard: one channel at 48 kHz.
    pub(crate) async fn heard(self, air: &Air) -> Vec<f32> {
        let so_far = self.bytes.lock().unwrap().len();
        self.until_more(air, so_far + 16_000).await;
        self.task.abort();
        let path = air.rig.dir.path().join("heard.opus");
        std::fs::write(&path, &*self.bytes.lock().unwrap()).unwrap();
        mono(&path)
    }
}

/// What a file holds, up to where it was cut.
fn mono(path: &std::path::Path) -> Vec<f32> {
    let mut track = Track::open(path).unwrap();
    let (mut samples, mut block) = (Vec::new(), vec![[0.0; 2]; 4_800]);
    while let Ok(count @ 1..) = track.read(&mut block) {
        samples.extend(block[..count].iter().map(|[left, right]| f32::midpoint(*left, *right)));
    }
    samples
}

/// Where `clip` lies in `sound`, and how like it that is: 1 is the same but for its level.
pub(crate) fn find(clip: &[f32], sound: &[f32]) -> (usize, f32) {
    let thin = |samples: &[f32]| -> Vec<f32> {
        samples.chunks_exact(COARSE).map(|chunk| chunk.iter().sum()).collect()
    };
    let (small, large) = (thin(clip), thin(sound));
    let offsets = 0..=large.len().checked_sub(small.len()).unwrap();
    let alike = offsets.map(|at| (at, likeness(&small, &large[at..at + small.len()])));
    let near = alike.max_by(|(_, a), (_, b)| a.total_cmp(b)).unwrap().0 * COARSE;
    let last = sound.len() - clip.len();
    let fine = near.saturating_sub(2 * COARSE).min(last)..=(near + 2 * COARSE).min(last);
    let best = fine.map(|at| (at, likeness(clip, &sound[at..at + clip.len()])));
    best.max_by(|(_, a), (_, b)| a.total_cmp(b)).unwrap()
}

/// The correlation of two sounds of one length.
fn likeness(one: &[f32], other: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    dot(one, other) / (dot(one, one) * dot(other, other)).sqrt().max(1e-9)
}
