//! The batches of a group, and the rows they write.

use uuid::Uuid;

use crate::store::Batch;

/// A batch's place in its group, and what all of its rows share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    place: usize,
    shop: Uuid,
    at: i64,
}

impl Member {
    /// The batch at this place.
    pub(super) fn of(place: usize, batch: &Batch) -> Self {
        Self {
            place,
            shop: batch.shop.into(),
            at: batch.at.timestamp_micros(),
        }
    }

    /// Its shop.
    pub(super) const fn shop(self) -> Uuid {
        self.shop
    }

    /// A row of its batch.
    pub(super) fn part<R>(self, row: R) -> Part<R> {
        Part {
            member: self.place,
            shop: self.shop,
            at: self.at,
            row,
        }
    }
}

/// A row, with the batch that writes it.
#[derive(Debug)]
pub(super) struct Part<R> {
    /// The place of its batch in the group.
    pub(super) member: usize,
    /// Its shop.
    pub(super) shop: Uuid,
    /// When the batch was decided, in microseconds.
    pub(super) at: i64,
    /// The row.
    pub(super) row: R,
}

/// Rows are locked in the order of their keys, so that groups rarely wait in a circle.
pub(super) fn in_order<R, K: Ord>(parts: &mut [Part<R>], key: impl Fn(&R) -> K) {
    parts.sort_by_cached_key(|part| (part.shop, key(&part.row)));
}
