//! What was damaged by hand is set right as far as that needs nobody's judgement.

use shopcore::audit::{Actor, Search};
use shopcore::catalog::Product;
use shopcore::customer::Customer;
use shopcore::id::OrderId;
use shopcore::invariant::{Fix, Repair, Report};
use shopcore::jobs::{JobName, examine};
use shopcore::order::OrderState;
use shopcore::service::{NewRefund, RepairError};
use shopcore::text::Reason;

use crate::world::{Backend, ORDER_TTL, World, idr, new_order};

/// The databases that a hand can reach into.
const BACKENDS: [Backend; 2] = [Backend::Sqlite, Backend::Postgres];

/// A shop where one order is delivered and partly refunded, one expired with its voucher, and one
/// is paid while the messenger is down.
async fn lived(backend: Backend) -> World {
    let world = World::open(backend).await;
    let product = world.product("A", 1_000, 6).await;
    let code = world.voucher("HEMAT", 100, 5).await;
    let ann = world.customer("ann").await;
    world.credit(&ann, 10_000).await;
    let delivered = buy(&world, &ann, &product).await;
    world.run(JobName::Outbox).await;
    let refund = NewRefund {
        order: delivered,
        value: Some(idr(300)),
        way: None,
        reason: Reason::parse("it came late").unwrap(),
        request: world.shop.new_request(),
    };
    let refunds = world.shop.refunds();
    refunds.request(&Actor::Operator, &refund).await.unwrap();
    let unpaid = new_order(&ann, &product, 1, Some(code));
    world.shop.checkout().place(unpaid).await.unwrap();
    world
        .clock
        .advance(chrono::Duration::from_std(ORDER_TTL).unwrap() * 2);
    world.run(JobName::Expiry).await;
    world.run(JobName::Outbox).await;
    buy(&world, &ann, &product).await;
    world.assert_sound().await;
    world
}

/// Buys one of the product from the wallet.
async fn buy(world: &World, customer: &Customer, product: &Product) -> OrderId {
    let placed = world.place(customer, product).await;
    let me = Actor::Customer(customer.id);
    let checkout = world.shop.checkout();
    checkout
        .pay_from_wallet(&me, placed.invoice.id)
        .await
        .unwrap();
    placed.order.id
}

async fn report(world: &World) -> Report {
    examine(&world.shop).await.unwrap()
}

async fn repaired(world: &World) -> usize {
    let search = Search {
        action: Some("repaired".to_owned()),
        ..Search::default()
    };
    let found = world.shop.audit().search(&search, 50).await;
    found.unwrap().len()
}

/// Repairs until nothing is left that can be; gives what was done.
async fn repair_all(world: &World) -> Vec<Repair> {
    let mut done = Vec::new();
    while let Some(repair) = report(world).await.repairs.into_iter().next() {
        let made = world.shop.repair(&Actor::Operator, &repair).await;
        made.unwrap_or_else(|error| panic!("{repair}: {error}"));
        done.push(repair);
        assert!(done.len() < 20, "repairs have no end: {done:?}");
    }
    done
}

const FREE_UNIT: &str = "(SELECT id FROM units WHERE state = 'available' ORDER BY id LIMIT 1)";

/// Each damage, with what is repaired of it.
fn damages() -> Vec<(&'static str, String, Vec<&'static str>)> {
    let line = "(SELECT l.id FROM order_lines AS l JOIN orders AS o ON o.id = l.order_id
        WHERE o.state = 'expired')";
    let sold = "(SELECT id FROM units WHERE state = 'sold' ORDER BY id DESC LIMIT 1)";
    let damages = [
        (
            "uses that nobody has",
            "UPDATE vouchers SET held = 2, redeemed = 1".to_owned(),
            vec!["voucher HEMAT: count 0 uses held and 0 redeemed, not 2 and 1"],
        ),
        (
            "money that nobody paid in",
            "UPDATE wallets SET balance = balance + 77".to_owned(),
            vec!["hold Rp 8.300, as its entries say, not Rp 8.377"],
        ),
        (
            "a wallet that is gone",
            "DELETE FROM wallets".to_owned(),
            vec!["hold Rp 8.300, as its entries say, not Rp 0"],
        ),
        (
            "a refund that nobody asked for",
            "UPDATE orders SET refunded = 301 WHERE state = 'delivered'".to_owned(),
            vec!["count Rp 300 as given back, not Rp 301"],
        ),
        (
            "a unit that an expired order keeps",
            format!("UPDATE units SET state = 'held', line_id = {line} WHERE id = {FREE_UNIT}"),
            vec!["mark 1 held unit as free"],
        ),
        (
            "a unit that a paid order only holds",
            format!("UPDATE units SET state = 'held' WHERE id = {sold}"),
            vec!["mark 1 held unit as sold"],
        ),
        (
            "a voucher that an expired order keeps, and does not count",
            "UPDATE redemptions SET state = 'held'".to_owned(),
            vec![
                "voucher HEMAT: count 1 uses held and 0 redeemed, not 0 and 0",
                "mark its held voucher as unused",
            ],
        ),
        (
            "goods that nothing delivers",
            "DELETE FROM outbox WHERE task LIKE '%elivery%'".to_owned(),
            vec!["send its goods"],
        ),
    ];
    damages.into()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hands_have_damaged_is_set_right() {
    for backend in BACKENDS {
        if !backend.is_there() {
            continue;
        }
        let world = lived(backend).await;
        for (what, sql, expected) in damages() {
            let before = repaired(&world).await;
            world.damage(&sql);
            assert!(!report(&world).await.holds(), "{what}");
            let done = repair_all(&world).await;
            let told: Vec<_> = done.iter().map(Repair::to_string).collect();
            assert_eq!(told.len(), expected.len(), "{what}: {told:?}");
            for (told, expected) in told.iter().zip(expected) {
                assert!(told.contains(expected), "{what}: {told}");
            }
            world.assert_sound().await;
            assert_eq!(repaired(&world).await, before + done.len(), "{what}");
        }
        world.run(JobName::Outbox).await;
        let orders = world.snapshot().await.orders;
        let delivered = orders
            .iter()
            .filter(|order| order.state == OrderState::Delivered);
        assert_eq!(delivered.count(), 2);
        assert!(
            orders
                .iter()
                .all(|order| world.post.deliveries(order.id) <= 1)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_changed_meanwhile_is_left_as_it_is() {
    for backend in BACKENDS {
        if !backend.is_there() {
            continue;
        }
        let world = lived(backend).await;
        for (what, sql, _) in damages() {
            world.damage(&sql);
            let stale = report(&world).await.repairs;
            repair_all(&world).await;
            let before = world.snapshot().await;
            let stale = stale
                .iter()
                .filter(|repair| !matches!(repair.fix, Fix::Deliver(_)));
            for repair in stale {
                let again = world.shop.repair(&Actor::Operator, repair).await;
                assert!(
                    matches!(again, Err(RepairError::Changed)),
                    "{what}: {again:?}"
                );
            }
            assert_eq!(world.snapshot().await, before, "{what}");
        }
        world.run(JobName::Outbox).await;
        let orders = world.snapshot().await.orders;
        for order in orders {
            let fix = Fix::Deliver(order.id);
            let about = "an order that is delivered, or ended unpaid".to_owned();
            let repair = Repair { about, fix };
            let again = world.shop.repair(&Actor::Operator, &repair).await;
            assert!(matches!(again, Err(RepairError::Changed)));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_a_judgement_is_left_to_people() {
    for backend in BACKENDS {
        if !backend.is_there() {
            continue;
        }
        for sql in [
            // Whose money is it that is not there?
            "DELETE FROM postings WHERE customer_id IS NOT NULL AND amount > 5000",
            // Which unit did the buyer get?
            "UPDATE units SET state = 'available', line_id = NULL WHERE state = 'sold'",
            "UPDATE orders SET total = total + 1, fee = fee + 1 WHERE state = 'delivered'",
        ] {
            let world = lived(backend).await;
            world.damage(sql);
            let found = report(&world).await;
            assert!(!found.holds(), "{sql}");
            assert!(found.repairs.is_empty(), "{sql}: {:?}", found.repairs);
        }
    }
}
