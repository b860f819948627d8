//! Reconciling: asks gateways what became of charges, so that a webhook which never comes and a
//! crash between a record and a call lose nothing.

use tokio::task::JoinSet;

use super::JobError;
use crate::gateway::{CreateMode, GatewayError};
use crate::invoice::{Charge, ChargeState, InvoiceState};
use crate::service::{Shop, WebhookFailure, next_poll};
use crate::store::{Batch, InvoiceWrite};

const CHUNK: u32 = 200;

/// Asks about every charge that is due; tells about how many.
pub(super) async fn run(shop: &Shop) -> Result<usize, JobError> {
    let due = shop
        .store()
        .list_charges_to_poll(shop.id(), shop.now(), CHUNK)
        .await?;
    let count = due.len();
    let mut tasks = JoinSet::new();
    for charge in due {
        let shop = shop.clone();
        tasks.spawn(async move { reconcile(&shop, charge).await });
    }
    for result in tasks.join_all().await {
        result?;
    }
    Ok(count)
}

async fn reconcile(shop: &Shop, charge: Charge) -> Result<(), JobError> {
    match charge.state {
        ChargeState::Created => mend(shop, &charge).await,
        ChargeState::Open | ChargeState::Paid | ChargeState::Closed | ChargeState::Abandoned => {
            if let Err(error) = shop.settlement().check_charge(&charge).await {
                log(&charge, &error);
            }
        }
    }
    let now = shop
        .store()
        .get_charge(shop.id(), charge.id)
        .await?
        .unwrap_or(charge);
    let poll_at = next_poll(shop, &now);
    let mut batch = Batch::chore(shop.id(), shop.now(), shop.ids());
    batch.push(InvoiceWrite::PollCharge {
        charge: now.id,
        poll_at,
    });
    Ok(shop.commit(batch).await?)
}

/// A charge that is recorded but not completed: asked for again where that makes no second one,
/// given up where it can't be known; payments on it are looked for either way.
async fn mend(shop: &Shop, charge: &Charge) {
    let Some(gateway) = shop.gateway(&charge.gateway) else {
        return;
    };
    if let Err(error) = shop.settlement().check_charge(charge).await {
        log(charge, &error);
    }
    let open = shop.checkout().invoice(charge.invoice).await;
    let asks = |state: InvoiceState| state.is_open();
    if !open.is_ok_and(|view| asks(view.invoice.state)) {
        return;
    }
    let mended = match gateway.capabilities().create {
        CreateMode::Idempotent => shop.checkout().open(charge).await.map(drop),
        CreateMode::FindByReference => shop.checkout().find_or_open(charge).await.map(drop),
        CreateMode::Neither => shop.checkout().abandon(charge.id).await,
    };
    if let Err(error) = mended {
        tracing::warn!(reference = %charge.reference, %error, "a charge could not be completed");
    }
}

fn log(charge: &Charge, error: &WebhookFailure) {
    if !matches!(error, WebhookFailure::Gateway(GatewayError::UnknownCharge)) {
        tracing::warn!(reference = %charge.reference, %error, "a gateway could not be asked");
    }
}
