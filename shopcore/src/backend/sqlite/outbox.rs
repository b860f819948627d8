//! The outbox and the message log.

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};

use super::apply::Scope;
use super::order::chat;
use super::rows::{At, Columns, Json, Label, Sql, all, one, run};
use super::{Done, Read, SqliteStore};
use crate::customer::{Chat, MessageId};
use crate::id::{InvoiceId, ItemId, ShopId};
use crate::message::{Destination, ItemState, Lane, OutboxItem, SentMessage};
use crate::store::{MessageReader, OutboxWrite};
use crate::time::Timestamp;

/// Puts the batch's items into the outbox.
pub(super) fn enqueue(scope: Scope<'_>, items: &[OutboxItem]) -> Done {
    let sql = "INSERT INTO outbox (shop_id, id, lane, destination, frontend, chat, task, state,
            due_at, attempts)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    for item in items {
        let (destination, chat) = columns(&item.destination);
        let values = params![
            scope.key(),
            item.id.as_bytes(),
            item.lane.as_str(),
            destination,
            chat.map(|chat| chat.frontend.as_str()),
            chat.map(|chat| chat.id.as_str()),
            Json(&item.task),
            Label(item.state),
            At(item.due_at),
            item.attempts
        ];
        run(scope.conn, sql, values)?;
    }
    Ok(())
}

fn columns(destination: &Destination) -> (&'static str, Option<&Chat>) {
    match destination {
        Destination::Chat(chat) => ("chat", Some(chat)),
        Destination::Admins => ("admins", None),
        Destination::Gateway => ("gateway", None),
    }
}

pub(super) fn apply(scope: Scope<'_>, write: &OutboxWrite) -> Done {
    match write {
        OutboxWrite::Finish { item, state } => finish(scope, *item, *state),
        OutboxWrite::Postpone { item, due_at } => postpone(scope, *item, *due_at),
        OutboxWrite::LogMessage(sent) => log_message(scope, sent),
        OutboxWrite::ForgetMessage { chat, message } => forget_message(scope, chat, message),
    }
}

fn finish(scope: Scope<'_>, item: ItemId, state: ItemState) -> Done {
    let sql = "UPDATE outbox SET state = ?3, claimed_until = NULL
        WHERE shop_id = ?1 AND id = ?2
            AND state = 'pending' -- guard: outbox_finish_from";
    one(run(
        scope.conn,
        sql,
        params![scope.key(), item.as_bytes(), Label(state)],
    )?)
}

fn postpone(scope: Scope<'_>, item: ItemId, due_at: Timestamp) -> Done {
    let sql = "UPDATE outbox SET due_at = ?3, claimed_until = NULL
        WHERE shop_id = ?1 AND id = ?2
            AND state = 'pending' -- guard: outbox_postpone_from";
    one(run(
        scope.conn,
        sql,
        params![scope.key(), item.as_bytes(), At(due_at)],
    )?)
}

fn log_message(scope: Scope<'_>, sent: &SentMessage) -> Done {
    let sql = "INSERT INTO messages (shop_id, frontend, chat, message, invoice_id, kind, sent_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (shop_id, frontend, chat, message) DO NOTHING";
    let values = params![
        scope.key(),
        sent.chat.frontend.as_str(),
        sent.chat.id.as_str(),
        sent.message.as_str(),
        sent.invoice.as_bytes(),
        Label(sent.kind),
        At(sent.sent_at)
    ];
    run(scope.conn, sql, values)?;
    Ok(())
}

fn forget_message(scope: Scope<'_>, chat: &Chat, message: &MessageId) -> Done {
    let sql = "DELETE FROM messages
        WHERE shop_id = ?1 AND frontend = ?2 AND chat = ?3 AND message = ?4";
    let (frontend, chat) = (chat.frontend.as_str(), chat.id.as_str());
    let values = params![scope.key(), frontend, chat, message.as_str()];
    run(scope.conn, sql, values)?;
    Ok(())
}

/// The columns that [`item`] reads.
macro_rules! select_items {
    ($rest:literal) => {
        concat!(
            "SELECT id, lane, destination, frontend, chat, task, state, due_at, attempts \
             FROM outbox AS item ",
            $rest
        )
    };
}
pub(super) use select_items;

pub(super) fn item(row: &Row<'_>) -> Sql<OutboxItem> {
    let mut columns = Columns::of(row);
    Ok(OutboxItem {
        id: columns.id()?,
        lane: Lane::stored(columns.value()?),
        destination: destination(&mut columns)?,
        task: columns.json()?,
        state: columns.label()?,
        due_at: columns.at()?,
        attempts: columns.value()?,
    })
}

fn destination(columns: &mut Columns<'_>) -> Sql<Destination> {
    let kind: String = columns.value()?;
    let mut to = columns.after(0);
    *columns = columns.after(2);
    Ok(match kind.as_str() {
        "admins" => Destination::Admins,
        "gateway" => Destination::Gateway,
        _ => Destination::Chat(chat(&mut to)?),
    })
}

/// Every item, by id.
pub(super) fn items(conn: &Connection, shop: ShopId) -> Sql<Vec<OutboxItem>> {
    let sql = select_items!("WHERE shop_id = ?1 ORDER BY id");
    all(conn, sql, params![shop.as_bytes()], item)
}

#[async_trait]
impl MessageReader for SqliteStore {
    async fn list_messages(&self, shop: ShopId, invoice: InvoiceId) -> Read<Vec<SentMessage>> {
        let sql = "SELECT frontend, chat, message, kind, sent_at
            FROM messages INDEXED BY messages_by_invoice
            WHERE shop_id = ?1 AND invoice_id = ?2 ORDER BY frontend, chat, message";
        let values = (shop.as_bytes(), invoice.as_bytes());
        self.look_up(|conn| {
            all(conn, sql, values, |row| {
                let mut columns = Columns::of(row);
                Ok(SentMessage {
                    chat: chat(&mut columns)?,
                    message: columns.text()?,
                    invoice,
                    kind: columns.label()?,
                    sent_at: columns.at()?,
                })
            })
        })
        .await
    }
}
