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

/// Every document in a folder and those below it, by its path.
fn documents(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| match path.is_dir() {
        true => documents(&path),
        false => vec![path],
    });
    found
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect()
}

#[test]
fn every_link_of_a_document_leads_to_a_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut all = documents(&root.join("docs"));
    all.extend(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(|name| root.join(name)));
    let mut count = 0;
    for path in all {
        let text = fs::read_to_string(&path).unwrap();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split([')', '#']).next())
        {
            if link.is_empty() || link.contains("://") {
                continue;
            }
            count += 1;
            let target = path.parent().unwrap().join(link);
            assert!(target.exists(), "{} links to {link}", path.display());
        }
    }
    assert!(count > 20, "{count}");
}

#[test]
fn the_book_names_commands_that_there_are() {
    let texts = shopcore::bot::texts::Texts::shipped().unwrap();
    let plugins = shopcore::bot::storefront();
    let commands = plugins
        .iter()
        .flat_map(|plugin| plugin.commands(texts.locale(None)));
    let known: Vec<_> = commands.map(|command| command.name).collect();
    let book = file("docs/owners.md");
    let named = book
        .split("`/")
        .skip(1)
        .filter_map(|rest| rest.split('`').next());
    let unknown: Vec<_> = named.filter(|name| !known.contains(name)).collect();
    assert_eq!(unknown, Vec::<&str>::new());
}
