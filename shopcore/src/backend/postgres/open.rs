//! Opening a database: how it is connected to, and what may be wrong with it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};
use thiserror::Error;

use super::commit::Writers;
use super::connect::{Connector, stands_by};
use super::failure::Outage;
use super::pool::Pool;
use super::{Address, Gathered, PostgresStore, schema};
use crate::time::Clock;

/// Statements kept prepared on each connection.
const STATEMENTS: usize = 256;

/// Why a database was not opened. No variant holds a password.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The driver does not understand an option of the address.
    #[error("the address {address} has options that can't be used")]
    Options {
        /// The database.
        address: Box<Address>,
        /// What is wrong with them.
        #[source]
        source: Outage,
    },
    /// No server answers there, or none that takes connections.
    #[error("{address} can't be reached")]
    Unreachable {
        /// The database.
        address: Box<Address>,
        /// How.
        #[source]
        source: Outage,
    },
    /// No encrypted connection can be made, or the server's certificate is not trusted.
    #[error("no safe connection to {address}")]
    Unsafe {
        /// The database.
        address: Box<Address>,
        /// Why.
        #[source]
        source: Outage,
    },
    /// The server does not let this user in, or not with this password.
    #[error("{address} lets nobody in with this name and password")]
    Login {
        /// The database.
        address: Box<Address>,
    },
    /// The server has no database of this name.
    #[error("there is no database {address}")]
    NoDatabase {
        /// The database.
        address: Box<Address>,
    },
    /// It holds tables of another program.
    #[error("{address} is the database of another program")]
    NotAShop {
        /// The database.
        address: Box<Address>,
    },
    /// A newer version of this program wrote it.
    #[error("{address} has schema {found}; this program knows up to {known}: use a newer program")]
    NewerSchema {
        /// The database.
        address: Box<Address>,
        /// Its schema version.
        found: u32,
        /// The newest that is known.
        known: u32,
    },
    /// A move into it has not ended.
    #[error("shops are being moved into {address}; `shopbot migrate-store` finishes it")]
    Unfinished {
        /// The database.
        address: Box<Address>,
    },
    /// The server stands by for another one.
    #[error("{address} takes no writes")]
    ReadOnly {
        /// The database.
        address: Box<Address>,
    },
    /// The server fails on it.
    #[error("{address} can't be opened")]
    Failed {
        /// The database.
        address: Box<Address>,
        /// How.
        #[source]
        source: Outage,
    },
}

/// How to open a [`PostgresStore`].
///
/// How safe the connection is, the address says: `sslmode=verify-full` encrypts and checks the
/// server's certificate and name, `require` encrypts, `disable` does not; where nothing is said,
/// it is encrypted if the server can.
///
/// ```
/// use std::time::Duration;
/// use shopcore::backend::postgres::PostgresOptions;
///
/// let address = "postgres://shop@db1,db2/shop?sslmode=verify-full".parse()?;
/// let options = PostgresOptions::new(address)
///     .readers(16)
///     .lock_timeout(Duration::from_secs(2))
///     .application_name("corner-shop");
/// # Ok::<(), shopcore::backend::postgres::BadAddress>(())
/// ```
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    address: Address,
    clock: Option<Arc<dyn Clock>>,
    readers: usize,
    writers: usize,
    connect_timeout: Duration,
    statement_timeout: Duration,
    lock_timeout: Duration,
    application_name: Option<String>,
}

impl PostgresOptions {
    /// The options that suit most, for the database at `address`.
    #[must_use]
    pub fn new(address: Address) -> Self {
        Self {
            address,
            clock: None,
            readers: 8,
            writers: 1,
            connect_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(10),
            application_name: None,
        }
    }

    /// A clock for leases and claims, in place of the server's own. Processes on several machines
    /// share the server's only.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// The most connections that read, at least one; 8 by default.
    #[must_use]
    pub fn readers(mut self, readers: usize) -> Self {
        self.readers = readers.max(1);
        self
    }

    /// The connections that write, at least one; one by default. A second helps where hundreds of
    /// callers commit at once.
    #[must_use]
    pub fn writers(mut self, writers: usize) -> Self {
        self.writers = writers.max(1);
        self
    }

    /// How long a server may take to let a connection in, how long a lost connection is tried to be
    /// made again, and how long a read waits for a free one; five seconds by default.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long a statement may run; 30 seconds by default, and zero for as long as it likes. A
    /// snapshot has no limit.
    #[must_use]
    pub fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.statement_timeout = timeout;
        self
    }

    /// How long a statement may wait for a lock; ten seconds by default, and zero for as long as it
    /// likes.
    #[must_use]
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = timeout;
        self
    }

    /// How the connections are called in `pg_stat_activity`; as the address says, or `shopcore`.
    #[must_use]
    pub fn application_name(mut self, name: impl Into<String>) -> Self {
        self.application_name = Some(name.into());
        self
    }

    /// Opens the database and brings its schema up to date.
    pub(super) async fn open(self) -> Result<PostgresStore, OpenError> {
        let (connector, mut conn) = self.connect().await?;
        let unfinished = schema::unfinished(&mut conn).await;
        if unfinished.map_err(|error| self.tell(&error))?.is_some() {
            let address = Box::new(self.address);
            return Err(OpenError::Unfinished { address });
        }
        let writers = Writers::start(&connector, self.writers);
        let pool = Arc::new(Pool::new(connector, self.readers, self.statement_timeout));
        pool.keep(conn);
        Ok(PostgresStore {
            gathered: Gathered::start(&pool),
            pool,
            writers,
            clock: self.clock,
            address: self.address,
        })
    }

    /// Connects, and brings the schema up to date.
    pub(super) async fn connect(&self) -> Result<(Connector, PgConnection), OpenError> {
        let connector = self.connector()?;
        let told = |error| self.tell(&error);
        let mut conn = connector.connect().await.map_err(told)?;
        self.check(&mut conn).await?;
        schema::migrate(&mut conn).await.map_err(told)?;
        Ok((connector, conn))
    }

    /// Refuses what is not ours before anything is changed.
    async fn check(&self, conn: &mut PgConnection) -> Result<(), OpenError> {
        let address = Box::new(self.address.clone());
        let told = |error| self.tell(&error);
        let database = schema::Identity::of(conn).await.map_err(told)?;
        if database.is_foreign() {
            return Err(OpenError::NotAShop { address });
        }
        let (found, known) = (database.version, schema::KNOWN);
        if found > known {
            return Err(OpenError::NewerSchema {
                address,
                found,
                known,
            });
        }
        if stands_by(conn).await.map_err(told)? {
            return Err(OpenError::ReadOnly { address });
        }
        Ok(())
    }

    fn connector(&self) -> Result<Connector, OpenError> {
        let servers = self.address.servers().map(|url| self.server(&url));
        let servers = servers.collect::<Result<_, _>>();
        let servers = servers.map_err(|error| self.tell(&error))?;
        Ok(Connector::new(servers, self.connect_timeout))
    }

    fn server(&self, url: &str) -> Result<PgConnectOptions, sqlx::Error> {
        let server: PgConnectOptions = url.parse()?;
        let name = self.application_name.as_deref();
        let name = name.or(server.get_application_name());
        let name = name.unwrap_or("shopcore").to_owned();
        let millis = |limit: Duration| limit.as_millis().to_string();
        let settings = [
            ("statement_timeout", millis(self.statement_timeout)),
            ("lock_timeout", millis(self.lock_timeout)),
            // A process that stands still must not keep its locks.
            (
                "idle_in_transaction_session_timeout",
                millis(self.statement_timeout),
            ),
            ("default_transaction_isolation", "read committed".to_owned()),
            ("jit", "off".to_owned()),
        ];
        let server = server.application_name(&name).options(settings);
        let server = server.statement_cache_capacity(STATEMENTS);
        Ok(server.disable_statement_logging())
    }

    fn tell(&self, error: &sqlx::Error) -> OpenError {
        let (address, source) = (Box::new(self.address.clone()), Outage::of(error));
        let code = error.as_database_error().and_then(|error| error.code());
        match (error, code.as_deref()) {
            (sqlx::Error::Configuration(_), _) => OpenError::Options { address, source },
            (sqlx::Error::Tls(_), _) => OpenError::Unsafe { address, source },
            // What the encryption makes of a certificate that it does not trust.
            (sqlx::Error::Io(cause), _) if cause.kind() == io::ErrorKind::InvalidData => {
                OpenError::Unsafe { address, source }
            }
            (_, Some("28P01" | "28000")) => OpenError::Login { address },
            (_, Some("3D000")) => OpenError::NoDatabase { address },
            (_, Some("25006")) => OpenError::ReadOnly { address },
            (_, Some(code)) if !code.starts_with("57P") && code != "53300" => {
                OpenError::Failed { address, source }
            }
            (_, Some(_)) | (sqlx::Error::Io(_), None) => OpenError::Unreachable { address, source },
            (_, None) => OpenError::Failed { address, source },
        }
    }
}
