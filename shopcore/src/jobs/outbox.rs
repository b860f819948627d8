//! The outbox: what a change promised to send is sent, at least once, each lane in order.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;

use super::{JobError, finish, refund};
use crate::audit::{Actor, Entity, Kind};
use crate::courier::{Courier, CourierError, Receipt};
use crate::gateway::GatewayError;
use crate::id::ChargeId;
use crate::message::{ItemState, OutboxItem, Reach, Task};
use crate::order::{Order, OrderState};
use crate::review::{Case, CaseReason, CaseState};
use crate::service::{GATEWAY_PATIENCE, Shop, open_case};
use crate::store::{Batch, BoxError, CommitError, OrderWrite, OutboxWrite};
use crate::time::whole_micros;

const CHUNK: u32 = 64;
/// How often what became of an item is recorded anew when something it touches moved.
const MARKS_MAX: usize = 3;
const BACKOFF_LEAST: Duration = Duration::from_secs(1);
const BACKOFF_MOST: Duration = Duration::from_secs(600);

/// Sends everything that is due and within reach; tells how many items. When it returns, nothing
/// that was due at its start is still on its way.
pub(super) async fn run(shop: &Shop, courier: &Arc<dyn Courier>) -> Result<usize, JobError> {
    let _turn = shop.outbox_turn().await;
    let told = empty(shop, courier, &courier.reach(), courier.patience()).await?;
    Ok(told + empty(shop, courier, &[Reach::Gateways], GATEWAY_PATIENCE * 2).await?)
}

async fn empty(
    shop: &Shop,
    courier: &Arc<dyn Courier>,
    reach: &[Reach],
    patience: Duration,
) -> Result<usize, JobError> {
    let (store, mut sent) = (shop.store(), 0);
    loop {
        let items = store
            .claim_items(shop.id(), reach, shop.now(), patience, CHUNK)
            .await?;
        if items.is_empty() {
            return Ok(sent);
        }
        sent += items.len();
        let mut tasks = JoinSet::new();
        for item in items {
            let (shop, courier) = (shop.clone(), Arc::clone(courier));
            tasks.spawn(async move { send(&shop, courier.as_ref(), &item).await });
        }
        finish(tasks).await.outcome(0)?;
    }
}

async fn send(shop: &Shop, courier: &dyn Courier, item: &OutboxItem) -> Result<(), JobError> {
    let brought = match item.task {
        Task::CancelCharge { charge } => cancel_charge(shop, charge).await,
        Task::Refund { refund } => refund::ask(shop, refund).await,
        Task::Delivery { .. } | Task::Notice(_) | Task::Retract { .. } => {
            bring(courier, item).await
        }
    };
    for _ in 0..MARKS_MAX {
        match shop.commit(mark(shop, item, &brought).await?).await {
            Ok(()) => return Ok(()),
            // The order moved meanwhile, or someone else finished the item.
            Err(CommitError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

async fn bring(courier: &dyn Courier, item: &OutboxItem) -> Result<Receipt, CourierError> {
    let brought = tokio::time::timeout(courier.patience(), courier.bring(item)).await;
    brought.unwrap_or_else(|elapsed| Err(CourierError::Unavailable(elapsed.into())))
}

/// What is recorded of an item after it was brought, or was not.
async fn mark(
    shop: &Shop,
    item: &OutboxItem,
    brought: &Result<Receipt, CourierError>,
) -> Result<Batch, JobError> {
    match brought {
        Ok(receipt) => sent(shop, item, receipt).await,
        Err(CourierError::Wait(wait)) => Ok(postponed(shop, item, *wait)),
        Err(CourierError::Unavailable(error)) => {
            tracing::debug!(item = %item.id, %error, "sending is tried again later");
            Ok(postponed(shop, item, backoff(item.attempts)))
        }
        Err(CourierError::Refused(reason)) => {
            tracing::info!(item = %item.id, %reason, "the platform refuses for good");
            refused(shop, item).await
        }
    }
}

async fn cancel_charge(shop: &Shop, charge: ChargeId) -> Result<Receipt, CourierError> {
    let failed = |error: BoxError| CourierError::Unavailable(error);
    let found = shop
        .store()
        .get_charge(shop.id(), charge)
        .await
        .map_err(|e| failed(e.into()))?;
    let charge = found.ok_or_else(|| CourierError::Refused("no such charge".to_owned()))?;
    let Some(gateway) = shop.gateway(&charge.gateway) else {
        return Err(CourierError::Refused("no such gateway".to_owned()));
    };
    match shop
        .patiently(gateway.name(), gateway.cancel_charge(&charge))
        .await
    {
        Ok(()) | Err(GatewayError::UnknownCharge | GatewayError::Unsupported) => {
            Ok(Receipt::default())
        }
        Err(GatewayError::Refused(reason)) => Err(CourierError::Refused(reason)),
        Err(error @ GatewayError::Unavailable { .. }) => Err(failed(error.into())),
    }
}

async fn sent(shop: &Shop, item: &OutboxItem, receipt: &Receipt) -> Result<Batch, JobError> {
    let mut batch = finished(shop, item, ItemState::Sent);
    for message in receipt.sent.iter().cloned() {
        batch.push(OutboxWrite::LogMessage(message));
    }
    for gone in receipt.gone.iter().cloned() {
        batch.push(OutboxWrite::ForgetMessage {
            chat: gone.chat,
            message: gone.message,
        });
    }
    if let Task::Refund { refund } = item.task {
        refund::given(shop, &mut batch, refund).await?;
    }
    if let Some(order) = delivered(shop, item)
        .await?
        .filter(|o| o.state == OrderState::Paid)
    {
        let (from, to) = (order.state, OrderState::Delivered);
        let entity = Entity::new(Kind::Order, order.id);
        batch
            .push(OrderWrite::Move {
                order: order.id,
                from,
                to,
            })
            .record_move(
                entity,
                "delivered",
                Some(from.as_str()),
                to.as_str(),
                json!({}),
            );
    }
    Ok(batch)
}

async fn refused(shop: &Shop, item: &OutboxItem) -> Result<Batch, JobError> {
    let mut batch = finished(shop, item, ItemState::Refused);
    if let Task::Refund { refund } = item.task {
        refund::refused(shop, &mut batch, refund).await?;
    }
    if let Some(order) = delivered(shop, item).await? {
        let invoice = shop.store().find_invoice_of(shop.id(), order.id).await?;
        let case = Case {
            id: shop.ids().next(),
            reason: CaseReason::DeliveryRefused,
            state: CaseState::Open,
            payment: None,
            invoice: invoice.map(|invoice| invoice.id),
            order: Some(order.id),
            customer: Some(order.customer),
            opened_at: batch.at,
            resolved_at: None,
        };
        open_case(&mut batch, case);
    }
    Ok(batch)
}

async fn delivered(shop: &Shop, item: &OutboxItem) -> Result<Option<Order>, JobError> {
    match item.task {
        Task::Delivery { order } => Ok(shop.store().find_order(shop.id(), order).await?),
        Task::Notice(_)
        | Task::Retract { .. }
        | Task::CancelCharge { .. }
        | Task::Refund { .. } => Ok(None),
    }
}

fn finished(shop: &Shop, item: &OutboxItem, state: ItemState) -> Batch {
    let mut batch = Batch::by(Actor::job("outbox"), shop.id(), shop.now(), shop.ids());
    batch.push(OutboxWrite::Finish {
        item: item.id,
        state,
    });
    batch
}

fn postponed(shop: &Shop, item: &OutboxItem, wait: Duration) -> Batch {
    let mut batch = Batch::chore(shop.id(), shop.now(), shop.ids());
    let due_at = whole_micros(shop.now() + wait);
    batch.push(OutboxWrite::Postpone {
        item: item.id,
        due_at,
    });
    batch
}

fn backoff(attempts: u32) -> Duration {
    let doubled = BACKOFF_LEAST.saturating_mul(2_u32.saturating_pow(attempts.saturating_sub(1)));
    doubled.min(BACKOFF_MOST)
}
