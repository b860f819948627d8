//! Refunds: a payment that a person gave back is sent back by its gateway. That it will be is
//! recorded before the gateway is called, and what became of it after it answered.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use super::JobError;
use crate::audit::{Entity, Kind};
use crate::courier::{CourierError, Receipt};
use crate::gateway::{GatewayError, RefundProgress, RefundRequest};
use crate::id::{PaymentId, RefundId};
use crate::invoice::Payment;
use crate::ledger::{Account, Purpose, Transfer};
use crate::review::{Case, CaseReason, CaseState};
use crate::service::{Shop, open_case};
use crate::store::{Batch, StoreError};

/// How long a gateway that decides later is left alone.
const PENDING: Duration = Duration::from_secs(600);

/// Has the gateway send a payment back. It may have been asked before: the payment's own id names
/// the refund, so that it is made once.
pub(super) async fn ask(shop: &Shop, payment: PaymentId) -> Result<Receipt, CourierError> {
    let found = find(shop, payment).await;
    let payment = found.map_err(|error| CourierError::Unavailable(error.into()))?;
    let Some(gateway) = shop.gateway(&payment.gateway) else {
        return Err(CourierError::Refused("no such gateway".to_owned()));
    };
    let charge = match payment.charge {
        Some(charge) => shop.store().get_charge(shop.id(), charge).await,
        None => Ok(None),
    };
    let charge = charge.map_err(|error| CourierError::Unavailable(error.into()))?;
    let request = RefundRequest {
        refund: RefundId::from(Uuid::from(payment.id)),
        reference: payment.reference,
        gateway_id: charge.and_then(|charge| charge.gateway_id),
        payment: payment.event,
        amount: payment.amount,
    };
    match shop.patiently(gateway.refund(&request)).await {
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
    payment: PaymentId,
) -> Result<(), JobError> {
    let payment = find(shop, payment).await?;
    let to = Account::Clearing(payment.gateway.clone());
    batch.push(given_back_to(shop, &payment, to)?);
    record(batch, &payment, "refunded");
    Ok(())
}

/// Leaves money that the gateway does not send back to a person once more.
pub(super) async fn refused(
    shop: &Shop,
    batch: &mut Batch,
    payment: PaymentId,
) -> Result<(), JobError> {
    let payment = find(shop, payment).await?;
    let to = Account::Suspense(payment.id);
    batch.push(given_back_to(shop, &payment, to)?);
    record(batch, &payment, "refund refused");
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

/// Moves what counted as given back to where it truly is.
fn given_back_to(shop: &Shop, payment: &Payment, to: Account) -> Result<Transfer, JobError> {
    let postings = [
        (Account::Refunds, payment.amount.checked_neg()?),
        (to, payment.amount),
    ];
    let transfer = Transfer::new(shop.ids().next(), Purpose::Review, postings)?;
    Ok(match payment.invoice {
        Some(invoice) => transfer.about_invoice(invoice),
        None => transfer,
    })
}

fn record(batch: &mut Batch, payment: &Payment, what: &str) {
    let entity = Entity::new(Kind::Payment, payment.id);
    let details = json!({ "amount": payment.amount.to_string(), "gateway": payment.gateway });
    batch.record(entity, what, details);
}

async fn find(shop: &Shop, payment: PaymentId) -> Result<Payment, StoreError> {
    let found = shop.store().get_payment(shop.id(), payment).await?;
    found.ok_or_else(|| StoreError::Damaged(format!("payment {payment} is not there")))
}
