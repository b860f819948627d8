//! What was counted and timed.

use std::time::Duration;

use super::scenario::{Answer, OpError};

/// Counts and latencies of one client, or of all together.
#[derive(Debug, Default)]
pub struct Tally {
    /// Acknowledged operations.
    pub ops: u64,
    /// Operations that the shop rightly refused: sold out, or a voucher used up.
    pub refused: u64,
    /// Operations that failed.
    pub errors: u64,
    /// The first failure.
    pub first_error: Option<OpError>,
    latencies: Vec<Duration>,
}

impl Tally {
    /// Counts what came of an operation, which took so long.
    pub fn count(&mut self, answer: Result<Answer, OpError>, took: Duration) {
        match answer {
            Ok(Answer::Acknowledged(ops)) => {
                self.ops += ops;
                self.latencies.push(took);
            }
            Ok(Answer::Refused) => self.refused += 1,
            Ok(Answer::NothingLeft) => {}
            Err(error) => {
                self.errors += 1;
                self.first_error.get_or_insert(error);
            }
        }
    }

    /// Adds what another one counted.
    pub fn merge(&mut self, other: Self) {
        self.ops += other.ops;
        self.refused += other.refused;
        self.errors += other.errors;
        self.first_error = self.first_error.take().or(other.first_error);
        self.latencies.extend(other.latencies);
    }

    /// The latencies below which these percentages of the acknowledged operations lie; zero where
    /// there are none.
    #[must_use]
    pub fn percentiles<const N: usize>(&mut self, percentages: [usize; N]) -> [Duration; N] {
        self.latencies.sort_unstable();
        let count = self.latencies.len();
        percentages.map(|percentage| {
            let rank = (count * percentage).div_ceil(100).saturating_sub(1);
            self.latencies.get(rank).copied().unwrap_or_default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_latencies_that_were_measured() {
        let mut tally = Tally::default();
        assert_eq!(tally.percentiles([50]), [Duration::ZERO]);
        for millis in (1..=200).rev() {
            tally.count(Ok(Answer::Acknowledged(1)), Duration::from_millis(millis));
        }
        tally.count(Ok(Answer::Refused), Duration::from_secs(9));
        let expected = [1, 100, 198, 200].map(Duration::from_millis);
        assert_eq!(tally.percentiles([0, 50, 99, 100]), expected);
    }
}
