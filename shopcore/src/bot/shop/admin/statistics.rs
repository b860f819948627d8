//! Statistics: the business of a day, a week, a month, a year, in words, pictures and a table.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

#[cfg(feature = "charts")]
use super::drawing;
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::permission::Permission;
use crate::bot::plugin::{Command, MenuEntry, Plugin};
use crate::bot::rich::Rich;
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, Media, View};
use crate::bot::{BotError, Ctx, menu};
use crate::telemetry::{self, Daily, Figures, Period};

/// Tells how business is going.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct Statistics;

/// The days up to today that are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Span {
    Today,
    Week,
    Month,
    Year,
}

impl Span {
    const ALL: [Self; 4] = [Self::Today, Self::Week, Self::Month, Self::Year];

    /// How many days, today included.
    const fn days(self) -> u32 {
        match self {
            Self::Today => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Year => 365,
        }
    }

    pub(super) fn name(self, to: Locale<'_>) -> Rich {
        match self {
            Self::Today => t!(to, "period-today"),
            Self::Week | Self::Month | Self::Year => t!(to, "period-days", days = self.days()),
        }
    }
}

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Subject {
    Revenue,
    Orders,
    Funnel,
    Products,
}

impl Subject {
    #[cfg(feature = "charts")]
    const ALL: [Self; 4] = [Self::Revenue, Self::Orders, Self::Funnel, Self::Products];

    #[cfg(feature = "charts")]
    fn label(self, to: Locale<'_>) -> Rich {
        match self {
            Self::Revenue => t!(to, "button-chart-revenue"),
            Self::Orders => t!(to, "button-chart-orders"),
            Self::Funnel => t!(to, "button-chart-funnel"),
            Self::Products => t!(to, "button-chart-products"),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
enum Press {
    /// Tells of these days.
    Show(Span),
    /// Draws them.
    Draw(Span, Subject),
    /// Hands them over as a table.
    Table(Span),
}

impl Action for Press {
    const PLUGIN: &'static str = "statistics";

    fn require(&self) -> Option<Permission> {
        Some(Permission::Reports)
    }
}

#[async_trait]
impl Plugin for Statistics {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    fn commands(&self, locale: Locale<'_>) -> Vec<Command> {
        vec![Command {
            name: "statistics",
            summary: t!(locale, "command-statistics"),
            require: Some(Permission::Reports),
        }]
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let button = Button::new(t!(locale, "button-statistics"), &Press::Show(Span::Week))?;
        Ok(vec![MenuEntry { place: 160, button }])
    }

    async fn on_command(&self, ctx: &Ctx<'_>, _: &str, _: &str) -> Result<(), BotError> {
        show(ctx, Span::Week).await
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::Show(span) => show(ctx, span).await,
            Press::Draw(span, subject) => draw(ctx, span, subject).await,
            Press::Table(span) => table(ctx, span).await,
        }
    }
}

async fn period(ctx: &Ctx<'_>, span: Span) -> Result<Period, BotError> {
    let figures = ctx.shop().figures();
    let today = figures.today();
    let before = chrono::Days::new(u64::from(span.days().saturating_sub(1)));
    let from = today.checked_sub_days(before).unwrap_or(today);
    Ok(figures.period(from, today).await?)
}

async fn show(ctx: &Ctx<'_>, span: Span) -> Result<(), BotError> {
    let told = text(ctx, span, &period(ctx, span).await?.sum);
    let mut view = View::text(told).row(span_buttons(ctx, span)?);
    for pair in chart_buttons(ctx, span)?.chunks(2) {
        view = view.row(pair.to_vec());
    }
    let file = t!(ctx, "button-statistics-file");
    view = view.row([Button::new(file, &Press::Table(span))?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

fn span_buttons(ctx: &Ctx<'_>, shown: Span) -> Result<Vec<Button>, PackError> {
    let others = Span::ALL.into_iter().filter(|span| *span != shown);
    let button = |span: Span| Button::new(span.name(ctx.locale()), &Press::Show(span));
    others.map(button).collect()
}

#[cfg(feature = "charts")]
fn chart_buttons(ctx: &Ctx<'_>, span: Span) -> Result<Vec<Button>, PackError> {
    let button = |subject: Subject| {
        let label = subject.label(ctx.locale());
        Button::new(label, &Press::Draw(span, subject))
    };
    Subject::ALL.into_iter().map(button).collect()
}

#[cfg(not(feature = "charts"))]
fn chart_buttons(_: &Ctx<'_>, _: Span) -> Result<Vec<Button>, PackError> {
    Ok(Vec::new())
}

/// Products that are told by name.
const NAMED: usize = 5;

fn text(ctx: &Ctx<'_>, span: Span, sum: &Figures) -> Rich {
    let business = &sum.business;
    let title = t!(ctx, "statistics", period = span.name(ctx.locale()));
    if is_empty(business) && sum.views.shelves == 0 {
        return title.paragraph(t!(ctx, "statistics-none"));
    }
    let mut text = title
        .paragraph(orders(ctx, business))
        .line(money(ctx, business))
        .line(t!(
            ctx,
            "statistics-more",
            discounts = business.discounts,
            deposits = business.deposits,
            customers = business.new_customers
        ))
        .paragraph(t!(
            ctx,
            "statistics-funnel",
            shelves = sum.views.shelves,
            products = sum.views.products,
            carts = sum.views.carts
        ));
    if !business.products.is_empty() {
        text = text.paragraph(t!(ctx, "statistics-products"));
    }
    for sold in business.products.iter().take(NAMED) {
        text = text.line(t!(
            ctx,
            "statistics-product",
            name = &sold.name,
            units = sold.units,
            revenue = sold.revenue
        ));
    }
    text
}

fn is_empty(business: &Daily) -> bool {
    *business == Daily::new(business.day, business.revenue.currency())
}

fn orders(ctx: &Ctx<'_>, business: &Daily) -> Rich {
    t!(
        ctx,
        "statistics-orders",
        placed = business.placed,
        paid = business.paid,
        expired = business.expired,
        cancelled = business.cancelled
    )
}

fn money(ctx: &Ctx<'_>, business: &Daily) -> Rich {
    t!(
        ctx,
        "statistics-money",
        revenue = business.revenue,
        refunds = business.refunds,
        net = business.net
    )
}

#[cfg(feature = "charts")]
async fn draw(ctx: &Ctx<'_>, span: Span, subject: Subject) -> Result<(), BotError> {
    let period = period(ctx, span).await?;
    let view = match drawing::chart(ctx.locale(), span, subject, &period)? {
        Some((title, picture)) => View::text(Rich::plain(title)).media(Media::Picture(picture)),
        None => View::text(t!(ctx, "chart-nothing")),
    };
    ctx.reply(back(ctx, view, span)?).await?;
    Ok(())
}

/// A button from a bot that could draw.
#[cfg(not(feature = "charts"))]
async fn draw(_: &Ctx<'_>, _: Span, _: Subject) -> Result<(), BotError> {
    Err(BotError::Stale)
}

async fn table(ctx: &Ctx<'_>, span: Span) -> Result<(), BotError> {
    let period = period(ctx, span).await?;
    let to = period.sum.business.day;
    let file = Media::File {
        name: Name { to, span }.to_string(),
        bytes: telemetry::csv(&period).into_bytes(),
    };
    let title = t!(ctx, "statistics", period = span.name(ctx.locale()));
    let view = View::text(title).media(file);
    ctx.reply(back(ctx, view, span)?).await?;
    Ok(())
}

/// The name of a table: its last day, and how many there are.
struct Name {
    to: chrono::NaiveDate,
    span: Span,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "statistics-{}-{}.csv", self.to, self.span.days())
    }
}

fn back(ctx: &Ctx<'_>, view: View, span: Span) -> Result<View, BotError> {
    let button = Button::new(t!(ctx, "button-statistics"), &Press::Show(span))?;
    menu::offer(view.row([button]), ctx)
}
