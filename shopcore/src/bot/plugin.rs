//! Plug-ins: what a bot is made of. The shop itself is a handful of them.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use super::action::{PackError, Packed, Stale};
use super::context::Ctx;
use super::desk::Desk;
use super::dialog::{Answer, Open};
use super::error::BotError;
use super::permission::Permission;
use super::rich::Rich;
use super::texts::{Locale, t};
use super::view::Button;
use crate::id::OrderId;

/// A command that a plug-in carries out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its name, without the slash, in lower case.
    pub name: &'static str,
    /// What it does, for the list of commands.
    pub summary: Rich,
    /// What one must be permitted to give it.
    pub require: Option<Permission>,
}

impl Command {
    /// A command that everyone may give.
    #[must_use]
    pub const fn new(name: &'static str, summary: Rich) -> Self {
        Self {
            name,
            summary,
            require: None,
        }
    }
}

/// A button of the main menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuEntry {
    /// Its place: entries are shown from low to high, the shop's own stand at 10, 20 and so on.
    pub place: u16,
    /// The button.
    pub button: Button,
}

/// Something that happened in the shop and that plug-ins may care about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The goods of an order reached their chat. It may be told twice.
    Delivered(OrderId),
}

/// Work that a plug-in does by itself in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    /// Its name, unique in the plug-in.
    pub name: &'static str,
    /// How long after one run the next begins; the first begins after as long.
    pub every: Duration,
}

impl Job {
    /// A job that is done every hour.
    #[must_use]
    pub const fn hourly(name: &'static str) -> Self {
        Self {
            name,
            every: Duration::from_secs(3_600),
        }
    }
}

/// A part of a bot.
///
/// Every method but [`id`](Plugin::id) has a default, so that a plug-in states only what it does.
///
/// ```
/// use async_trait::async_trait;
/// use serde::{Deserialize, Serialize};
/// use shopcore::bot::action::{Action, PackError, Packed};
/// use shopcore::bot::plugin::{MenuEntry, Plugin};
/// use shopcore::bot::rich::Rich;
/// use shopcore::bot::texts::Locale;
/// use shopcore::bot::view::{Button, View};
/// use shopcore::bot::{BotError, Ctx};
/// use shopcore::store::{OrderFilter, Page};
///
/// /// Thanks customers for their orders.
/// #[derive(Debug)]
/// struct Loyalty;
///
/// #[derive(Serialize, Deserialize)]
/// enum Press {
///     Count,
/// }
///
/// impl Action for Press {
///     const PLUGIN: &'static str = "loyalty";
/// }
///
/// #[async_trait]
/// impl Plugin for Loyalty {
///     fn id(&self) -> &'static str {
///         Press::PLUGIN
///     }
///
///     fn menu(&self, _: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
///         let button = Button::new("My loyalty", &Press::Count)?;
///         Ok(vec![MenuEntry { place: 50, button }])
///     }
///
///     async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
///         let Press::Count = ctx.open(action)?;
///         let mine = OrderFilter { customer: Some(ctx.customer().id), state: None };
///         let orders = ctx.shop().orders().list(mine, Page::first(1)).await?;
///         let text = Rich::plain(format!("You have ordered {} times. Thank you!", orders.total));
///         ctx.show(View::text(text)).await?;
///         Ok(())
///     }
/// }
/// # use shopcore::bot::{Bot, storefront};
/// # use shopcore::{MemoryStore, Shop, money::Currency};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let shop = Shop::builder(Currency::IDR).store(MemoryStore::default()).build().await?;
/// Bot::new(shop).plugins(storefront()).plugin(Loyalty).run().await?;
/// # Ok(()) }
/// ```
#[async_trait]
pub trait Plugin: Send + Sync + fmt::Debug {
    /// Its id, unique in the bot and short: it stands in front of every action.
    fn id(&self) -> &'static str;

    /// Its texts, as files of Fluent messages, each with its language. They are complete in English.
    fn texts(&self) -> Vec<(&'static str, &'static str)> {
        Vec::new()
    }

    /// The commands it carries out.
    fn commands(&self, _locale: Locale<'_>) -> Vec<Command> {
        Vec::new()
    }

    /// Its entries of the main menu.
    ///
    /// # Errors
    /// [`PackError`] is a defect of the plug-in.
    fn menu(&self, _locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        Ok(Vec::new())
    }

    /// Carries out one of its commands; `args` is what follows the command's name.
    ///
    /// # Errors
    /// [`BotError`]; the person is told, and can go on.
    async fn on_command(&self, _ctx: &Ctx<'_>, _name: &str, _args: &str) -> Result<(), BotError> {
        Err(Stale.into())
    }

    /// Carries out the action of a pressed button.
    ///
    /// # Errors
    /// [`BotError`]; the person is told, and can go on.
    async fn on_action(&self, _ctx: &Ctx<'_>, _action: &Packed) -> Result<(), BotError> {
        Err(Stale.into())
    }

    /// Takes what was typed where no question was asked; tells whether it could do something with
    /// it. Plug-ins are asked in their order.
    ///
    /// # Errors
    /// [`BotError`]; the person is told, and can go on.
    async fn on_text(&self, _ctx: &Ctx<'_>, _text: &str) -> Result<bool, BotError> {
        Ok(false)
    }

    /// Takes the answer to the question of one of its dialogs.
    ///
    /// # Errors
    /// [`BotError`]; the person is told, and can answer again.
    async fn on_answer(
        &self,
        _ctx: &Ctx<'_>,
        _dialog: &Open,
        _answer: Answer<'_>,
    ) -> Result<(), BotError> {
        Err(Stale.into())
    }

    /// What is said when one of its dialogs is cancelled; by default, that nothing was changed. A
    /// dialog that changed something on its way says what stays.
    fn on_cancel(&self, ctx: &Ctx<'_>, _dialog: &Open) -> Rich {
        t!(ctx, "cancelled")
    }

    /// Hears of an event, after it happened; it can't stop it.
    ///
    /// # Errors
    /// [`BotError`]; it is logged, and the event is not told again.
    async fn on_event(&self, _desk: &Desk<'_>, _event: Event) -> Result<(), BotError> {
        Ok(())
    }

    /// What it does by itself, again and again.
    fn jobs(&self) -> Vec<Job> {
        Vec::new()
    }

    /// Does one of its jobs. One process does it at a time, as a rule: it must be right when two
    /// do it at once.
    ///
    /// # Errors
    /// [`BotError`]; it is logged, and the job is done again in its period.
    async fn on_job(&self, _desk: &Desk<'_>, _name: &str) -> Result<(), BotError> {
        Ok(())
    }
}
