//! Expiry: one batch for each overdue invoice, many in flight, so that a store which gathers
//! what waits writes them together.

use tokio::task::JoinSet;

use super::{JobError, finish};
use crate::audit::Actor;
use crate::service::Shop;

const CHUNK: u32 = 1_000;

/// Ends every overdue invoice; tells how many.
pub(super) async fn run(shop: &Shop) -> Result<usize, JobError> {
    let mut ended = 0;
    loop {
        let due = shop
            .store()
            .list_due_invoices(shop.id(), shop.now(), CHUNK)
            .await?;
        if due.is_empty() {
            return Ok(ended);
        }
        let mut tasks = JoinSet::new();
        for invoice in due {
            let shop = shop.clone();
            tasks.spawn(async move {
                shop.checkout()
                    .expire(&Actor::job("expiry"), invoice.id)
                    .await
                    .map_err(JobError::from)
            });
        }
        // One that can't be ended must not keep those behind it open.
        let round = finish(tasks).await;
        ended += round.done;
        if round.done == 0 {
            return round.outcome(ended);
        }
    }
}
