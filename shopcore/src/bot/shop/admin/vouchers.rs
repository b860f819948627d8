//! Vouchers: those there are, and a new one in one line.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::voucher;
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::dialog::{Answer, Open, Question, State};
use crate::bot::menu;
use crate::bot::permission::Permission;
use crate::bot::plugin::{Command, MenuEntry, Plugin};
use crate::bot::rich::Rich;
use crate::bot::shop::{paging, typed};
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx};
use crate::money::{Currency, Money, ParseMoneyError, ParsePercentError, Percent};
use crate::service::VoucherError;
use crate::text::{TextError, VoucherCode};
use crate::voucher::{Discount, Voucher, VoucherTerms};

/// Makes vouchers.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct AddVouchers;

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Press {
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
    let rows = vouchers.items.iter();
    let rows = rows.map(|found| Button::new(&found.code, &voucher::Press::Show(found.id)));
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    let view = rows
        .chunks(3)
        .fold(View::text(text), |view, row| view.row(row.to_vec()));
    let view = paging::turn(ctx, view, page, vouchers.total, Press::List)?;
    let view = view.row([Button::new(t!(ctx, "button-new-voucher"), &Press::New)?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

pub(super) fn describe(ctx: &Ctx<'_>, voucher: &Voucher) -> Rich {
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
    let (code, terms) = match parse(line, ctx.shop().currency()) {
        Ok(parsed) => parsed,
        Err(wrong) => return ask(ctx, Some(complain(ctx, wrong))).await,
    };
    match ctx.shop().vouchers().add(&actor, code, terms).await {
        Ok(voucher) => {
            ctx.leave_dialog().await?;
            let text = t!(ctx, "voucher-made").line(describe(ctx, &voucher));
            let conditions = voucher::Press::Show(voucher.id);
            let buttons = [
                Button::new(t!(ctx, "button-voucher-conditions"), &conditions)?,
                Button::new(t!(ctx, "button-vouchers"), &Press::List(0))?,
                Button::new(t!(ctx, "button-new-voucher"), &Press::New)?,
            ];
            ctx.reply(menu::offer(View::text(text).row(buttons), ctx)?)
                .await?;
            Ok(())
        }
        Err(VoucherError::CodeTaken) => ask(ctx, Some(t!(ctx, "voucher-code-taken"))).await,
        Err(error) => Err(error.into()),
    }
}

/// Why a line makes no voucher.
#[derive(Debug, PartialEq, Eq)]
enum Wrong {
    /// Not three parts, or an empty one.
    Parts,
    Code(TextError),
    Percent,
    Amount(ParseMoneyError),
    Negative,
    Nothing,
    OverAll,
    Uses,
    NoUses,
    TooManyUses,
}

fn complain(ctx: &Ctx<'_>, wrong: Wrong) -> Rich {
    match wrong {
        Wrong::Parts => t!(ctx, "voucher-line-parts"),
        Wrong::Code(error) => t!(ctx, "voucher-line-code", why = typed::text(ctx, error)),
        Wrong::Percent => t!(ctx, "voucher-line-percent"),
        Wrong::Amount(error) => t!(ctx, "voucher-line-amount", why = typed::amount(ctx, &error)),
        Wrong::Negative => t!(ctx, "voucher-line-negative"),
        Wrong::Nothing => t!(ctx, "voucher-line-nothing"),
        Wrong::OverAll => t!(ctx, "voucher-line-over-all"),
        Wrong::Uses => t!(ctx, "voucher-line-uses"),
        Wrong::NoUses => t!(ctx, "voucher-line-no-uses"),
        Wrong::TooManyUses => t!(ctx, "voucher-line-too-many-uses"),
    }
}

/// What a number below zero begins with.
const MINUS: [char; 2] = ['-', '−'];

/// Reads `CODE | 10% or an amount | uses`.
fn parse(line: &str, currency: Currency) -> Result<(VoucherCode, VoucherTerms), Wrong> {
    let parts: Vec<_> = line.split('|').map(str::trim).collect();
    let [code, discount, uses] = parts[..] else {
        return Err(Wrong::Parts);
    };
    if [code, discount, uses].contains(&"") {
        return Err(Wrong::Parts);
    }
    let code = VoucherCode::parse(code).map_err(Wrong::Code)?;
    let terms = VoucherTerms::simple(parse_discount(discount, currency)?, parse_uses(uses)?);
    Ok((code, terms))
}

fn parse_discount(text: &str, currency: Currency) -> Result<Discount, Wrong> {
    if text.starts_with(MINUS) {
        return Err(Wrong::Negative);
    }
    let (discount, is_nothing) = if text.ends_with('%') {
        let percent: Percent = text.parse().map_err(|error| match error {
            ParsePercentError::NotAPercentage => Wrong::Percent,
            ParsePercentError::TooLarge => Wrong::OverAll,
        })?;
        (Discount::Percent(percent), percent.basis_points() == 0)
    } else {
        let amount = Money::parse(text, currency).map_err(Wrong::Amount)?;
        (Discount::Fixed(amount), amount.is_zero())
    };
    if is_nothing {
        return Err(Wrong::Nothing);
    }
    Ok(discount)
}

fn parse_uses(text: &str) -> Result<u32, Wrong> {
    let digits = text.trim_start_matches(MINUS);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Wrong::Uses);
    }
    if digits.len() < text.len() || digits.bytes().all(|byte| byte == b'0') {
        return Err(Wrong::NoUses);
    }
    text.parse().map_err(|_| Wrong::TooManyUses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_makes_a_voucher() {
        let (code, terms) = parse("spring10 | 10% | 5", Currency::IDR).unwrap();
        assert_eq!(code.as_str(), "SPRING10");
        assert_eq!(terms.discount, Discount::Percent("10%".parse().unwrap()));
        assert_eq!(terms.uses_max, 5);
        let (_, fixed) = parse("FIX|5.000|1", Currency::IDR).unwrap();
        let amount = Money::new(5_000, Currency::IDR);
        assert_eq!(fixed.discount, Discount::Fixed(amount));
    }

    #[test]
    fn a_line_that_makes_no_voucher_is_refused_for_its_own_reason() {
        for (line, wrong) in [
            ("", Wrong::Parts),
            ("A|10%", Wrong::Parts),
            ("A|10%|", Wrong::Parts),
            ("A|10%|1|x", Wrong::Parts),
            ("a b|10%|1", Wrong::Code(TextError::Alphabet)),
            ("😀|10%|1", Wrong::Code(TextError::Alphabet)),
            ("A|ten%|1", Wrong::Percent),
            ("A|101%|1", Wrong::OverAll),
            ("A|-5%|1", Wrong::Negative),
            ("A|−5|1", Wrong::Negative),
            ("A|0|1", Wrong::Nothing),
            ("A|0%|1", Wrong::Nothing),
            ("A|ten|1", Wrong::Amount(ParseMoneyError::NotAnAmount)),
            (
                "A|99999999999999999999|1",
                Wrong::Amount(ParseMoneyError::TooLarge),
            ),
            ("A|10%|many", Wrong::Uses),
            ("A|10%|-", Wrong::Uses),
            ("A|10%|0", Wrong::NoUses),
            ("A|10%|-1", Wrong::NoUses),
            ("A|10%|4294967296", Wrong::TooManyUses),
        ] {
            assert_eq!(parse(line, Currency::IDR), Err(wrong), "{line}");
        }
    }
}
