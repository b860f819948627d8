//! Claims on outbox items, and leases. They go through the writer too, on the store's own clock.

use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::failure::Failure;
use super::outbox::{item, select_items};
use super::rows::{At, Columns, Sql, all, find, run};
use super::{Read, SqliteStore};
use crate::id::{ItemId, ShopId, first_at};
use crate::message::{OutboxItem, Reach};
use crate::store::Queues;
use crate::time::Timestamp;

/// Rows that are forgotten in one transaction, so that nobody waits long for the writer.
const FORGET: u32 = 10_000;

fn after(now: Timestamp, span: Duration) -> Timestamp {
    let end = TimeDelta::from_std(span)
        .ok()
        .and_then(|span| now.checked_add_signed(span));
    end.unwrap_or(Timestamp::MAX_UTC)
}

/// What is claimed, and until when.
struct Claim {
    shop: ShopId,
    reach: Vec<Reach>,
    due: Timestamp,
    now: Timestamp,
    until: Timestamp,
    limit: u32,
}

impl Claim {
    /// Claims the items with the lowest ids of all that can be claimed.
    fn run(&self, conn: &Connection) -> Result<Vec<OutboxItem>, Failure> {
        let mut ids = Vec::new();
        for reach in &self.reach {
            ids.extend(self.candidates(conn, reach)?);
        }
        ids.sort_unstable();
        ids.dedup();
        ids.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
        let mut items = Vec::with_capacity(ids.len());
        for id in ids {
            items.extend(self.take(conn, id)?);
        }
        Ok(items)
    }

    fn candidates(&self, conn: &Connection, reach: &Reach) -> Sql<Vec<ItemId>> {
        let sql = "SELECT id FROM outbox AS item INDEXED BY outbox_pending
            WHERE shop_id = ?1 AND state = 'pending'
                AND destination = ?2 AND frontend IS ?3 AND (?4 IS NULL OR chat = ?4)
                AND due_at <= ?5
                AND coalesce(claimed_until <= ?6, TRUE) -- guard: outbox_unclaimed
                AND NOT EXISTS (
                    SELECT 1 FROM outbox AS other INDEXED BY outbox_lanes
                    WHERE other.shop_id = ?1 AND other.lane = item.lane
                        AND other.state = 'pending' AND other.id < item.id) -- guard: outbox_foremost
            ORDER BY id LIMIT ?7";
        let (destination, frontend, chat) = match reach {
            Reach::Frontend(name) => ("chat", Some(name), None),
            Reach::Chat(chat) => ("chat", Some(&chat.frontend), Some(&chat.id)),
            Reach::Admins => ("admins", None, None),
            Reach::Gateways => ("gateway", None, None),
        };
        let values = params![
            self.shop.as_bytes(),
            destination,
            frontend.map(|name| name.as_str()),
            chat.map(|chat| chat.as_str()),
            At(self.due),
            At(self.now),
            self.limit
        ];
        all(conn, sql, values, |row| Columns::of(row).id())
    }

    fn take(&self, conn: &Connection, id: ItemId) -> Sql<Option<OutboxItem>> {
        let sql = "UPDATE outbox SET claimed_until = ?3, attempts = attempts + 1
            WHERE shop_id = ?1 AND id = ?2";
        let until = At(self.until);
        run(
            conn,
            sql,
            params![self.shop.as_bytes(), id.as_bytes(), until],
        )?;
        let sql = select_items!("WHERE shop_id = ?1 AND id = ?2");
        find(
            conn,
            sql,
            params![self.shop.as_bytes(), id.as_bytes()],
            item,
        )
    }
}

fn take_lease(
    conn: &Connection,
    shop: ShopId,
    name: &str,
    (holder, now, until): (Uuid, Timestamp, Timestamp),
) -> Sql<bool> {
    let sql = "INSERT INTO leases (shop_id, name, holder, expires_at)
        SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM shops WHERE id = ?1)
        ON CONFLICT (shop_id, name)
        DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
        WHERE holder = excluded.holder OR expires_at <= ?5 -- guard: lease_free";
    let values = params![shop.as_bytes(), name, holder.as_bytes(), At(until), At(now)];
    Ok(run(conn, sql, values)? == 1)
}

fn forget_batches(conn: &Connection, shop: ShopId, before: Timestamp) -> Sql<usize> {
    let sql = "DELETE FROM batches WHERE shop_id = ?1 AND id IN (
        SELECT id FROM batches WHERE shop_id = ?1 AND at < ?2 LIMIT ?3)";
    run(conn, sql, params![shop.as_bytes(), At(before), FORGET])
}

fn forget_items(conn: &Connection, shop: ShopId, before: Timestamp) -> Sql<usize> {
    let sql = "DELETE FROM outbox WHERE shop_id = ?1 AND id IN (
        SELECT id FROM outbox WHERE shop_id = ?1 AND id < ?2
            AND (state <> 'pending' OR destination = 'admins') -- guard: outbox_of_use
        LIMIT ?3)";
    let bound: ItemId = first_at(before);
    run(
        conn,
        sql,
        params![shop.as_bytes(), bound.as_bytes(), FORGET],
    )
}

fn forget_requests(conn: &Connection, shop: ShopId, before: Timestamp) -> Sql<usize> {
    let sql = "DELETE FROM requests WHERE shop_id = ?1 AND request IN (
        SELECT request FROM requests WHERE shop_id = ?1
            AND coalesce(order_id, deposit_id, refund_id, transfer_id) < ?2 -- guard: requests_of_use
        LIMIT ?3)";
    let bound: Uuid = first_at(before);
    run(
        conn,
        sql,
        params![shop.as_bytes(), bound.as_bytes(), FORGET],
    )
}

impl SqliteStore {
    /// Deletes some rows again and again until there are no more; tells how many are gone.
    async fn forget(
        &self,
        some: fn(&Connection, ShopId, Timestamp) -> Sql<usize>,
        shop: ShopId,
        before: Timestamp,
    ) -> Read<u64> {
        let mut forgotten = 0;
        loop {
            let gone = self
                .writer
                .run(move |conn| Ok(some(conn, shop, before)?))
                .await?;
            let gone = u64::try_from(gone).unwrap_or(u64::MAX);
            forgotten += gone;
            if gone < u64::from(FORGET) {
                return Ok(forgotten);
            }
        }
    }
}

#[async_trait]
impl Queues for SqliteStore {
    async fn claim_items(
        &self,
        shop: ShopId,
        reach: &[Reach],
        at: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Read<Vec<OutboxItem>> {
        let now = self.clock.now();
        let claim = Claim {
            shop,
            reach: reach.to_vec(),
            due: at,
            now,
            until: after(now, lease),
            limit,
        };
        Ok(self.writer.run(move |conn| claim.run(conn)).await?)
    }

    async fn take_lease(
        &self,
        shop: ShopId,
        name: &str,
        holder: Uuid,
        ttl: Duration,
    ) -> Read<bool> {
        let now = self.clock.now();
        let until = after(now, ttl);
        let name = name.to_owned();
        let taken = self
            .writer
            .run(move |conn| Ok(take_lease(conn, shop, &name, (holder, now, until))?));
        Ok(taken.await?)
    }

    async fn drop_lease(&self, shop: ShopId, name: &str, holder: Uuid) -> Read<()> {
        let name = name.to_owned();
        let dropped = self.writer.run(move |conn| {
            let sql = "DELETE FROM leases WHERE shop_id = ?1 AND name = ?2
                AND holder = ?3 -- guard: lease_holder";
            run(conn, sql, params![shop.as_bytes(), name, holder.as_bytes()])?;
            Ok(())
        });
        Ok(dropped.await?)
    }

    async fn forget_batches(&self, shop: ShopId, before: Timestamp) -> Read<u64> {
        self.forget(forget_batches, shop, before).await
    }

    async fn forget_finished(&self, shop: ShopId, before: Timestamp) -> Read<u64> {
        let items = self.forget(forget_items, shop, before).await?;
        Ok(items + self.forget(forget_requests, shop, before).await?)
    }
}
