//! The team's view of products: finding one, and changing everything of it but its stock.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{edit, products, shelf, stock};
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::dialog::{Answer, Open, Question, State};
use crate::bot::menu;
use crate::bot::permission::Permission;
use crate::bot::plugin::{Command, MenuEntry, Plugin};
use crate::bot::rich::Rich;
use crate::bot::shop::paging;
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, Media, View};
use crate::bot::{BotError, Ctx};
use crate::catalog::{Availability, LatePolicy, Offer, Product, Supply, Visibility};
use crate::id::{CategoryId, ProductId};
use crate::store::ProductFilter;
use crate::text::ProductCode;

/// Shows and edits products.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct EditProducts;

/// What of a product is typed anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::bot::shop) enum Field {
    Name,
    Code,
    Price,
    Description,
    Terms,
    PerCustomer,
    LowAt,
    Picture,
}

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::bot::shop) enum Press {
    /// A page of the products that are seen so.
    List(Visibility, u32),
    /// Asks what to search for.
    Search,
    /// A product.
    Show(ProductId),
    /// Asks for something of it.
    Edit(ProductId, Field),
    /// The categories to choose from.
    Shelves(ProductId),
    /// Puts it into a category, or into none.
    Put(ProductId, Option<CategoryId>),
    /// What can happen to late payments.
    Lates(ProductId),
    /// Decides what happens to them.
    SetLate(ProductId, LatePolicy),
    /// Lists, hides or archives it.
    See(ProductId, Visibility),
}

impl Action for Press {
    const PLUGIN: &'static str = "goods";

    fn require(&self) -> Option<Permission> {
        Some(Permission::Catalog)
    }
}

/// Which answer is awaited.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) enum Asking {
    Words,
    Value(ProductId, Field),
}

impl State for Asking {
    const PLUGIN: &'static str = Press::PLUGIN;

    fn require(&self) -> Option<Permission> {
        Some(Permission::Catalog)
    }
}

#[async_trait]
impl Plugin for EditProducts {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    fn commands(&self, locale: Locale<'_>) -> Vec<Command> {
        vec![Command {
            name: "products",
            summary: t!(locale, "command-products"),
            require: Some(Permission::Catalog),
        }]
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let list = Press::List(Visibility::Listed, 0);
        let button = Button::new(t!(locale, "button-products"), &list)?;
        Ok(vec![MenuEntry { place: 101, button }])
    }

    async fn on_command(&self, ctx: &Ctx<'_>, _: &str, args: &str) -> Result<(), BotError> {
        if args.is_empty() {
            return list(ctx, Visibility::Listed, 0).await;
        }
        find(ctx, args).await
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::List(visibility, page) => list(ctx, visibility, page).await,
            Press::Search => ctx.ask(&Asking::Words, words(ctx)).await,
            Press::Show(product) => show(ctx, product).await,
            Press::Edit(product, field) => edit::ask(ctx, product, field, None).await,
            Press::Shelves(product) => shelves(ctx, product).await,
            Press::Put(product, category) => {
                edit::change(ctx, product, |edited| edited.category = category).await
            }
            Press::Lates(product) => lates(ctx, product).await,
            Press::SetLate(product, late) => {
                edit::change(ctx, product, |edited| edited.late = late).await
            }
            Press::See(product, visibility) => {
                edit::change(ctx, product, |edited| edited.visibility = visibility).await
            }
        }
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        match (dialog.state(ctx)?, answer) {
            (Asking::Words, Answer::Text(text)) => find(ctx, text).await,
            (Asking::Words, Answer::File { .. } | Answer::Choice(_)) => {
                ctx.ask(&Asking::Words, words(ctx)).await
            }
            (Asking::Value(product, field), answer) => {
                edit::take(ctx, product, field, answer).await
            }
        }
    }
}

fn words(ctx: &Ctx<'_>) -> Question {
    Question::line(t!(ctx, "goods-search-ask"))
}

const SEEN: [Visibility; 3] = [Visibility::Listed, Visibility::Hidden, Visibility::Archived];

fn seen(ctx: &Ctx<'_>, visibility: Visibility) -> Rich {
    match visibility {
        Visibility::Listed => t!(ctx, "goods-listed"),
        Visibility::Hidden => t!(ctx, "goods-hidden"),
        Visibility::Archived => t!(ctx, "goods-archived"),
    }
}

async fn list(ctx: &Ctx<'_>, visibility: Visibility, page: u32) -> Result<(), BotError> {
    let filter = ProductFilter {
        visibility: Some(visibility),
        ..ProductFilter::default()
    };
    let catalog = ctx.shop().catalog();
    let (page, offers) = paging::load(page, |rows| catalog.list(&filter, rows)).await?;
    let which = seen(ctx, visibility);
    let text = match offers.total {
        0 => t!(ctx, "goods-none", which = which),
        count => t!(ctx, "goods-list", which = which, count = count),
    };
    let view = rows(View::text(text), ctx, &offers.items)?;
    let to = |page| Press::List(visibility, page);
    let view = paging::turn(ctx, view, page, offers.total, to)?;
    let others = SEEN.into_iter().filter(|other| *other != visibility);
    let others = others.map(|other| Button::new(seen(ctx, other), &Press::List(other, 0)));
    let view = view.row(others.collect::<Result<Vec<_>, _>>()?).row([
        Button::new(t!(ctx, "button-search"), &Press::Search)?,
        Button::new(t!(ctx, "button-new-product"), &products::Press::Start)?,
    ]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

fn rows(view: View, ctx: &Ctx<'_>, offers: &[Offer]) -> Result<View, PackError> {
    offers.iter().try_fold(view, |view, offer| {
        let (code, name) = (&offer.product.code, &offer.product.name);
        let left = left(ctx, offer.available);
        let label = t!(
            ctx,
            "button-a-product",
            code = code,
            name = name,
            left = left
        );
        Ok(view.row([Button::new(label, &Press::Show(offer.product.id))?]))
    })
}

fn left(ctx: &Ctx<'_>, available: Availability) -> Rich {
    match available {
        Availability::Units(count) => t!(ctx, "goods-left", count = count),
        Availability::Unlimited => t!(ctx, "goods-unlimited"),
    }
}

/// Shows the product of a code, or those that the words fit.
async fn find(ctx: &Ctx<'_>, words: &str) -> Result<(), BotError> {
    ctx.leave_dialog().await?;
    if let Ok(code) = ProductCode::parse(words)
        && let Some(product) = ctx.shop().catalog().find(&code).await?
    {
        return show(ctx, product.id).await;
    }
    let filter = ProductFilter {
        search: Some(words.trim().to_owned()),
        ..ProductFilter::default()
    };
    let catalog = ctx.shop().catalog();
    let found = catalog.list(&filter, paging::rows(0)).await?;
    let shown = u64::try_from(found.items.len()).unwrap_or(u64::MAX);
    let text = match found.total {
        0 => t!(ctx, "goods-found-none"),
        total if total > shown => t!(ctx, "goods-found-more", count = total, shown = shown),
        total => t!(ctx, "goods-found", count = total),
    };
    let view = rows(View::text(text), ctx, &found.items)?.row([
        Button::new(t!(ctx, "button-search"), &Press::Search)?,
        back(ctx)?,
    ]);
    ctx.reply(menu::offer(view, ctx)?).await?;
    Ok(())
}

fn back(ctx: &Ctx<'_>) -> Result<Button, PackError> {
    let list = Press::List(Visibility::Listed, 0);
    Button::new(t!(ctx, "button-products"), &list)
}

/// Shows a product with everything that can be changed of it.
pub(super) async fn show(ctx: &Ctx<'_>, product: ProductId) -> Result<(), BotError> {
    let offer = ctx.shop().catalog().offer(product).await?;
    let text = describe(ctx, &offer).await?;
    let mut view = View::text(text);
    if let Some(picture) = ctx.shop().catalog().picture(product).await? {
        view = view.media(Media::Picture(picture));
    }
    let view = buttons(ctx, view, &offer.product)?.row([back(ctx)?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn describe(ctx: &Ctx<'_>, offer: &Offer) -> Result<Rich, BotError> {
    let product = &offer.product;
    let categories = ctx.shop().catalog().categories().await?;
    let shelf = categories.iter().find(|c| Some(c.id) == product.category);
    let shelf = shelf.map_or_else(|| t!(ctx, "goods-no-category").to_string(), |c| c.title());
    let text = t!(ctx, "card", name = &product.name, price = product.price)
        .line(t!(ctx, "product-code", code = &product.code))
        .line(t!(ctx, "goods-stock", left = left(ctx, offer.available)))
        .line(t!(ctx, "goods-seen", seen = seen(ctx, product.visibility)))
        .line(t!(ctx, "goods-category", name = shelf))
        .line(t!(ctx, "goods-late", late = late(ctx, product.late)))
        .line(match product.per_customer {
            Some(most) => t!(ctx, "goods-limit", most = most),
            None => t!(ctx, "goods-no-limit"),
        });
    let text = match product.supply {
        Supply::Units => text.line(t!(ctx, "goods-low-at", count = product.low_at)),
        Supply::Unlimited => text,
    };
    let text = match &product.description {
        Some(words) => text.paragraph(Rich::plain(words.as_str())),
        None => text,
    };
    Ok(match &product.terms {
        Some(terms) => text.paragraph(t!(ctx, "card-terms").line(Rich::plain(terms.as_str()))),
        None => text,
    })
}

fn buttons(ctx: &Ctx<'_>, view: View, product: &Product) -> Result<View, PackError> {
    let id = product.id;
    let ask = |label: Rich, field| Button::new(label, &Press::Edit(id, field));
    let view = view
        .row([
            ask(t!(ctx, "button-edit-name"), Field::Name)?,
            ask(t!(ctx, "button-edit-price"), Field::Price)?,
            ask(t!(ctx, "button-edit-code"), Field::Code)?,
        ])
        .row([
            ask(t!(ctx, "button-edit-description"), Field::Description)?,
            ask(t!(ctx, "button-edit-terms"), Field::Terms)?,
            ask(t!(ctx, "button-edit-picture"), Field::Picture)?,
        ])
        .row([
            Button::new(t!(ctx, "button-edit-category"), &Press::Shelves(id))?,
            Button::new(t!(ctx, "button-edit-late"), &Press::Lates(id))?,
        ])
        .row([
            ask(t!(ctx, "button-edit-limit"), Field::PerCustomer)?,
            ask(t!(ctx, "button-edit-low"), Field::LowAt)?,
        ])
        .row([
            Button::new(t!(ctx, "button-shelf-of"), &shelf::Press::List(id, 0))?,
            Button::new(t!(ctx, "button-add-contents"), &stock::Press::To(id))?,
        ]);
    let other = SEEN.into_iter().filter(|to| *to != product.visibility);
    let other = other.map(|to| {
        let label = match to {
            Visibility::Listed => t!(ctx, "button-list"),
            Visibility::Hidden => t!(ctx, "button-hide"),
            Visibility::Archived => t!(ctx, "button-archive"),
        };
        Button::new(label, &Press::See(id, to))
    });
    Ok(view.row(other.collect::<Result<Vec<_>, _>>()?))
}

async fn shelves(ctx: &Ctx<'_>, product: ProductId) -> Result<(), BotError> {
    let categories = ctx.shop().catalog().categories().await?;
    let mut view = View::text(match categories.is_empty() {
        true => t!(ctx, "goods-ask-category-none"),
        false => t!(ctx, "goods-ask-category"),
    });
    for category in &categories {
        let put = Press::Put(product, Some(category.id));
        view = view.row([Button::new(category.title(), &put)?]);
    }
    let view = view.row([
        Button::new(t!(ctx, "goods-no-category"), &Press::Put(product, None))?,
        to_product(ctx, product)?,
    ]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

fn to_product(ctx: &Ctx<'_>, product: ProductId) -> Result<Button, PackError> {
    Button::new(t!(ctx, "button-return"), &Press::Show(product))
}

const LATES: [LatePolicy; 3] = [LatePolicy::Deliver, LatePolicy::Credit, LatePolicy::Review];

fn late(ctx: &Ctx<'_>, policy: LatePolicy) -> Rich {
    match policy {
        LatePolicy::Deliver => t!(ctx, "late-deliver"),
        LatePolicy::Credit => t!(ctx, "late-credit"),
        LatePolicy::Review => t!(ctx, "late-review"),
    }
}

async fn lates(ctx: &Ctx<'_>, product: ProductId) -> Result<(), BotError> {
    let choices = LATES.map(|policy| {
        let set = Press::SetLate(product, policy);
        Button::new(late(ctx, policy), &set)
    });
    let view = View::text(t!(ctx, "goods-ask-late"));
    let view = view.rows(choices.into_iter().collect::<Result<Vec<_>, _>>()?);
    let view = view.row([to_product(ctx, product)?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}
