//! A courier that tells, on the acknowledgements' way, what it brought.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::time::Duration;

use async_trait::async_trait;
use shopcore::Shop;
use shopcore::audit::Actor;
use shopcore::courier::{Courier, CourierError, Receipt};
use shopcore::customer::FrontendName;
use shopcore::id::OrderId;
use shopcore::message::{OutboxItem, Reach, Task};
use shopcore::service::OrderError;
use shopcore::stock::Content;

use super::acks::Acks;

/// Brings goods by telling of them: `delivered ORDER CONTENT…`, each content by its hash.
#[derive(Debug)]
pub struct Porter {
    shop: Shop,
    frontend: FrontendName,
    acks: Acks,
}

impl Porter {
    /// A porter for the chats of `frontend`.
    #[must_use]
    pub fn new(shop: Shop, frontend: FrontendName, acks: Acks) -> Self {
        Self {
            shop,
            frontend,
            acks,
        }
    }

    async fn deliver(&self, order: OrderId) -> Result<(), CourierError> {
        let orders = self.shop.orders();
        let goods = orders.goods(&Actor::job("outbox"), order).await;
        let goods = goods.map_err(undelivered)?;
        let contents = goods.iter().flat_map(|goods| &goods.contents);
        let hashes: String = contents.map(|c| format!(" {:016x}", hash(c))).collect();
        let told = self.acks.tell(format_args!("delivered {order}{hashes}"));
        told.map_err(|error| CourierError::Unavailable(error.into()))
    }
}

fn undelivered(error: OrderError) -> CourierError {
    match error {
        OrderError::Unknown | OrderError::NotPaid(_) => CourierError::Refused(error.to_string()),
        OrderError::Incomplete
        | OrderError::Stock(_)
        | OrderError::Table(_)
        | OrderError::Store(_)
        | OrderError::Commit(_) => CourierError::Unavailable(error.into()),
    }
}

fn hash(content: &Content) -> u64 {
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    match content {
        Content::Text(text) => hasher.hash_one(text),
        Content::File { name, bytes } => hasher.hash_one((name, bytes)),
    }
}

#[async_trait]
impl Courier for Porter {
    fn reach(&self) -> Vec<Reach> {
        vec![Reach::Frontend(self.frontend.clone()), Reach::Admins]
    }

    fn patience(&self) -> Duration {
        Duration::from_secs(2)
    }

    async fn bring(&self, item: &OutboxItem) -> Result<Receipt, CourierError> {
        match item.task {
            Task::Delivery { order } => self.deliver(order).await?,
            Task::Notice(_)
            | Task::Retract { .. }
            | Task::CancelCharge { .. }
            | Task::Refund { .. } => {}
        }
        Ok(Receipt::default())
    }
}
