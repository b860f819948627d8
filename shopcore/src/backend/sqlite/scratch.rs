//! A database that takes in the rows of a backup, so that they can be judged before they are used.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use thiserror::Error;
use uuid::Uuid;

use super::Sender;
use super::beside::shape_of;
use super::failure::Outage;
use super::open::{OpenError, open_scratch};
use super::rows::Sql;
use crate::backend::migration::{Column, Kind, Part, Shape};
use crate::id::ShopId;

/// Why a row was not taken in.
#[derive(Debug, Error)]
pub(in crate::backend) enum Spoiled {
    /// It is not written as rows are.
    #[error("a row of {0} can't be read")]
    Row(&'static str),
    /// It is another shop's.
    #[error("a row of {0} is another shop's")]
    OtherShop(&'static str),
    /// It refers to what is not there, or breaks a rule of its table.
    #[error("a row of {0} does not fit in: {1}")]
    Misfit(&'static str, Outage),
}

/// A database with rows that nobody uses yet.
pub(in crate::backend) struct Scratch(Connection);

impl Scratch {
    /// An empty one: a file at `path`, or one without a name that goes with it.
    pub(in crate::backend) fn open(path: Option<PathBuf>) -> Result<Self, OpenError> {
        let conn = open_scratch(path.as_deref())?;
        let told = |error: rusqlite::Error| OpenError::Failed {
            path: path.as_deref().unwrap_or(Path::new("")).to_owned(),
            source: error.into(),
        };
        conn.execute_batch("BEGIN IMMEDIATE").map_err(told)?;
        Ok(Self(conn))
    }

    /// The rows of a part that are of this shop.
    pub(in crate::backend) fn shape(&self, part: Part, shop: ShopId) -> Result<Shape, Outage> {
        shape_of(&self.0, part, shop).map_err(Outage::from)
    }

    /// Takes in a row that is written as `COPY` writes it.
    pub(in crate::backend) fn take(
        &self,
        shape: &Shape,
        shop: ShopId,
        line: &[u8],
    ) -> Result<(), Spoiled> {
        let table = shape.part().table;
        let fields: Vec<_> = line.split(|byte| *byte == b'\t').collect();
        if fields.len() != shape.columns().len() {
            return Err(Spoiled::Row(table));
        }
        let own = if table == "shops" { "id" } else { "shop_id" };
        let mut values = Vec::with_capacity(fields.len());
        for (field, column) in fields.into_iter().zip(shape.columns()) {
            let value = value(field, column).ok_or(Spoiled::Row(table))?;
            if column.name == own && value != Value::Blob(shop.as_bytes().to_vec()) {
                return Err(Spoiled::OtherShop(table));
            }
            values.push(value);
        }
        let inserted = self.insert(shape, values);
        inserted.map_err(|error| Spoiled::Misfit(table, error.into()))
    }

    fn insert(&self, shape: &Shape, values: Vec<Value>) -> Sql<()> {
        let (table, names) = (shape.part().table, shape.names());
        let places = vec!["?"; values.len()].join(", ");
        let sql = format!("INSERT INTO {table} ({names}) VALUES ({places})");
        let mut statement = self.0.prepare_cached(&sql)?;
        statement.execute(params_from_iter(values))?;
        Ok(())
    }

    /// Keeps the rows, and tells them.
    pub(in crate::backend) fn settle(self) -> Result<Sender, Outage> {
        self.0.execute_batch("COMMIT").map_err(Outage::from)?;
        Ok(Sender(Arc::new(Mutex::new(self.0))))
    }
}

impl Sender {
    /// Closes the file.
    pub(in crate::backend) fn leave(self) {
        drop(self);
    }
}

/// A value, as this database keeps it.
fn value(field: &[u8], column: &Column) -> Option<Value> {
    if field == b"\\N" {
        return Some(Value::Null);
    }
    let text = String::from_utf8(unescaped(field)?).ok()?;
    match column.kind {
        Kind::Id => {
            let id = Uuid::try_parse(&text).ok()?;
            Some(Value::Blob(id.as_bytes().to_vec()))
        }
        Kind::Number => text.parse().ok().map(Value::Integer),
        Kind::Text => Some(Value::Text(text)),
        Kind::Bytes => bytes(text.strip_prefix("\\x")?).map(Value::Blob),
    }
}

fn unescaped(field: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(field.len());
    let mut rest = field.iter();
    while let Some(byte) = rest.next() {
        plain.push(match byte {
            b'\\' => match rest.next()? {
                b'b' => 0x08,
                b't' => b'\t',
                b'n' => b'\n',
                b'v' => 0x0b,
                b'f' => 0x0c,
                b'r' => b'\r',
                b'\\' => b'\\',
                _ => return None,
            },
            _ => *byte,
        });
    }
    Some(plain)
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    if !digits.is_ascii() || !digits.len().is_multiple_of(2) {
        return None;
    }
    let pairs = (0..digits.len()).step_by(2);
    let bytes = pairs.map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok());
    bytes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::migration::Chunk;

    fn read(kind: Kind, write: impl Fn(&mut Chunk)) -> Option<Value> {
        let mut chunk = Chunk::default();
        write(&mut chunk);
        let name = "x".to_owned();
        value(&chunk.text, &Column { name, kind })
    }

    #[test]
    fn what_is_written_is_read_back() {
        let hard = "a\\N\tb\nc\r\u{8}\u{b}\u{c}é\\x";
        let text = read(Kind::Text, |chunk| chunk.text(hard.as_bytes()));
        assert_eq!(text, Some(Value::Text(hard.to_owned())));
        let bytes = read(Kind::Bytes, |chunk| chunk.bytes(&[0, 0xff, b'\\']));
        assert_eq!(bytes, Some(Value::Blob(vec![0, 0xff, b'\\'])));
        assert_eq!(read(Kind::Bytes, Chunk::null), Some(Value::Null));
        let number = read(Kind::Number, |chunk| chunk.plain("-7"));
        assert_eq!(number, Some(Value::Integer(-7)));
    }

    #[test]
    fn what_nobody_writes_is_refused() {
        for (kind, text) in [
            (Kind::Text, "\\q"),
            (Kind::Text, "\\"),
            (Kind::Number, "7.5"),
            (Kind::Id, "7"),
            (Kind::Bytes, "\\\\x0"),
            (Kind::Bytes, "\\\\x0é"),
            (Kind::Bytes, "00"),
        ] {
            let refused = read(kind, |chunk| chunk.plain(text));
            assert_eq!(refused, None, "{text}");
        }
    }
}
