//! Everyone's orders, by state.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::refunds;
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::menu;
use crate::bot::permission::Permission;
use crate::bot::plugin::{Command, MenuEntry, Plugin};
use crate::bot::shop::{orders as mine, paging};
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx};
use crate::id::OrderId;
use crate::order::{OrderNumber, OrderState};
use crate::service::OrderError;
use crate::store::OrderFilter;

/// Shows everyone's orders.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct AllOrders;

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Press {
    /// A page of the orders in a state, or of all.
    List(Option<OrderState>, u32),
    /// The states to choose from.
    Filter,
    /// An order.
    Show(OrderId),
}

impl Action for Press {
    const PLUGIN: &'static str = "allorders";

    fn require(&self) -> Option<Permission> {
        Some(Permission::Orders)
    }
}

#[async_trait]
impl Plugin for AllOrders {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    fn commands(&self, locale: Locale<'_>) -> Vec<Command> {
        vec![Command {
            name: "allorders",
            summary: t!(locale, "command-allorders"),
            require: Some(Permission::Orders),
        }]
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let button = Button::new(t!(locale, "button-all-orders"), &Press::List(None, 0))?;
        Ok(vec![MenuEntry { place: 130, button }])
    }

    async fn on_command(&self, ctx: &Ctx<'_>, _: &str, args: &str) -> Result<(), BotError> {
        if args.is_empty() {
            return list(ctx, None, 0).await;
        }
        let number: OrderNumber = args.parse().map_err(|_| OrderError::Unknown)?;
        let order = ctx.shop().orders().by_number(&number).await?;
        show(ctx, order.id).await
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::List(state, page) => list(ctx, state, page).await,
            Press::Filter => filter(ctx).await,
            Press::Show(order) => show(ctx, order).await,
        }
    }
}

async fn list(ctx: &Ctx<'_>, state: Option<OrderState>, page: u32) -> Result<(), BotError> {
    let filter = OrderFilter {
        customer: None,
        state,
    };
    let book = ctx.shop().orders();
    let (page, orders) = paging::load(page, |rows| book.list(filter, rows)).await?;
    let which = match state {
        Some(state) => mine::state(ctx, state),
        None => t!(ctx, "all-orders-any"),
    };
    let text = if orders.total == 0 {
        t!(ctx, "all-orders-none", which = which)
    } else {
        t!(ctx, "all-orders", which = which, count = orders.total)
    };
    let mut view = View::text(text);
    for order in &orders.items {
        view = view.row([Button::new(
            mine::label(ctx, order),
            &Press::Show(order.id),
        )?]);
    }
    let view = paging::turn(ctx, view, page, orders.total, |page| {
        Press::List(state, page)
    })?;
    let view = view.row([Button::new(t!(ctx, "button-filter"), &Press::Filter)?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn filter(ctx: &Ctx<'_>) -> Result<(), BotError> {
    let any = Button::new(t!(ctx, "all-orders-any"), &Press::List(None, 0))?;
    let mut view = View::text(t!(ctx, "all-orders-filter")).row([any]);
    for state in OrderState::ALL {
        view = view.row([Button::new(
            mine::state(ctx, state),
            &Press::List(Some(state), 0),
        )?]);
    }
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

pub(super) async fn show(ctx: &Ctx<'_>, order: OrderId) -> Result<(), BotError> {
    let order = ctx.shop().orders().get(order).await?;
    let buyer = ctx.shop().customers().get(order.customer).await?;
    let (name, contact) = (buyer.name.as_ref(), &buyer.contact);
    let name = name.map_or_else(String::new, ToString::to_string);
    let at = format!("{}/{}", contact.frontend, contact.external);
    let text = mine::describe(ctx, &order)
        .paragraph(t!(ctx, "order-buyer", name = name, at = at))
        .paragraph(refunds::history(ctx, &order).await?);
    let mut view = View::text(text);
    if refunds::is_refundable(&order) {
        let ask = refunds::Press::Ask(order.id);
        view = view.row([Button::new(t!(ctx, "button-refund-order"), &ask)?]);
    }
    let back = Button::new(t!(ctx, "button-all-orders"), &Press::List(None, 0))?;
    ctx.show(menu::offer(view.row([back]), ctx)?).await?;
    Ok(())
}
