//! The bot framework: frontend-neutral views, actions, dialogs and plug-ins, and the plug-ins that
//! make a shop of it.
//!
//! A [`Frontend`](frontend::Frontend) turns what people do on a platform into
//! [`Incoming`](incoming::Incoming); the [`Dispatcher`] brings it past the
//! [`Middleware`](middleware::Middleware) to the [`Plugin`](plugin::Plugin) that answers it with
//! [`View`](view::View)s, and the frontend draws them.
//!
//! ```
//! use shopcore::bot::{Bot, storefront};
//! use shopcore::money::Currency;
//! use shopcore::{MemoryStore, Shop};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let shop = Shop::builder(Currency::IDR).store(MemoryStore::default()).build().await?;
//! let bot = Bot::new(shop).plugins(storefront());
//! // A frontend, such as Telegram, is added with `.frontend(…)`; then `.run()` keeps it going.
//! bot.run().await?;
//! # Ok(()) }
//! ```

mod acquaintance;
pub mod action;
mod apology;
mod builder;
pub mod context;
mod courier;
pub mod desk;
pub mod dialog;
mod dispatch;
mod error;
pub mod frontend;
pub mod incoming;
mod kept;
pub mod menu;
pub mod middleware;
mod news;
mod notices;
pub mod numbered;
pub mod permission;
pub mod plugin;
pub mod prelude;
pub mod rich;
pub mod roster;
mod shop;
pub mod spam;
pub mod texts;
mod turns;
pub mod view;

pub use builder::{Bot, RunError};
pub use context::Ctx;
pub use dispatch::Dispatcher;
pub use error::BotError;
pub use shop::storefront;
