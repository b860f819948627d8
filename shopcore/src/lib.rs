//! Sell digital goods (keys, accounts, codes, files) through chat bots without losing a payment or
//! selling a unit twice.
//!
//! **Every payment that arrives ends as delivered goods, a wallet credit or an open review case;
//! nothing is sold twice; no crash, duplicate or late webhook changes that.**
//!
//! A whole shop on Telegram is this long (`examples/minimal`):
//!
//! ```ignore
#![doc = include_str!("../../examples/minimal/src/main.rs")]
//! ```
//!
//! Without a bot, the services of a [`Shop`] do the same from any program:
//!
//! ```
//! use shopcore::audit::Actor;
//! use shopcore::money::{Currency, Money};
//! use shopcore::service::NewProduct;
//! use shopcore::stock::Content;
//! use shopcore::store::RequestKey;
//! use shopcore::text::{Name, ProductCode, Reason};
//! use shopcore::{MemoryStore, Shop};
//! # use shopcore::customer::{Chat, ChatId, Contact, ExternalId, FrontendName};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let shop = Shop::builder(Currency::USD).store(MemoryStore::default()).build().await?;
//! let seller = Actor::Operator;
//!
//! let price = Money::parse("$4.99", shop.currency())?;
//! let mut game = NewProduct::new(ProductCode::parse("GAME")?, Name::parse("A game")?, price);
//! game.contents = vec![Content::text("AAAA-BBBB-CCCC")?];
//! let game = shop.catalog().add_product(&seller, game).await?;
//!
//! # let frontend = FrontendName::parse("example")?;
//! # let contact = Contact { frontend: frontend.clone(), external: ExternalId::parse("7")? };
//! # let chat = Chat { frontend, id: ChatId::parse("7")? };
//! let ann = shop.customers().meet(&contact, &chat, None).await?;
//! shop.wallet().adjust(&seller, ann.id, price, &Reason::parse("a gift")?, &shop.new_request()).await?;
//!
//! shop.carts().set(ann.id, game.id, 1, game.price).await?;
//! let placed = shop.checkout().place_cart(&chat, ann.id, RequestKey("1".to_owned())).await?;
//! shop.checkout().pay_from_wallet(&Actor::Customer(ann.id), placed.invoice.id).await?;
//!
//! let goods = shop.orders().goods(&Actor::Customer(ann.id), placed.order.id).await?;
//! assert_eq!(goods[0].contents, [Content::text("AAAA-BBBB-CCCC")?]);
//! # Ok(()) }
//! ```
//!
//! Where things are: the rooms of the shop ([`catalog`], [`stock`], [`voucher`], [`cart`],
//! [`order`], [`invoice`], [`ledger`], [`refund`], [`review`], …) hold types and pure rules; [`service`] does
//! what a shop does; [`jobs`] does what it does by itself; [`store`], [`gateway`] and [`courier`]
//! are the ports; [`backend`] keeps shops; [`bot`] talks with people; [`invariant`] says whether a
//! shop is sound.

pub mod audit;
pub mod backend;
pub mod bot;
pub mod cart;
pub mod catalog;
pub mod courier;
pub mod customer;
pub mod gateway;
pub mod id;
pub mod invariant;
pub mod invoice;
pub mod jobs;
pub mod ledger;
pub mod message;
pub mod money;
pub mod order;
pub mod refund;
pub mod review;
pub mod service;
pub mod stock;
pub mod store;
pub mod telemetry;
pub mod terms;
#[cfg(feature = "testing")]
pub mod testing;
pub mod text;
pub mod time;
pub mod vault;
pub mod voucher;

pub use backend::memory::MemoryStore;
#[cfg(feature = "postgres")]
pub use backend::postgres::PostgresStore;
#[cfg(feature = "sqlite")]
pub use backend::sqlite::SqliteStore;
pub use service::Shop;

/// The programs in the book are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/embedders.md")]
struct Book;
