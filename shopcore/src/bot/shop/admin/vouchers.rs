//! Vouchers: those there are, and a new one in one line.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::bot::action::{Action, PackError, Packed};
use crate::bot::dialog::{Answer, Open, Question, State};
use crate::bot::menu;
use crate::bot::permission::Permission;
use crate::bot::plugin::{Command, MenuEntry, Plugin};
use crate::bot::rich::Rich;
use crate::bot::shop::paging;
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx};
use crate::money::{Currency, Money, Percent};
use crate::service::VoucherError;
use crate::text::VoucherCode;
use crate::voucher::{Discount, Voucher, VoucherTerms};

/// Makes vouchers.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct AddVouchers;

#[derive(Debug, Serialize, Deserialize)]
enum Press {
    /// A page of the vouchers.
    List(u32),
    /// Asks for a new one.
    New,
}

impl Action for Press {
    const PLUGIN: &'static str = "vouchers";

    fn require(&self) -> Option<Permission> {
        Some(Permission::Vouchers)
    }
}

/// Waits for the line that makes a voucher.
#[derive(Debug, Serialize, Deserialize)]
struct AskingLine;

impl State for AskingLine {
    const PLUGIN: &'static str = Press::PLUGIN;

    fn require(&self) -> Option<Permission> {
        Some(Permission::Vouchers)
    }
}

#[async_trait]
impl Plugin for AddVouchers {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    fn commands(&self, locale: Locale<'_>) -> Vec<Command> {
        vec![Command {
            name: "vouchers",
            summary: t!(locale, "command-vouchers"),
            require: Some(Permission::Vouchers),
        }]
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let button = Button::new(t!(locale, "button-vouchers"), &Press::List(0))?;
        Ok(vec![MenuEntry { place: 120, button }])
    }

    async fn on_command(&self, ctx: &Ctx<'_>, _: &str, args: &str) -> Result<(), BotError> {
        if args.is_empty() {
            return list(ctx, 0).await;
        }
        make(ctx, args).await
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::List(page) => list(ctx, page).await,
            Press::New => ask(ctx, None).await,
        }
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        let AskingLine = dialog.state(ctx)?;
        match answer {
            Answer::Text(line) => make(ctx, line).await,
            Answer::File { .. } | Answer::Choice(_) => ask(ctx, None).await,
        }
    }
}

async fn list(ctx: &Ctx<'_>, page: u32) -> Result<(), BotError> {
    let shelf = ctx.shop().vouchers();
    let (page, vouchers) = paging::load(page, |rows| shelf.list(rows)).await?;
    let text = if vouchers.total == 0 {
        t!(ctx, "vouchers-none")
    } else {
        let rows = vouchers.items.iter();
        rows.fold(t!(ctx, "vouchers"), |text, voucher| {
            text.line(describe(ctx, voucher))
        })
    };
    let view = paging::turn(ctx, View::text(text), page, vouchers.total, Press::List)?;
    let view = view.row([Button::new(t!(ctx, "button-new-voucher"), &Press::New)?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

fn describe(ctx: &Ctx<'_>, voucher: &Voucher) -> Rich {
    let discount = match voucher.terms.discount {
        Discount::Percent(percent) => percent.to_string(),
        Discount::Fixed(amount) => amount.to_string(),
    };
    let (left, max) = (voucher.uses_left(), voucher.terms.uses_max);
    t!(
        ctx,
        "voucher",
        code = &voucher.code,
        discount = discount,
        left = left,
        max = max
    )
}

async fn ask(ctx: &Ctx<'_>, wrong: Option<Rich>) -> Result<(), BotError> {
    let text = wrong
        .unwrap_or_default()
        .paragraph(t!(ctx, "voucher-line-ask"));
    ctx.ask(&AskingLine, Question::line(text)).await
}

async fn make(ctx: &Ctx<'_>, line: &str) -> Result<(), BotError> {
    let actor = ctx.admin(Permission::Vouchers)?;
    let Some((code, terms)) = parse(line, ctx.shop().currency()) else {
        return ask(ctx, Some(t!(ctx, "voucher-line-refused"))).await;
    };
    match ctx.shop().vouchers().add(&actor, code, terms).await {
        Ok(voucher) => {
            ctx.leave_dialog().await?;
            let text = t!(ctx, "voucher-made").line(describe(ctx, &voucher));
            let buttons = [
                Button::new(t!(ctx, "button-vouchers"), &Press::List(0))?,
                Button::new(t!(ctx, "button-new-voucher"), &Press::New)?,
            ];
            ctx.reply(menu::offer(View::text(text).row(buttons), ctx)?)
                .await?;
            Ok(())
        }
        Err(VoucherError::CodeTaken) => ask(ctx, Some(t!(ctx, "voucher-code-taken"))).await,
        Err(VoucherError::Terms(_)) => ask(ctx, Some(t!(ctx, "voucher-terms-refused"))).await,
        Err(error) => Err(error.into()),
    }
}

/// Reads `CODE | 10% or an amount | uses`.
fn parse(line: &str, currency: Currency) -> Option<(VoucherCode, VoucherTerms)> {
    let mut parts = line.split('|').map(str::trim);
    let (code, discount, uses) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let code = VoucherCode::parse(code).ok()?;
    let uses: u32 = uses.parse().ok().filter(|uses| *uses > 0)?;
    let discount = if discount.ends_with('%') {
        Discount::Percent(discount.parse::<Percent>().ok()?)
    } else {
        let amount = Money::parse(discount, currency).ok()?;
        Discount::Fixed(Some(amount).filter(|amount| amount.is_positive())?)
    };
    Some((code, VoucherTerms::simple(discount, uses)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_makes_a_voucher_or_nothing() {
        let (code, terms) = parse("spring10 | 10% | 5", Currency::IDR).unwrap();
        assert_eq!(code.as_str(), "SPRING10");
        assert_eq!(terms.discount, Discount::Percent("10%".parse().unwrap()));
        assert_eq!(terms.uses_max, 5);
        let (_, fixed) = parse("FIX|5.000|1", Currency::IDR).unwrap();
        assert_eq!(
            fixed.discount,
            Discount::Fixed(Money::new(5_000, Currency::IDR))
        );
        for line in [
            "",
            "A",
            "A|10%",
            "A|10%|0",
            "A|10%|-1",
            "A|-5|1",
            "A|0|1",
            "A|101%|1",
            "a b|10%|1",
            "A|10%|1|x",
            "A|99999999999999999999|1",
            "😀|10%|1",
        ] {
            assert!(parse(line, Currency::IDR).is_none(), "{line}");
        }
    }
}
