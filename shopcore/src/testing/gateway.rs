//! The kit of gateways: the other side of one, as tests play it, and the cases that every gateway
//! must pass.
//!
//! A gateway comes with a [`Counterpart`]: customers who pay, and a network that fails. Each case
//! gets a [`Stand`], a shop of its own that takes its money through the gateway, and ends by
//! evaluating every invariant. A case about what a gateway can't do passes.
//!
//! ```
//! # use std::sync::Arc;
//! # use shopcore::backend::memory::MemoryStore;
//! # use shopcore::testing::gateway::Counterpart;
//! # use shopcore::time::VirtualClock;
//! async fn in_memory(clock: Arc<VirtualClock>) -> Option<(Arc<MemoryStore>, ())> {
//!     Some((Arc::new(MemoryStore::new(clock)), ()))
//! }
//!
//! # mod mine { use super::*; pub async fn fake_bank(_: Arc<VirtualClock>) -> Arc<dyn Counterpart> { std::future::pending().await } }
//! # use mine::fake_bank;
//! // fake_bank is a function of the clock that gives, in time, an Arc of a Counterpart.
//! shopcore::gateway_suite!(my_gateway, in_memory, fake_bank);
//! # fn main() {}
//! ```

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::gateway::{Gateway, WebhookRequest};
use crate::invoice::Charge;
use crate::money::Money;

#[doc(hidden)]
pub mod believing;
#[doc(hidden)]
pub mod failing;
#[doc(hidden)]
pub mod refunding;
#[doc(hidden)]
pub mod settling;
mod stand;
#[doc(hidden)]
pub mod telling;

pub use stand::{Case, Stand};

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

/// Emits the cases of the kit as tests, in a module of this name.
///
/// The first expression is that of [`conformance_suite!`](crate::conformance_suite): a function of
/// the clock that gives a store. The second is a function of the clock that gives, in time, an `Arc`
/// of a [`Counterpart`](crate::testing::gateway::Counterpart). Each case is a test with a store of
/// its own; after `in one store` all of them are one test, where making a store takes long.
#[macro_export]
macro_rules! gateway_suite {
    ($gateway:ident, $store:expr, $side:expr) => {
        mod $gateway {
            use super::*;

            $crate::gateway_suite! { @list each $store, $side }
        }
    };
    ($gateway:ident, $store:expr, $side:expr, in one store) => {
        mod $gateway {
            use super::*;

            $crate::gateway_suite! { @list together $store, $side }
        }
    };
    (@list $how:ident $store:expr, $side:expr) => {
        $crate::gateway_suite! { @$how $store, $side;
            settling {
                an_exact_payment_is_delivered_once
                a_deposit_fills_the_wallet
                a_short_payment_is_kept_and_the_rest_is_asked_for
                a_short_payment_is_credited_when_the_invoice_expires
                what_is_paid_too_much_is_credited
                a_late_payment_is_delivered_where_the_product_says_so
                a_late_payment_is_credited_where_the_product_says_so
                a_late_payment_waits_for_a_person_where_the_product_says_so
                a_late_payment_of_what_is_sold_out_is_credited
                a_payment_of_a_cancelled_order_follows_the_policy
                a_payment_in_another_currency_waits_for_a_person
                a_payment_of_an_unknown_reference_is_kept_where_it_is_vouched_for
            }
            telling {
                a_charge_that_nobody_paid_is_told_as_such
                a_webhook_that_is_sent_again_changes_nothing
                webhooks_in_any_order_settle_each_payment_once
                part_payments_in_any_order_add_up
                a_payment_without_a_webhook_is_found_by_asking
                a_customer_who_asks_finds_the_payment
                a_webhook_and_asking_after_it_settle_once
                asking_and_a_webhook_after_it_settle_once
                a_webhook_and_asking_at_once_settle_once
                a_webhook_that_comes_when_the_order_is_old_is_not_lost
                a_statement_lists_payments_as_webhooks_tell_of_them
            }
            failing {
                a_charge_that_could_not_be_made_is_made_later
                a_charge_whose_reply_was_lost_is_not_made_again
                a_charge_whose_reply_was_lost_is_completed_by_reconciling
                a_payment_during_an_outage_is_found_after_it
                a_webhook_during_an_outage_is_believed_or_sent_again
                a_charge_that_could_not_be_cancelled_is_cancelled_later
                a_cancellation_whose_reply_was_lost_is_no_failure
                a_gateway_whose_clock_is_ahead_is_believed
                a_gateway_whose_clock_is_behind_is_believed
                a_gateway_whose_clock_is_far_behind_loses_no_payment
            }
            believing {
                a_forged_webhook_pays_nothing
                a_garbled_webhook_records_nothing_untrue
                a_genuine_webhook_is_believed_whatever_else_its_headers_say
            }
            refunding {
                an_order_is_given_back_whole
                an_order_is_given_back_in_parts
                a_refund_whose_reply_was_lost_is_made_once
                a_refund_waits_for_a_gateway_that_is_down
                a_refund_that_is_asked_for_twice_is_made_once
                no_more_is_given_back_than_was_paid
                what_a_gateway_does_not_send_back_goes_to_the_wallet
            }
        }
    };
    (@each $store:expr, $side:expr; $($room:ident { $($case:ident)+ })+) => {$(
        mod $room {
            use super::*;

            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $case() {
                    let clock = std::sync::Arc::new($crate::time::VirtualClock::default());
                    let Some((store, _kept)) = ($store)(clock.clone()).await else {
                        return;
                    };
                    let side = ($side)(clock.clone()).await;
                    $crate::testing::gateway::Stand::run(store, clock, side, |stand| {
                        Box::pin($crate::testing::gateway::$room::$case(stand))
                    })
                    .await;
                }
            )+
        }
    )+};
    (@together $store:expr, $side:expr; $($room:ident { $($case:ident)+ })+) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn every_case() {
            let clock = std::sync::Arc::new($crate::time::VirtualClock::default());
            let Some((store, _kept)) = ($store)(clock.clone()).await else {
                return;
            };
            let mut failed = Vec::new();
            $($({
                let side = ($side)(clock.clone()).await;
                let (store, clock) = (store.clone(), clock.clone());
                let run = $crate::testing::gateway::Stand::run(store, clock, side, |stand| {
                    Box::pin($crate::testing::gateway::$room::$case(stand))
                });
                if tokio::spawn(run).await.is_err() {
                    failed.push(stringify!($case));
                }
            })+)+
            assert!(failed.is_empty(), "these cases failed: {failed:?}");
        }
    };
}
