//! What a stand is furnished with, as far as it is missing.

use shopcore::Shop;
use shopcore::audit::Actor;
use shopcore::catalog::{Availability, Product};
use shopcore::customer::{Chat, ChatId, Contact, ExternalId, FrontendName};
use shopcore::id::ProductId;
use shopcore::money::{Money, ParsePercentError, Percent};
use shopcore::service::NewProduct;
use shopcore::stock::{Content, ContentError};
use shopcore::text::{Name, ProductCode, VoucherCode};
use shopcore::voucher::{Discount, VoucherTerms};
use uuid::Uuid;

use super::{Buyer, CURRENCY, PRICE, Size, StandError};

/// Contents in one batch of the first stock.
const CONTENTS_PER_BATCH: usize = 20_000;

/// Contents that no stock has.
///
/// # Errors
/// [`ContentError`].
pub fn new_contents(shop: &Shop, count: usize) -> Result<Vec<Content>, ContentError> {
    let batch: Uuid = shop.ids().next();
    (0..count)
        .map(|index| Content::text(&format!("{batch}-{index:08}")))
        .collect()
}

pub(super) async fn products(shop: &Shop, size: Size) -> Result<Vec<Product>, StandError> {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for number in 1..=size.products {
        let code = ProductCode::parse(&format!("LOAD-{number}"))?;
        match shop.catalog().find(&code).await? {
            Some(product) => found.push(product),
            None => {
                let name = Name::parse(&format!("Load {number}"))?;
                missing.push(NewProduct::new(code, name, Money::new(PRICE, CURRENCY)));
            }
        }
    }
    if !missing.is_empty() {
        let catalog = shop.catalog();
        found.extend(
            catalog
                .import(&Actor::Operator, Vec::new(), missing)
                .await?,
        );
    }
    for product in &found {
        top_up(shop, product.id, u64::from(size.stock)).await?;
    }
    Ok(found)
}

async fn top_up(shop: &Shop, product: ProductId, stock: u64) -> Result<(), StandError> {
    let offers = shop
        .store()
        .get_offers(shop.id(), &[product], stock)
        .await?;
    let available = match offers.first().map(|offer| offer.available) {
        Some(Availability::Units(count)) => count,
        Some(Availability::Unlimited) => stock,
        None => 0,
    };
    let missing = usize::try_from(stock.saturating_sub(available)).unwrap_or(usize::MAX);
    let contents = new_contents(shop, missing)?;
    for batch in contents.chunks(CONTENTS_PER_BATCH) {
        shop.stock().add(&Actor::Operator, product, batch).await?;
    }
    Ok(())
}

pub(super) async fn vouchers(shop: &Shop, size: Size) -> Result<Vec<VoucherCode>, StandError> {
    let mut codes = Vec::new();
    for number in 1..=size.vouchers {
        let code = VoucherCode::parse(&format!("LOAD-{}-{number}", size.uses))?;
        if shop.vouchers().find(&code).await?.is_none() {
            let vouchers = shop.vouchers();
            vouchers
                .add(&Actor::Operator, code.clone(), tenth(size.uses)?)
                .await?;
        }
        codes.push(code);
    }
    Ok(codes)
}

/// A discount of a tenth, for so many uses.
pub(super) fn tenth(uses: u32) -> Result<VoucherTerms, ParsePercentError> {
    let tenth = Discount::Percent(Percent::from_basis_points(1_000)?);
    Ok(VoucherTerms::simple(tenth, uses))
}

pub(super) async fn buyers(shop: &Shop, count: u32) -> Result<Vec<Buyer>, StandError> {
    let frontend = FrontendName::parse("load")?;
    let mut buyers = Vec::new();
    for number in 1..=count {
        let contact = Contact {
            frontend: frontend.clone(),
            external: ExternalId::parse(&number.to_string())?,
        };
        let chat = Chat {
            frontend: frontend.clone(),
            id: ChatId::parse(&number.to_string())?,
        };
        let id = shop.customers().meet(&contact, &chat, None).await?.id;
        buyers.push(Buyer { id, chat });
    }
    Ok(buyers)
}
