//! What a measurement found.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::scenario::Scenario;
use super::tally::Tally;

/// What was asked for.
#[derive(Debug, Clone, Serialize)]
pub struct Parameters {
    /// The scenario.
    pub scenario: Scenario,
    /// The address of the store.
    pub store: String,
    /// Clients, unless turns came at a rate.
    pub clients: Option<u32>,
    /// Turns a second, unless clients set the pace.
    pub rate: Option<u32>,
    /// How long turns began.
    pub seconds: u32,
    /// Shops.
    pub shops: u32,
    /// Products.
    pub products: u32,
    /// Units of each product, contents of an import, or orders that expire at once.
    pub stock: u32,
    /// Vouchers.
    pub vouchers: u32,
}

/// What was found.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// What was asked for.
    #[serde(flatten)]
    pub parameters: Parameters,
    /// What is counted.
    pub operation: &'static str,
    /// How many the shop acknowledged.
    pub ops: u64,
    /// How many it acknowledged in a second.
    pub ops_per_s: f64,
    /// The median time of a turn, in milliseconds; at a rate, since it was due.
    pub p50_ms: f64,
    /// The time that one turn in a hundred exceeds.
    pub p99_ms: f64,
    /// Turns for which the shop had nothing left.
    pub refused: u64,
    /// Turns that failed.
    pub errors: u64,
    /// The most memory that the process held until then, where the system tells it.
    pub memory_peak_mib: Option<u64>,
    /// Invariants that were found broken at the end, if it was looked.
    pub violations: Option<usize>,
}

impl Report {
    /// The report of a measurement that took `elapsed`, and of the memory held until now.
    #[must_use]
    pub fn new(parameters: Parameters, mut tally: Tally, elapsed: Duration) -> Self {
        let [p50, p99] = tally.percentiles([50, 99]);
        Self {
            operation: parameters.scenario.operation(),
            parameters,
            ops: tally.ops,
            ops_per_s: per_second(tally.ops, elapsed),
            p50_ms: millis(p50),
            p99_ms: millis(p99),
            refused: tally.refused,
            errors: tally.errors,
            memory_peak_mib: memory_peak_mib(),
            violations: None,
        }
    }
}

/// The most memory that this process held so far, as Linux tells it ([proc_pid_status(5)]).
///
/// [proc_pid_status(5)]: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
fn memory_peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = peak.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024)
}

fn per_second(ops: u64, elapsed: Duration) -> f64 {
    if elapsed.is_zero() {
        return 0.0;
    }
    Duration::from_secs(ops).div_duration_f64(elapsed)
}

fn millis(duration: Duration) -> f64 {
    duration.div_duration_f64(Duration::from_millis(1))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "operation   {}", self.operation)?;
        writeln!(f, "done        {} ({:.0}/s)", self.ops, self.ops_per_s)?;
        writeln!(f, "median      {:.3} ms", self.p50_ms)?;
        writeln!(f, "99 of 100   {:.3} ms", self.p99_ms)?;
        writeln!(f, "refused     {}", self.refused)?;
        writeln!(f, "errors      {}", self.errors)?;
        if let Some(memory) = self.memory_peak_mib {
            writeln!(f, "memory      {memory} MiB at most")?;
        }
        match self.violations {
            Some(violations) => write!(f, "violations  {violations}"),
            None => f.write_str("violations  not looked for"),
        }
    }
}

/// What came of several processes on one shop that were killed at random.
#[derive(Debug, Clone, Serialize)]
pub struct CrowdReport {
    /// How many ran at once.
    pub processes: u32,
    /// What the moments of the kills followed from.
    pub seed: u64,
    /// How often one was killed.
    pub kills: usize,
    /// Orders that were acknowledged as paid.
    pub purchases: usize,
    /// Deliveries that were repeated because of a kill.
    pub repeats: usize,
    /// What did not hold.
    pub violations: usize,
}

impl fmt::Display for CrowdReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "processes   {} (--seed {})", self.processes, self.seed)?;
        writeln!(f, "kills       {}", self.kills)?;
        writeln!(f, "purchases   {}", self.purchases)?;
        writeln!(f, "repeats     {}", self.repeats)?;
        write!(f, "violations  {}", self.violations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_times_are_told_in_their_units() {
        assert!((per_second(300, Duration::from_millis(1_500)) - 200.0).abs() < 1e-9);
        assert!((millis(Duration::from_micros(1_250)) - 1.25).abs() < 1e-9);
        assert!(per_second(5, Duration::ZERO).abs() < 1e-9);
    }
}
