//! A store under trial: a shop opened in it, and the questions every case asks.

use std::sync::Arc;

use crate::audit::{Actor, Entity, Kind};
use crate::catalog::Product;
use crate::customer::Customer;
use crate::id::ShopId;
use crate::invoice::{Charge, Invoice, Payment};
use crate::message::{Destination, Notice, Task};
use crate::order::Order;
use crate::store::{
    Applied, Batch, CatalogWrite, ChatWrite, CommitError, CustomerWrite, InvoiceWrite, OrderWrite,
    Rejection, Snapshot, StockClaim, StockWrite, Store, Write,
};
use crate::testing::fixture::Rows;
use crate::time::VirtualClock;

/// A store with an open shop in it.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The store's clock.
    pub clock: Arc<VirtualClock>,
    /// Makes rows.
    pub rows: Rows,
    /// The shop.
    pub shop: ShopId,
}

impl Trial {
    /// Opens a shop in an empty store that runs on `clock`.
    ///
    /// # Panics
    /// When the store refuses.
    pub async fn open(store: Arc<dyn Store>, clock: Arc<VirtualClock>) -> Self {
        let rows = Rows::new(Arc::clone(&clock) as _);
        Self::open_another(store, clock, rows, "Toko").await
    }

    /// Another shop of the same store.
    ///
    /// # Panics
    /// When the store refuses.
    pub async fn neighbour(&self) -> Self {
        let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
        Self::open_another(store, clock, self.rows.clone(), "Warung").await
    }

    async fn open_another(
        store: Arc<dyn Store>,
        clock: Arc<VirtualClock>,
        rows: Rows,
        name: &str,
    ) -> Self {
        let record = rows.shop(name);
        let trial = Self {
            store,
            clock,
            rows,
            shop: record.id,
        };
        trial.apply([record.into()]).await;
        trial
    }

    /// An empty business batch.
    #[must_use]
    pub fn batch(&self) -> Batch {
        Batch::by(Actor::Operator, self.shop, self.rows.now(), &self.rows.ids)
    }

    /// A business batch of these writes.
    #[must_use]
    pub fn batch_of(&self, writes: impl IntoIterator<Item = Write>) -> Batch {
        let mut batch = self.batch();
        batch.writes.extend(writes);
        batch
    }

    /// Commits a batch.
    ///
    /// # Errors
    /// The store's.
    pub async fn commit(&self, batch: Batch) -> Result<Applied, CommitError> {
        self.store.commit(Arc::new(batch)).await
    }

    /// Applies writes.
    ///
    /// # Panics
    /// When the store refuses.
    pub async fn apply(&self, writes: impl IntoIterator<Item = Write>) {
        let applied = self.commit(self.batch_of(writes)).await;
        assert_eq!(applied.expect("the batch is applied"), Applied::Now);
    }

    /// All rows of the shop.
    ///
    /// # Panics
    /// When the store can't tell.
    pub async fn snapshot(&self) -> Snapshot {
        self.store.snapshot(self.shop).await.expect("a snapshot")
    }

    /// Commits a batch together with harmless changes and expects that the store refuses it
    /// whole.
    ///
    /// # Panics
    /// When it is applied, or leaves a trace.
    pub async fn refused(&self, mut batch: Batch) -> CommitError {
        let before = self.snapshot().await;
        let (plugin, key) = ("trial".to_owned(), batch.id.to_string());
        batch.push(CatalogWrite::AddCategory(self.rows.category("Harmless")));
        batch.push(ChatWrite::PutState {
            plugin: plugin.clone(),
            key: key.clone(),
            value: Some(vec![1]),
        });
        batch.record(
            Entity::new(Kind::Shop, self.shop),
            "tried",
            serde_json::Value::Null,
        );
        let notice = Notice::CaseOpened {
            case: self.rows.ids.next(),
        };
        batch.enqueue(Destination::Admins, self.shop, Task::Notice(notice));
        let error = self.commit(batch).await.expect_err("the batch is refused");
        assert_eq!(
            self.snapshot().await,
            before,
            "a refused batch left a trace"
        );
        let state = self.store.find_state(self.shop, &plugin, &key).await;
        assert_eq!(state.expect("a read"), None, "a refused batch left a trace");
        error
    }

    /// Expects a rejection that leaves no trace.
    ///
    /// # Panics
    /// When anything else comes.
    pub async fn rejected(&self, writes: impl IntoIterator<Item = Write>) -> Rejection {
        let error = self.refused(self.batch_of(writes)).await;
        let CommitError::Rejected(rejection) = error else {
            panic!("expected a rejection, not {error:?}");
        };
        rejection
    }

    /// Expects a conflict that leaves no trace.
    ///
    /// # Panics
    /// When anything else comes.
    pub async fn conflicts(&self, writes: impl IntoIterator<Item = Write>) {
        self.conflicts_whole(self.batch_of(writes)).await;
    }

    /// Expects that this batch conflicts and leaves no trace.
    ///
    /// # Panics
    /// When anything else comes.
    pub async fn conflicts_whole(&self, batch: Batch) {
        let error = self.refused(batch).await;
        assert!(
            matches!(error, CommitError::Conflict),
            "expected a conflict, not {error:?}"
        );
    }

    /// Adds a product with this many units, their contents named after the code.
    ///
    /// # Panics
    /// When the store refuses.
    pub async fn product(&self, code: &str, units: u32) -> Product {
        let product = self.rows.product(code);
        let contents = (0..units).map(|number| self.rows.unit(&format!("{code}-{number}")));
        let add = StockWrite::Add {
            product: product.id,
            units: contents.collect(),
        };
        let row = CatalogWrite::AddProduct(product.clone()).into();
        self.apply([row, add.into()]).await;
        product
    }

    /// Adds a customer.
    ///
    /// # Panics
    /// When the store refuses.
    pub async fn customer(&self, external: &str) -> Customer {
        let customer = self.rows.customer(external);
        self.apply([CustomerWrite::Add(customer.clone()).into()])
            .await;
        customer
    }

    /// Places an order for units of one product, without holding them.
    ///
    /// # Panics
    /// When the store refuses.
    pub async fn order(&self, customer: &Customer, product: &Product, quantity: u32) -> Order {
        let order = self
            .rows
            .order(customer, vec![self.rows.line(product, quantity)]);
        self.apply([place(&order)]).await;
        order
    }

    /// Adds the invoice of an order.
    ///
    /// # Panics
    /// When the store refuses.
    pub async fn invoice(&self, order: &Order) -> Invoice {
        let invoice = self.rows.invoice(order);
        self.apply([InvoiceWrite::Add(invoice.clone()).into()])
            .await;
        invoice
    }

    /// Adds a charge of an invoice.
    ///
    /// # Panics
    /// When the store refuses.
    pub async fn charge(&self, invoice: &Invoice, reference: &str) -> Charge {
        let charge = self.rows.charge(invoice, reference);
        self.apply([InvoiceWrite::AddCharge(charge.clone()).into()])
            .await;
        charge
    }

    /// Records a payment of a charge.
    ///
    /// # Panics
    /// When the store refuses.
    pub async fn payment(&self, charge: &Charge, event: &str) -> Payment {
        let payment = self.rows.payment(charge, event);
        self.apply([InvoiceWrite::RecordPayment(payment.clone()).into()])
            .await;
        payment
    }

    /// Adds a customer, a product with `stock` units, and an order of `quantity` of them.
    ///
    /// # Panics
    /// When the store refuses.
    pub async fn sale(&self, stock: u32, quantity: u32) -> (Product, Order) {
        let product = self.product("KEY", stock).await;
        let customer = self.customer("ayu").await;
        let order = self.order(&customer, &product, quantity).await;
        (product, order)
    }
}

/// The write that places an order.
#[must_use]
pub fn place(order: &Order) -> Write {
    OrderWrite::Place(Box::new(order.clone())).into()
}

/// The claim of an order's first line.
///
/// # Panics
/// When it has no line.
#[must_use]
pub fn claim(order: &Order) -> StockClaim {
    let line = order.lines.first().expect("a line");
    StockClaim {
        line: line.id,
        quantity: line.quantity,
    }
}

/// The write that holds the units of an order's first line.
///
/// # Panics
/// When it has no line.
#[must_use]
pub fn hold(order: &Order) -> Write {
    let product = order.lines.first().expect("a line").product;
    let claims = vec![claim(order)];
    StockWrite::Hold { product, claims }.into()
}
