//! Watches the quotes of a CSV file go by: its reader ends a quote that was never closed with the
//! file, and does not say so.

use std::io::{self, Read};

/// Passes on what `inner` reads.
pub(super) struct Quotes<R> {
    inner: R,
    separator: u8,
    at: At,
    line: u64,
    opened: u64,
}

/// Where in a field the last byte was.
#[derive(Debug, Clone, Copy)]
enum At {
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
            at: At::Start,
            line: 1,
            opened: 1,
        }
    }

    /// The line of a quote that is open.
    pub(super) fn open_since(&self) -> Option<u64> {
        match self.at {
            At::Quoted => Some(self.opened),
            At::Start | At::Plain | At::Quote => None,
        }
    }

    fn pass(&mut self, byte: u8) {
        let ends_field = byte == self.separator || matches!(byte, b'\r' | b'\n');
        self.at = match self.at {
            At::Start if byte == b'"' => {
                self.opened = self.line;
                At::Quoted
            }
            At::Quoted if byte == b'"' => At::Quote,
            At::Quote if byte == b'"' => At::Quoted,
            At::Quoted => At::Quoted,
            At::Start | At::Plain | At::Quote if ends_field => At::Start,
            At::Start | At::Plain | At::Quote => At::Plain,
        };
        if byte == b'\n' {
            self.line = self.line.saturating_add(1);
        }
    }
}

impl<R: Read> Read for Quotes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        for byte in buffer.iter().take(read) {
            self.pass(*byte);
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open_since(text: &str) -> Option<u64> {
        let mut quotes = Quotes::new(text.as_bytes(), b';');
        io::copy(&mut quotes, &mut io::sink()).unwrap();
        quotes.open_since()
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
