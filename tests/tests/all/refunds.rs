//! Payments that a person sends back: once, whatever fails, and the ledger balances all the while.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::Duration;
use shopcore::audit::Actor;
use shopcore::catalog::{LatePolicy, Product};
use shopcore::customer::{Customer, Standing};
use shopcore::gateway::{Capabilities, Support};
use shopcore::id::CaseId;
use shopcore::invoice::{Payment, Reference};
use shopcore::jobs::JobName;
use shopcore::ledger::Account;
use shopcore::order::OrderState;
use shopcore::refund::{Refund, RefundState, RefundWay};
use shopcore::review::CaseReason;
use shopcore::service::{NewRefund, Placed, RefundError, ReviewError};
use shopcore::store::{Page, RequestKey};
use shopcore::testing::fault::Fault;
use shopcore::text::Reason;

use crate::world::{Backend, Bank, Mood, World, idr, on_every_backend};

on_every_backend! {
    a_payment_is_sent_back_once,
    a_refund_whose_reply_was_lost_is_made_once,
    a_refund_waits_for_a_gateway_that_is_down,
    a_refund_that_is_refused_waits_for_a_person_again,
    of_two_who_send_a_payment_back_one_does,
    a_payment_is_sent_back_or_credited_and_never_both,
    a_refund_survives_a_lost_commit_of_its_outcome,
    what_a_gateway_can_not_send_back_stays_where_it_is,
    an_order_is_paid_back_by_the_gateway_that_took_it,
    an_order_delivered_after_a_review_is_paid_back_by_its_gateway,
    an_order_is_paid_back_in_parts_and_never_more_than_whole,
    an_order_paid_from_the_wallet_is_paid_back_there,
    a_refund_that_the_gateway_refuses_goes_to_the_wallet,
    a_refund_of_the_banned_is_paid_out_by_hand,
    an_order_paid_in_two_parts_is_paid_back_by_both,
    of_two_who_pay_an_order_back_one_does,
    what_was_not_paid_is_not_paid_back,
    a_refunded_order_hands_nothing_over,
}

/// A payment that nobody knows of, and its case.
async fn stray(world: &World) -> (Payment, CaseId) {
    let reference = Reference::parse("nobody-knows").unwrap();
    let event = world.bank.pay(&reference, idr(5_000), world.shop.now());
    let settled = world.shop.settlement().settle(&event).await.unwrap();
    (settled.payment, only_case(world).await)
}

async fn only_case(world: &World) -> CaseId {
    let cases = world.shop.reviews().list(Page::first(2)).await.unwrap();
    assert_eq!(cases.total, 1);
    cases.items[0].id
}

async fn cases(world: &World) -> u64 {
    let cases = world.shop.reviews().list(Page::first(1)).await;
    cases.unwrap().total
}

/// What the shop's bank holds for it, by the ledger.
async fn held(world: &World) -> i64 {
    let account = Account::Clearing(world.bank.port().clone());
    let transfers = world.snapshot().await.transfers;
    let postings = transfers.iter().flat_map(|transfer| &transfer.postings);
    let held = postings.filter(|posting| posting.account == account);
    -held.map(|posting| posting.amount.minor()).sum::<i64>()
}

async fn refund(world: &World, case: CaseId) -> Result<(), ReviewError> {
    world.shop.reviews().refund(&Actor::Operator, case).await
}

/// Runs the outbox when everything that waits in it is due.
async fn later(world: &World) {
    world.clock.advance(Duration::minutes(20));
    world.run(JobName::Outbox).await;
}

async fn assert_sent_back(world: &World) {
    assert_eq!(world.bank.refunds(), [idr(5_000)]);
    assert_eq!((held(world).await, cases(world).await), (0, 0));
    later(world).await;
    assert_eq!(world.bank.refunds(), [idr(5_000)]);
    world.assert_sound().await;
}

async fn a_payment_is_sent_back_once(backend: Backend) {
    let world = World::open(backend).await;
    let (_, case) = stray(&world).await;
    refund(&world, case).await.unwrap();
    assert_eq!((held(&world).await, cases(&world).await), (5_000, 0));
    assert_eq!(world.bank.refunds(), []);
    world.assert_sound().await;
    let again = refund(&world, case).await;
    assert!(matches!(again, Err(ReviewError::NotOpen(_))));
    world.run(JobName::Outbox).await;
    assert_sent_back(&world).await;
}

async fn a_refund_whose_reply_was_lost_is_made_once(backend: Backend) {
    let world = World::open(backend).await;
    let (_, case) = stray(&world).await;
    refund(&world, case).await.unwrap();
    world.bank.set_mood(Mood::Mute);
    world.run(JobName::Outbox).await;
    assert_eq!(world.bank.refunds(), [idr(5_000)]);
    assert_eq!(held(&world).await, 5_000, "the shop can't know yet");
    world.assert_sound().await;
    world.bank.set_mood(Mood::Well);
    later(&world).await;
    assert_sent_back(&world).await;
}

async fn a_refund_waits_for_a_gateway_that_is_down(backend: Backend) {
    let world = World::open(backend).await;
    let (_, case) = stray(&world).await;
    refund(&world, case).await.unwrap();
    world.bank.set_mood(Mood::Down);
    for _ in 0..3 {
        later(&world).await;
    }
    assert_eq!((world.bank.refunds().len(), held(&world).await), (0, 5_000));
    world.assert_sound().await;
    world.bank.set_mood(Mood::Well);
    later(&world).await;
    assert_sent_back(&world).await;
}

async fn a_refund_that_is_refused_waits_for_a_person_again(backend: Backend) {
    let world = World::open(backend).await;
    let (payment, case) = stray(&world).await;
    refund(&world, case).await.unwrap();
    world.bank.set_mood(Mood::Stern);
    world.run(JobName::Outbox).await;
    let opened = only_case(&world).await;
    let second = world.shop.reviews().get(opened).await.unwrap();
    assert_ne!(opened, case);
    assert_eq!(second.payment, Some(payment.id));
    assert_eq!(second.reason, CaseReason::Unsettled);
    assert_eq!(held(&world).await, 5_000);
    world.assert_sound().await;
    let customer = world.customer("ann").await;
    let reviews = world.shop.reviews();
    let credited = reviews.credit(&Actor::Operator, opened, Some(customer.id));
    credited.await.unwrap();
    assert_eq!(world.balance(&customer).await, 5_000);
    assert_eq!(world.bank.refunds(), []);
    world.assert_sound().await;
}

async fn of_two_who_send_a_payment_back_one_does(backend: Backend) {
    let world = World::open(backend).await;
    let (_, case) = stray(&world).await;
    let (one, two) = tokio::join!(refund(&world, case), refund(&world, case));
    assert_ne!(one.is_ok(), two.is_ok());
    let lost = one.and(two);
    assert!(matches!(lost, Err(ReviewError::NotOpen(_))), "{lost:?}");
    world.run(JobName::Outbox).await;
    assert_sent_back(&world).await;
}

async fn a_payment_is_sent_back_or_credited_and_never_both(backend: Backend) {
    let world = World::open(backend).await;
    let (_, case) = stray(&world).await;
    let customer = world.customer("ann").await;
    let reviews = world.shop.reviews();
    let credit = reviews.credit(&Actor::Operator, case, Some(customer.id));
    let (refunded, credited) = tokio::join!(refund(&world, case), credit);
    assert_ne!(refunded.is_ok(), credited.is_ok());
    world.run(JobName::Outbox).await;
    let given = world.bank.refunds().len();
    let kept = world.balance(&customer).await;
    assert!(
        matches!((given, kept), (1, 0) | (0, 5_000)),
        "{given} {kept}"
    );
    world.assert_sound().await;
}

async fn a_refund_survives_a_lost_commit_of_its_outcome(backend: Backend) {
    let world = World::open(backend).await;
    let (_, case) = stray(&world).await;
    world.faults.script([Some(Fault::LostReply)]);
    refund(&world, case).await.unwrap();
    world.faults.script([Some(Fault::LostReply)]);
    world.run(JobName::Outbox).await;
    later(&world).await;
    assert_sent_back(&world).await;
}

async fn what_a_gateway_can_not_send_back_stays_where_it_is(backend: Backend) {
    let bank = Bank::open("bank").with_capabilities(|capabilities| Capabilities {
        refund: Support::No,
        ..capabilities
    });
    let world = World::with(backend, bank).await;
    let (_, case) = stray(&world).await;
    let refused = refund(&world, case).await;
    assert!(matches!(refused, Err(ReviewError::NotRefundable)));
    assert_eq!(only_case(&world).await, case);
    world.assert_sound().await;
}

/// An order that was paid at the bank and delivered.
pub(crate) async fn bought(world: &World) -> (Customer, Placed) {
    let product = world.product("KEY", 5_000, 1).await;
    let customer = world.customer("ann").await;
    let placed = world.place(&customer, &product).await;
    let charge = world.charge(&placed.invoice).await;
    let now = world.shop.now();
    world.bank.pay(&charge.reference, charge.payable, now);
    let settlement = world.shop.settlement();
    settlement.check(placed.invoice.id).await.unwrap();
    world.run(JobName::Outbox).await;
    assert_eq!(world.state(&placed).await, OrderState::Delivered);
    (customer, placed)
}

/// A wish to give back; each is another one.
pub(crate) fn back(placed: &Placed, value: Option<i64>, way: Option<RefundWay>) -> NewRefund {
    static WISHES: AtomicU64 = AtomicU64::new(0);
    let wish = WISHES.fetch_add(1, Ordering::Relaxed);
    NewRefund {
        order: placed.order.id,
        value: value.map(idr),
        way,
        reason: Reason::parse("it did not work").unwrap(),
        request: RequestKey(wish.to_string()),
    }
}

pub(crate) async fn give_back(
    world: &World,
    wanted: &NewRefund,
) -> Result<Vec<Refund>, RefundError> {
    let refunds = world.shop.refunds();
    refunds.request(&Actor::Operator, wanted).await
}

async fn ban(world: &World, customer: &Customer) {
    let shop = &world.shop;
    let customers = shop.customers();
    let banned = customers
        .set_standing(&Actor::Operator, customer.id, Standing::Banned, None, None)
        .await;
    banned.unwrap();
}

/// The states of an order's refunds, oldest first.
async fn states(world: &World, placed: &Placed) -> Vec<(RefundWay, RefundState)> {
    let refunds = world.shop.refunds().list(placed.order.id).await.unwrap();
    let states = refunds.iter().map(|refund| (refund.way, refund.state));
    states.collect()
}

async fn an_order_is_paid_back_by_the_gateway_that_took_it(backend: Backend) {
    let world = World::open(backend).await;
    let (customer, placed) = bought(&world).await;
    give_back(&world, &back(&placed, None, None)).await.unwrap();
    assert_eq!(world.state(&placed).await, OrderState::Refunded);
    let requested = (RefundWay::Gateway, RefundState::Requested);
    assert_eq!(states(&world, &placed).await, [requested]);
    world.assert_sound().await;
    let before = held(&world).await;
    world.bank.set_mood(Mood::Mute);
    world.run(JobName::Outbox).await;
    assert_eq!(held(&world).await, before, "the shop can't know yet");
    world.bank.set_mood(Mood::Well);
    later(&world).await;
    assert_eq!(world.bank.refunds(), [idr(5_000)], "not the gateway's fee");
    assert_eq!(held(&world).await, before - 5_000);
    let done = (RefundWay::Gateway, RefundState::Done);
    assert_eq!(states(&world, &placed).await, [done]);
    assert_eq!(world.balance(&customer).await, 0);
    let again = give_back(&world, &back(&placed, None, None)).await;
    assert!(matches!(
        again,
        Err(RefundError::NotPaid(OrderState::Refunded))
    ));
    world.assert_sound().await;
}

async fn an_order_delivered_after_a_review_is_paid_back_by_its_gateway(backend: Backend) {
    let world = World::open(backend).await;
    let product = Product {
        late: LatePolicy::Review,
        ..world.product("KEY", 5_000, 1).await
    };
    let catalog = world.shop.catalog();
    let product = catalog.update_product(&Actor::Operator, product).await;
    let customer = world.customer("ann").await;
    let placed = world.place(&customer, &product.unwrap()).await;
    let charge = world.charge(&placed.invoice).await;
    world.clock.advance(Duration::days(1));
    world.run(JobName::Expiry).await;
    let now = world.shop.now();
    let event = world.bank.pay(&charge.reference, charge.payable, now);
    world.shop.settlement().settle(&event).await.unwrap();
    let case = only_case(&world).await;
    let reviews = world.shop.reviews();
    reviews.deliver(&Actor::Operator, case).await.unwrap();
    world.run(JobName::Outbox).await;
    assert_eq!(world.state(&placed).await, OrderState::Delivered);
    give_back(&world, &back(&placed, None, None)).await.unwrap();
    later(&world).await;
    assert_eq!(world.bank.refunds(), [idr(5_000)]);
    assert_eq!(world.state(&placed).await, OrderState::Refunded);
    world.assert_sound().await;
}

async fn an_order_is_paid_back_in_parts_and_never_more_than_whole(backend: Backend) {
    let world = World::open(backend).await;
    let (customer, placed) = bought(&world).await;
    give_back(&world, &back(&placed, Some(2_000), None))
        .await
        .unwrap();
    let to_wallet = back(&placed, Some(1_000), Some(RefundWay::Wallet));
    give_back(&world, &to_wallet).await.unwrap();
    assert_eq!(world.state(&placed).await, OrderState::Delivered);
    for value in [0, -1, 2_001] {
        let refused = give_back(&world, &back(&placed, Some(value), None)).await;
        let Err(RefundError::Amount { left }) = refused else {
            panic!("{value}: {refused:?}")
        };
        assert_eq!(left, idr(2_000));
    }
    world.assert_sound().await;
    give_back(&world, &back(&placed, None, None)).await.unwrap();
    later(&world).await;
    assert_eq!(world.bank.refunds(), [idr(2_000), idr(2_000)]);
    assert_eq!(world.balance(&customer).await, 1_000);
    assert_eq!(world.state(&placed).await, OrderState::Refunded);
    world.assert_sound().await;
}

async fn an_order_paid_from_the_wallet_is_paid_back_there(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 5_000, 1).await;
    let customer = world.customer("ann").await;
    world.credit(&customer, 5_000).await;
    let placed = world.place(&customer, &product).await;
    let me = Actor::Customer(customer.id);
    let paid = world.shop.checkout();
    paid.pay_from_wallet(&me, placed.invoice.id).await.unwrap();
    let by_gateway = back(&placed, None, Some(RefundWay::Gateway));
    let refused = give_back(&world, &by_gateway).await;
    assert!(matches!(refused, Err(RefundError::NotRefundable)));
    give_back(&world, &back(&placed, None, None)).await.unwrap();
    assert_eq!(world.balance(&customer).await, 5_000);
    let done = (RefundWay::Wallet, RefundState::Done);
    assert_eq!(states(&world, &placed).await, [done]);
    world.assert_sound().await;
}

async fn a_refund_that_the_gateway_refuses_goes_to_the_wallet(backend: Backend) {
    let world = World::open(backend).await;
    let (customer, placed) = bought(&world).await;
    give_back(&world, &back(&placed, None, None)).await.unwrap();
    world.bank.set_mood(Mood::Stern);
    world.run(JobName::Outbox).await;
    assert_eq!(
        (world.bank.refunds(), world.balance(&customer).await),
        (vec![], 5_000)
    );
    let failed = (RefundWay::Gateway, RefundState::Failed);
    let done = (RefundWay::Wallet, RefundState::Done);
    assert_eq!(states(&world, &placed).await, [failed, done]);
    world.assert_sound().await;
}

async fn a_refund_of_the_banned_is_paid_out_by_hand(backend: Backend) {
    let world = World::open(backend).await;
    let (customer, placed) = bought(&world).await;
    give_back(&world, &back(&placed, None, None)).await.unwrap();
    ban(&world, &customer).await;
    world.bank.set_mood(Mood::Stern);
    world.run(JobName::Outbox).await;
    assert_eq!(world.balance(&customer).await, 0);
    let case = only_case(&world).await;
    assert_eq!(
        world.shop.reviews().get(case).await.unwrap().reason,
        CaseReason::Payout
    );
    world.assert_sound().await;
    let reviews = world.shop.reviews();
    let credited = reviews.credit(&Actor::Operator, case, None).await;
    assert!(matches!(credited, Err(ReviewError::NoPayment)));
    let paid = Reason::parse("paid by bank").unwrap();
    reviews.close(&Actor::Operator, case, &paid).await.unwrap();
    let failed = (RefundWay::Gateway, RefundState::Failed);
    let done = (RefundWay::ByHand, RefundState::Done);
    assert_eq!(states(&world, &placed).await, [failed, done]);
    world.assert_sound().await;
}

async fn an_order_paid_in_two_parts_is_paid_back_by_both(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 5_000, 1).await;
    let customer = world.customer("ann").await;
    let placed = world.place(&customer, &product).await;
    for amount in [Some(2_000), None] {
        let charge = world.charge(&placed.invoice).await;
        let amount = amount.map_or(charge.payable, idr);
        world.bank.pay(&charge.reference, amount, world.shop.now());
        let settlement = world.shop.settlement();
        settlement.check(placed.invoice.id).await.unwrap();
    }
    give_back(&world, &back(&placed, None, Some(RefundWay::Gateway)))
        .await
        .unwrap();
    later(&world).await;
    let given: i64 = world.bank.refunds().iter().map(|money| money.minor()).sum();
    assert_eq!((world.bank.refunds().len(), given), (2, 5_000));
    world.assert_sound().await;
}

async fn of_two_who_pay_an_order_back_one_does(backend: Backend) {
    let world = World::open(backend).await;
    let (_, placed) = bought(&world).await;
    let (ours, theirs) = (back(&placed, None, None), back(&placed, None, None));
    let (one, two) = tokio::join!(give_back(&world, &ours), give_back(&world, &theirs));
    assert_ne!(one.is_ok(), two.is_ok());
    later(&world).await;
    assert_eq!(world.bank.refunds(), [idr(5_000)]);
    world.assert_sound().await;
}

async fn what_was_not_paid_is_not_paid_back(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 5_000, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    let refused = give_back(&world, &back(&placed, None, None)).await;
    assert!(matches!(
        refused,
        Err(RefundError::NotPaid(OrderState::AwaitingPayment))
    ));
    let mut unknown = back(&placed, None, None);
    unknown.order = world.shop.ids().next();
    let refused = give_back(&world, &unknown).await;
    assert!(matches!(refused, Err(RefundError::Unknown)));
    world.assert_sound().await;
}

async fn a_refunded_order_hands_nothing_over(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 5_000, 1).await;
    let customer = world.customer("ann").await;
    let placed = world.place(&customer, &product).await;
    let charge = world.charge(&placed.invoice).await;
    world
        .bank
        .pay(&charge.reference, charge.payable, world.shop.now());
    let settlement = world.shop.settlement();
    settlement.check(placed.invoice.id).await.unwrap();
    give_back(&world, &back(&placed, None, None)).await.unwrap();
    world.run(JobName::Outbox).await;
    assert_eq!(world.state(&placed).await, OrderState::Refunded);
    let me = Actor::Customer(customer.id);
    let goods = world.shop.orders().goods(&me, placed.order.id).await;
    assert!(goods.is_err());
    world.assert_sound().await;
}
