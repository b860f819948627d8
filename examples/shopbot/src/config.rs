//! The configuration: defaults, then `shopbot.toml`, then the environment, then the command line.
//!
//! Keys are flat, so that each is also an environment variable. A key that is not known, or whose
//! value is not understood, is refused by its name.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use chrono::FixedOffset;
use figment::error::Kind;
use figment::providers::{Format, Serialized, Toml};
use figment::value::{Dict, Map};
use figment::{Figment, Metadata, Profile, Provider};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use shopcore::customer::{Contact, ExternalId, FrontendName};
use shopcore::money::{Currency, Money};
use shopcore::service::Settings;
use shopcore::text::Name;
use thiserror::Error;

use crate::cli::Cli;
use crate::logs::LogFilter;

use place::BadStore;
pub(crate) use place::{FOLDER, SandboxAt, StoreAt};

mod place;

/// What environment variables of the configuration begin with.
const PREFIX: &str = "SHOPBOT_";

/// The file that is read when none is named.
const FILE: &str = "shopbot.toml";

/// The longest time that can be set.
const SPAN_MAX: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Why the configuration was refused.
#[derive(Debug, Error)]
pub(crate) enum ConfigError {
    #[error("there is no configuration file {}", .0.display())]
    NoFile(PathBuf),
    #[error("unknown key {key:?} in {place}; the keys are {}", known.join(", "))]
    UnknownKey {
        key: String,
        place: String,
        known: &'static [&'static str],
    },
    #[error("{place} is not understood: {reason}")]
    Unreadable { place: String, reason: String },
    #[error("{key} in {place}: {reason}")]
    BadValue {
        key: String,
        place: String,
        reason: String,
    },
}

/// A text that does not show itself.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Everything that can be set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) name: Name,
    pub(crate) currency: Currency,
    #[serde(deserialize_with = "parsed")]
    pub(crate) store: StoreAt,
    sandbox: Option<PathBuf>,
    pub(crate) listen: Option<SocketAddr>,
    #[serde(default, deserialize_with = "contacts")]
    pub(crate) admins: Vec<Contact>,
    pub(crate) telegram_token: Option<Secret>,
    pub(crate) telegram_api: Option<String>,
    #[serde(default, deserialize_with = "span")]
    order_ttl: Option<Duration>,
    #[serde(default, deserialize_with = "span")]
    deposit_ttl: Option<Duration>,
    #[serde(default, deserialize_with = "scalar")]
    deposit_minimum: Option<String>,
    #[serde(default, deserialize_with = "scalar")]
    deposit_maximum: Option<String>,
    #[serde(default, deserialize_with = "span")]
    expiry_every: Option<Duration>,
    #[serde(default, deserialize_with = "span")]
    reconcile_every: Option<Duration>,
    #[serde(deserialize_with = "parsed")]
    pub(crate) utc_offset: FixedOffset,
    #[serde(deserialize_with = "parsed")]
    pub(crate) log: LogFilter,
    pub(crate) log_file: Option<PathBuf>,
    pub(crate) key_file: Option<PathBuf>,
    pub(crate) texts: Option<PathBuf>,
    /// What a shop that is new begins with.
    #[serde(skip)]
    pub(crate) beginning: Beginning,
}

/// What a shop that is new begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Beginning {
    /// Nothing: its owner has said which shop it is.
    #[default]
    Empty,
    /// The demo catalogue.
    Demo,
}

/// The keys that have a value from the start.
#[derive(Serialize)]
struct Defaults {
    name: &'static str,
    currency: &'static str,
    store: &'static str,
    utc_offset: &'static str,
    log: &'static str,
}

const DEFAULTS: Defaults = Defaults {
    name: "Shop",
    currency: "IDR",
    store: "sqlite:data/shop.db",
    utc_offset: "+00:00",
    log: "warn",
};

impl Config {
    /// Reads the configuration that `cli` asks for.
    pub(crate) fn read(cli: &Cli) -> Result<Self, ConfigError> {
        let path = cli.config.as_deref().unwrap_or(Path::new(FILE));
        if cli.config.is_some() && !path.is_file() {
            return Err(ConfigError::NoFile(path.to_owned()));
        }
        let variables = Variables::of(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }));
        let file = path.is_file().then(|| Toml::file_exact(path));
        let store = cli.store.as_ref().map(store_at).transpose()?;
        Self::from(file, variables, store.as_ref())
    }

    fn from(
        file: Option<impl Provider>,
        variables: Variables,
        store: Option<&StoreAt>,
    ) -> Result<Self, ConfigError> {
        let mut set = Figment::new();
        if let Some(file) = file {
            set = set.merge(file);
        }
        let set = set.merge(variables);
        let defaults = Serialized::defaults(DEFAULTS);
        let mut config: Self = set.clone().join(defaults).extract().map_err(explained)?;
        let is_named = ["name", "currency"]
            .into_iter()
            .any(|key| set.contains(key));
        let is_placed = store.is_some() || set.contains("store");
        if let Some(store) = store {
            config.store = store.clone();
        }
        let is_kept = is_placed && config.store != StoreAt::Memory;
        if !is_named && !is_kept {
            config.beginning = Beginning::Demo;
        }
        Ok(config)
    }

    /// Where the sandbox keeps its charges.
    pub(crate) fn sandbox(&self) -> SandboxAt {
        SandboxAt::of(self.sandbox.as_deref(), &self.store)
    }

    /// The shop's settings.
    pub(crate) fn settings(&self) -> Result<Settings, ConfigError> {
        let defaults = Settings::defaults(self.currency);
        let amount = |key: &str, text: &Option<String>, default: Money| match text {
            Some(text) => Money::parse(text, self.currency).map_err(|error| {
                let (key, place) = (key.to_owned(), "the configuration".to_owned());
                let reason = error.to_string();
                ConfigError::BadValue { key, place, reason }
            }),
            None => Ok(default),
        };
        let least = amount(
            "deposit_minimum",
            &self.deposit_minimum,
            defaults.deposit_minimum,
        )?;
        let most = amount(
            "deposit_maximum",
            &self.deposit_maximum,
            defaults.deposit_maximum,
        )?;
        Ok(Settings {
            order_ttl: self.order_ttl.unwrap_or(defaults.order_ttl),
            deposit_ttl: self.deposit_ttl.unwrap_or(defaults.deposit_ttl),
            deposit_minimum: least,
            deposit_maximum: most,
            expiry_every: self.expiry_every.unwrap_or(defaults.expiry_every),
            reconcile_every: self.reconcile_every.unwrap_or(defaults.reconcile_every),
        })
    }
}

/// The environment's part of the configuration: plain texts, never guessed to be numbers.
struct Variables(BTreeMap<String, String>);

impl Variables {
    fn of(environment: impl Iterator<Item = (String, String)>) -> Self {
        let ours = environment.filter_map(|(name, value)| {
            let key = name.strip_prefix(PREFIX)?;
            Some((key.to_ascii_lowercase(), value))
        });
        Self(ours.collect())
    }
}

impl Provider for Variables {
    fn metadata(&self) -> Metadata {
        Metadata::named("the environment")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let values = self.0.iter().map(|(k, v)| (k.clone(), v.clone().into()));
        Ok(Profile::Default.collect(values.collect()))
    }
}

/// The first error, told so that it can be mended.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "every other kind tells itself well"
)]
fn explained(error: figment::Error) -> ConfigError {
    let place = match &error.metadata {
        Some(metadata) => match &metadata.source {
            Some(source) => source.to_string(),
            None => metadata.name.to_string(),
        },
        None => "the configuration".to_owned(),
    };
    let key = error.path.join(".");
    match error.kind {
        Kind::Message(reason) if key.is_empty() => ConfigError::Unreadable {
            place,
            reason: reason.trim_end().to_owned(),
        },
        Kind::UnknownField(key, known) => ConfigError::UnknownKey { key, place, known },
        kind => ConfigError::BadValue {
            key,
            place,
            reason: kind.to_string(),
        },
    }
}

/// The store of the command line, which would repeat a text that it refuses, password and all.
fn store_at(text: &Secret) -> Result<StoreAt, ConfigError> {
    text.reveal()
        .parse()
        .map_err(|error: BadStore| ConfigError::BadValue {
            key: "store".to_owned(),
            place: "the command line".to_owned(),
            reason: error.to_string(),
        })
}

fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(
    from: D,
) -> Result<T, D::Error> {
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

fn span<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(from)?;
    match humantime::parse_duration(&text) {
        Ok(span) if span.is_zero() || span > SPAN_MAX => Err(D::Error::custom(format!(
            "{text:?} is out of range; it is more than zero and at most 365 days"
        ))),
        Ok(span) => Ok(Some(span)),
        Err(_) => Err(D::Error::custom(format!(
            "{text:?} is no duration such as 15m or 1h"
        ))),
    }
}

/// An amount may be written as a number or as a text.
fn scalar<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "an amount such as 10000 or \"4.99\"")]
    enum Scalar {
        Text(String),
        Number(u64),
    }
    Ok(Some(match Scalar::deserialize(from)? {
        Scalar::Text(text) => text,
        Scalar::Number(number) => number.to_string(),
    }))
}

/// People as `frontend:id`, in a list, or separated by commas where a list can't be written.
fn contacts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Contact>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a list such as [\"telegram:12345678\"]")]
    enum Several {
        List(Vec<String>),
        Text(String),
    }
    let texts = match Several::deserialize(from)? {
        Several::List(texts) => texts,
        Several::Text(text) => text.split(',').map(str::to_owned).collect(),
    };
    let named = texts.iter().map(|text| text.trim());
    let read = named.filter(|text| !text.is_empty()).map(|text| {
        contact(text).ok_or_else(|| D::Error::custom(format!("{text:?} is not frontend:id")))
    });
    read.collect()
}

fn contact(text: &str) -> Option<Contact> {
    let (frontend, external) = text.split_once(':')?;
    Some(Contact {
        frontend: FrontendName::parse(frontend).ok()?,
        external: ExternalId::parse(external).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let pairs = environment.iter();
        let owned = pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::from(Some(Toml::string(toml)), Variables::of(owned), None)
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_defaults() {
        let file = "currency = \"USD\"\ndeposit_minimum = 5\nname = \"Corner\"";
        let config = read(file, &[("SHOPBOT_NAME", "123"), ("PATH", "x")]).unwrap();
        assert_eq!(config.name.as_str(), "123");
        assert_eq!(config.currency, Currency::USD);
        let settings = config.settings().unwrap();
        assert_eq!(settings.deposit_minimum, Money::new(500, Currency::USD));
        assert_eq!(config.store.to_string(), "sqlite:data/shop.db");
    }

    #[test]
    fn unknown_keys_are_refused_by_name_with_those_that_are_known() {
        for error in [
            read("nam = \"x\"", &[]).unwrap_err(),
            read("", &[("SHOPBOT_NAM", "x")]).unwrap_err(),
        ] {
            let text = error.to_string();
            assert!(
                text.contains("\"nam\"") && text.contains("currency"),
                "{text}"
            );
        }
    }

    #[test]
    fn wrong_values_are_refused_by_key_and_reason() {
        for (toml, key, reason) in [
            ("currency = \"XYZ\"", "currency", "ISO 4217"),
            ("store = \"mysql:x\"", "store", "sqlite:PATH"),
            ("order_ttl = \"soon\"", "order_ttl", "duration"),
            ("listen = \"here\"", "listen", "address"),
            ("admins = [\"ana\"]", "admins", "frontend:id"),
            ("utc_offset = \"x\"", "utc_offset", "input"),
            ("expiry_every = \"0s\"", "expiry_every", "more than zero"),
            (
                "reconcile_every = \"0s\"",
                "reconcile_every",
                "more than zero",
            ),
            ("order_ttl = \"9999 days\"", "order_ttl", "365 days"),
            ("log = \"loud\"", "log", "off, error, warn"),
        ] {
            let text = read(toml, &[]).unwrap_err().to_string();
            assert!(text.contains(key) && text.contains(reason), "{text}");
        }
        let least = read("deposit_minimum = \"a lot\"", &[]).unwrap();
        assert!(least.settings().is_err());
    }

    #[test]
    fn a_broken_file_is_told_without_a_key() {
        let text = read("name = ", &[]).unwrap_err().to_string();
        assert!(text.contains("is not understood: "), "{text}");
    }

    #[test]
    fn the_demo_comes_until_the_owner_says_which_shop_it_is() {
        let begins = |toml| read(toml, &[]).unwrap().beginning;
        assert_eq!(begins("order_ttl = \"5m\""), Beginning::Demo);
        assert_eq!(begins("store = \"memory:\""), Beginning::Demo);
        for set in [
            "name = \"Shop\"",
            "currency = \"IDR\"",
            "store = \"sqlite:data/shop.db\"",
        ] {
            assert_eq!(begins(set), Beginning::Empty);
        }
        let at = |store| {
            Config::from(
                None::<Variables>,
                Variables::of([].into_iter()),
                Some(&store),
            )
        };
        assert_eq!(at(StoreAt::Memory).unwrap().beginning, Beginning::Demo);
        let file = StoreAt::Sqlite("x.db".into());
        assert_eq!(at(file).unwrap().beginning, Beginning::Empty);
    }
}
