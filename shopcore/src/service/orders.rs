//! Orders and their goods.

use std::cmp::Reverse;

use serde_json::json;
use thiserror::Error;

use super::Shop;
use super::settling::enqueue_delivery;
use super::stocks::{self, StockError};
use crate::audit::{Actor, Entity, Kind, Record};
use crate::id::OrderId;
use crate::order::{Order, OrderLine, OrderNumber, OrderState};
use crate::stock::{Content, Unit};
use crate::store::{CommitError, Listing, OrderFilter, Page, StoreError, UnitFilter};

/// Why an order or its goods were not given.
#[derive(Debug, Error)]
pub enum OrderError {
    /// No such order.
    #[error("there is no such order")]
    Unknown,
    /// Only paid orders have goods.
    #[error("the order is {}", .0.as_str())]
    NotPaid(OrderState),
    /// Contents of the order are missing.
    #[error("contents of the order are missing")]
    Incomplete,
    /// A content can't be opened.
    #[error(transparent)]
    Stock(#[from] StockError),
    /// A table can't be written.
    #[error("the table can't be written")]
    Table(#[source] csv::Error),
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store can't be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// The goods of one line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goods {
    /// The line.
    pub line: OrderLine,
    /// Its contents: as many as its quantity, or the one of an unlimited product.
    pub contents: Vec<Content>,
}

/// Orders of a shop.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/corner.rs"));
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let Corner { shop, product, customer, chat } = Corner::open().await?;
/// use shopcore::audit::Actor;
/// use shopcore::store::RequestKey;
/// use shopcore::text::Reason;
///
/// let me = Actor::Customer(customer.id);
/// shop.wallet().adjust(&Actor::Operator, customer.id, product.price, &Reason::parse("gift")?, &shop.new_request()).await?;
/// shop.carts().set(customer.id, product.id, 1, product.price).await?;
/// let placed = shop.checkout().place_cart(&chat, customer.id, RequestKey("1".to_owned())).await?;
/// shop.checkout().pay_from_wallet(&me, placed.invoice.id).await?;
/// let goods = shop.orders().goods(&me, placed.order.id).await?;
/// assert_eq!(goods[0].contents.len(), 1);
/// # let _ = (product, customer, chat);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Orders<'a>(pub(super) &'a Shop);

impl Orders<'_> {
    /// The order of this id.
    ///
    /// # Errors
    /// [`OrderError::Unknown`] or [`OrderError::Store`].
    pub async fn get(&self, order: OrderId) -> Result<Order, OrderError> {
        let found = self.0.store().find_order(self.0.id(), order).await?;
        found.ok_or(OrderError::Unknown)
    }

    /// The order of this number.
    ///
    /// # Errors
    /// [`OrderError::Unknown`] or [`OrderError::Store`].
    pub async fn by_number(&self, number: &OrderNumber) -> Result<Order, OrderError> {
        let found = self
            .0
            .store()
            .find_order_number(self.0.id(), number)
            .await?;
        found.ok_or(OrderError::Unknown)
    }

    /// Orders, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(
        &self,
        filter: OrderFilter,
        page: Page,
    ) -> Result<Listing<Order>, StoreError> {
        self.0.store().list_orders(self.0.id(), filter, page).await
    }

    /// Opens the goods of a paid order; of customers, only for the one who bought them. The reveal
    /// is recorded before anything is given.
    ///
    /// # Errors
    /// [`OrderError`].
    pub async fn goods(&self, actor: &Actor, order: OrderId) -> Result<Vec<Goods>, OrderError> {
        let order = self.get(order).await?;
        if matches!(actor, Actor::Customer(customer) if *customer != order.customer) {
            return Err(OrderError::Unknown);
        }
        if !matches!(order.state, OrderState::Paid | OrderState::Delivered) {
            return Err(OrderError::NotPaid(order.state));
        }
        let filter = UnitFilter::Order(order.id);
        let units = self
            .0
            .store()
            .list_units(self.0.id(), filter, Page::first(u32::MAX))
            .await?;
        let mut goods = Vec::with_capacity(order.lines.len());
        for line in &order.lines {
            let contents = self.contents(line, &units).await?;
            let whole = if line.unlimited.is_some() {
                1
            } else {
                line.quantity
            };
            if u32::try_from(contents.len()) != Ok(whole) {
                return Err(OrderError::Incomplete);
            }
            let line = line.clone();
            goods.push(Goods { line, contents });
        }
        let mut batch = self.0.batch(actor);
        batch.record(
            Entity::new(Kind::Order, order.id),
            "goods revealed",
            json!({}),
        );
        self.0.commit(batch).await?;
        Ok(goods)
    }

    /// Hands the goods of a paid order over once more, in the chat where it was placed.
    ///
    /// # Errors
    /// [`OrderError`]; nothing is sent then.
    pub async fn resend(&self, actor: &Actor, order: OrderId) -> Result<(), OrderError> {
        let order = self.get(order).await?;
        if !order.state.is_paid() {
            return Err(OrderError::NotPaid(order.state));
        }
        let found = self
            .0
            .store()
            .find_invoice_of(self.0.id(), order.id)
            .await?;
        let invoice = found.ok_or(OrderError::Unknown)?;
        let mut batch = self.0.batch(actor);
        enqueue_delivery(&mut batch, &order, &invoice);
        let entity = Entity::new(Kind::Order, order.id);
        batch.record(entity, "sent again", json!({}));
        Ok(self.0.commit(batch).await?)
    }

    /// What was done about an order and its invoice, the latest in front.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn history(&self, order: &Order, limit: u32) -> Result<Vec<Record>, StoreError> {
        let (store, shop) = (self.0.store(), self.0.id());
        let page = Page::first(limit);
        let of_order = Entity::new(Kind::Order, order.id);
        let mut history = store.list_audit(shop, of_order, page).await?;
        if let Some(invoice) = store.find_invoice_of(shop, order.id).await? {
            let of_invoice = Entity::new(Kind::Invoice, invoice.id);
            history.extend(store.list_audit(shop, of_invoice, page).await?);
        }
        history.sort_by_key(|record| Reverse((record.at, record.entry.id)));
        history.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(history)
    }

    async fn contents(&self, line: &OrderLine, units: &[Unit]) -> Result<Vec<Content>, OrderError> {
        let open = |unit: &Unit| stocks::opened(self.0, unit).map_err(OrderError::from);
        if let Some(unit) = line.unlimited {
            let filter = UnitFilter::Unit(unit);
            let found = self
                .0
                .store()
                .list_units(self.0.id(), filter, Page::first(1))
                .await?;
            return found.iter().map(open).collect();
        }
        units
            .iter()
            .filter(|unit| unit.state.line() == Some(line.id))
            .map(open)
            .collect()
    }
}
