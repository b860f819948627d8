//! Bad input at the services: a typed error, and not a row changes. On every backend, and for what
//! only a file can suffer, on SQLite.

use std::sync::Arc;

use rusqlite::Connection;
use shopcore::Shop;
use shopcore::audit::Actor;
use shopcore::backend::sqlite::SqliteStore;
use shopcore::cart::{Cart, CartLine, Change};
use shopcore::catalog::PriceError;
use shopcore::gateway::WebhookRequest;
use shopcore::id::{CaseId, CustomerId, InvoiceId, OrderId, ProductId};
use shopcore::invoice::{EventId, GatewayName, PaymentEvent, Reference};
use shopcore::money::{Currency, Money, MoneyError};
use shopcore::service::{
    CatalogError, ChargeError, CheckoutError, KeyError, NewOrder, OpenError, OrderError,
    ReviewError, SettleError, StockError, VoucherError, WalletError, WebhookFailure,
};
use shopcore::store::{CommitError, Rejection, StoreError};
use shopcore::text::{Reason, VoucherCode};
use shopcore::vault::{Vault, VaultKey};
use shopcore::voucher::{Discount, TermsError, VoucherRefusal, VoucherTerms};
use tempfile::TempDir;

use crate::world::{
    Backend, World, contents, fresh_request, idr, new_order, new_product, on_every_backend,
};

on_every_backend! {
    absurd_prices_are_refused,
    absurd_quantities_are_refused,
    absurd_deposits_are_refused,
    absurd_vouchers_are_refused,
    nothing_is_bought_by_a_stranger_or_of_nothing,
    what_is_not_there_is_not_touched,
    payments_of_nothing_are_refused,
    contents_come_once,
    a_store_that_is_down_changes_nothing,
}

const OPERATOR: Actor = Actor::Operator;

macro_rules! assert_refused {
    ($refused:expr, $error:pat $(if $guard:expr)?) => {{
        let refused = $refused;
        assert!(matches!(&refused, Err($error) $(if $guard)?), "{refused:?}");
    }};
}

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

async fn absurd_prices_are_refused(backend: Backend) {
    let world = World::open(backend).await;
    let before = world.snapshot().await;
    let catalog = world.shop.catalog();
    let add = async |price| {
        let mut new = new_product("KEY", 1);
        new.price = price;
        catalog.add_product(&OPERATOR, new).await
    };
    assert_refused!(
        add(idr(-1)).await,
        CatalogError::Price(PriceError::Negative)
    );
    for minor in [Money::MAX_MINOR + 1, i64::MAX] {
        assert_refused!(
            add(idr(minor)).await,
            CatalogError::Price(PriceError::TooLarge)
        );
    }
    assert_refused!(add(usd(1)).await, CatalogError::Currency);
    assert_eq!(world.snapshot().await, before);
}

async fn absurd_quantities_are_refused(backend: Backend) {
    let world = World::open(backend).await;
    let customer = world.customer("ann").await;
    let product = world.product("KEY", 1_000, 3).await;
    let before = world.snapshot().await;
    let place = async |quantity| {
        let order = new_order(&customer, &product, quantity, None);
        world.shop.checkout().place(order).await
    };
    for quantity in [0, Cart::QUANTITY_MAX + 1, u32::MAX] {
        assert_refused!(place(quantity).await, CheckoutError::BadLines);
    }
    assert_refused!(place(4).await, CheckoutError::Changed(_));
    assert_eq!(world.snapshot().await, before);
}

async fn absurd_deposits_are_refused(backend: Backend) {
    let world = World::open(backend).await;
    let customer = world.customer("ann").await;
    let before = world.snapshot().await;
    let deposit = async |amount| {
        let checkout = world.shop.checkout();
        checkout.deposit(customer.id, amount, fresh_request()).await
    };
    for minor in [i64::MIN, -1, 0, 99, Money::MAX_MINOR + 1, i64::MAX] {
        let refused = deposit(idr(minor)).await;
        let range = matches!(
            refused,
            Err(CheckoutError::DepositRange { .. } | CheckoutError::Totals(_))
        );
        assert!(range, "{refused:?}");
    }
    assert_refused!(deposit(usd(5_000)).await, CheckoutError::Totals(_));
    let reason = Reason::parse("a reason").unwrap();
    let wallet = world.shop.wallet();
    let request = world.shop.new_request();
    let adjust = async |amount| {
        let adjusted = wallet.adjust(&OPERATOR, customer.id, amount, &reason, &request);
        adjusted.await
    };
    assert_refused!(adjust(idr(0)).await, WalletError::Amount);
    assert_refused!(adjust(usd(5)).await, WalletError::Amount);
    assert_refused!(adjust(idr(-1)).await, WalletError::InsufficientFunds { .. });
    for minor in [i64::MIN, i64::MAX] {
        assert_refused!(
            adjust(idr(minor)).await,
            WalletError::Money(MoneyError::Overflow)
        );
    }
    assert_eq!(world.snapshot().await, before);
}

async fn absurd_vouchers_are_refused(backend: Backend) {
    let world = World::open(backend).await;
    let known = world.voucher("KNOWN", 5, 1).await;
    let before = world.snapshot().await;
    let add = async |code: &str, terms| {
        let code = VoucherCode::parse(code).unwrap();
        world.shop.vouchers().add(&OPERATOR, code, terms).await
    };
    let terms = |off, uses| VoucherTerms::simple(Discount::Fixed(off), uses);
    let refused = add("NEW", terms(idr(1), 0)).await;
    assert_refused!(refused, VoucherError::Terms(TermsError::NoUses));
    for minor in [0, -5] {
        let refused = add("NEW", terms(idr(minor), 1)).await;
        assert_refused!(refused, VoucherError::Terms(TermsError::NoDiscount));
    }
    let refused = add("NEW", terms(usd(1), 1)).await;
    assert_refused!(refused, VoucherError::Terms(TermsError::Amount));
    let refused = add(known.as_str(), terms(idr(1), 1)).await;
    assert_refused!(refused, VoucherError::CodeTaken);
    assert_eq!(world.snapshot().await, before);
}

async fn nothing_is_bought_by_a_stranger_or_of_nothing(backend: Backend) {
    let world = World::open(backend).await;
    let customer = world.customer("ann").await;
    let product = world.product("KEY", 1_000, 3).await;
    let before = world.snapshot().await;
    let good = || new_order(&customer, &product, 1, None);
    let place = async |order: NewOrder| world.shop.checkout().place(order).await;

    let empty = NewOrder {
        lines: Vec::new(),
        ..good()
    };
    assert_refused!(place(empty).await, CheckoutError::Empty);
    let line = good().lines[0].clone();
    let twice = NewOrder {
        lines: vec![line.clone(), line.clone()],
        ..good()
    };
    assert_refused!(place(twice).await, CheckoutError::BadLines);
    let unknown = ProductId::from(world.shop.ids().next::<uuid::Uuid>());
    let gone = CartLine {
        product: unknown,
        ..line.clone()
    };
    let gone = NewOrder {
        lines: vec![gone],
        ..good()
    };
    assert_refused!(
        place(gone).await,
        CheckoutError::Changed(changes) if matches!(changes[..], [Change::Gone { .. }])
    );
    let cheaper = CartLine {
        accepted: idr(1),
        ..line
    };
    let cheaper = NewOrder {
        lines: vec![cheaper],
        ..good()
    };
    assert_refused!(
        place(cheaper).await,
        CheckoutError::Changed(changes) if matches!(changes[..], [Change::Price { .. }])
    );
    let voucher = Some(VoucherCode::parse("NONE").unwrap());
    let refused = place(NewOrder { voucher, ..good() }).await;
    assert_refused!(refused, CheckoutError::Voucher(VoucherRefusal::Unknown));
    let stranger: CustomerId = world.shop.ids().next();
    let refused = place(NewOrder {
        customer: stranger,
        ..good()
    })
    .await;
    assert_refused!(
        refused,
        CheckoutError::Commit(CommitError::Rejected(Rejection::Dangling))
    );
    assert_eq!(world.snapshot().await, before);
}

async fn what_is_not_there_is_not_touched(backend: Backend) {
    let world = World::open(backend).await;
    let customer = world.customer("ann").await;
    let product = world.product("KEY", 1_000, 1).await;
    let placed = world.place(&customer, &product).await;
    let before = world.snapshot().await;
    let shop = &world.shop;
    let (invoice, order): (InvoiceId, OrderId) = (shop.ids().next(), shop.ids().next());
    let (case, nobody): (CaseId, CustomerId) = (shop.ids().next(), shop.ids().next());
    let nowhere = GatewayName::parse("nowhere").unwrap();
    let reason = Reason::parse("a reason").unwrap();

    let checkout = shop.checkout();
    assert_refused!(
        checkout.cancel(&OPERATOR, invoice).await,
        CheckoutError::UnknownInvoice
    );
    let refused = checkout.pay_from_wallet(&OPERATOR, invoice).await;
    assert_refused!(refused, CheckoutError::UnknownInvoice);
    let refused = checkout.charge(invoice, world.bank.port()).await;
    assert_refused!(refused, ChargeError::UnknownInvoice);
    let refused = checkout.charge(placed.invoice.id, &nowhere).await;
    assert_refused!(refused, ChargeError::UnknownGateway);
    let stranger = Actor::Customer(nobody);
    let refused = checkout.cancel(&stranger, placed.invoice.id).await;
    assert_refused!(refused, CheckoutError::UnknownInvoice);
    let refused = shop.orders().goods(&stranger, placed.order.id).await;
    assert_refused!(refused, OrderError::Unknown);
    assert_refused!(
        shop.orders().goods(&OPERATOR, order).await,
        OrderError::Unknown
    );
    let refused = shop.orders().goods(&OPERATOR, placed.order.id).await;
    assert_refused!(refused, OrderError::NotPaid(_));
    let reviews = shop.reviews();
    assert_refused!(reviews.deliver(&OPERATOR, case).await, ReviewError::Unknown);
    assert_refused!(
        reviews.close(&OPERATOR, case, &reason).await,
        ReviewError::Unknown
    );
    assert_refused!(
        reviews.credit(&OPERATOR, case, None).await,
        ReviewError::Unknown
    );
    let refused = shop
        .wallet()
        .adjust(&OPERATOR, nobody, idr(5), &reason, &shop.new_request())
        .await;
    assert_refused!(
        refused,
        WalletError::Commit(CommitError::Rejected(Rejection::Dangling))
    );
    let request = WebhookRequest {
        headers: &[],
        body: b"unknown-1",
    };
    let refused = shop.settlement().webhook(&nowhere, request).await;
    assert_refused!(refused, WebhookFailure::UnknownGateway);
    let done = shop.settlement().webhook(world.bank.port(), request).await;
    assert!(done.is_ok(), "{done:?}");
    assert_eq!(world.snapshot().await, before);
}

async fn payments_of_nothing_are_refused(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    let charge = world.charge(&placed.invoice).await;
    let before = world.snapshot().await;
    for minor in [0, -1, i64::MIN] {
        let event = PaymentEvent {
            gateway: charge.gateway.clone(),
            event: EventId::parse("event-1").unwrap(),
            reference: Reference::parse(charge.reference.as_str()).unwrap(),
            amount: idr(minor),
            paid_at: world.shop.now(),
        };
        let refused = world.shop.settlement().settle(&event).await;
        assert_refused!(refused, SettleError::NothingPaid);
    }
    assert_eq!(world.snapshot().await, before);
}

async fn contents_come_once(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 3).await;
    let before = world.snapshot().await;
    let stock = world.shop.stock();
    let mut all = contents("NEW", 0..4);
    all.push(contents("KEY", 2..3).remove(0));
    let refused = stock.add(&OPERATOR, product.id, &all).await;
    assert_refused!(refused, StockError::Duplicate { index: 4 });
    all.pop();
    all.push(all[1].clone());
    let refused = stock.add(&OPERATOR, product.id, &all).await;
    assert_refused!(refused, StockError::Duplicate { index: 4 });
    let unknown: ProductId = world.shop.ids().next();
    let refused = stock.add(&OPERATOR, unknown, &contents("NEW", 0..1)).await;
    assert_refused!(refused, StockError::UnknownProduct);
    assert_eq!(world.snapshot().await, before);
}

async fn a_store_that_is_down_changes_nothing(backend: Backend) {
    let world = World::open(backend).await;
    let customer = world.customer("ann").await;
    let product = world.product("KEY", 1_000, 1).await;
    let before = world.snapshot().await;
    world.faults.fail_reads(1);
    let order = new_order(&customer, &product, 1, None);
    let refused = world.shop.checkout().place(order.clone()).await;
    assert_refused!(refused, CheckoutError::Store(StoreError::Unavailable(_)));
    world
        .faults
        .script([Some(shopcore::testing::fault::Fault::Unavailable)]);
    let refused = world.shop.checkout().place(order.clone()).await;
    assert_refused!(refused, CheckoutError::Commit(CommitError::Unavailable(_)));
    assert_eq!(world.snapshot().await, before);
    world.shop.checkout().place(order).await.unwrap();
}

/// A shop in a file under a key that was given.
async fn open_in(directory: &TempDir, key: &VaultKey) -> Result<Shop, OpenError> {
    let store = SqliteStore::open(directory.path().join("shop.db"))
        .await
        .unwrap();
    let builder = Shop::builder(Currency::IDR).shared_store(Arc::new(store));
    builder.vault(Vault::new(key)).build().await
}

#[tokio::test]
async fn a_wrong_key_and_another_currency_open_nothing() {
    let directory = TempDir::new().unwrap();
    let [right, wrong] = [(); 2].map(|()| VaultKey::generate().unwrap());
    let shop = open_in(&directory, &right).await.unwrap();
    let before = shop.store().snapshot(shop.id()).await.unwrap();
    assert_refused!(open_in(&directory, &wrong).await, OpenError::WrongKey(_));
    let store = SqliteStore::open(directory.path().join("shop.db"))
        .await
        .unwrap();
    let builder = Shop::builder(Currency::USD)
        .store(store)
        .vault(Vault::new(&right));
    assert_refused!(builder.build().await, OpenError::OtherCurrency { .. });
    assert_eq!(shop.store().snapshot(shop.id()).await.unwrap(), before);
    open_in(&directory, &right).await.unwrap();
}

#[tokio::test]
async fn a_missing_key_file_opens_nothing_and_is_not_made_anew() {
    let directory = TempDir::new().unwrap();
    let open = async || {
        let store = SqliteStore::open(directory.path().join("shop.db"))
            .await
            .unwrap();
        Shop::builder(Currency::IDR).store(store).build().await
    };
    drop(open().await.unwrap());
    let is_key = |path: &std::path::PathBuf| path.extension().is_some_and(|end| end == "key");
    let files = std::fs::read_dir(directory.path()).unwrap();
    let key = files.map(|file| file.unwrap().path()).find(is_key).unwrap();
    let text = std::fs::read_to_string(&key).unwrap();

    std::fs::remove_file(&key).unwrap();
    assert_refused!(open().await, OpenError::Key(KeyError::Missing(_)));
    assert!(!key.exists());
    std::fs::write(&key, "no key at all").unwrap();
    assert_refused!(open().await, OpenError::Key(KeyError::Damaged { .. }));
    std::fs::write(&key, text).unwrap();
    open().await.unwrap();
}

#[tokio::test]
async fn a_locked_file_takes_nothing_and_loses_nothing() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("shop.db");
    let key = VaultKey::generate().unwrap();
    let shop = open_in(&directory, &key).await.unwrap();
    let product = new_product("KEY", 1_000);
    let product = shop
        .catalog()
        .add_product(&OPERATOR, product)
        .await
        .unwrap();
    let blocker = Connection::open(&path).unwrap();
    blocker.execute_batch("BEGIN IMMEDIATE").unwrap();
    let before = shop.store().snapshot(shop.id()).await.unwrap();
    let all = contents("KEY", 0..10);
    let refused = shop.stock().add(&OPERATOR, product.id, &all).await;
    assert_refused!(refused, StockError::Commit(CommitError::Unavailable(_)));
    blocker.execute_batch("ROLLBACK").unwrap();
    assert_eq!(shop.store().snapshot(shop.id()).await.unwrap(), before);
    assert_eq!(
        shop.stock().add(&OPERATOR, product.id, &all).await.unwrap(),
        10
    );
}
