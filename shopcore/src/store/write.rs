//! Writes as data, one enum for each domain.

use super::chat::{Dialog, RequestKey, RequestOutcome};
use super::read::ShopRecord;
use crate::cart::Cart;
use crate::catalog::{Category, Product};
use crate::customer::{Chat, Customer, MessageId};
use crate::id::{
    CaseId, ChargeId, CustomerId, InvoiceId, ItemId, LineId, OrderId, ProductId, RefundId, UnitId,
    VoucherId,
};
use crate::invoice::{
    Charge, ChargeState, GatewayChargeId, Invoice, InvoiceState, PayWith, Payment,
};
use crate::ledger::Transfer;
use crate::message::{ItemState, SentMessage};
use crate::money::Money;
use crate::order::{Order, OrderState};
use crate::refund::{Refund, RefundState};
use crate::review::{Case, Resolution};
use crate::stock::NewUnit;
use crate::time::Timestamp;
use crate::voucher::{Uses, Voucher, VoucherTerms};

/// One change, by domain.
///
/// Everywhere: a change of a row that is not there, a step that its table of states forbids, and
/// a new row under an id that exists are conflicts; a new row that refers to one that is not there
/// is rejected as [`Dangling`](super::Rejection::Dangling).
#[derive(Debug, Clone)]
pub enum Write {
    /// Opens a shop; rejected as [`ShopNameTaken`](super::Rejection::ShopNameTaken).
    OpenShop(ShopRecord),
    /// Changes the catalogue.
    Catalog(CatalogWrite),
    /// Moves stock units.
    Stock(StockWrite),
    /// Changes vouchers and their uses.
    Voucher(VoucherWrite),
    /// Changes orders.
    Order(OrderWrite),
    /// Changes invoices, charges and payments.
    Invoice(InvoiceWrite),
    /// Moves money; a wallet that would fall below zero is rejected as
    /// [`InsufficientFunds`](super::Rejection::InsufficientFunds), one that would hold more than can
    /// be counted as [`WalletFull`](super::Rejection::WalletFull).
    Transfer(Transfer),
    /// Changes customers.
    Customer(CustomerWrite),
    /// Changes a cart.
    Cart(CartWrite),
    /// Changes review cases.
    Review(ReviewWrite),
    /// Changes refunds.
    Refund(RefundWrite),
    /// Corrects what is counted along the way.
    Recount(RecountWrite),
    /// Marks outbox items and keeps the message log.
    Outbox(OutboxWrite),
    /// Keeps dialogs, plug-ins' state and carried-out requests.
    Chat(ChatWrite),
}

/// Changes of the catalogue.
#[derive(Debug, Clone)]
pub enum CatalogWrite {
    /// Adds a category; rejected as `CategoryNameTaken`.
    AddCategory(Category),
    /// Replaces a category; a conflict unless the stored version is `was`; rejected as
    /// `CategoryNameTaken`.
    UpdateCategory {
        /// The category as it shall be, its version raised.
        category: Category,
        /// The version that was read.
        was: u32,
    },
    /// Adds a product; rejected as `ProductCodeTaken`.
    AddProduct(Product),
    /// Replaces a product; a conflict unless the stored version is `was`; rejected as
    /// `ProductCodeTaken`.
    UpdateProduct {
        /// The product as it shall be, its version raised.
        product: Product,
        /// The version that was read.
        was: u32,
    },
}

/// Units taken for a line of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StockClaim {
    /// The line.
    pub line: LineId,
    /// How many, at least 1.
    pub quantity: u32,
}

/// Moves of stock units. Units are taken by order line, in the order of their ids, and are found
/// by the line afterwards.
#[derive(Debug, Clone)]
pub enum StockWrite {
    /// Adds units; rejected as `DuplicateContent`.
    Add {
        /// The product.
        product: ProductId,
        /// The units.
        units: Vec<NewUnit>,
    },
    /// Available to held; rejected as `OutOfStock` unless all can be had.
    Hold {
        /// The product.
        product: ProductId,
        /// For which lines.
        claims: Vec<StockClaim>,
    },
    /// Available to sold; rejected as `OutOfStock` unless all can be had.
    Take {
        /// The product.
        product: ProductId,
        /// For which lines.
        claims: Vec<StockClaim>,
    },
    /// Held to sold; a conflict unless exactly so many are held by the line.
    Sell(StockClaim),
    /// Held to available; a conflict unless exactly so many are held by the line.
    Release(StockClaim),
    /// Available to withdrawn; a conflict unless all are available.
    Withdraw {
        /// The units.
        units: Vec<UnitId>,
    },
    /// Withdrawn to available; a conflict unless all are withdrawn.
    Restore {
        /// The units.
        units: Vec<UnitId>,
    },
}

/// Changes of vouchers and their uses.
#[derive(Debug, Clone)]
pub enum VoucherWrite {
    /// Adds a voucher, unused; rejected as `VoucherCodeTaken`.
    Add(Voucher),
    /// Replaces the terms; a conflict unless the stored version is `was`; rejected as
    /// `VoucherExhausted` when the new maximum lies below what is held and redeemed, or as
    /// `VoucherExhaustedForCustomer` when the one for each customer does.
    UpdateTerms {
        /// The voucher.
        voucher: VoucherId,
        /// The terms as they shall be; the version becomes `was + 1`.
        terms: VoucherTerms,
        /// The version that was read.
        was: u32,
    },
    /// Holds a use for an order that has none, else a conflict; rejected as `VoucherExhausted` or
    /// `VoucherExhaustedForCustomer`.
    Hold {
        /// The voucher.
        voucher: VoucherId,
        /// The order.
        order: OrderId,
        /// Whose order it is.
        customer: CustomerId,
    },
    /// Redeems a use at once, for an order that has none or whose use was released; rejected as
    /// `VoucherExhausted` or `VoucherExhaustedForCustomer`; a conflict where it is held or redeemed.
    Take {
        /// The voucher.
        voucher: VoucherId,
        /// The order.
        order: OrderId,
        /// Whose order it is.
        customer: CustomerId,
    },
    /// Held to redeemed; a conflict unless it is held.
    Redeem {
        /// The voucher.
        voucher: VoucherId,
        /// The order.
        order: OrderId,
    },
    /// Held to released; a conflict unless it is held.
    Release {
        /// The voucher.
        voucher: VoucherId,
        /// The order.
        order: OrderId,
    },
}

/// Changes of orders.
#[derive(Debug, Clone)]
pub enum OrderWrite {
    /// Places an order; rejected as `OrderNumberTaken`.
    Place(Box<Order>),
    /// Moves an order; a conflict unless it is in `from`.
    Move {
        /// The order.
        order: OrderId,
        /// Where it must be.
        from: OrderState,
        /// Where it goes.
        to: OrderState,
    },
    /// Counts what is given back of a paid order; a conflict unless state and count are as read.
    Refund {
        /// The order.
        order: OrderId,
        /// The state that was read: paid or delivered.
        from: OrderState,
        /// The state it goes to; may be the same.
        to: OrderState,
        /// The count that was read.
        was: Money,
        /// What has been given back in all; at most the total.
        refunded: Money,
    },
}

/// Changes of invoices, charges and payments.
#[derive(Debug, Clone)]
pub enum InvoiceWrite {
    /// Adds an invoice.
    Add(Invoice),
    /// Changes an invoice; a conflict unless version and state are as read. The version becomes
    /// `version + 1`.
    Change {
        /// The invoice.
        invoice: InvoiceId,
        /// The version that was read.
        version: u32,
        /// The state that was read.
        from: InvoiceState,
        /// The state it goes to; may be the same.
        to: InvoiceState,
        /// What has been received in all.
        received: Money,
    },
    /// Changes when an open invoice expires; a conflict unless it is open and the version as read.
    /// The version becomes `version + 1`.
    SetExpiry {
        /// The invoice.
        invoice: InvoiceId,
        /// The version that was read.
        version: u32,
        /// When it expires.
        expires_at: Timestamp,
    },
    /// Adds a charge; rejected as `ReferenceTaken`.
    AddCharge(Charge),
    /// Created to open, with what the gateway told; a conflict unless it is created and the
    /// total is in its currency.
    OpenCharge {
        /// The charge.
        charge: ChargeId,
        /// Its id of the charge.
        gateway_id: Option<GatewayChargeId>,
        /// The gateway's own total.
        payable: Money,
        /// How it is paid.
        pay_with: PayWith,
        /// When the gateway is asked about it.
        poll_at: Timestamp,
    },
    /// Moves a charge; a conflict unless it is in `from`.
    MoveCharge {
        /// The charge.
        charge: ChargeId,
        /// Where it must be.
        from: ChargeState,
        /// Where it goes.
        to: ChargeState,
    },
    /// Counts that the gateway was asked and notes when it is asked next; the last writer wins.
    /// A conflict where the charge is not there.
    PollCharge {
        /// The charge.
        charge: ChargeId,
        /// When, or never again.
        poll_at: Option<Timestamp>,
    },
    /// Records a payment; rejected as `PaymentSeen`.
    RecordPayment(Payment),
}

/// Changes of customers.
#[derive(Debug, Clone)]
pub enum CustomerWrite {
    /// Adds a customer; rejected as `ContactTaken`.
    Add(Customer),
    /// Replaces what may change of a customer: everything but the id, the contact and when they
    /// came. A conflict unless the stored version is `was`.
    Update {
        /// The customer as they become; their version is theirs afterwards.
        customer: Customer,
        /// The version that was read.
        was: u32,
    },
}

/// Changes of carts.
#[derive(Debug, Clone)]
pub enum CartWrite {
    /// Stores a cart; a conflict unless the stored version is `was` (0: none). The stored version
    /// becomes `was + 1`, whatever the cart's says.
    Put {
        /// The cart.
        cart: Cart,
        /// The version that was read.
        was: u32,
    },
}

/// Changes of review cases.
#[derive(Debug, Clone)]
pub enum ReviewWrite {
    /// Opens a case.
    Open(Case),
    /// Resolves a case; a conflict unless it is open.
    Resolve {
        /// The case.
        case: CaseId,
        /// How.
        resolution: Resolution,
    },
}

/// Changes of refunds.
#[derive(Debug, Clone)]
pub enum RefundWrite {
    /// Adds a refund.
    Add(Refund),
    /// Ends a requested refund; a conflict unless it is requested.
    End {
        /// The refund.
        refund: RefundId,
        /// Done or failed.
        to: RefundState,
    },
}

/// Corrections of what is counted along the way; a conflict unless the count is as read and the
/// counted rows make what it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecountWrite {
    /// The uses of a voucher, from its redemptions.
    Voucher {
        /// The voucher.
        voucher: VoucherId,
        /// The count that was read.
        was: Uses,
        /// The count as it shall be.
        to: Uses,
    },
    /// The balance of a wallet, from its postings.
    Wallet {
        /// Whose it is.
        customer: CustomerId,
        /// The balance that was read; zero where no wallet was.
        was: Money,
        /// The balance as it shall be, in the same currency.
        to: Money,
    },
    /// What was given back of an order, from its refunds.
    Order {
        /// The order.
        order: OrderId,
        /// The count that was read.
        was: Money,
        /// The count as it shall be, in the same currency.
        to: Money,
    },
}

/// Marks of outbox items, and the message log.
#[derive(Debug, Clone)]
pub enum OutboxWrite {
    /// Marks a pending item as sent or refused; a conflict unless it is pending.
    Finish {
        /// The item.
        item: ItemId,
        /// Sent or refused.
        state: ItemState,
    },
    /// Gives a claimed item back, to be tried again at `due_at`; a conflict unless it is pending.
    Postpone {
        /// The item.
        item: ItemId,
        /// Not before.
        due_at: Timestamp,
    },
    /// Logs a message; logging it again changes nothing.
    LogMessage(SentMessage),
    /// Removes a message from the log; nothing happens where it is not there.
    ForgetMessage {
        /// The chat.
        chat: Chat,
        /// The message.
        message: MessageId,
    },
}

/// Dialogs, plug-ins' state, and carried-out requests.
#[derive(Debug, Clone)]
pub enum ChatWrite {
    /// Stores a chat's dialog; a conflict unless the stored version is `was` (0: none).
    PutDialog {
        /// The dialog; stored with version `was + 1`.
        dialog: Dialog,
        /// The version that was read.
        was: u32,
    },
    /// Ends a chat's dialog; nothing happens where there is none.
    EndDialog {
        /// The chat.
        chat: Chat,
    },
    /// Stores a small value of a plug-in; the last writer wins.
    PutState {
        /// The plug-in.
        plugin: String,
        /// The key.
        key: String,
        /// The value; `None` removes it.
        value: Option<Vec<u8>>,
    },
    /// Replaces a small value of a plug-in; a conflict unless the stored one is `was` (`None`: none).
    SwapState {
        /// The plug-in.
        plugin: String,
        /// The key.
        key: String,
        /// The value that was read.
        was: Option<Vec<u8>>,
        /// The value as it shall be.
        value: Vec<u8>,
    },
    /// Records that a request was carried out; rejected as `RequestSeen`.
    RecordRequest {
        /// The request.
        request: RequestKey,
        /// What came of it.
        outcome: RequestOutcome,
    },
}

macro_rules! into_write {
    ($($from:ty => $variant:ident),* $(,)?) => {$(
        impl From<$from> for Write {
            fn from(write: $from) -> Self {
                Self::$variant(write)
            }
        }
    )*};
}

into_write! {
    ShopRecord => OpenShop,
    CatalogWrite => Catalog,
    StockWrite => Stock,
    VoucherWrite => Voucher,
    OrderWrite => Order,
    InvoiceWrite => Invoice,
    Transfer => Transfer,
    CustomerWrite => Customer,
    CartWrite => Cart,
    ReviewWrite => Review,
    RefundWrite => Refund,
    RecountWrite => Recount,
    OutboxWrite => Outbox,
    ChatWrite => Chat,
}
