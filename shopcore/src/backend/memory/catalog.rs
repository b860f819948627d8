//! Categories and products.

use std::cmp::Ordering;

use async_trait::async_trait;

use super::tables::Tables;
use super::{Done, MemoryStore, Read, count, part};
use crate::catalog::{Availability, Category, Offer, Product, Supply};
use crate::id::{ProductId, ShopId};
use crate::stock::UnitState;
use crate::store::{
    CatalogReader, CatalogWrite, CommitError, Listing, Page, Premise, ProductFilter, ProductSort,
    Rejection,
};
use crate::text::ProductCode;

impl Tables {
    /// Whether a premise holds.
    pub(super) fn check(&self, premise: &Premise) -> Done {
        let holds = match premise {
            Premise::Product { product, version } => {
                let row = self.products.get(product);
                row.is_some_and(|row| row.version == *version)
            }
            Premise::VoucherTerms { voucher, version } => {
                let row = self.vouchers.get(voucher);
                row.is_some_and(|row| row.terms_version == *version)
            }
            Premise::UnitAvailable { unit } => {
                let row = self.units.get(unit);
                row.is_some_and(|row| row.state == UnitState::Available)
            }
        };
        holds.then_some(()).ok_or(CommitError::Conflict)
    }

    pub(super) fn write_catalog(&mut self, write: &CatalogWrite) -> Done {
        match write {
            CatalogWrite::AddCategory(category) => self.add_category(category),
            CatalogWrite::UpdateCategory { category, was } => self.update_category(category, *was),
            CatalogWrite::AddProduct(product) => self.add_product(product),
            CatalogWrite::UpdateProduct { product, was } => self.update_product(product, *was),
        }
    }

    fn add_category(&mut self, category: &Category) -> Done {
        let taken = Rejection::CategoryNameTaken;
        self.category_names
            .claim(category.name.clone(), category.id, taken)?;
        self.categories.insert(category.id, category.clone())
    }

    fn update_category(&mut self, category: &Category, was: u32) -> Done {
        let old = self.categories.read(&category.id)?;
        if old.version != was {
            return Err(CommitError::Conflict);
        }
        self.category_names.remove(&old.name);
        let taken = Rejection::CategoryNameTaken;
        self.category_names
            .claim(category.name.clone(), category.id, taken)?;
        self.categories.put(category.id, category.clone());
        Ok(())
    }

    fn add_product(&mut self, product: &Product) -> Done {
        let taken = Rejection::ProductCodeTaken;
        self.product_codes
            .claim(product.code.clone(), product.id, taken)?;
        self.products.insert(product.id, product.clone())
    }

    fn update_product(&mut self, product: &Product, was: u32) -> Done {
        let old = self.products.read(&product.id)?;
        if old.version != was {
            return Err(CommitError::Conflict);
        }
        self.product_codes.remove(&old.code);
        let taken = Rejection::ProductCodeTaken;
        self.product_codes
            .claim(product.code.clone(), product.id, taken)?;
        self.products.put(product.id, product.clone());
        Ok(())
    }

    /// What can be bought of a product, counted up to `most` units.
    pub(super) fn availability(&self, product: &Product, most: u64) -> Availability {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let available = self.available.under(product.id).take(most).count();
        match product.supply {
            Supply::Unlimited if available > 0 => Availability::Unlimited,
            Supply::Unlimited | Supply::Units => Availability::Units(count(available)),
        }
    }

    fn offer(&self, product: &Product, most: u64) -> Offer {
        Offer {
            product: product.clone(),
            available: self.availability(product, most),
        }
    }
}

fn matches(filter: &ProductFilter, product: &Product) -> bool {
    let found = |search: &String| {
        let search = search.to_lowercase();
        let texts = [product.code.as_str(), product.name.as_str()];
        texts
            .iter()
            .any(|text| text.to_lowercase().contains(&search))
    };
    filter
        .visibility
        .is_none_or(|wanted| product.visibility == wanted)
        && filter
            .category
            .is_none_or(|wanted| product.category == Some(wanted))
        && filter.search.as_ref().is_none_or(found)
}

fn order(sort: ProductSort, a: &Product, b: &Product) -> Ordering {
    let foremost = match sort {
        ProductSort::Name => Ordering::Equal,
        ProductSort::Cheapest => a.price.minor().cmp(&b.price.minor()),
        ProductSort::Dearest => b.price.minor().cmp(&a.price.minor()),
        ProductSort::Newest => b.id.cmp(&a.id),
    };
    foremost.then_with(|| (&a.name, a.id).cmp(&(&b.name, b.id)))
}

#[async_trait]
impl CatalogReader for MemoryStore {
    async fn list_categories(&self, shop: ShopId) -> Read<Vec<Category>> {
        Ok(self.read(shop, |tables| {
            let mut categories: Vec<_> = tables.categories.values().cloned().collect();
            categories.sort_by(|a, b| (a.place, &a.name).cmp(&(b.place, &b.name)));
            categories
        }))
    }

    async fn list_offers(
        &self,
        shop: ShopId,
        filter: &ProductFilter,
        page: Page,
    ) -> Read<Listing<Offer>> {
        Ok(self.read(shop, |tables| {
            let products = tables.products.values();
            let mut found: Vec<_> = products
                .filter(|product| matches(filter, product))
                .collect();
            found.sort_by(|a, b| order(filter.sort, a, b));
            let offers = found.iter().map(|product| tables.offer(product, u64::MAX));
            Listing {
                items: part(offers, page),
                total: count(found.len()),
            }
        }))
    }

    async fn get_offers(
        &self,
        shop: ShopId,
        products: &[ProductId],
        count_up_to: u64,
    ) -> Read<Vec<Offer>> {
        Ok(self.read(shop, |tables| {
            let rows = products.iter().filter_map(|id| tables.products.get(id));
            rows.map(|product| tables.offer(product, count_up_to))
                .collect()
        }))
    }

    async fn find_product(&self, shop: ShopId, code: &ProductCode) -> Read<Option<Product>> {
        Ok(self.read(shop, |tables| {
            let id = tables.product_codes.get(code)?;
            tables.products.get(id).cloned()
        }))
    }

    async fn list_product_codes(&self, shop: ShopId) -> Read<Vec<ProductCode>> {
        Ok(self.read(shop, |tables| {
            tables.product_codes.keys().cloned().collect()
        }))
    }
}
