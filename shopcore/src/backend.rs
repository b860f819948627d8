//! Where shops are kept: implementations of [`Store`](crate::store::Store).

pub mod memory;
#[cfg(all(feature = "sqlite", feature = "postgres"))]
pub mod migration;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "sqlite")]
pub mod sqlite;
