//! What the shop's team does in chat: products, contents, vouchers, orders, review cases.

pub(super) mod adjusting;
pub(super) mod assigning;
pub(super) mod audit;
pub(super) mod broadcast;
pub(super) mod calculator;
pub(super) mod categories;
#[cfg(feature = "charts")]
mod charts;
mod contents;
pub(super) mod customers;
#[cfg(feature = "charts")]
mod drawing;
mod edit;
pub(super) mod goods;
pub(in crate::bot) mod low;
pub(in crate::bot) mod maintenance;
mod notes;
pub(super) mod notices;
pub(in crate::bot) mod odd;
pub(super) mod orders;
mod placeholders;
pub(super) mod products;
pub(super) mod refunds;
pub(super) mod replies;
pub(in crate::bot) mod reviews;
pub(super) mod shelf;
pub(super) mod statistics;
pub(super) mod stock;
mod summary;
pub(super) mod team;
pub(super) mod voucher;
pub(super) mod vouchers;
pub(super) mod writing;
