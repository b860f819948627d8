//! Carts.

use std::collections::HashMap;

use thiserror::Error;

use super::{Shop, deciding, outdated};
use crate::cart::{Cart, CartLine, CartRefusal, Change, compare};
use crate::catalog::Offer;
use crate::id::{CustomerId, ProductId};
use crate::money::{self, Money, MoneyError};
use crate::store::{CartWrite, CommitError, StoreError};
use crate::text::VoucherCode;
use crate::voucher::{Item, QuoteError, Voucher, VoucherRefusal, quote};

/// Why a cart was not read or changed.
#[derive(Debug, Error)]
pub enum CartError {
    /// The cart is full.
    #[error(transparent)]
    Refused(#[from] CartRefusal),
    /// The voucher does not apply.
    #[error(transparent)]
    Voucher(#[from] VoucherRefusal),
    /// The amounts can't be computed.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store can't be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}
outdated!(CartError);

/// A line of a cart beside what the shop offers now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartViewLine {
    /// The line.
    pub line: CartLine,
    /// The product now, where it is still there.
    pub offer: Option<Offer>,
    /// How it differs from what the customer accepted.
    pub change: Option<Change>,
}

/// A cart with everything a customer wants to know of it, at the prices of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartView {
    /// The cart.
    pub cart: Cart,
    /// Its lines.
    pub lines: Vec<CartViewLine>,
    /// The sum of the lines that can be bought.
    pub subtotal: Money,
    /// What the voucher takes off.
    pub discount: Money,
    /// What is to be paid.
    pub total: Money,
    /// The voucher, or why it does not apply.
    pub voucher: Option<Result<Voucher, VoucherRefusal>>,
}

impl CartView {
    /// Whether something must be accepted before the cart can be bought.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.lines.iter().any(|line| line.change.is_some())
    }
}

/// Carts of a shop's customers.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/corner.rs"));
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let Corner { shop, product, customer, chat } = Corner::open().await?;
/// shop.carts().set(customer.id, product.id, 2, product.price).await?;
/// let view = shop.carts().view(customer.id).await?;
/// assert_eq!(view.total.to_string(), "$9.98");
/// assert!(!view.is_changed());
/// # let _ = (product, customer, chat);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Carts<'a>(pub(super) &'a Shop);

impl Carts<'_> {
    /// A customer's cart as it stands now.
    ///
    /// # Errors
    /// [`CartError::Store`] or [`CartError::Money`].
    pub async fn view(&self, customer: CustomerId) -> Result<CartView, CartError> {
        let cart = self.0.store().get_cart(self.0.id(), customer).await?;
        let offers = self.offers(&cart).await?;
        let lines: Vec<_> = cart
            .lines
            .iter()
            .map(|line| view_line(line, &offers))
            .collect();
        let items = items(&lines)?;
        let subtotal = money::sum(self.0.currency(), items.iter().map(|item| item.amount))?;
        let voucher = self.voucher(&cart, &items).await?;
        let discount = match &voucher {
            Some(Ok((_, discount))) => *discount,
            Some(Err(_)) | None => Money::zero(self.0.currency()),
        };
        let total = subtotal.checked_sub(discount)?;
        let voucher = voucher.map(|quoted| quoted.map(|(voucher, _)| voucher));
        Ok(CartView {
            cart,
            lines,
            subtotal,
            discount,
            total,
            voucher,
        })
    }

    /// Puts `quantity` of a product in, at the price the customer was shown; 0 takes it out.
    ///
    /// # Errors
    /// [`CartError`]; the cart is unchanged then.
    pub async fn set(
        &self,
        customer: CustomerId,
        product: ProductId,
        quantity: u32,
        price: Money,
    ) -> Result<Cart, CartError> {
        self.change(customer, |cart| cart.set(product, quantity, price))
            .await
    }

    /// Uses a voucher, or none. A voucher that can't apply at all is refused.
    ///
    /// # Errors
    /// [`CartError::Voucher`] for a code that is unknown; the cart is unchanged then.
    pub async fn set_voucher(
        &self,
        customer: CustomerId,
        code: Option<VoucherCode>,
    ) -> Result<Cart, CartError> {
        if let Some(code) = &code {
            let found = self.0.store().find_voucher(self.0.id(), code).await?;
            found.ok_or(VoucherRefusal::Unknown)?;
        }
        self.change(customer, |cart| {
            cart.voucher.clone_from(&code);
            Ok(())
        })
        .await
    }

    /// Accepts every change: prices of now, at most what is available; what is gone leaves.
    ///
    /// # Errors
    /// [`CartError`]; the cart is unchanged then.
    pub async fn accept(&self, customer: CustomerId) -> Result<Cart, CartError> {
        let view = self.view(customer).await?;
        self.change(customer, |cart| {
            for line in &view.lines {
                accept_line(cart, line)?;
            }
            Ok(())
        })
        .await
    }

    /// Empties the cart.
    ///
    /// # Errors
    /// [`CartError::Store`] or [`CartError::Commit`].
    pub async fn clear(&self, customer: CustomerId) -> Result<Cart, CartError> {
        self.change(customer, |cart| {
            cart.lines.clear();
            cart.voucher = None;
            Ok(())
        })
        .await
    }

    async fn change(
        &self,
        customer: CustomerId,
        edit: impl Fn(&mut Cart) -> Result<(), CartRefusal>,
    ) -> Result<Cart, CartError> {
        deciding(|| async {
            let mut cart = self.0.store().get_cart(self.0.id(), customer).await?;
            let was = cart.version;
            edit(&mut cart)?;
            cart.version = was.saturating_add(1);
            let mut batch = self.0.chore();
            batch.push(CartWrite::Put {
                cart: cart.clone(),
                was,
            });
            self.0.commit(batch).await?;
            Ok(cart)
        })
        .await
    }

    async fn offers(&self, cart: &Cart) -> Result<HashMap<ProductId, Offer>, StoreError> {
        let products: Vec<_> = cart.lines.iter().map(|line| line.product).collect();
        let most = u64::from(Cart::QUANTITY_MAX);
        let offers = self
            .0
            .store()
            .get_offers(self.0.id(), &products, most)
            .await?;
        Ok(offers
            .into_iter()
            .map(|offer| (offer.product.id, offer))
            .collect())
    }

    async fn voucher(
        &self,
        cart: &Cart,
        items: &[Item],
    ) -> Result<Option<Result<(Voucher, Money), VoucherRefusal>>, CartError> {
        let Some(code) = &cart.voucher else {
            return Ok(None);
        };
        let Some(voucher) = self.0.store().find_voucher(self.0.id(), code).await? else {
            return Ok(Some(Err(VoucherRefusal::Unknown)));
        };
        match quote(&voucher, items, self.0.now()) {
            Ok(discount) => Ok(Some(Ok((voucher, discount)))),
            Err(QuoteError::Refused(refusal)) => Ok(Some(Err(refusal))),
            Err(QuoteError::Money(error)) => Err(error.into()),
        }
    }
}

fn view_line(line: &CartLine, offers: &HashMap<ProductId, Offer>) -> CartViewLine {
    let offer = offers.get(&line.product);
    CartViewLine {
        line: line.clone(),
        offer: offer.cloned(),
        change: compare(line, offer),
    }
}

fn items(lines: &[CartViewLine]) -> Result<Vec<Item>, MoneyError> {
    let sellable = lines
        .iter()
        .filter(|line| !matches!(line.change, Some(Change::Gone { .. })));
    sellable
        .filter_map(|line| line.offer.as_ref().map(|offer| (line, &offer.product)))
        .map(|(line, product)| {
            let amount = product.price.checked_mul(line.line.quantity)?;
            Ok(Item {
                product: product.id,
                category: product.category,
                amount,
            })
        })
        .collect()
}

fn accept_line(cart: &mut Cart, view: &CartViewLine) -> Result<(), CartRefusal> {
    let CartLine {
        product,
        quantity,
        accepted,
    } = view.line;
    match &view.change {
        None => Ok(()),
        Some(Change::Gone { .. }) => cart.set(product, 0, accepted),
        Some(Change::Price { now, .. }) => cart.set(product, quantity, *now),
        Some(Change::Fewer { available, .. }) => {
            let left = u32::try_from(*available).unwrap_or(quantity).min(quantity);
            let price = view
                .offer
                .as_ref()
                .map_or(accepted, |offer| offer.product.price);
            cart.set(product, left, price)
        }
    }
}
