//! Identifiers: one newtype for each kind of row, all UUIDv7, so that rows sort by birth.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use uuid::timestamp::context::ContextV7;
use uuid::{Timestamp as UuidTime, Uuid};

use crate::time::{Clock, Timestamp};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl $name {
            /// The sixteen bytes that stores keep.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// A shop. Every key of every row starts with it.
    ShopId,
    /// A category of products.
    CategoryId,
    /// A product.
    ProductId,
    /// A stock unit: one content that is sold once.
    UnitId,
    /// A voucher.
    VoucherId,
    /// A customer.
    CustomerId,
    /// An order.
    OrderId,
    /// A line of an order.
    LineId,
    /// An invoice.
    InvoiceId,
    /// A charge: one attempt to collect an invoice through a gateway.
    ChargeId,
    /// A recorded payment.
    PaymentId,
    /// A refund of a payment, or of a part of it.
    RefundId,
    /// A ledger transfer.
    TransferId,
    /// A review case.
    CaseId,
    /// An outbox item.
    ItemId,
    /// An audit entry.
    AuditId,
    /// A batch of writes.
    BatchId,
}

/// The least id of whichever kind that can be made at `at`: all that were made before sort below it.
///
/// ```
/// use std::sync::Arc;
/// use shopcore::id::{IdSource, OrderId, first_at};
/// use shopcore::time::{Clock, VirtualClock};
///
/// let clock = Arc::new(VirtualClock::default());
/// let ids = IdSource::new(Arc::clone(&clock) as _);
/// let before: OrderId = ids.next();
/// clock.advance(chrono::Duration::seconds(1));
/// let bound: OrderId = first_at(clock.now());
/// assert!(before < bound && bound < ids.next());
/// ```
#[must_use]
pub fn first_at<T: From<Uuid>>(at: Timestamp) -> T {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    T::from(uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid())
}

/// Makes ids whose time part comes from the injected clock.
///
/// Ids of one source rise strictly, also within a millisecond and when the clock stands still.
#[derive(Clone)]
pub struct IdSource {
    clock: Arc<dyn Clock>,
    context: Arc<Mutex<ContextV7>>,
}

impl fmt::Debug for IdSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdSource")
    }
}

impl IdSource {
    /// A source on `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            context: Arc::new(Mutex::new(ContextV7::new())),
        }
    }

    /// The next id of whichever kind is asked for.
    #[must_use]
    pub fn next<T: From<Uuid>>(&self) -> T {
        let now = self.clock.now();
        let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
        let context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        T::from(Uuid::new_v7(UuidTime::from_unix(
            &*context,
            seconds,
            now.timestamp_subsec_nanos(),
        )))
    }
}
