//! Sending every row of a file to another store, or of one shop in it to a backup.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::types::{Type, Value, ValueRef};
use rusqlite::{Connection, Row, params_from_iter};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::failure::Outage;
use super::open::{OpenError, open_alone};
use super::rows::{Columns, Sql};
use super::schema::{self, Identity};
use crate::backend::migration::{Chunk, Column, Kind, Shape};

/// How long a chunk grows, in bytes.
const CHUNK: usize = 1024 * 1024;

/// How many chunks wait to be taken.
const WAITING: usize = 2;

/// A file whose rows stand still.
pub(in crate::backend) struct Sender(pub(super) Arc<Mutex<Connection>>);

impl Sender {
    /// Opens the file alone; one that has moved elsewhere than to `address` is refused.
    pub(in crate::backend) async fn open(
        path: PathBuf,
        address: String,
    ) -> Result<Self, OpenError> {
        let file = path.clone();
        let opened = spawn_blocking(move || open(&file, &address)).await;
        let conn = opened.unwrap_or_else(|error| {
            let source = Outage::Refused(error.to_string());
            Err(OpenError::Failed { path, source })
        })?;
        Ok(Self(Arc::new(Mutex::new(conn))))
    }

    /// Changes with whatever is written into a shop; `None` where there is no shop.
    pub(in crate::backend) async fn state(&self) -> Result<Option<String>, Outage> {
        self.with(|conn| {
            let sql = "SELECT count(*) FROM shops";
            let shops: u64 = conn.query_row(sql, (), |row| Columns::of(row).count())?;
            let sql = "SELECT count(*) || ':' || coalesce(hex(max(id)), '') FROM batches";
            let state = conn.query_row(sql, (), |row| row.get(0))?;
            Ok((shops > 0).then_some(state))
        })
        .await
    }

    /// How many rows a part has.
    pub(in crate::backend) async fn count(&self, shape: &Shape) -> Result<u64, Outage> {
        let sql = shape.count();
        self.with(move |conn| conn.query_row(&sql, (), |row| Columns::of(row).count()))
            .await
    }

    /// The rows of a part behind this key, or all of them.
    pub(in crate::backend) fn rows(
        &self,
        shape: &Shape,
        behind: Option<Vec<String>>,
    ) -> mpsc::Receiver<Result<Chunk, Outage>> {
        let (to, rows) = mpsc::channel(WAITING);
        let (conn, shape) = (Arc::clone(&self.0), shape.clone());
        spawn_blocking(move || {
            let conn = conn.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = send(&conn, &shape, behind.as_deref(), &to) {
                // Whoever asked has gone.
                let _ = to.blocking_send(Err(error.into()));
            }
        });
        rows
    }

    /// Marks the file as moved, so that it opens for nobody.
    pub(in crate::backend) async fn close(&self, address: String) -> Result<(), Outage> {
        self.with(move |conn| schema::mark_moved(conn, &address))
            .await
    }

    pub(super) async fn with<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Connection) -> Sql<T> + Send + 'static,
    ) -> Result<T, Outage> {
        let conn = Arc::clone(&self.0);
        let done = spawn_blocking(move || {
            let conn = conn.lock().unwrap_or_else(PoisonError::into_inner);
            act(&conn).map_err(Outage::from)
        });
        done.await
            .unwrap_or_else(|error| Err(Outage::Refused(error.to_string())))
    }
}

fn open(path: &Path, address: &str) -> Result<Connection, OpenError> {
    let conn = open_alone(path)?;
    let told = |error: rusqlite::Error| OpenError::Failed {
        path: path.to_owned(),
        source: error.into(),
    };
    let moved = Identity::of(&conn).map_err(told)?.moved;
    match moved.filter(|moved| moved != address) {
        Some(address) => Err(OpenError::Moved {
            path: path.to_owned(),
            address,
        }),
        None => Ok(conn),
    }
}

fn send(
    conn: &Connection,
    shape: &Shape,
    behind: Option<&[String]>,
    to: &mpsc::Sender<Result<Chunk, Outage>>,
) -> Sql<()> {
    let sql = match behind {
        Some(_) => shape.behind(),
        None => shape.all(),
    };
    let key = behind.unwrap_or_default().iter().zip(shape.key());
    let key = key.map(|(text, column)| value(text, column));
    let mut statement = conn.prepare(&sql)?;
    let mut rows = statement.query(params_from_iter(key.collect::<Sql<Vec<_>>>()?))?;
    let mut chunk = Chunk::default();
    while let Some(row) = rows.next()? {
        write(row, shape.columns(), &mut chunk)?;
        if chunk.text.len() >= CHUNK && to.blocking_send(Ok(std::mem::take(&mut chunk))).is_err() {
            return Ok(());
        }
    }
    if chunk.rows > 0 {
        // Whoever asked has gone.
        let _ = to.blocking_send(Ok(chunk));
    }
    Ok(())
}

/// A column of a key, as this database keeps it.
fn value(text: &str, column: &Column) -> Sql<Value> {
    let refused = |error: Box<dyn std::error::Error + Send + Sync>| {
        rusqlite::Error::ToSqlConversionFailure(error)
    };
    match column.kind {
        Kind::Id => {
            let id = Uuid::parse_str(text).map_err(|error| refused(error.into()))?;
            Ok(Value::Blob(id.as_bytes().to_vec()))
        }
        Kind::Number => {
            let number = text
                .parse()
                .map_err(|error: std::num::ParseIntError| refused(error.into()));
            number.map(Value::Integer)
        }
        Kind::Text => Ok(Value::Text(text.to_owned())),
        Kind::Bytes => Err(refused("no key has bytes".into())),
    }
}

fn write(row: &Row<'_>, columns: &[Column], chunk: &mut Chunk) -> Sql<()> {
    let last = columns.len().saturating_sub(1);
    for (place, column) in columns.iter().enumerate() {
        match (row.get_ref(place)?, column.kind) {
            (ValueRef::Null, _) => chunk.null(),
            (ValueRef::Integer(number), Kind::Number) => chunk.plain(&number.to_string()),
            (ValueRef::Text(text), Kind::Text) => chunk.text(text),
            (ValueRef::Blob(bytes), Kind::Bytes) => chunk.bytes(bytes),
            (ValueRef::Blob(bytes), Kind::Id) => {
                let id = Uuid::from_slice(bytes).map_err(|error| {
                    rusqlite::Error::FromSqlConversionFailure(place, Type::Blob, error.into())
                })?;
                chunk.plain(&id.to_string());
            }
            (value, _) => {
                let name = column.name.clone();
                return Err(rusqlite::Error::InvalidColumnType(
                    place,
                    name,
                    value.data_type(),
                ));
            }
        }
        chunk.end(place == last);
    }
    Ok(())
}
