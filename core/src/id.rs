//! Identity: of a job, and of one attempt at it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::time::Timestamp;

/// A job's identity: UUID version 7, so that ids sort by the time of acceptance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(Uuid);

impl JobId {
    /// A new id for a job accepted at `now`.
    pub fn new(now: Timestamp) -> Self {
        Self::with_random(now, Uuid::new_v4().as_bytes())
    }

    /// The id of item `index` of a request that carried an idempotency key: the same key, client and first
    /// arrival give the same ids, so a request that is carried out twice makes each job once.
    pub fn derived(first_seen: Timestamp, client: &str, key: &str, index: usize) -> Self {
        let mut hash = Sha256::new();
        for part in [client.as_bytes(), key.as_bytes(), &index.to_be_bytes()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let digest = hash.finalize();
        let mut random = [0_u8; 16];
        random.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        Self::with_random(first_seen, &random)
    }

    fn with_random(at: Timestamp, random: &[u8; 16]) -> Self {
        let mut tail = [0_u8; 10];
        tail.iter_mut().zip(random).for_each(|(to, from)| *to = *from);
        let millis = u64::try_from(at.millis()).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid())
    }

    /// The raw id.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl fmt::Debug for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not what it should name.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not an id of the form 0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f")]
pub struct NotAnId(String);

impl FromStr for JobId {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        Uuid::try_parse(text).map(Self).map_err(|_| NotAnId(text.chars().take(60).collect()))
    }
}

impl From<Uuid> for JobId {
    fn from(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

/// One attempt at one job. Its text, `<job>-<attempt>`, names the call file, so it is also the fence that keeps
/// an attempt from being handed over twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The job.
    pub job: JobId,
    /// Serial number of the attempt, from 1.
    pub attempt: u16,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.job, self.attempt)
    }
}

impl FromStr for Key {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let refuse = || NotAnId(text.chars().take(60).collect());
        let (job, attempt) = text.rsplit_once('-').ok_or_else(refuse)?;
        let attempt = attempt.parse().map_err(|_| refuse())?;
        let key = Self { job: job.parse()?, attempt };
        // Only the canonical spelling: a file name must map to one key and back.
        if key.to_string() == text { Ok(key) } else { Err(refuse()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_keys_round_trip() {
        let (early, late) =
            (JobId::new(Timestamp::from_millis(1_000)), JobId::new(Timestamp::from_millis(2_000)));
        assert!(early < late);
        assert!(early.to_string() < late.to_string());
        let key = Key { job: early, attempt: 12 };
        assert_eq!(key.to_string().parse::<Key>().unwrap(), key);
        for bad in [
            "",
            "x-1",
            &format!("{early}"),
            &format!("{early}-01"),
            &format!("{early}-+1"),
            &format!("{early}-70000"),
        ] {
            assert!(bad.parse::<Key>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_derived_id_depends_on_every_part() {
        let t = Timestamp::from_millis(1_700_000_000_000);
        let id = JobId::derived(t, "ana", "k1", 0);
        assert_eq!(id, JobId::derived(t, "ana", "k1", 0));
        for other in [
            JobId::derived(t, "ana", "k1", 1),
            JobId::derived(t, "ana", "k2", 0),
            JobId::derived(t, "an", "ak1", 0),
            JobId::derived(Timestamp::from_millis(1_700_000_000_001), "ana", "k1", 0),
        ] {
            assert_ne!(id, other);
        }
    }
}
