//! Transfers that a proof tells of, and what is paid back of them, as both sides see it.

use std::time::Duration;

use shopcore::gateway::GatewayName;
use shopcore::invoice::BankAccount;
use shopcore::money::Currency;
use shopcore_payments::Transfer;

use super::buying::orders_one;
use super::stage::{Person, Stage};

async fn stage() -> Stage {
    let account = BankAccount {
        bank: "BCA".to_owned(),
        number: "123".to_owned(),
        holder: None,
    };
    let name = GatewayName::parse("bank").unwrap();
    let transfer = Transfer::new(name, account, Currency::IDR);
    let stage = Stage::paid_by(|builder, sandbox| {
        let builder = builder.gateway(transfer);
        builder.gateway(sandbox.clone())
    })
    .await;
    stage.product("A", 1_000, &["1", "2"]).await;
    stage
}

/// Orders one, sends a proof of it, and gives the note that the admin gets.
async fn proves(stage: &Stage, ann: &Person<'_>, boss: &Person<'_>) -> String {
    orders_one(ann).await;
    proof_of(stage, ann, boss).await
}

async fn proof_of(stage: &Stage, ann: &Person<'_>, boss: &Person<'_>) -> String {
    ann.presses("Pay with bank").await;
    ann.presses("send the proof").await;
    for wrong in ["", &"long".repeat(2_000)] {
        let again = ann.types(wrong).await;
        assert!(again.contains("Send the proof of your transfer"), "{again}");
    }
    let thanks = ann.types("sent from account 9").await;
    assert!(thanks.contains("Somebody looks at it now"), "{thanks}");
    stage.pass(Duration::from_secs(1)).await;
    boss.sees()
}

#[tokio::test]
async fn nobody_is_asked_to_pay_again_while_a_proof_is_looked_at() {
    let stage = stage().await;
    let (ann, boss) = (stage.person("ann").await, stage.person("boss").await);
    orders_one(&ann).await;
    let another = ann.finds("Pay with sandbox");
    proof_of(&stage, &ann, &boss).await;
    let waiting = ann.presses("Check the payment").await;
    assert!(
        waiting.contains("Your proof is being looked at"),
        "{waiting}"
    );
    assert!(!waiting.contains("Transfer exactly"), "{waiting}");
    let still = ann.does(another).await;
    assert!(still.contains("Your proof is being looked at"), "{still}");
}

#[tokio::test]
async fn the_customer_reads_why_a_proof_is_not_believed() {
    let stage = stage().await;
    let (ann, boss) = (stage.person("ann").await, stage.person("boss").await);
    proves(&stage, &ann, &boss).await;
    boss.presses("Look at it").await;
    assert!(
        boss.presses("It is not there")
            .await
            .contains("the customer reads it")
    );
    boss.types("nothing came from account 9").await;
    stage.pass(Duration::from_secs(1)).await;
    let told = ann.sees();
    assert!(told.contains("nothing came from account 9"), "{told}");
    let invoice = ann.presses("See the invoice").await;
    assert!(invoice.contains("Transfer exactly"), "{invoice}");
}

#[tokio::test]
async fn a_refund_by_hand_is_told_when_it_is_paid_out() {
    let stage = stage().await;
    let (ann, boss) = (stage.person("ann").await, stage.person("boss").await);
    proves(&stage, &ann, &boss).await;
    boss.presses("Look at it").await;
    boss.presses("The money is there").await;
    stage.pass(Duration::from_secs(1)).await;
    ann.sees();
    boss.manages("All orders").await;
    boss.presses("Rp 1.000").await;
    boss.presses("Pay back").await;
    let how = boss.presses("All of it").await;
    assert!(!how.contains("The way it was paid"), "{how}");
    let why = boss.presses("I pay it out myself").await;
    assert!(why.contains("reminds you to pay it out"), "{why}");
    boss.types("it did not work").await;
    stage.pass(Duration::from_secs(1)).await;
    assert!(!ann.sees().contains("paid back"));
    boss.sees();
    boss.presses("Look at it").await;
    assert!(
        boss.presses("I have paid it out")
            .await
            .contains("How was it paid out?")
    );
    boss.types("transfer 77").await;
    stage.pass(Duration::from_secs(1)).await;
    let told = ann.sees();
    assert!(told.contains("Rp 1.000 of your order"), "{told}");
    ann.types("/orders").await;
    let order = ann.presses("Rp 1.000").await;
    assert!(
        order.contains("Paid back: Rp 1.000 by hand (done)"),
        "{order}"
    );
}

#[tokio::test]
async fn a_proof_can_be_sent_after_the_time_to_pay_is_over() {
    let stage = stage().await;
    let (ann, boss) = (stage.person("ann").await, stage.person("boss").await);
    orders_one(&ann).await;
    ann.presses("Pay with bank").await;
    stage.pass(Duration::from_secs(3_600)).await;
    ann.types("/orders").await;
    ann.presses("Rp 1.000").await;
    ann.presses("send the proof").await;
    assert!(
        ann.types("sent in time")
            .await
            .contains("Somebody looks at it now")
    );
    stage.pass(Duration::from_secs(1)).await;
    assert!(boss.sees().contains("Look at it"));
}
