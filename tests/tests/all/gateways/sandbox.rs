//! The sandbox as a gateway whose network fails on command.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use shopcore::gateway::{
    Capabilities, ChargeRequest, ChargeStatus, Effect, Gateway, GatewayError, GatewayName,
    OpenCharge, RefundProgress, RefundRequest, VerifiedWebhook, WebhookError, WebhookRequest,
};
use shopcore::invoice::{Charge, PaymentEvent, Reference};
use shopcore::money::Money;
use shopcore::testing::gateway::{Counterpart, Delivery, Pays, Trouble};
use shopcore::time::{Clock, Timestamp, VirtualClock};
use shopcore_payments::{SIGNATURE_HEADER, Sandbox};

/// The sandbox, and what troubles the way to it; clones are one gateway.
#[derive(Debug, Clone)]
pub(crate) struct Far {
    sandbox: Sandbox,
    clock: Arc<VirtualClock>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    trouble: Option<Trouble>,
    charges: BTreeSet<Reference>,
    refunds: Vec<RefundRequest>,
}

/// The counterpart of a sandbox on this clock.
pub(crate) async fn sandbox(clock: Arc<VirtualClock>) -> Arc<dyn Counterpart> {
    Arc::new(Far {
        sandbox: Sandbox::in_memory(Arc::clone(&clock) as _).unwrap(),
        clock,
        state: Arc::default(),
    })
}

impl Far {
    /// Carries a call out, or not, as the trouble says.
    async fn call<T>(
        &self,
        call: impl Future<Output = Result<T, GatewayError>>,
    ) -> Result<T, GatewayError> {
        let trouble = self.state.lock().unwrap().trouble;
        match trouble {
            None => call.await,
            Some(Trouble::Down) => Err(unavailable(Effect::None)),
            Some(Trouble::LostReply) => {
                call.await?;
                Err(unavailable(Effect::Unknown))
            }
        }
    }
}

fn unavailable(effect: Effect) -> GatewayError {
    let source = "the network is gone".into();
    GatewayError::Unavailable { effect, source }
}

#[async_trait]
impl Gateway for Far {
    fn name(&self) -> &GatewayName {
        self.sandbox.name()
    }

    fn capabilities(&self) -> &Capabilities {
        self.sandbox.capabilities()
    }

    async fn create_charge(&self, request: &ChargeRequest) -> Result<OpenCharge, GatewayError> {
        let created = self.call(async {
            let open = self.sandbox.create_charge(request).await?;
            let mut state = self.state.lock().unwrap();
            state.charges.insert(request.reference.clone());
            Ok(open)
        });
        created.await
    }

    async fn charge_status(&self, charge: &Charge) -> Result<ChargeStatus, GatewayError> {
        self.call(self.sandbox.charge_status(charge)).await
    }

    async fn cancel_charge(&self, charge: &Charge) -> Result<(), GatewayError> {
        self.call(self.sandbox.cancel_charge(charge)).await
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RefundProgress, GatewayError> {
        let refunded = self.call(async {
            let progress = self.sandbox.refund(request).await?;
            let mut state = self.state.lock().unwrap();
            if state
                .refunds
                .iter()
                .all(|made| made.refund != request.refund)
            {
                state.refunds.push(request.clone());
            }
            Ok(progress)
        });
        refunded.await
    }

    async fn list_payments(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<PaymentEvent>, GatewayError> {
        self.call(self.sandbox.list_payments(from, to)).await
    }

    fn verify_webhook(&self, request: WebhookRequest<'_>) -> Result<VerifiedWebhook, WebhookError> {
        self.sandbox.verify_webhook(request)
    }
}

#[async_trait]
impl Counterpart for Far {
    fn gateway(&self) -> Arc<dyn Gateway> {
        Arc::new(self.clone())
    }

    fn pays(&self) -> Pays {
        Pays::AnyAmount
    }

    async fn pay(&self, charge: &Charge, amount: Money) -> Delivery {
        let paid = self
            .sandbox
            .pay(&charge.reference, amount, self.clock.now());
        let webhook = self.sandbox.webhook(&paid.await.unwrap()).unwrap();
        Delivery {
            headers: vec![(SIGNATURE_HEADER.to_owned(), webhook.signature)],
            body: webhook.body,
        }
    }

    fn set_trouble(&self, trouble: Option<Trouble>) {
        self.state.lock().unwrap().trouble = trouble;
    }

    fn charges(&self) -> usize {
        self.state.lock().unwrap().charges.len()
    }

    fn refunded(&self) -> i64 {
        let state = self.state.lock().unwrap();
        state.refunds.iter().map(|made| made.amount.minor()).sum()
    }
}
