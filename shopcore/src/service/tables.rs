//! Tables that a spreadsheet opens, in comma-separated values. A cell that it would take for a
//! formula begins with an apostrophe, which is taken off again when the table comes back.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;

use chrono::SecondsFormat;
use serde_json::json;

use super::{OrderError, Orders};
use crate::audit::{Actor, Entity, Kind};
use crate::customer::Contact;
use crate::id::{CustomerId, VoucherId};
use crate::order::Order;
use crate::store::{OrderFilter, Page};
use crate::text::VoucherCode;
use crate::time::Timestamp;

/// The most orders in one table, the newest.
pub const ORDERS_MAX: u32 = 10_000;

/// How many orders are read at once.
const READ: u32 = 500;

/// The columns of a table of orders.
pub const ORDER_COLUMNS: [&str; 12] = [
    "number",
    "placed_at",
    "state",
    "changed_at",
    "customer",
    "lines",
    "voucher",
    "subtotal",
    "discount",
    "fee",
    "total",
    "refunded",
];

/// The cells of an order: amounts as [`Money::plain`](crate::money::Money::plain) writes them,
/// moments in UTC.
#[must_use]
pub fn order_cells(
    order: &Order,
    contact: Option<&Contact>,
    voucher: Option<&VoucherCode>,
) -> Vec<String> {
    let lines = order.lines.iter();
    let lines = lines.map(|line| format!("{} x {}", line.quantity, line.name));
    let who = contact.map(|contact| format!("{}/{}", contact.frontend, contact.external));
    vec![
        order.number.to_string(),
        moment(order.placed_at),
        order.state.as_str().to_owned(),
        moment(order.changed_at),
        who.map_or_else(String::new, cell),
        cell(lines.collect::<Vec<_>>().join("; ")),
        voucher.map_or_else(String::new, cell),
        order.totals.subtotal.plain(),
        order.totals.discount.plain(),
        order.totals.fee.plain(),
        order.totals.total.plain(),
        order.refunded.plain(),
    ]
}

/// What stands in the cell for something that people wrote.
#[must_use]
pub fn cell(text: impl Display) -> String {
    guarded(&text.to_string()).into_owned()
}

/// What stands in the cell for a moment: to the second, in UTC.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A table, ready to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The file.
    pub csv: Vec<u8>,
    /// How many rows it has.
    pub rows: u32,
    /// How many there are in all.
    pub total: u64,
}

impl Orders<'_> {
    /// The newest orders that fit, [`ORDERS_MAX`] at most, as a table; the audit keeps who took it.
    ///
    /// # Errors
    /// [`OrderError`].
    pub async fn table(&self, actor: &Actor, filter: OrderFilter) -> Result<Table, OrderError> {
        let (mut people, mut codes) = (BTreeMap::new(), BTreeMap::new());
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(ORDER_COLUMNS).map_err(unwritten)?;
        let (mut rows, mut total) = (0_u32, 0);
        let (mut offset, mut oldest) = (0, None);
        while offset < ORDERS_MAX {
            let page = Page {
                limit: READ,
                offset,
            };
            let read = self.list(filter, page).await?;
            total = read.total;
            if read.items.is_empty() {
                break;
            }
            // Orders that were placed meanwhile have moved those that were read to later pages.
            let unread = |order: &&Order| oldest.is_none_or(|oldest| order.id < oldest);
            for order in read.items.iter().filter(unread) {
                self.learn(order, &mut people, &mut codes).await?;
                let code = order.voucher.and_then(|id| codes.get(&id));
                let cells = order_cells(order, people.get(&order.customer), code);
                writer.write_record(cells).map_err(unwritten)?;
                rows = rows.saturating_add(1);
            }
            offset = offset.saturating_add(READ);
            oldest = read.items.last().map(|order| order.id);
        }
        let csv = writer.into_inner().map_err(|error| {
            let error: csv::Error = error.into_error().into();
            unwritten(error)
        })?;
        let mut batch = self.0.batch(actor);
        let entity = Entity::new(Kind::Shop, self.0.id());
        batch.record(entity, "orders exported", json!({ "orders": rows }));
        self.0.commit(batch).await?;
        Ok(Table { csv, rows, total })
    }

    /// Looks up who placed an order, and with which voucher.
    async fn learn(
        &self,
        order: &Order,
        people: &mut BTreeMap<CustomerId, Contact>,
        codes: &mut BTreeMap<VoucherId, VoucherCode>,
    ) -> Result<(), OrderError> {
        let (store, shop) = (self.0.store(), self.0.id());
        if !people.contains_key(&order.customer)
            && let Some(customer) = store.get_customer(shop, order.customer).await?
        {
            people.insert(customer.id, customer.contact);
        }
        if let Some(id) = order.voucher
            && !codes.contains_key(&id)
            && let Some(voucher) = store.get_voucher(shop, id).await?
        {
            codes.insert(id, voucher.code);
        }
        Ok(())
    }
}

/// Nothing goes wrong when a table is written into memory.
fn unwritten(error: csv::Error) -> OrderError {
    OrderError::Table(error)
}

/// What stands in the cell for `text`.
fn guarded(text: &str) -> Cow<'_, str> {
    match is_formula(text) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

/// What a cell says.
#[must_use]
pub fn plain(cell: &str) -> &str {
    let guarded = cell.strip_prefix('\'').filter(|text| is_formula(text));
    guarded.unwrap_or(cell)
}

/// Whether a spreadsheet would calculate it, or did not because of its apostrophes.
fn is_formula(text: &str) -> bool {
    let text = text.trim_start_matches('\'');
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_calculate_comes_back_as_it_was() {
        for text in ["=1+1", "+62 812", "-5", "@ann", "'=1", "''-", "\tx"] {
            let cell = guarded(text);
            assert!(cell.starts_with('\''), "{cell}");
            assert_eq!(plain(&cell), text);
        }
        for text in ["", "Game", "'quoted'", "1-2", "a=b", "'"] {
            assert_eq!(guarded(text), text);
            assert_eq!(plain(text), text);
        }
    }
}
