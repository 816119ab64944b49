//! Trunks with limits, and how they are doing.

use std::time::Duration;

use async_trait::async_trait;
use pregon_core::{Admission, Admitted, Key, Limits, Load, Pace, StoreError, TrunkInfo};
use pregon_dashboard::Gates;

use super::{Memory, lock};

/// Two trunks with limits of their own, and limits over both.
pub(crate) fn gates() -> Gates {
    let limits = |rate: &str, at_once| Limits { per_second: rate.parse().ok(), at_once: Some(at_once) };
    let trunk = |name: &str, countries: &[&str]| TrunkInfo {
        name: name.to_owned(),
        countries: countries.iter().filter_map(|c| c.parse().ok()).collect(),
    };
    Gates {
        trunks: vec![
            (trunk("claro", &["CO", "VE"]), limits("10", 20)),
            (trunk("mundo", &[]), limits("5", 4)),
        ],
        open: false,
        overall: limits("12", 20),
    }
}

/// One channel without limits, as it is where nothing is set.
pub(crate) fn channel() -> Gates {
    let trunk = TrunkInfo { name: "trunk".to_owned(), countries: Vec::new() };
    Gates { trunks: vec![(trunk, Limits::default())], ..Gates::default() }
}

impl Memory {
    /// So many calls are on that trunk, and its rate stands halved so often. The empty name is all trunks.
    pub(crate) fn burden(&self, trunk: &str, calls: u32, eased: u8) {
        let mut loads = lock(&self.loads);
        loads.retain(|load| load.trunk != trunk);
        loads.push(Load { trunk: trunk.to_owned(), calls, eased, ..Load::default() });
    }
}

/// Nobody dials here.
#[async_trait]
impl Pace for Memory {
    async fn admit(&self, _: &Admission) -> Result<Admitted, StoreError> {
        self.here().map(|()| Admitted::Go)
    }

    async fn hold(&self, _: &str, _: Key, _: Duration) -> Result<(), StoreError> {
        self.here()
    }

    async fn vacate(&self, _: &str, _: Key) -> Result<(), StoreError> {
        self.here()
    }

    async fn slow(&self, _: &str) -> Result<(), StoreError> {
        self.here()
    }

    async fn loads(&self, trunks: &[String]) -> Result<Vec<Load>, StoreError> {
        self.here()?;
        let loads = lock(&self.loads);
        let of = |trunk: &String| loads.iter().find(|load| load.trunk == *trunk).cloned();
        Ok(trunks.iter().map(|t| of(t).unwrap_or(Load { trunk: t.clone(), ..Load::default() })).collect())
    }
}
