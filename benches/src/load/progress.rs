//! A line that tells people how far a measurement has come.

use std::io::{IsTerminal, stderr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::scenario::{Answer, OpError};

/// How far a measurement has come.
#[derive(Debug, Default)]
pub struct Progress {
    ops: AtomicU64,
    others: AtomicU64,
}

impl Progress {
    pub(super) fn add(&self, answer: &Result<Answer, OpError>) {
        match answer {
            Ok(Answer::Acknowledged(ops)) => {
                self.ops.fetch_add(*ops, Ordering::Relaxed);
            }
            Ok(Answer::Refused) | Err(_) => {
                self.others.fetch_add(1, Ordering::Relaxed);
            }
            Ok(Answer::NothingLeft) => {}
        }
    }

    /// Tells of it on standard error every second, until it is cancelled; not where standard
    /// error is no terminal.
    pub async fn show(self: Arc<Self>) {
        if !stderr().is_terminal() {
            return;
        }
        let mut told = 0;
        for second in 1_u64.. {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let ops = self.ops.load(Ordering::Relaxed);
            let others = self.others.load(Ordering::Relaxed);
            let rate = ops.saturating_sub(told);
            told = ops;
            eprint!("\r{second:>4} s  {ops:>9} done  {rate:>7}/s  {others:>7} refused or failed ");
        }
    }
}
