//! The gates, each write one script by the server's clock.

use std::time::Duration;

use async_trait::async_trait;
use pregon_core::pace::{
    Admission, Admitted, EASE_APART, EASE_STEP, Load, MOST_EASED, Pace, USUAL, constants, micros,
};
use pregon_core::{Key, StoreError};

use super::RedisStore;

#[async_trait]
impl Pace for RedisStore {
    async fn admit(&self, admission: &Admission) -> Result<Admitted, StoreError> {
        let mut script = self.scripts.admit.key(&self.prefix);
        script.arg(admission.key.to_string()).arg(&admission.trunk).arg(admission.lane.as_str());
        script.arg(micros(admission.lease)).arg(admission.eased_gap());
        for constant in constants() {
            script.arg(constant);
        }
        for bar in admission.bars() {
            script.arg(bar.gap).arg(bar.at_once.map_or(-1, i64::from)).arg(bar.on_their_way);
        }
        Ok(match self.wire.run::<u64>(&script).await? {
            0 => Admitted::Go,
            wait => Admitted::Wait(Duration::from_micros(wait)),
        })
    }

    async fn hold(&self, trunk: &str, key: Key, lease: Duration) -> Result<(), StoreError> {
        let mut script = self.scripts.hold.key(&self.prefix);
        script.arg(key.to_string()).arg(trunk).arg(micros(lease)).arg(micros(USUAL));
        self.wire.run::<u8>(&script).await.map(drop)
    }

    async fn vacate(&self, trunk: &str, key: Key) -> Result<(), StoreError> {
        let mut script = self.scripts.vacate.key(&self.prefix);
        script.arg(key.to_string()).arg(trunk);
        self.wire.run::<u8>(&script).await.map(drop)
    }

    async fn slow(&self, trunk: &str) -> Result<(), StoreError> {
        let mut script = self.scripts.slow.key(&self.prefix);
        script.arg(trunk).arg(micros(EASE_APART)).arg(micros(EASE_STEP)).arg(MOST_EASED);
        self.wire.run::<u8>(&script).await.map(drop)
    }

    async fn loads(&self, trunks: &[String]) -> Result<Vec<Load>, StoreError> {
        let mut script = self.scripts.loads.key(&self.prefix);
        script.arg(micros(EASE_STEP));
        for trunk in trunks {
            script.arg(trunk);
        }
        let answers: Vec<(u32, u32, u8)> = self.wire.run(&script).await?;
        let loads = trunks.iter().cloned().zip(answers);
        Ok(loads
            .map(|(trunk, (calls, high_waiting, eased))| Load { trunk, calls, high_waiting, eased })
            .collect())
    }
}
