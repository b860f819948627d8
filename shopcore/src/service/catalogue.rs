//! Categories and products.

use serde_json::json;
use thiserror::Error;

use super::{Shop, deciding, outdated, stocks};
use crate::audit::{Actor, Entity, Kind};
use crate::catalog::{
    Category, LatePolicy, Offer, PriceError, Product, Supply, Visibility, check_price,
};
use crate::id::{CategoryId, ProductId};
use crate::money::Money;
use crate::stock::Content;
use crate::store::{
    Batch, CatalogWrite, ChatWrite, CommitError, Listing, Page, ProductFilter, Rejection,
    StockWrite, StoreError,
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
    /// The picture is neither a PNG nor a JPEG, or too large.
    #[error("the picture is no PNG or JPEG of at most 2 MiB")]
    Picture,
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

/// Where the pictures of products are kept, by their ids.
const PICTURES: &str = "pictures";

/// The largest picture that is kept, in bytes; platforms take no larger photos than some 10 MB.
pub const PICTURE_MAX: usize = 2 << 20;

/// Checks that some bytes are a PNG or a JPEG of at most [`PICTURE_MAX`] bytes.
///
/// # Errors
/// [`CatalogError::Picture`].
pub fn check_picture(bytes: &[u8]) -> Result<(), CatalogError> {
    let is_known = bytes.starts_with(b"\x89PNG\r\n\x1a\n") || bytes.starts_with(b"\xff\xd8\xff");
    if is_known && bytes.len() <= PICTURE_MAX {
        Ok(())
    } else {
        Err(CatalogError::Picture)
    }
}

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
        let category = Category::new(self.0.ids().next(), name);
        let mut batch = self.0.batch(actor);
        push_category(&mut batch, &category);
        self.0.commit(batch).await.map_err(refused)?;
        Ok(category)
    }

    /// Replaces a category by its edited self.
    ///
    /// # Errors
    /// [`CatalogError::CategoryNameTaken`]; a category that someone else edited meanwhile is a
    /// conflict.
    pub async fn update_category(
        &self,
        actor: &Actor,
        category: Category,
    ) -> Result<Category, CatalogError> {
        self.update_categories(actor, vec![category.clone()])
            .await?;
        let version = category.version.saturating_add(1);
        Ok(Category {
            version,
            ..category
        })
    }

    /// Puts the categories into this order.
    ///
    /// # Errors
    /// [`CatalogError`]; the order is unchanged then.
    pub async fn order_categories(
        &self,
        actor: &Actor,
        categories: Vec<Category>,
    ) -> Result<(), CatalogError> {
        let placed = (0..).zip(categories);
        let moved = placed.filter(|(place, category)| category.place != *place);
        let moved = moved.map(|(place, category)| Category { place, ..category });
        self.update_categories(actor, moved.collect()).await
    }

    async fn update_categories(
        &self,
        actor: &Actor,
        categories: Vec<Category>,
    ) -> Result<(), CatalogError> {
        if categories.is_empty() {
            return Ok(());
        }
        let mut batch = self.0.batch(actor);
        for category in categories {
            let was = category.version;
            let details = json!({ "name": category.name, "place": category.place });
            let entity = Entity::new(Kind::Category, category.id);
            let category = Category {
                version: was.saturating_add(1),
                ..category
            };
            batch
                .push(CatalogWrite::UpdateCategory { category, was })
                .record(entity, "edited", details);
        }
        self.0.commit(batch).await.map_err(refused)
    }

    /// Products with how many of each were sold, those sold most in front; what was paid back in
    /// whole doesn't count.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn best_sellers(&self, limit: u32) -> Result<Vec<(ProductId, u64)>, StoreError> {
        self.0.store().list_sold(self.0.id(), limit).await
    }

    /// The picture of a product, as PNG or JPEG.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn picture(&self, product: ProductId) -> Result<Option<Vec<u8>>, StoreError> {
        let (store, shop) = (self.0.store(), self.0.id());
        store.find_state(shop, PICTURES, &product.to_string()).await
    }

    /// Gives a product a picture, or takes it away.
    ///
    /// # Errors
    /// [`CatalogError::Picture`], [`CatalogError::UnknownProduct`] or why it can't be kept.
    pub async fn set_picture(
        &self,
        actor: &Actor,
        product: ProductId,
        picture: Option<Vec<u8>>,
    ) -> Result<(), CatalogError> {
        if let Some(picture) = &picture {
            check_picture(picture)?;
        }
        self.offer(product).await?;
        let details = json!({ "bytes": picture.as_ref().map_or(0, Vec::len) });
        let mut batch = self.0.batch(actor);
        batch
            .push(ChatWrite::PutState {
                plugin: PICTURES.to_owned(),
                key: product.to_string(),
                value: picture,
            })
            .record(Entity::new(Kind::Product, product), "picture set", details);
        Ok(self.0.commit(batch).await?)
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

    /// Edits a product as it is now, again where someone else edits it meanwhile.
    ///
    /// # Errors
    /// [`CatalogError`]; nothing is changed then.
    pub async fn edit(
        &self,
        actor: &Actor,
        product: ProductId,
        edit: impl Fn(&mut Product),
    ) -> Result<Product, CatalogError> {
        deciding(|| async {
            let mut edited = self.offer(product).await?.product;
            edit(&mut edited);
            self.update_product(actor, edited).await
        })
        .await
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
            per_customer: None,
            low_at: Product::LOW_AT,
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
