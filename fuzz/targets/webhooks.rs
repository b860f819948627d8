//! Webhooks of every gateway: the first byte chooses the gateway, a line its header, the rest is the
//! body. Nothing may panic, and nothing may be believed, for the key is one that nobody signs with.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use shopcore::gateway::{Gateway, GatewayName, VerifiedWebhook, WebhookRequest};
use shopcore::money::Currency;
use shopcore_payments::call::Secret;
use shopcore_payments::{
    CryptoPay, CryptoPayOptions, Midtrans, MidtransOptions, Mode, Pakasir, PakasirOptions, Stripe,
    StripeOptions, StripeProduct, Tripay, TripayAccount, TripayOptions, Xendit, XenditOptions,
};

/// A gateway, and the header that its webhooks are signed in.
type Signed = (Box<dyn Gateway>, &'static str);

static GATEWAYS: LazyLock<Vec<Signed>> = LazyLock::new(|| {
    let key = || Secret::new("nobody-signs-with-this".to_owned());
    let name = |text| GatewayName::parse(text).unwrap();
    let stripe = StripeProduct::Checkout {
        return_url: "https://shop.example".to_owned(),
    };
    let account = TripayAccount {
        merchant_code: "T0001".to_owned(),
        api_key: key(),
        private_key: key(),
    };
    let (live, email) = (Mode::Live, "a@b.example".to_owned());
    let crypto = CryptoPayOptions::new(name("cryptopay"), live, key(), Currency::USD);
    let midtrans = MidtransOptions::new(name("midtrans"), live, key());
    let pakasir = PakasirOptions::new(name("pakasir"), "shop".to_owned(), key());
    let stripe = StripeOptions::new(name("stripe"), Currency::USD, stripe, key(), key());
    let tripay = TripayOptions::new(name("tripay"), live, account, email);
    let xendit = XenditOptions::new(name("xendit"), key(), key());
    vec![
        (Box::new(CryptoPay::new(crypto).unwrap()), "crypto-pay-api-signature"),
        (Box::new(Midtrans::new(midtrans).unwrap()), "content-type"),
        (Box::new(Pakasir::new(pakasir).unwrap()), "content-type"),
        (Box::new(Stripe::new(stripe).unwrap()), "stripe-signature"),
        (Box::new(Tripay::new(tripay).unwrap()), "x-callback-signature"),
        (Box::new(Xendit::new(xendit).unwrap()), "x-callback-token"),
    ]
});

fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = input.split_first() else {
        return;
    };
    let end = rest.iter().position(|byte| *byte == b'\n');
    let (header, body) = rest.split_at(end.unwrap_or(rest.len()));
    let (gateway, name) = &GATEWAYS[usize::from(*choice) % GATEWAYS.len()];
    let value = String::from_utf8_lossy(header).into_owned();
    let told = gateway.verify_webhook(WebhookRequest {
        headers: &[((*name).to_owned(), value)],
        body: body.get(1..).unwrap_or_default(),
    });
    if let Ok(VerifiedWebhook::Payments(payments)) = told {
        assert!(payments.is_empty(), "a forged webhook was believed");
    }
});
