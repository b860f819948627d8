//! Empty databases, one a test, on one server a test program.

use std::fmt;
use std::process::Command;
use std::sync::OnceLock;

use uuid::Uuid;

use super::Cluster;
use super::programs::{self, run};

/// Names a server that is used instead of one of our own.
const GIVEN: &str = "SHOPCORE_TEST_POSTGRES_URL";

/// The server of this test program.
pub enum Server {
    /// A throw-away cluster.
    Own(Cluster),
    /// The one at this address, from `SHOPCORE_TEST_POSTGRES_URL`.
    Given(String),
}

/// What becomes of a database in the end.
pub(super) enum Kept {
    /// It ends with its server.
    WithItsServer,
    /// It is dropped by way of this database of its server, which goes on.
    UntilDropped(String),
}

/// A database that no other test uses.
pub struct Database {
    url: String,
    name: String,
    kept: Kept,
}

impl Server {
    /// The server, started when it is first asked for; `None`, with a loud remark, where there is
    /// none.
    ///
    /// # Panics
    /// Where there is none although `SHOPCORE_REQUIRE_POSTGRES=1`, and where it can't start.
    pub fn shared() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<Server>> = OnceLock::new();
        let server = SERVER.get_or_init(|| match std::env::var(GIVEN) {
            Ok(url) => Some(Self::Given(url)),
            Err(_) => Cluster::start().map(Self::Own),
        });
        server.as_ref()
    }
}

/// An empty database on the shared server, where there is one.
///
/// # Panics
/// As [`Server::shared`], and when the server refuses.
#[must_use]
pub fn database() -> Option<Database> {
    let server = match Server::shared()? {
        Server::Own(cluster) => cluster.url("postgres"),
        Server::Given(url) => url.clone(),
    };
    Some(Database::make(&server, Kept::UntilDropped(server.clone())))
}

impl Database {
    /// Makes a database by way of another of the same server.
    pub(super) fn make(server: &str, kept: Kept) -> Self {
        let name = format!("shopcore_test_{}", Uuid::now_v7().simple());
        psql(server, &format!("CREATE DATABASE {name}"));
        let url = renamed(server, &name);
        Self { url, name, kept }
    }

    /// A database that is there, and stays.
    pub(super) fn at(url: String) -> Self {
        Self {
            url,
            name: String::new(),
            kept: Kept::WithItsServer,
        }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Carries SQL out with `psql`; gives the rows, their columns separated by `|`.
    ///
    /// # Panics
    /// When the server refuses it.
    pub fn run(&self, sql: &str) -> String {
        psql(&self.url, sql)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(cluster) => cluster.fmt(f),
            Self::Given(_) => f.write_str("the server that is given"),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Kept::UntilDropped(server) = &self.kept {
            let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
            let dropped = client(server, &drop).output();
            // A test that failed is told of first; it must not end here.
            if !dropped.is_ok_and(|output| output.status.success()) {
                eprintln!("the database {} is left behind", self.name);
            }
        }
    }
}

/// The address of another database of the same server.
fn renamed(url: &str, name: &str) -> String {
    let (scheme, rest) = url.split_once("://").expect("an address with a scheme");
    let (rest, options) = match rest.split_once('?') {
        Some((rest, options)) => (rest, format!("?{options}")),
        None => (rest, String::new()),
    };
    let server = rest.split_once('/').map_or(rest, |(server, _)| server);
    format!("{scheme}://{server}/{name}{options}")
}

fn psql(url: &str, sql: &str) -> String {
    run(&mut client(url, sql))
}

fn client(url: &str, sql: &str) -> Command {
    let mut psql = programs::psql();
    psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]);
    psql.args(["-d", url, "-c", sql]);
    psql
}

/// Says that a test is left out, or ends it where PostgreSQL is required.
pub(super) fn missing() {
    let missing = "PostgreSQL is not installed: Debian's package is `postgresql`; or name a server \
                   in SHOPCORE_TEST_POSTGRES_URL";
    let required = std::env::var("SHOPCORE_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
    assert!(!required, "{missing}");
    eprintln!("\n!!! SKIPPED: {missing}\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_database_keeps_everything_else_of_the_address() {
        let other = |url| renamed(url, "other");
        assert_eq!(other("postgres://u:p@h:1/db"), "postgres://u:p@h:1/other");
        assert_eq!(other("postgres://h"), "postgres://h/other");
        let url = "postgres://h/db?sslmode=require";
        assert_eq!(other(url), "postgres://h/other?sslmode=require");
    }
}
