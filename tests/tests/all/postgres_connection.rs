//! How a store connects to PostgreSQL: safely, for so long, under its name, and again.

use std::net::TcpListener;
use std::time::Duration;

use shopcore::backend::postgres::{OpenError, Outage, PostgresOptions, PostgresStore};
use shopcore::store::{ShopReader, StoreError};
use shopcore::testing::cluster::{Cluster, Database, Stop, database};

/// A time-out that nobody waits long for, and that a slow machine keeps.
const SHORT: Duration = Duration::from_millis(300);

/// Keeps everybody from the shops until the sequence moves, or for half a minute.
const LOCK_UNTIL_ENOUGH: &str = "DO $$ BEGIN
        LOCK TABLE shops;
        FOR turn IN 1..600 LOOP
            EXIT WHEN (SELECT is_called FROM enough);
            PERFORM pg_sleep(0.05);
        END LOOP;
    END $$";

fn options(url: &str) -> PostgresOptions {
    PostgresOptions::new(url.parse().unwrap())
}

/// The address with another option.
fn with(url: &str, option: &str) -> String {
    let sign = if url.contains('?') { '&' } else { '?' };
    format!("{url}{sign}{option}")
}

async fn refused(url: &str) -> OpenError {
    let options = options(url).connect_timeout(SHORT);
    PostgresStore::open_with(options).await.unwrap_err()
}

/// Makes the server certify itself, as anybody could.
fn certify(database: &Database) {
    let make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
                -subj /CN=shop -addext subjectAltName=IP:127.0.0.1 \
                -addext basicConstraints=critical,CA:FALSE \
                -keyout server.key -out server.crt 2>/dev/null && chmod 600 server.key";
    database.run(&format!("COPY (SELECT 1) TO PROGRAM '{make}'"));
    database.run("ALTER SYSTEM SET ssl = on");
    database.run("SELECT pg_reload_conf()");
}

#[tokio::test]
async fn what_is_wrong_with_a_database_is_told() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let url = cluster.database().url().to_owned();
    let (login, _) = url.rsplit_once(':').unwrap();
    let password = login.rsplit_once(':').unwrap().1.split('@').next().unwrap();

    let error = refused(&cluster.url("missing")).await;
    assert!(matches!(error, OpenError::NoDatabase { .. }), "{error}");
    let error = refused(&url.replacen(password, "wrong", 1)).await;
    assert!(matches!(error, OpenError::Login { .. }), "{error}");
    let error = refused(&with(&url, "sslmode=perhaps")).await;
    assert!(matches!(error, OpenError::Options { .. }), "{error}");
    let error = refused(&with(&url, "sslmode=require")).await;
    assert!(matches!(error, OpenError::Unsafe { .. }), "{error}");
    let reading = with(&url, "options[default_transaction_read_only]=on");
    let error = refused(&reading).await;
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error}");
    cluster.stop(Stop::Fast);
    let error = refused(&url).await;
    assert!(matches!(error, OpenError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up() {
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("postgres://shop@{}/shop", silent.local_addr().unwrap());
    let error = refused(&url).await;
    let OpenError::Unreachable { source, .. } = error else {
        panic!("{error}");
    };
    assert!(matches!(source, Outage::TimedOut(_)), "{source}");
}

#[tokio::test]
async fn a_connection_is_as_safe_as_the_address_says() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let database = cluster.database();
    certify(&database);
    let root = database.run("SHOW data_directory") + "/server.crt";
    let trusted = format!("sslmode=verify-full&sslrootcert={root}");
    for (mode, encrypted) in [
        ("sslmode=disable", "f"),
        ("sslmode=prefer", "t"),
        ("sslmode=require", "t"),
        (trusted.as_str(), "t"),
    ] {
        let options = options(&with(database.url(), mode)).application_name("safe");
        let store = PostgresStore::open_with(options).await.unwrap();
        let is_encrypted = database.run(
            "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
            WHERE application_name = 'safe' ORDER BY backend_start DESC LIMIT 1",
        );
        assert_eq!(is_encrypted, encrypted, "{mode}");
        drop(store);
    }
    let error = refused(&with(database.url(), "sslmode=verify-full")).await;
    assert!(matches!(error, OpenError::Unsafe { .. }), "{error}");
}

#[tokio::test]
async fn connections_have_a_name_and_limits() {
    let Some(database) = database() else { return };
    let named = "SELECT string_agg(DISTINCT application_name, ' ') FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let store = PostgresStore::open_with(options(database.url())).await;
    assert_eq!(database.run(named), "shopcore");
    drop(store);
    let url = with(database.url(), "application_name=corner");
    let store = PostgresStore::open_with(options(&url)).await;
    assert!(database.run(named).contains("corner"));
    drop(store);
    let options = options(&url).application_name("market");
    let store = PostgresStore::open_with(options).await.unwrap();
    assert!(database.run(named).contains("market"));
    drop(store);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_a_lock_for_ever() {
    let Some(database) = database() else { return };
    let locks = options(database.url()).lock_timeout(SHORT);
    let locks = PostgresStore::open_with(locks).await.unwrap();
    let statements = options(database.url()).statement_timeout(SHORT);
    let statements = PostgresStore::open_with(statements).await.unwrap();
    database.run("CREATE SEQUENCE enough");
    std::thread::scope(|threads| {
        threads.spawn(|| database.run(LOCK_UNTIL_ENOUGH));
        let held = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock'
            AND relation = 'shops'::regclass AND granted";
        while database.run(held) == "0" {}
        for store in [&locks, &statements] {
            let handle = tokio::runtime::Handle::current();
            let read = tokio::task::block_in_place(|| handle.block_on(store.count_shops()));
            let Err(StoreError::Unavailable(source)) = read else {
                panic!("{read:?}");
            };
            let outage = source.downcast_ref::<Outage>();
            assert!(matches!(outage, Some(Outage::TimedOut(_))), "{source}");
        }
        database.run("SELECT nextval('enough')");
    });
    assert_eq!(locks.count_shops().await.unwrap(), 0);
}

#[tokio::test]
async fn reads_go_on_when_connections_were_lost() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let database = cluster.database();
    let store = PostgresStore::open_with(options(database.url())).await;
    let store = store.unwrap();
    database.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    assert_eq!(store.count_shops().await.unwrap(), 0);
    cluster.stop(Stop::Immediate);
    cluster.start_again();
    assert_eq!(store.count_shops().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_wait_for_a_server_that_comes_back() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let patient = options(cluster.database().url()).connect_timeout(Duration::from_secs(60));
    let patient = PostgresStore::open_with(patient).await.unwrap();
    let hasty = options(cluster.database().url()).connect_timeout(SHORT);
    let hasty = PostgresStore::open_with(hasty).await.unwrap();
    cluster.stop(Stop::Fast);
    let read = hasty.count_shops().await;
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    let read = tokio::spawn(async move { patient.count_shops().await });
    cluster.start_again();
    assert_eq!(read.await.unwrap().unwrap(), 0);
}
