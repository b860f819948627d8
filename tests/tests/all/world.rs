//! A shop to try things on: on every backend, on a virtual clock, with banks that pay on command
//! and a messenger that fails on command.

use std::sync::Arc;
use std::time::Duration;

use shopcore::audit::Actor;
use shopcore::cart::CartLine;
use shopcore::catalog::Product;
use shopcore::courier::Courier;
use shopcore::customer::{Chat, ChatId, Contact, Customer, ExternalId, FrontendName};
use shopcore::gateway::{PaymentMethod, PaymentTerms};
use shopcore::invariant::{Rules, check};
use shopcore::invoice::{Charge, Invoice};
use shopcore::jobs::{JobName, Jobs};
use shopcore::money::{Currency, Money};
use shopcore::order::{Order, OrderState};
use shopcore::service::{NewOrder, NewProduct, Placed, Settings};
use shopcore::stock::Content;
use shopcore::store::{RequestKey, Snapshot, Store};
use shopcore::testing::fault::FaultStore;
use shopcore::text::{Name, ProductCode, Reason, VoucherCode};
use shopcore::time::VirtualClock;
use shopcore::vault::{Vault, VaultKey};
use shopcore::voucher::{Discount, VoucherTerms};
use shopcore::{Shop, service::ShopBuilder};

pub(crate) use bank::{Bank, Delay, Mood};
pub(crate) use home::{Backend, Home};
pub(crate) use log::logged;
pub(crate) use post::{Manner, Post};

mod bank;
mod home;
mod log;
mod post;

/// How long an order may be paid.
pub(crate) const ORDER_TTL: Duration = Duration::from_secs(900);

/// Emits each test once for every backend, on a runtime of several threads.
macro_rules! on_every_backend {
    ($($test:ident),* $(,)?) => {
        mod memory { $($crate::world::on_every_backend! { @one $test, Memory })* }
        mod sqlite { $($crate::world::on_every_backend! { @one $test, Sqlite })* }
        mod postgres { $($crate::world::on_every_backend! { @one $test, Postgres })* }
    };
    (@one $test:ident, $backend:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $test() {
            let backend = $crate::world::Backend::$backend;
            if backend.is_there() {
                super::$test(backend).await;
            }
        }
    };
}
pub(crate) use on_every_backend;

/// A shop and everything around it.
pub(crate) struct World {
    pub(crate) shop: Shop,
    pub(crate) faults: Arc<FaultStore>,
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) bank: Bank,
    pub(crate) post: Arc<Post>,
    home: Home,
}

impl World {
    pub(crate) async fn open(backend: Backend) -> Self {
        Self::with(backend, Bank::open("bank")).await
    }

    pub(crate) async fn with(backend: Backend, bank: Bank) -> Self {
        let only = PaymentMethod {
            gateway: Arc::new(bank.clone()),
            terms: PaymentTerms::default(),
        };
        Self::offering(backend, bank, vec![only]).await
    }

    /// A shop that offers these ways to pay.
    pub(crate) async fn offering(
        backend: Backend,
        bank: Bank,
        methods: Vec<PaymentMethod>,
    ) -> Self {
        let clock = Arc::new(VirtualClock::default());
        let home = Home::new(backend, &clock);
        let faults = Arc::new(FaultStore::new(home.store().await));
        let builder = builder(Arc::clone(&faults) as _, &clock);
        let builder = methods.into_iter().fold(builder, ShopBuilder::method);
        let shop = builder.build().await.unwrap();
        Self {
            shop,
            faults,
            clock,
            bank,
            post: Arc::default(),
            home,
        }
    }

    /// The shop in another process, whose jobs are not long at rest.
    pub(crate) async fn another(&self) -> Shop {
        let settings = Settings {
            reconcile_every: Duration::from_millis(800),
            ..self.shop.settings().clone()
        };
        let builder = builder(self.home.store().await, &self.clock).gateway(self.bank.clone());
        builder.settings(settings).build().await.unwrap()
    }

    pub(crate) async fn product(&self, code: &str, price: i64, units: usize) -> Product {
        let mut new = new_product(code, price);
        new.contents = contents(code, 0..units);
        let catalog = self.shop.catalog();
        catalog.add_product(&Actor::Operator, new).await.unwrap()
    }

    pub(crate) async fn customer(&self, name: &str) -> Customer {
        let (contact, chat) = person(name);
        let customers = self.shop.customers();
        customers.meet(&contact, &chat, None).await.unwrap()
    }

    pub(crate) async fn voucher(&self, code: &str, off: i64, uses: u32) -> VoucherCode {
        let terms = VoucherTerms::simple(Discount::Fixed(idr(off)), uses);
        let code = VoucherCode::parse(code).unwrap();
        let vouchers = self.shop.vouchers();
        vouchers
            .add(&Actor::Operator, code.clone(), terms)
            .await
            .unwrap();
        code
    }

    pub(crate) async fn place(&self, customer: &Customer, product: &Product) -> Placed {
        let order = new_order(customer, product, 1, None);
        self.shop.checkout().place(order).await.unwrap()
    }

    /// Whether the bank is to be asked about a charge by now.
    pub(crate) async fn has_charges_due(&self) -> bool {
        let (store, now) = (self.shop.store(), self.shop.now());
        let due = store.list_charges_to_poll(self.shop.id(), now, 1).await;
        !due.unwrap().is_empty()
    }

    pub(crate) async fn charge(&self, invoice: &Invoice) -> Charge {
        let checkout = self.shop.checkout();
        checkout.charge(invoice.id, self.bank.port()).await.unwrap()
    }

    pub(crate) async fn credit(&self, customer: &Customer, minor: i64) {
        let reason = Reason::parse("a present").unwrap();
        let request = self.shop.new_request();
        let wallet = self.shop.wallet();
        let credited = wallet.adjust(&Actor::Operator, customer.id, idr(minor), &reason, &request);
        credited.await.unwrap();
    }

    pub(crate) async fn order(&self, placed: &Placed) -> Order {
        self.shop.orders().get(placed.order.id).await.unwrap()
    }

    pub(crate) async fn state(&self, placed: &Placed) -> OrderState {
        self.order(placed).await.state
    }

    pub(crate) async fn balance(&self, customer: &Customer) -> i64 {
        self.shop
            .wallet()
            .balance(customer.id)
            .await
            .unwrap()
            .minor()
    }

    pub(crate) async fn available(&self, product: &Product) -> u64 {
        let offer = self.shop.catalog().offer(product.id).await.unwrap();
        match offer.available {
            shopcore::catalog::Availability::Units(count) => count,
            shopcore::catalog::Availability::Unlimited => u64::MAX,
        }
    }

    pub(crate) fn jobs(&self) -> Jobs {
        Jobs::new(
            self.shop.clone(),
            Arc::clone(&self.post) as Arc<dyn Courier>,
        )
    }

    pub(crate) async fn run(&self, job: JobName) -> usize {
        self.jobs().run_once(job).await.unwrap()
    }

    pub(crate) async fn snapshot(&self) -> Snapshot {
        self.shop.store().snapshot(self.shop.id()).await.unwrap()
    }

    /// Ends the test where an invariant is broken.
    pub(crate) async fn assert_sound(&self) {
        let rules = Rules {
            now: self.shop.now(),
            expiry_period: chrono::Duration::seconds(60),
        };
        let report = check(&self.snapshot().await, &rules);
        assert!(report.holds(), "{report}");
        assert!(report.repairs.is_empty(), "{:?}", report.repairs);
    }

    /// Changes rows by hand, past the shop.
    pub(crate) fn damage(&self, sql: &str) {
        self.home.run(sql);
    }
}

/// A shop in rupiah on `store`, under a vault key that outlives it.
pub(crate) fn builder(store: Arc<dyn Store>, clock: &Arc<VirtualClock>) -> ShopBuilder {
    let key = VaultKey::from_base64("AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=").unwrap();
    let settings = Settings {
        order_ttl: ORDER_TTL,
        deposit_minimum: idr(100),
        ..Settings::defaults(Currency::IDR)
    };
    Shop::builder(Currency::IDR)
        .shared_store(store)
        .clock(Arc::clone(clock) as _)
        .vault(Vault::new(&key))
        .settings(settings)
}

pub(crate) const fn idr(minor: i64) -> Money {
    Money::new(minor, Currency::IDR)
}

pub(crate) fn new_product(code: &str, price: i64) -> NewProduct {
    let name = Name::parse(&format!("Product {code}")).unwrap();
    NewProduct::new(ProductCode::parse(code).unwrap(), name, idr(price))
}

/// Contents that no other call with other arguments makes.
pub(crate) fn contents(code: &str, numbers: std::ops::Range<usize>) -> Vec<Content> {
    let key = |number| Content::text(&format!("{code}-key-{number}")).unwrap();
    numbers.map(key).collect()
}

pub(crate) fn person(name: &str) -> (Contact, Chat) {
    let frontend = FrontendName::parse("test").unwrap();
    let contact = Contact {
        frontend: frontend.clone(),
        external: ExternalId::parse(name).unwrap(),
    };
    let chat = Chat {
        frontend,
        id: ChatId::parse(name).unwrap(),
    };
    (contact, chat)
}

/// A request of its own for `quantity` of a product at its price.
pub(crate) fn new_order(
    customer: &Customer,
    product: &Product,
    quantity: u32,
    voucher: Option<VoucherCode>,
) -> NewOrder {
    let line = CartLine {
        product: product.id,
        quantity,
        accepted: product.price,
    };
    NewOrder {
        customer: customer.id,
        chat: customer.chat.clone(),
        lines: vec![line],
        voucher,
        request: fresh_request(),
    }
}

/// A request that no other call gives.
pub(crate) fn fresh_request() -> RequestKey {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    RequestKey(format!("test/{}", NEXT.fetch_add(1, Ordering::Relaxed)))
}
