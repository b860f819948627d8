//! Telling customers that a product they asked about can be bought again, once for each wish.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::products;
use crate::Shop;
use crate::audit::{Actor, Entity, Kind};
use crate::bot::action::{Action, Packed};
use crate::bot::desk::Desk;
use crate::bot::plugin::{Job, Plugin};
use crate::bot::rich::Rich;
use crate::bot::texts::{Locale, t};
use crate::bot::view::Button;
use crate::bot::{BotError, Ctx};
use crate::catalog::Visibility;
use crate::id::{CustomerId, ProductId};
use crate::message::{Destination, Notice, Task};
use crate::service::CatalogError;
use crate::store::{Batch, ChatWrite, CommitError, Page};

/// How often it is looked whether what is wished for is there.
const EVERY: Duration = Duration::from_secs(60);

/// Wishes that are read, and products that are looked at, at a time.
const READ: u32 = 500;

/// What is kept of a wish until it is told, and while it is told.
const WANTED: &[u8] = b"wanted";
const TOLD: &[u8] = b"told";

/// Tells who asked for it that a product is back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Restock;

/// What the buttons of a product that is sold out do.
#[derive(Debug, Serialize, Deserialize)]
enum Press {
    /// Asks to be told.
    Tell(ProductId),
    /// Asks not to be told after all.
    Stop(ProductId),
}

impl Action for Press {
    const PLUGIN: &'static str = "restock";
}

#[async_trait]
impl Plugin for Restock {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::Tell(product) => tell(ctx, product).await,
            Press::Stop(product) => stop(ctx, product).await,
        }
    }

    fn jobs(&self) -> Vec<Job> {
        vec![Job {
            name: "tell",
            every: EVERY,
        }]
    }

    async fn on_job(&self, desk: &Desk<'_>, _: &str) -> Result<(), BotError> {
        tell_all(desk.shop()).await
    }
}

/// A wish, as its key tells it: no key is used twice, so that one that was told can be forgotten
/// while the next is made.
#[derive(Debug)]
struct Wish {
    key: String,
    product: ProductId,
    customer: CustomerId,
}

impl Wish {
    fn new(shop: &Shop, product: ProductId, customer: CustomerId) -> Self {
        let id: Uuid = shop.ids().next();
        let key = format!("{}{id}", prefix(product, customer));
        Self {
            key,
            product,
            customer,
        }
    }

    fn parse(key: &str) -> Option<Self> {
        let mut parts = key.split('/');
        Some(Self {
            key: key.to_owned(),
            product: parts.next()?.parse().ok()?,
            customer: parts.next()?.parse().ok()?,
        })
    }

    fn forget(&self) -> ChatWrite {
        ChatWrite::PutState {
            plugin: Press::PLUGIN.to_owned(),
            key: self.key.clone(),
            value: None,
        }
    }
}

fn prefix(product: ProductId, customer: CustomerId) -> String {
    format!("{product}/{customer}/")
}

fn chore(shop: &Shop, write: ChatWrite) -> Batch {
    let mut batch = Batch::chore(shop.id(), shop.now(), shop.ids());
    batch.push(write);
    batch
}

/// The person's wishes for a product.
async fn wishes(ctx: &Ctx<'_>, product: ProductId) -> Result<Vec<Wish>, BotError> {
    let (store, shop) = (ctx.shop().store(), ctx.shop().id());
    let prefix = prefix(product, ctx.customer().id);
    let few = Page::first(READ);
    let found = store.list_states(shop, Press::PLUGIN, &prefix, few).await?;
    let wanted = found.items.iter().filter(|(_, value)| value == WANTED);
    Ok(wanted.filter_map(|(key, _)| Wish::parse(key)).collect())
}

/// The button of a product that is sold out.
pub(super) async fn button(ctx: &Ctx<'_>, product: ProductId) -> Result<Button, BotError> {
    Ok(match wishes(ctx, product).await?.is_empty() {
        true => Button::new(t!(ctx, "button-restock"), &Press::Tell(product))?,
        false => Button::new(t!(ctx, "button-restock-stop"), &Press::Stop(product))?,
    })
}

async fn tell(ctx: &Ctx<'_>, product: ProductId) -> Result<(), BotError> {
    let shop = ctx.shop();
    let offer = shop.catalog().offer(product).await?;
    if offer.product.visibility != Visibility::Listed {
        return Err(CatalogError::UnknownProduct.into());
    }
    if offer.available.is_none() && wishes(ctx, product).await?.is_empty() {
        let wish = Wish::new(shop, product, ctx.customer().id);
        let write = ChatWrite::PutState {
            plugin: Press::PLUGIN.to_owned(),
            key: wish.key,
            value: Some(WANTED.to_vec()),
        };
        shop.commit(chore(shop, write)).await?;
        ctx.remark(&t!(ctx, "restock-noted"));
    }
    products::card(ctx, product).await
}

async fn stop(ctx: &Ctx<'_>, product: ProductId) -> Result<(), BotError> {
    let shop = ctx.shop();
    for wish in wishes(ctx, product).await? {
        shop.commit(chore(shop, wish.forget())).await?;
    }
    ctx.remark(&t!(ctx, "restock-stopped"));
    products::card(ctx, product).await
}

/// Tells everyone whose wish can be fulfilled.
async fn tell_all(shop: &Shop) -> Result<(), BotError> {
    let mut waiting = Vec::new();
    for (key, value) in all(shop).await? {
        let Some(wish) = Wish::parse(&key) else {
            continue;
        };
        if value == WANTED {
            waiting.push(wish);
        } else {
            shop.commit(chore(shop, wish.forget())).await?;
        }
    }
    let back = available(shop, &waiting).await?;
    for wish in waiting.iter().filter(|wish| back.contains(&wish.product)) {
        fulfil(shop, wish).await?;
    }
    Ok(())
}

async fn all(shop: &Shop) -> Result<Vec<(String, Vec<u8>)>, BotError> {
    let (store, mut all, mut page) = (shop.store(), Vec::new(), 0);
    loop {
        let rows = Page::number(page, READ);
        let listed = store
            .list_states(shop.id(), Press::PLUGIN, "", rows)
            .await?;
        if listed.items.is_empty() {
            return Ok(all);
        }
        all.extend(listed.items);
        page += 1;
    }
}

/// Which of the products that are wished for can be bought.
async fn available(shop: &Shop, wishes: &[Wish]) -> Result<BTreeSet<ProductId>, BotError> {
    let products: BTreeSet<_> = wishes.iter().map(|wish| wish.product).collect();
    let products: Vec<_> = products.into_iter().collect();
    let offers = shop.store().get_offers(shop.id(), &products, 1).await?;
    let listed = offers.iter().filter(|offer| {
        offer.product.visibility == Visibility::Listed && !offer.available.is_none()
    });
    Ok(listed.map(|offer| offer.product.id).collect())
}

/// Tells one customer, in the batch that marks the wish as told: it is told once, by however many
/// processes. Whoever is banned or can't be reached goes on waiting.
async fn fulfil(shop: &Shop, wish: &Wish) -> Result<(), BotError> {
    let customer = shop.customers().get(wish.customer).await?;
    if !customer.is_open_at(shop.now()) {
        return Ok(());
    }
    let actor = Actor::job(Press::PLUGIN);
    let mut batch = Batch::by(actor, shop.id(), shop.now(), shop.ids());
    let entity = Entity::new(Kind::Customer, customer.id);
    let details = serde_json::json!({ "product": wish.product });
    batch
        .push(ChatWrite::SwapState {
            plugin: Press::PLUGIN.to_owned(),
            key: wish.key.clone(),
            was: Some(WANTED.to_vec()),
            value: TOLD.to_vec(),
        })
        .record(entity, "told of restock", details);
    let (product, chat) = (wish.product, Destination::Chat(customer.chat));
    batch.enqueue(chat, product, Task::Notice(Notice::Restocked { product }));
    match shop.commit(batch).await {
        Ok(()) => Ok(shop.commit(chore(shop, wish.forget())).await?),
        Err(CommitError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The notice that a product is back.
pub(in crate::bot) async fn notice(
    shop: &Shop,
    locale: Locale<'_>,
    product: ProductId,
) -> Result<(Rich, Button), BotError> {
    let offer = shop.catalog().offer(product).await?;
    let text = t!(locale, "restock-back", name = &offer.product.name);
    let look = products::Press::Card(product);
    Ok((text, Button::new(t!(locale, "button-restock-look"), &look)?))
}
