//! A stand: a shop with products, stock, vouchers and customers, ready to be put under load.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shopcore::Shop;
use shopcore::audit::Actor;
use shopcore::cart::CartLine;
use shopcore::catalog::Product;
use shopcore::customer::{Chat, FrontendName};
use shopcore::gateway::GatewayName;
use shopcore::id::{CustomerId, OrderId};
use shopcore::invoice::{Charge, EventId, PaymentEvent};
use shopcore::jobs::{JobError, JobName, Jobs};
use shopcore::message::ItemState;
use shopcore::money::{Currency, ParsePercentError};
use shopcore::service::{
    CatalogError, ChargeError, CheckoutError, CustomerError, NewOrder, OpenError, Placed, Settings,
    StockError, VoucherError,
};
use shopcore::stock::{Content, ContentError};
use shopcore::store::{CommitError, KeyHome, RequestKey, Snapshot, Store, StoreError};
use shopcore::text::{BadLabel, Name, TextError, VoucherCode};
use shopcore::vault::{Vault, VaultError, VaultKey};
use shopcore_payments::{Sandbox, SandboxError};
use thiserror::Error;
use tokio::sync::OnceCell;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::neighbours::{ForwardClock, Nobody, Till};
use counter::Counter;
use furnish::{buyers, products, vouchers};
use hopeless::Hopeless;

mod counter;
mod furnish;
mod hopeless;

pub use counter::{Notice, NoticeError, SendError};
pub use furnish::new_contents;

/// How long an order of a stand may be paid: longer than any measurement lasts.
const ORDER_TTL: Duration = Duration::from_secs(24 * 3600);

/// The key of a stand in a store that keeps none: several processes open it, and nothing in it is
/// secret.
const KEY: &str = "c3RhbmQgc3RhbmQgc3RhbmQgc3RhbmQgc3RhbmQgLi4=";

/// How many stands are set up at once.
const OPENED_AT_ONCE: usize = 64;

const CURRENCY: Currency = Currency::IDR;
const PRICE: i64 = 15_000;

/// What a stand has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Products.
    pub products: u32,
    /// Available units of each product.
    pub stock: u32,
    /// Vouchers of 10 %.
    pub vouchers: u32,
    /// How often each voucher may be used.
    pub uses: u32,
    /// Customers.
    pub customers: u32,
}

/// Why a stand can't be set up.
#[derive(Debug, Error)]
pub enum StandError {
    /// It would have no product or no customer.
    #[error("a stand needs a product and a customer")]
    Empty,
    /// The shop can't be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A product can't be added.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// Stock can't be added.
    #[error(transparent)]
    Stock(#[from] StockError),
    /// A voucher can't be added.
    #[error(transparent)]
    Voucher(#[from] VoucherError),
    /// A customer can't be added.
    #[error(transparent)]
    Customer(#[from] CustomerError),
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A name is refused.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The order that uses a voucher up can't be placed.
    #[error(transparent)]
    Checkout(#[from] CheckoutError),
    /// A label is refused.
    #[error(transparent)]
    Label(#[from] BadLabel),
    /// A content is refused.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// The key is refused.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// There is no sandbox.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The discount is refused.
    #[error(transparent)]
    Percent(#[from] ParsePercentError),
}

/// Someone who buys.
#[derive(Debug, Clone)]
pub struct Buyer {
    /// The customer.
    pub id: CustomerId,
    /// Their chat.
    pub chat: Chat,
}

/// What someone who buys has to pay.
#[derive(Debug, Clone)]
pub struct Bill {
    /// Their order.
    pub order: OrderId,
    /// Its charge.
    pub charge: Charge,
}

/// Why there is no bill.
#[derive(Debug, Error)]
pub enum BillError {
    /// The order was not placed.
    #[error(transparent)]
    Checkout(#[from] CheckoutError),
    /// There is no charge for it.
    #[error(transparent)]
    Charge(#[from] ChargeError),
}

/// A shop with something to sell.
#[derive(Debug)]
pub struct Stand {
    /// The shop.
    pub shop: Shop,
    /// The name of its gateway.
    pub till: GatewayName,
    clock: Arc<ForwardClock>,
    products: Vec<Product>,
    vouchers: Vec<VoucherCode>,
    buyers: Vec<Buyer>,
    bills: Mutex<Vec<Bill>>,
    sandbox: Sandbox,
    notices: Mutex<Vec<Notice>>,
    counter: OnceCell<Counter>,
    hopeless: Option<Hopeless>,
}

impl Stand {
    /// Sets a stand up. In a store that has one already only what is missing is added.
    ///
    /// # Errors
    /// [`StandError`].
    pub async fn open(store: Arc<dyn Store>, size: Size) -> Result<Self, StandError> {
        Self::named("Stand", store, size).await
    }

    async fn named(name: &str, store: Arc<dyn Store>, size: Size) -> Result<Self, StandError> {
        if size.products == 0 || size.customers == 0 {
            return Err(StandError::Empty);
        }
        let clock = Arc::new(ForwardClock::default());
        let till = GatewayName::parse("till")?;
        let sandbox = Sandbox::in_memory(Arc::clone(&clock) as _)?;
        let settings = Settings {
            order_ttl: ORDER_TTL,
            ..Settings::defaults(CURRENCY)
        };
        let mut builder = Shop::builder(CURRENCY);
        if store.key_home() == KeyHome::Given {
            builder = builder.vault(Vault::new(&VaultKey::from_base64(KEY)?));
        }
        let shop = builder
            .name(Name::parse(name)?)
            .shared_store(store)
            .clock(Arc::clone(&clock) as _)
            .gateway(Till::new(till.clone(), CURRENCY))
            .gateway(sandbox.clone())
            .settings(settings)
            .build()
            .await?;
        Ok(Self {
            till,
            clock,
            products: products(&shop, size).await?,
            vouchers: vouchers(&shop, size).await?,
            buyers: buyers(&shop, size.customers).await?,
            bills: Mutex::default(),
            sandbox,
            notices: Mutex::default(),
            counter: OnceCell::new(),
            hopeless: None,
            shop,
        })
    }

    /// Sets so many stands up in one store.
    ///
    /// # Errors
    /// [`StandError`]; the stands set up by then stay.
    pub async fn open_many(
        store: &Arc<dyn Store>,
        stands: u32,
        size: Size,
    ) -> Result<Vec<Self>, StandError> {
        let mut opened = Vec::new();
        let mut opening = JoinSet::new();
        for number in 1..=stands {
            let store = Arc::clone(store);
            opening.spawn(async move {
                let name = match number {
                    1 => "Stand".to_owned(),
                    _ => format!("Stand {number}"),
                };
                Self::named(&name, store, size).await
            });
            if opening.len() == OPENED_AT_ONCE {
                opened.extend(opening.join_all().await);
                opening = JoinSet::new();
            }
        }
        opened.extend(opening.join_all().await);
        opened.into_iter().collect()
    }

    /// Adds what nobody can have.
    ///
    /// # Errors
    /// [`StandError`].
    pub async fn with_hopeless(mut self) -> Result<Self, StandError> {
        self.hopeless = Some(Hopeless::of(&self).await?);
        Ok(self)
    }

    /// Sends the store a batch that it must refuse, if there is anything that nobody can have.
    ///
    /// # Errors
    /// [`CommitError`]; that it refuses is none.
    pub async fn ask_in_vain(&self, turn: usize) -> Result<(), CommitError> {
        match &self.hopeless {
            Some(hopeless) => hopeless.ask(&self.shop, self.buyer(turn), turn).await,
            None => Ok(()),
        }
    }

    /// The buyer of this turn: they take turns.
    #[must_use]
    pub fn buyer(&self, turn: usize) -> &Buyer {
        &self.buyers[turn % self.buyers.len()]
    }

    /// The product of this turn: they take turns.
    #[must_use]
    pub fn product(&self, turn: usize) -> &Product {
        &self.products[turn % self.products.len()]
    }

    /// Places this turn's order: one unit of a product with a voucher, where there are any.
    ///
    /// # Errors
    /// [`CheckoutError`].
    pub async fn place(&self, turn: usize) -> Result<Placed, CheckoutError> {
        self.place_with(turn, self.voucher(turn).cloned()).await
    }

    async fn place_with(
        &self,
        turn: usize,
        voucher: Option<VoucherCode>,
    ) -> Result<Placed, CheckoutError> {
        let buyer = self.buyer(turn);
        let product = self.product(turn);
        let request: Uuid = self.shop.ids().next();
        let line = CartLine {
            product: product.id,
            quantity: 1,
            accepted: product.price,
        };
        let order = NewOrder {
            customer: buyer.id,
            chat: buyer.chat.clone(),
            lines: vec![line],
            voucher,
            request: RequestKey(format!("stand/{request}")),
        };
        self.shop.checkout().place(order).await
    }

    /// Places so many orders, by so many clients at once.
    ///
    /// # Errors
    /// [`CheckoutError`]; the orders placed by then stay.
    pub async fn place_many(
        self: &Arc<Self>,
        orders: usize,
        clients: u32,
    ) -> Result<(), CheckoutError> {
        let place = |stand: Arc<Self>, turn| async move { stand.place(turn).await.map(drop) };
        self.many(orders, clients, place).await
    }

    /// Opens a charge for an order.
    ///
    /// # Errors
    /// [`ChargeError`].
    pub async fn bill(&self, placed: &Placed) -> Result<Bill, ChargeError> {
        self.bill_at(placed, &self.till).await
    }

    async fn bill_at(&self, placed: &Placed, gateway: &GatewayName) -> Result<Bill, ChargeError> {
        let checkout = self.shop.checkout();
        let charge = checkout.charge(placed.invoice.id, gateway).await?;
        let order = placed.order.id;
        Ok(Bill { order, charge })
    }

    /// Writes so many bills, by so many clients at once, for [`Stand::take_bill`].
    ///
    /// # Errors
    /// [`BillError`]; the bills written by then stay.
    pub async fn bill_many(self: &Arc<Self>, bills: usize, clients: u32) -> Result<(), BillError> {
        let bill = |stand: Arc<Self>, turn| async move {
            let placed = stand.place(turn).await?;
            let bill = stand.bill(&placed).await?;
            locked(&stand.bills).push(bill);
            Ok(())
        };
        self.many(bills, clients, bill).await
    }

    /// A bill that no one has taken.
    #[must_use]
    pub fn take_bill(&self) -> Option<Bill> {
        locked(&self.bills).pop()
    }

    /// Lets so many orders be placed and paid at the sandbox, by so many clients at once, for
    /// [`Stand::take_notice`].
    ///
    /// # Errors
    /// [`NoticeError`]; the orders placed by then stay.
    pub async fn announce_many(
        self: &Arc<Self>,
        orders: usize,
        clients: u32,
    ) -> Result<(), NoticeError> {
        let announce = |stand: Arc<Self>, turn| async move {
            let notice = stand.announce(turn).await?;
            locked(&stand.notices).push(notice);
            Ok(())
        };
        self.many(orders, clients, announce).await
    }

    /// A notice that no one has taken.
    #[must_use]
    pub fn take_notice(&self) -> Option<Notice> {
        locked(&self.notices).pop()
    }

    /// Posts a notice to the shop's webhooks, over HTTP; returns when it is recorded.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn post(&self, notice: &Notice) -> Result<(), SendError> {
        let open = || Counter::open(self.shop.clone(), &self.sandbox);
        self.counter.get_or_try_init(open).await?.send(notice).await
    }

    /// A payment of a bill, as its gateway would tell of it.
    ///
    /// # Errors
    /// [`BadLabel`].
    pub fn payment(&self, bill: &Bill) -> Result<PaymentEvent, BadLabel> {
        let event: Uuid = self.shop.ids().next();
        Ok(PaymentEvent {
            gateway: self.till.clone(),
            event: EventId::parse(&event.to_string())?,
            reference: bill.charge.reference.clone(),
            amount: bill.charge.payable,
            paid_at: self.shop.now(),
        })
    }

    async fn many<E, F>(
        self: &Arc<Self>,
        turns: usize,
        clients: u32,
        act: impl Fn(Arc<Self>, usize) -> F + Copy + Send + 'static,
    ) -> Result<(), E>
    where
        E: Send + 'static,
        F: Future<Output = Result<(), E>> + Send,
    {
        let clients = usize::try_from(clients.max(1)).unwrap_or(usize::MAX);
        let mut tasks = JoinSet::new();
        for first in 0..clients {
            let stand = Arc::clone(self);
            tasks.spawn(async move {
                for turn in (first..turns).step_by(clients) {
                    act(Arc::clone(&stand), turn).await?;
                }
                Ok(())
            });
        }
        tasks.join_all().await.into_iter().collect()
    }

    /// Gives an order up for its buyer.
    ///
    /// # Errors
    /// [`CheckoutError`].
    pub async fn cancel(&self, placed: &Placed) -> Result<(), CheckoutError> {
        let buyer = Actor::Customer(placed.order.customer);
        let checkout = self.shop.checkout();
        checkout.cancel(&buyer, placed.invoice.id).await
    }

    fn voucher(&self, turn: usize) -> Option<&VoucherCode> {
        let turn = turn.checked_rem(self.vouchers.len())?;
        self.vouchers.get(turn)
    }

    /// Adds contents that no one has seen to a product.
    ///
    /// # Errors
    /// [`StandError::Stock`]; nothing is added then.
    pub async fn import(&self, turn: usize, contents: &[Content]) -> Result<usize, StockError> {
        let product = self.product(turn).id;
        self.shop
            .stock()
            .add(&Actor::Operator, product, contents)
            .await
    }

    /// Lets every open order become overdue.
    pub fn let_orders_lapse(&self) {
        self.clock.advance(ORDER_TTL + Duration::from_secs(1));
    }

    /// The name of the frontend that its buyers chat by.
    #[must_use]
    pub fn frontend(&self) -> &FrontendName {
        &self.buyers[0].chat.frontend
    }

    /// Whether something waits to be sent, or is on its way.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn has_post(&self) -> Result<bool, StoreError> {
        let rows = self.rows().await?;
        let mut items = rows.outbox.iter();
        Ok(items.any(|item| item.state == ItemState::Pending))
    }

    /// All rows of the shop.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rows(&self) -> Result<Snapshot, StoreError> {
        self.shop.store().snapshot(self.shop.id()).await
    }

    /// Runs the expiry job once; tells how many invoices it ended.
    ///
    /// # Errors
    /// [`JobError`].
    pub async fn expire(&self) -> Result<usize, JobError> {
        let jobs = Jobs::new(self.shop.clone(), Arc::new(Nobody));
        jobs.run_once(JobName::Expiry).await
    }
}

fn locked<T>(rows: &Mutex<Vec<T>>) -> MutexGuard<'_, Vec<T>> {
    rows.lock().unwrap_or_else(PoisonError::into_inner)
}
