//! The refund calculator: what goes back of something that was used for a part of its time, by a
//! table the shop keeps, and on to the refund itself.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{orders, refunds};
use crate::bot::action::{Action, Packed};
use crate::bot::dialog::{Answer, Open, Question, State};
use crate::bot::menu;
use crate::bot::permission::Permission;
use crate::bot::plugin::Plugin;
use crate::bot::rich::Rich;
use crate::bot::texts::t;
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx};
use crate::id::OrderId;
use crate::money::Percent;
use crate::refund::Rates;

/// Reckons refunds.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct Calculator;

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Press {
    /// Asks how an order was used.
    Start(OrderId),
    /// Pays so many minor units of it back.
    Use(OrderId, i64),
    /// Asks for another table.
    Table(OrderId),
}

impl Action for Press {
    const PLUGIN: &'static str = "calculator";

    fn require(&self) -> Option<Permission> {
        match self {
            Self::Start(_) | Self::Use(..) => Some(Permission::Money),
            Self::Table(_) => Some(Permission::Settings),
        }
    }
}

/// Which answer is awaited.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Step {
    Total(OrderId),
    Used(OrderId, u32),
    Claims(OrderId, u32, u32),
    Table(OrderId),
}

impl State for Step {
    const PLUGIN: &'static str = Press::PLUGIN;

    fn require(&self) -> Option<Permission> {
        match self {
            Self::Total(_) | Self::Used(..) | Self::Claims(..) => Some(Permission::Money),
            Self::Table(_) => Some(Permission::Settings),
        }
    }
}

#[async_trait]
impl Plugin for Calculator {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::Start(order) => ask(ctx, Step::Total(order), None).await,
            Press::Use(order, minor) => refunds::offer(ctx, order, minor).await,
            Press::Table(order) => ask(ctx, Step::Table(order), None).await,
        }
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        let step: Step = dialog.state(ctx)?;
        let Answer::Text(text) = answer else {
            return ask(ctx, step, None).await;
        };
        if let Step::Table(order) = step {
            return set_table(ctx, order, text).await;
        }
        let number = number(text).filter(|number| fits(step, *number));
        let Some(number) = number else {
            let wrong = t!(ctx, "calculator-number");
            return ask(ctx, step, Some(wrong)).await;
        };
        match step {
            Step::Total(order) => ask(ctx, Step::Used(order, number), None).await,
            Step::Used(order, total) => ask(ctx, Step::Claims(order, total, number), None).await,
            Step::Claims(order, total, used) => show(ctx, order, (used, total), number).await,
            Step::Table(_) => Err(BotError::Stale),
        }
    }
}

fn number(text: &str) -> Option<u32> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// The most days that something is sold for.
const DAYS_MAX: u32 = 36_500;

fn fits(step: Step, number: u32) -> bool {
    match step {
        Step::Total(_) => (1..=DAYS_MAX).contains(&number),
        Step::Used(_, total) => number <= total,
        Step::Claims(..) | Step::Table(_) => true,
    }
}

async fn ask(ctx: &Ctx<'_>, step: Step, wrong: Option<Rich>) -> Result<(), BotError> {
    let text = match step {
        Step::Total(_) => t!(ctx, "calculator-ask-total"),
        Step::Used(_, total) => t!(ctx, "calculator-ask-used", total = total),
        Step::Claims(..) => t!(ctx, "calculator-ask-claims"),
        Step::Table(_) => t!(ctx, "calculator-ask-table", now = table(&rates(ctx).await?)),
    };
    let question = Question::line(wrong.unwrap_or_default().paragraph(text));
    ctx.ask(&step, question).await
}

async fn rates(ctx: &Ctx<'_>) -> Result<Rates, BotError> {
    Ok(ctx.shop().refunds().rates().await?)
}

/// The table as it is typed.
fn table(rates: &Rates) -> String {
    let Rates {
        early_days,
        early,
        later,
        few_claims,
        three_claims,
        more_claims,
    } = rates;
    format!("{early_days} {early} {later} {few_claims} {three_claims} {more_claims}")
}

fn parse_table(text: &str) -> Option<Rates> {
    let parts: Vec<_> = text.split_whitespace().collect();
    let [days, early, later, few, three, more] = parts[..] else {
        return None;
    };
    let percent = |text: &str| -> Option<Percent> {
        let text = text.trim_end_matches('%');
        format!("{text}%").parse().ok()
    };
    Some(Rates {
        early_days: number(days)?,
        early: percent(early)?,
        later: percent(later)?,
        few_claims: percent(few)?,
        three_claims: percent(three)?,
        more_claims: percent(more)?,
    })
}

async fn set_table(ctx: &Ctx<'_>, order: OrderId, text: &str) -> Result<(), BotError> {
    let Some(rates) = parse_table(text) else {
        let wrong = t!(ctx, "calculator-table-wrong");
        return ask(ctx, Step::Table(order), Some(wrong)).await;
    };
    let actor = ctx.admin(Permission::Settings)?;
    ctx.shop().refunds().set_rates(&actor, &rates).await?;
    ctx.leave_dialog().await?;
    let text = t!(ctx, "calculator-table-set", now = table(&rates));
    ctx.reply(menu::offer(
        View::text(text).row(ways_on(ctx, order)?),
        ctx,
    )?)
    .await?;
    Ok(())
}

fn ways_on(ctx: &Ctx<'_>, order: OrderId) -> Result<[Button; 2], BotError> {
    let again = Button::new(t!(ctx, "button-calculator-again"), &Press::Start(order))?;
    let back = Button::new(t!(ctx, "button-return"), &orders::Press::Show(order))?;
    Ok([again, back])
}

async fn show(
    ctx: &Ctx<'_>,
    id: OrderId,
    (used, total): (u32, u32),
    claims: u32,
) -> Result<(), BotError> {
    let order = ctx.shop().orders().get(id).await?;
    let rates = rates(ctx).await?;
    let left = order.totals.total.checked_sub(order.refunded)?;
    let reckoned = rates.prorate(order.totals.total, (used, total), claims)?;
    let amount = reckoned.checked_min(left)?;
    ctx.leave_dialog().await?;
    let text = t!(
        ctx,
        "calculator-result",
        price = order.totals.total,
        left = total.saturating_sub(used),
        total = total,
        rate = rates.rate(used, claims),
        amount = amount
    );
    let mut view = View::text(text);
    if amount.is_positive() && refunds::is_refundable(&order) {
        let give = Press::Use(id, amount.minor());
        let label = t!(ctx, "button-calculator-use", amount = amount);
        view = view.row([Button::new(label, &give)?]);
    }
    let view = view.row([
        Button::new(t!(ctx, "button-calculator-again"), &Press::Start(id))?,
        Button::new(t!(ctx, "button-calculator-table"), &Press::Table(id))?,
    ]);
    let back = Button::new(t!(ctx, "button-return"), &orders::Press::Show(id))?;
    ctx.reply(menu::offer(view.row([back]), ctx)?).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_as_it_is_shown() {
        let rates = Rates::default();
        assert_eq!(parse_table(&table(&rates)), Some(rates));
        assert_eq!(parse_table("7 80 70 60 50 40"), Some(rates));
        for wrong in [
            "",
            "7 80",
            "7 80 70 60 50 101",
            "x 80 70 60 50 40",
            "7 80 70 60 50 -1",
        ] {
            assert_eq!(parse_table(wrong), None, "{wrong}");
        }
    }
}
