//! Corrections of what is counted along the way.
//!
//! A count changes in the batch that changes what it counts, so one that is as it was read still
//! counts as many rows, whatever happened meanwhile.

use uuid::Uuid;

use super::member::{Member, Part, in_order};
use super::script::{Columns, Script, Step};
use crate::id::{CustomerId, OrderId, VoucherId};
use crate::money::Money;
use crate::store::RecountWrite;
use crate::voucher::Uses;

const USES: Step = Step::guarded(
    "UPDATE vouchers SET held = i.held, redeemed = i.redeemed
    FROM unnest($1::uuid[], $2::uuid[], $3::int8[], $4::int8[], $5::int8[], $6::int8[])
        WITH ORDINALITY AS i (shop_id, id, was_held, was_redeemed, held, redeemed, ord)
    WHERE vouchers.shop_id = i.shop_id AND vouchers.id = i.id
        AND (vouchers.held, vouchers.redeemed) =
            (i.was_held, i.was_redeemed) -- guard: recount_uses_was
        AND (i.held, i.redeemed) = ( -- guard: recount_uses_rows
            SELECT count(*) FILTER (WHERE redemptions.state = 'held'),
                count(*) FILTER (WHERE redemptions.state = 'redeemed')
            FROM redemptions
            WHERE redemptions.shop_id = i.shop_id AND redemptions.voucher_id = i.id
                AND redemptions.state <> 'released')
    RETURNING i.ord",
);

const WALLET: Step = Step::guarded(
    "UPDATE wallets SET balance = i.becomes
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int8[], $5::int8[])
        WITH ORDINALITY AS i (shop_id, customer_id, currency, was, becomes, ord)
    WHERE wallets.shop_id = i.shop_id AND wallets.customer_id = i.customer_id
        AND wallets.currency = i.currency
        AND wallets.balance = i.was -- guard: recount_wallet_was
        AND i.becomes = ( -- guard: recount_wallet_rows
            SELECT coalesce(sum(postings.amount), 0) FROM postings
            WHERE postings.shop_id = i.shop_id AND postings.customer_id = i.customer_id
                AND postings.currency = i.currency)
    RETURNING i.ord",
);

/// Where nothing is counted there may be no wallet.
const EMPTY_WALLET: Step = Step::keyed(
    "INSERT INTO wallets (shop_id, customer_id, currency, balance)
    SELECT i.shop_id, i.customer_id, i.currency, i.becomes
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int8[])
        AS i (shop_id, customer_id, currency, becomes)
    WHERE i.becomes = ( -- guard: recount_empty_wallet_rows
        SELECT coalesce(sum(postings.amount), 0) FROM postings
        WHERE postings.shop_id = i.shop_id AND postings.customer_id = i.customer_id
            AND postings.currency = i.currency)
    ON CONFLICT (shop_id, customer_id, currency)
    DO UPDATE SET balance = excluded.balance
    WHERE wallets.balance = 0 -- guard: recount_empty_wallet_was
    RETURNING customer_id AS id",
);

const REFUNDS: Step = Step::guarded(
    "UPDATE orders SET refunded = i.becomes
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int8[], $5::int8[])
        WITH ORDINALITY AS i (shop_id, id, currency, was, becomes, ord)
    WHERE orders.shop_id = i.shop_id AND orders.id = i.id AND orders.currency = i.currency
        AND orders.refunded = i.was -- guard: recount_refunds_was
        AND i.becomes = ( -- guard: recount_refunds_rows
            SELECT coalesce(sum(refunds.value), 0) FROM refunds
            WHERE refunds.shop_id = i.shop_id AND refunds.order_id = i.id
                AND refunds.value_currency = i.currency AND refunds.state <> 'failed')
    RETURNING i.ord",
);

#[cfg(test)]
pub(super) const STEPS: &[Step] = &[USES, WALLET, EMPTY_WALLET, REFUNDS];

struct Count<K, C> {
    of: K,
    was: C,
    to: C,
}

/// What a group recounts.
#[derive(Default)]
pub(super) struct Recounts {
    uses: Vec<Part<Count<VoucherId, Uses>>>,
    wallets: Vec<Part<Count<CustomerId, Money>>>,
    empty_wallets: Vec<Part<Count<CustomerId, Money>>>,
    refunds: Vec<Part<Count<OrderId, Money>>>,
}

impl Recounts {
    pub(super) fn add(&mut self, member: Member, write: &RecountWrite) {
        match *write {
            RecountWrite::Voucher {
                voucher: of,
                was,
                to,
            } => self.uses.push(member.part(Count { of, was, to })),
            RecountWrite::Wallet {
                customer: of,
                was,
                to,
            } => {
                let wallets = if was.is_zero() {
                    &mut self.empty_wallets
                } else {
                    &mut self.wallets
                };
                wallets.push(member.part(Count { of, was, to }));
            }
            RecountWrite::Order { order: of, was, to } => {
                self.refunds.push(member.part(Count { of, was, to }));
            }
        }
    }

    pub(super) fn settle(&mut self, script: &mut Script) {
        in_order(&mut self.uses, |row| row.of);
        script
            .lay(USES, &self.uses)
            .shops()
            .col(|part| Uuid::from(part.row.of))
            .col(|part| i64::from(part.row.was.held))
            .col(|part| i64::from(part.row.was.redeemed))
            .col(|part| i64::from(part.row.to.held))
            .col(|part| i64::from(part.row.to.redeemed))
            .or_conflict();
        in_order(&mut self.wallets, |row| row.of);
        amounts(script.lay(WALLET, &self.wallets)).or_conflict();
        in_order(&mut self.empty_wallets, |row| row.of);
        script
            .lay(EMPTY_WALLET, &self.empty_wallets)
            .shops()
            .col(|part| Uuid::from(part.row.of))
            .currency(|part| part.row.was.currency())
            .col(|part| part.row.to.minor())
            .or_conflict_of(|row| row.of.into());
        in_order(&mut self.refunds, |row| row.of);
        amounts(script.lay(REFUNDS, &self.refunds)).or_conflict();
    }
}

fn amounts<K>(columns: Columns<'_, Part<Count<K, Money>>>) -> Columns<'_, Part<Count<K, Money>>>
where
    K: Copy + Into<Uuid>,
{
    columns
        .shops()
        .col(|part| part.row.of.into())
        .currency(|part| part.row.was.currency())
        .col(|part| part.row.was.minor())
        .col(|part| part.row.to.minor())
}
