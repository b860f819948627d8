//! Shops and their audit.

use async_trait::async_trait;
use uuid::Uuid;

use super::rows::{Columns, Sql, query};
use super::{PostgresStore, Read};
use crate::audit::{Actor, ActorKind, Edge, Entity, Entry, Kind, Record, Search};
use crate::id::{AuditId, ShopId};
use crate::store::{Page, ShopReader, ShopRecord};
use crate::text::Name;
use crate::vault::Sealed;

fn actor(columns: &mut Columns<'_>) -> Sql<Actor> {
    let kind: &str = columns.value()?;
    let (mut id, mut name) = (columns.after(0), columns.after(1));
    *columns = columns.after(2);
    Ok(match kind {
        "customer" => Actor::Customer(id.id()?),
        "admin" => Actor::Admin(id.id()?),
        "job" => Actor::Job(name.value()?),
        "gateway" => Actor::Gateway(name.text()?),
        _ => Actor::Operator,
    })
}

/// A change of state, from two columns.
pub(super) fn edge(columns: &mut Columns<'_>) -> Sql<Option<Edge>> {
    let from = columns.value()?;
    let to: Option<String> = columns.value()?;
    Ok(to.map(|to| Edge { from, to }))
}

/// What an entry is about, from two columns.
pub(super) fn entity(columns: &mut Columns<'_>) -> Sql<Entity> {
    Ok(Entity {
        kind: columns.label()?,
        id: columns.id::<Uuid>()?,
    })
}

fn entry(columns: &mut Columns<'_>) -> Sql<Record> {
    let entry = Entry {
        id: columns.id()?,
        entity: entity(columns)?,
        action: columns.value()?,
        edge: edge(columns)?,
        details: columns.find_json()?.unwrap_or_default(),
    };
    Ok(Record {
        entry,
        actor: actor(columns)?,
        at: columns.at()?,
    })
}

fn record_of(columns: &mut Columns<'_>) -> Sql<ShopRecord> {
    Ok(ShopRecord {
        id: columns.id()?,
        name: columns.text()?,
        currency: columns.currency()?,
        fingerprint_key: Sealed::stored(columns.value()?),
        created_at: columns.at()?,
    })
}

#[async_trait]
impl ShopReader for PostgresStore {
    async fn count_shops(&self) -> Read<u64> {
        self.count(|| sqlx::query("SELECT count(*) FROM shops"))
            .await
    }

    async fn find_shop(&self, name: &Name) -> Read<Option<ShopRecord>> {
        let sql =
            "SELECT id, name, currency, fingerprint_key, created_at FROM shops WHERE name = $1";
        self.find(|| sqlx::query(sql).bind(name.as_str()), record_of)
            .await
    }

    async fn list_audit(&self, shop: ShopId, entity: Entity, page: Page) -> Read<Vec<Record>> {
        let sql = "SELECT id, entity, entity_id, action, edge_from, edge_to, details,
                actor, actor_id, actor_name, at
            FROM audit WHERE shop_id = $1 AND entity_id = $2 AND entity = $3
            ORDER BY id DESC LIMIT $4 OFFSET $5";
        let query = || {
            let about = query(sql, shop).bind(entity.id).bind(entity.kind.as_str());
            about
                .bind(i64::from(page.limit))
                .bind(i64::from(page.offset))
        };
        self.all(query, entry).await
    }

    async fn search_audit(&self, shop: ShopId, search: &Search, limit: u32) -> Read<Vec<Record>> {
        let sql = "SELECT id, entity, entity_id, action, edge_from, edge_to, details,
                actor, actor_id, actor_name, at
            FROM audit WHERE shop_id = $1 AND id >= $2 AND id < $3
                AND ($4::text IS NULL OR actor = $4)
                AND ($5::uuid IS NULL OR (actor_id = $5 AND actor IN ('customer', 'admin')))
                AND ($6::text IS NULL OR actor_name = $6)
                AND ($7::text IS NULL OR entity = $7)
                AND ($8::uuid IS NULL OR entity_id = $8)
                AND ($9::text IS NULL OR position(lower($9) IN lower(action)) > 0)
            ORDER BY id DESC LIMIT $10";
        let query = || {
            let (kind, person, name) = search.actor_columns();
            let (from, before) = search.bounds();
            query(sql, shop)
                .bind(Uuid::from(from))
                .bind(Uuid::from(before))
                .bind(kind.map(ActorKind::as_str))
                .bind(person.map(Uuid::from))
                .bind(name)
                .bind(search.kind.map(Kind::as_str))
                .bind(search.about)
                .bind(search.action.as_deref())
                .bind(i64::from(limit))
        };
        self.all(query, entry).await
    }

    async fn follow_audit(&self, shop: ShopId, after: AuditId, limit: u32) -> Read<Vec<Record>> {
        let sql = "SELECT id, entity, entity_id, action, edge_from, edge_to, details,
                actor, actor_id, actor_name, at
            FROM audit WHERE shop_id = $1 AND id > $2
            ORDER BY id LIMIT $3";
        let query = || {
            let behind = query(sql, shop).bind(Uuid::from(after));
            behind.bind(i64::from(limit))
        };
        self.all(query, entry).await
    }
}
