//! The injected clock: the only place that asks the machine for the time.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, FixedOffset, NaiveDate, SubsecRound, TimeZone, Utc};

/// A moment, in UTC, whole microseconds.
pub type Timestamp = DateTime<Utc>;

/// Tells the time to everything that decides by it.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The present moment, truncated to whole microseconds so that every store keeps it exactly.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    fn now(&self) -> Timestamp {
        whole_micros(Utc::now())
    }
}

/// A clock that moves only when told to: for tests, and for replaying a history.
#[derive(Debug)]
pub struct VirtualClock(AtomicI64);

impl VirtualClock {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn at(start: Timestamp) -> Self {
        Self(AtomicI64::new(start.timestamp_micros()))
    }

    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        self.0
            .fetch_add(by.num_microseconds().unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Default for VirtualClock {
    /// Stands at 2026-01-01 00:00:00 UTC.
    fn default() -> Self {
        Self(AtomicI64::new(1_767_225_600_000_000))
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// When a day begins by the clocks of a zone; `None` beyond what can be counted.
#[must_use]
pub fn midnight(day: NaiveDate, zone: FixedOffset) -> Option<Timestamp> {
    let begins = zone.from_local_datetime(&day.and_hms_opt(0, 0, 0)?);
    Some(begins.single()?.with_timezone(&Utc))
}

/// The last whole microsecond up to `at`, for moments that are computed or come from outside.
#[must_use]
pub fn whole_micros(at: Timestamp) -> Timestamp {
    at.trunc_subsecs(6)
}

/// The moment `micros` microseconds after the Unix epoch, or the nearest one that can be told.
#[must_use]
pub fn from_micros(micros: i64) -> Timestamp {
    DateTime::from_timestamp_micros(micros).unwrap_or(if micros < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    })
}
