//! A CSV file with named columns.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};
use std::path::Path;
use std::sync::Arc;

use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord, Trim};
use indicatif::ProgressBar;
use shopcore::service::tables;

use super::quotes::Quotes;
use super::reasons::Reason;
use super::{Checked, Place, unreadable};
use crate::cli::RowArgs;
use crate::fault::Fault;
use crate::progress;

/// The longest first line that is looked at for its separators, in bytes.
const FIRST_LINE_MAX: u64 = 64 * 1024;

/// What stands between the fields of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Separator {
    Comma,
    Semicolon,
    Tab,
}

impl Separator {
    /// The separator that a first line has most of.
    fn of(first_line: &[u8]) -> Self {
        let count = |separator: Self| {
            let bytes = first_line.iter();
            bytes.filter(|byte| **byte == separator.byte()).count()
        };
        let mut most = Self::Comma;
        for rival in [Self::Semicolon, Self::Tab] {
            if count(rival) > count(most) {
                most = rival;
            }
        }
        most
    }

    const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }
}

impl fmt::Display for Separator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Comma => "commas",
            Self::Semicolon => "semicolons",
            Self::Tab => "tabs",
        })
    }
}

/// A file whose first line was read and is put back.
type Whole = Chain<Cursor<Vec<u8>>, BufReader<File>>;

/// A file whose first line names its columns.
pub(super) struct Table {
    reader: Reader<Quotes<Whole>>,
    columns: Arc<[Option<&'static str>]>,
    unused: Vec<String>,
    bar: ProgressBar,
}

/// A row, or why it is none.
#[derive(Debug)]
pub(super) enum Row {
    Fields(Fields),
    Bad(Reason),
}

/// The fields of a row, by column.
#[derive(Debug)]
pub(super) struct Fields {
    columns: Arc<[Option<&'static str>]>,
    record: StringRecord,
}

impl Fields {
    /// A field; `None` where the column is not there or empty.
    pub(super) fn get(&self, column: &str) -> Option<&str> {
        let place = self.columns.iter().position(|name| *name == Some(column))?;
        self.record.get(place).filter(|text| !text.is_empty())
    }

    /// A field as it was before it was guarded against being taken for a formula.
    pub(super) fn plain(&self, column: &str) -> Option<&str> {
        self.get(column).map(tables::plain)
    }
}

impl Table {
    /// Opens the file at `path`, which must have all the columns `needed`; those that are not
    /// `known` are not used.
    pub(super) fn open(
        path: &Path,
        known: &'static [&'static str],
        needed: &'static [&'static str],
    ) -> Result<Self, Fault> {
        let file = File::open(path).map_err(unreadable(path))?;
        let length = file.metadata().map_err(unreadable(path))?.len();
        let (separator, whole) = first_look(file).map_err(unreadable(path))?;
        let mut reader = ReaderBuilder::new()
            .delimiter(separator.byte())
            .flexible(true)
            .trim(Trim::All)
            .from_reader(Quotes::new(whole, separator.byte()));
        let header = reader.headers().map_err(no_header)?.clone();
        reader.get_mut().next_row();
        let (columns, unused) = columns(&header, known)?;
        let is_missing = |name: &&'static str| !columns.contains(&Some(*name));
        let missing: Vec<_> = needed.iter().copied().filter(is_missing).collect();
        if !missing.is_empty() {
            return Err(Fault::MissingColumns { missing, separator });
        }
        Ok(Self {
            reader,
            columns: columns.into(),
            unused,
            bar: progress::reading(length),
        })
    }

    /// Reads all rows; `path` is told where there is none.
    pub(super) fn read(self, path: &Path, args: &RowArgs) -> Result<Checked<Fields>, Fault> {
        let mut checked = Checked::new();
        checked.unused = self.unused.clone();
        for row in self.rows() {
            let (line, row) = row?;
            match row {
                Row::Bad(reason) => checked.refuse(Place::Line(line), reason),
                Row::Fields(fields) => checked.good.push((Place::Line(line), fields)),
            }
            checked.check_size(args)?;
        }
        checked.check_any(path)?;
        Ok(checked)
    }

    /// Every row with the line it begins on.
    pub(super) fn rows(mut self) -> impl Iterator<Item = Result<(u64, Row), Fault>> {
        std::iter::from_fn(move || {
            let mut record = StringRecord::new();
            let read = self.reader.read_record(&mut record);
            self.bar.set_position(self.reader.position().byte());
            let line = self.reader.get_mut().next_row().unwrap_or(0);
            match read {
                Ok(false) => {
                    let line = self.reader.get_mut().end()?;
                    Some(Err(Fault::OpenQuote { line }))
                }
                Ok(true) if record.len() != self.columns.len() => {
                    let (has, header) = (record.len(), self.columns.len());
                    Some(Ok((line, Row::Bad(Reason::Fields { has, header }))))
                }
                Ok(true) => {
                    let columns = Arc::clone(&self.columns);
                    Some(Ok((line, Row::Fields(Fields { columns, record }))))
                }
                Err(error) => Some(unread(line, error)),
            }
        })
    }
}

fn no_header(error: csv::Error) -> Fault {
    if matches!(error.kind(), ErrorKind::Utf8 { .. }) {
        return Fault::HeaderNotText;
    }
    error.into()
}

/// A row that is no text is refused; a file that can't be read ends the import.
fn unread(line: u64, error: csv::Error) -> Result<(u64, Row), Fault> {
    if matches!(error.kind(), ErrorKind::Utf8 { .. }) {
        return Ok((line, Row::Bad(Reason::NotText)));
    }
    Err(error.into())
}

/// The separator of a file, and the file as if it had not been looked into.
fn first_look(file: File) -> io::Result<(Separator, Whole)> {
    let mut file = BufReader::new(file);
    let mut first = Vec::new();
    file.by_ref()
        .take(FIRST_LINE_MAX)
        .read_until(b'\n', &mut first)?;
    if let Some(rest) = first.strip_prefix("\u{feff}".as_bytes()) {
        first = rest.to_vec();
    }
    Ok((Separator::of(&first), Cursor::new(first).chain(file)))
}

/// The columns that a header names, each once, in its order, and the names that are not known.
fn columns(
    header: &StringRecord,
    known: &'static [&'static str],
) -> Result<(Vec<Option<&'static str>>, Vec<String>), Fault> {
    let mut columns = Vec::with_capacity(header.len());
    let mut unused = Vec::new();
    for name in header {
        let column = known
            .iter()
            .copied()
            .find(|column| column.eq_ignore_ascii_case(name));
        if column.is_some() && columns.contains(&column) {
            return Err(Fault::ColumnTwice(name.to_owned()));
        }
        if column.is_none() && !name.is_empty() {
            unused.push(name.to_owned());
        }
        columns.push(column);
    }
    Ok((columns, unused))
}
