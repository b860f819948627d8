//! Bringing in files: rows are read and checked first, and refused with their line and the reason.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};
use serde_json::json;
use shopcore::text::Name;

use crate::cli::RowArgs;
use crate::fault::Fault;
use crate::output::Output;

mod customers;
mod files;
mod orders;
mod products;
mod quotes;
mod reasons;
mod stock;
mod table;
mod vouchers;

use reasons::Reason;
use table::Fields;

pub(crate) use customers::customers;
pub(crate) use orders::orders;
pub(crate) use products::{Rows, products};
pub(crate) use stock::stock;
pub(crate) use table::Separator;
pub(crate) use vouchers::vouchers;

/// The most rows that are imported as a whole.
const ROWS_MAX: usize = 100_000;

/// How many rows a part has where a file is taken in parts.
const PART: usize = 10_000;

/// How many refusals are told one by one.
const REFUSALS_SHOWN: usize = 20;

/// Where something that is brought in stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Place {
    /// The line of the file that it begins on, from 1.
    Line(u64),
    /// It is this file.
    File(PathBuf),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// A row that was refused.
#[derive(Debug, Serialize)]
struct Refusal {
    #[serde(flatten)]
    place: Place,
    #[serde(serialize_with = "as_text")]
    reason: Reason,
}

fn as_text<S: Serializer>(reason: &Reason, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(reason)
}

/// What would let more rows be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Advice {
    SkipBad,
    CreateCategories,
    /// Nothing but to mend the rows.
    Mend,
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SkipBad => "; --skip-bad takes the rest",
            Self::CreateCategories => "; --create-categories makes the categories",
            Self::Mend => "",
        })
    }
}

/// Rows that may be imported and those that may not, and the columns that nothing was made of.
#[derive(Debug)]
struct Checked<T> {
    good: Vec<(Place, T)>,
    refused: Vec<Refusal>,
    unused: Vec<String>,
}

impl<T> Checked<T> {
    fn new() -> Self {
        Self {
            good: Vec::new(),
            refused: Vec::new(),
            unused: Vec::new(),
        }
    }

    /// What was found out about `other`, but none of its good rows.
    fn after<U>(other: &mut Checked<U>) -> Self {
        Self {
            good: Vec::with_capacity(other.good.len()),
            refused: std::mem::take(&mut other.refused),
            unused: std::mem::take(&mut other.unused),
        }
    }

    /// The refused rows in the order of the file.
    fn sorted(mut self) -> Self {
        self.refused.sort_by(|a, b| a.place.cmp(&b.place));
        self
    }

    fn refuse(&mut self, place: Place, reason: impl Into<Reason>) {
        let reason = reason.into();
        self.refused.push(Refusal { place, reason });
    }

    fn rows(&self) -> usize {
        self.good.len().saturating_add(self.refused.len())
    }

    /// Refuses what does not fit into one part unless parts are asked for.
    fn check_size(&self, args: &RowArgs) -> Result<(), Fault> {
        if self.rows() > ROWS_MAX && !args.chunked {
            return Err(Fault::TooManyRows { max: ROWS_MAX });
        }
        Ok(())
    }

    /// Refuses a file without a row.
    fn check_any(&self, path: &Path) -> Result<(), Fault> {
        match self.rows() {
            0 => Err(Fault::NoRows(path.to_owned())),
            _ => Ok(()),
        }
    }

    /// Tells the refused rows, and whether the good ones may be taken.
    fn settle(&self, args: &RowArgs, output: &Output) -> Result<(), Fault> {
        if !output.is_json() {
            self.remark(output);
        }
        let is_some_taken = args.skip_bad && !self.good.is_empty();
        if self.refused.is_empty() || is_some_taken {
            return Ok(());
        }
        self.report(output, 0)?;
        Err(Fault::RowsRefused {
            refused: self.refused.len(),
            rows: self.rows(),
            advice: self.advice(),
        })
    }

    fn advice(&self) -> Advice {
        let is_unknown = |refusal: &Refusal| refusal.reason.unknown_category().is_some();
        if self.refused.iter().all(is_unknown) {
            Advice::CreateCategories
        } else if self.good.is_empty() {
            Advice::Mend
        } else {
            Advice::SkipBad
        }
    }

    fn remark(&self, output: &Output) {
        if !self.unused.is_empty() {
            output.remark(&format!("columns not used: {}", self.unused.join(", ")));
        }
        let told = self.refusals_told();
        for line in told.iter().take(REFUSALS_SHOWN) {
            output.remark(line);
        }
        let more = told.len().saturating_sub(REFUSALS_SHOWN);
        if more > 0 {
            output.remark(&format!("… and {more} more (--json lists all)"));
        }
    }

    /// A line a refused row, but only one for all the rows of a category that is unknown.
    fn refusals_told(&self) -> Vec<String> {
        let mut rows: BTreeMap<&Name, usize> = BTreeMap::new();
        let unknown = self.refused.iter();
        for category in unknown.filter_map(|refusal| refusal.reason.unknown_category()) {
            let count = rows.entry(category).or_default();
            *count = count.saturating_add(1);
        }
        let told = self.refused.iter().filter_map(|Refusal { place, reason }| {
            let rows = match reason.unknown_category() {
                Some(category) => rows.remove(category)?,
                None => 1,
            };
            Some(match rows {
                1 => format!("{place}: {reason}"),
                _ => format!("{place}: {reason} ({rows} rows)"),
            })
        });
        told.collect()
    }

    /// Says what would be imported.
    fn foresee(&self, output: &Output) -> Result<(), Fault> {
        let (good, refused) = (self.good.len(), self.refused.len());
        output.data(
            &json!({
                "would_import": good,
                "refused": self.refused,
                "columns_not_used": self.unused,
            }),
            || format!("{good} would be imported, {refused} refused; nothing was changed"),
        )
    }

    /// Says what was imported.
    fn report(&self, output: &Output, imported: usize) -> Result<(), Fault> {
        let refused = self.refused.len();
        output.data(
            &json!({
                "imported": imported,
                "refused": self.refused,
                "columns_not_used": self.unused,
            }),
            || format!("{imported} imported, {refused} refused"),
        )
    }
}

/// Where each key stands first in a file.
#[derive(Debug)]
struct Firsts<K>(BTreeMap<K, Place>);

impl<K> Default for Firsts<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord + Clone> Firsts<K> {
    /// Refuses a key that stands further up.
    fn check(&self, key: &K) -> Result<(), Reason> {
        match self.0.get(key) {
            Some(first) => Err(Reason::DuplicateOf(first.clone())),
            None => Ok(()),
        }
    }

    fn note(&mut self, key: &K, place: &Place) {
        self.0.insert(key.clone(), place.clone());
    }
}

/// What stands in a column that may be empty.
fn optional<T, E: fmt::Display>(
    fields: &Fields,
    column: &'static str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<T>, Reason> {
    let text = fields.plain(column);
    text.map(parse)
        .transpose()
        .map_err(reasons::in_column(column))
}

/// How many rows are imported as a whole.
fn part_size(args: &RowArgs) -> usize {
    if args.chunked { PART } else { ROWS_MAX }
}

fn unreadable(path: &Path) -> impl FnOnce(std::io::Error) -> Fault {
    let path = path.to_owned();
    move |source| Fault::File { path, source }
}

#[cfg(test)]
mod tests;
