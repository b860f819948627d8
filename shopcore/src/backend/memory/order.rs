//! Orders.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use async_trait::async_trait;

use super::tables::Tables;
use super::{Done, MemoryStore, Read, listing, rows};
use crate::id::{CustomerId, OrderId, ProductId, ShopId};
use crate::money::Money;
use crate::order::{Order, OrderNumber, OrderState};
use crate::store::{CommitError, Listing, OrderFilter, OrderReader, OrderWrite, Page, Rejection};
use crate::time::Timestamp;

impl Tables {
    pub(super) fn write_order(&mut self, write: &OrderWrite, at: Timestamp) -> Done {
        match write {
            OrderWrite::Place(order) => self.place(order),
            OrderWrite::Move { order, from, to } => self.move_order(*order, *from, *to, at),
            OrderWrite::Refund {
                order,
                from,
                to,
                was,
                refunded,
            } => self.refund_order(*order, (*from, *to), (*was, *refunded), at),
        }
    }

    fn place(&mut self, order: &Order) -> Done {
        let taken = Rejection::OrderNumberTaken;
        self.order_numbers
            .claim(order.number.clone(), order.id, taken)?;
        for line in &order.lines {
            self.lines.insert(line.id, order.id)?;
        }
        self.orders.insert(order.id, order.clone())
    }

    fn move_order(&mut self, id: OrderId, from: OrderState, to: OrderState, at: Timestamp) -> Done {
        let mut order = self.orders.read(&id)?;
        if order.state != from || !from.may_become(to) {
            return Err(CommitError::Conflict);
        }
        order.state = to;
        order.changed_at = at;
        self.orders.put(id, order);
        Ok(())
    }

    fn refund_order(
        &mut self,
        id: OrderId,
        (from, to): (OrderState, OrderState),
        (was, refunded): (Money, Money),
        at: Timestamp,
    ) -> Done {
        let mut order = self.orders.read(&id)?;
        let as_read = order.state == from && order.refunded == was;
        if !as_read || !from.may_refund_to(to) || refunded.minor() > order.totals.total.minor() {
            return Err(CommitError::Conflict);
        }
        order.refunded = refunded;
        if from != to {
            (order.state, order.changed_at) = (to, at);
        }
        self.orders.put(id, order);
        Ok(())
    }
}

#[async_trait]
impl OrderReader for MemoryStore {
    async fn find_order(&self, shop: ShopId, order: OrderId) -> Read<Option<Order>> {
        Ok(self.read(shop, |tables| tables.orders.get(&order).cloned()))
    }

    async fn find_order_number(&self, shop: ShopId, number: &OrderNumber) -> Read<Option<Order>> {
        Ok(self.read(shop, |tables| {
            let id = tables.order_numbers.get(number)?;
            tables.orders.get(id).cloned()
        }))
    }

    async fn count_bought(
        &self,
        shop: ShopId,
        customer: CustomerId,
        product: ProductId,
    ) -> Read<u64> {
        Ok(self.read(shop, |tables| {
            let orders = tables.orders.values();
            let theirs = orders.filter(|order| order.customer == customer && order.state.counts());
            let lines = theirs.flat_map(|order| &order.lines);
            lines
                .filter(|line| line.product == product)
                .map(|line| u64::from(line.quantity))
                .sum()
        }))
    }

    async fn list_sold(&self, shop: ShopId, limit: u32) -> Read<Vec<(ProductId, u64)>> {
        Ok(self.read(shop, |tables| {
            let mut sold: BTreeMap<ProductId, u64> = BTreeMap::new();
            let paid = tables.orders.values().filter(|order| order.state.is_paid());
            for line in paid.flat_map(|order| &order.lines) {
                *sold.entry(line.product).or_default() += u64::from(line.quantity);
            }
            let mut sold: Vec<_> = sold.into_iter().collect();
            sold.sort_by_key(|(product, count)| (Reverse(*count), *product));
            sold.truncate(rows(limit));
            sold
        }))
    }

    async fn list_orders(
        &self,
        shop: ShopId,
        filter: OrderFilter,
        page: Page,
    ) -> Read<Listing<Order>> {
        Ok(self.read(shop, |tables| {
            let fits = |order: &&Order| {
                filter
                    .customer
                    .is_none_or(|wanted| order.customer == wanted)
                    && filter.state.is_none_or(|wanted| order.state == wanted)
            };
            let found: Vec<_> = tables.orders.values().rev().filter(fits).collect();
            listing(&found, page)
        }))
    }
}
