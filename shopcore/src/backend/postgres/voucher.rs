//! Vouchers and their uses.

use async_trait::async_trait;
use uuid::Uuid;

use super::gather::{Question, gathered};
use super::rows::{Columns, Query, Sql, query, query_of};
use super::{PostgresStore, Read};
use crate::id::{OrderId, ShopId, VoucherId};
use crate::store::{Listing, Page, VoucherReader};
use crate::text::VoucherCode;
use crate::voucher::{Discount, Redemption, Voucher, VoucherTerms};

/// The columns that [`voucher`] reads.
macro_rules! voucher_columns {
    () => {
        "id, code, percent, fixed, fixed_currency, scope, starts_at, ends_at, minimum_spend, \
         minimum_spend_currency, maximum_discount, maximum_discount_currency, uses_max, \
         uses_max_per_customer, switch, terms_version, held, redeemed"
    };
}

/// Every voucher, by id.
pub(super) const VOUCHERS: &str = concat!(
    "SELECT ",
    voucher_columns!(),
    " FROM vouchers WHERE shop_id = $1 ORDER BY id"
);

/// Every use of a voucher, by order.
pub(super) const REDEMPTIONS: &str = "SELECT order_id, voucher_id, customer_id, state
    FROM redemptions WHERE shop_id = $1 ORDER BY order_id";

pub(super) fn voucher(columns: &mut Columns<'_>) -> Sql<Voucher> {
    Ok(Voucher {
        id: columns.id()?,
        code: columns.text()?,
        terms: terms(columns)?,
        terms_version: columns.number()?,
        held: columns.number()?,
        redeemed: columns.number()?,
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
        uses_max: columns.number()?,
        uses_max_per_customer: columns.find_number()?,
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

pub(super) fn redemption(columns: &mut Columns<'_>) -> Sql<Redemption> {
    Ok(Redemption {
        order: columns.id()?,
        voucher: columns.id()?,
        customer: columns.id()?,
        state: columns.label()?,
    })
}

/// The voucher of a code.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ByCode(ShopId, VoucherCode);

impl Question for ByCode {
    type Row = Voucher;

    fn ask(questions: &[&Self]) -> Query {
        let sql = gathered!(
            "$2::text[]",
            "code",
            concat!(
                "SELECT ",
                voucher_columns!(),
                " FROM vouchers AS v WHERE v.shop_id = asked.shop_id AND v.code = asked.code"
            ),
            ""
        );
        let column = |Self(_, code): &&Self| code.as_str().to_owned();
        let codes: Vec<_> = questions.iter().map(column).collect();
        query_of(sql, questions.iter().map(|Self(shop, _)| *shop)).bind(codes)
    }

    fn read(columns: &mut Columns<'_>) -> Sql<Self::Row> {
        voucher(columns)
    }
}

#[async_trait]
impl VoucherReader for PostgresStore {
    async fn find_voucher(&self, shop: ShopId, code: &VoucherCode) -> Read<Option<Voucher>> {
        let question = ByCode(shop, code.clone());
        self.gathered.vouchers.find(question).await
    }

    async fn get_voucher(&self, shop: ShopId, id: VoucherId) -> Read<Option<Voucher>> {
        let sql = concat!(
            "SELECT ",
            voucher_columns!(),
            " FROM vouchers WHERE shop_id = $1 AND id = $2"
        );
        self.find(|| query(sql, shop).bind(Uuid::from(id)), voucher)
            .await
    }

    async fn list_vouchers(&self, shop: ShopId, page: Page) -> Read<Listing<Voucher>> {
        let sql = concat!(
            "SELECT total, page.*
            FROM (SELECT count(*) AS total FROM vouchers WHERE shop_id = $1) AS counted
            LEFT JOIN (SELECT ",
            voucher_columns!(),
            " FROM vouchers WHERE shop_id = $1 ORDER BY code LIMIT $2 OFFSET $3) AS page ON TRUE
            ORDER BY page.code"
        );
        let query = || {
            let of = query(sql, shop).bind(i64::from(page.limit));
            of.bind(i64::from(page.offset))
        };
        self.list(query, voucher).await
    }

    async fn find_redemption(&self, shop: ShopId, order: OrderId) -> Read<Option<Redemption>> {
        let sql = "SELECT order_id, voucher_id, customer_id, state FROM redemptions
            WHERE shop_id = $1 AND order_id = $2";
        self.find(|| query(sql, shop).bind(Uuid::from(order)), redemption)
            .await
    }
}
