//! Shops and their audit.

use async_trait::async_trait;
use rusqlite::{Row, params};
use uuid::Uuid;

use super::apply::Scope;
use super::failure::{Failure, or_taken};
use super::rows::{At, Columns, Json, Sql, all, count, find, run};
use super::{Done, Read, SqliteStore};
use crate::audit::{Actor, ActorKind, Edge, Entity, Entry, Kind, Record, Search};
use crate::id::{AuditId, CustomerId, ShopId};
use crate::store::{Batch, Page, Rejection, ShopReader, ShopRecord};
use crate::text::Name;
use crate::vault::Sealed;

pub(super) fn open(scope: Scope<'_>, shop: &ShopRecord) -> Done {
    if shop.id != scope.shop {
        return Err(Rejection::Dangling.into());
    }
    let sql = "INSERT INTO shops (id, name, currency, fingerprint_key, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    let values = params![
        shop.id.as_bytes(),
        shop.name.as_str(),
        shop.currency.code(),
        shop.fingerprint_key.as_bytes(),
        At(shop.created_at)
    ];
    run(scope.conn, sql, values).map_err(or_taken(Rejection::ShopNameTaken))?;
    Ok(())
}

/// Refuses a batch of a shop that was never opened, whatever it writes.
pub(super) fn require(scope: Scope<'_>) -> Done {
    let sql = "SELECT 1 FROM shops WHERE id = ?1";
    let found = find(scope.conn, sql, params![scope.key()], |_| Ok(()))?;
    found.ok_or(Failure::Rejected(Rejection::Dangling)) // guard: shop_opened
}

/// Records what the batch tells of itself; a chore tells nothing.
pub(super) fn record(scope: Scope<'_>, batch: &Batch) -> Done {
    let Some(actor) = &batch.actor else {
        return Ok(());
    };
    let (kind, id, name) = columns(actor);
    let sql = "INSERT INTO audit (shop_id, id, entity, entity_id, action, edge_from, edge_to,
            details, actor, actor_id, actor_name, at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    for entry in &batch.audit {
        let edge = entry.edge.as_ref();
        let values = params![
            scope.key(),
            entry.id.as_bytes(),
            entry.entity.kind.as_str(),
            entry.entity.id.as_bytes(),
            entry.action,
            edge.and_then(|edge| edge.from.as_deref()),
            edge.map(|edge| edge.to.as_str()),
            (!entry.details.is_null()).then_some(Json(&entry.details)),
            kind,
            id,
            name,
            At(batch.at)
        ];
        run(scope.conn, sql, values)?;
    }
    Ok(())
}

fn columns(actor: &Actor) -> (&'static str, Option<&[u8; 16]>, Option<&str>) {
    match actor {
        Actor::Customer(id) => ("customer", Some(id.as_bytes()), None),
        Actor::Admin(id) => ("admin", Some(id.as_bytes()), None),
        Actor::Operator => ("operator", None, None),
        Actor::Job(name) => ("job", None, Some(name)),
        Actor::Gateway(name) => ("gateway", None, Some(name.as_str())),
    }
}

fn actor(columns: &mut Columns<'_>) -> Sql<Actor> {
    let kind: String = columns.value()?;
    let (mut id, mut name) = (columns.after(0), columns.after(1));
    *columns = columns.after(2);
    Ok(match kind.as_str() {
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

fn entry(row: &Row<'_>) -> Sql<Record> {
    let mut columns = Columns::of(row);
    let entry = Entry {
        id: columns.id()?,
        entity: Entity {
            kind: columns.label()?,
            id: columns.id::<Uuid>()?,
        },
        action: columns.value()?,
        edge: edge(&mut columns)?,
        details: columns.find_json()?.unwrap_or_default(),
    };
    Ok(Record {
        entry,
        actor: actor(&mut columns)?,
        at: columns.at()?,
    })
}

fn record_of(row: &Row<'_>) -> Sql<ShopRecord> {
    let mut columns = Columns::of(row);
    Ok(ShopRecord {
        id: columns.id()?,
        name: columns.text()?,
        currency: columns.currency()?,
        fingerprint_key: Sealed::stored(columns.value()?),
        created_at: columns.at()?,
    })
}

#[async_trait]
impl ShopReader for SqliteStore {
    async fn count_shops(&self) -> Read<u64> {
        self.look_up(|conn| count(conn, "SELECT count(*) FROM shops", ()))
            .await
    }

    async fn find_shop(&self, name: &Name) -> Read<Option<ShopRecord>> {
        let sql =
            "SELECT id, name, currency, fingerprint_key, created_at FROM shops WHERE name = ?1";
        self.look_up(|conn| find(conn, sql, params![name.as_str()], record_of))
            .await
    }

    async fn list_audit(&self, shop: ShopId, entity: Entity, page: Page) -> Read<Vec<Record>> {
        let sql = "SELECT id, entity, entity_id, action, edge_from, edge_to, details,
                actor, actor_id, actor_name, at
            FROM audit INDEXED BY audit_by_entity
            WHERE shop_id = ?1 AND entity_id = ?2 AND entity = ?3
            ORDER BY id DESC LIMIT ?4 OFFSET ?5";
        self.scan(move |conn| {
            let kind = entity.kind.as_str();
            let id = entity.id.as_bytes();
            let values = (shop.as_bytes(), id, kind, page.limit, page.offset);
            all(conn, sql, values, entry)
        })
        .await
    }

    async fn search_audit(&self, shop: ShopId, search: &Search, limit: u32) -> Read<Vec<Record>> {
        let sql = "SELECT id, entity, entity_id, action, edge_from, edge_to, details,
                actor, actor_id, actor_name, at
            FROM audit
            WHERE shop_id = ?1 AND id >= ?2 AND id < ?3
                AND (?4 IS NULL OR actor = ?4)
                AND (?5 IS NULL OR (actor_id = ?5 AND actor IN ('customer', 'admin')))
                AND (?6 IS NULL OR actor_name = ?6)
                AND (?7 IS NULL OR entity = ?7)
                AND (?8 IS NULL OR entity_id = ?8)
                AND (?9 IS NULL OR instr(lower(action), lower(?9)) > 0)
            ORDER BY id DESC LIMIT ?10";
        let search = search.clone();
        self.scan(move |conn| {
            let (kind, person, name) = search.actor_columns();
            let (from, before) = search.bounds();
            let values = params![
                shop.as_bytes(),
                from.as_bytes(),
                before.as_bytes(),
                kind.map(ActorKind::as_str),
                person.as_ref().map(CustomerId::as_bytes),
                name,
                search.kind.map(Kind::as_str),
                search.about.as_ref().map(Uuid::as_bytes),
                search.action,
                limit
            ];
            all(conn, sql, values, entry)
        })
        .await
    }

    async fn follow_audit(&self, shop: ShopId, after: AuditId, limit: u32) -> Read<Vec<Record>> {
        let sql = "SELECT id, entity, entity_id, action, edge_from, edge_to, details,
                actor, actor_id, actor_name, at
            FROM audit
            WHERE shop_id = ?1 AND id > ?2
            ORDER BY id LIMIT ?3";
        self.scan(move |conn| {
            let values = (shop.as_bytes(), after.as_bytes(), limit);
            all(conn, sql, values, entry)
        })
        .await
    }
}
