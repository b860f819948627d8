//! What the documents say of the code is so.

use std::fs;
use std::path::Path;

fn file(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::read_to_string(root.join(path)).unwrap()
}

#[test]
fn every_dependency_has_its_reason() {
    let manifest = file("Cargo.toml");
    let (_, after) = manifest.split_once("[workspace.dependencies]").unwrap();
    let (section, _) = after.split_once("\n[").unwrap();
    let names = section.lines().filter_map(|line| line.split(" = ").next());
    let foreign = names.filter(|name| !name.is_empty() && !name.starts_with("shopcore"));
    let architecture = file("ARCHITECTURE.md");
    let (_, reasons) = architecture.split_once("## Dependencies").unwrap();
    let words: Vec<_> = reasons
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_')))
        .collect();
    let unexplained: Vec<_> = foreign.filter(|name| !words.contains(name)).collect();
    assert_eq!(unexplained, Vec::<&str>::new());
}

#[test]
fn the_readme_shows_the_program_that_is_compiled() {
    let program = file("examples/minimal/src/main.rs");
    let (_, code) = program.split_once("\n\n").unwrap();
    assert!(file("README.md").contains(&format!("```rust\n{code}```")));
}
