//! Every gateway passes the kit: on every backend.

use std::sync::Arc;

use shopcore::testing::gateway::Counterpart;
use shopcore::time::VirtualClock;
use shopcore_payments::{MidtransOptions, MidtransProduct, StripeOptions, StripeProduct};
use shopcore_tests::fakes::{
    CryptoPayFake, MidtransFake, PakasirFake, StripeFake, TripayFake, XenditFake,
};

use super::custom::till;
use super::sandbox::sandbox;
use crate::conformance::{in_a_database, in_a_file, in_memory};

/// Emits the kit for one gateway on every backend.
macro_rules! on_every_backend {
    ($gateway:ident, $side:expr) => {
        mod $gateway {
            use super::*;

            shopcore::gateway_suite!(memory, in_memory, $side);
            shopcore::gateway_suite!(sqlite, in_a_file, $side);
            shopcore::gateway_suite!(postgres, in_a_database, $side, in one store);
        }
    };
}

async fn pakasir(clock: Arc<VirtualClock>) -> Arc<dyn Counterpart> {
    Arc::new(PakasirFake::start(clock).await)
}

async fn snap(clock: Arc<VirtualClock>) -> Arc<dyn Counterpart> {
    let fake = MidtransFake::start(clock).await;
    fake.choose_at_once();
    Arc::new(fake)
}

async fn midtrans_qris(clock: Arc<VirtualClock>) -> Arc<dyn Counterpart> {
    let qris = |options| MidtransOptions {
        product: MidtransProduct::Qris,
        ..options
    };
    Arc::new(MidtransFake::start_with(clock, qris).await)
}

async fn stripe_checkout(clock: Arc<VirtualClock>) -> Arc<dyn Counterpart> {
    Arc::new(StripeFake::start(clock).await)
}

async fn stripe_intents(clock: Arc<VirtualClock>) -> Arc<dyn Counterpart> {
    let intents = |options| StripeOptions {
        product: StripeProduct::Intent {
            page: "https://shop.example/pay".to_owned(),
        },
        ..options
    };
    Arc::new(StripeFake::start_with(clock, intents).await)
}

async fn tripay(clock: Arc<VirtualClock>) -> Arc<dyn Counterpart> {
    Arc::new(TripayFake::start(clock).await)
}

async fn xendit(clock: Arc<VirtualClock>) -> Arc<dyn Counterpart> {
    Arc::new(XenditFake::start(clock).await)
}

async fn cryptopay(clock: Arc<VirtualClock>) -> Arc<dyn Counterpart> {
    Arc::new(CryptoPayFake::start(clock).await)
}

on_every_backend!(sandbox_kit, sandbox);
on_every_backend!(pakasir_kit, pakasir);
on_every_backend!(snap_kit, snap);
on_every_backend!(midtrans_qris_kit, midtrans_qris);
on_every_backend!(stripe_checkout_kit, stripe_checkout);
on_every_backend!(stripe_intents_kit, stripe_intents);
on_every_backend!(xendit_kit, xendit);
on_every_backend!(cryptopay_kit, cryptopay);
on_every_backend!(tripay_kit, tripay);
on_every_backend!(custom_kit, till);
