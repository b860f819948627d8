//! The real gateways of the configuration, in the order of offer.

use figment::value::Dict;
use shopcore::gateway::{BadTerms, PaymentMethod};

use crate::config::{Config, ConfigError};
use kinds::KINDS;
use section::Section;

mod kinds;
mod section;

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
    let Some((_, make)) = KINDS.iter().find(|(named, _)| *named == kind) else {
        let known: Vec<_> = KINDS.iter().map(|(kind, _)| *kind).collect();
        let reason = format!("{kind:?} is no gateway; there are {}", known.join(", "));
        return Err(section.refused("kind", reason));
    };
    let gateway = make(config, &mut section)?;
    let terms = section.terms()?;
    let method = PaymentMethod { gateway, terms };
    method.check(config.currency).map_err(|error| {
        let key = match error {
            BadTerms::Range { .. } => "minimum",
            BadTerms::Currency { .. } => "rate",
        };
        section.refused(key, error)
    })?;
    section.finish()?;
    Ok(method)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::Parser;
    use shopcore::money::{Currency, Money};

    use super::*;
    use crate::cli::Cli;
    use crate::config::SandboxAt;

    fn config(folder: &Path, toml: &str) -> Config {
        let file = folder.join("shopbot.toml");
        std::fs::write(&file, toml).unwrap();
        let words = ["shopbot".as_ref(), "--config".as_ref(), file.as_os_str()];
        Config::read(&Cli::parse_from(words)).unwrap()
    }

    #[test]
    fn gateways_are_offered_in_order_on_their_terms_and_without_the_sandbox() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("pakasir.key");
        std::fs::write(&key, "k-123\n").unwrap();
        let toml = format!(
            "currency = \"USD\"\noffer = [\"transfer\"]\n\
             [gateways.qris]\nkind = \"pakasir\"\nproject = \"p\"\napi_key_file = {key:?}\n\
             rate = \"1 USD = 16250 IDR\"\nfee = \"0.7% + 310\"\nminimum = \"0.50\"\n\
             [gateways.transfer]\nbank = \"BCA\"\nnumber = 123\n"
        );
        let config = config(folder.path(), &toml);
        assert_eq!(config.sandbox(), SandboxAt::Off);
        let methods = methods(&config).unwrap();
        let names = methods.iter().map(|method| method.gateway.name().as_str());
        assert_eq!(names.collect::<Vec<_>>(), ["transfer", "qris"]);
        let asked = methods[1].asks(Money::new(500, Currency::USD));
        let idr = |minor| Money::new(minor, Currency::IDR);
        assert_eq!(asked, Ok(idr(81_250 + 569 + 310)));
        assert!(methods[1].asks(Money::new(49, Currency::USD)).is_err());
    }

    #[test]
    fn what_is_wrong_in_a_section_is_told_by_its_key_and_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        for (toml, told) in [
            ("[gateways.x]", "x.kind: \"x\" is no gateway; there are "),
            ("[gateways.pakasir]", "pakasir.project: it is missing"),
            (
                "[gateways.pakasir]\nproject = \"p\"",
                "set PAKASIR_API_KEY, or name a file with api_key_file",
            ),
            (
                "[gateways.pakasir]\nproject = \"p\"\napi_key = \"hush\"",
                "pakasir.api_key: a secret is not written here",
            ),
            (
                "[gateways.pakasir]\nproject = \"p\"\napi_key_file = \"nowhere.key\"",
                "nowhere.key can't be read",
            ),
            (
                "[gateways.pakasir]\nproject = \"p\"\napi_key_env = \"NO_SUCH_VARIABLE\"",
                "NO_SUCH_VARIABLE is not set",
            ),
            (
                "[gateways.pakasir]\nproject = \"p\"\napi_key_env = \"PATH\"\nbase_url = \"localhost:1\"",
                "pakasir.base_url: \"localhost:1\" does not begin with https://",
            ),
            (
                "[gateways.transfer]\nbank = \"B\"\nnumber = 1\ncolour = \"red\"",
                "transfer.colour: it is unknown; the keys are kind, ",
            ),
            (
                "[gateways.transfer]\nbank = \"B\"\nnumber = 1\nfee = \"much\"",
                "transfer.fee: ",
            ),
            (
                "[gateways.transfer]\nbank = \"B\"\nnumber = 1\nrate = \"1 USD = 1 EUR\"",
                "transfer.rate: it does not name IDR",
            ),
            (
                "[gateways.\"a b\"]\nkind = \"transfer\"\nbank = \"B\"\nnumber = 1",
                "a b: ",
            ),
            (
                "[gateways.transfer]\nbank = \"B\"\nnumber = 1\nminimum = 50000\nmaximum = 1000",
                "transfer.minimum: the minimum Rp 50.000 is more than",
            ),
            (
                "[gateways.transfer]\nbank = \"B\"\nnumber = 1\ncurrency = \"JPY\"",
                "transfer.rate: the gateway takes JPY, and would be asked for IDR",
            ),
            ("offer = [\"stripe\"]", "there is no [gateways.stripe]"),
        ] {
            let error = methods(&config(folder.path(), toml))
                .unwrap_err()
                .to_string();
            assert!(error.contains(told) && !error.contains("hush"), "{error}");
        }
    }
}
