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
    pages_of(ROWS, total)
}

/// How many pages of `size` rows `total` rows fill, at least one.
pub(super) fn pages_of(size: u32, total: u64) -> u64 {
    total.div_ceil(u64::from(size)).max(1)
}

/// The page to show where `page` was asked for: the last one where the list became shorter.
pub(super) fn clamp(page: u32, total: u64) -> u32 {
    clamp_of(ROWS, page, total)
}

/// The page of `size` rows to show where `page` was asked for.
pub(super) fn clamp_of(size: u32, page: u32, total: u64) -> u32 {
    let last = pages_of(size, total).saturating_sub(1);
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
    turn_of(ctx, view, ROWS, (page, total), to)
}

/// Adds the buttons that turn pages of `size` rows, where there are several.
pub(super) fn turn_of<A: Action>(
    ctx: &Ctx<'_>,
    view: View,
    size: u32,
    (page, total): (u32, u64),
    to: impl Fn(u32) -> A,
) -> Result<View, PackError> {
    let mut row = Vec::new();
    if page > 0 {
        row.push(Button::new(t!(ctx, "button-previous"), &to(page - 1))?);
    }
    if u64::from(page) + 1 < pages_of(size, total) {
        row.push(Button::new(
            t!(ctx, "button-next"),
            &to(page.saturating_add(1)),
        )?);
    }
    Ok(view.row(row))
}
