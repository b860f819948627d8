//! Changing one thing of a product: the question, and what is made of the answer.

use super::contents::NO_MORE;
use super::goods::{self, Asking, Field};
use crate::bot::dialog::{Answer, Choice, Question};
use crate::bot::permission::Permission;
use crate::bot::rich::Rich;
use crate::bot::shop::typed;
use crate::bot::texts::t;
use crate::bot::{BotError, Ctx};
use crate::catalog::Product;
use crate::id::ProductId;
use crate::money::Money;
use crate::service::{CatalogError, check_picture};
use crate::terms::Terms;
use crate::text::{Description, Name, ProductCode, TextError};

/// Asks for something of a product, after saying what was wrong with the last answer.
pub(super) async fn ask(
    ctx: &Ctx<'_>,
    product: ProductId,
    field: Field,
    remark: Option<Rich>,
) -> Result<(), BotError> {
    let name = ctx.shop().catalog().offer(product).await?.product.name;
    let (text, question): (Rich, fn(Rich) -> Question) = match field {
        Field::Name => (t!(ctx, "edit-name", name = &name), Question::line),
        Field::Code => (t!(ctx, "edit-code", name = &name), Question::line),
        Field::Price => (
            t!(
                ctx,
                "edit-price",
                name = &name,
                currency = ctx.shop().currency().code()
            ),
            Question::line,
        ),
        Field::Description => (t!(ctx, "edit-description", name = &name), Question::paste),
        Field::Terms => (t!(ctx, "edit-terms", name = &name), Question::paste),
        Field::PerCustomer => (t!(ctx, "edit-limit", name = &name), Question::line),
        Field::LowAt => (t!(ctx, "edit-low", name = &name), Question::line),
        Field::Picture => (t!(ctx, "edit-picture", name = &name), Question::paste),
    };
    let question = question(remark.unwrap_or_default().paragraph(text));
    let question = match field {
        Field::Name | Field::Code | Field::Price | Field::LowAt => question,
        Field::Description | Field::Terms | Field::PerCustomer | Field::Picture => {
            question.or(Choice::Skip, t!(ctx, "button-take-away"))
        }
    };
    ctx.ask(&Asking::Value(product, field), question).await
}

/// What an answer says.
enum Typed<'a> {
    /// Nothing: what was there goes.
    Nothing,
    Text(&'a str),
    Picture(&'a [u8]),
}

/// Takes the answer.
pub(super) async fn take(
    ctx: &Ctx<'_>,
    product: ProductId,
    field: Field,
    answer: Answer<'_>,
) -> Result<(), BotError> {
    let typed = match answer {
        Answer::Choice(Choice::Skip) => Typed::Nothing,
        Answer::Text(text) if text.trim() == NO_MORE => Typed::Nothing,
        Answer::Text(text) => Typed::Text(text),
        Answer::File { bytes, .. } => Typed::Picture(bytes),
        Answer::Choice(_) => return Err(BotError::Stale),
    };
    if let (Field::Picture, Typed::Picture(_) | Typed::Nothing) = (field, &typed) {
        return set_picture(ctx, product, typed).await;
    }
    match read(ctx, field, &typed) {
        Ok(edit) => apply(ctx, product, field, edit).await,
        Err(wrong) => ask(ctx, product, field, Some(wrong)).await,
    }
}

/// An edit that was understood.
type Edit = Box<dyn Fn(&mut Product) + Send + Sync>;

fn read(ctx: &Ctx<'_>, field: Field, typed: &Typed<'_>) -> Result<Edit, Rich> {
    let wrong = |error: TextError| typed::text(ctx, error);
    let text = match typed {
        Typed::Text(text) => text,
        Typed::Nothing => return removal(ctx, field),
        Typed::Picture(_) => return Err(t!(ctx, "edit-in-words")),
    };
    Ok(match field {
        Field::Name => {
            let name = Name::parse(text).map_err(wrong)?;
            Box::new(move |product| product.name = name.clone())
        }
        Field::Code => {
            let code = ProductCode::parse(text).map_err(wrong)?;
            Box::new(move |product| product.code = code.clone())
        }
        Field::Price => {
            let price = Money::parse(text, ctx.shop().currency());
            let price = price.map_err(|error| typed::amount(ctx, &error))?;
            Box::new(move |product| product.price = price)
        }
        Field::Description => {
            let words = Description::parse(text).map_err(wrong)?;
            Box::new(move |product| product.description = Some(words.clone()))
        }
        Field::Terms => {
            let terms = Terms::parse(text).map_err(wrong)?;
            Box::new(move |product| product.terms = Some(terms.clone()))
        }
        Field::PerCustomer => {
            let most = number(text).filter(|most| *most > 0);
            let most = most.ok_or_else(|| t!(ctx, "edit-limit-number"))?;
            Box::new(move |product| product.per_customer = Some(most))
        }
        Field::LowAt => {
            let count = number(text).ok_or_else(|| t!(ctx, "edit-low-number"))?;
            Box::new(move |product| product.low_at = count)
        }
        Field::Picture => return Err(t!(ctx, "picture-refused")),
    })
}

fn removal(ctx: &Ctx<'_>, field: Field) -> Result<Edit, Rich> {
    match field {
        Field::Description => Ok(Box::new(|product| product.description = None)),
        Field::Terms => Ok(Box::new(|product| product.terms = None)),
        Field::PerCustomer => Ok(Box::new(|product| product.per_customer = None)),
        Field::Name | Field::Code | Field::Price | Field::LowAt | Field::Picture => {
            Err(t!(ctx, "edit-needed"))
        }
    }
}

/// A count in digits.
fn number(text: &str) -> Option<u32> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

async fn apply(
    ctx: &Ctx<'_>,
    product: ProductId,
    field: Field,
    edit: Edit,
) -> Result<(), BotError> {
    let actor = ctx.admin(Permission::Catalog)?;
    match ctx.shop().catalog().edit(&actor, product, edit).await {
        Ok(_) => {}
        Err(CatalogError::CodeTaken) => {
            return ask(ctx, product, field, Some(t!(ctx, "product-code-taken"))).await;
        }
        Err(CatalogError::Price(_)) => {
            return ask(ctx, product, field, Some(t!(ctx, "price-refused"))).await;
        }
        Err(error) => return Err(error.into()),
    }
    ctx.leave_dialog().await?;
    ctx.remark(&t!(ctx, "edit-done"));
    goods::show(ctx, product).await
}

async fn set_picture(ctx: &Ctx<'_>, product: ProductId, typed: Typed<'_>) -> Result<(), BotError> {
    let picture = match typed {
        Typed::Picture(bytes) if check_picture(bytes).is_err() => {
            let wrong = t!(ctx, "picture-refused");
            return ask(ctx, product, Field::Picture, Some(wrong)).await;
        }
        Typed::Picture(bytes) => Some(bytes.to_vec()),
        Typed::Nothing | Typed::Text(_) => None,
    };
    let actor = ctx.admin(Permission::Catalog)?;
    let catalog = ctx.shop().catalog();
    catalog.set_picture(&actor, product, picture).await?;
    ctx.leave_dialog().await?;
    goods::show(ctx, product).await
}

/// Changes a product, and shows it as it is then.
pub(super) async fn change(
    ctx: &Ctx<'_>,
    product: ProductId,
    edit: impl Fn(&mut Product),
) -> Result<(), BotError> {
    let actor = ctx.admin(Permission::Catalog)?;
    ctx.shop().catalog().edit(&actor, product, edit).await?;
    ctx.remark(&t!(ctx, "edit-done"));
    goods::show(ctx, product).await
}
