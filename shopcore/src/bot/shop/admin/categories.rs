//! Categories: making one, its name and sign, and the order in which customers see them.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::contents::NO_MORE;
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::dialog::{Answer, Choice, Open, Question, State};
use crate::bot::menu;
use crate::bot::permission::Permission;
use crate::bot::plugin::{MenuEntry, Plugin};
use crate::bot::rich::Rich;
use crate::bot::shop::typed;
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx};
use crate::catalog::Category;
use crate::id::CategoryId;
use crate::service::CatalogError;
use crate::text::{Emoji, Name};

/// Keeps the categories.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct Categories;

#[derive(Debug, Serialize, Deserialize)]
enum Press {
    /// All of them.
    List,
    /// One.
    Show(CategoryId),
    /// Asks for a new one's name.
    Add,
    /// Asks for another name.
    Rename(CategoryId),
    /// Asks for another sign.
    Sign(CategoryId),
    /// Moves one in front of the one before it.
    Up(CategoryId),
    /// Moves one behind the one after it.
    Down(CategoryId),
}

impl Action for Press {
    const PLUGIN: &'static str = "categories";

    fn require(&self) -> Option<Permission> {
        Some(Permission::Catalog)
    }
}

/// Which answer is awaited.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Asking {
    NewName,
    Name(CategoryId),
    Sign(CategoryId),
}

impl State for Asking {
    const PLUGIN: &'static str = Press::PLUGIN;

    fn require(&self) -> Option<Permission> {
        Some(Permission::Catalog)
    }
}

#[async_trait]
impl Plugin for Categories {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let button = Button::new(t!(locale, "button-categories"), &Press::List)?;
        Ok(vec![MenuEntry { place: 102, button }])
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::List => list(ctx).await,
            Press::Show(category) => show(ctx, category).await,
            Press::Add => ask(ctx, Asking::NewName, None).await,
            Press::Rename(category) => ask(ctx, Asking::Name(category), None).await,
            Press::Sign(category) => ask(ctx, Asking::Sign(category), None).await,
            Press::Up(category) => shift(ctx, category, Shift::Up).await,
            Press::Down(category) => shift(ctx, category, Shift::Down).await,
        }
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        let asking: Asking = dialog.state(ctx)?;
        match (asking, answer) {
            (Asking::Sign(category), Answer::Choice(Choice::Skip)) => {
                sign(ctx, category, None).await
            }
            (Asking::Sign(category), Answer::Text(text)) if text.trim() == NO_MORE => {
                sign(ctx, category, None).await
            }
            (Asking::Sign(category), Answer::Text(text)) => match Emoji::parse(text) {
                Ok(emoji) => sign(ctx, category, Some(emoji)).await,
                Err(error) => ask(ctx, asking, Some(typed::text(ctx, error))).await,
            },
            (Asking::NewName | Asking::Name(_), Answer::Text(text)) => {
                name(ctx, asking, text).await
            }
            (_, Answer::File { .. }) => ask(ctx, asking, None).await,
            (_, Answer::Choice(_)) => Err(BotError::Stale),
        }
    }
}

async fn ask(ctx: &Ctx<'_>, asking: Asking, remark: Option<Rich>) -> Result<(), BotError> {
    let text = match asking {
        Asking::NewName => t!(ctx, "category-ask-name"),
        Asking::Name(id) => t!(
            ctx,
            "category-ask-rename",
            name = &find(ctx, id).await?.name
        ),
        Asking::Sign(id) => t!(ctx, "category-ask-sign", name = &find(ctx, id).await?.name),
    };
    let question = Question::line(remark.unwrap_or_default().paragraph(text));
    let question = match asking {
        Asking::NewName | Asking::Name(_) => question,
        Asking::Sign(_) => question.or(Choice::Skip, t!(ctx, "button-take-away")),
    };
    ctx.ask(&asking, question).await
}

async fn find(ctx: &Ctx<'_>, id: CategoryId) -> Result<Category, BotError> {
    let categories = ctx.shop().catalog().categories().await?;
    let found = categories.into_iter().find(|category| category.id == id);
    Ok(found.ok_or(CatalogError::UnknownCategory)?)
}

async fn list(ctx: &Ctx<'_>) -> Result<(), BotError> {
    let categories = ctx.shop().catalog().categories().await?;
    let text = match categories.len() {
        0 => t!(ctx, "categories-none"),
        count => t!(ctx, "categories", count = count),
    };
    let rows = categories.iter();
    let rows = rows.map(|category| Button::new(category.title(), &Press::Show(category.id)));
    let view = View::text(text)
        .rows(rows.collect::<Result<Vec<_>, _>>()?)
        .row([Button::new(t!(ctx, "button-new-category"), &Press::Add)?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn show(ctx: &Ctx<'_>, id: CategoryId) -> Result<(), BotError> {
    let categories = ctx.shop().catalog().categories().await?;
    let place = categories.iter().position(|category| category.id == id);
    let place = place.ok_or(CatalogError::UnknownCategory)?;
    let text = t!(
        ctx,
        "category",
        name = categories[place].title(),
        place = place.saturating_add(1),
        count = categories.len()
    );
    let mut moves = Vec::new();
    if place > 0 {
        moves.push(Button::new(t!(ctx, "button-up"), &Press::Up(id))?);
    }
    if place.saturating_add(1) < categories.len() {
        moves.push(Button::new(t!(ctx, "button-down"), &Press::Down(id))?);
    }
    let view = View::text(text)
        .row([
            Button::new(t!(ctx, "button-edit-name"), &Press::Rename(id))?,
            Button::new(t!(ctx, "button-edit-sign"), &Press::Sign(id))?,
        ])
        .row(moves)
        .row([Button::new(t!(ctx, "button-categories"), &Press::List)?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn name(ctx: &Ctx<'_>, asking: Asking, text: &str) -> Result<(), BotError> {
    let name = match Name::parse(text) {
        Ok(name) => name,
        Err(error) => return ask(ctx, asking, Some(typed::text(ctx, error))).await,
    };
    let (actor, catalog) = (ctx.admin(Permission::Catalog)?, ctx.shop().catalog());
    let named = match asking {
        Asking::NewName => catalog.add_category(&actor, name).await,
        Asking::Name(id) | Asking::Sign(id) => {
            let category = find(ctx, id).await?;
            let renamed = Category { name, ..category };
            catalog.update_category(&actor, renamed).await
        }
    };
    match named {
        Ok(category) => {
            ctx.leave_dialog().await?;
            show(ctx, category.id).await
        }
        Err(CatalogError::CategoryNameTaken) => {
            ask(ctx, asking, Some(t!(ctx, "category-name-taken"))).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn sign(ctx: &Ctx<'_>, id: CategoryId, emoji: Option<Emoji>) -> Result<(), BotError> {
    let actor = ctx.admin(Permission::Catalog)?;
    let category = find(ctx, id).await?;
    let signed = Category { emoji, ..category };
    ctx.shop().catalog().update_category(&actor, signed).await?;
    ctx.leave_dialog().await?;
    show(ctx, id).await
}

#[derive(Clone, Copy)]
enum Shift {
    Up,
    Down,
}

async fn shift(ctx: &Ctx<'_>, id: CategoryId, to: Shift) -> Result<(), BotError> {
    let (actor, catalog) = (ctx.admin(Permission::Catalog)?, ctx.shop().catalog());
    let mut categories = catalog.categories().await?;
    let place = categories.iter().position(|category| category.id == id);
    let place = place.ok_or(CatalogError::UnknownCategory)?;
    let other = match to {
        Shift::Up => place.checked_sub(1),
        Shift::Down => place.checked_add(1).filter(|next| *next < categories.len()),
    };
    if let Some(other) = other {
        categories.swap(place, other);
        catalog.order_categories(&actor, categories).await?;
    }
    show(ctx, id).await
}
