//! A snapshot with the look-ups that the invariants share.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::id::{
    CaseId, CategoryId, ChargeId, CustomerId, InvoiceId, LineId, OrderId, PaymentId, ProductId,
    RefundId, UnitId, VoucherId,
};
use crate::invoice::{Charge, Invoice};
use crate::ledger::{Account, Posting};
use crate::money::{Currency, Money, MoneyError};
use crate::order::{Order, OrderLine};
use crate::review::{Case, CaseState};
use crate::stock::UnitState;
use crate::store::{Snapshot, UnitRow};

/// How many units a line has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct LineUnits {
    pub(super) held: u64,
    pub(super) sold: u64,
}

/// The rows of a shop, by what they are looked for.
pub(super) struct Rows<'a> {
    pub(super) all: &'a Snapshot,
    pub(super) categories: BTreeSet<CategoryId>,
    pub(super) products: BTreeSet<ProductId>,
    pub(super) units: HashMap<UnitId, &'a UnitRow>,
    pub(super) vouchers: BTreeSet<VoucherId>,
    pub(super) customers: BTreeSet<CustomerId>,
    pub(super) orders: BTreeMap<OrderId, &'a Order>,
    pub(super) lines: HashMap<LineId, &'a OrderLine>,
    pub(super) line_units: HashMap<LineId, LineUnits>,
    pub(super) invoices: BTreeMap<InvoiceId, &'a Invoice>,
    pub(super) charges: BTreeMap<ChargeId, &'a Charge>,
    pub(super) payments: BTreeSet<PaymentId>,
    pub(super) cases: BTreeMap<CaseId, &'a Case>,
    pub(super) refunds: BTreeSet<RefundId>,
    pub(super) accounts: BTreeMap<(&'a Account, Currency), Result<Money, MoneyError>>,
}

impl<'a> Rows<'a> {
    pub(super) fn of(all: &'a Snapshot) -> Self {
        let lines = all.orders.iter().flat_map(|order| &order.lines);
        Self {
            all,
            categories: all.categories.iter().map(|row| row.id).collect(),
            products: all.products.iter().map(|row| row.id).collect(),
            units: all.units.iter().map(|row| (row.id, row)).collect(),
            vouchers: all.vouchers.iter().map(|row| row.id).collect(),
            customers: all.customers.iter().map(|row| row.id).collect(),
            orders: all.orders.iter().map(|row| (row.id, row)).collect(),
            lines: lines.map(|line| (line.id, line)).collect(),
            line_units: line_units(&all.units),
            invoices: all.invoices.iter().map(|row| (row.id, row)).collect(),
            charges: all.charges.iter().map(|row| (row.id, row)).collect(),
            payments: all.payments.iter().map(|row| row.id).collect(),
            refunds: all.refunds.iter().map(|row| row.id).collect(),
            cases: all.cases.iter().map(|row| (row.id, row)).collect(),
            accounts: sums(all.transfers.iter().flat_map(|transfer| &transfer.postings)),
        }
    }

    /// The units of a line.
    pub(super) fn units_of(&self, line: LineId) -> LineUnits {
        self.line_units.get(&line).copied().unwrap_or_default()
    }

    /// What is on an account, nothing where nothing was posted.
    pub(super) fn on(&self, account: &Account, currency: Currency) -> Result<Money, MoneyError> {
        let sum = self.accounts.get(&(account, currency)).copied();
        sum.unwrap_or(Ok(Money::zero(currency)))
    }

    /// The cases that wait for a person.
    pub(super) fn open_cases(&self) -> impl Iterator<Item = &'a Case> {
        self.all
            .cases
            .iter()
            .filter(|case| case.state == CaseState::Open)
    }
}

fn line_units(units: &[UnitRow]) -> HashMap<LineId, LineUnits> {
    let mut counts: HashMap<LineId, LineUnits> = HashMap::new();
    for unit in units {
        match unit.state {
            UnitState::Held(line) => counts.entry(line).or_default().held += 1,
            UnitState::Sold(line) => counts.entry(line).or_default().sold += 1,
            UnitState::Available | UnitState::Withdrawn => {}
        }
    }
    counts
}

/// The sum of postings for each account and currency.
pub(super) fn sums<'a>(
    postings: impl Iterator<Item = &'a Posting>,
) -> BTreeMap<(&'a Account, Currency), Result<Money, MoneyError>> {
    let mut sums = BTreeMap::new();
    for posting in postings {
        let currency = posting.amount.currency();
        let sum = sums
            .entry((&posting.account, currency))
            .or_insert(Ok(Money::zero(currency)));
        *sum = sum.and_then(|sum: Money| sum.checked_add(posting.amount));
    }
    sums
}
