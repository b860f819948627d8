//! Reconciling: asks gateways what became of charges, so that a webhook which never comes and a
//! crash between a record and a call lose nothing.

use chrono::Duration;
use tokio::task::JoinSet;

use super::{JobError, finish};
use crate::gateway::CreateMode;
use crate::invoice::{Charge, ChargeState};
use crate::service::{SettleError, Shop, WebhookFailure};
use crate::store::{Batch, InvoiceWrite};
use crate::time::whole_micros;

const CHUNK: u32 = 200;

/// How many are asked about at once where all are.
const AT_ONCE: usize = 200;

/// When a gateway that gave no answer is asked again at the latest.
const AGAIN: Duration = Duration::hours(1);

/// Whether a gateway told what became of a charge.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Told,
    Silent,
}

/// Later than any charge is to be asked about.
const EVER: Duration = Duration::days(3650);

/// Asks about every charge that is due; tells about how many.
pub(super) async fn run(shop: &Shop) -> Result<usize, JobError> {
    let (store, mut asked) = (shop.store(), 0);
    loop {
        let due = store
            .list_charges_to_poll(shop.id(), shop.now(), CHUNK)
            .await?;
        let is_last = u32::try_from(due.len()).is_ok_and(|count| count < CHUNK);
        let mut tasks = JoinSet::new();
        for charge in due {
            let shop = shop.clone();
            tasks.spawn(async move { reconcile(&shop, charge).await });
        }
        let round = finish(tasks).await;
        asked += round.done;
        if is_last || round.done == 0 {
            return round.outcome(asked);
        }
    }
}

/// Asks about every charge that is still asked about at times, due or not; tells about how many.
/// One that is just being made is left to whoever makes it until it is due.
pub(super) async fn run_all(shop: &Shop) -> Result<usize, JobError> {
    let (store, now) = (shop.store(), shop.now());
    let mut charges = store
        .list_charges_to_poll(shop.id(), now + EVER, u32::MAX)
        .await?;
    let is_due = |charge: &Charge| charge.poll_at.is_some_and(|poll_at| poll_at <= now);
    charges.retain(|charge| charge.state != ChargeState::Created || is_due(charge));
    let mut asked = 0;
    let mut charges = charges.into_iter().peekable();
    while charges.peek().is_some() {
        let mut tasks = JoinSet::new();
        for charge in charges.by_ref().take(AT_ONCE) {
            let shop = shop.clone();
            tasks.spawn(async move { reconcile(&shop, charge).await });
        }
        let round = finish(tasks).await;
        asked += round.done;
        round.outcome(asked)?;
    }
    Ok(asked)
}

async fn reconcile(shop: &Shop, charge: Charge) -> Result<(), JobError> {
    let answer = match charge.state {
        ChargeState::Created => mend(shop, &charge).await,
        ChargeState::Open | ChargeState::Paid | ChargeState::Closed | ChargeState::Abandoned => {
            ask(shop, &charge).await
        }
    };
    let found = shop.store().get_charge(shop.id(), charge.id).await?;
    let charge = found.unwrap_or(charge);
    let invoice = shop.store().find_invoice(shop.id(), charge.invoice).await?;
    let expires_at = invoice.map_or(charge.created_at, |invoice| invoice.expires_at);
    let poll_at = match (answer, charge.next_poll(shop.now(), expires_at)) {
        // What was never answered may still hide a payment.
        (Answer::Silent, None) => Some(whole_micros(shop.now() + AGAIN)),
        (Answer::Silent | Answer::Told, poll_at) => poll_at,
    };
    let mut batch = Batch::chore(shop.id(), shop.now(), shop.ids());
    let charge = charge.id;
    batch.push(InvoiceWrite::PollCharge { charge, poll_at });
    Ok(shop.commit(batch).await?)
}

async fn ask(shop: &Shop, charge: &Charge) -> Answer {
    match shop.settlement().check_charge(charge).await {
        // A payment of nothing stays one, however often it is asked about.
        Ok(()) | Err(WebhookFailure::Settle(SettleError::NothingPaid)) => Answer::Told,
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(reference = %charge.reference, error, "a gateway could not be asked");
            Answer::Silent
        }
    }
}

/// A charge that is recorded but not completed: asked for again where that makes no second one,
/// given up where it can't be known; payments on it are looked for either way.
async fn mend(shop: &Shop, charge: &Charge) -> Answer {
    let answer = ask(shop, charge).await;
    let Some(gateway) = shop.gateway(&charge.gateway) else {
        return answer;
    };
    let seen = shop.checkout().invoice(charge.invoice).await;
    let now = shop.now();
    if !seen.is_ok_and(|view| view.invoice.state_at(now).is_open()) {
        return answer;
    }
    let mended = match gateway.capabilities().create {
        CreateMode::Idempotent => shop.checkout().open(charge).await.map(drop),
        CreateMode::FindByReference => shop.checkout().find_or_open(charge).await.map(drop),
        CreateMode::Neither => shop.checkout().abandon(charge.id).await,
    };
    if let Err(error) = mended {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(reference = %charge.reference, error, "a charge could not be completed");
    }
    answer
}
