//! The book: the sandbox's charges, as its journal tells them.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use shopcore::gateway::{ChargeRequest, GatewayError, GatewayName, RefundRequest};
use shopcore::id::RefundId;
use shopcore::invoice::{EventId, PaymentEvent, Reference};
use shopcore::money::{self, Money};
use shopcore::time::Timestamp;

use super::SandboxState;

/// Something that happened; a line of the journal.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Entry {
    Created(Kept),
    Cancelled {
        reference: Reference,
    },
    Paid {
        reference: Reference,
        payment: Payment,
    },
    Refunded {
        reference: Reference,
        refund: Refund,
    },
}

/// Money of a payment that was sent back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Refund {
    pub(super) id: RefundId,
    pub(super) payment: EventId,
    pub(super) amount: Money,
}

/// A charge and what came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) reference: Reference,
    pub(super) amount: Money,
    pub(super) description: String,
    pub(super) expires_at: Timestamp,
    #[serde(skip)]
    pub(super) cancelled: bool,
    #[serde(skip)]
    pub(super) payments: Vec<Payment>,
    #[serde(skip)]
    pub(super) refunds: Vec<Refund>,
}

/// A payment, made or to be made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Payment {
    id: EventId,
    amount: Money,
    pub(super) paid_at: Timestamp,
}

impl Payment {
    pub(super) fn event(&self, gateway: &GatewayName, reference: &Reference) -> PaymentEvent {
        PaymentEvent {
            gateway: gateway.clone(),
            event: self.id.clone(),
            reference: reference.clone(),
            amount: self.amount,
            paid_at: self.paid_at,
        }
    }
}

impl Kept {
    pub(super) fn new(request: ChargeRequest) -> Self {
        Self {
            reference: request.reference,
            amount: request.amount,
            description: request.description,
            expires_at: request.expires_at,
            cancelled: false,
            payments: Vec::new(),
            refunds: Vec::new(),
        }
    }

    /// The next payment on it: ids count the payments of a charge.
    pub(super) fn next_payment(
        &self,
        amount: Money,
        paid_at: Timestamp,
    ) -> Result<Payment, GatewayError> {
        let number = self.payments.len().saturating_add(1);
        let id = EventId::parse(&format!("{}.{number}", self.reference))
            .map_err(|error| GatewayError::Refused(error.to_string()))?;
        Ok(Payment {
            id,
            amount,
            paid_at,
        })
    }

    /// The refund to note, or none where it was made before: never more than was paid.
    pub(super) fn next_refund(
        &self,
        wanted: RefundRequest,
        now: Timestamp,
    ) -> Result<Option<Refund>, GatewayError> {
        let refused = |reason: &str| Err(GatewayError::Refused(reason.to_owned()));
        let refund = Refund {
            id: wanted.refund,
            payment: wanted.payment,
            amount: wanted.amount,
        };
        if let Some(made) = self.refunds.iter().find(|made| made.id == refund.id) {
            if (&made.payment, made.amount) == (&refund.payment, refund.amount) {
                return Ok(None);
            }
            return refused("the id belongs to another refund");
        }
        let mut paid = self
            .payments
            .iter()
            .filter(|payment| payment.paid_at <= now);
        let Some(payment) = paid.find(|payment| payment.id == refund.payment) else {
            return refused("the charge has no such payment");
        };
        let made = self
            .refunds
            .iter()
            .filter(|made| made.payment == payment.id);
        let amounts = made.map(|made| made.amount).chain([refund.amount]);
        let sum = money::sum(payment.amount.currency(), amounts);
        let fits = sum.is_ok_and(|sum| sum.minor() <= payment.amount.minor());
        if !fits || !refund.amount.is_positive() {
            return refused("more would be sent back than was paid");
        }
        Ok(Some(refund))
    }

    pub(super) fn state(&self, now: Timestamp) -> SandboxState {
        if self.is_paid(now) {
            SandboxState::Paid
        } else if self.cancelled {
            SandboxState::Cancelled
        } else if self.expires_at <= now {
            SandboxState::Expired
        } else {
            SandboxState::Open
        }
    }

    fn is_paid(&self, now: Timestamp) -> bool {
        let currency = self.amount.currency();
        let made = self
            .payments
            .iter()
            .filter(|payment| payment.paid_at <= now && payment.amount.currency() == currency);
        money::sum(currency, made.map(|payment| payment.amount))
            .is_ok_and(|sum| sum.minor() >= self.amount.minor())
    }
}

/// Every charge, as the entries so far tell.
#[derive(Default)]
pub(super) struct Book {
    charges: Vec<Kept>,
    places: HashMap<Reference, usize>,
}

impl Book {
    pub(super) fn charges(&self) -> &[Kept] {
        &self.charges
    }

    pub(super) fn get(&self, reference: &Reference) -> Result<&Kept, GatewayError> {
        let place = self.places.get(reference);
        place
            .and_then(|place| self.charges.get(*place))
            .ok_or(GatewayError::UnknownCharge)
    }

    /// Takes an entry in; one about a charge that is not there tells nothing.
    pub(super) fn apply(&mut self, entry: Entry) {
        match entry {
            Entry::Created(charge) => {
                let place = self.charges.len();
                self.places.insert(charge.reference.clone(), place);
                self.charges.push(charge);
            }
            Entry::Cancelled { reference } => {
                if let Some(charge) = self.get_mut(&reference) {
                    charge.cancelled = true;
                }
            }
            Entry::Paid { reference, payment } => {
                if let Some(charge) = self.get_mut(&reference) {
                    charge.payments.push(payment);
                }
            }
            Entry::Refunded { reference, refund } => {
                if let Some(charge) = self.get_mut(&reference) {
                    charge.refunds.push(refund);
                }
            }
        }
    }

    fn get_mut(&mut self, reference: &Reference) -> Option<&mut Kept> {
        self.charges.get_mut(*self.places.get(reference)?)
    }
}
