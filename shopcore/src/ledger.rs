//! The ledger: double entry, in transfers that sum to zero in every currency.
#![warn(clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::id::{CustomerId, InvoiceId, PaymentId, TransferId};
use crate::invoice::GatewayName;
use crate::money::{Currency, Money, MoneyError};

/// Where money is.
///
/// A posting above zero adds to what the shop owes or has earned there; gateways are debited
/// (below zero) for what they hold for the shop.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// Collected by a gateway.
    Clearing(GatewayName),
    /// A customer's to spend; the only account with a stored balance.
    Wallet(CustomerId),
    /// Paid towards an invoice that is not complete yet.
    Towards(InvoiceId),
    /// Waits for a review case about this payment.
    Suspense(PaymentId),
    /// Earned.
    Sales,
    /// Added by gateways to what the shop asked for.
    Fees,
    /// Given back.
    Refunds,
    /// Credits and debits that an admin made.
    Adjustments,
    /// Where currencies meet: each side of an exchange is posted against it.
    Exchange,
}

impl Account {
    /// The account's kind, as stores keep it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Clearing(_) => "clearing",
            Self::Wallet(_) => "wallet",
            Self::Towards(_) => "towards",
            Self::Suspense(_) => "suspense",
            Self::Sales => "sales",
            Self::Fees => "fees",
            Self::Refunds => "refunds",
            Self::Adjustments => "adjustments",
            Self::Exchange => "exchange",
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clearing(gateway) => write!(f, "clearing {gateway}"),
            Self::Wallet(customer) => write!(f, "wallet {customer}"),
            Self::Towards(invoice) => write!(f, "towards {invoice}"),
            Self::Suspense(payment) => write!(f, "suspense {payment}"),
            Self::Sales | Self::Fees | Self::Refunds | Self::Adjustments | Self::Exchange => {
                f.write_str(self.kind())
            }
        }
    }
}

/// What a transfer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A payment that a gateway collected.
    Payment,
    /// An order paid from the wallet.
    WalletPayment,
    /// Part payments of an invoice that ended unpaid, moved to the wallet.
    Leftover,
    /// The outcome of a review case.
    Review,
    /// Money of a paid order that goes back.
    Refund,
    /// A credit or debit that an admin made.
    Adjustment,
}

impl Purpose {
    /// The purpose's name in stores and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::WalletPayment => "wallet_payment",
            Self::Leftover => "leftover",
            Self::Review => "review",
            Self::Refund => "refund",
            Self::Adjustment => "adjustment",
        }
    }
}

/// An amount on an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// The account.
    pub account: Account,
    /// The amount, never zero.
    pub amount: Money,
}

/// Money that moves between accounts, as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its id.
    pub id: TransferId,
    /// What it is for.
    pub purpose: Purpose,
    /// The invoice it is about.
    pub invoice: Option<InvoiceId>,
    /// The payment it is about.
    pub payment: Option<PaymentId>,
    postings: Vec<Posting>,
}

/// Why a transfer can't be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TransferError {
    /// The postings of a currency don't sum to zero.
    #[error("postings in {0} don't sum to zero")]
    Unbalanced(Currency),
    /// Nothing moves.
    #[error("a transfer needs postings")]
    Empty,
    /// A sum does not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Transfer {
    /// Makes a transfer of postings; those of one account are added up, zeros are left out.
    ///
    /// # Errors
    /// [`TransferError`].
    pub fn new(
        id: TransferId,
        purpose: Purpose,
        postings: impl IntoIterator<Item = (Account, Money)>,
    ) -> Result<Self, TransferError> {
        let mut sums: BTreeMap<Currency, Money> = BTreeMap::new();
        let mut accounts: BTreeMap<(Account, Currency), Money> = BTreeMap::new();
        for (account, amount) in postings {
            let currency = amount.currency();
            add(
                sums.entry(currency).or_insert(Money::zero(currency)),
                amount,
            )?;
            add(
                accounts
                    .entry((account, currency))
                    .or_insert(Money::zero(currency)),
                amount,
            )?;
        }
        if let Some((currency, _)) = sums.iter().find(|(_, sum)| !sum.is_zero()) {
            return Err(TransferError::Unbalanced(*currency));
        }
        let moved = accounts.into_iter().filter(|(_, amount)| !amount.is_zero());
        let postings: Vec<_> = moved
            .map(|((account, _), amount)| Posting { account, amount })
            .collect();
        if postings.is_empty() {
            return Err(TransferError::Empty);
        }
        Ok(Self {
            id,
            purpose,
            invoice: None,
            payment: None,
            postings,
        })
    }

    /// Says which invoice it is about.
    #[must_use]
    pub fn about_invoice(self, invoice: InvoiceId) -> Self {
        Self {
            invoice: Some(invoice),
            ..self
        }
    }

    /// Says which payment it is about.
    #[must_use]
    pub fn about_payment(self, payment: PaymentId) -> Self {
        Self {
            payment: Some(payment),
            ..self
        }
    }

    /// What moves: at most one posting for each account and currency.
    #[must_use]
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }
}

fn add(sum: &mut Money, amount: Money) -> Result<(), MoneyError> {
    *sum = sum.checked_add(amount)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transfers_balance_or_are_refused() {
        let id = TransferId::from(uuid::Uuid::nil());
        let usd = |minor| Money::new(minor, Currency::USD);
        let uneven = [(Account::Sales, usd(5)), (Account::Fees, usd(-4))];
        assert_eq!(
            Transfer::new(id, Purpose::Payment, uneven),
            Err(TransferError::Unbalanced(Currency::USD))
        );
        let nothing = [(Account::Sales, usd(5)), (Account::Sales, usd(-5))];
        assert_eq!(
            Transfer::new(id, Purpose::Payment, nothing),
            Err(TransferError::Empty)
        );
        let parts = [
            (Account::Sales, usd(2)),
            (Account::Sales, usd(3)),
            (Account::Fees, usd(-5)),
        ];
        assert_eq!(
            Transfer::new(id, Purpose::Payment, parts)
                .unwrap()
                .postings()
                .len(),
            2
        );
    }
}
