//! Fakes of real gateways: HTTP servers on this machine, as strict as the documents of the real ones.
//!
//! A fake's own part is a [`Book`], which answers one call at a time. The frame around it is here:
//! the server, the trouble of its network, and a list of what the client did wrong.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use shopcore::testing::gateway::Trouble;
use shopcore_payments::call::Limits;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

mod call;
mod cryptopay;
mod midtrans;
mod pakasir;
mod stripe;
mod tripay;
mod xendit;

pub use call::{Answer, Call};
pub use cryptopay::CryptoPayFake;
pub use midtrans::MidtransFake;
pub use pakasir::PakasirFake;
pub use stripe::StripeFake;
pub use tripay::TripayFake;
pub use xendit::XenditFake;

/// How the gateways of the fakes call them: without long waits, and whatever failed before.
#[must_use]
pub fn limits() -> Limits {
    Limits {
        backoff: Duration::from_millis(1),
        failures_max: 1000,
        ..Limits::default()
    }
}

/// What a gateway knows, and how it answers.
pub trait Book: Send + 'static {
    /// Answers a call. One with a status of 400 to 499 is kept in [`Fake::complaints`].
    fn answer(&mut self, call: &Call) -> Answer;
}

/// A gateway that runs on this machine until it is dropped.
pub struct Fake<B> {
    base: String,
    stage: Arc<Stage<B>>,
    server: JoinHandle<()>,
}

struct Stage<B> {
    book: Mutex<B>,
    trouble: Mutex<Option<Trouble>>,
    complaints: Mutex<Vec<String>>,
}

impl<B> fmt::Debug for Fake<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fake({})", self.base)
    }
}

impl<B> Drop for Fake<B> {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl<B: Book> Fake<B> {
    /// Serves a book on a free port of this machine.
    ///
    /// # Panics
    /// When there is none.
    pub async fn serve(book: B) -> Self {
        let stage = Arc::new(Stage {
            book: Mutex::new(book),
            trouble: Mutex::default(),
            complaints: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .fallback(receive::<B>)
            .with_state(Arc::clone(&stage));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            base,
            stage,
            server,
        }
    }

    /// Its address, such as `http://127.0.0.1:4321`.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Its book, to look at or to change behind the client's back.
    pub fn book(&self) -> MutexGuard<'_, B> {
        lock(&self.stage.book)
    }

    /// Fails every call from now on, or none any more.
    pub fn set_trouble(&self, trouble: Option<Trouble>) {
        *lock(&self.stage.trouble) = trouble;
    }

    /// What the client did wrong so far: call, status and answer of each.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        lock(&self.stage.complaints).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn receive<B: Book>(State(stage): State<Arc<Stage<B>>>, request: Request<Body>) -> Response {
    let trouble = *lock(&stage.trouble);
    if trouble == Some(Trouble::Down) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let call = Call::new(&head, body.to_vec());
    let answer = lock(&stage.book).answer(&call);
    if answer.status.is_client_error() {
        let (status, body) = (answer.status.as_u16(), &answer.body);
        lock(&stage.complaints).push(format!("{} {}: {status} {body}", call.method, call.path));
    }
    match trouble {
        None => answer.into_response(),
        Some(Trouble::Down | Trouble::LostReply) => cut_off(),
    }
}

/// An answer whose connection breaks before it is whole.
fn cut_off() -> Response {
    let broken = stream::iter([
        Ok(Bytes::from_static(b"{")),
        Err(io::Error::from(io::ErrorKind::ConnectionReset)),
    ]);
    Response::new(Body::from_stream(broken))
}
