//! A Pakasir of this machine, after <https://pakasir.com/p/docs>.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{FixedOffset, SecondsFormat};
use serde::Deserialize;
use serde_json::{Value, json};
use shopcore::gateway::{Gateway, GatewayName};
use shopcore::invoice::Charge;
use shopcore::money::Money;
use shopcore::testing::gateway::{Counterpart, Delivery, Pays, Trouble};
use shopcore::time::{Clock, Timestamp};
use shopcore_payments::call::Secret;
use shopcore_payments::{Mode, Pakasir, PakasirMethod, PakasirOptions};

use super::{Answer, Book, Call, Fake, limits};

const PROJECT: &str = "depodomain";
const KEY: &str = "pakasir-key-of-the-tests";

/// Pakasir, its customers, and a client of it.
#[derive(Debug)]
pub struct PakasirFake {
    fake: Fake<Project>,
    client: Arc<Pakasir>,
}

/// A project and its transactions, by order id.
#[derive(Debug)]
pub(super) struct Project {
    clock: Arc<dyn Clock>,
    mode: Mode,
    transactions: BTreeMap<String, Transaction>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Transaction {
    amount: i64,
    method: String,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Pending,
    Canceled,
    Completed(Timestamp),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    project: String,
    order_id: String,
    amount: i64,
    api_key: String,
    #[serde(rename = "redirect_url")]
    _redirect_url: Option<String>,
}

impl PakasirFake {
    /// A project in sandbox mode whose customers pay by QRIS.
    pub async fn start(clock: Arc<dyn Clock>) -> Self {
        Self::start_with(clock, |options| options).await
    }

    /// A project whose client is set up as `change` says; the project is in the client's mode.
    ///
    /// # Panics
    /// When there is no client.
    pub async fn start_with(
        clock: Arc<dyn Clock>,
        change: impl FnOnce(PakasirOptions) -> PakasirOptions,
    ) -> Self {
        let fake = Fake::serve(Project {
            clock: Arc::clone(&clock),
            mode: Mode::Sandbox,
            transactions: BTreeMap::new(),
        });
        let (fake, name) = (fake.await, GatewayName::parse("pakasir").unwrap());
        let key = Secret::new(KEY.to_owned());
        let options = change(PakasirOptions {
            base: fake.base().to_owned(),
            mode: Mode::Sandbox,
            limits: limits(),
            clock,
            ..PakasirOptions::new(name, PROJECT.to_owned(), key)
        });
        fake.book().mode = options.mode;
        let client = Arc::new(Pakasir::new(options).unwrap());
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

    /// Changes the base amount of a transaction behind the shop's back.
    ///
    /// # Panics
    /// When there is no such transaction.
    pub fn falsify(&self, charge: &Charge, amount: i64) {
        let mut project = self.fake.book();
        let found = project.transactions.get_mut(charge.reference.as_str());
        found.unwrap().amount = amount;
    }

    /// The webhook about a charge, as it stands.
    ///
    /// # Panics
    /// When there is no such transaction.
    #[must_use]
    pub fn webhook(&self, charge: &Charge) -> Delivery {
        let id = charge.reference.as_str();
        let body = self.fake.book().transactions[id].told(id);
        Delivery {
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.to_string().into_bytes(),
        }
    }
}

#[async_trait]
impl Counterpart for PakasirFake {
    fn gateway(&self) -> Arc<dyn Gateway> {
        Arc::clone(&self.client) as Arc<dyn Gateway>
    }

    fn pays(&self) -> Pays {
        Pays::Exactly
    }

    async fn pay(&self, charge: &Charge, amount: Money) -> Delivery {
        {
            let mut project = self.fake.book();
            let now = project.clock.now();
            let found = project.transactions.get_mut(charge.reference.as_str());
            let found = found.unwrap();
            assert_eq!(amount.minor(), found.amount + found.fee());
            found.complete(now);
        }
        self.webhook(charge)
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
    /// 0.7 % and Rp 310 for QRIS, 1 % above Rp 105,000; Rp 3,500 for a virtual account.
    fn fee(&self) -> i64 {
        match self.method.as_str() {
            "qris" if self.amount > 105_000 => (self.amount + 50) / 100,
            "qris" => (self.amount * 7 + 500) / 1000 + 310,
            _ => 3_500,
        }
    }

    fn number(&self) -> String {
        match self.method.as_str() {
            "qris" => format!("00020101021226610016ID.CO.TEST.WWW540{}5802ID", self.amount),
            _ => format!("8808{:012}", self.amount),
        }
    }

    fn complete(&mut self, at: Timestamp) {
        if !matches!(self.state, State::Completed(_)) {
            self.state = State::Completed(at);
        }
    }

    fn told(&self, id: &str) -> Value {
        let (status, completed_at) = match self.state {
            State::Pending => ("pending", None),
            State::Canceled => ("canceled", None),
            State::Completed(at) => ("completed", Some(local(at))),
        };
        json!({
            "amount": self.amount,
            "order_id": id,
            "project": PROJECT,
            "status": status,
            "payment_method": self.method,
            "completed_at": completed_at,
        })
    }
}

/// A moment in Jakarta, in milliseconds.
fn local(at: Timestamp) -> String {
    let jakarta = FixedOffset::east_opt(7 * 3600).unwrap();
    at.with_timezone(&jakarta)
        .to_rfc3339_opts(SecondsFormat::Millis, false)
}

fn refuse(status: u16, message: &str) -> Answer {
    Answer::new(status, json!({ "message": message }))
}

impl Project {
    fn create(&mut self, method: &str, order: &Order) -> Answer {
        if method.parse::<PakasirMethod>().is_err() {
            return refuse(400, "Invalid payment method");
        }
        if order.order_id.len() < 5 || order.amount < 500 {
            return refuse(400, "Invalid order_id or amount");
        }
        let new = Transaction {
            amount: order.amount,
            method: method.to_owned(),
            state: State::Pending,
        };
        let kept = self.transactions.entry(order.order_id.clone());
        let kept = kept.or_insert_with(|| new.clone());
        if *kept != new {
            return refuse(400, "Order ID already exists");
        }
        let expires = self.clock.now() + chrono::Duration::hours(1);
        let payment = json!({
            "project": PROJECT,
            "order_id": order.order_id,
            "amount": kept.amount,
            "fee": kept.fee(),
            "total_payment": kept.amount + kept.fee(),
            "payment_method": method,
            "payment_number": kept.number(),
            "expired_at": expires.to_rfc3339_opts(SecondsFormat::Nanos, true),
        });
        Answer::new(200, json!({ "payment": payment }))
    }

    fn cancel(&mut self, order: &Order) -> Answer {
        match self.find(order) {
            Some(found) if found.state == State::Pending => {
                found.state = State::Canceled;
                Answer::new(200, json!({ "success": true }))
            }
            Some(_) => refuse(400, "Transaction is not pending"),
            None => refuse(404, "Transaction not found"),
        }
    }

    fn simulate(&mut self, order: &Order) -> Answer {
        if self.mode == Mode::Live {
            return refuse(400, "Project is not in sandbox mode");
        }
        let now = self.clock.now();
        match self.find(order) {
            Some(found) if found.state != State::Canceled => {
                found.complete(now);
                Answer::new(200, json!({ "success": true }))
            }
            Some(_) => refuse(400, "Transaction is not pending"),
            None => refuse(404, "Transaction not found"),
        }
    }

    fn detail(&mut self, order: &Order) -> Answer {
        let told = self.find(order).map(|found| found.told(&order.order_id));
        match told {
            Some(told) => Answer::new(200, json!({ "transaction": told })),
            None => refuse(404, "Transaction not found"),
        }
    }

    /// By order id alone: that the amounts are the same is the client's to check.
    fn find(&mut self, order: &Order) -> Option<&mut Transaction> {
        self.transactions.get_mut(&order.order_id)
    }
}

/// The order that a call names, in its body or its query.
fn order(call: &Call) -> Result<Order, String> {
    if call.method == "POST" {
        return call.json();
    }
    let known = ["project", "amount", "order_id", "api_key"];
    if call
        .query
        .keys()
        .any(|name| !known.contains(&name.as_str()))
    {
        return Err("an unknown parameter".to_owned());
    }
    let amount = call.parameter("amount").parse();
    Ok(Order {
        project: call.parameter("project").to_owned(),
        order_id: call.parameter("order_id").to_owned(),
        amount: amount.map_err(|_| "the amount is no whole number".to_owned())?,
        api_key: call.parameter("api_key").to_owned(),
        _redirect_url: None,
    })
}

impl Book for Project {
    fn answer(&mut self, call: &Call) -> Answer {
        let order = match order(call) {
            Ok(order) => order,
            Err(wrong) => return refuse(400, &wrong),
        };
        if order.project != PROJECT || order.api_key != KEY {
            return refuse(401, "Invalid project or API key");
        }
        match call.route() {
            ("POST", path) if path[..] == ["api", "transactioncancel"] => self.cancel(&order),
            ("POST", path) if path[..] == ["api", "paymentsimulation"] => self.simulate(&order),
            ("GET", path) if path[..] == ["api", "transactiondetail"] => self.detail(&order),
            ("POST", path) if path[..path.len() - 1] == ["api", "transactioncreate"] => {
                self.create(path[path.len() - 1], &order)
            }
            _ => refuse(404, "Not found"),
        }
    }
}
