//! The address of a server, or of several that stand in for each other; its password never shows.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// What an address begins with.
const SCHEMES: [&str; 2] = ["postgres", "postgresql"];

/// An option of ours that the driver does not know: of several servers the one that takes writes is
/// always looked for.
const ATTRIBUTES: &str = "target_session_attrs";

/// The most servers of one address.
const SERVERS_MAX: usize = 16;

/// Why a text is no address. It does not repeat the text, which may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadAddress {
    /// It does not begin as an address does.
    #[error("an address is postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
    Scheme,
    /// It names no server, an empty one, or too many.
    #[error("an address names between one and {SERVERS_MAX} hosts, separated by commas")]
    Hosts,
    /// It names no database.
    #[error("the address names no database")]
    Database,
    /// It wants another kind of server than one that takes writes.
    #[error("target_session_attrs can only be read-write: a shop writes")]
    Attributes,
}

/// Where a PostgreSQL database is reached: `postgres://user:password@host:port/database?options`.
///
/// Several hosts may be named, separated by commas, where servers stand in for each other: the one
/// that takes writes is connected to, whichever it is at the time. `Debug` and `Display` leave the
/// password and the options out.
///
/// ```
/// use shopcore::backend::postgres::Address;
///
/// let address: Address = "postgres://shop:secret@db1,db2:5433/shop?sslmode=require".parse()?;
/// assert_eq!(address.to_string(), "postgres://shop@db1,db2:5433/shop");
/// # Ok::<(), shopcore::backend::postgres::BadAddress>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    user: String,
    /// With its colon, if there is one.
    password: String,
    hosts: Vec<String>,
    database: String,
    options: Vec<String>,
}

impl Address {
    /// The address of each server alone, in the order in which they are named.
    pub(super) fn servers(&self) -> impl Iterator<Item = String> {
        let at = if self.user.is_empty() && self.password.is_empty() {
            ""
        } else {
            "@"
        };
        let options = match self.options.is_empty() {
            true => String::new(),
            false => format!("?{}", self.options.join("&")),
        };
        self.hosts.iter().map(move |host| {
            let (user, password, database) = (&self.user, &self.password, &self.database);
            format!("postgres://{user}{password}{at}{host}/{database}{options}")
        })
    }
}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, rest) = text.split_once("://").ok_or(BadAddress::Scheme)?;
        if !SCHEMES.contains(&scheme) {
            return Err(BadAddress::Scheme);
        }
        let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (servers, database) = rest.split_once('/').ok_or(BadAddress::Database)?;
        if database.is_empty() {
            return Err(BadAddress::Database);
        }
        // A password may hold an @ that someone forgot to encode; a host never does.
        let (login, hosts) = servers.rsplit_once('@').unwrap_or(("", servers));
        let password = login.find(':').unwrap_or(login.len());
        Ok(Self {
            user: login[..password].to_owned(),
            password: login[password..].to_owned(),
            hosts: read_hosts(hosts)?,
            database: database.to_owned(),
            options: read_options(options)?,
        })
    }
}

fn read_hosts(text: &str) -> Result<Vec<String>, BadAddress> {
    let hosts: Vec<_> = text.split(',').map(str::to_owned).collect();
    // A single empty one is what the machine's own socket is reached by.
    let are_named = hosts.len() == 1 || hosts.iter().all(|host| !host.is_empty());
    if are_named && hosts.len() <= SERVERS_MAX {
        Ok(hosts)
    } else {
        Err(BadAddress::Hosts)
    }
}

fn read_options(text: &str) -> Result<Vec<String>, BadAddress> {
    let mut options = Vec::new();
    for option in text.split('&').filter(|option| !option.is_empty()) {
        match option.split_once('=') {
            Some((ATTRIBUTES, "read-write" | "primary")) => {}
            Some((ATTRIBUTES, _)) => return Err(BadAddress::Attributes),
            Some(_) | None => options.push(option.to_owned()),
        }
    }
    Ok(options)
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if !self.user.is_empty() {
            write!(f, "{}@", self.user)?;
        }
        write!(f, "{}/{}", self.hosts.join(","), self.database)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_is_reached_with_the_same_login_and_options() {
        let text = "postgresql://shop:a@b@db1,db2:5433/shop?target_session_attrs=read-write&x=1&y";
        let address: Address = text.parse().unwrap();
        let servers: Vec<_> = address.servers().collect();
        assert_eq!(
            servers,
            [
                "postgres://shop:a@b@db1/shop?x=1&y",
                "postgres://shop:a@b@db2:5433/shop?x=1&y"
            ]
        );
        let here: Address = "postgres:///shop?host=/run/postgresql".parse().unwrap();
        let servers: Vec<_> = here.servers().collect();
        assert_eq!(servers, ["postgres:///shop?host=/run/postgresql"]);
    }

    #[test]
    fn a_password_never_shows() {
        for text in [
            "postgres://shop:hunter2@db/shop",
            "postgres://shop:hunter2@x@db/shop",
            "postgres://db/shop?password=hunter2",
        ] {
            let address: Address = text.parse().unwrap();
            let shown = format!("{address} {address:?}");
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_repeated() {
        for (text, why) in [
            ("mysql://hunter2@db/shop", BadAddress::Scheme),
            ("db/shop", BadAddress::Scheme),
            ("postgres://db", BadAddress::Database),
            ("postgres://db/", BadAddress::Database),
            ("postgres://db,/shop", BadAddress::Hosts),
            (
                "postgres://db/shop?target_session_attrs=any",
                BadAddress::Attributes,
            ),
        ] {
            assert_eq!(text.parse::<Address>(), Err(why), "{text}");
            assert!(!why.to_string().contains("hunter2"));
        }
    }
}
