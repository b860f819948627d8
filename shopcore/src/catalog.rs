//! The catalogue: categories, and products with their price and the rules of their sale.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::id::{CategoryId, ProductId};
use crate::money::Money;
use crate::text::{Description, Emoji, Name, ProductCode};
use crate::time::Timestamp;

/// A shelf of products.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// Its id.
    pub id: CategoryId,
    /// Its name, unique in the shop.
    pub name: Name,
    /// The sign in front of its name.
    pub emoji: Option<Emoji>,
    /// Where it stands among the others: from low to high, and by name where alike.
    pub place: u32,
    /// Raised by every edit.
    pub version: u32,
}

impl Category {
    /// A category as it comes into being: without a sign, in the first place.
    #[must_use]
    pub fn new(id: CategoryId, name: Name) -> Self {
        Self {
            id,
            name,
            emoji: None,
            place: 0,
            version: 1,
        }
    }

    /// The name with the sign in front of it.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.emoji {
            Some(emoji) => format!("{emoji} {}", self.name),
            None => self.name.to_string(),
        }
    }
}

/// What a product hands over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Supply {
    /// Each unit is sold once; the stock is the count of available units.
    Units,
    /// One content, sold any number of times.
    Unlimited,
}

/// What happens to a payment that arrives after its order expired or was cancelled.
///
/// The order of the variants is their strictness: an order takes the strictest of its products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LatePolicy {
    /// Deliver at the frozen price while stock and voucher last, else credit the wallet.
    Deliver,
    /// Credit the wallet.
    Credit,
    /// Open a review case.
    Review,
}

/// Who sees a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Shown and sold.
    Listed,
    /// Neither shown nor sold.
    Hidden,
    /// Neither shown nor sold, and out of the team's sight as well.
    Archived,
}

/// Something for sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// The seller's code, unique in the shop.
    pub code: ProductCode,
    /// Its name.
    pub name: Name,
    /// What it is.
    pub description: Option<Description>,
    /// Terms sent along with the goods.
    pub terms: Option<crate::terms::Terms>,
    /// The price of one unit, more than zero or zero for a gift.
    pub price: Money,
    /// The shelf it stands on.
    pub category: Option<CategoryId>,
    /// What it hands over.
    pub supply: Supply,
    /// What happens to a late payment.
    pub late: LatePolicy,
    /// Who sees it.
    pub visibility: Visibility,
    /// How many a customer may buy in all; `None` for any number. Orders that expired, were
    /// cancelled or paid back don't count.
    pub per_customer: Option<u32>,
    /// The count of available units at which the team is told that stock runs low.
    pub low_at: u32,
    /// When it came into being.
    pub created_at: Timestamp,
    /// Raised by every edit, untouched by sales.
    pub version: u32,
}

/// How many units can be bought now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Availability {
    /// This many units.
    Units(u64),
    /// Any number.
    Unlimited,
}

impl Product {
    /// The count of available units at which the team is told, unless an edit says otherwise.
    pub const LOW_AT: u32 = 3;
}

impl Availability {
    /// Whether `quantity` can be bought.
    #[must_use]
    pub fn covers(self, quantity: u32) -> bool {
        match self {
            Self::Units(count) => count >= u64::from(quantity),
            Self::Unlimited => true,
        }
    }

    /// Whether nothing can be bought.
    #[must_use]
    pub fn is_none(self) -> bool {
        !self.covers(1)
    }
}

/// A product beside what can be bought of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The product.
    pub product: Product,
    /// The count of available units.
    pub available: Availability,
}

/// Why a price was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PriceError {
    /// Below zero.
    #[error("the price is negative")]
    Negative,
    /// Above [`Money::MAX_MINOR`].
    #[error("the price is too large")]
    TooLarge,
}

/// Checks a price: zero up to [`Money::MAX_MINOR`].
///
/// # Errors
/// [`PriceError`].
pub fn check_price(price: Money) -> Result<Money, PriceError> {
    if price.is_negative() {
        return Err(PriceError::Negative);
    }
    if price.minor() > Money::MAX_MINOR {
        return Err(PriceError::TooLarge);
    }
    Ok(price)
}
