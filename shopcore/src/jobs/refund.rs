//! Refunds through gateways: that money goes back is recorded before the gateway is called, and
//! what became of it after it answered. The gateway is asked until it decides.

use std::time::Duration;

use serde_json::json;

use super::JobError;
use crate::audit::{Entity, Kind};
use crate::courier::{CourierError, Receipt};
use crate::customer::Standing;
use crate::gateway::{GatewayError, RefundProgress, RefundRequest};
use crate::id::{InvoiceId, OrderId, RefundId};
use crate::invoice::Payment;
use crate::ledger::{Account, Purpose, Transfer};
use crate::refund::{Refund, RefundState};
use crate::review::{Case, CaseReason, CaseState};
use crate::service::{Giving, Part, Shop, open_case, record_end, tell_refunded};
use crate::store::{Batch, RefundWrite, StoreError};

/// How long a gateway that decides later is left alone.
const PENDING: Duration = Duration::from_secs(600);

/// A refund, and the payment that it gives back.
struct Asked {
    refund: Refund,
    payment: Payment,
}

/// Has the gateway send money back. It may have been asked before: the refund's id tells it so.
pub(super) async fn ask(shop: &Shop, refund: RefundId) -> Result<Receipt, CourierError> {
    let unread = |error: StoreError| CourierError::Unavailable(error.into());
    let Asked { refund, payment } = find(shop, refund).await.map_err(unread)?;
    // It may have been asked before it was taken out of the shop, so this decides nothing.
    let Some(gateway) = shop.gateway(&payment.gateway) else {
        return Err(CourierError::Unavailable("no such gateway".into()));
    };
    let charge = match payment.charge {
        Some(charge) => shop.store().get_charge(shop.id(), charge).await,
        None => Ok(None),
    };
    let request = RefundRequest {
        refund: refund.id,
        reference: payment.reference,
        gateway_id: charge.map_err(unread)?.and_then(|charge| charge.gateway_id),
        payment: payment.event,
        amount: refund.amount,
    };
    match shop
        .patiently(gateway.name(), gateway.refund(&request))
        .await
    {
        Ok(RefundProgress::Done) => Ok(Receipt::default()),
        Ok(RefundProgress::Pending) => Err(CourierError::Wait(PENDING)),
        Err(GatewayError::Refused(reason)) => Err(CourierError::Refused(reason)),
        Err(error @ (GatewayError::UnknownCharge | GatewayError::Unsupported)) => {
            Err(CourierError::Refused(error.to_string()))
        }
        Err(error @ GatewayError::Unavailable { .. }) => {
            Err(CourierError::Unavailable(error.into()))
        }
    }
}

/// Records that the gateway holds the money no more.
pub(super) async fn given(
    shop: &Shop,
    batch: &mut Batch,
    refund: RefundId,
) -> Result<(), JobError> {
    let Asked { refund, payment } = find(shop, refund).await?;
    end(batch, &refund, RefundState::Done);
    let to = Account::Clearing(payment.gateway.clone());
    batch.push(moved(shop, &refund, &payment, to)?);
    record(batch, &payment, &refund, "refunded");
    if let Some((order, _)) = sold(shop, &refund).await? {
        tell_refunded(batch, order, refund.amount);
    }
    Ok(())
}

/// Money of an order that the gateway does not send back goes to the wallet, or to a person where
/// the customer is banned; a payment under review waits for a person once more.
pub(super) async fn refused(
    shop: &Shop,
    batch: &mut Batch,
    refund: RefundId,
) -> Result<(), JobError> {
    let Asked { refund, payment } = find(shop, refund).await?;
    end(batch, &refund, RefundState::Failed);
    record(batch, &payment, &refund, "refund refused");
    let Some((order, invoice)) = sold(shop, &refund).await? else {
        return suspend(shop, batch, &refund, &payment).await;
    };
    let customer = shop.store().get_customer(shop.id(), order.customer).await?;
    let is_banned = customer.is_some_and(|customer| customer.standing == Standing::Banned);
    let part = if is_banned {
        Part::by_hand(refund.value)
    } else {
        Part::to_wallet(refund.value)
    };
    let giving = Giving {
        shop,
        order: &order,
        invoice,
        reason: refund.reason.as_ref(),
    };
    giving.failed(batch, &part, &refund)?;
    Ok(())
}

/// Leaves the payment of a case to a person once more.
async fn suspend(
    shop: &Shop,
    batch: &mut Batch,
    refund: &Refund,
    payment: &Payment,
) -> Result<(), JobError> {
    let to = Account::Suspense(payment.id);
    batch.push(moved(shop, refund, payment, to)?);
    let invoice = match payment.invoice {
        Some(invoice) => shop.store().find_invoice(shop.id(), invoice).await?,
        None => None,
    };
    let case = Case {
        id: shop.ids().next(),
        reason: CaseReason::Unsettled,
        state: CaseState::Open,
        payment: Some(payment.id),
        invoice: payment.invoice,
        order: invoice.as_ref().and_then(|invoice| invoice.subject.order()),
        customer: invoice.map(|invoice| invoice.customer),
        opened_at: batch.at,
        resolved_at: None,
    };
    open_case(batch, case);
    Ok(())
}

fn end(batch: &mut Batch, refund: &Refund, to: RefundState) {
    batch.push(RefundWrite::End {
        refund: refund.id,
        to,
    });
    record_end(batch, refund, to);
}

/// Moves what counted as given back to where it truly is.
fn moved(
    shop: &Shop,
    refund: &Refund,
    payment: &Payment,
    to: Account,
) -> Result<Transfer, JobError> {
    let postings = [
        (Account::Refunds, refund.amount.checked_neg()?),
        (to, refund.amount),
    ];
    let transfer = Transfer::new(shop.ids().next(), Purpose::Refund, postings)?;
    Ok(match payment.invoice {
        Some(invoice) => transfer.about_invoice(invoice),
        None => transfer,
    })
}

fn record(batch: &mut Batch, payment: &Payment, refund: &Refund, what: &str) {
    let entity = Entity::new(Kind::Payment, payment.id);
    let details = json!({ "amount": refund.amount.to_string(), "gateway": payment.gateway });
    batch.record(entity, what, details);
}

/// The order that a refund gives back, and its invoice.
async fn sold(
    shop: &Shop,
    refund: &Refund,
) -> Result<Option<(crate::order::Order, InvoiceId)>, StoreError> {
    let Some(id) = refund.order else {
        return Ok(None);
    };
    let (store, shop) = (shop.store(), shop.id());
    let (order, invoice) =
        tokio::try_join!(store.find_order(shop, id), store.find_invoice_of(shop, id))?;
    let missing = |id: OrderId| StoreError::Damaged(format!("order {id} is not there"));
    let order = order.ok_or_else(|| missing(id))?;
    let invoice = invoice.ok_or_else(|| missing(id))?.id;
    Ok(Some((order, invoice)))
}

async fn find(shop: &Shop, id: RefundId) -> Result<Asked, StoreError> {
    let missing = || StoreError::Damaged(format!("refund {id} is not there"));
    let refund = shop.store().find_refund(shop.id(), id).await?;
    let refund = refund.ok_or_else(missing)?;
    let payment = refund.payment.ok_or_else(missing)?;
    let payment = shop.store().get_payment(shop.id(), payment).await?;
    let payment = payment.ok_or_else(missing)?;
    Ok(Asked { refund, payment })
}
