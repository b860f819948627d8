//! What a customer sees of themselves, and the language they are spoken to in.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{orders, wallet};
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::menu;
use crate::bot::plugin::{Command, MenuEntry, Plugin};
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx};
use crate::customer::Language;
use crate::store::{OrderFilter, Page};

/// Shows customers who they are here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Profile;

#[derive(Debug, Serialize, Deserialize)]
enum Press {
    /// The profile.
    Show,
    /// The languages to choose from.
    Languages,
    /// Speaks a language from now on, by its place among those there are.
    Speak(usize),
}

impl Action for Press {
    const PLUGIN: &'static str = "profile";
}

#[async_trait]
impl Plugin for Profile {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    fn commands(&self, locale: Locale<'_>) -> Vec<Command> {
        let command = |name, summary| Command {
            name,
            summary,
            require: None,
        };
        vec![
            command("profile", t!(locale, "command-profile")),
            command("language", t!(locale, "command-language")),
        ]
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let button = Button::new(t!(locale, "button-profile"), &Press::Show)?;
        Ok(vec![MenuEntry { place: 50, button }])
    }

    async fn on_command(&self, ctx: &Ctx<'_>, name: &str, _: &str) -> Result<(), BotError> {
        match name {
            "language" => languages(ctx).await,
            _ => show(ctx).await,
        }
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::Show => show(ctx).await,
            Press::Languages => languages(ctx).await,
            Press::Speak(place) => speak(ctx, place).await,
        }
    }
}

async fn show(ctx: &Ctx<'_>) -> Result<(), BotError> {
    let customer = ctx.customer();
    let mine = OrderFilter {
        customer: Some(customer.id),
        state: None,
    };
    let orders = ctx.shop().orders().list(mine, Page::first(1)).await?;
    let balance = ctx.shop().wallet().balance(customer.id).await?;
    let name = customer.name.as_ref();
    let text = t!(
        ctx,
        "profile",
        name = name.map_or("", |name| name.as_str()),
        since = ctx.moment(customer.created_at),
        orders = orders.total,
        balance = balance,
        language = ctx.locale().language_name()
    );
    let view = View::text(text)
        .row([
            Button::new(t!(ctx, "button-orders"), &orders::Press::List(0))?,
            Button::new(t!(ctx, "button-wallet"), &wallet::Press::Show)?,
        ])
        .row([Button::new(t!(ctx, "button-language"), &Press::Languages)?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn languages(ctx: &Ctx<'_>) -> Result<(), BotError> {
    let known = ctx.locale().languages();
    let names = known.into_iter().enumerate();
    let names = names.map(|(place, (_, name))| Button::new(name, &Press::Speak(place)));
    let view = View::text(t!(ctx, "language-ask"));
    let view = view.rows(names.collect::<Result<Vec<_>, _>>()?);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn speak(ctx: &Ctx<'_>, place: usize) -> Result<(), BotError> {
    let known = ctx.locale().languages();
    let (tag, _) = known.get(place).ok_or(BotError::Stale)?;
    let language = Language::parse(tag).map_err(|_| BotError::Stale)?;
    let customers = ctx.shop().customers();
    customers
        .set_language(&ctx.buyer(), ctx.customer().id, Some(language))
        .await?;
    let locale = ctx.locale().other(place);
    let view = View::text(t!(locale, "language-spoken"));
    let view = view.row([menu::button(locale)?]);
    ctx.show(view).await?;
    Ok(())
}
