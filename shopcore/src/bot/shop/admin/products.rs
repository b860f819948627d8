//! Adding a product, step by step. It comes into being whole at the end, or not at all.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::contents::{self, Pasted};
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::dialog::{Answer, Choice, Open, Question, State};
use crate::bot::menu;
use crate::bot::permission::Permission;
use crate::bot::plugin::{Command, MenuEntry, Plugin};
use crate::bot::rich::Rich;
use crate::bot::shop::{products as storefront, typed};
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx};
use crate::money::Money;
use crate::service::{CatalogError, NewProduct, StockError};
use crate::stock::Content;
use crate::terms::Terms;
use crate::text::{Description, Name, ProductCode};

/// Adds products.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct AddProducts;

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Press {
    /// Begins.
    Start,
}

impl Action for Press {
    const PLUGIN: &'static str = "newproduct";

    fn require(&self) -> Option<Permission> {
        Some(Permission::Catalog)
    }
}

/// What is known of the product so far.
#[derive(Serialize, Deserialize)]
struct Draft {
    code: ProductCode,
    name: Name,
    price: Money,
    description: Option<Description>,
    contents: Vec<Vec<u8>>,
    terms: Option<Terms>,
}

/// Which answer is awaited.
#[derive(Serialize, Deserialize)]
enum Step {
    Code,
    Name(ProductCode),
    Price(ProductCode, Name),
    Description(ProductCode, Name, Money),
    /// How many contents there are to type.
    Count(Draft),
    /// The contents, until there are so many.
    Contents(Draft, usize),
    Terms(Draft),
    Confirm(Draft),
    /// Another product took the code meanwhile: all else stays as it is.
    OtherCode(Draft),
}

impl State for Step {
    const PLUGIN: &'static str = Press::PLUGIN;

    fn require(&self) -> Option<Permission> {
        match self {
            Self::Code
            | Self::Name(_)
            | Self::Price(..)
            | Self::Description(..)
            | Self::Terms(_)
            | Self::Confirm(_)
            | Self::OtherCode(_) => Some(Permission::Catalog),
            Self::Count(_) | Self::Contents(..) => Some(Permission::Stock),
        }
    }
}

#[async_trait]
impl Plugin for AddProducts {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    fn commands(&self, locale: Locale<'_>) -> Vec<Command> {
        vec![Command {
            name: "addproduct",
            summary: t!(locale, "command-addproduct"),
            require: Some(Permission::Catalog),
        }]
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let button = Button::new(t!(locale, "button-new-product"), &Press::Start)?;
        Ok(vec![MenuEntry { place: 100, button }])
    }

    async fn on_command(&self, ctx: &Ctx<'_>, _: &str, _: &str) -> Result<(), BotError> {
        ask(ctx, Step::Code, None).await
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::Start => ask(ctx, Step::Code, None).await,
        }
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        match (dialog.state(ctx)?, answer) {
            (Step::Code, Answer::Text(text)) => take_code(ctx, text).await,
            (Step::OtherCode(draft), Answer::Text(text)) => take_other_code(ctx, draft, text).await,
            (Step::Name(code), Answer::Text(text)) => take_name(ctx, code, text).await,
            (Step::Price(code, name), Answer::Text(text)) => {
                take_price(ctx, code, name, text).await
            }
            (Step::Description(code, name, price), Answer::Text(text)) => {
                take_description(ctx, (code, name, price), text).await
            }
            (Step::Description(code, name, price), Answer::Choice(Choice::Skip)) => {
                ask_count(ctx, draft(code, name, price, None)).await
            }
            (Step::Count(draft), Answer::Choice(Choice::Skip)) => {
                ask(ctx, Step::Terms(draft), None).await
            }
            (Step::Count(draft), Answer::Text(text)) => take_count(ctx, draft, text).await,
            (Step::Contents(draft, _), answer) if contents::ends(answer) => {
                ask(ctx, Step::Terms(draft), None).await
            }
            (Step::Contents(draft, most), answer @ (Answer::Text(_) | Answer::File { .. })) => {
                take_contents(ctx, (draft, most), answer).await
            }
            (Step::Terms(draft), Answer::Choice(Choice::Skip)) => {
                ask(ctx, Step::Confirm(draft), None).await
            }
            (Step::Terms(draft), Answer::Text(text)) => take_terms(ctx, draft, text).await,
            (Step::Confirm(draft), Answer::Choice(Choice::Confirm)) => create(ctx, draft).await,
            (step, Answer::Text(_) | Answer::File { .. }) => ask(ctx, step, None).await,
            (_, Answer::Choice(_)) => Err(BotError::Stale),
        }
    }
}

fn draft(code: ProductCode, name: Name, price: Money, description: Option<Description>) -> Draft {
    Draft {
        code,
        name,
        price,
        description,
        contents: Vec::new(),
        terms: None,
    }
}

/// Asks for contents whoever may add them.
async fn ask_count(ctx: &Ctx<'_>, draft: Draft) -> Result<(), BotError> {
    let step = if ctx.permissions().allow(Some(Permission::Stock)) {
        Step::Count(draft)
    } else {
        Step::Terms(draft)
    };
    ask(ctx, step, None).await
}

async fn take_count(ctx: &Ctx<'_>, draft: Draft, text: &str) -> Result<(), BotError> {
    let text = text.trim();
    if matches!(text, contents::NO_MORE | "0") {
        return ask(ctx, Step::Terms(draft), None).await;
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let count = text.parse().ok().filter(|_| digits);
    match count {
        Some(count) if count <= contents::CONTENTS_MAX => {
            ask(ctx, Step::Contents(draft, count), None).await
        }
        Some(_) => {
            let wrong = t!(ctx, "contents-too-many", max = contents::CONTENTS_MAX);
            ask(ctx, Step::Count(draft), Some(wrong)).await
        }
        None => {
            let wrong = t!(ctx, "product-count-wrong");
            ask(ctx, Step::Count(draft), Some(wrong)).await
        }
    }
}

/// Asks for what the step awaits, after saying what was wrong with, or done with, the last answer.
async fn ask(ctx: &Ctx<'_>, step: Step, remark: Option<Rich>) -> Result<(), BotError> {
    let (text, question): (Rich, fn(Rich) -> Question) = match &step {
        Step::Code => (t!(ctx, "product-ask-code"), Question::line),
        Step::OtherCode(_) => (t!(ctx, "product-ask-other-code"), Question::line),
        Step::Name(_) => (t!(ctx, "product-ask-name"), Question::line),
        Step::Price(..) => (
            t!(
                ctx,
                "product-ask-price",
                currency = ctx.shop().currency().code()
            ),
            Question::line,
        ),
        Step::Description(..) => (t!(ctx, "product-ask-description"), Question::paste),
        Step::Count(_) => (t!(ctx, "product-ask-count"), Question::line),
        Step::Contents(draft, most) => (
            t!(
                ctx,
                "product-ask-contents",
                next = draft.contents.len().saturating_add(1),
                most = *most
            ),
            Question::paste,
        ),
        Step::Terms(_) => (t!(ctx, "product-ask-terms"), Question::paste),
        Step::Confirm(draft) => (summary(ctx, draft), Question::choice),
    };
    let question = question(remark.unwrap_or_default().paragraph(text));
    let question = match &step {
        Step::Code | Step::OtherCode(_) | Step::Name(_) | Step::Price(..) => question,
        Step::Description(..) | Step::Count(_) | Step::Terms(_) => {
            question.or(Choice::Skip, t!(ctx, "button-skip"))
        }
        Step::Contents(..) => question.or(Choice::Done, t!(ctx, "button-done")),
        Step::Confirm(_) => question.or(Choice::Confirm, t!(ctx, "button-create")),
    };
    ctx.ask(&step, question).await
}

fn summary(ctx: &Ctx<'_>, draft: &Draft) -> Rich {
    let text = t!(ctx, "card", name = &draft.name, price = draft.price)
        .line(t!(ctx, "product-code", code = &draft.code))
        .line(t!(ctx, "product-contents", count = draft.contents.len()));
    let text = match &draft.description {
        Some(description) => text.paragraph(Rich::plain(description.as_str())),
        None => text,
    };
    let text = match &draft.terms {
        Some(terms) => text.paragraph(t!(ctx, "card-terms").line(Rich::plain(terms.as_str()))),
        None => text,
    };
    text.paragraph(t!(ctx, "product-confirm"))
}

async fn take_code(ctx: &Ctx<'_>, text: &str) -> Result<(), BotError> {
    match free_code(ctx, text).await? {
        Ok(code) => ask(ctx, Step::Name(code), None).await,
        Err(why) => ask(ctx, Step::Code, Some(why)).await,
    }
}

async fn take_other_code(ctx: &Ctx<'_>, draft: Draft, text: &str) -> Result<(), BotError> {
    match free_code(ctx, text).await? {
        Ok(code) => ask(ctx, Step::Confirm(Draft { code, ..draft }), None).await,
        Err(why) => ask(ctx, Step::OtherCode(draft), Some(why)).await,
    }
}

/// A code that no product has, or what is wrong with it.
async fn free_code(ctx: &Ctx<'_>, text: &str) -> Result<Result<ProductCode, Rich>, BotError> {
    let code = match ProductCode::parse(text) {
        Ok(code) => code,
        Err(error) => return Ok(Err(typed::text(ctx, error))),
    };
    let taken = ctx.shop().catalog().find(&code).await?.is_some();
    Ok(if taken {
        Err(t!(ctx, "product-code-taken"))
    } else {
        Ok(code)
    })
}

async fn take_name(ctx: &Ctx<'_>, code: ProductCode, text: &str) -> Result<(), BotError> {
    match Name::parse(text) {
        Ok(name) => ask(ctx, Step::Price(code, name), None).await,
        Err(error) => ask(ctx, Step::Name(code), Some(typed::text(ctx, error))).await,
    }
}

async fn take_price(
    ctx: &Ctx<'_>,
    code: ProductCode,
    name: Name,
    text: &str,
) -> Result<(), BotError> {
    match Money::parse(text, ctx.shop().currency()) {
        Ok(price) => ask(ctx, Step::Description(code, name, price), None).await,
        Err(error) => {
            let wrong = typed::amount(ctx, &error);
            ask(ctx, Step::Price(code, name), Some(wrong)).await
        }
    }
}

async fn take_description(
    ctx: &Ctx<'_>,
    (code, name, price): (ProductCode, Name, Money),
    text: &str,
) -> Result<(), BotError> {
    if text.trim() == contents::NO_MORE {
        return ask_count(ctx, draft(code, name, price, None)).await;
    }
    match Description::parse(text) {
        Ok(description) => ask_count(ctx, draft(code, name, price, Some(description))).await,
        Err(error) => {
            let wrong = typed::text(ctx, error);
            ask(ctx, Step::Description(code, name, price), Some(wrong)).await
        }
    }
}

fn contents_of(draft: &Draft) -> Result<Vec<Content>, BotError> {
    let contents = draft
        .contents
        .iter()
        .map(|bytes| Content::from_bytes(bytes));
    contents
        .collect::<Result<_, _>>()
        .map_err(|error| StockError::from(error).into())
}

async fn take_contents(
    ctx: &Ctx<'_>,
    (mut draft, most): (Draft, usize),
    answer: Answer<'_>,
) -> Result<(), BotError> {
    let waiting = contents_of(&draft)?;
    let contents = match contents::read(ctx, answer, &waiting).await? {
        Pasted::Good(contents) => contents,
        Pasted::Bad(why) => return ask(ctx, Step::Contents(draft, most), Some(why)).await,
    };
    let given = waiting.len().saturating_add(contents.len());
    if given > most {
        let wrong = t!(ctx, "product-contents-over", given = given, most = most);
        return ask(ctx, Step::Contents(draft, most), Some(wrong)).await;
    }
    draft
        .contents
        .extend(contents.iter().map(Content::to_bytes));
    let step = if given == most {
        Step::Terms(draft)
    } else {
        Step::Contents(draft, most)
    };
    ask(ctx, step, None).await
}

async fn take_terms(ctx: &Ctx<'_>, draft: Draft, text: &str) -> Result<(), BotError> {
    if text.trim() == contents::NO_MORE {
        return ask(ctx, Step::Confirm(draft), None).await;
    }
    match Terms::parse(text) {
        Ok(terms) => {
            let terms = Some(terms);
            ask(ctx, Step::Confirm(Draft { terms, ..draft }), None).await
        }
        Err(error) => ask(ctx, Step::Terms(draft), Some(typed::text(ctx, error))).await,
    }
}

async fn create(ctx: &Ctx<'_>, draft: Draft) -> Result<(), BotError> {
    let actor = ctx.admin(Permission::Catalog)?;
    if !draft.contents.is_empty() {
        ctx.require(Some(Permission::Stock))?;
    }
    let new = NewProduct {
        description: draft.description.clone(),
        terms: draft.terms.clone(),
        contents: contents_of(&draft)?,
        ..NewProduct::new(draft.code.clone(), draft.name.clone(), draft.price)
    };
    match ctx.shop().catalog().add_product(&actor, new).await {
        Ok(product) => {
            ctx.leave_dialog().await?;
            let view = View::text(t!(ctx, "product-created", name = &product.name)).row([
                Button::new(
                    t!(ctx, "button-show-product"),
                    &storefront::Press::Card(product.id),
                )?,
                Button::new(t!(ctx, "button-new-product"), &Press::Start)?,
            ]);
            ctx.reply(menu::offer(view, ctx)?).await?;
            Ok(())
        }
        Err(CatalogError::CodeTaken) => {
            let why = t!(ctx, "product-code-taken");
            ask(ctx, Step::OtherCode(draft), Some(why)).await
        }
        Err(error) => Err(error.into()),
    }
}
