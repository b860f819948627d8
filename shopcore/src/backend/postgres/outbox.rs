//! The outbox and the message log.

use async_trait::async_trait;
use uuid::Uuid;

use super::order::chat;
use super::rows::{Columns, Sql, query};
use super::{PostgresStore, Read};
use crate::id::{InvoiceId, ShopId};
use crate::message::{Destination, Lane, OutboxItem, SentMessage};
use crate::store::MessageReader;

/// The columns that [`item`] reads.
macro_rules! item_columns {
    () => {
        "item.id, item.lane, item.destination, item.frontend, item.chat, item.task, item.state, \
         item.due_at, item.attempts"
    };
}
pub(super) use item_columns;

/// Every item, by id.
pub(super) const ITEMS: &str = concat!(
    "SELECT ",
    item_columns!(),
    " FROM outbox AS item WHERE item.shop_id = $1 ORDER BY item.id"
);

pub(super) fn item(columns: &mut Columns<'_>) -> Sql<OutboxItem> {
    Ok(OutboxItem {
        id: columns.id()?,
        lane: Lane::stored(columns.value()?),
        destination: destination(columns)?,
        task: columns.json()?,
        state: columns.label()?,
        due_at: columns.at()?,
        attempts: columns.number()?,
    })
}

fn destination(columns: &mut Columns<'_>) -> Sql<Destination> {
    let kind: &str = columns.value()?;
    let mut to = columns.after(0);
    *columns = columns.after(2);
    Ok(match kind {
        "admins" => Destination::Admins,
        "gateway" => Destination::Gateway,
        _ => Destination::Chat(chat(&mut to)?),
    })
}

#[async_trait]
impl MessageReader for PostgresStore {
    async fn list_messages(&self, shop: ShopId, invoice: InvoiceId) -> Read<Vec<SentMessage>> {
        let sql = "SELECT frontend, chat, message, kind, sent_at FROM messages
            WHERE shop_id = $1 AND invoice_id = $2 ORDER BY frontend, chat, message";
        let sent = |columns: &mut Columns<'_>| {
            Ok(SentMessage {
                chat: chat(columns)?,
                message: columns.text()?,
                invoice,
                kind: columns.label()?,
                sent_at: columns.at()?,
            })
        };
        self.all(|| query(sql, shop).bind(Uuid::from(invoice)), sent)
            .await
    }
}
