//! The plug-ins that make a shop of a bot.

use super::plugin::Plugin;

mod admin;
mod cart;
pub(super) mod checkout;
pub(super) mod contact;
pub(super) mod goods;
mod orders;
mod paging;
mod products;
mod profile;
mod proofs;
pub(super) mod restock;
pub(super) mod terms;
mod typed;
mod wallet;

pub(super) use admin::low;
pub(super) use admin::maintenance::Door;
pub(super) use admin::odd;
pub(super) use admin::reviews;

/// The plug-ins of a whole shop: products, cart, checkout, orders, terms, wallet and letters for customers; and
/// products, contents, vouchers, orders, refunds, review cases, customers, the team and
/// broadcasts for admins.
#[must_use]
pub fn storefront() -> Vec<Box<dyn Plugin>> {
    vec![
        Box::new(products::Products),
        Box::new(cart::Basket),
        Box::new(checkout::Payments),
        Box::new(proofs::Proofs),
        Box::new(restock::Restock),
        Box::new(terms::FollowTerms),
        Box::new(orders::MyOrders),
        Box::new(wallet::Wallets),
        Box::new(profile::Profile),
        Box::new(contact::Contact),
        Box::new(admin::products::AddProducts),
        Box::new(admin::goods::EditProducts),
        Box::new(admin::categories::Categories),
        Box::new(admin::stock::AddContents),
        Box::new(admin::shelf::Contents),
        Box::new(admin::low::LowStock),
        Box::new(admin::vouchers::AddVouchers),
        Box::new(admin::voucher::EditVouchers),
        Box::new(admin::orders::AllOrders),
        Box::new(admin::refunds::Refunds),
        Box::new(admin::calculator::Calculator),
        Box::new(admin::reviews::Cases),
        Box::new(admin::customers::Customers),
        Box::new(admin::adjusting::Adjusting),
        Box::new(admin::writing::Writing),
        Box::new(admin::statistics::Statistics),
        Box::new(admin::audit::AuditTrail),
        Box::new(admin::team::TeamDesk),
        Box::new(admin::assigning::Assigning),
        Box::new(admin::maintenance::Maintenance),
        Box::new(admin::replies::Rewording),
        Box::new(admin::notices::Notices::default()),
        Box::new(admin::broadcast::Broadcasting),
    ]
}
