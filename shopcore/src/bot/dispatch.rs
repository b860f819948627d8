//! The dispatcher: brings every deed of a person to the plug-in that answers it.

use std::fmt;
use std::sync::Arc;

use super::action::Packed;
use super::apology::{Fault, apology};
use super::context::Ctx;
use super::dialog::{Answer, CHOICE, Choice, Open};
use super::error::BotError;
use super::frontend::{Frontend, Limits};
use super::incoming::{Incoming, Kind};
use super::menu;
use super::middleware::{Chain, Middleware, Next};
use super::permission::{Permissions, Team};
use super::plugin::Plugin;
use super::texts::{Texts, t};
use super::turns::{Seen, Turns};
use super::view::{Media, Press, View};
use crate::Shop;
use crate::customer::{Chat, Customer, FrontendName};

/// A bot at work: takes what people do, and answers. Cheap to clone.
#[derive(Clone)]
pub struct Dispatcher(pub(super) Arc<Core>);

pub(super) struct Core {
    pub(super) shop: Shop,
    pub(super) plugins: Vec<Box<dyn Plugin>>,
    pub(super) frontends: Vec<Arc<dyn Frontend>>,
    pub(super) team: Team,
    pub(super) texts: Texts,
    pub(super) alerts: Vec<Chat>,
    pub(super) middleware: Vec<Box<dyn Middleware>>,
    pub(super) turns: Turns,
    pub(super) seen: Seen,
}

impl fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plugins = self.0.plugins.iter().map(|plugin| plugin.id());
        write!(f, "Dispatcher({:?}, ", self.0.shop)?;
        f.debug_list().entries(plugins).finish()?;
        f.write_str(")")
    }
}

impl Core {
    pub(super) fn frontend(&self, name: &FrontendName) -> Option<&dyn Frontend> {
        let found = self
            .frontends
            .iter()
            .find(|frontend| frontend.name() == name);
        found.map(AsRef::as_ref)
    }

    /// Who does this, and what they may do now.
    async fn meet(&self, incoming: &Incoming) -> Result<(Customer, Permissions), BotError> {
        let (contact, name) = (&incoming.sender.contact, incoming.sender.name.clone());
        let customers = self.shop.customers();
        let customer = customers.meet(contact, &incoming.chat, name).await?;
        let customer = self.greet(customer, incoming).await;
        let held = self.permissions(&customer).await?;
        Ok((customer, held))
    }

    pub(super) fn plugin(&self, id: &str) -> Option<&dyn Plugin> {
        let found = self.plugins.iter().find(|plugin| plugin.id() == id);
        found.map(AsRef::as_ref)
    }

    /// The view without buttons of plug-ins that were left out, its text cut to what the platform
    /// carries.
    pub(super) fn fit(&self, mut view: View, limits: Limits) -> View {
        view = view.retain(|button| match &button.press {
            Press::Action(action) => self.carries_out(action),
            Press::Url(_) => true,
        });
        let max = match view.media {
            Some(Media::Qr(_) | Media::Picture(_) | Media::File { .. }) => limits.caption,
            None => limits.text,
        };
        view.text = view.text.shortened(max);
        view
    }

    fn carries_out(&self, action: &Packed) -> bool {
        let id = action.plugin();
        [CHOICE, menu::PLUGIN].contains(&id) || self.plugin(id).is_some()
    }
}

impl Dispatcher {
    /// The shop.
    #[must_use]
    pub fn shop(&self) -> &Shop {
        &self.0.shop
    }

    /// Answers one deed. Deeds of a chat are answered in the order of arrival, a deed that
    /// arrives twice once. Whatever fails, the person is told where they can be reached.
    pub async fn handle(&self, incoming: Incoming) {
        if !self.0.seen.is_new(incoming.request_key()) {
            return;
        }
        let _turn = self.0.turns.of(&incoming.chat).await;
        self.0.take_up_replies().await;
        let Some(frontend) = self.0.frontend(&incoming.chat.frontend) else {
            tracing::error!(frontend = %incoming.chat.frontend, "no such frontend");
            return;
        };
        let chat = &incoming.chat;
        let (shop, began) = (&self.0.shop, self.0.shop.now());
        match self.0.meet(&incoming).await {
            Ok((customer, held)) => {
                let ctx = Ctx::new(&self.0, frontend, &incoming, customer, held);
                let apologised = answer(&ctx).await;
                let took = (shop.now() - began).to_std().unwrap_or_default();
                shop.figures().answered(took, apologised);
            }
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "a customer could not be met");
                let locale = self.0.texts.locale(incoming.sender.language.as_deref());
                let view = View::text(t!(locale, "unavailable"));
                log_failure(frontend.send(chat, &view).await.map(drop));
            }
        }
    }
}

/// Answers, and tells whether the shop failed.
async fn answer(ctx: &Ctx<'_>) -> bool {
    let answered = Next::new(&ctx.core().middleware).run(ctx).await;
    let failed = match answered {
        Ok(()) => false,
        Err(error) => apologise(ctx, &error).await == Fault::Defect,
    };
    ctx.acknowledge().await;
    failed
}

/// Tells the person what went wrong, and offers the menu as a way out.
async fn apologise(ctx: &Ctx<'_>, error: &BotError) -> Fault {
    let Some(apology) = apology(error, ctx.locale()) else {
        tracing::warn!(error = %Chain(error), "a person can't be reached");
        return Fault::None;
    };
    match apology.fault {
        Fault::None => tracing::info!(error = %Chain(error), "a deed was refused"),
        Fault::Defect => tracing::error!(error = %Chain(error), "a deed failed"),
    }
    let view = View::text(apology.text);
    let view = menu::offer(view.clone(), ctx).unwrap_or(view);
    log_failure(ctx.reply(view).await.map(drop));
    apology.fault
}

fn log_failure<E: std::error::Error>(sent: Result<(), E>) {
    if let Err(error) = sent {
        tracing::warn!(error = %Chain(&error), "an apology could not be sent");
    }
}

/// Finds who answers.
pub(super) async fn route(ctx: &Ctx<'_>) -> Result<(), BotError> {
    match &ctx.incoming().kind {
        Kind::Command { name, args } => command(ctx, name, args).await,
        Kind::Button { action, .. } => match action {
            Some(packed) if packed.plugin() == CHOICE => choice(ctx, packed).await,
            Some(packed) => action_of(ctx, packed).await,
            None => Err(BotError::Stale),
        },
        Kind::Text(text) => reply_to_question(ctx, Answer::Text(text)).await,
        Kind::File { name, bytes } => reply_to_question(ctx, Answer::File { name, bytes }).await,
        Kind::Other => {
            ctx.reply(menu::offer(View::text(t!(ctx, "not-understood")), ctx)?)
                .await?;
            Ok(())
        }
    }
}

async fn command(ctx: &Ctx<'_>, name: &str, args: &str) -> Result<(), BotError> {
    if name == menu::CANCEL {
        return cancel(ctx).await;
    }
    if name == menu::AGAIN
        && let Some(dialog) = ctx.dialog().await?
    {
        return again(ctx, &dialog).await;
    }
    ctx.leave_dialog().await?;
    if menu::command(ctx, name).await? {
        return Ok(());
    }
    for plugin in &ctx.core().plugins {
        let known = plugin.commands(ctx.locale());
        if let Some(command) = known.into_iter().find(|command| command.name == name) {
            ctx.require(command.require)?;
            return plugin.on_command(ctx, name, args).await;
        }
    }
    ctx.reply(menu::offer(View::text(t!(ctx, "unknown-command")), ctx)?)
        .await?;
    Ok(())
}

/// Asks the open question again. One that is no longer the person's to answer is left.
async fn again(ctx: &Ctx<'_>, dialog: &Open) -> Result<(), BotError> {
    let asked = ctx.ask_again(dialog).await;
    if let Err(BotError::Forbidden(_)) = &asked {
        ctx.leave_dialog().await?;
    }
    asked
}

/// Leaves the dialog, one that can't be read too.
async fn cancel(ctx: &Ctx<'_>) -> Result<(), BotError> {
    let left = match ctx.dialog().await {
        Ok(left) => left,
        Err(BotError::Stale | BotError::Vault(_)) => None,
        Err(error) => return Err(error),
    };
    menu::cancelled(ctx, left.as_ref()).await
}

async fn action_of(ctx: &Ctx<'_>, packed: &Packed) -> Result<(), BotError> {
    ctx.leave_dialog().await?;
    if packed.plugin() == menu::PLUGIN {
        return menu::on_action(ctx, packed).await;
    }
    let plugin = ctx.core().plugin(packed.plugin()).ok_or(BotError::Stale)?;
    plugin.on_action(ctx, packed).await
}

async fn choice(ctx: &Ctx<'_>, packed: &Packed) -> Result<(), BotError> {
    let dialog = ctx.dialog().await?.ok_or(BotError::Stale)?;
    match dialog.choice(packed)? {
        Choice::Cancel => menu::cancelled(ctx, Some(&dialog)).await,
        choice @ (Choice::Confirm | Choice::Skip | Choice::Done) => {
            let plugin = leader(ctx, &dialog).await?;
            plugin.on_answer(ctx, &dialog, Answer::Choice(choice)).await
        }
    }
}

async fn reply_to_question(ctx: &Ctx<'_>, answer: Answer<'_>) -> Result<(), BotError> {
    let Some(dialog) = ctx.dialog().await? else {
        if let Answer::Text(text) = answer {
            for plugin in &ctx.core().plugins {
                if plugin.on_text(ctx, text).await? {
                    return Ok(());
                }
            }
        }
        ctx.reply(menu::offer(View::text(t!(ctx, "not-understood")), ctx)?)
            .await?;
        return Ok(());
    };
    let plugin = leader(ctx, &dialog).await?;
    let answered = plugin.on_answer(ctx, &dialog, answer).await;
    if let Err(BotError::Stale | BotError::Forbidden(_)) = &answered {
        ctx.leave_dialog().await?;
    }
    answered
}

/// The plug-in that leads a dialog. A dialog whose plug-in is gone is left.
async fn leader<'a>(ctx: &'a Ctx<'_>, dialog: &Open) -> Result<&'a dyn Plugin, BotError> {
    let Some(plugin) = ctx.core().plugin(dialog.plugin()) else {
        ctx.leave_dialog().await?;
        return Err(BotError::Stale);
    };
    Ok(plugin)
}
