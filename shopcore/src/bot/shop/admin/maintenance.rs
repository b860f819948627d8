//! Maintenance: the shop is closed for a moment, in the team's words. Payments and deliveries go
//! on, and the team itself is let in.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::audit::{Entity, Kind};
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::dialog::{Answer, Choice, Open, Question, State};
use crate::bot::menu;
use crate::bot::middleware::{Middleware, Next};
use crate::bot::permission::{Permission, Permissions};
use crate::bot::plugin::{MenuEntry, Plugin};
use crate::bot::rich::Rich;
use crate::bot::shop::typed;
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx};
use crate::store::{Batch, ChatWrite};
use crate::text::Description;

const PLUGIN: &str = "maintenance";
const KEY: &str = "closed";

/// Closes the shop, and opens it again.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct Maintenance;

#[derive(Debug, Serialize, Deserialize)]
enum Press {
    /// Whether the shop is open.
    Show,
    /// Asks what customers shall read.
    Close,
    /// Opens it.
    Open,
}

impl Action for Press {
    const PLUGIN: &'static str = PLUGIN;

    fn require(&self) -> Option<Permission> {
        Some(Permission::Settings)
    }
}

/// Waits for what customers shall read.
#[derive(Debug, Serialize, Deserialize)]
struct Closing;

impl State for Closing {
    const PLUGIN: &'static str = PLUGIN;

    fn require(&self) -> Option<Permission> {
        Some(Permission::Settings)
    }
}

/// What customers read while the shop is closed.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Closed {
    /// The team's own words; without them the shop's usual ones.
    words: Option<Description>,
}

#[async_trait]
impl Plugin for Maintenance {
    fn id(&self) -> &'static str {
        PLUGIN
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let button = Button::new(t!(locale, "button-maintenance"), &Press::Show)?;
        Ok(vec![MenuEntry { place: 190, button }])
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::Show => show(ctx).await,
            Press::Close => ask(ctx, None).await,
            Press::Open => {
                set(ctx, None).await?;
                show(ctx).await
            }
        }
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        let Closing = dialog.state(ctx)?;
        let words = match answer {
            Answer::Choice(Choice::Skip) => None,
            Answer::Text(text) => match Description::parse(text) {
                Ok(words) => Some(words),
                Err(error) => return ask(ctx, Some(typed::text(ctx, error))).await,
            },
            Answer::File { .. } => return ask(ctx, None).await,
            Answer::Choice(_) => return Err(BotError::Stale),
        };
        set(ctx, Some(Closed { words })).await?;
        ctx.leave_dialog().await?;
        show(ctx).await
    }
}

async fn ask(ctx: &Ctx<'_>, wrong: Option<Rich>) -> Result<(), BotError> {
    let text = wrong
        .unwrap_or_default()
        .paragraph(t!(ctx, "maintenance-ask"));
    let question = Question::paste(text).or(Choice::Skip, t!(ctx, "button-usual-words"));
    ctx.ask(&Closing, question).await
}

async fn show(ctx: &Ctx<'_>) -> Result<(), BotError> {
    let view = match closed(ctx).await? {
        None => View::text(t!(ctx, "maintenance-open"))
            .row([Button::new(t!(ctx, "button-close-shop"), &Press::Close)?]),
        Some(closed) => View::text(t!(ctx, "maintenance-closed").paragraph(told(ctx, &closed)))
            .row([Button::new(t!(ctx, "button-open-shop"), &Press::Open)?]),
    };
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn closed(ctx: &Ctx<'_>) -> Result<Option<Closed>, BotError> {
    let (store, shop) = (ctx.shop().store(), ctx.shop().id());
    let stored = store.find_state(shop, PLUGIN, KEY).await?;
    // What can't be read closes the shop, in the usual words: that is what was wished.
    let read = |stored: Vec<u8>| serde_json::from_slice(&stored).unwrap_or(Closed { words: None });
    Ok(stored.map(read))
}

fn told(ctx: &Ctx<'_>, closed: &Closed) -> Rich {
    match &closed.words {
        Some(words) => Rich::plain(words.as_str()),
        None => t!(ctx, "maintenance-usual"),
    }
}

async fn set(ctx: &Ctx<'_>, closed: Option<Closed>) -> Result<(), BotError> {
    let actor = ctx.admin(Permission::Settings)?;
    let shop = ctx.shop();
    let action = match closed {
        Some(_) => "closed for maintenance",
        None => "opened again",
    };
    let mut batch = Batch::by(actor, shop.id(), shop.now(), shop.ids());
    batch
        .push(ChatWrite::PutState {
            plugin: PLUGIN.to_owned(),
            key: KEY.to_owned(),
            value: closed.map(|closed| json!(closed).to_string().into_bytes()),
        })
        .record(Entity::new(Kind::Shop, shop.id()), action, json!({}));
    Ok(shop.commit(batch).await?)
}

/// Keeps customers out while the shop is closed.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot) struct Door;

#[async_trait]
impl Middleware for Door {
    async fn around(&self, ctx: &Ctx<'_>, next: Next<'_>) -> Result<(), BotError> {
        if ctx.permissions() != Permissions::none() {
            return next.run(ctx).await;
        }
        match closed(ctx).await? {
            None => next.run(ctx).await,
            Some(closed) => {
                ctx.reply(View::text(told(ctx, &closed))).await?;
                Ok(())
            }
        }
    }
}
