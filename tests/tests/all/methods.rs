//! Several ways to pay in one shop: which are offered, on which terms, and which stands in for one
//! that can't be reached.

use std::sync::Arc;

use shopcore::gateway::{Capabilities, Fee, GatewayName, NotOffered, PaymentMethod, PaymentTerms};
use shopcore::invoice::{Charge, ChargeState, Invoice, Outcome};
use shopcore::ledger::Account;
use shopcore::money::{Currency, Money};
use shopcore::order::OrderState;
use shopcore::service::{ChargeError, Placed};

use crate::world::{Backend, Bank, World, idr, on_every_backend};

on_every_backend! {
    a_fee_that_the_customer_bears_is_asked_and_is_no_sale,
    another_currency_is_asked_at_the_rate_of_its_day,
    what_no_terms_allow_is_not_offered,
    another_method_closes_the_charge_of_the_first,
    a_gateway_that_can_not_be_reached_is_stood_in_for,
    a_charge_that_can_be_paid_is_shown_though_its_gateway_is_away,
}

fn method(bank: &Bank, terms: PaymentTerms) -> PaymentMethod {
    PaymentMethod {
        gateway: Arc::new(bank.clone()),
        terms,
    }
}

/// A shop with two banks, the first on terms.
async fn two(backend: Backend, terms: PaymentTerms) -> (World, Bank) {
    let (one, two) = (Bank::open("bank"), Bank::open("other"));
    let methods = vec![method(&one, terms), method(&two, PaymentTerms::default())];
    (World::offering(backend, one, methods).await, two)
}

async fn placed(world: &World, price: i64) -> Placed {
    let product = world.product("KEY", price, 3).await;
    let customer = world.customer("ann").await;
    world.place(&customer, &product).await
}

async fn charge(world: &World, invoice: &Invoice, bank: &Bank) -> Result<Charge, ChargeError> {
    world.shop.checkout().charge(invoice.id, bank.port()).await
}

fn offered(world: &World, invoice: &Invoice) -> Vec<GatewayName> {
    world.shop.checkout().gateways_for(invoice).unwrap()
}

/// The sum on an account of the ledger.
async fn on(world: &World, account: &Account, currency: Currency) -> i64 {
    let transfers = world.snapshot().await.transfers;
    let postings = transfers.iter().flat_map(|transfer| &transfer.postings);
    let on = postings
        .filter(|posting| posting.account == *account && posting.amount.currency() == currency);
    on.map(|posting| posting.amount.minor()).sum()
}

async fn a_fee_that_the_customer_bears_is_asked_and_is_no_sale(backend: Backend) {
    let fee = Fee {
        share: "2.5%".parse().unwrap(),
        fixed: idr(300),
    };
    let terms = PaymentTerms {
        fee: Some(fee),
        ..PaymentTerms::default()
    };
    let (world, _) = two(backend, terms).await;
    let placed = placed(&world, 1_001).await;
    let charge = charge(&world, &placed.invoice, &world.bank).await.unwrap();
    assert_eq!(
        (charge.asked, charge.covers),
        (idr(1_001 + 26 + 300), idr(1_001))
    );
    let now = world.shop.now();
    let event = world.bank.pay(&charge.reference, charge.payable, now);
    let settled = world.shop.settlement().settle(&event).await.unwrap();
    assert_eq!(settled.payment.outcome, Outcome::Paid);
    assert_eq!(on(&world, &Account::Sales, Currency::IDR).await, 1_001);
    let fees = charge.payable.minor() - 1_001;
    assert_eq!(on(&world, &Account::Fees, Currency::IDR).await, fees);
    world.assert_sound().await;
}

async fn another_currency_is_asked_at_the_rate_of_its_day(backend: Backend) {
    let bank = Bank::open("bank").with_capabilities(|capabilities| Capabilities {
        currencies: vec![Currency::USD],
        minimum: None,
        ..capabilities
    });
    let terms = PaymentTerms {
        rate: Some("1 USD = 16250 IDR".parse().unwrap()),
        ..PaymentTerms::default()
    };
    let methods = vec![method(&bank, terms)];
    let world = World::offering(backend, bank, methods).await;
    let placed = placed(&world, 15_000).await;
    let charge = charge(&world, &placed.invoice, &world.bank).await.unwrap();
    let cents = |minor| Money::new(minor, Currency::USD);
    assert_eq!((charge.asked, charge.covers), (cents(93), idr(15_000)));
    let half = cents(charge.payable.minor() / 2);
    let now = world.shop.now();
    let part = world.bank.pay(&charge.reference, half, now);
    let settled = world.shop.settlement().settle(&part).await.unwrap();
    assert_eq!(settled.payment.outcome, Outcome::Partial);
    let checkout = world.shop.checkout();
    let rest = checkout
        .charge(placed.invoice.id, world.bank.port())
        .await
        .unwrap();
    assert_eq!((rest.asked, rest.covers), (cents(47), idr(7_500)));
    let event = world.bank.pay(&rest.reference, rest.payable, now);
    let settled = world.shop.settlement().settle(&event).await.unwrap();
    assert_eq!(settled.payment.outcome, Outcome::Paid);
    assert_eq!(world.state(&placed).await, OrderState::Paid);
    assert_eq!(on(&world, &Account::Sales, Currency::IDR).await, 15_000);
    world.assert_sound().await;
}

async fn what_no_terms_allow_is_not_offered(backend: Backend) {
    let terms = PaymentTerms {
        minimum: Some(idr(1_000)),
        maximum: Some(idr(5_000)),
        ..PaymentTerms::default()
    };
    let (world, other) = two(backend, terms).await;
    let customer = world.customer("ann").await;
    for (code, price, why) in [
        ("LOW", 999, Some(NotOffered::TooLittle(idr(1_000)))),
        ("MID", 5_000, None),
        ("HIGH", 5_001, Some(NotOffered::TooMuch(idr(5_000)))),
    ] {
        let product = world.product(code, price, 1).await;
        let invoice = world.place(&customer, &product).await.invoice;
        let both = vec![world.bank.port().clone(), other.port().clone()];
        let Some(why) = why else {
            assert_eq!(offered(&world, &invoice), both);
            continue;
        };
        assert_eq!(offered(&world, &invoice), both[1..]);
        match charge(&world, &invoice, &world.bank).await {
            Err(ChargeError::Amount(refused)) => assert_eq!(refused, why),
            made => panic!("{code}: {made:?}"),
        }
    }
    assert_eq!(world.bank.charges(), 0);
    world.assert_sound().await;
}

async fn another_method_closes_the_charge_of_the_first(backend: Backend) {
    let (world, other) = two(backend, PaymentTerms::default()).await;
    let placed = placed(&world, 1_000).await;
    let first = charge(&world, &placed.invoice, &world.bank).await.unwrap();
    let second = charge(&world, &placed.invoice, &other).await.unwrap();
    assert_eq!(
        (&second.gateway, second.state),
        (other.port(), ChargeState::Open)
    );
    world.run(shopcore::jobs::JobName::Outbox).await;
    assert!(!world.bank.takes(&first.reference));
    // Paid all the same at the first, and then at the second.
    let now = world.shop.now();
    for (bank, charge) in [(&world.bank, &first), (&other, &second)] {
        let event = bank.pay(&charge.reference, charge.payable, now);
        world.shop.settlement().settle(&event).await.unwrap();
    }
    assert_eq!(world.state(&placed).await, OrderState::Paid);
    world.assert_sound().await;
}

async fn a_gateway_that_can_not_be_reached_is_stood_in_for(backend: Backend) {
    let (world, other) = two(backend, PaymentTerms::default()).await;
    let placed = placed(&world, 1_000).await;
    world.bank.set_unreachable(true);
    assert_eq!(offered(&world, &placed.invoice), [other.port().clone()]);
    let charge = charge(&world, &placed.invoice, &world.bank).await.unwrap();
    assert_eq!((&charge.gateway, world.bank.charges()), (other.port(), 0));
    other.set_unreachable(true);
    assert_eq!(
        offered(&world, &placed.invoice).len(),
        2,
        "better than none"
    );
    world.assert_sound().await;
}

async fn a_charge_that_can_be_paid_is_shown_though_its_gateway_is_away(backend: Backend) {
    let (world, _) = two(backend, PaymentTerms::default()).await;
    let placed = placed(&world, 1_000).await;
    let first = charge(&world, &placed.invoice, &world.bank).await.unwrap();
    world.bank.set_unreachable(true);
    let again = charge(&world, &placed.invoice, &world.bank).await.unwrap();
    assert_eq!(again, first);
    world.assert_sound().await;
}
