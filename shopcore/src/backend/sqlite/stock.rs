//! Stock units: taken from the front of a product's free ones, found by their line afterwards.

use std::sync::LazyLock;

use async_trait::async_trait;
use rusqlite::types::{ToSql, ToSqlOutput};
use rusqlite::{Connection, Row, params, params_from_iter};
use serde::Deserialize;

use super::apply::Scope;
use super::failure::Failure;
use super::rows::{At, Columns, Sql, all, find, one, run};
use super::{Done, Read, SqliteStore};
use crate::id::{LineId, ProductId, ShopId, UnitId};
use crate::stock::{NewUnit, Unit, UnitState};
use crate::store::{Page, Rejection, StockClaim, StockReader, StockWrite, UnitFilter, UnitRow};
use crate::vault::{Fingerprint, Sealed};

/// Units in one statement of an import.
const ROWS: usize = 500;

/// Fingerprints that are looked for without leaving the caller's thread.
const FIND_HERE: usize = 64;

pub(super) fn apply(scope: Scope<'_>, write: &StockWrite) -> Done {
    match write {
        StockWrite::Add { product, units } => add(scope, *product, units),
        StockWrite::Hold { product, claims } => claim_all(scope, *product, claims, "held"),
        StockWrite::Take { product, claims } => claim_all(scope, *product, claims, "sold"),
        StockWrite::Sell(claim) => sell(scope, *claim),
        StockWrite::Release(claim) => release(scope, *claim),
        StockWrite::Withdraw { units } => units.iter().try_for_each(|unit| withdraw(scope, *unit)),
        StockWrite::Restore { units } => units.iter().try_for_each(|unit| restore(scope, *unit)),
    }
}

fn claim_all(scope: Scope<'_>, product: ProductId, claims: &[StockClaim], state: &str) -> Done {
    let mut taken = 0;
    for claim in claims {
        for _ in 0..claim.quantity {
            // guard: stock_claim
            if !take_one(scope, product, claim.line, state)? {
                let available = taken;
                return Err(Rejection::OutOfStock { product, available }.into());
            }
            taken += 1;
        }
    }
    Ok(())
}

/// Takes the first available unit; tells whether there was one.
///
/// One at a time: for several, SQLite would copy their keys to a table of its own first, which
/// costs a purchase of one unit more than the rest of the statement. The index is named because a
/// plan by the primary key would walk the whole shop.
fn take_one(scope: Scope<'_>, product: ProductId, line: LineId, state: &str) -> Sql<bool> {
    let sql = "UPDATE units SET state = ?3, line_id = ?4
        WHERE shop_id = ?1 AND id = (
            SELECT id FROM units INDEXED BY stock_free
            WHERE shop_id = ?1 AND product_id = ?2
                AND state = 'available'
            ORDER BY id LIMIT 1)";
    let values = params![scope.key(), product.as_bytes(), state, line.as_bytes()];
    Ok(run(scope.conn, sql, values)? == 1)
}

fn sell(scope: Scope<'_>, claim: StockClaim) -> Done {
    let sql = "UPDATE units INDEXED BY units_by_line SET state = 'sold'
        WHERE shop_id = ?1 AND line_id = ?2
            AND state = 'held'"; // guard: unit_sell_from
    all_of(claim, move_held(scope, sql, claim)?) // guard: unit_sell_all
}

fn release(scope: Scope<'_>, claim: StockClaim) -> Done {
    let sql = "UPDATE units INDEXED BY units_by_line SET state = 'available', line_id = NULL
        WHERE shop_id = ?1 AND line_id = ?2
            AND state = 'held'"; // guard: unit_release_from
    all_of(claim, move_held(scope, sql, claim)?) // guard: unit_release_all
}

fn move_held(scope: Scope<'_>, sql: &str, claim: StockClaim) -> Sql<usize> {
    let line = claim.line.as_bytes();
    run(scope.conn, sql, params![scope.key(), line])
}

fn all_of(claim: StockClaim, changed: usize) -> Done {
    if u32::try_from(changed) == Ok(claim.quantity) {
        Ok(())
    } else {
        Err(Failure::Conflict)
    }
}

fn withdraw(scope: Scope<'_>, unit: UnitId) -> Done {
    let sql = "UPDATE units SET state = 'withdrawn'
        WHERE shop_id = ?1 AND id = ?2
            AND state = 'available'"; // guard: unit_withdraw_from
    one(run(scope.conn, sql, params![scope.key(), unit.as_bytes()])?)
}

fn restore(scope: Scope<'_>, unit: UnitId) -> Done {
    let sql = "UPDATE units SET state = 'available'
        WHERE shop_id = ?1 AND id = ?2
            AND state = 'withdrawn'"; // guard: unit_restore_from
    one(run(scope.conn, sql, params![scope.key(), unit.as_bytes()])?)
}

/// Statements that add one unit, or [`ROWS`] of them.
struct Inserts {
    units: String,
    contents: String,
}

impl Inserts {
    fn of(rows: usize) -> Self {
        let list = |row: fn(usize) -> String| (0..rows).map(row).collect::<Vec<_>>().join(", ");
        let units = list(|row| {
            let (id, fingerprint) = (4 + 2 * row, 5 + 2 * row);
            format!("(?1, ?2, ?3, ?{id}, ?{fingerprint}, 'available')")
        });
        let contents = list(|row| {
            let (id, content) = (2 + 2 * row, 3 + 2 * row);
            format!("(?1, ?{id}, ?{content})")
        });
        Self {
            // A duplicate content is skipped, and found out by the count of the rows added.
            units: format!(
                "INSERT INTO units (shop_id, product_id, added_at, id, fingerprint, state)
                VALUES {units} ON CONFLICT (shop_id, fingerprint) DO NOTHING"
            ),
            contents: format!(
                "INSERT INTO unit_contents (shop_id, unit_id, content) VALUES {contents}"
            ),
        }
    }
}

static ONE: LazyLock<Inserts> = LazyLock::new(|| Inserts::of(1));
static MANY: LazyLock<Inserts> = LazyLock::new(|| Inserts::of(ROWS));

fn add(scope: Scope<'_>, product: ProductId, units: &[NewUnit]) -> Done {
    for (chunk, part) in units.chunks(ROWS).enumerate() {
        let first = chunk * ROWS;
        if part.len() == ROWS {
            insert(scope, product, &MANY, (first, part))?;
            continue;
        }
        for (index, unit) in part.chunks(1).enumerate() {
            insert(scope, product, &ONE, (first + index, unit))?;
        }
    }
    Ok(())
}

/// Adds units, the first of which has this index in its write.
fn insert(
    scope: Scope<'_>,
    product: ProductId,
    inserts: &Inserts,
    (first, units): (usize, &[NewUnit]),
) -> Done {
    let shop = scope.key();
    let at = At(scope.at);
    let head: [&dyn ToSql; 3] = [&shop, product.as_bytes(), &at];
    let rows = units
        .iter()
        .flat_map(|unit| -> [&dyn ToSql; 2] { [unit.id.as_bytes(), &unit.fingerprint.0] });
    let values = params_from_iter(head.into_iter().chain(rows));
    let added = run(scope.conn, &inserts.units, values)?;
    // guard: content_once
    if added < units.len() {
        return Err(duplicate(scope, first, units)?);
    }
    let rows = units.iter().flat_map(|unit| {
        let id = ToSqlOutput::from(unit.id.as_bytes().as_slice());
        [id, ToSqlOutput::from(unit.content.as_bytes())]
    });
    let head = [ToSqlOutput::from(shop.as_slice())];
    run(
        scope.conn,
        &inserts.contents,
        params_from_iter(head.into_iter().chain(rows)),
    )?;
    Ok(())
}

/// Finds the unit that was skipped: another one has its fingerprint.
fn duplicate(scope: Scope<'_>, first: usize, units: &[NewUnit]) -> Result<Failure, Failure> {
    let sql = "SELECT id FROM units WHERE shop_id = ?1 AND fingerprint = ?2";
    for (index, unit) in units.iter().enumerate() {
        let values = params![scope.key(), unit.fingerprint.0];
        let owner: Option<UnitId> = find(scope.conn, sql, values, |row| Columns::of(row).id())?;
        if owner != Some(unit.id) {
            let index = first + index;
            return Ok(Rejection::DuplicateContent { index }.into());
        }
    }
    Ok(Failure::Conflict)
}

/// Where a unit stands, without its line.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    Available,
    Held,
    Sold,
    Withdrawn,
}

fn state(columns: &mut Columns<'_>) -> Sql<UnitState> {
    let standing: Standing = columns.label()?;
    let line = columns.after(0);
    *columns = columns.after(1);
    let line = || line.after(0).id();
    Ok(match standing {
        Standing::Available => UnitState::Available,
        Standing::Held => UnitState::Held(line()?),
        Standing::Sold => UnitState::Sold(line()?),
        Standing::Withdrawn => UnitState::Withdrawn,
    })
}

fn unit(row: &Row<'_>) -> Sql<Unit> {
    let mut columns = Columns::of(row);
    Ok(Unit {
        id: columns.id()?,
        product: columns.id()?,
        state: state(&mut columns)?,
        content: Sealed::stored(columns.value()?),
        added_at: columns.at()?,
    })
}

/// Every unit, by id, without its content.
pub(super) fn units(conn: &Connection, shop: ShopId) -> Sql<Vec<UnitRow>> {
    let sql = "SELECT id, product_id, state, line_id, fingerprint FROM units
        WHERE shop_id = ?1 ORDER BY id";
    all(conn, sql, params![shop.as_bytes()], |row| {
        let mut columns = Columns::of(row);
        Ok(UnitRow {
            id: columns.id()?,
            product: columns.id()?,
            state: state(&mut columns)?,
            fingerprint: Fingerprint(columns.value()?),
        })
    })
}

macro_rules! select_units {
    ($rest:literal) => {
        concat!(
            "SELECT u.id, u.product_id, u.state, u.line_id, c.content, u.added_at ",
            $rest
        )
    };
}

fn list(conn: &Connection, shop: ShopId, filter: UnitFilter, page: Page) -> Sql<Vec<Unit>> {
    let (sql, id) = match &filter {
        UnitFilter::Available(product) => (
            select_units!(
                "FROM units AS u INDEXED BY stock_free
                JOIN unit_contents AS c ON c.shop_id = u.shop_id AND c.unit_id = u.id
                WHERE u.shop_id = ?1 AND u.product_id = ?2 AND u.state = 'available'
                ORDER BY u.id LIMIT ?3 OFFSET ?4"
            ),
            product.as_bytes(),
        ),
        UnitFilter::Order(order) => (
            select_units!(
                "FROM order_lines AS l
                JOIN units AS u INDEXED BY units_by_line
                    ON u.shop_id = l.shop_id AND u.line_id = l.id
                JOIN unit_contents AS c ON c.shop_id = u.shop_id AND c.unit_id = u.id
                WHERE l.shop_id = ?1 AND l.order_id = ?2
                ORDER BY l.id, u.id LIMIT ?3 OFFSET ?4"
            ),
            order.as_bytes(),
        ),
        UnitFilter::Unit(unit) => (
            select_units!(
                "FROM units AS u
                JOIN unit_contents AS c ON c.shop_id = u.shop_id AND c.unit_id = u.id
                WHERE u.shop_id = ?1 AND u.id = ?2
                LIMIT ?3 OFFSET ?4"
            ),
            unit.as_bytes(),
        ),
    };
    let values = params![shop.as_bytes(), id, page.limit, page.offset];
    all(conn, sql, values, unit)
}

fn known(conn: &Connection, shop: ShopId, wanted: &[Fingerprint]) -> Sql<Vec<Fingerprint>> {
    let sql = "SELECT 1 FROM units WHERE shop_id = ?1 AND fingerprint = ?2";
    let mut known = Vec::new();
    let mut statement = conn.prepare_cached(sql)?;
    for fingerprint in wanted {
        if statement.exists(params![shop.as_bytes(), fingerprint.0])? {
            known.push(*fingerprint);
        }
    }
    Ok(known)
}

#[async_trait]
impl StockReader for SqliteStore {
    async fn list_units(&self, shop: ShopId, filter: UnitFilter, page: Page) -> Read<Vec<Unit>> {
        self.scan(move |conn| list(conn, shop, filter, page)).await
    }

    async fn find_fingerprints(
        &self,
        shop: ShopId,
        fingerprints: &[Fingerprint],
    ) -> Read<Vec<Fingerprint>> {
        if fingerprints.len() <= FIND_HERE {
            return self.look_up(|conn| known(conn, shop, fingerprints)).await;
        }
        let wanted = fingerprints.to_vec();
        self.scan(move |conn| known(conn, shop, &wanted)).await
    }

    async fn find_unit_state(&self, shop: ShopId, unit: UnitId) -> Read<Option<UnitState>> {
        let sql = "SELECT state, line_id FROM units WHERE shop_id = ?1 AND id = ?2";
        let values = (shop.as_bytes(), unit.as_bytes());
        self.look_up(|conn| find(conn, sql, values, |row| state(&mut Columns::of(row))))
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_in_an_unknown_state_is_not_for_sale() {
        let conn = Connection::open_in_memory().unwrap();
        let read = |label: &str| {
            let read = |row: &Row<'_>| state(&mut Columns::of(row));
            conn.query_row("SELECT ?1, NULL", params![label], read)
        };
        assert_eq!(read("available").unwrap(), UnitState::Available);
        assert_eq!(read("withdrawn").unwrap(), UnitState::Withdrawn);
        read("lost").unwrap_err();
    }
}
