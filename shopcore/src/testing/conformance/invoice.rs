//! Cases of invoices, charges and payments.

use chrono::Duration;

use super::Trial;
use crate::id::{ChargeId, InvoiceId};
use crate::invoice::{
    BankAccount, Charge, ChargeState, EventId, GatewayChargeId, Invoice, InvoiceState, Outcome,
    PayWith, Payment, Reference,
};
use crate::money::{Currency, Money};
use crate::store::{InvoiceWrite, Page, Rejection, Write};
use crate::testing::fixture::{gateway, idr};

fn change(invoice: InvoiceId, version: u32, from: InvoiceState, to: InvoiceState) -> Write {
    let received = idr(7);
    InvoiceWrite::Change {
        invoice,
        version,
        from,
        to,
        received,
    }
    .into()
}

fn step(charge: ChargeId, from: ChargeState, to: ChargeState) -> Write {
    InvoiceWrite::MoveCharge { charge, from, to }.into()
}

fn add(invoice: &Invoice) -> Write {
    InvoiceWrite::Add(invoice.clone()).into()
}

fn add_charge(charge: &Charge) -> Write {
    InvoiceWrite::AddCharge(charge.clone()).into()
}

fn record(payment: &Payment) -> Write {
    InvoiceWrite::RecordPayment(payment.clone()).into()
}

async fn read(trial: &Trial, invoice: InvoiceId) -> Invoice {
    let invoice = trial.store.find_invoice(trial.shop, invoice).await.unwrap();
    invoice.unwrap()
}

async fn read_charge(trial: &Trial, charge: ChargeId) -> Charge {
    let charge = trial.store.get_charge(trial.shop, charge).await.unwrap();
    charge.unwrap()
}

async fn invoiced(trial: &Trial) -> Invoice {
    let (_, order) = trial.sale(0, 1).await;
    trial.invoice(&order).await
}

pub async fn an_invoice_is_found_by_id_and_order(trial: &Trial) {
    let (_, order) = trial.sale(0, 1).await;
    let (store, shop) = (&trial.store, trial.shop);
    assert_eq!(store.find_invoice_of(shop, order.id).await.unwrap(), None);
    let invoice = trial.invoice(&order).await;
    assert_eq!(read(trial, invoice.id).await, invoice);
    let of_order = store.find_invoice_of(shop, order.id).await.unwrap();
    assert_eq!(of_order, Some(invoice));
    let ghost = trial.rows.ids.next();
    assert_eq!(store.find_invoice(shop, ghost).await.unwrap(), None);
}

pub async fn an_order_has_one_invoice(trial: &Trial) {
    let (_, order) = trial.sale(0, 1).await;
    let invoice = trial.invoice(&order).await;
    let mut another = invoice.clone();
    another.id = trial.rows.ids.next();
    trial.conflicts([add(&another)]).await;
    assert_eq!(trial.snapshot().await.invoices, [invoice]);
}

pub async fn an_invoice_needs_its_order_and_customer(trial: &Trial) {
    let (_, order) = trial.sale(0, 1).await;
    let mut of_nobody = trial.rows.invoice(&order);
    of_nobody.customer = trial.rows.ids.next();
    let mut of_nothing = trial.rows.invoice(&order);
    of_nothing.subject = crate::invoice::Subject::Order(trial.rows.ids.next());
    for invoice in [of_nobody, of_nothing] {
        assert_eq!(trial.rejected([add(&invoice)]).await, Rejection::Dangling);
    }
}

pub async fn an_invoice_takes_every_legal_edge_and_no_other(trial: &Trial) {
    let customer = trial.customer("ayu").await;
    for from in InvoiceState::ALL {
        for to in InvoiceState::ALL {
            let mut invoice = trial.rows.deposit(&customer, idr(10));
            invoice.state = from;
            trial.apply([add(&invoice)]).await;
            let write = change(invoice.id, 1, from, to);
            if from == to || from.may_become(to) {
                trial.apply([write]).await;
                let changed = read(trial, invoice.id).await;
                let seen = (changed.state, changed.version, changed.received);
                assert_eq!(seen, (to, 2, idr(7)));
            } else {
                trial.conflicts([write]).await;
            }
        }
    }
}

pub async fn an_invoice_changes_only_as_it_was_read(trial: &Trial) {
    let invoice = invoiced(trial).await.id;
    let (created, waiting) = (InvoiceState::Created, InvoiceState::Waiting);
    trial
        .conflicts([change(invoice, 2, created, waiting)])
        .await;
    trial
        .conflicts([change(invoice, 1, waiting, InvoiceState::Paid)])
        .await;
    trial
        .conflicts([change(trial.rows.ids.next(), 1, created, waiting)])
        .await;
    trial.apply([change(invoice, 1, created, created)]).await;
    trial
        .conflicts([change(invoice, 1, created, waiting)])
        .await;
}

pub async fn due_invoices_are_open_and_earliest_first(trial: &Trial) {
    let customer = trial.customer("ayu").await;
    let now = trial.rows.now();
    let mut ids = Vec::new();
    let rows = [
        (3, InvoiceState::Waiting),
        (1, InvoiceState::Created),
        (2, InvoiceState::Paid),
        (4, InvoiceState::Waiting),
    ];
    for (seconds, state) in rows {
        let mut invoice = trial.rows.deposit(&customer, idr(10));
        (invoice.state, invoice.expires_at) = (state, now + Duration::seconds(seconds));
        trial.apply([add(&invoice)]).await;
        ids.push(invoice.id);
    }
    let due = async |seconds, limit| {
        let at = now + Duration::seconds(seconds);
        let due = trial.store.list_due_invoices(trial.shop, at, limit).await;
        due.unwrap()
            .into_iter()
            .map(|invoice| invoice.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(due(3, 9).await, [ids[1], ids[0]]);
    assert_eq!(due(9, 1).await, [ids[1]]);
    assert_eq!(due(0, 9).await, []);
}

pub async fn open_deposits_are_listed_newest_first(trial: &Trial) {
    let (_, order) = trial.sale(0, 1).await;
    trial.invoice(&order).await;
    let (ayu, budi) = (trial.customer("siti").await, trial.customer("budi").await);
    let mut deposits = Vec::new();
    for customer in [&ayu, &budi, &ayu, &ayu] {
        let deposit = trial.rows.deposit(customer, idr(10));
        trial.apply([add(&deposit)]).await;
        deposits.push(deposit.id);
    }
    let paid = change(deposits[2], 1, InvoiceState::Created, InvoiceState::Paid);
    trial.apply([paid]).await;
    let open = trial
        .store
        .list_open_deposits(trial.shop, ayu.id)
        .await
        .unwrap();
    let open: Vec<_> = open.into_iter().map(|invoice| invoice.id).collect();
    assert_eq!(open, [deposits[3], deposits[0]]);
}

pub async fn unpaid_deposits_are_listed_newest_first(trial: &Trial) {
    let (_, order) = trial.sale(0, 1).await;
    trial.invoice(&order).await;
    let (siti, budi) = (trial.customer("siti").await, trial.customer("budi").await);
    let mut deposits = Vec::new();
    for customer in [&siti, &budi, &siti, &siti, &siti] {
        let deposit = trial.rows.deposit(customer, idr(10));
        trial.apply([add(&deposit)]).await;
        deposits.push(deposit.id);
    }
    let ends = |index: usize, to| change(deposits[index], 1, InvoiceState::Created, to);
    trial.apply([ends(2, InvoiceState::Paid)]).await;
    trial.apply([ends(3, InvoiceState::Expired)]).await;
    let unpaid = async |offset, limit| {
        let page = Page { offset, limit };
        let (store, shop) = (&trial.store, trial.shop);
        let found = store.list_unpaid_deposits(shop, siti.id, page).await;
        let found = found.unwrap();
        let ids: Vec<_> = found.items.into_iter().map(|invoice| invoice.id).collect();
        (ids, found.total)
    };
    assert_eq!(
        unpaid(0, 9).await,
        (vec![deposits[4], deposits[3], deposits[0]], 3)
    );
    assert_eq!(unpaid(1, 1).await, (vec![deposits[3]], 3));
    assert_eq!(unpaid(3, 9).await, (Vec::new(), 3));
}

pub async fn a_charge_is_found_by_its_reference(trial: &Trial) {
    let invoice = invoiced(trial).await;
    let mut charge = trial.rows.charge(&invoice, "ref-1");
    charge.payable = Money::new(50, Currency::XTR);
    charge.asked = Money::new(49, Currency::XTR);
    charge.poll_at = Some(trial.rows.now());
    trial.apply([add_charge(&charge)]).await;
    let second = trial.charge(&invoice, "ref-2").await;
    let (store, shop) = (&trial.store, trial.shop);
    let found = store
        .find_charge(shop, &gateway(), &charge.reference)
        .await
        .unwrap();
    assert_eq!(found.as_ref(), Some(&charge));
    let other = Reference::parse("ref-3").unwrap();
    assert_eq!(
        store.find_charge(shop, &gateway(), &other).await.unwrap(),
        None
    );
    let all = store.list_charges(shop, invoice.id).await.unwrap();
    assert_eq!(all, [charge, second]);
}

pub async fn a_reference_is_taken_once_at_a_gateway(trial: &Trial) {
    let invoice = invoiced(trial).await;
    trial.charge(&invoice, "ref").await;
    let mut again = trial.rows.charge(&invoice, "ref");
    let rejection = trial.rejected([add_charge(&again)]).await;
    assert_eq!(rejection, Rejection::ReferenceTaken);
    again.gateway = crate::invoice::GatewayName::parse("other").unwrap();
    trial.apply([add_charge(&again)]).await;
}

pub async fn a_charge_needs_its_invoice(trial: &Trial) {
    let ghost = trial.rows.deposit(&trial.rows.customer("ghost"), idr(1));
    let charge = trial.rows.charge(&ghost, "ref");
    let rejection = trial.rejected([add_charge(&charge)]).await;
    assert_eq!(rejection, Rejection::Dangling);
}

pub async fn an_open_invoice_may_expire_later(trial: &Trial) {
    let invoice = invoiced(trial).await;
    let later = trial.rows.now() + Duration::hours(24);
    let set = |invoice, version| {
        Write::from(InvoiceWrite::SetExpiry {
            invoice,
            version,
            expires_at: later,
        })
    };
    trial
        .conflicts([set(invoice.id, invoice.version + 1)])
        .await;
    trial.conflicts([set(trial.rows.ids.next(), 1)]).await;
    trial.apply([set(invoice.id, invoice.version)]).await;
    let read = trial.store.find_invoice(trial.shop, invoice.id).await;
    let expected = Invoice {
        expires_at: later,
        version: invoice.version + 1,
        ..invoice
    };
    assert_eq!(read.unwrap().as_ref(), Some(&expected));
    let (from, to) = (expected.state, InvoiceState::Expired);
    trial
        .apply([change(expected.id, expected.version, from, to)])
        .await;
    trial
        .conflicts([set(expected.id, expected.version + 1)])
        .await;
}

pub async fn a_charge_is_opened_once(trial: &Trial) {
    let invoice = invoiced(trial).await;
    let charge = trial.charge(&invoice, "ref").await;
    let poll_at = trial.rows.now() + Duration::seconds(5);
    let open = |charge, pay_with| {
        Write::from(InvoiceWrite::OpenCharge {
            charge,
            gateway_id: Some(GatewayChargeId::parse("tx-1").unwrap()),
            payable: idr(15_500),
            pay_with,
            poll_at,
        })
    };
    let qr = || PayWith::Qr("00020101".to_owned());
    trial.apply([open(charge.id, qr())]).await;
    let expected = Charge {
        gateway_id: Some(GatewayChargeId::parse("tx-1").unwrap()),
        payable: idr(15_500),
        pay_with: Some(qr()),
        poll_at: Some(poll_at),
        state: ChargeState::Open,
        ..charge.clone()
    };
    assert_eq!(read_charge(trial, charge.id).await, expected);
    trial.conflicts([open(charge.id, qr())]).await;
    trial.conflicts([open(trial.rows.ids.next(), qr())]).await;
    let second = trial.charge(&invoice, "ref-2").await.id;
    let page = PayWith::Page("https://pay.example/1?a=b&c='d'".to_owned());
    trial.apply([open(second, page.clone())]).await;
    assert_eq!(read_charge(trial, second).await.pay_with, Some(page));
}

pub async fn a_charge_is_opened_in_its_own_currency(trial: &Trial) {
    let invoice = invoiced(trial).await;
    let charge = trial.charge(&invoice, "ref").await;
    let account = BankAccount {
        bank: "BCA".to_owned(),
        number: "123".to_owned(),
        holder: None,
    };
    let open = |payable| InvoiceWrite::OpenCharge {
        charge: charge.id,
        gateway_id: None,
        payable,
        pay_with: PayWith::Account(account.clone()),
        poll_at: trial.rows.now(),
    };
    let foreign = Money::new(15_500, Currency::USD);
    trial.conflicts([open(foreign).into()]).await;
    trial.apply([open(idr(15_500)).into()]).await;
    let opened = read_charge(trial, charge.id).await;
    assert_eq!(opened.pay_with, Some(PayWith::Account(account)));
    assert_eq!((opened.asked, opened.payable), (charge.asked, idr(15_500)));
}

pub async fn a_charge_takes_every_legal_edge_and_no_other(trial: &Trial) {
    let invoice = invoiced(trial).await;
    for from in ChargeState::ALL {
        for to in ChargeState::ALL {
            let reference = format!("{}-{}", from.as_str(), to.as_str());
            let mut charge = trial.rows.charge(&invoice, &reference);
            charge.state = from;
            trial.apply([add_charge(&charge)]).await;
            if from.may_become(to) {
                trial.apply([step(charge.id, from, to)]).await;
                assert_eq!(read_charge(trial, charge.id).await.state, to);
            } else {
                trial.conflicts([step(charge.id, from, to)]).await;
            }
        }
    }
    let charge = trial.charge(&invoice, "one").await.id;
    trial
        .conflicts([step(charge, ChargeState::Open, ChargeState::Paid)])
        .await;
    let ghost = trial.rows.ids.next();
    trial
        .conflicts([step(ghost, ChargeState::Open, ChargeState::Paid)])
        .await;
}

pub async fn charges_are_polled_when_due(trial: &Trial) {
    let invoice = invoiced(trial).await;
    let (first, second) = (
        trial.charge(&invoice, "one").await.id,
        trial.charge(&invoice, "two").await.id,
    );
    let at = |seconds| trial.rows.now() + Duration::seconds(seconds);
    let poll = |charge, poll_at| Write::from(InvoiceWrite::PollCharge { charge, poll_at });
    trial
        .apply([poll(first, Some(at(2))), poll(second, Some(at(1)))])
        .await;
    let due = async |seconds, limit| {
        let due = trial
            .store
            .list_charges_to_poll(trial.shop, at(seconds), limit)
            .await;
        due.unwrap()
            .into_iter()
            .map(|charge| charge.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(due(2, 9).await, [second, first]);
    assert_eq!(due(2, 1).await, [second]);
    assert_eq!(due(1, 9).await, [second]);
    trial.apply([poll(second, None)]).await;
    assert_eq!(due(9, 9).await, [first]);
    assert_eq!(read_charge(trial, second).await.polls, 2);
    trial.conflicts([poll(trial.rows.ids.next(), None)]).await;
}

pub async fn a_payment_is_recorded_once(trial: &Trial) {
    let invoice = invoiced(trial).await;
    let charge = trial.charge(&invoice, "ref").await;
    let payment = trial.payment(&charge, "event").await;
    let mut again = trial.rows.payment(&charge, "event");
    again.amount = idr(1);
    assert_eq!(
        trial.rejected([record(&again)]).await,
        Rejection::PaymentSeen
    );
    let (store, shop) = (&trial.store, trial.shop);
    let found = store
        .find_payment(shop, &gateway(), &payment.event)
        .await
        .unwrap();
    assert_eq!(found.as_ref(), Some(&payment));
    assert_eq!(
        store.get_payment(shop, payment.id).await.unwrap(),
        Some(payment)
    );
    let other = EventId::parse("other").unwrap();
    assert_eq!(
        store.find_payment(shop, &gateway(), &other).await.unwrap(),
        None
    );
}

pub async fn a_payment_may_match_nothing(trial: &Trial) {
    let invoice = invoiced(trial).await;
    let charge = trial.rows.charge(&invoice, "unknown");
    let mut payment = trial.rows.payment(&charge, "event");
    assert_eq!(
        trial.rejected([record(&payment)]).await,
        Rejection::Dangling
    );
    payment.charge = None;
    payment.outcome = Outcome::Review;
    payment.invoice = Some(trial.rows.ids.next());
    assert_eq!(
        trial.rejected([record(&payment)]).await,
        Rejection::Dangling
    );
    payment.invoice = None;
    trial.apply([record(&payment)]).await;
    assert_eq!(trial.snapshot().await.payments, [payment]);
}
