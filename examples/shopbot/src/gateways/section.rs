//! A gateway's section of the configuration, read key by key, so that what is left over is a key
//! that nobody knows.

use std::env;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use figment::value::{Dict, Value};
use shopcore::gateway::{Fee, GatewayName, PaymentTerms, Rate};
use shopcore::money::{Currency, Money, Percent};
use shopcore_payments::Mode;
use shopcore_payments::call::Secret;

use crate::config::{Config, ConfigError};

/// A section `[gateways.NAME]`.
pub(super) struct Section<'a> {
    config: &'a Config,
    name: &'a str,
    left: Dict,
    known: Vec<&'static str>,
}

impl<'a> Section<'a> {
    pub(super) fn of(config: &'a Config, name: &'a str, keys: &Dict) -> Self {
        Self {
            config,
            name,
            left: keys.clone(),
            known: Vec::new(),
        }
    }

    /// Refuses the value of `key`.
    pub(super) fn refused(&self, key: &str, reason: impl fmt::Display) -> ConfigError {
        let reason = format!("{}.{key}: {reason}", self.name);
        self.config.refused("gateways", reason)
    }

    /// The name of the gateway in the shop.
    pub(super) fn gateway(&self) -> Result<GatewayName, ConfigError> {
        let named = GatewayName::parse(self.name);
        named.map_err(|error| {
            self.config
                .refused("gateways", format!("{}: {error}", self.name))
        })
    }

    /// A text, or a number as it is written.
    pub(super) fn find(&mut self, key: &'static str) -> Result<Option<String>, ConfigError> {
        self.known.push(key);
        match self.left.remove(key) {
            None => Ok(None),
            Some(Value::String(_, text)) => Ok(Some(text)),
            Some(Value::Num(_, number)) => match number.to_i128() {
                Some(number) => Ok(Some(number.to_string())),
                None => Err(self.refused(key, "it is no whole number; write it as a text")),
            },
            Some(Value::Bool(_, truth)) => Ok(Some(truth.to_string())),
            Some(Value::Char(..) | Value::Empty(..) | Value::Dict(..) | Value::Array(..)) => {
                Err(self.refused(key, "it is no text"))
            }
        }
    }

    pub(super) fn get(&mut self, key: &'static str) -> Result<String, ConfigError> {
        let found = self.find(key)?;
        found.ok_or_else(|| self.refused(key, "it is missing"))
    }

    /// A value that is read from its text, or its default.
    pub(super) fn parsed<T: FromStr<Err: fmt::Display>>(
        &mut self,
        key: &'static str,
        default: T,
    ) -> Result<T, ConfigError> {
        Ok(self.find_parsed(key)?.unwrap_or(default))
    }

    pub(super) fn find_parsed<T: FromStr<Err: fmt::Display>>(
        &mut self,
        key: &'static str,
    ) -> Result<Option<T>, ConfigError> {
        let text = self.find(key)?;
        let value = text.map(|text| text.parse().map_err(|error| self.refused(key, error)));
        value.transpose()
    }

    /// An address of the web.
    pub(super) fn url(
        &mut self,
        key: &'static str,
        default: String,
    ) -> Result<String, ConfigError> {
        let url = self.find(key)?.unwrap_or(default);
        if url.starts_with("https://") || url.starts_with("http://") {
            return Ok(url);
        }
        Err(self.refused(key, format!("{url:?} does not begin with https://")))
    }

    /// How long something takes, such as `15m`.
    pub(super) fn duration(
        &mut self,
        key: &'static str,
        default: Duration,
    ) -> Result<Duration, ConfigError> {
        let Some(text) = self.find(key)? else {
            return Ok(default);
        };
        let refused = |_| self.refused(key, format!("{text:?} is no duration such as 15m or 1h"));
        humantime::parse_duration(&text).map_err(refused)
    }

    /// Whether real money moves: it does unless the section says otherwise.
    pub(super) fn mode(&mut self) -> Result<Mode, ConfigError> {
        self.one_of("mode", &[("live", Mode::Live), ("sandbox", Mode::Sandbox)])
    }

    /// The choice of this name; the first where none is named.
    pub(super) fn one_of<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&'static str, T)],
    ) -> Result<T, ConfigError> {
        let named = self.find(key)?;
        let mut fitting = choices.iter();
        let chosen = fitting.find(|(name, _)| named.as_deref().is_none_or(|named| named == *name));
        chosen.map(|(_, choice)| *choice).ok_or_else(|| {
            let names: Vec<_> = choices
                .iter()
                .map(|(name, _)| format!("{name:?}"))
                .collect();
            self.refused(key, format!("it is {}", names.join(" or ")))
        })
    }

    /// A key of the gateway: from the environment variable that `env` names, or from the file that
    /// `file` names, or from the variable that is called like the gateway and `key`.
    pub(super) fn secret(
        &mut self,
        key: &'static str,
        env: &'static str,
        file: &'static str,
    ) -> Result<Secret, ConfigError> {
        let found = self.find_secret(key, env, file)?;
        found.ok_or_else(|| {
            let reason = format!(
                "it is missing; set {}, or name a file with {file}",
                self.variable(key)
            );
            self.refused(key, reason)
        })
    }

    pub(super) fn find_secret(
        &mut self,
        key: &'static str,
        env: &'static str,
        file: &'static str,
    ) -> Result<Option<Secret>, ConfigError> {
        if self.left.contains_key(key) {
            let reason = format!("a secret is not written here; use {env} or {file}");
            return Err(self.refused(key, reason));
        }
        let (named, path) = (self.find(env)?, self.find(file)?.map(PathBuf::from));
        let text = match (named, path) {
            (Some(_), Some(_)) => {
                return Err(self.refused(env, format!("{file} is given, too")));
            }
            (None, Some(path)) => {
                let read = std::fs::read_to_string(&path);
                let read = read.map_err(|error| {
                    self.refused(file, format!("{} can't be read: {error}", path.display()))
                })?;
                Some(read)
            }
            (Some(variable), None) => {
                let unset = |_| self.refused(env, format!("{variable} is not set"));
                Some(env::var(&variable).map_err(unset)?)
            }
            (None, None) => env::var(self.variable(key)).ok(),
        };
        let text = text.map(|text| text.trim().to_owned());
        match text {
            Some(text) if text.is_empty() => Err(self.refused(key, "it is empty")),
            text => Ok(text.map(Secret::new)),
        }
    }

    /// The variable of a secret that nobody named.
    fn variable(&self, key: &str) -> String {
        let whole = format!("{}_{key}", self.name);
        let upper = whole.chars().map(|letter| match letter {
            'a'..='z' => letter.to_ascii_uppercase(),
            '0'..='9' | 'A'..='Z' => letter,
            _ => '_',
        });
        upper.collect()
    }

    /// On which terms the gateway is offered, which is asked in `currency` where a rate leads there.
    pub(super) fn terms(&mut self) -> Result<PaymentTerms, ConfigError> {
        let shop = self.config.currency;
        let rate = self.find_parsed("rate")?;
        let fixed = match &rate {
            Some(rate) => Rate::other(*rate, shop)
                .ok_or_else(|| self.refused("rate", format!("it does not name {shop}")))?,
            None => shop,
        };
        Ok(PaymentTerms {
            minimum: self.amount("minimum", shop)?,
            maximum: self.amount("maximum", shop)?,
            fee: self.fee(fixed)?,
            rate,
        })
    }

    fn amount(
        &mut self,
        key: &'static str,
        currency: Currency,
    ) -> Result<Option<Money>, ConfigError> {
        let Some(text) = self.find(key)? else {
            return Ok(None);
        };
        let amount = Money::parse(&text, currency);
        Ok(Some(amount.map_err(|error| self.refused(key, error))?))
    }

    /// A fee such as `0.7% + 310`, or either part alone.
    fn fee(&mut self, currency: Currency) -> Result<Option<Fee>, ConfigError> {
        let Some(text) = self.find("fee")? else {
            return Ok(None);
        };
        let mut fee = Fee {
            share: Percent::default(),
            fixed: Money::zero(currency),
        };
        for part in text.split('+').map(str::trim) {
            if part.ends_with('%') {
                fee.share = part.parse().map_err(|error| self.refused("fee", error))?;
            } else {
                let fixed = Money::parse(part, currency);
                fee.fixed = fixed.map_err(|error| self.refused("fee", error))?;
            }
        }
        Ok(Some(fee))
    }

    /// Refuses what nobody asked for.
    pub(super) fn finish(self) -> Result<(), ConfigError> {
        match self.left.keys().next() {
            None => Ok(()),
            Some(key) => {
                let known = self.known.join(", ");
                Err(self.refused(key, format!("it is unknown; the keys are {known}")))
            }
        }
    }
}
