//! The report: the business of days, as a table, as data, or as a file for a spreadsheet.

use std::path::Path;

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};
use shopcore::Shop;
use shopcore::service::FiguresError;
use shopcore::telemetry::{self, Daily, Figures, Period};

use crate::cli::ReportArgs;
use crate::fault::Fault;
use crate::output::Output;

/// Days that are told where nobody says which.
const USUAL: u64 = 30;
/// Products that are told by name.
const NAMED: usize = 10;

/// Tells the business of days, by the shop's clock on the wall.
pub(crate) async fn report(shop: &Shop, args: &ReportArgs, output: &Output) -> Result<(), Fault> {
    let to = args.to.unwrap_or_else(|| shop.figures().today());
    let usual = to.checked_sub_days(Days::new(USUAL - 1)).unwrap_or(to);
    let from = args.from.unwrap_or(usual);
    let period = match shop.figures().period(from, to).await {
        Err(FiguresError::Period) => return Err(Fault::Period { from, to }),
        told => told?,
    };
    if let Some(file) = &args.csv {
        write(file, &telemetry::csv(&period))?;
        output.remark(&format!("{} holds a line for each day", file.display()));
        return Ok(());
    }
    output.data(&as_json(from, &period), || as_text(from, &period))
}

fn write(file: &Path, table: &str) -> Result<(), Fault> {
    std::fs::write(file, table).map_err(|source| Fault::Unwritable {
        path: file.to_owned(),
        source,
    })
}

fn as_json(from: NaiveDate, period: &Period) -> Value {
    let day = |day: &Figures| json!({ "business": day.business, "views": day.views });
    json!({
        "from": from,
        "to": period.sum.business.day,
        "days": period.days.iter().map(day).collect::<Vec<_>>(),
        "sum": day(&period.sum),
    })
}

fn as_text(from: NaiveDate, period: &Period) -> String {
    let mut lines = vec![row(
        "day",
        ["placed", "paid", "expired", "cancelled"].map(str::to_owned),
        ["revenue", "given back", "net"].map(str::to_owned),
    )];
    let busy = period.days.iter().filter(|day| is_busy(&day.business));
    lines.extend(busy.map(|day| day_row(&day.business.day.to_string(), &day.business)));
    let sum = &period.sum.business;
    lines.push(day_row("all", sum));
    lines.push(String::new());
    lines.push(format!(
        "From {from} to {}; days without orders are left out.",
        sum.day
    ));
    lines.extend(further(&period.sum));
    lines.join("\n")
}

fn is_busy(day: &Daily) -> bool {
    [day.placed, day.paid, day.expired, day.cancelled] != [0; 4]
        || !day.revenue.is_zero()
        || !day.refunds.is_zero()
}

fn day_row(name: &str, day: &Daily) -> String {
    row(
        name,
        [day.placed, day.paid, day.expired, day.cancelled].map(|count| count.to_string()),
        [day.revenue, day.refunds, day.net].map(|amount| amount.to_string()),
    )
}

fn row(name: &str, counts: [String; 4], amounts: [String; 3]) -> String {
    let counts = counts.map(|count| format!("{count:>10}")).concat();
    let amounts = amounts.map(|amount| format!("{amount:>18}")).concat();
    format!("{name:<10}{counts}{amounts}")
}

/// What has no column, and what sold best.
fn further(sum: &Figures) -> Vec<String> {
    let (business, views) = (&sum.business, &sum.views);
    let mut lines = vec![
        format!(
            "Discounts {}, fees {}, deposits {}, new customers {}.",
            business.discounts, business.fees, business.deposits, business.new_customers
        ),
        format!(
            "Seen: lists {}, products {}, carts {}. Answered {} times, {} of them with an apology{}.",
            views.shelves,
            views.products,
            views.carts,
            views.answers,
            views.failures,
            match views.mean_millis() {
                Some(mean) => format!("; {mean} ms on average, {} ms at most", views.slowest),
                None => String::new(),
            }
        ),
    ];
    if !business.products.is_empty() {
        lines.push("Sold best, before discounts:".to_owned());
    }
    for sold in business.products.iter().take(NAMED) {
        let (units, name, revenue) = (sold.units, &sold.name, sold.revenue);
        lines.push(format!("  {units:>6} x {name}: {revenue}"));
    }
    lines
}
