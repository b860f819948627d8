//! Imports go down only: which part of the library may name which is listed here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// L0: what everything else is said in, and which of it each may name.
const GROUND: [(&str, &[&str]); 5] = [
    ("id", &["time"]),
    ("money", &[]),
    ("text", &[]),
    ("time", &[]),
    ("vault", &["id"]),
];

/// L1: the rooms, and which of the other rooms each may name.
const ROOMS: [(&str, &[&str]); 14] = [
    ("terms", &[]),
    ("catalog", &["terms"]),
    ("stock", &[]),
    ("voucher", &[]),
    ("customer", &[]),
    ("cart", &["catalog"]),
    ("order", &["catalog", "customer"]),
    ("invoice", &["catalog"]),
    ("ledger", &["invoice"]),
    ("message", &["customer", "invoice"]),
    ("refund", &[]),
    ("review", &[]),
    ("audit", &["invoice"]),
    ("telemetry", &["order"]),
];

/// L2: the ports. A port's errors carry their cause as the storage seam's do.
const PORTS: [(&str, &[&str]); 3] = [
    ("store", &[]),
    ("gateway", &["store"]),
    ("courier", &["store"]),
];

/// What stands on the ports, and what of it each may name.
const UPPER: [(&str, &[&str]); 6] = [
    ("backend", &["invariant"]),
    ("invariant", &[]),
    ("service", &["backend", "invariant"]),
    ("jobs", &["service", "invariant"]),
    ("bot", &["service", "jobs"]),
    ("testing", &["backend", "invariant", "service", "jobs"]),
];

/// What only the adapters around the library may need.
const FOREIGN: [&str; 6] = ["rusqlite", "sqlx", "teloxide", "reqwest", "axum", "hyper"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every module with those it may name: of its own layer what the list says, and all below.
fn allowed() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut allowed: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for layer in [&GROUND[..], &ROOMS, &PORTS, &UPPER] {
        let below: BTreeSet<_> = allowed.keys().copied().collect();
        for (module, others) in layer {
            let names = below.iter().chain(others.iter()).copied();
            allowed.insert(module, names.collect());
        }
    }
    allowed
}

/// Every source file below `folder`.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => sources(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .collect()
}

/// The top-level module that a file of `src` belongs to.
fn module_of(path: &Path, src: &Path) -> String {
    let inside = path.strip_prefix(src).unwrap();
    let first = inside.components().next().unwrap().as_os_str();
    first.to_str().unwrap().trim_end_matches(".rs").to_owned()
}

/// The code of a file, without comments and unit tests.
fn code(text: &str) -> String {
    let tested = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let lines = tested.lines();
    lines
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The top-level modules that `crate::…` paths of some code name.
fn named(code: &str) -> BTreeSet<String> {
    let paths = code.split("crate::").skip(1);
    paths
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(group) => heads(group),
            None => vec![word(rest)],
        })
        .filter(|name| name.starts_with(|first: char| first.is_ascii_lowercase()))
        .collect()
}

/// The first words of the members of a `{…}` group.
fn heads(group: &str) -> Vec<String> {
    let mut depth = 1_usize;
    let mut heads = vec![word(group.trim_start())];
    for (place, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => heads.push(word(group[place + 1..].trim_start())),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    heads
}

fn word(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

#[test]
fn modules_name_only_what_lies_below_them() {
    let (src, allowed) = (root().join("shopcore/src"), allowed());
    let mut wrong = Vec::new();
    for path in sources(&src) {
        let module = module_of(&path, &src);
        if module == "lib" || path.ends_with("tests.rs") {
            continue;
        }
        let Some(below) = allowed.get(module.as_str()) else {
            panic!("{module} has no place in the list of this test");
        };
        let found = named(&code(&fs::read_to_string(&path).unwrap()));
        let others = found.into_iter().filter(|other| *other != module);
        let up = others.filter(|other| allowed.contains_key(other.as_str()));
        wrong.extend(
            up.filter(|other| !below.contains(other.as_str()))
                .map(|other| format!("{} names {other}", path.display())),
        );
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn paths_are_found_however_they_are_written() {
    let code = "use crate::{\n    id::{A, B},\n    money::C,\n};\nfn f() -> crate::text::Name {}\n\
                use crate::store::{D, rows::E};\nuse crate::Shop;";
    let found: Vec<_> = named(code).into_iter().collect();
    assert_eq!(found, ["id", "money", "store", "text"]);
}

#[test]
fn adapters_do_not_know_each_other() {
    for (adapter, other) in [
        ("shopcore-telegram", "shopcore-payments"),
        ("shopcore-payments", "shopcore-telegram"),
    ] {
        let manifest = fs::read_to_string(root().join(adapter).join("Cargo.toml")).unwrap();
        let knows = manifest.lines().any(|line| line.starts_with(other));
        assert!(!knows, "{adapter} depends on {other}");
    }
}

#[test]
fn the_bare_library_needs_no_driver_and_no_client() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--edges", "normal"])
        .args(["--package", "shopcore", "--no-default-features"])
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(tree.status.success(), "cargo tree failed");
    let listed = String::from_utf8(tree.stdout).unwrap();
    let names: BTreeSet<_> = listed.lines().filter_map(|l| l.split(' ').next()).collect();
    assert!(names.contains("shopcore"));
    let foreign: Vec<_> = FOREIGN
        .iter()
        .filter(|name| names.contains(*name))
        .collect();
    assert_eq!(foreign, Vec::<&&str>::new());
}
