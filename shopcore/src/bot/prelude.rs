//! What a plug-in is written with: `use shopcore::bot::prelude::*;`.

pub use async_trait::async_trait;

pub use super::action::{Action, PackError, Packed};
pub use super::context::Ctx;
pub use super::desk::Desk;
pub use super::dialog::{Answer, Choice, Open, Question, State};
pub use super::error::BotError;
pub use super::menu;
pub use super::permission::Permission;
pub use super::plugin::{Command, Event, Job, MenuEntry, Plugin};
pub use super::rich::Rich;
pub use super::texts::{Locale, t};
pub use super::view::{Button, View};
pub use crate::Shop;
pub use crate::audit::Actor;
pub use crate::customer::Customer;
pub use crate::money::Money;
pub use crate::text::{Name, Reason};
