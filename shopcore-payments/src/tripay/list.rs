//! The list of a merchant's transactions ("Merchant: Daftar Transaksi").

use std::collections::BTreeMap;

use chrono::TimeDelta;
use reqwest::Method;
use shopcore::gateway::GatewayError;
use shopcore::invoice::{PaymentEvent, Reference};
use shopcore::time::Timestamp;

use super::Tripay;
use super::told::{Status, Told, Transaction, named, refused};
use crate::call::Repeat;

/// The most transactions of one page.
const PAGE: &str = "50";

/// No channel gives a customer more time.
const LIFE_MAX: TimeDelta = TimeDelta::days(30);

impl Tripay {
    /// The transactions of one reference of the shop.
    pub(super) async fn named(
        &self,
        reference: &Reference,
    ) -> Result<Vec<Transaction>, GatewayError> {
        let request = self.caller.request(Method::GET, "/merchant/transactions");
        let request = request.query(&[("merchant_ref", reference.as_str()), ("per_page", PAGE)]);
        let mut found: Vec<Transaction> = self.call(Repeat::Safe, request).await?.data()?;
        found.retain(|transaction| transaction.merchant_ref.as_deref() == Some(reference.as_str()));
        Ok(found)
    }

    async fn page(&self, number: u32) -> Result<Told<Vec<Transaction>>, GatewayError> {
        let request = self.caller.request(Method::GET, "/merchant/transactions");
        let number = number.to_string();
        let request = request.query(&[
            ("sort", "desc"),
            ("per_page", PAGE),
            ("page", number.as_str()),
        ]);
        self.call(Repeat::Safe, request).await
    }

    /// Every payment of `from` to before `to`. The list goes by when transactions were made, so it
    /// is read, newest first, until none could have been paid so late. What moves to the next page
    /// meanwhile is seen twice and told once.
    pub(super) async fn paid_within(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<PaymentEvent>, GatewayError> {
        let mut payments = BTreeMap::new();
        for number in 1.. {
            let told = self.page(number).await?;
            let last = told.pagination.as_ref().map_or(1, |at| at.last_page);
            let page = told.data()?;
            let payment = |found| self.paid(found, from, to).transpose();
            for payment in page.iter().filter_map(payment) {
                let payment = payment?;
                payments.insert(payment.event.clone(), payment);
            }
            let is_last = number >= last || page.is_empty();
            if is_last || page.iter().any(|found| is_too_old(found, from)) {
                break;
            }
        }
        Ok(payments.into_values().collect())
    }

    fn paid(
        &self,
        found: &Transaction,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Option<PaymentEvent>, GatewayError> {
        let is_paid = matches!(found.status, Status::Paid | Status::Refund);
        let is_within = found.paid_at().is_some_and(|at| from <= at && at < to);
        if !is_paid || !is_within {
            return Ok(None);
        }
        let reference = named(found.merchant_ref.as_deref(), &found.reference);
        let reference = reference.ok_or_else(|| refused("its reference is none"))?;
        self.payment(found, &reference).map(Some)
    }
}

/// Whether a transaction, and so every one after it, was made too early to be paid after `from`.
fn is_too_old(found: &Transaction, from: Timestamp) -> bool {
    let oldest = from.checked_sub_signed(LIFE_MAX);
    match (found.created_at(), oldest) {
        (Some(made), Some(oldest)) => made < oldest,
        (None, _) | (_, None) => false,
    }
}
