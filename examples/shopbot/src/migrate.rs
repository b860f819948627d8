//! Moving a shop from SQLite to PostgreSQL.

use std::path::{Path, PathBuf};

use serde_json::json;
use shopcore::backend::migration::{Migration, MigrationError, Moved, Stage};
use shopcore::backend::postgres::Address;
use shopcore::backend::sqlite::OpenError;

use crate::cli::MigrateArgs;
use crate::config::{SandboxAt, StoreAt, store_at};
use crate::fault::Fault;
use crate::output::Output;
use crate::progress;

/// Moves every shop of the file, and says what to do next.
pub(crate) async fn store(args: &MigrateArgs, output: &Output) -> Result<(), Fault> {
    let (path, address) = ends(args)?;
    let bar = progress::moving();
    let moved = Migration::new(&path, address.clone()).restart(args.restart);
    let moved = moved.run(progress::in_stages(&bar, doing)).await;
    bar.finish_and_clear();
    let moved = moved.map_err(|error| refused(error, &path))?;
    tell(&moved, &path, &address, output)
}

/// From which file to which database.
fn ends(args: &MigrateArgs) -> Result<(PathBuf, Address), Fault> {
    match (store_at("from", &args.from)?, store_at("to", &args.to)?) {
        (StoreAt::Sqlite(path), StoreAt::Postgres(address)) => Ok((path, address)),
        (StoreAt::Sqlite(_) | StoreAt::Postgres(_) | StoreAt::Memory, _) => Err(Fault::MoveEnds),
    }
}

fn refused(error: MigrationError, path: &Path) -> Fault {
    match error {
        MigrationError::NoShop { path } => Fault::NoShop(path),
        MigrationError::From(OpenError::Locked { .. }) => Fault::StillOpen(path.to_owned()),
        error @ (MigrationError::From(_)
        | MigrationError::To(_)
        | MigrationError::Read { .. }
        | MigrationError::Write { .. }
        | MigrationError::Occupied { .. }
        | MigrationError::Changed { .. }
        | MigrationError::Violated { .. }) => Fault::Migration(error),
    }
}

fn doing(stage: Stage) -> &'static str {
    match stage {
        Stage::Copy => "copying",
        Stage::Compare => "comparing",
        Stage::Check => "checking the invariants",
    }
}

fn tell(moved: &Moved, path: &Path, address: &Address, output: &Output) -> Result<(), Fault> {
    let shops = moved.shops.iter().map(|name| name.as_str());
    let shops: Vec<_> = shops.collect();
    let tables = moved.tables.iter();
    let tables: Vec<_> = tables.filter(|(_, rows)| *rows > 0).collect();
    let value = json!({
        "shops": shops,
        "tables": tables.iter().map(|(table, rows)| json!({ "table": table, "rows": rows }))
            .collect::<Vec<_>>(),
    });
    output.data(&value, || {
        let lines = tables
            .iter()
            .map(|(table, rows)| format!("{rows:>10}  {table}"));
        lines.collect::<Vec<_>>().join("\n")
    })?;
    output.remark(&format!(
        "{} moved to {address}; every row was compared, and every invariant holds.\n\
         {} opens no more. From now on name the new store, the vault's key and the sandbox:",
        shops.join(", "),
        path.display(),
    ));
    let key = path.with_extension("key");
    let sandbox = SandboxAt::of(None, &StoreAt::Sqlite(path.to_owned()));
    output.remark(&format!("  store = \"{address}\"  (with its password)"));
    output.remark(&format!("  key_file = {key:?}"));
    if let SandboxAt::File(sandbox) = sandbox {
        output.remark(&format!("  sandbox = {sandbox:?}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends_of(from: &str, to: &str) -> Result<(PathBuf, Address), Fault> {
        ends(&MigrateArgs {
            from: from.to_owned().into(),
            to: to.to_owned().into(),
            restart: false,
        })
    }

    #[test]
    fn a_shop_moves_from_a_file_to_a_server_only() {
        let (file, server) = ("sqlite:shop.db", "postgres://shop@db/shop");
        assert!(ends_of(file, server).is_ok());
        for (from, to) in [(server, file), (file, "sqlite:b.db"), ("memory:", server)] {
            assert!(matches!(ends_of(from, to), Err(Fault::MoveEnds)));
        }
        let told = ends_of(file, "shop:password@db").unwrap_err().told();
        assert!(told.starts_with("--to"), "{told}");
        assert!(!told.contains("password"), "{told}");
    }
}
