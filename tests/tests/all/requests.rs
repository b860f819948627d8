//! What a person asks for once is done once, however often the wish arrives.

use shopcore::audit::Actor;
use shopcore::cart::CartLine;
use shopcore::invoice::Reference;
use shopcore::order::OrderState;
use shopcore::refund::RefundWay;
use shopcore::service::{CheckoutError, PaidElsewhere};
use shopcore::store::RequestKey;
use shopcore::testing::fault::Fault;
use shopcore::text::Reason;

use crate::refunds::{back, bought, give_back};
use crate::world::{Backend, World, idr, on_every_backend};

on_every_backend! {
    a_refund_that_is_asked_for_twice_is_made_once,
    a_wallet_is_adjusted_once_for_each_request,
    an_order_paid_elsewhere_is_handed_over_once,
}

async fn a_refund_that_is_asked_for_twice_is_made_once(backend: Backend) {
    let world = World::open(backend).await;
    let (customer, placed) = bought(&world).await;
    let wanted = back(&placed, Some(1_000), Some(RefundWay::Wallet));
    // The commit went through, and its reply was lost for ever.
    world.faults.script([Some(Fault::LostReply)]);
    let first = give_back(&world, &wanted).await;
    let again = give_back(&world, &wanted).await.unwrap();
    let (one, other) = tokio::join!(give_back(&world, &wanted), give_back(&world, &wanted));
    for made in [first, one, other].into_iter().flatten() {
        assert_eq!(made, again);
    }
    assert_eq!(world.balance(&customer).await, 1_000);
    give_back(&world, &back(&placed, Some(1_000), Some(RefundWay::Wallet)))
        .await
        .unwrap();
    assert_eq!(world.balance(&customer).await, 2_000);
    world.assert_sound().await;
}

async fn a_wallet_is_adjusted_once_for_each_request(backend: Backend) {
    let world = World::open(backend).await;
    let customer = world.customer("ayu").await;
    let reason = Reason::parse("a present").unwrap();
    let wallet = world.shop.wallet();
    for request in ["1", "1", "2", "2", "1"] {
        let request = RequestKey(request.to_owned());
        let amount = idr(500);
        let adjusted = wallet.adjust(&Actor::Operator, customer.id, amount, &reason, &request);
        adjusted.await.unwrap();
    }
    assert_eq!(world.balance(&customer).await, 1_000);
    world.assert_sound().await;
}

async fn an_order_paid_elsewhere_is_handed_over_once(backend: Backend) {
    let world = World::open(backend).await;
    let customer = world.customer("ayu").await;
    let product = world.product("KEY", 1_000, 3).await;
    let paid = |reference| PaidElsewhere {
        reference: Reference::parse(reference).unwrap(),
        customer: customer.id,
        chat: customer.chat.clone(),
        lines: vec![CartLine {
            product: product.id,
            quantity: 2,
            accepted: product.price,
        }],
    };
    let checkout = world.shop.checkout();
    let (one, other) = (paid("market-1"), paid("market-1"));
    // The commit went through, and its reply was lost for ever.
    world.faults.script([Some(Fault::LostReply)]);
    let lost = checkout.place_paid(&Actor::Operator, &one).await;
    let made = checkout.place_paid(&Actor::Operator, &one).await.unwrap();
    let (one, other) = tokio::join!(
        checkout.place_paid(&Actor::Operator, &one),
        checkout.place_paid(&Actor::Operator, &other),
    );
    for placed in [lost, one, other].into_iter().flatten() {
        assert_eq!(placed.order.id, made.order.id);
    }
    assert_eq!(made.order.state, OrderState::Paid);
    let left = checkout
        .place_paid(&Actor::Operator, &paid("market-2"))
        .await;
    assert!(matches!(left, Err(CheckoutError::Changed(_))), "{left:?}");
    assert_eq!(world.balance(&customer).await, 0);
    world.assert_sound().await;
}
