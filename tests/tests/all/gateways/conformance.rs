//! Every gateway passes the kit: on every backend.

use std::sync::Arc;

use shopcore::testing::gateway::Counterpart;
use shopcore::time::VirtualClock;
use shopcore_tests::fakes::PakasirFake;

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

on_every_backend!(sandbox_kit, sandbox);
on_every_backend!(pakasir_kit, pakasir);
