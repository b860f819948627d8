//! A Midtrans of this machine, after <https://docs.midtrans.com>: Core API and Snap on one port.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value, json};
use sha2::{Digest, Sha512};
use shopcore::gateway::{Gateway, GatewayName};
use shopcore::invoice::Charge;
use shopcore::money::Money;
use shopcore::testing::gateway::{Counterpart, Delivery, Pays, Trouble};
use shopcore::time::{Clock, Timestamp};
use shopcore_payments::call::Secret;
use shopcore_payments::{Midtrans, MidtransOptions, Mode};

use super::{Answer, Book, Call, Fake, limits};

mod asked;

use asked::{Give, Order, Page};

const KEY: &str = "SB-Mid-server-of-the-tests";

/// Midtrans, its customers, and a client of it.
#[derive(Debug)]
pub struct MidtransFake {
    fake: Fake<Merchant>,
    client: Arc<Midtrans>,
}

/// A merchant, the pages of Snap and the transactions, by order id.
#[derive(Debug)]
pub(super) struct Merchant {
    clock: Arc<dyn Clock>,
    customers: Customers,
    pages: BTreeMap<String, i64>,
    transactions: BTreeMap<String, Transaction>,
}

/// When customers choose how to pay on a page: a page on which nobody did can't be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Customers {
    ChooseWhenTheyPay,
    ChooseAtOnce,
}

#[derive(Debug)]
struct Transaction {
    amount: i64,
    kind: &'static str,
    state: State,
    made_at: Timestamp,
    settled_at: Option<Timestamp>,
    refunds: Vec<(String, i64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Pending,
    Challenged,
    Settled,
    Expired,
}

impl MidtransFake {
    /// A merchant whose customers pay on Snap's page.
    pub async fn start(clock: Arc<dyn Clock>) -> Self {
        Self::start_with(clock, |options| options).await
    }

    /// A merchant whose client is set up as `change` says.
    ///
    /// # Panics
    /// When there is no client.
    pub async fn start_with(
        clock: Arc<dyn Clock>,
        change: impl FnOnce(MidtransOptions) -> MidtransOptions,
    ) -> Self {
        let fake = Fake::serve(Merchant {
            clock: Arc::clone(&clock),
            customers: Customers::ChooseWhenTheyPay,
            pages: BTreeMap::new(),
            transactions: BTreeMap::new(),
        });
        let (fake, name) = (fake.await, GatewayName::parse("midtrans").unwrap());
        let key = Secret::new(KEY.to_owned());
        let options = change(MidtransOptions {
            api: fake.base().to_owned(),
            snap: fake.base().to_owned(),
            limits: limits(),
            clock,
            ..MidtransOptions::new(name, Mode::Sandbox, key)
        });
        let client = Arc::new(Midtrans::new(options).unwrap());
        Self { fake, client }
    }

    /// Has customers choose how to pay as soon as they have a page.
    pub fn choose_at_once(&self) {
        self.fake.book().customers = Customers::ChooseAtOnce;
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

    /// A customer pays by a card that Midtrans doubts; gives the webhook about it.
    ///
    /// # Panics
    /// When there is no such charge.
    #[must_use]
    pub fn challenge(&self, charge: &Charge) -> Delivery {
        self.change(charge, |transaction, _| {
            transaction.kind = "credit_card";
            transaction.state = State::Challenged;
        })
    }

    /// Changes the amount of a transaction behind the shop's back; gives the webhook about it.
    ///
    /// # Panics
    /// When there is no such charge.
    #[must_use]
    pub fn falsify(&self, charge: &Charge, amount: i64) -> Delivery {
        self.change(charge, |transaction, _| transaction.amount = amount)
    }

    /// Changes a transaction, or first makes the one of a page, as its customer would.
    fn change(
        &self,
        charge: &Charge,
        change: impl FnOnce(&mut Transaction, Timestamp),
    ) -> Delivery {
        let mut merchant = self.fake.book();
        let (id, now) = (charge.reference.as_str(), merchant.clock.now());
        if let Some(amount) = merchant.pages.get(id).copied() {
            let kept = merchant.transactions.entry(id.to_owned());
            kept.or_insert_with(|| Transaction::new(amount, "bank_transfer", now));
        }
        let transaction = merchant.transactions.get_mut(id).unwrap();
        change(transaction, now);
        Delivery {
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: transaction.told(id).to_string().into_bytes(),
        }
    }
}

#[async_trait]
impl Counterpart for MidtransFake {
    fn gateway(&self) -> Arc<dyn Gateway> {
        Arc::clone(&self.client) as Arc<dyn Gateway>
    }

    fn pays(&self) -> Pays {
        Pays::Exactly
    }

    async fn pay(&self, charge: &Charge, amount: Money) -> Delivery {
        self.change(charge, |transaction, now| {
            assert_eq!(amount.minor(), transaction.amount);
            transaction.state = State::Settled;
            transaction.settled_at.get_or_insert(now);
        })
    }

    fn set_trouble(&self, trouble: Option<Trouble>) {
        self.fake.set_trouble(trouble);
    }

    fn charges(&self) -> usize {
        let merchant = self.fake.book();
        let codes = merchant.transactions.keys();
        let codes = codes.filter(|id| !merchant.pages.contains_key(*id));
        merchant.pages.len() + codes.count()
    }

    fn refunded(&self) -> i64 {
        let merchant = self.fake.book();
        let all = merchant.transactions.values();
        all.map(Transaction::refunded).sum()
    }
}

impl Transaction {
    fn new(amount: i64, kind: &'static str, made_at: Timestamp) -> Self {
        Self {
            amount,
            kind,
            state: State::Pending,
            made_at,
            settled_at: None,
            refunds: Vec::new(),
        }
    }

    fn refunded(&self) -> i64 {
        self.refunds.iter().map(|(_, amount)| amount).sum()
    }

    /// Code, status and what the fraud detection says.
    fn status(&self) -> (&'static str, &'static str, &'static str) {
        match (self.state, self.refunded()) {
            (State::Pending, _) => ("201", "pending", "accept"),
            (State::Challenged, _) => ("201", "capture", "challenge"),
            (State::Settled, 0) => ("200", "settlement", "accept"),
            (State::Settled, given) if given < self.amount => ("200", "partial_refund", "accept"),
            (State::Settled, _) => ("200", "refund", "accept"),
            (State::Expired, _) => ("407", "expire", "accept"),
        }
    }

    fn told(&self, id: &str) -> Value {
        let (code, status, fraud) = self.status();
        let amount = format!("{}.00", self.amount);
        let refunds = self.refunds.iter().map(|(key, amount)| {
            json!({ "refund_key": key, "refund_amount": format!("{amount}.00"), "reason": "" })
        });
        json!({
            "status_code": code,
            "status_message": "Success, transaction is found",
            "transaction_id": transaction_id(id),
            "order_id": id,
            "merchant_id": "G490526303",
            "gross_amount": amount,
            "currency": "IDR",
            "payment_type": self.kind,
            "transaction_time": local(self.made_at),
            "settlement_time": self.settled_at.map(local),
            "transaction_status": status,
            "fraud_status": fraud,
            "signature_key": signature(&[id, code, &amount, KEY]),
            "refunds": refunds.collect::<Vec<_>>(),
        })
    }
}

fn transaction_id(id: &str) -> String {
    format!("01bf5e23-7183-4cfe-862c-{id}")
}

/// A moment in Jakarta.
fn local(at: Timestamp) -> String {
    let local = at + chrono::Duration::hours(7);
    local.format("%Y-%m-%d %H:%M:%S").to_string()
}

fn signature(parts: &[&str]) -> String {
    let digest = Sha512::digest(parts.concat());
    digest.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// A refusal of the Core API: most come with status 200, and their number in the body.
fn refuse(status: u16, code: u16, message: &str) -> Answer {
    let body = json!({ "status_code": code.to_string(), "status_message": message });
    Answer::new(status, body)
}

/// A refusal of Snap.
fn refuse_page(status: u16, message: &str) -> Answer {
    Answer::new(status, json!({ "error_messages": [message] }))
}

impl Merchant {
    fn page(&mut self, call: &Call) -> Answer {
        let page: Page = match call.json() {
            Ok(page) => page,
            Err(wrong) => return refuse_page(400, &wrong),
        };
        if let Err(wrong) = page.check(self.clock.now()) {
            return refuse_page(400, wrong);
        }
        let (id, amount) = page.transaction_details.named();
        if self.pages.insert(id.clone(), amount).is_some() {
            return refuse_page(400, "transaction_details.order_id has already been taken");
        }
        if self.customers == Customers::ChooseAtOnce {
            let chosen = Transaction::new(amount, "bank_transfer", self.clock.now());
            self.transactions.insert(id.clone(), chosen);
        }
        let token = format!("66e4fa55-{id}");
        let redirect_url = format!("https://app.sandbox.midtrans.com/snap/v4/redirection/{token}");
        Answer::new(201, json!({ "token": token, "redirect_url": redirect_url }))
    }

    fn code(&mut self, call: &Call) -> Answer {
        let order: Order = match call.json() {
            Ok(order) => order,
            Err(wrong) => return refuse(400, 400, &wrong),
        };
        if let Err(wrong) = order.check() {
            return refuse(400, 400, wrong);
        }
        let (id, amount) = order.transaction_details.named();
        if self.transactions.contains_key(&id) {
            return refuse(
                200,
                406,
                "The request could not be completed due to a conflict",
            );
        }
        let transaction = Transaction::new(amount, "qris", self.clock.now());
        let mut told = transaction.told(&id);
        told["qr_string"] = json!(format!(
            "00020101021226620014COM.GO-JEK.WWW540{amount}5802ID"
        ));
        told["acquirer"] = json!("gopay");
        self.transactions.insert(id, transaction);
        Answer::new(200, told)
    }

    fn about(&mut self, id: &str, call: &Call, action: &[&str]) -> Answer {
        let Some(transaction) = self.transactions.get_mut(id) else {
            return refuse(200, 404, "Transaction doesn't exist.");
        };
        match (call.method.as_str(), action) {
            ("GET", ["status"]) => Answer::new(200, transaction.told(id)),
            ("POST", ["expire"]) if transaction.state == State::Pending => {
                transaction.state = State::Expired;
                Answer::new(200, transaction.told(id))
            }
            ("POST", ["expire"]) => refuse(200, 412, "Merchant cannot modify the status"),
            ("POST", ["refund", "online", "direct"]) => match call.json() {
                Ok(give) => transaction.give(id, give),
                Err(wrong) => refuse(400, 400, &wrong),
            },
            _ => refuse(404, 404, "The requested resource is not found"),
        }
    }
}

impl Transaction {
    /// Gives money back once for a key; the same key again is refused, as it was used.
    fn give(&mut self, id: &str, give: Give) -> Answer {
        let left = self.amount - self.refunded();
        if self.state != State::Settled || give.amount < 1 || give.amount > left {
            return refuse(200, 412, "Transaction status cannot be updated.");
        }
        if self.refunds.iter().any(|(key, _)| *key == give.refund_key) {
            return refuse(200, 406, "Duplicate refund key");
        }
        self.refunds.push((give.refund_key, give.amount));
        Answer::new(200, self.told(id))
    }
}

impl Book for Merchant {
    fn answer(&mut self, call: &Call) -> Answer {
        let (method, path) = call.route();
        let is_page = path.first() == Some(&"snap");
        if call.basic() != Some((KEY.to_owned(), String::new())) {
            let message = "Access denied due to unauthorized transaction";
            return match is_page {
                true => refuse_page(401, message),
                false => refuse(401, 401, message),
            };
        }
        match (method, &path[..]) {
            _ if call.header("accept") != "application/json" => refuse(403, 403, "Accept"),
            ("POST", ["snap", "v1", "transactions"]) => self.page(call),
            ("POST", ["v2", "charge"]) => self.code(call),
            (_, ["v2", id, action @ ..]) => self.about(id, call, action),
            _ => refuse(404, 404, "The requested resource is not found"),
        }
    }
}
