//! Contents of a product: lines of a text file, the column `content` of a CSV file, or files.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use shopcore::Shop;
use shopcore::audit::Actor;
use shopcore::id::ProductId;
use shopcore::service::StockError;
use shopcore::stock::Content;

use super::files::read_files;
use super::reasons::Reason;
use super::table::Table;
use super::{Checked, Place, part_size, unreadable};
use crate::cli::{RowArgs, StockArgs};
use crate::fault::Fault;
use crate::output::Output;
use crate::progress;

const COLUMNS: &[&str] = &["content"];

/// The longest line that is read, its end included, in bytes: longer than any content, with white
/// space around it.
const LINE_MAX: u64 = 64 * 1024;

/// Imports the contents of a file.
pub(crate) async fn stock(shop: &Shop, args: &StockArgs, output: &Output) -> Result<(), Fault> {
    let found = shop.catalog().find(&args.product).await?;
    let product = found.ok_or_else(|| Fault::UnknownProduct(args.product.clone()))?;
    let read = match &args.file {
        Some(file) if is_csv(file) => read_table(file, &args.rows)?,
        Some(file) => read_lines(file, &args.rows)?,
        None => read_files(&args.files),
    };
    let checked = without_known(shop, without_repeats(read)).await?;
    checked.settle(&args.rows, output)?;
    if args.rows.dry_run {
        return checked.foresee(output);
    }
    let imported = import(shop, product.id, &checked, &args.rows).await?;
    checked.report(output, imported)
}

fn is_csv(path: &Path) -> bool {
    let ending = path.extension();
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case("csv"))
}

fn read_table(path: &Path, args: &RowArgs) -> Result<Checked<Content>, Fault> {
    let mut rows = Table::open(path, COLUMNS, COLUMNS)?.read(path, args)?;
    let mut checked = Checked::after(&mut rows);
    for (place, fields) in rows.good {
        take(
            &mut checked,
            place,
            fields.get("content").unwrap_or_default(),
        );
    }
    Ok(checked)
}

/// Reads one content a line; blank lines at the end are none.
fn read_lines(path: &Path, args: &RowArgs) -> Result<Checked<Content>, Fault> {
    let mut checked = Checked::new();
    let file = File::open(path).map_err(unreadable(path))?;
    let bar = progress::reading(file.metadata().map_err(unreadable(path))?.len());
    let mut blank = 1;
    for (line, bytes) in (1..).zip(Lines(BufReader::new(bar.wrap_read(file)))) {
        let bytes = bytes.map_err(unreadable(path))?;
        let text = bytes.as_deref().map(std::str::from_utf8);
        if matches!(text, Some(Ok(text)) if text.trim().is_empty()) {
            continue;
        }
        for line in blank..line {
            take(&mut checked, Place::Line(line), "");
            checked.check_size(args)?;
        }
        let place = Place::Line(line);
        match text {
            Some(Ok(text)) => take(&mut checked, place, text.trim_start_matches('\u{feff}')),
            Some(Err(_)) => checked.refuse(place, Reason::NotText),
            None => checked.refuse(place, Reason::LongLine { max: LINE_MAX }),
        }
        checked.check_size(args)?;
        blank = line.saturating_add(1);
    }
    checked.check_any(path)?;
    Ok(checked)
}

/// The lines of a file; `None` for one that is too long, of which no more than that is kept.
struct Lines<R>(R);

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<Option<Vec<u8>>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = Vec::new();
        let read = self.0.by_ref().take(LINE_MAX).read_until(b'\n', &mut line);
        match read {
            Err(error) => return Some(Err(error)),
            Ok(0) => return None,
            Ok(_) if line.pop_if(|last| *last == b'\n').is_some() => return Some(Ok(Some(line))),
            Ok(_) => {}
        }
        // Without its end it is the last line, or there is more of it.
        match self.0.skip_until(b'\n') {
            Ok(0) => Some(Ok(Some(line))),
            Ok(_) => Some(Ok(None)),
            Err(error) => Some(Err(error)),
        }
    }
}

fn take(checked: &mut Checked<Content>, place: Place, text: &str) {
    match Content::text(text) {
        Ok(content) => checked.good.push((place, content)),
        Err(error) => checked.refuse(place, error),
    }
}

/// Refuses what is brought twice.
fn without_repeats(mut read: Checked<Content>) -> Checked<Content> {
    let mut checked = Checked::after(&mut read);
    let mut first: HashMap<Vec<u8>, Place> = HashMap::with_capacity(read.good.len());
    for (place, content) in read.good {
        match first.get(&content.to_bytes()) {
            Some(earlier) => checked.refuse(place, Reason::DuplicateOf(earlier.clone())),
            None => {
                first.insert(content.to_bytes(), place.clone());
                checked.good.push((place, content));
            }
        }
    }
    checked
}

/// Refuses what the shop has.
async fn without_known(shop: &Shop, mut read: Checked<Content>) -> Result<Checked<Content>, Fault> {
    let _spinner = progress::checking(read.good.len());
    let contents: Vec<_> = read.good.iter().map(|(_, c)| c.clone()).collect();
    let known = shop.stock().known(&contents).await?;
    let mut checked = Checked::after(&mut read);
    for ((place, content), known) in read.good.into_iter().zip(known) {
        if known {
            checked.refuse(place, Reason::Known);
        } else {
            checked.good.push((place, content));
        }
    }
    checked.refused.sort_by(|a, b| a.place.cmp(&b.place));
    Ok(checked)
}

async fn import(
    shop: &Shop,
    product: ProductId,
    checked: &Checked<Content>,
    args: &RowArgs,
) -> Result<usize, Fault> {
    let bar = progress::storing(checked.good.len(), part_size(args));
    let mut imported: usize = 0;
    for part in checked.good.chunks(part_size(args)) {
        let contents: Vec<_> = part.iter().map(|(_, content)| content.clone()).collect();
        let added = shop.stock().add(&Actor::Operator, product, &contents).await;
        let added = added.map_err(|error| meanwhile(error, part))?;
        imported = imported.saturating_add(added);
        bar.inc(progress::count(added));
    }
    Ok(imported)
}

/// Someone else added the same content between the check and the import.
fn meanwhile(error: StockError, part: &[(Place, Content)]) -> Fault {
    match &error {
        StockError::Duplicate { index } => match part.get(*index) {
            Some((place, _)) => Fault::AddedMeanwhile {
                place: place.clone(),
            },
            None => error.into(),
        },
        StockError::UnknownProduct
        | StockError::UnknownUnit
        | StockError::NotAvailable
        | StockError::OneContentOnly
        | StockError::Vault(_)
        | StockError::Content(_)
        | StockError::Store(_)
        | StockError::Commit(_) => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_kept_no_longer_than_any_content() {
        let endless = |length| io::repeat(b'x').take(length);
        let text = b"K-1\n".chain(endless(LINE_MAX - 1)).chain(&b"\n"[..]);
        let text = text.chain(endless(50 * LINE_MAX)).chain(&b"\n\nK-2"[..]);
        let lines: Vec<_> = Lines(BufReader::new(text)).map(Result::unwrap).collect();
        let lengths: Vec<_> = lines
            .iter()
            .map(|line| line.as_ref().map(Vec::len))
            .collect();
        let longest = usize::try_from(LINE_MAX).unwrap() - 1;
        assert_eq!(lengths, [Some(3), Some(longest), None, Some(0), Some(3)]);
        let last = Lines(BufReader::new(endless(LINE_MAX)));
        assert!(last.map(Result::unwrap).all(|line| line.is_some()));
    }
}
