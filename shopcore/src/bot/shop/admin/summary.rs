//! Summaries: what happened in someone's quiet hours, told when they end.

use std::collections::BTreeMap;

use super::{orders, reviews};
use crate::Shop;
use crate::bot::BotError;
use crate::bot::desk::Desk;
use crate::bot::frontend::FrontendError;
use crate::bot::news::{News, Piece, Pile, Wishes};
use crate::bot::notices;
use crate::bot::permission::Permission;
use crate::bot::rich::Rich;
use crate::bot::shop::{contact, orders as mine};
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, View};
use crate::id::CustomerId;

/// Pieces of news that are told one by one; the others are counted.
const LINES_MAX: usize = 20;

/// Tells everyone whose quiet hours are over what waits for them.
pub(super) async fn bring(desk: &Desk<'_>) -> Result<(), BotError> {
    let shop = desk.shop();
    for (who, pile) in Pile::all(shop).await? {
        let wishes = Wishes::of(shop, who).await?;
        if wishes.is_quiet(shop.now(), shop.settings().zone) {
            continue;
        }
        if let Err(error) = bring_one(desk, who, pile).await {
            tracing::info!(%error, customer = %who, "a summary waits: it could not be sent");
        }
    }
    Ok(())
}

async fn bring_one(desk: &Desk<'_>, who: CustomerId, pile: Pile) -> Result<(), BotError> {
    let shop = desk.shop();
    let person = shop.customers().get(who).await?;
    let mut permitted = Vec::new();
    for news in News::ALL {
        let team = desk.team(news.permission()).await?;
        if team.contains(&person.contact) {
            permitted.push(news);
        }
    }
    let locale = desk.locale_of(&person);
    let mut news = pile.news.clone();
    news.retain(|(kind, _)| permitted.contains(kind));
    if !news.is_empty() && desk.serves(&person.chat) {
        let mut summary = View::text(text(shop, locale, &news).await?);
        for (needed, button) in ways(locale)? {
            if desk.team(needed).await?.contains(&person.contact) {
                summary = summary.row([button]);
            }
        }
        match desk.send(&person.chat, summary).await {
            Ok(_) | Err(FrontendError::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    } else if !news.is_empty() {
        return Ok(());
    }
    pile.forget(shop).await
}

fn ways(locale: Locale<'_>) -> Result<[(Permission, Button); 3], BotError> {
    let (all, cases) = (orders::Press::List(None, 0), reviews::Press::List(0));
    let letters = contact::Press::Inbox(0);
    Ok([
        (
            Permission::Orders,
            Button::new(t!(locale, "button-all-orders"), &all)?,
        ),
        (
            Permission::Reviews,
            Button::new(t!(locale, "button-cases"), &cases)?,
        ),
        (
            Permission::Customers,
            Button::new(t!(locale, "button-letters"), &letters)?,
        ),
    ])
}

async fn text(shop: &Shop, to: Locale<'_>, news: &[(News, Piece)]) -> Result<Rich, BotError> {
    let mut counts: BTreeMap<News, u64> = BTreeMap::new();
    for (kind, _) in news {
        *counts.entry(*kind).or_default() += 1;
    }
    let mut text = counts
        .into_iter()
        .fold(t!(to, "summary"), |text, (kind, count)| {
            let what = super::notices::name(to, kind).to_string();
            text.line(t!(to, "summary-count", what = what, count = count))
        });
    let mut lines = Rich::new();
    for (_, piece) in news.iter().take(LINES_MAX) {
        lines = lines.line(line(shop, to, piece).await);
    }
    text = text.paragraph(lines);
    let rest = news.len().saturating_sub(LINES_MAX);
    Ok(match rest {
        0 => text,
        rest => text.line(t!(to, "summary-more", count = rest)),
    })
}

/// A piece of news in a line, as things stand now; what can't be told any more is left out.
async fn line(shop: &Shop, to: Locale<'_>, piece: &Piece) -> Rich {
    let told = match piece {
        Piece::Notice(notice) => notices::view(shop, to, notice)
            .await
            .map(|told| told.view.text),
        Piece::Invoice(invoice) => match shop.checkout().invoice(*invoice).await {
            Ok(seen) => Ok(match &seen.order {
                Some(order) => mine::label(to, order),
                None => t!(to, "subject-deposit", amount = seen.invoice.amount),
            }),
            Err(error) => Err(error.into()),
        },
    };
    told.unwrap_or_else(|error| {
        tracing::warn!(%error, "a piece of news can't be told any more");
        Rich::new()
    })
}
