//! What is copied, in which order, and how its columns are written.

use serde::{Deserialize, Serialize};

use super::Chunk;

/// Rows that are copied together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::backend) struct Part {
    pub(in crate::backend) table: &'static str,
    /// Which of its rows, in SQL that both databases understand.
    rows: &'static str,
}

impl Part {
    /// Everything but the leases, which end by themselves: what is referred to comes first. A unit
    /// of unlimited supply is referred to by lines, a sold one refers to its line.
    pub(in crate::backend) const ALL: [Self; 27] = [
        Self::whole("shops"),
        Self::whole("batches"),
        Self::whole("categories"),
        Self::whole("products"),
        Self::whole("customers"),
        Self::whole("carts"),
        Self::whole("vouchers"),
        Self::whole("orders"),
        Self::some("units", "line_id IS NULL"),
        Self::whole("order_lines"),
        Self::some("units", "line_id IS NOT NULL"),
        Self::whole("unit_contents"),
        Self::whole("redemptions"),
        Self::whole("invoices"),
        Self::whole("charges"),
        Self::whole("payments"),
        Self::whole("transfers"),
        Self::whole("postings"),
        Self::whole("wallets"),
        Self::whole("cases"),
        Self::whole("refunds"),
        Self::whole("outbox"),
        Self::whole("messages"),
        Self::whole("dialogs"),
        Self::whole("plugin_states"),
        Self::whole("requests"),
        Self::whole("audit"),
    ];

    const fn whole(table: &'static str) -> Self {
        Self::some(table, "TRUE")
    }

    const fn some(table: &'static str, rows: &'static str) -> Self {
        Self { table, rows }
    }
}

/// How the values of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::backend) enum Kind {
    Id,
    Number,
    Text,
    Bytes,
}

impl Kind {
    /// The kind of a column of this type of PostgreSQL.
    pub(in crate::backend) fn of(type_name: &str) -> Option<Self> {
        match type_name {
            "uuid" => Some(Self::Id),
            "bigint" => Some(Self::Number),
            "text" => Some(Self::Text),
            "bytea" => Some(Self::Bytes),
            _ => None,
        }
    }
}

/// A column of both databases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::backend) struct Column {
    pub(in crate::backend) name: String,
    pub(in crate::backend) kind: Kind,
}

/// The columns of a part, and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) struct Shape {
    part: Part,
    columns: Vec<Column>,
    key: Vec<Column>,
    /// Which of the part's rows, in SQL of the database they are read from.
    rows: String,
}

impl Shape {
    pub(in crate::backend) fn new(part: Part, columns: Vec<Column>, key: Vec<Column>) -> Self {
        Self {
            part,
            columns,
            key,
            rows: part.rows.to_owned(),
        }
    }

    /// The same of one shop, whose id is `shop` as the database writes it.
    #[cfg(feature = "backup")]
    pub(in crate::backend) fn of_shop(mut self, shop: &str) -> Self {
        let column = match self.part.table {
            "shops" => "id",
            _ => "shop_id",
        };
        self.rows = format!("{column} = {shop} AND {}", self.part.rows);
        self
    }

    pub(in crate::backend) fn part(&self) -> Part {
        self.part
    }

    pub(in crate::backend) fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub(in crate::backend) fn key(&self) -> &[Column] {
        &self.key
    }

    /// The names of the columns.
    pub(in crate::backend) fn names(&self) -> String {
        listed(&self.columns, |name| format!("{name:?}"))
    }

    /// How many rows there are.
    pub(in crate::backend) fn count(&self) -> String {
        let (Part { table, .. }, rows) = (self.part, &self.rows);
        format!("SELECT count(*) FROM {table} WHERE {rows}")
    }

    /// Takes them away.
    #[cfg(feature = "backup")]
    pub(in crate::backend) fn removal(&self) -> String {
        let (Part { table, .. }, rows) = (self.part, &self.rows);
        format!("DELETE FROM {table} WHERE {rows}")
    }

    /// The same rows with their columns in this order, if they are those that there are.
    #[cfg(feature = "backup")]
    pub(in crate::backend) fn ordered(mut self, columns: &[Column]) -> Option<Self> {
        let is_known = |column| self.columns.contains(column);
        if columns.len() != self.columns.len() || !columns.iter().all(is_known) {
            return None;
        }
        self.columns = columns.to_vec();
        Some(self)
    }

    /// Every row, by key.
    pub(in crate::backend) fn all(&self) -> String {
        let (Part { table, .. }, rows) = (self.part, &self.rows);
        let (names, key) = (self.names(), listed(&self.key, |name| format!("{name:?}")));
        format!("SELECT {names} FROM {table} WHERE {rows} ORDER BY {key}")
    }

    /// The rows behind a key, whose columns are the parameters.
    pub(in crate::backend) fn behind(&self) -> String {
        let (Part { table, .. }, rows) = (self.part, &self.rows);
        let (names, key) = (self.names(), listed(&self.key, |name| format!("{name:?}")));
        let places: Vec<_> = (1..=self.key.len())
            .map(|place| format!("?{place}"))
            .collect();
        let places = places.join(", ");
        format!("SELECT {names} FROM {table} WHERE {rows} AND ({key}) > ({places}) ORDER BY {key}")
    }

    /// The last key, each of its columns as text.
    pub(in crate::backend) fn last(&self) -> String {
        let (Part { table, .. }, rows) = (self.part, &self.rows);
        let values = listed(&self.key, |name| format!("{table}.{name:?}::text"));
        let order = listed(&self.key, |name| format!("{table}.{name:?} DESC"));
        format!("SELECT {values} FROM {table} WHERE {rows} ORDER BY {order} LIMIT 1")
    }
}

fn listed(columns: &[Column], written: impl Fn(&str) -> String) -> String {
    let names: Vec<_> = columns.iter().map(|column| written(&column.name)).collect();
    names.join(", ")
}

impl Chunk {
    /// Ends a column, or a row with its last one.
    pub(in crate::backend) fn end(&mut self, is_last: bool) {
        self.text.push(if is_last { b'\n' } else { b'\t' });
        self.rows = self.rows.saturating_add(u64::from(is_last));
    }

    /// Writes nothing at all.
    pub(in crate::backend) fn null(&mut self) {
        self.text.extend_from_slice(b"\\N");
    }

    /// Writes what needs no care.
    pub(in crate::backend) fn plain(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    /// Writes a text as `COPY` itself writes it.
    pub(in crate::backend) fn text(&mut self, text: &[u8]) {
        for byte in text {
            let letter = match byte {
                b'\\' => b'\\',
                0x08 => b'b',
                b'\t' => b't',
                b'\n' => b'n',
                0x0b => b'v',
                0x0c => b'f',
                b'\r' => b'r',
                _ => {
                    self.text.push(*byte);
                    continue;
                }
            };
            self.text.extend_from_slice(&[b'\\', letter]);
        }
    }

    /// Writes bytes in hexadecimal.
    pub(in crate::backend) fn bytes(&mut self, bytes: &[u8]) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        self.text.extend_from_slice(b"\\\\x");
        let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
        let digits = digits.filter_map(|half| DIGITS.get(usize::from(half)));
        self.text.extend(digits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_copy_writes_them() {
        let mut chunk = Chunk::default();
        chunk.text("a\\N\tb\nc\r\u{8}\u{b}\u{c}é".as_bytes());
        chunk.end(false);
        chunk.bytes(&[0, 0xff, 0x1a]);
        chunk.end(false);
        chunk.null();
        chunk.end(false);
        chunk.plain("-7");
        chunk.end(true);
        let text = String::from_utf8(chunk.text).unwrap();
        assert_eq!(text, "a\\\\N\\tb\\nc\\r\\b\\v\\fé\t\\\\x00ff1a\t\\N\t-7\n");
        assert_eq!(chunk.rows, 1);
    }

    #[test]
    fn every_table_but_the_leases_is_copied() {
        let schema = include_str!("../../../migrations/postgres/0001_shop.sql");
        let made = schema
            .lines()
            .filter_map(|line| line.strip_prefix("CREATE TABLE "));
        let mut made: Vec<_> = made.filter_map(|rest| rest.split(' ').next()).collect();
        made.retain(|table| *table != "leases");
        let mut copied = Part::ALL.map(|part| part.table).to_vec();
        made.sort_unstable();
        copied.sort_unstable();
        copied.dedup();
        assert_eq!(copied, made);
    }

    #[test]
    fn rows_behind_a_key_are_asked_for_in_its_order() {
        let column = |name: &str, kind| Column {
            name: name.to_owned(),
            kind,
        };
        let key = vec![column("shop_id", Kind::Id), column("id", Kind::Id)];
        let columns = [key.clone(), vec![column("at", Kind::Number)]].concat();
        let shape = Shape::new(Part::some("units", "line_id IS NULL"), columns, key);
        assert_eq!(
            shape.behind(),
            "SELECT \"shop_id\", \"id\", \"at\" FROM units WHERE line_id IS NULL \
             AND (\"shop_id\", \"id\") > (?1, ?2) ORDER BY \"shop_id\", \"id\""
        );
        assert_eq!(
            shape.last(),
            "SELECT units.\"shop_id\"::text, units.\"id\"::text FROM units \
             WHERE line_id IS NULL ORDER BY units.\"shop_id\" DESC, units.\"id\" DESC LIMIT 1"
        );
    }
}
