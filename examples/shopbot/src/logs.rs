//! Logs: to a file, or to standard error. They stay out of the chat.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Mutex;

use thiserror::Error;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::config::{Config, FOLDER, StoreAt};
use crate::fault::Fault;

/// What is logged.
#[derive(Debug, Clone)]
pub(crate) struct LogFilter(String);

/// A text is no filter of logs.
#[derive(Debug, Error)]
#[error(
    "{0:?} is no level; the levels are off, error, warn, info, debug and trace, also by module, \
     such as warn,shopcore=debug"
)]
pub(crate) struct BadFilter(String);

impl FromStr for LogFilter {
    type Err = BadFilter;

    /// Every part ends with a level: without one a part would be taken for a module's name.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || BadFilter(text.to_owned());
        for part in text.split(',') {
            let level = part.rsplit('=').next().filter(|level| !level.is_empty());
            let level = level.ok_or_else(bad)?.parse::<LevelFilter>();
            level.map_err(|_| bad())?;
        }
        EnvFilter::try_new(text).map_err(|_| bad())?;
        Ok(Self(text.to_owned()))
    }
}

/// Who else writes to the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Company {
    /// A chat, if standard output is the terminal.
    Chat,
    /// A command that prints and ends.
    Command,
}

/// Starts logging as the configuration says.
pub(crate) fn start(config: &Config, company: Company) -> Result<(), Fault> {
    let file = match &config.log_file {
        Some(path) => Some(open(path).map_err(|error| {
            let reason = format!("{} can't be written: {error}", path.display());
            config.refused("log_file", reason)
        })?),
        None => beside_the_chat(config, company),
    };
    let place = file.as_ref().map_or(Place::StandardError, |_| Place::File);
    let filter = match &config.log {
        Some(LogFilter(filter)) => filter,
        None => usual(place, company),
    };
    let logs = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(filter));
    match file {
        Some(file) => logs.with_ansi(false).with_writer(Mutex::new(file)).init(),
        None => logs
            .with_ansi(io::stderr().is_terminal())
            .with_writer(io::stderr)
            .init(),
    }
    Ok(())
}

/// Where logs go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    File,
    StandardError,
}

/// What is logged where the configuration does not say: warnings, but not between the lines of a
/// chat, where a customer reads them.
const fn usual(place: Place, company: Company) -> &'static str {
    match (place, company) {
        (Place::StandardError, Company::Chat) => "error",
        (Place::File, Company::Chat | Company::Command)
        | (Place::StandardError, Company::Command) => "warn",
    }
}

/// The file that logs go to where they would stand between the lines of a chat. Where there can be
/// none, they stand there.
fn beside_the_chat(config: &Config, company: Company) -> Option<File> {
    let is_shared = io::stdout().is_terminal() && io::stderr().is_terminal();
    if company != Company::Chat || !is_shared {
        return None;
    }
    open(&beside(&config.store)?).ok()
}

fn beside(store: &StoreAt) -> Option<PathBuf> {
    match store {
        StoreAt::Sqlite(path) => Some(path.with_extension("log")),
        StoreAt::Postgres(_) => Some(Path::new(FOLDER).join("shop.log")),
        StoreAt::Memory => None,
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_levels_and_modules_with_levels() {
        for good in ["off", "WARN", "warn,shopcore=debug", "shopcore::jobs=trace"] {
            assert!(good.parse::<LogFilter>().is_ok(), "{good}");
        }
        for bad in ["", "loud", "warn,shopcore", "shopcore=loud", "warn,"] {
            assert!(bad.parse::<LogFilter>().is_err(), "{bad}");
        }
    }

    #[test]
    fn warnings_stay_out_of_a_chat() {
        assert_eq!(usual(Place::StandardError, Company::Chat), "error");
        assert_eq!(usual(Place::StandardError, Company::Command), "warn");
        assert_eq!(usual(Place::File, Company::Chat), "warn");
    }

    #[test]
    fn the_log_of_a_chat_lies_beside_the_store() {
        let store = StoreAt::Sqlite("data/shop.db".into());
        assert_eq!(beside(&store), Some("data/shop.log".into()));
        assert_eq!(beside(&StoreAt::Memory), None);
    }
}
