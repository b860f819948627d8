//! How each kind of gateway is made of its section.

use std::sync::Arc;

use shopcore::gateway::Gateway;
use shopcore::invoice::BankAccount;
use shopcore_payments::call::NoClient;
use shopcore_payments::{
    CryptoPay, CryptoPayOptions, Midtrans, MidtransOptions, MidtransProduct, Pakasir,
    PakasirMethod, PakasirOptions, Stripe, StripeOptions, StripeProduct, Transfer, Tripay,
    TripayAccount, TripayOptions, Xendit, XenditOptions,
};

use super::section::Section;
use crate::config::{Config, ConfigError};

type Made = Result<Arc<dyn Gateway>, ConfigError>;

type Make = fn(&Config, &mut Section<'_>) -> Made;

/// The kinds of gateways, as `kind` names them.
pub(super) const KINDS: [(&str, Make); 7] = [
    ("cryptopay", cryptopay),
    ("midtrans", midtrans),
    ("pakasir", pakasir),
    ("stripe", stripe),
    ("transfer", transfer),
    ("tripay", tripay),
    ("xendit", xendit),
];

fn made<G: Gateway + 'static>(section: &Section<'_>, gateway: Result<G, NoClient>) -> Made {
    match gateway {
        Ok(gateway) => Ok(Arc::new(gateway)),
        Err(error) => Err(section.refused("kind", error)),
    }
}

fn cryptopay(config: &Config, section: &mut Section<'_>) -> Made {
    let (name, mode) = (section.gateway()?, section.mode()?);
    let token = section.secret("token", "token_env", "token_file")?;
    let currency = section.parsed("currency", config.currency)?;
    let options = CryptoPayOptions::new(name, mode, token, currency);
    let assets = section.find("assets")?.unwrap_or_default();
    let assets = assets.split(',').map(str::trim);
    let options = CryptoPayOptions {
        assets: assets
            .filter(|asset| !asset.is_empty())
            .map(str::to_owned)
            .collect(),
        base: section.url("base_url", options.base.clone())?,
        ..options
    };
    made(section, CryptoPay::new(options))
}

fn tripay(_: &Config, section: &mut Section<'_>) -> Made {
    let (name, mode) = (section.gateway()?, section.mode()?);
    let account = TripayAccount {
        merchant_code: section.get("merchant_code")?,
        api_key: section.secret("api_key", "api_key_env", "api_key_file")?,
        private_key: section.secret("private_key", "private_key_env", "private_key_file")?,
    };
    let email = section.get("customer_email")?;
    let options = TripayOptions::new(name, mode, account, email);
    let options = TripayOptions {
        channel: section.parsed("channel", options.channel)?,
        customer_name: section.parsed("customer_name", options.customer_name)?,
        customer_phone: section.find("customer_phone")?,
        life_min: section.duration("life_min", options.life_min)?,
        base: section.url("base_url", options.base)?,
        ..options
    };
    made(section, Tripay::new(options))
}

fn xendit(_: &Config, section: &mut Section<'_>) -> Made {
    let key = section.secret("secret_key", "secret_key_env", "secret_key_file")?;
    let token = section.secret(
        "callback_token",
        "callback_token_env",
        "callback_token_file",
    )?;
    let options = XenditOptions {
        base: section.url("base_url", XenditOptions::BASE.to_owned())?,
        ..XenditOptions::new(section.gateway()?, key, token)
    };
    made(section, Xendit::new(options))
}

fn midtrans(_: &Config, section: &mut Section<'_>) -> Made {
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
        api: section.url("api_url", options.api.clone())?,
        snap: section.url("snap_url", options.snap.clone())?,
        ..options
    };
    made(section, Midtrans::new(options))
}

fn stripe(config: &Config, section: &mut Section<'_>) -> Made {
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
        base: section.url("base_url", StripeOptions::BASE.to_owned())?,
        ..StripeOptions::new(section.gateway()?, currency, product, key, webhook)
    };
    made(section, Stripe::new(options))
}

/// Whose page customers of Stripe pay on.
#[derive(Clone, Copy)]
enum Paying {
    AtStripe,
    AtHome,
}

fn transfer(config: &Config, section: &mut Section<'_>) -> Made {
    let account = BankAccount {
        bank: section.get("bank")?,
        number: section.get("number")?,
        holder: section.find("holder")?,
    };
    let currency = section.parsed("currency", config.currency)?;
    let transfer = Transfer::new(section.gateway()?, account, currency);
    Ok(Arc::new(transfer))
}

fn pakasir(_: &Config, section: &mut Section<'_>) -> Made {
    let (project, name) = (section.get("project")?, section.gateway()?);
    let key = section.secret("api_key", "api_key_env", "api_key_file")?;
    let options = PakasirOptions {
        method: section.parsed("method", PakasirMethod::Qris)?,
        mode: section.mode()?,
        base: section.url("base_url", PakasirOptions::BASE.to_owned())?,
        ..PakasirOptions::new(name, project, key)
    };
    made(section, Pakasir::new(options))
}
