//! Contents of a product: lines of a text file, or the column `content` of a CSV file.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use shopcore::Shop;
use shopcore::audit::Actor;
use shopcore::id::ProductId;
use shopcore::service::StockError;
use shopcore::stock::Content;

use super::reasons::Reason;
use super::table::{Row, Table};
use super::{Checked, ROWS_MAX, bar, part_size, unreadable};
use crate::cli::{RowArgs, StockArgs};
use crate::fault::Fault;
use crate::output::Output;

const COLUMNS: &[&str] = &["content"];

/// Imports the contents of a file.
pub(crate) async fn stock(shop: &Shop, args: &StockArgs, output: &Output) -> Result<(), Fault> {
    let found = shop.catalog().find(&args.product).await?;
    let product = found.ok_or_else(|| Fault::UnknownProduct(args.product.clone()))?;
    let read = if is_csv(&args.file) {
        read_table(&args.file, &args.rows)?
    } else {
        read_lines(&args.file, &args.rows)?
    };
    let checked = without_known(shop, without_repeats(read)).await?;
    checked.settle(&args.rows, output)?;
    let imported = import(shop, product.id, &checked, &args.rows).await?;
    checked.report(output, imported)
}

fn is_csv(path: &Path) -> bool {
    let ending = path.extension();
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case("csv"))
}

fn read_table(path: &Path, args: &RowArgs) -> Result<Checked<Content>, Fault> {
    let mut checked = Checked::new();
    for row in Table::open(path, COLUMNS, COLUMNS)?.rows() {
        let (line, row) = row?;
        match row {
            Row::Bad(reason) => checked.refuse(line, reason),
            Row::Fields(fields) => take(
                &mut checked,
                line,
                fields.get("content").unwrap_or_default(),
            ),
        }
        if checked.rows() > ROWS_MAX {
            checked.check_size(args)?;
        }
    }
    Ok(checked)
}

fn read_lines(path: &Path, args: &RowArgs) -> Result<Checked<Content>, Fault> {
    let mut checked = Checked::new();
    let file = BufReader::new(File::open(path).map_err(unreadable(path))?);
    for (line, bytes) in (1..).zip(file.split(b'\n')) {
        match std::str::from_utf8(&bytes.map_err(unreadable(path))?) {
            Ok(text) => take(&mut checked, line, text.trim_start_matches('\u{feff}')),
            Err(_) => checked.refuse(line, Reason::NotText),
        }
        if checked.rows() > ROWS_MAX {
            checked.check_size(args)?;
        }
    }
    Ok(checked)
}

fn take(checked: &mut Checked<Content>, line: u64, text: &str) {
    match Content::text(text) {
        Ok(content) => checked.good.push((line, content)),
        Err(error) => checked.refuse(line, Reason::from(error)),
    }
}

/// Refuses what stands in the file twice.
fn without_repeats(read: Checked<Content>) -> Checked<Content> {
    let mut checked = Checked::new();
    checked.refused = read.refused;
    let mut first: HashMap<Vec<u8>, u64> = HashMap::with_capacity(read.good.len());
    for (line, content) in read.good {
        match first.get(&content.to_bytes()) {
            Some(earlier) => checked.refuse(line, Reason::DuplicateOf(*earlier)),
            None => {
                first.insert(content.to_bytes(), line);
                checked.good.push((line, content));
            }
        }
    }
    checked
}

/// Refuses what the shop has.
async fn without_known(shop: &Shop, read: Checked<Content>) -> Result<Checked<Content>, Fault> {
    let contents: Vec<_> = read.good.iter().map(|(_, c)| c.clone()).collect();
    let known = shop.stock().known(&contents).await?;
    let mut checked = Checked::new();
    checked.refused = read.refused;
    for (row, known) in read.good.into_iter().zip(known) {
        if known {
            checked.refuse(row.0, Reason::Known);
        } else {
            checked.good.push(row);
        }
    }
    checked.refused.sort_by_key(|refusal| refusal.line);
    Ok(checked)
}

async fn import(
    shop: &Shop,
    product: ProductId,
    checked: &Checked<Content>,
    args: &RowArgs,
) -> Result<usize, Fault> {
    let bar = bar(checked.good.len(), "storing");
    let mut imported: usize = 0;
    for part in checked.good.chunks(part_size(args)) {
        let contents: Vec<_> = part.iter().map(|(_, content)| content.clone()).collect();
        let added = shop.stock().add(&Actor::Operator, product, &contents).await;
        let added = added.map_err(|error| meanwhile(error, part))?;
        imported = imported.saturating_add(added);
        bar.inc(u64::try_from(added).unwrap_or(u64::MAX));
    }
    bar.finish_and_clear();
    Ok(imported)
}

/// Someone else added the same content between the check and the import.
fn meanwhile(error: StockError, part: &[(u64, Content)]) -> Fault {
    match &error {
        StockError::Duplicate { index } => match part.get(*index) {
            Some((line, _)) => Fault::AddedMeanwhile { line: *line },
            None => error.into(),
        },
        StockError::UnknownProduct
        | StockError::UnknownUnit
        | StockError::OneContentOnly
        | StockError::Vault(_)
        | StockError::Content(_)
        | StockError::Store(_)
        | StockError::Commit(_) => error.into(),
    }
}
