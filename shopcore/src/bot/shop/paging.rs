//! Paging: a long list as pages with buttons to turn them.

use crate::bot::Ctx;
use crate::bot::action::{Action, PackError};
use crate::bot::texts::t;
use crate::bot::view::{Button, View};
use crate::store::{Listing, Page};

/// Rows of a page of a list.
pub(super) const ROWS: u32 = 8;

/// The rows of the page of this number, from 0.
pub(super) fn rows(page: u32) -> Page {
    Page::number(page, ROWS)
}

/// How many pages `total` rows fill, at least one.
pub(super) fn pages(total: u64) -> u64 {
    total.div_ceil(u64::from(ROWS)).max(1)
}

/// The page to show where `page` was asked for: the last one where the list became shorter.
pub(super) fn clamp(page: u32, total: u64) -> u32 {
    let last = pages(total).saturating_sub(1);
    page.min(u32::try_from(last).unwrap_or(u32::MAX))
}

/// The page that was asked for, or the last one where the list became shorter.
pub(super) async fn load<T, E, F: Future<Output = Result<Listing<T>, E>>>(
    page: u32,
    list: impl Fn(Page) -> F,
) -> Result<(u32, Listing<T>), E> {
    let listing = list(rows(page)).await?;
    let last = clamp(page, listing.total);
    if last == page {
        return Ok((page, listing));
    }
    Ok((last, list(rows(last)).await?))
}

/// Adds the buttons that turn the pages, where there are several.
pub(super) fn turn<A: Action>(
    ctx: &Ctx<'_>,
    view: View,
    page: u32,
    total: u64,
    to: impl Fn(u32) -> A,
) -> Result<View, PackError> {
    let mut row = Vec::new();
    if page > 0 {
        row.push(Button::new(t!(ctx, "button-previous"), &to(page - 1))?);
    }
    if u64::from(page) + 1 < pages(total) {
        row.push(Button::new(
            t!(ctx, "button-next"),
            &to(page.saturating_add(1)),
        )?);
    }
    Ok(view.row(row))
}
