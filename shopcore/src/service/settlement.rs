//! Payments: every verified one is recorded once and ends in goods, a wallet or a review case.

use thiserror::Error;

use super::settling::Bill;
use super::{DECISIONS_MAX, Shop, pause};
use crate::audit::Actor;
use crate::catalog::LatePolicy;
use crate::gateway::{GatewayError, GatewayName, VerifiedWebhook, WebhookError, WebhookRequest};
use crate::id::InvoiceId;
use crate::invoice::{Charge, Outcome, Payment, PaymentEvent, Reference, Verdict, decide};
use crate::ledger::TransferError;
use crate::money::{Money, MoneyError};
use crate::review::CaseReason;
use crate::store::{Batch, CommitError, Rejection, StoreError};

mod verdict;

pub(crate) use verdict::open_case;
use verdict::{Part, payment, suspend};

/// What became of a payment event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The payment as it is recorded.
    pub payment: Payment,
    /// Whether this call recorded it.
    pub by: SettledBy,
}

/// Who recorded a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettledBy {
    /// This call.
    ThisCall,
    /// An earlier one: the event is a duplicate.
    Earlier,
}

/// Why a payment event was not settled. The gateway should send it again.
#[derive(Debug, Error)]
pub enum SettleError {
    /// Nothing was paid; sending the event again changes nothing.
    #[error("a payment must be more than zero")]
    NothingPaid,
    /// The amounts can't be computed.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The transfer can't be made.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store can't be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// Why a webhook was not carried out.
#[derive(Debug, Error)]
pub enum WebhookFailure {
    /// The shop has no such gateway.
    #[error("the shop has no gateway of this name")]
    UnknownGateway,
    /// It is not believed.
    #[error(transparent)]
    Refused(#[from] WebhookError),
    /// The gateway was asked and did not answer.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The payment was not settled.
    #[error(transparent)]
    Settle(#[from] SettleError),
}

/// What to do with late money.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Late {
    /// As the policy says.
    ByPolicy,
    /// Credit it: delivering was tried and rejected.
    Credit,
}

/// Settlement of a shop's payments.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/corner.rs"));
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let Corner { shop, product, customer, chat } = Corner::open().await?;
/// use shopcore::invoice::{EventId, GatewayName, Outcome, PaymentEvent, Reference};
///
/// // A payment that nobody knows of is not lost: it waits in a review case.
/// let event = PaymentEvent {
///     gateway: GatewayName::parse("sandbox")?,
///     event: EventId::parse("evt-1")?,
///     reference: Reference::parse("nobody-knows")?,
///     amount: product.price,
///     paid_at: shop.now(),
/// };
/// let settled = shop.settlement().settle(&event).await?;
/// assert_eq!(settled.payment.outcome, Outcome::Review);
/// let again = shop.settlement().settle(&event).await?;
/// assert_eq!(again.payment, settled.payment);
/// # let _ = (product, customer, chat);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Settlement<'a>(pub(super) &'a Shop);

impl Settlement<'_> {
    /// Settles a payment that a gateway vouches for. An event is settled once, however often and
    /// in whatever order it comes; the outcome of the first time is given again.
    ///
    /// # Errors
    /// [`SettleError`]; nothing is recorded then, and the event should be sent again.
    pub async fn settle(&self, event: &PaymentEvent) -> Result<Settled, SettleError> {
        if !event.amount.is_positive() {
            return Err(SettleError::NothingPaid);
        }
        let mut late = Late::ByPolicy;
        for round in 0..DECISIONS_MAX {
            let (recorded, charge) = tokio::try_join!(self.recorded(event), self.charge(event))?;
            if let Some(payment) = recorded {
                return Ok(Settled {
                    payment,
                    by: SettledBy::Earlier,
                });
            }
            let (batch, payment) = match self.decision(event, charge, late).await {
                Err(SettleError::Money(_) | SettleError::Transfer(_)) => break,
                decided => decided?,
            };
            match self.0.commit(batch).await {
                Ok(()) => return Ok(self.settled(payment).await),
                Err(CommitError::Conflict) => pause(round).await,
                Err(CommitError::Rejected(rejection)) if is_sold_out(&rejection) => {
                    late = Late::Credit;
                }
                Err(CommitError::Rejected(rejection)) if is_seen(&rejection) => pause(round).await,
                Err(CommitError::Rejected(_) | CommitError::Malformed(_)) => break,
                Err(error) => return Err(error.into()),
            }
        }
        self.suspend(event).await
    }

    /// Leaves a payment to a person that can't be settled otherwise.
    async fn suspend(&self, event: &PaymentEvent) -> Result<Settled, SettleError> {
        for round in 0..DECISIONS_MAX {
            if let Some(payment) = self.recorded(event).await? {
                return Ok(Settled {
                    payment,
                    by: SettledBy::Earlier,
                });
            }
            let (batch, payment) = self.unsettled(event).await?;
            match self.0.commit(batch).await {
                Ok(()) => {
                    return Ok(Settled {
                        payment,
                        by: SettledBy::ThisCall,
                    });
                }
                Err(CommitError::Conflict) => pause(round).await,
                Err(CommitError::Rejected(rejection)) if is_seen(&rejection) => pause(round).await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// Settles every payment, and tells how many were not known before; what fails does not keep
    /// the others back.
    async fn settle_all(&self, events: &[PaymentEvent]) -> Result<usize, SettleError> {
        let mut outcome = Ok(0);
        for event in events {
            let settled = self.settle(event).await;
            outcome = match (outcome, settled) {
                (Ok(new), Ok(settled)) => Ok(match settled.by {
                    SettledBy::ThisCall => new + 1,
                    SettledBy::Earlier => new,
                }),
                (Ok(_), Err(error)) => Err(error),
                (Err(error), Ok(_)) => Err(error),
                // What may yet be settled weighs more than what never can be.
                (Err(SettleError::NothingPaid), Err(error)) => Err(error),
                (failed, _) => failed,
            };
        }
        outcome
    }

    /// Carries a webhook out: believes it if its signature is right, else asks the gateway.
    ///
    /// # Errors
    /// [`WebhookFailure`].
    pub async fn webhook(
        &self,
        gateway: &GatewayName,
        request: WebhookRequest<'_>,
    ) -> Result<(), WebhookFailure> {
        let port = self
            .0
            .gateway(gateway)
            .ok_or(WebhookFailure::UnknownGateway)?;
        let payments = match port.verify_webhook(request)? {
            VerifiedWebhook::Payments(payments) => payments,
            VerifiedWebhook::Ask(reference) => self.ask_about(gateway, &reference).await?,
        };
        if payments.is_empty() {
            return Ok(());
        }
        let ((), settled) = tokio::join!(self.heard(gateway), self.settle_all(&payments));
        settled?;
        Ok(())
    }

    /// What its gateway tells of a charge that somebody says was paid. Nobody vouches for a
    /// reference that the shop never gave.
    async fn ask_about(
        &self,
        gateway: &GatewayName,
        reference: &Reference,
    ) -> Result<Vec<PaymentEvent>, WebhookFailure> {
        let charge = self.0.store().find_charge(self.0.id(), gateway, reference);
        match charge.await.map_err(SettleError::from)? {
            Some(charge) => self.ask(&charge).await,
            None => Ok(Vec::new()),
        }
    }

    async fn ask(&self, charge: &Charge) -> Result<Vec<PaymentEvent>, WebhookFailure> {
        let port = self
            .0
            .gateway(&charge.gateway)
            .ok_or(WebhookFailure::UnknownGateway)?;
        match self
            .0
            .patiently(port.name(), port.charge_status(charge))
            .await
        {
            Ok(status) => Ok(status.payments),
            Err(GatewayError::UnknownCharge) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    async fn recorded(&self, event: &PaymentEvent) -> Result<Option<Payment>, StoreError> {
        self.0
            .store()
            .find_payment(self.0.id(), &event.gateway, &event.event)
            .await
    }

    /// The rest of a part payment is asked for at once; should that fail, reconciling completes its
    /// charge, which is recorded already.
    async fn settled(&self, payment: Payment) -> Settled {
        if let (Outcome::Partial, Some(invoice)) = (payment.outcome, payment.invoice) {
            let asked = self.0.checkout().charge(invoice, &payment.gateway).await;
            if let Err(error) = asked {
                tracing::warn!(%invoice, %error, "the rest of a part payment is not asked for yet");
            }
        }
        Settled {
            payment,
            by: SettledBy::ThisCall,
        }
    }

    async fn charge(&self, event: &PaymentEvent) -> Result<Option<Charge>, StoreError> {
        self.0
            .store()
            .find_charge(self.0.id(), &event.gateway, &event.reference)
            .await
    }

    async fn decision(
        &self,
        event: &PaymentEvent,
        charge: Option<Charge>,
        late: Late,
    ) -> Result<(Batch, Payment), SettleError> {
        let (store, shop) = (self.0.store(), self.0.id());
        let Some(charge) = charge else {
            return self.unmatched(event);
        };
        let Some(invoice) = store.find_invoice(shop, charge.invoice).await? else {
            return self.unmatched(event);
        };
        if event.amount.minor() > charge.payable.minor().max(Money::MAX_MINOR) {
            return Err(MoneyError::Overflow.into());
        }
        let bill = Bill::read(self.0, invoice).await?;
        let policy = match (&bill.order, late) {
            (Some(order), Late::ByPolicy) => order.late,
            (Some(_), Late::Credit) | (None, _) => LatePolicy::Credit,
        };
        let verdict = decide(&bill.invoice, &charge, policy, event.amount)?;
        let rest = match verdict {
            Verdict::Partial { value } => self.rest(&bill, &event.gateway, value).await?,
            Verdict::Completes { .. }
            | Verdict::Surplus { .. }
            | Verdict::Late { .. }
            | Verdict::WrongCurrency => None,
        };
        Part {
            shop: self.0,
            event,
            bill: &bill,
            charge: &charge,
            rest,
        }
        .batch(verdict)
    }

    /// The charge that asks for what a part payment leaves open, where the gateway takes so little.
    async fn rest(
        &self,
        bill: &Bill,
        gateway: &GatewayName,
        value: Money,
    ) -> Result<Option<Charge>, SettleError> {
        let left = bill.invoice.outstanding()?.checked_sub(value)?;
        match self.0.method(gateway) {
            Some(method) => Ok(self.0.checkout().new_charge(bill, method, left).await.ok()),
            None => Ok(None),
        }
    }

    fn unmatched(&self, event: &PaymentEvent) -> Result<(Batch, Payment), SettleError> {
        let known = self.0.gateway(&event.gateway).is_some();
        let reason = if known {
            CaseReason::UnknownReference
        } else {
            CaseReason::UnknownGateway
        };
        let payment = payment(self.0, event, None, Outcome::Review);
        let mut batch = self.0.batch(&Actor::Gateway(event.gateway.clone()));
        suspend(self.0, &mut batch, &payment, None, reason)?;
        Ok((batch, payment))
    }

    /// The last resort for an event whose conflicts did not end, or whose amount is out of range.
    async fn unsettled(&self, event: &PaymentEvent) -> Result<(Batch, Payment), SettleError> {
        let (store, shop) = (self.0.store(), self.0.id());
        let charge = store
            .find_charge(shop, &event.gateway, &event.reference)
            .await?;
        let payment = payment(self.0, event, charge.as_ref(), Outcome::Review);
        let bill = match &charge {
            Some(charge) => match store.find_invoice(shop, charge.invoice).await? {
                Some(invoice) => Some(Bill::read(self.0, invoice).await?),
                None => None,
            },
            None => None,
        };
        let mut batch = self.0.batch(&Actor::Gateway(event.gateway.clone()));
        suspend(
            self.0,
            &mut batch,
            &payment,
            bill.as_ref(),
            CaseReason::Unsettled,
        )?;
        Ok((batch, payment))
    }

    /// Asks the gateways of an invoice once whether it was paid, and settles what they tell.
    ///
    /// # Errors
    /// [`WebhookFailure`].
    pub async fn check(&self, invoice: InvoiceId) -> Result<(), WebhookFailure> {
        let charges = self.0.store().list_charges(self.0.id(), invoice).await;
        for charge in charges.map_err(SettleError::from)? {
            if self.0.gateway(&charge.gateway).is_some() {
                self.check_charge(&charge).await?;
            }
        }
        Ok(())
    }

    /// Asks the gateway of a charge once whether it was paid, and settles what it tells.
    ///
    /// # Errors
    /// [`WebhookFailure`].
    pub async fn check_charge(&self, charge: &Charge) -> Result<(), WebhookFailure> {
        let payments = self.ask(charge).await?;
        let new = self.settle_all(&payments).await?;
        self.missed(&charge.gateway, new).await;
        Ok(())
    }

    /// Pays a charge without real money, where its gateway can, and settles it.
    ///
    /// # Errors
    /// [`WebhookFailure`]; a gateway that moves real money is unsupported.
    pub async fn simulate(&self, charge: &Charge) -> Result<(), WebhookFailure> {
        let port = self
            .0
            .gateway(&charge.gateway)
            .ok_or(WebhookFailure::UnknownGateway)?;
        self.0
            .patiently(port.name(), port.simulate_payment(charge, charge.payable))
            .await?;
        self.check_charge(charge).await
    }
}

/// Whether someone else was faster; read again, what they wrote is there.
fn is_seen(rejection: &Rejection) -> bool {
    matches!(
        rejection,
        Rejection::PaymentSeen | Rejection::ReferenceTaken
    )
}

fn is_sold_out(rejection: &Rejection) -> bool {
    matches!(
        rejection,
        Rejection::OutOfStock { .. }
            | Rejection::VoucherExhausted { .. }
            | Rejection::VoucherExhaustedForCustomer { .. }
    )
}
