//! The real gateways of the configuration, in the order of offer.

use std::sync::Arc;

use figment::value::Dict;
use shopcore::gateway::{Gateway, PaymentMethod};
use shopcore_payments::{Pakasir, PakasirMethod, PakasirOptions};

use crate::config::{Config, ConfigError};
use section::Section;

mod section;

/// The kinds of gateways, as `kind` names them.
const KINDS: [&str; 1] = ["pakasir"];

/// Every way to pay that the configuration names: first those of `offer`, then the others by name.
pub(crate) fn methods(config: &Config) -> Result<Vec<PaymentMethod>, ConfigError> {
    let sections = &config.gateways;
    let unknown = config
        .offer
        .iter()
        .find(|name| !sections.contains_key(*name));
    if let Some(name) = unknown {
        return Err(config.refused("offer", format!("there is no [gateways.{name}]")));
    }
    let rest = sections.keys().filter(|name| !config.offer.contains(name));
    let names = config.offer.iter().chain(rest);
    let sections = names.filter_map(|name| Some((name, sections.get(name)?)));
    sections
        .map(|(name, keys)| method(config, name, keys))
        .collect()
}

fn method(config: &Config, name: &str, keys: &Dict) -> Result<PaymentMethod, ConfigError> {
    let mut section = Section::of(config, name, keys);
    let kind = section.find("kind")?.unwrap_or_else(|| name.to_owned());
    let gateway: Arc<dyn Gateway> = match kind.as_str() {
        "pakasir" => Arc::new(pakasir(&mut section)?),
        _ => {
            let reason = format!("{kind:?} is no gateway; there are {}", KINDS.join(", "));
            return Err(section.refused("kind", reason));
        }
    };
    let terms = section.terms()?;
    section.finish()?;
    Ok(PaymentMethod { gateway, terms })
}

fn pakasir(section: &mut Section<'_>) -> Result<Pakasir, ConfigError> {
    let (project, name) = (section.get("project")?, section.gateway()?);
    let key = section.secret("api_key", "api_key_env", "api_key_file")?;
    let options = PakasirOptions {
        method: section.parsed("method", PakasirMethod::Qris)?,
        mode: section.mode()?,
        base: section.parsed("base_url", PakasirOptions::BASE.to_owned())?,
        ..PakasirOptions::new(name, project, key)
    };
    Pakasir::new(options).map_err(|error| section.refused("kind", error))
}
