//! A shop is written into one encrypted file and comes back from it whole, or not at all.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use chrono::NaiveTime;
use shopcore::audit::Actor;
use shopcore::backend::backup::{Backup, BackupError, Key, Lock, Place, Restore, Restored};
use shopcore::backend::migration::Stage;
use shopcore::backend::postgres::PostgresStore;
use shopcore::backend::sqlite::SqliteStore;
use shopcore::jobs::{JobError, JobName, Jobs};
use shopcore::service::{Archive, ArchiveError};
use shopcore::store::{ShopReader, Snapshot, Store};
use shopcore::testing::cluster::{Database, database};
use shopcore::text::{Name, VoucherCode};
use shopcore::time::{VirtualClock, from_micros};
use shopcore::voucher::{Discount, VoucherTerms};
use tempfile::TempDir;

use crate::machine::lived;
use crate::world::{Post, builder, contents, idr, new_product};

/// A folder with a key, where shops and backups lie.
struct Cellar {
    folder: TempDir,
    key: Key,
}

impl Cellar {
    fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            key: Key::generate(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A shop in a file, with a product of so many units.
    async fn shop(&self, file: &str, units: usize) -> shopcore::Shop {
        let store = SqliteStore::open(self.path(file)).await.unwrap();
        let clock: Arc<VirtualClock> = Arc::default();
        let shop = builder(Arc::new(store), &clock).build().await.unwrap();
        add(&shop, "A", units).await;
        shop
    }

    async fn backup(&self, from: Place, to: &str) -> Result<PathBuf, BackupError> {
        let backup = Backup::new(from, name(), self.key.lock());
        let written = backup.run(&self.path(to), |_| {}).await?;
        Ok(written.path)
    }

    fn restore(&self, from: &Path, to: Place) -> Restore {
        Restore::new(from, self.key.clone(), to)
    }

    /// A backup of a small shop.
    async fn small(&self) -> PathBuf {
        drop(self.shop("small.db", 3).await);
        let from = Place::File(self.path("small.db"));
        self.backup(from, "small.shopbackup").await.unwrap()
    }

    /// What lies in the folder.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        names
    }
}

fn name() -> Name {
    Name::parse("Shop").unwrap()
}

fn place_of(database: &Database) -> Place {
    Place::Database(database.url().parse().unwrap())
}

async fn add(shop: &shopcore::Shop, code: &str, units: usize) {
    let mut new = new_product(code, 1_000);
    new.contents = contents(code, 0..units);
    let catalog = shop.catalog();
    catalog.add_product(&Actor::Operator, new).await.unwrap();
}

async fn rows(place: &Place) -> Snapshot {
    let store: Arc<dyn Store> = match place {
        Place::File(path) => Arc::new(SqliteStore::open(path).await.unwrap()),
        Place::Database(address) => Arc::new(PostgresStore::open(address.clone()).await.unwrap()),
    };
    let shop = store.find_shop(&name()).await.unwrap().unwrap();
    store.snapshot(shop.id).await.unwrap()
}

async fn run(restore: Restore) -> Result<Restored, BackupError> {
    restore.run(|_| {}).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_has_lived_comes_back_from_a_file_and_a_server_with_every_row() {
    let (cellar, (home, expected)) = (Cellar::new(), lived().await);
    let from = Place::File(home.file().unwrap());
    let mut stages = Vec::new();
    let backup = Backup::new(from, name(), cellar.key.lock());
    let written = backup.run(cellar.folder.path(), |progress| stages.push(progress));
    let written = written.await.unwrap();
    for stage in [Stage::Copy, Stage::Compare, Stage::Check] {
        let last = stages.iter().rfind(|progress| progress.stage == stage);
        assert!(last.is_some_and(|last| last.done == last.all), "{last:?}");
    }
    let back = Place::File(cellar.path("back.db"));
    let restored = run(cellar.restore(&written.path, back.clone()))
        .await
        .unwrap();
    assert_eq!(restored.tables, written.tables);
    assert_eq!(rows(&back).await, expected);
    let Some(database) = database() else { return };
    let server = place_of(&database);
    run(cellar.restore(&written.path, server.clone()))
        .await
        .unwrap();
    assert_eq!(rows(&server).await, expected);
    let second = cellar.backup(server, "second.shopbackup").await.unwrap();
    let again = Place::File(cellar.path("again.db"));
    run(cellar.restore(&second, again.clone())).await.unwrap();
    assert_eq!(rows(&again).await, expected);
}

#[tokio::test]
async fn a_passphrase_opens_what_it_sealed() {
    let cellar = Cellar::new();
    drop(cellar.shop("shop.db", 2).await);
    let from = Place::File(cellar.path("shop.db"));
    let lock = Lock::passphrase("correct horse battery staple\n").unwrap();
    let backup = Backup::new(from.clone(), name(), lock);
    let file = cellar.path("a.shopbackup");
    backup.run(&file, |_| {}).await.unwrap();
    let back = Place::File(cellar.path("back.db"));
    let key = Key::passphrase("correct horse battery staple");
    run(Restore::new(&file, key, back.clone())).await.unwrap();
    assert_eq!(rows(&back).await, rows(&from).await);
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_a_backup_and_nothing_else_is_left_behind() {
    use std::os::unix::fs::PermissionsExt;
    let cellar = Cellar::new();
    let file = cellar.small().await;
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    run(cellar.restore(&file, Place::File(cellar.path("back.db"))))
        .await
        .unwrap();
    assert_eq!(cellar.names(), ["back.db", "small.db", "small.shopbackup"]);
    let sealed = fs::read(&file).unwrap();
    for plain in ["A-key-0", "Product A", "shop_id"] {
        let is_there = sealed
            .windows(plain.len())
            .any(|part| part == plain.as_bytes());
        assert!(!is_there, "{plain}");
    }
}

#[tokio::test]
async fn a_file_that_is_damaged_cut_or_foreign_changes_nothing() {
    let cellar = Cellar::new();
    let file = cellar.small().await;
    let whole = fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let mut longer = whole.clone();
    longer.extend_from_slice(b"more");
    let bad = cellar.path("bad");
    let target = cellar.path("target.db");
    drop(cellar.shop("target.db", 1).await);
    let before = rows(&Place::File(target.clone())).await;
    let cuts = [0, 10, whole.len() / 2, whole.len() - 1];
    let cuts = cuts.map(|at| whole[..at].to_vec());
    for bytes in cuts.into_iter().chain([flipped, longer, b"hello".to_vec()]) {
        fs::write(&bad, &bytes).unwrap();
        for to in [target.clone(), cellar.path("none.db")] {
            let restore = cellar.restore(&bad, Place::File(to)).force(true);
            let error = run(restore).await.unwrap_err();
            assert!(
                matches!(
                    error,
                    BackupError::Damaged { .. } | BackupError::NotABackup { .. }
                ),
                "{} bytes: {error:?}",
                bytes.len()
            );
        }
    }
    assert_eq!(rows(&Place::File(target)).await, before);
    let names = cellar.names();
    assert!(
        !names
            .iter()
            .any(|name| name.contains("none") || name.contains("restoring"))
    );
}

#[tokio::test]
async fn a_wrong_key_is_told() {
    let cellar = Cellar::new();
    let file = cellar.small().await;
    let to = Place::File(cellar.path("back.db"));
    for key in [Key::generate(), Key::passphrase("correct horse battery")] {
        let error = run(Restore::new(&file, key, to.clone())).await.unwrap_err();
        assert!(matches!(error, BackupError::WrongKey { .. }), "{error:?}");
    }
    assert!(!cellar.path("back.db").exists());
}

#[tokio::test]
async fn a_shop_that_is_there_stays_until_it_is_forced_aside() {
    let cellar = Cellar::new();
    let file = cellar.small().await;
    let expected = rows(&Place::File(cellar.path("small.db"))).await;
    let target = Place::File(cellar.path("target.db"));
    let open = cellar.shop("target.db", 1).await;
    let restore = || cellar.restore(&file, target.clone());
    let error = run(restore().force(true)).await.unwrap_err();
    assert!(error.to_string().contains("locked"), "{error}");
    drop(open);
    let before = rows(&target).await;
    let error = run(restore()).await.unwrap_err();
    assert!(matches!(error, BackupError::Occupied { .. }), "{error}");
    assert_eq!(rows(&target).await, before);
    let restored = run(restore().force(true)).await.unwrap();
    assert_eq!(rows(&target).await, expected);
    assert_eq!(rows(&Place::File(restored.aside.unwrap())).await, before);
}

#[tokio::test]
async fn a_shop_on_a_server_is_replaced_when_forced_and_its_neighbours_stay() {
    let Some(database) = database() else { return };
    let cellar = Cellar::new();
    let file = cellar.small().await;
    let server = place_of(&database);
    let store = || async {
        PostgresStore::open(database.url().parse().unwrap())
            .await
            .unwrap()
    };
    let clock: Arc<VirtualClock> = Arc::default();
    for shop in ["Shop", "Neighbour"] {
        let builder = builder(Arc::new(store().await), &clock).name(Name::parse(shop).unwrap());
        add(&builder.build().await.unwrap(), "OTHER", 2).await;
    }
    let before = rows(&server).await;
    let error = run(cellar.restore(&file, server.clone()))
        .await
        .unwrap_err();
    assert!(matches!(error, BackupError::Occupied { .. }), "{error}");
    assert_eq!(rows(&server).await, before);
    run(cellar.restore(&file, server.clone()).force(true))
        .await
        .unwrap();
    let expected = rows(&Place::File(cellar.path("small.db"))).await;
    assert_eq!(rows(&server).await, expected);
    let neighbour = store()
        .await
        .find_shop(&Name::parse("Neighbour").unwrap())
        .await;
    let neighbour = neighbour.unwrap().unwrap();
    let products = store().await.snapshot(neighbour.id).await.unwrap().products;
    assert_eq!(products.len(), 1);
}

#[tokio::test]
async fn a_file_with_other_shops_is_not_replaced() {
    let cellar = Cellar::new();
    let file = cellar.small().await;
    let store = SqliteStore::open(cellar.path("two.db")).await.unwrap();
    let clock: Arc<VirtualClock> = Arc::default();
    let other = builder(Arc::new(store), &clock).name(Name::parse("Other").unwrap());
    drop(other.build().await.unwrap());
    let to = Place::File(cellar.path("two.db"));
    let error = run(cellar.restore(&file, to).force(true))
        .await
        .unwrap_err();
    assert!(matches!(error, BackupError::OtherShops { .. }), "{error}");
}

#[tokio::test]
async fn what_can_not_be_backed_up_leaves_no_file() {
    let cellar = Cellar::new();
    drop(cellar.shop("shop.db", 1).await);
    let none = Place::File(cellar.path("none.db"));
    let error = cellar.backup(none, "a").await.unwrap_err();
    assert!(matches!(error, BackupError::NoShop { .. }), "{error}");
    let shop = Place::File(cellar.path("shop.db"));
    let other = Backup::new(
        shop.clone(),
        Name::parse("Other").unwrap(),
        cellar.key.lock(),
    );
    let error = other.run(&cellar.path("a"), |_| {}).await.unwrap_err();
    assert!(matches!(error, BackupError::NoShop { .. }), "{error}");
    fs::write(cellar.path("b"), "mine").unwrap();
    let error = cellar.backup(shop.clone(), "b").await.unwrap_err();
    assert!(matches!(error, BackupError::Exists { .. }), "{error}");
    let error = cellar.backup(shop, "no/folder").await.unwrap_err();
    assert!(matches!(error, BackupError::Unwritable { .. }), "{error}");
    assert_eq!(fs::read(cellar.path("b")).unwrap(), b"mine");
    assert_eq!(cellar.names(), ["b", "shop.db"]);
}

#[tokio::test]
async fn rows_that_break_an_invariant_make_no_backup() {
    let cellar = Cellar::new();
    let shop = cellar.shop("shop.db", 1).await;
    let terms = VoucherTerms::simple(Discount::Fixed(idr(100)), 3);
    let code = VoucherCode::parse("THREE").unwrap();
    let added = shop.vouchers().add(&Actor::Operator, code, terms).await;
    added.unwrap();
    drop(shop);
    let conn = rusqlite::Connection::open(cellar.path("shop.db")).unwrap();
    conn.execute("UPDATE vouchers SET held = 1", ()).unwrap();
    drop(conn);
    let from = Place::File(cellar.path("shop.db"));
    let error = cellar.backup(from, "a").await.unwrap_err();
    assert!(matches!(error, BackupError::Violated { .. }), "{error}");
    assert_eq!(cellar.names(), ["shop.db"]);
}

async fn is_sound_under_load(cellar: &Cellar, shop: shopcore::Shop, from: Place) {
    let is_over = Arc::new(AtomicBool::new(false));
    let (over, seller) = (Arc::clone(&is_over), shop.clone());
    let selling = tokio::spawn(async move {
        let mut added = 0;
        while !over.load(Ordering::Relaxed) {
            add(&seller, &format!("L{added}"), 5).await;
            added += 1;
        }
        added
    });
    let mut counts = Vec::new();
    for round in 0..4 {
        let to = format!("{round}.shopbackup");
        let file = cellar.backup(from.clone(), &to).await.unwrap();
        let back = Place::File(cellar.path(&format!("{round}.db")));
        run(cellar.restore(&file, back.clone())).await.unwrap();
        let rows = rows(&back).await;
        assert_eq!(rows.units.len(), rows.products.len() * 5);
        counts.push(rows.products.len());
    }
    is_over.store(true, Ordering::Relaxed);
    let added = selling.await.unwrap();
    assert!(counts.is_sorted() && counts[3] > counts[0], "{counts:?}");
    assert!(counts[3] <= added + 1, "{counts:?} of {added}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_written_meanwhile_is_seen_at_one_moment() {
    let cellar = Cellar::new();
    let shop = cellar.shop("shop.db", 5).await;
    let from = Place::File(cellar.path("shop.db"));
    is_sound_under_load(&cellar, shop, from).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_written_meanwhile_is_seen_at_one_moment() {
    let Some(database) = database() else { return };
    let cellar = Cellar::new();
    let store = PostgresStore::open(database.url().parse().unwrap())
        .await
        .unwrap();
    let clock: Arc<VirtualClock> = Arc::default();
    let shop = builder(Arc::new(store), &clock).build().await.unwrap();
    add(&shop, "A", 5).await;
    is_sound_under_load(&cellar, shop, place_of(&database)).await;
}

/// Keeps backups of a shop in a file, unless its disk is full.
#[derive(Debug)]
struct Shelf {
    place: Place,
    lock: Lock,
    folder: PathBuf,
    is_full: Arc<AtomicBool>,
}

#[async_trait]
impl Archive for Shelf {
    fn at(&self) -> NaiveTime {
        NaiveTime::from_hms_opt(3, 0, 0).unwrap()
    }

    async fn keep(&self) -> Result<(), ArchiveError> {
        if self.is_full.load(Ordering::Relaxed) {
            return Err(ArchiveError("the disk is full".into()));
        }
        let made = fs::read_dir(&self.folder).unwrap().count();
        let to = self.folder.join(made.to_string());
        let backup = Backup::new(self.place.clone(), name(), self.lock.clone());
        let written = backup.run(&to, |_| {}).await;
        written
            .map(drop)
            .map_err(|error| ArchiveError(error.into()))
    }
}

#[tokio::test]
async fn a_backup_is_made_once_a_day_and_after_a_failure_again() {
    let cellar = Cellar::new();
    let folder = cellar.path("shelf");
    fs::create_dir(&folder).unwrap();
    let is_full = Arc::new(AtomicBool::new(false));
    let shelf = Shelf {
        place: Place::File(cellar.path("shop.db")),
        lock: cellar.key.lock(),
        folder: folder.clone(),
        is_full: Arc::clone(&is_full),
    };
    // 02:00, in UTC.
    let clock = Arc::new(VirtualClock::at(from_micros(1_767_232_800_000_000)));
    let store = SqliteStore::open(cellar.path("shop.db")).await.unwrap();
    let builder = builder(Arc::new(store), &clock).archive(shelf);
    let shop = builder.build().await.unwrap();
    let jobs = Jobs::new(shop, Arc::new(Post::default()));
    let run = async || jobs.run_once(JobName::Backup).await;
    let hours = |hours| clock.advance(chrono::Duration::hours(hours));
    let made = || fs::read_dir(&folder).unwrap().count();
    assert_eq!(run().await.unwrap(), 1);
    assert_eq!(run().await.unwrap(), 0);
    hours(2);
    assert_eq!((run().await.unwrap(), made()), (1, 2));
    hours(22);
    assert_eq!((run().await.unwrap(), made()), (0, 2));
    hours(2);
    is_full.store(true, Ordering::Relaxed);
    assert!(matches!(run().await, Err(JobError::Archive(_))));
    is_full.store(false, Ordering::Relaxed);
    assert_eq!((run().await.unwrap(), made()), (1, 3));
    assert_eq!(jobs.run_now(JobName::Backup).await.unwrap(), 1);
    assert_eq!(made(), 4);
}

#[tokio::test]
async fn a_shop_without_an_archive_says_how_to_get_one() {
    let cellar = Cellar::new();
    let shop = cellar.shop("shop.db", 1).await;
    let jobs = Jobs::new(shop, Arc::new(Post::default()));
    assert_eq!(jobs.run_once(JobName::Backup).await.unwrap(), 0);
    let error = jobs.run_now(JobName::Backup).await.unwrap_err();
    assert!(error.to_string().contains("[backup]"), "{error}");
}
