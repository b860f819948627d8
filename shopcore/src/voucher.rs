//! Vouchers: a discount under conditions, held at checkout and redeemed at payment.
#![warn(clippy::arithmetic_side_effects)]

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::id::{CategoryId, CustomerId, OrderId, ProductId, VoucherId};
use crate::money::{self, Money, MoneyError, Percent};
use crate::text::VoucherCode;
use crate::time::Timestamp;

/// How much a voucher takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Discount {
    /// A share of what it applies to, rounded down to a minor unit.
    Percent(Percent),
    /// An amount, at most what it applies to.
    Fixed(Money),
}

/// What a voucher applies to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everything in the cart.
    #[default]
    Everything,
    /// These products.
    Products(Vec<ProductId>),
    /// Products of these categories.
    Categories(Vec<CategoryId>),
}

/// Whether a voucher may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// It may.
    On,
    /// An admin switched it off.
    Off,
}

/// The conditions of a voucher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoucherTerms {
    /// How much it takes off.
    pub discount: Discount,
    /// What it applies to.
    pub scope: Scope,
    /// The first moment of its window.
    pub starts_at: Option<Timestamp>,
    /// The first moment after its window.
    pub ends_at: Option<Timestamp>,
    /// The least that what it applies to must cost.
    pub minimum_spend: Option<Money>,
    /// The most it takes off.
    pub maximum_discount: Option<Money>,
    /// The most uses in all, at least 1.
    pub uses_max: u32,
    /// The most uses by one customer, at least 1.
    pub uses_max_per_customer: Option<u32>,
    /// Whether it may be used.
    pub switch: Switch,
}

impl VoucherTerms {
    /// A discount on everything, for `uses_max` uses, without further conditions.
    #[must_use]
    pub fn simple(discount: Discount, uses_max: u32) -> Self {
        Self {
            discount,
            scope: Scope::Everything,
            starts_at: None,
            ends_at: None,
            minimum_spend: None,
            maximum_discount: None,
            uses_max,
            uses_max_per_customer: None,
            switch: Switch::On,
        }
    }
}

/// A voucher with its use so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voucher {
    /// Its id.
    pub id: VoucherId,
    /// What the customer types; unique in the shop.
    pub code: VoucherCode,
    /// Its conditions.
    pub terms: VoucherTerms,
    /// Raised by every edit of the terms, untouched by sales.
    pub terms_version: u32,
    /// Uses held by orders that await their payment.
    pub held: u32,
    /// Uses by paid orders.
    pub redeemed: u32,
}

/// How often a voucher is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Uses {
    /// By orders that await their payment.
    pub held: u32,
    /// By paid orders.
    pub redeemed: u32,
}

impl Uses {
    /// Counts a use where it stands.
    pub fn count(&mut self, state: RedemptionState) {
        match state {
            RedemptionState::Held => self.held = self.held.saturating_add(1),
            RedemptionState::Redeemed => self.redeemed = self.redeemed.saturating_add(1),
            RedemptionState::Released => {}
        }
    }

    /// Whether there are more than `most`.
    #[must_use]
    pub fn exceed(self, most: u32) -> bool {
        self.held.saturating_add(self.redeemed) > most
    }
}

impl Voucher {
    /// Its counted uses.
    #[must_use]
    pub fn uses(&self) -> Uses {
        Uses {
            held: self.held,
            redeemed: self.redeemed,
        }
    }

    /// Uses that are left.
    #[must_use]
    pub fn uses_left(&self) -> u32 {
        self.terms
            .uses_max
            .saturating_sub(self.held)
            .saturating_sub(self.redeemed)
    }
}

/// Where the use of a voucher by an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedemptionState {
    /// Kept for an order that awaits its payment.
    Held,
    /// Used by a paid order.
    Redeemed,
    /// Given back.
    Released,
}

impl RedemptionState {
    /// Whether a redemption may go from here to `to`.
    #[must_use]
    pub fn may_become(self, to: Self) -> bool {
        match self {
            Self::Held => matches!(to, Self::Redeemed | Self::Released),
            Self::Released => matches!(to, Self::Redeemed),
            Self::Redeemed => false,
        }
    }

    /// Whether it counts towards the maximum.
    #[must_use]
    pub fn is_live(self) -> bool {
        match self {
            Self::Held | Self::Redeemed => true,
            Self::Released => false,
        }
    }
}

/// The use of a voucher by one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redemption {
    /// The order; it uses at most one voucher.
    pub order: OrderId,
    /// The voucher.
    pub voucher: VoucherId,
    /// Whose order it is.
    pub customer: CustomerId,
    /// Where it stands.
    pub state: RedemptionState,
}

/// Why a voucher does not apply.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VoucherRefusal {
    /// No such code.
    #[error("there is no such voucher")]
    Unknown,
    /// An admin switched it off.
    #[error("the voucher is switched off")]
    Off,
    /// Before its window.
    #[error("the voucher is valid from {0}")]
    NotYet(Timestamp),
    /// After its window.
    #[error("the voucher ended at {0}")]
    Ended(Timestamp),
    /// Nothing in the cart is in its scope.
    #[error("the voucher does not apply to anything in the cart")]
    OutOfScope,
    /// The cart is worth less than the minimum spend.
    #[error("the voucher needs a purchase of {0}")]
    BelowMinimum(Money),
    /// All uses are held or redeemed.
    #[error("the voucher is used up")]
    Exhausted,
    /// This customer's uses are held or redeemed.
    #[error("the customer has used the voucher as often as allowed")]
    ExhaustedForCustomer,
}

/// What a discount is computed from: a line of a cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// The product.
    pub product: ProductId,
    /// Its category.
    pub category: Option<CategoryId>,
    /// Price times quantity.
    pub amount: Money,
}

/// Why there is no discount.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QuoteError {
    /// The voucher does not apply.
    #[error(transparent)]
    Refused(#[from] VoucherRefusal),
    /// The amounts can't be computed.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Computes the discount on `items` at `now`, between zero and what the voucher applies to.
///
/// The caps on uses are guarded by the write that holds the voucher, not here; here they only
/// spare the customer a useless try.
///
/// # Errors
/// [`QuoteError`].
pub fn quote(voucher: &Voucher, items: &[Item], now: Timestamp) -> Result<Money, QuoteError> {
    let terms = &voucher.terms;
    check_open(voucher, now)?;
    let Some(first) = items.first() else {
        return Err(VoucherRefusal::OutOfScope.into());
    };
    let scoped = items.iter().filter(|item| in_scope(&terms.scope, item));
    let base = money::sum(first.amount.currency(), scoped.map(|item| item.amount))?;
    if !items.iter().any(|item| in_scope(&terms.scope, item)) {
        return Err(VoucherRefusal::OutOfScope.into());
    }
    if let Some(minimum) = terms.minimum_spend
        && base.checked_sub(minimum)?.is_negative()
    {
        return Err(VoucherRefusal::BelowMinimum(minimum).into());
    }
    let off = match terms.discount {
        Discount::Percent(percent) => base.percent(percent)?,
        Discount::Fixed(amount) => amount.checked_min(base)?,
    };
    Ok(terms
        .maximum_discount
        .map_or(Ok(off), |most| off.checked_min(most))?)
}

fn check_open(voucher: &Voucher, now: Timestamp) -> Result<(), VoucherRefusal> {
    let terms = &voucher.terms;
    match (terms.switch, terms.starts_at, terms.ends_at) {
        (Switch::Off, _, _) => Err(VoucherRefusal::Off),
        (Switch::On, Some(start), _) if now < start => Err(VoucherRefusal::NotYet(start)),
        (Switch::On, _, Some(end)) if now >= end => Err(VoucherRefusal::Ended(end)),
        (Switch::On, _, _) if voucher.uses_left() == 0 => Err(VoucherRefusal::Exhausted),
        (Switch::On, _, _) => Ok(()),
    }
}

fn in_scope(scope: &Scope, item: &Item) -> bool {
    match scope {
        Scope::Everything => true,
        Scope::Products(products) => products.contains(&item.product),
        Scope::Categories(list) => item
            .category
            .is_some_and(|category| list.contains(&category)),
    }
}

/// Why terms were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TermsError {
    /// No uses at all.
    #[error("a voucher needs at least one use")]
    NoUses,
    /// A discount of nothing, or below.
    #[error("a voucher must take something off")]
    NoDiscount,
    /// The window ends before it starts.
    #[error("the voucher's window ends before it starts")]
    EmptyWindow,
    /// An amount in a foreign currency or below zero.
    #[error("an amount is negative or not in the shop's currency")]
    Amount,
}

/// Checks new terms in a shop of `currency`.
///
/// # Errors
/// [`TermsError`].
pub fn check_terms(terms: &VoucherTerms, currency: money::Currency) -> Result<(), TermsError> {
    if terms.uses_max == 0 || terms.uses_max_per_customer == Some(0) {
        return Err(TermsError::NoUses);
    }
    let off = match terms.discount {
        Discount::Percent(percent) => percent.basis_points() > 0,
        Discount::Fixed(amount) => amount.is_positive(),
    };
    if !off || terms.maximum_discount.is_some_and(Money::is_zero) {
        return Err(TermsError::NoDiscount);
    }
    if matches!((terms.starts_at, terms.ends_at), (Some(start), Some(end)) if start >= end) {
        return Err(TermsError::EmptyWindow);
    }
    let fixed = match terms.discount {
        Discount::Fixed(amount) => Some(amount),
        Discount::Percent(_) => None,
    };
    let amounts = [fixed, terms.minimum_spend, terms.maximum_discount];
    let fits = |money: &Money| money.currency() == currency && !money.is_negative();
    if amounts.iter().flatten().all(fits) {
        Ok(())
    } else {
        Err(TermsError::Amount)
    }
}
