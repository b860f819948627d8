//! The contents of a product: a list with masked previews, one revealed, some withdrawn and, within
//! a minute, given back.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{goods, stock};
use crate::bot::action::{Action, Packed};
use crate::bot::dialog::{Answer, Choice, Open, Question, State};
use crate::bot::menu;
use crate::bot::permission::Permission;
use crate::bot::plugin::Plugin;
use crate::bot::rich::{Rich, Style};
use crate::bot::shop::paging;
use crate::bot::texts::t;
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx};
use crate::id::{ProductId, UnitId};
use crate::service::{Masked, StockError};
use crate::stock::Content;
use crate::store::Page;
use crate::time::Timestamp;

/// Shows and withdraws contents.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct Contents;

/// Contents of a page.
const ROWS: u32 = 20;
/// Buttons beside each other.
const BUTTONS: usize = 5;
/// How long contents can be given back after they were withdrawn.
const UNDO_WITHIN: Duration = Duration::from_secs(60);

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::bot::shop) enum Press {
    /// A page of a product's contents.
    List(ProductId, u32),
    /// One of them, its content masked.
    Show(UnitId),
    /// Shows the content, and records who saw it.
    Reveal(UnitId),
    /// Withdraws it.
    Withdraw(UnitId),
    /// Asks which of a page to withdraw.
    Choose(ProductId, u32),
    /// Gives back what was withdrawn at this moment.
    Undo(i64),
}

impl Action for Press {
    const PLUGIN: &'static str = "shelf";

    fn require(&self) -> Option<Permission> {
        Some(Permission::Stock)
    }
}

/// Waits for the numbers of contents, or for the word to withdraw them.
#[derive(Serialize, Deserialize)]
enum Asking {
    Numbers(ProductId, Vec<UnitId>),
    Confirm(ProductId, Vec<UnitId>),
}

impl State for Asking {
    const PLUGIN: &'static str = Press::PLUGIN;

    fn require(&self) -> Option<Permission> {
        Some(Permission::Stock)
    }
}

/// What was withdrawn last in a chat.
#[derive(Debug, Serialize, Deserialize)]
struct Withdrawn {
    product: ProductId,
    units: Vec<UnitId>,
    at: Timestamp,
}

#[async_trait]
impl Plugin for Contents {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::List(product, page) => list(ctx, product, page).await,
            Press::Show(unit) => show(ctx, unit).await,
            Press::Reveal(unit) => reveal(ctx, unit).await,
            Press::Withdraw(unit) => {
                let (product, _) = ctx.shop().stock().masked(unit).await?;
                withdraw(ctx, product, vec![unit]).await
            }
            Press::Choose(product, page) => {
                let units = on_page(ctx, product, page).await?;
                let units = units.into_iter().map(|unit| unit.unit).collect();
                ask(ctx, Asking::Numbers(product, units), None).await
            }
            Press::Undo(at) => undo(ctx, at).await,
        }
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        match (dialog.state(ctx)?, answer) {
            (Asking::Numbers(product, units), Answer::Text(text)) => {
                match chosen(text, units.len()) {
                    Some(places) => {
                        let units = places.into_iter().map(|place| units[place]).collect();
                        ask(ctx, Asking::Confirm(product, units), None).await
                    }
                    None => {
                        let wrong = t!(ctx, "shelf-numbers-wrong", most = units.len());
                        ask(ctx, Asking::Numbers(product, units), Some(wrong)).await
                    }
                }
            }
            (Asking::Confirm(product, units), Answer::Choice(Choice::Confirm)) => {
                ctx.leave_dialog().await?;
                withdraw(ctx, product, units).await
            }
            (asking, Answer::Text(_) | Answer::File { .. }) => ask(ctx, asking, None).await,
            (_, Answer::Choice(_)) => Err(BotError::Stale),
        }
    }
}

async fn ask(ctx: &Ctx<'_>, asking: Asking, remark: Option<Rich>) -> Result<(), BotError> {
    let question = match &asking {
        Asking::Numbers(_, units) => {
            let text = t!(ctx, "shelf-ask-numbers", most = units.len());
            Question::line(remark.unwrap_or_default().paragraph(text))
        }
        Asking::Confirm(_, units) => {
            let text = t!(ctx, "shelf-confirm", count = units.len());
            Question::choice(text).or(Choice::Confirm, t!(ctx, "button-withdraw"))
        }
    };
    ctx.ask(&asking, question).await
}

/// The places, from 0, that numbers such as `1 3 5-7` choose among `most`; `None` where they can't
/// be read or choose nothing.
fn chosen(text: &str, most: usize) -> Option<Vec<usize>> {
    let mut places = Vec::new();
    let parts = text.split([' ', ',', ';', '\n']);
    for part in parts.filter(|part| !part.is_empty()) {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to): (usize, usize) = (from.parse().ok()?, to.parse().ok()?);
        if from == 0 || from > to || to > most {
            return None;
        }
        places.extend(from - 1..to);
    }
    places.sort_unstable();
    places.dedup();
    (!places.is_empty()).then_some(places)
}

async fn on_page(ctx: &Ctx<'_>, product: ProductId, page: u32) -> Result<Vec<Masked>, StockError> {
    let rows = Page::number(page, ROWS);
    ctx.shop().stock().list(product, rows).await
}

async fn list(ctx: &Ctx<'_>, product: ProductId, page: u32) -> Result<(), BotError> {
    let offer = ctx.shop().catalog().offer(product).await?;
    let total = ctx.shop().stock().count(product).await?;
    let page = paging::clamp_of(ROWS, page, total);
    let units = on_page(ctx, product, page).await?;
    let name = &offer.product.name;
    let mut text = match total {
        0 => t!(ctx, "shelf-of-none", name = name),
        count => t!(
            ctx,
            "shelf-of",
            name = name,
            count = count,
            page = page.saturating_add(1),
            pages = paging::pages_of(ROWS, total)
        ),
    };
    let mut buttons = Vec::new();
    for (number, unit) in (1_usize..).zip(&units) {
        text = text.line(Rich::plain(format!("{number}. ")).then(Rich::code(&*unit.preview)));
        buttons.push(Button::new(number, &Press::Show(unit.unit))?);
    }
    let rows = buttons.chunks(BUTTONS);
    let mut view = rows.fold(View::text(text), |view, row| view.row(row.to_vec()));
    let to = |page| Press::List(product, page);
    view = paging::turn_of(ctx, view, ROWS, (page, total), to)?;
    if total > 0 {
        let choose = Press::Choose(product, page);
        view = view.row([Button::new(t!(ctx, "button-withdraw-some"), &choose)?]);
    }
    let view = view.row([
        Button::new(t!(ctx, "button-add-contents"), &stock::Press::To(product))?,
        Button::new(t!(ctx, "button-return"), &goods::Press::Show(product))?,
    ]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn show(ctx: &Ctx<'_>, unit: UnitId) -> Result<(), BotError> {
    let (product, masked) = ctx.shop().stock().masked(unit).await?;
    let name = ctx.shop().catalog().offer(product).await?.product.name;
    let text = t!(ctx, "shelf-unit", name = &name).line(Rich::code(masked.preview));
    let view = View::text(text)
        .row([
            Button::new(t!(ctx, "button-reveal"), &Press::Reveal(unit))?,
            Button::new(t!(ctx, "button-withdraw"), &Press::Withdraw(unit))?,
        ])
        .row([Button::new(
            t!(ctx, "button-return"),
            &Press::List(product, 0),
        )?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn reveal(ctx: &Ctx<'_>, unit: UnitId) -> Result<(), BotError> {
    let actor = ctx.admin(Permission::Stock)?;
    let content = ctx.shop().stock().reveal(&actor, unit).await?;
    let view = View::text(t!(ctx, "shelf-revealed"));
    let view = match content {
        Content::Text(text) => View {
            text: view.text.line(Rich::styled(text, Style::Pre)),
            ..view
        },
        Content::File { name, bytes } => view.media(crate::bot::view::Media::File { name, bytes }),
    };
    let withdraw = Button::new(t!(ctx, "button-withdraw"), &Press::Withdraw(unit))?;
    ctx.reply(menu::offer(view.row([withdraw]), ctx)?).await?;
    Ok(())
}

async fn withdraw(ctx: &Ctx<'_>, product: ProductId, units: Vec<UnitId>) -> Result<(), BotError> {
    let actor = ctx.admin(Permission::Stock)?;
    let stock = ctx.shop().stock();
    stock.withdraw(&actor, product, units.clone()).await?;
    let (at, count) = (ctx.shop().now(), units.len());
    ctx.note(Press::PLUGIN, &Withdrawn { product, units, at })
        .await?;
    let undo = Press::Undo(at.timestamp_micros());
    let view = View::text(t!(ctx, "shelf-withdrawn", count = count))
        .row([Button::new(t!(ctx, "button-undo"), &undo)?])
        .row([Button::new(
            t!(ctx, "button-return"),
            &Press::List(product, 0),
        )?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn undo(ctx: &Ctx<'_>, at: i64) -> Result<(), BotError> {
    let actor = ctx.admin(Permission::Stock)?;
    let last: Option<Withdrawn> = ctx.recall(Press::PLUGIN).await?;
    let last = last.filter(|last| last.at.timestamp_micros() == at);
    let last = last.ok_or(BotError::Stale)?;
    let age = (ctx.shop().now() - last.at).to_std().unwrap_or_default();
    if age > UNDO_WITHIN {
        let list = Button::new(t!(ctx, "button-return"), &Press::List(last.product, 0))?;
        let view = View::text(t!(ctx, "shelf-undo-late")).row([list]);
        ctx.show(menu::offer(view, ctx)?).await?;
        return Ok(());
    }
    let stock = ctx.shop().stock();
    stock.restore(&actor, last.product, last.units).await?;
    ctx.remark(&t!(ctx, "shelf-restored"));
    list(ctx, last.product, 0).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_choose_places() {
        assert_eq!(chosen("1 3, 5-7", 20), Some(vec![0, 2, 4, 5, 6]));
        assert_eq!(chosen("2-2 2", 2), Some(vec![1]));
        for wrong in [
            "",
            "0",
            "3",
            "2-1",
            "1-",
            "-1",
            "x",
            "1 x",
            "99999999999999999999",
        ] {
            assert_eq!(chosen(wrong, 2), None, "{wrong}");
        }
    }
}
