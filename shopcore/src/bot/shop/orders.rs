//! My orders: how they stand, and their goods again.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::admin::refunds;
use super::{cart, checkout, goods, paging, products, proofs, terms};
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::menu;
use crate::bot::plugin::{Command, MenuEntry, Plugin};
use crate::bot::rich::Rich;
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx};
use crate::catalog::Visibility;
use crate::id::OrderId;
use crate::order::{Order, OrderNumber, OrderState};
use crate::service::OrderError;
use crate::store::OrderFilter;

/// Shows customers their orders.
#[derive(Debug, Clone, Copy)]
pub(super) struct MyOrders;

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Press {
    /// A page of the customer's orders.
    List(u32),
    /// An order.
    Show(OrderId),
    /// The goods of an order.
    Goods(OrderId),
    /// What was ordered into the cart once more.
    Again(OrderId),
}

impl Action for Press {
    const PLUGIN: &'static str = "orders";
}

#[async_trait]
impl Plugin for MyOrders {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    fn commands(&self, locale: Locale<'_>) -> Vec<Command> {
        let summary = t!(locale, "command-orders");
        vec![Command {
            name: "orders",
            summary,
            require: None,
        }]
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let button = Button::new(t!(locale, "button-orders"), &Press::List(0))?;
        Ok(vec![MenuEntry { place: 30, button }])
    }

    async fn on_command(&self, ctx: &Ctx<'_>, _: &str, args: &str) -> Result<(), BotError> {
        if args.is_empty() {
            return list(ctx, 0).await;
        }
        let number: OrderNumber = args.parse().map_err(|_| OrderError::Unknown)?;
        let order = ctx.shop().orders().by_number(&number).await?;
        show(ctx, order.id).await
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::List(page) => list(ctx, page).await,
            Press::Show(order) => show(ctx, order).await,
            Press::Goods(order) => hand_over(ctx, order).await,
            Press::Again(order) => buy_again(ctx, order).await,
        }
    }
}

/// The order, if it is the person's own.
async fn own(ctx: &Ctx<'_>, order: OrderId) -> Result<Order, BotError> {
    let order = ctx.shop().orders().get(order).await?;
    if order.customer == ctx.customer().id {
        Ok(order)
    } else {
        Err(OrderError::Unknown.into())
    }
}

async fn list(ctx: &Ctx<'_>, page: u32) -> Result<(), BotError> {
    let filter = OrderFilter {
        customer: Some(ctx.customer().id),
        state: None,
    };
    let book = ctx.shop().orders();
    let (page, orders) = paging::load(page, |rows| book.list(filter, rows)).await?;
    let view = if orders.total == 0 {
        View::text(t!(ctx, "orders-none")).row([Button::new(
            t!(ctx, "button-shop"),
            &products::Press::Shelves,
        )?])
    } else {
        let mut view = View::text(t!(ctx, "orders", count = orders.total));
        for order in &orders.items {
            view = view.row([Button::new(
                label(ctx.locale(), order),
                &Press::Show(order.id),
            )?]);
        }
        paging::turn(ctx, view, page, orders.total, Press::List)?
    };
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

/// An order on a button: its number, state and total.
pub(super) fn label(to: Locale<'_>, order: &Order) -> Rich {
    let (number, total) = (&order.number, order.totals.total);
    t!(
        to,
        "button-an-order",
        number = number,
        state = state(to, order.state),
        total = total
    )
}

/// A state as people read it.
pub(super) fn state(to: Locale<'_>, state: OrderState) -> Rich {
    match state {
        OrderState::AwaitingPayment => t!(to, "state-awaiting-payment"),
        OrderState::Paid => t!(to, "state-paid"),
        OrderState::Delivered => t!(to, "state-delivered"),
        OrderState::Cancelled => t!(to, "state-cancelled"),
        OrderState::Expired => t!(to, "state-expired"),
        OrderState::Refunded => t!(to, "state-refunded"),
    }
}

/// What was bought, what it cost, and how it stands.
pub(super) fn describe(to: Locale<'_>, order: &Order) -> Rich {
    let placed = to.moment(order.placed_at);
    let heading = t!(
        to,
        "order",
        number = &order.number,
        state = state(to, order.state)
    )
    .line(t!(to, "order-placed", at = placed));
    let lines = order.lines.iter().fold(heading, |text, line| {
        text.line(t!(
            to,
            "order-line",
            name = &line.name,
            quantity = line.quantity
        ))
    });
    let totals = order.totals;
    let lines = if totals.discount.is_zero() {
        lines
    } else {
        lines.line(t!(to, "order-discount", discount = totals.discount))
    };
    lines.line(t!(to, "order-total", total = totals.total))
}

async fn show(ctx: &Ctx<'_>, order: OrderId) -> Result<(), BotError> {
    let order = own(ctx, order).await?;
    let text = describe(ctx.locale(), &order).paragraph(refunds::history(ctx, &order).await?);
    let mut view = View::text(text);
    match order.state {
        OrderState::AwaitingPayment => {
            let shop = ctx.shop();
            if let Some(invoice) = shop.store().find_invoice_of(shop.id(), order.id).await? {
                let press = checkout::Press::Show(invoice.id);
                view = view.row([Button::new(t!(ctx, "button-pay"), &press)?]);
            }
        }
        OrderState::Paid | OrderState::Delivered => {
            view = view.row([
                Button::new(t!(ctx, "button-goods"), &Press::Goods(order.id))?,
                Button::new(t!(ctx, "button-again"), &Press::Again(order.id))?,
            ]);
            for button in terms::buttons(ctx, &order).await? {
                view = view.row([button]);
            }
        }
        OrderState::Cancelled | OrderState::Expired => {
            let shop = ctx.shop();
            if let Some(invoice) = shop.store().find_invoice_of(shop.id(), order.id).await?
                && shop.proofs().may_send(&invoice).await?
            {
                let press = proofs::Press(invoice.id);
                view = view.row([Button::new(t!(ctx, "button-proof-send"), &press)?]);
            }
        }
        OrderState::Refunded => {}
    }
    let view = view.row([Button::new(t!(ctx, "button-orders"), &Press::List(0))?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

/// Puts what was ordered into the cart once more, as far as it is still sold, at today's prices.
async fn buy_again(ctx: &Ctx<'_>, order: OrderId) -> Result<(), BotError> {
    let order = own(ctx, order).await?;
    let (customer, carts) = (ctx.customer().id, ctx.shop().carts());
    let products: Vec<_> = order.lines.iter().map(|line| line.product).collect();
    let (store, shop) = (ctx.shop().store(), ctx.shop().id());
    let offers = store.get_offers(shop, &products, u64::MAX).await?;
    for line in &order.lines {
        let offer = offers.iter().find(|offer| offer.product.id == line.product);
        let sold = offer.filter(|offer| offer.product.visibility == Visibility::Listed);
        if let Some(offer) = sold {
            let price = offer.product.price;
            carts
                .set(customer, line.product, line.quantity, price)
                .await?;
        }
    }
    cart::show(ctx, 0).await
}

async fn hand_over(ctx: &Ctx<'_>, order: OrderId) -> Result<(), BotError> {
    let order = own(ctx, order).await?;
    let found = ctx.shop().orders().goods(&ctx.buyer(), order.id).await?;
    let views = goods::views(ctx.shop(), ctx.locale(), &order, &found, ctx.limits()).await?;
    for view in views {
        ctx.reply(view).await?;
    }
    Ok(())
}
