//! Corrections of what is counted along the way.

use rusqlite::params;

use super::Done;
use super::apply::Scope;
use super::rows::{Code, one, run};
use crate::id::{CustomerId, OrderId, VoucherId};
use crate::money::Money;
use crate::store::RecountWrite;
use crate::voucher::Uses;

pub(super) fn apply(scope: Scope<'_>, write: &RecountWrite) -> Done {
    match *write {
        RecountWrite::Voucher { voucher, was, to } => uses(scope, voucher, was, to),
        RecountWrite::Wallet { customer, was, to } => wallet(scope, customer, was, to),
        RecountWrite::Order { order, was, to } => refunds(scope, order, was, to),
    }
}

fn uses(scope: Scope<'_>, voucher: VoucherId, was: Uses, to: Uses) -> Done {
    let sql = "UPDATE vouchers SET held = ?5, redeemed = ?6
        WHERE shop_id = ?1 AND id = ?2
            AND (held, redeemed) = (?3, ?4) -- guard: recount_uses_was
            AND (?5, ?6) = ( -- guard: recount_uses_rows
                SELECT count(*) FILTER (WHERE state = 'held'),
                    count(*) FILTER (WHERE state = 'redeemed')
                FROM redemptions INDEXED BY redemptions_live
                WHERE shop_id = ?1 AND voucher_id = ?2
                    AND state <> 'released')";
    let values = params![
        scope.key(),
        voucher.as_bytes(),
        was.held,
        was.redeemed,
        to.held,
        to.redeemed
    ];
    one(run(scope.conn, sql, values)?)
}

fn wallet(scope: Scope<'_>, customer: CustomerId, was: Money, to: Money) -> Done {
    let values = params![
        scope.key(),
        customer.as_bytes(),
        Code(was.currency()),
        was.minor(),
        to.minor()
    ];
    if was.is_zero() {
        let sql = "INSERT INTO wallets (shop_id, customer_id, currency, balance)
            VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
        run(
            scope.conn,
            sql,
            params![scope.key(), customer.as_bytes(), Code(was.currency()), 0],
        )?;
    }
    let sql = "UPDATE wallets SET balance = ?5
        WHERE shop_id = ?1 AND customer_id = ?2 AND currency = ?3
            AND balance = ?4 -- guard: recount_wallet_was
            AND ?5 = ( -- guard: recount_wallet_rows
                SELECT coalesce(sum(amount), 0) FROM postings INDEXED BY postings_by_wallet
                WHERE shop_id = ?1 AND customer_id = ?2
                    AND currency = ?3)";
    one(run(scope.conn, sql, values)?)
}

fn refunds(scope: Scope<'_>, order: OrderId, was: Money, to: Money) -> Done {
    let sql = "UPDATE orders SET refunded = ?5
        WHERE shop_id = ?1 AND id = ?2 AND currency = ?3
            AND refunded = ?4 -- guard: recount_refunds_was
            AND ?5 = ( -- guard: recount_refunds_rows
                SELECT coalesce(sum(value), 0) FROM refunds INDEXED BY refunds_of_order
                WHERE shop_id = ?1 AND order_id = ?2 AND value_currency = ?3
                    AND state <> 'failed')";
    let values = params![
        scope.key(),
        order.as_bytes(),
        Code(was.currency()),
        was.minor(),
        to.minor()
    ];
    one(run(scope.conn, sql, values)?)
}
