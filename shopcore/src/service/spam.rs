//! Spam: the team is told of whoever floods the bot, and they are kept out for a while.

use chrono::Duration;
use serde_json::json;

use super::{CustomerError, Customers};
use crate::audit::{Actor, Entity, Kind};
use crate::customer::{Customer, Standing};
use crate::id::CustomerId;
use crate::message::{Destination, Notice, Task};
use crate::store::{ChatWrite, CommitError};
use crate::time::Timestamp;

/// Who acts against spam, and among whose small values it is kept when the team was told last.
const KEEPER: &str = "spam";
const TOLD: &str = "told";

/// The team is told of spam at most so often, of whomever it comes.
const TELL_EVERY: Duration = Duration::seconds(120);

impl Customers<'_> {
    /// Tells the team that a customer floods the bot; at most once in two minutes, whoever it is
    /// and however many processes find it.
    ///
    /// # Errors
    /// [`CustomerError`] of the store; nobody is told then.
    pub async fn report_spam(&self, customer: CustomerId) -> Result<(), CustomerError> {
        let (store, shop, now) = (self.0.store(), self.0.id(), self.0.now());
        let was = store.find_state(shop, KEEPER, TOLD).await?;
        let told = was.as_deref().and_then(|stored| {
            let micros = std::str::from_utf8(stored).ok()?.parse().ok()?;
            Timestamp::from_timestamp_micros(micros)
        });
        if told.is_some_and(|told| now - told < TELL_EVERY) {
            return Ok(());
        }
        let mut batch = self.0.batch(&Actor::job(KEEPER));
        batch
            .push(ChatWrite::SwapState {
                plugin: KEEPER.to_owned(),
                key: TOLD.to_owned(),
                was,
                value: now.timestamp_micros().to_string().into_bytes(),
            })
            .enqueue(
                Destination::Admins,
                customer,
                Task::Notice(Notice::Spam { customer }),
            )
            .record(
                Entity::new(Kind::Customer, customer),
                "spam told",
                json!({}),
            );
        match self.0.commit(batch).await {
            // Another process was faster.
            Ok(()) | Err(CommitError::Conflict) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps a customer who floods the bot out until a moment.
    ///
    /// # Errors
    /// [`CustomerError`]; nothing happens where they are banned already.
    pub async fn ban_for_spam(
        &self,
        customer: CustomerId,
        until: Timestamp,
    ) -> Result<(), CustomerError> {
        let now = self.0.now();
        let change = |customer: &mut Customer| {
            if customer.standing_at(now) == Standing::Welcome {
                customer.standing = Standing::Banned;
                customer.banned_until = Some(until);
            }
            ("banned", json!({ "until": until, "reason": "spam" }))
        };
        self.change(&Actor::job(KEEPER), customer, change).await
    }
}
