//! Cases of transfers and wallets.

use super::Trial;
use crate::customer::Customer;
use crate::id::CustomerId;
use crate::ledger::{Account, Transfer};
use crate::money::{Currency, Money};
use crate::store::{Page, Rejection, Statement, TransferRow, WalletRow};
use crate::testing::fixture::idr;

fn credit(trial: &Trial, customer: CustomerId, amount: Money) -> Transfer {
    let wallet = Account::Wallet(customer);
    trial.rows.transfer(Account::Adjustments, wallet, amount)
}

fn debit(trial: &Trial, customer: CustomerId, amount: Money) -> Transfer {
    trial
        .rows
        .transfer(Account::Wallet(customer), Account::Sales, amount)
}

async fn balance(trial: &Trial, customer: &Customer) -> Money {
    let balance = trial.store.balance(trial.shop, customer.id, Currency::IDR);
    balance.await.unwrap()
}

pub async fn a_wallet_holds_what_was_posted(trial: &Trial) {
    let customer = trial.customer("ayu").await;
    assert_eq!(balance(trial, &customer).await, idr(0));
    trial
        .apply([credit(trial, customer.id, idr(10)).into()])
        .await;
    trial
        .apply([debit(trial, customer.id, idr(4)).into()])
        .await;
    assert_eq!(balance(trial, &customer).await, idr(6));
    let wallets = trial.snapshot().await.wallets;
    let (customer, balance) = (customer.id, idr(6));
    assert_eq!(wallets, [WalletRow { customer, balance }]);
}

pub async fn a_wallet_never_falls_below_zero(trial: &Trial) {
    let customer = trial.customer("ayu").await.id;
    let short = |balance| Rejection::InsufficientFunds { customer, balance };
    let empty = trial
        .rejected([debit(trial, customer, idr(1)).into()])
        .await;
    assert_eq!(empty, short(idr(0)));
    trial.apply([credit(trial, customer, idr(10)).into()]).await;
    let too_much = trial
        .rejected([debit(trial, customer, idr(11)).into()])
        .await;
    assert_eq!(too_much, short(idr(10)));
    trial.apply([debit(trial, customer, idr(10)).into()]).await;
}

pub async fn a_wallet_holds_no_more_than_can_be_counted(trial: &Trial) {
    let customer = trial.customer("ayu").await;
    let (id, most) = (customer.id, idr(i64::MAX));
    trial.apply([credit(trial, id, most).into()]).await;
    let full = trial.rejected([credit(trial, id, idr(1)).into()]).await;
    assert_eq!(full, Rejection::WalletFull { customer: id });
    assert_eq!(balance(trial, &customer).await, most);
    trial.apply([debit(trial, id, idr(1)).into()]).await;
    trial.apply([credit(trial, id, idr(1)).into()]).await;
}

pub async fn a_wallet_holds_each_currency_apart(trial: &Trial) {
    let customer = trial.customer("ayu").await.id;
    let usd = Money::new(5, Currency::USD);
    trial.apply([credit(trial, customer, idr(10)).into()]).await;
    trial.apply([credit(trial, customer, usd).into()]).await;
    let store = &trial.store;
    let held = store
        .balance(trial.shop, customer, Currency::USD)
        .await
        .unwrap();
    assert_eq!(held, usd);
    let debit = debit(trial, customer, Money::new(6, Currency::USD));
    let balance = usd;
    let expected = Rejection::InsufficientFunds { customer, balance };
    assert_eq!(trial.rejected([debit.into()]).await, expected);
}

pub async fn a_transfer_is_stored_with_its_postings(trial: &Trial) {
    let (_, order) = trial.sale(0, 1).await;
    let invoice = trial.invoice(&order).await;
    let charge = trial.charge(&invoice, "ref").await;
    let payment = trial.payment(&charge, "event").await;
    let clearing = Account::Clearing(payment.gateway.clone());
    let towards = Account::Towards(invoice.id);
    let transfer = trial.rows.transfer(clearing, towards, idr(3));
    let transfer = transfer.about_invoice(invoice.id).about_payment(payment.id);
    trial.apply([transfer.clone().into()]).await;
    let stored = TransferRow {
        id: transfer.id,
        purpose: transfer.purpose,
        invoice: Some(invoice.id),
        payment: Some(payment.id),
        postings: transfer.postings().to_vec(),
        at: trial.rows.now(),
    };
    assert_eq!(trial.snapshot().await.transfers, [stored]);
}

pub async fn a_transfer_needs_what_it_names(trial: &Trial) {
    let customer = trial.customer("ayu").await.id;
    let fine = || credit(trial, customer, idr(1));
    let to = |account| trial.rows.transfer(Account::Sales, account, idr(1));
    let ids = &trial.rows.ids;
    let dangling = [
        to(Account::Wallet(ids.next())),
        to(Account::Towards(ids.next())),
        to(Account::Suspense(ids.next())),
        fine().about_invoice(ids.next()),
        fine().about_payment(ids.next()),
    ];
    for transfer in dangling {
        let rejection = trial.rejected([transfer.into()]).await;
        assert_eq!(rejection, Rejection::Dangling);
    }
}

pub async fn statements_are_listed_newest_first(trial: &Trial) {
    let (ayu, budi) = (
        trial.customer("ayu").await.id,
        trial.customer("budi").await.id,
    );
    let mut expected = Vec::new();
    for minor in [5, 7, 9] {
        let transfer = credit(trial, ayu, idr(minor));
        trial.apply([credit(trial, budi, idr(1)).into()]).await;
        expected.insert(
            0,
            Statement {
                amount: idr(minor),
                purpose: transfer.purpose,
                outcome: None,
                invoice: None,
                at: trial.rows.now(),
            },
        );
        trial.apply([transfer.into()]).await;
        trial.clock.advance(chrono::Duration::seconds(1));
    }
    let page = Page {
        offset: 1,
        limit: 5,
    };
    let listing = trial
        .store
        .list_statements(trial.shop, ayu, page)
        .await
        .unwrap();
    assert_eq!(
        (listing.items.as_slice(), listing.total),
        (&expected[1..], 3)
    );
}

pub async fn a_statement_tells_what_became_of_its_payment(trial: &Trial) {
    let (_, order) = trial.sale(0, 1).await;
    let invoice = trial.invoice(&order).await;
    let charge = trial.charge(&invoice, "ref").await;
    let payment = trial.payment(&charge, "event").await;
    let transfer = credit(trial, order.customer, idr(3));
    let transfer = transfer.about_invoice(invoice.id).about_payment(payment.id);
    trial.apply([transfer.into()]).await;
    let page = Page::first(2);
    let listed = trial
        .store
        .list_statements(trial.shop, order.customer, page);
    let listed = listed.await.unwrap().items;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].invoice, Some(invoice.id));
    assert_eq!(listed[0].outcome, Some(payment.outcome));
}
