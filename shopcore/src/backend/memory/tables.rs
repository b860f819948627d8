//! The tables of one shop: rows by id, and beside them the indexes that make keys unique and
//! reads short.

use uuid::Uuid;

use super::table::Table;
use crate::audit::{Entity, Record};
use crate::cart::Cart;
use crate::catalog::{Category, Product};
use crate::customer::{Chat, Contact, Customer, MessageId};
use crate::id::{
    AuditId, BatchId, CaseId, CategoryId, ChargeId, CustomerId, InvoiceId, ItemId, LineId, OrderId,
    PaymentId, ProductId, RefundId, ShopId, TransferId, UnitId, VoucherId,
};
use crate::invoice::{Charge, EventId, GatewayName, Invoice, Payment, Reference};
use crate::message::{OutboxItem, SentMessage};
use crate::money::{Currency, Money};
use crate::order::{Order, OrderNumber};
use crate::refund::Refund;
use crate::review::Case;
use crate::stock::Unit;
use crate::store::{Dialog, RequestKey, RequestOutcome, ShopRecord, TransferRow};
use crate::text::{Name, ProductCode, VoucherCode};
use crate::time::Timestamp;
use crate::vault::Fingerprint;
use crate::voucher::{Redemption, Voucher};

/// Who has a lease, and until when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lease {
    pub(super) holder: Uuid,
    pub(super) until: Timestamp,
}

macro_rules! tables {
    ($($name:ident: $key:ty => $row:ty),* $(,)?) => {
        /// Everything one shop has.
        #[derive(Debug, Default)]
        pub(super) struct Tables {
            $(pub(super) $name: Table<$key, $row>,)*
        }

        impl Tables {
            /// Keeps what the batch changed.
            pub(super) fn accept(&mut self) {
                $(self.$name.accept();)*
            }

            /// Takes back what the batch changed.
            pub(super) fn take_back(&mut self) {
                $(self.$name.take_back();)*
            }
        }
    };
}

tables! {
    shop: ShopId => ShopRecord,
    batches: BatchId => Timestamp,
    audit: AuditId => Record,
    audit_of: (Entity, AuditId) => (),

    categories: CategoryId => Category,
    category_names: Name => CategoryId,
    products: ProductId => Product,
    product_codes: ProductCode => ProductId,

    units: UnitId => Unit,
    fingerprints: Fingerprint => UnitId,
    fingerprint_of: UnitId => Fingerprint,
    available: (ProductId, UnitId) => (),
    units_of: (LineId, UnitId) => (),

    vouchers: VoucherId => Voucher,
    voucher_codes: VoucherCode => VoucherId,
    redemptions: OrderId => Redemption,
    redemptions_of: ((VoucherId, CustomerId), OrderId) => (),

    orders: OrderId => Order,
    order_numbers: OrderNumber => OrderId,
    lines: LineId => OrderId,

    invoices: InvoiceId => Invoice,
    invoice_of: OrderId => InvoiceId,
    charges: ChargeId => Charge,
    charges_of: (InvoiceId, ChargeId) => (),
    references: (GatewayName, Reference) => ChargeId,
    payments: PaymentId => Payment,
    events: (GatewayName, EventId) => PaymentId,

    transfers: TransferId => TransferRow,
    transfers_of: (CustomerId, TransferId) => (),
    wallets: (CustomerId, Currency) => Money,

    customers: CustomerId => Customer,
    contacts: Contact => CustomerId,
    carts: CustomerId => Cart,
    cases: CaseId => Case,
    refunds: RefundId => Refund,

    items: ItemId => OutboxItem,
    pending: ItemId => (),
    claims: ItemId => Timestamp,
    messages: (Chat, MessageId) => SentMessage,

    dialogs: Chat => Dialog,
    states: (String, String) => Vec<u8>,
    requests: RequestKey => RequestOutcome,
    leases: String => Lease,
}
