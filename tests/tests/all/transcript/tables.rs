//! Tables that the program writes: they come back into another shop as they were.

use std::fs;

use super::Corner;
use crate::world::Backend;

const PRODUCTS: &str = "code,name,price,description,category,terms,supply,late\n\
    A1,'=SUM(A1),15000,\"One, of two\nlines\",Games,Be kind,units,credit\n\
    B2,Plain,0,,,,unlimited,review\n";

const VOUCHERS: &str = "code,discount,uses,minimum,until,products,categories\n\
    HALF,50%,3,1000,2030-01-31,A1; B2,\nFIVE,5000,1,,,,Games\n";

const CUSTOMERS: &str = "frontend,account,name,language,wallet\n\
    telegram,123,'=Ann,id,15000\nterminal,bob,,,\n";

fn columns(table: &str, kept: &[usize]) -> String {
    let row = |line: &str| {
        let cells: Vec<_> = line.split(',').collect();
        kept.iter()
            .map(|place| cells[*place])
            .collect::<Vec<_>>()
            .join(",")
    };
    table.lines().map(row).collect::<Vec<_>>().join("\n")
}

/// The columns that an import reads.
fn without_the_last_column(table: &str) -> Vec<String> {
    let lines = table.split("\r\n").flat_map(|part| part.split('\n'));
    lines
        .map(|line| {
            line.rsplit_once(',')
                .map_or(line, |(kept, _)| kept)
                .to_owned()
        })
        .collect()
}

#[test]
fn what_is_exported_comes_back_as_it_was() {
    let (Some(corner), Some(other)) =
        (Corner::open(Backend::Sqlite), Corner::open(Backend::Sqlite))
    else {
        return;
    };
    corner.write("products.csv", PRODUCTS);
    let import = ["import", "products", "products.csv", "--create-categories"];
    corner.run(&[&import[..], &["--dry-run"]].concat());
    assert!(!corner.path().join("data").exists(), "nothing was made");
    corner.run(&import);
    corner.write("keys.csv", "content\nKEY-1\n=KEY-2\n");
    corner.run(&["import", "stock", "--product", "A1", "keys.csv"]);
    let products = corner.run(&["export", "products"]);
    assert!(products.contains("'=SUM(A1)"), "{products}");
    let told = corner.run(&["export", "products", "--to", "all.csv"]);
    assert!(told.contains("holds 2 rows"), "{told}");
    let again = corner.output(&["export", "products", "--to", "all.csv"]);
    assert!(!again.status.success());
    assert!(String::from_utf8_lossy(&again.stderr).contains("--force"));
    corner.run(&["export", "products", "--to", "all.csv", "--force"]);

    fs::copy(corner.path().join("all.csv"), other.path().join("all.csv")).unwrap();
    let foreseen = other.run(&[
        "import",
        "products",
        "all.csv",
        "--create-categories",
        "--dry-run",
    ]);
    assert!(foreseen.contains("2 would be imported"), "{foreseen}");
    other.run(&["import", "products", "all.csv", "--create-categories"]);
    let theirs = other.run(&["export", "products"]);
    assert_eq!(
        without_the_last_column(&theirs),
        without_the_last_column(&products)
    );

    let masked = corner.run(&["export", "stock"]);
    assert!(!masked.contains("KEY-"), "{masked}");
    corner.run(&["export", "stock", "--content", "--to", "contents.csv"]);
    let revealed = corner.run(&["audit", "--action", "reveal"]);
    assert_eq!(revealed.matches("reveal").count(), 2, "{revealed}");
    fs::copy(
        corner.path().join("contents.csv"),
        other.path().join("contents.csv"),
    )
    .unwrap();
    let taken = other.run(&["import", "stock", "--product", "A1", "contents.csv"]);
    assert!(taken.contains("2 imported"), "{taken}");
    corner.write("vouchers.csv", VOUCHERS);
    corner.run(&["import", "vouchers", "vouchers.csv"]);
    corner.write("customers.csv", CUSTOMERS);
    corner.run(&["import", "customers", "customers.csv"]);
    for what in ["vouchers", "customers"] {
        let table = corner.run(&["export", what]);
        assert_eq!(table.trim().lines().count(), 3, "{table}");
        other.write("table.csv", &table);
        let foreseen = other.run(&["import", what, "table.csv", "--dry-run"]);
        assert!(foreseen.contains("2 would be imported"), "{foreseen}");
        other.run(&["import", what, "table.csv"]);
        let theirs = other.run(&["export", what]);
        let kept = |table: &str| match what {
            // When they came is the other shop's own.
            "customers" => columns(table, &[0, 1, 2, 3, 6]),
            _ => table.to_owned(),
        };
        assert_eq!(kept(&theirs), kept(&table));
    }
    other.check();
    let table = corner.run(&["export", "orders"]);
    assert_eq!(table.trim().lines().count(), 1, "{table}");
    other.check();
}
