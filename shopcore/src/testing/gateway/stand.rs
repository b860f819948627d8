//! A shop that takes all of its money through the gateway under trial.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;

use super::{Counterpart, Delivery, Pays, Trouble};
use crate::audit::Actor;
use crate::cart::CartLine;
use crate::catalog::{Availability, LatePolicy};
use crate::courier::{Courier, CourierError, Receipt};
use crate::customer::{Chat, ChatId, Contact, Customer, ExternalId, FrontendName};
use crate::gateway::{Capabilities, Gateway, PaymentMethod, PaymentTerms};
use crate::id::{IdSource, OrderId, ProductId, ShopId};
use crate::invariant::{Rules, check};
use crate::invoice::{Charge, ChargeState, Outcome, Payment};
use crate::jobs::{JobName, Jobs};
use crate::message::{OutboxItem, Reach, Task};
use crate::money::Money;
use crate::order::OrderState;
use crate::service::{
    ChargeError, InvoiceView, NewOrder, NewProduct, Placed, Settings, Shop, WebhookFailure,
};
use crate::stock::Content;
use crate::store::{RequestKey, Snapshot, Store};
use crate::text::{Name, ProductCode};
use crate::time::VirtualClock;
use crate::vault::{Vault, VaultKey};

/// How long an order may be paid: longer than the shortest life that gateways give a charge.
const ORDER_TTL: Duration = Duration::from_secs(60 * 60);

/// How long a gateway that failed is left alone before it is asked again: longer than the pause of
/// any circuit breaker, and of the outbox.
const REST: TimeDelta = TimeDelta::minutes(11);

/// A case of the kit, as the suite calls it.
pub type Case = for<'a> fn(&'a Stand) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Brings every item, and counts the goods.
#[derive(Debug, Default)]
struct Porter(Mutex<BTreeMap<OrderId, u32>>);

#[async_trait]
impl Courier for Porter {
    fn reach(&self) -> Vec<Reach> {
        vec![Reach::Frontend(frontend()), Reach::Admins]
    }

    async fn bring(&self, item: &OutboxItem) -> Result<Receipt, CourierError> {
        if let Task::Delivery { order } = item.task {
            *self.0.lock().unwrap().entry(order).or_default() += 1;
        }
        Ok(Receipt::default())
    }
}

/// A shop, its one gateway, and the other side of that.
pub struct Stand {
    /// The shop.
    pub shop: Shop,
    /// The clock of everyone.
    pub clock: Arc<VirtualClock>,
    /// The other side of the gateway.
    pub side: Arc<dyn Counterpart>,
    porter: Arc<Porter>,
    next: AtomicU32,
}

impl fmt::Debug for Stand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stand({:?})", self.side)
    }
}

impl Stand {
    /// Opens a shop of its own in a store that others may use too; the store, the gateway and its
    /// other side run on `clock`.
    ///
    /// # Panics
    /// When the store refuses.
    pub async fn open(
        store: Arc<dyn Store>,
        clock: Arc<VirtualClock>,
        side: Arc<dyn Counterpart>,
    ) -> Self {
        let gateway = side.gateway();
        let currency = trade_in(gateway.capabilities());
        let settings = Settings {
            order_ttl: ORDER_TTL,
            deposit_ttl: ORDER_TTL,
            ..Settings::defaults(currency)
        };
        let name = IdSource::new(Arc::clone(&clock) as _).next::<ShopId>();
        let shop = Shop::builder(currency)
            .name(Name::parse(&name.to_string()).unwrap())
            .shared_store(store)
            .clock(Arc::clone(&clock) as _)
            .vault(Vault::new(&VaultKey::generate().unwrap()))
            .settings(settings)
            .method(PaymentMethod {
                gateway,
                terms: PaymentTerms::default(),
            })
            .build();
        Self {
            shop: shop.await.unwrap(),
            clock,
            side,
            porter: Arc::default(),
            next: AtomicU32::default(),
        }
    }

    /// Runs one case on a shop of its own, and evaluates every invariant in the end.
    ///
    /// # Panics
    /// When the case fails or an invariant is broken.
    pub async fn run(
        store: Arc<dyn Store>,
        clock: Arc<VirtualClock>,
        side: Arc<dyn Counterpart>,
        case: Case,
    ) {
        let stand = Self::open(store, clock, side).await;
        case(&stand).await;
        stand.assert_sound().await;
    }

    /// The gateway under trial.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn gateway(&self) -> &dyn Gateway {
        self.shop.methods().first().unwrap().gateway.as_ref()
    }

    /// What it can do.
    #[must_use]
    pub fn capabilities(&self) -> &Capabilities {
        self.gateway().capabilities()
    }

    /// Whether its customers choose what they pay; a case about such payments is of no use
    /// elsewhere.
    #[must_use]
    pub fn takes_any_amount(&self) -> bool {
        self.side.pays() == Pays::AnyAmount
    }

    /// A price that the gateway takes, and of which it takes a part, too.
    ///
    /// # Panics
    /// When the gateway takes no such amount.
    #[must_use]
    pub fn price(&self) -> Money {
        let takes = self.capabilities();
        let least = takes.minimum.map_or(1, Money::minor);
        let most = takes.maximum.map_or(Money::MAX_MINOR, Money::minor);
        let currency = self.shop.currency();
        let usual = if currency.exponent() == 0 {
            50_000
        } else {
            20 * currency.minor_per_unit()
        };
        let price = usual.max(least.checked_mul(4).unwrap()).min(most);
        Money::new(price, currency)
    }

    fn number(&self) -> u32 {
        self.next.fetch_add(1, Ordering::SeqCst)
    }

    /// Someone new.
    ///
    /// # Panics
    /// When the store refuses.
    pub async fn customer(&self) -> Customer {
        let id = format!("customer-{}", self.number());
        let contact = Contact {
            frontend: frontend(),
            external: ExternalId::parse(&id).unwrap(),
        };
        let met = self.shop.customers().meet(&contact, &chat(&id), None).await;
        met.unwrap()
    }

    /// A new product, of which there are so many.
    ///
    /// # Panics
    /// When the store refuses.
    pub async fn product(&self, late: LatePolicy, units: u32) -> ProductId {
        let number = self.number();
        let code = ProductCode::parse(&format!("P{number}")).unwrap();
        let content = |unit| Content::text(&format!("key {unit} of {number}")).unwrap();
        let product = NewProduct {
            late,
            contents: (0..units).map(content).collect(),
            ..NewProduct::new(code, Name::parse("A key").unwrap(), self.price())
        };
        let catalog = self.shop.catalog();
        catalog
            .add_product(&Actor::Operator, product)
            .await
            .unwrap()
            .id
    }

    /// An order of a product by someone new.
    ///
    /// # Panics
    /// When the store refuses.
    pub async fn order(&self, product: ProductId) -> Placed {
        let customer = self.customer().await;
        let line = CartLine {
            product,
            quantity: 1,
            accepted: self.price(),
        };
        let order = NewOrder {
            customer: customer.id,
            chat: customer.chat,
            lines: vec![line],
            voucher: None,
            request: self.request(),
        };
        self.shop.checkout().place(order).await.unwrap()
    }

    /// An order of a product of its own, and its charge.
    ///
    /// # Panics
    /// When the store or the gateway refuses.
    pub async fn sale(&self, late: LatePolicy) -> (Placed, Charge) {
        let product = self.product(late, 1).await;
        let placed = self.order(product).await;
        let charge = self.charge(&placed).await;
        (placed, charge)
    }

    /// A request that no other call gives.
    #[must_use]
    pub fn request(&self) -> RequestKey {
        RequestKey(format!("kit/{}", self.number()))
    }

    /// The charge to pay an order with.
    ///
    /// # Panics
    /// When the store or the gateway refuses.
    pub async fn charge(&self, placed: &Placed) -> Charge {
        self.try_charge(placed).await.unwrap()
    }

    /// The charge to pay an order with, or why there is none.
    ///
    /// # Errors
    /// [`ChargeError`].
    pub async fn try_charge(&self, placed: &Placed) -> Result<Charge, ChargeError> {
        let checkout = self.shop.checkout();
        checkout
            .charge(placed.invoice.id, self.gateway().name())
            .await
    }

    /// The customer gives an order up.
    ///
    /// # Panics
    /// When the store refuses.
    pub async fn cancel(&self, placed: &Placed) {
        let customer = Actor::Customer(placed.order.customer);
        let checkout = self.shop.checkout();
        checkout.cancel(&customer, placed.invoice.id).await.unwrap();
    }

    /// The customer pays what is asked; gives the webhook about it.
    pub async fn pay(&self, charge: &Charge) -> Delivery {
        self.side.pay(charge, charge.payable).await
    }

    /// Brings a webhook to the shop.
    ///
    /// # Errors
    /// [`WebhookFailure`].
    pub async fn deliver(&self, delivery: &Delivery) -> Result<(), WebhookFailure> {
        let settlement = self.shop.settlement();
        let name = self.gateway().name();
        settlement.webhook(name, delivery.request()).await
    }

    /// Fails every call to the gateway from now on, or none any more.
    pub fn trouble(&self, trouble: Option<Trouble>) {
        self.side.set_trouble(trouble);
    }

    /// Lets the gateway alone for a while after it failed.
    pub fn rest(&self) {
        self.clock.advance(REST);
    }

    /// Runs a job once.
    ///
    /// # Panics
    /// When it fails.
    pub async fn job(&self, job: JobName) {
        let jobs = Jobs::new(self.shop.clone(), Arc::clone(&self.porter) as _);
        jobs.run_now(job).await.unwrap();
    }

    /// Ends what was not paid in time, and has the gateway told.
    ///
    /// # Panics
    /// When a job fails.
    pub async fn expire(&self) {
        self.clock
            .advance(TimeDelta::from_std(ORDER_TTL).unwrap() + TimeDelta::seconds(1));
        self.job(JobName::Expiry).await;
        self.job(JobName::Outbox).await;
    }

    /// An invoice with its order and its charges.
    ///
    /// # Panics
    /// When the store can't be read.
    pub async fn view(&self, placed: &Placed) -> InvoiceView {
        let checkout = self.shop.checkout();
        checkout.invoice(placed.invoice.id).await.unwrap()
    }

    /// The charge of an order that can be paid by now.
    ///
    /// # Panics
    /// When there is none.
    pub async fn open_charge(&self, placed: &Placed) -> Charge {
        let charges = self.view(placed).await.charges;
        let open = charges
            .into_iter()
            .find(|charge| charge.state == ChargeState::Open);
        open.expect("a charge that can be paid")
    }

    /// Where an order stands.
    ///
    /// # Panics
    /// When the store can't be read.
    pub async fn state(&self, placed: &Placed) -> OrderState {
        self.shop.orders().get(placed.order.id).await.unwrap().state
    }

    /// What is in the wallet of who placed an order, in minor units.
    ///
    /// # Panics
    /// When the store can't be read.
    pub async fn wallet(&self, placed: &Placed) -> i64 {
        let balance = self.shop.wallet().balance(placed.order.customer).await;
        balance.unwrap().minor()
    }

    /// How many of a product can be bought.
    ///
    /// # Panics
    /// When the store can't be read.
    pub async fn available(&self, product: ProductId) -> u64 {
        let offer = self.shop.catalog().offer(product).await.unwrap();
        match offer.available {
            Availability::Units(count) => count,
            Availability::Unlimited => u64::MAX,
        }
    }

    /// Everything that is stored.
    ///
    /// # Panics
    /// When the store can't be read.
    pub async fn snapshot(&self) -> Snapshot {
        self.shop.store().snapshot(self.shop.id()).await.unwrap()
    }

    /// Every payment that is recorded.
    pub async fn payments(&self) -> Vec<Payment> {
        self.snapshot().await.payments
    }

    /// What became of the payments that are recorded.
    pub async fn outcomes(&self) -> Vec<Outcome> {
        let payments = self.payments().await;
        payments.iter().map(|payment| payment.outcome).collect()
    }

    /// Ends the case unless an order was paid by one payment, its goods are brought, once, and
    /// nothing was credited.
    ///
    /// # Panics
    /// Then.
    pub async fn assert_delivered(&self, placed: &Placed) {
        self.job(JobName::Outbox).await;
        self.job(JobName::Outbox).await;
        let brought = self.porter.0.lock().unwrap().get(&placed.order.id).copied();
        assert_eq!(brought, Some(1), "the goods are brought once");
        assert_eq!(self.state(placed).await, OrderState::Delivered);
        assert_eq!(self.wallet(placed).await, 0, "nothing goes to the wallet");
        let payments = self.payments().await;
        let of_this = |payment: &&Payment| payment.invoice == Some(placed.invoice.id);
        assert_eq!(payments.iter().filter(of_this).count(), 1, "one payment");
    }

    /// Ends the case where an invariant is broken.
    ///
    /// # Panics
    /// Then.
    pub async fn assert_sound(&self) {
        let rules = Rules {
            now: self.shop.now(),
            expiry_period: TimeDelta::from_std(self.shop.settings().expiry_every).unwrap(),
        };
        let report = check(&self.snapshot().await, &rules);
        assert!(report.holds(), "{report}");
    }
}

fn trade_in(takes: &Capabilities) -> crate::money::Currency {
    let stated = takes.minimum.map(Money::currency);
    stated.unwrap_or_else(|| *takes.currencies.first().expect("a currency"))
}

fn frontend() -> FrontendName {
    FrontendName::parse("kit").unwrap()
}

fn chat(id: &str) -> Chat {
    Chat {
        frontend: frontend(),
        id: ChatId::parse(id).unwrap(),
    }
}
