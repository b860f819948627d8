//! Midtrans: the page of Snap, where customers choose how to pay, or a QRIS code in the chat.
//!
//! As its documents tell (<https://docs.midtrans.com>): "Snap API: Backend Integration", "Core API:
//! QRIS", "GET Status API Requests", "Expire transaction", "Direct Refund Transaction", "HTTP(S)
//! Notification / Webhooks" and "Midtrans Status Code". What may surprise:
//!
//! - An order id is paid at most once, so its payment goes by the shop's reference.
//! - Snap's page is made anew by every call and is not known to the status API before the customer
//!   chose how to pay: one whose reply was lost can't be found again.
//! - A code is refused with 406 where there is one of this order id; it is taken from its status
//!   then, so that asking again gives the same one.
//! - The signature of a webhook covers order, code and amount, and not the status. So a genuine one
//!   makes the shop ask, as Midtrans advises.
//! - A charge is given up by *expire*, which leaves what was paid alone; *cancel* would void it.
//! - Many refusals come as status 200; the body's `status_code` is what counts.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use shopcore::gateway::{
    Capabilities, ChargeRequest, ChargeStatus, CreateMode, Effect, Gateway, GatewayError,
    GatewayName, OpenCharge, RefundProgress, RefundRequest, Support, VerifiedWebhook, WebhookError,
    WebhookRequest,
};
use shopcore::invoice::{Charge, EventId, GatewayChargeId, PayWith, PaymentEvent, Reference};
use shopcore::money::{Currency, Money};
use shopcore::time::{Clock, SystemClock};

use crate::Mode;
use crate::call::{Caller, Limits, NoClient, Repeat, Secret, undecided};

mod ask;
mod notice;
mod told;

use ask::{Code, Give, Page};
use told::{Answer, Opened, Stand, refused};

/// The most that QRIS takes at once.
const QRIS_MAXIMUM: Money = Money::new(10_000_000, Currency::IDR);

/// How customers pay through Midtrans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MidtransProduct {
    /// On a page of Midtrans, in whatever way is switched on there.
    Snap,
    /// By a QRIS code that the shop shows.
    Qris,
}

/// How Midtrans is set up.
#[derive(Debug, Clone)]
pub struct MidtransOptions {
    /// The gateway's name in the shop, and in the address of its webhooks.
    pub name: GatewayName,
    /// Where its API is.
    pub api: String,
    /// Where Snap is.
    pub snap: String,
    /// The server key; each mode has its own.
    pub server_key: Secret,
    /// How customers pay.
    pub product: MidtransProduct,
    /// How long it is waited for, and how often it is asked.
    pub limits: Limits,
    /// Tells how long a charge has left, and when the circuit may close again.
    pub clock: Arc<dyn Clock>,
}

impl MidtransOptions {
    /// Snap, at the hosts of this mode.
    #[must_use]
    pub fn new(name: GatewayName, mode: Mode, server_key: Secret) -> Self {
        let (api, snap) = match mode {
            Mode::Live => ("https://api.midtrans.com", "https://app.midtrans.com"),
            Mode::Sandbox => (
                "https://api.sandbox.midtrans.com",
                "https://app.sandbox.midtrans.com",
            ),
        };
        Self {
            name,
            api: api.to_owned(),
            snap: snap.to_owned(),
            server_key,
            product: MidtransProduct::Snap,
            limits: Limits::default(),
            clock: Arc::new(SystemClock),
        }
    }
}

/// Collects through Midtrans.
pub struct Midtrans {
    name: GatewayName,
    capabilities: Capabilities,
    product: MidtransProduct,
    server_key: Secret,
    base: String,
    api: Caller,
    snap: Caller,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for Midtrans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Midtrans({}, {:?})", self.name, self.product)
    }
}

impl Midtrans {
    /// Makes the gateway; nothing is called yet.
    ///
    /// # Errors
    /// [`NoClient`].
    pub fn new(options: MidtransOptions) -> Result<Self, NoClient> {
        let caller =
            |base: &str| Caller::new(base, options.limits.clone(), Arc::clone(&options.clock));
        Ok(Self {
            api: caller(&options.api)?,
            snap: caller(&options.snap)?,
            name: options.name,
            capabilities: capabilities(options.product),
            product: options.product,
            server_key: options.server_key,
            base: options.api,
            clock: options.clock,
        })
    }

    async fn call<T: DeserializeOwned>(
        &self,
        caller: &Caller,
        repeat: Repeat,
        request: RequestBuilder,
    ) -> Result<T, GatewayError> {
        let request = request
            .basic_auth(self.server_key.reveal(), Some(""))
            .header("accept", "application/json");
        caller.call(repeat, request).await
    }

    async fn page(&self, request: &ChargeRequest) -> Result<OpenCharge, GatewayError> {
        let page = Page::new(request, self.clock.now())?;
        let call = self.snap.request(Method::POST, "/snap/v1/transactions");
        let made: Opened = self
            .call(&self.snap, Repeat::Never, call.json(&page))
            .await?;
        Ok(OpenCharge {
            id: None,
            payable: request.amount,
            pay_with: PayWith::Page(made.redirect_url),
        })
    }

    /// Asks for a code. Where that is refused there may be one already: of an earlier call, or of
    /// an attempt of this one whose reply was lost.
    async fn code(&self, request: &ChargeRequest) -> Result<OpenCharge, GatewayError> {
        let code = Code::new(request, self.clock.now())?;
        let call = self.api.request(Method::POST, "/v2/charge").json(&code);
        let refusal = match self.call::<Answer>(&self.api, Repeat::Safe, call).await {
            Ok(answer) if answer.is_created() => {
                return self.opened(&answer, &request.reference, request.amount, None);
            }
            Ok(answer) => answer.refusal(),
            Err(error @ GatewayError::Refused(_)) => error,
            Err(error) => return Err(error),
        };
        match self.status(&request.reference).await {
            Ok(answer) if answer.stand() == Stand::Open => {
                self.opened(&answer, &request.reference, request.amount, None)
            }
            // It may have the code all the same: a refusal would give it up for good.
            Err(error @ GatewayError::Unavailable { .. }) => Err(error),
            Ok(_) | Err(_) => Err(refusal),
        }
    }

    async fn status(&self, reference: &Reference) -> Result<Answer, GatewayError> {
        let path = format!("/v2/{}/status", ask::order_id(reference)?);
        let request = self.api.request(Method::GET, &path);
        let answer: Answer = self.call(&self.api, Repeat::Safe, request).await?;
        answer.known()
    }

    /// A charge as it can be paid: as it was told when it was made, else by the code of its status.
    fn opened(
        &self,
        answer: &Answer,
        reference: &Reference,
        asked: Money,
        known: Option<PayWith>,
    ) -> Result<OpenCharge, GatewayError> {
        let payable = answer.amount_of(reference, asked)?;
        let id = answer.transaction_id.as_deref();
        let image = || {
            let id = id?;
            Some(PayWith::Page(format!("{}/v2/qris/{id}/qr-code", self.base)))
        };
        let code = || answer.qr_string.clone().map(PayWith::Qr);
        let pay_with = known.or_else(code).or_else(image);
        Ok(OpenCharge {
            id: id.and_then(|id| GatewayChargeId::parse(id).ok()),
            payable,
            pay_with: pay_with.ok_or_else(|| refused("it tells of no way to pay"))?,
        })
    }

    fn payment(&self, charge: &Charge, answer: &Answer) -> Result<PaymentEvent, GatewayError> {
        let event = EventId::parse(charge.reference.as_str());
        Ok(PaymentEvent {
            gateway: self.name.clone(),
            event: event.map_err(|_| refused("its order id is too long"))?,
            reference: charge.reference.clone(),
            amount: answer.amount_of(&charge.reference, charge.asked)?,
            paid_at: answer.paid_at().unwrap_or_else(|| self.clock.now()),
        })
    }

    /// Whether a refund was made already: its own answer may have been lost.
    async fn was_given(&self, request: &RefundRequest) -> Result<bool, GatewayError> {
        match self.status(&request.reference).await {
            Ok(answer) => Ok(answer.gave(&request.refund.to_string(), request.amount)),
            Err(GatewayError::UnknownCharge) => Ok(false),
            Err(error) => Err(undecided(error, Effect::Unknown)),
        }
    }
}

fn capabilities(product: MidtransProduct) -> Capabilities {
    let (create, maximum) = match product {
        MidtransProduct::Snap => (CreateMode::Neither, None),
        MidtransProduct::Qris => (CreateMode::Idempotent, Some(QRIS_MAXIMUM)),
    };
    Capabilities {
        create,
        currencies: vec![Currency::IDR],
        minimum: None,
        maximum,
        cancel: Support::Yes,
        refund: Support::Yes,
        statement: Support::No,
        webhooks: Support::Yes,
        simulate: Support::No,
    }
}

/// A page on which nobody has chosen how to pay yet, where it was ever made.
fn untouched(charge: &Charge) -> Result<ChargeStatus, GatewayError> {
    let page = charge.pay_with.clone();
    let open = OpenCharge {
        id: None,
        payable: charge.payable,
        pay_with: page.ok_or(GatewayError::UnknownCharge)?,
    };
    Ok(ChargeStatus {
        open: Some(open),
        payments: Vec::new(),
    })
}

#[async_trait]
impl Gateway for Midtrans {
    fn name(&self) -> &GatewayName {
        &self.name
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn create_charge(&self, request: &ChargeRequest) -> Result<OpenCharge, GatewayError> {
        match self.product {
            MidtransProduct::Snap => self.page(request).await,
            MidtransProduct::Qris => self.code(request).await,
        }
    }

    async fn charge_status(&self, charge: &Charge) -> Result<ChargeStatus, GatewayError> {
        let (reference, asked) = (&charge.reference, charge.asked);
        let known = charge.pay_with.clone();
        let answer = match (self.status(reference).await, self.product) {
            (Err(GatewayError::UnknownCharge), MidtransProduct::Snap) => return untouched(charge),
            (told, MidtransProduct::Snap | MidtransProduct::Qris) => told?,
        };
        let (open, payments) = match answer.stand() {
            Stand::Open => (
                Some(self.opened(&answer, reference, asked, known)?),
                Vec::new(),
            ),
            Stand::Paid => (None, vec![self.payment(charge, &answer)?]),
            Stand::Ended => (None, Vec::new()),
        };
        Ok(ChargeStatus { open, payments })
    }

    async fn cancel_charge(&self, charge: &Charge) -> Result<(), GatewayError> {
        let path = format!("/v2/{}/expire", ask::order_id(&charge.reference)?);
        let request = self.api.request(Method::POST, &path);
        let answer: Answer = self.call(&self.api, Repeat::Safe, request).await?;
        match answer.known()? {
            answer if answer.is_expired() => Ok(()),
            answer => Err(answer.refusal()),
        }
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RefundProgress, GatewayError> {
        let order = ask::order_id(&request.reference)?;
        let path = format!("/v2/{order}/refund/online/direct");
        let call = self.api.request(Method::POST, &path);
        let call = call.json(&Give::new(request));
        let refusal = match self.call::<Answer>(&self.api, Repeat::Safe, call).await {
            Ok(answer) if answer.is_done() => return Ok(RefundProgress::Done),
            Ok(answer) => answer.refusal(),
            Err(error @ GatewayError::Refused(_)) => error,
            Err(error) => return Err(error),
        };
        // An earlier call may have made it, which Midtrans then won't do again.
        match self.was_given(request).await? {
            true => Ok(RefundProgress::Done),
            false => Err(refusal),
        }
    }

    fn is_available(&self) -> bool {
        match self.product {
            MidtransProduct::Snap => self.snap.is_available(),
            MidtransProduct::Qris => self.api.is_available(),
        }
    }

    fn verify_webhook(&self, request: WebhookRequest<'_>) -> Result<VerifiedWebhook, WebhookError> {
        notice::verify(request.body, self.server_key.reveal())
    }
}
