//! Idempotency keys: a record per client and key that forgets itself after a day.

use pregon_core::{Answer, Begun, KEY_MEMORY, REQUEST_TIMEOUT, Request, StoreError, Timestamp, clock};

use super::RedisStore;

const MEMORY_MS: u128 = KEY_MEMORY.as_millis();
const TIMEOUT_MS: u128 = REQUEST_TIMEOUT.as_millis();

impl RedisStore {
    /// The length keeps `a` + `b:c` apart from `a:b` + `c`.
    fn record(&self, request: &Request<'_>) -> String {
        self.key(&format!("key:{}:{}:{}", request.client.len(), request.client, request.key))
    }

    pub(super) async fn begin_request(
        &self,
        request: &Request<'_>,
        now: Timestamp,
    ) -> Result<Begun, StoreError> {
        let mut script = self.scripts.begin.key(self.record(request));
        script.arg(request.fingerprint).arg(now.millis());
        script.arg(MEMORY_MS.to_string()).arg(TIMEOUT_MS.to_string());
        let (verdict, detail): (String, String) = self.wire.run(&script).await?;
        let unreadable =
            |e: &dyn std::fmt::Display| StoreError(format!("an idempotency record cannot be read: {e}"));
        match verdict.as_str() {
            "go" => {
                let millis = detail.parse().map_err(|e| unreadable(&e))?;
                Ok(Begun::Go { first_seen: Timestamp::from_millis(millis) })
            }
            "busy" => Ok(Begun::Busy),
            "conflict" => Ok(Begun::Conflict),
            "replay" => serde_json::from_str(&detail).map(Begun::Replay).map_err(|e| unreadable(&e)),
            other => Err(unreadable(&other)),
        }
    }

    pub(super) async fn finish_request(
        &self,
        request: &Request<'_>,
        answer: &Answer,
    ) -> Result<(), StoreError> {
        let answer = serde_json::to_string(answer)
            .map_err(|e| StoreError(format!("an answer cannot be written: {e}")))?;
        let mut script = self.scripts.finish.key(self.record(request));
        script.arg(request.fingerprint).arg(answer).arg(clock::now().millis()).arg(MEMORY_MS.to_string());
        self.wire.run::<u8>(&script).await.map(drop)
    }

    pub(super) async fn abandon_request(&self, request: &Request<'_>) -> Result<(), StoreError> {
        let mut script = self.scripts.abandon.key(self.record(request));
        script.arg(request.fingerprint);
        self.wire.run::<u8>(&script).await.map(drop)
    }
}
