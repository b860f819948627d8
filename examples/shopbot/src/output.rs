//! What a command prints: data on standard output, remarks on standard error.

use std::ffi::OsString;
use std::io::{self, Write};

use serde_json::{Value, json};

use crate::fault::Fault;

/// How data is printed.
#[derive(Debug, Clone, Copy)]
enum Form {
    Text,
    Json,
    #[cfg(test)]
    Silent,
}

/// Prints for people, or for programs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output(Form);

impl Output {
    /// Prints as the command line asks.
    pub(crate) fn new(cli: &crate::cli::Cli) -> Self {
        Self(if cli.json { Form::Json } else { Form::Text })
    }

    /// Prints as a command line asks that is not understood otherwise.
    pub(crate) fn of(mut words: impl Iterator<Item = OsString>) -> Self {
        let is_json = words.any(|word| word == "--json");
        Self(if is_json { Form::Json } else { Form::Text })
    }

    #[cfg(test)]
    pub(crate) fn silent() -> Self {
        Self(Form::Silent)
    }

    /// Whether it prints for programs.
    pub(crate) fn is_json(self) -> bool {
        matches!(self.0, Form::Json)
    }

    /// Prints data: `value` for programs, `text` for people.
    pub(crate) fn data(self, value: &Value, text: impl FnOnce() -> String) -> Result<(), Fault> {
        let line = match self.0 {
            Form::Json => serde_json::to_string_pretty(value)?,
            Form::Text => text(),
            #[cfg(test)]
            Form::Silent => String::new(),
        };
        if line.is_empty() {
            return Ok(());
        }
        match writeln!(io::stdout().lock(), "{line}") {
            // Whoever read it has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written.map_err(Fault::Output),
        }
    }

    /// Says on standard error why a command failed: to programs as one object on the last line.
    pub(crate) fn failure(self, told: &str) {
        match self.0 {
            Form::Json => self.remark(&json!({ "error": told }).to_string()),
            Form::Text => self.remark(&format!("error: {told}")),
            #[cfg(test)]
            Form::Silent => {}
        }
    }

    /// Says something beside the data.
    pub(crate) fn remark(self, text: &str) {
        #[cfg(test)]
        if matches!(self.0, Form::Silent) {
            return;
        }
        // Nobody may be listening, and nothing depends on it.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}
