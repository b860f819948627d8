//! What was once broken, on every backend.

use shopcore::audit::Actor;
use shopcore::gateway::{CreateMode, GatewayError};
use shopcore::invoice::{Charge, ChargeState, InvoiceState, Outcome};
use shopcore::jobs::JobName;
use shopcore::message::Destination;
use shopcore::money::Money;
use shopcore::order::OrderState;
use shopcore::review::{Case, CaseReason};
use shopcore::service::{ChargeError, CheckoutError, OrderError, Placed, ReviewError};
use shopcore::store::{Batch, CommitError, OrderWrite, Page, StockClaim, StockWrite};
use shopcore::testing::fault::Fault;
use shopcore::text::Reason;
use tokio::task::JoinHandle;

use crate::world::{
    Backend, Bank, Delay, Manner, Mood, World, fresh_request, idr, new_order, on_every_backend,
};

on_every_backend! {
    a_free_order_is_told_as_paid,
    a_payment_beyond_all_amounts_waits_for_a_person,
    refused_goods_that_were_handed_over_elsewhere_close_their_order,
    a_charge_paid_once_more_without_a_webhook_is_credited,
    a_payment_of_nothing_does_not_hold_back_the_one_behind_it,
    a_payment_of_nothing_is_not_asked_about_for_ever,
    reconciling_by_hand_does_not_wait_until_a_charge_is_due,
    an_invoice_that_can_not_be_ended_does_not_keep_the_others_open,
    the_rest_of_a_part_payment_is_asked_for_after_a_crash,
    a_charge_that_was_paid_in_part_takes_no_more,
    a_charge_whose_reply_was_lost_is_found_again,
    a_charge_that_can_not_be_found_again_is_replaced,
    times_that_are_finer_than_stores_keep_are_cut,
    an_outage_after_a_lost_reply_is_not_told_as_a_failure,
    a_refusal_that_comes_late_does_not_end_what_another_charge_collects,
    a_charge_that_is_made_after_another_took_its_place_is_given_back,
    an_invoice_whose_time_is_over_is_told_as_expired_before_the_job_came_by,
    a_messenger_that_breaks_down_over_one_order_brings_the_others,
    goods_that_are_not_all_there_are_not_handed_over,
    what_waits_for_admins_who_never_come_is_forgotten_and_nothing_else_that_waits,
}

async fn only_case(world: &World) -> Case {
    let cases = world.shop.reviews().list(Page::first(2)).await.unwrap();
    assert_eq!(cases.total, 1);
    cases.items[0].clone()
}

async fn a_free_order_is_told_as_paid(backend: Backend) {
    let world = World::open(backend).await;
    let gift = world.product("GIFT", 0, 1).await;
    let order = new_order(&world.customer("ann").await, &gift, 1, None);
    let placed = world.shop.checkout().place(order.clone()).await.unwrap();
    assert_eq!(placed.order.state, OrderState::Paid);
    assert_eq!(placed.invoice.state, InvoiceState::Paid);
    assert_eq!(world.shop.checkout().place(order).await.unwrap(), placed);
    world.assert_sound().await;
}

async fn a_payment_beyond_all_amounts_waits_for_a_person(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    let charge = world.charge(&placed.invoice).await;
    for minor in [Money::MAX_MINOR + 1, i64::MAX, i64::MAX] {
        let event = world
            .bank
            .pay(&charge.reference, idr(minor), world.shop.now());
        let settled = world.shop.settlement().settle(&event).await.unwrap();
        assert_eq!(settled.payment.outcome, Outcome::Review);
    }
    assert_eq!(world.state(&placed).await, OrderState::AwaitingPayment);
    let cases = world.shop.reviews().list(Page::first(9)).await.unwrap();
    assert!(
        cases
            .items
            .iter()
            .all(|case| case.reason == CaseReason::Unsettled)
    );
    assert_eq!(cases.total, 3);
    let reviews = world.shop.reviews();
    let credited = reviews
        .credit(&Actor::Operator, cases.items[0].id, None)
        .await;
    assert!(matches!(credited, Err(ReviewError::Money(_))));
    world.assert_sound().await;
}

async fn a_charge_paid_once_more_without_a_webhook_is_credited(backend: Backend) {
    let world = World::open(backend).await;
    let (ann, product) = (
        world.customer("ann").await,
        world.product("KEY", 1_000, 1).await,
    );
    let placed = world.place(&ann, &product).await;
    let charge = world.charge(&placed.invoice).await;
    for balance in [0, 1_000] {
        world
            .bank
            .pay(&charge.reference, charge.payable, world.shop.now());
        world.clock.advance(chrono::Duration::minutes(1));
        world.run(JobName::Reconcile).await;
        assert_eq!(world.balance(&ann).await, balance);
    }
    assert_eq!(world.state(&placed).await, OrderState::Paid);
    world.assert_sound().await;
}

async fn a_payment_of_nothing_does_not_hold_back_the_one_behind_it(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    let charge = world.charge(&placed.invoice).await;
    for amount in [idr(0), charge.payable] {
        world.bank.pay(&charge.reference, amount, world.shop.now());
    }
    let checked = world.shop.settlement().check(placed.invoice.id).await;
    assert!(checked.is_err());
    assert_eq!(world.state(&placed).await, OrderState::Paid);
    world.assert_sound().await;
}

async fn a_payment_of_nothing_is_not_asked_about_for_ever(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    let charge = world.charge(&placed.invoice).await;
    for minor in [0, -1] {
        let at = world.shop.now();
        world.bank.pay(&charge.reference, idr(minor), at);
    }
    world.clock.advance(chrono::Duration::hours(1));
    world.run(JobName::Expiry).await;
    world.clock.advance(chrono::Duration::days(3));
    world.run(JobName::Reconcile).await;
    assert_eq!(world.snapshot().await.charges[0].poll_at, None);
    world.assert_sound().await;
}

async fn reconciling_by_hand_does_not_wait_until_a_charge_is_due(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    let charge = world.charge(&placed.invoice).await;
    let now = world.shop.now();
    assert!(charge.poll_at.is_some_and(|poll_at| poll_at > now));
    world.bank.pay(&charge.reference, charge.payable, now);
    assert_eq!(world.run(JobName::Reconcile).await, 0);
    assert_eq!(world.jobs().run_now(JobName::Reconcile).await.unwrap(), 1);
    assert_eq!(world.state(&placed).await, OrderState::Paid);
    world.assert_sound().await;
}

async fn an_invoice_that_can_not_be_ended_does_not_keep_the_others_open(backend: Backend) {
    let world = World::open(backend).await;
    let customer = world.customer("ann").await.id;
    for _ in 0..501 {
        let deposit = world.shop.checkout();
        let deposit = deposit.deposit(customer, idr(10_000), fresh_request());
        deposit.await.unwrap();
    }
    world.clock.advance(chrono::Duration::hours(1));
    world.faults.script([Some(Fault::Unavailable)]);
    world.run(JobName::Expiry).await;
    let rows = world.snapshot().await;
    let open = rows.invoices.iter().filter(|row| row.state.is_open());
    assert_eq!((rows.invoices.len(), open.count()), (501, 0));
}

async fn the_rest_of_a_part_payment_is_asked_for_after_a_crash(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    let charge = world.charge(&placed.invoice).await;
    let event = world
        .bank
        .pay(&charge.reference, idr(500), world.shop.now());
    world.faults.script([None, Some(Fault::Unavailable)]);
    let settled = world.shop.settlement().settle(&event).await.unwrap();
    assert_eq!(settled.payment.outcome, Outcome::Partial);
    world.faults.heal();
    world.clock.advance(chrono::Duration::minutes(1));
    world.run(JobName::Reconcile).await;
    let view = world
        .shop
        .checkout()
        .invoice(placed.invoice.id)
        .await
        .unwrap();
    let open: Vec<_> = view
        .charges
        .iter()
        .filter(|charge| charge.state == ChargeState::Open)
        .collect();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].covers, view.invoice.outstanding().unwrap());
    world.assert_sound().await;
}

async fn refused_goods_that_were_handed_over_elsewhere_close_their_order(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 0, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    world.post.set_manner(Manner::Refuses);
    world.run(JobName::Outbox).await;
    let case = only_case(&world).await;
    assert_eq!(case.reason, CaseReason::DeliveryRefused);

    let reviews = world.shop.reviews();
    let credited = reviews.credit(&Actor::Operator, case.id, None).await;
    assert!(matches!(credited, Err(ReviewError::NoPayment)));
    let reason = Reason::parse("sent by mail").unwrap();
    reviews
        .close(&Actor::Operator, case.id, &reason)
        .await
        .unwrap();
    assert_eq!(world.state(&placed).await, OrderState::Delivered);
    world.assert_sound().await;
}

async fn a_charge_that_was_paid_in_part_takes_no_more(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 5_000, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    let pay = async |charge: &Charge, amount| {
        let event = world.bank.pay(&charge.reference, amount, world.shop.now());
        world.shop.settlement().settle(&event).await.unwrap()
    };
    let first = world.charge(&placed.invoice).await;
    let settled = pay(&first, idr(2_000)).await;
    assert_eq!(settled.payment.outcome, Outcome::Partial);
    let rest = world.charge(&placed.invoice).await;
    world.run(JobName::Outbox).await;
    assert!(!world.bank.takes(&first.reference) && world.bank.takes(&rest.reference));
    pay(&rest, rest.payable).await;
    assert_eq!(world.state(&placed).await, OrderState::Paid);
    world.assert_sound().await;
}

async fn a_charge_whose_reply_was_lost_is_found_again(backend: Backend) {
    let world = World::with(backend, Bank::with("finder", CreateMode::FindByReference)).await;
    let product = world.product("KEY", 1_000, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    let checkout = world.shop.checkout();
    world.bank.set_mood(Mood::Mute);
    assert!(
        checkout
            .charge(placed.invoice.id, world.bank.port())
            .await
            .is_err()
    );

    world.bank.set_mood(Mood::Well);
    let charge = world.charge(&placed.invoice).await;
    assert_eq!(charge.state, ChargeState::Open);
    assert_eq!(world.bank.charges(), 1);
    world.assert_sound().await;
}

async fn a_charge_that_can_not_be_found_again_is_replaced(backend: Backend) {
    let world = World::with(backend, Bank::with("forgetter", CreateMode::Neither)).await;
    let product = world.product("KEY", 1_000, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    let checkout = world.shop.checkout();
    for mood in [Mood::Mute, Mood::Down] {
        world.bank.set_mood(mood);
        assert!(
            checkout
                .charge(placed.invoice.id, world.bank.port())
                .await
                .is_err()
        );
    }
    world.bank.set_mood(Mood::Well);
    world.charge(&placed.invoice).await;

    let charges = checkout.invoice(placed.invoice.id).await.unwrap().charges;
    let states: Vec<_> = charges.iter().map(|charge| charge.state).collect();
    assert_eq!(
        states,
        [
            ChargeState::Abandoned,
            ChargeState::Closed,
            ChargeState::Open
        ]
    );
    // Whoever pays the charge that was given up has paid the order.
    let event = world
        .bank
        .pay(&charges[0].reference, charges[0].payable, world.shop.now());
    let settled = world.shop.settlement().settle(&event).await.unwrap();
    assert_eq!(settled.payment.outcome, Outcome::Paid);
    world.assert_sound().await;
}

async fn times_that_are_finer_than_stores_keep_are_cut(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    let charge = world.charge(&placed.invoice).await;
    let at = world.shop.now() + chrono::Duration::nanoseconds(1_999);
    let event = world.bank.pay(&charge.reference, charge.payable, at);
    let settlement = world.shop.settlement();
    let first = settlement.settle(&event).await.unwrap();
    let again = settlement.settle(&event).await.unwrap();
    assert_eq!(first.payment, again.payment);
}

async fn an_outage_after_a_lost_reply_is_not_told_as_a_failure(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 2).await;
    let order = new_order(&world.customer("ann").await, &product, 1, None);
    let faults = [Fault::LostReply, Fault::Unavailable, Fault::Unavailable];
    world.faults.script(faults.map(Some));
    let placed = world.shop.checkout().place(order.clone()).await.unwrap();
    assert_eq!(
        world.shop.checkout().place(order).await.unwrap().order.id,
        placed.order.id
    );
    assert_eq!(world.available(&product).await, 1);

    let order = new_order(&world.customer("bob").await, &product, 1, None);
    let outage = std::iter::repeat_n(Fault::Unavailable, 9);
    world
        .faults
        .script([Fault::LostReply].into_iter().chain(outage).map(Some));
    let lost = world.shop.checkout().place(order).await.unwrap_err();
    let unknown = matches!(&lost, CheckoutError::Commit(CommitError::OutcomeUnknown(_)));
    assert!(unknown, "{lost}");
    world.faults.heal();
    world.assert_sound().await;
}

/// An order whose customer asked for a charge twice: the gateway is still busy with the first.
struct AskedTwice {
    placed: Placed,
    second: Charge,
    delay: Delay,
    first: JoinHandle<Result<Charge, ChargeError>>,
}

impl AskedTwice {
    async fn of(world: &World) -> Self {
        let product = world.product("KEY", 1_000, 1).await;
        let placed = world.place(&world.customer("ann").await, &product).await;
        let (shop, port) = (world.shop.clone(), world.bank.port().clone());
        let (delay, invoice) = (world.bank.delay_next(), placed.invoice.id);
        let first = tokio::spawn(async move { shop.checkout().charge(invoice, &port).await });
        delay.begun().await;
        let second = world.charge(&placed.invoice).await;
        Self {
            placed,
            second,
            delay,
            first,
        }
    }

    async fn charges(&self, world: &World) -> Vec<Charge> {
        let checkout = world.shop.checkout();
        checkout
            .invoice(self.placed.invoice.id)
            .await
            .unwrap()
            .charges
    }
}

async fn a_refusal_that_comes_late_does_not_end_what_another_charge_collects(backend: Backend) {
    let world = World::with(backend, Bank::with("forgetter", CreateMode::Neither)).await;
    let asked = AskedTwice::of(&world).await;
    world.bank.set_mood(Mood::Stern);
    asked.delay.end();
    let refused = asked.first.await.unwrap().unwrap_err();
    assert!(matches!(
        refused,
        ChargeError::Gateway(GatewayError::Refused(_))
    ));
    let (reference, payable) = (&asked.second.reference, asked.second.payable);
    let event = world.bank.pay(reference, payable, world.shop.now());
    let settled = world.shop.settlement().settle(&event).await.unwrap();
    assert_eq!(settled.payment.outcome, Outcome::Paid);
    world.assert_sound().await;
}

async fn a_charge_that_is_made_after_another_took_its_place_is_given_back(backend: Backend) {
    let world = World::with(backend, Bank::with("forgetter", CreateMode::Neither)).await;
    let asked = AskedTwice::of(&world).await;
    let first = asked.charges(&world).await.remove(0);
    assert_eq!(first.state, ChargeState::Closed);
    // The bank is told that it is not wanted, and does not know it yet.
    world.run(JobName::Outbox).await;
    asked.delay.end();
    let late = asked.first.await.unwrap().unwrap_err();
    assert!(matches!(late, ChargeError::GivenUp), "{late}");
    assert!(world.bank.takes(&first.reference));
    world.run(JobName::Outbox).await;
    assert!(!world.bank.takes(&first.reference));
    assert!(world.bank.takes(&asked.second.reference));
    world.assert_sound().await;
}

async fn an_invoice_whose_time_is_over_is_told_as_expired_before_the_job_came_by(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    world.clock.advance(chrono::Duration::hours(1));
    let (invoice, checkout) = (placed.invoice.id, world.shop.checkout());
    let charge = checkout.charge(invoice, world.bank.port()).await;
    assert_eq!(charge.unwrap_err().to_string(), "the invoice is expired");
    let paid = checkout.pay_from_wallet(&Actor::Operator, invoice).await;
    assert_eq!(paid.unwrap_err().to_string(), "the invoice is expired");
    assert_eq!(world.state(&placed).await, OrderState::AwaitingPayment);
}

async fn a_messenger_that_breaks_down_over_one_order_brings_the_others(backend: Backend) {
    let world = World::open(backend).await;
    let (ann, gift) = (
        world.customer("ann").await,
        world.product("GIFT", 0, 2).await,
    );
    let [first, second] = [
        world.place(&ann, &gift).await,
        world.place(&ann, &gift).await,
    ];
    world.post.set_manner(Manner::Breaks(first.order.id));
    world.run(JobName::Outbox).await;
    assert_eq!(world.state(&first).await, OrderState::Paid);
    assert_eq!(world.state(&second).await, OrderState::Delivered);

    world.post.set_manner(Manner::Brings);
    world.clock.advance(chrono::Duration::minutes(5));
    world.run(JobName::Outbox).await;
    assert_eq!(world.state(&first).await, OrderState::Delivered);
    assert_eq!(world.post.deliveries(second.order.id), 1);
    world.assert_sound().await;
}

async fn goods_that_are_not_all_there_are_not_handed_over(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 3).await;
    let order = new_order(&world.customer("ann").await, &product, 2, None);
    let placed = world.shop.checkout().place(order).await.unwrap();
    let mut batch = Batch::chore(world.shop.id(), world.shop.now(), world.shop.ids());
    batch
        .push(StockWrite::Release(StockClaim {
            line: placed.order.lines[0].id,
            quantity: 2,
        }))
        .push(OrderWrite::Move {
            order: placed.order.id,
            from: OrderState::AwaitingPayment,
            to: OrderState::Paid,
        });
    world.shop.commit(batch).await.unwrap();
    let before = world.snapshot().await;
    let orders = world.shop.orders();
    let goods = orders.goods(&Actor::Operator, placed.order.id).await;
    assert!(matches!(goods, Err(OrderError::Incomplete)), "{goods:?}");
    assert_eq!(world.snapshot().await, before, "nothing was revealed");
}

async fn what_waits_for_admins_who_never_come_is_forgotten_and_nothing_else_that_waits(
    backend: Backend,
) {
    let world = World::open(backend).await;
    let ann = world.customer("ann").await;
    let (key, gift) = (
        world.product("KEY", 1_000, 1).await,
        world.product("GIFT", 0, 1).await,
    );
    world.place(&ann, &key).await;
    world.clock.advance(chrono::Duration::hours(1));
    world.run(JobName::Expiry).await;
    let gift = world.place(&ann, &gift).await;
    let waiting = async |to_admins: bool| {
        let outbox = world.snapshot().await.outbox.into_iter();
        let theirs = outbox.filter(|item| (item.destination == Destination::Admins) == to_admins);
        theirs.count()
    };
    let others = waiting(false).await;
    world.run(JobName::Prune).await;
    assert_eq!(waiting(true).await, 1);

    world.clock.advance(chrono::Duration::days(8));
    world.run(JobName::Prune).await;
    assert_eq!((waiting(true).await, waiting(false).await), (0, others));
    world.assert_sound().await;
    world.run(JobName::Outbox).await;
    assert_eq!(world.state(&gift).await, OrderState::Delivered);
    world.run(JobName::Prune).await;
    assert_eq!(world.snapshot().await.outbox, []);
    world.assert_sound().await;
}
