//! The configuration: defaults, then `shopbot.toml`, then the environment, then the command line.
//!
//! Keys are flat, so that each is also an environment variable. A key that is not known, or whose
//! value is not understood, is refused by its name.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::http::HeaderName;
use chrono::{FixedOffset, NaiveTime, TimeDelta};
use figment::providers::{Format, Serialized, Toml};
use figment::value::Dict;
use figment::{Figment, Provider};
use serde::{Deserialize, Serialize};
use shopcore::customer::{Chat, Contact};
use shopcore::money::{Currency, Money};
use shopcore::service::Settings;
use shopcore::text::Name;
use shopcore_payments::{CallLimit, CallerAddress};
use thiserror::Error;

use crate::cli::Cli;
use crate::logs::LogFilter;
use origin::{Origins, Variables, Written, explained};
use values::{chats, contacts, given, offset, parsed, period, scalar, several, time_of_day, ttl};

use place::BadStore;
pub(crate) use place::{FOLDER, SandboxAt, StoreAt};
pub(crate) use values::contact;

mod origin;
mod place;
mod values;

/// The file that is read when none is named.
const FILE: &str = "shopbot.toml";

/// Why the configuration was refused.
#[derive(Debug, Error)]
pub(crate) enum ConfigError {
    #[error("there is no configuration file {}", .0.display())]
    NoFile(PathBuf),
    #[error("unknown key {key:?} in {place}; the keys are {}", known.join(", "))]
    UnknownKey {
        key: String,
        place: String,
        known: Vec<String>,
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
    audit_log: Option<PathBuf>,
    pub(crate) listen: Option<SocketAddr>,
    #[serde(default, deserialize_with = "given")]
    caller_header: Option<HeaderName>,
    /// The sections of the gateways, by name.
    #[serde(default)]
    pub(crate) gateways: BTreeMap<String, Dict>,
    /// The names of gateways in the order of offer.
    #[serde(default, deserialize_with = "several")]
    pub(crate) offer: Vec<String>,
    #[serde(default, deserialize_with = "contacts")]
    pub(crate) admins: Vec<Contact>,
    #[serde(default, deserialize_with = "chats")]
    pub(crate) alerts: Vec<Chat>,
    pub(crate) telegram_token: Option<Secret>,
    pub(crate) telegram_api: Option<String>,
    #[serde(default, deserialize_with = "ttl")]
    order_ttl: Option<Duration>,
    #[serde(default, deserialize_with = "ttl")]
    deposit_ttl: Option<Duration>,
    #[serde(default, deserialize_with = "scalar")]
    deposit_minimum: Option<String>,
    #[serde(default, deserialize_with = "scalar")]
    deposit_maximum: Option<String>,
    #[serde(default, deserialize_with = "period")]
    expiry_every: Option<Duration>,
    #[serde(default, deserialize_with = "period")]
    reconcile_every: Option<Duration>,
    #[serde(default, deserialize_with = "period")]
    pub(crate) spam_ban: Option<Duration>,
    /// The ids of plug-ins that the bot does without.
    #[serde(default, deserialize_with = "several")]
    pub(crate) without: Vec<String>,
    #[serde(deserialize_with = "offset")]
    pub(crate) utc_offset: FixedOffset,
    #[serde(default, deserialize_with = "given")]
    pub(crate) log: Option<LogFilter>,
    pub(crate) log_file: Option<PathBuf>,
    pub(crate) key_file: Option<PathBuf>,
    pub(crate) texts: Option<PathBuf>,
    pub(crate) backup: Option<BackupSection>,
    /// What a shop that is new begins with.
    #[serde(skip)]
    pub(crate) beginning: Beginning,
    #[serde(skip)]
    origins: Origins,
}

/// Where backups go, and who can open them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackupSection {
    pub(crate) folder: PathBuf,
    pub(crate) recipient: Option<String>,
    pub(crate) passphrase_file: Option<PathBuf>,
    #[serde(default = "kept")]
    pub(crate) keep: NonZeroUsize,
    #[serde(default = "night", deserialize_with = "time_of_day")]
    pub(crate) at: NaiveTime,
}

/// Backups that are kept where nothing else is said: a week's.
fn kept() -> NonZeroUsize {
    NonZeroUsize::MIN.saturating_add(6)
}

/// When they are made: at three.
fn night() -> NaiveTime {
    NaiveTime::MIN + TimeDelta::hours(3)
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
}

const DEFAULTS: Defaults = Defaults {
    name: "Shop",
    currency: "IDR",
    store: "sqlite:data/shop.db",
    utc_offset: "+00:00",
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
        let store = cli
            .store
            .as_ref()
            .map(|text| store_at("store", text))
            .transpose()?;
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
        let is_named = ["name", "currency", "gateways"]
            .into_iter()
            .any(|key| set.contains(key));
        let is_placed = store.is_some() || set.contains("store");
        config.origins = Origins::of(&set);
        if let Some(store) = store {
            config.store = store.clone();
            config.origins.option("store");
        }
        let is_kept = is_placed && config.store != StoreAt::Memory;
        if !is_named && !is_kept {
            config.beginning = Beginning::Demo;
        }
        Ok(config)
    }

    /// Where the sandbox keeps its charges. A shop that has real gateways has none unless it is
    /// told to: nobody should get goods for play money.
    pub(crate) fn sandbox(&self) -> SandboxAt {
        if self.sandbox.is_none() && !self.gateways.is_empty() {
            return SandboxAt::Off;
        }
        SandboxAt::of(self.sandbox.as_deref(), &self.store)
    }

    /// How often one address may call the webhooks, and where its address is read.
    pub(crate) fn call_limit(&self) -> CallLimit {
        let address = match &self.caller_header {
            Some(name) => CallerAddress::Header(name.clone()),
            None => CallerAddress::Connection,
        };
        CallLimit {
            address,
            ..CallLimit::default()
        }
    }

    /// Refuses the value of `key`, which is told as it was written.
    pub(crate) fn refused(&self, key: &str, reason: impl fmt::Display) -> ConfigError {
        self.origins.written(key).refused(reason)
    }

    /// The shop's settings.
    pub(crate) fn settings(&self) -> Result<Settings, ConfigError> {
        let defaults = Settings::defaults(self.currency);
        let (least, most) = ("deposit_minimum", "deposit_maximum");
        let settings = Settings {
            order_ttl: self.order_ttl.unwrap_or(defaults.order_ttl),
            deposit_ttl: self.deposit_ttl.unwrap_or(defaults.deposit_ttl),
            deposit_minimum: self
                .amount(least, self.deposit_minimum.as_deref())?
                .unwrap_or(defaults.deposit_minimum),
            deposit_maximum: self
                .amount(most, self.deposit_maximum.as_deref())?
                .unwrap_or(defaults.deposit_maximum),
            expiry_every: self.expiry_every.unwrap_or(defaults.expiry_every),
            reconcile_every: self.reconcile_every.unwrap_or(defaults.reconcile_every),
            zone: self.utc_offset,
            journal: place::journal(self.audit_log.as_deref(), &self.store),
        };
        let (minimum, maximum) = (settings.deposit_minimum, settings.deposit_maximum);
        if minimum.minor() > maximum.minor() {
            let other = self.origins.written(most);
            let reason = format!("{minimum} is more than {maximum}, which is {other}");
            return Err(self.refused(least, reason));
        }
        Ok(settings)
    }

    fn amount(&self, key: &str, text: Option<&str>) -> Result<Option<Money>, ConfigError> {
        let Some(text) = text else {
            return Ok(None);
        };
        match Money::parse(text, self.currency) {
            Ok(amount) if amount.is_positive() => Ok(Some(amount)),
            Ok(_) => Err(self.refused(key, format!("{text:?} is not more than zero"))),
            Err(error) => Err(self.refused(key, format!("{text:?}: {error}"))),
        }
    }
}

/// A store of the command line, which would repeat a text that it refuses, password and all.
pub(crate) fn store_at(option: &'static str, text: &Secret) -> Result<StoreAt, ConfigError> {
    let refused = |error: BadStore| Written::option(option).refused(error);
    text.reveal().parse().map_err(refused)
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
    fn several_names_are_a_list_or_stand_between_commas() {
        let file = read("offer = [\"stripe\", \"xendit\"]", &[]).unwrap();
        let variable = read("", &[("SHOPBOT_OFFER", "stripe, xendit")]).unwrap();
        assert_eq!(file.offer, ["stripe", "xendit"]);
        assert_eq!(variable.offer, file.offer);
    }

    #[test]
    fn only_parts_that_there_are_are_left_out() {
        let config = read("", &[("SHOPBOT_WITHOUT", "broadcast,wallet")]).unwrap();
        crate::serve::check(&config).unwrap();
        let config = read("without = [\"brodcast\"]", &[]).unwrap();
        let told = crate::serve::check(&config).unwrap_err().to_string();
        assert!(told.contains("no part \"brodcast\""), "{told}");
        assert!(told.contains("broadcast"), "{told}");
    }

    #[test]
    fn unknown_keys_are_refused_by_name_with_those_that_are_known() {
        for (error, key, known) in [
            (read("nam = \"x\"", &[]), "\"nam\"", "currency"),
            (
                read("", &[("SHOPBOT_NAM", "x")]),
                "\"SHOPBOT_NAM\" in the environment",
                "SHOPBOT_CURRENCY",
            ),
        ] {
            let text = error.unwrap_err().to_string();
            assert!(text.contains(key) && text.contains(known), "{text}");
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
            ("alerts = [\"ana\"]", "alerts", "frontend:id"),
            ("utc_offset = \"x\"", "utc_offset", "+07:00"),
            ("expiry_every = \"0s\"", "expiry_every", "more than zero"),
            (
                "reconcile_every = \"0s\"",
                "reconcile_every",
                "more than zero",
            ),
            ("order_ttl = \"31 days\"", "order_ttl", "30days"),
            ("log = \"loud\"", "log", "off, error, warn"),
        ] {
            let text = read(toml, &[]).unwrap_err().to_string();
            assert!(text.contains(key) && text.contains(reason), "{text}");
        }
        let least = read("deposit_minimum = \"a lot\"", &[]).unwrap();
        assert!(least.settings().is_err());
    }

    #[test]
    fn a_wrong_value_is_refused_by_its_key_as_it_was_written() {
        let told = read("", &[("SHOPBOT_CURRENCY", "XYZ")]).unwrap_err();
        let told = told.to_string();
        assert!(
            told.starts_with("SHOPBOT_CURRENCY in the environment: "),
            "{told}"
        );
        let config = read(
            "deposit_minimum = 50000",
            &[("SHOPBOT_DEPOSIT_MAXIMUM", "0")],
        );
        let told = config.unwrap().settings().unwrap_err().to_string();
        assert_eq!(
            told,
            "SHOPBOT_DEPOSIT_MAXIMUM in the environment: \"0\" is not more than zero"
        );
        let most = [("SHOPBOT_DEPOSIT_MAXIMUM", "10.000")];
        let config = read("deposit_minimum = 50000", &most).unwrap();
        let told = config.settings().unwrap_err().to_string();
        for part in [
            "deposit_minimum in ",
            "Rp 50.000 is more than Rp 10.000",
            "SHOPBOT_DEPOSIT_MAXIMUM in the environment",
        ] {
            assert!(told.contains(part), "{told}");
        }
        let option = StoreAt::Sqlite("x.db".into());
        let none = Variables::of(std::iter::empty());
        let config = Config::from(None::<Figment>, none, Some(&option));
        let told = config.unwrap().refused("store", "no").to_string();
        assert_eq!(told, "--store in the command line: no");
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
            "[gateways.transfer]",
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
