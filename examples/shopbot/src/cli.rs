//! What may be typed after `shopbot`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use shopcore::audit::{ActorKind, Kind};
use shopcore::customer::Contact;
use shopcore::invoice::Reference;
use shopcore::jobs::JobName;
use shopcore::order::{BadOrderNumber, OrderNumber};
use shopcore::text::{BadLabel, ProductCode, TextError, VoucherCode};

use crate::config::{Secret, contact};
use backup::{BACKUP, RESTORE};
use export::EXPORT;

pub(crate) use backup::{BackupArgs, RestoreArgs};
pub(crate) use export::{ExportArgs, Exported};
pub(crate) use import::{Import, ProductsArgs, RowArgs, StockArgs, TableArgs};

mod backup;
mod export;
mod import;

/// Sells digital goods in a chat.
///
/// Without a command it opens the shop: a chat in this terminal, the shop's jobs, and, where they
/// are configured, the webhook server and Telegram.
#[derive(Debug, Parser)]
#[command(name = "shopbot", version, after_long_help = EXAMPLES)]
pub(crate) struct Cli {
    /// Where the shop is kept: sqlite:PATH, postgres://USER@HOST/DATABASE or memory:
    #[arg(long, global = true, value_name = "STORE")]
    pub(crate) store: Option<Secret>,
    /// The configuration file [default: shopbot.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print data as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  shopbot                                      open the shop and buy something in it
  shopbot chat --as admin                      add products, contents and vouchers in chat
  shopbot import products catalogue.csv        header: code,name,price,description,category
  shopbot import stock --product WIN11 keys.txt
  shopbot import stock --product FONTS --files sans.zip serif.zip
  shopbot sandbox list                         what waits for a payment in the sandbox
  shopbot sandbox pay REFERENCE --after 20m    a payment that comes too late
  shopbot migrate-store --from sqlite:data/shop.db --to postgres://shop@db.example/shop
  shopbot check                                is every payment accounted for?
  shopbot audit --order 7K3M-9QXA              who did what to an order
  shopbot backup --recipient age1…             everything in one encrypted file
  shopbot report --from 2026-01-01             orders and revenue, day by day

Configuration: every key of shopbot.toml is also an environment variable, such as
SHOPBOT_CURRENCY for `currency`. The keys, with their defaults:
  name = \"Shop\"                  currency = \"IDR\"
  store = \"sqlite:data/shop.db\"  or postgres://USER:PASSWORD@HOST:PORT/DATABASE, or memory:
  sandbox = beside the store     or \"off\", as it is beside a real gateway; data/sandbox.jsonl
                                 for a shop on PostgreSQL
  audit_log = beside the store   or \"off\"; a shop on PostgreSQL has none unless it is named
  listen = (none)                the webhook server's address, such as 127.0.0.1:8080
  caller_header = (none)         where the nearest proxy writes a caller's address
  [gateways.NAME]                a real gateway: cryptopay, midtrans, pakasir, stripe, transfer,
                                 tripay or xendit; docs/gateways tells each one's keys
  offer = []                     the order in which they are offered
  admins = []                    such as [\"telegram:12345678\"]
  alerts = (the admins)          chats that are told of trouble, such as [\"telegram:-1001234\"]
  telegram_token = (none)        telegram_api = Telegram's own
  order_ttl = \"15m\"              deposit_ttl = \"1h\"
  deposit_minimum, deposit_maximum: amounts in the shop's currency
  expiry_every = \"60s\"           reconcile_every = \"2s\"
  spam_ban = \"10m\"               how long whoever floods the bot is kept out
  without = []                   parts the bot does without, such as [\"broadcast\"]
  utc_offset = \"+00:00\"          where the shop's day begins
  log = \"warn\"                   \"error\" where the log would stand between the lines of a chat
  log_file = standard error      beside the store for a chat in a terminal
  [backup]                       folder, and recipient or passphrase_file: see shopbot backup --help
  key_file = beside the store    texts = a Fluent file with texts in your own words

A new shop begins with a demo catalogue, until you say which shop it is: by name, currency, a
gateway, store (other than memory:), or by importing into it.

The vault's key seals what is sold. SHOPCORE_VAULT_KEY holds it (32 bytes in base64), or the key
file, which is made with a shop in SQLite. A shop on PostgreSQL, which several machines may open,
needs one from the start: `shopbot key new FILE` makes it. Keep a copy of it: without it the contents
are lost.";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Chat with the shop in this terminal, or through pipes
    #[command(after_help = CHAT)]
    Chat(ChatArgs),
    /// Keep the shop open without a chat here: jobs, webhook server, Telegram
    #[command(after_help = SERVE)]
    Serve,
    /// Bring in a catalogue, contents, vouchers, customers or orders from a file
    #[command(subcommand)]
    Import(Import),
    /// Write a table of what is in the shop, for a spreadsheet or another shop
    #[command(after_help = EXPORT)]
    Export(ExportArgs),
    /// See and pay what the sandbox gateway waits for; no money moves
    #[command(subcommand)]
    Sandbox(SandboxCommand),
    /// Run a job of the shop now
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// Check the shop's invariants on one snapshot; exit code 1 where one is violated
    #[command(after_help = CHECK)]
    Check(CheckArgs),
    /// Who did what to which thing, newest first
    #[command(after_help = AUDIT)]
    Audit(AuditArgs),
    /// The business of days: orders, revenue, refunds, what sold best
    #[command(after_help = REPORT)]
    Report(ReportArgs),
    /// Move a shop from SQLite to PostgreSQL
    #[command(after_help = MIGRATE)]
    MigrateStore(MigrateArgs),
    /// Write everything about the shop into one encrypted file
    #[command(after_help = BACKUP)]
    Backup(BackupArgs),
    /// Bring a shop back from such a file
    #[command(after_help = RESTORE)]
    Restore(RestoreArgs),
    /// Make a key for the vault, or for backups
    #[command(subcommand)]
    Key(KeyCommand),
}

/// What is done with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a file with a new key, which only you can read
    New {
        /// The file; one that is there is left as it is
        file: PathBuf,
    },
    /// Make a file with a new key that opens backups; keep it away from the shop
    NewBackup {
        /// The file; one that is there is left as it is
        file: PathBuf,
    },
}

const SERVE: &str = "\
It runs until it is told to end (Ctrl-C, or SIGTERM), and then ends what it has begun. `listen` opens
the webhook server, `telegram_token` the chat on Telegram. Beside the webhooks the server answers
/healthz, when the program runs, and /readyz, when its store does, too.

Example:
  SHOPBOT_LISTEN=127.0.0.1:8080 shopbot serve";

const CHECK: &str = "\
One line an invariant, such as: a wallet equals its entries. Without --repair it only reads; both may
be done while the shop is open elsewhere.

What --repair sets right takes nothing from anybody and needs no judgement: counts of uses, balances
and refunds follow the records that they count; held units and vouchers follow their order; a paid
order that nothing delivers is delivered. It shows what it would do and asks; each repair is in the
audit. All else is for you to look at. Make a backup first.

Examples:
  shopbot check && echo every payment is accounted for
  shopbot check --repair
  shopbot audit --action repaired                     what was set right, and what it was before";

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Set right what can be set right safely, after asking
    #[arg(long)]
    pub(crate) repair: bool,
    /// Don't ask before repairing
    #[arg(long, requires = "repair")]
    pub(crate) yes: bool,
}

const AUDIT: &str = "\
What is asked for together narrows the search. Contents of stock are in no entry.

Examples:
  shopbot audit                                       the latest 50 entries
  shopbot audit --order 7K3M-9QXA                     the whole life of an order
  shopbot audit --actor admin --from 2026-01-01       what admins did since then
  shopbot audit --actor telegram:12345678             what one person did
  shopbot audit --actor job:expiry --action expired
  shopbot audit --kind refund --limit 500 --json      for a program";

const REPORT: &str = "\
Everything counts on the day it happened: an order that is placed in the evening and paid at night is
placed on one day and paid on the next. The day begins where `utc_offset` says. A product's revenue
is what it cost before vouchers.

Examples:
  shopbot report                                      the last 30 days
  shopbot report --from 2026-01-01 --to 2026-01-31
  shopbot report --csv january.csv                    a line a day, for a spreadsheet
  shopbot report --json                               every figure, with its currency";

const MIGRATE: &str = "\
End every shopbot that has the shop open first: the file is held alone meanwhile. Every row is copied,
then both sides are read again and compared, and the invariants are checked. A move that was cut goes
on where it ended when the same command is given again. Once it is done the file opens no more, so
that nothing is sold twice; it is kept as it was.

Example:
  shopbot migrate-store --from sqlite:data/shop.db --to postgres://shop@db.example/shop";

const LIST: &str = "\
Each charge with what it asks for, what was received, its state, and when it expires (in UTC).

Example:
  shopbot sandbox list --json";

const PAY: &str = "\
A short amount is kept as credit towards the invoice, and the shop asks for the rest; what is too
much becomes wallet credit. A payment after the charge has expired is treated as its products say.

Examples:
  shopbot sandbox pay REFERENCE
  shopbot sandbox pay REFERENCE --amount 5000";

const RUN: &str = "\
  expiry     ends invoices that were not paid in time
  reconcile  asks the gateways about every charge that may still be paid, whether it is due or not
  outbox     sends what waits to be sent
  statements compares the books of gateways with the ledger
  telemetry  keeps the figures of days
  integrity  checks every record, as `shopbot check` does, and tells the owner
  backup     makes a backup as [backup] says, whether it is due or not
  journal    writes the audit, but for its last hour, into its file of chained lines
  prune      forgets ids and finished messages that are of no more use

Example:
  shopbot jobs run reconcile";

const CHAT: &str = "\
A line that is the number of a button presses it; any other line is what you type. Begin with =
to type a number: =1 says 1.

Example, through pipes:
  printf '/start\\n1\\n' | shopbot chat --user ana";

#[derive(Debug, Args)]
pub(crate) struct ChatArgs {
    /// Whether you are a customer or an admin of the shop
    #[arg(long = "as", value_enum, default_value_t = Role::Customer)]
    pub(crate) role: Role,
    /// Who you are [default: the role]
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Buys.
    Customer,
    /// Runs the shop.
    Admin,
}

/// What the sandbox is asked.
#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// List its charges
    #[command(after_help = LIST)]
    List,
    /// Pay a charge: the shop learns of it as from a real gateway, by webhook or by asking
    #[command(after_help = PAY)]
    Pay(PayArgs),
}

#[derive(Debug, Args)]
pub(crate) struct PayArgs {
    /// The charge's reference, as `sandbox list` shows it
    #[arg(value_parser = reference)]
    pub(crate) reference: Reference,
    /// Pay this much instead of what is asked
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) amount: Option<String>,
    /// Pay twice: two payments of the same amount
    #[arg(long)]
    pub(crate) twice: bool,
    /// Let the payment arrive later, such as 20m
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true, value_parser = delay)]
    pub(crate) after: Option<Duration>,
}

#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    /// Where the shop is: sqlite:PATH
    #[arg(long, value_name = "STORE")]
    pub(crate) from: Secret,
    /// An empty database: postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "STORE")]
    pub(crate) to: Secret,
    /// Throw away what an unfinished move has copied, and begin anew
    #[arg(long)]
    pub(crate) restart: bool,
}

/// What the jobs are asked.
#[derive(Debug, Subcommand)]
pub(crate) enum JobsCommand {
    /// Run one of: expiry, reconcile, outbox, statements, telemetry, integrity, backup, journal, prune
    #[command(after_help = RUN)]
    Run {
        /// The job
        name: JobName,
    },
}

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    /// Whose deeds: customer, admin, operator, job, gateway, job:NAME, gateway:NAME, or a person as
    /// FRONTEND:ID
    #[arg(long, value_name = "WHO", value_parser = whose)]
    pub(crate) actor: Option<WhoseArg>,
    /// A part of what was done, such as refunded
    #[arg(long, value_name = "WORDS")]
    pub(crate) action: Option<String>,
    /// What kind of thing it was done to: shop, category, product, voucher, order, invoice, payment,
    /// customer, case or refund
    #[arg(long, value_parser = kind)]
    pub(crate) kind: Option<Kind>,
    /// The order of this number
    #[arg(long, value_name = "NUMBER", group = "thing", value_parser = order_number)]
    pub(crate) order: Option<OrderNumber>,
    /// The product of this code
    #[arg(long, value_name = "CODE", group = "thing", value_parser = product_code)]
    pub(crate) product: Option<ProductCode>,
    /// The voucher of this code
    #[arg(long, value_name = "CODE", group = "thing", value_parser = voucher_code)]
    pub(crate) voucher: Option<VoucherCode>,
    /// From the beginning of this day
    #[arg(long, value_name = "DAY")]
    pub(crate) from: Option<chrono::NaiveDate>,
    /// To the end of this day
    #[arg(long, value_name = "DAY")]
    pub(crate) to: Option<chrono::NaiveDate>,
    /// How many at most
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) limit: u32,
}

/// Whose deeds are asked for.
#[derive(Debug, Clone)]
pub(crate) enum WhoseArg {
    /// Those of a kind of actors.
    Kind(ActorKind),
    /// Those of a job or a gateway.
    Named(ActorKind, String),
    /// Those of a person.
    Person(Contact),
}

fn whose(text: &str) -> Result<WhoseArg, &'static str> {
    if let Some(kind) = actor_kind(text) {
        return Ok(WhoseArg::Kind(kind));
    }
    let (front, name) = text
        .split_once(':')
        .ok_or("not a kind of actor, nor FRONTEND:ID")?;
    match actor_kind(front) {
        Some(kind @ (ActorKind::Job | ActorKind::Gateway)) => {
            Ok(WhoseArg::Named(kind, name.to_owned()))
        }
        Some(ActorKind::Customer | ActorKind::Admin | ActorKind::Operator) => {
            Err("a person is FRONTEND:ID, such as telegram:12345678")
        }
        None => contact(text).map(WhoseArg::Person).ok_or("not FRONTEND:ID"),
    }
}

fn actor_kind(text: &str) -> Option<ActorKind> {
    ActorKind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == text)
}

fn kind(text: &str) -> Result<Kind, &'static str> {
    let found = Kind::ALL.into_iter().find(|kind| kind.as_str() == text);
    found.ok_or("there is no such kind of thing")
}

fn order_number(text: &str) -> Result<OrderNumber, BadOrderNumber> {
    text.parse()
}

fn voucher_code(text: &str) -> Result<VoucherCode, TextError> {
    VoucherCode::parse(text)
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// The first day, such as 2026-01-01 [default: 29 days before the last]
    #[arg(long, value_name = "DAY")]
    pub(crate) from: Option<chrono::NaiveDate>,
    /// The last day [default: today]
    #[arg(long, value_name = "DAY")]
    pub(crate) to: Option<chrono::NaiveDate>,
    /// Write a table to this file instead
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,
}

fn product_code(text: &str) -> Result<ProductCode, TextError> {
    ProductCode::parse(text)
}

fn delay(text: &str) -> Result<Duration, &'static str> {
    humantime::parse_duration(text).map_err(|_| "a delay is a duration such as 20m or 1h")
}

fn reference(text: &str) -> Result<Reference, BadLabel> {
    Reference::parse(text)
}
