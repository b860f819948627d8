//! The catalogue of a shop that has nothing but defaults: something to try.

use shopcore::Shop;
use shopcore::audit::Actor;
use shopcore::catalog::{Category, LatePolicy, Supply};
use shopcore::id::CategoryId;
use shopcore::money::{Money, Percent};
use shopcore::service::{CatalogError, NewProduct, VoucherError};
use shopcore::stock::Content;
use shopcore::store::{Page, ProductFilter};
use shopcore::text::{Description, Name, ProductCode, VoucherCode};
use shopcore::voucher::{Discount, VoucherTerms};

use crate::cli::Role;
use crate::fault::Fault;

/// A product of the demo: code, name, what it is, price in rupiah, how many.
type Goods = (&'static str, &'static str, &'static str, i64, u32);

const SHELVES: [(&str, &[Goods]); 3] = [
    (
        "Games",
        &[
            (
                "STAR-FORGE",
                "Star Forge",
                "Build a fleet, lose it, build a better one.",
                149_000,
                12,
            ),
            (
                "TINY-FARM",
                "Tiny Farm",
                "A farm for the coffee break.",
                49_000,
                30,
            ),
            (
                "NIGHT-RAIL",
                "Night Rail",
                "A mystery between two stations. The last keys!",
                99_000,
                2,
            ),
        ],
    ),
    (
        "Software",
        &[
            (
                "PIXEL-PRO",
                "Pixel Pro, 1 year",
                "Drawing for people who count pixels.",
                249_000,
                8,
            ),
            (
                "SAFE-BOX",
                "Safe Box, lifetime",
                "Keeps passwords, forgets nothing.",
                179_000,
                15,
            ),
            (
                "NOTE-IT",
                "Note It, 1 month",
                "Notes that find themselves.",
                15_000,
                50,
            ),
        ],
    ),
    (
        "Vouchers",
        &[(
            "GIFT-50",
            "Gift card Rp 50.000",
            "For someone who has everything.",
            50_000,
            20,
        )],
    ),
];

/// A guide that is sold without end.
const GUIDE: (&str, &str, &str, i64) = (
    "SELL-GUIDE",
    "How to sell in chat",
    "A short guide, never sold out.",
    5_000,
);

/// The code of the demo's voucher.
const VOUCHER: &str = "WELCOME10";

/// Which start of a shop this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// The one that filled it.
    First,
    /// A later one, or that of a shop without a demo.
    Later,
}

/// Fills a shop that has no product yet with the demo catalogue and a voucher. A start that was cut
/// short is made good by the next.
pub(crate) async fn begin(shop: &Shop) -> Result<Start, Fault> {
    let (all, page) = (ProductFilter::default(), Page::first(1));
    if shop.catalog().list(&all, page).await?.total > 0 {
        return Ok(Start::Later);
    }
    voucher(shop).await?;
    catalogue(shop).await?;
    Ok(Start::First)
}

/// What one may try in a demo, from this side of the counter.
pub(crate) fn introduction(role: Role) -> String {
    let other = match role {
        Role::Customer => "The seller's side is `shopbot chat --as admin`.",
        Role::Admin => "The customer's side is `shopbot chat`.",
    };
    format!("This is a demo shop: buy something, and try the voucher {VOUCHER}. {other}")
}

async fn voucher(shop: &Shop) -> Result<(), Fault> {
    let tenth = Percent::from_basis_points(1_000)?;
    let terms = VoucherTerms::simple(Discount::Percent(tenth), 100);
    let code = VoucherCode::parse(VOUCHER)?;
    match shop.vouchers().add(&Actor::Operator, code, terms).await {
        Ok(_) | Err(VoucherError::CodeTaken) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn catalogue(shop: &Shop) -> Result<(), Fault> {
    let mut categories = Vec::new();
    let mut products = Vec::new();
    for (shelf, goods) in SHELVES {
        let id = shop.ids().next::<CategoryId>();
        categories.push(Category::new(id, Name::parse(shelf)?));
        for goods in goods {
            products.push(keys(shop, id, goods)?);
        }
    }
    products.push(guide(shop)?);
    let (catalog, actor) = (shop.catalog(), Actor::Operator);
    match catalog.import(&actor, categories, products).await {
        // Another process that began at the same moment was faster.
        Ok(_) | Err(CatalogError::CodeTaken | CatalogError::CategoryNameTaken) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn keys(shop: &Shop, category: CategoryId, goods: &Goods) -> Result<NewProduct, Fault> {
    let (code, name, description, price, count) = goods;
    let mut product = product(shop, (code, name, description, *price))?;
    product.category = Some(category);
    product.late = LatePolicy::Deliver;
    for number in 1..=*count {
        let content = format!("DEMO-{code}-{number:04}");
        let content = Content::text(&content).map_err(shopcore::service::StockError::from)?;
        product.contents.push(content);
    }
    Ok(product)
}

fn guide(shop: &Shop) -> Result<NewProduct, Fault> {
    let mut product = product(shop, GUIDE)?;
    product.supply = Supply::Unlimited;
    let text = "1. Have something that people want.\n2. Say what it costs.\n3. Deliver at once.";
    let content = Content::text(text).map_err(shopcore::service::StockError::from)?;
    product.contents.push(content);
    Ok(product)
}

fn product(
    shop: &Shop,
    (code, name, description, price): (&str, &str, &str, i64),
) -> Result<NewProduct, Fault> {
    let price = Money::new(price, shop.currency());
    let mut product = NewProduct::new(ProductCode::parse(code)?, Name::parse(name)?, price);
    product.description = Some(Description::parse(description)?);
    Ok(product)
}

#[cfg(test)]
mod tests {
    use shopcore::MemoryStore;
    use shopcore::money::Currency;

    use super::*;

    #[tokio::test]
    async fn a_start_that_was_cut_short_is_made_good_and_no_other_is() {
        let builder = Shop::builder(Currency::IDR).store(MemoryStore::default());
        let shop = builder.build().await.unwrap();
        let rows = async || shop.store().snapshot(shop.id()).await.unwrap();
        voucher(&shop).await.unwrap();
        assert_eq!(begin(&shop).await.unwrap(), Start::First);
        let filled = rows().await;
        assert!(!filled.products.is_empty() && filled.vouchers.len() == 1);
        assert_eq!(begin(&shop).await.unwrap(), Start::Later);
        assert_eq!(rows().await, filled);
    }

    #[tokio::test]
    async fn two_starts_at_the_same_moment_both_find_the_demo() {
        let builder = Shop::builder(Currency::IDR).store(MemoryStore::default());
        let shop = builder.build().await.unwrap();
        catalogue(&shop).await.unwrap();
        let filled = shop.store().snapshot(shop.id()).await.unwrap();
        catalogue(&shop).await.unwrap();
        assert_eq!(shop.store().snapshot(shop.id()).await.unwrap(), filled);
    }
}
