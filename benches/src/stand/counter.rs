//! Where webhooks arrive: a server on loopback, those who send to it, and what they send.

use std::io;
use std::net::Ipv4Addr;
use std::num::NonZeroU32;

use shopcore::Shop;
use shopcore::gateway::{Gateway, GatewayError};
use shopcore::id::OrderId;
use shopcore::invoice::EventId;
use shopcore_payments::call::client_builder;
use shopcore_payments::{
    CallLimit, NotifyError, SIGNATURE_HEADER, Sandbox, SandboxWebhook, webhooks_within,
};
use thiserror::Error;
use tokio::net::TcpListener;

use super::{BillError, Stand};

/// A payment that the shop has not heard of.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The order that is paid.
    pub order: OrderId,
    /// The payment's id at its gateway.
    pub event: EventId,
    webhook: SandboxWebhook,
}

/// Why there is no notice.
#[derive(Debug, Error)]
pub enum NoticeError {
    /// There is no bill.
    #[error(transparent)]
    Bill(#[from] BillError),
    /// It can't be paid.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// It can't be written.
    #[error(transparent)]
    Notify(#[from] NotifyError),
}

/// Why a notice was not taken.
#[derive(Debug, Error)]
pub enum SendError {
    /// The server can't be started.
    #[error("the server of webhooks can't be started")]
    Server(#[from] io::Error),
    /// The server can't be reached.
    #[error("the server of webhooks can't be reached")]
    Unreachable(#[from] reqwest::Error),
    /// It refused.
    #[error("the webhook was answered with {0}")]
    Refused(u16),
}

/// A limit that one address can't reach: here it sends for everyone.
fn unlimited() -> CallLimit {
    CallLimit {
        calls_a_second: NonZeroU32::MAX,
        calls_at_once: NonZeroU32::MAX,
        ..CallLimit::default()
    }
}

/// A server of webhooks, and a client whose connections stay open.
#[derive(Debug)]
pub(super) struct Counter {
    url: String,
    client: reqwest::Client,
}

impl Counter {
    /// Opens a counter of a shop; it stays open while the process lives.
    pub(super) async fn open(shop: Shop, sandbox: &Sandbox) -> Result<Self, SendError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        tokio::spawn(axum::serve(listener, webhooks_within(shop, unlimited())).into_future());
        let client = client_builder().no_proxy().tcp_nodelay(true);
        Ok(Self {
            url: format!("http://{address}/webhooks/{}", sandbox.name()),
            client: client.build()?,
        })
    }

    /// Sends a notice; returns when the shop has recorded it.
    ///
    /// # Errors
    /// [`SendError`].
    pub(super) async fn send(&self, notice: &Notice) -> Result<(), SendError> {
        let request = self.client.post(&self.url);
        let request = request.header(SIGNATURE_HEADER, &notice.webhook.signature);
        let response = request.body(notice.webhook.body.clone()).send().await?;
        let status = response.status();
        // Read to its end, so that the connection can be used again.
        response.bytes().await?;
        if status.is_success() {
            return Ok(());
        }
        Err(SendError::Refused(status.as_u16()))
    }
}

impl Stand {
    /// Places this turn's order and pays it at the sandbox.
    pub(super) async fn announce(&self, turn: usize) -> Result<Notice, NoticeError> {
        let placed = self.place(turn).await.map_err(BillError::from)?;
        let bill = self.bill_at(&placed, self.sandbox.name()).await;
        let bill = bill.map_err(BillError::from)?;
        let charge = &bill.charge;
        let paid = self
            .sandbox
            .pay(&charge.reference, charge.payable, self.shop.now());
        let payment = paid.await?;
        Ok(Notice {
            order: bill.order,
            webhook: self.sandbox.webhook(&payment)?,
            event: payment.event,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::stand::{Size, Stand};
    use crate::target::Target;

    #[tokio::test]
    async fn a_notice_that_is_posted_is_settled() {
        let size = Size {
            products: 1,
            stock: 1,
            vouchers: 1,
            uses: 1,
            customers: 1,
        };
        let store = Target::Memory.open().await.unwrap();
        let stand = Arc::new(Stand::open(store, size).await.unwrap());
        stand.announce_many(1, 1).await.unwrap();
        stand.post(&stand.take_notice().unwrap()).await.unwrap();
        let sold = stand.shop.store().snapshot(stand.shop.id()).await.unwrap();
        assert_eq!(sold.payments.len(), 1);
    }
}
