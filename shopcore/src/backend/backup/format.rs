//! What stands in a backup once it is decrypted: one line of JSON, then every row as `COPY` writes it.

use serde::{Deserialize, Serialize};

use crate::backend::migration::{Column, Shape};
use crate::id::ShopId;
use crate::text::Name;
use crate::time::Timestamp;

/// Tells a backup from anything else that is sealed alike.
const MARK: &str = "shopbackup";

/// The newest way to write one.
pub(super) const KNOWN: u32 = 1;

/// The beginning of every header, of whichever version.
#[derive(Debug, Deserialize)]
pub(super) struct Mark {
    mark: String,
    pub(super) format: u32,
    pub(super) schema: u32,
}

impl Mark {
    /// Of this line, if it is one.
    pub(super) fn of(line: &[u8]) -> Option<Self> {
        let mark: Self = serde_json::from_slice(line).ok()?;
        (mark.mark == MARK).then_some(mark)
    }
}

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    mark: String,
    format: u32,
    schema: u32,
    pub(super) id: ShopId,
    pub(super) shop: Name,
    pub(super) at: Timestamp,
    pub(super) parts: Vec<Rows>,
}

/// The rows of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rows {
    pub(super) table: String,
    pub(super) columns: Vec<Column>,
    pub(super) rows: u64,
}

impl Header {
    pub(super) fn new(
        (id, shop): (ShopId, Name),
        at: Timestamp,
        schema: u32,
        parts: &[(Shape, u64)],
    ) -> Self {
        let parts = parts.iter().map(|(shape, rows)| Rows {
            table: shape.part().table.to_owned(),
            columns: shape.columns().to_vec(),
            rows: *rows,
        });
        Self {
            mark: MARK.to_owned(),
            format: KNOWN,
            schema,
            id,
            shop,
            at,
            parts: parts.collect(),
        }
    }

    /// All rows.
    pub(super) fn rows(&self) -> u64 {
        self.parts.iter().map(|part| part.rows).sum()
    }

    /// Its line.
    pub(super) fn line(&self) -> serde_json::Result<Vec<u8>> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        Ok(line)
    }
}
