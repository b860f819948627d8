//! The sandbox: a gateway where no money moves, for trying a shop out and for tests.
//!
//! It behaves like a real one: it has its own memory (a file that several processes may open), it
//! signs its webhooks, it can be asked by poll, it takes payments that come late, twice or for the
//! wrong amount. It never sees the shop's store.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use shopcore::gateway::{
    Capabilities, ChargeRequest, ChargeStatus, CreateMode, Effect, Gateway, GatewayError,
    GatewayName, OpenCharge, RefundProgress, RefundRequest, Support, VerifiedWebhook, WebhookError,
    WebhookRequest,
};
use shopcore::invoice::{Charge, PayWith, PaymentEvent, Reference};
use shopcore::money::{Currency, Money};
use shopcore::text::BadLabel;
use shopcore::time::{Clock, SystemClock, Timestamp};
use thiserror::Error;

mod book;
mod journal;
mod notice;

use book::{Book, Entry, Kept};
use journal::Ledger;
use notice::Signer;
pub use notice::{NotifyError, SIGNATURE_HEADER, SandboxWebhook};

/// How a sandbox is set up.
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// Tells when payments were made, and when those of the future arrive.
    pub clock: Arc<dyn Clock>,
    /// The currencies it takes.
    pub currencies: Vec<Currency>,
}

impl Default for SandboxOptions {
    /// The machine's clock; rupiah, dollars, euros and stars.
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            currencies: vec![Currency::IDR, Currency::USD, Currency::EUR, Currency::XTR],
        }
    }
}

/// Why a sandbox's own file can't be used.
#[derive(Debug, Error)]
pub enum SandboxError {
    /// The machine refused to read or write.
    #[error("the sandbox's file {path} can't be used")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the machine said.
        #[source]
        source: std::io::Error,
    },
    /// A line is not the sandbox's.
    #[error("line {line} of the sandbox's file {path} is damaged")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The key of its webhooks is not 64 hexadecimal digits.
    #[error("the sandbox's key {path} is damaged")]
    Key {
        /// The file.
        path: PathBuf,
    },
    /// The machine gives no random bytes.
    #[error("the machine gives no random bytes")]
    NoEntropy,
    /// The work was given up, for the program is ending.
    #[error("the sandbox's work was given up")]
    Interrupted(#[source] tokio::task::JoinError),
    /// A name does not fit.
    #[error(transparent)]
    Label(#[from] BadLabel),
}

/// Where a charge of the sandbox stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SandboxState {
    /// Waits for its payment.
    Open,
    /// Paid in full.
    Paid,
    /// Given up by the shop; a payment may still arrive.
    Cancelled,
    /// Not paid in time; a payment may still arrive.
    Expired,
}

impl SandboxState {
    /// The state's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }
}

/// A charge as the sandbox knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxCharge {
    /// The shop's reference.
    pub reference: Reference,
    /// What is asked.
    pub amount: Money,
    /// What the customer reads.
    pub description: String,
    /// Where it stands.
    pub state: SandboxState,
    /// When it expires.
    pub expires_at: Timestamp,
    /// The payments on it, those of the future included.
    pub payments: Vec<PaymentEvent>,
}

/// A gateway where no money moves.
///
/// Cheap to clone; clones are one sandbox. Charges are idempotent by reference; a payment's event
/// id is the same by webhook and by poll.
#[derive(Clone)]
pub struct Sandbox(Arc<Inner>);

struct Inner {
    name: GatewayName,
    capabilities: Capabilities,
    clock: Arc<dyn Clock>,
    signer: Signer,
    ledger: Mutex<Ledger>,
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sandbox({})", self.0.name)
    }
}

impl Sandbox {
    /// Opens the sandbox that keeps its charges in the file at `path`, and makes it where there is
    /// none. The key of its webhooks lies beside it, under the extension `key`, mode 0600.
    ///
    /// # Errors
    /// [`SandboxError`].
    pub fn open(path: impl AsRef<Path>, options: SandboxOptions) -> Result<Self, SandboxError> {
        let path = path.as_ref();
        let mut ledger = Ledger::open(path)?;
        ledger.read(|_| ())?;
        let signer = ledger.alone(|| Signer::load(&path.with_extension("key")))??;
        Self::with(ledger, signer, options)
    }

    /// A sandbox that lives and dies with the process.
    ///
    /// # Errors
    /// [`SandboxError::NoEntropy`].
    pub fn in_memory(clock: Arc<dyn Clock>) -> Result<Self, SandboxError> {
        let options = SandboxOptions {
            clock,
            ..SandboxOptions::default()
        };
        Self::with(Ledger::in_memory(), Signer::generate()?, options)
    }

    fn with(ledger: Ledger, signer: Signer, options: SandboxOptions) -> Result<Self, SandboxError> {
        let capabilities = Capabilities {
            create: CreateMode::Idempotent,
            currencies: options.currencies,
            minimum: None,
            maximum: None,
            cancel: Support::Yes,
            refund: Support::Yes,
            statement: Support::Yes,
            webhooks: Support::No,
            simulate: Support::Yes,
        };
        Ok(Self(Arc::new(Inner {
            name: GatewayName::parse("sandbox")?,
            capabilities,
            clock: options.clock,
            signer,
            ledger: Mutex::new(ledger),
        })))
    }

    /// Every charge, oldest first.
    ///
    /// # Errors
    /// [`SandboxError`] when its file can't be read.
    pub async fn list(&self) -> Result<Vec<SandboxCharge>, SandboxError> {
        let now = self.0.clock.now();
        let listed = self.read(move |book, name| {
            let charges = book.charges().iter();
            charges.map(|charge| seen(name, charge, now)).collect()
        });
        listed.await
    }

    /// Pays `amount` on a charge, at `paid_at`: a payment of the future is told to nobody before.
    /// The charge may have ended, and the amount may be any.
    ///
    /// # Errors
    /// [`GatewayError::UnknownCharge`], [`GatewayError::Refused`] for an amount that is not above
    /// zero, [`GatewayError::Unavailable`] when its file can't be written.
    pub async fn pay(
        &self,
        reference: &Reference,
        amount: Money,
        paid_at: Timestamp,
    ) -> Result<PaymentEvent, GatewayError> {
        if !amount.is_positive() {
            let reason = "a payment is more than zero".to_owned();
            return Err(GatewayError::Refused(reason));
        }
        let reference = reference.clone();
        self.update(move |book, name| {
            let charge = book.get(&reference)?;
            let payment = charge.next_payment(amount, paid_at)?;
            let event = payment.event(name, &reference);
            Ok((Some(Entry::Paid { reference, payment }), event))
        })
        .await
    }

    /// Sends the signed webhook about a payment to the shop at `url`, once.
    ///
    /// # Errors
    /// [`NotifyError`] when the shop can't be reached or does not take it.
    pub async fn notify(&self, url: &str, payment: &PaymentEvent) -> Result<(), NotifyError> {
        notice::send(url, self.webhook(payment)?).await
    }

    /// The webhook about a payment.
    ///
    /// # Errors
    /// [`NotifyError::Unwritable`].
    pub fn webhook(&self, payment: &PaymentEvent) -> Result<SandboxWebhook, NotifyError> {
        let body = notice::body(std::slice::from_ref(payment))?;
        let signature = self.sign(&body);
        Ok(SandboxWebhook { signature, body })
    }

    /// The signature of a webhook's body: what [`SIGNATURE_HEADER`] has to say.
    #[must_use]
    pub fn sign(&self, body: &[u8]) -> String {
        self.0.signer.sign(body)
    }

    async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Book, &GatewayName) -> T + Send + 'static,
    ) -> Result<T, SandboxError> {
        let inner = Arc::clone(&self.0);
        blocking(move || {
            let mut ledger = inner.ledger.lock().unwrap_or_else(PoisonError::into_inner);
            ledger.read(|book| look(book, &inner.name))
        })
        .await
    }

    async fn update<T: Send + 'static>(
        &self,
        decide: impl FnOnce(&Book, &GatewayName) -> Decision<T> + Send + 'static,
    ) -> Result<T, GatewayError> {
        let inner = Arc::clone(&self.0);
        let done = blocking(move || {
            let mut ledger = inner.ledger.lock().unwrap_or_else(PoisonError::into_inner);
            ledger.update(|book| decide(book, &inner.name))
        });
        done.await.map_err(unavailable)?
    }
}

/// What is noted, and what is answered.
type Decision<T> = Result<(Option<Entry>, T), GatewayError>;

/// Runs what may wait for another process's lock off the async threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SandboxError> + Send + 'static,
) -> Result<T, SandboxError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(SandboxError::Interrupted)?
}

fn unavailable(error: SandboxError) -> GatewayError {
    GatewayError::Unavailable {
        effect: Effect::Unknown,
        source: Box::new(error),
    }
}

fn seen(name: &GatewayName, charge: &Kept, now: Timestamp) -> SandboxCharge {
    let payments = charge.payments.iter();
    SandboxCharge {
        reference: charge.reference.clone(),
        amount: charge.amount,
        description: charge.description.clone(),
        state: charge.state(now),
        expires_at: charge.expires_at,
        payments: payments
            .map(|payment| payment.event(name, &charge.reference))
            .collect(),
    }
}

fn status(name: &GatewayName, charge: &Kept, now: Timestamp) -> ChargeStatus {
    let made = charge
        .payments
        .iter()
        .filter(|payment| payment.paid_at <= now);
    ChargeStatus {
        open: (charge.state(now) == SandboxState::Open).then(|| opened(charge)),
        payments: made
            .map(|payment| payment.event(name, &charge.reference))
            .collect(),
    }
}

fn opened(charge: &Kept) -> OpenCharge {
    let Kept {
        reference, amount, ..
    } = charge;
    let (minor, currency) = (amount.minor(), amount.currency());
    OpenCharge {
        id: None,
        payable: *amount,
        pay_with: PayWith::Qr(format!(
            "sandbox:pay?reference={reference}&amount={minor}&currency={currency}"
        )),
    }
}

#[async_trait]
impl Gateway for Sandbox {
    fn name(&self) -> &GatewayName {
        &self.0.name
    }

    fn capabilities(&self) -> &Capabilities {
        &self.0.capabilities
    }

    async fn create_charge(&self, request: &ChargeRequest) -> Result<OpenCharge, GatewayError> {
        let wanted = request.clone();
        self.update(move |book, _| {
            let Ok(charge) = book.get(&wanted.reference) else {
                let charge = Kept::new(wanted);
                let open = opened(&charge);
                return Ok((Some(Entry::Created(charge)), open));
            };
            if charge.amount == wanted.amount && !charge.cancelled {
                return Ok((None, opened(charge)));
            }
            let reason = "the reference belongs to another charge".to_owned();
            Err(GatewayError::Refused(reason))
        })
        .await
    }

    async fn charge_status(&self, charge: &Charge) -> Result<ChargeStatus, GatewayError> {
        let (reference, now) = (charge.reference.clone(), self.0.clock.now());
        let found = self.read(move |book, name| book.get(&reference).map(|c| status(name, c, now)));
        found.await.map_err(unavailable)?
    }

    async fn cancel_charge(&self, charge: &Charge) -> Result<(), GatewayError> {
        let reference = charge.reference.clone();
        self.update(move |book, _| {
            let cancelled = book.get(&reference)?.cancelled;
            Ok(((!cancelled).then_some(Entry::Cancelled { reference }), ()))
        })
        .await
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RefundProgress, GatewayError> {
        let (wanted, now) = (request.clone(), self.0.clock.now());
        self.update(move |book, _| {
            let reference = wanted.reference.clone();
            let refund = book.get(&reference)?.next_refund(wanted, now)?;
            Ok((
                refund.map(|refund| Entry::Refunded { reference, refund }),
                RefundProgress::Done,
            ))
        })
        .await
    }

    async fn list_payments(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<PaymentEvent>, GatewayError> {
        let within = |payment: &PaymentEvent| from <= payment.paid_at && payment.paid_at < to;
        let charges = self.list().await.map_err(unavailable)?;
        let payments = charges.into_iter().flat_map(|charge| charge.payments);
        Ok(payments.filter(within).collect())
    }

    fn verify_webhook(&self, request: WebhookRequest<'_>) -> Result<VerifiedWebhook, WebhookError> {
        self.0.signer.verify(request)?;
        notice::read(&self.0.name, request.body).map(VerifiedWebhook::Payments)
    }

    async fn simulate_payment(&self, charge: &Charge, amount: Money) -> Result<(), GatewayError> {
        let now = self.0.clock.now();
        self.pay(&charge.reference, amount, now).await.map(drop)
    }
}

#[cfg(test)]
mod tests;
