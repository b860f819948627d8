//! Invoices, their charges, and payments.

use uuid::Uuid;

use super::member::{Member, Part, in_order};
use super::script::{Script, Step};
use crate::invoice::{
    Charge, ChargeState, GatewayChargeId, Invoice, InvoiceState, PayWith, Payment,
};
use crate::money::Money;
use crate::store::InvoiceWrite;
use crate::time::Timestamp;

const ADD: Step = Step::silent(
    "INSERT INTO invoices (shop_id, id, order_id, customer_id, amount, received, currency, state,
        expires_at, created_at, version)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::int8[], $6::int8[],
        $7::text[], $8::text[], $9::int8[], $10::int8[], $11::int8[])",
);

const CHANGE: Step = Step::guarded(
    "UPDATE invoices SET state = i.becomes, received = i.received, version = invoices.version + 1
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int8[], $5::text[], $6::int8[], $7::text[])
        WITH ORDINALITY AS i (shop_id, id, becomes, received, currency, version, was, ord)
    WHERE invoices.shop_id = i.shop_id AND invoices.id = i.id AND invoices.currency = i.currency
        AND invoices.version = i.version -- guard: invoice_version
        AND invoices.state = i.was -- guard: invoice_from
    RETURNING i.ord",
);

const SET_EXPIRY: Step = Step::guarded(
    "UPDATE invoices SET expires_at = i.expires_at, version = invoices.version + 1
    FROM unnest($1::uuid[], $2::uuid[], $3::int8[], $4::int8[])
        WITH ORDINALITY AS i (shop_id, id, expires_at, version, ord)
    WHERE invoices.shop_id = i.shop_id AND invoices.id = i.id
        AND invoices.version = i.version -- guard: invoice_expiry_version
        AND invoices.state IN ('created', 'waiting') -- guard: invoice_expiry_open
    RETURNING i.ord",
);

const ADD_CHARGES: Step = Step::silent(
    "INSERT INTO charges (shop_id, id, invoice_id, gateway, reference, gateway_id, asked, payable,
        payable_currency, covers, covers_currency, state, pay_with, created_at, poll_at, polls)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],
        $7::int8[], $8::int8[], $9::text[], $10::int8[], $11::text[], $12::text[], $13::text[],
        $14::int8[], $15::int8[], $16::int8[])",
);

const OPEN_CHARGES: Step = Step::guarded(
    "UPDATE charges SET state = 'open', gateway_id = i.gateway_id, payable = i.payable,
        pay_with = i.pay_with, poll_at = i.poll_at
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int8[], $5::text[], $6::text[], $7::int8[])
        WITH ORDINALITY AS i (shop_id, id, gateway_id, payable, currency, pay_with, poll_at, ord)
    WHERE charges.shop_id = i.shop_id AND charges.id = i.id
        AND charges.payable_currency = i.currency
        AND charges.state = 'created' -- guard: charge_open_from
    RETURNING i.ord",
);

const MOVE_CHARGES: Step = Step::guarded(
    "UPDATE charges SET state = i.becomes
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[])
        WITH ORDINALITY AS i (shop_id, id, was, becomes, ord)
    WHERE charges.shop_id = i.shop_id AND charges.id = i.id
        AND charges.state = i.was -- guard: charge_from
    RETURNING i.ord",
);

const POLL_CHARGES: Step = Step::guarded(
    "UPDATE charges SET poll_at = i.poll_at, polls = charges.polls + 1
    FROM unnest($1::uuid[], $2::uuid[], $3::int8[])
        WITH ORDINALITY AS i (shop_id, id, poll_at, ord)
    WHERE charges.shop_id = i.shop_id AND charges.id = i.id
    RETURNING i.ord",
);

const RECORD_PAYMENTS: Step = Step::silent(
    "INSERT INTO payments (shop_id, id, gateway, event, reference, charge_id, invoice_id, amount,
        currency, outcome, paid_at, recorded_at)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::uuid[],
        $7::uuid[], $8::int8[], $9::text[], $10::text[], $11::int8[], $12::int8[])",
);

#[cfg(test)]
pub(super) const STEPS: &[Step] = &[
    ADD,
    CHANGE,
    SET_EXPIRY,
    ADD_CHARGES,
    OPEN_CHARGES,
    MOVE_CHARGES,
    POLL_CHARGES,
    RECORD_PAYMENTS,
];

struct Change {
    invoice: Uuid,
    version: u32,
    from: InvoiceState,
    to: InvoiceState,
    received: Money,
}

struct Opened<'a> {
    charge: Uuid,
    gateway_id: Option<&'a str>,
    payable: Money,
    pay_with: &'a PayWith,
    poll_at: Timestamp,
}

struct Move {
    charge: Uuid,
    from: ChargeState,
    to: ChargeState,
}

/// What a group does to invoices and charges, and the payments it records.
#[derive(Default)]
pub(super) struct Invoices<'a> {
    added: Vec<Part<&'a Invoice>>,
    changes: Vec<Part<Change>>,
    expiries: Vec<Part<(Uuid, u32, Timestamp)>>,
    charges: Vec<Part<&'a Charge>>,
    opened: Vec<Part<Opened<'a>>>,
    moves: Vec<Part<Move>>,
    polls: Vec<Part<(Uuid, Option<Timestamp>)>>,
    payments: Vec<Part<&'a Payment>>,
}

impl<'a> Invoices<'a> {
    pub(super) fn add(&mut self, member: Member, write: &'a InvoiceWrite) {
        match *write {
            InvoiceWrite::Add(ref invoice) => self.added.push(member.part(invoice)),
            InvoiceWrite::Change {
                invoice,
                version,
                from,
                to,
                received,
            } => self.changes.push(member.part(Change {
                invoice: invoice.into(),
                version,
                from,
                to,
                received,
            })),
            InvoiceWrite::SetExpiry {
                invoice,
                version,
                expires_at,
            } => self
                .expiries
                .push(member.part((invoice.into(), version, expires_at))),
            InvoiceWrite::AddCharge(ref charge) => self.charges.push(member.part(charge)),
            InvoiceWrite::OpenCharge {
                charge,
                ref gateway_id,
                payable,
                ref pay_with,
                poll_at,
            } => self.opened.push(member.part(Opened {
                charge: charge.into(),
                gateway_id: gateway_id.as_ref().map(GatewayChargeId::as_str),
                payable,
                pay_with,
                poll_at,
            })),
            InvoiceWrite::MoveCharge { charge, from, to } => self.moves.push(member.part(Move {
                charge: charge.into(),
                from,
                to,
            })),
            InvoiceWrite::PollCharge { charge, poll_at } => {
                self.polls.push(member.part((charge.into(), poll_at)));
            }
            InvoiceWrite::RecordPayment(ref payment) => self.payments.push(member.part(payment)),
        }
    }

    /// New invoices and charges.
    pub(super) fn place(&self, script: &mut Script) {
        script
            .lay(ADD, &self.added)
            .shops()
            .col(|part| Uuid::from(part.row.id))
            .col(|part| part.row.subject.order().map(Uuid::from))
            .col(|part| Uuid::from(part.row.customer))
            .col(|part| part.row.amount.minor())
            .col(|part| part.row.received.minor())
            .currency(|part| part.row.amount.currency())
            .col(|part| part.row.state.as_str())
            .col(|part| part.row.expires_at.timestamp_micros())
            .col(|part| part.row.created_at.timestamp_micros())
            .col(|part| i64::from(part.row.version));
        script
            .lay(ADD_CHARGES, &self.charges)
            .shops()
            .col(|part| Uuid::from(part.row.id))
            .col(|part| Uuid::from(part.row.invoice))
            .col(|part| part.row.gateway.as_str())
            .col(|part| part.row.reference.as_str())
            .col(|part| part.row.gateway_id.as_ref().map(GatewayChargeId::as_str))
            .col(|part| part.row.asked.minor())
            .col(|part| part.row.payable.minor())
            .currency(|part| part.row.payable.currency())
            .col(|part| part.row.covers.minor())
            .currency(|part| part.row.covers.currency())
            .col(|part| part.row.state.as_str())
            .find_json(|part| part.row.pay_with.as_ref())
            .col(|part| part.row.created_at.timestamp_micros())
            .col(|part| part.row.poll_at.map(|at| at.timestamp_micros()))
            .col(|part| i64::from(part.row.polls));
    }

    /// Payments, and what they do to invoices and charges.
    pub(super) fn settle(&mut self, script: &mut Script) {
        script
            .lay(RECORD_PAYMENTS, &self.payments)
            .shops()
            .col(|part| Uuid::from(part.row.id))
            .col(|part| part.row.gateway.as_str())
            .col(|part| part.row.event.as_str())
            .col(|part| part.row.reference.as_str())
            .col(|part| part.row.charge.map(Uuid::from))
            .col(|part| part.row.invoice.map(Uuid::from))
            .col(|part| part.row.amount.minor())
            .currency(|part| part.row.amount.currency())
            .col(|part| part.row.outcome.as_str())
            .col(|part| part.row.paid_at.timestamp_micros())
            .col(|part| part.row.recorded_at.timestamp_micros());
        in_order(&mut self.changes, |row| row.invoice);
        script
            .lay(CHANGE, &self.changes)
            .shops()
            .col(|part| part.row.invoice)
            .col(|part| part.row.to.as_str())
            .col(|part| part.row.received.minor())
            .currency(|part| part.row.received.currency())
            .col(|part| i64::from(part.row.version))
            .col(|part| part.row.from.as_str())
            .or_conflict();
        in_order(&mut self.moves, |row| row.charge);
        script
            .lay(MOVE_CHARGES, &self.moves)
            .shops()
            .col(|part| part.row.charge)
            .col(|part| part.row.from.as_str())
            .col(|part| part.row.to.as_str())
            .or_conflict();
    }

    /// What gateways answered.
    pub(super) fn charge(&mut self, script: &mut Script) {
        in_order(&mut self.opened, |row| row.charge);
        script
            .lay(OPEN_CHARGES, &self.opened)
            .shops()
            .col(|part| part.row.charge)
            .col(|part| part.row.gateway_id)
            .col(|part| part.row.payable.minor())
            .currency(|part| part.row.payable.currency())
            .json(|part| part.row.pay_with)
            .col(|part| part.row.poll_at.timestamp_micros())
            .or_conflict();
        in_order(&mut self.expiries, |(invoice, ..)| *invoice);
        script
            .lay(SET_EXPIRY, &self.expiries)
            .shops()
            .col(|part| part.row.0)
            .col(|part| part.row.2.timestamp_micros())
            .col(|part| i64::from(part.row.1))
            .or_conflict();
        in_order(&mut self.polls, |(charge, _)| *charge);
        script
            .lay(POLL_CHARGES, &self.polls)
            .shops()
            .col(|part| part.row.0)
            .col(|part| part.row.1.map(|at| at.timestamp_micros()))
            .or_conflict();
    }
}
