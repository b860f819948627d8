//! Integrity: every invariant is evaluated over all rows, and the owner hears of what does not hold.

use chrono::Duration;

use super::JobError;
use crate::invariant::{Report, Rules, check};
use crate::message::Alarm;
use crate::service::Shop;
use crate::store::StoreError;

/// Evaluates every invariant of a shop on one snapshot.
///
/// # Errors
/// [`StoreError`].
///
/// ```
/// # use shopcore::money::Currency;
/// # use shopcore::{MemoryStore, Shop};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let shop = Shop::builder(Currency::USD).store(MemoryStore::default()).build().await?;
/// assert!(shopcore::jobs::examine(&shop).await?.holds());
/// # Ok(()) }
/// ```
pub async fn examine(shop: &Shop) -> Result<Report, StoreError> {
    // Before the rows are read: what expires meanwhile is not late yet.
    let now = shop.now();
    let rows = shop.store().snapshot(shop.id()).await?;
    let every = Duration::from_std(shop.settings().expiry_every);
    let rules = Rules {
        now,
        expiry_period: every.unwrap_or(Duration::MAX),
    };
    Ok(check(&rows, &rules))
}

/// Tells of each invariant that does not hold once, and when it holds again; tells how many rows
/// violate one.
pub(super) async fn run(shop: &Shop) -> Result<usize, JobError> {
    let report = examine(shop).await?;
    for finding in &report.findings {
        let holds = finding.violations.is_empty();
        for violation in &finding.violations {
            tracing::error!(invariant = %finding.invariant, violation, "an invariant is violated");
        }
        let alarm = Alarm::Violated(finding.invariant.number());
        shop.witness(alarm, holds, 1).await;
    }
    Ok(report.violations())
}
