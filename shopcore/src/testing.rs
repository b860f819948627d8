//! What tests of stores, gateways and shops need: the conformance suite, and stores that fail.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by a panic"
)]

pub mod cluster;
pub mod conformance;
pub mod fault;
pub mod fixture;
pub mod gateway;
