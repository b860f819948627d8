//! Writing to the shop: a customer's words and pictures reach everyone who sees to customers.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::admin::customers::{self, title};
use super::admin::writing;
use super::{paging, typed};
use crate::Shop;
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::desk::Desk;
use crate::bot::dialog::{Answer, Choice, Open, Question, State};
use crate::bot::menu;
use crate::bot::permission::Permission;
use crate::bot::plugin::{Command, Job, MenuEntry, Plugin};
use crate::bot::rich::Rich;
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, Media, View};
use crate::bot::{BotError, Ctx};
use crate::id::CustomerId;
use crate::service::{LetterError, check_picture};
use crate::stock::Content;
use crate::text::Description;

/// How often letters are looked through for those that were kept long enough.
const PURGE_EVERY: Duration = Duration::from_secs(60 * 60);

/// Brings what customers write to the team.
#[derive(Debug, Clone, Copy)]
pub(super) struct Contact;

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Press {
    /// Asks a customer what they want to say.
    Write,
    /// A page of the letters that are kept.
    Inbox(u32),
    /// A letter.
    Read(Uuid),
    /// Who wrote a letter, below it.
    Writer(CustomerId),
    /// Asks how long to keep the writer out.
    Ban(CustomerId),
}

impl Action for Press {
    const PLUGIN: &'static str = "contact";

    fn require(&self) -> Option<Permission> {
        match self {
            Self::Write => None,
            Self::Inbox(_) | Self::Read(_) | Self::Writer(_) | Self::Ban(_) => {
                Some(Permission::Customers)
            }
        }
    }
}

/// Waits for the next letter of a customer, who has sent so many.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Saying {
    sent: u32,
}

impl State for Saying {
    const PLUGIN: &'static str = Press::PLUGIN;
}

#[async_trait]
impl Plugin for Contact {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    fn commands(&self, locale: Locale<'_>) -> Vec<Command> {
        let command = |name, summary, require| Command {
            name,
            summary,
            require,
        };
        let team = Some(Permission::Customers);
        vec![
            command("contact", t!(locale, "command-contact"), None),
            command("letters", t!(locale, "command-letters"), team),
        ]
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let write = Button::new(t!(locale, "button-contact"), &Press::Write)?;
        let inbox = Button::new(t!(locale, "button-letters"), &Press::Inbox(0))?;
        let entry = |place, button| MenuEntry { place, button };
        Ok(vec![entry(60, write), entry(155, inbox)])
    }

    async fn on_command(&self, ctx: &Ctx<'_>, name: &str, args: &str) -> Result<(), BotError> {
        match name {
            "letters" => inbox(ctx, 0).await,
            _ if args.is_empty() => ask(ctx, Saying { sent: 0 }, None).await,
            _ => say(ctx, Saying { sent: 0 }, Answer::Text(args)).await,
        }
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::Write => ask(ctx, Saying { sent: 0 }, None).await,
            Press::Inbox(page) => inbox(ctx, page).await,
            Press::Read(letter) => {
                let writer = ctx.shop().letters().writer(letter).await?;
                let view = view(ctx.shop(), ctx.locale(), letter, writer).await?;
                let back = Button::new(t!(ctx, "button-letters"), &Press::Inbox(0))?;
                ctx.show(menu::offer(view.row([back]), ctx)?).await?;
                Ok(())
            }
            Press::Writer(customer) => {
                ctx.reply(customers::view(ctx, customer).await?).await?;
                Ok(())
            }
            Press::Ban(customer) => {
                ctx.reply(customers::terms(ctx, customer).await?).await?;
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
        say(ctx, dialog.state(ctx)?, answer).await
    }

    fn on_cancel(&self, ctx: &Ctx<'_>, dialog: &Open) -> Rich {
        match dialog.state(ctx) {
            Ok(Saying { sent }) if sent > 0 => t!(ctx, "contact-done"),
            Ok(_) | Err(_) => t!(ctx, "contact-left"),
        }
    }

    fn jobs(&self) -> Vec<Job> {
        vec![Job {
            name: "purge",
            every: PURGE_EVERY,
        }]
    }

    async fn on_job(&self, desk: &Desk<'_>, _: &str) -> Result<(), BotError> {
        let purged = desk.shop().letters().purge().await?;
        if purged > 0 {
            tracing::info!(purged, "letters of customers were kept long enough");
        }
        Ok(())
    }
}

/// Asks for a letter, or for another.
async fn ask(ctx: &Ctx<'_>, saying: Saying, wrong: Option<Rich>) -> Result<(), BotError> {
    let first = saying.sent == 0;
    let asked = match first {
        true => t!(ctx, "contact-ask"),
        false => t!(ctx, "contact-sent"),
    };
    let question = Question::paste(wrong.unwrap_or_default().paragraph(asked));
    let question = match first {
        true => question,
        false => question.or(Choice::Done, t!(ctx, "button-done")),
    };
    ctx.ask(&saying, question).await
}

async fn say(ctx: &Ctx<'_>, saying: Saying, answer: Answer<'_>) -> Result<(), BotError> {
    let said = match answer {
        Answer::Text(text) => words(ctx, text),
        Answer::File { name, bytes } => picture(ctx, name, bytes),
        Answer::Choice(Choice::Done) => {
            ctx.leave_dialog().await?;
            let view = View::text(t!(ctx, "contact-done"));
            ctx.reply(menu::offer(view, ctx)?).await?;
            return Ok(());
        }
        Answer::Choice(_) => return Err(BotError::Stale),
    };
    let content = match said {
        Ok(content) => content,
        Err(wrong) => return ask(ctx, saying, Some(wrong)).await,
    };
    let letters = ctx.shop().letters();
    let customer = ctx.customer().id;
    match letters.write(customer, &content, &ctx.request_key()).await {
        Ok(_) => {
            let sent = saying.sent.saturating_add(1);
            ask(ctx, Saying { sent }, None).await
        }
        Err(error @ LetterError::TooMany { .. }) => {
            ctx.leave_dialog().await?;
            Err(error.into())
        }
        Err(error) => Err(error.into()),
    }
}

fn words(ctx: &Ctx<'_>, text: &str) -> Result<Content, Rich> {
    let words = Description::parse(text).map_err(|error| typed::text(ctx, error))?;
    Content::text(words.as_str()).map_err(|_| t!(ctx, "text-control"))
}

fn picture(ctx: &Ctx<'_>, name: &str, bytes: &[u8]) -> Result<Content, Rich> {
    check_picture(bytes).map_err(|_| t!(ctx, "picture-refused"))?;
    Content::file(name, bytes.to_vec()).map_err(|_| t!(ctx, "picture-refused"))
}

async fn inbox(ctx: &Ctx<'_>, page: u32) -> Result<(), BotError> {
    let (shop, letters) = (ctx.shop(), ctx.shop().letters());
    let (page, found) = paging::load(page, |rows| letters.list(rows)).await?;
    let mut view = View::text(match found.total {
        0 => t!(ctx, "letters-none"),
        count => t!(ctx, "letters", count = count),
    });
    for letter in &found.items {
        let writer = shop.customers().get(letter.customer).await?;
        let (name, at) = (title(&writer), ctx.moment(letter.at));
        let label = t!(ctx, "button-letter", name = name, at = at);
        view = view.row([Button::new(label, &Press::Read(letter.id))?]);
    }
    let view = paging::turn(ctx, view, page, found.total, Press::Inbox)?;
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

/// A letter as the team sees it, with what can be done about it.
pub(in crate::bot) async fn view(
    shop: &Shop,
    to: Locale<'_>,
    letter: Uuid,
    writer: CustomerId,
) -> Result<View, BotError> {
    let customer = shop.customers().get(writer).await?;
    let contact = &customer.contact;
    let at = format!("{}/{}", contact.frontend, contact.external);
    let heading = t!(to, "letter", name = title(&customer), at = at);
    let view = match shop.letters().read(letter).await {
        Ok(Content::Text(words)) => View::text(heading.paragraph(Rich::plain(words))),
        Ok(Content::File { bytes, .. }) => View::text(heading).media(Media::Picture(bytes)),
        Err(LetterError::Gone) => View::text(heading.paragraph(t!(to, "letter-gone"))),
        Err(error) => return Err(error.into()),
    };
    let reply = Button::new(t!(to, "button-letter-reply"), &writing::Press(writer))?;
    let page = Button::new(t!(to, "button-open-customer"), &Press::Writer(writer))?;
    let ban = Button::new(t!(to, "button-ban"), &Press::Ban(writer))?;
    Ok(view.row([reply]).row([page, ban]))
}

/// That a customer floods the bot, with a way to their page.
pub(in crate::bot) async fn spam(
    shop: &Shop,
    to: Locale<'_>,
    who: CustomerId,
) -> Result<(Rich, Button), BotError> {
    let customer = shop.customers().get(who).await?;
    let contact = &customer.contact;
    let at = format!("{}/{}", contact.frontend, contact.external);
    let text = t!(to, "spam-told", name = title(&customer), at = at);
    let page = Button::new(t!(to, "button-open-customer"), &Press::Writer(who))?;
    Ok((text, page))
}

/// The button with which a customer answers the shop.
pub(super) fn button(to: Locale<'_>) -> Result<Button, PackError> {
    Button::new(t!(to, "button-contact-answer"), &Press::Write)
}
