//! New stock units, thousands at a time.

use std::collections::HashSet;

use sqlx::{PgConnection, raw_sql};
use uuid::Uuid;

use super::failure::Failure;
use super::script::{Script, Step};
use crate::id::ProductId;
use crate::stock::NewUnit;
use crate::store::{Batch, Rejection, StockWrite, Write};

/// Units in one statement.
const ROWS: usize = 5_000;

// Without ON CONFLICT, which takes twice as long.
const ADD: Step = Step::silent(
    "INSERT INTO units (shop_id, product_id, added_at, id, fingerprint, state)
    SELECT i.*, 'available'
    FROM unnest($1::uuid[], $2::uuid[], $3::int8[], $4::uuid[], $5::bytea[]) AS i",
);

const ADD_CONTENTS: Step = Step::silent(
    "INSERT INTO unit_contents (shop_id, unit_id, content)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bytea[])",
);

/// Which of these contents are stored.
const STORED: Step = Step::read(
    "SELECT ARRAY[i.ord] AS numbers, NULL::uuid[] AS ids
    FROM unnest($1::uuid[], $2::bytea[]) WITH ORDINALITY AS i (shop_id, fingerprint, ord)
    JOIN units ON units.shop_id = i.shop_id AND units.fingerprint = i.fingerprint",
);

#[cfg(test)]
pub(super) const STEPS: &[Step] = &[ADD, ADD_CONTENTS, STORED];

/// Whether a batch adds units: it is a group by itself then.
pub(super) fn adds_units(batch: &Batch) -> bool {
    added(batch).next().is_some()
}

/// Adds the units of a batch; tells what refused them.
pub(super) async fn add(
    batch: &Batch,
    conn: &mut PgConnection,
) -> Result<Option<Failure>, sqlx::Error> {
    raw_sql("SAVEPOINT import").execute(&mut *conn).await?;
    match insert(batch, conn).await {
        Err(error) if is_duplicate(&error) => {
            let back = raw_sql("ROLLBACK TO SAVEPOINT import");
            back.execute(&mut *conn).await?;
            duplicate(batch, conn).await.map(Some)
        }
        done => done.map(|()| None),
    }
}

/// What a batch adds, write by write.
fn added(batch: &Batch) -> impl Iterator<Item = (ProductId, &[NewUnit])> {
    batch.writes.iter().filter_map(|write| {
        let Write::Stock(StockWrite::Add { product, units }) = write else {
            return None;
        };
        Some((*product, units.as_slice()))
    })
}

async fn insert(batch: &Batch, conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    let mut chunks = Vec::new();
    for (product, units) in added(batch) {
        chunks.extend(units.chunks(ROWS).map(|units| (product, units)));
    }
    let mut chunks = chunks.into_iter();
    let mut make = || {
        let (product, units) = chunks.next()?;
        Some(script(batch, product, units))
    };
    let mut next = make();
    while let Some(script) = next {
        // The next one is made while the database works on this one.
        let (ran, made) = tokio::join!(script.run(conn), async { make() });
        ran?;
        next = made;
    }
    Ok(())
}

fn script(batch: &Batch, product: ProductId, units: &[NewUnit]) -> Script {
    let shop = Uuid::from(batch.shop);
    let mut script = Script::default();
    script
        .lay(ADD, units)
        .col(|_| shop)
        .col(|_| Uuid::from(product))
        .col(|_| batch.at.timestamp_micros())
        .col(|unit| Uuid::from(unit.id))
        .col(|unit| unit.fingerprint.0.as_slice());
    script
        .lay(ADD_CONTENTS, units)
        .col(|_| shop)
        .col(|unit| Uuid::from(unit.id))
        .col(|unit| unit.content.as_bytes());
    script
}

fn is_duplicate(error: &sqlx::Error) -> bool {
    let constraint = error
        .as_database_error()
        .and_then(|error| error.constraint());
    constraint == Some("units_shop_id_fingerprint_key")
}

/// Finds the first unit whose content is there already, or came before it in the batch.
async fn duplicate(batch: &Batch, conn: &mut PgConnection) -> Result<Failure, sqlx::Error> {
    let mut seen = HashSet::new();
    for (_, units) in added(batch) {
        let again = units.iter().position(|unit| !seen.insert(unit.fingerprint));
        let stored = stored(batch, units, conn).await?;
        if let Some(index) = again.into_iter().chain(stored).min() {
            return Ok(Rejection::DuplicateContent { index }.into());
        }
    }
    Ok(Failure::Conflict)
}

/// The first of the units whose content is stored.
async fn stored(
    batch: &Batch,
    units: &[NewUnit],
    conn: &mut PgConnection,
) -> Result<Option<usize>, sqlx::Error> {
    for (chunk, units) in units.chunks(ROWS).enumerate() {
        let mut script = Script::default();
        script
            .lay(STORED, units)
            .col(|_| Uuid::from(batch.shop))
            .col(|unit| unit.fingerprint.0.as_slice());
        let answers = script.run(conn).await?;
        if let Some(place) = answers.of(STORED).map(|row| row.place()).min() {
            return Ok(Some(chunk * ROWS + place));
        }
    }
    Ok(None)
}
