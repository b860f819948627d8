//! Payment gateways for shopcore, and the router that takes their webhooks.
//!
//! ```
//! use shopcore::gateway::Gateway;
//! use shopcore::time::SystemClock;
//! use shopcore_payments::Sandbox;
//!
//! let sandbox = Sandbox::in_memory(std::sync::Arc::new(SystemClock))?;
//! assert_eq!(sandbox.name().as_str(), "sandbox");
//! # Ok::<(), shopcore_payments::SandboxError>(())
//! ```

pub mod call;
mod cryptopay;
mod hex;
mod midtrans;
mod mode;
mod pakasir;
mod sandbox;
mod sign;
mod stripe;
mod transfer;
mod tripay;
mod webhook;
mod xendit;

pub use cryptopay::{CryptoPay, CryptoPayOptions};
pub use midtrans::{Midtrans, MidtransOptions, MidtransProduct};
pub use mode::Mode;
pub use pakasir::{Pakasir, PakasirMethod, PakasirOptions, UnknownPakasirMethod};
pub use sandbox::{
    NotifyError, SIGNATURE_HEADER, Sandbox, SandboxCharge, SandboxError, SandboxOptions,
    SandboxState, SandboxWebhook,
};
pub use stripe::{Stripe, StripeOptions, StripeProduct};
pub use transfer::Transfer;
pub use tripay::{BadChannel, Tripay, TripayAccount, TripayChannel, TripayOptions};
pub use webhook::{CallLimit, CallerAddress, webhooks, webhooks_within};
pub use xendit::{Xendit, XenditOptions};
