//! How values stand in columns, and how a row is read from left to right.

use std::fmt::{self, Display};
use std::str::FromStr;

use serde::Serialize;
use serde::de::value::{Error as NameError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{Decode, PgConnection, Postgres, Row, Type, ValueRef};
use uuid::Uuid;

use crate::id::ShopId;
use crate::money::{Currency, Money, Percent};
use crate::store::BoxError;
use crate::terms::Terms;
use crate::time::{Timestamp, from_micros};

/// A result of the driver.
pub(super) type Sql<T> = Result<T, sqlx::Error>;

/// A statement with its parameters.
pub(super) type Query = sqlx::query::Query<'static, Postgres, PgArguments>;

/// A statement about a shop, which is its first parameter.
pub(super) fn query(sql: &'static str, shop: impl Into<Uuid>) -> Query {
    sqlx::query(sql).bind(shop.into())
}

/// A statement about these shops, whose ids are its first parameter.
pub(super) fn query_of(sql: &'static str, shops: impl Iterator<Item = ShopId>) -> Query {
    let shops: Vec<Uuid> = shops.map(Uuid::from).collect();
    sqlx::query(sql).bind(shops)
}

/// A variant without fields, kept by its name in JSON.
pub(super) struct Label<T>(pub(super) T);

impl<T: Serialize> Display for Label<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.serialize(f)
    }
}

/// The variant of this name.
pub(super) fn named<T: DeserializeOwned>(name: &str) -> Sql<T> {
    let name: StrDeserializer<'_, NameError> = name.into_deserializer();
    T::deserialize(name).map_err(damaged)
}

fn damaged(error: impl Into<BoxError>) -> sqlx::Error {
    sqlx::Error::Decode(error.into())
}

/// A row that is read from left to right.
#[derive(Clone, Copy)]
pub(super) struct Columns<'row> {
    row: &'row PgRow,
    next: usize,
}

impl<'row> Columns<'row> {
    /// Begins at the first column.
    pub(super) fn of(row: &'row PgRow) -> Self {
        Self { row, next: 0 }
    }

    /// The next column as it is.
    pub(super) fn value<T: Decode<'row, Postgres> + Type<Postgres>>(&mut self) -> Sql<T> {
        let place = self.next;
        self.next += 1;
        self.row.try_get(place)
    }

    /// So many columns further on.
    pub(super) fn after(&self, columns: usize) -> Self {
        Self {
            row: self.row,
            next: self.next + columns,
        }
    }

    /// Whether the next column is empty: an outer join found nothing.
    pub(super) fn is_empty(&self) -> Sql<bool> {
        Ok(self.row.try_get_raw(self.next)?.is_null())
    }

    pub(super) fn id<T: From<Uuid>>(&mut self) -> Sql<T> {
        self.value().map(Uuid::into)
    }

    pub(super) fn find_id<T: From<Uuid>>(&mut self) -> Sql<Option<T>> {
        let id: Option<Uuid> = self.value()?;
        Ok(id.map(T::from))
    }

    pub(super) fn number<T>(&mut self) -> Sql<T>
    where
        T: TryFrom<i64>,
        T::Error: Into<BoxError>,
    {
        let number: i64 = self.value()?;
        T::try_from(number).map_err(damaged)
    }

    pub(super) fn find_number<T>(&mut self) -> Sql<Option<T>>
    where
        T: TryFrom<i64>,
        T::Error: Into<BoxError>,
    {
        let number: Option<i64> = self.value()?;
        number.map(T::try_from).transpose().map_err(damaged)
    }

    pub(super) fn text<T>(&mut self) -> Sql<T>
    where
        T: TryFrom<String>,
        T::Error: Into<BoxError>,
    {
        let text: String = self.value()?;
        T::try_from(text).map_err(damaged)
    }

    pub(super) fn find_text<T>(&mut self) -> Sql<Option<T>>
    where
        T: TryFrom<String>,
        T::Error: Into<BoxError>,
    {
        let text: Option<String> = self.value()?;
        text.map(T::try_from).transpose().map_err(damaged)
    }

    pub(super) fn find_terms(&mut self) -> Sql<Option<Terms>> {
        let text: Option<&str> = self.value()?;
        text.map(Terms::parse).transpose().map_err(damaged)
    }

    pub(super) fn find_percent(&mut self) -> Sql<Option<Percent>> {
        let points: Option<u16> = self.find_number()?;
        let percent = points.map(Percent::from_basis_points);
        percent.transpose().map_err(damaged)
    }

    pub(super) fn label<T: DeserializeOwned>(&mut self) -> Sql<T> {
        named(self.value()?)
    }

    pub(super) fn find_label<T: DeserializeOwned>(&mut self) -> Sql<Option<T>> {
        let name: Option<&str> = self.value()?;
        name.map(named).transpose()
    }

    pub(super) fn json<T: DeserializeOwned>(&mut self) -> Sql<T> {
        serde_json::from_str(self.value()?).map_err(damaged)
    }

    pub(super) fn find_json<T: DeserializeOwned>(&mut self) -> Sql<Option<T>> {
        let text: Option<&str> = self.value()?;
        let document = text.map(serde_json::from_str);
        document.transpose().map_err(damaged)
    }

    pub(super) fn at(&mut self) -> Sql<Timestamp> {
        self.value().map(from_micros)
    }

    pub(super) fn find_at(&mut self) -> Sql<Option<Timestamp>> {
        let at: Option<i64> = self.value()?;
        Ok(at.map(from_micros))
    }

    pub(super) fn currency(&mut self) -> Sql<Currency> {
        Currency::from_str(self.value()?).map_err(damaged)
    }

    /// An amount and, in the next column, its currency.
    pub(super) fn money(&mut self) -> Sql<Money> {
        Ok(Money::new(self.value()?, self.currency()?))
    }

    pub(super) fn find_money(&mut self) -> Sql<Option<Money>> {
        let minor: Option<i64> = self.value()?;
        let currency: Option<&str> = self.value()?;
        let currency = currency.map(Currency::from_str).transpose();
        let currency = currency.map_err(damaged)?;
        Ok(minor.zip(currency).map(|(m, c)| Money::new(m, c)))
    }
}

/// Does something with every row of a query as it arrives.
pub(super) async fn each(
    conn: &mut PgConnection,
    query: Query,
    mut take: impl FnMut(&mut Columns<'_>) -> Sql<()> + Send,
) -> Sql<()> {
    let rows = query.try_map(|row: PgRow| take(&mut Columns::of(&row)));
    let _: Vec<()> = rows.fetch_all(conn).await?;
    Ok(())
}

/// Every row of a query, each read as it arrives.
pub(super) async fn all<T: Send>(
    conn: &mut PgConnection,
    query: Query,
    read: impl Fn(&mut Columns<'_>) -> Sql<T> + Send + Sync,
) -> Sql<Vec<T>> {
    let mut rows = Vec::new();
    let add = |columns: &mut Columns<'_>| {
        rows.push(read(columns)?);
        Ok(())
    };
    each(conn, query, add).await?;
    Ok(rows)
}
