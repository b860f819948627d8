//! Puts a stand under load and reports how it fared.

mod acks;
mod crowd;
mod driver;
mod porter;
mod progress;
mod report;
mod scenario;
mod tally;
mod testimony;

pub use acks::Acks;
pub use crowd::Crowd;
pub use driver::{Load, Pace, drive};
pub use porter::Porter;
pub use progress::Progress;
pub use report::{CrowdReport, Parameters, Report};
pub use scenario::{Answer, OpError, Scenario};
pub use tally::Tally;
pub use testimony::{Life, Line, Testimony};
