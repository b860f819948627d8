//! A Crypto Pay of this machine, after <https://help.crypt.bot/crypto-pay-api>.

use std::fmt::Write as _;
use std::sync::Arc;

use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shopcore::gateway::{Gateway, GatewayName};
use shopcore::invoice::Charge;
use shopcore::money::{Currency, Money};
use shopcore::testing::gateway::{Counterpart, Delivery, Pays, Trouble};
use shopcore::time::{Clock, Timestamp};
use shopcore_payments::call::{Secret, written};
use shopcore_payments::{CryptoPay, CryptoPayOptions, Mode};

use super::{Answer, Book, Call, Fake, limits};

const TOKEN: &str = "12345:token-of-the-tests";

/// Crypto Pay, its customers, and a client of it.
#[derive(Debug)]
pub struct CryptoPayFake {
    fake: Fake<App>,
    client: Arc<CryptoPay>,
}

/// What an app has.
#[derive(Debug)]
pub(super) struct App {
    clock: Arc<dyn Clock>,
    invoices: Vec<Invoice>,
}

#[derive(Debug)]
struct Invoice {
    asked: Asked,
    made_at: Timestamp,
    paid_at: Option<Timestamp>,
    is_deleted: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    currency_type: String,
    fiat: String,
    accepted_assets: Option<String>,
    amount: String,
    description: String,
    payload: String,
    #[serde(rename = "allow_comments")]
    _allow_comments: bool,
    expires_in: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    invoice_ids: Option<String>,
    status: Option<String>,
    offset: usize,
    count: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    invoice_id: usize,
}

impl CryptoPayFake {
    /// An app that asks in rupiah.
    pub async fn start(clock: Arc<dyn Clock>) -> Self {
        Self::start_with(clock, |options| options).await
    }

    /// An app whose client is set up as `change` says.
    ///
    /// # Panics
    /// When there is no client.
    pub async fn start_with(
        clock: Arc<dyn Clock>,
        change: impl FnOnce(CryptoPayOptions) -> CryptoPayOptions,
    ) -> Self {
        let fake = Fake::serve(App {
            clock: Arc::clone(&clock),
            invoices: Vec::new(),
        });
        let (fake, name) = (fake.await, GatewayName::parse("cryptopay").unwrap());
        let token = Secret::new(TOKEN.to_owned());
        let options = change(CryptoPayOptions {
            base: fake.base().to_owned(),
            limits: limits(),
            clock,
            ..CryptoPayOptions::new(name, Mode::Sandbox, token, Currency::IDR)
        });
        let client = Arc::new(CryptoPay::new(options).unwrap());
        Self { fake, client }
    }

    /// What the client did wrong so far.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        self.fake.complaints()
    }
}

/// An update as Crypto Pay signs it.
fn signed(kind: &str, payload: Value, at: Timestamp) -> Delivery {
    let body = json!({
        "update_id": 1, "update_type": kind, "request_date": at.to_rfc3339(), "payload": payload,
    });
    let body = body.to_string();
    let key = Sha256::digest(TOKEN);
    let mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    let mac = mac.chain_update(&body).finalize().into_bytes();
    let hex = mac.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    });
    Delivery {
        headers: vec![("crypto-pay-api-signature".to_owned(), hex)],
        body: body.into_bytes(),
    }
}

#[async_trait]
impl Counterpart for CryptoPayFake {
    fn gateway(&self) -> Arc<dyn Gateway> {
        Arc::clone(&self.client) as Arc<dyn Gateway>
    }

    fn pays(&self) -> Pays {
        Pays::Exactly
    }

    async fn pay(&self, charge: &Charge, amount: Money) -> Delivery {
        let mut app = self.fake.book();
        let now = app.clock.now();
        let mut invoices = app.invoices.iter();
        let number = invoices
            .position(|invoice| invoice.asked.payload == charge.reference.as_str())
            .unwrap();
        let invoice = &mut app.invoices[number];
        assert_eq!(invoice.asked.amount, written(amount));
        invoice.paid_at.get_or_insert(now);
        signed("invoice_paid", invoice.told(number, now), now)
    }

    fn set_trouble(&self, trouble: Option<Trouble>) {
        self.fake.set_trouble(trouble);
    }

    fn charges(&self) -> usize {
        self.fake.book().invoices.len()
    }

    fn refunded(&self) -> i64 {
        0
    }
}

fn refuse(code: u16, name: &str) -> Answer {
    let error = json!({ "code": code, "name": name });
    Answer::new(code, json!({ "ok": false, "error": error }))
}

fn tell(result: Value) -> Answer {
    Answer::new(200, json!({ "ok": true, "result": result }))
}

impl Invoice {
    fn status(&self, now: Timestamp) -> &'static str {
        let life = chrono::Duration::seconds(self.asked.expires_in);
        match self.paid_at {
            Some(_) => "paid",
            None if self.made_at + life <= now => "expired",
            None => "active",
        }
    }

    fn told(&self, number: usize, now: Timestamp) -> Value {
        json!({
            "invoice_id": number,
            "hash": format!("IV{number}"),
            "currency_type": self.asked.currency_type,
            "fiat": self.asked.fiat,
            "amount": self.asked.amount,
            "accepted_assets": self.asked.accepted_assets,
            "bot_invoice_url": format!("https://t.me/CryptoTestnetBot?start=IV{number}"),
            "description": self.asked.description,
            "status": self.status(now),
            "created_at": self.made_at.to_rfc3339(),
            "paid_at": self.paid_at.map(|at| at.to_rfc3339()),
            "payload": self.asked.payload,
        })
    }
}

impl App {
    fn make(&mut self, call: &Call) -> Answer {
        let asked: Asked = match call.json() {
            Ok(asked) => asked,
            Err(_) => return refuse(400, "PARAMS_INVALID"),
        };
        let is_amount = asked.amount.parse::<f64>().is_ok_and(|amount| amount > 0.0);
        let is_time = (1..=2_678_400).contains(&asked.expires_in);
        let wrong = asked.currency_type != "fiat"
            || asked.fiat.len() != 3
            || asked.description.len() > 1024
            || asked.payload.len() > 4096;
        if wrong || !is_amount || !is_time {
            return refuse(400, "PARAMS_INVALID");
        }
        let now = self.clock.now();
        self.invoices.push(Invoice {
            asked,
            made_at: now,
            paid_at: None,
            is_deleted: false,
        });
        let number = self.invoices.len() - 1;
        tell(self.invoices[number].told(number, now))
    }

    fn list(&self, call: &Call) -> Answer {
        let ask: Ask = match call.json() {
            Ok(ask) => ask,
            Err(_) => return refuse(400, "PARAMS_INVALID"),
        };
        let now = self.clock.now();
        let ids = ask.invoice_ids.map(|ids| {
            let ids = ids.split(',').map(|id| id.parse::<usize>().unwrap());
            ids.collect::<Vec<_>>()
        });
        let numbers = (0..self.invoices.len()).rev();
        let listed = numbers.filter(|number| {
            let invoice = &self.invoices[*number];
            let is_named = ids.as_ref().is_none_or(|ids| ids.contains(number));
            let has_status = match ask.status.as_deref() {
                None => true,
                Some(status) => invoice.status(now) == status,
            };
            !invoice.is_deleted && is_named && has_status
        });
        let page = listed.skip(ask.offset).take(ask.count);
        let items: Vec<_> = page
            .map(|number| self.invoices[number].told(number, now))
            .collect();
        tell(json!({ "items": items }))
    }

    fn delete(&mut self, call: &Call) -> Answer {
        let found = call.json::<Named>().ok();
        let found = found.and_then(|named| self.invoices.get_mut(named.invoice_id));
        match found {
            Some(invoice) if invoice.paid_at.is_none() => {
                invoice.is_deleted = true;
                tell(json!(true))
            }
            Some(_) | None => refuse(400, "INVOICE_NOT_FOUND"),
        }
    }
}

impl Book for App {
    fn answer(&mut self, call: &Call) -> Answer {
        if call.header("crypto-pay-api-token") != TOKEN {
            return refuse(401, "UNAUTHORIZED");
        }
        match call.route() {
            ("POST", path) => match path[..] {
                ["api", "createInvoice"] => self.make(call),
                ["api", "getInvoices"] => self.list(call),
                ["api", "deleteInvoice"] => self.delete(call),
                _ => refuse(405, "METHOD_NOT_FOUND"),
            },
            _ => refuse(405, "METHOD_NOT_FOUND"),
        }
    }
}
