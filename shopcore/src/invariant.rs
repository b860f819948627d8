//! The invariants of a shop, evaluated over all of its rows.
//!
//! What the shop counts along the way (uses of vouchers, balances, the stock it shows) is compared
//! with the rows it is about and never trusted. A violation names ids, states and numbers only.
//!
//! ```
//! use chrono::Duration;
//! use shopcore::invariant::{Rules, check};
//! use shopcore::store::Snapshot;
//! use shopcore::time::{Clock, SystemClock};
//!
//! let rules = Rules { now: SystemClock.now(), expiry_period: Duration::seconds(60) };
//! assert!(check(&Snapshot::default(), &rules).holds());
//! ```

use std::fmt;

use chrono::Duration;

use crate::store::Snapshot;
use crate::time::Timestamp;
use rows::Rows;

pub use repair::{Fix, Repair, Way};

mod audit;
mod invoice;
mod ledger;
mod order;
mod references;
mod refund;
mod repair;
mod rows;
mod stock;
mod voucher;

/// What the invariants depend on beside the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The moment of the snapshot.
    pub now: Timestamp,
    /// How often the expiry job runs.
    pub expiry_period: Duration,
}

/// What must hold at every moment of a shop's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invariant {
    /// A unit is in one state, sold units belong to one line, no content is there twice.
    Units,
    /// The stock that is shown is the count of available units.
    ShownStock,
    /// Lines have as many units held or sold as their order's state asks for.
    LineUnits,
    /// The counted uses of a voucher are its live redemptions, within its maximum, and each order
    /// that has a voucher uses it once.
    VoucherUses,
    /// Totals add up, none is below zero, and invoices ask for them.
    Totals,
    /// Every payment is there once and backed by transfers or an open case, transfers balance, and
    /// what is paid was earned.
    Payments,
    /// A wallet is the sum of its entries and never below zero.
    Wallets,
    /// Every change of state took a legal edge and is in the audit once.
    AuditTrail,
    /// An order stands where its invoice does; a paid one is delivered, on its way, or with a
    /// person.
    Fulfilment,
    /// No open invoice is long past its expiry.
    Expiry,
    /// Nothing refers to a row that is not there, and no order is without its invoice.
    References,
    /// What was given back of an order is the sum of its refunds, and each refund that is not done
    /// is on its way or with a person.
    Refunds,
}

impl Invariant {
    /// Every invariant, by number.
    pub const ALL: [Self; 12] = [
        Self::Units,
        Self::ShownStock,
        Self::LineUnits,
        Self::VoucherUses,
        Self::Totals,
        Self::Payments,
        Self::Wallets,
        Self::AuditTrail,
        Self::Fulfilment,
        Self::Expiry,
        Self::References,
        Self::Refunds,
    ];

    /// Its number, from 1.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Units => 1,
            Self::ShownStock => 2,
            Self::LineUnits => 3,
            Self::VoucherUses => 4,
            Self::Totals => 5,
            Self::Payments => 6,
            Self::Wallets => 7,
            Self::AuditTrail => 8,
            Self::Fulfilment => 9,
            Self::Expiry => 10,
            Self::References => 11,
            Self::Refunds => 12,
        }
    }

    /// What it says, in one line.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Units => "every unit is in one state, no content is there twice",
            Self::ShownStock => "the stock shown is the count of available units",
            Self::LineUnits => "lines have the units that their order's state asks for",
            Self::VoucherUses => "uses of vouchers are their live redemptions, within the maximum",
            Self::Totals => "totals add up and are not negative",
            Self::Payments => "every payment is backed by transfers or an open case",
            Self::Wallets => "wallets equal their entries and are not negative",
            Self::AuditTrail => "every change of state is legal and audited once",
            Self::Fulfilment => "paid orders are delivered, on their way, or under review",
            Self::Expiry => "no open invoice is long past its expiry",
            Self::Refunds => "refunds add up, and are done, on their way, or with a person",
            Self::References => "nothing is orphaned or refers to nothing",
        }
    }

    fn violations(self, rows: &Rows<'_>, rules: &Rules) -> Vec<String> {
        match self {
            Self::Units => stock::units(rows),
            Self::ShownStock => stock::shown(rows),
            Self::LineUnits => stock::lines(rows),
            Self::VoucherUses => voucher::uses(rows),
            Self::Totals => order::totals(rows),
            Self::Payments => ledger::payments(rows),
            Self::Wallets => ledger::wallets(rows),
            Self::AuditTrail => audit::trail(rows),
            Self::Fulfilment => order::fulfilment(rows),
            Self::Expiry => invoice::expiry(rows, rules),
            Self::References => references::references(rows),
            Self::Refunds => refund::refunds(rows),
        }
    }
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}", self.number(), self.title())
    }
}

/// What was found about one invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The invariant.
    pub invariant: Invariant,
    /// A sentence for each violation; none where it holds.
    pub violations: Vec<String>,
}

/// What was found about every invariant, by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// A finding for each invariant.
    pub findings: Vec<Finding>,
    /// What can be set right, in the order in which it is to be done; a repair may make another one
    /// possible, which the next report lists.
    pub repairs: Vec<Repair>,
}

impl Report {
    /// Whether every invariant holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.violations() == 0
    }

    /// How many violations there are in all.
    #[must_use]
    pub fn violations(&self) -> usize {
        let counts = self.findings.iter().map(|finding| finding.violations.len());
        counts.sum()
    }
}

impl fmt::Display for Report {
    /// The broken invariants with their violations, or that all hold.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.holds() {
            return f.write_str("every invariant holds");
        }
        let broken = self
            .findings
            .iter()
            .filter(|found| !found.violations.is_empty());
        for finding in broken {
            writeln!(f, "{}", finding.invariant)?;
            for violation in &finding.violations {
                writeln!(f, "  {violation}")?;
            }
        }
        Ok(())
    }
}

/// Evaluates every invariant over a shop's rows.
#[must_use]
pub fn check(snapshot: &Snapshot, rules: &Rules) -> Report {
    let rows = Rows::of(snapshot);
    let findings = Invariant::ALL.map(|invariant| Finding {
        invariant,
        violations: invariant.violations(&rows, rules),
    });
    Report {
        findings: findings.to_vec(),
        repairs: repair::repairs(&rows),
    }
}
