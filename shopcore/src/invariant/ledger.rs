//! Invariants of money.

use std::collections::{BTreeMap, BTreeSet};

use super::repair::{Fix, Repair};
use super::rows::{Rows, sums};
use crate::id::{InvoiceId, PaymentId};
use crate::invoice::{Invoice, InvoiceState, Payment};
use crate::ledger::Account;
use crate::money::{self, Currency, Money, MoneyError};
use crate::store::{RecountWrite, TransferRow};

/// Payments are where the ledger says, and the ledger balances.
pub(super) fn payments(rows: &Rows<'_>) -> Vec<String> {
    let mut found: Vec<_> = rows.all.transfers.iter().filter_map(unbalanced).collect();
    let mut about: BTreeMap<PaymentId, Vec<&TransferRow>> = BTreeMap::new();
    for transfer in &rows.all.transfers {
        if let Some(payment) = transfer.payment {
            about.entry(payment).or_default().push(transfer);
        }
    }
    let keeping = rows.open_cases().filter(|case| case.reason.keeps_payment());
    let open_cases: BTreeSet<_> = keeping.filter_map(|case| case.payment).collect();
    for payment in &rows.all.payments {
        let transfers = about.get(&payment.id).map_or(&[][..], Vec::as_slice);
        found.extend(unbacked(payment, transfers));
        found.extend(suspended(rows, payment, open_cases.contains(&payment.id)));
    }
    found.extend(doubled(&rows.all.payments));
    let sales = sales(&rows.all.transfers);
    for invoice in &rows.all.invoices {
        found.extend(kept(rows, invoice));
        let sold = sales.get(&invoice.id).map_or(&[][..], Vec::as_slice);
        found.extend(unearned(rows, invoice, sold));
    }
    found
}

/// Payments that are recorded more than once.
fn doubled(payments: &[Payment]) -> Vec<String> {
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    for payment in payments {
        if !seen.insert((&payment.gateway, &payment.event)) {
            found.push(format!("payment {} is recorded twice", payment.id));
        }
    }
    found
}

/// What each invoice brought to the sales.
fn sales(transfers: &[TransferRow]) -> BTreeMap<InvoiceId, Vec<Money>> {
    let mut sales: BTreeMap<InvoiceId, Vec<Money>> = BTreeMap::new();
    for transfer in transfers {
        let Some(invoice) = transfer.invoice else {
            continue;
        };
        let postings = transfer.postings.iter();
        let sold = postings.filter(|posting| posting.account == Account::Sales);
        let sold = sold.map(|posting| posting.amount);
        sales.entry(invoice).or_default().extend(sold);
    }
    sales
}

/// A paid order that brought other than it cost less what was given back of it, or sales that
/// nothing was sold for.
fn unearned(rows: &Rows<'_>, invoice: &Invoice, sold: &[Money]) -> Option<String> {
    let currency = invoice.amount.currency();
    let order = invoice.subject.order().and_then(|id| rows.orders.get(&id));
    let due = match order {
        Some(order) if invoice.state == InvoiceState::Paid => {
            let left = invoice.amount.checked_sub(order.refunded);
            left.unwrap_or(Money::zero(currency))
        }
        Some(_) | None => Money::zero(currency),
    };
    let earned = money::sum(currency, sold.iter().copied());
    (earned != Ok(due)).then(|| {
        let (id, state) = (invoice.id, invoice.state.as_str());
        format!("invoice {id} ({state}) earned other than {due}")
    })
}

fn unbalanced(transfer: &TransferRow) -> Option<String> {
    let mut sums: BTreeMap<Currency, Result<Money, MoneyError>> = BTreeMap::new();
    for posting in &transfer.postings {
        let currency = posting.amount.currency();
        let sum = sums.entry(currency).or_insert(Ok(Money::zero(currency)));
        *sum = sum.and_then(|sum| sum.checked_add(posting.amount));
    }
    let balanced = sums.values().all(|sum| sum.is_ok_and(Money::is_zero));
    (!balanced).then(|| format!("transfer {} does not balance", transfer.id))
}

/// A payment that its gateway's account does not show.
fn unbacked(payment: &Payment, transfers: &[&TransferRow]) -> Option<String> {
    let clearing = Account::Clearing(payment.gateway.clone());
    let currency = payment.amount.currency();
    let sums = sums(transfers.iter().flat_map(|transfer| &transfer.postings));
    let collected = sums.get(&(&clearing, currency)).copied();
    let collected = collected.unwrap_or(Ok(Money::zero(currency)));
    let backed = collected.and_then(Money::checked_neg) == Ok(payment.amount);
    (!backed).then(|| format!("payment {} of {} is not backed", payment.id, payment.amount))
}

/// A payment whose money waits without a case, or a case whose money does not wait.
fn suspended(rows: &Rows<'_>, payment: &Payment, has_case: bool) -> Option<String> {
    let currency = payment.amount.currency();
    let due = if has_case {
        payment.amount
    } else {
        Money::zero(currency)
    };
    let waits = rows.on(&Account::Suspense(payment.id), currency);
    (waits != Ok(due)).then(|| {
        let case = if has_case { "an" } else { "no" };
        format!(
            "payment {} has {case} open case, and other than {due} waits",
            payment.id
        )
    })
}

/// An invoice whose part payments are not where they belong.
fn kept(rows: &Rows<'_>, invoice: &Invoice) -> Option<String> {
    let currency = invoice.amount.currency();
    let due = if invoice.state.is_open() {
        invoice.received
    } else {
        Money::zero(currency)
    };
    let kept = rows.on(&Account::Towards(invoice.id), currency);
    (kept != Ok(due)).then(|| {
        format!(
            "invoice {} ({}) keeps other than {due}",
            invoice.id,
            invoice.state.as_str()
        )
    })
}

/// Balances that can follow their entries: those make no debt.
pub(super) fn recounts(rows: &Rows<'_>) -> Vec<Repair> {
    let wallets = rows.all.wallets.iter();
    let stored = wallets.map(|wallet| {
        let key = (wallet.customer, wallet.balance.currency());
        (key, wallet.balance)
    });
    let mut balances: BTreeMap<_, _> = stored.collect();
    for (account, currency) in rows.accounts.keys() {
        if let Account::Wallet(customer) = account {
            let none = Money::zero(*currency);
            balances.entry((*customer, *currency)).or_insert(none);
        }
    }
    let wrong = balances
        .into_iter()
        .filter_map(|((customer, currency), was)| {
            let to = rows.on(&Account::Wallet(customer), currency).ok()?;
            let about = format!("the wallet of customer {customer}");
            let fix = Fix::Recount(RecountWrite::Wallet { customer, was, to });
            (was != to && !to.is_negative()).then_some(Repair { about, fix })
        });
    wrong.collect()
}

/// Stored balances are the sums of what was posted.
pub(super) fn wallets(rows: &Rows<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let mut stored = BTreeSet::new();
    for wallet in &rows.all.wallets {
        let (customer, balance) = (wallet.customer, wallet.balance);
        stored.insert((customer, balance.currency()));
        if balance.is_negative() {
            found.push(format!("the wallet of customer {customer} holds {balance}"));
        }
        if rows.on(&Account::Wallet(customer), balance.currency()) != Ok(balance) {
            let sentence = "is not the sum of its entries";
            found.push(format!(
                "the wallet of customer {customer}, {balance}, {sentence}"
            ));
        }
    }
    for ((account, currency), sum) in &rows.accounts {
        if let Account::Wallet(customer) = account
            && !stored.contains(&(*customer, *currency))
            && *sum != Ok(Money::zero(*currency))
        {
            found.push(format!(
                "customer {customer} has entries and no wallet in {currency}"
            ));
        }
    }
    found
}
