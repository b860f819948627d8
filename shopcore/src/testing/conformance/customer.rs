//! Cases of customers and carts.

use super::Trial;
use crate::cart::Cart;
use crate::customer::{Customer, Standing};
use crate::id::CustomerId;
use crate::store::{CartWrite, CustomerWrite, Rejection, Write};
use crate::testing::fixture::idr;
use crate::text::VoucherCode;

fn put(cart: &Cart, was: u32) -> Write {
    let cart = cart.clone();
    CartWrite::Put { cart, was }.into()
}

async fn cart(trial: &Trial, customer: CustomerId) -> Cart {
    trial.store.get_cart(trial.shop, customer).await.unwrap()
}

pub async fn a_customer_is_found_by_id_and_contact(trial: &Trial) {
    let mut customer = trial.rows.customer("ayu");
    customer.name = None;
    trial
        .apply([CustomerWrite::Add(customer.clone()).into()])
        .await;
    let budi = trial.customer("budi").await;
    let (store, shop) = (&trial.store, trial.shop);
    let by_id = store.get_customer(shop, customer.id).await.unwrap();
    assert_eq!(by_id, Some(customer));
    let by_contact = store.find_customer(shop, &budi.contact).await.unwrap();
    assert_eq!(by_contact, Some(budi));
    let stranger = trial.rows.customer("stranger");
    assert_eq!(store.get_customer(shop, stranger.id).await.unwrap(), None);
    let unknown = store.find_customer(shop, &stranger.contact).await.unwrap();
    assert_eq!(unknown, None);
}

pub async fn a_contact_is_taken_once(trial: &Trial) {
    trial.customer("ayu").await;
    let again = CustomerWrite::Add(trial.rows.customer("ayu")).into();
    assert_eq!(trial.rejected([again]).await, Rejection::ContactTaken);
}

pub async fn a_standing_changes_from_what_it_was(trial: &Trial) {
    let customer = trial.customer("ayu").await;
    let set = |customer, from, to| Write::from(CustomerWrite::SetStanding { customer, from, to });
    let (welcome, banned) = (Standing::Welcome, Standing::Banned);
    trial.apply([set(customer.id, welcome, banned)]).await;
    let read = trial
        .store
        .get_customer(trial.shop, customer.id)
        .await
        .unwrap();
    let expected = Customer {
        standing: banned,
        ..customer.clone()
    };
    assert_eq!(read, Some(expected));
    trial.conflicts([set(customer.id, welcome, banned)]).await;
    trial
        .conflicts([set(trial.rows.ids.next(), welcome, banned)])
        .await;
}

pub async fn a_cart_is_empty_until_it_is_stored(trial: &Trial) {
    let customer = trial.customer("ayu").await.id;
    assert_eq!(cart(trial, customer).await, Cart::empty(customer));
    let product = trial.product("KEY", 0).await;
    let mut filled = Cart::empty(customer);
    filled.set(product.id, 3, idr(15_000)).unwrap();
    filled.voucher = Some(VoucherCode::parse("HEMAT").unwrap());
    filled.version = 9;
    trial.apply([put(&filled, 0)]).await;
    filled.version = 1;
    assert_eq!(cart(trial, customer).await, filled);
    let emptied = Cart::empty(customer);
    trial.apply([put(&emptied, 1)]).await;
    assert_eq!(cart(trial, customer).await.version, 2);
}

pub async fn a_cart_replaces_the_version_that_was_read(trial: &Trial) {
    let customer = trial.customer("ayu").await.id;
    let empty = Cart::empty(customer);
    trial.conflicts([put(&empty, 1)]).await;
    trial.apply([put(&empty, 0)]).await;
    trial.conflicts([put(&empty, 0)]).await;
    trial.conflicts([put(&empty, 2)]).await;
}

pub async fn a_cart_needs_its_customer(trial: &Trial) {
    let ghost = Cart::empty(trial.rows.ids.next());
    assert_eq!(trial.rejected([put(&ghost, 0)]).await, Rejection::Dangling);
}
