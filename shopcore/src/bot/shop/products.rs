//! Products: the shelves, the search, and the card of a product with what can be bought of it.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{admin, cart, paging, restock};
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::dialog::{Answer, Open, Question, State};
use crate::bot::menu;
use crate::bot::plugin::{Command, MenuEntry, Plugin};
use crate::bot::rich::Rich;
use crate::bot::texts::{Locale, Scene, t};
use crate::bot::view::{Button, Media, View};
use crate::bot::{BotError, Ctx};
use crate::catalog::{Availability, Offer, Visibility};
use crate::id::{CategoryId, ProductId};
use crate::service::CatalogError;
use crate::store::{Page, ProductFilter, ProductSort};
use crate::telemetry::Glance;

/// Shows what is for sale.
#[derive(Debug, Clone, Copy)]
pub(super) struct Products;

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::bot::shop) enum Press {
    /// All categories.
    Shelves,
    /// A page of a category, or of everything.
    Shelf(Option<CategoryId>, u32),
    /// A product.
    Card(ProductId),
    /// Asks what to search for.
    Search,
    /// A page of what was found.
    Found(u32),
    /// A page of a category, or of everything, in this order.
    Sorted(Option<CategoryId>, u32, ProductSort),
    /// What was sold most.
    Best,
}

impl Action for Press {
    const PLUGIN: &'static str = "shop";
}

/// Waits for the words to search for.
#[derive(Debug, Serialize, Deserialize)]
struct Searching;

impl State for Searching {
    const PLUGIN: &'static str = Press::PLUGIN;
}

/// The longest search, in characters.
const QUERY_MAX: usize = 100;

/// How many one press puts into the cart.
const QUANTITIES: [u32; 4] = [1, 2, 5, 10];

#[async_trait]
impl Plugin for Products {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    fn commands(&self, locale: Locale<'_>) -> Vec<Command> {
        let command = |name, summary| Command {
            name,
            summary,
            require: None,
        };
        vec![
            command("shop", t!(locale, "command-shop")),
            command("search", t!(locale, "command-search")),
        ]
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        Ok(vec![
            MenuEntry {
                place: 10,
                button: Button::new(t!(locale, "button-shop"), &Press::Shelves)?,
            },
            MenuEntry {
                place: 11,
                button: Button::new(t!(locale, "button-search"), &Press::Search)?,
            },
        ])
    }

    async fn on_command(&self, ctx: &Ctx<'_>, name: &str, args: &str) -> Result<(), BotError> {
        match name {
            "search" if args.is_empty() => ask_query(ctx).await,
            "search" => search(ctx, args).await,
            _ => shelves(ctx).await,
        }
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::Shelves => shelves(ctx).await,
            Press::Shelf(category, page) => shelf(ctx, category, page, ProductSort::Name).await,
            Press::Sorted(category, page, sort) => shelf(ctx, category, page, sort).await,
            Press::Best => best(ctx).await,
            Press::Card(product) => card(ctx, product).await,
            Press::Search => ask_query(ctx).await,
            Press::Found(page) => {
                let query: String = ctx.recall(Press::PLUGIN).await?.ok_or(BotError::Stale)?;
                found(ctx, &query, page).await
            }
        }
    }

    async fn on_text(&self, ctx: &Ctx<'_>, text: &str) -> Result<bool, BotError> {
        match text.trim().parse() {
            Ok(number) => numbered(ctx, number).await,
            Err(_) => Ok(false),
        }
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        let Searching = dialog.state(ctx)?;
        match answer {
            Answer::Text(words) => search(ctx, words).await,
            Answer::File { .. } | Answer::Choice(_) => ask_query(ctx).await,
        }
    }
}

fn listed() -> ProductFilter {
    ProductFilter {
        visibility: Some(Visibility::Listed),
        ..ProductFilter::default()
    }
}

async fn shelves(ctx: &Ctx<'_>) -> Result<(), BotError> {
    let categories = ctx.shop().catalog().categories().await?;
    if categories.is_empty() {
        return shelf(ctx, None, 0, ProductSort::Name).await;
    }
    ctx.shop().figures().count(Glance::Shelf);
    let view = View::text(t!(ctx, "shelves"));
    let mut view = ctx.locale().illustrated(Scene::Catalogue, view);
    for category in &categories {
        view = view.row([Button::new(
            category.title(),
            &Press::Shelf(Some(category.id), 0),
        )?]);
    }
    view = view.row([
        Button::new(t!(ctx, "button-everything"), &Press::Shelf(None, 0))?,
        Button::new(t!(ctx, "button-best"), &Press::Best)?,
        Button::new(t!(ctx, "button-search"), &Press::Search)?,
    ]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn shelf(
    ctx: &Ctx<'_>,
    category: Option<CategoryId>,
    page: u32,
    sort: ProductSort,
) -> Result<(), BotError> {
    ctx.shop().figures().count(Glance::Shelf);
    let title = match category {
        Some(id) => {
            let categories = ctx.shop().catalog().categories().await?;
            let found = categories.into_iter().find(|category| category.id == id);
            Rich::plain(found.ok_or(CatalogError::UnknownCategory)?.title())
        }
        None => t!(ctx, "everything"),
    };
    let filter = ProductFilter {
        category,
        sort,
        ..listed()
    };
    let catalog = ctx.shop().catalog();
    let (page, offers) = paging::load(page, |rows| catalog.list(&filter, rows)).await?;
    let text = if offers.items.is_empty() {
        t!(ctx, "shelf-empty", title = title)
    } else {
        let of = paging::pages(offers.total);
        let page = page.saturating_add(1);
        t!(
            ctx,
            "shelf",
            title = title,
            count = offers.total,
            page = page,
            pages = of
        )
    };
    let view = ctx.locale().illustrated(Scene::Products, View::text(text));
    let view = match (category, sort) {
        (None, ProductSort::Name) => {
            let offset = paging::rows(page).offset;
            numbered_rows(ctx, view, &offers.items, offset)?
        }
        _ => offer_rows(ctx, view, &offers.items)?,
    };
    let view = paging::turn(ctx, view, page, offers.total, |page| {
        Press::Sorted(category, page, sort)
    })?;
    let view = match offers.total {
        0 | 1 => view,
        _ => view.row(sort_buttons(ctx, category, sort)?),
    };
    let view = view.row([
        Button::new(t!(ctx, "button-shelves"), &Press::Shelves)?,
        Button::new(t!(ctx, "button-cart"), &cart::Press::Show(0))?,
    ]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

const SORTS: [ProductSort; 4] = [
    ProductSort::Name,
    ProductSort::Cheapest,
    ProductSort::Dearest,
    ProductSort::Newest,
];

fn sort_buttons(
    ctx: &Ctx<'_>,
    category: Option<CategoryId>,
    now: ProductSort,
) -> Result<Vec<Button>, PackError> {
    let others = SORTS.into_iter().filter(|sort| *sort != now);
    let button = |sort| {
        let label = match sort {
            ProductSort::Name => t!(ctx, "button-sort-name"),
            ProductSort::Cheapest => t!(ctx, "button-sort-cheapest"),
            ProductSort::Dearest => t!(ctx, "button-sort-dearest"),
            ProductSort::Newest => t!(ctx, "button-sort-newest"),
        };
        Button::new(label, &Press::Sorted(category, 0, sort))
    };
    others.map(button).collect()
}

/// How many of the best sellers are shown.
const BEST: u32 = 10;

/// What was sold most, of what is for sale.
async fn best(ctx: &Ctx<'_>) -> Result<(), BotError> {
    ctx.shop().figures().count(Glance::Shelf);
    let catalog = ctx.shop().catalog();
    let sold = catalog.best_sellers(BEST).await?;
    let mut view = View::text(match sold.is_empty() {
        true => t!(ctx, "best-none"),
        false => t!(ctx, "best"),
    });
    for (product, count) in sold {
        let offer = catalog.offer(product).await?;
        if offer.product.visibility == Visibility::Listed {
            let (name, price) = (&offer.product.name, offer.product.price);
            let label = t!(
                ctx,
                "button-best-seller",
                name = name,
                price = price,
                count = count
            );
            view = view.row([Button::new(label, &Press::Card(product))?]);
        }
    }
    let view = view.row([Button::new(t!(ctx, "button-shelves"), &Press::Shelves)?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

/// The product of a number, as the list of everything counts from 1.
async fn numbered(ctx: &Ctx<'_>, number: u32) -> Result<bool, BotError> {
    let Some(place) = number.checked_sub(1) else {
        return Ok(false);
    };
    let row = Page {
        offset: place,
        limit: 1,
    };
    let found = ctx.shop().catalog().list(&listed(), row).await?;
    let Some(offer) = found.items.first() else {
        return Ok(false);
    };
    card(ctx, offer.product.id).await?;
    Ok(true)
}

/// Rows of products.
fn offer_rows(ctx: &Ctx<'_>, view: View, offers: &[Offer]) -> Result<View, PackError> {
    offers.iter().try_fold(view, |view, offer| {
        Ok(view.row([Button::new(
            label(ctx, offer),
            &Press::Card(offer.product.id),
        )?]))
    })
}

/// Rows of products, numbered from the one after `offset`: by its number a product can be typed.
fn numbered_rows(
    ctx: &Ctx<'_>,
    view: View,
    offers: &[Offer],
    offset: u32,
) -> Result<View, PackError> {
    let mut numbers = offset.saturating_add(1)..;
    offers.iter().try_fold(view, |view, offer| {
        let number = numbers.next().unwrap_or(u32::MAX);
        let label = t!(
            ctx,
            "button-numbered",
            number = number,
            what = label(ctx, offer)
        );
        Ok(view.row([Button::new(label, &Press::Card(offer.product.id))?]))
    })
}

fn label(ctx: &Ctx<'_>, offer: &Offer) -> Rich {
    let (name, price) = (&offer.product.name, offer.product.price);
    if offer.available.is_none() {
        t!(ctx, "button-product-sold-out", name = name, price = price)
    } else {
        t!(ctx, "button-product", name = name, price = price)
    }
}

/// Shows a product; one that is no longer sold is said to be gone.
pub(super) async fn card(ctx: &Ctx<'_>, product: ProductId) -> Result<(), BotError> {
    ctx.shop().figures().count(Glance::Product);
    let offer = ctx.shop().catalog().offer(product).await?;
    if offer.product.visibility != Visibility::Listed {
        return Err(CatalogError::UnknownProduct.into());
    }
    let product = &offer.product;
    let mut text = t!(ctx, "card", name = &product.name, price = product.price)
        .line(availability(ctx, offer.available));
    if let Some(most) = product.per_customer {
        text = text.line(t!(ctx, "card-limit", most = most));
    }
    if let Some(description) = &product.description {
        text = text.paragraph(Rich::plain(description.as_str()));
    }
    if let Some(terms) = &product.terms {
        text = text.paragraph(t!(ctx, "card-terms").line(Rich::plain(terms.as_str())));
    }
    let mut view = View::text(text);
    if let Some(picture) = ctx.shop().catalog().picture(product.id).await? {
        view = view.media(Media::Picture(picture));
    }
    if offer.available.is_none() {
        view = view.row([restock::button(ctx, product.id).await?]);
    }
    let view = view
        .row(quantity_buttons(ctx, &offer)?)
        .row([
            Button::new(t!(ctx, "button-cart"), &cart::Press::Show(0))?,
            Button::new(t!(ctx, "button-shelf"), &Press::Shelf(product.category, 0))?,
        ])
        .row([
            Button::new(
                t!(ctx, "button-add-contents"),
                &admin::stock::Press::To(product.id),
            )?,
            Button::new(
                t!(ctx, "button-change"),
                &admin::goods::Press::Show(product.id),
            )?,
        ]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

fn availability(ctx: &Ctx<'_>, available: Availability) -> Rich {
    match available {
        Availability::Units(0) => t!(ctx, "card-sold-out"),
        Availability::Units(count) => t!(ctx, "card-in-stock", count = count),
        Availability::Unlimited => t!(ctx, "card-unlimited"),
    }
}

fn quantity_buttons(ctx: &Ctx<'_>, offer: &Offer) -> Result<Vec<Button>, PackError> {
    let product = &offer.product;
    let buyable = QUANTITIES
        .into_iter()
        .filter(|quantity| offer.available.covers(*quantity));
    buyable
        .map(|quantity| {
            let label = t!(ctx, "button-add", quantity = quantity);
            Button::new(
                label,
                &cart::Press::Add(product.id, quantity, product.price),
            )
        })
        .collect()
}

async fn ask_query(ctx: &Ctx<'_>) -> Result<(), BotError> {
    ctx.ask(&Searching, Question::line(t!(ctx, "search-ask")))
        .await
}

async fn search(ctx: &Ctx<'_>, words: &str) -> Result<(), BotError> {
    let query = words.trim();
    if query.is_empty() {
        return ask_query(ctx).await;
    }
    if query.chars().count() > QUERY_MAX {
        let question = Question::line(t!(ctx, "search-too-long", max = QUERY_MAX));
        return ctx.ask(&Searching, question).await;
    }
    ctx.leave_dialog().await?;
    ctx.note(Press::PLUGIN, &query).await?;
    found(ctx, query, 0).await
}

async fn found(ctx: &Ctx<'_>, query: &str, page: u32) -> Result<(), BotError> {
    let filter = ProductFilter {
        search: Some(query.to_owned()),
        ..listed()
    };
    let catalog = ctx.shop().catalog();
    let (page, offers) = paging::load(page, |rows| catalog.list(&filter, rows)).await?;
    let text = if offers.items.is_empty() {
        t!(ctx, "found-nothing", query = query)
    } else {
        t!(ctx, "found", query = query, count = offers.total)
    };
    let view = offer_rows(ctx, View::text(text), &offers.items)?;
    let view = paging::turn(ctx, view, page, offers.total, Press::Found)?;
    let view = view.row([
        Button::new(t!(ctx, "button-search-again"), &Press::Search)?,
        Button::new(t!(ctx, "button-shelves"), &Press::Shelves)?,
    ]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}
