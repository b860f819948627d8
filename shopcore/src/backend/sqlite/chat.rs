//! Dialogs, plug-ins' state, and carried-out requests.

use async_trait::async_trait;
use rusqlite::params;

use super::apply::Scope;
use super::failure::Failure;
use super::rows::{Columns, all, count, find, one, run};
use super::{Done, Read, SqliteStore};
use crate::customer::Chat;
use crate::id::ShopId;
use crate::store::{
    ChatReader, ChatWrite, Dialog, Listing, Page, Rejection, RequestKey, RequestOutcome,
};
use crate::vault::Sealed;

pub(super) fn apply(scope: Scope<'_>, write: &ChatWrite) -> Done {
    match write {
        ChatWrite::PutDialog { dialog, was } => put_dialog(scope, dialog, *was),
        ChatWrite::EndDialog { chat } => end_dialog(scope, chat),
        ChatWrite::PutState { plugin, key, value } => {
            put_state(scope, plugin, key, value.as_deref())
        }
        ChatWrite::SwapState {
            plugin,
            key,
            was,
            value,
        } => swap_state(scope, (plugin, key), was.as_deref(), value),
        ChatWrite::RecordRequest { request, outcome } => record_request(scope, request, *outcome),
    }
}

fn put_dialog(scope: Scope<'_>, dialog: &Dialog, was: u32) -> Done {
    // A dialog that was never stored has version 0, which no row has.
    let sql = if was == 0 {
        "INSERT INTO dialogs (shop_id, frontend, chat, plugin, state, version)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6 + 1)"
    } else {
        "UPDATE dialogs SET plugin = ?4, state = ?5, version = ?6 + 1
        WHERE shop_id = ?1 AND frontend = ?2 AND chat = ?3
            AND version = ?6 -- guard: dialog_version"
    };
    let values = params![
        scope.key(),
        dialog.chat.frontend.as_str(),
        dialog.chat.id.as_str(),
        dialog.plugin,
        dialog.state.as_bytes(),
        was
    ];
    one(run(scope.conn, sql, values)?)
}

fn end_dialog(scope: Scope<'_>, chat: &Chat) -> Done {
    let sql = "DELETE FROM dialogs WHERE shop_id = ?1 AND frontend = ?2 AND chat = ?3";
    let values = params![scope.key(), chat.frontend.as_str(), chat.id.as_str()];
    run(scope.conn, sql, values)?;
    Ok(())
}

fn put_state(scope: Scope<'_>, plugin: &str, key: &str, value: Option<&[u8]>) -> Done {
    match value {
        Some(value) => {
            let sql = "INSERT INTO plugin_states (shop_id, plugin, key, value)
                VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT (shop_id, plugin, key) DO UPDATE SET value = excluded.value";
            run(scope.conn, sql, params![scope.key(), plugin, key, value])?
        }
        None => {
            let sql = "DELETE FROM plugin_states WHERE shop_id = ?1 AND plugin = ?2 AND key = ?3";
            run(scope.conn, sql, params![scope.key(), plugin, key])?
        }
    };
    Ok(())
}

fn swap_state(
    scope: Scope<'_>,
    (plugin, key): (&str, &str),
    was: Option<&[u8]>,
    value: &[u8],
) -> Done {
    let changed = match was {
        None => {
            let sql = "INSERT INTO plugin_states (shop_id, plugin, key, value)
                VALUES (?1, ?2, ?3, ?4)";
            run(scope.conn, sql, params![scope.key(), plugin, key, value])?
        }
        Some(was) => {
            let sql = "UPDATE plugin_states SET value = ?4
                WHERE shop_id = ?1 AND plugin = ?2 AND key = ?3
                    AND value = ?5 -- guard: state_was";
            let values = params![scope.key(), plugin, key, value, was];
            run(scope.conn, sql, values)?
        }
    };
    one(changed)
}

fn record_request(scope: Scope<'_>, request: &RequestKey, outcome: RequestOutcome) -> Done {
    let sql =
        "INSERT INTO requests (shop_id, request, order_id, deposit_id, refund_id, transfer_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (shop_id, request) DO NOTHING";
    let id = outcome.id();
    let column = |is: bool| is.then_some(id.as_bytes());
    let values = params![
        scope.key(),
        request.0,
        column(matches!(outcome, RequestOutcome::Order(_))),
        column(matches!(outcome, RequestOutcome::Deposit(_))),
        column(matches!(outcome, RequestOutcome::Refund(_))),
        column(matches!(outcome, RequestOutcome::Transfer(_)))
    ];
    match run(scope.conn, sql, values)? {
        0 => Err(Failure::Rejected(Rejection::RequestSeen)), // guard: request_once
        _ => Ok(()),
    }
}

#[async_trait]
impl ChatReader for SqliteStore {
    async fn find_dialog(&self, shop: ShopId, chat: &Chat) -> Read<Option<Dialog>> {
        let sql = "SELECT plugin, state, version FROM dialogs
            WHERE shop_id = ?1 AND frontend = ?2 AND chat = ?3";
        let values = (shop.as_bytes(), chat.frontend.as_str(), chat.id.as_str());
        self.look_up(|conn| {
            find(conn, sql, values, |row| {
                let mut columns = Columns::of(row);
                Ok(Dialog {
                    chat: chat.clone(),
                    plugin: columns.value()?,
                    state: Sealed::stored(columns.value()?),
                    version: columns.value()?,
                })
            })
        })
        .await
    }

    async fn find_state(&self, shop: ShopId, plugin: &str, key: &str) -> Read<Option<Vec<u8>>> {
        let sql = "SELECT value FROM plugin_states
            WHERE shop_id = ?1 AND plugin = ?2 AND key = ?3";
        let values = (shop.as_bytes(), plugin, key);
        self.look_up(|conn| find(conn, sql, values, |row| row.get(0)))
            .await
    }

    async fn list_states(
        &self,
        shop: ShopId,
        plugin: &str,
        prefix: &str,
        page: Page,
    ) -> Read<Listing<(String, Vec<u8>)>> {
        let (plugin, from) = (plugin.to_owned(), prefix.to_owned());
        self.scan(move |conn| {
            let total = "SELECT count(*) FROM plugin_states
                WHERE shop_id = ?1 AND plugin = ?2 AND key >= ?3 AND key < ?4";
            let sql = "SELECT key, value FROM plugin_states
                WHERE shop_id = ?1 AND plugin = ?2 AND key >= ?3 AND key < ?4
                ORDER BY key LIMIT ?5 OFFSET ?6";
            let to = format!("{from}{}", char::MAX);
            let values = params![shop.as_bytes(), plugin, from, to, page.limit, page.offset];
            let state = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
            Ok(Listing {
                items: all(conn, sql, values, state)?,
                total: count(conn, total, params![shop.as_bytes(), plugin, from, to])?,
            })
        })
        .await
    }

    async fn find_request(
        &self,
        shop: ShopId,
        request: &RequestKey,
    ) -> Read<Option<RequestOutcome>> {
        let sql = "SELECT order_id, deposit_id, refund_id, transfer_id FROM requests
            WHERE shop_id = ?1 AND request = ?2";
        let values = (shop.as_bytes(), request.0.as_str());
        self.look_up(|conn| {
            let found = find(conn, sql, values, |row| {
                let mut columns = Columns::of(row);
                let order = columns.find_id()?.map(RequestOutcome::Order);
                let deposit = columns.find_id()?.map(RequestOutcome::Deposit);
                let refund = columns.find_id()?.map(RequestOutcome::Refund);
                let transfer = columns.find_id()?.map(RequestOutcome::Transfer);
                Ok(order.or(deposit).or(refund).or(transfer))
            });
            Ok(found?.flatten())
        })
        .await
    }
}
