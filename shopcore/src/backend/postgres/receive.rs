//! Taking in the rows of another store, into a database that opens for nobody until all are there.

use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Connection, PgConnection, raw_sql};

use super::failure::Outage;
use super::open::{OpenError, PostgresOptions};
use super::rows::{Sql, all};
use super::{Address, schema, snapshot};
use crate::backend::migration::{Chunk, Column, Kind, Part, Shape};
use crate::id::ShopId;
use crate::store::Snapshot;
use crate::text::Name;

/// A database that takes in rows.
pub(in crate::backend) struct Receiver(pub(super) PgConnection);

impl Receiver {
    /// Connects to the database and brings its schema up to date.
    pub(in crate::backend) async fn open(address: Address) -> Result<Self, OpenError> {
        let options = PostgresOptions::new(address).statement_timeout(std::time::Duration::ZERO);
        let (_, conn) = options.connect().await?;
        Ok(Self(conn))
    }

    /// The state that the unfinished move in it began from.
    pub(in crate::backend) async fn begun_from(&mut self) -> Result<Option<String>, Outage> {
        let begun = schema::unfinished(&mut self.0).await;
        begun.map_err(|error| Outage::of(&error))
    }

    /// Begins a move from this state, without what an unfinished one brought; false where there are
    /// shops that none brought.
    pub(in crate::backend) async fn begin(&mut self, state: &str) -> Result<bool, Outage> {
        let begun = begin(&mut self.0, state).await;
        begun.map_err(|error| Outage::of(&error))
    }

    /// The columns of a part.
    pub(in crate::backend) async fn shape(&mut self, part: Part) -> Result<Shape, Outage> {
        let shape = shape(&mut self.0, part).await;
        shape.map_err(|error| Outage::of(&error))
    }

    /// How many rows of a part are there, and the key of the last.
    pub(in crate::backend) async fn arrived(
        &mut self,
        shape: &Shape,
    ) -> Result<(u64, Option<Vec<String>>), Outage> {
        let arrived = arrived(&mut self.0, shape).await;
        arrived.map_err(|error| Outage::of(&error))
    }

    /// Takes a chunk, whole or not at all.
    pub(in crate::backend) async fn take(
        &mut self,
        shape: &Shape,
        chunk: &Chunk,
    ) -> Result<(), Outage> {
        let taken = take(&mut self.0, shape, chunk).await;
        taken.map_err(|error| Outage::of(&error))
    }

    /// Reads a part back as it would be sent.
    pub(in crate::backend) async fn read(
        &mut self,
        shape: &Shape,
        see: impl FnMut(&[u8]),
    ) -> Result<(), Outage> {
        let read = read(&mut self.0, shape, see).await;
        read.map_err(|error| Outage::of(&error))
    }

    /// The shops that are there.
    pub(in crate::backend) async fn shops(&mut self) -> Result<Vec<(ShopId, Name)>, Outage> {
        let sql = sqlx::query("SELECT id, name FROM shops ORDER BY id");
        let shops = all(&mut self.0, sql, |columns| {
            Ok((columns.id()?, columns.text()?))
        });
        shops.await.map_err(|error| Outage::of(&error))
    }

    /// All rows of a shop.
    pub(in crate::backend) async fn snapshot(&mut self, shop: ShopId) -> Result<Snapshot, Outage> {
        let snapshot = snapshot::at_one_moment(&mut self.0, shop).await;
        snapshot.map_err(|error| Outage::of(&error))
    }

    /// Lets the database open.
    pub(in crate::backend) async fn end(&mut self) -> Result<(), Outage> {
        let ended = schema::finish(&mut self.0).await;
        ended.map_err(|error| Outage::of(&error))
    }
}

async fn begin(conn: &mut PgConnection, state: &str) -> Sql<bool> {
    let mut transaction = conn.begin().await?;
    if schema::unfinished(&mut transaction).await?.is_some() {
        let mut tables: Vec<_> = Part::ALL.iter().map(|part| part.table).collect();
        tables.dedup();
        let sql = format!("TRUNCATE {}, leases", tables.join(", "));
        raw_sql(AssertSqlSafe(sql))
            .execute(&mut *transaction)
            .await?;
        schema::finish(&mut transaction).await?;
    }
    let shops = sqlx::query_scalar("SELECT count(*) FROM shops");
    let shops: i64 = shops.fetch_one(&mut *transaction).await?;
    if shops > 0 {
        return Ok(false);
    }
    schema::begin(&mut transaction, state).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Its columns and its key, as the database itself tells them.
async fn shape(conn: &mut PgConnection, part: Part) -> Sql<Shape> {
    let sql = "SELECT a.attname::text, format_type(a.atttypid, NULL),
            array_position(i.indkey::int2[], a.attnum)
        FROM pg_attribute AS a
        JOIN pg_index AS i ON i.indrelid = a.attrelid AND i.indisprimary
        WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attnum";
    let told = all(conn, sqlx::query(sql).bind(part.table), |columns| {
        let (name, type_name): (String, String) = (columns.value()?, columns.value()?);
        let kind = Kind::of(&type_name).ok_or_else(|| {
            sqlx::Error::Decode(format!("{}.{name} is of type {type_name}", part.table).into())
        })?;
        let place: Option<i32> = columns.value()?;
        Ok((Column { name, kind }, place))
    });
    let told = told.await?;
    let mut key: Vec<_> = told.iter().filter(|(_, place)| place.is_some()).collect();
    key.sort_by_key(|(_, place)| *place);
    let key = key.into_iter().map(|(column, _)| column.clone()).collect();
    let columns = told.into_iter().map(|(column, _)| column).collect();
    Ok(Shape::new(part, columns, key))
}

async fn arrived(conn: &mut PgConnection, shape: &Shape) -> Sql<(u64, Option<Vec<String>>)> {
    let count = sqlx::query(AssertSqlSafe(shape.count()));
    let rows = all(conn, count, |columns| columns.number()).await?.pop();
    let last = all(conn, sqlx::query(AssertSqlSafe(shape.last())), |columns| {
        shape.key().iter().map(|_| columns.value()).collect()
    });
    Ok((rows.unwrap_or_default(), last.await?.pop()))
}

async fn take(conn: &mut PgConnection, shape: &Shape, chunk: &Chunk) -> Sql<()> {
    let (table, names) = (shape.part().table, shape.names());
    let sql = format!("COPY {table} ({names}) FROM STDIN");
    let mut copy = conn.copy_in_raw(&sql).await?;
    copy.send(chunk.text.as_slice()).await?;
    copy.finish().await?;
    Ok(())
}

async fn read(conn: &mut PgConnection, shape: &Shape, mut see: impl FnMut(&[u8])) -> Sql<()> {
    let sql = format!("COPY ({}) TO STDOUT", shape.all());
    let mut lines = conn.copy_out_raw(&sql).await?;
    while let Some(line) = lines.try_next().await? {
        see(&line);
    }
    Ok(())
}
