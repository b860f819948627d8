//! Invoices as they are seen: found again, told for what they are, and over when they are over.

use std::time::Duration;

use chrono::TimeDelta;
use shopcore::audit::Actor;
use shopcore::invoice::{Charge, InvoiceState};
use shopcore::money::{Currency, Money};
use shopcore::order::OrderState;

use super::buying::orders_one;
use super::stage::{Person, Stage};

/// Asks for a deposit of Rp 50.000, and tells what is seen.
async fn deposits(person: &Person<'_>) -> String {
    person.types("/deposit 50000").await
}

/// The gateway tells that a charge was paid, again if it was paid before.
async fn pay(stage: &Stage, charge: &Charge) {
    let now = stage.shop.now();
    let paid = stage.sandbox.pay(&charge.reference, charge.payable, now);
    let event = paid.await.unwrap();
    stage.shop.settlement().settle(&event).await.unwrap();
}

#[tokio::test]
async fn an_open_deposit_is_found_again_in_the_wallet() {
    let stage = Stage::open().await;
    let (ann, eve) = (stage.person("ann").await, stage.person("eve").await);
    deposits(&ann).await;
    let wallet = ann.types("/wallet").await;
    assert!(
        wallet.contains("A deposit waits for its payment"),
        "{wallet}"
    );
    assert!(!eve.types("/wallet").await.contains("waits"));
    let open = ann.finds("Pay the deposit of Rp 50.000");
    let invoice = ann.does(open.clone()).await;
    assert!(
        invoice.contains("{qr ") && invoice.contains("Less than 60 minutes left"),
        "{invoice}"
    );
    assert!(invoice.contains("[✕ Cancel the deposit]"), "{invoice}");
    assert_eq!(stage.rows().await.charges.len(), 1);
    assert!(eve.does(open).await.contains("out of date"));
    ann.presses("Test payment").await;
    let wallet = ann.types("/wallet").await;
    assert!(
        wallet.contains("It holds Rp 50.000") && !wallet.contains("waits"),
        "{wallet}"
    );
}

#[tokio::test]
async fn an_order_that_awaits_payment_is_found_again_among_the_orders() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["1"]).await;
    let ann = stage.person("ann").await;
    orders_one(&ann).await;
    ann.types("/orders").await;
    ann.presses("awaiting payment").await;
    let invoice = ann.presses("Pay").await;
    assert!(
        invoice.contains("{qr ") && invoice.contains("To pay: Rp 1.000"),
        "{invoice}"
    );
    assert_eq!(stage.rows().await.charges.len(), 1);
}

#[tokio::test]
async fn a_deposits_invoice_speaks_of_money_and_not_of_goods() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["1"]).await;
    let ann = stage.person("ann").await;
    let deposit = deposits(&ann).await;
    assert!(
        deposit.contains("The money is in your wallet as soon as") && !deposit.contains("goods"),
        "{deposit}"
    );
    let order = orders_one(&ann).await;
    assert!(order.contains("Your goods come by themselves"), "{order}");
}

#[tokio::test]
async fn an_invoice_shows_the_reference_of_its_charge() {
    let stage = Stage::open().await;
    let ann = stage.person("ann").await;
    let invoice = deposits(&ann).await;
    let reference = &stage.rows().await.charges[0].reference;
    assert!(
        invoice.contains(&format!("Reference: {reference}")),
        "{invoice}"
    );
}

#[tokio::test]
async fn a_second_payment_is_not_said_to_be_late() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["KEY"]).await;
    let ann = stage.person("ann").await;
    orders_one(&ann).await;
    let charge = stage.rows().await.charges[0].clone();
    pay(&stage, &charge).await;
    stage.pass(Duration::ZERO).await;
    assert!(ann.sees().contains("KEY"));
    pay(&stage, &charge).await;
    stage.pass(Duration::ZERO).await;
    let told = ann.sees();
    assert!(
        told.contains("This was paid already. Your payment of Rp 1.000 is in your wallet"),
        "{told}"
    );
    ann.types("/wallet").await;
    let history = ann.presses("History").await;
    assert!(history.contains("Rp 1.000 (extra payment)"), "{history}");
}

#[tokio::test]
async fn a_deposit_paid_late_is_not_called_an_order() {
    let stage = Stage::open().await;
    let ann = stage.person("ann").await;
    deposits(&ann).await;
    let charge = stage.rows().await.charges[0].clone();
    let show = ann.finds("Check the payment");
    stage.pass(Duration::from_secs(61 * 60)).await;
    ann.sees();
    let closed = ann.does(show).await;
    assert!(closed.contains("this deposit was closed"), "{closed}");
    pay(&stage, &charge).await;
    stage.pass(Duration::ZERO).await;
    let told = ann.sees();
    assert!(
        told.contains("came after its invoice was closed; it is in your wallet"),
        "{told}"
    );
    ann.types("/wallet").await;
    let history = ann.presses("History").await;
    assert!(history.contains("Rp 50.000 (late payment)"), "{history}");
}

#[tokio::test]
async fn an_invoice_past_its_time_asks_for_no_payment() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["KEY"]).await;
    let ann = stage.person("ann").await;
    orders_one(&ann).await;
    let labels = ["Test payment", "Check the payment", "Cancel the order"];
    let presses = labels.map(|label| ann.finds(label));
    stage.clock.advance(TimeDelta::minutes(15));
    for press in presses {
        let over = ann.does(press).await;
        assert!(over.contains("The time to pay is over"), "{over}");
        assert!(over.contains("[🔄 Check the payment]\n[☰ Menu]"), "{over}");
        assert!(
            !over.contains("Scan") && !over.contains("{qr ") && !over.contains("Test payment"),
            "{over}"
        );
    }
    let rows = stage.rows().await;
    assert_eq!(rows.invoices[0].state, InvoiceState::Waiting);
    let charge = rows.charges[0].clone();
    pay(&stage, &charge).await;
    let paid = ann.presses("Check the payment").await;
    assert!(paid.contains("KEY"), "{paid}");
    assert_eq!(stage.rows().await.orders[0].state, OrderState::Delivered);
}

#[tokio::test]
async fn an_invoice_of_many_products_still_tells_how_it_is_paid() {
    let stage = Stage::open().await;
    let ann = stage.person("ann").await;
    let customer = stage.rows().await.customers[0].id;
    for number in 0..50 {
        let code = format!("PRODUCT-WITH-A-LONG-NAME-{number:02}");
        let product = stage.product(&code, 1_000, &[code.as_str()]).await;
        let carts = stage.shop.carts();
        carts
            .set(customer, product.id, 1, product.price)
            .await
            .unwrap();
    }
    ann.types("/cart").await;
    let invoice = ann.presses("Order for").await;
    assert!(invoice.contains("LONG-NAME-00 × 1"), "{invoice}");
    let told = invoice.split_once("more products").unwrap();
    let count = told.0.rsplit_once("… and ").unwrap().1.trim();
    assert_eq!(
        told.0.matches(" × 1").count() + count.parse::<usize>().unwrap(),
        50
    );
    let asks = told.1.contains("To pay: Rp 50.000") && told.1.contains("Reference: ");
    assert!(asks && told.1.contains("Scan the code"), "{invoice}");
}

#[tokio::test]
async fn a_notice_of_a_part_payment_asks_for_no_rest_that_was_paid_meanwhile() {
    let stage = Stage::open().await;
    stage.product("A", 5_000, &["KEY"]).await;
    let ann = stage.person("ann").await;
    orders_one(&ann).await;
    let charge = stage.rows().await.charges[0].clone();
    for amount in [2_000, 999_000] {
        let amount = Money::new(amount, Currency::IDR);
        let paid = stage
            .sandbox
            .pay(&charge.reference, amount, stage.shop.now());
        let event = paid.await.unwrap();
        stage.shop.settlement().settle(&event).await.unwrap();
    }
    stage.pass(Duration::ZERO).await;
    let told = ann.sees();
    assert!(told.contains("Rp 2.000 arrived, thank you."), "{told}");
    assert!(told.contains("Rp 996.000 more than asked"), "{told}");
    assert!(
        !told.contains("still to be paid") && !told.contains("Pay the rest"),
        "{told}"
    );
    ann.types("/wallet").await;
    let history = ann.presses("History").await;
    assert!(
        history.contains("Rp 996.000 (paid more than asked)"),
        "{history}"
    );
}

#[tokio::test]
async fn a_notice_of_a_part_payment_asks_for_no_rest_of_what_was_cancelled() {
    let stage = Stage::open().await;
    stage.product("A", 5_000, &["KEY"]).await;
    let ann = stage.person("ann").await;
    orders_one(&ann).await;
    let rows = stage.rows().await;
    let part = Money::new(2_000, Currency::IDR);
    let paid = stage
        .sandbox
        .pay(&rows.charges[0].reference, part, stage.shop.now());
    let event = paid.await.unwrap();
    stage.shop.settlement().settle(&event).await.unwrap();
    let checkout = stage.shop.checkout();
    let cancelled = checkout.cancel(&Actor::Operator, rows.invoices[0].id);
    cancelled.await.unwrap();
    stage.pass(Duration::ZERO).await;
    let told = ann.sees();
    assert!(
        told.contains("Rp 2.000 arrived") && !told.contains("still to be paid"),
        "{told}"
    );
}
