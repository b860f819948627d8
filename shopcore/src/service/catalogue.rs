//! Categories and products.

use serde_json::json;
use thiserror::Error;

use super::{Shop, outdated, stocks};
use crate::audit::{Actor, Entity, Kind};
use crate::catalog::{
    Category, LatePolicy, Offer, PriceError, Product, Supply, Visibility, check_price,
};
use crate::id::{CategoryId, ProductId};
use crate::money::Money;
use crate::stock::Content;
use crate::store::{
    Batch, CatalogWrite, CommitError, Listing, Page, ProductFilter, Rejection, StockWrite,
    StoreError,
};
use crate::terms::Terms;
use crate::text::{Description, Name, ProductCode};

/// A product as it is added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProduct {
    /// The seller's code.
    pub code: ProductCode,
    /// Its name.
    pub name: Name,
    /// What it is.
    pub description: Option<Description>,
    /// Terms sent along with the goods.
    pub terms: Option<Terms>,
    /// The price of one.
    pub price: Money,
    /// The shelf it stands on.
    pub category: Option<CategoryId>,
    /// What it hands over.
    pub supply: Supply,
    /// What happens to a late payment.
    pub late: LatePolicy,
    /// Its first contents.
    pub contents: Vec<Content>,
}

impl NewProduct {
    /// A product sold unit by unit, with nothing but what it must have.
    #[must_use]
    pub fn new(code: ProductCode, name: Name, price: Money) -> Self {
        Self {
            code,
            name,
            description: None,
            terms: None,
            price,
            category: None,
            supply: Supply::Units,
            late: LatePolicy::Credit,
            contents: Vec::new(),
        }
    }
}

/// Why the catalogue was not read or changed.
#[derive(Debug, Error)]
pub enum CatalogError {
    /// No such product.
    #[error("there is no such product")]
    UnknownProduct,
    /// Another product has the code.
    #[error("another product has this code")]
    CodeTaken,
    /// Another category has the name.
    #[error("another category has this name")]
    CategoryNameTaken,
    /// The category is not there.
    #[error("there is no such category")]
    UnknownCategory,
    /// The price was refused.
    #[error(transparent)]
    Price(#[from] PriceError),
    /// The price is not in the shop's currency.
    #[error("the price is not in the shop's currency")]
    Currency,
    /// A content was refused.
    #[error(transparent)]
    Stock(#[from] stocks::StockError),
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store can't be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}
outdated!(CatalogError);

/// Categories and products of a shop.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/corner.rs"));
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let Corner { shop, product, customer, chat } = Corner::open().await?;
/// use shopcore::store::{Page, ProductFilter};
///
/// let filter = ProductFilter { search: Some("key".to_owned()), ..ProductFilter::default() };
/// let found = shop.catalog().list(&filter, Page::first(10)).await?;
/// assert_eq!((found.total, found.items[0].product.code.as_str()), (1, "KEY"));
/// # let _ = (product, customer, chat);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Catalog<'a>(pub(super) &'a Shop);

impl Catalog<'_> {
    /// Products with what can be bought of them, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(
        &self,
        filter: &ProductFilter,
        page: Page,
    ) -> Result<Listing<Offer>, StoreError> {
        self.0.store().list_offers(self.0.id(), filter, page).await
    }

    /// A product with what can be bought of it.
    ///
    /// # Errors
    /// [`CatalogError::UnknownProduct`] or [`CatalogError::Store`].
    pub async fn offer(&self, product: ProductId) -> Result<Offer, CatalogError> {
        let offers = self
            .0
            .store()
            .get_offers(self.0.id(), &[product], u64::MAX)
            .await?;
        offers
            .into_iter()
            .next()
            .ok_or(CatalogError::UnknownProduct)
    }

    /// The product of this code.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(&self, code: &ProductCode) -> Result<Option<Product>, StoreError> {
        self.0.store().find_product(self.0.id(), code).await
    }

    /// Every product code in use.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn codes(&self) -> Result<Vec<ProductCode>, StoreError> {
        self.0.store().list_product_codes(self.0.id()).await
    }

    /// All categories, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn categories(&self) -> Result<Vec<Category>, StoreError> {
        self.0.store().list_categories(self.0.id()).await
    }

    /// Adds a category.
    ///
    /// # Errors
    /// [`CatalogError::CategoryNameTaken`] or [`CatalogError::Commit`].
    pub async fn add_category(&self, actor: &Actor, name: Name) -> Result<Category, CatalogError> {
        let category = Category {
            id: self.0.ids().next(),
            name,
            version: 1,
        };
        let mut batch = self.0.batch(actor);
        push_category(&mut batch, &category);
        self.0.commit(batch).await.map_err(refused)?;
        Ok(category)
    }

    /// Adds a product with its first contents.
    ///
    /// # Errors
    /// [`CatalogError`]; nothing is added then.
    ///
    /// ```
    /// # use shopcore::{MemoryStore, Shop, audit::Actor, money::{Currency, Money}, service::NewProduct};
    /// # use shopcore::{stock::Content, text::{Name, ProductCode}};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let shop = Shop::builder(Currency::USD).store(MemoryStore::default()).build().await?;
    /// let price = Money::parse("4.99", shop.currency())?;
    /// let mut key = NewProduct::new(ProductCode::parse("KEY")?, Name::parse("A key")?, price);
    /// key.contents = vec![Content::text("AAAA-BBBB")?, Content::text("CCCC-DDDD")?];
    /// let product = shop.catalog().add_product(&Actor::Operator, key).await?;
    /// assert!(shop.catalog().offer(product.id).await?.available.covers(2));
    /// # Ok(()) }
    /// ```
    pub async fn add_product(
        &self,
        actor: &Actor,
        product: NewProduct,
    ) -> Result<Product, CatalogError> {
        let added = self.import(actor, Vec::new(), vec![product]).await?;
        added.into_iter().next().ok_or(CatalogError::UnknownProduct)
    }

    /// Adds categories and products with their contents in one batch: all of them or none.
    ///
    /// # Errors
    /// [`CatalogError`]; nothing is added then.
    pub async fn import(
        &self,
        actor: &Actor,
        categories: Vec<Category>,
        products: Vec<NewProduct>,
    ) -> Result<Vec<Product>, CatalogError> {
        let mut batch = self.0.batch(actor);
        for category in &categories {
            push_category(&mut batch, category);
        }
        let mut added = Vec::with_capacity(products.len());
        for new in products {
            added.push(self.push_product(&mut batch, new).await?);
        }
        self.0.commit(batch).await.map_err(refused)?;
        Ok(added)
    }

    /// Replaces a product by its edited self. Its stock is not part of it.
    ///
    /// # Errors
    /// [`CatalogError`]; a product that someone else edited meanwhile is a conflict.
    pub async fn update_product(
        &self,
        actor: &Actor,
        product: Product,
    ) -> Result<Product, CatalogError> {
        self.check_price(product.price)?;
        let was = product.version;
        let product = Product {
            version: was.saturating_add(1),
            ..product
        };
        let mut batch = self.0.batch(actor);
        let details = json!({ "code": product.code, "price": product.price.to_string() });
        batch
            .push(CatalogWrite::UpdateProduct {
                product: product.clone(),
                was,
            })
            .record(Entity::new(Kind::Product, product.id), "edited", details);
        self.0.commit(batch).await.map_err(refused)?;
        Ok(product)
    }

    async fn push_product(
        &self,
        batch: &mut Batch,
        new: NewProduct,
    ) -> Result<Product, CatalogError> {
        let price = self.check_price(new.price)?;
        let id: ProductId = self.0.ids().next();
        stocks::check_supply(new.supply, new.contents.len())?;
        let units = stocks::sealed(self.0, &new.contents).await?;
        let product = Product {
            id,
            code: new.code,
            name: new.name,
            description: new.description,
            terms: new.terms,
            price,
            category: new.category,
            supply: new.supply,
            late: new.late,
            visibility: Visibility::Listed,
            created_at: batch.at,
            version: 1,
        };
        let details = json!({
            "code": product.code, "price": price.to_string(), "units": units.len(),
        });
        batch.push(CatalogWrite::AddProduct(product.clone()));
        if !units.is_empty() {
            batch.push(StockWrite::Add { product: id, units });
        }
        batch.record(Entity::new(Kind::Product, id), "added", details);
        Ok(product)
    }

    fn check_price(&self, price: Money) -> Result<Money, CatalogError> {
        if price.currency() != self.0.currency() {
            return Err(CatalogError::Currency);
        }
        Ok(check_price(price)?)
    }
}

fn push_category(batch: &mut Batch, category: &Category) {
    let details = json!({ "name": category.name });
    batch
        .push(CatalogWrite::AddCategory(category.clone()))
        .record(Entity::new(Kind::Category, category.id), "added", details);
}

fn refused(error: CommitError) -> CatalogError {
    match error.rejection() {
        Some(Rejection::ProductCodeTaken) => CatalogError::CodeTaken,
        Some(Rejection::CategoryNameTaken) => CatalogError::CategoryNameTaken,
        Some(Rejection::Dangling) => CatalogError::UnknownCategory,
        Some(Rejection::DuplicateContent { .. }) => stocks::refused(error).into(),
        Some(_) | None => CatalogError::Commit(error),
    }
}
