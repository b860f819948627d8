//! Reading the rows of one shop while the file is open elsewhere, and who lives in a file.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use tokio::task::spawn_blocking;

use super::failure::Outage;
use super::open::{OpenError, open_alone, open_beside};
use super::rows::{Columns, Sql, all};
use super::{Sender, schema, snapshot};
use crate::backend::migration::{Column, Kind, Part, Shape};
use crate::id::ShopId;
use crate::store::Snapshot;
use crate::text::Name;

/// The newest schema of a file.
pub(in crate::backend) const KNOWN_SCHEMA: u32 = schema::KNOWN;

/// The shops in a file that nobody else has open.
pub(in crate::backend) struct Occupants(pub(in crate::backend) Vec<(ShopId, Name)>);

impl Occupants {
    /// Those of the file at `path`, which is closed again.
    pub(in crate::backend) async fn of(path: PathBuf) -> Result<Self, OpenError> {
        let file = path.clone();
        let found = spawn_blocking(move || occupants(&file)).await;
        found.unwrap_or_else(|error| Err(crashed(path, &error)))
    }
}

fn occupants(path: &Path) -> Result<Occupants, OpenError> {
    let conn = open_alone(path)?;
    let found = shops(&conn).map_err(|error| OpenError::Failed {
        path: path.to_owned(),
        source: error.into(),
    })?;
    Ok(Occupants(found))
}

fn crashed(path: PathBuf, error: &tokio::task::JoinError) -> OpenError {
    let source = Outage::Refused(error.to_string());
    OpenError::Failed { path, source }
}

impl Sender {
    /// Opens the file beside whoever has it open; what it tells is of this moment.
    pub(in crate::backend) async fn beside(path: PathBuf) -> Result<Self, OpenError> {
        let file = path.clone();
        let opened = spawn_blocking(move || open_beside(&file)).await;
        let conn = opened.unwrap_or_else(|error| Err(crashed(path, &error)))?;
        Ok(Self(Arc::new(Mutex::new(conn))))
    }

    /// The shops that are there.
    pub(in crate::backend) async fn shops(&self) -> Result<Vec<(ShopId, Name)>, Outage> {
        self.with(shops).await
    }

    /// The rows of a part that are of this shop.
    pub(in crate::backend) async fn shape(
        &self,
        part: Part,
        shop: ShopId,
    ) -> Result<Shape, Outage> {
        self.with(move |conn| shape_of(conn, part, shop)).await
    }

    /// All rows of a shop.
    pub(in crate::backend) async fn snapshot(&self, shop: ShopId) -> Result<Snapshot, Outage> {
        self.with(move |conn| snapshot::take(conn, shop)).await
    }
}

pub(super) fn shops(conn: &Connection) -> Sql<Vec<(ShopId, Name)>> {
    let sql = "SELECT id, name FROM shops ORDER BY id";
    all(conn, sql, (), |row| {
        let mut columns = Columns::of(row);
        Ok((columns.id()?, columns.text()?))
    })
}

/// Its columns and its key, as the file itself tells them.
pub(super) fn shape_of(conn: &Connection, part: Part, shop: ShopId) -> Sql<Shape> {
    let sql = "SELECT name, type, pk FROM pragma_table_info(?1) ORDER BY cid";
    let told: Vec<(Column, u32)> = all(conn, sql, (part.table,), |row| {
        let (name, type_name): (String, String) = (row.get(0)?, row.get(1)?);
        let kind = kind(&name, &type_name);
        Ok((Column { name, kind }, row.get(2)?))
    })?;
    let mut key: Vec<_> = told.iter().filter(|(_, place)| *place > 0).collect();
    key.sort_by_key(|(_, place)| *place);
    let key = key.into_iter().map(|(column, _)| column.clone()).collect();
    let columns = told.into_iter().map(|(column, _)| column).collect();
    let literal: String = shop
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(Shape::new(part, columns, key).of_shop(&format!("x'{literal}'")))
}

/// A file tells ids from other bytes by their names alone.
fn kind(name: &str, type_name: &str) -> Kind {
    match type_name {
        "INTEGER" => Kind::Number,
        "BLOB" if name == "id" || name.ends_with("_id") => Kind::Id,
        "BLOB" => Kind::Bytes,
        _ => Kind::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::open::open_scratch;
    use super::*;

    /// The columns of a table as the other schema declares them.
    fn declared(table: &str) -> Vec<Column> {
        let schema = include_str!("../../../migrations/postgres/0001_shop.sql");
        let body = schema.split_once(&format!("CREATE TABLE {table} (\n"));
        let lines = body
            .unwrap()
            .1
            .lines()
            .take_while(|line| !line.starts_with(')'));
        let columns = lines.filter_map(|line| {
            let mut words = line.split_whitespace();
            let name = words.next()?;
            let kind = Kind::of(words.next()?.trim_end_matches(','))?;
            let name = name.to_owned();
            Some(Column { name, kind })
        });
        columns.collect()
    }

    #[test]
    fn both_databases_keep_the_same_columns() {
        let conn = open_scratch(None).unwrap();
        for part in Part::ALL {
            let shape = shape_of(&conn, part, ShopId::from(uuid::Uuid::nil())).unwrap();
            let (mut own, mut other) = (shape.columns().to_vec(), declared(part.table));
            own.sort_by(|a, b| a.name.cmp(&b.name));
            other.sort_by(|a, b| a.name.cmp(&b.name));
            assert_eq!(own, other, "{}", part.table);
        }
    }
}
