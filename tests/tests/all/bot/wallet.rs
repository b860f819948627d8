//! What a customer reads of their wallet.

use std::time::Duration;

use shopcore::audit::Actor;
use shopcore::money::{Currency, Money};
use shopcore::service::NewRefund;
use shopcore::text::Reason;

use super::buying::orders_one;
use super::stage::Stage;

/// The lines of the history that begin with this mark.
fn marked(history: &str, mark: &str) -> Vec<String> {
    let lines = history.lines().filter(|line| line.starts_with(mark));
    lines.map(str::to_owned).collect()
}

#[tokio::test]
async fn the_history_marks_what_waits_what_is_done_and_what_came_to_nothing() {
    let stage = Stage::open().await;
    stage.product("A", 30_000, &["KEY-1"]).await;
    let ann = stage.person("ann").await;
    ann.types("/deposit 20.000").await;
    ann.types("/wallet").await;
    let history = ann.presses("History").await;
    assert_eq!(marked(&history, "⏳").len(), 1, "{history}");
    assert!(
        history.contains("Rp 20.000 (deposit, awaits payment)"),
        "{history}"
    );
    stage.pass(Duration::from_secs(2 * 3_600)).await;
    ann.types("/deposit 50.000").await;
    ann.presses("Test payment").await;
    ann.types("/shop").await;
    ann.presses("Product A").await;
    ann.presses("Add 1").await;
    ann.presses("Order for").await;
    ann.presses("wallet").await;
    let customer = stage.rows().await.orders[0].customer;
    let (gift, why) = (
        Money::new(1_000, Currency::IDR),
        Reason::parse("thanks").unwrap(),
    );
    let (wallet, request) = (stage.shop.wallet(), stage.shop.new_request());
    wallet
        .adjust(&Actor::Operator, customer, gift, &why, &request)
        .await
        .unwrap();
    ann.types("/wallet").await;
    let history = ann.presses("History").await;
    let lines: Vec<_> = history.lines().filter(|line| line.contains("Rp")).collect();
    let order = &stage.rows().await.orders[0].number;
    for (line, expected) in lines.iter().zip([
        ("✅", "Rp 1.000 (adjusted by the shop)".to_owned()),
        ("✅", format!("−Rp 30.000 (order paid) · {order}")),
        ("✅", "Rp 50.000 (deposit)".to_owned()),
        ("❌", "Rp 20.000 (deposit, not paid in time)".to_owned()),
    ]) {
        assert!(line.starts_with(expected.0), "{history}");
        assert!(line.contains(&expected.1), "{history}");
    }
    assert_eq!(lines.len(), 4, "{history}");
    assert!(history.contains("❌ came to nothing"), "{history}");
}

#[tokio::test]
async fn what_was_given_back_is_marked_so_on_both_of_its_lines() {
    let stage = Stage::open().await;
    stage.product("A", 30_000, &["KEY-1"]).await;
    let ann = stage.person("ann").await;
    ann.types("/deposit 50.000").await;
    ann.presses("Test payment").await;
    orders_one(&ann).await;
    ann.presses("Pay from the wallet").await;
    let wanted = NewRefund {
        order: stage.rows().await.orders[0].id,
        value: None,
        way: None,
        reason: Reason::parse("it did not work").unwrap(),
        request: stage.shop.new_request(),
    };
    let refunds = stage.shop.refunds();
    refunds.request(&Actor::Operator, &wanted).await.unwrap();
    ann.types("/wallet").await;
    let history = ann.presses("History").await;
    let back = marked(&history, "↩️");
    assert_eq!(back.len(), 2, "{history}");
    assert!(
        back[0].contains("Rp 30.000 (an order paid back)"),
        "{history}"
    );
    assert!(back[1].contains("−Rp 30.000 (order paid)"), "{history}");
}

#[tokio::test]
async fn a_long_history_is_turned_page_by_page_without_losing_a_line() {
    let stage = Stage::open().await;
    let ann = stage.person("ann").await;
    let mut asked = Vec::new();
    for number in 1..=10 {
        let amount = format!("{}.000", 10 + number);
        ann.types(&format!("/deposit {amount}")).await;
        if number % 2 == 0 {
            ann.presses("Test payment").await;
        }
        asked.push(format!("Rp {amount} "));
        stage.pass(Duration::from_secs(60)).await;
    }
    ann.types("/wallet").await;
    let first = ann.presses("History").await;
    let second = ann.presses("Next").await;
    let newest_first: Vec<_> = asked.iter().rev().collect();
    for (page, amounts) in [(&first, &newest_first[..8]), (&second, &newest_first[8..])] {
        let lines: Vec<_> = page
            .lines()
            .filter(|line| line.contains("deposit"))
            .collect();
        assert_eq!(lines.len(), amounts.len(), "{page}");
        for (line, amount) in lines.iter().zip(amounts) {
            assert!(line.contains(*amount), "{amount}: {page}");
        }
    }
}
