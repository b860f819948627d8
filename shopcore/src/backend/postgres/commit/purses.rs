//! What is left in wallets while a group is judged.
//!
//! Balances are read before anything is written, and counted batch by batch; each wallet is
//! changed once for the whole group, and only where another process has left enough.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::failure::Failure;
use super::ledger::{self, Change, READ, Wallet};
use super::script::{Answers, Script};
use crate::id::CustomerId;
use crate::ledger::{Account, Transfer};
use crate::money::Money;
use crate::store::Rejection;

/// A wallet's stored balance, if it is there, and the one that the group leaves.
#[derive(Default)]
struct Purse {
    stored: Option<i64>,
    left: Option<i64>,
}

impl Purse {
    fn balance(&self) -> i64 {
        self.left.or(self.stored).unwrap_or(0)
    }

    /// What the group adds; neither balance is negative, so the difference is a number.
    fn added(&self) -> i64 {
        self.balance().saturating_sub(self.stored.unwrap_or(0))
    }
}

/// The wallets that a group moves.
#[derive(Default)]
pub(super) struct Purses(BTreeMap<Wallet, Purse>);

/// The wallets that a transfer moves.
fn moved(transfer: &Transfer) -> impl Iterator<Item = (CustomerId, Money)> {
    transfer
        .postings()
        .iter()
        .filter_map(|posting| match posting.account {
            Account::Wallet(customer) => Some((customer, posting.amount)),
            Account::Clearing(_)
            | Account::Towards(_)
            | Account::Suspense(_)
            | Account::Sales
            | Account::Fees
            | Account::Refunds
            | Account::Adjustments
            | Account::Exchange => None,
        })
}

impl Purses {
    /// Notes the wallets of a transfer.
    pub(super) fn ask(&mut self, shop: Uuid, transfer: &Transfer) {
        for (customer, amount) in moved(transfer) {
            self.0
                .entry((shop, customer, amount.currency()))
                .or_default();
        }
    }

    pub(super) fn lay(&self, script: &mut Script) {
        let wallets: Vec<_> = self.0.keys().copied().collect();
        ledger::read(&wallets, script);
    }

    pub(super) fn read(&mut self, answers: &Answers) {
        let mut purses: Vec<_> = self.0.values_mut().collect();
        for row in answers.of(READ) {
            if let Some(purse) = purses.get_mut(row.place()) {
                purse.stored = Some(row.number(1));
            }
        }
    }

    /// Whether the wallets hold what a transfer takes, and have room for what it brings.
    pub(super) fn check(&self, shop: Uuid, transfer: &Transfer) -> Result<(), Failure> {
        for (customer, amount) in moved(transfer) {
            let currency = amount.currency();
            let purse = self.0.get(&(shop, customer, currency));
            let balance = purse.map_or(0, Purse::balance);
            let Some(left) = balance.checked_add(amount.minor()) else {
                return Err(Rejection::WalletFull { customer }.into());
            };
            if left < 0 {
                let balance = Money::new(balance, currency);
                return Err(Rejection::InsufficientFunds { customer, balance }.into()); // guard: wallet_funds
            }
        }
        Ok(())
    }

    /// Counts a transfer that goes through.
    pub(super) fn count(&mut self, shop: Uuid, transfer: &Transfer) {
        for (customer, amount) in moved(transfer) {
            let purse = self
                .0
                .entry((shop, customer, amount.currency()))
                .or_default();
            purse.left = purse.balance().checked_add(amount.minor());
        }
    }

    /// Changes the balances.
    pub(super) fn write(&self, script: &mut Script) {
        let moved = self.0.iter().filter(|(_, purse)| purse.left.is_some());
        let (there, new): (Vec<_>, Vec<_>) = moved.partition(|(_, purse)| purse.stored.is_some());
        let changes = |purses: Vec<(&Wallet, &Purse)>| -> Vec<Change> {
            let changes = purses.into_iter().map(|(wallet, purse)| Change {
                wallet: *wallet,
                amount: purse.added(),
            });
            changes.collect()
        };
        ledger::change(&changes(there), &changes(new), script);
    }
}
