//! One voucher: its conditions, each changed by itself, its switch, and how it was used.

use async_trait::async_trait;
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::contents::NO_MORE;
use super::vouchers;
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::dialog::{Answer, Choice, Open, Question, State};
use crate::bot::menu;
use crate::bot::permission::Permission;
use crate::bot::plugin::Plugin;
use crate::bot::rich::Rich;
use crate::bot::shop::typed;
use crate::bot::texts::t;
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx};
use crate::id::{CategoryId, VoucherId};
use crate::money::Money;
use crate::service::VoucherError;
use crate::text::ProductCode;
use crate::time::Timestamp;
use crate::voucher::{Scope, Switch, Voucher, VoucherTerms};

/// Changes vouchers.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct EditVouchers;

/// A condition that is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::bot::shop) enum Field {
    Uses,
    PerCustomer,
    Starts,
    Ends,
    Minimum,
    Cap,
    Product,
}

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::bot::shop) enum Press {
    /// A voucher.
    Show(VoucherId),
    /// Switches it on or off.
    Turn(VoucherId, Switch),
    /// Asks for a condition.
    Edit(VoucherId, Field),
    /// What it may apply to.
    Scopes(VoucherId),
    /// Has it apply to everything, or to a category.
    Apply(VoucherId, Option<CategoryId>),
}

impl Action for Press {
    const PLUGIN: &'static str = "voucher";

    fn require(&self) -> Option<Permission> {
        Some(Permission::Vouchers)
    }
}

/// Waits for a condition.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Asking(VoucherId, Field);

impl State for Asking {
    const PLUGIN: &'static str = Press::PLUGIN;

    fn require(&self) -> Option<Permission> {
        Some(Permission::Vouchers)
    }
}

#[async_trait]
impl Plugin for EditVouchers {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::Show(voucher) => show(ctx, voucher).await,
            Press::Turn(voucher, switch) => {
                change(ctx, voucher, |terms| terms.switch = switch).await?;
                show(ctx, voucher).await
            }
            Press::Edit(voucher, field) => ask(ctx, Asking(voucher, field), None).await,
            Press::Scopes(voucher) => scopes(ctx, voucher).await,
            Press::Apply(voucher, category) => {
                let scope = match category {
                    Some(category) => Scope::Categories(vec![category]),
                    None => Scope::Everything,
                };
                change(ctx, voucher, |terms| terms.scope = scope.clone()).await?;
                show(ctx, voucher).await
            }
        }
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        let asking: Asking = dialog.state(ctx)?;
        match answer {
            Answer::Choice(Choice::Skip) => take(ctx, asking, None).await,
            Answer::Text(text) if text.trim() == NO_MORE => take(ctx, asking, None).await,
            Answer::Text(text) => take(ctx, asking, Some(text.trim())).await,
            Answer::File { .. } => ask(ctx, asking, None).await,
            Answer::Choice(_) => Err(BotError::Stale),
        }
    }
}

async fn get(ctx: &Ctx<'_>, id: VoucherId) -> Result<Voucher, BotError> {
    let (store, shop) = (ctx.shop().store(), ctx.shop().id());
    let found = store.get_voucher(shop, id).await?;
    found.ok_or(BotError::Stale)
}

/// Changes the terms of a voucher as they are now.
async fn change(
    ctx: &Ctx<'_>,
    id: VoucherId,
    change: impl FnOnce(&mut VoucherTerms),
) -> Result<(), BotError> {
    let actor = ctx.admin(Permission::Vouchers)?;
    let voucher = get(ctx, id).await?;
    let mut terms = voucher.terms.clone();
    change(&mut terms);
    let vouchers = ctx.shop().vouchers();
    Ok(vouchers.update(&actor, &voucher, terms).await?)
}

/// Shows a voucher with what can be changed of it.
pub(super) async fn show(ctx: &Ctx<'_>, id: VoucherId) -> Result<(), BotError> {
    let voucher = get(ctx, id).await?;
    let text = describe(ctx, &voucher).await?;
    let edit = |label: Rich, field| Button::new(label, &Press::Edit(id, field));
    let turn = match voucher.terms.switch {
        Switch::On => Button::new(t!(ctx, "button-voucher-off"), &Press::Turn(id, Switch::Off))?,
        Switch::Off => Button::new(t!(ctx, "button-voucher-on"), &Press::Turn(id, Switch::On))?,
    };
    let view = View::text(text)
        .row([
            edit(t!(ctx, "button-voucher-uses"), Field::Uses)?,
            edit(t!(ctx, "button-voucher-each"), Field::PerCustomer)?,
        ])
        .row([
            edit(t!(ctx, "button-voucher-starts"), Field::Starts)?,
            edit(t!(ctx, "button-voucher-ends"), Field::Ends)?,
        ])
        .row([
            edit(t!(ctx, "button-voucher-minimum"), Field::Minimum)?,
            edit(t!(ctx, "button-voucher-cap"), Field::Cap)?,
        ])
        .row([
            Button::new(t!(ctx, "button-voucher-scope"), &Press::Scopes(id))?,
            turn,
        ])
        .row([Button::new(
            t!(ctx, "button-vouchers"),
            &vouchers::Press::List(0),
        )?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn describe(ctx: &Ctx<'_>, voucher: &Voucher) -> Result<Rich, BotError> {
    let terms = &voucher.terms;
    let text = vouchers::describe(ctx, voucher).line(t!(
        ctx,
        "voucher-usage",
        redeemed = voucher.redeemed,
        held = voucher.held
    ));
    let text = text.line(match terms.switch {
        Switch::On => t!(ctx, "voucher-is-on"),
        Switch::Off => t!(ctx, "voucher-is-off"),
    });
    let text = text.line(t!(
        ctx,
        "voucher-scope",
        scope = scope(ctx, &terms.scope).await?
    ));
    let lines = [
        terms
            .starts_at
            .map(|at| t!(ctx, "voucher-starts", at = ctx.moment(at))),
        terms
            .ends_at
            .map(|at| t!(ctx, "voucher-ends", at = ctx.moment(at))),
        terms
            .minimum_spend
            .map(|least| t!(ctx, "voucher-minimum", least = least)),
        terms
            .maximum_discount
            .map(|most| t!(ctx, "voucher-cap", most = most)),
        terms
            .uses_max_per_customer
            .map(|most| t!(ctx, "voucher-each", most = most)),
    ];
    Ok(lines.into_iter().flatten().fold(text, Rich::line))
}

async fn scope(ctx: &Ctx<'_>, scope: &Scope) -> Result<String, BotError> {
    let names = match scope {
        Scope::Everything => return Ok(t!(ctx, "voucher-everything").to_string()),
        Scope::Products(products) => {
            let (store, shop) = (ctx.shop().store(), ctx.shop().id());
            let offers = store.get_offers(shop, products, 0).await?;
            let names = offers
                .into_iter()
                .map(|offer| offer.product.name.to_string());
            names.collect::<Vec<_>>()
        }
        Scope::Categories(wanted) => {
            let categories = ctx.shop().catalog().categories().await?;
            let named = categories.iter().filter(|c| wanted.contains(&c.id));
            named.map(crate::catalog::Category::title).collect()
        }
    };
    Ok(names.join(", "))
}

async fn scopes(ctx: &Ctx<'_>, id: VoucherId) -> Result<(), BotError> {
    let categories = ctx.shop().catalog().categories().await?;
    let rows = categories.iter().map(|category| {
        let apply = Press::Apply(id, Some(category.id));
        Button::new(category.title(), &apply)
    });
    let rows: Vec<_> = rows.collect::<Result<_, PackError>>()?;
    let view = View::text(t!(ctx, "voucher-ask-scope"))
        .row([
            Button::new(t!(ctx, "voucher-everything"), &Press::Apply(id, None))?,
            Button::new(
                t!(ctx, "button-voucher-product"),
                &Press::Edit(id, Field::Product),
            )?,
        ])
        .rows(rows)
        .row([Button::new(t!(ctx, "button-return"), &Press::Show(id))?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn ask(ctx: &Ctx<'_>, asking: Asking, wrong: Option<Rich>) -> Result<(), BotError> {
    let text = match asking.1 {
        Field::Uses => t!(ctx, "voucher-ask-uses"),
        Field::PerCustomer => t!(ctx, "voucher-ask-each"),
        Field::Starts => t!(ctx, "voucher-ask-starts"),
        Field::Ends => t!(ctx, "voucher-ask-ends"),
        Field::Minimum => t!(ctx, "voucher-ask-minimum"),
        Field::Cap => t!(ctx, "voucher-ask-cap"),
        Field::Product => t!(ctx, "voucher-ask-product"),
    };
    let question = Question::line(wrong.unwrap_or_default().paragraph(text));
    let question = match asking.1 {
        Field::Uses | Field::Product => question,
        Field::PerCustomer | Field::Starts | Field::Ends | Field::Minimum | Field::Cap => {
            question.or(Choice::Skip, t!(ctx, "button-take-away"))
        }
    };
    ctx.ask(&asking, question).await
}

/// Takes a condition; `None` takes it away.
async fn take(ctx: &Ctx<'_>, asking: Asking, text: Option<&str>) -> Result<(), BotError> {
    let Asking(id, field) = asking;
    let edit = match read(ctx, field, text).await? {
        Ok(edit) => edit,
        Err(wrong) => return ask(ctx, asking, Some(wrong)).await,
    };
    match change(ctx, id, edit).await {
        Err(BotError::Voucher(VoucherError::Terms(_) | VoucherError::BelowUse)) => {
            ask(ctx, asking, Some(t!(ctx, "voucher-terms-refused"))).await
        }
        done => {
            done?;
            ctx.leave_dialog().await?;
            show(ctx, id).await
        }
    }
}

type Edit = Box<dyn FnOnce(&mut VoucherTerms) + Send>;

async fn read(
    ctx: &Ctx<'_>,
    field: Field,
    text: Option<&str>,
) -> Result<Result<Edit, Rich>, BotError> {
    if field == Field::Product {
        return product(ctx, text.unwrap_or_default()).await;
    }
    Ok(read_plain(ctx, field, text))
}

fn read_plain(ctx: &Ctx<'_>, field: Field, text: Option<&str>) -> Result<Edit, Rich> {
    let number = || text.map(|text| number(ctx, text)).transpose();
    let moment = || text.map(|text| moment(ctx, text)).transpose();
    let amount = || text.map(|text| amount(ctx, text)).transpose();
    Ok(match field {
        Field::Uses => {
            let uses = number()?.ok_or_else(|| t!(ctx, "edit-needed"))?;
            Box::new(move |terms| terms.uses_max = uses)
        }
        Field::PerCustomer => {
            let most = number()?;
            Box::new(move |terms| terms.uses_max_per_customer = most)
        }
        Field::Starts => {
            let at = moment()?;
            Box::new(move |terms| terms.starts_at = at)
        }
        Field::Ends => {
            let at = moment()?;
            Box::new(move |terms| terms.ends_at = at)
        }
        Field::Minimum => {
            let least = amount()?;
            Box::new(move |terms| terms.minimum_spend = least)
        }
        Field::Cap => {
            let most = amount()?;
            if most.is_some_and(Money::is_zero) {
                return Err(t!(ctx, "voucher-line-nothing"));
            }
            Box::new(move |terms| terms.maximum_discount = most)
        }
        Field::Product => return Err(t!(ctx, "product-code-unknown")),
    })
}

async fn product(ctx: &Ctx<'_>, text: &str) -> Result<Result<Edit, Rich>, BotError> {
    let found = match ProductCode::parse(text) {
        Ok(code) => ctx.shop().catalog().find(&code).await?,
        Err(_) => None,
    };
    Ok(match found {
        Some(product) => Ok(Box::new(move |terms: &mut VoucherTerms| {
            terms.scope = Scope::Products(vec![product.id]);
        })),
        None => Err(t!(ctx, "voucher-product-unknown")),
    })
}

fn number(ctx: &Ctx<'_>, text: &str) -> Result<u32, Rich> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| digits && *number > 0);
    number.ok_or_else(|| t!(ctx, "edit-limit-number"))
}

fn amount(ctx: &Ctx<'_>, text: &str) -> Result<Money, Rich> {
    let amount = Money::parse(text, ctx.shop().currency());
    amount.map_err(|error| typed::amount(ctx, &error))
}

/// A moment such as `2026-12-31 18:00` by the shop's clock; a day alone begins at midnight.
fn moment(ctx: &Ctx<'_>, text: &str) -> Result<Timestamp, Rich> {
    let wrong = || t!(ctx, "voucher-moment-wrong");
    let whole = match text.contains(' ') {
        true => text.to_owned(),
        false => format!("{text} 00:00"),
    };
    let read = NaiveDateTime::parse_from_str(&whole, "%Y-%m-%d %H:%M").map_err(|_| wrong())?;
    let zone = ctx.shop().settings().zone;
    let at = read.and_local_timezone(zone).single().ok_or_else(wrong)?;
    Ok(at.to_utc())
}
