//! Webhooks that never come: where a gateway promises them and payments are found by asking alone,
//! the owner is told, once until one came and they stopped again.

use chrono::Duration;
use serde::{Deserialize, Serialize};
use serde_json::json;
use thiserror::Error;

use super::{Settlement, deciding, outdated};
use crate::audit::{Actor, Entity, Kind};
use crate::gateway::{GatewayName, Support};
use crate::message::{Destination, Notice, Task};
use crate::store::{ChatWrite, CommitError, StoreError};
use crate::time::Timestamp;

/// How many payments in a row may come without a webhook.
const MISSED_MAX: usize = 5;

/// How long a webhook may be on its way: asking is often faster.
const LAG_MAX: Duration = Duration::minutes(10);

/// Whose small values the marks are kept among, each under the name of its gateway.
const KEEPER: &str = "webhooks";

/// What is known of a gateway whose webhooks don't come. Nothing is kept while they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mark {
    /// So many payments came without one.
    Missed { payments: usize, since: Timestamp },
    /// The owner was told.
    Told,
}

/// Why a mark was not kept.
#[derive(Debug, Error)]
enum MarkError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Commit(#[from] CommitError),
    #[error("the mark of a gateway can't be read or written")]
    Damaged(#[from] serde_json::Error),
}
outdated!(MarkError);

impl Settlement<'_> {
    /// Notes that payments were found by asking before a webhook told of them. A failure is no
    /// reason to settle them again.
    pub(super) async fn missed(&self, gateway: &GatewayName, payments: usize) {
        let port = self.0.gateway(gateway);
        let promises = port.is_some_and(|port| port.capabilities().webhooks == Support::Yes);
        if payments == 0 || !promises {
            return;
        }
        let noted = deciding(|| self.note_missed(gateway, payments)).await;
        if let Err(error) = noted {
            tracing::warn!(%gateway, %error, "a webhook that did not come is not counted");
        }
    }

    /// Notes that a webhook came.
    pub(super) async fn heard(&self, gateway: &GatewayName) {
        if let Err(error) = self.note_heard(gateway).await {
            tracing::warn!(%gateway, %error, "a webhook that came is not noted");
        }
    }

    async fn note_missed(&self, gateway: &GatewayName, payments: usize) -> Result<(), MarkError> {
        let (stored, now) = (self.mark(gateway).await?, self.0.now());
        let mark = stored.as_deref().map(serde_json::from_slice);
        let (before, since) = match mark.transpose()? {
            Some(Mark::Told) => return Ok(()),
            Some(Mark::Missed { payments, since }) => (payments, since),
            None => (0, now),
        };
        let payments = before.saturating_add(payments);
        let mut batch = self.0.batch(&Actor::job("reconcile"));
        let mark = if payments >= MISSED_MAX && now - since >= LAG_MAX {
            let notice = Notice::WebhooksMissing {
                gateway: gateway.clone(),
            };
            let details = json!({ "gateway": gateway, "payments": payments });
            batch
                .enqueue(Destination::Admins, self.0.id(), Task::Notice(notice))
                .record(
                    Entity::new(Kind::Shop, self.0.id()),
                    "webhooks missing",
                    details,
                );
            Mark::Told
        } else {
            Mark::Missed { payments, since }
        };
        batch.push(ChatWrite::SwapState {
            plugin: KEEPER.to_owned(),
            key: gateway.to_string(),
            was: stored,
            value: serde_json::to_vec(&mark)?,
        });
        Ok(self.0.commit(batch).await?)
    }

    async fn note_heard(&self, gateway: &GatewayName) -> Result<(), MarkError> {
        if self.mark(gateway).await?.is_none() {
            return Ok(());
        }
        let mut batch = self.0.chore();
        batch.push(ChatWrite::PutState {
            plugin: KEEPER.to_owned(),
            key: gateway.to_string(),
            value: None,
        });
        Ok(self.0.commit(batch).await?)
    }

    async fn mark(&self, gateway: &GatewayName) -> Result<Option<Vec<u8>>, StoreError> {
        let (store, shop) = (self.0.store(), self.0.id());
        store.find_state(shop, KEEPER, gateway.as_str()).await
    }
}
