//! Vouchers and their uses. The counters are guarded in the statements that change them.

use async_trait::async_trait;
use rusqlite::{Connection, Row, ToSql, params};

use super::apply::Scope;
use super::failure::{Failure, or_taken};
use super::rows::{At, Code, Columns, Json, Label, Sql, all, count, find, one, run};
use super::{Done, Read, SqliteStore};
use crate::id::{CustomerId, OrderId, ShopId, VoucherId};
use crate::money::Money;
use crate::store::{Listing, Page, Rejection, VoucherReader, VoucherWrite};
use crate::text::VoucherCode;
use crate::voucher::{Discount, Redemption, Voucher, VoucherTerms};

/// Who uses which voucher for what.
#[derive(Clone, Copy)]
struct Use {
    voucher: VoucherId,
    order: OrderId,
    customer: CustomerId,
}

pub(super) fn apply(scope: Scope<'_>, write: &VoucherWrite) -> Done {
    match *write {
        VoucherWrite::Add(ref voucher) => add(scope, voucher),
        VoucherWrite::UpdateTerms {
            voucher,
            ref terms,
            was,
        } => update_terms(scope, voucher, terms, was),
        VoucherWrite::Hold {
            voucher,
            order,
            customer,
        } => hold(
            scope,
            Use {
                voucher,
                order,
                customer,
            },
        ),
        VoucherWrite::Take {
            voucher,
            order,
            customer,
        } => take(
            scope,
            Use {
                voucher,
                order,
                customer,
            },
        ),
        VoucherWrite::Redeem { voucher, order } => redeem(scope, voucher, order),
        VoucherWrite::Release { voucher, order } => release(scope, voucher, order),
    }
}

fn add(scope: Scope<'_>, voucher: &Voucher) -> Done {
    let sql = "INSERT INTO vouchers (shop_id, id, percent, fixed, fixed_currency, scope, starts_at,
            ends_at, minimum_spend, minimum_spend_currency, maximum_discount,
            maximum_discount_currency, uses_max, uses_max_per_customer, switch, terms_version,
            code, held, redeemed)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, 0, 0)";
    let code = voucher.code.as_str();
    let added = write_terms(
        scope,
        sql,
        voucher.id,
        &voucher.terms,
        (voucher.terms_version, &code),
    );
    added.map_err(or_taken(Rejection::VoucherCodeTaken))?;
    Ok(())
}

fn update_terms(scope: Scope<'_>, voucher: VoucherId, terms: &VoucherTerms, was: u32) -> Done {
    let sql = "UPDATE vouchers SET percent = ?3, fixed = ?4, fixed_currency = ?5, scope = ?6,
            starts_at = ?7, ends_at = ?8, minimum_spend = ?9, minimum_spend_currency = ?10,
            maximum_discount = ?11, maximum_discount_currency = ?12, uses_max = ?13,
            uses_max_per_customer = ?14, switch = ?15, terms_version = ?16
        WHERE shop_id = ?1 AND id = ?2
            AND terms_version = ?17 -- guard: voucher_terms_version
            AND held + redeemed <= ?13 -- guard: voucher_terms_uses
            AND coalesce(?14 >= (
                SELECT max(uses) FROM (
                    SELECT count(*) AS uses FROM redemptions INDEXED BY redemptions_live
                    WHERE shop_id = ?1 AND voucher_id = ?2 AND state <> 'released'
                    GROUP BY customer_id)), TRUE) -- guard: voucher_terms_customer";
    let changed = write_terms(scope, sql, voucher, terms, (was.saturating_add(1), &was))?;
    if changed == 1 {
        return Ok(());
    }
    let stored = find_by_id(scope.conn, scope.shop, voucher)?;
    let Some(stored) = stored.filter(|stored| stored.terms_version == was) else {
        return Err(Failure::Conflict);
    };
    let uses = stored.held.saturating_add(stored.redeemed);
    Err(if uses > terms.uses_max {
        Rejection::VoucherExhausted { voucher }.into()
    } else {
        Rejection::VoucherExhaustedForCustomer { voucher }.into()
    })
}

fn write_terms(
    scope: Scope<'_>,
    sql: &str,
    voucher: VoucherId,
    terms: &VoucherTerms,
    (version, last): (u32, &dyn ToSql),
) -> Sql<usize> {
    let (percent, fixed) = match terms.discount {
        Discount::Percent(percent) => (Some(percent.basis_points()), None),
        Discount::Fixed(amount) => (None, Some(amount)),
    };
    let (fixed, fixed_currency) = columns(fixed);
    let (minimum, minimum_currency) = columns(terms.minimum_spend);
    let (maximum, maximum_currency) = columns(terms.maximum_discount);
    let values = params![
        scope.key(),
        voucher.as_bytes(),
        percent,
        fixed,
        fixed_currency,
        Json(&terms.scope),
        terms.starts_at.map(At),
        terms.ends_at.map(At),
        minimum,
        minimum_currency,
        maximum,
        maximum_currency,
        terms.uses_max,
        terms.uses_max_per_customer,
        Label(terms.switch),
        version,
        last
    ];
    run(scope.conn, sql, values)
}

fn columns(amount: Option<Money>) -> (Option<i64>, Option<Code>) {
    let currency = amount.map(|amount| Code(amount.currency()));
    (amount.map(Money::minor), currency)
}

fn hold(scope: Scope<'_>, used: Use) -> Done {
    let sql = "INSERT INTO redemptions (shop_id, voucher_id, order_id, customer_id, state)
        SELECT ?1, ?2, ?3, ?4, 'held' FROM vouchers
        WHERE shop_id = ?1 AND id = ?2
            AND (uses_max_per_customer IS NULL -- guard: voucher_hold_customer
                OR uses_max_per_customer > (
                    SELECT count(*) FROM redemptions INDEXED BY redemptions_live
                    WHERE shop_id = ?1 AND voucher_id = ?2 AND customer_id = ?4
                        AND state <> 'released'))";
    note_use(scope, sql, used)?;
    let sql = "UPDATE vouchers SET held = held + 1 WHERE shop_id = ?1 AND id = ?2
        AND held + redeemed < uses_max -- guard: voucher_hold";
    count_use(scope, sql, used.voucher)
}

fn take(scope: Scope<'_>, used: Use) -> Done {
    let sql = "INSERT INTO redemptions (shop_id, voucher_id, order_id, customer_id, state)
        SELECT ?1, ?2, ?3, ?4, 'redeemed' FROM vouchers
        WHERE shop_id = ?1 AND id = ?2
            AND (uses_max_per_customer IS NULL -- guard: voucher_take_customer
                OR uses_max_per_customer > (
                    SELECT count(*) FROM redemptions INDEXED BY redemptions_live
                    WHERE shop_id = ?1 AND voucher_id = ?2 AND customer_id = ?4
                        AND state <> 'released'))
        ON CONFLICT (shop_id, order_id)
        DO UPDATE SET state = 'redeemed', customer_id = excluded.customer_id
        WHERE redemptions.voucher_id = excluded.voucher_id
            AND redemptions.state = 'released' -- guard: voucher_take_from";
    note_use(scope, sql, used)?;
    let sql = "UPDATE vouchers SET redeemed = redeemed + 1 WHERE shop_id = ?1 AND id = ?2
        AND held + redeemed < uses_max -- guard: voucher_take";
    count_use(scope, sql, used.voucher)
}

fn note_use(scope: Scope<'_>, sql: &str, used: Use) -> Done {
    let values = params![
        scope.key(),
        used.voucher.as_bytes(),
        used.order.as_bytes(),
        used.customer.as_bytes()
    ];
    match run(scope.conn, sql, values)? {
        1 => Ok(()),
        _ => Err(why_not_noted(scope, used)?),
    }
}

fn why_not_noted(scope: Scope<'_>, used: Use) -> Result<Failure, Failure> {
    let voucher = used.voucher;
    let (conn, shop) = (scope.conn, scope.shop);
    let before = find_use(conn, shop, used.order)?;
    if before.is_some_and(|before| before.voucher != voucher || before.state.is_live()) {
        return Ok(Failure::Conflict);
    }
    let stored = find_by_id(conn, shop, voucher)?;
    Ok(match stored.map(|voucher| voucher.uses_left()) {
        None => Rejection::Dangling.into(),
        Some(0) => Rejection::VoucherExhausted { voucher }.into(),
        Some(_) => Rejection::VoucherExhaustedForCustomer { voucher }.into(),
    })
}

fn count_use(scope: Scope<'_>, sql: &str, voucher: VoucherId) -> Done {
    match run(scope.conn, sql, params![scope.key(), voucher.as_bytes()])? {
        1 => Ok(()),
        _ => Err(Rejection::VoucherExhausted { voucher }.into()),
    }
}

fn redeem(scope: Scope<'_>, voucher: VoucherId, order: OrderId) -> Done {
    let sql = "UPDATE redemptions SET state = 'redeemed'
        WHERE shop_id = ?1 AND order_id = ?2 AND voucher_id = ?3
            AND state = 'held' -- guard: voucher_redeem_from";
    move_use(scope, sql, voucher, order)?;
    let sql = "UPDATE vouchers SET held = held - 1, redeemed = redeemed + 1
        WHERE shop_id = ?1 AND id = ?2";
    one(run(
        scope.conn,
        sql,
        params![scope.key(), voucher.as_bytes()],
    )?)
}

fn release(scope: Scope<'_>, voucher: VoucherId, order: OrderId) -> Done {
    let sql = "UPDATE redemptions SET state = 'released'
        WHERE shop_id = ?1 AND order_id = ?2 AND voucher_id = ?3
            AND state = 'held' -- guard: voucher_release_from";
    move_use(scope, sql, voucher, order)?;
    let sql = "UPDATE vouchers SET held = held - 1 WHERE shop_id = ?1 AND id = ?2";
    one(run(
        scope.conn,
        sql,
        params![scope.key(), voucher.as_bytes()],
    )?)
}

fn move_use(scope: Scope<'_>, sql: &str, voucher: VoucherId, order: OrderId) -> Done {
    let values = params![scope.key(), order.as_bytes(), voucher.as_bytes()];
    one(run(scope.conn, sql, values)?)
}

macro_rules! select_vouchers {
    ($rest:literal) => {
        concat!(
            "SELECT id, code, percent, fixed, fixed_currency, scope, starts_at, ends_at, \
             minimum_spend, minimum_spend_currency, maximum_discount, \
             maximum_discount_currency, uses_max, uses_max_per_customer, switch, \
             terms_version, held, redeemed FROM vouchers ",
            $rest
        )
    };
}

fn voucher(row: &Row<'_>) -> Sql<Voucher> {
    let mut columns = Columns::of(row);
    Ok(Voucher {
        id: columns.id()?,
        code: columns.text()?,
        terms: terms(&mut columns)?,
        terms_version: columns.value()?,
        held: columns.value()?,
        redeemed: columns.value()?,
    })
}

fn terms(columns: &mut Columns<'_>) -> Sql<VoucherTerms> {
    Ok(VoucherTerms {
        discount: discount(columns)?,
        scope: columns.json()?,
        starts_at: columns.find_at()?,
        ends_at: columns.find_at()?,
        minimum_spend: columns.find_money()?,
        maximum_discount: columns.find_money()?,
        uses_max: columns.value()?,
        uses_max_per_customer: columns.value()?,
        switch: columns.label()?,
    })
}

fn discount(columns: &mut Columns<'_>) -> Sql<Discount> {
    let percent = columns.find_percent()?;
    let mut fixed = columns.after(0);
    *columns = columns.after(2);
    percent.map_or_else(
        || fixed.money().map(Discount::Fixed),
        |percent| Ok(Discount::Percent(percent)),
    )
}

fn redemption(row: &Row<'_>) -> Sql<Redemption> {
    let mut columns = Columns::of(row);
    Ok(Redemption {
        order: columns.id()?,
        voucher: columns.id()?,
        customer: columns.id()?,
        state: columns.label()?,
    })
}

fn find_by_id(conn: &Connection, shop: ShopId, id: VoucherId) -> Sql<Option<Voucher>> {
    let sql = select_vouchers!("WHERE shop_id = ?1 AND id = ?2");
    find(conn, sql, params![shop.as_bytes(), id.as_bytes()], voucher)
}

fn find_use(conn: &Connection, shop: ShopId, order: OrderId) -> Sql<Option<Redemption>> {
    let sql = "SELECT order_id, voucher_id, customer_id, state FROM redemptions
        WHERE shop_id = ?1 AND order_id = ?2";
    find(
        conn,
        sql,
        params![shop.as_bytes(), order.as_bytes()],
        redemption,
    )
}

/// Every voucher, by id.
pub(super) fn vouchers(conn: &Connection, shop: ShopId) -> Sql<Vec<Voucher>> {
    let sql = select_vouchers!("WHERE shop_id = ?1 ORDER BY id");
    all(conn, sql, params![shop.as_bytes()], voucher)
}

/// Every use of a voucher, by order.
pub(super) fn redemptions(conn: &Connection, shop: ShopId) -> Sql<Vec<Redemption>> {
    let sql = "SELECT order_id, voucher_id, customer_id, state FROM redemptions
        WHERE shop_id = ?1 ORDER BY order_id";
    all(conn, sql, params![shop.as_bytes()], redemption)
}

#[async_trait]
impl VoucherReader for SqliteStore {
    async fn find_voucher(&self, shop: ShopId, code: &VoucherCode) -> Read<Option<Voucher>> {
        let sql = select_vouchers!("WHERE shop_id = ?1 AND code = ?2");
        self.look_up(|conn| find(conn, sql, params![shop.as_bytes(), code.as_str()], voucher))
            .await
    }

    async fn get_voucher(&self, shop: ShopId, voucher: VoucherId) -> Read<Option<Voucher>> {
        self.look_up(|conn| find_by_id(conn, shop, voucher)).await
    }

    async fn list_vouchers(&self, shop: ShopId, page: Page) -> Read<Listing<Voucher>> {
        self.scan(move |conn| {
            let total = "SELECT count(*) FROM vouchers WHERE shop_id = ?1";
            let sql = select_vouchers!("WHERE shop_id = ?1 ORDER BY code LIMIT ?2 OFFSET ?3");
            let values = (shop.as_bytes(), page.limit, page.offset);
            Ok(Listing {
                items: all(conn, sql, values, voucher)?,
                total: count(conn, total, params![shop.as_bytes()])?,
            })
        })
        .await
    }

    async fn find_redemption(&self, shop: ShopId, order: OrderId) -> Read<Option<Redemption>> {
        self.look_up(|conn| find_use(conn, shop, order)).await
    }
}
