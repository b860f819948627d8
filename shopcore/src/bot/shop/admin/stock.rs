//! Adding contents to a product that exists.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::contents::{self, Pasted};
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::dialog::{Answer, Choice, Open, Question, State};
use crate::bot::menu;
use crate::bot::permission::Permission;
use crate::bot::plugin::{Command, MenuEntry, Plugin};
use crate::bot::rich::Rich;
use crate::bot::shop::{paging, products as storefront};
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx};
use crate::catalog::Availability;
use crate::id::ProductId;
use crate::store::ProductFilter;
use crate::text::ProductCode;

/// Adds contents.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct AddContents;

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::bot::shop) enum Press {
    /// A page of the products to choose from.
    Pick(u32),
    /// Adds contents to this product.
    To(ProductId),
}

impl Action for Press {
    const PLUGIN: &'static str = "newstock";

    fn require(&self) -> Option<Permission> {
        Some(Permission::Stock)
    }
}

/// Waits for contents of a product.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Pasting {
    product: ProductId,
    /// How many contents were added so far.
    added: usize,
}

impl Pasting {
    fn into(product: ProductId) -> Self {
        Self { product, added: 0 }
    }
}

impl State for Pasting {
    const PLUGIN: &'static str = Press::PLUGIN;

    fn require(&self) -> Option<Permission> {
        Some(Permission::Stock)
    }
}

#[async_trait]
impl Plugin for AddContents {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    fn commands(&self, locale: Locale<'_>) -> Vec<Command> {
        vec![Command {
            name: "addstock",
            summary: t!(locale, "command-addstock"),
            require: Some(Permission::Stock),
        }]
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let button = Button::new(t!(locale, "button-add-contents"), &Press::Pick(0))?;
        Ok(vec![MenuEntry { place: 110, button }])
    }

    async fn on_command(&self, ctx: &Ctx<'_>, _: &str, args: &str) -> Result<(), BotError> {
        if args.is_empty() {
            return pick(ctx, 0).await;
        }
        let found = match ProductCode::parse(args) {
            Ok(code) => ctx.shop().catalog().find(&code).await?,
            Err(_) => None,
        };
        match found {
            Some(product) => ask(ctx, Pasting::into(product.id), None).await,
            None => tell_unknown(ctx).await,
        }
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::Pick(page) => pick(ctx, page).await,
            Press::To(product) => ask(ctx, Pasting::into(product), None).await,
        }
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        let pasting: Pasting = dialog.state(ctx)?;
        match answer {
            answer if contents::ends(answer) => {
                ctx.leave_dialog().await?;
                storefront::card(ctx, pasting.product).await
            }
            Answer::Choice(_) => Err(BotError::Stale),
            Answer::Text(_) | Answer::File { .. } => add(ctx, pasting, answer).await,
        }
    }

    fn on_cancel(&self, ctx: &Ctx<'_>, dialog: &Open) -> Rich {
        match dialog.state::<Pasting>(ctx) {
            Ok(pasting) if pasting.added > 0 => t!(ctx, "stock-stopped", count = pasting.added),
            Ok(_) | Err(_) => t!(ctx, "cancelled"),
        }
    }
}

/// Says that no product has the code that was typed, and offers those that there are.
async fn tell_unknown(ctx: &Ctx<'_>) -> Result<(), BotError> {
    let choose = Button::new(t!(ctx, "button-add-contents"), &Press::Pick(0))?;
    let view = View::text(t!(ctx, "product-code-unknown")).row([choose]);
    ctx.reply(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn pick(ctx: &Ctx<'_>, page: u32) -> Result<(), BotError> {
    let filter = ProductFilter::default();
    let catalog = ctx.shop().catalog();
    let (page, offers) = paging::load(page, |rows| catalog.list(&filter, rows)).await?;
    let text = if offers.total == 0 {
        t!(ctx, "stock-no-products")
    } else {
        t!(ctx, "stock-pick")
    };
    let mut view = View::text(text);
    for offer in &offers.items {
        let (name, code) = (&offer.product.name, &offer.product.code);
        let label = t!(ctx, "button-stock-product", code = code, name = name);
        view = view.row([Button::new(label, &Press::To(offer.product.id))?]);
    }
    let view = paging::turn(ctx, view, page, offers.total, Press::Pick)?;
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

/// Asks for contents, after saying what came of the last ones.
async fn ask(ctx: &Ctx<'_>, pasting: Pasting, remark: Option<Rich>) -> Result<(), BotError> {
    let offer = ctx.shop().catalog().offer(pasting.product).await?;
    let name = &offer.product.name;
    let text = match offer.available {
        Availability::Units(count) => t!(ctx, "stock-ask", name = name, count = count),
        Availability::Unlimited => t!(ctx, "stock-ask-unlimited", name = name),
    };
    let question = Question::paste(remark.unwrap_or_default().paragraph(text))
        .or(Choice::Done, t!(ctx, "button-done"));
    ctx.ask(&pasting, question).await
}

async fn add(ctx: &Ctx<'_>, pasting: Pasting, answer: Answer<'_>) -> Result<(), BotError> {
    let actor = ctx.admin(Permission::Stock)?;
    match contents::read(ctx, answer, &[]).await? {
        Pasted::Bad(why) => ask(ctx, pasting, Some(why)).await,
        Pasted::Good(contents) => {
            let stock = ctx.shop().stock();
            let count = stock.add(&actor, pasting.product, &contents).await?;
            let added = pasting.added.saturating_add(count);
            let pasting = Pasting { added, ..pasting };
            ask(ctx, pasting, Some(t!(ctx, "stock-added", count = count))).await
        }
    }
}
