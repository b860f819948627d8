//! What the shop has acknowledged, told to whoever watches from outside.

use std::fmt;
use std::io::{self, Write};

/// Where acknowledgements are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acks {
    /// Nowhere.
    Silent,
    /// On standard output, a line each, flushed at once: what was told has survived, whatever
    /// happens to this process.
    Stdout,
}

impl Acks {
    /// Tells of something that a service has returned.
    ///
    /// # Errors
    /// That of standard output.
    pub fn tell(self, line: fmt::Arguments<'_>) -> io::Result<()> {
        match self {
            Self::Silent => Ok(()),
            Self::Stdout => {
                let mut out = io::stdout().lock();
                writeln!(out, "{line}")?;
                out.flush()
            }
        }
    }
}
