//! How often a group uses vouchers.
//!
//! The uses that are left are read before anything is written, and counted down batch by batch, so
//! that a batch that finds none is refused alone. The counters of a voucher are changed once for
//! the whole group, last of all, and only where what another process did meanwhile leaves room.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::PgConnection;
use uuid::Uuid;

use super::failure::Failure;
use super::script::{Answers, Script, Step};
use crate::id::{CustomerId, OrderId, VoucherId};
use crate::store::{Rejection, VoucherWrite};

const READ: Step = Step::read(
    "SELECT ARRAY[i.ord, vouchers.uses_max - vouchers.held - vouchers.redeemed,
            coalesce(vouchers.uses_max_per_customer, -1), vouchers.terms_version]::int8[] AS numbers,
        NULL::uuid[] AS ids
    FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS i (shop_id, id, ord)
    JOIN vouchers ON vouchers.shop_id = i.shop_id AND vouchers.id = i.id",
);

const LOCK: Step = Step::read(
    "SELECT ARRAY[i.ord] AS numbers, NULL::uuid[] AS ids
    FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS i (shop_id, id, ord)
    JOIN vouchers ON vouchers.shop_id = i.shop_id AND vouchers.id = i.id
    FOR NO KEY UPDATE OF vouchers",
);

/// The live uses of customers, where the voucher limits them.
const READ_CUSTOMERS: Step = Step::read(
    "SELECT ARRAY[i.ord, (
            SELECT count(*) FROM redemptions
            WHERE redemptions.shop_id = i.shop_id AND redemptions.voucher_id = i.voucher_id
                AND redemptions.customer_id = i.customer_id AND redemptions.state <> 'released'
        )] AS numbers, NULL::uuid[] AS ids
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[])
        WITH ORDINALITY AS i (shop_id, voucher_id, customer_id, ord)
    JOIN vouchers ON vouchers.shop_id = i.shop_id AND vouchers.id = i.voucher_id
        AND vouchers.uses_max_per_customer IS NOT NULL",
);

/// Orders that have a use already, but for a released one that may be taken again.
const READ_BLOCKED: Step = Step::read(
    "SELECT ARRAY[i.ord] AS numbers, NULL::uuid[] AS ids
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bool[])
        WITH ORDINALITY AS i (shop_id, order_id, voucher_id, taken, ord)
    JOIN redemptions ON redemptions.shop_id = i.shop_id AND redemptions.order_id = i.order_id
    WHERE NOT (i.taken AND redemptions.voucher_id = i.voucher_id
        AND redemptions.state = 'released')",
);

/// Uses that are given back twice must not reach the table's own check, which names nobody.
const COUNT: Step = Step::guarded(
    "UPDATE vouchers SET held = vouchers.held + i.held, redeemed = vouchers.redeemed + i.redeemed
    FROM unnest($1::uuid[], $2::uuid[], $3::int8[], $4::int8[], $5::int8[])
        WITH ORDINALITY AS i (shop_id, id, held, redeemed, version, ord)
    WHERE vouchers.shop_id = i.shop_id AND vouchers.id = i.id
        AND (i.version IS NULL OR vouchers.terms_version = i.version)
        AND vouchers.held + i.held >= 0
        AND (i.held + i.redeemed <= 0
            OR vouchers.held + vouchers.redeemed + i.held + i.redeemed <= vouchers.uses_max)
    RETURNING i.ord",
);

/// Terms that were read, of vouchers that are not counted.
const STAND: Step = Step::guarded(
    "SELECT i.ord
    FROM unnest($1::uuid[], $2::uuid[], $3::int8[])
        WITH ORDINALITY AS i (shop_id, id, version, ord)
    JOIN vouchers ON vouchers.shop_id = i.shop_id AND vouchers.id = i.id
        AND vouchers.terms_version = i.version
    FOR SHARE OF vouchers",
);

/// Customers who used no voucher more often than allowed.
const WITHIN_LIMIT: Step = Step::guarded(
    "SELECT i.ord
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[])
        WITH ORDINALITY AS i (shop_id, voucher_id, customer_id, ord)
    JOIN vouchers ON vouchers.shop_id = i.shop_id AND vouchers.id = i.voucher_id
    WHERE coalesce(vouchers.uses_max_per_customer >= (
        SELECT count(*) FROM redemptions
        WHERE redemptions.shop_id = i.shop_id AND redemptions.voucher_id = i.voucher_id
            AND redemptions.customer_id = i.customer_id AND redemptions.state <> 'released'), TRUE)",
);

#[cfg(test)]
pub(super) const STEPS: &[Step] = &[
    READ,
    LOCK,
    READ_CUSTOMERS,
    READ_BLOCKED,
    COUNT,
    STAND,
    WITHIN_LIMIT,
];

type Key = (Uuid, VoucherId);
type User = (Uuid, VoucherId, CustomerId);

/// What is known of a voucher, and what the group changes.
#[derive(Default)]
struct Count {
    stored: Option<Stored>,
    held: i64,
    redeemed: i64,
    is_used: bool,
    is_premise: bool,
}

#[derive(Clone, Copy)]
struct Stored {
    left: i64,
    per_customer: Option<i64>,
    version: i64,
}

/// A new use of a voucher.
struct Use {
    voucher: VoucherId,
    order: OrderId,
    customer: CustomerId,
    taken: bool,
}

impl Use {
    fn of(write: &VoucherWrite) -> Option<Self> {
        let (voucher, order, customer, taken) = match *write {
            VoucherWrite::Hold {
                voucher,
                order,
                customer,
            } => (voucher, order, customer, false),
            VoucherWrite::Take {
                voucher,
                order,
                customer,
            } => (voucher, order, customer, true),
            VoucherWrite::Add(_)
            | VoucherWrite::UpdateTerms { .. }
            | VoucherWrite::Redeem { .. }
            | VoucherWrite::Release { .. } => return None,
        };
        Some(Self {
            voucher,
            order,
            customer,
            taken,
        })
    }
}

/// The vouchers that a group uses, or whose terms it read.
#[derive(Default)]
pub(super) struct Uses {
    counts: BTreeMap<Key, Count>,
    users: BTreeMap<User, i64>,
    orders: BTreeMap<(Uuid, OrderId), (VoucherId, bool)>,
    blocked: BTreeSet<(Uuid, OrderId)>,
}

impl Uses {
    /// Notes a use that a write makes.
    pub(super) fn ask(&mut self, shop: Uuid, write: &VoucherWrite) {
        if let Some(used) = Use::of(write) {
            self.counts.entry((shop, used.voucher)).or_default();
            self.users.insert((shop, used.voucher, used.customer), 0);
            self.orders
                .insert((shop, used.order), (used.voucher, used.taken));
        }
    }

    /// Notes that the terms of a voucher were read.
    pub(super) fn ask_terms(&mut self, shop: Uuid, voucher: VoucherId) {
        self.counts.entry((shop, voucher)).or_default();
    }

    /// Keeps other processes from the vouchers until the group is done.
    pub(super) fn lock(&self, script: &mut Script) {
        self.lay_vouchers(LOCK, script);
    }

    pub(super) fn lay(&self, script: &mut Script) {
        self.lay_vouchers(READ, script);
        let users: Vec<_> = self.users.keys().copied().collect();
        lay_users(READ_CUSTOMERS, &users, script);
        let orders: Vec<_> = self.orders.iter().collect();
        script
            .lay(READ_BLOCKED, &orders)
            .col(|((shop, _), _)| *shop)
            .col(|((_, order), _)| Uuid::from(*order))
            .col(|(_, (voucher, _))| Uuid::from(*voucher))
            .col(|(_, (_, taken))| *taken);
    }

    fn lay_vouchers(&self, step: Step, script: &mut Script) {
        let keys: Vec<_> = self.counts.keys().collect();
        script
            .lay(step, &keys)
            .col(|(shop, _)| *shop)
            .col(|(_, voucher)| Uuid::from(*voucher));
    }

    pub(super) fn read(&mut self, answers: &Answers) {
        let mut counts: Vec<_> = self.counts.values_mut().collect();
        for row in answers.of(READ) {
            if let Some(count) = counts.get_mut(row.place()) {
                count.stored = Some(Stored {
                    left: row.number(1),
                    per_customer: Some(row.number(2)).filter(|limit| *limit >= 0),
                    version: row.number(3),
                });
            }
        }
        let mut users: Vec<_> = self.users.values_mut().collect();
        for row in answers.of(READ_CUSTOMERS) {
            if let Some(uses) = users.get_mut(row.place()) {
                **uses = row.number(1);
            }
        }
        let orders: Vec<_> = self.orders.keys().copied().collect();
        let blocked = answers.of(READ_BLOCKED);
        self.blocked = blocked
            .filter_map(|row| orders.get(row.place()).copied())
            .collect();
    }

    /// Whether the terms of a voucher have this version.
    pub(super) fn has_version(&self, shop: Uuid, voucher: VoucherId, version: u32) -> bool {
        let stored = self
            .counts
            .get(&(shop, voucher))
            .and_then(|count| count.stored);
        stored.is_some_and(|stored| stored.version == i64::from(version)) // guard: premise_voucher
    }

    /// Remembers that what is applied rests on the terms that were read.
    pub(super) fn rest_on(&mut self, shop: Uuid, voucher: VoucherId) {
        self.counts.entry((shop, voucher)).or_default().is_premise = true;
    }

    /// Whether the use that a write makes is left.
    pub(super) fn check(&self, shop: Uuid, write: &VoucherWrite) -> Result<(), Failure> {
        let Some(used) = Use::of(write) else {
            return Ok(());
        };
        let voucher = used.voucher;
        // guard: voucher_take_from
        if self.blocked.contains(&(shop, used.order)) {
            return Err(Failure::Conflict);
        }
        let count = self.counts.get(&(shop, voucher));
        let stored = count.and_then(|count| count.stored);
        let stored = stored.ok_or(Failure::Rejected(Rejection::Dangling))?;
        if stored.left <= 0 {
            return Err(Rejection::VoucherExhausted { voucher }.into()); // guard: voucher_uses
        }
        let uses = self.users.get(&(shop, voucher, used.customer)).copied();
        if stored
            .per_customer
            .is_some_and(|most| uses.unwrap_or(0) >= most)
        {
            return Err(Rejection::VoucherExhaustedForCustomer { voucher }.into()); // guard: voucher_customer
        }
        Ok(())
    }

    /// Counts what a write does.
    pub(super) fn count(&mut self, shop: Uuid, write: &VoucherWrite) {
        let (voucher, held, redeemed) = match *write {
            VoucherWrite::Hold { voucher, .. } => (voucher, 1, 0),
            VoucherWrite::Take { voucher, .. } => (voucher, 0, 1),
            VoucherWrite::Redeem { voucher, .. } => (voucher, -1, 1),
            VoucherWrite::Release { voucher, .. } => (voucher, -1, 0),
            VoucherWrite::Add(_) | VoucherWrite::UpdateTerms { .. } => return,
        };
        let count = self.counts.entry((shop, voucher)).or_default();
        count.held += held;
        count.redeemed += redeemed;
        count.is_used = true;
        // A use that is given back is left to later groups: the use itself may be gone by now.
        if let (Some(used), Some(stored)) = (Use::of(write), &mut count.stored) {
            stored.left -= 1;
            *self
                .users
                .entry((shop, voucher, used.customer))
                .or_default() += 1;
        }
    }

    /// Changes the counters.
    pub(super) fn write(&self, script: &mut Script) {
        let premises = self.counts.iter();
        let stood: Vec<_> = premises
            .filter(|(_, count)| count.is_premise && !count.is_used)
            .collect();
        script
            .lay(STAND, &stood)
            .col(|((shop, _), _)| *shop)
            .col(|((_, voucher), _)| Uuid::from(*voucher))
            .col(|(_, count)| count.version())
            .or_rival();
        let used: Vec<_> = self
            .counts
            .iter()
            .filter(|(_, count)| count.is_used)
            .collect();
        script
            .lay(COUNT, &used)
            .col(|((shop, _), _)| *shop)
            .col(|((_, voucher), _)| Uuid::from(*voucher))
            .col(|(_, count)| count.held)
            .col(|(_, count)| count.redeemed)
            .col(|(_, count)| count.version())
            .or_rival();
    }

    /// Whether customers are still within their limits now that the counters are locked: nobody
    /// else can use these vouchers any more, and who did before is seen.
    pub(super) async fn within_limits(&self, conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
        let limited = |(shop, voucher, _): &&User| {
            let count = self.counts.get(&(*shop, *voucher));
            count.is_some_and(|count| count.is_used && count.is_limited())
        };
        let users: Vec<_> = self.users.keys().filter(limited).copied().collect();
        if users.is_empty() {
            return Ok(true);
        }
        let mut script = Script::default();
        lay_users(WITHIN_LIMIT, &users, &mut script);
        Ok(script.run(conn).await?.stopped().is_empty())
    }
}

fn lay_users(step: Step, users: &[User], script: &mut Script) {
    let columns = script
        .lay(step, users)
        .col(|(shop, ..)| *shop)
        .col(|(_, voucher, _)| Uuid::from(*voucher))
        .col(|(.., customer)| Uuid::from(*customer));
    columns.or_rival();
}

impl Count {
    /// The version that the terms must still have.
    fn version(&self) -> Option<i64> {
        self.stored
            .filter(|_| self.is_premise)
            .map(|stored| stored.version)
    }

    fn is_limited(&self) -> bool {
        self.stored
            .is_some_and(|stored| stored.per_customer.is_some())
    }
}
