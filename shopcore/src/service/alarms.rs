//! Alarms: what is wrong with the shop's surroundings, told to its owner once until it is over.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::json;

use super::Shop;
use crate::audit::{Actor, Entity, Kind};
use crate::gateway::GatewayError;
use crate::invoice::GatewayName;
use crate::message::{Alarm, Destination, Notice, Task};
use crate::store::{Batch, ChatWrite, CommitError};

fn key(alarm: &Alarm) -> String {
    match alarm {
        Alarm::Gateway(name) => format!("gateway/{name}"),
        Alarm::JobFails(name) => format!("fails/{name}"),
        Alarm::JobLate(name) => format!("late/{name}"),
        Alarm::Violated(number) => format!("violated/{number}"),
    }
}

/// Failures of a gateway in a row before the owner is told.
const GATEWAY_FAILURES: u32 = 3;

/// Whose small values the alarms are kept among.
const KEEPER: &str = "alarms";
const ON: &[u8] = b"on";
const OVER: &[u8] = b"over";

/// How often in a row each thing failed in this process. What is not in it has not been seen.
#[derive(Debug, Default)]
pub(super) struct Streaks(Mutex<HashMap<Alarm, u32>>);

impl Streaks {
    /// Counts, and tells how often it failed in a row before and now.
    fn count(&self, alarm: &Alarm, went_well: bool) -> (Option<u32>, u32) {
        let mut streaks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = streaks.get(alarm).copied();
        let now = if went_well {
            0
        } else {
            before.unwrap_or(0).saturating_add(1)
        };
        streaks.insert(alarm.clone(), now);
        (before, now)
    }
}

impl Shop {
    /// Notes how something went. At the `limit`th failure in a row the owner is told, and when it
    /// goes well again after that.
    pub(crate) async fn witness(&self, alarm: Alarm, went_well: bool, limit: u32) {
        let told = match self.0.streaks.count(&alarm, went_well) {
            (_, failures) if failures == limit => self.ring(&alarm, true).await,
            // What was wrong before this process began may be over now.
            (None, 0) => self.ring(&alarm, false).await,
            (Some(failed), 0) if failed >= limit => self.ring(&alarm, false).await,
            _ => Ok(()),
        };
        if let Err(error) = told {
            tracing::warn!(?alarm, %error, "an alarm can't be told");
        }
    }

    /// Notes how a gateway answered. That it does not know a charge, or can't do something, is an
    /// answer too.
    pub(super) async fn witness_gateway<T>(
        &self,
        gateway: &GatewayName,
        answer: &Result<T, GatewayError>,
    ) {
        let went_well = match answer {
            Ok(_) => true,
            Err(GatewayError::UnknownCharge | GatewayError::Unsupported) => return,
            Err(GatewayError::Refused(_) | GatewayError::Unavailable { .. }) => false,
        };
        let alarm = Alarm::Gateway(gateway.clone());
        self.witness(alarm, went_well, GATEWAY_FAILURES).await;
    }

    /// Tells that something is wrong, or over, unless that was told already.
    async fn ring(&self, alarm: &Alarm, wrong: bool) -> Result<(), CommitError> {
        let (store, key) = (self.store(), key(alarm));
        let found = store.find_state(self.id(), KEEPER, &key).await;
        let was = found.map_err(|error| CommitError::Unavailable(error.into()))?;
        let is_on = was.as_deref() == Some(ON);
        if is_on == wrong {
            return Ok(());
        }
        match self.commit(self.bell(alarm, key, was, wrong)).await {
            // Another process was faster.
            Ok(()) | Err(CommitError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn bell(&self, alarm: &Alarm, key: String, was: Option<Vec<u8>>, wrong: bool) -> Batch {
        let (value, action) = if wrong {
            (ON.to_vec(), "alarm raised")
        } else {
            (OVER.to_vec(), "alarm over")
        };
        let notice = Notice::Alarm {
            alarm: alarm.clone(),
            over: !wrong,
        };
        let mut batch = self.batch(&Actor::job("watch"));
        batch
            .push(ChatWrite::SwapState {
                plugin: KEEPER.to_owned(),
                key,
                was,
                value,
            })
            .enqueue(Destination::Admins, self.id(), Task::Notice(notice))
            .record(
                Entity::new(Kind::Shop, self.id()),
                action,
                json!({ "alarm": alarm }),
            );
        batch
    }
}
