//! Telling the team that a product runs low, once until it is filled again.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;

use super::stock;
use crate::Shop;
use crate::audit::{Actor, Entity, Kind};
use crate::bot::BotError;
use crate::bot::desk::Desk;
use crate::bot::plugin::{Job, Plugin};
use crate::bot::rich::Rich;
use crate::bot::texts::{Locale, t};
use crate::bot::view::Button;
use crate::catalog::{Availability, Offer, Supply, Visibility};
use crate::id::ProductId;
use crate::message::{Destination, Notice, Task};
use crate::store::{Batch, ChatWrite, CommitError, Page, ProductFilter};

/// Watches the stock of products.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct LowStock;

const PLUGIN: &str = "low";
const EVERY: Duration = Duration::from_secs(60);
/// Products that are looked at together.
const AT_ONCE: u32 = 100;

/// What the team was told of a product.
const LOW: &[u8] = b"low";
const OUT: &[u8] = b"out";

#[async_trait]
impl Plugin for LowStock {
    fn id(&self) -> &'static str {
        PLUGIN
    }

    fn jobs(&self) -> Vec<Job> {
        vec![Job {
            name: "watch",
            every: EVERY,
        }]
    }

    async fn on_job(&self, desk: &Desk<'_>, _: &str) -> Result<(), BotError> {
        let shop = desk.shop();
        let filter = ProductFilter {
            visibility: Some(Visibility::Listed),
            ..ProductFilter::default()
        };
        for number in 0.. {
            let page = Page::number(number, AT_ONCE);
            let offers = shop.catalog().list(&filter, page).await?;
            if offers.items.is_empty() {
                break;
            }
            for offer in offers.items {
                watch(shop, &offer).await?;
            }
        }
        Ok(())
    }
}

/// What is worth telling of an offer, and how many units are left.
fn worth_telling(offer: &Offer) -> Option<(&'static [u8], u64)> {
    match (offer.product.supply, offer.available) {
        (Supply::Unlimited, _) | (_, Availability::Unlimited) => None,
        (Supply::Units, Availability::Units(0)) => Some((OUT, 0)),
        (Supply::Units, Availability::Units(left)) => {
            (left <= u64::from(offer.product.low_at)).then_some((LOW, left))
        }
    }
}

async fn watch(shop: &Shop, offer: &Offer) -> Result<(), BotError> {
    let product = offer.product.id;
    let key = product.to_string();
    let was = shop.store().find_state(shop.id(), PLUGIN, &key).await?;
    let plugin = PLUGIN.to_owned();
    let Some((mark, left)) = worth_telling(offer) else {
        if was.is_some() {
            let mut batch = Batch::chore(shop.id(), shop.now(), shop.ids());
            batch.push(ChatWrite::PutState {
                plugin,
                key,
                value: None,
            });
            shop.commit(batch).await?;
        }
        return Ok(());
    };
    // Who was told that it is out is not told again that it is low.
    if matches!(was.as_deref(), Some(told) if told == mark || told == OUT) {
        return Ok(());
    }
    let mut batch = Batch::by(Actor::job(PLUGIN), shop.id(), shop.now(), shop.ids());
    batch
        .push(ChatWrite::SwapState {
            plugin,
            key,
            was,
            value: mark.to_vec(),
        })
        .enqueue(
            Destination::Admins,
            product,
            Task::Notice(Notice::LowStock { product, left }),
        )
        .record(
            Entity::new(Kind::Product, product),
            "low stock told",
            json!({ "left": left }),
        );
    match shop.commit(batch).await {
        // Another process was faster.
        Ok(()) | Err(CommitError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The notice that a product runs low, and the button that fills it.
pub(in crate::bot) async fn notice(
    shop: &Shop,
    locale: Locale<'_>,
    product: ProductId,
    left: u64,
) -> Result<(Rich, Button), BotError> {
    let name = shop.catalog().offer(product).await?.product.name;
    let text = match left {
        0 => t!(locale, "low-out", name = &name),
        left => t!(locale, "low-left", name = &name, left = left),
    };
    let add = stock::Press::To(product);
    let button = Button::new(t!(locale, "button-add-contents"), &add)?;
    Ok((text, button))
}
