//! A Tripay of this machine, after <https://tripay.co.id/developer>.

use std::fmt::Write as _;
use std::sync::Arc;

use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use shopcore::gateway::{Gateway, GatewayName};
use shopcore::invoice::Charge;
use shopcore::money::Money;
use shopcore::testing::gateway::{Counterpart, Delivery, Pays, Trouble};
use shopcore::time::{Clock, Timestamp};
use shopcore_payments::call::Secret;
use shopcore_payments::{Mode, Tripay, TripayAccount, TripayOptions};

use super::{Answer, Book, Call, Fake, limits};

const CODE: &str = "T0001";
const API_KEY: &str = "DEV-tripay-key-of-the-tests";
const PRIVATE_KEY: &str = "tripay-private-key-of-the-tests";

/// Code and name of each channel that the merchant has switched on.
const CHANNELS: [(&str, &str); 4] = [
    ("QRIS", "QRIS by ShopeePay"),
    ("BRIVA", "BRI Virtual Account"),
    ("ALFAMART", "Alfamart"),
    ("OVO", "OVO"),
];

/// A quarter of an hour, and thirty days: how much time a channel gives.
const LIFE: std::ops::RangeInclusive<i64> = 15 * 60..=30 * 24 * 3600;

/// Tripay, its customers, and a client of it.
#[derive(Debug)]
pub struct TripayFake {
    fake: Fake<Merchant>,
    client: Arc<Tripay>,
}

/// A merchant and its transactions, oldest first.
#[derive(Debug)]
pub(super) struct Merchant {
    clock: Arc<dyn Clock>,
    transactions: Vec<Transaction>,
}

#[derive(Debug)]
struct Transaction {
    reference: String,
    order: Order,
    created_at: Timestamp,
    paid_at: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    method: String,
    merchant_ref: String,
    amount: i64,
    customer_name: String,
    customer_email: String,
    customer_phone: Option<String>,
    order_items: Vec<Item>,
    expired_time: i64,
    signature: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    name: String,
    price: i64,
    quantity: i64,
}

impl TripayFake {
    /// A merchant whose customers pay by QRIS, and the fee of it.
    pub async fn start(clock: Arc<dyn Clock>) -> Self {
        Self::start_with(clock, |options| options).await
    }

    /// A merchant whose client is set up as `change` says.
    ///
    /// # Panics
    /// When there is no client.
    pub async fn start_with(
        clock: Arc<dyn Clock>,
        change: impl FnOnce(TripayOptions) -> TripayOptions,
    ) -> Self {
        let transactions = Vec::new();
        let merchant = Merchant {
            clock: Arc::clone(&clock),
            transactions,
        };
        let fake = Fake::serve(merchant).await;
        let name = GatewayName::parse("tripay").unwrap();
        let account = TripayAccount {
            merchant_code: CODE.to_owned(),
            api_key: Secret::new(API_KEY.to_owned()),
            private_key: Secret::new(PRIVATE_KEY.to_owned()),
        };
        let email = "shop@example.com".to_owned();
        let options = change(TripayOptions {
            base: format!("{}/api-sandbox", fake.base()),
            limits: limits(),
            clock,
            ..TripayOptions::new(name, Mode::Sandbox, account, email)
        });
        let client = Arc::new(Tripay::new(options).unwrap());
        Self { fake, client }
    }

    /// What the client did wrong so far.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        self.fake.complaints()
    }

    /// Changes the amount of a charge behind the shop's back.
    pub fn falsify(&self, charge: &Charge, amount: i64) {
        self.change(charge, |transaction| transaction.order.amount = amount);
    }

    /// The webhook about a charge, with a change of its body before it is signed.
    ///
    /// # Panics
    /// When there is no such charge.
    #[must_use]
    pub fn webhook(&self, charge: &Charge, change: impl FnOnce(&mut Value)) -> Delivery {
        let mut body = json!(null);
        let now = self.fake.book().clock.now();
        self.change(charge, |transaction| body = transaction.notice(now));
        change(&mut body);
        let body = body.to_string().into_bytes();
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("x-callback-event", "payment_status".to_owned()),
            ("x-callback-signature", signature(&body)),
        ];
        Delivery {
            headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
            body,
        }
    }

    fn change(&self, charge: &Charge, change: impl FnOnce(&mut Transaction)) {
        let mut merchant = self.fake.book();
        let named = |found: &&mut Transaction| {
            charge
                .gateway_id
                .as_ref()
                .is_some_and(|id| id.as_str() == found.reference)
        };
        change(merchant.transactions.iter_mut().find(named).unwrap());
    }
}

#[async_trait]
impl Counterpart for TripayFake {
    fn gateway(&self) -> Arc<dyn Gateway> {
        Arc::clone(&self.client) as Arc<dyn Gateway>
    }

    fn pays(&self) -> Pays {
        Pays::Exactly
    }

    async fn pay(&self, charge: &Charge, amount: Money) -> Delivery {
        let now = self.fake.book().clock.now();
        self.change(charge, |transaction| {
            assert_eq!(amount.minor(), transaction.total());
            transaction.paid_at.get_or_insert(now);
        });
        self.webhook(charge, |_| {})
    }

    fn set_trouble(&self, trouble: Option<Trouble>) {
        self.fake.set_trouble(trouble);
    }

    fn charges(&self) -> usize {
        self.fake.book().transactions.len()
    }

    fn refunded(&self) -> i64 {
        0
    }
}

impl Transaction {
    /// What is put upon the amount for the customer: Rp 750 and 0.7 % for QRIS, Rp 4,250 else.
    fn fee(&self) -> i64 {
        match self.order.method.as_str() {
            "QRIS" => 750 + (self.order.amount * 7 + 500) / 1000,
            _ => 4_250,
        }
    }

    fn total(&self) -> i64 {
        self.order.amount + self.fee()
    }

    fn status(&self, now: Timestamp) -> &'static str {
        match self.paid_at {
            Some(_) => "PAID",
            None if self.order.expired_time <= now.timestamp() => "EXPIRED",
            None => "UNPAID",
        }
    }

    fn payment_name(&self) -> &'static str {
        let mut channels = CHANNELS.iter();
        let found = channels.find(|(code, _)| *code == self.order.method);
        found.unwrap().1
    }

    /// As the list of transactions tells of it: without the text of its code.
    fn listed(&self, now: Timestamp) -> Value {
        let checkout = format!("https://tripay.co.id/checkout/{}", self.reference);
        let is_account = self.order.method.ends_with("VA");
        json!({
            "reference": self.reference,
            "merchant_ref": self.order.merchant_ref,
            "payment_selection_type": "static",
            "payment_method": self.order.method,
            "payment_name": self.payment_name(),
            "customer_name": self.order.customer_name,
            "customer_email": self.order.customer_email,
            "customer_phone": self.order.customer_phone,
            "amount": self.total(),
            "fee_merchant": 0,
            "fee_customer": self.fee(),
            "total_fee": self.fee(),
            "amount_received": self.order.amount,
            "pay_code": is_account.then_some(45_649_878_666_155_i64),
            "pay_url": (self.order.method == "OVO").then(|| format!("{checkout}/pay")),
            "checkout_url": checkout,
            "status": self.status(now),
            "paid_at": self.paid_at.map(|at| at.timestamp()),
            "created_at": self.created_at.timestamp(),
            "expired_time": self.order.expired_time,
        })
    }

    fn told(&self, now: Timestamp) -> Value {
        let mut told = self.listed(now);
        let code = format!("00020101021226670016COM.TEST.WWW540{}5802ID", self.total());
        told["qr_string"] = json!((self.order.method == "QRIS").then_some(code));
        told
    }

    fn notice(&self, now: Timestamp) -> Value {
        json!({
            "reference": self.reference,
            "merchant_ref": self.order.merchant_ref,
            "payment_method": self.payment_name(),
            "payment_method_code": self.order.method,
            "total_amount": self.total(),
            "fee_merchant": 0,
            "fee_customer": self.fee(),
            "total_fee": self.fee(),
            "amount_received": self.order.amount,
            "is_closed_payment": 1,
            "status": self.status(now),
            "paid_at": self.paid_at.map(|at| at.timestamp()),
            "note": null,
        })
    }
}

fn signature(text: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(PRIVATE_KEY.as_bytes()).unwrap();
    let code = mac.chain_update(text).finalize().into_bytes();
    code.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn refuse(status: u16, message: &str) -> Answer {
    Answer::new(status, json!({ "success": false, "message": message }))
}

fn tell(data: Value) -> Answer {
    Answer::new(
        200,
        json!({ "success": true, "message": "Success", "data": data }),
    )
}

impl Order {
    fn check(&self, now: Timestamp) -> Result<(), &'static str> {
        let items = self.order_items.iter();
        let sum: i64 = items.map(|item| item.price * item.quantity).sum();
        let signed = format!("{CODE}{}{}", self.merchant_ref, self.amount);
        let rules = [
            (
                signature(signed.as_bytes()) == self.signature,
                "Invalid signature",
            ),
            (
                CHANNELS.iter().any(|(code, _)| *code == self.method),
                "Payment channel not found",
            ),
            (self.amount >= 1_000, "Minimum amount is Rp 1.000"),
            (sum == self.amount, "Amount does not match order items"),
            (
                self.order_items.iter().all(|item| !item.name.is_empty()),
                "Item name is required",
            ),
            (!self.customer_name.is_empty(), "Customer name is required"),
            (
                self.customer_email.contains('@'),
                "Customer email is not valid",
            ),
            (
                LIFE.contains(&(self.expired_time - now.timestamp())),
                "Expired time is not valid",
            ),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            Some((_, wrong)) => Err(wrong),
            None => Ok(()),
        }
    }
}

impl Merchant {
    fn create(&mut self, call: &Call) -> Answer {
        let now = self.clock.now();
        let order: Order = match call.json() {
            Ok(order) => order,
            Err(wrong) => return refuse(400, &wrong),
        };
        if let Err(wrong) = order.check(now) {
            return refuse(400, wrong);
        }
        let transaction = Transaction {
            reference: format!("DEV-{CODE}{:010}", self.transactions.len()),
            order,
            created_at: now,
            paid_at: None,
        };
        let told = transaction.told(now);
        self.transactions.push(transaction);
        tell(told)
    }

    fn detail(&self, call: &Call) -> Answer {
        let reference = call.parameter("reference");
        let mut all = self.transactions.iter();
        match all.find(|found| found.reference == reference) {
            Some(found) => tell(found.told(self.clock.now())),
            None => refuse(404, "Transaction not found"),
        }
    }

    /// A page of the transactions, newest first.
    fn list(&self, call: &Call) -> Answer {
        let number = |name: &str, usual: usize| call.parameter(name).parse().unwrap_or(usual);
        let (page, size) = (number("page", 1), number("per_page", 25));
        let known = ["page", "per_page", "sort", "merchant_ref"];
        let is_known = |name: &String| known.contains(&name.as_str());
        if page == 0 || !(1..=50).contains(&size) || !call.query.keys().all(is_known) {
            return refuse(400, "Invalid parameter");
        }
        let named = call.parameter("merchant_ref");
        let all = self.transactions.iter().rev();
        let all: Vec<_> = all
            .filter(|found| named.is_empty() || found.order.merchant_ref == named)
            .map(|found| found.listed(self.clock.now()))
            .collect();
        let shown: Vec<_> = all.iter().skip((page - 1) * size).take(size).collect();
        let pagination = json!({
            "sort": "desc",
            "current_page": page,
            "last_page": all.len().div_ceil(size).max(1),
            "per_page": size,
            "total_records": all.len(),
        });
        let body = json!({
            "success": true,
            "message": "Success",
            "data": shown,
            "pagination": pagination,
        });
        Answer::new(200, body)
    }
}

impl Book for Merchant {
    fn answer(&mut self, call: &Call) -> Answer {
        if call.bearer() != Some(API_KEY) {
            return refuse(401, "Invalid API Key");
        }
        match (call.method.as_str(), call.path.as_str()) {
            ("POST", "/api-sandbox/transaction/create") => self.create(call),
            ("GET", "/api-sandbox/transaction/detail") => self.detail(call),
            ("GET", "/api-sandbox/merchant/transactions") => self.list(call),
            _ => refuse(404, "Not found"),
        }
    }
}
