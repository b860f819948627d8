//! Categories and products.

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};

use super::apply::Scope;
use super::failure::or_taken;
use super::rows::{At, Code, Columns, Label, Sql, all, count, find, one, run};
use super::{Done, Read, SqliteStore};
use crate::catalog::{Availability, Category, Offer, Product, Supply};
use crate::id::{ProductId, ShopId};
use crate::store::{
    CatalogReader, CatalogWrite, Listing, Page, ProductFilter, ProductSort, Rejection,
};
use crate::text::ProductCode;

/// Units that are counted without leaving the caller's thread.
const COUNT_HERE: u64 = 20_000;

pub(super) fn apply(scope: Scope<'_>, write: &CatalogWrite) -> Done {
    match write {
        CatalogWrite::AddCategory(category) => add_category(scope, category),
        CatalogWrite::UpdateCategory { category, was } => update_category(scope, category, *was),
        CatalogWrite::AddProduct(product) => add_product(scope, product),
        CatalogWrite::UpdateProduct { product, was } => update_product(scope, product, *was),
    }
}

fn add_category(scope: Scope<'_>, category: &Category) -> Done {
    let sql = "INSERT INTO categories (shop_id, id, name, emoji, place, version)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let values = params![
        scope.key(),
        category.id.as_bytes(),
        category.name.as_str(),
        category.emoji.as_ref().map(|emoji| emoji.as_str()),
        category.place,
        category.version
    ];
    run(scope.conn, sql, values).map_err(or_taken(Rejection::CategoryNameTaken))?;
    Ok(())
}

fn update_category(scope: Scope<'_>, category: &Category, was: u32) -> Done {
    let sql = "UPDATE categories SET name = ?3, emoji = ?4, place = ?5, version = ?6
        WHERE shop_id = ?1 AND id = ?2
            AND version = ?7 -- guard: category_version";
    let values = params![
        scope.key(),
        category.id.as_bytes(),
        category.name.as_str(),
        category.emoji.as_ref().map(|emoji| emoji.as_str()),
        category.place,
        category.version,
        was
    ];
    one(run(scope.conn, sql, values).map_err(or_taken(Rejection::CategoryNameTaken))?)
}

fn add_product(scope: Scope<'_>, product: &Product) -> Done {
    let sql = "INSERT INTO products (shop_id, id, code, name, name_folded, description, terms,
            price, currency, category_id, supply, late, visibility, per_customer, low_at, version,
            created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
    write_product(scope, sql, product, At(product.created_at)).map(drop)
}

fn update_product(scope: Scope<'_>, product: &Product, was: u32) -> Done {
    let sql = "UPDATE products SET code = ?3, name = ?4, name_folded = ?5, description = ?6,
            terms = ?7, price = ?8, currency = ?9, category_id = ?10, supply = ?11, late = ?12,
            visibility = ?13, per_customer = ?14, low_at = ?15, version = ?16
        WHERE shop_id = ?1 AND id = ?2
            AND version = ?17 -- guard: product_version";
    one(write_product(scope, sql, product, was)?)
}

fn write_product(
    scope: Scope<'_>,
    sql: &str,
    product: &Product,
    last: impl rusqlite::ToSql,
) -> Result<usize, super::failure::Failure> {
    let values = params![
        scope.key(),
        product.id.as_bytes(),
        product.code.as_str(),
        product.name.as_str(),
        product.name.as_str().to_lowercase(),
        product.description.as_ref().map(|text| text.as_str()),
        product.terms.as_ref().map(|text| text.as_str()),
        product.price.minor(),
        Code(product.price.currency()),
        product.category.as_ref().map(|id| id.as_bytes()),
        Label(product.supply),
        Label(product.late),
        Label(product.visibility),
        product.per_customer,
        product.low_at,
        product.version,
        last
    ];
    run(scope.conn, sql, values).map_err(or_taken(Rejection::ProductCodeTaken))
}

macro_rules! select_products {
    ($($rest:expr),*) => {
        concat!(
            "SELECT id, code, name, description, terms, price, currency, category_id, supply, \
             late, visibility, per_customer, low_at, created_at, version FROM products ",
            $($rest),*
        )
    };
}

macro_rules! fitting {
    () => {
        "WHERE shop_id = ?1 AND (?2 IS NULL OR visibility = ?2) \
         AND (?3 IS NULL OR category_id = ?3) \
         AND (?4 IS NULL OR instr(name_folded, ?4) > 0 OR instr(lower(code), ?4) > 0)"
    };
}

fn product(row: &Row<'_>) -> Sql<Product> {
    let mut columns = Columns::of(row);
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
        per_customer: columns.value()?,
        low_at: columns.value()?,
        created_at: columns.at()?,
        version: columns.value()?,
    })
}

/// Every product, by id.
pub(super) fn products(conn: &Connection, shop: ShopId) -> Sql<Vec<Product>> {
    let sql = select_products!("WHERE shop_id = ?1 ORDER BY id");
    all(conn, sql, params![shop.as_bytes()], product)
}

/// Every category, by id.
pub(super) fn categories(conn: &Connection, shop: ShopId) -> Sql<Vec<Category>> {
    let sql =
        "SELECT id, name, emoji, place, version FROM categories WHERE shop_id = ?1 ORDER BY id";
    all(conn, sql, params![shop.as_bytes()], category)
}

fn category(row: &Row<'_>) -> Sql<Category> {
    let mut columns = Columns::of(row);
    Ok(Category {
        id: columns.id()?,
        name: columns.text()?,
        emoji: columns.find_text()?,
        place: columns.value()?,
        version: columns.value()?,
    })
}

/// How many units of a product are available, counted up to `most`.
pub(super) fn available(
    conn: &Connection,
    shop: ShopId,
    product: ProductId,
    most: u64,
) -> Sql<u64> {
    let sql = "SELECT count(*) FROM (
            SELECT 1 FROM units INDEXED BY stock_free
            WHERE shop_id = ?1 AND product_id = ?2 AND state = 'available' LIMIT ?3)";
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    count(
        conn,
        sql,
        params![shop.as_bytes(), product.as_bytes(), most],
    )
}

fn offer(conn: &Connection, shop: ShopId, product: Product, most: u64) -> Sql<Offer> {
    let units = |most| available(conn, shop, product.id, most);
    let available = match product.supply {
        Supply::Unlimited if units(1)? > 0 && most > 0 => Availability::Unlimited,
        Supply::Unlimited => Availability::Units(0),
        Supply::Units => Availability::Units(units(most)?),
    };
    Ok(Offer { product, available })
}

fn offers(conn: &Connection, shop: ShopId, ids: &[ProductId], most: u64) -> Sql<Vec<Offer>> {
    let sql = select_products!("WHERE shop_id = ?1 AND id = ?2");
    let mut offers = Vec::with_capacity(ids.len());
    for id in ids {
        let values = params![shop.as_bytes(), id.as_bytes()];
        if let Some(product) = find(conn, sql, values, product)? {
            offers.push(offer(conn, shop, product, most)?);
        }
    }
    Ok(offers)
}

fn list(
    conn: &Connection,
    shop: ShopId,
    filter: &ProductFilter,
    page: Page,
) -> Sql<Listing<Offer>> {
    let visibility = filter.visibility.map(Label);
    let category = filter.category.as_ref().map(|id| id.as_bytes());
    let search = filter.search.as_ref().map(|text| text.to_lowercase());
    let sql = concat!("SELECT count(*) FROM products ", fitting!());
    let values = params![shop.as_bytes(), visibility, category, search];
    let total = count(conn, sql, values)?;
    let sql = match filter.sort {
        ProductSort::Name => select_products!(fitting!(), " ORDER BY name, id LIMIT ?5 OFFSET ?6"),
        ProductSort::Cheapest => {
            select_products!(fitting!(), " ORDER BY price, name, id LIMIT ?5 OFFSET ?6")
        }
        ProductSort::Dearest => {
            select_products!(
                fitting!(),
                " ORDER BY price DESC, name, id LIMIT ?5 OFFSET ?6"
            )
        }
        ProductSort::Newest => {
            select_products!(fitting!(), " ORDER BY id DESC LIMIT ?5 OFFSET ?6")
        }
    };
    let values = params![
        shop.as_bytes(),
        visibility,
        category,
        search,
        page.limit,
        page.offset
    ];
    let products = all(conn, sql, values, product)?.into_iter();
    let offers = products.map(|product| offer(conn, shop, product, u64::MAX));
    Ok(Listing {
        items: offers.collect::<Sql<_>>()?,
        total,
    })
}

#[async_trait]
impl CatalogReader for SqliteStore {
    async fn list_categories(&self, shop: ShopId) -> Read<Vec<Category>> {
        let sql = "SELECT id, name, emoji, place, version FROM categories
            WHERE shop_id = ?1 ORDER BY place, name";
        self.look_up(|conn| all(conn, sql, params![shop.as_bytes()], category))
            .await
    }

    async fn list_offers(
        &self,
        shop: ShopId,
        filter: &ProductFilter,
        page: Page,
    ) -> Read<Listing<Offer>> {
        let filter = filter.clone();
        self.scan(move |conn| list(conn, shop, &filter, page)).await
    }

    async fn get_offers(
        &self,
        shop: ShopId,
        products: &[ProductId],
        count_up_to: u64,
    ) -> Read<Vec<Offer>> {
        let rows = u64::try_from(products.len()).unwrap_or(u64::MAX);
        if rows.saturating_mul(count_up_to) <= COUNT_HERE {
            return self
                .look_up(|conn| offers(conn, shop, products, count_up_to))
                .await;
        }
        let products = products.to_vec();
        self.scan(move |conn| offers(conn, shop, &products, count_up_to))
            .await
    }

    async fn find_product(&self, shop: ShopId, code: &ProductCode) -> Read<Option<Product>> {
        let sql = select_products!("WHERE shop_id = ?1 AND code = ?2");
        self.look_up(|conn| find(conn, sql, params![shop.as_bytes(), code.as_str()], product))
            .await
    }

    async fn list_product_codes(&self, shop: ShopId) -> Read<Vec<ProductCode>> {
        let sql = "SELECT code FROM products WHERE shop_id = ?1 ORDER BY code";
        self.scan(move |conn| {
            all(conn, sql, params![shop.as_bytes()], |row| {
                Columns::of(row).text()
            })
        })
        .await
    }
}
