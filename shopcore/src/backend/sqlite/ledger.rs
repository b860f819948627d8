//! Transfers, and the balances of wallets.

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};

use super::apply::Scope;
use super::rows::{At, Code, Columns, Sql, all, count, find, named, run};
use super::{Done, Read, SqliteStore};
use crate::id::{CustomerId, ShopId, TransferId};
use crate::ledger::{Account, Posting, Transfer};
use crate::money::{Currency, Money};
use crate::store::{LedgerReader, Listing, Page, Rejection, Statement, TransferRow, WalletRow};

pub(super) fn post(scope: Scope<'_>, transfer: &Transfer) -> Done {
    let sql = "INSERT INTO transfers (shop_id, id, purpose, invoice_id, payment_id, at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let values = params![
        scope.key(),
        transfer.id.as_bytes(),
        transfer.purpose.as_str(),
        transfer.invoice.as_ref().map(|id| id.as_bytes()),
        transfer.payment.as_ref().map(|id| id.as_bytes()),
        At(scope.at)
    ];
    run(scope.conn, sql, values)?;
    for (posting, place) in transfer.postings().iter().zip(0_u32..) {
        if let Account::Wallet(customer) = &posting.account {
            move_wallet(scope, *customer, posting.amount)?;
        }
        add_posting(scope, transfer.id, posting, place)?;
    }
    Ok(())
}

fn move_wallet(scope: Scope<'_>, customer: CustomerId, amount: Money) -> Done {
    let sql = "UPDATE wallets SET balance = balance + ?4
        WHERE shop_id = ?1 AND customer_id = ?2 AND currency = ?3
            AND balance <= 9223372036854775807 - max(?4, 0) -- guard: wallet_room
            AND balance + ?4 >= 0"; // guard: wallet_funds
    let (id, currency) = (customer.as_bytes(), amount.currency());
    let values = params![scope.key(), id, currency.code(), amount.minor()];
    if run(scope.conn, sql, values)? == 1 {
        return Ok(());
    }
    let balance = balance(scope.conn, scope.shop, customer, currency)?;
    if amount.is_negative() {
        return Err(Rejection::InsufficientFunds { customer, balance }.into());
    }
    if balance.checked_add(amount).is_err() {
        return Err(Rejection::WalletFull { customer }.into());
    }
    let sql = "INSERT INTO wallets (shop_id, customer_id, currency, balance)
        VALUES (?1, ?2, ?3, ?4)";
    run(scope.conn, sql, values)?;
    Ok(())
}

fn add_posting(scope: Scope<'_>, transfer: TransferId, posting: &Posting, place: u32) -> Done {
    let sql = "INSERT INTO postings (shop_id, transfer_id, place, account, gateway, customer_id,
            invoice_id, payment_id, amount, currency)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let (gateway, customer, invoice, payment) = match &posting.account {
        Account::Clearing(gateway) => (Some(gateway.as_str()), None, None, None),
        Account::Wallet(customer) => (None, Some(customer.as_bytes()), None, None),
        Account::Towards(invoice) => (None, None, Some(invoice.as_bytes()), None),
        Account::Suspense(payment) => (None, None, None, Some(payment.as_bytes())),
        Account::Sales
        | Account::Fees
        | Account::Refunds
        | Account::Adjustments
        | Account::Exchange => (None, None, None, None),
    };
    let values = params![
        scope.key(),
        transfer.as_bytes(),
        place,
        posting.account.kind(),
        gateway,
        customer,
        invoice,
        payment,
        posting.amount.minor(),
        Code(posting.amount.currency())
    ];
    run(scope.conn, sql, values)?;
    Ok(())
}

fn balance(
    conn: &Connection,
    shop: ShopId,
    customer: CustomerId,
    currency: Currency,
) -> Sql<Money> {
    let sql = "SELECT balance FROM wallets
        WHERE shop_id = ?1 AND customer_id = ?2 AND currency = ?3";
    let values = params![shop.as_bytes(), customer.as_bytes(), currency.code()];
    let stored = find(conn, sql, values, |row| row.get(0))?;
    Ok(Money::new(stored.unwrap_or(0), currency))
}

fn account(columns: &mut Columns<'_>) -> Sql<Account> {
    let kind: String = columns.value()?;
    let (mut gateway, mut customer) = (columns.after(0), columns.after(1));
    let (mut invoice, mut payment) = (columns.after(2), columns.after(3));
    *columns = columns.after(4);
    Ok(match kind.as_str() {
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

fn statement(row: &Row<'_>) -> Sql<Statement> {
    let mut columns = Columns::of(row);
    Ok(Statement {
        amount: columns.money()?,
        purpose: columns.label()?,
        outcome: columns.find_label()?,
        invoice: columns.find_id()?,
        at: columns.at()?,
    })
}

fn statements(
    conn: &Connection,
    shop: ShopId,
    customer: CustomerId,
    page: Page,
) -> Sql<Listing<Statement>> {
    let total = "SELECT count(*) FROM postings INDEXED BY postings_by_wallet
        WHERE shop_id = ?1 AND customer_id = ?2";
    let sql = "SELECT p.amount, p.currency, t.purpose, y.outcome, t.invoice_id, t.at
        FROM postings AS p INDEXED BY postings_by_wallet
        JOIN transfers AS t ON t.shop_id = p.shop_id AND t.id = p.transfer_id
        LEFT JOIN payments AS y ON y.shop_id = p.shop_id AND y.id = t.payment_id
        WHERE p.shop_id = ?1 AND p.customer_id = ?2
        ORDER BY p.transfer_id DESC, p.place LIMIT ?3 OFFSET ?4";
    let (shop, customer) = (shop.as_bytes(), customer.as_bytes());
    let values = params![shop, customer, page.limit, page.offset];
    Ok(Listing {
        items: all(conn, sql, values, statement)?,
        total: count(conn, total, params![shop, customer])?,
    })
}

/// Every transfer, by id.
pub(super) fn transfers(conn: &Connection, shop: ShopId) -> Sql<Vec<TransferRow>> {
    let sql = "SELECT id, purpose, invoice_id, payment_id, at FROM transfers
        WHERE shop_id = ?1 ORDER BY id";
    let mut transfers = all(conn, sql, params![shop.as_bytes()], transfer)?;
    let sql = "SELECT account, gateway, customer_id, invoice_id, payment_id, amount, currency
        FROM postings WHERE shop_id = ?1 AND transfer_id = ?2 ORDER BY place";
    for transfer in &mut transfers {
        let values = params![shop.as_bytes(), transfer.id.as_bytes()];
        transfer.postings = all(conn, sql, values, |row| posting(&mut Columns::of(row)))?;
    }
    Ok(transfers)
}

fn transfer(row: &Row<'_>) -> Sql<TransferRow> {
    let mut columns = Columns::of(row);
    Ok(TransferRow {
        id: columns.id()?,
        purpose: columns.label()?,
        invoice: columns.find_id()?,
        payment: columns.find_id()?,
        postings: Vec::new(),
        at: columns.at()?,
    })
}

/// Every wallet, by customer and currency.
pub(super) fn wallets(conn: &Connection, shop: ShopId) -> Sql<Vec<WalletRow>> {
    let sql = "SELECT customer_id, balance, currency FROM wallets
        WHERE shop_id = ?1 ORDER BY customer_id, currency";
    all(conn, sql, params![shop.as_bytes()], |row| {
        let mut columns = Columns::of(row);
        Ok(WalletRow {
            customer: columns.id()?,
            balance: columns.money()?,
        })
    })
}

#[async_trait]
impl LedgerReader for SqliteStore {
    async fn balance(&self, shop: ShopId, customer: CustomerId, currency: Currency) -> Read<Money> {
        self.look_up(|conn| balance(conn, shop, customer, currency))
            .await
    }

    async fn list_statements(
        &self,
        shop: ShopId,
        customer: CustomerId,
        page: Page,
    ) -> Read<Listing<Statement>> {
        self.scan(move |conn| statements(conn, shop, customer, page))
            .await
    }
}
