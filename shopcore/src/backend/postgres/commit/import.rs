//! New stock units, thousands at a time.

use sqlx::PgConnection;
use uuid::Uuid;

use super::failure::Failure;
use super::script::{Script, Step};
use crate::id::ProductId;
use crate::stock::NewUnit;
use crate::store::{Batch, Rejection, StockWrite, Write};

/// Units in one statement.
const ROWS: usize = 5_000;

// A duplicate content is skipped, and found out by the ids of the units added.
const ADD: Step = Step::read(
    "INSERT INTO units (shop_id, product_id, added_at, id, fingerprint, state)
    SELECT i.*, 'available'
    FROM unnest($1::uuid[], $2::uuid[], $3::int8[], $4::uuid[], $5::bytea[]) AS i
    ON CONFLICT (shop_id, fingerprint) DO NOTHING
    RETURNING NULL::int8[] AS numbers, ARRAY[id] AS ids",
);

const ADD_CONTENTS: Step = Step::silent(
    "INSERT INTO unit_contents (shop_id, unit_id, content)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bytea[])",
);

/// The units that have these fingerprints.
const OWNERS: Step = Step::read(
    "SELECT ARRAY[i.ord] AS numbers, ARRAY[units.id] AS ids
    FROM unnest($1::uuid[], $2::bytea[]) WITH ORDINALITY AS i (shop_id, fingerprint, ord)
    JOIN units ON units.shop_id = i.shop_id AND units.fingerprint = i.fingerprint",
);

#[cfg(test)]
pub(super) const STEPS: &[Step] = &[ADD, ADD_CONTENTS, OWNERS];

/// Whether a batch adds units: it is a group by itself then.
pub(super) fn adds_units(batch: &Batch) -> bool {
    let mut writes = batch.writes.iter();
    writes.any(|write| matches!(write, Write::Stock(StockWrite::Add { .. })))
}

/// Adds the units of a batch; tells what refused them.
pub(super) async fn add(
    batch: &Batch,
    conn: &mut PgConnection,
) -> Result<Option<Failure>, sqlx::Error> {
    for write in &batch.writes {
        let Write::Stock(StockWrite::Add { product, units }) = write else {
            continue;
        };
        for (chunk, units) in units.chunks(ROWS).enumerate() {
            let added = Chunk {
                batch,
                product: *product,
                units,
            };
            if let Some(failure) = added.insert(chunk * ROWS, conn).await? {
                return Ok(Some(failure));
            }
        }
    }
    Ok(None)
}

struct Chunk<'a> {
    batch: &'a Batch,
    product: ProductId,
    units: &'a [NewUnit],
}

impl Chunk<'_> {
    /// Adds them; the first has this index in its write.
    async fn insert(
        &self,
        first: usize,
        conn: &mut PgConnection,
    ) -> Result<Option<Failure>, sqlx::Error> {
        let shop = Uuid::from(self.batch.shop);
        let mut script = Script::default();
        script
            .lay(ADD, self.units)
            .col(|_| shop)
            .col(|_| Uuid::from(self.product))
            .col(|_| self.batch.at.timestamp_micros())
            .col(|unit| Uuid::from(unit.id))
            .col(|unit| unit.fingerprint.0.as_slice());
        let answers = script.run(conn).await?;
        // guard: content_once
        if answers.of(ADD).count() < self.units.len() {
            return self.duplicate(first, conn).await.map(Some);
        }
        let mut script = Script::default();
        script
            .lay(ADD_CONTENTS, self.units)
            .col(|_| shop)
            .col(|unit| Uuid::from(unit.id))
            .col(|unit| unit.content.as_bytes());
        script.run(conn).await?;
        Ok(None)
    }

    /// Finds the unit that was skipped: another one has its fingerprint.
    async fn duplicate(
        &self,
        first: usize,
        conn: &mut PgConnection,
    ) -> Result<Failure, sqlx::Error> {
        let mut script = Script::default();
        script
            .lay(OWNERS, self.units)
            .col(|_| Uuid::from(self.batch.shop))
            .col(|unit| unit.fingerprint.0.as_slice());
        let answers = script.run(conn).await?;
        let of_others = answers.of(OWNERS).filter(|row| {
            let unit = self.units.get(row.place()).map(|unit| Uuid::from(unit.id));
            row.ids.first().copied() != unit
        });
        let index = of_others.map(|row| row.place()).min();
        Ok(index.map_or(Failure::Conflict, |index| {
            let index = first + index;
            Rejection::DuplicateContent { index }.into()
        }))
    }
}
