//! Transfers, and the balances of wallets.

use async_trait::async_trait;
use sqlx::PgConnection;
use uuid::Uuid;

use super::rows::{Columns, Sql, each, named, query};
use super::{PostgresStore, Read};
use crate::id::{CustomerId, ShopId};
use crate::ledger::{Account, Posting};
use crate::money::{Currency, Money};
use crate::store::{LedgerReader, Listing, Page, Statement, TransferRow, WalletRow};

fn account(columns: &mut Columns<'_>) -> Sql<Account> {
    let kind: &str = columns.value()?;
    let (mut gateway, mut customer) = (columns.after(0), columns.after(1));
    let (mut invoice, mut payment) = (columns.after(2), columns.after(3));
    *columns = columns.after(4);
    Ok(match kind {
        "clearing" => Account::Clearing(gateway.text()?),
        "wallet" => Account::Wallet(customer.id()?),
        "towards" => Account::Towards(invoice.id()?),
        "suspense" => Account::Suspense(payment.id()?),
        plain => named(plain)?,
    })
}

fn posting(columns: &mut Columns<'_>) -> Sql<Posting> {
    Ok(Posting {
        account: account(columns)?,
        amount: columns.money()?,
    })
}

/// Every wallet, by customer and currency.
pub(super) const WALLETS: &str = "SELECT customer_id, balance, currency FROM wallets
    WHERE shop_id = $1 ORDER BY customer_id, currency";

pub(super) fn wallet(columns: &mut Columns<'_>) -> Sql<WalletRow> {
    Ok(WalletRow {
        customer: columns.id()?,
        balance: columns.money()?,
    })
}

/// Every transfer, by id.
pub(super) async fn transfers(conn: &mut PgConnection, shop: ShopId) -> Sql<Vec<TransferRow>> {
    let sql = "SELECT t.id, t.purpose, t.invoice_id, t.payment_id, t.at, p.account, p.gateway,
            p.customer_id, p.invoice_id, p.payment_id, p.amount, p.currency
        FROM transfers AS t
        LEFT JOIN postings AS p ON p.shop_id = $1 AND p.transfer_id = t.id
        WHERE t.shop_id = $1 ORDER BY t.id, p.place";
    let mut transfers: Vec<TransferRow> = Vec::new();
    let add = |columns: &mut Columns<'_>| {
        let transfer = transfer(columns)?;
        if transfers.last().is_none_or(|last| last.id != transfer.id) {
            transfers.push(transfer);
        }
        if let Some(last) = transfers.last_mut()
            && !columns.is_empty()?
        {
            last.postings.push(posting(columns)?);
        }
        Ok(())
    };
    each(conn, query(sql, shop), add).await?;
    Ok(transfers)
}

/// A transfer without its postings.
fn transfer(columns: &mut Columns<'_>) -> Sql<TransferRow> {
    Ok(TransferRow {
        id: columns.id()?,
        purpose: columns.label()?,
        invoice: columns.find_id()?,
        payment: columns.find_id()?,
        postings: Vec::new(),
        at: columns.at()?,
    })
}

fn statement(columns: &mut Columns<'_>) -> Sql<Statement> {
    Ok(Statement {
        amount: columns.money()?,
        purpose: columns.label()?,
        outcome: columns.find_label()?,
        invoice: columns.find_id()?,
        at: columns.at()?,
    })
}

#[async_trait]
impl LedgerReader for PostgresStore {
    async fn balance(&self, shop: ShopId, customer: CustomerId, currency: Currency) -> Read<Money> {
        let sql = "SELECT balance FROM wallets
            WHERE shop_id = $1 AND customer_id = $2 AND currency = $3";
        let query = || {
            let of = query(sql, shop).bind(Uuid::from(customer));
            of.bind(currency.code())
        };
        let stored = self.find(query, |columns| columns.value()).await?;
        Ok(Money::new(stored.unwrap_or(0), currency))
    }

    async fn list_statements(
        &self,
        shop: ShopId,
        customer: CustomerId,
        page: Page,
    ) -> Read<Listing<Statement>> {
        let sql = "SELECT total, p.amount, p.currency, t.purpose, y.outcome, t.invoice_id, t.at
            FROM (SELECT count(*) AS total FROM postings
                WHERE shop_id = $1 AND customer_id = $2) AS counted
            LEFT JOIN (SELECT * FROM postings WHERE shop_id = $1 AND customer_id = $2
                ORDER BY transfer_id DESC, place LIMIT $3 OFFSET $4) AS p ON TRUE
            LEFT JOIN transfers AS t ON t.shop_id = $1 AND t.id = p.transfer_id
            LEFT JOIN payments AS y ON y.shop_id = $1 AND y.id = t.payment_id
            ORDER BY p.transfer_id DESC, p.place";
        let query = || {
            let of = query(sql, shop).bind(Uuid::from(customer));
            of.bind(i64::from(page.limit)).bind(i64::from(page.offset))
        };
        self.list(query, statement).await
    }
}
