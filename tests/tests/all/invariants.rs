//! The invariants hold for a sound shop, and each is seen to break on a corrupted one.

use std::sync::Arc;

use chrono::Duration;
use shopcore::audit::{Edge, Entity, Kind};
use shopcore::catalog::Supply;
use shopcore::id::{LineId, OrderId, ProductId, RefundId};
use shopcore::invariant::{Invariant, Rules, check};
use shopcore::invoice::{Invoice, InvoiceState, Outcome, Payment};
use shopcore::ledger::{Account, Posting, Transfer};
use shopcore::message::{Destination, ItemState, Lane, OutboxItem, Task};
use shopcore::money::Money;
use shopcore::order::{Order, OrderState};
use shopcore::refund::{Refund, RefundState, RefundWay};
use shopcore::review::{Case, CaseReason, CaseState, Resolution};
use shopcore::stock::UnitState;
use shopcore::store::{AuditRow, Snapshot, TransferRow, UnitRow, WalletRow};
use shopcore::testing::fixture::{Rows, gateway, idr};
use shopcore::time::VirtualClock;
use shopcore::voucher::{Redemption, RedemptionState};

/// Makes a snapshot, row by row.
struct Scene {
    rows: Rows,
    snapshot: Snapshot,
}

impl Scene {
    fn unit(&mut self, product: ProductId, content: &str, state: UnitState) {
        let unit = self.rows.unit(content);
        self.snapshot.units.push(UnitRow {
            id: unit.id,
            product,
            state,
            fingerprint: unit.fingerprint,
        });
    }

    fn audit(&mut self, entity: Entity, states: &[&str]) {
        let mut from = None;
        for to in states {
            let to = (*to).to_owned();
            let edge = Some(Edge {
                from,
                to: to.clone(),
            });
            self.snapshot.audit.push(AuditRow { entity, edge });
            from = Some(to);
        }
    }

    fn order(&mut self, order: &Order, states: &[&str]) {
        self.snapshot.orders.push(order.clone());
        self.audit(Entity::new(Kind::Order, order.id), states);
    }

    fn invoice(&mut self, invoice: &Invoice, states: &[&str]) {
        self.snapshot.invoices.push(invoice.clone());
        self.audit(Entity::new(Kind::Invoice, invoice.id), states);
    }

    fn case(&mut self, case: Case) {
        self.audit(Entity::new(Kind::Case, case.id), &["open"]);
        self.snapshot.cases.push(case);
    }

    fn post(&mut self, transfer: Transfer) {
        self.snapshot.transfers.push(TransferRow {
            id: transfer.id,
            purpose: transfer.purpose,
            invoice: transfer.invoice,
            payment: transfer.payment,
            postings: transfer.postings().to_vec(),
            at: self.rows.now(),
        });
    }

    /// A payment whose money goes to `account`.
    fn pay(&mut self, invoice: &Invoice, reference: &str, amount: Money, outcome: Outcome) {
        let charge = self.rows.charge(invoice, reference);
        let payment = Payment {
            amount,
            outcome,
            ..self.rows.payment(&charge, reference)
        };
        let account = match outcome {
            Outcome::Partial => Account::Towards(invoice.id),
            Outcome::Review => Account::Suspense(payment.id),
            Outcome::Surplus | Outcome::LateCredited => Account::Wallet(invoice.customer),
            Outcome::Paid | Outcome::PaidWithExcess | Outcome::LateDelivered => Account::Sales,
        };
        let transfer = self
            .rows
            .transfer(Account::Clearing(gateway()), account, amount);
        self.post(transfer.about_payment(payment.id).about_invoice(invoice.id));
        self.snapshot.charges.push(charge);
        self.snapshot.payments.push(payment);
    }
}

/// A shop with a paid order on its way, one that awaits the rest of its payment, and an expired
/// one whose late payments are credited and under review.
fn sound() -> Snapshot {
    let rows = Rows::new(Arc::new(VirtualClock::default()));
    let snapshot = Snapshot::default();
    let mut scene = Scene { rows, snapshot };
    let customer = scene.rows.customer("ayu");
    let (product, voucher) = (scene.rows.product("KEY"), scene.rows.voucher("HEMAT", 2));
    let guide = shopcore::catalog::Product {
        supply: Supply::Unlimited,
        ..scene.rows.product("GUIDE")
    };
    scene.unit(guide.id, "guide", UnitState::Available);
    let mut unlimited = scene.rows.line(&guide, 2);
    unlimited.unlimited = Some(scene.snapshot.units[0].id);
    let order = |state, more| {
        let mut lines = vec![scene.rows.line(&product, 1)];
        lines.extend(more);
        let mut order = scene.rows.order(&customer, lines);
        (order.state, order.voucher) = (state, Some(voucher.id));
        order
    };
    let paid = order(OrderState::Paid, Some(unlimited));
    let open = order(OrderState::AwaitingPayment, None);
    let expired = order(OrderState::Expired, None);
    sell(&mut scene, &paid);
    wait(&mut scene, &open);
    expire(&mut scene, &expired);
    scene.unit(product.id, "left", UnitState::Available);
    let snapshot = &mut scene.snapshot;
    snapshot.shown = vec![(product.id, 1)];
    snapshot.products = vec![product, guide];
    snapshot.customers = vec![customer];
    snapshot.vouchers = vec![shopcore::voucher::Voucher {
        held: 1,
        redeemed: 1,
        ..voucher
    }];
    let uses = [
        (&paid, RedemptionState::Redeemed),
        (&open, RedemptionState::Held),
        (&expired, RedemptionState::Released),
    ];
    snapshot.redemptions = uses.map(|(order, state)| redemption(order, state)).to_vec();
    scene.snapshot
}

fn redemption(order: &Order, state: RedemptionState) -> Redemption {
    Redemption {
        order: order.id,
        voucher: order.voucher.unwrap(),
        customer: order.customer,
        state,
    }
}

fn sell(scene: &mut Scene, order: &Order) {
    let line = &order.lines[0];
    scene.unit(line.product, "sold", UnitState::Sold(line.id));
    scene.order(order, &["awaiting_payment", "paid"]);
    let mut invoice = scene.rows.invoice(order);
    (invoice.state, invoice.received) = (InvoiceState::Paid, invoice.amount);
    scene.invoice(&invoice, &["created", "waiting", "paid"]);
    scene.pay(&invoice, "paid", invoice.amount, Outcome::Paid);
    let destination = Destination::Chat(order.chat.clone());
    scene.snapshot.outbox.push(OutboxItem {
        id: scene.rows.ids.next(),
        lane: Lane::new(&destination, invoice.id),
        destination,
        task: Task::Delivery { order: order.id },
        state: ItemState::Pending,
        due_at: scene.rows.now(),
        attempts: 0,
    });
}

fn wait(scene: &mut Scene, order: &Order) {
    let line = &order.lines[0];
    scene.unit(line.product, "held", UnitState::Held(line.id));
    scene.order(order, &["awaiting_payment"]);
    let mut invoice = scene.rows.invoice(order);
    (invoice.state, invoice.received) = (InvoiceState::Waiting, idr(5_000));
    scene.invoice(&invoice, &["created", "waiting"]);
    scene.pay(&invoice, "part", idr(5_000), Outcome::Partial);
}

fn expire(scene: &mut Scene, order: &Order) {
    scene.order(order, &["awaiting_payment", "expired"]);
    let mut invoice = scene.rows.invoice(order);
    invoice.state = InvoiceState::Expired;
    scene.invoice(&invoice, &["created", "expired"]);
    scene.pay(&invoice, "late", idr(7_000), Outcome::LateCredited);
    scene.snapshot.wallets.push(WalletRow {
        customer: order.customer,
        balance: idr(7_000),
    });
    scene.pay(&invoice, "odd", idr(3_000), Outcome::Review);
    let mut case = scene.rows.case(CaseReason::LatePayment);
    case.payment = scene.snapshot.payments.last().map(|payment| payment.id);
    case.order = Some(order.id);
    scene.case(case);
}

fn rules() -> Rules {
    Rules {
        now: Rows::new(Arc::new(VirtualClock::default())).now(),
        expiry_period: Duration::seconds(60),
    }
}

#[track_caller]
fn breaks(invariant: Invariant, corrupt: impl FnOnce(&mut Snapshot)) {
    let mut snapshot = sound();
    corrupt(&mut snapshot);
    let report = check(&snapshot, &rules());
    let mut findings = report.findings.iter();
    let finding = findings
        .find(|finding| finding.invariant == invariant)
        .unwrap();
    assert!(!finding.violations.is_empty(), "{invariant} did not notice");
    assert!(!report.holds());
}

fn order(snapshot: &mut Snapshot, state: OrderState) -> &mut Order {
    let mut orders = snapshot.orders.iter_mut();
    orders.find(|order| order.state == state).unwrap()
}

fn invoice(snapshot: &mut Snapshot, state: InvoiceState) -> &mut Invoice {
    let mut invoices = snapshot.invoices.iter_mut();
    invoices.find(|invoice| invoice.state == state).unwrap()
}

#[test]
fn a_sound_shop_breaks_none() {
    let report = check(&sound(), &rules());
    assert!(report.holds(), "{report}");
    let numbers = report
        .findings
        .iter()
        .map(|finding| finding.invariant.number());
    assert!(numbers.eq(1..=12));
}

#[test]
fn content_that_is_there_twice_is_noticed() {
    breaks(Invariant::Units, |all| {
        all.units[1].fingerprint = all.units[0].fingerprint;
    });
    breaks(Invariant::Units, |all| all.units[1].id = all.units[0].id);
    breaks(Invariant::Units, |all| {
        all.units[1].product = all.products[1].id
    });
}

#[test]
fn stock_shown_wrongly_is_noticed() {
    breaks(Invariant::ShownStock, |all| all.shown[0].1 = 2);
    breaks(Invariant::ShownStock, |all| all.shown.clear());
}

#[test]
fn lines_with_other_than_their_units_are_noticed() {
    let line = |all: &mut Snapshot, state| order(all, state).lines[0].id;
    breaks(Invariant::LineUnits, |all| {
        all.units.last_mut().unwrap().state = UnitState::Held(line(all, OrderState::Expired));
    });
    breaks(Invariant::LineUnits, |all| {
        all.units.last_mut().unwrap().state = UnitState::Sold(line(all, OrderState::Paid));
    });
    breaks(Invariant::LineUnits, |all| {
        let open = line(all, OrderState::AwaitingPayment);
        all.units.retain(|unit| unit.state != UnitState::Held(open));
    });
}

#[test]
fn miscounted_vouchers_are_noticed() {
    breaks(Invariant::VoucherUses, |all| all.vouchers[0].held = 0);
    breaks(Invariant::VoucherUses, |all| all.vouchers[0].redeemed = 2);
    breaks(Invariant::VoucherUses, |all| {
        all.vouchers[0].terms.uses_max = 1
    });
    breaks(Invariant::VoucherUses, |all| {
        all.vouchers[0].terms.uses_max_per_customer = Some(1);
    });
    breaks(Invariant::VoucherUses, |all| {
        order(all, OrderState::Expired).voucher = None
    });
    breaks(Invariant::VoucherUses, |all| {
        all.redemptions
            .retain(|use_| use_.state != RedemptionState::Released);
    });
    breaks(Invariant::VoucherUses, |all| {
        all.redemptions.push(all.redemptions[2]);
    });
}

#[test]
fn totals_that_do_not_add_up_are_noticed() {
    breaks(Invariant::Totals, |all| all.orders[0].totals.total = idr(1));
    breaks(Invariant::Totals, |all| {
        all.orders[0].totals.discount = idr(99_000_000)
    });
    breaks(Invariant::Totals, |all| {
        all.orders[0].lines[0].price = idr(i64::MAX)
    });
    breaks(Invariant::Totals, |all| {
        invoice(all, InvoiceState::Expired).amount = idr(1);
    });
}

#[test]
fn refunds_that_do_not_add_up_or_are_forgotten_are_noticed() {
    let refund = |all: &Snapshot, way, state| Refund {
        id: RefundId::from(uuid::Uuid::max()),
        order: Some(all.orders[0].id),
        payment: None,
        case: None,
        customer: None,
        value: idr(1),
        amount: idr(1),
        way,
        state,
        reason: None,
        requested_at: rules().now,
        ended_at: None,
    };
    breaks(Invariant::Refunds, |all| all.orders[0].refunded = idr(1));
    breaks(Invariant::Refunds, |all| {
        all.orders[0].state = OrderState::Refunded;
    });
    breaks(Invariant::Refunds, |all| {
        let done = refund(all, RefundWay::Wallet, RefundState::Done);
        all.refunds.push(done);
    });
    for way in [RefundWay::Gateway, RefundWay::Wallet, RefundWay::ByHand] {
        breaks(Invariant::Refunds, |all| {
            all.orders[0].refunded = idr(1);
            let forgotten = refund(all, way, RefundState::Requested);
            all.refunds.push(forgotten);
        });
    }
    breaks(Invariant::Payments, |all| all.orders[0].refunded = idr(1));
    breaks(Invariant::AuditTrail, |all| {
        let unheard = refund(all, RefundWay::Wallet, RefundState::Failed);
        all.refunds.push(unheard);
    });
    breaks(Invariant::References, |all| {
        let mut lost = refund(all, RefundWay::Wallet, RefundState::Failed);
        lost.order = Some(OrderId::from(uuid::Uuid::max()));
        all.refunds.push(lost);
    });
}

#[test]
fn money_that_is_not_where_it_belongs_is_noticed() {
    breaks(Invariant::Payments, |all| drop(all.transfers.remove(0)));
    breaks(Invariant::Payments, |all| all.payments[0].amount = idr(1));
    breaks(Invariant::Payments, |all| {
        let (account, amount) = (Account::Sales, idr(1));
        all.transfers[0].postings.push(Posting { account, amount });
    });
    breaks(Invariant::Payments, |all| {
        all.cases[0].state = CaseState::Resolved(Resolution::Closed);
    });
    breaks(Invariant::Payments, |all| {
        invoice(all, InvoiceState::Waiting).state = InvoiceState::Expired;
    });
    breaks(Invariant::Payments, |all| {
        all.payments[1].event = all.payments[0].event.clone();
    });
}

#[test]
fn what_was_sold_for_other_than_it_cost_is_noticed() {
    let sale = |all: &mut Snapshot| {
        let paid = invoice(all, InvoiceState::Paid).id;
        let mut transfers = all.transfers.iter();
        transfers.position(|row| row.invoice == Some(paid)).unwrap()
    };
    breaks(Invariant::Payments, |all| {
        let sale = sale(all);
        let mut postings = all.transfers[sale].postings.iter_mut();
        let sold = postings.find(|posting| posting.account == Account::Sales);
        sold.unwrap().account = Account::Fees;
    });
    breaks(Invariant::Payments, |all| {
        let unpaid = invoice(all, InvoiceState::Expired).id;
        let sale = sale(all);
        all.transfers[sale].invoice = Some(unpaid);
    });
}

#[test]
fn wallets_apart_from_their_entries_are_noticed() {
    breaks(Invariant::Wallets, |all| all.wallets[0].balance = idr(-1));
    breaks(Invariant::Wallets, |all| {
        all.wallets[0].balance = idr(8_000)
    });
    breaks(Invariant::Wallets, |all| all.wallets.clear());
}

#[test]
fn changes_of_state_without_a_trail_are_noticed() {
    breaks(Invariant::AuditTrail, |all| {
        order(all, OrderState::Paid).state = OrderState::Refunded;
    });
    breaks(Invariant::AuditTrail, |all| drop(all.audit.remove(0)));
    breaks(Invariant::AuditTrail, |all| {
        all.audit.push(all.audit[0].clone())
    });
    breaks(Invariant::AuditTrail, |all| all.orders.clear());
    breaks(Invariant::AuditTrail, |all| {
        let entity = Entity::new(Kind::Order, order(all, OrderState::Expired).id);
        order(all, OrderState::Expired).state = OrderState::Delivered;
        let edge = |from: &str, to: &str| {
            let (from, to) = (Some(from.to_owned()), to.to_owned());
            AuditRow {
                entity,
                edge: Some(Edge { from, to }),
            }
        };
        all.audit.push(edge("expired", "delivered"));
    });
}

#[test]
fn a_forgotten_paid_order_is_noticed() {
    breaks(Invariant::Fulfilment, |all| {
        all.outbox[0].state = ItemState::Refused
    });
    breaks(Invariant::Fulfilment, |all| all.outbox.clear());
    breaks(Invariant::Fulfilment, |all| {
        invoice(all, InvoiceState::Waiting).state = InvoiceState::Paid;
    });
    breaks(Invariant::Fulfilment, |all| {
        order(all, OrderState::Paid).state = OrderState::Cancelled;
    });
    let mut reviewed = sound();
    reviewed.outbox.clear();
    reviewed.cases[0].order = Some(order(&mut reviewed, OrderState::Paid).id);
    assert!(check(&reviewed, &rules()).holds());
}

#[test]
fn an_invoice_open_for_too_long_is_noticed() {
    let late = |by: Duration| {
        let mut snapshot = sound();
        invoice(&mut snapshot, InvoiceState::Waiting).expires_at = rules().now - by;
        check(&snapshot, &rules()).holds()
    };
    assert!(late(Duration::seconds(120)));
    assert!(!late(Duration::seconds(121)));
    breaks(Invariant::Expiry, |all| {
        invoice(all, InvoiceState::Waiting).expires_at -= Duration::days(1);
    });
}

#[test]
fn orphans_and_dangling_references_are_noticed() {
    let corruptions: [fn(&mut Snapshot); 9] = [
        |all| all.products.clear(),
        |all| all.vouchers.clear(),
        |all| all.customers.clear(),
        |all| all.orders.clear(),
        |all| all.invoices.clear(),
        |all| all.charges.clear(),
        |all| all.payments.clear(),
        |all| all.products[0].category = Some(uuid::Uuid::nil().into()),
        |all| all.units[1].state = UnitState::Sold(LineId::from(uuid::Uuid::nil())),
    ];
    for corrupt in corruptions {
        breaks(Invariant::References, corrupt);
    }
    breaks(Invariant::References, |all| {
        all.units.remove(0);
    });
    breaks(Invariant::References, |all| {
        all.invoices
            .retain(|row| row.state != InvoiceState::Expired);
    });
}
