//! Each gateway against a strict fake of its other side, over real HTTP.

use std::sync::Arc;

use shopcore::gateway::{ChargeRequest, Effect, Gateway, GatewayError, OpenCharge, RefundRequest};
use shopcore::id::RefundId;
use shopcore::invoice::{Charge, EventId, PaymentEvent, Reference};
use shopcore::money::Money;
use shopcore::testing::fixture::open_charge;
use shopcore::time::{Clock, VirtualClock};

mod conformance;
mod cryptopay;
mod custom;
mod fuzzing;
mod midtrans;
mod pakasir;
mod peers;
mod sandbox;
mod secrets;
mod stripe;
mod tripay;
mod xendit;

fn clock() -> Arc<VirtualClock> {
    Arc::new(VirtualClock::default())
}

/// What a shop asks for, half an hour long.
fn request(reference: &str, amount: Money) -> ChargeRequest {
    ChargeRequest {
        reference: Reference::parse(reference).unwrap(),
        amount,
        description: "Kopi & Kode, order 7".to_owned(),
        expires_at: VirtualClock::default().now() + chrono::Duration::minutes(30),
    }
}

/// The charge that the shop keeps after its gateway opened it.
fn kept(gateway: &dyn Gateway, asked: &ChargeRequest, opened: OpenCharge) -> Charge {
    Charge {
        gateway_id: opened.id,
        payable: opened.payable,
        pay_with: Some(opened.pay_with),
        ..open_charge(gateway.name(), asked.reference.as_str(), asked.amount)
    }
}

/// Has a gateway open a charge.
async fn open(gateway: &dyn Gateway, reference: &str, amount: Money) -> Charge {
    let asked = request(reference, amount);
    let opened = gateway.create_charge(&asked).await.unwrap();
    kept(gateway, &asked, opened)
}

/// What the shop asks for to give back a payment that goes by its reference.
fn refund(charge: &Charge, id: u128, amount: Money) -> RefundRequest {
    RefundRequest {
        refund: RefundId::from(uuid::Uuid::from_u128(id)),
        reference: charge.reference.clone(),
        gateway_id: charge.gateway_id.clone(),
        payment: EventId::parse(charge.reference.as_str()).unwrap(),
        amount,
    }
}

async fn payments(gateway: &dyn Gateway, charge: &Charge) -> Vec<PaymentEvent> {
    gateway.charge_status(charge).await.unwrap().payments
}

#[track_caller]
/// The gateway did not let the client in, so nothing happened and nothing is decided.
fn assert_shut_out<T: std::fmt::Debug>(told: Result<T, GatewayError>) {
    let error = told.unwrap_err();
    assert!(
        matches!(error, GatewayError::Unavailable { .. }),
        "{error:?}"
    );
    assert_eq!(error.effect(), Effect::None);
}

fn assert_refused<T: std::fmt::Debug>(told: Result<T, GatewayError>) {
    let error = told.unwrap_err();
    assert!(matches!(error, GatewayError::Refused(_)), "{error:?}");
    assert_eq!(error.effect(), Effect::None);
}
