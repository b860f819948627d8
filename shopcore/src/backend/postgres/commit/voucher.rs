//! Vouchers and their uses.
//!
//! A use is found by its order; its voucher and state are compared so that no plan takes the index
//! of a voucher's live uses instead, of which there may be many.

use sqlx::PgConnection;
use uuid::Uuid;

use super::failure::Failure;
use super::member::{Member, Part, in_order};
use super::script::{Columns, Script, Step};
use crate::backend::postgres::rows::Label;
use crate::id::VoucherId;
use crate::money::Money;
use crate::store::{Rejection, VoucherWrite};
use crate::voucher::{Discount, Voucher, VoucherTerms};

const ADD: Step = Step::silent(
    "INSERT INTO vouchers (shop_id, id, percent, fixed, fixed_currency, scope, starts_at, ends_at,
        minimum_spend, minimum_spend_currency, maximum_discount, maximum_discount_currency,
        uses_max, uses_max_per_customer, switch, terms_version, code, held, redeemed)
    SELECT i.*, 0, 0 FROM unnest($1::uuid[], $2::uuid[], $3::int8[], $4::int8[], $5::text[],
        $6::text[], $7::int8[], $8::int8[], $9::int8[], $10::text[], $11::int8[], $12::text[],
        $13::int8[], $14::int8[], $15::text[], $16::int8[], $17::text[]) AS i",
);

/// Vouchers whose terms are to be replaced, kept from use until then.
const LOCK_TERMS: Step = Step::read(
    "SELECT ARRAY[i.ord, vouchers.terms_version, vouchers.held + vouchers.redeemed]::int8[] AS numbers,
        NULL::uuid[] AS ids
    FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS i (shop_id, id, ord)
    JOIN vouchers ON vouchers.shop_id = i.shop_id AND vouchers.id = i.id
    FOR NO KEY UPDATE OF vouchers",
);

const MOST_USES: Step = Step::read(
    "SELECT ARRAY[i.ord, most.uses]::int8[] AS numbers, NULL::uuid[] AS ids
    FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS i (shop_id, id, ord)
    CROSS JOIN LATERAL (
        SELECT count(*) AS uses FROM redemptions
        WHERE redemptions.shop_id = i.shop_id AND redemptions.voucher_id = i.id
            AND redemptions.state <> 'released'
        GROUP BY redemptions.customer_id ORDER BY uses DESC LIMIT 1) AS most",
);

const UPDATE_TERMS: Step = Step::guarded(
    "UPDATE vouchers SET percent = i.percent, fixed = i.fixed, fixed_currency = i.fixed_currency,
        scope = i.scope, starts_at = i.starts_at, ends_at = i.ends_at,
        minimum_spend = i.minimum_spend, minimum_spend_currency = i.minimum_spend_currency,
        maximum_discount = i.maximum_discount,
        maximum_discount_currency = i.maximum_discount_currency, uses_max = i.uses_max,
        uses_max_per_customer = i.uses_max_per_customer, switch = i.switch,
        terms_version = i.terms_version
    FROM unnest($1::uuid[], $2::uuid[], $3::int8[], $4::int8[], $5::text[], $6::text[], $7::int8[],
            $8::int8[], $9::int8[], $10::text[], $11::int8[], $12::text[], $13::int8[],
            $14::int8[], $15::text[], $16::int8[], $17::int8[])
        WITH ORDINALITY AS i (shop_id, id, percent, fixed, fixed_currency, scope, starts_at,
            ends_at, minimum_spend, minimum_spend_currency, maximum_discount,
            maximum_discount_currency, uses_max, uses_max_per_customer, switch, terms_version, was,
            ord)
    WHERE vouchers.shop_id = i.shop_id AND vouchers.id = i.id
        AND vouchers.terms_version = i.was -- guard: voucher_terms_version
    RETURNING i.ord",
);

const HOLD: Step = Step::silent(
    "INSERT INTO redemptions (shop_id, voucher_id, order_id, customer_id, state)
    SELECT i.*, 'held' FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) AS i",
);

const TAKE: Step = Step::keyed(
    "INSERT INTO redemptions (shop_id, voucher_id, order_id, customer_id, state)
    SELECT i.*, 'redeemed' FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) AS i
    ON CONFLICT (shop_id, order_id)
    DO UPDATE SET state = 'redeemed', customer_id = excluded.customer_id
    WHERE redemptions.voucher_id = excluded.voucher_id
        AND redemptions.state = 'released' -- guard: voucher_take_from
    RETURNING order_id AS id",
);

const MOVE: Step = Step::guarded(
    "UPDATE redemptions SET state = i.becomes
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[])
        WITH ORDINALITY AS i (shop_id, voucher_id, order_id, becomes, ord)
    WHERE redemptions.shop_id = i.shop_id AND redemptions.order_id = i.order_id
        AND redemptions.voucher_id IS NOT DISTINCT FROM i.voucher_id
        AND redemptions.state = (SELECT 'held') -- guard: voucher_move_from
    RETURNING i.ord",
);

#[cfg(test)]
pub(super) const STEPS: &[Step] = &[ADD, LOCK_TERMS, MOST_USES, UPDATE_TERMS, HOLD, TAKE, MOVE];

struct Update<'a> {
    voucher: VoucherId,
    terms: &'a VoucherTerms,
    was: u32,
}

/// Who uses which voucher for what.
struct Use {
    voucher: Uuid,
    order: Uuid,
    customer: Uuid,
}

struct Move {
    voucher: Uuid,
    order: Uuid,
    to: &'static str,
}

/// What a group does to vouchers, but for counting their uses.
#[derive(Default)]
pub(super) struct Vouchers<'a> {
    added: Vec<Part<&'a Voucher>>,
    updated: Vec<Part<Update<'a>>>,
    held: Vec<Part<Use>>,
    taken: Vec<Part<Use>>,
    moves: Vec<Part<Move>>,
}

impl<'a> Vouchers<'a> {
    pub(super) fn add(&mut self, member: Member, write: &'a VoucherWrite) {
        let used =
            |voucher: VoucherId, order: crate::id::OrderId, customer: crate::id::CustomerId| Use {
                voucher: voucher.into(),
                order: order.into(),
                customer: customer.into(),
            };
        let moved = |voucher: VoucherId, order: crate::id::OrderId, to| Move {
            voucher: voucher.into(),
            order: order.into(),
            to,
        };
        match *write {
            VoucherWrite::Add(ref voucher) => self.added.push(member.part(voucher)),
            VoucherWrite::UpdateTerms {
                voucher,
                ref terms,
                was,
            } => self.updated.push(member.part(Update {
                voucher,
                terms,
                was,
            })),
            VoucherWrite::Hold {
                voucher,
                order,
                customer,
            } => self.held.push(member.part(used(voucher, order, customer))),
            VoucherWrite::Take {
                voucher,
                order,
                customer,
            } => self.taken.push(member.part(used(voucher, order, customer))),
            VoucherWrite::Redeem { voucher, order } => {
                self.moves
                    .push(member.part(moved(voucher, order, "redeemed")));
            }
            VoucherWrite::Release { voucher, order } => {
                self.moves
                    .push(member.part(moved(voucher, order, "released")));
            }
        }
    }

    /// Which updates of terms are refused. What the others change is locked from here on.
    pub(super) async fn refused(
        &mut self,
        conn: &mut PgConnection,
    ) -> Result<Vec<(usize, Failure)>, sqlx::Error> {
        if self.updated.is_empty() {
            return Ok(Vec::new());
        }
        in_order(&mut self.updated, |row| row.voucher);
        let mut stored = self.read(LOCK_TERMS, conn).await?;
        // Counted by a statement of its own: the one that waited for the lock sees no later uses.
        let most = self.read(MOST_USES, conn).await?;
        let updated = self.updated.iter().enumerate();
        let refused = updated.filter_map(|(place, part)| {
            let most = most
                .iter()
                .find(|row| row.0 == place)
                .map_or(0, |row| row.1);
            let stored = stored.iter_mut().find(|row| row.0 == place);
            let stored = stored.map(|row| (row.1, row.2));
            let failure = part.row.refusal(stored, most)?;
            Some((part.member, failure))
        });
        Ok(refused.collect())
    }

    async fn read(
        &self,
        step: Step,
        conn: &mut PgConnection,
    ) -> Result<Vec<(usize, i64, i64)>, sqlx::Error> {
        let mut script = Script::default();
        script
            .lay(step, &self.updated)
            .shops()
            .col(|part| Uuid::from(part.row.voucher));
        let answers = script.run(conn).await?;
        let rows = answers.of(step);
        Ok(rows
            .map(|row| (row.place(), row.number(1), row.number(2)))
            .collect())
    }

    /// New vouchers and new terms.
    pub(super) fn found(&self, script: &mut Script) {
        let added = script.lay(ADD, &self.added).shops();
        terms(added.col(|part| Uuid::from(part.row.id)), |voucher| {
            &voucher.terms
        })
        .col(|part| i64::from(part.row.terms_version))
        .col(|part| part.row.code.as_str());
        let updated = script.lay(UPDATE_TERMS, &self.updated).shops();
        terms(updated.col(|part| Uuid::from(part.row.voucher)), |row| {
            row.terms
        })
        .col(|part| i64::from(part.row.was) + 1)
        .col(|part| i64::from(part.row.was))
        .or_conflict();
    }

    /// New uses.
    pub(super) fn place(&mut self, script: &mut Script) {
        uses(script.lay(HOLD, &self.held));
        in_order(&mut self.taken, |row| row.order);
        uses(script.lay(TAKE, &self.taken)).or_conflict_of(|row| row.order);
    }

    /// Uses that move on.
    pub(super) fn settle(&mut self, script: &mut Script) {
        in_order(&mut self.moves, |row| row.order);
        script
            .lay(MOVE, &self.moves)
            .shops()
            .col(|part| part.row.voucher)
            .col(|part| part.row.order)
            .col(|part| part.row.to)
            .or_conflict();
    }
}

impl Update<'_> {
    /// Why it is refused, given the voucher's version and uses, and the most uses of one customer.
    fn refusal(&self, stored: Option<(i64, i64)>, most: i64) -> Option<Failure> {
        let voucher = self.voucher;
        let Some((version, uses)) = stored else {
            return Some(Failure::Conflict);
        };
        // guard: voucher_terms_version
        if version != i64::from(self.was) {
            return Some(Failure::Conflict);
        }
        // guard: voucher_terms_uses
        if uses > i64::from(self.terms.uses_max) {
            return Some(Rejection::VoucherExhausted { voucher }.into());
        }
        let allowed = self.terms.uses_max_per_customer.map_or(i64::MAX, i64::from);
        // guard: voucher_terms_customer
        (most > allowed).then(|| Rejection::VoucherExhaustedForCustomer { voucher }.into())
    }
}

fn uses<'s>(columns: Columns<'s, Part<Use>>) -> Columns<'s, Part<Use>> {
    columns
        .shops()
        .col(|part| part.row.voucher)
        .col(|part| part.row.order)
        .col(|part| part.row.customer)
}

fn terms<'s, R>(
    columns: Columns<'s, Part<R>>,
    terms: impl Fn(&'s R) -> &'s VoucherTerms,
) -> Columns<'s, Part<R>> {
    let of = |part: &'s Part<R>| terms(&part.row);
    let code = |amount: Option<Money>| amount.map(|amount| amount.currency().to_string());
    columns
        .col(|part| percent(&of(part).discount))
        .col(|part| fixed(&of(part).discount).map(Money::minor))
        .col(|part| code(fixed(&of(part).discount)))
        .json(|part| &of(part).scope)
        .col(|part| of(part).starts_at.map(|at| at.timestamp_micros()))
        .col(|part| of(part).ends_at.map(|at| at.timestamp_micros()))
        .col(|part| of(part).minimum_spend.map(Money::minor))
        .col(|part| code(of(part).minimum_spend))
        .col(|part| of(part).maximum_discount.map(Money::minor))
        .col(|part| code(of(part).maximum_discount))
        .col(|part| i64::from(of(part).uses_max))
        .col(|part| of(part).uses_max_per_customer.map(i64::from))
        .col(|part| Label(of(part).switch).to_string())
}

fn percent(discount: &Discount) -> Option<i64> {
    match discount {
        Discount::Percent(percent) => Some(percent.basis_points().into()),
        Discount::Fixed(_) => None,
    }
}

const fn fixed(discount: &Discount) -> Option<Money> {
    match discount {
        Discount::Percent(_) => None,
        Discount::Fixed(amount) => Some(*amount),
    }
}
