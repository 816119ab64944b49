//! Events on a socket: a line of JSON, then as many bytes of further data and of payload as that line says.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::engine::SynthError;
use crate::engines::remote::{oversized, unavailable};

/// A header holds a type and two numbers; elders put the data into it as well.
const MOST_HEADER: u64 = 1 << 20;
/// The list of everything that a server offers.
const MOST_DATA: u64 = 4 << 20;
/// Audio comes in chunks of a second or less.
const MOST_PAYLOAD: u64 = 16 << 20;

/// Something said.
pub(super) struct Event {
    pub(super) kind: String,
    pub(super) data: Value,
    pub(super) payload: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    data: Map<String, Value>,
    #[serde(default)]
    data_length: Option<u64>,
    #[serde(default)]
    payload_length: Option<u64>,
}

/// A connection.
pub(super) struct Wire(BufReader<TcpStream>);

impl Wire {
    pub(super) async fn connect(address: &str) -> Result<Self, SynthError> {
        let stream = TcpStream::connect(address).await;
        Ok(Self(BufReader::new(stream.map_err(|error| unavailable(format!("cannot be reached: {error}")))?)))
    }

    pub(super) async fn send(&mut self, kind: &str, data: &Value) -> Result<(), SynthError> {
        let line = json!({ "type": kind, "data": data });
        self.0.write_all(format!("{line}\n").as_bytes()).await.map_err(|error| broken(&error))?;
        self.0.flush().await.map_err(|error| broken(&error))
    }

    /// The next event. Not to be used after an error, nor after it was cancelled.
    pub(super) async fn next(&mut self) -> Result<Event, SynthError> {
        let mut line = Vec::new();
        (&mut self.0).take(MOST_HEADER).read_until(b'\n', &mut line).await.map_err(|error| broken(&error))?;
        if line.is_empty() {
            return Err(unavailable("hung up"));
        }
        let strange = |_| SynthError::Corrupt("does not speak the Wyoming protocol".to_owned());
        let header: Header = serde_json::from_slice(&line).map_err(strange)?;
        let mut data = header.data;
        let more = self.bytes(header.data_length, MOST_DATA).await?;
        if !more.is_empty() {
            data.extend(serde_json::from_slice::<Map<String, Value>>(&more).map_err(strange)?);
        }
        let payload = self.bytes(header.payload_length, MOST_PAYLOAD).await?;
        Ok(Event { kind: header.kind, data: Value::Object(data), payload })
    }

    async fn bytes(&mut self, length: Option<u64>, most: u64) -> Result<Vec<u8>, SynthError> {
        let length = length.unwrap_or(0);
        if length > most {
            return Err(oversized());
        }
        // Memory for what came, not for what was announced.
        let mut bytes = Vec::new();
        let read =
            (&mut self.0).take(length).read_to_end(&mut bytes).await.map_err(|error| broken(&error))?;
        if u64::try_from(read) == Ok(length) { Ok(bytes) } else { Err(unavailable("hung up")) }
    }
}

fn broken(error: &std::io::Error) -> SynthError {
    unavailable(format!("broke off: {error}"))
}
