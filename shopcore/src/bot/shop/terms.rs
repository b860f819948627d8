//! Terms that ask something of the buyer: sent after the goods, and fulfilled with a proof.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::Shop;
use crate::bot::action::{Action, Packed};
use crate::bot::desk::Desk;
use crate::bot::dialog::{Answer, Open, Question, State};
use crate::bot::menu;
use crate::bot::permission::Permission;
use crate::bot::plugin::{Event, Job, Plugin};
use crate::bot::rich::Rich;
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, Media, View};
use crate::bot::{BotError, Ctx};
use crate::catalog::Product;
use crate::id::{OrderId, ProductId};
use crate::order::Order;
use crate::stock::{Content, ContentError};

/// How often proofs are looked through for those that were kept long enough.
const PURGE_EVERY: Duration = Duration::from_secs(60 * 60);

/// Terms of an order that can be fulfilled from its page at a time.
const BUTTONS_MAX: usize = 10;

/// Follows the terms of what was bought.
#[derive(Debug, Clone, Copy)]
pub(super) struct FollowTerms;

#[derive(Debug, Serialize, Deserialize)]
enum Press {
    /// Asks for the proof that terms are fulfilled.
    Prove(OrderId, ProductId),
    /// Shows the proof to the team.
    Look(OrderId, ProductId),
}

impl Action for Press {
    const PLUGIN: &'static str = "terms";

    fn require(&self) -> Option<Permission> {
        match self {
            Self::Prove(..) => None,
            Self::Look(..) => Some(Permission::Orders),
        }
    }
}

/// Waits for the proof.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Proving(OrderId, ProductId);

impl State for Proving {
    const PLUGIN: &'static str = Press::PLUGIN;
}

#[async_trait]
impl Plugin for FollowTerms {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::Prove(order, product) => ask(ctx, Proving(order, product), None).await,
            Press::Look(order, product) => look(ctx, order, product).await,
        }
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        let proving: Proving = dialog.state(ctx)?;
        let proof = match answer {
            Answer::Text(text) => Content::text(text),
            Answer::File { name, bytes } => Content::file(name, bytes.to_vec()),
            Answer::Choice(_) => return ask(ctx, proving, None).await,
        };
        match proof {
            Ok(proof) => prove(ctx, proving, &proof).await,
            Err(error) => ask(ctx, proving, Some(wrong(ctx, &error))).await,
        }
    }

    async fn on_event(&self, desk: &Desk<'_>, event: Event) -> Result<(), BotError> {
        let Event::Delivered(order) = event;
        desk.shop().terms().send(order).await?;
        Ok(())
    }

    fn jobs(&self) -> Vec<Job> {
        vec![Job {
            name: "purge",
            every: PURGE_EVERY,
        }]
    }

    async fn on_job(&self, desk: &Desk<'_>, _: &str) -> Result<(), BotError> {
        let purged = desk.shop().terms().purge().await?;
        if purged > 0 {
            tracing::info!(purged, "proofs of fulfilled terms were kept long enough");
        }
        Ok(())
    }
}

fn wrong(ctx: &Ctx<'_>, error: &ContentError) -> Rich {
    match error {
        ContentError::Empty => t!(ctx, "text-empty"),
        ContentError::TooLong { .. } => t!(ctx, "proof-too-long"),
        ContentError::Control | ContentError::UnknownForm => t!(ctx, "text-control"),
    }
}

async fn ask(ctx: &Ctx<'_>, proving: Proving, wrong: Option<Rich>) -> Result<(), BotError> {
    let Proving(order, product) = proving;
    let terms = ctx.shop().terms();
    terms.check(ctx.customer().id, order, product).await?;
    let text = wrong.unwrap_or_default().paragraph(t!(ctx, "terms-ask"));
    ctx.ask(&proving, Question::paste(text)).await
}

async fn prove(ctx: &Ctx<'_>, proving: Proving, proof: &Content) -> Result<(), BotError> {
    let (Proving(order, product), customer) = (proving, ctx.customer().id);
    let terms = ctx.shop().terms();
    let proven = terms.prove(customer, order, product, proof).await;
    ctx.leave_dialog().await?;
    proven?;
    let view = View::text(t!(ctx, "terms-thanks"));
    ctx.reply(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn look(ctx: &Ctx<'_>, order: OrderId, product: ProductId) -> Result<(), BotError> {
    let actor = ctx.admin(Permission::Orders)?;
    let proof = ctx.shop().terms().look(&actor, order, product).await?;
    let text = t!(
        ctx,
        "terms-proof",
        number = &ctx.shop().orders().get(order).await?.number
    );
    let view = match proof {
        Content::Text(words) => View::text(text.paragraph(Rich::plain(words))),
        Content::File { name, bytes } => View::text(text).media(Media::File { name, bytes }),
    };
    ctx.reply(menu::offer(view, ctx)?).await?;
    Ok(())
}

/// A button for each product of an order whose terms wait to be fulfilled.
pub(super) async fn buttons(ctx: &Ctx<'_>, order: &Order) -> Result<Vec<Button>, BotError> {
    let waiting = ctx.shop().terms().waiting(order).await?;
    let button = |product: &Product| {
        let label = t!(ctx, "button-terms-of", name = &product.name);
        Button::new(label, &Press::Prove(order.id, product.id))
    };
    let buttons: Result<_, _> = waiting.iter().take(BUTTONS_MAX).map(button).collect();
    Ok(buttons?)
}

/// The terms of a product, with a button to say that they are fulfilled.
pub(in crate::bot) async fn notice(
    shop: &Shop,
    locale: Locale<'_>,
    order: OrderId,
    product: ProductId,
) -> Result<(Rich, Button), BotError> {
    let product = shop.catalog().offer(product).await?.product;
    let heading = t!(locale, "terms-notice", name = &product.name);
    let text = match &product.terms {
        Some(terms) => heading.paragraph(Rich::plain(terms.as_str())),
        None => heading,
    };
    let text = text.paragraph(t!(locale, "terms-when-done"));
    let prove = Press::Prove(order, product.id);
    Ok((text, Button::new(t!(locale, "button-terms-done"), &prove)?))
}

/// That someone fulfilled terms, with a button to the proof.
pub(in crate::bot) async fn fulfilled(
    shop: &Shop,
    locale: Locale<'_>,
    order: OrderId,
    product: ProductId,
) -> Result<(Rich, Button), BotError> {
    let name = shop.catalog().offer(product).await?.product.name;
    let number = shop.orders().get(order).await?.number;
    let text = t!(locale, "terms-fulfilled", name = &name, number = &number);
    let look = Press::Look(order, product);
    Ok((text, Button::new(t!(locale, "button-terms-proof"), &look)?))
}
