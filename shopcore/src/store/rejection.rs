//! Why a guard refused a batch.

use thiserror::Error;

use crate::id::{CustomerId, ProductId, VoucherId};
use crate::money::Money;

/// Why a batch can't be applied as things are. Nothing of it happened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Rejection {
    /// Fewer units are available than the batch takes.
    #[error("only {available} units of product {product} are available")]
    OutOfStock {
        /// The product.
        product: ProductId,
        /// How many there are.
        available: u64,
    },
    /// All uses of the voucher are held or redeemed.
    #[error("voucher {voucher} is used up")]
    VoucherExhausted {
        /// The voucher.
        voucher: VoucherId,
    },
    /// All of the customer's uses of the voucher are held or redeemed.
    #[error("voucher {voucher} is used up for this customer")]
    VoucherExhaustedForCustomer {
        /// The voucher.
        voucher: VoucherId,
    },
    /// The wallet holds less than the batch takes.
    #[error("the wallet of customer {customer} holds only {balance}")]
    InsufficientFunds {
        /// Whose wallet.
        customer: CustomerId,
        /// What it holds.
        balance: Money,
    },
    /// The wallet would hold more than can be counted.
    #[error("the wallet of customer {customer} can't hold so much more")]
    WalletFull {
        /// Whose wallet.
        customer: CustomerId,
    },
    /// A unit's content is in the shop's stock already, or twice in the batch.
    #[error("content {index} of the batch is a duplicate")]
    DuplicateContent {
        /// Its place among the units of the write, from 0.
        index: usize,
    },
    /// Another product has the code.
    #[error("another product has this code")]
    ProductCodeTaken,
    /// Another category has the name.
    #[error("another category has this name")]
    CategoryNameTaken,
    /// Another voucher has the code.
    #[error("another voucher has this code")]
    VoucherCodeTaken,
    /// Another customer has the contact.
    #[error("the contact belongs to a customer already")]
    ContactTaken,
    /// Another shop has the name.
    #[error("another shop of this store has this name")]
    ShopNameTaken,
    /// Another order has the number.
    #[error("another order has this number")]
    OrderNumberTaken,
    /// Another charge has the reference at this gateway.
    #[error("another charge has this reference")]
    ReferenceTaken,
    /// The request was carried out before.
    #[error("the request was carried out before")]
    RequestSeen,
    /// The payment was recorded before.
    #[error("the payment was recorded before")]
    PaymentSeen,
    /// A write refers to a row that is not there.
    #[error("the batch refers to a row that is not there")]
    Dangling,
}
