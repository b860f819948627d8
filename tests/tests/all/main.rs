//! What crosses crates, as one program: a second one would link everything a second time.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod acks;
mod backup;
mod bot;
mod chance;
mod comparison;
mod concurrency;
mod conformance;
mod documents;
mod following;
mod gateways;
mod integrity;
mod invariants;
mod journal;
mod kill;
mod layering;
mod lines;
mod machine;
mod methods;
mod migration;
mod patience;
mod postgres_connection;
mod postgres_groups;
mod postgres_server;
mod proofs;
mod refunds;
mod refusals;
mod regressions;
mod release;
mod repairs;
mod requests;
mod sqlite_file;
mod statements;
mod telemetry;
mod transcript;
mod world;
