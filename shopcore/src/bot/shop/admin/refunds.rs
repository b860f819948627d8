//! Paying an order back, whole or in part.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::bot::action::{Action, Packed};
use crate::bot::dialog::{Answer, Choice, Open, Question, State};
use crate::bot::menu;
use crate::bot::permission::Permission;
use crate::bot::plugin::Plugin;
use crate::bot::rich::Rich;
use crate::bot::shop::admin::orders;
use crate::bot::shop::typed;
use crate::bot::texts::t;
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx};
use crate::id::OrderId;
use crate::money::Money;
use crate::order::Order;
use crate::refund::{Refund, RefundState, RefundWay};
use crate::service::{NewRefund, RefundError};
use crate::store::{CommitError, RequestKey};
use crate::text::Reason;

/// Pays orders back.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct Refunds;

/// What the buttons of refunds do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Press {
    /// Asks how much of an order is to be paid back.
    Ask(OrderId),
    /// Pays so many minor units back.
    Give(OrderId, i64, Option<RefundWay>),
}

impl Action for Press {
    const PLUGIN: &'static str = "refunds";

    fn require(&self) -> Option<Permission> {
        Some(Permission::Money)
    }
}

/// What is asked for next.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Step {
    Amount(OrderId),
    /// The wish has a key: a reason that is sent again after a lost reply pays nothing more back.
    Reason(OrderId, i64, Option<RefundWay>, RequestKey),
}

impl State for Step {
    const PLUGIN: &'static str = Press::PLUGIN;

    fn require(&self) -> Option<Permission> {
        Some(Permission::Money)
    }
}

#[async_trait]
impl Plugin for Refunds {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::Ask(order) => ask_amount(ctx, order, None).await,
            Press::Give(order, minor, way) => {
                let request = ctx.shop().new_request();
                ask_reason(ctx, &Step::Reason(order, minor, way, request), None).await
            }
        }
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        let step: Step = dialog.state(ctx)?;
        match (step, answer) {
            (Step::Amount(order), Answer::Text(text)) => amount(ctx, order, text).await,
            (Step::Amount(order), Answer::Choice(_)) => {
                let order = ctx.shop().orders().get(order).await?;
                offer_ways(ctx, &order, left(&order)?).await
            }
            (Step::Amount(order), Answer::File { .. }) => ask_amount(ctx, order, None).await,
            (step @ Step::Reason(..), Answer::Text(text)) => give(ctx, &step, text).await,
            (step @ Step::Reason(..), Answer::File { .. } | Answer::Choice(_)) => {
                ask_reason(ctx, &step, None).await
            }
        }
    }
}

/// Whether something of an order is left to be paid back.
pub(super) fn is_refundable(order: &Order) -> bool {
    order.state.may_refund_to(order.state) && left(order).is_ok_and(Money::is_positive)
}

fn left(order: &Order) -> Result<Money, BotError> {
    Ok(order.totals.total.checked_sub(order.refunded)?)
}

async fn ask_amount(ctx: &Ctx<'_>, order: OrderId, wrong: Option<Rich>) -> Result<(), BotError> {
    let order = ctx.shop().orders().get(order).await?;
    if !is_refundable(&order) {
        return orders::show(ctx, order.id).await;
    }
    let (number, left) = (&order.number, left(&order)?);
    let text = wrong.unwrap_or_default().paragraph(t!(
        ctx,
        "refund-ask-amount",
        number = number,
        left = left
    ));
    let whole = t!(ctx, "button-refund-whole", left = left);
    let question = Question::line(text).or(Choice::Done, whole);
    ctx.ask(&Step::Amount(order.id), question).await
}

async fn amount(ctx: &Ctx<'_>, order: OrderId, text: &str) -> Result<(), BotError> {
    let amount = match Money::parse(text, ctx.shop().currency()) {
        Ok(amount) => amount,
        Err(error) => return ask_amount(ctx, order, Some(typed::amount(ctx, &error))).await,
    };
    let order = ctx.shop().orders().get(order).await?;
    let left = left(&order)?;
    if !amount.is_positive() || amount.minor() > left.minor() {
        let wrong = t!(ctx, "refund-amount", left = left);
        return ask_amount(ctx, order.id, Some(wrong)).await;
    }
    offer_ways(ctx, &order, amount).await
}

/// Offers the ways that so many minor units of an order can go back.
pub(super) async fn offer(ctx: &Ctx<'_>, order: OrderId, minor: i64) -> Result<(), BotError> {
    let order = ctx.shop().orders().get(order).await?;
    let amount = Money::new(minor, ctx.shop().currency());
    offer_ways(ctx, &order, amount.checked_min(left(&order)?)?).await
}

/// Offers the ways that an amount can go back.
async fn offer_ways(ctx: &Ctx<'_>, order: &Order, amount: Money) -> Result<(), BotError> {
    if !is_refundable(order) {
        return orders::show(ctx, order.id).await;
    }
    let mut ways = Vec::new();
    let refunds = ctx.shop().refunds();
    if refunds.reaches_gateway(order.id, amount).await? {
        ways.push((t!(ctx, "button-refund-back"), None));
    }
    ways.push((t!(ctx, "button-refund-wallet"), Some(RefundWay::Wallet)));
    ways.push((t!(ctx, "button-refund-by-hand"), Some(RefundWay::ByHand)));
    ctx.leave_dialog().await?;
    let (id, minor, number) = (order.id, amount.minor(), &order.number);
    let mut view = View::text(t!(ctx, "refund-how", number = number, amount = amount));
    for (label, way) in ways {
        view = view.row([Button::new(label, &Press::Give(id, minor, way))?]);
    }
    ctx.reply(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn ask_reason(ctx: &Ctx<'_>, step: &Step, wrong: Option<Rich>) -> Result<(), BotError> {
    let why = match step {
        Step::Reason(_, _, Some(RefundWay::ByHand), _) => t!(ctx, "refund-ask-reason-by-hand"),
        Step::Reason(..) | Step::Amount(_) => t!(ctx, "refund-ask-reason"),
    };
    let text = wrong.unwrap_or_default().paragraph(why);
    ctx.ask(step, Question::line(text)).await
}

async fn give(ctx: &Ctx<'_>, step: &Step, text: &str) -> Result<(), BotError> {
    let Step::Reason(order, minor, way, request) = step else {
        return Err(BotError::Stale);
    };
    let reason = match Reason::parse(text) {
        Ok(reason) => reason,
        Err(error) => return ask_reason(ctx, step, Some(typed::text(ctx, error))).await,
    };
    let wanted = NewRefund {
        order: *order,
        value: Some(Money::new(*minor, ctx.shop().currency())),
        way: *way,
        reason,
        request: request.clone(),
    };
    let actor = ctx.admin(Permission::Money)?;
    match ctx.shop().refunds().request(&actor, &wanted).await {
        // Whether it went through is not known: the reason can be sent again.
        Err(RefundError::Commit(error @ CommitError::OutcomeUnknown(_))) => Err(error.into()),
        done => {
            ctx.leave_dialog().await?;
            done?;
            orders::show(ctx, *order).await
        }
    }
}

/// What was paid back of an order, or is about to be, a line each.
pub(in crate::bot::shop) async fn history(ctx: &Ctx<'_>, order: &Order) -> Result<Rich, BotError> {
    let mut text = Rich::new();
    for refund in ctx.shop().refunds().list(order.id).await? {
        text = text.line(told(ctx, &refund));
    }
    Ok(text)
}

fn told(ctx: &Ctx<'_>, refund: &Refund) -> Rich {
    let how = match refund.way {
        RefundWay::Gateway => t!(ctx, "refund-by-gateway"),
        RefundWay::Wallet => t!(ctx, "refund-by-wallet"),
        RefundWay::ByHand => t!(ctx, "refund-by-hand"),
    };
    let state = match refund.state {
        RefundState::Requested => t!(ctx, "refund-requested"),
        RefundState::Done => t!(ctx, "refund-done"),
        RefundState::Failed => t!(ctx, "refund-failed"),
    };
    t!(
        ctx,
        "refund-line",
        amount = refund.amount,
        how = how,
        state = state
    )
}
