//! Sell digital goods through chat bots without losing a payment or selling a unit twice.

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
#[cfg(feature = "sqlite")]
pub use backend::sqlite::SqliteStore;
pub use service::Shop;
