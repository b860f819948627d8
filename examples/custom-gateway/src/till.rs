//! The other side: a till that keeps charges by the reference that the shop gives them.
//!
//! `PUT /charges/REFERENCE` with [`Asked`] asks for money, again for the same. `GET` tells of it,
//! `DELETE` gives it up; each answers with [`Told`], or 404 where there is no such charge.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shopcore::time::Timestamp;

/// What is asked for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Asked {
    /// In rupiah.
    pub amount: i64,
}

/// What a till tells of a charge.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Told {
    /// What was asked for, in rupiah.
    pub amount: i64,
    /// Whether it can be paid.
    pub is_open: bool,
    /// What was paid, in the order of arrival.
    pub paid: Vec<Paid>,
}

/// A payment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Paid {
    /// The till's own number of it.
    pub id: String,
    /// In rupiah.
    pub amount: i64,
    /// When it was made.
    pub at: Timestamp,
}

/// The charges of a till.
#[derive(Debug, Default)]
pub struct Drawer(BTreeMap<String, Told>);

impl Drawer {
    /// Asks for money; again for the same where it was asked for before.
    pub fn ask(&mut self, reference: &str, asked: Asked) -> Told {
        let new = || Told {
            amount: asked.amount,
            is_open: true,
            paid: Vec::new(),
        };
        let kept = self.0.entry(reference.to_owned());
        kept.or_insert_with(new).clone()
    }

    /// Tells of a charge.
    #[must_use]
    pub fn tell(&self, reference: &str) -> Option<Told> {
        self.0.get(reference).cloned()
    }

    /// Gives a charge up.
    pub fn give_up(&mut self, reference: &str) -> Option<Told> {
        let found = self.0.get_mut(reference)?;
        found.is_open = false;
        Some(found.clone())
    }

    /// Takes a payment, of a charge that was given up, too: money that is on its way arrives.
    pub fn pay(&mut self, reference: &str, amount: i64, at: Timestamp) -> Option<Told> {
        let found = self.0.get_mut(reference)?;
        let id = format!("{reference}-{}", found.paid.len());
        found.paid.push(Paid { id, amount, at });
        let sum: i64 = found.paid.iter().map(|paid| paid.amount).sum();
        found.is_open &= sum < found.amount;
        Some(found.clone())
    }

    /// How many charges there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }
}
