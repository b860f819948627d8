//! Which figures a chart shows.

use serde_json::Value;

use super::charts::{Chart, bars, ranks};
use super::statistics::{Span, Subject};
use crate::bot::BotError;
use crate::bot::texts::{Locale, t};
use crate::money::{Money, MoneyError};
use crate::telemetry::{Daily, Period};

/// More days than this are drawn by month.
const BARS_MAX: usize = 62;
/// Products in a picture.
const PRODUCTS_MAX: usize = 10;
/// A longer name is cut, so that it leaves room for the bars.
const NAME_MAX: usize = 28;

/// A chart with its title; `None` where there is nothing to show.
pub(super) fn chart(
    to: Locale<'_>,
    span: Span,
    subject: Subject,
    period: &Period,
) -> Result<Option<(String, Vec<u8>)>, BotError> {
    let chart = match subject {
        Subject::Revenue => revenue(to, span, &columns(period)?),
        Subject::Orders => orders(to, span, &columns(period)?),
        Subject::Funnel => funnel(to, span, period),
        Subject::Products => products(to, span, period),
    };
    let mut values = chart.series.iter().flat_map(|(_, values)| values);
    if values.all(|value| value.as_f64().is_none_or(|value| value == 0.0)) {
        return Ok(None);
    }
    let picture = match subject {
        Subject::Revenue | Subject::Orders => bars(&chart)?,
        Subject::Funnel | Subject::Products => ranks(&chart)?,
    };
    Ok(Some((chart.title, picture)))
}

/// What each bar stands for: a day, or a month where there are many.
fn columns(period: &Period) -> Result<Vec<(String, Daily)>, MoneyError> {
    let monthly = period.days.len() > BARS_MAX;
    let format = if monthly { "%Y-%m" } else { "%m-%d" };
    let mut columns: Vec<(String, Daily)> = Vec::new();
    for day in &period.days {
        let label = day.business.day.format(format).to_string();
        match columns.last_mut() {
            Some((last, sum)) if *last == label => sum.add(&day.business)?,
            Some(_) | None => columns.push((label, day.business.clone())),
        }
    }
    Ok(columns)
}

fn revenue(to: Locale<'_>, span: Span, columns: &[(String, Daily)]) -> Chart {
    let currency = columns.first().map(|(_, day)| day.revenue.currency());
    let currency = currency.map(|currency| currency.to_string());
    let values = columns.iter().map(|(_, day)| amount(day.revenue));
    Chart {
        title: t!(
            to,
            "chart-revenue",
            currency = currency.unwrap_or_default(),
            period = span.name(to)
        )
        .to_string(),
        labels: columns.iter().map(|(label, _)| label.clone()).collect(),
        series: vec![(t!(to, "chart-row-revenue").to_string(), values.collect())],
    }
}

fn orders(to: Locale<'_>, span: Span, columns: &[(String, Daily)]) -> Chart {
    let row = |name: String, count: fn(&Daily) -> u64| {
        let values = columns.iter().map(|(_, day)| Value::from(count(day)));
        (name, values.collect())
    };
    Chart {
        title: t!(to, "chart-orders", period = span.name(to)).to_string(),
        labels: columns.iter().map(|(label, _)| label.clone()).collect(),
        series: vec![
            row(t!(to, "funnel-paid").to_string(), |day| day.paid),
            row(t!(to, "chart-row-expired").to_string(), |day| day.expired),
            row(t!(to, "chart-row-cancelled").to_string(), |day| {
                day.cancelled
            }),
        ],
    }
}

fn funnel(to: Locale<'_>, span: Span, period: &Period) -> Chart {
    let (business, views) = (&period.sum.business, &period.sum.views);
    let steps = [
        (t!(to, "funnel-shelves"), views.shelves),
        (t!(to, "funnel-products"), views.products),
        (t!(to, "funnel-carts"), views.carts),
        (t!(to, "funnel-placed"), business.placed),
        (t!(to, "funnel-paid"), business.paid),
    ];
    let (labels, values) = steps
        .into_iter()
        .map(|(label, count)| (label.to_string(), Value::from(count)))
        .unzip();
    let title = t!(to, "chart-funnel", period = span.name(to)).to_string();
    Chart {
        series: vec![(title.clone(), values)],
        title,
        labels,
    }
}

fn products(to: Locale<'_>, span: Span, period: &Period) -> Chart {
    let sold = &period.sum.business.products;
    let currency = period.sum.business.revenue.currency().to_string();
    let shown = sold.iter().take(PRODUCTS_MAX);
    let (labels, values) = shown
        .map(|sold| (shortened(sold.name.as_str()), amount(sold.revenue)))
        .unzip();
    let title = t!(
        to,
        "chart-products",
        currency = currency,
        period = span.name(to)
    )
    .to_string();
    Chart {
        series: vec![(title.clone(), values)],
        title,
        labels,
    }
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(NAME_MAX) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or(name)),
        None => name.to_owned(),
    }
}

/// An amount as a number of whole units, exact in its decimals.
fn amount(money: Money) -> Value {
    serde_json::from_str(&money.plain()).unwrap_or(Value::Null)
}
