//! What may be typed about tables that are written.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

pub(super) const EXPORT: &str = "\
The table is CSV, all of one moment: amounts as 15000 or 4.99 in the shop's currency, moments in UTC.
What a spreadsheet would take for a formula begins with an apostrophe, which `import` takes off again.

`import` reads what `export` wrote of products, vouchers and customers, and with `stock --product CODE`
the column `content`. Of orders `import` reads another table: those that were paid elsewhere and are
still to be handed over. What is exported here was handed over here.

Examples:
  shopbot export products --to products.csv
  shopbot export orders > orders.csv
  shopbot export stock --content --to contents.csv   # reveals each content, on the record";

/// What a table is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Exported {
    /// Products
    Products,
    /// Units and where they stand, without their contents
    Stock,
    /// Vouchers, their conditions and uses
    Vouchers,
    /// Customers, how many orders they placed, and their wallets
    Customers,
    /// Orders
    Orders,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// What
    #[arg(value_enum)]
    pub(crate) what: Exported,
    /// The file [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) to: Option<PathBuf>,
    /// Write over the file
    #[arg(long, requires = "to")]
    pub(crate) force: bool,
    /// Of stock: with the contents that are for sale, each of which is revealed on the record
    #[arg(long)]
    pub(crate) content: bool,
}
