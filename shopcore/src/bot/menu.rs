//! The main menu, and the commands every bot has: `/start`, `/menu`, `/help`, `/cancel`.

use serde::{Deserialize, Serialize};

use super::action::{Action, PackError, Packed};
use super::context::Ctx;
use super::dialog::Open;
use super::error::BotError;
use super::plugin::{Command, MenuEntry};
use super::rich::Rich;
use super::texts::{Locale, Scene, t};
use super::view::{Button, View};

/// The id under which the menu's own buttons are packed.
pub(super) const PLUGIN: &str = "menu";

/// The commands every bot has.
pub(super) const COMMANDS: [&str; 5] = ["start", "menu", "help", AGAIN, CANCEL];

#[derive(Debug, Serialize, Deserialize)]
enum Press {
    Show,
    /// What only the team may do.
    Manage,
}

impl Action for Press {
    const PLUGIN: &'static str = PLUGIN;
}

/// The button that leads to the main menu.
///
/// # Errors
/// [`PackError`] is a defect.
pub fn button(locale: Locale<'_>) -> Result<Button, PackError> {
    Button::new(t!(locale, "button-menu"), &Press::Show)
}

/// The view with a way to the main menu.
///
/// # Errors
/// [`BotError::Pack`].
pub fn offer(view: View, ctx: &Ctx<'_>) -> Result<View, BotError> {
    Ok(view.row([button(ctx.locale())?]))
}

/// The command that leaves the dialog of the chat.
pub(super) const CANCEL: &str = "cancel";
/// The command that shows the open question again, and the menu where there is none.
pub(super) const AGAIN: &str = "again";

/// Carries out a command every bot has but [`CANCEL`]; tells whether it is one.
pub(super) async fn command(ctx: &Ctx<'_>, name: &str) -> Result<bool, BotError> {
    match name {
        "start" | "menu" | AGAIN => ctx.reply(main(ctx)?).await?,
        "help" => ctx.reply(help(ctx)?).await?,
        _ => return Ok(false),
    };
    Ok(true)
}

pub(super) async fn on_action(ctx: &Ctx<'_>, packed: &Packed) -> Result<(), BotError> {
    match ctx.open(packed)? {
        Press::Show => ctx.show(main(ctx)?).await?,
        Press::Manage => ctx.show(manage(ctx)?).await?,
    };
    Ok(())
}

/// Leaves the dialog and says what came of it.
pub(super) async fn cancelled(ctx: &Ctx<'_>, left: Option<&Open>) -> Result<(), BotError> {
    ctx.leave_dialog().await?;
    let told = left.and_then(|dialog| {
        let leader = ctx.core().plugin(dialog.plugin())?;
        Some(leader.on_cancel(ctx, dialog))
    });
    let menu = main(ctx)?;
    let told = told.unwrap_or_else(|| t!(ctx, "cancelled"));
    let text = told.paragraph(menu.text);
    ctx.reply(View { text, ..menu }).await?;
    Ok(())
}

/// The menu of everyone, with a way to what only the team may do.
fn main(ctx: &Ctx<'_>) -> Result<View, BotError> {
    let (team, everyone): (Vec<_>, Vec<_>) = entries(ctx)?
        .into_iter()
        .partition(|button| button.require.is_some());
    let view = View::text(t!(ctx, "greeting", shop = ctx.shop().name()));
    let view = ctx.locale().illustrated(Scene::Welcome, view);
    let view = in_pairs(view, &everyone);
    Ok(match team.is_empty() {
        true => view,
        false => view.row([manage_button(ctx.locale())?]),
    })
}

/// The menu of what only the team may do.
fn manage(ctx: &Ctx<'_>) -> Result<View, BotError> {
    let mut team = entries(ctx)?;
    team.retain(|button| button.require.is_some());
    let view = View::text(t!(ctx, "manage", shop = ctx.shop().name()));
    offer(in_pairs(view, &team), ctx)
}

/// The button that leads to what only the team may do.
///
/// # Errors
/// [`PackError`] is a defect.
pub fn manage_button(locale: Locale<'_>) -> Result<Button, PackError> {
    Button::new(t!(locale, "button-manage"), &Press::Manage)
}

/// The entries that the person may press, in their places.
fn entries(ctx: &Ctx<'_>) -> Result<Vec<Button>, BotError> {
    let mut entries: Vec<MenuEntry> = Vec::new();
    for plugin in &ctx.core().plugins {
        entries.extend(plugin.menu(ctx.locale())?);
    }
    entries.retain(|entry| ctx.permissions().allow(entry.button.require));
    entries.sort_by_key(|entry| entry.place);
    Ok(entries.into_iter().map(|entry| entry.button).collect())
}

fn in_pairs(view: View, buttons: &[Button]) -> View {
    let rows = buttons.chunks(2);
    rows.fold(view, |view, row| view.row(row.iter().cloned()))
}

fn help(ctx: &Ctx<'_>) -> Result<View, BotError> {
    let locale = ctx.locale();
    let own = [
        ("menu", t!(locale, "command-menu")),
        ("help", t!(locale, "command-help")),
        (AGAIN, t!(locale, "command-again")),
        (CANCEL, t!(locale, "command-cancel")),
    ];
    let own = own.into_iter().map(|(name, summary)| Command {
        name,
        summary,
        require: None,
    });
    let plugins = ctx
        .core()
        .plugins
        .iter()
        .flat_map(|plugin| plugin.commands(locale));
    let text = own
        .chain(plugins)
        .filter(|command| ctx.permissions().allow(command.require))
        .fold(t!(locale, "help"), |text, command| {
            let name = Rich::plain(format!("/{} — ", command.name));
            text.line(name.then(command.summary))
        });
    let view = ctx.locale().illustrated(Scene::Help, View::text(text));
    offer(view, ctx)
}
