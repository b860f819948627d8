//! Stock units.
//!
//! Where a unit is found by its id, its state is compared with a sub-query: a plan that knew the
//! state could take the index of free units instead of the key, and walk all of a shop's.

use uuid::Uuid;

use super::hints::Hints;
use super::member::{Member, Part, in_order};
use super::script::{Answers, Script, Step};
use crate::store::{StockClaim, StockWrite};

/// The first free units of products, from a unit on, passing over those that another process is
/// about to take.
pub(super) const CLAIM: Step = Step::read(
    "SELECT ARRAY[i.ord] AS numbers, ARRAY(
        SELECT id FROM units
        WHERE units.shop_id = i.shop_id AND units.product_id = i.product_id
            AND units.state = 'available' AND units.id >= i.first
        ORDER BY id LIMIT i.wanted FOR NO KEY UPDATE SKIP LOCKED) AS ids
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int8[])
        WITH ORDINALITY AS i (shop_id, product_id, first, wanted, ord)",
);

/// The first free units of products, waiting for those that another process is about to take.
pub(super) const CLAIM_ALL: Step = Step::read(
    "SELECT ARRAY[i.ord] AS numbers, ARRAY(
        SELECT id FROM units
        WHERE units.shop_id = i.shop_id AND units.product_id = i.product_id
            AND units.state = 'available'
        ORDER BY id LIMIT i.wanted FOR NO KEY UPDATE) AS ids
    FROM unnest($1::uuid[], $2::uuid[], $3::int8[])
        WITH ORDINALITY AS i (shop_id, product_id, wanted, ord)",
);

/// Units whose premise is that they are available.
pub(super) const AVAILABLE: Step = Step::read(
    "SELECT ARRAY[i.ord] AS numbers, NULL::uuid[] AS ids
    FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS i (shop_id, id, ord)
    JOIN units ON units.shop_id = i.shop_id AND units.id = i.id
        AND units.state = (SELECT 'available') -- guard: premise_unit
    FOR SHARE OF units",
);

const TAKE: Step = Step::guarded(
    "UPDATE units SET state = i.becomes, line_id = i.line_id
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[])
        WITH ORDINALITY AS i (shop_id, id, becomes, line_id, ord)
    WHERE units.shop_id = i.shop_id AND units.id = i.id
        AND units.state = (SELECT 'available') -- guard: stock_enough
    RETURNING i.ord",
);

const SELL: Step = Step::guarded(
    "UPDATE units SET state = 'sold'
    FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS i (shop_id, line_id, ord)
    WHERE units.shop_id = i.shop_id AND units.line_id = i.line_id
        AND units.state = 'held' -- guard: unit_sell_from
    RETURNING i.ord",
);

const RELEASE: Step = Step::read(
    "UPDATE units SET state = 'available', line_id = NULL
    FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS i (shop_id, line_id, ord)
    WHERE units.shop_id = i.shop_id AND units.line_id = i.line_id
        AND units.state = 'held' -- guard: unit_release_from
    RETURNING ARRAY[i.ord] AS numbers, ARRAY[units.shop_id, units.product_id, units.id] AS ids",
);

const WITHDRAW: Step = Step::guarded(
    "UPDATE units SET state = 'withdrawn'
    FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS i (shop_id, id, ord)
    WHERE units.shop_id = i.shop_id AND units.id = i.id
        AND units.state = (SELECT 'available') -- guard: unit_withdraw_from
    RETURNING i.ord",
);

const RESTORE: Step = Step::read(
    "UPDATE units SET state = 'available'
    FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS i (shop_id, id, ord)
    WHERE units.shop_id = i.shop_id AND units.id = i.id
        AND units.state = (SELECT 'withdrawn') -- guard: unit_restore_from
    RETURNING ARRAY[i.ord] AS numbers, ARRAY[units.shop_id, units.product_id, units.id] AS ids",
);

#[cfg(test)]
pub(super) const STEPS: &[Step] = &[
    CLAIM, CLAIM_ALL, AVAILABLE, TAKE, SELL, RELEASE, WITHDRAW, RESTORE,
];

/// A unit that a line of an order gets.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) unit: Uuid,
    pub(super) line: Uuid,
    pub(super) state: &'static str,
}

/// What a group does to stock units, but for adding them.
#[derive(Default)]
pub(super) struct Stock {
    sold: Vec<Part<StockClaim>>,
    released: Vec<Part<StockClaim>>,
    withdrawn: Vec<Part<Uuid>>,
    restored: Vec<Part<Uuid>>,
}

impl Stock {
    /// Units are taken and added elsewhere: which ones are taken is found out beforehand, and who
    /// adds some is a group by itself.
    pub(super) fn add(&mut self, member: Member, write: &StockWrite) {
        match write {
            StockWrite::Add { .. } | StockWrite::Hold { .. } | StockWrite::Take { .. } => {}
            StockWrite::Sell(claim) => self.sold.push(member.part(*claim)),
            StockWrite::Release(claim) => self.released.push(member.part(*claim)),
            StockWrite::Withdraw { units } => {
                let units = units.iter().map(|unit| member.part((*unit).into()));
                self.withdrawn.extend(units);
            }
            StockWrite::Restore { units } => {
                let units = units.iter().map(|unit| member.part((*unit).into()));
                self.restored.extend(units);
            }
        }
    }

    /// Units that are held by a line, and move on.
    pub(super) fn settle(&mut self, script: &mut Script) {
        in_order(&mut self.sold, |claim| claim.line);
        script
            .lay(SELL, &self.sold)
            .shops()
            .col(|part| Uuid::from(part.row.line))
            .or_conflict_unless(quantity); // guard: unit_sell_all
        in_order(&mut self.released, |claim| claim.line);
        script
            .lay(RELEASE, &self.released)
            .shops()
            .col(|part| Uuid::from(part.row.line))
            .or_conflict_unless(quantity); // guard: unit_release_all
        in_order(&mut self.withdrawn, |unit| *unit);
        script
            .lay(WITHDRAW, &self.withdrawn)
            .shops()
            .col(|part| part.row)
            .or_conflict();
        in_order(&mut self.restored, |unit| *unit);
        script
            .lay(RESTORE, &self.restored)
            .shops()
            .col(|part| part.row)
            .or_conflict();
    }
}

fn quantity(claim: &StockClaim) -> usize {
    usize::try_from(claim.quantity).unwrap_or(usize::MAX)
}

/// Gives units to lines.
pub(super) fn take(taken: &mut [Part<Taken>], script: &mut Script) {
    in_order(taken, |row| row.unit);
    script
        .lay(TAKE, taken)
        .shops()
        .col(|part| part.row.unit)
        .col(|part| part.row.state)
        .col(|part| part.row.line)
        .or_rival();
}

/// Lets later groups find the units that were given back.
pub(super) fn note_released(answers: &Answers, hints: &Hints) {
    for row in answers.of(RELEASE).chain(answers.of(RESTORE)) {
        if let [shop, product, unit] = row.ids[..] {
            hints.lower((shop, product), unit);
        }
    }
}
