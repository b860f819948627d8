//! PostgreSQL to test on: throw-away clusters, made with the programs that are installed.
//!
//! A cluster listens on a free port of the loopback, behind a password of its own, and keeps the
//! durability that PostgreSQL has by default. It ends when it is dropped, and also when the process
//! that made it dies: a shell waits for that and clears up. As root it runs as the user `postgres`.
//!
//! Where there is no PostgreSQL a test is left out with a loud remark, unless
//! `SHOPCORE_REQUIRE_POSTGRES=1` says that it has to be there.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

pub use database::{Database, Server, database};
use programs::{Programs, run};

mod database;
mod programs;
#[cfg(test)]
mod tests;

/// The one user of a cluster.
const USER: &str = "shop";

/// How often another port is tried where one was taken meanwhile.
const PORT_TRIES: u32 = 5;

/// Makes a place with a password in it, and clears it up when nobody holds the other end of the
/// pipe any more. Signals from the keyboard are for the tests, not for it.
const WATCH: &str = r#"
trap '' INT TERM HUP
umask 077
place=$(mktemp -d "${TMPDIR:-/tmp}/shopcore-postgres.XXXXXX") || exit 1
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "$password" >"$place/password"
echo "$password $place"
cat >/dev/null
for server in "$place"/*/postmaster.pid; do
    [ -e "$server" ] && "$0/pg_ctl" stop -s -m immediate -D "${server%/*}"
done
rm -rf "$place"
"#;

/// How a server is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Its clients are sent away, and what is in memory is written.
    Fast,
    /// At once, as in a crash; the next start recovers.
    Immediate,
}

impl Stop {
    const fn mode(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Immediate => "immediate",
        }
    }
}

/// A server of its own with its data.
#[derive(Debug)]
pub struct Cluster {
    port: u16,
    data: PathBuf,
    home: Arc<Home>,
}

/// Where a server and its replicas lie, and what ends them.
struct Home {
    programs: &'static Programs,
    place: PathBuf,
    password: String,
    watch: Child,
}

impl Cluster {
    /// Makes a cluster and starts it; `None`, with a loud remark, where PostgreSQL is not installed.
    ///
    /// # Panics
    /// Where it is not installed although `SHOPCORE_REQUIRE_POSTGRES=1`, and where it can't start.
    #[must_use]
    pub fn start() -> Option<Self> {
        let Some(programs) = Programs::installed() else {
            database::missing();
            return None;
        };
        let home = Arc::new(Home::make(programs));
        let data = home.place.join("main");
        let mut init = programs.command("initdb");
        init.args(["-U", USER, "-A", "scram-sha-256", "--pwfile"]);
        init.arg(home.place.join("password"));
        run(init.args(["-E", "UTF8", "--no-locale", "-D"]).arg(&data));
        Some(Self::begin(data, home))
    }

    /// The address of a database of this name.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let password = &self.home.password;
        format!("postgres://{USER}:{password}@{}/{database}", self.address())
    }

    /// Host and port.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Makes an empty database, which lasts as long as the cluster.
    ///
    /// # Panics
    /// When the server refuses.
    #[must_use]
    pub fn database(&self) -> Database {
        Database::make(&self.url("postgres"), database::Kept::WithItsServer)
    }

    /// Stops the server.
    ///
    /// # Panics
    /// When it does not stop.
    pub fn stop(&self, how: Stop) {
        run(self.control("stop").args(["-m", how.mode()]));
    }

    /// Starts the server again, on the port it had.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&self) {
        let began = self.try_start();
        assert!(began, "the server does not start:\n{}", self.log());
    }

    /// Makes a streaming replica whose word every later commit here waits for.
    ///
    /// The server here is restarted for it.
    ///
    /// # Panics
    /// When it can't be made.
    #[must_use]
    pub fn synchronous_replica(&self) -> Self {
        let data = self.home.place.join("replica");
        let from = format!("{}?application_name=replica", self.url("postgres"));
        let mut backup = self.home.programs.command("pg_basebackup");
        backup.args(["-X", "stream", "-c", "fast", "-R", "-d", &from, "-D"]);
        run(backup.arg(&data));
        let here = Database::at(self.url("postgres"));
        here.run("ALTER SYSTEM SET synchronous_standby_names = 'replica'");
        self.stop(Stop::Fast);
        self.start_again();
        let replica = Self::begin(data, Arc::clone(&self.home));
        // Answered once the replica has it.
        here.run("CREATE TABLE streaming (); DROP TABLE streaming");
        replica
    }

    /// Makes a replica a server of its own; its former main server has to be stopped before.
    ///
    /// # Panics
    /// When it refuses.
    pub fn promote(&self) {
        run(&mut self.control("promote"));
    }

    /// Starts for the first time, on a port that is free.
    fn begin(data: PathBuf, home: Arc<Home>) -> Self {
        let mut cluster = Self {
            port: 0,
            data,
            home,
        };
        for _ in 0..PORT_TRIES {
            cluster.port = free_port();
            if cluster.try_start() {
                return cluster;
            }
        }
        panic!("the server does not start:\n{}", cluster.log());
    }

    fn try_start(&self) -> bool {
        let settings = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' \
             -c max_connections=300 -c max_wal_size=256MB",
            self.port
        );
        let mut start = self.control("start");
        start.args(["-o", &settings, "-l"]).arg(self.log_file());
        start.stdout(Stdio::null()).stderr(Stdio::null());
        start.status().is_ok_and(|status| status.success())
    }

    fn control(&self, what: &str) -> Command {
        let mut command = self.home.programs.command("pg_ctl");
        command.args([what, "-s", "-w", "-D"]).arg(&self.data);
        command
    }

    fn log_file(&self) -> PathBuf {
        self.data.with_extension("log")
    }

    /// What the server has written down.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }
}

impl Home {
    /// A place of its own, and the shell that clears it up.
    fn make(programs: &'static Programs) -> Self {
        let mut shell = programs.shell(WATCH);
        shell.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut watch = shell.spawn().expect("a shell");
        let told = watch.stdout.take().expect("its output");
        let mut line = String::new();
        BufReader::new(told).read_line(&mut line).expect("a line");
        let made = line.trim_end().split_once(' ');
        let (password, place) = made.expect("a directory for the cluster");
        Self {
            programs,
            place: place.into(),
            password: password.to_owned(),
            watch,
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        // Nothing can be done about a shell that is gone already.
        let _ = self.watch.wait();
    }
}

impl fmt::Debug for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place.display().to_string())
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}
