//! A store in memory: the reference that every other store must behave like.
//!
//! One lock guards everything. A batch is applied write by write while each table notes what it
//! replaces; when a guard refuses, the notes are played back, so a refused batch leaves no trace
//! and a commit costs what it changes, not what the store holds. Rows that a write refers to are
//! looked for once all writes are applied, because the writes of a batch have no order.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::id::ShopId;
use crate::store::{
    Applied, Batch, CommitError, KeyHome, Listing, Page, Rejection, Snapshot, Store, StoreError,
    Write,
};
use crate::time::{Clock, SystemClock};
use tables::Tables;

mod audit;
mod catalog;
mod chat;
mod customer;
mod invoice;
mod ledger;
mod order;
mod outbox;
mod queues;
mod recount;
mod references;
mod refund;
mod review;
mod shop;
mod snapshot;
mod stock;
mod table;
mod tables;
mod voucher;

/// The result of a read.
type Read<T> = Result<T, StoreError>;

/// The result of a write.
type Done = Result<(), CommitError>;

/// Keeps shops for as long as the process runs.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// use shopcore::backend::memory::MemoryStore;
/// use shopcore::store::ShopReader;
/// use shopcore::text::Name;
///
/// let store = MemoryStore::default();
/// assert!(store.find_shop(&Name::parse("Corner")?).await?.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    shops: Mutex<BTreeMap<ShopId, Tables>>,
}

impl MemoryStore {
    /// An empty store; leases and claims run on `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            shops: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ShopId, Tables>> {
        self.shops.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, shop: ShopId, ask: impl FnOnce(&Tables) -> T) -> T {
        match self.lock().get(&shop) {
            Some(tables) => ask(tables),
            None => ask(&Tables::default()),
        }
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new(Arc::new(SystemClock))
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn commit(&self, batch: Arc<Batch>) -> Result<Applied, CommitError> {
        if let Some(row) = batch.row_named_twice() {
            return Err(CommitError::Malformed(row));
        }
        let mut shops = self.lock();
        if shop::takes_a_name(&shops, &batch) {
            return Err(Rejection::ShopNameTaken.into());
        }
        let tables = shops.entry(batch.shop).or_default();
        if tables.batches.contains_key(&batch.id) {
            return Ok(Applied::Before);
        }
        let applied = tables.apply(&batch);
        match applied {
            Ok(()) => tables.accept(),
            Err(_) => tables.take_back(),
        }
        if tables.shop.is_empty() {
            shops.remove(&batch.shop);
        }
        applied.map(|()| Applied::Now)
    }

    fn key_home(&self) -> KeyHome {
        KeyHome::Process
    }

    async fn snapshot(&self, shop: ShopId) -> Result<Snapshot, StoreError> {
        Ok(self.read(shop, snapshot::take))
    }
}

impl Tables {
    fn apply(&mut self, batch: &Batch) -> Done {
        self.batches.insert(batch.id, batch.at)?;
        for premise in &batch.premises {
            self.check(premise)?;
        }
        for write in &batch.writes {
            self.write(write, batch)?;
        }
        self.enqueue(batch)?;
        self.record(batch)?;
        if self.shop.is_empty() || !batch.writes.iter().all(|write| self.has_references(write)) {
            return Err(Rejection::Dangling.into());
        }
        Ok(())
    }

    fn write(&mut self, write: &Write, batch: &Batch) -> Done {
        let at = batch.at;
        match write {
            Write::OpenShop(shop) => self.open_shop(shop, batch.shop),
            Write::Catalog(write) => self.write_catalog(write),
            Write::Stock(write) => self.write_stock(write, at),
            Write::Voucher(write) => self.write_voucher(write),
            Write::Order(write) => self.write_order(write, at),
            Write::Invoice(write) => self.write_invoice(write),
            Write::Transfer(transfer) => self.post(transfer, at),
            Write::Customer(write) => self.write_customer(write),
            Write::Cart(write) => self.write_cart(write),
            Write::Review(write) => self.write_review(write, at),
            Write::Refund(write) => self.write_refund(write, at),
            Write::Recount(write) => self.recount(write),
            Write::Outbox(write) => self.write_outbox(write),
            Write::Chat(write) => self.write_chat(write),
        }
    }
}

/// A `u32` of a page as a count of rows.
fn rows(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// A count of rows as listings tell it.
fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

fn part<T>(all: impl Iterator<Item = T>, page: Page) -> Vec<T> {
    all.skip(rows(page.offset)).take(rows(page.limit)).collect()
}

fn listing<'a, T: Clone + 'a>(all: &[&'a T], page: Page) -> Listing<T> {
    Listing {
        items: part(all.iter().copied().cloned(), page),
        total: count(all.len()),
    }
}
