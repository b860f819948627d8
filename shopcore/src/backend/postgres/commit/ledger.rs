//! Transfers, and the balances of wallets.

use uuid::Uuid;

use super::member::{Member, Part};
use super::script::{Columns, Script, Step};
use crate::id::CustomerId;
use crate::ledger::{Account, Posting, Transfer};
use crate::money::Currency;

const TRANSFER: Step = Step::silent(
    "INSERT INTO transfers (shop_id, id, purpose, invoice_id, payment_id, at)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::int8[])",
);

const POST: Step = Step::silent(
    "INSERT INTO postings (shop_id, transfer_id, place, account, gateway, customer_id, invoice_id,
        payment_id, amount, currency)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int8[], $4::text[], $5::text[], $6::uuid[],
        $7::uuid[], $8::uuid[], $9::int8[], $10::text[])",
);

/// The balances of wallets that are there.
pub(super) const READ: Step = Step::read(
    "SELECT ARRAY[i.ord, wallets.balance] AS numbers, NULL::uuid[] AS ids
    FROM unnest($1::uuid[], $2::uuid[], $3::text[])
        WITH ORDINALITY AS i (shop_id, customer_id, currency, ord)
    JOIN wallets ON wallets.shop_id = i.shop_id AND wallets.customer_id = i.customer_id
        AND wallets.currency = i.currency",
);

const MOVE: Step = Step::guarded(
    "UPDATE wallets SET balance = wallets.balance + i.amount
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int8[])
        WITH ORDINALITY AS i (shop_id, customer_id, currency, amount, ord)
    WHERE wallets.shop_id = i.shop_id AND wallets.customer_id = i.customer_id
        AND wallets.currency = i.currency
        AND wallets.balance <= 9223372036854775807 - greatest(i.amount, 0)
        AND wallets.balance + i.amount >= 0 -- guard: wallet_funds
    RETURNING i.ord",
);

const START: Step = Step::silent(
    "INSERT INTO wallets (shop_id, customer_id, currency, balance)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int8[])
    ON CONFLICT (shop_id, customer_id, currency)
    DO UPDATE SET balance = wallets.balance + excluded.balance",
);

#[cfg(test)]
pub(super) const STEPS: &[Step] = &[TRANSFER, POST, READ, MOVE, START];

/// A wallet, with its shop.
pub(super) type Wallet = (Uuid, CustomerId, Currency);

/// What a group adds to a wallet, all in all.
pub(super) struct Change {
    pub(super) wallet: Wallet,
    pub(super) amount: i64,
}

struct Entry<'a> {
    transfer: Uuid,
    place: i64,
    posting: &'a Posting,
}

/// The transfers of a group.
#[derive(Default)]
pub(super) struct Transfers<'a> {
    transfers: Vec<Part<&'a Transfer>>,
    postings: Vec<Part<Entry<'a>>>,
}

impl<'a> Transfers<'a> {
    pub(super) fn add(&mut self, member: Member, transfer: &'a Transfer) {
        self.transfers.push(member.part(transfer));
        let postings = transfer.postings().iter().zip(0..);
        self.postings.extend(postings.map(|(posting, place)| {
            let transfer = transfer.id.into();
            member.part(Entry {
                transfer,
                place,
                posting,
            })
        }));
    }

    pub(super) fn settle(&self, script: &mut Script) {
        script
            .lay(TRANSFER, &self.transfers)
            .shops()
            .col(|part| Uuid::from(part.row.id))
            .col(|part| part.row.purpose.as_str())
            .col(|part| part.row.invoice.map(Uuid::from))
            .col(|part| part.row.payment.map(Uuid::from))
            .col(|part| part.at);
        script
            .lay(POST, &self.postings)
            .shops()
            .col(|part| part.row.transfer)
            .col(|part| part.row.place)
            .col(|part| part.row.posting.account.kind())
            .col(|part| gateway(&part.row.posting.account))
            .col(|part| about(&part.row.posting.account).customer)
            .col(|part| about(&part.row.posting.account).invoice)
            .col(|part| about(&part.row.posting.account).payment)
            .col(|part| part.row.posting.amount.minor())
            .currency(|part| part.row.posting.amount.currency());
    }
}

/// The ids in an account.
#[derive(Default)]
struct About {
    customer: Option<Uuid>,
    invoice: Option<Uuid>,
    payment: Option<Uuid>,
}

fn about(account: &Account) -> About {
    let mut about = About::default();
    match account {
        Account::Wallet(customer) => about.customer = Some((*customer).into()),
        Account::Towards(invoice) => about.invoice = Some((*invoice).into()),
        Account::Suspense(payment) => about.payment = Some((*payment).into()),
        Account::Clearing(_)
        | Account::Sales
        | Account::Fees
        | Account::Refunds
        | Account::Adjustments
        | Account::Exchange => {}
    }
    about
}

fn gateway(account: &Account) -> Option<&str> {
    if let Account::Clearing(gateway) = account {
        Some(gateway.as_str())
    } else {
        None
    }
}

/// Reads the balances of wallets.
pub(super) fn read(wallets: &[Wallet], script: &mut Script) {
    script
        .lay(READ, wallets)
        .col(|(shop, ..)| *shop)
        .col(|(_, customer, _)| Uuid::from(*customer))
        .currency(|(.., currency)| *currency);
}

/// Changes the balances of wallets that are there, and starts those that are not.
pub(super) fn change(there: &[Change], new: &[Change], script: &mut Script) {
    columns(script.lay(MOVE, there)).or_rival();
    columns(script.lay(START, new));
}

fn columns<'s>(columns: Columns<'s, Change>) -> Columns<'s, Change> {
    columns
        .col(|change| change.wallet.0)
        .col(|change| Uuid::from(change.wallet.1))
        .currency(|change| change.wallet.2)
        .col(|change| change.amount)
}
