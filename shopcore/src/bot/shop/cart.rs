//! The cart: what is in it at the prices of now, and the way to the order.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{checkout, paging, products};
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::apology;
use crate::bot::dialog::{Answer, Open, Question, State};
use crate::bot::menu;
use crate::bot::plugin::{Command, MenuEntry, Plugin};
use crate::bot::rich::Rich;
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx};
use crate::cart::Change;
use crate::id::ProductId;
use crate::money::Money;
use crate::service::{CartError, CartView, CartViewLine, CheckoutError};
use crate::telemetry::Glance;
use crate::text::VoucherCode;
use crate::voucher::VoucherRefusal;

/// Keeps the cart and places orders.
#[derive(Debug, Clone, Copy)]
pub(super) struct Basket;

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Press {
    /// A page of the cart.
    Show(u32),
    /// Puts more of a product in, at the price that was shown.
    Add(ProductId, u32, Money),
    /// Changes how many of a product are in, at the price that was accepted.
    Set(ProductId, u32, Money),
    /// Asks for a voucher.
    Voucher,
    /// Uses no voucher.
    DropVoucher,
    /// Accepts what changed.
    Accept,
    /// Asks whether to take everything out.
    Clear,
    /// Places the order.
    Order,
    /// Takes everything out.
    ClearSurely,
}

impl Action for Press {
    const PLUGIN: &'static str = "cart";
}

/// Waits for the code of a voucher.
#[derive(Debug, Serialize, Deserialize)]
struct AskingVoucher;

impl State for AskingVoucher {
    const PLUGIN: &'static str = Press::PLUGIN;
}

#[async_trait]
impl Plugin for Basket {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    fn commands(&self, locale: Locale<'_>) -> Vec<Command> {
        let summary = t!(locale, "command-cart");
        vec![Command {
            name: "cart",
            summary,
            require: None,
        }]
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let button = Button::new(t!(locale, "button-cart"), &Press::Show(0))?;
        Ok(vec![MenuEntry { place: 20, button }])
    }

    async fn on_command(&self, ctx: &Ctx<'_>, _: &str, _: &str) -> Result<(), BotError> {
        show(ctx, 0).await
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        let (carts, customer) = (ctx.shop().carts(), ctx.customer().id);
        match ctx.open(action)? {
            Press::Show(page) => return show(ctx, page).await,
            Press::Voucher => return ask_voucher(ctx, t!(ctx, "voucher-ask")).await,
            Press::Order => return order(ctx).await,
            Press::Clear => return ask_to_clear(ctx).await,
            Press::Add(product, more, price) => return add(ctx, product, more, price).await,
            Press::Set(product, quantity, price) => {
                carts.set(customer, product, quantity, price).await?;
            }
            Press::DropVoucher => drop(carts.set_voucher(customer, None).await?),
            Press::Accept => drop(carts.accept(customer).await?),
            Press::ClearSurely => drop(carts.clear(customer).await?),
        }
        show(ctx, 0).await
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        let AskingVoucher = dialog.state(ctx)?;
        match answer {
            Answer::Text(code) => use_voucher(ctx, code).await,
            Answer::File { .. } | Answer::Choice(_) => {
                ask_voucher(ctx, t!(ctx, "voucher-ask")).await
            }
        }
    }
}

/// Puts more of a product in, never more than there are.
async fn add(ctx: &Ctx<'_>, product: ProductId, more: u32, price: Money) -> Result<(), BotError> {
    let customer = ctx.customer().id;
    let offer = ctx.shop().catalog().offer(product).await?;
    if offer.available.is_none() {
        ctx.remark(&t!(ctx, "card-sold-out"));
        return products::card(ctx, product).await;
    }
    let cart = ctx.shop().carts().view(customer).await?.cart;
    let wanted = cart.quantity(product).saturating_add(more);
    ctx.shop()
        .carts()
        .set(customer, product, wanted, price)
        .await?;
    ctx.remark(&t!(ctx, "cart-added", name = &offer.product.name));
    show(ctx, 0).await
}

pub(super) async fn show(ctx: &Ctx<'_>, page: u32) -> Result<(), BotError> {
    ctx.shop().figures().count(Glance::Cart);
    let cart = ctx.shop().carts().view(ctx.customer().id).await?;
    ctx.show(draw(ctx, &cart, page)?).await?;
    Ok(())
}

fn draw(ctx: &Ctx<'_>, cart: &CartView, page: u32) -> Result<View, BotError> {
    if cart.lines.is_empty() {
        let view = View::text(t!(ctx, "cart-empty")).row([Button::new(
            t!(ctx, "button-shop"),
            &products::Press::Shelves,
        )?]);
        return menu::offer(view, ctx);
    }
    let total = u64::try_from(cart.lines.len()).unwrap_or(u64::MAX);
    let page = paging::clamp(page, total);
    let numbered: Vec<_> = (1_u32..).zip(&cart.lines).collect();
    let offset = usize::try_from(paging::rows(page).offset).unwrap_or(0);
    let rows = usize::try_from(paging::ROWS).unwrap_or(usize::MAX);
    let shown: Vec<_> = numbered.into_iter().skip(offset).take(rows).collect();
    let text = shown
        .iter()
        .fold(t!(ctx, "cart", count = total), |text, (number, line)| {
            text.line(describe(ctx, *number, line))
        });
    let mut view = View::text(text.paragraph(sums(ctx, cart)));
    for (number, line) in shown {
        view = view.row(line_buttons(ctx, number, line)?);
    }
    view = paging::turn(ctx, view, page, total, Press::Show)?;
    closing_buttons(ctx, view, cart)
}

fn describe(ctx: &Ctx<'_>, number: u32, line: &CartViewLine) -> Rich {
    let quantity = line.line.quantity;
    let text = match &line.offer {
        Some(offer) => {
            let (name, price) = (&offer.product.name, offer.product.price);
            t!(
                ctx,
                "cart-line",
                number = number,
                name = name,
                quantity = quantity,
                price = price
            )
        }
        None => t!(ctx, "cart-line-gone", number = number, quantity = quantity),
    };
    match &line.change {
        None => text,
        Some(Change::Price { accepted, now, .. }) => {
            text.line(t!(ctx, "cart-price-changed", was = accepted, now = now))
        }
        Some(Change::Fewer { available: 0, .. }) => text.line(t!(ctx, "cart-sold-out")),
        Some(Change::Fewer { available, .. }) => {
            text.line(t!(ctx, "cart-fewer", left = *available))
        }
        Some(Change::Gone { .. }) => text.line(t!(ctx, "cart-gone")),
    }
}

fn sums(ctx: &Ctx<'_>, cart: &CartView) -> Rich {
    let total = t!(ctx, "cart-total", total = cart.total);
    let text = match (&cart.voucher, &cart.cart.voucher) {
        (Some(Ok(voucher)), _) => t!(ctx, "cart-subtotal", subtotal = cart.subtotal)
            .line(t!(
                ctx,
                "cart-discount",
                code = &voucher.code,
                discount = cart.discount
            ))
            .line(total),
        (Some(Err(refusal)), Some(code)) => t!(ctx, "cart-voucher-refused", code = code)
            .then(Rich::plain(" "))
            .then(apology::voucher_refused(refusal, ctx.locale()))
            .line(total),
        (Some(Err(_)) | None, _) => total,
    };
    if cart.is_changed() {
        return text.paragraph(t!(ctx, "cart-changed"));
    }
    text
}

fn line_buttons(ctx: &Ctx<'_>, number: u32, line: &CartViewLine) -> Result<Vec<Button>, PackError> {
    let line = &line.line;
    let set = |quantity| Press::Set(line.product, quantity, line.accepted);
    let fewer = line.quantity.saturating_sub(1);
    Ok(vec![
        Button::new(t!(ctx, "button-less", number = number), &set(fewer))?,
        Button::new(
            t!(ctx, "button-more", number = number),
            &set(line.quantity.saturating_add(1)),
        )?,
        Button::new(t!(ctx, "button-remove", number = number), &set(0))?,
    ])
}

fn closing_buttons(ctx: &Ctx<'_>, view: View, cart: &CartView) -> Result<View, BotError> {
    let onward = if cart.is_changed() {
        Button::new(t!(ctx, "button-accept"), &Press::Accept)?
    } else {
        Button::new(t!(ctx, "button-order", total = cart.total), &Press::Order)?
    };
    let voucher = match cart.cart.voucher {
        Some(_) => Button::new(t!(ctx, "button-drop-voucher"), &Press::DropVoucher)?,
        None => Button::new(t!(ctx, "button-voucher"), &Press::Voucher)?,
    };
    let view = view
        .row([onward])
        .row([
            voucher,
            Button::new(t!(ctx, "button-clear"), &Press::Clear)?,
        ])
        .row([Button::new(
            t!(ctx, "button-shop"),
            &products::Press::Shelves,
        )?]);
    menu::offer(view, ctx)
}

async fn ask_to_clear(ctx: &Ctx<'_>) -> Result<(), BotError> {
    let view = View::text(t!(ctx, "clear-sure"))
        .row([Button::new(
            t!(ctx, "button-clear-yes"),
            &Press::ClearSurely,
        )?])
        .row([Button::new(t!(ctx, "button-back"), &Press::Show(0))?]);
    ctx.show(view).await?;
    Ok(())
}

async fn ask_voucher(ctx: &Ctx<'_>, text: Rich) -> Result<(), BotError> {
    ctx.ask(&AskingVoucher, Question::line(text)).await
}

async fn use_voucher(ctx: &Ctx<'_>, typed: &str) -> Result<(), BotError> {
    let customer = ctx.customer().id;
    let Ok(code) = VoucherCode::parse(typed) else {
        return ask_voucher(ctx, t!(ctx, "voucher-unknown")).await;
    };
    match ctx.shop().carts().set_voucher(customer, Some(code)).await {
        Ok(_) => {
            ctx.leave_dialog().await?;
            show(ctx, 0).await
        }
        Err(CartError::Voucher(VoucherRefusal::Unknown)) => {
            ask_voucher(ctx, t!(ctx, "voucher-unknown")).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Places the order; where the cart is not what was seen, it is shown again instead.
async fn order(ctx: &Ctx<'_>) -> Result<(), BotError> {
    let checkout = ctx.shop().checkout();
    let placed = checkout
        .place_cart(ctx.chat(), ctx.customer().id, ctx.request_key())
        .await;
    match placed {
        Ok(placed) => checkout::present(ctx, placed.invoice.id).await,
        Err(CheckoutError::Changed(_) | CheckoutError::Voucher(_) | CheckoutError::Empty) => {
            ctx.remark(&t!(ctx, "order-not-placed"));
            show(ctx, 0).await
        }
        Err(error) => Err(error.into()),
    }
}
