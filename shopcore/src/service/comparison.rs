//! Comparing what a gateway's own books show with the ledger: what only the gateway knows of is
//! settled, what only the shop knows of, or at another amount, waits for a person.

use std::collections::BTreeMap;

use chrono::Duration;
use serde_json::json;
use thiserror::Error;

use super::{SettleError, SettledBy, Settlement, deciding, open_case, outdated};
use crate::audit::{Actor, Entity, Kind};
use crate::gateway::{Gateway, GatewayError, GatewayName, Support};
use crate::invoice::{EventId, Payment, PaymentEvent};
use crate::money::Money;
use crate::review::{Case, CaseReason, CaseState};
use crate::store::{Batch, ChatWrite, CommitError, StoreError};
use crate::time::{Timestamp, from_micros};

/// How much of a gateway's books is compared at once.
const SPAN: Duration = Duration::days(1);

/// How long a payment may take to show in the gateway's books.
const LAG: Duration = Duration::hours(1);

/// How far a gateway's clock may be from the shop's.
const SKEW: Duration = Duration::hours(1);

/// How long a gateway may take to show a day of its books, page by page.
const BOOKS_PATIENCE: std::time::Duration = std::time::Duration::from_secs(600);

/// Whose small values tell how far each gateway's books are compared, under its name.
const KEEPER: &str = "statements";

/// Why the books were not compared. What was settled stays settled.
#[derive(Debug, Error)]
pub enum CompareError {
    /// The gateway did not show its books.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// A payment could not be settled.
    #[error(transparent)]
    Settle(#[from] SettleError),
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store can't be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}
outdated!(CompareError);

/// The books of a gateway from one moment to before another.
struct Books {
    from: Timestamp,
    to: Timestamp,
    shown: Vec<PaymentEvent>,
}

impl Settlement<'_> {
    /// Compares the books of every gateway that lists its payments, a day at a time, up to an hour
    /// ago; tells how many days were compared. A gateway that fails keeps no other from it.
    ///
    /// # Errors
    /// The last [`CompareError`]; the days before stay compared.
    pub async fn compare(&self) -> Result<usize, CompareError> {
        let mut outcome = Ok(());
        let mut days: usize = 0;
        for method in self.0.methods() {
            let gateway = method.gateway.as_ref();
            if gateway.capabilities().statement == Support::No {
                continue;
            }
            loop {
                match self.compare_day(gateway).await {
                    Ok(true) => days = days.saturating_add(1),
                    Ok(false) => break,
                    Err(error) => {
                        let told: &(dyn std::error::Error + Send + Sync) = &error;
                        tracing::warn!(gateway = %gateway.name(), error = told, "its books could not be compared");
                        outcome = Err(error);
                        break;
                    }
                }
            }
        }
        outcome.map(|()| days)
    }

    /// Compares the next day of a gateway's books, where it is over.
    async fn compare_day(&self, gateway: &dyn Gateway) -> Result<bool, CompareError> {
        let now = self.0.now();
        let stored = self.compared(gateway.name()).await?;
        let from = stored
            .as_deref()
            .and_then(moment)
            .unwrap_or(now - SPAN - LAG);
        let to = from + SPAN;
        if to > now - LAG {
            return Ok(false);
        }
        // What the books date by another moment than the payment may stand on the day beside.
        let listed = gateway.list_payments(from - SPAN, to + SKEW);
        let shown = self
            .0
            .within(gateway.name(), BOOKS_PATIENCE, listed)
            .await?;
        for event in &shown {
            let settled = self.settle(event).await?;
            if settled.by == SettledBy::ThisCall {
                tracing::info!(gateway = %event.gateway, event = %event.event, "a payment was found in the gateway's books");
            }
        }
        let books = Books { from, to, shown };
        deciding(|| self.note(gateway.name(), &books, stored.clone())).await?;
        Ok(true)
    }

    /// Opens a case for each difference, and notes how far the books are compared.
    async fn note(
        &self,
        gateway: &GatewayName,
        books: &Books,
        was: Option<Vec<u8>>,
    ) -> Result<(), CompareError> {
        let (store, shop) = (self.0.store(), self.0.id());
        let (from, to) = (books.from - SKEW, self.0.now() + SKEW);
        let known = store.list_payments_through(shop, gateway, from, to).await?;
        let mut batch = self.0.batch(&Actor::job("statements"));
        let found = differences(books, &known);
        for (payment, reason) in &found {
            self.ask_person(&mut batch, payment, *reason).await?;
        }
        let entity = Entity::new(Kind::Shop, shop);
        let details = json!({ "gateway": gateway, "until": books.to, "differences": found.len() });
        batch.record(entity, "statement compared", details);
        batch.push(ChatWrite::SwapState {
            plugin: KEEPER.to_owned(),
            key: gateway.to_string(),
            was,
            value: books.to.timestamp_micros().to_string().into_bytes(),
        });
        match self.0.commit(batch).await {
            // Another process has compared this day.
            Err(CommitError::Conflict) if self.is_past(gateway, books.to).await? => Ok(()),
            done => Ok(done?),
        }
    }

    async fn ask_person(
        &self,
        batch: &mut Batch,
        payment: &Payment,
        reason: CaseReason,
    ) -> Result<(), StoreError> {
        let invoice = match payment.invoice {
            Some(invoice) => self.0.store().find_invoice(self.0.id(), invoice).await?,
            None => None,
        };
        let case = Case {
            id: self.0.ids().next(),
            reason,
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

    async fn is_past(&self, gateway: &GatewayName, to: Timestamp) -> Result<bool, StoreError> {
        let stored = self.compared(gateway).await?;
        Ok(stored.as_deref().and_then(moment) >= Some(to))
    }

    async fn compared(&self, gateway: &GatewayName) -> Result<Option<Vec<u8>>, StoreError> {
        let (store, shop) = (self.0.store(), self.0.id());
        store.find_state(shop, KEEPER, gateway.as_str()).await
    }
}

fn moment(stored: &[u8]) -> Option<Timestamp> {
    let micros = std::str::from_utf8(stored).ok()?.parse().ok()?;
    Some(from_micros(micros))
}

/// The payments of that time which the books don't show, or at another amount.
fn differences<'a>(books: &Books, known: &'a [Payment]) -> Vec<(&'a Payment, CaseReason)> {
    let shown: BTreeMap<&EventId, Money> = books
        .shown
        .iter()
        .map(|event| (&event.event, event.amount))
        .collect();
    let within = |payment: &&Payment| books.from <= payment.paid_at && payment.paid_at < books.to;
    let judged = known
        .iter()
        .filter_map(|payment| match shown.get(&payment.event) {
            Some(amount) if *amount == payment.amount => None,
            Some(_) => Some((payment, CaseReason::OtherInStatement)),
            None => within(&payment).then_some((payment, CaseReason::NotInStatement)),
        });
    judged.collect()
}
