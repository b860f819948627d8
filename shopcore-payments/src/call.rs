//! Calls to a gateway over HTTP: what every real one needs around its own contract.
//!
//! A call has time-outs and a longest answer, is repeated only where its caller says that this is
//! safe, and is not made while the gateway keeps failing. What fails is told as a [`GatewayError`]
//! whose effect is never guessed to be none. No error holds an address: queries carry keys.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{
    Client, ClientBuilder, Method, Request, RequestBuilder, Response, StatusCode, redirect,
};
use serde::de::DeserializeOwned;
use shopcore::gateway::{Effect, GatewayError};
use shopcore::time::Clock;
use subtle::ConstantTimeEq;
use thiserror::Error;

mod amount;
mod breaker;

pub use amount::{BadAmount, amount, written};
use breaker::Breaker;

/// A key of a gateway: it does not show itself.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Keeps `text`.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Whether `given` is the key, compared in constant time; nothing is an empty one.
    #[must_use]
    pub fn is(&self, given: &str) -> bool {
        let same = self.0.as_bytes().ct_eq(given.as_bytes());
        bool::from(same) && !self.0.is_empty()
    }

    /// The key, for the one place that sends it or signs with it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// How long a gateway is waited for, and how often it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Until the connection stands.
    pub connect: Duration,
    /// Until the answer is read, the connection included.
    pub whole: Duration,
    /// The longest answer, in bytes.
    pub answer_max: usize,
    /// How often a call that may be repeated is made, the first time included.
    pub attempts_max: u32,
    /// The pause before the second attempt; each further one is twice as long. Half of it to all
    /// of it is waited, by chance.
    pub backoff: Duration,
    /// How many failures in a row open the circuit.
    pub failures_max: u32,
    /// How long an open circuit lets no call through, and after that one at a time.
    pub pause: Duration,
}

impl Default for Limits {
    /// 3 s to connect, 10 s in all, 1 MiB (a page of a statement), three attempts from 200 ms on; five failures open the
    /// circuit for 30 s.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            whole: Duration::from_secs(10),
            answer_max: 1024 * 1024,
            attempts_max: 3,
            backoff: Duration::from_millis(200),
            failures_max: 5,
            pause: Duration::from_secs(30),
        }
    }
}

/// Whether a call may be made again when it is not known what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// It asks only, or the gateway does it once however often it is asked.
    Safe,
    /// It may be done twice.
    Never,
}

/// Why no caller could be made.
#[derive(Debug, Error)]
#[error("the machine can't make HTTPS calls")]
pub struct NoClient(#[source] reqwest::Error);

/// What went wrong on the way, or in the answer.
#[derive(Debug, Error)]
enum Trouble {
    #[error("the call failed")]
    Http(#[source] reqwest::Error),
    #[error("the gateway answered with status {0}")]
    Status(u16),
    #[error("the gateway's answer is longer than {0} bytes")]
    TooLong(usize),
    #[error("the gateway's answer is not understood")]
    Garbled,
    #[error("the gateway failed too often; it is not asked for a while")]
    CircuitOpen,
}

impl Trouble {
    fn with(self, effect: Effect) -> GatewayError {
        let source = Box::new(self);
        GatewayError::Unavailable { effect, source }
    }
}

/// Calls one gateway.
#[derive(Debug)]
pub struct Caller {
    client: Client,
    base: String,
    limits: Limits,
    breaker: Breaker,
    clock: Arc<dyn Clock>,
}

/// The beginning of an HTTP client, whose encryption is `ring`'s unless the program has chosen
/// another before.
pub fn client_builder() -> ClientBuilder {
    let _ = rustls::crypto::ring::default_provider().install_default();
    #[expect(clippy::disallowed_methods, reason = "this is the way to it")]
    Client::builder()
}

impl Caller {
    /// A caller of the gateway at `base`, such as `https://app.pakasir.com`. Redirects are not
    /// followed: they would carry keys to where nobody meant them to go.
    ///
    /// # Errors
    /// [`NoClient`].
    pub fn new(base: &str, limits: Limits, clock: Arc<dyn Clock>) -> Result<Self, NoClient> {
        let client = client_builder()
            .connect_timeout(limits.connect)
            .timeout(limits.whole)
            .redirect(redirect::Policy::none())
            .build()
            .map_err(NoClient)?;
        Ok(Self {
            client,
            base: base.trim_end_matches('/').to_owned(),
            breaker: Breaker::new(limits.failures_max, limits.pause),
            limits,
            clock,
        })
    }

    /// Whether a call has a chance by now: not while the gateway is left alone.
    pub fn is_available(&self) -> bool {
        self.breaker.is_closed(self.clock.now())
    }

    /// A request to `path`, which begins with a slash.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// Makes a call and reads its JSON answer.
    ///
    /// # Errors
    /// [`GatewayError::UnknownCharge`] for status 404, [`GatewayError::Refused`] for other decisions
    /// against the request, which are not repeated. [`GatewayError::Unavailable`] for everything
    /// else, its effect unknown as soon as one attempt may have reached the gateway: what is refused
    /// after that may be refused because it was done.
    pub async fn call<T: DeserializeOwned>(
        &self,
        repeat: Repeat,
        request: RequestBuilder,
    ) -> Result<T, GatewayError> {
        let attempts_max = match repeat {
            Repeat::Safe => self.limits.attempts_max,
            Repeat::Never => 1,
        };
        let mut request = request.build().map_err(|e| http(e).with(Effect::None))?;
        let acts = request.method() != Method::GET;
        let (mut attempt, mut known, mut wait) = (1, Effect::None, self.limits.backoff);
        loop {
            let again = request.try_clone().filter(|_| attempt < attempts_max);
            let (effect, source) = match self.guarded(request).await {
                Err(GatewayError::Unavailable { effect, source }) => (effect, source),
                Err(error) if acts && known == Effect::Unknown => {
                    return Err(undecided(error, known));
                }
                told => return told,
            };
            if effect == Effect::Unknown {
                known = effect;
            }
            let Some(again) = again.filter(|_| !is_shut_out(source.as_ref())) else {
                let effect = known;
                return Err(GatewayError::Unavailable { effect, source });
            };
            tokio::time::sleep(jittered(wait)).await;
            (request, attempt, wait) = (again, attempt + 1, wait.saturating_mul(2));
        }
    }

    /// One attempt, unless the circuit is open.
    async fn guarded<T: DeserializeOwned>(&self, request: Request) -> Result<T, GatewayError> {
        if !self.breaker.admits(self.clock.now()) {
            return Err(Trouble::CircuitOpen.with(Effect::None));
        }
        let told = self.attempt(request).await;
        match &told {
            Err(GatewayError::Unavailable { .. }) => self.breaker.failed(self.clock.now()),
            Ok(_)
            | Err(
                GatewayError::Refused(_) | GatewayError::UnknownCharge | GatewayError::Unsupported,
            ) => self.breaker.answered(),
        }
        told
    }

    async fn attempt<T: DeserializeOwned>(&self, request: Request) -> Result<T, GatewayError> {
        let response = self.client.execute(request).await.map_err(|error| {
            let effect = if error.is_connect() {
                Effect::None
            } else {
                Effect::Unknown
            };
            http(error).with(effect)
        })?;
        accepted(response.status())?;
        let body = self.body(response).await;
        let body = body.map_err(|trouble| trouble.with(Effect::Unknown))?;
        serde_json::from_slice(&body).map_err(|_| Trouble::Garbled.with(Effect::Unknown))
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>, Trouble> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(http)? {
            if chunk.len() > self.limits.answer_max.saturating_sub(body.len()) {
                return Err(Trouble::TooLong(self.limits.answer_max));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// Whether a status is one of success.
fn accepted(status: StatusCode) -> Result<(), GatewayError> {
    let code = status.as_u16();
    match status {
        _ if status.is_success() => Ok(()),
        StatusCode::NOT_FOUND => Err(GatewayError::UnknownCharge),
        // Nobody has judged the request: not let in, or led elsewhere.
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::PROXY_AUTHENTICATION_REQUIRED
        | StatusCode::TOO_MANY_REQUESTS => Err(Trouble::Status(code).with(Effect::None)),
        _ if status.is_redirection() => Err(Trouble::Status(code).with(Effect::None)),
        // Something of the same key is under way, or was done.
        StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT | StatusCode::TOO_EARLY => {
            Err(Trouble::Status(code).with(Effect::Unknown))
        }
        _ if status.is_server_error() => Err(Trouble::Status(code).with(Effect::Unknown)),
        _ => Err(GatewayError::Refused(Trouble::Status(code).to_string())),
    }
}

/// Whether asking again would meet the same closed door.
fn is_shut_out(source: &(dyn std::error::Error + 'static)) -> bool {
    match source.downcast_ref() {
        Some(Trouble::Status(code)) => matches!(code, 300..=399 | 401 | 403 | 407),
        Some(Trouble::Http(_) | Trouble::TooLong(_) | Trouble::Garbled | Trouble::CircuitOpen)
        | None => false,
    }
}

/// A refusal that decides nothing: of a question, or of what may have been done before.
pub(crate) fn undecided(error: GatewayError, effect: Effect) -> GatewayError {
    match error {
        GatewayError::Refused(_) | GatewayError::UnknownCharge | GatewayError::Unsupported => {
            let source = Box::new(error);
            GatewayError::Unavailable { effect, source }
        }
        GatewayError::Unavailable { .. } => error,
    }
}

fn http(error: reqwest::Error) -> Trouble {
    Trouble::Http(error.without_url())
}

/// Half of `wait` to all of it, so that those who failed together don't come back together.
fn jittered(wait: Duration) -> Duration {
    let mut chance = [0; 2];
    // Without chance it is half, which is a wait, too.
    let _ = getrandom::fill(&mut chance);
    let half = wait / 2;
    half + half * u32::from(u16::from_ne_bytes(chance)) / u32::from(u16::MAX)
}

#[cfg(test)]
mod tests;
