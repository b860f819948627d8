//! What a person asks for once is done once, however often the wish arrives.

use shopcore::audit::Actor;
use shopcore::refund::RefundWay;
use shopcore::store::RequestKey;
use shopcore::testing::fault::Fault;
use shopcore::text::Reason;

use crate::refunds::{back, bought, give_back};
use crate::world::{Backend, World, idr, on_every_backend};

on_every_backend! {
    a_refund_that_is_asked_for_twice_is_made_once,
    a_wallet_is_adjusted_once_for_each_request,
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
