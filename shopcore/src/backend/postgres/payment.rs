//! Payments, one for each event of a gateway.

use super::gather::{Question, gathered};
use super::rows::{Columns, Query, Sql, query_of};
use crate::id::ShopId;
use crate::invoice::{EventId, GatewayName, Payment};

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

/// The payment of an event.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ByEvent(
    pub(super) ShopId,
    pub(super) GatewayName,
    pub(super) EventId,
);

impl Question for ByEvent {
    type Row = Payment;

    fn ask(questions: &[&Self]) -> Query {
        let sql = gathered!(
            "$2::text[], $3::text[]",
            "gateway, event",
            select_payments!(
                "AS p WHERE p.shop_id = asked.shop_id AND p.gateway = asked.gateway
                    AND p.event = asked.event"
            ),
            ""
        );
        let gateways = questions
            .iter()
            .map(|Self(_, gateway, _)| gateway.as_str().to_owned());
        let events = questions
            .iter()
            .map(|Self(_, _, event)| event.as_str().to_owned());
        let (gateways, events): (Vec<_>, Vec<_>) = (gateways.collect(), events.collect());
        let of = query_of(sql, questions.iter().map(|Self(shop, ..)| *shop));
        of.bind(gateways).bind(events)
    }

    fn read(columns: &mut Columns<'_>) -> Sql<Self::Row> {
        payment(columns)
    }
}
