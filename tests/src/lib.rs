//! What the tests share with other programs: fakes of the gateways that shops use.
#![expect(clippy::unwrap_used, reason = "a fake that can't go on fails its test")]

pub mod fakes;
