//! Where values were set, so that a wrong one is refused by its key as its owner wrote it.

use std::collections::BTreeMap;
use std::fmt;

use figment::error::Kind;
use figment::value::{Dict, Map};
use figment::{Figment, Metadata, Profile, Provider};

use super::ConfigError;

/// What environment variables of the configuration begin with.
const PREFIX: &str = "SHOPBOT_";

const ENVIRONMENT: &str = "the environment";
const COMMAND_LINE: &str = "the command line";
const DEFAULTS: &str = "the defaults";

/// A key as it was written, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    key: String,
    place: String,
}

impl Written {
    fn new(key: &str, place: &str) -> Self {
        let key = match place {
            ENVIRONMENT => format!("{PREFIX}{}", key.to_ascii_uppercase()),
            COMMAND_LINE => format!("--{}", key.replace('_', "-")),
            _ => key.to_owned(),
        };
        let place = place.to_owned();
        Self { key, place }
    }

    /// An option of the command line.
    pub(super) fn option(key: &str) -> Self {
        Self::new(key, COMMAND_LINE)
    }

    /// Refuses the value.
    pub(super) fn refused(self, reason: impl fmt::Display) -> ConfigError {
        ConfigError::BadValue {
            key: self.key,
            place: self.place,
            reason: reason.to_string(),
        }
    }
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.key, self.place)
    }
}

/// The places where keys were set.
#[derive(Debug, Default)]
pub(super) struct Origins(BTreeMap<String, String>);

impl Origins {
    /// Where the keys of `set` come from.
    pub(super) fn of(set: &Figment) -> Self {
        let keys = set.extract::<Dict>().unwrap_or_default().into_keys();
        let placed = keys.map(|key| {
            let place = place(set.find_metadata(&key));
            (key, place)
        });
        Self(placed.collect())
    }

    /// Notes an option of the command line.
    pub(super) fn option(&mut self, key: &str) {
        self.0.insert(key.to_owned(), COMMAND_LINE.to_owned());
    }

    /// How `key` was written.
    pub(super) fn written(&self, key: &str) -> Written {
        let place = self.0.get(key).map_or(DEFAULTS, String::as_str);
        Written::new(key, place)
    }
}

/// The environment's part of the configuration: plain texts, never guessed to be numbers.
pub(super) struct Variables(BTreeMap<String, String>);

impl Variables {
    pub(super) fn of(environment: impl Iterator<Item = (String, String)>) -> Self {
        let ours = environment.filter_map(|(name, value)| {
            let key = name.strip_prefix(PREFIX)?;
            Some((key.to_ascii_lowercase(), value))
        });
        Self(ours.collect())
    }
}

impl Provider for Variables {
    fn metadata(&self) -> Metadata {
        Metadata::named(ENVIRONMENT)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let values = self.0.iter().map(|(k, v)| (k.clone(), v.clone().into()));
        Ok(Profile::Default.collect(values.collect()))
    }
}

fn place(metadata: Option<&Metadata>) -> String {
    match metadata {
        Some(metadata) => match &metadata.source {
            Some(source) => source.to_string(),
            None => metadata.name.to_string(),
        },
        None => "the configuration".to_owned(),
    }
}

/// The first error, told so that it can be mended.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "every other kind tells itself well"
)]
pub(super) fn explained(error: figment::Error) -> ConfigError {
    let place = place(error.metadata.as_ref());
    let key = error.path.join(".");
    match error.kind {
        Kind::Message(reason) if key.is_empty() => ConfigError::Unreadable {
            place,
            reason: reason.trim_end().to_owned(),
        },
        Kind::UnknownField(key, known) => unknown(&key, &place, known),
        kind => Written::new(&key, &place).refused(kind),
    }
}

fn unknown(key: &str, place: &str, known: &[&str]) -> ConfigError {
    let as_there = |key: &str| Written::new(key, place).key;
    ConfigError::UnknownKey {
        key: as_there(key),
        place: place.to_owned(),
        known: known.iter().map(|key| as_there(key)).collect(),
    }
}
