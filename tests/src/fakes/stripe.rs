//! A Stripe of this machine, after <https://docs.stripe.com/api>: forms in, JSON out, idempotency
//! keys, signed events.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use shopcore::gateway::{Gateway, GatewayName};
use shopcore::invoice::Charge;
use shopcore::money::{Currency, Money};
use shopcore::testing::gateway::{Counterpart, Delivery, Pays, Trouble};
use shopcore::time::{Clock, Timestamp};
use shopcore_payments::call::Secret;
use shopcore_payments::{Stripe, StripeOptions, StripeProduct};

use super::{Answer, Book, Call, Fake, limits};

const KEY: &str = "sk_test_of_the_tests";
const ENDPOINT: &str = "whsec_of_the_tests";

type Form = BTreeMap<String, String>;

/// Stripe, its customers, and a client of it.
#[derive(Debug)]
pub struct StripeFake {
    fake: Fake<Account>,
    client: Arc<Stripe>,
}

/// What an account has.
#[derive(Debug)]
pub(super) struct Account {
    clock: Arc<dyn Clock>,
    intents: Vec<Intent>,
    refunds: Vec<Refund>,
    /// What was asked under a key, and what was answered.
    keys: BTreeMap<String, (String, Form, Value)>,
    undecided: bool,
}

/// A PaymentIntent, and the session it came from.
#[derive(Debug, Clone)]
struct Intent {
    session: Option<Session>,
    amount: i64,
    currency: String,
    metadata: Form,
    paid_at: Option<Timestamp>,
    is_over: bool,
}

#[derive(Debug, Clone)]
struct Session {
    reference: String,
}

#[derive(Debug)]
struct Refund {
    intent: String,
    amount: i64,
    metadata: Form,
}

impl StripeFake {
    /// An account whose customers pay on the Checkout page.
    pub async fn start(clock: Arc<dyn Clock>) -> Self {
        Self::start_with(clock, |options| options).await
    }

    /// An account whose client is set up as `change` says.
    ///
    /// # Panics
    /// When there is no client.
    pub async fn start_with(
        clock: Arc<dyn Clock>,
        change: impl FnOnce(StripeOptions) -> StripeOptions,
    ) -> Self {
        let fake = Fake::serve(Account {
            clock: Arc::clone(&clock),
            intents: Vec::new(),
            refunds: Vec::new(),
            keys: BTreeMap::new(),
            undecided: false,
        });
        let (fake, name) = (fake.await, GatewayName::parse("stripe").unwrap());
        let product = StripeProduct::Checkout {
            return_url: "https://shop.example/thanks".to_owned(),
        };
        let secret = |text: &str| Secret::new(text.to_owned());
        let options = change(StripeOptions {
            base: fake.base().to_owned(),
            limits: limits(),
            clock,
            ..StripeOptions::new(name, Currency::IDR, product, secret(KEY), secret(ENDPOINT))
        });
        let client = Arc::new(Stripe::new(options).unwrap());
        Self { fake, client }
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

    /// A genuine event of any kind about a paid charge.
    ///
    /// # Panics
    /// When there is no such charge.
    #[must_use]
    pub fn event(&self, kind: &str, charge: &Charge) -> Delivery {
        let account = self.fake.book();
        let number = account.find(charge.gateway_id.as_ref().unwrap().as_str());
        let object = account.object(number.unwrap(), kind.starts_with("checkout"));
        signed(kind, object, account.clock.now())
    }
}

/// An event as Stripe signs it at a moment.
fn signed(kind: &str, object: Value, at: Timestamp) -> Delivery {
    let body = json!({
        "id": "evt_1", "object": "event", "api_version": "2025-09-30", "type": kind,
        "created": at.timestamp(), "livemode": false, "data": { "object": object },
    });
    let body = body.to_string();
    let mac = Hmac::<Sha256>::new_from_slice(ENDPOINT.as_bytes()).unwrap();
    let mac = mac.chain_update(format!("{}.{body}", at.timestamp()));
    let mac = mac.finalize().into_bytes();
    let hex = mac.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    });
    let header = format!("t={},v1={hex},v0=00", at.timestamp());
    Delivery {
        headers: vec![("stripe-signature".to_owned(), header)],
        body: body.into_bytes(),
    }
}

#[async_trait]
impl Counterpart for StripeFake {
    fn gateway(&self) -> Arc<dyn Gateway> {
        Arc::clone(&self.client) as Arc<dyn Gateway>
    }

    fn pays(&self) -> Pays {
        Pays::Exactly
    }

    async fn pay(&self, charge: &Charge, amount: Money) -> Delivery {
        let kind = {
            let mut account = self.fake.book();
            let now = account.clock.now();
            let named = charge.gateway_id.as_ref().map(|id| id.as_str());
            let number = match named {
                Some(id) => account.find(id),
                None => account.find_reference(charge.reference.as_str()),
            };
            let intent = &mut account.intents[number.unwrap()];
            assert_eq!(intent.amount, amount.minor() * 100);
            intent.paid_at.get_or_insert(now);
            match intent.session {
                Some(_) => "checkout.session.completed",
                None => "payment_intent.succeeded",
            }
        };
        let account = self.fake.book();
        let number = account.find_reference(charge.reference.as_str()).unwrap();
        let object = account.object(number, kind.starts_with("checkout"));
        signed(kind, object, account.clock.now())
    }

    fn set_trouble(&self, trouble: Option<Trouble>) {
        self.fake.set_trouble(trouble);
    }

    fn charges(&self) -> usize {
        self.fake.book().intents.len()
    }

    fn refunded(&self) -> i64 {
        let account = self.fake.book();
        let all = account.refunds.iter();
        all.map(|refund| refund.amount / 100).sum()
    }
}

fn refuse(status: u16, kind: &str, message: &str) -> Answer {
    Answer::new(
        status,
        json!({ "error": { "type": kind, "message": message } }),
    )
}

fn wrong(message: &str) -> Answer {
    refuse(400, "invalid_request_error", message)
}

/// Refuses parameters that a call does not have.
fn known(form: &Form, names: &[&str]) -> Result<(), Answer> {
    let unknown = form.keys().find(|name| !names.contains(&name.as_str()));
    unknown.map_or(Ok(()), |name| {
        Err(wrong(&format!("Received unknown parameter: {name}")))
    })
}

fn get<'a>(form: &'a Form, name: &str) -> Result<&'a str, Answer> {
    let value = form.get(name).filter(|value| !value.is_empty());
    value
        .map(String::as_str)
        .ok_or_else(|| wrong(&format!("Missing required param: {name}.")))
}

fn units(form: &Form, name: &str) -> Result<i64, Answer> {
    let units = get(form, name)?.parse().ok().filter(|units| *units > 0);
    units.ok_or_else(|| wrong(&format!("Invalid integer: {name}")))
}

impl Account {
    fn find(&self, id: &str) -> Option<usize> {
        let number: usize = id.rsplit('_').next()?.parse().ok()?;
        (number < self.intents.len()).then_some(number)
    }

    fn find_reference(&self, reference: &str) -> Option<usize> {
        let mut intents = self.intents.iter();
        intents.position(|intent| {
            intent
                .metadata
                .get("reference")
                .is_some_and(|r| r == reference)
        })
    }

    fn object(&self, number: usize, as_session: bool) -> Value {
        let intent = &self.intents[number];
        let is_paid = intent.paid_at.is_some();
        let pi = format!("pi_{number}");
        match &intent.session {
            Some(session) if as_session => json!({
                "id": format!("cs_test_{number}"),
                "object": "checkout.session",
                "client_reference_id": session.reference,
                "amount_total": intent.amount,
                "currency": intent.currency,
                "status": match (is_paid, intent.is_over) {
                    (true, _) => "complete",
                    (false, true) => "expired",
                    (false, false) => "open",
                },
                "payment_status": if is_paid { "paid" } else { "unpaid" },
                "payment_intent": is_paid.then_some(pi),
                "url": (!is_paid && !intent.is_over)
                    .then(|| format!("https://checkout.stripe.com/c/pay/cs_test_{number}")),
            }),
            Some(_) | None => json!({
                "id": pi,
                "object": "payment_intent",
                "amount": intent.amount,
                "amount_received": if is_paid { intent.amount } else { 0 },
                "currency": intent.currency,
                "status": match (is_paid, intent.is_over) {
                    (true, _) => "succeeded",
                    (false, true) => "canceled",
                    (false, false) => "requires_payment_method",
                },
                "metadata": intent.metadata,
                "client_secret": format!("pi_{number}_secret_x"),
            }),
        }
    }

    fn make_session(&mut self, form: &Form) -> Result<Value, Answer> {
        const AMOUNT: &str = "line_items[0][price_data][unit_amount]";
        const CURRENCY: &str = "line_items[0][price_data][currency]";
        const NAME: &str = "line_items[0][price_data][product_data][name]";
        const REFERENCE: &str = "payment_intent_data[metadata][reference]";
        let names = [
            "mode",
            "client_reference_id",
            "success_url",
            "line_items[0][quantity]",
            AMOUNT,
            CURRENCY,
            NAME,
            REFERENCE,
        ];
        known(form, &names)?;
        for name in [NAME, "success_url", "line_items[0][quantity]"] {
            get(form, name)?;
        }
        if get(form, "mode")? != "payment" {
            return Err(wrong("Invalid mode"));
        }
        let reference = get(form, "client_reference_id")?.to_owned();
        let metadata = [("reference".to_owned(), get(form, REFERENCE)?.to_owned())];
        self.intents.push(Intent {
            session: Some(Session { reference }),
            amount: units(form, AMOUNT)?,
            currency: get(form, CURRENCY)?.to_owned(),
            metadata: metadata.into(),
            paid_at: None,
            is_over: false,
        });
        Ok(self.object(self.intents.len() - 1, true))
    }

    fn make_intent(&mut self, form: &Form) -> Result<Value, Answer> {
        const REFERENCE: &str = "metadata[reference]";
        let names = ["amount", "currency", "metadata[description]", REFERENCE];
        known(form, &names)?;
        let metadata = [("reference".to_owned(), get(form, REFERENCE)?.to_owned())];
        self.intents.push(Intent {
            session: None,
            amount: units(form, "amount")?,
            currency: get(form, "currency")?.to_owned(),
            metadata: metadata.into(),
            paid_at: None,
            is_over: false,
        });
        Ok(self.object(self.intents.len() - 1, false))
    }

    fn end(&mut self, id: &str, as_session: bool) -> Result<Value, Answer> {
        let number = self
            .find(id)
            .ok_or_else(|| refuse(404, "invalid_request_error", "No such object"))?;
        let intent = &mut self.intents[number];
        if intent.paid_at.is_some() || intent.is_over {
            return Err(wrong("Only open objects can be ended."));
        }
        intent.is_over = true;
        Ok(self.object(number, as_session))
    }

    fn refund(&mut self, form: &Form) -> Result<Value, Answer> {
        known(form, &["payment_intent", "amount", "metadata[refund]"])?;
        let (id, amount) = (get(form, "payment_intent")?, units(form, "amount")?);
        let number = self
            .find(id)
            .ok_or_else(|| wrong("No such payment_intent"))?;
        let intent = &self.intents[number];
        let made = self.refunds.iter().filter(|refund| refund.intent == id);
        let given: i64 = made.map(|refund| refund.amount).sum();
        if intent.paid_at.is_none() || given + amount > intent.amount {
            return Err(wrong("Refund amount is greater than unrefunded amount"));
        }
        let metadata = [(
            "refund".to_owned(),
            get(form, "metadata[refund]")?.to_owned(),
        )];
        self.refunds.push(Refund {
            intent: id.to_owned(),
            amount,
            metadata: metadata.into(),
        });
        Ok(self.told(self.refunds.len() - 1))
    }

    fn told(&self, number: usize) -> Value {
        let refund = &self.refunds[number];
        json!({
            "id": format!("re_{number}"),
            "object": "refund",
            "amount": refund.amount,
            "payment_intent": refund.intent,
            "metadata": refund.metadata,
            "status": if self.undecided { "pending" } else { "succeeded" },
        })
    }

    fn refunds_of(&self, intent: &str) -> Value {
        let numbers = (0..self.refunds.len()).rev();
        let of = numbers.filter(|number| self.refunds[*number].intent == intent);
        let data: Vec<_> = of.map(|number| self.told(number)).collect();
        json!({ "object": "list", "data": data, "has_more": false })
    }

    /// Newest first, two a page, so that there are several.
    fn charges(&self, call: &Call) -> Value {
        let bound = |name: &str| call.parameter(name).parse::<i64>().unwrap();
        let (from, to) = (bound("created[gte]"), bound("created[lt]"));
        let after: usize = match call.parameter("starting_after") {
            "" => usize::MAX,
            id => id.rsplit('_').next().unwrap().parse().unwrap(),
        };
        let paid = self.intents.iter().enumerate().rev();
        let paid = paid.filter_map(|(number, intent)| Some((number, intent, intent.paid_at?)));
        let listed: Vec<_> = paid
            .filter(|(number, _, at)| *number < after && (from..to).contains(&at.timestamp()))
            .map(|(number, intent, at)| {
                json!({
                    "id": format!("ch_{number}"), "object": "charge", "paid": true,
                    "amount": intent.amount, "currency": intent.currency,
                    "created": at.timestamp(), "payment_intent": format!("pi_{number}"),
                    "metadata": intent.metadata,
                })
            })
            .collect();
        let page: Vec<_> = listed.iter().take(2).cloned().collect();
        json!({ "object": "list", "data": page, "has_more": listed.len() > 2 })
    }

    fn post(&mut self, call: &Call) -> Result<Value, Answer> {
        // A call without parameters has no body, and no type of one.
        let form = match call.body.is_empty() {
            true => Form::new(),
            false => call.form().map_err(|message| wrong(&message))?,
        };
        let key = call.header("idempotency-key").to_owned();
        if let Some((path, asked, answer)) = self.keys.get(&key) {
            if (path, asked) == (&call.path, &form) {
                return Ok(answer.clone());
            }
            let message = "Keys for idempotent requests can only be used with the same parameters";
            return Err(refuse(400, "idempotency_error", message));
        }
        let (_, path) = call.route();
        let answer = match &path[..] {
            ["v1", "checkout", "sessions"] => self.make_session(&form)?,
            ["v1", "checkout", "sessions", id, "expire"] => self.end(id, true)?,
            ["v1", "payment_intents"] => self.make_intent(&form)?,
            ["v1", "payment_intents", id, "cancel"] => self.end(id, false)?,
            ["v1", "refunds"] => self.refund(&form)?,
            _ => return Err(refuse(404, "invalid_request_error", "Unrecognized URL")),
        };
        if !key.is_empty() {
            let kept = (call.path.clone(), form, answer.clone());
            self.keys.insert(key, kept);
        }
        Ok(answer)
    }
}

impl Book for Account {
    fn answer(&mut self, call: &Call) -> Answer {
        if call.bearer() != Some(KEY) {
            return refuse(401, "invalid_request_error", "Invalid API Key provided");
        }
        let missing = || refuse(404, "invalid_request_error", "No such object");
        let answered = match call.route() {
            ("POST", _) => self.post(call),
            ("GET", path) => match path[..] {
                ["v1", "checkout", "sessions", id] => {
                    let found = self.find(id).ok_or_else(missing);
                    found.map(|number| self.object(number, true))
                }
                ["v1", "payment_intents", id] => {
                    let found = self.find(id).ok_or_else(missing);
                    found.map(|number| self.object(number, false))
                }
                ["v1", "refunds"] => Ok(self.refunds_of(call.parameter("payment_intent"))),
                ["v1", "charges"] => Ok(self.charges(call)),
                _ => Err(missing()),
            },
            _ => Err(missing()),
        };
        answered.map_or_else(|refusal| refusal, |body| Answer::new(200, body))
    }
}
