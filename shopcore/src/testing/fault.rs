//! A store that fails as told: by a script, or at random from a seed.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::audit::{Entity, Record, Search};
use crate::cart::Cart;
use crate::catalog::{Category, Offer, Product};
use crate::customer::{Chat, Contact, Customer};
use crate::id::{
    AuditId, CaseId, ChargeId, CustomerId, InvoiceId, OrderId, PaymentId, ProductId, RefundId,
    ShopId, UnitId, VoucherId,
};
use crate::invoice::{Charge, EventId, GatewayName, Invoice, Payment, Reference};
use crate::message::{OutboxItem, Reach, SentMessage};
use crate::money::{Currency, Money, Percent};
use crate::order::{Order, OrderNumber};
use crate::refund::Refund;
use crate::review::Case;
use crate::stock::{Unit, UnitState};
use crate::store::{
    Applied, Batch, BoxError, CatalogReader, ChatReader, CommitError, CustomerFilter,
    CustomerReader, Dialog, InvoiceReader, KeyHome, LedgerReader, Listing, MessageReader,
    OrderFilter, OrderReader, Page, ProductFilter, Queues, RefundFilter, RefundReader, RequestKey,
    RequestOutcome, ReviewReader, ShopReader, ShopRecord, Snapshot, Statement, StockReader, Store,
    StoreError, UnitFilter, VoucherReader,
};
use crate::text::{Name, ProductCode, VoucherCode};
use crate::time::Timestamp;
use crate::vault::Fingerprint;
use crate::voucher::{Redemption, Voucher};

/// What goes wrong at a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The store can't be written; nothing is applied.
    Unavailable,
    /// The batch is decided, and the reply is lost.
    LostReply,
    /// The batch is lost on its way, which looks the same.
    LostRequest,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 3] = [Self::Unavailable, Self::LostReply, Self::LostRequest];
}

#[derive(Debug, Default)]
struct Plan {
    script: VecDeque<Option<Fault>>,
    chance: Option<Chance>,
    reads_to_fail: u32,
}

/// Draws faults that follow from a seed alone.
#[derive(Debug)]
struct Chance {
    seed: u64,
    rate: Percent,
    draws: u64,
}

impl Chance {
    fn draw(&mut self) -> Option<Fault> {
        self.draws += 1;
        let words = [self.seed.to_le_bytes(), self.draws.to_le_bytes()].concat();
        let hash = Sha256::digest(words);
        let dice = u16::from_le_bytes([hash[0], hash[1]]) % Percent::WHOLE;
        let fault = Fault::ALL[usize::from(hash[2]) % Fault::ALL.len()];
        (dice < self.rate.basis_points()).then_some(fault)
    }
}

/// Passes everything on to another store, but for what its plan says.
#[derive(Debug)]
pub struct FaultStore {
    inner: Arc<dyn Store>,
    plan: Mutex<Plan>,
}

impl FaultStore {
    /// A store that does not fail until it is told to.
    #[must_use]
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self {
            inner,
            plan: Mutex::default(),
        }
    }

    /// A store of which `rate` of the commits fail, in a way that follows from `seed`.
    #[must_use]
    pub fn seeded(inner: Arc<dyn Store>, seed: u64, rate: Percent) -> Self {
        let store = Self::new(inner);
        let draws = 0;
        store.plan().chance = Some(Chance { seed, rate, draws });
        store
    }

    /// Says what happens to the next commits, one after another: a fault, or nothing special.
    pub fn script(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.plan().script.extend(faults);
    }

    /// Makes this many of the next reads fail.
    pub fn fail_reads(&self, count: u32) {
        self.plan().reads_to_fail = count;
    }

    /// Lets nothing fail any more.
    pub fn heal(&self) {
        *self.plan() = Plan::default();
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_fault(&self) -> Option<Fault> {
        let mut plan = self.plan();
        if let Some(scripted) = plan.script.pop_front() {
            return scripted;
        }
        plan.chance.as_mut().and_then(Chance::draw)
    }

    fn check_read(&self) -> Result<(), StoreError> {
        let mut plan = self.plan();
        if plan.reads_to_fail == 0 {
            return Ok(());
        }
        plan.reads_to_fail -= 1;
        Err(StoreError::Unavailable(planned()))
    }
}

fn planned() -> BoxError {
    io::Error::other("a planned fault").into()
}

#[async_trait]
impl Store for FaultStore {
    async fn commit(&self, batch: Arc<Batch>) -> Result<Applied, CommitError> {
        match self.next_fault() {
            None => self.inner.commit(batch).await,
            Some(Fault::Unavailable) => Err(CommitError::Unavailable(planned())),
            Some(Fault::LostRequest) => Err(CommitError::OutcomeUnknown(planned())),
            Some(Fault::LostReply) => {
                // What the store decided is what gets lost.
                let _lost = self.inner.commit(batch).await;
                Err(CommitError::OutcomeUnknown(planned()))
            }
        }
    }

    fn key_home(&self) -> KeyHome {
        self.inner.key_home()
    }

    async fn snapshot(&self, shop: ShopId) -> Result<Snapshot, StoreError> {
        self.check_read()?;
        self.inner.snapshot(shop).await
    }
}

macro_rules! pass_on {
    ($($port:ident { $(fn $name:ident($($arg:ident: $from:ty),* $(,)?) -> $to:ty;)* })*) => {$(
        #[async_trait]
        impl $port for FaultStore {
            $(async fn $name(&self, $($arg: $from),*) -> Result<$to, StoreError> {
                self.check_read()?;
                self.inner.$name($($arg),*).await
            })*
        }
    )*};
}

pass_on! {
    ShopReader {
        fn count_shops() -> u64;
        fn find_shop(name: &Name) -> Option<ShopRecord>;
        fn list_audit(shop: ShopId, entity: Entity, page: Page) -> Vec<Record>;
        fn search_audit(shop: ShopId, search: &Search, limit: u32) -> Vec<Record>;
        fn follow_audit(shop: ShopId, after: AuditId, limit: u32) -> Vec<Record>;
    }
    CatalogReader {
        fn list_categories(shop: ShopId) -> Vec<Category>;
        fn list_offers(shop: ShopId, filter: &ProductFilter, page: Page) -> Listing<Offer>;
        fn get_offers(shop: ShopId, products: &[ProductId], count_up_to: u64) -> Vec<Offer>;
        fn find_product(shop: ShopId, code: &ProductCode) -> Option<Product>;
        fn list_product_codes(shop: ShopId) -> Vec<ProductCode>;
    }
    StockReader {
        fn list_units(shop: ShopId, filter: UnitFilter, page: Page) -> Vec<Unit>;
        fn find_fingerprints(shop: ShopId, fingerprints: &[Fingerprint]) -> Vec<Fingerprint>;
        fn find_unit_state(shop: ShopId, unit: UnitId) -> Option<UnitState>;
    }
    VoucherReader {
        fn find_voucher(shop: ShopId, code: &VoucherCode) -> Option<Voucher>;
        fn get_voucher(shop: ShopId, voucher: VoucherId) -> Option<Voucher>;
        fn list_vouchers(shop: ShopId, page: Page) -> Listing<Voucher>;
        fn find_redemption(shop: ShopId, order: OrderId) -> Option<Redemption>;
    }
    OrderReader {
        fn find_order(shop: ShopId, order: OrderId) -> Option<Order>;
        fn find_order_number(shop: ShopId, number: &OrderNumber) -> Option<Order>;
        fn count_bought(shop: ShopId, customer: CustomerId, product: ProductId) -> u64;
        fn list_sold(shop: ShopId, limit: u32) -> Vec<(ProductId, u64)>;
        fn list_orders(shop: ShopId, filter: OrderFilter, page: Page) -> Listing<Order>;
    }
    InvoiceReader {
        fn find_invoice(shop: ShopId, invoice: InvoiceId) -> Option<Invoice>;
        fn find_invoice_of(shop: ShopId, order: OrderId) -> Option<Invoice>;
        fn list_due_invoices(shop: ShopId, at: Timestamp, limit: u32) -> Vec<Invoice>;
        fn list_open_deposits(shop: ShopId, customer: CustomerId) -> Vec<Invoice>;
        fn list_unpaid_deposits(shop: ShopId, customer: CustomerId, page: Page) -> Listing<Invoice>;
        fn list_charges(shop: ShopId, invoice: InvoiceId) -> Vec<Charge>;
        fn get_charge(shop: ShopId, charge: ChargeId) -> Option<Charge>;
        fn find_charge(
            shop: ShopId,
            gateway: &GatewayName,
            reference: &Reference,
        ) -> Option<Charge>;
        fn list_charges_to_poll(shop: ShopId, at: Timestamp, limit: u32) -> Vec<Charge>;
        fn find_payment(shop: ShopId, gateway: &GatewayName, event: &EventId) -> Option<Payment>;
        fn list_payments_of(shop: ShopId, invoice: InvoiceId) -> Vec<Payment>;
        fn list_payments_through(
            shop: ShopId,
            gateway: &GatewayName,
            from: Timestamp,
            to: Timestamp,
        ) -> Vec<Payment>;
        fn get_payment(shop: ShopId, payment: PaymentId) -> Option<Payment>;
    }
    LedgerReader {
        fn balance(shop: ShopId, customer: CustomerId, currency: Currency) -> Money;
        fn list_statements(shop: ShopId, customer: CustomerId, page: Page) -> Listing<Statement>;
    }
    CustomerReader {
        fn get_customer(shop: ShopId, customer: CustomerId) -> Option<Customer>;
        fn find_customer(shop: ShopId, contact: &Contact) -> Option<Customer>;
        fn list_customers(shop: ShopId, filter: &CustomerFilter, page: Page) -> Listing<Customer>;
        fn get_cart(shop: ShopId, customer: CustomerId) -> Cart;
    }
    ReviewReader {
        fn find_case(shop: ShopId, case: CaseId) -> Option<Case>;
        fn list_cases_of(shop: ShopId, order: OrderId) -> Vec<Case>;
        fn list_open_cases(shop: ShopId, page: Page) -> Listing<Case>;
    }
    RefundReader {
        fn find_refund(shop: ShopId, refund: RefundId) -> Option<Refund>;
        fn list_refunds(shop: ShopId, filter: RefundFilter) -> Vec<Refund>;
    }
    MessageReader {
        fn list_messages(shop: ShopId, invoice: InvoiceId) -> Vec<SentMessage>;
    }
    ChatReader {
        fn find_dialog(shop: ShopId, chat: &Chat) -> Option<Dialog>;
        fn find_state(shop: ShopId, plugin: &str, key: &str) -> Option<Vec<u8>>;
        fn list_states(
            shop: ShopId,
            plugin: &str,
            prefix: &str,
            page: Page,
        ) -> Listing<(String, Vec<u8>)>;
        fn find_request(shop: ShopId, request: &RequestKey) -> Option<RequestOutcome>;
    }
    Queues {
        fn claim_items(
            shop: ShopId,
            reach: &[Reach],
            at: Timestamp,
            lease: Duration,
            limit: u32,
        ) -> Vec<OutboxItem>;
        fn take_lease(shop: ShopId, name: &str, holder: Uuid, ttl: Duration) -> bool;
        fn drop_lease(shop: ShopId, name: &str, holder: Uuid) -> ();
        fn forget_batches(shop: ShopId, before: Timestamp) -> u64;
        fn forget_finished(shop: ShopId, before: Timestamp) -> u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Actor;
    use crate::backend::memory::MemoryStore;
    use crate::testing::conformance::Trial;
    use crate::time::VirtualClock;

    async fn outcomes(seed: u64) -> Vec<bool> {
        let clock = Arc::new(VirtualClock::default());
        let store = Arc::new(MemoryStore::new(Arc::clone(&clock) as _));
        let trial = Trial::open(store, clock).await;
        let rate = Percent::from_basis_points(5_000).unwrap();
        let faulty = FaultStore::seeded(Arc::clone(&trial.store), seed, rate);
        let mut outcomes = Vec::new();
        for _ in 0..64 {
            let now = trial.rows.now();
            let batch = Batch::by(Actor::Operator, trial.shop, now, &trial.rows.ids);
            outcomes.push(faulty.commit(Arc::new(batch)).await.is_ok());
        }
        outcomes
    }

    #[tokio::test]
    async fn a_seed_repeats_its_faults() {
        let first = outcomes(1).await;
        assert_eq!(first, outcomes(1).await);
        assert_ne!(first, outcomes(2).await);
        assert!(first.contains(&true) && first.contains(&false));
    }

    #[tokio::test]
    async fn reads_fail_as_often_as_told_or_until_healed() {
        let faulty = FaultStore::new(Arc::new(MemoryStore::default()));
        let name = Name::parse("Toko").unwrap();
        faulty.fail_reads(1);
        assert!(faulty.find_shop(&name).await.is_err());
        assert!(faulty.find_shop(&name).await.is_ok());
        faulty.fail_reads(1);
        faulty.heal();
        assert!(faulty.find_shop(&name).await.is_ok());
    }
}
