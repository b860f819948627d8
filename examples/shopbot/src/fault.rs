//! What can go wrong in a command, as the person at the terminal reads it.

use std::error::Error;
use std::path::PathBuf;

use shopcore::backend::backup::{BackupError, BadKey};
use shopcore::backend::migration::MigrationError;
use shopcore::backend::{postgres, sqlite};
use shopcore::bot::RunError;
use shopcore::bot::texts::TextsError;
use shopcore::gateway::GatewayError;
use shopcore::invoice::Reference;
use shopcore::jobs::{JobError, JournalError};
use shopcore::money::{MoneyError, ParseMoneyError, ParsePercentError};
use shopcore::order::OrderNumber;
use shopcore::service::{
    CatalogError, CheckoutError, FiguresError, KeyError, OpenError, RepairError, StockError,
    VoucherError, WalletError,
};
use shopcore::store::StoreError;
use shopcore::text::{BadLabel, Name, ProductCode, TextError, VoucherCode};
use shopcore::vault::VaultError;
use shopcore_payments::SandboxError;
use shopcore_telegram::TelegramError;
use thiserror::Error;

use crate::config::{ConfigError, StoreAt};
use crate::import::{Advice, Place, Separator};
use crate::open::KEY_VARIABLE;

/// Why a command did not do what was asked.
#[derive(Debug, Error)]
pub(crate) enum Fault {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Sqlite(#[from] sqlite::OpenError),
    #[error(transparent)]
    Postgres(#[from] postgres::OpenError),
    #[error("the shop can't be opened")]
    Open(#[from] OpenError),
    #[error("SHOPCORE_VAULT_KEY is no key")]
    KeyVariable(#[source] VaultError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(
        "a shop on PostgreSQL needs a vault key from the start: `shopbot key new FILE` makes one; \
         name the file as `key_file`, or put the key into {KEY_VARIABLE}"
    )]
    KeyNeeded,
    #[error("there is no shop at {}; `shopbot` opens one", .0.display())]
    NoShop(PathBuf),
    #[error("there is no shop {name:?} at {store}; `shopbot` opens one", name = .name.as_str())]
    NoShopNamed { name: Name, store: Box<StoreAt> },
    #[error("a shop moves from sqlite:PATH to postgres://USER@HOST/DATABASE")]
    MoveEnds,
    #[error("{} is open in another program; end every shopbot that has it open", .0.display())]
    StillOpen(PathBuf),
    #[error(transparent)]
    Migration(MigrationError),
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error(
        "a backup is sealed for a key: give --recipient age1… or --passphrase-file FILE, or set \
         `recipient` under [backup]; `shopbot key new-backup FILE` makes a key"
    )]
    NoLock,
    #[error("{}: {reason}", .path.display())]
    BadKeyFile { path: PathBuf, reason: BadKey },
    #[error("--recipient: {0}")]
    BadRecipient(BadKey),
    #[error("{0}; --force replaces it, see: shopbot restore --help")]
    RestoreOccupied(BackupError),
    #[error("a shop whose store is memory: lives in its own process")]
    ShopInMemory,
    #[error("there is no sandbox at {}; `shopbot` opens one with the shop", .0.display())]
    NoSandbox(PathBuf),
    #[error(transparent)]
    BuiltInTexts(TextsError),
    #[error("{} can't be used", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error(
        "`listen` = {address} can't be listened on; is another shopbot open there? Beside it use `shopbot chat`, or set another address"
    )]
    Listen {
        address: std::net::SocketAddr,
        #[source]
        source: std::io::Error,
    },
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    #[error("the sandbox lives in the shop's own process where the store is memory:")]
    SandboxInMemory,
    #[error("the sandbox knows no charge {0}; see: shopbot sandbox list")]
    NoCharge(Reference),
    #[error("the sandbox is switched off")]
    SandboxOff,
    #[error("{0:?} is no amount")]
    Amount(String, #[source] ParseMoneyError),
    #[error("{0:?} can't be paid; a payment is more than zero")]
    NothingPaid(String),
    #[error("the delay is too long")]
    Delay,
    #[error("there is no product {0}")]
    UnknownProduct(ProductCode),
    #[error("there is no order {0}")]
    UnknownOrder(OrderNumber),
    #[error("there is no voucher {0}")]
    UnknownVoucher(VoucherCode),
    #[error("the shop has never met {0}")]
    UnknownPerson(String),
    #[error(
        "the first line lacks the column{s} {missing}; the columns are separated by {separator}",
        s = if missing.len() == 1 { "" } else { "s" },
        missing = missing.join(", ")
    )]
    MissingColumns {
        missing: Vec<&'static str>,
        separator: Separator,
    },
    #[error("the quote that begins on line {line} is never closed")]
    OpenQuote { line: u64 },
    #[error("the column {0:?} is there twice")]
    ColumnTwice(String),
    #[error("the file has more than {max} rows; --chunked takes it in parts")]
    TooManyRows { max: usize },
    #[error("{} has no rows", .0.display())]
    NoRows(PathBuf),
    #[error("line 1: it is not UTF-8 text")]
    HeaderNotText,
    #[error(
        "{refused} of {rows} row{s} {are} refused, so nothing was imported{advice}",
        s = if *rows == 1 { "" } else { "s" },
        are = if *refused == 1 { "is" } else { "are" }
    )]
    RowsRefused {
        refused: usize,
        rows: usize,
        advice: Advice,
    },
    #[error("the file can't be read")]
    Csv(#[from] csv::Error),
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error(transparent)]
    Stock(#[from] StockError),
    #[error(transparent)]
    Voucher(#[from] VoucherError),
    #[error(transparent)]
    Wallet(#[from] WalletError),
    #[error(transparent)]
    Text(#[from] TextError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Job(#[from] JobError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Figures(#[from] FiguresError),
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error(transparent)]
    Percent(#[from] ParsePercentError),
    #[error("Telegram can't be set up")]
    Telegram(#[from] TelegramError),
    #[error(transparent)]
    Bot(#[from] RunError),
    #[error("this can't be a user's name")]
    User(#[source] BadLabel),
    #[error("the program can't start")]
    Runtime(#[source] std::io::Error),
    #[error("{place} was added by someone else meanwhile; import again to see which rows are new")]
    AddedMeanwhile { place: Place },
    #[error(transparent)]
    Repair(#[from] RepairError),
    #[error("nothing was changed: there is nobody to ask here; --yes repairs without asking")]
    Unconfirmed,
    #[error("nothing was changed")]
    Declined,
    #[error("the answer can't be read")]
    Answer(#[source] std::io::Error),
    #[error(
        "{place}: not taken, nor what comes after it; mend it, and import again with --skip-bad"
    )]
    OrderLeft {
        place: Place,
        #[source]
        source: CheckoutError,
    },
    #[error("{0} violation{s} found", s = if *.0 == 1 { " was" } else { "s were" })]
    Violated(usize),
    #[error("from {from} to {to} is no period: it begins before it ends, and has at most {max} days", max = shopcore::service::DAYS_MAX)]
    Period {
        from: chrono::NaiveDate,
        to: chrono::NaiveDate,
    },
    #[error("{} can't be written", .path.display())]
    Unwritable {
        path: std::path::PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("this command prints no data: leave out --json")]
    NoData,
    #[error("the output can't be written")]
    Output(#[source] std::io::Error),
    #[error("the output can't be written")]
    Json(#[from] serde_json::Error),
}

impl Fault {
    /// The error and its causes on one line.
    pub(crate) fn told(&self) -> String {
        told(self)
    }
}

/// An error and its causes on one line.
pub(crate) fn told(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told.push_str(": ");
        told.push_str(&error.to_string());
        cause = error.source();
    }
    told
}
