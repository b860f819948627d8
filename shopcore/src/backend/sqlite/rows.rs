//! How values stand in columns, and how a row is read from left to right.

use std::fmt::{self, Display};
use std::str::FromStr;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Type, ValueRef};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Params, Row};
use serde::Serialize;
use serde::de::value::{Error as NameError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use uuid::Uuid;

use super::failure::Failure;
use crate::money::{Currency, Money, Percent};
use crate::terms::Terms;
use crate::text::TextError;
use crate::time::{Timestamp, from_micros};

/// A result of the driver.
pub(super) type Sql<T> = rusqlite::Result<T>;

/// A variant without fields, kept by its name in JSON.
pub(super) struct Label<T>(pub(super) T);

impl<T: Serialize> Display for Label<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.serialize(f)
    }
}

impl<T: Serialize> ToSql for Label<T> {
    fn to_sql(&self) -> Sql<ToSqlOutput<'_>> {
        Ok(self.to_string().into())
    }
}

impl<T: DeserializeOwned> FromSql for Label<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        named(value.as_str()?).map(Self)
    }
}

/// The variant of this name.
pub(super) fn named<T: DeserializeOwned>(name: &str) -> FromSqlResult<T> {
    let name: StrDeserializer<'_, NameError> = name.into_deserializer();
    T::deserialize(name).map_err(FromSqlError::other)
}

/// A document in JSON.
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> Sql<ToSqlOutput<'_>> {
        let text = serde_json::to_string(&self.0)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        Ok(text.into())
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?)
            .map(Self)
            .map_err(FromSqlError::other)
    }
}

/// A moment, in microseconds.
pub(super) struct At(pub(super) Timestamp);

impl ToSql for At {
    fn to_sql(&self) -> Sql<ToSqlOutput<'_>> {
        Ok(self.0.timestamp_micros().into())
    }
}

impl FromSql for At {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(from_micros).map(Self)
    }
}

struct Id<T>(T);

impl<T: From<Uuid>> FromSql for Id<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes = <[u8; 16]>::column_result(value)?;
        Ok(Self(Uuid::from_bytes(bytes).into()))
    }
}

struct Text<T>(T);

impl<T> FromSql for Text<T>
where
    T: TryFrom<String>,
    T::Error: std::error::Error + Send + Sync + 'static,
{
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?.to_owned();
        T::try_from(text).map(Self).map_err(FromSqlError::other)
    }
}

/// A currency, by its code.
pub(super) struct Code(pub(super) Currency);

impl ToSql for Code {
    fn to_sql(&self) -> Sql<ToSqlOutput<'_>> {
        Ok(self.0.code().into())
    }
}

impl FromSql for Code {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let currency = Currency::from_str(value.as_str()?);
        currency.map(Self).map_err(FromSqlError::other)
    }
}

/// A row that is read from left to right.
pub(super) struct Columns<'row> {
    row: &'row Row<'row>,
    next: usize,
}

impl<'row> Columns<'row> {
    /// Begins at the first column.
    pub(super) fn of(row: &'row Row<'row>) -> Self {
        Self { row, next: 0 }
    }

    /// The next column as it is.
    pub(super) fn value<T: FromSql>(&mut self) -> Sql<T> {
        let place = self.next;
        self.next += 1;
        self.row.get(place)
    }

    /// So many columns further on.
    pub(super) fn after(&self, columns: usize) -> Self {
        Self {
            row: self.row,
            next: self.next + columns,
        }
    }

    pub(super) fn id<T: From<Uuid>>(&mut self) -> Sql<T> {
        self.value().map(|Id(id)| id)
    }

    pub(super) fn find_id<T: From<Uuid>>(&mut self) -> Sql<Option<T>> {
        let id: Option<Id<T>> = self.value()?;
        Ok(id.map(|Id(id)| id))
    }

    pub(super) fn text<T>(&mut self) -> Sql<T>
    where
        T: TryFrom<String>,
        T::Error: std::error::Error + Send + Sync + 'static,
    {
        self.value().map(|Text(text)| text)
    }

    pub(super) fn find_text<T>(&mut self) -> Sql<Option<T>>
    where
        T: TryFrom<String>,
        T::Error: std::error::Error + Send + Sync + 'static,
    {
        let text: Option<Text<T>> = self.value()?;
        Ok(text.map(|Text(text)| text))
    }

    pub(super) fn find_terms(&mut self) -> Sql<Option<Terms>> {
        let place = self.next;
        let text: Option<String> = self.value()?;
        let damaged = |error: TextError| {
            rusqlite::Error::FromSqlConversionFailure(place, Type::Text, error.into())
        };
        text.map(|text| Terms::parse(&text).map_err(damaged))
            .transpose()
    }

    pub(super) fn find_percent(&mut self) -> Sql<Option<Percent>> {
        let place = self.next;
        let points: Option<u16> = self.value()?;
        let damaged = |points: u16| rusqlite::Error::IntegralValueOutOfRange(place, points.into());
        points
            .map(|points| Percent::from_basis_points(points).map_err(|_| damaged(points)))
            .transpose()
    }

    pub(super) fn label<T: DeserializeOwned>(&mut self) -> Sql<T> {
        self.value().map(|Label(label)| label)
    }

    pub(super) fn find_label<T: DeserializeOwned>(&mut self) -> Sql<Option<T>> {
        let label: Option<Label<T>> = self.value()?;
        Ok(label.map(|Label(label)| label))
    }

    pub(super) fn json<T: DeserializeOwned>(&mut self) -> Sql<T> {
        self.value().map(|Json(document)| document)
    }

    pub(super) fn find_json<T: DeserializeOwned>(&mut self) -> Sql<Option<T>> {
        let document: Option<Json<T>> = self.value()?;
        Ok(document.map(|Json(document)| document))
    }

    pub(super) fn at(&mut self) -> Sql<Timestamp> {
        self.value().map(|At(at)| at)
    }

    pub(super) fn find_at(&mut self) -> Sql<Option<Timestamp>> {
        let at: Option<At> = self.value()?;
        Ok(at.map(|At(at)| at))
    }

    pub(super) fn currency(&mut self) -> Sql<Currency> {
        self.value().map(|Code(currency)| currency)
    }

    /// An amount and, in the next column, its currency.
    pub(super) fn money(&mut self) -> Sql<Money> {
        Ok(Money::new(self.value()?, self.currency()?))
    }

    pub(super) fn find_money(&mut self) -> Sql<Option<Money>> {
        let minor: Option<i64> = self.value()?;
        let currency: Option<Code> = self.value()?;
        Ok(minor.zip(currency).map(|(m, Code(c))| Money::new(m, c)))
    }

    pub(super) fn count(&mut self) -> Sql<u64> {
        let place = self.next;
        let count: i64 = self.value()?;
        u64::try_from(count).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(place, count))
    }
}

/// Every row of a query.
pub(super) fn all<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    row: impl FnMut(&Row<'_>) -> Sql<T>,
) -> Sql<Vec<T>> {
    conn.prepare_cached(sql)?.query_map(params, row)?.collect()
}

/// The row of a query that gives at most one.
pub(super) fn find<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    row: impl FnOnce(&Row<'_>) -> Sql<T>,
) -> Sql<Option<T>> {
    conn.prepare_cached(sql)?.query_row(params, row).optional()
}

/// The count that a query gives.
pub(super) fn count(conn: &Connection, sql: &str, params: impl Params) -> Sql<u64> {
    let mut statement: CachedStatement<'_> = conn.prepare_cached(sql)?;
    statement.query_row(params, |row| Columns::of(row).count())
}

/// Runs a statement; tells how many rows it changed.
pub(super) fn run(conn: &Connection, sql: &str, params: impl Params) -> Sql<usize> {
    conn.prepare_cached(sql)?.execute(params)
}

/// A conflict unless exactly one row was changed.
pub(super) fn one(changed: usize) -> Result<(), Failure> {
    if changed == 1 {
        Ok(())
    } else {
        Err(Failure::Conflict)
    }
}
