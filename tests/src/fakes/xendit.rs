//! A Xendit of this machine, after <https://developers.xendit.co/api-reference>: invoices and refunds.

use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use shopcore::gateway::{Gateway, GatewayName};
use shopcore::invoice::Charge;
use shopcore::money::Money;
use shopcore::testing::gateway::{Counterpart, Delivery, Pays, Trouble};
use shopcore::time::{Clock, Timestamp};
use shopcore_payments::call::Secret;
use shopcore_payments::{Xendit, XenditOptions};

use super::{Answer, Book, Call, Fake, limits};

const KEY: &str = "xnd_development_of_the_tests";
const TOKEN: &str = "callback-token-of-the-tests";

/// Xendit, its customers, and a client of it.
#[derive(Debug)]
pub struct XenditFake {
    fake: Fake<Account>,
    client: Arc<Xendit>,
}

/// What an account has.
#[derive(Debug)]
pub(super) struct Account {
    clock: Arc<dyn Clock>,
    invoices: Vec<Invoice>,
    refunds: Vec<(String, Refund)>,
    undecided: bool,
}

#[derive(Debug)]
struct Invoice {
    asked: Asked,
    paid_at: Option<Timestamp>,
    is_over: bool,
    created_at: Timestamp,
    expires_at: Timestamp,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    external_id: String,
    amount: i64,
    currency: String,
    description: String,
    invoice_duration: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Refund {
    invoice_id: String,
    amount: i64,
    currency: String,
    reason: String,
    reference_id: String,
}

impl XenditFake {
    /// An account.
    pub async fn start(clock: Arc<dyn Clock>) -> Self {
        Self::start_with(clock, |options| options).await
    }

    /// An account whose client is set up as `change` says.
    ///
    /// # Panics
    /// When there is no client.
    pub async fn start_with(
        clock: Arc<dyn Clock>,
        change: impl FnOnce(XenditOptions) -> XenditOptions,
    ) -> Self {
        let fake = Fake::serve(Account {
            clock: Arc::clone(&clock),
            invoices: Vec::new(),
            refunds: Vec::new(),
            undecided: false,
        });
        let (fake, name) = (fake.await, GatewayName::parse("xendit").unwrap());
        let secret = |text: &str| Secret::new(text.to_owned());
        let options = change(XenditOptions {
            base: fake.base().to_owned(),
            limits: limits(),
            clock,
            ..XenditOptions::new(name, secret(KEY), secret(TOKEN))
        });
        let client = Arc::new(Xendit::new(options).unwrap());
        Self { fake, client }
    }

    /// Where it is, and the key that lets a client in.
    #[must_use]
    pub fn door(&self) -> (&str, &'static str) {
        (self.fake.base(), KEY)
    }

    /// What the client did wrong so far.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        self.fake.complaints()
    }

    /// Has refunds wait for their bank from now on.
    pub fn leave_refunds_undecided(&self, undecided: bool) {
        self.fake.book().undecided = undecided;
    }
}

#[async_trait]
impl Counterpart for XenditFake {
    fn gateway(&self) -> Arc<dyn Gateway> {
        Arc::clone(&self.client) as Arc<dyn Gateway>
    }

    fn pays(&self) -> Pays {
        Pays::Exactly
    }

    async fn pay(&self, charge: &Charge, amount: Money) -> Delivery {
        let mut account = self.fake.book();
        let now = account.clock.now();
        let mut invoices = account.invoices.iter();
        let number = invoices
            .position(|invoice| invoice.asked.external_id == charge.reference.as_str())
            .unwrap();
        let invoice = &mut account.invoices[number];
        assert_eq!(invoice.asked.amount, amount.minor());
        invoice.paid_at.get_or_insert(now);
        let body = invoice.told(number, now).to_string();
        Delivery {
            headers: vec![("x-callback-token".to_owned(), TOKEN.to_owned())],
            body: body.into_bytes(),
        }
    }

    fn set_trouble(&self, trouble: Option<Trouble>) {
        self.fake.set_trouble(trouble);
    }

    fn charges(&self) -> usize {
        self.fake.book().invoices.len()
    }

    fn refunded(&self) -> i64 {
        let account = self.fake.book();
        account
            .refunds
            .iter()
            .map(|(_, refund)| refund.amount)
            .sum()
    }
}

fn refuse(status: u16, code: &str, message: &str) -> Answer {
    Answer::new(status, json!({ "error_code": code, "message": message }))
}

impl Invoice {
    fn status(&self, now: Timestamp) -> &'static str {
        match self.paid_at {
            Some(_) => "PAID",
            None if self.is_over || self.expires_at <= now => "EXPIRED",
            None => "PENDING",
        }
    }

    fn told(&self, number: usize, now: Timestamp) -> Value {
        let id = format!("{number:024x}");
        let mut told = json!({
            "id": id,
            "external_id": self.asked.external_id,
            "user_id": "5781d19b2e2385880609791c",
            "status": self.status(now),
            "merchant_name": "Tests",
            "amount": self.asked.amount,
            "currency": self.asked.currency,
            "description": self.asked.description,
            "expiry_date": self.expires_at.to_rfc3339(),
            "invoice_url": format!("https://checkout-staging.xendit.co/v2/{id}"),
            "should_send_email": false,
            "created": self.created_at.to_rfc3339(),
            "updated": now.to_rfc3339(),
        });
        for offered in [
            "banks",
            "retail_outlets",
            "ewallets",
            "qr_codes",
            "direct_debits",
            "paylaters",
        ] {
            told[format!("available_{offered}")] = json!([]);
        }
        if let Some(at) = self.paid_at {
            told["paid_at"] = json!(at.to_rfc3339());
            told["paid_amount"] = json!(self.asked.amount);
            told["payment_method"] = json!("EWALLET");
        }
        told
    }
}

impl Account {
    fn make(&mut self, call: &Call) -> Answer {
        let asked: Asked = match call.json() {
            Ok(asked) => asked,
            Err(wrong) => return refuse(400, "API_VALIDATION_ERROR", &wrong),
        };
        let wrong = asked.external_id.is_empty()
            || asked.description.is_empty()
            || asked.currency != "IDR"
            || asked.invoice_duration.is_some_and(|seconds| seconds < 1)
            || asked.amount < 1_000;
        if wrong {
            return refuse(400, "API_VALIDATION_ERROR", "a field is out of range");
        }
        let now = self.clock.now();
        self.invoices.push(Invoice {
            expires_at: now + chrono::Duration::seconds(asked.invoice_duration.unwrap_or(86_400)),
            asked,
            paid_at: None,
            is_over: false,
            created_at: now,
        });
        let number = self.invoices.len() - 1;
        Answer::new(200, self.invoices[number].told(number, now))
    }

    fn find(&self, id: &str) -> Option<usize> {
        let number = usize::from_str_radix(id, 16).ok()?;
        (number < self.invoices.len()).then_some(number)
    }

    fn list(&self, call: &Call) -> Answer {
        let now = self.clock.now();
        let moment = |name: &str| call.parameter(name).parse::<Timestamp>().ok();
        let (after, before) = (moment("paid_after"), moment("paid_before"));
        let last = match call.parameter("last_invoice") {
            "" => None,
            id => Some(self.find(id).unwrap()),
        };
        let wanted = call.parameter("external_id");
        let limit = call.parameter("limit").parse().unwrap_or(10_usize);
        let numbers = (0..self.invoices.len()).rev();
        let listed = numbers.filter(|number| {
            let invoice = &self.invoices[*number];
            let is_named = wanted.is_empty() || invoice.asked.external_id == wanted;
            let is_in_time = after.is_none_or(|after| invoice.paid_at > Some(after))
                && before.is_none_or(|before| invoice.paid_at.is_some_and(|at| at < before));
            let has_status = match call.parameter("statuses") {
                "" => true,
                listed => listed.contains(&format!("{:?}", invoice.status(now))),
            };
            let is_next = last.is_none_or(|last| *number < last);
            is_named && is_in_time && has_status && is_next
        });
        let page = listed.take(limit);
        let page: Vec<_> = page
            .map(|number| self.invoices[number].told(number, now))
            .collect();
        Answer::new(200, json!(page))
    }

    fn expire(&mut self, id: &str) -> Answer {
        let now = self.clock.now();
        let Some(number) = self.find(id) else {
            return refuse(404, "INVOICE_NOT_FOUND_ERROR", "Invoice not found");
        };
        let invoice = &mut self.invoices[number];
        if invoice.paid_at.is_some() {
            return refuse(400, "INVOICE_ALREADY_PAID", "Invoice was paid");
        }
        invoice.is_over = true;
        Answer::new(200, invoice.told(number, now))
    }

    fn refund(&mut self, call: &Call) -> Answer {
        let refund: Refund = match call.json() {
            Ok(refund) => refund,
            Err(wrong) => return refuse(400, "API_VALIDATION_ERROR", &wrong),
        };
        let key = call.header("idempotency-key").to_owned();
        if let Some((_, made)) = self.refunds.iter().find(|(made, _)| *made == key) {
            return match *made == refund {
                true => Answer::new(200, self.given(made)),
                false => refuse(409, "IDEMPOTENCY_ERROR", "the key was used"),
            };
        }
        let Some(number) = self.find(&refund.invoice_id) else {
            return refuse(404, "DATA_NOT_FOUND", "Invoice not found");
        };
        let invoice = &self.invoices[number];
        let made = self.refunds.iter();
        let made = made.filter(|(_, made)| made.invoice_id == refund.invoice_id);
        let given: i64 = made.map(|(_, made)| made.amount).sum();
        let fits = refund.amount > 0 && given + refund.amount <= invoice.asked.amount;
        if invoice.paid_at.is_none() || !fits || refund.currency != "IDR" {
            let message = "The refund amount exceeds the remaining amount";
            return refuse(400, "MAXIMUM_REFUND_AMOUNT_REACHED", message);
        }
        if refund.reason != "REQUESTED_BY_CUSTOMER" {
            return refuse(400, "API_VALIDATION_ERROR", "reason");
        }
        let told = self.given(&refund);
        self.refunds.push((key, refund));
        Answer::new(200, told)
    }

    fn given(&self, refund: &Refund) -> Value {
        json!({
            "id": format!("rfd-{}", refund.reference_id),
            "invoice_id": refund.invoice_id,
            "amount": refund.amount,
            "currency": refund.currency,
            "reference_id": refund.reference_id,
            "status": if self.undecided { "PENDING" } else { "SUCCEEDED" },
        })
    }

    fn refunds_of(&self, invoice: &str) -> Answer {
        let made = self.refunds.iter().map(|(_, refund)| refund);
        let of = made.filter(|refund| refund.invoice_id == invoice);
        let data: Vec<_> = of.map(|refund| self.given(refund)).collect();
        Answer::new(200, json!({ "data": data, "has_more": false }))
    }
}

impl Book for Account {
    fn answer(&mut self, call: &Call) -> Answer {
        if call.basic() != Some((KEY.to_owned(), String::new())) {
            return refuse(401, "INVALID_API_KEY", "API key is not valid");
        }
        let (method, path) = call.route();
        match (method, &path[..]) {
            ("POST", ["v2", "invoices", ""]) => self.make(call),
            ("GET", ["v2", "invoices"]) => self.list(call),
            ("GET", ["v2", "invoices", id]) => match self.find(id) {
                Some(number) => {
                    let told = self.invoices[number].told(number, self.clock.now());
                    Answer::new(200, told)
                }
                None => refuse(404, "INVOICE_NOT_FOUND_ERROR", "Invoice not found"),
            },
            ("POST", ["invoices", id, "expire!"]) => self.expire(id),
            ("POST", ["refunds"]) => self.refund(call),
            ("GET", ["refunds"]) => self.refunds_of(call.parameter("invoice_id")),
            _ => refuse(404, "NOT_FOUND", "The requested resource was not found"),
        }
    }
}
