//! Watches a CSV file go by. Its reader ends a quote that was never closed with the file, and does
//! not say so; and it counts the second half of a line end, and blank lines, to the row behind them.

use std::collections::VecDeque;
use std::io::{self, Read};

use thiserror::Error;

/// The longest row, in bytes: far more than all its columns may hold.
const ROW_MAX: usize = 1024 * 1024;

/// A row that would take memory without bound.
#[derive(Debug, Error)]
#[error(
    "the row on line {line} has more than {ROW_MAX} bytes, as if a quote in it were never closed"
)]
struct LongRow {
    line: u64,
}

/// Passes on what `inner` reads.
pub(super) struct Quotes<R> {
    inner: R,
    separator: u8,
    at: At,
    last: u8,
    line: u64,
    opened: u64,
    rows: VecDeque<u64>,
    begun: u64,
    length: usize,
}

/// Where in a field the last byte was.
#[derive(Debug, Clone, Copy)]
enum At {
    /// Behind the end of a row.
    Row,
    /// Behind a separator.
    Start,
    Plain,
    Quoted,
    /// After a quote that closes, or is the first half of one that is content.
    Quote,
}

impl<R> Quotes<R> {
    pub(super) fn new(inner: R, separator: u8) -> Self {
        Self {
            inner,
            separator,
            at: At::Row,
            last: 0,
            line: 1,
            opened: 1,
            rows: VecDeque::new(),
            begun: 1,
            length: 0,
        }
    }

    /// The line that the next row begins on; blank lines are no rows.
    pub(super) fn next_row(&mut self) -> Option<u64> {
        self.rows.pop_front()
    }

    /// Ends the file; the line of a quote that is open then.
    pub(super) fn end(&mut self) -> Option<u64> {
        match std::mem::replace(&mut self.at, At::Row) {
            At::Quoted => Some(self.opened),
            At::Row | At::Start | At::Plain | At::Quote => None,
        }
    }

    fn pass(&mut self, byte: u8) {
        let ends_row = matches!(byte, b'\r' | b'\n');
        if matches!(self.at, At::Row) {
            self.length = 0;
            if !ends_row {
                self.rows.push_back(self.line);
                self.begun = self.line;
            }
        }
        self.length = self.length.saturating_add(1);
        self.at = match self.at {
            At::Row | At::Start if byte == b'"' => {
                self.opened = self.line;
                At::Quoted
            }
            At::Quoted if byte == b'"' => At::Quote,
            At::Quote if byte == b'"' => At::Quoted,
            At::Quoted => At::Quoted,
            At::Row | At::Start | At::Plain | At::Quote if ends_row => At::Row,
            At::Row | At::Start | At::Plain | At::Quote if byte == self.separator => At::Start,
            At::Row | At::Start | At::Plain | At::Quote => At::Plain,
        };
        if ends_row && (self.last, byte) != (b'\r', b'\n') {
            self.line = self.line.saturating_add(1);
        }
        self.last = byte;
    }
}

impl<R: Read> Read for Quotes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        for byte in buffer.iter().take(read) {
            self.pass(*byte);
            if self.length > ROW_MAX {
                return Err(io::Error::other(LongRow { line: self.begun }));
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(text: &str) -> Quotes<&[u8]> {
        let mut quotes = Quotes::new(text.as_bytes(), b';');
        io::copy(&mut quotes, &mut io::sink()).unwrap();
        quotes
    }

    fn open_since(text: &str) -> Option<u64> {
        let mut quotes = passed(text);
        let since = quotes.end();
        assert_eq!(quotes.end(), None, "it is told once");
        since
    }

    #[test]
    fn a_row_begins_on_its_own_line_whatever_ends_the_lines() {
        for end in ["\n", "\r\n", "\r"] {
            let text = "a;b\n\n;\n\"x\ny\"\nz".replace('\n', end);
            assert_eq!(passed(&text).rows, [1, 3, 4, 6], "{end:?}");
        }
    }

    #[test]
    fn a_row_without_end_is_not_read_to_its_end() {
        let endless = "a\n\n\"".as_bytes().chain(io::repeat(b'x'));
        let mut quotes = Quotes::new(endless, b';');
        let told = io::copy(&mut quotes, &mut io::sink()).unwrap_err();
        assert!(told.to_string().contains("on line 3 has more"), "{told}");
        let blank = "\n".repeat(ROW_MAX + 2);
        assert!(passed(&blank).rows.is_empty());
    }

    #[test]
    fn only_a_quote_that_begins_a_field_can_stay_open() {
        for closed in [
            "",
            "a;\"b\nc\"\n",
            "5\" disk;x\n",
            "\"a \"\"b\"\"\"",
            "\"a\"b\"c",
        ] {
            assert_eq!(open_since(closed), None, "{closed}");
        }
        assert_eq!(open_since("a\nb;\"c\nd\n"), Some(2));
        assert_eq!(open_since("\"a\"\"\n"), Some(1));
    }
}
