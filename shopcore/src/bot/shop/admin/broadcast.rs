//! Broadcasts: written, looked at, sent, watched, paused and given up in chat.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::audit::Actor;
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::desk::Desk;
use crate::bot::dialog::{Answer, Open, Question, State};
use crate::bot::frontend::FrontendError;
use crate::bot::menu;
use crate::bot::permission::Permission;
use crate::bot::plugin::{Command, Job, MenuEntry, Plugin};
use crate::bot::rich::Rich;
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, Media, View};
use crate::bot::{BotError, Ctx};
use crate::customer::{Customer, Reachability};
use crate::service::{Broadcast, BroadcastState, Broadcasts, Delivery};
use crate::store::Page;
use crate::text::is_blank;

/// Writes to all customers.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct Broadcasting;

#[derive(Debug, Serialize, Deserialize)]
enum Press {
    /// The latest broadcasts.
    List,
    /// Asks for a new one.
    New,
    /// How one stands.
    Show(Uuid),
    /// Begins, pauses, resumes or cancels one.
    Move(Uuid, BroadcastState),
}

impl Action for Press {
    const PLUGIN: &'static str = "broadcast";

    fn require(&self) -> Option<Permission> {
        Some(Permission::Broadcast)
    }
}

/// Waits for what is to be sent; a picture that came alone waits for its words.
#[derive(Debug, Serialize, Deserialize)]
struct Asking;

impl State for Asking {
    const PLUGIN: &'static str = Press::PLUGIN;

    fn require(&self) -> Option<Permission> {
        Some(Permission::Broadcast)
    }
}

#[async_trait]
impl Plugin for Broadcasting {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    fn commands(&self, locale: Locale<'_>) -> Vec<Command> {
        vec![Command {
            name: "broadcast",
            summary: t!(locale, "command-broadcast"),
            require: Some(Permission::Broadcast),
        }]
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let button = Button::new(t!(locale, "button-broadcast"), &Press::List)?;
        Ok(vec![MenuEntry { place: 170, button }])
    }

    async fn on_command(&self, ctx: &Ctx<'_>, _: &str, _: &str) -> Result<(), BotError> {
        list(ctx).await
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::List => list(ctx).await,
            Press::New => ask(ctx, None).await,
            Press::Show(id) => show(ctx, &ctx.shop().broadcasts().get(id).await?).await,
            Press::Move(id, to) => {
                let actor = ctx.admin(Permission::Broadcast)?;
                let moved = ctx.shop().broadcasts().set_state(&actor, id, to).await?;
                show(ctx, &moved).await
            }
        }
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        let Asking = dialog.state(ctx)?;
        match answer {
            Answer::Text(text) => draft(ctx, text, None).await,
            Answer::File { bytes, .. } => draft(ctx, "", Some(bytes)).await,
            Answer::Choice(_) => ask(ctx, None).await,
        }
    }

    fn jobs(&self) -> Vec<Job> {
        vec![Job {
            name: "send",
            every: Duration::from_secs(1),
        }]
    }

    async fn on_job(&self, desk: &Desk<'_>, _: &str) -> Result<(), BotError> {
        let latest = latest(desk.shop().broadcasts()).await?;
        for broadcast in latest {
            if broadcast.state == BroadcastState::Running {
                send(desk, &broadcast).await?;
            }
        }
        Ok(())
    }
}

/// Broadcasts that are listed, and of which those that run are sent.
const LATEST: u32 = 8;

async fn latest(book: Broadcasts<'_>) -> Result<Vec<Broadcast>, BotError> {
    let total = book.list(Page::first(1)).await?.total;
    let offset = u32::try_from(total)
        .unwrap_or(u32::MAX)
        .saturating_sub(LATEST);
    let page = Page {
        offset,
        limit: LATEST,
    };
    Ok(book.list(page).await?.items)
}

async fn list(ctx: &Ctx<'_>) -> Result<(), BotError> {
    let mut latest = latest(ctx.shop().broadcasts()).await?;
    latest.retain(|broadcast| broadcast.state != BroadcastState::Draft);
    let text = match latest.is_empty() {
        true => t!(ctx, "broadcasts-none"),
        false => t!(ctx, "broadcasts"),
    };
    let mut view = View::text(text);
    for broadcast in latest.iter().rev() {
        let words = Rich::parse(&broadcast.text).shortened(30);
        let state = state(ctx.locale(), broadcast.state);
        let label = t!(ctx, "button-a-broadcast", words = words, state = state);
        view = view.row([Button::new(label, &Press::Show(broadcast.id))?]);
    }
    let view = view.row([Button::new(t!(ctx, "button-new-broadcast"), &Press::New)?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn ask(ctx: &Ctx<'_>, wrong: Option<Rich>) -> Result<(), BotError> {
    let text = wrong
        .unwrap_or_default()
        .paragraph(t!(ctx, "broadcast-ask"));
    ctx.ask(&Asking, Question::paste(text)).await
}

/// Keeps what was written, and shows it as customers will see it.
async fn draft(ctx: &Ctx<'_>, text: &str, picture: Option<&[u8]>) -> Result<(), BotError> {
    let (words, limits) = (Rich::parse(text.trim()), ctx.limits());
    let wrong = match picture {
        Some(bytes) if bytes.len() > Broadcasts::PICTURE_MAX || !is_picture(bytes) => {
            Some(t!(ctx, "broadcast-no-picture"))
        }
        None if is_blank(text) => Some(t!(ctx, "broadcast-empty")),
        _ if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t')) => {
            Some(t!(ctx, "text-control"))
        }
        None if words.len_utf16() > limits.text => {
            Some(t!(ctx, "broadcast-too-long", max = limits.text))
        }
        Some(_) | None => None,
    };
    if wrong.is_some() {
        return ask(ctx, wrong).await;
    }
    let book = ctx.shop().broadcasts();
    let draft = book.draft(text.trim().to_owned(), picture).await?;
    ctx.leave_dialog().await?;
    ctx.reply(preview(&draft, picture.map(<[u8]>::to_vec)))
        .await?;
    let count = book.count().await?;
    let begin = Press::Move(draft.id, BroadcastState::Running);
    let cancel = Press::Move(draft.id, BroadcastState::Cancelled);
    let view = View::text(t!(ctx, "broadcast-confirm", count = count)).row([
        Button::new(t!(ctx, "button-broadcast-begin"), &begin)?,
        Button::new(t!(ctx, "button-broadcast-cancel"), &cancel)?,
    ]);
    ctx.reply(view).await?;
    Ok(())
}

/// Whether this begins as PNG or JPEG files do.
fn is_picture(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG\r\n\x1a\n") || bytes.starts_with(b"\xff\xd8\xff")
}

/// What customers see.
fn preview(broadcast: &Broadcast, picture: Option<Vec<u8>>) -> View {
    let view = View::text(Rich::parse(&broadcast.text));
    match picture {
        Some(picture) => view.media(Media::Picture(picture)),
        None => view,
    }
}

/// Shows how a broadcast stands, and has this message follow it while it runs.
async fn show(ctx: &Ctx<'_>, broadcast: &Broadcast) -> Result<(), BotError> {
    let message = ctx.show(board(ctx.locale(), broadcast)?).await?;
    let board = (ctx.chat().clone(), message);
    Ok(ctx
        .shop()
        .broadcasts()
        .set_board(broadcast.id, board)
        .await?)
}

fn board(to: Locale<'_>, broadcast: &Broadcast) -> Result<View, BotError> {
    let Broadcast {
        id,
        targets,
        sent,
        blocked,
        failed,
        ..
    } = *broadcast;
    let left = targets.saturating_sub(sent.saturating_add(blocked).saturating_add(failed));
    let text = t!(
        to,
        "broadcast",
        state = state(to, broadcast.state),
        targets = targets,
        sent = sent,
        left = left,
        blocked = blocked,
        failed = failed
    );
    let moves = match broadcast.state {
        BroadcastState::Draft => vec![
            (t!(to, "button-broadcast-begin"), BroadcastState::Running),
            (t!(to, "button-broadcast-cancel"), BroadcastState::Cancelled),
        ],
        BroadcastState::Running => vec![
            (t!(to, "button-broadcast-pause"), BroadcastState::Paused),
            (t!(to, "button-broadcast-cancel"), BroadcastState::Cancelled),
        ],
        BroadcastState::Paused => vec![
            (t!(to, "button-broadcast-resume"), BroadcastState::Running),
            (t!(to, "button-broadcast-cancel"), BroadcastState::Cancelled),
        ],
        BroadcastState::Cancelled | BroadcastState::Done => Vec::new(),
    };
    let buttons = moves.into_iter();
    let buttons = buttons.map(|(label, state)| Button::new(label, &Press::Move(id, state)));
    let view = View::text(text).row(buttons.collect::<Result<Vec<_>, _>>()?);
    Ok(view.row([
        Button::new(t!(to, "button-broadcasts"), &Press::List)?,
        menu::button(to)?,
    ]))
}

fn state(to: Locale<'_>, state: BroadcastState) -> Rich {
    match state {
        BroadcastState::Draft => t!(to, "broadcast-draft"),
        BroadcastState::Running => t!(to, "broadcast-running"),
        BroadcastState::Paused => t!(to, "broadcast-paused"),
        BroadcastState::Cancelled => t!(to, "broadcast-cancelled"),
        BroadcastState::Done => t!(to, "broadcast-done"),
    }
}

/// The most messages of one run, so that a shop sends at most so many in a second.
const STEP: u32 = 25;
/// How often the message to one customer is tried while their platform can't be reached.
const ATTEMPTS_MAX: u32 = 3;
const REST: chrono::Duration = chrono::Duration::seconds(10);

/// Sends a part of a broadcast, and shows how far it is.
async fn send(desk: &Desk<'_>, broadcast: &Broadcast) -> Result<(), BotError> {
    let (book, holder) = (desk.shop().broadcasts(), desk.shop().ids().next());
    let picture = match broadcast.has_picture {
        true => book.picture(broadcast.id).await?,
        false => None,
    };
    let view = preview(broadcast, picture);
    let mut took_part = false;
    for _ in 0..STEP {
        let Some(customer) = book.next(broadcast.id, holder).await? else {
            break;
        };
        took_part = true;
        let Some(how) = write_to(desk, broadcast, &customer, view.clone()).await? else {
            break;
        };
        book.passed(broadcast.id, holder, customer.id, how).await?;
    }
    let now = match took_part {
        true => book.release(broadcast.id).await?,
        false => book.get(broadcast.id).await?,
    };
    if now != *broadcast
        && let Some((chat, message)) = &now.board
    {
        let shown = desk.edit(chat, message, board(desk.locale(), &now)?).await;
        if let Err(error) = shown {
            tracing::debug!(%error, "how a broadcast goes could not be shown");
        }
    }
    Ok(())
}

/// Writes to one customer; `None` where the platform asks for patience.
async fn write_to(
    desk: &Desk<'_>,
    broadcast: &Broadcast,
    customer: &Customer,
    view: View,
) -> Result<Option<Delivery>, BotError> {
    let shop = desk.shop();
    if !desk.serves(&customer.chat) {
        return Ok(Some(Delivery::Failed));
    }
    match desk.send(&customer.chat, view).await {
        Ok(_) => Ok(Some(Delivery::Sent)),
        Err(FrontendError::Wait(wait)) => {
            let wait = chrono::Duration::from_std(wait).unwrap_or(REST);
            shop.broadcasts().rest(broadcast.id, wait, 0).await?;
            Ok(None)
        }
        Err(FrontendError::Unavailable(_)) => {
            let tried = shop.broadcasts().get(broadcast.id).await?.attempts;
            if tried.saturating_add(1) >= ATTEMPTS_MAX {
                return Ok(Some(Delivery::Failed));
            }
            shop.broadcasts().rest(broadcast.id, REST, 1).await?;
            Ok(None)
        }
        Err(FrontendError::Refused(_)) => {
            let (actor, blocked) = (Actor::job(Press::PLUGIN), Reachability::Blocked);
            let customers = shop.customers();
            customers
                .set_reachability(&actor, customer.id, blocked)
                .await?;
            Ok(Some(Delivery::Blocked))
        }
        Err(FrontendError::Unchangeable) => Ok(Some(Delivery::Failed)),
    }
}
