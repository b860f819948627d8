//! Pruning: the ids of applied batches are of use for a lost reply only, and forgotten after a day.

use chrono::Duration;

use super::JobError;
use crate::service::Shop;

/// Forgets old batch ids; tells how many.
pub(super) async fn run(shop: &Shop) -> Result<usize, JobError> {
    let before = shop.now() - Duration::days(1);
    let forgotten = shop.store().forget_batches(shop.id(), before).await?;
    Ok(usize::try_from(forgotten).unwrap_or(usize::MAX))
}
