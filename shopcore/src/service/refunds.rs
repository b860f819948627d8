//! Refunds: money of a paid order goes back through the gateway that took it, to the wallet, or by
//! a person's hand.

use serde_json::json;
use thiserror::Error;

use super::{Shop, deciding, outdated};
use crate::audit::{Actor, Entity, Kind};
use crate::gateway::Support;
use crate::id::OrderId;
use crate::invoice::{Charge, Invoice, Outcome, Payment, Subject};
use crate::ledger::TransferError;
use crate::money::{Money, MoneyError};
use crate::order::{Order, OrderState};
use crate::refund::{Rates, Refund, RefundState, RefundWay, share};
use crate::review::{Case, CaseState, Resolution};
use crate::store::{
    Batch, ChatWrite, CommitError, OrderWrite, RefundFilter, Rejection, RequestKey, RequestOutcome,
    StoreError,
};
use crate::text::Reason;

mod giving;

/// Where the table of rates is kept.
const KEEPER: &str = "refunds";
const RATES: &str = "rates";

pub(crate) use giving::{Giving, Part, record, record_end, tell_refunded};

/// What is to be given back of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRefund {
    /// The order.
    pub order: OrderId,
    /// How much of it; `None`: everything that is left.
    pub value: Option<Money>,
    /// How; `None`: through the gateways that took the payments as far as they can, the rest to the
    /// wallet.
    pub way: Option<RefundWay>,
    /// Why.
    pub reason: Reason,
    /// Tells this wish from every other: it is granted once.
    pub request: RequestKey,
}

/// Why nothing was given back.
#[derive(Debug, Error)]
pub enum RefundError {
    /// No such order.
    #[error("there is no such order")]
    Unknown,
    /// The order is not paid, or was given back whole.
    #[error("an order that is {} can't be refunded", .0.as_str())]
    NotPaid(OrderState),
    /// Nothing, more than is left, or another currency is asked for.
    #[error("between nothing and {left} can be refunded")]
    Amount {
        /// What is left to be given back.
        left: Money,
    },
    /// The gateways that took the payments can't send so much of them back.
    #[error("the gateway can't send this back")]
    NotRefundable,
    /// The wallet can't hold so much more.
    #[error(transparent)]
    Rejected(Rejection),
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
outdated!(RefundError);

/// Refunds of a shop.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/corner.rs"));
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let Corner { shop, product, customer, chat } = Corner::open().await?;
/// use shopcore::audit::Actor;
/// use shopcore::order::OrderState;
/// use shopcore::service::NewRefund;
/// # use shopcore::store::RequestKey;
/// # use shopcore::text::Reason;
/// # shop.wallet().adjust(&Actor::Operator, customer.id, product.price, &Reason::parse("gift")?, &shop.new_request()).await?;
/// # shop.carts().set(customer.id, product.id, 1, product.price).await?;
/// # let placed = shop.checkout().place_cart(&chat, customer.id, RequestKey("1".to_owned())).await?;
/// # let me = Actor::Customer(customer.id);
/// # shop.checkout().pay_from_wallet(&me, placed.invoice.id).await?;
/// # let order = placed.order.id;
///
/// let (reason, request) = (Reason::parse("it did not work")?, shop.new_request());
/// let whole = NewRefund { order, value: None, way: None, reason, request };
/// shop.refunds().request(&Actor::Operator, &whole).await?;
/// assert_eq!(shop.orders().get(order).await?.state, OrderState::Refunded);
/// assert_eq!(shop.wallet().balance(customer.id).await?, product.price);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Refunds<'a>(pub(super) &'a Shop);

impl Refunds<'_> {
    /// The refunds of an order, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(&self, order: OrderId) -> Result<Vec<Refund>, StoreError> {
        let filter = RefundFilter::Order(order);
        self.0.store().list_refunds(self.0.id(), filter).await
    }

    /// Gives an order back, or a part of it. What a gateway refuses later goes to the wallet, or
    /// waits for a person where the customer may not use it.
    ///
    /// # Errors
    /// [`RefundError`]; nothing changes then.
    pub async fn request(
        &self,
        actor: &Actor,
        wanted: &NewRefund,
    ) -> Result<Vec<Refund>, RefundError> {
        deciding(|| self.try_request(actor, wanted)).await
    }

    /// The table by which what is left of something sold for a time goes back.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rates(&self) -> Result<Rates, StoreError> {
        let stored = self
            .0
            .store()
            .find_state(self.0.id(), KEEPER, RATES)
            .await?;
        let rates = stored
            .map(|stored| serde_json::from_slice(&stored))
            .transpose();
        let damaged = |error: serde_json::Error| StoreError::Damaged(error.to_string());
        Ok(rates.map_err(damaged)?.unwrap_or_default())
    }

    /// Replaces that table.
    ///
    /// # Errors
    /// [`RefundError::Commit`].
    pub async fn set_rates(&self, actor: &Actor, rates: &Rates) -> Result<(), RefundError> {
        let value = json!(rates);
        let mut batch = self.0.batch(actor);
        batch
            .push(ChatWrite::PutState {
                plugin: KEEPER.to_owned(),
                key: RATES.to_owned(),
                value: Some(value.to_string().into_bytes()),
            })
            .record(
                Entity::new(Kind::Shop, self.0.id()),
                "refund rates set",
                value,
            );
        Ok(self.0.commit(batch).await?)
    }

    /// Whether a gateway can send so much of an order back, or a part of it.
    ///
    /// # Errors
    /// [`RefundError`].
    pub async fn reaches_gateway(&self, order: OrderId, value: Money) -> Result<bool, RefundError> {
        let found = self.0.store().find_invoice_of(self.0.id(), order).await?;
        let invoice = found.ok_or(RefundError::Unknown)?;
        let (parts, _) = self.through_gateways(&invoice, value).await?;
        Ok(!parts.is_empty())
    }

    async fn try_request(
        &self,
        actor: &Actor,
        wanted: &NewRefund,
    ) -> Result<Vec<Refund>, RefundError> {
        let (store, shop) = (self.0.store(), self.0.id());
        if let Some(made) = self.made_by(&wanted.request).await? {
            return Ok(made);
        }
        let order = store.find_order(shop, wanted.order).await?;
        let order = order.ok_or(RefundError::Unknown)?;
        let value = asked(&order, wanted.value)?;
        let invoice = store.find_invoice_of(shop, order.id).await?;
        let invoice = invoice.ok_or(RefundError::Unknown)?;
        let parts = self.parts(&invoice, value, wanted.way).await?;
        let mut batch = self.0.batch(actor);
        count(&mut batch, &order, value)?;
        let giving = Giving {
            shop: self.0,
            order: &order,
            invoice: invoice.id,
            reason: Some(&wanted.reason),
        };
        let mut refunds = Vec::new();
        for part in &parts {
            refunds.push(giving.sold(&mut batch, part)?);
        }
        if let Some(first) = refunds.first() {
            batch.push(ChatWrite::RecordRequest {
                request: wanted.request.clone(),
                outcome: RequestOutcome::Refund(first.id),
            });
        }
        match self.0.commit(batch).await {
            // Read again, what the same request made meanwhile is there.
            Err(CommitError::Rejected(Rejection::RequestSeen)) => Err(CommitError::Conflict.into()),
            Err(CommitError::Rejected(rejection)) => Err(RefundError::Rejected(rejection)),
            Err(error) => Err(error.into()),
            Ok(()) => Ok(refunds),
        }
    }

    /// What a request made before.
    async fn made_by(&self, request: &RequestKey) -> Result<Option<Vec<Refund>>, RefundError> {
        let (store, shop) = (self.0.store(), self.0.id());
        let outcome = store.find_request(shop, request).await?;
        let Some(RequestOutcome::Refund(first)) = outcome else {
            return Ok(None);
        };
        let first = store.find_refund(shop, first).await?;
        let Some((first, order)) = first.and_then(|refund| Some((refund.id, refund.order?))) else {
            return Ok(None);
        };
        let made = self.list(order).await?;
        let at = made.iter().find(|refund| refund.id == first);
        let at = at.map(|refund| refund.requested_at);
        let of_request = made
            .into_iter()
            .filter(|refund| Some(refund.requested_at) == at);
        Ok(Some(of_request.collect()))
    }

    /// How `value` goes back.
    async fn parts(
        &self,
        invoice: &Invoice,
        value: Money,
        way: Option<RefundWay>,
    ) -> Result<Vec<Part>, RefundError> {
        let (mut parts, rest) = match way {
            Some(RefundWay::Wallet | RefundWay::ByHand) => (Vec::new(), value),
            Some(RefundWay::Gateway) | None => self.through_gateways(invoice, value).await?,
        };
        if rest.is_positive() {
            parts.push(match way {
                Some(RefundWay::Gateway) => return Err(RefundError::NotRefundable),
                Some(RefundWay::Wallet) | None => Part::to_wallet(rest),
                Some(RefundWay::ByHand) => Part::by_hand(rest),
            });
        }
        Ok(parts)
    }

    /// What the gateways that took the payments can send back of `value`, and what is left of it.
    async fn through_gateways(
        &self,
        invoice: &Invoice,
        value: Money,
    ) -> Result<(Vec<Part>, Money), RefundError> {
        let (store, shop) = (self.0.store(), self.0.id());
        let (charges, payments, cases) = tokio::try_join!(
            store.list_charges(shop, invoice.id),
            store.list_payments_of(shop, invoice.id),
            self.cases(invoice)
        )?;
        let (mut parts, mut rest) = (Vec::new(), value);
        for payment in payments
            .iter()
            .filter(|payment| earned(payment, &cases) && self.sends_back(payment))
        {
            let charge = charges
                .iter()
                .find(|charge| Some(charge.id) == payment.charge);
            let Some(charge) = charge else { continue };
            if let Some(part) = self.part(payment, charge, invoice, rest).await? {
                rest = rest.checked_sub(part.value)?;
                parts.push(part);
            }
        }
        Ok((parts, rest))
    }

    async fn cases(&self, invoice: &Invoice) -> Result<Vec<Case>, StoreError> {
        match invoice.subject {
            Subject::Order(order) => self.0.store().list_cases_of(self.0.id(), order).await,
            Subject::Deposit => Ok(Vec::new()),
        }
    }

    fn sends_back(&self, payment: &Payment) -> bool {
        let gateway = self.0.gateway(&payment.gateway);
        gateway.is_some_and(|port| port.capabilities().refund == Support::Yes)
    }

    /// What of `wanted` can be taken from a payment.
    async fn part(
        &self,
        payment: &Payment,
        charge: &Charge,
        invoice: &Invoice,
        wanted: Money,
    ) -> Result<Option<Part>, RefundError> {
        let filter = RefundFilter::Payment(payment.id);
        let made = self.0.store().list_refunds(self.0.id(), filter).await?;
        let live = made
            .iter()
            .filter(|refund| refund.state != RefundState::Failed);
        let currency = invoice.amount.currency();
        let given = crate::money::sum(currency, live.map(|refund| refund.value))?;
        let worth = charge.value_of(payment.amount)?;
        let left = smaller(worth, invoice.amount).checked_sub(given)?;
        let value = smaller(left, wanted);
        if !value.is_positive() {
            return Ok(None);
        }
        let until = share(payment.amount, worth, given.checked_add(value)?)?;
        let amount = until.checked_sub(share(payment.amount, worth, given)?)?;
        Ok(amount
            .is_positive()
            .then(|| Part::through_gateway(payment, value, amount)))
    }
}

/// Whether a payment paid for its order, at once or after a review.
fn earned(payment: &Payment, cases: &[Case]) -> bool {
    let delivered = CaseState::Resolved(Resolution::Delivered);
    match payment.outcome {
        Outcome::Paid | Outcome::PaidWithExcess | Outcome::Partial | Outcome::LateDelivered => true,
        Outcome::Review => cases
            .iter()
            .any(|case| case.payment == Some(payment.id) && case.state == delivered),
        Outcome::Surplus | Outcome::LateCredited => false,
    }
}

/// What is asked for, where so much is left.
fn asked(order: &Order, value: Option<Money>) -> Result<Money, RefundError> {
    if !order.state.may_refund_to(order.state) {
        return Err(RefundError::NotPaid(order.state));
    }
    let left = order.totals.total.checked_sub(order.refunded)?;
    let value = value.unwrap_or(left);
    let fits = value.currency() == left.currency() && value.minor() <= left.minor();
    if !fits || !value.is_positive() {
        return Err(RefundError::Amount { left });
    }
    Ok(value)
}

/// Counts what is given back, and ends the order with the last of it.
fn count(batch: &mut Batch, order: &Order, value: Money) -> Result<(), MoneyError> {
    let refunded = order.refunded.checked_add(value)?;
    let to = if refunded == order.totals.total {
        OrderState::Refunded
    } else {
        order.state
    };
    batch.push(OrderWrite::Refund {
        order: order.id,
        from: order.state,
        to,
        was: order.refunded,
        refunded,
    });
    let entity = Entity::new(Kind::Order, order.id);
    let details = json!({ "amount": value.to_string() });
    if to == order.state {
        batch.record(entity, "refunded in part", details);
    } else {
        let from = Some(order.state.as_str());
        batch.record_move(entity, "refunded", from, to.as_str(), details);
    }
    Ok(())
}

fn smaller(one: Money, other: Money) -> Money {
    if one.minor() < other.minor() {
        one
    } else {
        other
    }
}
