//! Puts a stand under load and reports how it fared.

mod acks;
mod driver;
mod progress;
mod report;
mod scenario;
mod tally;

pub use acks::Acks;
pub use driver::{Load, Pace, drive};
pub use progress::Progress;
pub use report::{Parameters, Report};
pub use scenario::{Answer, OpError, Scenario};
pub use tally::Tally;
