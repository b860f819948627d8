//! Categories and products.

use async_trait::async_trait;
use uuid::Uuid;

use super::gather::{Question, gathered};
use super::rows::{Columns, Label, Query, Sql, query, query_of};
use super::{PostgresStore, Read};
use crate::catalog::{Availability, Category, Offer, Product, Supply};
use crate::id::{ProductId, ShopId};
use crate::store::{CatalogReader, Listing, Page, ProductFilter, ProductSort};
use crate::text::ProductCode;

/// The columns that [`product`] reads.
macro_rules! product_columns {
    () => {
        "id, code, name, description, terms, price, currency, category_id, supply, late, \
         visibility, per_customer, low_at, created_at, version"
    };
}

/// The units of a product `p` that are available, counted up to a bound: one is enough where the
/// supply is unlimited.
macro_rules! available_up_to {
    ($shop:literal, $most:literal) => {
        concat!(
            "(SELECT count(*) FROM (SELECT FROM units WHERE units.shop_id = ",
            $shop,
            " AND units.product_id = p.id AND units.state = 'available' \
             LIMIT CASE p.supply WHEN 'unlimited' THEN least(1, ",
            $most,
            ") ELSE ",
            $most,
            " END) AS counted)"
        )
    };
}

/// Every category, by id.
pub(super) const CATEGORIES: &str =
    "SELECT id, name, emoji, place, version FROM categories WHERE shop_id = $1 ORDER BY id";

/// Every product, by id.
pub(super) const PRODUCTS: &str = concat!(
    "SELECT ",
    product_columns!(),
    " FROM products WHERE shop_id = $1 ORDER BY id"
);

/// The stock that buyers are shown of each product of limited supply, counted as it is for them.
pub(super) const SHOWN: &str = concat!(
    "SELECT p.id, ",
    available_up_to!("$1", "NULL"),
    " FROM products AS p WHERE p.shop_id = $1 AND p.supply = 'units' ORDER BY p.id"
);

macro_rules! fitting {
    () => {
        "FROM products WHERE shop_id = $1 AND ($2::text IS NULL OR visibility = $2) \
         AND ($3::uuid IS NULL OR category_id = $3) \
         AND ($4::text IS NULL OR strpos(name_folded, $4) > 0 OR strpos(lower(code), $4) > 0)"
    };
}

/// A page of the products that fit, in this order, each with what can be bought of it.
macro_rules! listed {
    ($order:literal, $of_page:literal) => {
        concat!(
            "SELECT total, p.*, ",
            available_up_to!("$1", "NULL"),
            " FROM (SELECT count(*) AS total ",
            fitting!(),
            ") AS counted LEFT JOIN (SELECT ",
            product_columns!(),
            " ",
            fitting!(),
            " ORDER BY ",
            $order,
            " LIMIT $5 OFFSET $6) AS p ON TRUE ORDER BY ",
            $of_page
        )
    };
}

pub(super) fn product(columns: &mut Columns<'_>) -> Sql<Product> {
    Ok(Product {
        id: columns.id()?,
        code: columns.text()?,
        name: columns.text()?,
        description: columns.find_text()?,
        terms: columns.find_terms()?,
        price: columns.money()?,
        category: columns.find_id()?,
        supply: columns.label()?,
        late: columns.label()?,
        visibility: columns.label()?,
        per_customer: columns.find_number()?,
        low_at: columns.number()?,
        created_at: columns.at()?,
        version: columns.number()?,
    })
}

pub(super) fn category(columns: &mut Columns<'_>) -> Sql<Category> {
    Ok(Category {
        id: columns.id()?,
        name: columns.text()?,
        emoji: columns.find_text()?,
        place: columns.number()?,
        version: columns.number()?,
    })
}

/// A product and, in the next column, how many units were counted.
fn offer(columns: &mut Columns<'_>) -> Sql<Offer> {
    let product = product(columns)?;
    let counted = columns.number()?;
    let available = match product.supply {
        Supply::Unlimited if counted > 0 => Availability::Unlimited,
        Supply::Unlimited | Supply::Units => Availability::Units(counted),
    };
    Ok(Offer { product, available })
}

/// A product, with its units counted up to a bound.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ByProduct {
    shop: ShopId,
    product: ProductId,
    count_up_to: i64,
}

impl Question for ByProduct {
    type Row = Offer;

    fn ask(questions: &[&Self]) -> Query {
        let sql = gathered!(
            "$2::uuid[], $3::bigint[]",
            "product_id, most",
            concat!(
                "SELECT ",
                product_columns!(),
                ", ",
                available_up_to!("asked.shop_id", "asked.most"),
                " FROM products AS p WHERE p.shop_id = asked.shop_id AND p.id = asked.product_id"
            ),
            ""
        );
        let products = questions.iter().map(|asked| Uuid::from(asked.product));
        let products: Vec<_> = products.collect();
        let most: Vec<_> = questions.iter().map(|asked| asked.count_up_to).collect();
        let of = query_of(sql, questions.iter().map(|asked| asked.shop));
        of.bind(products).bind(most)
    }

    fn read(columns: &mut Columns<'_>) -> Sql<Self::Row> {
        offer(columns)
    }
}

#[async_trait]
impl CatalogReader for PostgresStore {
    async fn list_categories(&self, shop: ShopId) -> Read<Vec<Category>> {
        let sql = "SELECT id, name, emoji, place, version FROM categories
            WHERE shop_id = $1 ORDER BY place, name";
        self.all(|| query(sql, shop), category).await
    }

    async fn list_offers(
        &self,
        shop: ShopId,
        filter: &ProductFilter,
        page: Page,
    ) -> Read<Listing<Offer>> {
        let sql = match filter.sort {
            ProductSort::Name => listed!("name, id", "p.name, p.id"),
            ProductSort::Cheapest => listed!("price, name, id", "p.price, p.name, p.id"),
            ProductSort::Dearest => listed!("price DESC, name, id", "p.price DESC, p.name, p.id"),
            ProductSort::Newest => listed!("id DESC", "p.id DESC"),
        };
        let query = || {
            query(sql, shop)
                .bind(filter.visibility.map(|seen| Label(seen).to_string()))
                .bind(filter.category.map(Uuid::from))
                .bind(filter.search.as_ref().map(|text| text.to_lowercase()))
                .bind(i64::from(page.limit))
                .bind(i64::from(page.offset))
        };
        self.list(query, offer).await
    }

    async fn get_offers(
        &self,
        shop: ShopId,
        products: &[ProductId],
        count_up_to: u64,
    ) -> Read<Vec<Offer>> {
        let count_up_to = i64::try_from(count_up_to).unwrap_or(i64::MAX);
        let question = |product: &ProductId| ByProduct {
            shop,
            product: *product,
            count_up_to,
        };
        let questions = products.iter().map(question).collect();
        self.gathered.offers.all(questions).await
    }

    async fn find_product(&self, shop: ShopId, code: &ProductCode) -> Read<Option<Product>> {
        let sql = concat!(
            "SELECT ",
            product_columns!(),
            " FROM products WHERE shop_id = $1 AND code = $2"
        );
        self.find(|| query(sql, shop).bind(code.as_str()), product)
            .await
    }

    async fn list_product_codes(&self, shop: ShopId) -> Read<Vec<ProductCode>> {
        let sql = "SELECT code FROM products WHERE shop_id = $1 ORDER BY code";
        self.all(|| query(sql, shop), |columns| columns.text())
            .await
    }
}
