//! Crediting and debiting a customer's wallet, with a reason, once for each wish.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::customers;
use crate::bot::action::{Action, Packed};
use crate::bot::dialog::{Answer, Choice, Open, Question, State};
use crate::bot::permission::Permission;
use crate::bot::plugin::Plugin;
use crate::bot::rich::Rich;
use crate::bot::shop::typed;
use crate::bot::texts::t;
use crate::bot::{BotError, Ctx};
use crate::id::CustomerId;
use crate::money::Money;
use crate::service::WalletError;
use crate::store::RequestKey;
use crate::text::Reason;

/// Credits and debits wallets.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct Adjusting;

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Press {
    /// Asks how much to put into a wallet.
    Credit(CustomerId),
    /// Asks how much to take out of it.
    Debit(CustomerId),
}

impl Action for Press {
    const PLUGIN: &'static str = "adjusting";

    fn require(&self) -> Option<Permission> {
        Some(Permission::Money)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Way {
    Credit,
    Debit,
}

/// Which answer is awaited.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Step {
    Amount(CustomerId, Way),
    Reason(CustomerId, Way, Money),
    /// The wish has a key: a confirmation that is repeated after a lost reply adjusts nothing more.
    Confirm(CustomerId, Way, Money, Reason, RequestKey),
}

impl State for Step {
    const PLUGIN: &'static str = Press::PLUGIN;

    fn require(&self) -> Option<Permission> {
        Some(Permission::Money)
    }
}

#[async_trait]
impl Plugin for Adjusting {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        let step = match ctx.open(action)? {
            Press::Credit(customer) => Step::Amount(customer, Way::Credit),
            Press::Debit(customer) => Step::Amount(customer, Way::Debit),
        };
        ask(ctx, step, None).await
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        match (dialog.state(ctx)?, answer) {
            (Step::Amount(customer, way), Answer::Text(text)) => {
                amount(ctx, (customer, way), text).await
            }
            (Step::Reason(customer, way, amount), Answer::Text(text)) => {
                match Reason::parse(text) {
                    Ok(reason) => {
                        let request = ctx.shop().new_request();
                        let step = Step::Confirm(customer, way, amount, reason, request);
                        ask(ctx, step, None).await
                    }
                    Err(error) => {
                        let wrong = typed::text(ctx, error);
                        ask(ctx, Step::Reason(customer, way, amount), Some(wrong)).await
                    }
                }
            }
            (
                Step::Confirm(customer, way, amount, reason, request),
                Answer::Choice(Choice::Confirm),
            ) => adjust(ctx, (customer, way), amount, (&reason, &request)).await,
            (step, Answer::Text(_) | Answer::File { .. }) => ask(ctx, step, None).await,
            (_, Answer::Choice(_)) => Err(BotError::Stale),
        }
    }
}

async fn ask(ctx: &Ctx<'_>, step: Step, wrong: Option<Rich>) -> Result<(), BotError> {
    let (Step::Amount(id, way) | Step::Reason(id, way, _) | Step::Confirm(id, way, ..)) = &step;
    let customer = ctx.shop().customers().get(*id).await?;
    let name = customers::title(&customer);
    let balance = ctx.shop().wallet().balance(*id).await?;
    let question = match (&step, way) {
        (Step::Amount(..), Way::Credit) => {
            Question::line(t!(ctx, "credit-ask", name = name, balance = balance))
        }
        (Step::Amount(..), Way::Debit) => {
            Question::line(t!(ctx, "debit-ask", name = name, balance = balance))
        }
        (Step::Reason(..), _) => Question::line(t!(ctx, "adjust-ask-reason")),
        (Step::Confirm(_, _, amount, reason, _), way) => {
            let (amount, reason) = (*amount, reason.as_str());
            let text = match way {
                Way::Credit => {
                    t!(
                        ctx,
                        "credit-confirm",
                        name = name,
                        amount = amount,
                        reason = reason
                    )
                }
                Way::Debit => {
                    t!(
                        ctx,
                        "debit-confirm",
                        name = name,
                        amount = amount,
                        reason = reason
                    )
                }
            };
            Question::choice(text).or(Choice::Confirm, t!(ctx, "button-adjust"))
        }
    };
    let text = wrong
        .unwrap_or_default()
        .paragraph(question.view.text.clone());
    let view = crate::bot::view::View {
        text,
        ..question.view
    };
    ctx.ask(&step, Question { view, ..question }).await
}

async fn amount(
    ctx: &Ctx<'_>,
    (customer, way): (CustomerId, Way),
    text: &str,
) -> Result<(), BotError> {
    let step = Step::Amount(customer, way);
    let amount = match Money::parse(text, ctx.shop().currency()) {
        Ok(amount) => amount,
        Err(error) => return ask(ctx, step, Some(typed::amount(ctx, &error))).await,
    };
    let balance = ctx.shop().wallet().balance(customer).await?;
    if amount.is_zero() {
        let wrong = t!(ctx, "adjust-nothing");
        return ask(ctx, step, Some(wrong)).await;
    }
    if way == Way::Debit && amount.minor() > balance.minor() {
        let wrong = t!(ctx, "wallet-holds", balance = balance);
        return ask(ctx, step, Some(wrong)).await;
    }
    ask(ctx, Step::Reason(customer, way, amount), None).await
}

async fn adjust(
    ctx: &Ctx<'_>,
    (customer, way): (CustomerId, Way),
    amount: Money,
    (reason, request): (&Reason, &RequestKey),
) -> Result<(), BotError> {
    let actor = ctx.admin(Permission::Money)?;
    let signed = match way {
        Way::Credit => amount,
        Way::Debit => amount.checked_neg()?,
    };
    let wallet = ctx.shop().wallet();
    match wallet
        .adjust(&actor, customer, signed, reason, request)
        .await
    {
        Err(WalletError::InsufficientFunds { balance }) => {
            let wrong = t!(ctx, "wallet-holds", balance = balance);
            return ask(ctx, Step::Amount(customer, way), Some(wrong)).await;
        }
        done => done?,
    }
    ctx.leave_dialog().await?;
    customers::show(ctx, customer).await
}
