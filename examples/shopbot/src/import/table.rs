//! A CSV file with named columns.

use std::fs::File;
use std::path::Path;

use csv::{ErrorKind, Position, Reader, ReaderBuilder, StringRecord, Trim};
use indicatif::ProgressBar;

use super::{bar, unreadable};
use crate::fault::Fault;

/// A file whose first line names its columns.
pub(super) struct Table {
    reader: Reader<File>,
    columns: Vec<&'static str>,
    bar: ProgressBar,
}

/// A row, or why it is none.
pub(super) enum Row {
    Fields(Fields),
    Bad(&'static str),
}

/// The fields of a row, by column.
pub(super) struct Fields {
    columns: Vec<&'static str>,
    record: StringRecord,
}

impl Fields {
    /// A field; `None` where the column is not there or empty.
    pub(super) fn get(&self, column: &str) -> Option<&str> {
        let place = self.columns.iter().position(|name| *name == column)?;
        self.record.get(place).filter(|text| !text.is_empty())
    }
}

impl Table {
    /// Opens the file at `path`, whose columns must be among `known` and have all `needed`.
    pub(super) fn open(
        path: &Path,
        known: &'static [&'static str],
        needed: &'static [&'static str],
    ) -> Result<Self, Fault> {
        let file = File::open(path).map_err(unreadable(path))?;
        let length = file.metadata().map_err(unreadable(path))?.len();
        let mut reader = ReaderBuilder::new()
            .flexible(true)
            .trim(Trim::All)
            .from_reader(file);
        let header = reader.headers()?.clone();
        let columns = columns(&header, known)?;
        if let Some(missing) = needed.iter().find(|name| !columns.contains(name)) {
            return Err(Fault::MissingColumn(missing));
        }
        let steps = usize::try_from(length).unwrap_or(usize::MAX);
        Ok(Self {
            reader,
            columns,
            bar: bar(steps, "reading"),
        })
    }

    /// Every row with the line it begins on.
    pub(super) fn rows(mut self) -> impl Iterator<Item = Result<(u64, Row), Fault>> {
        std::iter::from_fn(move || {
            let mut record = StringRecord::new();
            let read = self.reader.read_record(&mut record);
            let line = record.position().map_or(0, Position::line);
            self.bar.set_position(self.reader.position().byte());
            match read {
                Ok(false) => None,
                Ok(true) if record.len() != self.columns.len() => Some(Ok((
                    line,
                    Row::Bad("it has more or fewer fields than the first line"),
                ))),
                Ok(true) => {
                    let columns = self.columns.clone();
                    Some(Ok((line, Row::Fields(Fields { columns, record }))))
                }
                Err(error) => Some(unread(error)),
            }
        })
    }
}

/// A row that is no text is refused; a file that can't be read ends the import.
fn unread(error: csv::Error) -> Result<(u64, Row), Fault> {
    let line = error.position().map_or(0, Position::line);
    if matches!(error.kind(), ErrorKind::Utf8 { .. }) {
        return Ok((line, Row::Bad("it is not UTF-8 text")));
    }
    Err(error.into())
}

/// The columns that a header names, each known and named once.
fn columns(
    header: &StringRecord,
    known: &'static [&'static str],
) -> Result<Vec<&'static str>, Fault> {
    let mut columns = Vec::with_capacity(header.len());
    for name in header {
        let name = name.trim_start_matches('\u{feff}').to_lowercase();
        let Some(column) = known.iter().find(|column| **column == name) else {
            let column = name;
            return Err(Fault::UnknownColumn { column, known });
        };
        if columns.contains(column) {
            return Err(Fault::ColumnTwice(name));
        }
        columns.push(*column);
    }
    Ok(columns)
}
