//! A messenger in the same process that counts what it brings, and fails on command.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use shopcore::courier::{Courier, CourierError, Receipt};
use shopcore::customer::FrontendName;
use shopcore::id::OrderId;
use shopcore::message::{OutboxItem, Reach, Task};

/// How the messenger treats what it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Manner {
    /// It brings it.
    #[default]
    Brings,
    /// It can't be reached.
    Down,
    /// It asks to wait.
    Busy,
    /// It refuses for good.
    Refuses,
    /// It breaks down over the goods of this order.
    Breaks(OrderId),
}

/// The messenger.
#[derive(Debug, Default)]
pub(crate) struct Post {
    manner: Mutex<Manner>,
    deliveries: Mutex<BTreeMap<OrderId, u32>>,
}

impl Post {
    pub(crate) fn set_manner(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// How often the goods of an order were brought.
    pub(crate) fn deliveries(&self, order: OrderId) -> u32 {
        let deliveries = self.deliveries.lock().unwrap();
        deliveries.get(&order).copied().unwrap_or(0)
    }
}

#[async_trait]
impl Courier for Post {
    fn reach(&self) -> Vec<Reach> {
        let frontend = FrontendName::parse("test").unwrap();
        vec![Reach::Frontend(frontend), Reach::Admins]
    }

    async fn bring(&self, item: &OutboxItem) -> Result<Receipt, CourierError> {
        let manner = *self.manner.lock().unwrap();
        match manner {
            Manner::Brings | Manner::Breaks(_) => {
                if let Task::Delivery { order } = item.task {
                    assert!(manner != Manner::Breaks(order), "the messenger broke down");
                    *self.deliveries.lock().unwrap().entry(order).or_default() += 1;
                }
                Ok(Receipt::default())
            }
            Manner::Down => Err(CourierError::Unavailable("no connection".into())),
            Manner::Busy => Err(CourierError::Wait(Duration::from_secs(5))),
            Manner::Refuses => Err(CourierError::Refused("the chat is gone".to_owned())),
        }
    }
}
