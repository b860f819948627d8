//! Customers as the team sees them: finding one, what they bought, and keeping them out.

use async_trait::async_trait;
use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::{adjusting, orders, writing};
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::dialog::{Answer, Open, Question, State};
use crate::bot::menu;
use crate::bot::permission::Permission;
use crate::bot::plugin::{Command, MenuEntry, Plugin};
use crate::bot::rich::Rich;
use crate::bot::shop::{orders as mine, paging, typed};
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx};
use crate::customer::{Customer, Reachability, Standing};
use crate::id::CustomerId;
use crate::store::{CustomerFilter, OrderFilter, Page};
use crate::text::Reason;

/// Shows customers, and bans them.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct Customers;

/// How long a ban lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::bot::shop) enum Term {
    Day,
    Week,
    Month,
    Ever,
}

impl Term {
    const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Ever];

    fn days(self) -> Option<i64> {
        match self {
            Self::Day => Some(1),
            Self::Week => Some(7),
            Self::Month => Some(30),
            Self::Ever => None,
        }
    }

    fn label(self, ctx: &Ctx<'_>) -> Rich {
        match self {
            Self::Day => t!(ctx, "button-ban-day"),
            Self::Week => t!(ctx, "button-ban-week"),
            Self::Month => t!(ctx, "button-ban-month"),
            Self::Ever => t!(ctx, "button-ban-ever"),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::bot::shop) enum Press {
    /// A page of all customers, or of those who are banned.
    List(Option<Standing>, u32),
    /// Asks whom to look for.
    Search,
    /// A customer.
    Show(CustomerId),
    /// A page of their orders.
    Orders(CustomerId, u32),
    /// Asks how long to keep them out.
    Ban(CustomerId),
    /// Asks why.
    BanFor(CustomerId, Term),
    /// Welcomes them again.
    Unban(CustomerId),
}

impl Action for Press {
    const PLUGIN: &'static str = "customers";

    fn require(&self) -> Option<Permission> {
        Some(Permission::Customers)
    }
}

/// Which answer is awaited.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Asking {
    Words,
    Reason(CustomerId, Term),
}

impl State for Asking {
    const PLUGIN: &'static str = Press::PLUGIN;

    fn require(&self) -> Option<Permission> {
        Some(Permission::Customers)
    }
}

#[async_trait]
impl Plugin for Customers {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    fn commands(&self, locale: Locale<'_>) -> Vec<Command> {
        vec![Command {
            name: "customers",
            summary: t!(locale, "command-customers"),
            require: Some(Permission::Customers),
        }]
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let button = Button::new(t!(locale, "button-customers"), &Press::List(None, 0))?;
        Ok(vec![MenuEntry { place: 150, button }])
    }

    async fn on_command(&self, ctx: &Ctx<'_>, _: &str, args: &str) -> Result<(), BotError> {
        if args.is_empty() {
            return list(ctx, None, 0).await;
        }
        find(ctx, args).await
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::List(standing, page) => list(ctx, standing, page).await,
            Press::Search => ask(ctx, Asking::Words, None).await,
            Press::Show(customer) => show(ctx, customer).await,
            Press::Orders(customer, page) => bought(ctx, customer, page).await,
            Press::Ban(customer) => {
                ctx.show(terms(ctx, customer).await?).await?;
                Ok(())
            }
            Press::BanFor(customer, term) => ask(ctx, Asking::Reason(customer, term), None).await,
            Press::Unban(customer) => {
                let actor = ctx.admin(Permission::Customers)?;
                let customers = ctx.shop().customers();
                customers
                    .set_standing(&actor, customer, Standing::Welcome, None, None)
                    .await?;
                show(ctx, customer).await
            }
        }
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        match (dialog.state(ctx)?, answer) {
            (Asking::Words, Answer::Text(words)) => find(ctx, words).await,
            (Asking::Reason(customer, term), Answer::Text(text)) => {
                ban(ctx, customer, term, text).await
            }
            (asking, Answer::File { .. }) => ask(ctx, asking, None).await,
            (_, Answer::Choice(_)) => Err(BotError::Stale),
        }
    }
}

async fn ask(ctx: &Ctx<'_>, asking: Asking, wrong: Option<Rich>) -> Result<(), BotError> {
    let text = match asking {
        Asking::Words => t!(ctx, "customers-ask"),
        Asking::Reason(..) => t!(ctx, "ban-ask-reason"),
    };
    let question = Question::line(wrong.unwrap_or_default().paragraph(text));
    ctx.ask(&asking, question).await
}

async fn list(ctx: &Ctx<'_>, standing: Option<Standing>, page: u32) -> Result<(), BotError> {
    let filter = CustomerFilter {
        standing,
        ..CustomerFilter::default()
    };
    let customers = ctx.shop().customers();
    let (page, found) = paging::load(page, |rows| customers.list(&filter, rows)).await?;
    let text = match (standing, found.total) {
        (_, 0) => t!(ctx, "customers-none"),
        (Some(Standing::Banned), count) => t!(ctx, "customers-banned", count = count),
        (Some(Standing::Welcome) | None, count) => t!(ctx, "customers", count = count),
    };
    let view = rows(ctx, View::text(text), &found.items)?;
    let to = |page| Press::List(standing, page);
    let view = paging::turn(ctx, view, page, found.total, to)?;
    let other = match standing {
        Some(_) => Button::new(t!(ctx, "button-customers"), &Press::List(None, 0))?,
        None => {
            let banned = Press::List(Some(Standing::Banned), 0);
            Button::new(t!(ctx, "button-banned"), &banned)?
        }
    };
    let search = Button::new(t!(ctx, "button-search"), &Press::Search)?;
    ctx.show(menu::offer(view.row([search, other]), ctx)?)
        .await?;
    Ok(())
}

fn rows(ctx: &Ctx<'_>, view: View, customers: &[Customer]) -> Result<View, PackError> {
    customers.iter().try_fold(view, |view, customer| {
        let label = match customer.standing {
            Standing::Welcome => t!(ctx, "button-a-customer", name = title(customer)),
            Standing::Banned => t!(ctx, "button-a-banned", name = title(customer)),
        };
        Ok(view.row([Button::new(label, &Press::Show(customer.id))?]))
    })
}

/// What a customer is called: their name, else their id on their platform.
pub(in crate::bot::shop) fn title(customer: &Customer) -> String {
    match &customer.name {
        Some(name) => name.to_string(),
        None => customer.contact.external.to_string(),
    }
}

async fn find(ctx: &Ctx<'_>, words: &str) -> Result<(), BotError> {
    let words = words.trim();
    if words.is_empty() {
        return ask(ctx, Asking::Words, None).await;
    }
    ctx.leave_dialog().await?;
    let filter = CustomerFilter {
        search: Some(words.to_owned()),
        ..CustomerFilter::default()
    };
    let found = ctx
        .shop()
        .customers()
        .list(&filter, paging::rows(0))
        .await?;
    let text = match found.total {
        0 => t!(ctx, "customers-found-none"),
        total => t!(
            ctx,
            "customers-found",
            count = total,
            shown = found.items.len()
        ),
    };
    let view = rows(ctx, View::text(text), &found.items)?.row([
        Button::new(t!(ctx, "button-search"), &Press::Search)?,
        Button::new(t!(ctx, "button-customers"), &Press::List(None, 0))?,
    ]);
    ctx.reply(menu::offer(view, ctx)?).await?;
    Ok(())
}

/// Shows a customer with what can be done about them.
pub(super) async fn show(ctx: &Ctx<'_>, id: CustomerId) -> Result<(), BotError> {
    ctx.show(view(ctx, id).await?).await?;
    Ok(())
}

/// A customer with what can be done about them.
pub(in crate::bot::shop) async fn view(ctx: &Ctx<'_>, id: CustomerId) -> Result<View, BotError> {
    let customer = ctx.shop().customers().get(id).await?;
    let view = View::text(describe(ctx, &customer).await?);
    let standing = match customer.standing {
        Standing::Welcome => Button::new(t!(ctx, "button-ban"), &Press::Ban(id))?,
        Standing::Banned => Button::new(t!(ctx, "button-unban"), &Press::Unban(id))?,
    };
    let view = view
        .row([Button::new(
            t!(ctx, "button-their-orders"),
            &Press::Orders(id, 0),
        )?])
        .row([
            Button::new(
                t!(ctx, "button-credit-wallet"),
                &adjusting::Press::Credit(id),
            )?,
            Button::new(t!(ctx, "button-debit-wallet"), &adjusting::Press::Debit(id))?,
        ])
        .row([
            Button::new(t!(ctx, "button-write"), &writing::Press(id))?,
            standing,
        ])
        .row([Button::new(
            t!(ctx, "button-customers"),
            &Press::List(None, 0),
        )?]);
    menu::offer(view, ctx)
}

async fn describe(ctx: &Ctx<'_>, customer: &Customer) -> Result<Rich, BotError> {
    let theirs = OrderFilter {
        customer: Some(customer.id),
        state: None,
    };
    let orders = ctx.shop().orders().list(theirs, Page::first(1)).await?;
    let balance = ctx.shop().wallet().balance(customer.id).await?;
    let contact = &customer.contact;
    let text = t!(
        ctx,
        "customer",
        name = title(customer),
        at = format!("{}/{}", contact.frontend, contact.external),
        since = ctx.moment(customer.created_at),
        orders = orders.total,
        balance = balance
    );
    let text = match (customer.standing, customer.banned_until) {
        (Standing::Welcome, _) => text,
        (Standing::Banned, Some(until)) => {
            text.line(t!(ctx, "customer-banned-until", until = ctx.moment(until)))
        }
        (Standing::Banned, None) => text.line(t!(ctx, "customer-banned")),
    };
    Ok(match customer.reachability {
        Reachability::Reachable => text,
        Reachability::Blocked => text.line(t!(ctx, "customer-blocked")),
    })
}

async fn bought(ctx: &Ctx<'_>, id: CustomerId, page: u32) -> Result<(), BotError> {
    ctx.require(Some(Permission::Orders))?;
    let filter = OrderFilter {
        customer: Some(id),
        state: None,
    };
    let book = ctx.shop().orders();
    let (page, found) = paging::load(page, |rows| book.list(filter, rows)).await?;
    let mut view = View::text(match found.total {
        0 => t!(ctx, "customer-orders-none"),
        count => t!(ctx, "customer-orders", count = count),
    });
    for order in &found.items {
        let label = mine::label(ctx.locale(), order);
        view = view.row([Button::new(label, &orders::Press::Show(order.id))?]);
    }
    let view = paging::turn(ctx, view, page, found.total, |page| Press::Orders(id, page))?;
    let view = view.row([Button::new(t!(ctx, "button-return"), &Press::Show(id))?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

/// Asks how long to keep a customer out.
pub(in crate::bot::shop) async fn terms(ctx: &Ctx<'_>, id: CustomerId) -> Result<View, BotError> {
    let customer = ctx.shop().customers().get(id).await?;
    if customer.id == ctx.customer().id {
        ctx.remark(&t!(ctx, "ban-not-yourself"));
        return view(ctx, id).await;
    }
    let choices = Term::ALL.map(|term| Button::new(term.label(ctx), &Press::BanFor(id, term)));
    let view = View::text(t!(ctx, "ban-ask-term", name = title(&customer)));
    let view = view
        .rows(choices.into_iter().collect::<Result<Vec<_>, _>>()?)
        .row([Button::new(t!(ctx, "button-return"), &Press::Show(id))?]);
    menu::offer(view, ctx)
}

async fn ban(ctx: &Ctx<'_>, id: CustomerId, term: Term, text: &str) -> Result<(), BotError> {
    let reason = match Reason::parse(text) {
        Ok(reason) => reason,
        Err(error) => {
            let wrong = typed::text(ctx, error);
            return ask(ctx, Asking::Reason(id, term), Some(wrong)).await;
        }
    };
    let actor = ctx.admin(Permission::Customers)?;
    let until = term
        .days()
        .map(|days| ctx.shop().now() + Duration::days(days));
    let customers = ctx.shop().customers();
    let other = customers.get(id).await?;
    if let Err(error) = ctx.check_rank(&other).await {
        ctx.leave_dialog().await?;
        return Err(error);
    }
    customers
        .set_standing(&actor, id, Standing::Banned, until, Some(&reason))
        .await?;
    ctx.leave_dialog().await?;
    show(ctx, id).await
}
