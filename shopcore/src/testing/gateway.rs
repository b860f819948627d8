//! The other side of a gateway, as tests play it: customers who pay, a network that fails.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::gateway::{Gateway, WebhookRequest};
use crate::invoice::Charge;
use crate::money::Money;

/// A webhook as a gateway sends it.
#[derive(Clone)]
pub struct Delivery {
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body, byte by byte.
    pub body: Vec<u8>,
}

impl Delivery {
    /// The delivery as the shop receives it.
    #[must_use]
    pub fn request(&self) -> WebhookRequest<'_> {
        WebhookRequest {
            headers: &self.headers,
            body: &self.body,
        }
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Delivery({} bytes)", self.body.len())
    }
}

/// How a gateway fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Every call is turned away before it has any effect.
    Down,
    /// Every call is carried out, and its reply is lost.
    LostReply,
}

/// What a customer of a gateway can pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pays {
    /// What the charge asks for, and nothing else.
    Exactly,
    /// Any amount.
    AnyAmount,
}

/// A gateway and the other side of it.
#[async_trait]
pub trait Counterpart: Send + Sync + fmt::Debug {
    /// The gateway, set up to talk to this side.
    fn gateway(&self) -> Arc<dyn Gateway>;

    /// What its customers can pay.
    fn pays(&self) -> Pays;

    /// A customer pays a charge; gives the webhook about it, as the gateway would send it.
    async fn pay(&self, charge: &Charge, amount: Money) -> Delivery;

    /// Fails every call from now on, or none any more.
    fn set_trouble(&self, trouble: Option<Trouble>);

    /// How many charges it was made to make.
    fn charges(&self) -> usize;

    /// What it sent back in all, in minor units.
    fn refunded(&self) -> i64;
}
