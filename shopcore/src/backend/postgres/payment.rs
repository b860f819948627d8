//! Payments, one for each event of a gateway.

use super::rows::{Columns, Sql};
use crate::invoice::Payment;

/// The columns that [`payment`] reads.
macro_rules! select_payments {
    ($rest:literal) => {
        concat!(
            "SELECT id, gateway, event, reference, charge_id, invoice_id, amount, currency, \
             outcome, paid_at, recorded_at FROM payments ",
            $rest
        )
    };
}
pub(super) use select_payments;

/// Every payment, by id.
pub(super) const PAYMENTS: &str = select_payments!("WHERE shop_id = $1 ORDER BY id");

pub(super) fn payment(columns: &mut Columns<'_>) -> Sql<Payment> {
    Ok(Payment {
        id: columns.id()?,
        gateway: columns.text()?,
        event: columns.text()?,
        reference: columns.text()?,
        charge: columns.find_id()?,
        invoice: columns.find_id()?,
        amount: columns.money()?,
        outcome: columns.label()?,
        paid_at: columns.at()?,
        recorded_at: columns.at()?,
    })
}
