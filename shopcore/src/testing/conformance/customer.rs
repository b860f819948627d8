//! Cases of customers and carts.

use super::Trial;
use crate::cart::Cart;
use crate::customer::{Customer, Language, Reachability, Standing};
use crate::id::CustomerId;
use crate::store::{CartWrite, CustomerFilter, CustomerWrite, Listing, Page, Rejection, Write};
use crate::testing::fixture::{idr, name};
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

pub async fn a_customer_changes_from_what_was_read(trial: &Trial) {
    let customer = trial.customer("ayu").await;
    let change = |customer: &Customer, was| {
        let customer = customer.clone();
        Write::from(CustomerWrite::Update { customer, was })
    };
    let banned = Customer {
        name: None,
        standing: Standing::Banned,
        banned_until: Some(trial.rows.now()),
        language: Some(Language::parse("id").unwrap()),
        reachability: Reachability::Blocked,
        version: 1,
        ..customer.clone()
    };
    trial.apply([change(&banned, 0)]).await;
    let (store, shop) = (&trial.store, trial.shop);
    let read = store.get_customer(shop, customer.id).await.unwrap();
    assert_eq!(read, Some(banned.clone()));
    trial.conflicts([change(&banned, 0)]).await;
    trial
        .conflicts([change(&trial.rows.customer("ghost"), 0)])
        .await;
    let back = Customer {
        version: 2,
        ..customer
    };
    trial.apply([change(&back, 1)]).await;
    let read = store.get_customer(shop, back.id).await.unwrap();
    assert_eq!(read, Some(back));
}

async fn listed(trial: &Trial, filter: CustomerFilter, page: Page) -> (Vec<CustomerId>, u64) {
    let listing = trial.store.list_customers(trial.shop, &filter, page).await;
    let Listing { items, total } = listing.unwrap();
    (
        items.into_iter().map(|customer| customer.id).collect(),
        total,
    )
}

pub async fn customers_are_listed_newest_first_as_they_are_asked_for(trial: &Trial) {
    let ayu = trial.customer("ayu-1").await;
    let mut budi = trial.rows.customer("budi");
    budi.name = Some(name("\u{c9}mile Budi"));
    budi.standing = Standing::Banned;
    let mut citra = trial.rows.customer("citra");
    citra.name = None;
    citra.reachability = Reachability::Blocked;
    let added = [&budi, &citra].map(|row| CustomerWrite::Add(row.clone()).into());
    trial.apply(added).await;
    let all = CustomerFilter::default();
    let few = Page::first(10);
    let ids = vec![citra.id, budi.id, ayu.id];
    assert_eq!(listed(trial, all.clone(), few).await, (ids, 3));
    let second = Page::number(1, 2);
    assert_eq!(listed(trial, all.clone(), second).await, (vec![ayu.id], 3));
    let search = |text: &str| CustomerFilter {
        search: Some(text.to_owned()),
        ..CustomerFilter::default()
    };
    assert_eq!(listed(trial, search("\u{c9}MILE"), few).await.0, [budi.id]);
    assert_eq!(listed(trial, search("YU-1"), few).await.0, [ayu.id]);
    assert_eq!(listed(trial, search("%"), few).await, (vec![], 0));
    let banned = CustomerFilter {
        standing: Some(Standing::Banned),
        ..all.clone()
    };
    assert_eq!(listed(trial, banned, few).await, (vec![budi.id], 1));
    let reachable = CustomerFilter {
        reachability: Some(Reachability::Reachable),
        after: Some(citra.id),
        ..all.clone()
    };
    let both = vec![budi.id, ayu.id];
    assert_eq!(listed(trial, reachable, few).await, (both, 2));
    let last = CustomerFilter {
        after: Some(ayu.id),
        ..all
    };
    assert_eq!(listed(trial, last, few).await, (vec![], 0));
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
