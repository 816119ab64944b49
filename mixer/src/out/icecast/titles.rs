//! Telling an Icecast server what is on air, beside the stream.

use std::convert::Infallible;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::timeout;

use super::Mount;
use crate::out::events::OnAir;

const WITHIN: Duration = Duration::from_secs(3);

/// More than the XML of an answer.
const ANSWER_BYTES: u64 = 4_096;

/// Sends every new title, for as long as the stream is fed. A server that does not take titles for Ogg streams
/// (Icecast 2.4 does not) is asked once and then left alone.
pub(super) async fn tell(mount: &Mount, mut board: watch::Receiver<OnAir>) -> Infallible {
    let mut told = None;
    loop {
        let title = song(&board.borrow_and_update());
        if title.is_some() && title != told {
            match send(mount, title.as_deref().unwrap_or_default()).await {
                Ok(true) => told = title,
                Ok(false) => {
                    tracing::info!(server = %mount, "the Icecast server takes no titles for this stream");
                    break;
                }
                Err(error) => tracing::debug!(server = %mount, %error, "a title was not sent"),
            }
        }
        if board.changed().await.is_err() {
            break;
        }
    }
    std::future::pending().await
}

fn song(on_air: &OnAir) -> Option<String> {
    let title = on_air.title.as_ref()?;
    Some(on_air.artist.as_ref().map_or_else(|| title.to_string(), |artist| format!("{artist} - {title}")))
}

/// Whether the server took it.
async fn send(mount: &Mount, title: &str) -> std::io::Result<bool> {
    let [path, song] = [&mount.path, title].map(|text| utf8_percent_encode(text, NON_ALPHANUMERIC));
    let (address, authorization) = (mount.address(), mount.authorization());
    let request = format!(
        "GET /admin/metadata?mode=updinfo&charset=UTF-8&mount={path}&song={song} HTTP/1.0\r\n\
         Host: {address}\r\nAuthorization: {authorization}\r\n\r\n"
    );
    let asking = async {
        let mut socket = mount.connect(WITHIN).await?;
        socket.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        socket.take(ANSWER_BYTES).read_to_end(&mut answer).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    let answer: std::io::Result<String> =
        timeout(WITHIN, asking).await.map_err(|_| std::io::ErrorKind::TimedOut)?;
    let answer = answer?;
    // 2.4 says 200 and "<return>1</return>" either way; only the message differs.
    Ok(answer.contains(" 200 ") && !answer.contains("will not accept"))
}
