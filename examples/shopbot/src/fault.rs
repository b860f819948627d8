//! What can go wrong in a command, as the person at the terminal reads it.

use std::error::Error;
use std::path::PathBuf;

use shopcore::backend::sqlite;
use shopcore::bot::RunError;
use shopcore::gateway::GatewayError;
use shopcore::jobs::JobError;
use shopcore::money::{MoneyError, ParseMoneyError, ParsePercentError};
use shopcore::service::{CatalogError, OpenError, StockError, VoucherError};
use shopcore::store::StoreError;
use shopcore::text::{BadLabel, ProductCode, TextError};
use shopcore::vault::VaultError;
use shopcore_payments::SandboxError;
use shopcore_telegram::TelegramError;
use thiserror::Error;

use crate::config::ConfigError;

/// Why a command did not do what was asked.
#[derive(Debug, Error)]
pub(crate) enum Fault {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Sqlite(#[from] sqlite::OpenError),
    #[error("the shop can't be opened")]
    Open(#[from] OpenError),
    #[error("SHOPCORE_VAULT_KEY is no key")]
    KeyVariable(#[source] VaultError),
    #[error("the key file {} can't be used", path.display())]
    KeyFile {
        path: PathBuf,
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    #[error("{} can't be used", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{} can't be listened on", .address)]
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
    #[error("the sandbox is switched off")]
    SandboxOff,
    #[error("{0:?} is no amount")]
    Amount(String, #[source] ParseMoneyError),
    #[error("the delay is too long")]
    Delay,
    #[error("there is no product {0}")]
    UnknownProduct(ProductCode),
    #[error("unknown column {column:?}; the columns are {}", known.join(", "))]
    UnknownColumn {
        column: String,
        known: &'static [&'static str],
    },
    #[error("the column {0:?} is missing from the first line")]
    MissingColumn(&'static str),
    #[error("the column {0:?} is there twice")]
    ColumnTwice(String),
    #[error("the file has more than {max} rows; --chunked takes it in parts")]
    TooManyRows { max: usize },
    #[error(
        "{refused} of {rows} rows are refused, so nothing was imported; --skip-bad takes the rest"
    )]
    RowsRefused { refused: usize, rows: usize },
    #[error("the file can't be read")]
    Csv(#[from] csv::Error),
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error(transparent)]
    Stock(#[from] StockError),
    #[error(transparent)]
    Voucher(#[from] VoucherError),
    #[error(transparent)]
    Text(#[from] TextError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Job(#[from] JobError),
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
    #[error("the log filter is not understood: {0}")]
    Log(String),
    #[error("the program can't start")]
    Runtime(#[source] std::io::Error),
    #[error(
        "line {line} was added by someone else meanwhile; import again to see which rows are new"
    )]
    AddedMeanwhile { line: u64 },
    #[error("{0} violations were found")]
    Violated(usize),
    #[error("the output can't be written")]
    Output(#[source] std::io::Error),
    #[error("the output can't be written")]
    Json(#[from] serde_json::Error),
}

impl Fault {
    /// The error and its causes on one line.
    pub(crate) fn told(&self) -> String {
        let mut told = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            told.push_str(": ");
            told.push_str(&error.to_string());
            cause = error.source();
        }
        told
    }
}
