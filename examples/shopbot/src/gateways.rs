//! The real gateways of the configuration, in the order of offer.

use std::sync::Arc;

use figment::value::Dict;
use shopcore::gateway::{Gateway, PaymentMethod};
use shopcore::invoice::BankAccount;
use shopcore_payments::{
    Midtrans, MidtransOptions, MidtransProduct, Pakasir, PakasirMethod, PakasirOptions, Stripe,
    StripeOptions, StripeProduct, Transfer,
};

use crate::config::{Config, ConfigError};
use section::Section;

mod section;

/// The kinds of gateways, as `kind` names them.
const KINDS: [&str; 4] = ["midtrans", "pakasir", "stripe", "transfer"];

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
        "midtrans" => Arc::new(midtrans(&mut section)?),
        "stripe" => Arc::new(stripe(config, &mut section)?),
        "transfer" => Arc::new(transfer(config, &mut section)?),
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

fn midtrans(section: &mut Section<'_>) -> Result<Midtrans, ConfigError> {
    let (name, mode) = (section.gateway()?, section.mode()?);
    let key = section.secret("server_key", "server_key_env", "server_key_file")?;
    let options = MidtransOptions::new(name, mode, key);
    let options = MidtransOptions {
        product: section.one_of(
            "product",
            &[
                ("snap", MidtransProduct::Snap),
                ("qris", MidtransProduct::Qris),
            ],
        )?,
        api: section.parsed("api_url", options.api.clone())?,
        snap: section.parsed("snap_url", options.snap.clone())?,
        ..options
    };
    Midtrans::new(options).map_err(|error| section.refused("kind", error))
}

fn stripe(config: &Config, section: &mut Section<'_>) -> Result<Stripe, ConfigError> {
    let key = section.secret("secret_key", "secret_key_env", "secret_key_file")?;
    let webhook = section.secret(
        "webhook_secret",
        "webhook_secret_env",
        "webhook_secret_file",
    )?;
    let products = [("checkout", Paying::AtStripe), ("intent", Paying::AtHome)];
    let product = match section.one_of("product", &products)? {
        Paying::AtStripe => StripeProduct::Checkout {
            return_url: section.get("return_url")?,
        },
        Paying::AtHome => StripeProduct::Intent {
            page: section.get("page")?,
        },
    };
    let currency = section.parsed("currency", config.currency)?;
    let options = StripeOptions {
        base: section.parsed("base_url", StripeOptions::BASE.to_owned())?,
        ..StripeOptions::new(section.gateway()?, currency, product, key, webhook)
    };
    Stripe::new(options).map_err(|error| section.refused("kind", error))
}

/// Whose page customers of Stripe pay on.
#[derive(Clone, Copy)]
enum Paying {
    AtStripe,
    AtHome,
}

fn transfer(config: &Config, section: &mut Section<'_>) -> Result<Transfer, ConfigError> {
    let account = BankAccount {
        bank: section.get("bank")?,
        number: section.get("number")?,
        holder: section.find("holder")?,
    };
    let currency = section.parsed("currency", config.currency)?;
    Ok(Transfer::new(section.gateway()?, account, currency))
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
            ("offer = [\"stripe\"]", "there is no [gateways.stripe]"),
        ] {
            let error = methods(&config(folder.path(), toml))
                .unwrap_err()
                .to_string();
            assert!(error.contains(told) && !error.contains("hush"), "{error}");
        }
    }
}
