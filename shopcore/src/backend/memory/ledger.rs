//! Transfers and wallets.

use async_trait::async_trait;

use super::tables::Tables;
use super::{Done, MemoryStore, Read, count, part};
use crate::id::{CustomerId, ShopId};
use crate::ledger::{Account, Posting, Transfer};
use crate::money::{Currency, Money};
use crate::store::{LedgerReader, Listing, Page, Rejection, Statement, TransferRow};
use crate::time::Timestamp;

impl Tables {
    pub(super) fn post(&mut self, transfer: &Transfer, at: Timestamp) -> Done {
        for posting in transfer.postings() {
            if let Some(customer) = wallet(posting) {
                self.move_wallet(customer, posting.amount)?;
                self.transfers_of.put((customer, transfer.id), ());
            }
        }
        let row = TransferRow {
            id: transfer.id,
            purpose: transfer.purpose,
            invoice: transfer.invoice,
            payment: transfer.payment,
            postings: transfer.postings().to_vec(),
            at,
        };
        self.transfers.insert(transfer.id, row)
    }

    fn move_wallet(&mut self, customer: CustomerId, amount: Money) -> Done {
        let balance = self.balance(customer, amount.currency());
        let moved = balance
            .checked_add(amount)
            .map_err(|_| Rejection::WalletFull { customer })?;
        if moved.is_negative() {
            return Err(Rejection::InsufficientFunds { customer, balance }.into());
        }
        self.wallets.put((customer, amount.currency()), moved);
        Ok(())
    }

    pub(super) fn balance(&self, customer: CustomerId, currency: Currency) -> Money {
        let stored = self.wallets.get(&(customer, currency)).copied();
        stored.unwrap_or(Money::zero(currency))
    }
}

pub(super) fn wallet(posting: &Posting) -> Option<CustomerId> {
    match &posting.account {
        Account::Wallet(customer) => Some(*customer),
        Account::Clearing(_)
        | Account::Towards(_)
        | Account::Suspense(_)
        | Account::Sales
        | Account::Fees
        | Account::Refunds
        | Account::Adjustments
        | Account::Exchange => None,
    }
}

fn statements(
    tables: &Tables,
    transfer: &TransferRow,
    customer: CustomerId,
) -> impl Iterator<Item = Statement> {
    let payment = transfer.payment.and_then(|id| tables.payments.get(&id));
    let outcome = payment.map(|payment| payment.outcome);
    let postings = transfer.postings.iter();
    let theirs = postings.filter(move |posting| wallet(posting) == Some(customer));
    theirs.map(move |posting| Statement {
        amount: posting.amount,
        purpose: transfer.purpose,
        outcome,
        invoice: transfer.invoice,
        at: transfer.at,
    })
}

#[async_trait]
impl LedgerReader for MemoryStore {
    async fn balance(&self, shop: ShopId, customer: CustomerId, currency: Currency) -> Read<Money> {
        Ok(self.read(shop, |tables| tables.balance(customer, currency)))
    }

    async fn list_statements(
        &self,
        shop: ShopId,
        customer: CustomerId,
        page: Page,
    ) -> Read<Listing<Statement>> {
        Ok(self.read(shop, |tables| {
            let ids = tables.transfers_of.under(customer).rev();
            let transfers = ids.filter_map(|id| tables.transfers.get(&id));
            let all: Vec<_> = transfers
                .flat_map(|row| statements(tables, row, customer))
                .collect();
            Listing {
                total: count(all.len()),
                items: part(all.into_iter(), page),
            }
        }))
    }
}
