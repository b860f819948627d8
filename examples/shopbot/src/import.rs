//! Bringing in files: rows are read and checked first, and refused with their line and the reason.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::json;

use crate::cli::RowArgs;
use crate::fault::Fault;
use crate::output::Output;

mod products;
mod reasons;
mod stock;
mod table;

pub(crate) use products::products;
pub(crate) use stock::stock;

/// The most rows that are imported as a whole.
const ROWS_MAX: usize = 100_000;

/// How many rows a part has where a file is taken in parts.
const PART: usize = 10_000;

/// A row that was refused, by the line it begins on.
#[derive(Debug, Serialize)]
struct Refusal {
    line: u64,
    reason: String,
}

/// Rows that may be imported, each with its line, and those that may not.
#[derive(Debug)]
struct Checked<T> {
    good: Vec<(u64, T)>,
    refused: Vec<Refusal>,
}

impl<T> Checked<T> {
    fn new() -> Self {
        Self {
            good: Vec::new(),
            refused: Vec::new(),
        }
    }

    fn refuse(&mut self, line: u64, reason: impl fmt::Display) {
        let reason = reason.to_string();
        self.refused.push(Refusal { line, reason });
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

    /// Tells the refused rows, and whether the good ones may be taken.
    fn settle(&self, args: &RowArgs, output: &Output) -> Result<(), Fault> {
        if !self.refused.is_empty() && !output.is_json() {
            for Refusal { line, reason } in &self.refused {
                output.remark(&format!("line {line}: {reason}"));
            }
        }
        if self.refused.is_empty() || args.skip_bad {
            return Ok(());
        }
        self.report(output, 0)?;
        Err(Fault::RowsRefused {
            refused: self.refused.len(),
            rows: self.rows(),
        })
    }

    /// Says what was imported.
    fn report(&self, output: &Output, imported: usize) -> Result<(), Fault> {
        let refused = self.refused.len();
        output.data(
            &json!({ "imported": imported, "refused": self.refused }),
            || format!("{imported} imported, {refused} refused"),
        )
    }
}

/// How many rows are imported as a whole.
fn part_size(args: &RowArgs) -> usize {
    if args.chunked { PART } else { ROWS_MAX }
}

/// A bar over a number of steps; it hides itself where nobody looks.
fn bar(steps: usize, doing: &'static str) -> ProgressBar {
    let steps = u64::try_from(steps).unwrap_or(u64::MAX);
    let style = ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} {eta}");
    let bar = ProgressBar::new(steps).with_message(doing);
    bar.enable_steady_tick(Duration::from_millis(200));
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn unreadable(path: &Path) -> impl FnOnce(std::io::Error) -> Fault {
    let path = path.to_owned();
    move |source| Fault::File { path, source }
}

#[cfg(test)]
mod tests;
