//! One shop on one backend that carries commands out.

use std::fmt::Debug;
use std::sync::Arc;

use shopcore::audit::Actor;
use shopcore::catalog::{LatePolicy, Product, Supply, Visibility};
use shopcore::courier::Courier;
use shopcore::customer::Customer;
use shopcore::gateway::CreateMode;
use shopcore::id::{CaseId, CustomerId, InvoiceId};
use shopcore::invariant::{Report, Rules, check};
use shopcore::invoice::PaymentEvent;
use shopcore::jobs::{JobName, Jobs};
use shopcore::money::{Money, Percent};
use shopcore::service::{NewOrder, SettledBy};
use shopcore::store::Snapshot;
use shopcore::testing::fault::{Fault, FaultStore};
use shopcore::text::VoucherCode;
use shopcore::time::{Clock, VirtualClock};
use shopcore::voucher::{Discount, VoucherTerms};
use shopcore::{Shop, store::Store};

use super::command::{Banks, Command, Keep};
use super::summary::Names;
use crate::world::{Backend, Bank, Home, Post, builder, contents, idr, new_product, person};

mod carrying;
mod settling;
mod working;

/// The voucher codes, by number.
const CODES: [&str; 3] = ["THREE", "HALF", "GIFT"];

/// A shop, what it depends on, and its rows after the last command.
pub(super) struct Stand {
    shop: Shop,
    faults: Arc<FaultStore>,
    home: Home,
    clock: Arc<VirtualClock>,
    banks: [Bank; 3],
    post: Arc<Post>,
    rows: Snapshot,
    customers: Vec<Customer>,
    products: Vec<Product>,
    last_order: Option<NewOrder>,
    pending_fault: Option<(Fault, u8)>,
    requests: u32,
    added: usize,
}

/// What came of a command.
pub(super) struct Told {
    /// The result, in words.
    pub(super) result: String,
    /// Whether it was a payment that had been settled before.
    pub(super) duplicate: bool,
}

impl Stand {
    /// A small shop: goods of every policy and supply, three customers, three vouchers.
    pub(super) async fn open(backend: Backend) -> Self {
        let clock = Arc::new(VirtualClock::default());
        let home = Home::new(backend, &clock);
        let banks = [
            Bank::with("alpha", CreateMode::Idempotent),
            Bank::with("beta", CreateMode::FindByReference),
            Bank::with("gamma", CreateMode::Neither),
        ];
        let (shop, faults) = open_shop(&home, &clock, &banks).await;
        let mut stand = Self {
            shop,
            faults,
            home,
            clock,
            banks,
            post: Arc::default(),
            rows: Snapshot::default(),
            customers: Vec::new(),
            products: Vec::new(),
            last_order: None,
            pending_fault: None,
            requests: 0,
            added: 0,
        };
        stand.furnish().await;
        stand.look().await;
        stand
    }

    /// Closes the shop; what is left are its home and its rows.
    pub(super) fn leave(self) -> (Home, Snapshot) {
        (self.home, self.rows)
    }

    async fn furnish(&mut self) {
        let goods = [
            ("DELIVER", 1_000, LatePolicy::Deliver, Supply::Units, 1),
            ("CREDIT", 700, LatePolicy::Credit, Supply::Units, 3),
            ("REVIEW", 900, LatePolicy::Review, Supply::Units, 3),
            ("FREE", 0, LatePolicy::Deliver, Supply::Units, 3),
            ("ENDLESS", 400, LatePolicy::Deliver, Supply::Unlimited, 1),
        ];
        for (code, price, late, supply, units) in goods {
            self.tick();
            let mut new = new_product(code, price);
            (new.late, new.supply) = (late, supply);
            new.contents = contents(code, 0..units);
            let added = self.shop.catalog().add_product(&Actor::Operator, new).await;
            self.products.push(added.unwrap());
        }
        let half = Percent::from_basis_points(Percent::WHOLE / 2).unwrap();
        let whole = Percent::from_basis_points(Percent::WHOLE).unwrap();
        let offers = [
            (Discount::Fixed(idr(100)), 3),
            (Discount::Percent(half), 1),
            (Discount::Percent(whole), 2),
        ];
        for (code, (discount, uses)) in CODES.into_iter().zip(offers) {
            self.tick();
            let mut terms = VoucherTerms::simple(discount, uses);
            terms.uses_max_per_customer = Some(2);
            let code = VoucherCode::parse(code).unwrap();
            self.shop
                .vouchers()
                .add(&Actor::Operator, code, terms)
                .await
                .unwrap();
        }
        for name in ["ann", "bob", "cy"] {
            self.tick();
            let (contact, chat) = person(name);
            let met = self.shop.customers().meet(&contact, &chat, None).await;
            self.customers.push(met.unwrap());
        }
    }

    /// Carries a command out and looks at what became of the shop.
    pub(super) async fn carry_out(&mut self, command: &Command) -> Told {
        self.tick();
        if let Some((fault, after)) = self.pending_fault.take()
            && fails_alike(command)
        {
            let before = std::iter::repeat_n(None, usize::from(after));
            self.faults.script(before.chain([Some(fault)]));
        }
        let told = match command {
            Command::Buy(deed) => self.buy(deed).await,
            Command::Money(deed) => self.pay(deed).await,
            Command::Keep(deed) => self.keep(deed).await,
            Command::Work(deed) => self.work(deed).await,
            Command::Fail(deed) => self.fail(deed).await,
        };
        self.faults.heal();
        self.look().await;
        told
    }

    /// Ids of different commands differ in their time.
    fn tick(&self) {
        self.clock.advance(chrono::Duration::milliseconds(1));
    }

    async fn look(&mut self) {
        self.rows = self.shop.store().snapshot(self.shop.id()).await.unwrap();
    }

    pub(super) fn rows(&self) -> &Snapshot {
        &self.rows
    }

    pub(super) fn invariants(&self) -> Report {
        let rules = Rules {
            now: self.clock.now(),
            expiry_period: chrono::Duration::from_std(self.shop.settings().expiry_every).unwrap(),
        };
        check(&self.rows, &rules)
    }

    fn jobs(&self) -> Jobs {
        Jobs::new(
            self.shop.clone(),
            Arc::clone(&self.post) as Arc<dyn Courier>,
        )
    }

    async fn restart(&mut self, banks: Banks) {
        let count = match banks {
            Banks::All => self.banks.len(),
            Banks::First => 1,
        };
        (self.shop, self.faults) = open_shop(&self.home, &self.clock, &self.banks[..count]).await;
    }

    fn customer(&self, index: u8) -> &Customer {
        &self.customers[usize::from(index) % self.customers.len()]
    }

    /// An invoice, counted from the newest.
    fn invoice(&self, index: u8) -> Option<(InvoiceId, CustomerId)> {
        let invoice = pick_newest(&self.rows.invoices, index)?;
        Some((invoice.id, invoice.customer))
    }

    /// An open case; which one does not depend on its random id.
    fn open_case(&self, index: u8) -> Option<CaseId> {
        let names = Names::of(&self.rows);
        let is_open =
            |case: &&shopcore::review::Case| case.state == shopcore::review::CaseState::Open;
        let mut open: Vec<_> = self.rows.cases.iter().filter(is_open).collect();
        open.sort_by_cached_key(|case| names.relabel(&format!("{case:?}")));
        pick_newest(&open, index).map(|case| case.id)
    }

    /// What the banks know and the shop has not recorded, oldest first.
    fn unreported(&self) -> Vec<PaymentEvent> {
        let events = self.banks.iter().flat_map(Bank::payments);
        let recorded = |event: &PaymentEvent| {
            let mut payments = self.rows.payments.iter();
            payments.any(|row| row.gateway == event.gateway && row.event == event.event)
        };
        let mut events: Vec<_> = events.filter(|event| !recorded(event)).collect();
        events.sort_by(|a, b| (a.paid_at, &a.event).cmp(&(b.paid_at, &b.event)));
        events
    }
}

/// Whether a fault at a commit of the command means the same every time: jobs commit many batches at
/// once.
fn fails_alike(command: &Command) -> bool {
    match command {
        Command::Buy(_) | Command::Money(_) | Command::Work(_) => true,
        Command::Keep(Keep::Wait { .. } | Keep::Job { .. }) | Command::Fail(_) => false,
        Command::Keep(
            Keep::Stock { .. } | Keep::Reprice { .. } | Keep::Hide { .. } | Keep::Uses { .. },
        ) => true,
    }
}

async fn open_shop(
    home: &Home,
    clock: &Arc<VirtualClock>,
    banks: &[Bank],
) -> (Shop, Arc<FaultStore>) {
    let faults = Arc::new(FaultStore::new(home.store().await));
    let store = Arc::clone(&faults) as Arc<dyn Store>;
    let builder = builder(store, clock);
    let builder = banks
        .iter()
        .cloned()
        .fold(builder, |builder, bank| builder.gateway(bank));
    (builder.build().await.unwrap(), faults)
}

fn pick_newest<T>(all: &[T], index: u8) -> Option<&T> {
    let last = all.len().checked_sub(1)?;
    all.get(last - usize::from(index) % all.len())
}

fn told(result: impl Debug) -> Told {
    let result = format!("{result:?}");
    Told {
        result,
        duplicate: false,
    }
}

fn nothing() -> Told {
    told("nothing to do it to")
}
