//! What is particular to a store on a server: many who start at once, restarts, fail-overs, and
//! several processes that are killed.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;
use std::time::Duration;

use shopcore::backend::postgres::{OpenError, PostgresStore};
use shopcore::store::ShopReader;
use shopcore::testing::cluster::{Cluster, Stop, database};

use crate::acks::{Ack, Imported, collect, verify, verify_all};
use crate::chance::setting;
use crate::release::program;

/// How long a load may take to go on after its server has.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_open_an_empty_database_one_makes_the_schema() {
    let Some(database) = database() else { return };
    let address = || database.url().parse().unwrap();
    let opens: Vec<_> = (0..8)
        .map(|_| tokio::spawn(PostgresStore::open(address())))
        .collect();
    for open in opens {
        let store = open.await.unwrap().unwrap();
        assert_eq!(store.count_shops().await.unwrap(), 0);
    }
}

#[test]
fn ten_processes_start_at_once_on_an_empty_database() {
    let Some(bot) = program("shopbot") else {
        return;
    };
    let Some(database) = database() else { return };
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new(bot);
    command.args(["check"]).current_dir(&directory);
    command.env("SHOPBOT_STORE", database.url());
    command.env(
        "SHOPCORE_VAULT_KEY",
        "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=",
    );
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let started: Vec<_> = (0..10).map(|_| command.spawn().unwrap()).collect();
    for process in started {
        let ended = process.wait_with_output().unwrap();
        let told = String::from_utf8(ended.stderr).unwrap();
        assert!(told.contains("there is no shop"), "{told}");
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let Some(database) = database() else { return };
    let address = || database.url().parse().unwrap();
    drop(PostgresStore::open(address()).await.unwrap());
    database.run("UPDATE shopcore_schema SET version = 99");
    let error = PostgresStore::open(address()).await.unwrap_err();
    assert!(
        matches!(error, OpenError::NewerSchema { found: 99, .. }),
        "{error}"
    );
    assert!(error.to_string().contains(database.name()), "{error}");
}

#[tokio::test]
async fn another_programs_database_is_left_as_it_was() {
    let Some(database) = database() else { return };
    database.run("CREATE TABLE notes (text text)");
    let error = PostgresStore::open(database.url().parse().unwrap())
        .await
        .unwrap_err();
    assert!(matches!(error, OpenError::NotAShop { .. }), "{error}");
    let tables = "SELECT string_agg(relname, ' ') FROM pg_class WHERE relkind = 'r'
        AND relnamespace = 'public'::regnamespace";
    assert_eq!(database.run(tables), "notes");
}

#[tokio::test]
async fn the_password_is_in_no_error() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let right = cluster.url("postgres");
    let secret = right.split([':', '@']).nth(2).unwrap();
    let missing = cluster.url("missing");
    let refused = missing.replacen(secret, &format!("{secret}x"), 1);
    let elsewhere = missing.replacen(&cluster.address(), "127.0.0.1:1", 1);
    for url in [missing, refused, elsewhere] {
        let error = PostgresStore::open(url.parse().unwrap()).await.unwrap_err();
        assert!(!whole(&error).contains(secret), "{}", whole(&error));
    }
}

/// An error with its causes, as people and as programmers read it.
fn whole(error: &OpenError) -> String {
    let mut text = format!("{error:?}");
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_restarts_under_load_loses_and_doubles_nothing() {
    let Some(load) = program("load") else { return };
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let url = cluster.database().url().to_owned();
    let mut work = Work::start(&load, &url);
    for _ in 0..setting("SHOPCORE_RESTARTS", 3) {
        work.go_on();
        cluster.stop(Stop::Immediate);
        cluster.start_again();
    }
    work.go_on();
    work.end_and_verify(&url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_takes_over_under_load_loses_and_doubles_nothing() {
    let Some(load) = program("load") else { return };
    let Some(main) = Cluster::start() else { return };
    let database = main.database();
    let replica = main.synchronous_replica();
    let both = format!("{},{}", main.address(), replica.address());
    let url =
        database.url().replacen(&main.address(), &both, 1) + "?target_session_attrs=read-write";
    let mut work = Work::start(&load, &url);
    work.go_on();
    main.stop(Stop::Immediate);
    replica.promote();
    work.go_on();
    work.end_and_verify(&replica.url(database.name())).await;
}

#[test]
fn processes_that_are_killed_and_started_deliver_each_key_once() {
    let Some(load) = program("load") else { return };
    let Some(database) = database() else { return };
    let seconds = setting("SHOPCORE_CROWD_SECONDS", 8).to_string();
    let mut command = Command::new(load);
    command.args(["--store", database.url(), "--processes", "4", "--json"]);
    command.args(["--seconds", &seconds, "--clients", "4", "--products", "3"]);
    let ended = command.args(["--stock", "2000"]).output().unwrap();
    let remarks = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{remarks}");
    let report: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    eprintln!("{report}");
    assert!(report["kills"].as_u64() > Some(4), "{report}");
    assert!(report["purchases"].as_u64() > Some(20), "{report}");
}

/// A load that goes on until it is ended.
struct Work {
    child: Child,
    lines: Option<JoinHandle<Vec<String>>>,
    told: Receiver<()>,
}

impl Work {
    fn start(load: &Path, url: &str) -> Self {
        let mut command = Command::new(load);
        command.args(["--store", url, "--scenario", "paid-checkout", "--acks"]);
        command.args(["--clients", "16", "--products", "3", "--vouchers", "2"]);
        command.args(["--stock", "3000", "--seconds", "600"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let (lines, told) = collect(&mut child);
        Self {
            child,
            lines: Some(lines),
            told,
        }
    }

    /// Waits until a hundred more things were acknowledged.
    fn go_on(&mut self) {
        // What was told until now may have been done before.
        while self.told.try_recv().is_ok() {}
        for _ in 0..100 {
            self.told.recv_timeout(PATIENCE).unwrap();
        }
    }

    /// Ends it, and looks for everything that it was told to be done.
    async fn end_and_verify(mut self, url: &str) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let lines = self.lines.take().unwrap().join().unwrap();
        let acks: Vec<_> = lines.iter().map(|line| Ack::read(line)).collect();
        let mut imported = Imported::new();
        verify(url, &acks, &mut imported).await;
        verify_all(url, &imported).await;
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // A test that failed meanwhile leaves nothing behind.
        let _ = self.child.kill();
    }
}
