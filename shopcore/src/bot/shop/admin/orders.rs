//! Everyone's orders, by state.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{calculator, customers, refunds};
use crate::audit::Actor;
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::dialog::{Answer, Open, Question, State};
use crate::bot::menu;
use crate::bot::permission::Permission;
use crate::bot::plugin::{Command, MenuEntry, Plugin};
use crate::bot::rich::Rich;
use crate::bot::shop::{orders as mine, paging};
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, Media, View};
use crate::bot::{BotError, Ctx};
use crate::id::OrderId;
use crate::invoice::ChargeState;
use crate::order::{Order, OrderNumber, OrderState};
use crate::service::OrderError;
use crate::store::{CustomerFilter, OrderFilter};

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
    /// Asks which order to look for.
    Search,
    /// What was done about an order.
    History(OrderId),
    /// Hands the goods over once more.
    Resend(OrderId),
    /// Asks whether to give an order up.
    Cancel(OrderId),
    /// Gives it up.
    CancelSurely(OrderId),
    /// Sends the orders in a state, or all, as a table.
    Export(Option<OrderState>),
}

/// Waits for the number of an order, or for the name of who placed it.
#[derive(Debug, Serialize, Deserialize)]
struct Searching;

impl State for Searching {
    const PLUGIN: &'static str = Press::PLUGIN;

    fn require(&self) -> Option<Permission> {
        Some(Permission::Orders)
    }
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
        find(ctx, args).await
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::List(state, page) => list(ctx, state, page).await,
            Press::Filter => filter(ctx).await,
            Press::Show(order) => show(ctx, order).await,
            Press::Search => ask(ctx, None).await,
            Press::History(order) => history(ctx, order).await,
            Press::Resend(order) => {
                let actor = ctx.admin(Permission::Orders)?;
                ctx.shop().orders().resend(&actor, order).await?;
                ctx.remark(&t!(ctx, "order-sent-again"));
                show(ctx, order).await
            }
            Press::Cancel(order) => ask_to_cancel(ctx, order).await,
            Press::CancelSurely(order) => cancel(ctx, order).await,
            Press::Export(state) => export(ctx, state).await,
        }
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        let Searching = dialog.state(ctx)?;
        match answer {
            Answer::Text(words) => find(ctx, words).await,
            Answer::File { .. } | Answer::Choice(_) => ask(ctx, None).await,
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
        Some(state) => mine::state(ctx.locale(), state),
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
            mine::label(ctx.locale(), order),
            &Press::Show(order.id),
        )?]);
    }
    let view = paging::turn(ctx, view, page, orders.total, |page| {
        Press::List(state, page)
    })?;
    let mut view = view.row([
        Button::new(t!(ctx, "button-search"), &Press::Search)?,
        Button::new(t!(ctx, "button-filter"), &Press::Filter)?,
    ]);
    if orders.total > 0 {
        let export = Button::new(t!(ctx, "button-orders-table"), &Press::Export(state))?;
        view = view.row([export]);
    }
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

/// Sends a table of orders, as a file for a spreadsheet.
async fn export(ctx: &Ctx<'_>, state: Option<OrderState>) -> Result<(), BotError> {
    let actor = ctx.admin(Permission::Orders)?;
    let filter = OrderFilter {
        customer: None,
        state,
    };
    let table = ctx.shop().orders().table(&actor, filter).await?;
    let which = state.map_or("all", OrderState::as_str);
    let file = Media::File {
        name: format!("orders-{which}.csv"),
        bytes: table.csv,
    };
    let (rows, total) = (table.rows, table.total);
    let text = t!(ctx, "orders-table", count = rows, total = total);
    let back = Button::new(t!(ctx, "button-return"), &Press::List(state, 0))?;
    let view = View::text(text).media(file).row([back]);
    ctx.reply(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn ask(ctx: &Ctx<'_>, wrong: Option<Rich>) -> Result<(), BotError> {
    let text = wrong
        .unwrap_or_default()
        .paragraph(t!(ctx, "orders-search-ask"));
    ctx.ask(&Searching, Question::line(text)).await
}

/// Shows the order of a number, or the customers that the words fit, who have theirs.
async fn find(ctx: &Ctx<'_>, words: &str) -> Result<(), BotError> {
    if let Ok(number) = words.trim().parse::<OrderNumber>() {
        return match ctx.shop().orders().by_number(&number).await {
            Ok(order) => {
                ctx.leave_dialog().await?;
                show(ctx, order.id).await
            }
            Err(OrderError::Unknown) => ask(ctx, Some(t!(ctx, "orders-search-none"))).await,
            Err(error) => Err(error.into()),
        };
    }
    let filter = CustomerFilter {
        search: Some(words.trim().to_owned()),
        ..CustomerFilter::default()
    };
    let found = ctx
        .shop()
        .customers()
        .list(&filter, paging::rows(0))
        .await?;
    if words.trim().is_empty() || found.total == 0 {
        return ask(ctx, Some(t!(ctx, "orders-search-none"))).await;
    }
    ctx.leave_dialog().await?;
    let rows = found.items.iter().map(|customer| {
        let theirs = customers::Press::Orders(customer.id, 0);
        Button::new(customers::title(customer), &theirs)
    });
    let view = View::text(t!(ctx, "orders-search-whose", count = found.total));
    let view = view.rows(rows.collect::<Result<Vec<_>, _>>()?);
    ctx.reply(menu::offer(view, ctx)?).await?;
    Ok(())
}

/// Entries of a history that are shown.
const HISTORY: u32 = 30;

async fn history(ctx: &Ctx<'_>, id: OrderId) -> Result<(), BotError> {
    let order = ctx.shop().orders().get(id).await?;
    let records = ctx.shop().orders().history(&order, HISTORY).await?;
    let heading = t!(ctx, "order-history", number = &order.number);
    let text = records.iter().rev().fold(heading, |text, record| {
        text.line(t!(
            ctx,
            "order-history-line",
            at = ctx.moment(record.at),
            action = record.entry.action.as_str(),
            who = who(ctx, &record.actor)
        ))
    });
    let back = Button::new(t!(ctx, "button-return"), &Press::Show(id))?;
    ctx.show(menu::offer(View::text(text).row([back]), ctx)?)
        .await?;
    Ok(())
}

fn who(ctx: &Ctx<'_>, actor: &Actor) -> Rich {
    match actor {
        Actor::Customer(_) => t!(ctx, "actor-customer"),
        Actor::Admin(_) => t!(ctx, "actor-admin"),
        Actor::Operator => t!(ctx, "actor-operator"),
        Actor::Job(name) => t!(ctx, "actor-job", name = name.as_str()),
        Actor::Gateway(name) => t!(ctx, "actor-gateway", name = name),
    }
}

async fn ask_to_cancel(ctx: &Ctx<'_>, id: OrderId) -> Result<(), BotError> {
    let order = ctx.shop().orders().get(id).await?;
    let view = View::text(t!(ctx, "order-cancel-sure", number = &order.number)).row([
        Button::new(t!(ctx, "button-cancel-yes"), &Press::CancelSurely(id))?,
        Button::new(t!(ctx, "button-back"), &Press::Show(id))?,
    ]);
    ctx.show(view).await?;
    Ok(())
}

async fn cancel(ctx: &Ctx<'_>, id: OrderId) -> Result<(), BotError> {
    let (actor, shop) = (ctx.admin(Permission::Orders)?, ctx.shop());
    let invoice = shop.store().find_invoice_of(shop.id(), id).await?;
    let invoice = invoice.ok_or(OrderError::Unknown)?;
    shop.checkout().cancel(&actor, invoice.id).await?;
    show(ctx, id).await
}

async fn filter(ctx: &Ctx<'_>) -> Result<(), BotError> {
    let any = Button::new(t!(ctx, "all-orders-any"), &Press::List(None, 0))?;
    let mut view = View::text(t!(ctx, "all-orders-filter")).row([any]);
    for state in OrderState::ALL {
        view = view.row([Button::new(
            mine::state(ctx.locale(), state),
            &Press::List(Some(state), 0),
        )?]);
    }
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

pub(super) async fn show(ctx: &Ctx<'_>, order: OrderId) -> Result<(), BotError> {
    ctx.show(view(ctx, order).await?).await?;
    Ok(())
}

/// An order with what can be done about it.
pub(super) async fn view(ctx: &Ctx<'_>, order: OrderId) -> Result<View, BotError> {
    let order = ctx.shop().orders().get(order).await?;
    let buyer = ctx.shop().customers().get(order.customer).await?;
    let (name, contact) = (buyer.name.as_ref(), &buyer.contact);
    let name = name.map_or_else(String::new, ToString::to_string);
    let at = format!("{}/{}", contact.frontend, contact.external);
    let text = mine::describe(ctx.locale(), &order)
        .paragraph(t!(ctx, "order-buyer", name = name, at = at))
        .paragraph(charges(ctx, &order).await?)
        .paragraph(refunds::history(ctx, &order).await?);
    let mut view = View::text(text);
    match order.state {
        OrderState::AwaitingPayment => {
            let cancel = Press::Cancel(order.id);
            view = view.row([Button::new(t!(ctx, "button-cancel-order"), &cancel)?]);
        }
        OrderState::Paid | OrderState::Delivered => {
            let resend = Press::Resend(order.id);
            view = view.row([Button::new(t!(ctx, "button-resend"), &resend)?]);
        }
        OrderState::Cancelled | OrderState::Expired | OrderState::Refunded => {}
    }
    if refunds::is_refundable(&order) {
        let ask = refunds::Press::Ask(order.id);
        let reckon = calculator::Press::Start(order.id);
        view = view.row([
            Button::new(t!(ctx, "button-refund-order"), &ask)?,
            Button::new(t!(ctx, "button-calculator"), &reckon)?,
        ]);
    }
    let view = view
        .row([
            Button::new(t!(ctx, "button-order-history"), &Press::History(order.id))?,
            Button::new(
                t!(ctx, "button-order-customer"),
                &customers::Press::Show(order.customer),
            )?,
        ])
        .row([Button::new(
            t!(ctx, "button-all-orders"),
            &Press::List(None, 0),
        )?]);
    menu::offer(view, ctx)
}

/// Through which gateways an order was to be paid, and under which references.
async fn charges(ctx: &Ctx<'_>, order: &Order) -> Result<Rich, BotError> {
    let (store, shop) = (ctx.shop().store(), ctx.shop().id());
    let Some(invoice) = store.find_invoice_of(shop, order.id).await? else {
        return Ok(Rich::new());
    };
    let charges = store.list_charges(shop, invoice.id).await?;
    Ok(charges.iter().fold(Rich::new(), |text, charge| {
        let (gateway, amount) = (&charge.gateway, charge.payable);
        let reference = charge.reference.as_str();
        text.line(match charge.state {
            ChargeState::Paid => t!(
                ctx,
                "order-charge-paid",
                gateway = gateway,
                amount = amount,
                reference = reference
            ),
            ChargeState::Created
            | ChargeState::Open
            | ChargeState::Closed
            | ChargeState::Abandoned => t!(
                ctx,
                "order-charge",
                gateway = gateway,
                amount = amount,
                reference = reference
            ),
        })
    }))
}
