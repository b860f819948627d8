//! Loyalty: a stamp for every order, and a gift for a full card. It has a command, a menu entry, a
//! dialog, an event listener, a job, and a state and texts of its own.

use serde::{Deserialize, Serialize};
use shopcore::bot::prelude::*;
use shopcore::order::OrderState;
use shopcore::store::{CustomerFilter, OrderFilter, Page, RequestKey};

/// Stamps that fill a card.
const FULL: u64 = 5;
const TEXTS: [(&str, &str); 2] = [
    ("en", include_str!("../locales/en.ftl")),
    ("id", include_str!("../locales/id.ftl")),
];

/// The plug-in: what goes to the wallet for a full card, and why, as customers read it.
#[derive(Debug)]
pub struct Loyalty(pub Money, pub Reason);

#[derive(Serialize, Deserialize)]
enum Press {
    Show,
    Name,
}

impl Action for Press {
    const PLUGIN: &'static str = "loyalty";
}

#[derive(Serialize, Deserialize)]
struct Naming;

impl State for Naming {
    const PLUGIN: &'static str = Press::PLUGIN;
}

/// Every order that was delivered and not given back is a stamp.
async fn stamps(shop: &Shop, customer: &Customer) -> Result<u64, BotError> {
    let mine = OrderFilter {
        customer: Some(customer.id),
        state: Some(OrderState::Delivered),
    };
    Ok(shop.orders().list(mine, Page::first(1)).await?.total)
}

async fn ask(ctx: &Ctx<'_>, question: Rich) -> Result<(), BotError> {
    ctx.ask(&Naming, Question::line(question)).await
}

impl Loyalty {
    async fn show(&self, ctx: &Ctx<'_>) -> Result<(), BotError> {
        let owner = ctx.recall::<String>(Press::PLUGIN).await?;
        let owner = owner.unwrap_or_else(|| t!(ctx, "stamps-stranger").to_string());
        let count = stamps(ctx.shop(), ctx.customer()).await? % FULL;
        let text = t!(
            ctx,
            "stamps",
            owner = owner,
            stamps = count,
            full = FULL,
            gift = self.0
        );
        let name = Button::new(t!(ctx, "button-stamps-name"), &Press::Name)?;
        let view = View::text(text).row([name]);
        ctx.show(menu::offer(view, ctx)?).await.map(drop)
    }

    /// Gives what full cards are worth, each once: a card's number is the key of the request, and
    /// is kept when its gift was made.
    async fn give(&self, desk: &Desk<'_>, customer: &Customer) -> Result<(), BotError> {
        let (shop, me, key) = (desk.shop(), Press::PLUGIN, format!("given/{}", customer.id));
        let given = desk.find(me, &key).await?.unwrap_or(0);
        for card in given..stamps(shop, customer).await? / FULL {
            let (job, request) = (Actor::job(me), RequestKey(format!("{key}/{card}")));
            let (wallet, to) = (shop.wallet(), customer.id);
            let gift = wallet.adjust(&job, to, self.0, &self.1, &request);
            gift.await?;
            desk.keep(me, &key, &(card + 1)).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Plugin for Loyalty {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    fn texts(&self) -> Vec<(&'static str, &'static str)> {
        TEXTS.to_vec()
    }

    fn commands(&self, locale: Locale<'_>) -> Vec<Command> {
        vec![Command::new("stamps", t!(locale, "command-stamps"))]
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let button = Button::new(t!(locale, "button-stamps"), &Press::Show)?;
        Ok(vec![MenuEntry { place: 55, button }])
    }

    fn jobs(&self) -> Vec<Job> {
        vec![Job::hourly("gifts")]
    }

    async fn on_command(&self, ctx: &Ctx<'_>, _: &str, _: &str) -> Result<(), BotError> {
        self.show(ctx).await
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::Show => self.show(ctx).await,
            Press::Name => ask(ctx, t!(ctx, "stamps-ask")).await,
        }
    }

    async fn on_answer(&self, ctx: &Ctx<'_>, _: &Open, said: Answer<'_>) -> Result<(), BotError> {
        let Some(name) = said.text().and_then(|text| Name::parse(text).ok()) else {
            return ask(ctx, t!(ctx, "stamps-name-bad")).await;
        };
        ctx.note(Press::PLUGIN, &name.to_string()).await?;
        ctx.leave_dialog().await?;
        self.show(ctx).await
    }

    async fn on_event(&self, desk: &Desk<'_>, event: Event) -> Result<(), BotError> {
        let Event::Delivered(order) = event;
        let order = desk.shop().orders().get(order).await?;
        let customer = desk.shop().customers().get(order.customer).await?;
        let text = t!(desk.locale_of(&customer), "stamps-new");
        desk.send(&order.chat, View::text(text)).await?;
        Ok(())
    }

    async fn on_job(&self, desk: &Desk<'_>, _: &str) -> Result<(), BotError> {
        let (shop, mut filter) = (desk.shop(), CustomerFilter::default());
        loop {
            let page = shop.customers().list(&filter, Page::first(100)).await?;
            let Some(last) = page.items.last() else {
                return Ok(());
            };
            filter.after = Some(last.id);
            for customer in &page.items {
                self.give(desk, customer).await?;
            }
        }
    }
}
