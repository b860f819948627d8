//! Where the free units of products begin.
//!
//! The index of free units keeps dead entries of taken ones until it is vacuumed. A claim that
//! began at its front would walk over all of them; so it begins where the last one ended. Units
//! before that place, which another process gave back, are found once the hint is too old, or when
//! too few lie behind it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

/// How long a hint is believed, in microseconds.
const LIFE: i64 = 60_000_000;

/// A product, with its shop.
pub(super) type Product = (Uuid, Uuid);

/// A unit before which none is free, and when this was found out.
#[derive(Debug, Clone, Copy)]
struct Hint {
    first: Uuid,
    since: i64,
}

/// The hints of all products, shared by the writers of a process.
#[derive(Debug, Default)]
pub(super) struct Hints(Mutex<HashMap<Product, Hint>>);

impl Hints {
    fn all(&self) -> MutexGuard<'_, HashMap<Product, Hint>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where to begin, at this time.
    pub(super) fn first(&self, product: Product, now: i64) -> Uuid {
        let hint = self.all().get(&product).copied();
        let fresh = hint.filter(|hint| now.saturating_sub(hint.since) < LIFE);
        fresh.map_or(Uuid::nil(), |hint| hint.first)
    }

    /// No unit before `first` is free.
    pub(super) fn raise(&self, product: Product, first: Uuid, now: i64) {
        let mut all = self.all();
        let hint = all.entry(product).or_insert(Hint { first, since: now });
        if now.saturating_sub(hint.since) >= LIFE {
            hint.since = now;
        }
        hint.first = first;
    }

    /// This unit is free.
    pub(super) fn lower(&self, product: Product, unit: Uuid) {
        if let Some(hint) = self.all().get_mut(&product) {
            hint.first = hint.first.min(unit);
        }
    }

    /// Nothing is known of the product any more.
    pub(super) fn forget(&self, product: Product) {
        self.all().remove(&product);
    }
}
