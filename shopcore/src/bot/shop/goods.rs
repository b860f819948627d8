//! Goods: the contents of a paid order as messages.

use crate::Shop;
use crate::bot::BotError;
use crate::bot::frontend::Limits;
use crate::bot::menu;
use crate::bot::rich::{Rich, Style};
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Media, View};
use crate::order::Order;
use crate::service::Goods;
use crate::stock::Content;

/// The messages that hand over an order's goods: the texts in one, or in a file where they are
/// too long, and each file in one of its own.
pub(in crate::bot) async fn views(
    shop: &Shop,
    locale: Locale<'_>,
    order: &Order,
    goods: &[Goods],
    limits: Limits,
) -> Result<Vec<View>, BotError> {
    let heading = t!(locale, "goods", number = &order.number);
    let terms = terms(shop, locale, order).await?;
    let shown = goods.iter().fold(heading.clone(), |text, goods| {
        let name = t!(
            locale,
            "order-line",
            name = &goods.line.name,
            quantity = goods.line.quantity
        );
        entries(goods)
            .into_iter()
            .fold(text.paragraph(name), Rich::line)
    });
    let whole = shown.paragraph(terms.clone());
    let mut views = if whole.len_utf16() <= limits.text {
        vec![View::text(whole)]
    } else {
        let text = heading.paragraph(t!(locale, "goods-in-file"));
        let file = Media::File {
            name: format!("order-{}.txt", order.number),
            bytes: listing(goods).into_bytes(),
        };
        let terms = Some(terms)
            .filter(|terms| !terms.is_empty())
            .map(View::text);
        [View::text(text).media(file)]
            .into_iter()
            .chain(terms)
            .collect()
    };
    for goods in goods {
        views.extend(goods.contents.iter().filter_map(|content| match content {
            Content::Text(_) => None,
            Content::File { name, bytes } => {
                let media = Media::File {
                    name: name.clone(),
                    bytes: bytes.clone(),
                };
                let caption = t!(locale, "goods-file", name = &goods.line.name);
                Some(View::text(caption).media(media))
            }
        }));
    }
    if let Some(last) = views.pop() {
        views.push(last.row([menu::button(locale)?]));
    }
    Ok(views)
}

fn texts(goods: &Goods) -> impl Iterator<Item = &str> {
    goods.contents.iter().filter_map(|content| match content {
        Content::Text(text) => Some(text.as_str()),
        Content::File { .. } => None,
    })
}

/// The texts one below the other, numbered where there are several.
fn entries(goods: &Goods) -> Vec<Rich> {
    let shown: Vec<_> = texts(goods).map(verbatim).collect();
    if shown.len() < 2 {
        return shown;
    }
    let numbered = (1_u32..).zip(shown);
    numbered
        .map(|(number, text)| Rich::plain(format!("{number}. ")).then(text))
        .collect()
}

fn verbatim(text: &str) -> Rich {
    let style = if text.contains('\n') {
        Style::Pre
    } else {
        Style::Code
    };
    Rich::styled(text, style)
}

/// The texts as a file: each product's name with its contents below, a blank line between.
fn listing(goods: &[Goods]) -> String {
    let parts = goods.iter().map(|goods| {
        let name = goods.line.name.to_string();
        // One a line is left as it is, for other programs to read.
        if texts(goods).any(|text| text.contains('\n')) {
            let numbered = (1_u32..).zip(texts(goods));
            numbered.fold(name, |part, (number, text)| {
                part + &format!("\n{number}.\n{text}")
            })
        } else {
            texts(goods).fold(name, |part, text| part + "\n" + text)
        }
    });
    parts.collect::<Vec<_>>().join("\n\n") + "\n"
}

async fn terms(shop: &Shop, locale: Locale<'_>, order: &Order) -> Result<Rich, BotError> {
    let products: Vec<_> = order.lines.iter().map(|line| line.product).collect();
    let offers = shop.store().get_offers(shop.id(), &products, 0).await?;
    let with_terms = offers.iter().filter_map(|offer| {
        offer
            .product
            .terms
            .as_ref()
            .map(|terms| (&offer.product.name, terms))
    });
    Ok(with_terms.fold(Rich::new(), |text, (name, terms)| {
        let heading = t!(locale, "goods-terms", name = name);
        text.paragraph(heading.line(Rich::plain(terms.as_str())))
    }))
}
