//! Where shops are kept: implementations of [`Store`](crate::store::Store).

#[cfg(feature = "backup")]
pub mod backup;
pub mod memory;
#[cfg(all(feature = "sqlite", feature = "postgres"))]
pub mod migration;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "sqlite")]
pub mod sqlite;
