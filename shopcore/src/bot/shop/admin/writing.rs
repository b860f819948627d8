//! Writing to one customer, in the shop's name.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::customers::{self, title};
use crate::bot::action::{Action, Packed};
use crate::bot::dialog::{Answer, Open, Question, State};
use crate::bot::menu;
use crate::bot::permission::Permission;
use crate::bot::plugin::Plugin;
use crate::bot::rich::Rich;
use crate::bot::shop::{contact, typed};
use crate::bot::texts::t;
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx};
use crate::id::CustomerId;
use crate::text::Description;

/// Writes to customers.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct Writing;

/// Asks what to write to a customer.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::bot::shop) struct Press(pub(in crate::bot::shop) CustomerId);

impl Action for Press {
    const PLUGIN: &'static str = "writing";

    fn require(&self) -> Option<Permission> {
        Some(Permission::Customers)
    }
}

/// Waits for the words.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Words(CustomerId);

impl State for Words {
    const PLUGIN: &'static str = Press::PLUGIN;

    fn require(&self) -> Option<Permission> {
        Some(Permission::Customers)
    }
}

#[async_trait]
impl Plugin for Writing {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        let Press(customer) = ctx.open(action)?;
        ask(ctx, Words(customer), None).await
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        let words: Words = dialog.state(ctx)?;
        match answer {
            Answer::Text(text) => match Description::parse(text) {
                Ok(text) => write(ctx, words, &text).await,
                Err(error) => ask(ctx, words, Some(typed::text(ctx, error))).await,
            },
            Answer::File { .. } | Answer::Choice(_) => ask(ctx, words, None).await,
        }
    }
}

async fn ask(ctx: &Ctx<'_>, words: Words, wrong: Option<Rich>) -> Result<(), BotError> {
    let customer = ctx.shop().customers().get(words.0).await?;
    let ask = t!(ctx, "write-ask", name = title(&customer));
    let text = wrong.unwrap_or_default().paragraph(ask);
    ctx.ask(&words, Question::paste(text)).await
}

/// Sends the words at once: whether they arrived is told then and there.
async fn write(ctx: &Ctx<'_>, words: Words, text: &Description) -> Result<(), BotError> {
    let customer = ctx.shop().customers().get(words.0).await?;
    ctx.leave_dialog().await?;
    let desk = ctx.desk();
    let theirs = desk.locale_of(&customer);
    let view = View::text(t!(theirs, "written", words = text));
    let view = view.row([contact::button(theirs)?]);
    let told = match desk.send(&customer.chat, view).await {
        Ok(_) => t!(ctx, "write-sent"),
        Err(error) => {
            tracing::info!(%error, customer = %customer.id, "a customer could not be written to");
            t!(ctx, "write-failed")
        }
    };
    let back = customers::Press::Show(customer.id);
    let view = View::text(told).row([Button::new(t!(ctx, "button-return"), &back)?]);
    ctx.reply(menu::offer(view, ctx)?).await?;
    Ok(())
}
