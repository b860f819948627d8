//! Dialogs, plug-ins' state, and carried-out requests.

use async_trait::async_trait;

use super::rows::{Columns, Sql, query};
use super::{PostgresStore, Read};
use crate::customer::Chat;
use crate::id::{InvoiceId, OrderId, ShopId};
use crate::store::{ChatReader, Dialog, RequestKey, RequestOutcome};
use crate::vault::Sealed;

fn outcome(columns: &mut Columns<'_>) -> Sql<Option<RequestOutcome>> {
    let order: Option<OrderId> = columns.find_id()?;
    let deposit: Option<InvoiceId> = columns.find_id()?;
    let order = order.map(RequestOutcome::Order);
    Ok(order.or(deposit.map(RequestOutcome::Deposit)))
}

#[async_trait]
impl ChatReader for PostgresStore {
    async fn find_dialog(&self, shop: ShopId, chat: &Chat) -> Read<Option<Dialog>> {
        let sql = "SELECT plugin, state, version FROM dialogs
            WHERE shop_id = $1 AND frontend = $2 AND chat = $3";
        let query = || {
            let of = query(sql, shop).bind(chat.frontend.as_str());
            of.bind(chat.id.as_str())
        };
        let dialog = |columns: &mut Columns<'_>| {
            Ok(Dialog {
                chat: chat.clone(),
                plugin: columns.value()?,
                state: Sealed::stored(columns.value()?),
                version: columns.number()?,
            })
        };
        self.find(query, dialog).await
    }

    async fn find_state(&self, shop: ShopId, plugin: &str, key: &str) -> Read<Option<Vec<u8>>> {
        let sql = "SELECT value FROM plugin_states
            WHERE shop_id = $1 AND plugin = $2 AND key = $3";
        self.find(
            || query(sql, shop).bind(plugin).bind(key),
            |columns| columns.value(),
        )
        .await
    }

    async fn find_request(
        &self,
        shop: ShopId,
        request: &RequestKey,
    ) -> Read<Option<RequestOutcome>> {
        let sql = "SELECT order_id, deposit_id FROM requests WHERE shop_id = $1 AND request = $2";
        let found = self.find(|| query(sql, shop).bind(request.0.as_str()), outcome);
        Ok(found.await?.flatten())
    }
}
