//! What may be typed about files that are brought in.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use shopcore::text::ProductCode;

use super::product_code;

/// What is brought in.
#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// Products from a CSV file
    #[command(after_help = PRODUCTS)]
    Products(ProductsArgs),
    /// Contents of a product: one a line, or a CSV file with the column `content`
    #[command(after_help = STOCK)]
    Stock(StockArgs),
    /// Vouchers from a CSV file
    #[command(after_help = VOUCHERS)]
    Vouchers(TableArgs),
    /// Customers of another shop from a CSV file, with what it owes them
    #[command(after_help = CUSTOMERS)]
    Customers(TableArgs),
    /// Orders that were paid elsewhere from a CSV file; the shop hands their goods over
    #[command(after_help = ORDERS)]
    Orders(TableArgs),
}

const PRODUCTS: &str = "\
The header names the columns: code,name,price,description,category, and optionally terms,
supply (units, unlimited) and late (deliver, credit, review: what happens to a late payment).
Columns are separated by commas, semicolons or tabs; further ones are not used.
Prices are in the shop's currency as people write them: 15000, 15.000 or Rp 15.000 for IDR.
Where there is no shop yet, one is opened, without the demo catalogue.
A file is taken as a whole or not at all; each refused row is told with its line and the reason.";

const STOCK: &str = "\
Lines of a .csv file may be quoted, so that a content may have several lines; in any other file each
line is one content. With --files each file is one content, which buyers get under its name.
Contents that the shop has, or had, are refused as duplicates.";

const VOUCHERS: &str = "\
The header names the columns: code,discount,uses, and optionally per_customer, minimum, at_most,
from, until, products or categories, and switch (on, off). A discount is 10% or an amount; a day that
stands under `until` counts whole; codes and names in a list are separated by semicolons.
It reads what `export vouchers` wrote. All begin unused.

Example:
  shopbot import vouchers vouchers.csv --dry-run";

const CUSTOMERS: &str = "\
The header names the columns: frontend,account, and optionally name, language and wallet. The account
is the number that the platform has for the person: for Telegram the user's id, where the shop writes
to them too. What stands under `wallet` is credited, and the audit says that it was taken over.
It reads what `export customers` wrote. Customers that the shop knows are refused as duplicates.

Example:
  shopbot import customers customers.csv --dry-run";

const ORDERS: &str = "\
The header names the columns: reference,frontend,account,product,quantity, and optionally paid, which
must be what the order costs here. Each row is an order that was paid somewhere else, such as over a
counter or on a marketplace: the shop takes its units and sends them to the customer, whom it has met.
The reference is what the order is called there; however often it is brought in, it is one order.
The ledger books what was paid as an adjustment, and the audit keeps the reference.

Example:
  shopbot import orders market.csv --dry-run";

#[derive(Debug, Args)]
pub(crate) struct TableArgs {
    /// The file
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) rows: RowArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ProductsArgs {
    /// The file
    pub(crate) file: PathBuf,
    /// Make the categories that the shop does not have yet
    #[arg(long)]
    pub(crate) create_categories: bool,
    #[command(flatten)]
    pub(crate) rows: RowArgs,
}

#[derive(Debug, Args)]
pub(crate) struct StockArgs {
    /// The code of the product
    #[arg(long, value_parser = product_code)]
    pub(crate) product: ProductCode,
    /// The file with the contents
    #[arg(required_unless_present = "files", conflicts_with = "files")]
    pub(crate) file: Option<PathBuf>,
    /// Files that are contents themselves
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) rows: RowArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RowArgs {
    /// Say what would be imported and refused, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Take the good rows and leave out those that are refused
    #[arg(long)]
    pub(crate) skip_bad: bool,
    /// Take more than 100,000 rows, in parts: all-or-nothing holds for each part
    #[arg(long)]
    pub(crate) chunked: bool,
}
