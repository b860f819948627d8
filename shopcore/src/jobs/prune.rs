//! Pruning: what is of use for a while only is forgotten. Ids of applied batches are for lost
//! replies; finished outbox items and requests are for what comes twice.

use chrono::Duration;

use super::JobError;
use crate::service::Shop;

const BATCHES_KEPT: Duration = Duration::days(1);
const FINISHED_KEPT: Duration = Duration::days(7);

/// Forgets what is old; tells how many rows.
pub(super) async fn run(shop: &Shop) -> Result<usize, JobError> {
    let (store, now) = (shop.store(), shop.now());
    let batches = store.forget_batches(shop.id(), now - BATCHES_KEPT).await?;
    let finished = store
        .forget_finished(shop.id(), now - FINISHED_KEPT)
        .await?;
    Ok(usize::try_from(batches.saturating_add(finished)).unwrap_or(usize::MAX))
}
