//! What processes used, from /proc.

use std::fs;

use anyhow::{Context as _, Result};

/// CPU time in user and kernel mode, of the processes and of their children that have ended, in milliseconds. The
/// kernel counts it in ticks of ten milliseconds, so measure over seconds.
pub(crate) fn cpu_millis(pids: &[u32]) -> Result<u64> {
    let tick = 1_000 / rustix::param::clock_ticks_per_second();
    pids.iter().try_fold(0, |sum, pid| {
        let path = format!("/proc/{pid}/stat");
        let stat = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        Ok(sum + ticks(&stat).with_context(|| format!("{path} has an unknown form"))? * tick)
    })
}

/// utime, stime, cutime and cstime: fields 14 to 17. The name, field 2, stands in parentheses and may hold anything.
fn ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let fields: Vec<u64> = rest.split(' ').skip(11).take(4).filter_map(|field| field.parse().ok()).collect();
    (fields.len() == 4).then(|| fields.iter().sum())
}

/// Memory of a process, in MiB.
pub(crate) struct Memory {
    /// Proportional set size: shared pages count by share, so that libraries are not blamed on one process.
    pub(crate) pss: f64,
    /// Resident set size: shared pages count in full.
    pub(crate) rss: f64,
}

pub(crate) fn memory(pid: u32) -> Result<Memory> {
    let path = format!("/proc/{pid}/smaps_rollup");
    let rollup = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let mib = |name: &str| -> Result<f64> {
        let line = rollup.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|line| line.split_whitespace().next()).context("a line is missing")?;
        Ok(kib.parse::<f64>()? / 1_024.0)
    };
    Ok(Memory { pss: mib("Pss:")?, rss: mib("Rss:")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_read_past_any_name() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 100 0 0 0 11 22 33 44 20 0 1 0 999 0 0";
        assert_eq!(ticks(stat), Some(110));
        assert_eq!(ticks("7 (a) S 1"), None);
    }

    #[test]
    fn this_process_has_memory() {
        let memory = memory(std::process::id()).unwrap();
        assert!(memory.pss > 0.1 && memory.rss >= memory.pss);
        assert!(cpu_millis(&[u32::MAX]).is_err());
    }
}
