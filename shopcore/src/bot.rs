//! The bot framework: frontend-neutral views, actions, dialogs and plug-ins, and the plug-ins that
//! make a shop of it.

pub mod action;
mod apology;
mod builder;
pub mod context;
mod courier;
pub mod dialog;
mod dispatch;
mod error;
pub mod frontend;
pub mod incoming;
pub mod menu;
pub mod middleware;
mod notices;
pub mod permission;
pub mod plugin;
pub mod rich;
mod shop;
pub mod texts;
mod turns;
pub mod view;

pub use builder::{Bot, RunError};
pub use context::Ctx;
pub use dispatch::Dispatcher;
pub use error::BotError;
pub use shop::storefront;
