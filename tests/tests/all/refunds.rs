//! Payments that a person sends back: once, whatever fails, and the ledger balances all the while.

use chrono::Duration;
use shopcore::audit::Actor;
use shopcore::gateway::{Capabilities, Support};
use shopcore::id::CaseId;
use shopcore::invoice::{Payment, Reference};
use shopcore::jobs::JobName;
use shopcore::ledger::Account;
use shopcore::review::CaseReason;
use shopcore::service::ReviewError;
use shopcore::store::Page;
use shopcore::testing::fault::Fault;

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
