//! A gateway in the same process whose customers pay on command, and that fails on command.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use shopcore::gateway::{
    Capabilities, ChargeRequest, ChargeStatus, CreateMode, Effect, Gateway, GatewayError,
    GatewayName, OpenCharge, RefundProgress, RefundRequest, Support, VerifiedWebhook, WebhookError,
    WebhookRequest,
};
use shopcore::id::RefundId;
use shopcore::invoice::{Charge, EventId, PayWith, PaymentEvent, Reference};
use shopcore::money::{Currency, Money};
use shopcore::time::Timestamp;
use tokio::sync::Notify;

use super::idr;

/// What the bank adds to each charge.
const FEE: i64 = 7;

/// How the bank answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// As it should.
    Well,
    /// Not at all; nothing happens.
    Down,
    /// It does what it is asked, and its answer is lost.
    Mute,
    /// It refuses new charges and refunds for good.
    Stern,
}

/// A bank; its clones are the same bank.
#[derive(Debug, Clone)]
pub(crate) struct Bank {
    name: GatewayName,
    capabilities: Arc<Capabilities>,
    books: Arc<Mutex<Books>>,
}

/// A call that the bank keeps waiting, for ever where it is not ended.
#[derive(Debug, Clone, Default)]
pub(crate) struct Delay {
    begun: Arc<Notify>,
    ended: Arc<Notify>,
}

impl Delay {
    /// Waits until the call waits.
    pub(crate) async fn begun(&self) {
        self.begun.notified().await;
    }

    /// Lets the call go on.
    pub(crate) fn end(&self) {
        self.ended.notify_one();
    }
}

#[derive(Debug)]
struct Books {
    mood: Mood,
    delay: Option<Delay>,
    charges: BTreeMap<Reference, Account>,
    payments: u32,
    refunds: BTreeMap<RefundId, Money>,
    asked: u32,
    is_unreachable: bool,
}

#[derive(Debug, Default)]
struct Account {
    open: Option<OpenCharge>,
    payments: Vec<PaymentEvent>,
}

impl Bank {
    /// How often it told of a charge.
    pub(crate) fn asked(&self) -> u32 {
        self.books().asked
    }

    /// A bank that knows a charge again by its reference.
    pub(crate) fn open(name: &str) -> Self {
        Self::with(name, CreateMode::Idempotent)
    }

    pub(crate) fn with(name: &str, create: CreateMode) -> Self {
        let capabilities = Capabilities {
            create,
            currencies: vec![Currency::IDR],
            minimum: Some(idr(1)),
            maximum: None,
            cancel: Support::Yes,
            refund: Support::Yes,
            statement: Support::No,
            webhooks: Support::No,
            simulate: Support::No,
        };
        let books = Books {
            mood: Mood::Well,
            delay: None,
            charges: BTreeMap::new(),
            payments: 0,
            refunds: BTreeMap::new(),
            asked: 0,
            is_unreachable: false,
        };
        Self {
            name: GatewayName::parse(name).unwrap(),
            capabilities: Arc::new(capabilities),
            books: Arc::new(Mutex::new(books)),
        }
    }

    /// The bank, as one that tells of payments by itself, or says so.
    pub(crate) fn promising_webhooks(self) -> Self {
        self.with_capabilities(|capabilities| Capabilities {
            webhooks: Support::Yes,
            ..capabilities
        })
    }

    /// The bank, as one that can do other things.
    pub(crate) fn with_capabilities(
        self,
        alter: impl FnOnce(Capabilities) -> Capabilities,
    ) -> Self {
        let capabilities = alter(self.capabilities.as_ref().clone());
        Self {
            capabilities: Arc::new(capabilities),
            ..self
        }
    }

    pub(crate) fn port(&self) -> &GatewayName {
        &self.name
    }

    pub(crate) fn set_mood(&self, mood: Mood) {
        self.books().mood = mood;
    }

    /// Whether the way to it is known to be cut.
    pub(crate) fn set_unreachable(&self, is_unreachable: bool) {
        self.books().is_unreachable = is_unreachable;
    }

    /// Keeps the next call waiting.
    pub(crate) fn delay_next(&self) -> Delay {
        let delay = Delay::default();
        self.books().delay = Some(delay.clone());
        delay
    }

    async fn wait(&self) {
        let delay = self.books().delay.take();
        if let Some(delay) = delay {
            delay.begun.notify_one();
            delay.ended.notified().await;
        }
    }

    /// A payment of `amount` that names `reference`; the bank tells of it when it is asked.
    pub(crate) fn pay(&self, reference: &Reference, amount: Money, at: Timestamp) -> PaymentEvent {
        let mut books = self.books();
        books.payments += 1;
        let event = PaymentEvent {
            gateway: self.name.clone(),
            event: EventId::parse(&format!("{}-{}", self.name, books.payments)).unwrap(),
            reference: reference.clone(),
            amount,
            paid_at: at,
        };
        let account = books.charges.entry(reference.clone()).or_default();
        account.payments.push(event.clone());
        event
    }

    /// How many charges the bank was asked for.
    pub(crate) fn charges(&self) -> usize {
        self.books().charges.len()
    }

    /// Whether it has a charge of this reference.
    pub(crate) fn knows(&self, reference: &Reference) -> bool {
        self.books().charges.contains_key(reference)
    }

    /// Whether its charge of this reference can be paid.
    pub(crate) fn takes(&self, reference: &Reference) -> bool {
        let books = self.books();
        let account = books.charges.get(reference);
        account.is_some_and(|account| account.open.is_some())
    }

    /// Strikes a payment from its books, or writes it down at another amount.
    pub(crate) fn falsify(&self, event: &PaymentEvent, amount: Option<Money>) {
        let mut books = self.books();
        for account in books.charges.values_mut() {
            match amount {
                None => account.payments.retain(|paid| paid.event != event.event),
                Some(amount) => {
                    let of = account.payments.iter_mut();
                    let wrong = of.filter(|paid| paid.event == event.event);
                    wrong.for_each(|paid| paid.amount = amount);
                }
            }
        }
    }

    /// Every payment so far.
    pub(crate) fn payments(&self) -> Vec<PaymentEvent> {
        let books = self.books();
        let accounts = books.charges.values();
        accounts
            .flat_map(|account| account.payments.clone())
            .collect()
    }

    /// What was sent back, refund by refund.
    pub(crate) fn refunds(&self) -> Vec<Money> {
        self.books().refunds.values().copied().collect()
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    /// Lets a call through, or tells how it fails: whether it has its effect all the same.
    fn answer(&self) -> Result<(), Effect> {
        match self.books().mood {
            Mood::Well | Mood::Stern => Ok(()),
            Mood::Down => Err(Effect::None),
            Mood::Mute => Err(Effect::Unknown),
        }
    }
}

fn unavailable(effect: Effect) -> GatewayError {
    let source = "the bank does not answer".into();
    GatewayError::Unavailable { effect, source }
}

#[async_trait]
impl Gateway for Bank {
    fn name(&self) -> &GatewayName {
        &self.name
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn create_charge(&self, request: &ChargeRequest) -> Result<OpenCharge, GatewayError> {
        self.wait().await;
        let answer = self.answer();
        if answer == Err(Effect::None) {
            return Err(unavailable(Effect::None));
        }
        let mut books = self.books();
        if books.mood == Mood::Stern {
            return Err(GatewayError::Refused("no charges today".to_owned()));
        }
        let fee = Money::new(FEE, request.amount.currency());
        let charge = OpenCharge {
            id: None,
            payable: request.amount.checked_add(fee).unwrap(),
            pay_with: PayWith::Qr(format!("pay {}", request.amount)),
        };
        let account = books.charges.entry(request.reference.clone()).or_default();
        let known = account.open.is_some() && self.capabilities.create != CreateMode::Idempotent;
        assert!(!known, "a charge that exists was asked for again");
        account.open = Some(charge.clone());
        answer.map(|()| charge).map_err(unavailable)
    }

    async fn charge_status(&self, charge: &Charge) -> Result<ChargeStatus, GatewayError> {
        self.wait().await;
        self.answer().map_err(unavailable)?;
        let mut books = self.books();
        books.asked += 1;
        let account = books
            .charges
            .get(&charge.reference)
            .ok_or(GatewayError::UnknownCharge)?;
        Ok(ChargeStatus {
            open: account.open.clone(),
            payments: account.payments.clone(),
        })
    }

    async fn cancel_charge(&self, charge: &Charge) -> Result<(), GatewayError> {
        self.wait().await;
        let answer = self.answer();
        if answer != Err(Effect::None) {
            let mut books = self.books();
            let account = books.charges.get_mut(&charge.reference);
            account.ok_or(GatewayError::UnknownCharge)?.open = None;
        }
        answer.map_err(unavailable)
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RefundProgress, GatewayError> {
        self.wait().await;
        let answer = self.answer();
        let mut books = self.books();
        if books.mood == Mood::Stern {
            return Err(GatewayError::Refused("no refunds today".to_owned()));
        }
        if answer != Err(Effect::None) {
            books.refunds.insert(request.refund, request.amount);
        }
        answer.map(|()| RefundProgress::Done).map_err(unavailable)
    }

    async fn list_payments(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<PaymentEvent>, GatewayError> {
        self.answer().map_err(unavailable)?;
        let mut shown = self.payments();
        shown.retain(|payment| from <= payment.paid_at && payment.paid_at < to);
        Ok(shown)
    }

    fn is_available(&self) -> bool {
        !self.books().is_unreachable
    }

    /// Nothing is signed: the body names the reference to ask about.
    fn verify_webhook(&self, request: WebhookRequest<'_>) -> Result<VerifiedWebhook, WebhookError> {
        let body = std::str::from_utf8(request.body).map_err(|_| WebhookError::Malformed)?;
        let reference = Reference::parse(body).map_err(|_| WebhookError::Malformed)?;
        Ok(VerifiedWebhook::Ask(reference))
    }
}
