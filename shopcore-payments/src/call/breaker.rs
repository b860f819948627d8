//! The circuit breaker: who failed some times in a row is left alone for a while.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use shopcore::time::Timestamp;

/// Counts failures in a row, and opens at so many.
#[derive(Debug)]
pub(super) struct Breaker {
    failures_max: u32,
    pause: TimeDelta,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// While it is open: when the next call may try.
    open_until: Option<Timestamp>,
}

impl Breaker {
    pub(super) fn new(failures_max: u32, pause: Duration) -> Self {
        Self {
            failures_max,
            pause: TimeDelta::from_std(pause).unwrap_or(TimeDelta::MAX),
            state: Mutex::default(),
        }
    }

    /// Whether a call may be made. Of an open circuit it lets one through per pause: so one that is
    /// given up half-way locks nobody out.
    pub(super) fn admits(&self, now: Timestamp) -> bool {
        self.with(|state| match state.open_until {
            None => true,
            Some(until) if now < until => false,
            Some(_) => {
                state.open_until = self.after(now);
                true
            }
        })
    }

    /// Whether a call could be made, without making use of it.
    pub(super) fn is_closed(&self, now: Timestamp) -> bool {
        self.with(|state| state.open_until.is_none_or(|until| until <= now))
    }

    pub(super) fn answered(&self) {
        self.with(|state| *state = State::default());
    }

    pub(super) fn failed(&self, now: Timestamp) {
        self.with(|state| {
            state.failures = state.failures.saturating_add(1);
            if state.failures >= self.failures_max {
                state.open_until = self.after(now);
            }
        });
    }

    fn after(&self, now: Timestamp) -> Option<Timestamp> {
        Some(
            now.checked_add_signed(self.pause)
                .unwrap_or(Timestamp::MAX_UTC),
        )
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shopcore::time::{Clock, VirtualClock};

    #[test]
    fn it_opens_after_failures_in_a_row_and_lets_one_call_try_after_the_pause() {
        let clock = VirtualClock::default();
        let breaker = Breaker::new(2, Duration::from_secs(30));
        breaker.failed(clock.now());
        breaker.answered();
        breaker.failed(clock.now());
        assert!(breaker.admits(clock.now()));
        breaker.failed(clock.now());
        clock.advance(TimeDelta::seconds(29));
        assert!(!breaker.admits(clock.now()) && !breaker.is_closed(clock.now()));
        clock.advance(TimeDelta::seconds(1));
        assert!(breaker.is_closed(clock.now()) && breaker.admits(clock.now()));
        assert!(!breaker.admits(clock.now()));
        breaker.failed(clock.now());
        clock.advance(TimeDelta::seconds(30));
        assert!(breaker.admits(clock.now()));
        breaker.answered();
        assert!(breaker.admits(clock.now()) && breaker.admits(clock.now()));
    }
}
