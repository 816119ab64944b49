//! Reading a file chunk by chunk, also while it is written.

use std::io;
use std::time::Duration;

use axum::body::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, BufReader};
use tokio::time::{Instant, sleep};

/// How often the end of a growing file is looked at again.
const AGAIN: Duration = Duration::from_millis(100);
/// Read at once from the disk, in bytes.
const BLOCK: usize = 64 * 1024;

/// A file from its beginning to its end, and on, should it grow.
pub(super) struct Tail<R> {
    reader: BufReader<R>,
    chunk: usize,
    /// The end is the end when nothing was added for so long.
    quiet: Duration,
}

impl<R: AsyncRead + Unpin> Tail<R> {
    /// Chunks of `chunk` bytes. `quiet` is zero for a file that is whole.
    pub(super) fn new(reader: R, chunk: usize, quiet: Duration) -> Self {
        Self { reader: BufReader::with_capacity(BLOCK.max(chunk), reader), chunk, quiet }
    }

    /// The next bytes: a whole chunk, or what there is before the end reached so far. `None` at the end.
    pub(super) async fn next(&mut self) -> io::Result<Option<Bytes>> {
        let ended = Instant::now();
        loop {
            let mut bytes = Vec::with_capacity(self.chunk);
            (&mut self.reader).take(self.chunk as u64).read_to_end(&mut bytes).await?;
            if !bytes.is_empty() {
                return Ok(Some(bytes.into()));
            }
            if ended.elapsed() >= self.quiet {
                return Ok(None);
            }
            sleep(AGAIN).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use tokio::io::ReadBuf;

    use super::*;

    /// A file that has so many bytes at such a time.
    struct Growing {
        start: Instant,
        lengths: Vec<(Duration, usize)>,
        read: usize,
    }

    impl Growing {
        fn new(lengths: &[(u64, usize)]) -> Self {
            let lengths = lengths.iter().map(|&(at, n)| (Duration::from_millis(at), n)).collect();
            Self { start: Instant::now(), lengths, read: 0 }
        }
    }

    fn byte(at: usize) -> u8 {
        u8::try_from(at % 251).unwrap()
    }

    impl AsyncRead for Growing {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            to: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            let passed = self.start.elapsed();
            let length = self.lengths.iter().rfind(|(at, _)| *at <= passed).map_or(0, |(_, n)| *n);
            // Short reads, as disks are free to give.
            let n = (length - self.read).min(to.remaining()).min(700);
            to.put_slice(&(self.read..self.read + n).map(byte).collect::<Vec<_>>());
            self.read += n;
            Poll::Ready(Ok(()))
        }
    }

    /// Sizes of the chunks, with the milliseconds at which each came, and when the end was told.
    async fn read(lengths: &[(u64, usize)], quiet: u64) -> (Vec<(u128, usize)>, u128) {
        let start = Instant::now();
        let mut tail = Tail::new(Growing::new(lengths), 1_000, Duration::from_millis(quiet));
        let (mut chunks, mut all) = (Vec::new(), Vec::new());
        while let Some(bytes) = tail.next().await.unwrap() {
            chunks.push((start.elapsed().as_millis(), bytes.len()));
            all.extend_from_slice(&bytes);
        }
        assert!(
            all.iter().enumerate().all(|(at, found)| *found == byte(at)),
            "the bytes are not those of the file"
        );
        (chunks, start.elapsed().as_millis())
    }

    #[tokio::test(start_paused = true)]
    async fn a_whole_file_comes_in_equal_chunks_and_ends_at_once() {
        assert_eq!(read(&[(0, 2_500)], 0).await, (vec![(0, 1_000), (0, 1_000), (0, 500)], 0));
        assert_eq!(read(&[(0, 2_000)], 0).await, (vec![(0, 1_000), (0, 1_000)], 0));
        assert_eq!(read(&[(0, 0)], 0).await, (vec![], 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_that_grows_is_followed_until_it_is_quiet() {
        let (chunks, end) = read(&[(0, 1_500), (250, 1_600), (2_900, 4_000)], 3_000).await;
        assert_eq!(chunks, [(0, 1_000), (0, 500), (300, 100), (2_900, 1_000), (2_900, 1_000), (2_900, 400)]);
        assert_eq!(end, 5_900);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_added_after_the_quiet_time_is_not_waited_for() {
        assert_eq!(read(&[(0, 10), (3_200, 20)], 3_000).await, (vec![(0, 10)], 3_000));
    }
}
