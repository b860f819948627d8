//! What the shop's team does in chat: products, contents, vouchers, orders, review cases.

mod contents;
pub(super) mod orders;
pub(super) mod products;
pub(super) mod refunds;
pub(in crate::bot) mod reviews;
pub(super) mod stock;
pub(super) mod vouchers;
