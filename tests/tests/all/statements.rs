//! No statement of PostgreSQL crosses shops, and no key of its schema does.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use self::confined::unconfined;
use self::literals::texts;

mod confined;
mod literals;

/// What looks for a shop, or counts them, is about all of them.
const ABOUT_ALL_SHOPS: [&str; 3] = [
    "SELECT count(*) FROM shops",
    "SELECT id, name FROM shops ORDER BY id",
    "SELECT id, name, currency, fingerprint_key, created_at FROM shops WHERE name = $1",
];

/// What statements about rows begin with.
const VERBS: [&str; 5] = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"];

fn shopcore() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shopcore")
}

fn schema() -> String {
    fs::read_to_string(shopcore().join("migrations/postgres/0001_shop.sql")).unwrap()
}

/// The tables of the schema.
fn tables() -> BTreeSet<String> {
    let schema = schema();
    let made = schema
        .lines()
        .filter_map(|line| line.strip_prefix("CREATE TABLE "));
    made.filter_map(|rest| rest.split(' ').next())
        .map(str::to_owned)
        .collect()
}

/// The sources of the backend, without those of its unit tests.
fn sources() -> Vec<String> {
    let backend = shopcore().join("src/backend");
    let mut sources = vec![fs::read_to_string(backend.join("postgres.rs")).unwrap()];
    let mut folders = vec![backend.join("postgres")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("tests.rs") {
                sources.push(fs::read_to_string(path).unwrap());
            }
        }
    }
    sources
}

fn is_statement(text: &str) -> bool {
    let verb = text.split_whitespace().next().unwrap_or_default();
    VERBS.contains(&verb)
}

#[test]
fn every_statement_is_confined_to_one_shop() {
    let tables = tables();
    let statements: Vec<_> = texts(&sources()).used;
    let statements: Vec<_> = statements
        .iter()
        .filter(|text| is_statement(text))
        .collect();
    assert!(statements.len() > 50, "only {}", statements.len());
    let exempt = |text: &str| ABOUT_ALL_SHOPS.contains(&text);
    let crossing: Vec<_> = statements
        .iter()
        .filter(|text| !exempt(text))
        .flat_map(|text| unconfined(text, &tables).map(|table| (table, text.as_str())))
        .collect();
    assert_eq!(crossing, Vec::<(String, &str)>::new());
    for text in ABOUT_ALL_SHOPS {
        assert!(
            statements.iter().any(|used| *used == text),
            "{text:?} is gone"
        );
    }
}

#[test]
fn no_statement_hides_in_parts_that_are_put_together_at_run_time() {
    let (tables, found) = (tables(), texts(&sources()));
    let statements: Vec<_> = found
        .used
        .iter()
        .filter(|text| is_statement(text))
        .collect();
    let hidden = found.literals.iter().filter(|literal| {
        names_a_table(literal, &tables) && !statements.iter().any(|text| text.contains(*literal))
    });
    assert_eq!(hidden.collect::<Vec<_>>(), Vec::<&String>::new());
}

/// Whether a text has a table where a statement would.
fn names_a_table(text: &str, tables: &BTreeSet<String>) -> bool {
    let words: Vec<_> = text.split_whitespace().collect();
    words.windows(2).any(|pair| {
        ["FROM", "JOIN", "INTO", "UPDATE"].contains(&pair[0]) && tables.contains(pair[1])
    })
}

#[test]
fn what_crosses_shops_is_noticed() {
    let tables = tables();
    for text in [
        "SELECT 1 FROM orders WHERE id = $1",
        "SELECT 1 FROM orders WHERE shop_id = $1 OR id = $2",
        "SELECT 1 FROM orders WHERE (shop_id = $1 OR TRUE)",
        "SELECT 1 FROM orders AS o JOIN units AS u ON u.shop_id = o.shop_id",
        "SELECT 1 FROM orders WHERE shop_id = $1 UNION SELECT 1 FROM orders",
        "SELECT (SELECT count(*) FROM units) FROM orders WHERE shop_id = $1",
        "UPDATE units SET state = 'sold' FROM unnest($1) AS i (id) WHERE units.id = i.id",
        "INSERT INTO orders (id, shop_id) VALUES ($1, $2)",
        "WITH gone AS (DELETE FROM orders RETURNING 1) SELECT count(*) FROM gone",
        "SELECT 1 FROM shops WHERE name = $1",
        "SELECT 1 FROM orders WHERE shop_id = 'all' -- shop_id = $1",
    ] {
        assert!(unconfined(text, &tables).next().is_some(), "{text}");
    }
}

#[test]
fn what_is_confined_is_let_through() {
    let tables = tables();
    for text in [
        "SELECT 1 FROM orders WHERE shop_id = $1 AND (id = $2 OR id = $3)",
        "SELECT 1 FROM orders AS o JOIN units AS u ON u.shop_id = o.shop_id WHERE o.shop_id = $1",
        "UPDATE units SET state = '' FROM unnest($1) AS i (shop_id) WHERE units.shop_id = i.shop_id",
        "INSERT INTO orders (shop_id, id) SELECT * FROM unnest($1::uuid[], $2::uuid[])",
        "SELECT 1 FROM shops WHERE id = $1",
    ] {
        let crossing: Vec<_> = unconfined(text, &tables).collect();
        assert_eq!(crossing, Vec::<String>::new(), "{text}");
    }
}

#[test]
fn every_key_and_index_begins_with_the_shop() {
    let schema = schema();
    let (_, tables) = schema.split_once("CREATE TABLE batches").unwrap();
    for lead in ["PRIMARY KEY (", "UNIQUE (", "FOREIGN KEY ("] {
        let keys: Vec<_> = tables.split(lead).skip(1).collect();
        assert!(!keys.is_empty(), "no {lead}");
        for key in keys {
            assert!(key.starts_with("shop_id"), "{lead}{}", &key[..40]);
        }
    }
    for index in tables.split("CREATE INDEX ").skip(1) {
        let (_, columns) = index.split_once(" (").unwrap();
        assert!(columns.starts_with("shop_id, "), "{}", &index[..40]);
    }
}

#[test]
fn every_table_is_distributed_by_its_shop() {
    let path = shopcore().join("../ARCHITECTURE.md");
    let architecture = fs::read_to_string(path).unwrap();
    let told = architecture.split("create_distributed_table('").skip(1);
    let told = told.map(|rest| rest.split_once("', 'shop_id')").unwrap().0.to_owned());
    let mut made = tables();
    assert!(made.remove("shops"), "it is there on every server");
    assert_eq!(told.collect::<BTreeSet<_>>(), made);
}
