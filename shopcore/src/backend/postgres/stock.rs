//! Stock units.

use async_trait::async_trait;
use serde::Deserialize;
use uuid::Uuid;

use super::rows::{Columns, Sql, query};
use super::{PostgresStore, Read};
use crate::id::{ShopId, UnitId};
use crate::stock::{Unit, UnitState};
use crate::store::{BoxError, Page, StockReader, UnitFilter};
use crate::vault::{Fingerprint, Sealed};

/// Every unit, by id, without its content.
pub(super) const UNITS: &str = "SELECT id, product_id, state, line_id, fingerprint FROM units
    WHERE shop_id = $1 ORDER BY id";

/// Where a unit stands, without its line.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    Available,
    Held,
    Sold,
    Withdrawn,
}

/// A unit's state, from two columns.
pub(super) fn state(columns: &mut Columns<'_>) -> Sql<UnitState> {
    let standing: Standing = columns.label()?;
    let mut line = columns.after(0);
    *columns = columns.after(1);
    Ok(match standing {
        Standing::Available => UnitState::Available,
        Standing::Held => UnitState::Held(line.id()?),
        Standing::Sold => UnitState::Sold(line.id()?),
        Standing::Withdrawn => UnitState::Withdrawn,
    })
}

pub(super) fn fingerprint(columns: &mut Columns<'_>) -> Sql<Fingerprint> {
    let bytes: &[u8] = columns.value()?;
    let bytes = bytes.try_into();
    let damaged = |error: std::array::TryFromSliceError| BoxError::from(error);
    let bytes = bytes.map_err(|error| sqlx::Error::Decode(damaged(error)))?;
    Ok(Fingerprint(bytes))
}

fn unit(columns: &mut Columns<'_>) -> Sql<Unit> {
    Ok(Unit {
        id: columns.id()?,
        product: columns.id()?,
        state: state(columns)?,
        content: Sealed::stored(columns.value()?),
        added_at: columns.at()?,
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

#[async_trait]
impl StockReader for PostgresStore {
    async fn list_units(&self, shop: ShopId, filter: UnitFilter, page: Page) -> Read<Vec<Unit>> {
        let (sql, id): (_, Uuid) = match filter {
            UnitFilter::Available(product) => (
                select_units!(
                    "FROM (SELECT * FROM units
                        WHERE shop_id = $1 AND product_id = $2 AND state = 'available'
                        ORDER BY id LIMIT $3 OFFSET $4) AS u
                    JOIN unit_contents AS c ON c.shop_id = $1 AND c.unit_id = u.id
                    ORDER BY u.id"
                ),
                product.into(),
            ),
            UnitFilter::Order(order) => (
                select_units!(
                    "FROM order_lines AS l
                    JOIN units AS u ON u.shop_id = $1 AND u.line_id = l.id
                    JOIN unit_contents AS c ON c.shop_id = $1 AND c.unit_id = u.id
                    WHERE l.shop_id = $1 AND l.order_id = $2
                    ORDER BY l.id, u.id LIMIT $3 OFFSET $4"
                ),
                order.into(),
            ),
            UnitFilter::Unit(unit) => (
                select_units!(
                    "FROM units AS u
                    JOIN unit_contents AS c ON c.shop_id = $1 AND c.unit_id = u.id
                    WHERE u.shop_id = $1 AND u.id = $2
                    LIMIT $3 OFFSET $4"
                ),
                unit.into(),
            ),
        };
        let query = || {
            let of = query(sql, shop).bind(id);
            of.bind(i64::from(page.limit)).bind(i64::from(page.offset))
        };
        self.all(query, unit).await
    }

    async fn find_fingerprints(
        &self,
        shop: ShopId,
        fingerprints: &[Fingerprint],
    ) -> Read<Vec<Fingerprint>> {
        // Each is looked up by itself: a join might read the whole stock for a few of them.
        let sql = "SELECT wanted.fingerprint
            FROM unnest($2::bytea[]) WITH ORDINALITY AS wanted (fingerprint, place)
            WHERE EXISTS (
                SELECT FROM units
                WHERE units.shop_id = $1 AND units.fingerprint = wanted.fingerprint OFFSET 0)
            ORDER BY wanted.place";
        let wanted: Vec<_> = fingerprints
            .iter()
            .map(|print| print.0.as_slice())
            .collect();
        self.all(|| query(sql, shop).bind(wanted.as_slice()), fingerprint)
            .await
    }

    async fn find_unit_state(&self, shop: ShopId, unit: UnitId) -> Read<Option<UnitState>> {
        let sql = "SELECT state, line_id FROM units WHERE shop_id = $1 AND id = $2";
        self.find(|| query(sql, shop).bind(Uuid::from(unit)), state)
            .await
    }
}
