//! Finding out whose a payment of an unknown reference is: the money goes to the wallet of whoever
//! placed the order it was meant for.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::reviews;
use crate::bot::action::{Action, Packed};
use crate::bot::dialog::{Answer, Open, Question, State};
use crate::bot::permission::Permission;
use crate::bot::plugin::Plugin;
use crate::bot::rich::Rich;
use crate::bot::texts::t;
use crate::bot::{BotError, Ctx};
use crate::id::CaseId;
use crate::order::OrderNumber;
use crate::service::OrderError;

/// Assigns payments to orders.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct Assigning;

/// Asks which order the payment of a case was for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Press(pub(super) CaseId);

impl Action for Press {
    const PLUGIN: &'static str = "assigning";

    fn require(&self) -> Option<Permission> {
        Some(Permission::Reviews)
    }
}

impl State for Press {
    const PLUGIN: &'static str = <Self as Action>::PLUGIN;

    fn require(&self) -> Option<Permission> {
        Some(Permission::Reviews)
    }
}

#[async_trait]
impl Plugin for Assigning {
    fn id(&self) -> &'static str {
        <Press as Action>::PLUGIN
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        let press: Press = ctx.open(action)?;
        ask(ctx, press, None).await
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        let press: Press = dialog.state(ctx)?;
        match answer {
            Answer::Text(text) => assign(ctx, press, text).await,
            Answer::File { .. } | Answer::Choice(_) => ask(ctx, press, None).await,
        }
    }
}

async fn ask(ctx: &Ctx<'_>, press: Press, wrong: Option<Rich>) -> Result<(), BotError> {
    let text = t!(ctx, "case-assign-ask");
    let question = Question::line(wrong.unwrap_or_default().paragraph(text));
    ctx.ask(&press, question).await
}

async fn assign(ctx: &Ctx<'_>, press: Press, text: &str) -> Result<(), BotError> {
    let unknown = || ask(ctx, press, Some(t!(ctx, "case-assign-none")));
    let Ok(number) = text.trim().parse::<OrderNumber>() else {
        return unknown().await;
    };
    let order = match ctx.shop().orders().by_number(&number).await {
        Ok(order) => order,
        Err(OrderError::Unknown) => return unknown().await,
        Err(error) => return Err(error.into()),
    };
    let actor = ctx.admin(Permission::Reviews)?;
    let (case, customer) = (press.0, Some(order.customer));
    let credited = ctx.shop().reviews().credit(&actor, case, customer).await;
    ctx.leave_dialog().await?;
    reviews::decided(ctx, case, credited).await
}
