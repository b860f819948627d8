//! Dialogs, plug-ins' state, and carried-out requests.

use async_trait::async_trait;

use super::gather::{Question, gathered};
use super::rows::{Columns, Query, Sql, query, query_of};
use super::{PostgresStore, Read};
use crate::customer::Chat;
use crate::id::ShopId;
use crate::store::{ChatReader, Dialog, Listing, Page, RequestKey, RequestOutcome};
use crate::vault::Sealed;

fn outcome(columns: &mut Columns<'_>) -> Sql<Option<RequestOutcome>> {
    let order = columns.find_id()?.map(RequestOutcome::Order);
    let deposit = columns.find_id()?.map(RequestOutcome::Deposit);
    let refund = columns.find_id()?.map(RequestOutcome::Refund);
    let transfer = columns.find_id()?.map(RequestOutcome::Transfer);
    Ok(order.or(deposit).or(refund).or(transfer))
}

/// The outcome of a request.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ByRequest(ShopId, RequestKey);

impl Question for ByRequest {
    type Row = Option<RequestOutcome>;

    fn ask(questions: &[&Self]) -> Query {
        let sql = gathered!(
            "$2::text[]",
            "request",
            "SELECT order_id, deposit_id, refund_id, transfer_id FROM requests AS r
                WHERE r.shop_id = asked.shop_id AND r.request = asked.request",
            ""
        );
        let column = |Self(_, request): &&Self| request.0.clone();
        let requests: Vec<_> = questions.iter().map(column).collect();
        query_of(sql, questions.iter().map(|Self(shop, _)| *shop)).bind(requests)
    }

    fn read(columns: &mut Columns<'_>) -> Sql<Self::Row> {
        outcome(columns)
    }
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

    async fn list_states(
        &self,
        shop: ShopId,
        plugin: &str,
        prefix: &str,
        page: Page,
    ) -> Read<Listing<(String, Vec<u8>)>> {
        let sql = "SELECT total, page.*
            FROM (SELECT count(*) AS total FROM plugin_states
                WHERE shop_id = $1 AND plugin = $2 AND key >= $3 AND key < $4) AS counted
            LEFT JOIN (SELECT key, value FROM plugin_states
                WHERE shop_id = $1 AND plugin = $2 AND key >= $3 AND key < $4
                ORDER BY key LIMIT $5 OFFSET $6) AS page ON TRUE
            ORDER BY page.key";
        let to = format!("{prefix}{}", char::MAX);
        let query = || {
            let of = query(sql, shop).bind(plugin).bind(prefix).bind(to.as_str());
            of.bind(i64::from(page.limit)).bind(i64::from(page.offset))
        };
        self.list(query, |columns| Ok((columns.value()?, columns.value()?)))
            .await
    }

    async fn find_request(
        &self,
        shop: ShopId,
        request: &RequestKey,
    ) -> Read<Option<RequestOutcome>> {
        let question = ByRequest(shop, request.clone());
        Ok(self.gathered.requests.find(question).await?.flatten())
    }
}
