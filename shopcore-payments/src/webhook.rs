//! The webhook router: `POST /webhooks/{gateway}` takes what gateways tell.
//!
//! A 2xx is answered only after what was told is committed, so whatever else is answered, the
//! gateway may and should send again. Who is not believed learns nothing about why.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use shopcore::Shop;
use shopcore::gateway::{GatewayError, GatewayName, WebhookError, WebhookRequest};
use shopcore::service::{SettleError, WebhookFailure};
use shopcore::store::{CommitError, StoreError};

mod limit;

pub use limit::{CallLimit, CallerAddress};
use limit::{Limiter, limited};

/// What is answered beside 200: some gateways look for it and send again what is answered otherwise.
const TAKEN: &str = r#"{"success":true}"#;

/// How long a caller may take to send its webhook, and the shop to record it.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest body; gateways send a few hundred bytes.
const BODY_MAX: usize = 64 * 1024;

/// The routes of a shop: `POST /webhooks/{gateway}`, `GET /healthz` (the process lives) and
/// `GET /readyz` (its store answers).
///
/// | answer | means |
/// |---|---|
/// | 200, `{"success":true}` | recorded, now or before |
/// | 400, 422 | signed, but not understood, or no payment |
/// | 401 | the signature is missing or wrong |
/// | 404 | the shop has no such gateway |
/// | 408 | not sent and recorded within 30 s: send it again |
/// | 413 | longer than 64 KiB |
/// | 429 | the address called too often, see [`CallLimit`] |
/// | 503 | the store, or the gateway that was asked back, can't be reached: send it again |
///
/// Serve it with `into_make_service_with_connect_info::<SocketAddr>()`: without, the addresses of
/// callers are not known, and all of them share one allowance.
pub fn webhooks(shop: Shop) -> Router {
    webhooks_within(shop, CallLimit::default())
}

/// The routes of [`webhooks`], called as often as `limit` allows.
pub fn webhooks_within(shop: Shop, limit: CallLimit) -> Router {
    let limit = from_fn_with_state(Limiter::new(limit), limited);
    Router::new()
        .route("/webhooks/{gateway}", post(receive))
        .route_layer(from_fn(hurried))
        .route_layer(limit)
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(shop)
}

/// Answers 408 in the place of a webhook that is not there in time.
async fn hurried(request: Request, next: Next) -> Response {
    match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}

async fn ready(State(shop): State<Shop>) -> StatusCode {
    match shop.store().find_shop(shop.name()).await {
        Ok(_) => StatusCode::OK,
        Err(StoreError::Unavailable(_) | StoreError::Damaged(_)) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

async fn receive(
    State(shop): State<Shop>,
    Path(gateway): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Ok(gateway) = GatewayName::parse(&gateway) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = readable(&headers);
    let request = WebhookRequest {
        headers: &headers,
        body: &body,
    };
    match shop.settlement().webhook(&gateway, request).await {
        Ok(()) => ([(CONTENT_TYPE, "application/json")], TAKEN).into_response(),
        Err(failure) => {
            let (status, error) = (status(&failure), &failure as &dyn std::error::Error);
            tracing::warn!(%gateway, %status, error, "a webhook was not carried out");
            status.into_response()
        }
    }
}

/// The headers as a gateway reads them; one that is no text tells it nothing.
fn readable(headers: &HeaderMap) -> Vec<(String, String)> {
    let texts = headers.iter().filter_map(|(name, value)| {
        let text = value.to_str().ok()?;
        Some((name.as_str().to_owned(), text.to_owned()))
    });
    texts.collect()
}

fn status(failure: &WebhookFailure) -> StatusCode {
    match failure {
        WebhookFailure::UnknownGateway => StatusCode::NOT_FOUND,
        WebhookFailure::Refused(WebhookError::Signature | WebhookError::OtherAccount) => {
            StatusCode::UNAUTHORIZED
        }
        WebhookFailure::Refused(WebhookError::Malformed) => StatusCode::BAD_REQUEST,
        WebhookFailure::Gateway(GatewayError::Unavailable { .. }) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        WebhookFailure::Gateway(
            GatewayError::Refused(_) | GatewayError::UnknownCharge | GatewayError::Unsupported,
        ) => StatusCode::BAD_GATEWAY,
        WebhookFailure::Settle(error) => settle_status(error),
    }
}

fn settle_status(error: &SettleError) -> StatusCode {
    match error {
        SettleError::NothingPaid | SettleError::Money(_) | SettleError::Transfer(_) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        SettleError::Store(StoreError::Unavailable(_))
        | SettleError::Commit(
            CommitError::Unavailable(_) | CommitError::OutcomeUnknown(_) | CommitError::Conflict,
        ) => StatusCode::SERVICE_UNAVAILABLE,
        SettleError::Store(StoreError::Damaged(_))
        | SettleError::Commit(CommitError::Rejected(_) | CommitError::Malformed(_)) => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

#[cfg(test)]
mod tests;
