//! What each of the team is told of, and in which hours they are left in peace.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::{customers, notes, orders, summary};
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::desk::Desk;
use crate::bot::dialog::{Answer, Open, Question, State};
use crate::bot::menu;
use crate::bot::news::{KEEPER, News, QuietHours, Wishes};
use crate::bot::permission::Permission;
use crate::bot::plugin::{Command, Job, MenuEntry, Plugin};
use crate::bot::rich::Rich;
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx};
use crate::id::{AuditId, CustomerId, OrderId};

/// Tells the team of orders and deposits, and lets everyone choose what they hear.
#[derive(Debug, Default)]
pub(in crate::bot::shop) struct Notices {
    /// The entries of the audit behind the cursor that the notes have followed.
    seen: Mutex<BTreeSet<AuditId>>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Press {
    /// What one is told of.
    Show,
    /// Hears of a kind of news, or no longer.
    Toggle(News),
    /// Asks for quiet hours.
    Quiet,
    /// No quiet hours any more.
    Loud,
    /// Has what is urgent wait as well, or no longer.
    Urgent,
    /// An order, below the note that tells of it.
    Order(OrderId),
    /// A customer, below the note that tells of their deposit.
    Customer(CustomerId),
}

impl Action for Press {
    const PLUGIN: &'static str = KEEPER;

    fn require(&self) -> Option<Permission> {
        match self {
            Self::Show
            | Self::Toggle(_)
            | Self::Quiet
            | Self::Loud
            | Self::Urgent
            | Self::Order(_) => Some(Permission::Orders),
            Self::Customer(_) => Some(Permission::Customers),
        }
    }
}

/// Waits for quiet hours.
#[derive(Debug, Serialize, Deserialize)]
struct AskingHours;

impl State for AskingHours {
    const PLUGIN: &'static str = KEEPER;

    fn require(&self) -> Option<Permission> {
        Some(Permission::Orders)
    }
}

const FOLLOW: &str = "follow";
const SUMMARY: &str = "summary";
const TIDY: &str = "tidy";

#[async_trait]
impl Plugin for Notices {
    fn id(&self) -> &'static str {
        KEEPER
    }

    fn commands(&self, locale: Locale<'_>) -> Vec<Command> {
        vec![Command {
            name: "notices",
            summary: t!(locale, "command-notices"),
            require: Some(Permission::Orders),
        }]
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let button = Button::new(t!(locale, "button-notices"), &Press::Show)?;
        Ok(vec![MenuEntry { place: 185, button }])
    }

    async fn on_command(&self, ctx: &Ctx<'_>, _: &str, _: &str) -> Result<(), BotError> {
        show(ctx).await
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::Show => show(ctx).await,
            Press::Toggle(news) => {
                change(ctx, |wishes| {
                    if !wishes.off.remove(&news) {
                        wishes.off.insert(news);
                    }
                })
                .await
            }
            Press::Quiet => ask(ctx, None).await,
            Press::Loud => change(ctx, |wishes| wishes.quiet = None).await,
            Press::Urgent => change(ctx, |wishes| wishes.urgent_waits ^= true).await,
            Press::Order(order) => {
                ctx.reply(orders::view(ctx, order).await?).await?;
                Ok(())
            }
            Press::Customer(customer) => {
                ctx.reply(customers::view(ctx, customer).await?).await?;
                Ok(())
            }
        }
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        let AskingHours = dialog.state(ctx)?;
        let Answer::Text(text) = answer else {
            return ask(ctx, None).await;
        };
        let Some(hours) = QuietHours::parse(text) else {
            return ask(ctx, Some(t!(ctx, "quiet-hours-bad"))).await;
        };
        ctx.leave_dialog().await?;
        change(ctx, |wishes| wishes.quiet = Some(hours)).await
    }

    fn jobs(&self) -> Vec<Job> {
        let (minute, day) = (Duration::from_secs(60), Duration::from_secs(24 * 3_600));
        [(FOLLOW, notes::EVERY), (SUMMARY, minute), (TIDY, day)]
            .map(|(name, every)| Job { name, every })
            .into()
    }

    async fn on_job(&self, desk: &Desk<'_>, name: &str) -> Result<(), BotError> {
        match name {
            FOLLOW => notes::follow(desk, &mut *self.seen.lock().await).await,
            SUMMARY => summary::bring(desk).await,
            _ => notes::tidy(desk.shop()).await,
        }
    }
}

async fn ask(ctx: &Ctx<'_>, wrong: Option<Rich>) -> Result<(), BotError> {
    let text = wrong
        .unwrap_or_default()
        .paragraph(t!(ctx, "quiet-hours-ask"));
    ctx.ask(&AskingHours, Question::line(text)).await
}

async fn change(ctx: &Ctx<'_>, change: impl FnOnce(&mut Wishes)) -> Result<(), BotError> {
    let mut wishes = Wishes::of(ctx.shop(), ctx.customer().id).await?;
    change(&mut wishes);
    wishes.keep(ctx.shop(), ctx.customer().id).await?;
    show(ctx).await
}

async fn show(ctx: &Ctx<'_>) -> Result<(), BotError> {
    let wishes = Wishes::of(ctx.shop(), ctx.customer().id).await?;
    let text = match wishes.quiet {
        Some(hours) => t!(ctx, "notices").paragraph(t!(
            ctx,
            "notices-quiet",
            from = hours.begin(),
            to = hours.end()
        )),
        None => t!(ctx, "notices").paragraph(t!(ctx, "notices-loud")),
    };
    let may = |news: &News| ctx.permissions().allow(Some(news.permission()));
    let mut view = View::text(text);
    for news in News::ALL.into_iter().filter(may) {
        let what = name(ctx.locale(), news).to_string();
        let label = if wishes.off.contains(&news) {
            t!(ctx, "button-news-off", what = what)
        } else {
            t!(ctx, "button-news-on", what = what)
        };
        view = view.row([Button::new(label, &Press::Toggle(news))?]);
    }
    let quiet = Button::new(t!(ctx, "button-quiet-hours"), &Press::Quiet)?;
    view = match wishes.quiet {
        None => view.row([quiet]),
        Some(_) => {
            let urgent = if wishes.urgent_waits {
                t!(ctx, "button-urgent-waits")
            } else {
                t!(ctx, "button-urgent-breaks-in")
            };
            let loud = Button::new(t!(ctx, "button-quiet-hours-off"), &Press::Loud)?;
            view.row([quiet, loud])
                .row([Button::new(urgent, &Press::Urgent)?])
        }
    };
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

/// A kind of news as people call it.
pub(super) fn name(to: Locale<'_>, news: News) -> Rich {
    match news {
        News::NewOrder => t!(to, "news-new-order"),
        News::Paid => t!(to, "news-paid"),
        News::Expired => t!(to, "news-expired"),
        News::Deposit => t!(to, "news-deposit"),
        News::OddPayment => t!(to, "news-odd-payment"),
        News::Case => t!(to, "news-case"),
        News::Terms => t!(to, "news-terms"),
        News::Letter => t!(to, "news-letter"),
        News::Spam => t!(to, "news-spam"),
        News::LowStock => t!(to, "news-low-stock"),
        News::Alert => t!(to, "news-alert"),
    }
}
