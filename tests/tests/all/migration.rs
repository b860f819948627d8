//! A shop moves from a file to a server: whole, once, and also when the move is cut.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use shopcore::Shop;
use shopcore::audit::Actor;
use shopcore::backend::migration::{Migration, MigrationError, Moved, Progress, Stage};
use shopcore::backend::postgres::{Address, OpenError as Unopened, PostgresStore};
use shopcore::backend::sqlite::{OpenError, SqliteStore};
use shopcore::catalog::Product;
use shopcore::store::{ShopReader, Store};
use shopcore::testing::cluster::{Database, database};
use shopcore::time::VirtualClock;
use tempfile::TempDir;

use crate::machine::lived;
use crate::world::{builder, contents, new_product};

/// A shop in a file, and an empty database for it.
struct Removal {
    path: PathBuf,
    database: Database,
    clock: Arc<VirtualClock>,
    _folder: TempDir,
}

impl Removal {
    /// With a product of so many units; `None` where there is no PostgreSQL.
    async fn of(units: usize) -> Option<Self> {
        let database = database()?;
        let folder = TempDir::new().unwrap();
        let removal = Self {
            path: folder.path().join("shop.db"),
            database,
            clock: Arc::default(),
            _folder: folder,
        };
        add(&removal.shop().await, "A", units).await;
        Some(removal)
    }

    /// The shop in the file.
    async fn shop(&self) -> Shop {
        let store = SqliteStore::open(&self.path).await.unwrap();
        builder(Arc::new(store), &self.clock).build().await.unwrap()
    }

    fn migration(&self) -> Migration {
        migration(&self.path, &self.database)
    }

    async fn run(&self) -> Result<Moved, MigrationError> {
        self.migration().run(|_| {}).await
    }

    /// Begins the move, and ends it when units have arrived.
    async fn cut(&self) {
        let migration = self.migration();
        let (reached, mut at) = tokio::sync::mpsc::unbounded_channel();
        let moving = tokio::spawn(migration.run(move |progress| {
            reached.send(progress).unwrap();
            // As if the process stood still here.
            if is_in_the_middle(progress) {
                std::thread::park_timeout(std::time::Duration::from_millis(200));
            }
        }));
        while !is_in_the_middle(at.recv().await.unwrap()) {}
        moving.abort();
        assert!(moving.await.unwrap_err().is_cancelled());
    }

    async fn target(&self) -> Result<PostgresStore, Unopened> {
        PostgresStore::open(self.database.url().parse().unwrap()).await
    }
}

fn migration(path: &Path, database: &Database) -> Migration {
    Migration::new(path, database.url().parse().unwrap())
}

/// Behind the shop and its product, before their audit.
fn is_in_the_middle(progress: Progress) -> bool {
    progress.stage == Stage::Copy && progress.done > progress.all / 3
}

async fn add(shop: &Shop, code: &str, units: usize) -> Product {
    let mut new = new_product(code, 1_000);
    new.contents = contents(code, 0..units);
    let catalog = shop.catalog();
    catalog.add_product(&Actor::Operator, new).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_has_lived_moves_with_every_row() {
    let Some(database) = database() else { return };
    let (home, rows) = lived().await;
    let path = home.file().unwrap();
    let mut stages = Vec::new();
    let moved = migration(&path, &database).run(|progress| stages.push(progress));
    let moved = moved.await.unwrap();
    let empty = moved.tables.iter().filter(|(_, rows)| *rows == 0);
    let empty: Vec<_> = empty.map(|(table, _)| *table).collect();
    // What only a chat leaves behind.
    assert_eq!(empty, ["carts", "messages", "dialogs"]);
    for stage in [Stage::Copy, Stage::Compare, Stage::Check] {
        let last = stages.iter().rfind(|progress| progress.stage == stage);
        assert!(last.is_some_and(|last| last.done == last.all), "{last:?}");
    }
    let store = PostgresStore::open(database.url().parse().unwrap()).await;
    let store = store.unwrap();
    let shop = store.find_shop(&moved.shops[0]).await.unwrap().unwrap();
    assert_eq!(store.snapshot(shop.id).await.unwrap(), rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_sells_on_after_it_has_moved_and_its_file_opens_no_more() {
    let Some(removal) = Removal::of(3).await else {
        return;
    };
    removal.run().await.unwrap();
    let store = removal.target().await.unwrap();
    let shop = builder(Arc::new(store), &removal.clock)
        .build()
        .await
        .unwrap();
    // The fingerprints' key came along: what the shop had is known.
    let mut again = new_product("AGAIN", 1_000);
    again.contents = contents("A", 0..1);
    let refused = shop.catalog().add_product(&Actor::Operator, again).await;
    assert!(refused.is_err());
    add(&shop, "B", 1).await;
    let error = SqliteStore::open(&removal.path).await.unwrap_err();
    let to: Address = removal.database.url().parse().unwrap();
    assert!(matches!(&error, OpenError::Moved { address, .. } if *address == to.to_string()));
    let error = removal.run().await.unwrap_err();
    assert!(matches!(error, MigrationError::Occupied { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_was_cut_opens_for_nobody_and_goes_on() {
    let Some(removal) = Removal::of(200).await else {
        return;
    };
    removal.cut().await;
    let error = removal.target().await.err().unwrap();
    assert!(matches!(error, Unopened::Unfinished { .. }), "{error}");
    let mut first = None;
    let moved = removal.migration().run(|progress| {
        first = first.or(Some(progress).filter(|progress| progress.done > 0));
    });
    let units = moved
        .await
        .unwrap()
        .tables
        .into_iter()
        .find(|(table, _)| *table == "units");
    assert_eq!(units, Some(("units", 200)));
    assert!(removal.target().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_was_used_since_its_move_began_is_moved_anew() {
    let Some(removal) = Removal::of(200).await else {
        return;
    };
    removal.cut().await;
    add(&removal.shop().await, "B", 1).await;
    let error = removal.run().await.unwrap_err();
    assert!(matches!(error, MigrationError::Changed { .. }), "{error}");
    let moved = removal.migration().restart(true).run(|_| {}).await.unwrap();
    assert!(moved.tables.contains(&("units", 201)));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_differ_are_noticed() {
    let Some(removal) = Removal::of(200).await else {
        return;
    };
    removal.cut().await;
    removal
        .database
        .run("UPDATE units SET added_at = added_at + 1");
    let error = removal.run().await.unwrap_err();
    assert!(error.to_string().contains("the units differ"), "{error}");
    assert!(matches!(
        removal.target().await,
        Err(Unopened::Unfinished { .. })
    ));
    assert!(SqliteStore::open(&removal.path).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_is_open_stays_where_it_is() {
    let Some(removal) = Removal::of(1).await else {
        return;
    };
    let open = removal.shop().await;
    let error = removal.run().await.unwrap_err();
    assert!(
        matches!(error, MigrationError::From(OpenError::Locked { .. })),
        "{error}"
    );
    add(&open, "B", 1).await;
    drop(open);
    assert!(removal.target().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_a_shop_is_told() {
    let Some(removal) = Removal::of(1).await else {
        return;
    };
    let other = removal.path.with_file_name("other.db");
    let missing = migration(&other, &removal.database)
        .run(|_| {})
        .await
        .unwrap_err();
    assert!(
        matches!(missing, MigrationError::NoShop { .. }),
        "{missing}"
    );
    assert!(!other.exists());
    drop(SqliteStore::open(&other).await.unwrap());
    let empty = migration(&other, &removal.database)
        .run(|_| {})
        .await
        .unwrap_err();
    assert!(matches!(empty, MigrationError::NoShop { .. }), "{empty}");
}
