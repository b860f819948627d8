//! Claims on outbox items, and leases, on the server's clock.
//!
//! What is claimed or taken twice because a reply was lost is free again when its time is over.

use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use super::outbox::{item, item_columns};
use super::rows::query;
use super::{PostgresStore, Read};
use crate::id::{ItemId, ShopId, first_at};
use crate::message::{OutboxItem, Reach};
use crate::store::Queues;
use crate::time::Timestamp;

/// Rows that are forgotten in one transaction, so that nobody waits long for them.
const FORGET: i64 = 10_000;

/// The longest time something is taken for, in microseconds: some thirty years.
const LONGEST: i64 = 1_000_000_000_000_000;

/// The present moment, where a parameter does not stand in for it.
macro_rules! now {
    ($given:literal) => {
        concat!(
            "coalesce(",
            $given,
            "::int8, (extract(epoch FROM clock_timestamp()) * 1000000)::int8)"
        )
    };
}

fn micros(span: Duration) -> i64 {
    let micros = i64::try_from(span.as_micros());
    micros.unwrap_or(LONGEST).min(LONGEST)
}

/// Where the items of a reach go: destination, frontend or nothing, and chat if only this one.
fn columns(reach: &Reach) -> (&'static str, &str, Option<&str>) {
    match reach {
        Reach::Frontend(name) => ("chat", name.as_str(), None),
        Reach::Chat(chat) => ("chat", chat.frontend.as_str(), Some(chat.id.as_str())),
        Reach::Admins => ("admins", "", None),
        Reach::Gateways => ("gateway", "", None),
    }
}

impl PostgresStore {
    /// The moment that stands in for the server's own.
    fn given_now(&self) -> Option<i64> {
        let clock = self.clock.as_ref();
        clock.map(|clock| clock.now().timestamp_micros())
    }

    /// Deletes some rows again and again until there are no more; tells how many are gone.
    async fn forget(&self, sql: &'static str, shop: ShopId, before: Before) -> Read<u64> {
        let mut forgotten = 0;
        loop {
            let some = || {
                let some = query(sql, shop).bind(FORGET);
                match before {
                    Before::Moment(at) => some.bind(at.timestamp_micros()),
                    Before::Id(id) => some.bind(id),
                }
            };
            let gone = self.count(some).await?;
            forgotten += gone;
            if gone < FORGET.unsigned_abs() {
                return Ok(forgotten);
            }
        }
    }
}

/// Rows older than this are forgotten.
#[derive(Clone, Copy)]
enum Before {
    Moment(Timestamp),
    Id(Uuid),
}

#[async_trait]
impl Queues for PostgresStore {
    async fn claim_items(
        &self,
        shop: ShopId,
        reach: &[Reach],
        at: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Read<Vec<OutboxItem>> {
        let sql = concat!(
            "WITH moment AS MATERIALIZED (SELECT ",
            now!("$7"),
            " AS now),
            free AS MATERIALIZED (
                SELECT DISTINCT found.id
                FROM unnest($2::text[], $3::text[], $4::text[])
                    AS reach (destination, frontend, chat)
                CROSS JOIN moment
                CROSS JOIN LATERAL (
                    SELECT item.id FROM outbox AS item
                    WHERE item.shop_id = $1 AND item.state = 'pending'
                        AND item.destination = reach.destination
                        AND coalesce(item.frontend, '') = reach.frontend
                        AND (reach.chat IS NULL OR item.chat = reach.chat)
                        AND item.due_at <= $5
                        -- guard: outbox_unclaimed
                        AND coalesce(item.claimed_until <= moment.now, TRUE)
                        AND NOT EXISTS (
                            SELECT FROM outbox AS other
                            WHERE other.shop_id = $1 AND other.lane = item.lane
                                AND other.state = 'pending'
                                AND other.id < item.id) -- guard: outbox_foremost
                    ORDER BY item.id LIMIT $6 FOR UPDATE SKIP LOCKED) AS found
                ORDER BY found.id LIMIT $6)
            UPDATE outbox AS item SET claimed_until = moment.now + $8, attempts = item.attempts + 1
            FROM free, moment WHERE item.shop_id = $1 AND item.id = free.id
            RETURNING ",
            item_columns!()
        );
        let parts: Vec<_> = reach.iter().map(columns).collect();
        let query = || {
            query(sql, shop)
                .bind(parts.iter().map(|part| part.0).collect::<Vec<_>>())
                .bind(parts.iter().map(|part| part.1).collect::<Vec<_>>())
                .bind(parts.iter().map(|part| part.2).collect::<Vec<_>>())
                .bind(at.timestamp_micros())
                .bind(i64::from(limit))
                .bind(self.given_now())
                .bind(micros(lease))
        };
        let mut items = self.all(query, item).await?;
        items.sort_unstable_by_key(|item| item.id);
        Ok(items)
    }

    async fn take_lease(
        &self,
        shop: ShopId,
        name: &str,
        holder: Uuid,
        ttl: Duration,
    ) -> Read<bool> {
        let sql = concat!(
            "WITH moment AS (SELECT ",
            now!("$4"),
            " AS now)
            INSERT INTO leases (shop_id, name, holder, expires_at)
            SELECT shops.id, $2, $3, moment.now + $5 FROM shops, moment WHERE shops.id = $1
            ON CONFLICT (shop_id, name)
            DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
            WHERE leases.shop_id = $1
                AND (leases.holder = excluded.holder
                    OR leases.expires_at <= excluded.expires_at - $5) -- guard: lease_free
            RETURNING TRUE"
        );
        let query = || {
            let taken = query(sql, shop).bind(name).bind(holder);
            taken.bind(self.given_now()).bind(micros(ttl))
        };
        let taken = self.find(query, |columns| columns.value()).await?;
        Ok(taken.unwrap_or(false))
    }

    async fn drop_lease(&self, shop: ShopId, name: &str, holder: Uuid) -> Read<()> {
        let sql = "DELETE FROM leases WHERE shop_id = $1 AND name = $2
                AND holder = $3 -- guard: lease_holder
            RETURNING TRUE";
        let dropped = || query(sql, shop).bind(name).bind(holder);
        self.find(dropped, |columns| columns.value::<bool>())
            .await?;
        Ok(())
    }

    async fn forget_batches(&self, shop: ShopId, before: Timestamp) -> Read<u64> {
        let sql = "WITH gone AS (
                DELETE FROM batches WHERE shop_id = $1 AND id IN (
                    SELECT id FROM batches WHERE shop_id = $1 AND at < $3 LIMIT $2)
                RETURNING 1)
            SELECT count(*) FROM gone";
        self.forget(sql, shop, Before::Moment(before)).await
    }

    async fn forget_finished(&self, shop: ShopId, before: Timestamp) -> Read<u64> {
        let sql = "WITH gone AS (
                DELETE FROM outbox WHERE shop_id = $1 AND id IN (
                    SELECT id FROM outbox WHERE shop_id = $1 AND id < $3
                        AND (state <> 'pending' OR destination = 'admins') -- guard: outbox_of_use
                    LIMIT $2)
                RETURNING 1)
            SELECT count(*) FROM gone";
        let bound: ItemId = first_at(before);
        let items = self.forget(sql, shop, Before::Id(bound.into())).await?;
        let sql = "WITH gone AS (
                DELETE FROM requests WHERE shop_id = $1 AND request IN (
                    SELECT request FROM requests WHERE shop_id = $1
                        AND coalesce(order_id, deposit_id, refund_id, transfer_id) < $3 -- guard: requests_of_use
                    LIMIT $2)
                RETURNING 1)
            SELECT count(*) FROM gone";
        let requests = self.forget(sql, shop, Before::Id(first_at(before))).await?;
        Ok(items + requests)
    }
}
