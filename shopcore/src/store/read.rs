//! What services may ask a store.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::StoreError;
use crate::audit::{Entity, Record, Search};
use crate::cart::Cart;
use crate::catalog::{Category, Offer, Product, Visibility};
use crate::customer::{Contact, Customer, Reachability, Standing};
use crate::id::{
    AuditId, CaseId, CategoryId, ChargeId, CustomerId, InvoiceId, OrderId, PaymentId, ProductId,
    RefundId, ShopId, UnitId, VoucherId,
};
use crate::invoice::GatewayName;
use crate::invoice::{Charge, EventId, Invoice, Outcome, Payment, Reference};
use crate::ledger::Purpose;
use crate::message::{OutboxItem, Reach, SentMessage};
use crate::money::{Currency, Money};
use crate::order::{Order, OrderNumber, OrderState};
use crate::refund::Refund;
use crate::review::Case;
use crate::stock::{Unit, UnitState};
use crate::text::{Name, ProductCode, VoucherCode};
use crate::time::Timestamp;
use crate::vault::{Fingerprint, Sealed};
use crate::voucher::{Redemption, Voucher};

/// The result of a read.
type Read<T> = Result<T, StoreError>;

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Rows to pass over.
    pub offset: u32,
    /// The most rows to give.
    pub limit: u32,
}

impl Page {
    /// The first `limit` rows.
    #[must_use]
    pub const fn first(limit: u32) -> Self {
        Self { offset: 0, limit }
    }

    /// The page of this number, from 0, where a page has `size` rows.
    #[must_use]
    pub const fn number(number: u32, size: u32) -> Self {
        Self {
            offset: number.saturating_mul(size),
            limit: size,
        }
    }
}

/// A part of a list, and how long the whole is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    /// The rows.
    pub items: Vec<T>,
    /// How many rows there are in all.
    pub total: u64,
}

/// A shop as its store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopRecord {
    /// Its id.
    pub id: ShopId,
    /// Its name, unique in the store.
    pub name: Name,
    /// Its currency, for ever.
    pub currency: Currency,
    /// The key of its fingerprints, sealed: opening it also proves that the vault's key is right.
    pub fingerprint_key: Sealed,
    /// When it was opened.
    pub created_at: Timestamp,
}

/// Reads about shops.
#[async_trait]
pub trait ShopReader {
    /// How many shops the store keeps.
    async fn count_shops(&self) -> Read<u64>;

    /// The shop of this name.
    async fn find_shop(&self, name: &Name) -> Read<Option<ShopRecord>>;

    /// The latest entries of the audit about an entity, newest first.
    async fn list_audit(&self, shop: ShopId, entity: Entity, page: Page) -> Read<Vec<Record>>;

    /// The latest entries of the audit that fit a search, newest first.
    async fn search_audit(&self, shop: ShopId, search: &Search, limit: u32) -> Read<Vec<Record>>;

    /// Entries of the audit in the order of their ids, from the first behind `after`. An entry is
    /// named before its batch is committed: one may yet appear in front of others that were read.
    async fn follow_audit(&self, shop: ShopId, after: AuditId, limit: u32) -> Read<Vec<Record>>;
}

/// The order of a list of products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProductSort {
    /// By name.
    #[default]
    Name,
    /// Those that cost least in front.
    Cheapest,
    /// Those that cost most in front.
    Dearest,
    /// Those that were added last in front.
    Newest,
}

/// Which products to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProductFilter {
    /// Only these.
    pub visibility: Option<Visibility>,
    /// Only of this category.
    pub category: Option<CategoryId>,
    /// Only those whose code or name contains this text, regardless of case.
    pub search: Option<String>,
    /// In which order; those that are alike by name and then id.
    pub sort: ProductSort,
}

/// Reads about the catalogue.
#[async_trait]
pub trait CatalogReader {
    /// All categories, by name.
    async fn list_categories(&self, shop: ShopId) -> Read<Vec<Category>>;

    /// Products with what can be bought of them, in the order that is asked for.
    async fn list_offers(
        &self,
        shop: ShopId,
        filter: &ProductFilter,
        page: Page,
    ) -> Read<Listing<Offer>>;

    /// These products, in any order, those that are not there left out. Units are counted up to
    /// `count_up_to` only, so that a deep stock costs no more than a shallow one.
    async fn get_offers(
        &self,
        shop: ShopId,
        products: &[ProductId],
        count_up_to: u64,
    ) -> Read<Vec<Offer>>;

    /// The product of this code.
    async fn find_product(&self, shop: ShopId, code: &ProductCode) -> Read<Option<Product>>;

    /// Every product code of the shop.
    async fn list_product_codes(&self, shop: ShopId) -> Read<Vec<ProductCode>>;
}

/// Which units to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitFilter {
    /// Available units of a product.
    Available(ProductId),
    /// Units held for or sold to the lines of an order, by line and id.
    Order(OrderId),
    /// This unit.
    Unit(UnitId),
}

/// Reads about stock.
#[async_trait]
pub trait StockReader {
    /// Units with their sealed contents, by id.
    async fn list_units(&self, shop: ShopId, filter: UnitFilter, page: Page) -> Read<Vec<Unit>>;

    /// Which of these fingerprints the shop's stock has, in any state.
    async fn find_fingerprints(
        &self,
        shop: ShopId,
        fingerprints: &[Fingerprint],
    ) -> Read<Vec<Fingerprint>>;

    /// The state of a unit.
    async fn find_unit_state(&self, shop: ShopId, unit: UnitId) -> Read<Option<UnitState>>;
}

/// Reads about vouchers.
#[async_trait]
pub trait VoucherReader {
    /// The voucher of this code.
    async fn find_voucher(&self, shop: ShopId, code: &VoucherCode) -> Read<Option<Voucher>>;

    /// The voucher of this id.
    async fn get_voucher(&self, shop: ShopId, voucher: VoucherId) -> Read<Option<Voucher>>;

    /// Vouchers, by code.
    async fn list_vouchers(&self, shop: ShopId, page: Page) -> Read<Listing<Voucher>>;

    /// The use of a voucher by an order.
    async fn find_redemption(&self, shop: ShopId, order: OrderId) -> Read<Option<Redemption>>;
}

/// Which orders to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrderFilter {
    /// Only of this customer.
    pub customer: Option<CustomerId>,
    /// Only in this state.
    pub state: Option<OrderState>,
}

/// Reads about orders.
#[async_trait]
pub trait OrderReader {
    /// The order of this id.
    async fn find_order(&self, shop: ShopId, order: OrderId) -> Read<Option<Order>>;

    /// The order of this number.
    async fn find_order_number(&self, shop: ShopId, number: &OrderNumber) -> Read<Option<Order>>;

    /// How many units of a product a customer's orders have, of those that await payment or are
    /// paid and not paid back.
    async fn count_bought(
        &self,
        shop: ShopId,
        customer: CustomerId,
        product: ProductId,
    ) -> Read<u64>;

    /// How many units of each product were sold by orders that are paid and not paid back, those
    /// sold most in front.
    async fn list_sold(&self, shop: ShopId, limit: u32) -> Read<Vec<(ProductId, u64)>>;

    /// Orders, newest first.
    async fn list_orders(
        &self,
        shop: ShopId,
        filter: OrderFilter,
        page: Page,
    ) -> Read<Listing<Order>>;
}

/// Reads about invoices, charges and payments.
#[async_trait]
pub trait InvoiceReader {
    /// The invoice of this id.
    async fn find_invoice(&self, shop: ShopId, invoice: InvoiceId) -> Read<Option<Invoice>>;

    /// The invoice of an order.
    async fn find_invoice_of(&self, shop: ShopId, order: OrderId) -> Read<Option<Invoice>>;

    /// Open invoices that expire at `at` or before, those that expire first in front.
    async fn list_due_invoices(
        &self,
        shop: ShopId,
        at: Timestamp,
        limit: u32,
    ) -> Read<Vec<Invoice>>;

    /// A customer's open invoices for deposits, newest first.
    async fn list_open_deposits(&self, shop: ShopId, customer: CustomerId) -> Read<Vec<Invoice>>;

    /// A customer's invoices for deposits that are not paid, those that ended so among them, newest
    /// first.
    async fn list_unpaid_deposits(
        &self,
        shop: ShopId,
        customer: CustomerId,
        page: Page,
    ) -> Read<Listing<Invoice>>;

    /// The charges of an invoice, oldest first.
    async fn list_charges(&self, shop: ShopId, invoice: InvoiceId) -> Read<Vec<Charge>>;

    /// The charge of this id.
    async fn get_charge(&self, shop: ShopId, charge: ChargeId) -> Read<Option<Charge>>;

    /// The charge of this reference at a gateway.
    async fn find_charge(
        &self,
        shop: ShopId,
        gateway: &GatewayName,
        reference: &Reference,
    ) -> Read<Option<Charge>>;

    /// Charges to ask their gateway about at `at`, those due first in front.
    async fn list_charges_to_poll(
        &self,
        shop: ShopId,
        at: Timestamp,
        limit: u32,
    ) -> Read<Vec<Charge>>;

    /// The payment of this event.
    async fn find_payment(
        &self,
        shop: ShopId,
        gateway: &GatewayName,
        event: &EventId,
    ) -> Read<Option<Payment>>;

    /// The payments of an invoice, in the order they were recorded.
    async fn list_payments_of(&self, shop: ShopId, invoice: InvoiceId) -> Read<Vec<Payment>>;

    /// The payments of a gateway that were recorded from `from` to before `to`.
    async fn list_payments_through(
        &self,
        shop: ShopId,
        gateway: &GatewayName,
        from: Timestamp,
        to: Timestamp,
    ) -> Read<Vec<Payment>>;

    /// The payment of this id.
    async fn get_payment(&self, shop: ShopId, payment: PaymentId) -> Read<Option<Payment>>;
}

/// A line of a wallet's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// What moved: above zero came in.
    pub amount: Money,
    /// What for.
    pub purpose: Purpose,
    /// What became of the payment it is about.
    pub outcome: Option<Outcome>,
    /// The invoice it is about.
    pub invoice: Option<InvoiceId>,
    /// When.
    pub at: Timestamp,
}

/// Reads about wallets and money.
#[async_trait]
pub trait LedgerReader {
    /// What a customer's wallet holds of a currency.
    async fn balance(&self, shop: ShopId, customer: CustomerId, currency: Currency) -> Read<Money>;

    /// The history of a wallet, newest first.
    async fn list_statements(
        &self,
        shop: ShopId,
        customer: CustomerId,
        page: Page,
    ) -> Read<Listing<Statement>>;
}

/// Which customers to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CustomerFilter {
    /// Only those whose name or platform's id contains this text, regardless of case.
    pub search: Option<String>,
    /// Only those of this standing, as it is stored: a ban whose time is over is still a ban.
    pub standing: Option<Standing>,
    /// Only those who can, or can't, be written to.
    pub reachability: Option<Reachability>,
    /// Only those who follow this one in the list, which goes on where a page ended however many
    /// have come since.
    pub after: Option<CustomerId>,
}

/// Reads about customers.
#[async_trait]
pub trait CustomerReader {
    /// The customer of this id.
    async fn get_customer(&self, shop: ShopId, customer: CustomerId) -> Read<Option<Customer>>;

    /// The customer of this contact.
    async fn find_customer(&self, shop: ShopId, contact: &Contact) -> Read<Option<Customer>>;

    /// Customers, those who came last in front.
    async fn list_customers(
        &self,
        shop: ShopId,
        filter: &CustomerFilter,
        page: Page,
    ) -> Read<Listing<Customer>>;

    /// A customer's cart; empty where none is stored.
    async fn get_cart(&self, shop: ShopId, customer: CustomerId) -> Read<Cart>;
}

/// Reads about review cases.
#[async_trait]
pub trait ReviewReader {
    /// The case of this id.
    async fn find_case(&self, shop: ShopId, case: CaseId) -> Read<Option<Case>>;

    /// Cases about an order, oldest first.
    async fn list_cases_of(&self, shop: ShopId, order: OrderId) -> Read<Vec<Case>>;

    /// Open cases, oldest first.
    async fn list_open_cases(&self, shop: ShopId, page: Page) -> Read<Listing<Case>>;
}

/// Which refunds are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundFilter {
    /// Those of an order.
    Order(OrderId),
    /// Those of a payment.
    Payment(PaymentId),
    /// Those of a case.
    Case(CaseId),
}

/// Reads about refunds.
#[async_trait]
pub trait RefundReader {
    /// The refund of this id.
    async fn find_refund(&self, shop: ShopId, refund: RefundId) -> Read<Option<Refund>>;

    /// Refunds, oldest first.
    async fn list_refunds(&self, shop: ShopId, filter: RefundFilter) -> Read<Vec<Refund>>;
}

/// Reads about messages.
#[async_trait]
pub trait MessageReader {
    /// The logged messages about an invoice.
    async fn list_messages(&self, shop: ShopId, invoice: InvoiceId) -> Read<Vec<SentMessage>>;
}

/// What is taken for a while: outbox items and jobs. These use the store's own clock, save work
/// between processes, and carry no correctness.
#[async_trait]
pub trait Queues {
    /// Claims pending items that are due at `at`, the foremost of their lanes, that no one else
    /// has claimed and `reach` covers; counts an attempt for each. They are free again after
    /// `lease`.
    async fn claim_items(
        &self,
        shop: ShopId,
        reach: &[Reach],
        at: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Read<Vec<OutboxItem>>;

    /// Takes or renews the lease of this name for `holder`; tells whether they have it now.
    async fn take_lease(&self, shop: ShopId, name: &str, holder: Uuid, ttl: Duration)
    -> Read<bool>;

    /// Gives a lease back.
    async fn drop_lease(&self, shop: ShopId, name: &str, holder: Uuid) -> Read<()>;

    /// Forgets the ids of batches that were applied before `before`; tells how many.
    async fn forget_batches(&self, shop: ShopId, before: Timestamp) -> Read<u64>;

    /// Forgets what came before `before` and is of no more use: outbox items that are finished, or
    /// are for admins nobody has met since, and requests that were carried out. Tells how many.
    async fn forget_finished(&self, shop: ShopId, before: Timestamp) -> Read<u64>;
}
