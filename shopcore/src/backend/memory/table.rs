//! A table that can take back what was changed since the last batch.

use std::collections::BTreeMap;
use std::ops::Deref;

use uuid::Uuid;

use crate::store::{CommitError, Rejection};

/// Rows by key, and what they were before the batch that is being applied.
#[derive(Debug)]
pub(super) struct Table<K, V> {
    rows: BTreeMap<K, V>,
    before: Vec<(K, Option<V>)>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            before: Vec::new(),
        }
    }
}

impl<K, V> Deref for Table<K, V> {
    type Target = BTreeMap<K, V>;

    fn deref(&self) -> &Self::Target {
        &self.rows
    }
}

impl<K: Ord + Clone, V> Table<K, V> {
    /// Adds or replaces a row.
    pub(super) fn put(&mut self, key: K, row: V) {
        let old = self.rows.insert(key.clone(), row);
        self.before.push((key, old));
    }

    /// Adds a row; a conflict where there is one.
    pub(super) fn insert(&mut self, key: K, row: V) -> Result<(), CommitError> {
        if self.rows.contains_key(&key) {
            return Err(CommitError::Conflict);
        }
        self.put(key, row);
        Ok(())
    }

    /// Adds a row whose key must be unique; rejected as `taken` where there is one.
    pub(super) fn claim(&mut self, key: K, row: V, taken: Rejection) -> Result<(), CommitError> {
        self.insert(key, row).map_err(|_| taken.into())
    }

    /// Removes a row, where there is one.
    pub(super) fn remove(&mut self, key: &K) {
        if let Some(old) = self.rows.remove(key) {
            self.before.push((key.clone(), Some(old)));
        }
    }

    /// A copy of a row to be changed; a conflict where there is none.
    pub(super) fn read(&self, key: &K) -> Result<V, CommitError>
    where
        V: Clone,
    {
        self.rows.get(key).cloned().ok_or(CommitError::Conflict)
    }

    /// Keeps the changes.
    pub(super) fn accept(&mut self) {
        self.before.clear();
    }

    /// Takes the changes back.
    pub(super) fn take_back(&mut self) {
        for (key, old) in self.before.drain(..).rev() {
            match old {
                Some(row) => self.rows.insert(key, row),
                None => self.rows.remove(&key),
            };
        }
    }
}

impl<A: Ord + Copy, B: Ord + Copy + From<Uuid>> Table<(A, B), ()> {
    /// What this index lists under `head`, in order.
    pub(super) fn under(&self, head: A) -> impl DoubleEndedIterator<Item = B> + '_ {
        let (first, last) = (B::from(Uuid::nil()), B::from(Uuid::max()));
        let range = self.rows.range((head, first)..=(head, last));
        range.map(|((_, member), ())| *member)
    }
}
