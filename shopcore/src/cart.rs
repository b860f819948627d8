//! Carts: what a customer means to buy, at the prices they were shown.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::catalog::{Offer, Visibility};
use crate::id::{CustomerId, ProductId};
use crate::money::Money;
use crate::text::VoucherCode;

/// A product in a cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    /// The product.
    pub product: ProductId,
    /// How many, 1 to [`Cart::QUANTITY_MAX`].
    pub quantity: u32,
    /// The price of one that the customer saw and accepted.
    pub accepted: Money,
}

/// What a customer means to buy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cart {
    /// Whose it is.
    pub customer: CustomerId,
    /// At most [`Cart::LINES_MAX`] lines, one for each product.
    pub lines: Vec<CartLine>,
    /// The voucher to use.
    pub voucher: Option<VoucherCode>,
    /// Raised by every change; 0 for a cart never stored.
    pub version: u32,
}

/// Why a cart was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CartRefusal {
    /// More lines than [`Cart::LINES_MAX`].
    #[error("a cart holds at most {} products", Cart::LINES_MAX)]
    TooManyLines,
    /// More of one product than [`Cart::QUANTITY_MAX`].
    #[error("at most {} of one product", Cart::QUANTITY_MAX)]
    TooMany,
}

impl Cart {
    /// The most lines.
    pub const LINES_MAX: usize = 50;
    /// The most units of one product.
    pub const QUANTITY_MAX: u32 = 1_000;

    /// A cart with nothing in it.
    #[must_use]
    pub fn empty(customer: CustomerId) -> Self {
        Self {
            customer,
            lines: Vec::new(),
            voucher: None,
            version: 0,
        }
    }

    /// How many of a product are in it.
    #[must_use]
    pub fn quantity(&self, product: ProductId) -> u32 {
        self.lines
            .iter()
            .find(|line| line.product == product)
            .map_or(0, |line| line.quantity)
    }

    /// Puts `quantity` of a product in at the price that was shown; 0 takes it out.
    ///
    /// # Errors
    /// [`CartRefusal`]; the cart is unchanged then.
    pub fn set(
        &mut self,
        product: ProductId,
        quantity: u32,
        price: Money,
    ) -> Result<(), CartRefusal> {
        if quantity > Self::QUANTITY_MAX {
            return Err(CartRefusal::TooMany);
        }
        let found = self.lines.iter().position(|line| line.product == product);
        match (found, quantity) {
            (Some(index), 0) => drop(self.lines.remove(index)),
            (None, 0) => {}
            (Some(index), _) => {
                self.lines[index] = CartLine {
                    product,
                    quantity,
                    accepted: price,
                }
            }
            (None, _) if self.lines.len() >= Self::LINES_MAX => {
                return Err(CartRefusal::TooManyLines);
            }
            (None, _) => self.lines.push(CartLine {
                product,
                quantity,
                accepted: price,
            }),
        }
        Ok(())
    }
}

/// How a line differs from what the customer accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The price is another one now.
    Price {
        /// The product.
        product: ProductId,
        /// What was accepted.
        accepted: Money,
        /// What it costs now.
        now: Money,
    },
    /// Fewer are available than wanted.
    Fewer {
        /// The product.
        product: ProductId,
        /// How many are wanted.
        wanted: u32,
        /// How many there are.
        available: u64,
    },
    /// It is no longer sold.
    Gone {
        /// The product.
        product: ProductId,
    },
}

/// Compares a line with what the shop offers now; `None` where the product is not there any more.
#[must_use]
pub fn compare(line: &CartLine, offer: Option<&Offer>) -> Option<Change> {
    let product = line.product;
    let Some(offer) = offer.filter(|offer| offer.product.visibility == Visibility::Listed) else {
        return Some(Change::Gone { product });
    };
    if let crate::catalog::Availability::Units(available) = offer.available
        && !offer.available.covers(line.quantity)
    {
        return Some(Change::Fewer {
            product,
            wanted: line.quantity,
            available,
        });
    }
    let now = offer.product.price;
    (now != line.accepted).then_some(Change::Price {
        product,
        accepted: line.accepted,
        now,
    })
}
