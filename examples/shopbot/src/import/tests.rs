//! Files that people bring.

use std::path::PathBuf;

use shopcore::catalog::{Availability, LatePolicy, Supply};
use shopcore::money::Currency;
use shopcore::store::{Page, ProductFilter};
use shopcore::text::ProductCode;
use shopcore::{MemoryStore, Shop};

use super::*;
use crate::cli::{ProductsArgs, StockArgs};

const HEADER: &str = "code,name,price,description,category\n";

struct Desk {
    shop: Shop,
    folder: tempfile::TempDir,
    output: Output,
}

impl Desk {
    async fn open() -> Self {
        let shop = Shop::builder(Currency::IDR)
            .store(MemoryStore::default())
            .build()
            .await
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let output = Output::silent();
        Self {
            shop,
            folder,
            output,
        }
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    async fn products(&self, text: &str, rows: RowArgs) -> Result<(), Fault> {
        self.catalogue(text, true, rows).await
    }

    async fn catalogue(
        &self,
        text: impl AsRef<[u8]>,
        create_categories: bool,
        rows: RowArgs,
    ) -> Result<(), Fault> {
        let args = ProductsArgs {
            file: self.file("products.csv", text),
            create_categories,
            rows,
        };
        products(&self.shop, Rows::read(&args)?, &args, &self.output).await
    }

    async fn stock(&self, name: &str, text: impl AsRef<[u8]>, rows: RowArgs) -> Result<(), Fault> {
        let args = StockArgs {
            product: ProductCode::parse("KEY").unwrap(),
            file: Some(self.file(name, text)),
            files: Vec::new(),
            rows,
        };
        stock(&self.shop, &args, &self.output).await
    }

    async fn available(&self) -> Availability {
        let code = ProductCode::parse("KEY").unwrap();
        let product = self.shop.catalog().find(&code).await.unwrap().unwrap();
        let offer = self.shop.catalog().offer(product.id).await.unwrap();
        offer.available
    }

    async fn count(&self) -> u64 {
        let filter = ProductFilter::default();
        let listed = self.shop.catalog().list(&filter, Page::first(1)).await;
        listed.unwrap().total
    }
}

pub(super) fn strict() -> RowArgs {
    RowArgs {
        skip_bad: false,
        chunked: false,
        dry_run: false,
    }
}

fn lenient() -> RowArgs {
    RowArgs {
        skip_bad: true,
        ..strict()
    }
}

#[tokio::test]
async fn a_dry_run_refuses_what_an_import_would_and_changes_nothing() {
    let desk = Desk::open().await;
    let dry = || RowArgs {
        dry_run: true,
        ..strict()
    };
    let bad = format!("{HEADER}A,,1,,\n");
    assert!(desk.products(&bad, dry()).await.is_err());
    let good = format!("{HEADER}A,'=One,15.000,,Games\n");
    desk.products(&good, dry()).await.unwrap();
    assert_eq!(desk.count().await, 0);
    desk.products(&good, strict()).await.unwrap();
    assert_eq!(desk.count().await, 1);
}

#[tokio::test]
async fn a_file_with_a_bad_row_changes_nothing_unless_bad_rows_are_skipped() {
    let desk = Desk::open().await;
    let text = format!("{HEADER}A,One,15.000,,Games\nB,,1,,\nA,Again,1,,\nC,Three,-1,,\nD,x\n");
    let refused = desk.products(&text, strict()).await;
    let Err(Fault::RowsRefused { refused, rows, .. }) = refused else {
        panic!("a bad row was taken");
    };
    assert_eq!((refused, rows, desk.count().await), (4, 5, 0));
    assert!(desk.shop.catalog().categories().await.unwrap().is_empty());
    desk.products(&text, lenient()).await.unwrap();
    assert_eq!(desk.count().await, 1);
}

#[tokio::test]
async fn importing_again_changes_nothing() {
    let desk = Desk::open().await;
    let text = format!("{HEADER}KEY,A key,15000,,\n");
    desk.products(&text, strict()).await.unwrap();
    assert!(desk.products(&text, strict()).await.is_err());
    assert!(desk.products(&text, lenient()).await.is_err());
    desk.stock("keys.txt", "K-1\nK-2\n", strict())
        .await
        .unwrap();
    assert!(
        desk.stock("keys.txt", "K-1\nK-2\n", strict())
            .await
            .is_err()
    );
    let again = desk.stock("keys.txt", "K-1\nK-2\n", lenient()).await;
    assert_eq!(
        again.unwrap_err().told(),
        "2 of 2 rows are refused, so nothing was imported"
    );
    assert_eq!(desk.available().await, Availability::Units(2));
}

#[tokio::test]
async fn columns_may_come_in_any_order_and_further_ones_are_optional() {
    let desk = Desk::open().await;
    let text = "\u{feff}Price,Code,Name,Category,Description,Supply,Late\n\
                Rp 1.000,KEY,\"A, \"\"key\"\"\",,\"two\nlines\",unlimited,deliver\n";
    desk.products(text, strict()).await.unwrap();
    let code = ProductCode::parse("key").unwrap();
    let product = desk.shop.catalog().find(&code).await.unwrap().unwrap();
    assert_eq!(product.name.as_str(), "A, \"key\"");
    assert_eq!(product.description.unwrap().as_str(), "two\nlines");
    assert_eq!(
        (product.supply, product.late),
        (Supply::Unlimited, LatePolicy::Deliver)
    );
}

#[tokio::test]
async fn columns_that_are_missing_or_doubled_are_refused_by_name() {
    let desk = Desk::open().await;
    for (header, told) in [
        ("code,name,price,description", "column category;"),
        ("code,name", "columns price, description, category;"),
        ("code;name;price", "separated by semicolons"),
        ("code,name,price,description,category,Code", "Code"),
        ("", "code"),
    ] {
        let refused = desk.products(&format!("{header}\n"), strict()).await;
        let text = refused.unwrap_err().told();
        assert!(text.contains(told), "{text}");
    }
}

#[tokio::test]
async fn columns_may_be_separated_by_semicolons_or_tabs_and_further_ones_are_not_used() {
    let desk = Desk::open().await;
    for (code, separator) in [("A", ";"), ("B", "\t")] {
        let header = [
            "image",
            "code",
            "name",
            "price",
            "description",
            "category",
            "",
        ];
        let row = ["x.png", code, "\"One; two\"", "1.000", "It, too", "", ""];
        let text = [header.join(separator), row.join(separator)].join("\n");
        desk.products(&text, strict()).await.unwrap();
        let code = ProductCode::parse(code).unwrap();
        let product = desk.shop.catalog().find(&code).await.unwrap().unwrap();
        assert_eq!(product.name.as_str(), "One; two");
    }
    let table = desk.file("t.csv", "\u{feff}\"code\",stock,,image\nA,,,\n");
    let table = table::Table::open(&table, &["code"], &["code"]).unwrap();
    assert_eq!(
        table.read(Path::new("t.csv"), &strict()).unwrap().unused,
        ["stock", "image"]
    );
}

#[tokio::test]
async fn a_quote_that_is_never_closed_is_told_with_its_line() {
    let desk = Desk::open().await;
    let text = format!("{HEADER}A,One,1,,\nB,\"Two,1,,\nC,Three,1,,\n");
    for rows in [strict(), lenient()] {
        let refused = desk.products(&text, rows).await;
        assert!(matches!(refused, Err(Fault::OpenQuote { line: 3 })));
    }
    assert_eq!(desk.count().await, 0);
}

#[tokio::test]
async fn rows_are_told_by_their_lines_whatever_ends_the_lines() {
    let desk = Desk::open().await;
    for end in ["\n", "\r\n", "\r"] {
        let text = format!("{HEADER}\nA,\"One\",1,\"two\nlines\",\n\nA,Again,1,,\nB,Two,x,,\n");
        let file = desk.file("lines.csv", text.replace('\n', end));
        let table = table::Table::open(&file, &["code"], &["code"]).unwrap();
        let lines: Vec<_> = table.rows().take(9).map(|row| row.unwrap().0).collect();
        assert_eq!(lines, [3, 6, 7], "{end:?}");
        let refused = desk.products(&text.replace('\n', end), strict()).await;
        let told = matches!(refused, Err(Fault::RowsRefused { refused: 2, .. }));
        assert!(told, "{end:?}: {refused:?}");
    }
    assert_eq!(desk.count().await, 0);
}

#[tokio::test]
async fn files_are_contents_under_their_names() {
    let desk = Desk::open().await;
    let text = format!("{HEADER}KEY,A key,15000,,\n");
    desk.products(&text, strict()).await.unwrap();
    let bring = async |files: &[PathBuf], rows| {
        let args = StockArgs {
            product: ProductCode::parse("KEY").unwrap(),
            file: None,
            files: files.to_vec(),
            rows,
        };
        stock(&desk.shop, &args, &desk.output).await
    };
    let files = [
        desk.file("a.zip", b"\0\xff"),
        desk.file("b.pdf", b"\0\xff"),
        desk.file("empty.bin", b""),
        desk.folder.path().join("nowhere.bin"),
        PathBuf::from("/dev/null"),
    ];
    let refused = bring(&files, strict()).await;
    assert!(matches!(
        refused,
        Err(Fault::RowsRefused {
            refused: 3,
            rows: 5,
            ..
        })
    ));
    let told = files::read_files(&files[4..]).refused.remove(0).reason;
    assert_eq!(told.to_string(), "it is not a regular file");
    assert_eq!(desk.available().await, Availability::Units(0));
    bring(&files, lenient()).await.unwrap();
    assert_eq!(desk.available().await, Availability::Units(2));
    assert!(bring(&files[..1], strict()).await.is_err());
}

#[test]
fn a_refusal_tells_its_line_or_its_file() {
    let mut checked = Checked::<()>::new();
    checked.refuse(Place::Line(3), Reason::Known);
    checked.refuse(Place::File("a.zip".into()), Reason::NoFile);
    assert_eq!(
        serde_json::to_value(&checked.refused).unwrap(),
        json!([
            { "line": 3, "reason": Reason::Known.to_string() },
            { "file": "a.zip", "reason": Reason::NoFile.to_string() },
        ])
    );
}

#[tokio::test]
async fn contents_are_lines_or_quoted_fields() {
    let desk = Desk::open().await;
    let text = format!("{HEADER}KEY,A key,15000,,\n");
    desk.products(&text, strict()).await.unwrap();
    desk.stock("keys.txt", "a,b\r\n\"c\"\n😀\nلا\n\n \r\n", strict())
        .await
        .unwrap();
    desk.stock("keys.csv", "content\n\"a\nb\"\n\"c,d\"\n", strict())
        .await
        .unwrap();
    assert_eq!(desk.available().await, Availability::Units(6));
    let bad = [b"x\n\n".as_slice(), b"\xff\xfe\n", b"x\n"].concat();
    let refused = desk.stock("bad.txt", bad, strict()).await;
    assert!(matches!(
        refused,
        Err(Fault::RowsRefused {
            refused: 3,
            rows: 4,
            ..
        })
    ));
    let long = "x".repeat(10_000);
    assert!(desk.stock("long.txt", long, strict()).await.is_err());
    assert_eq!(desk.available().await, Availability::Units(6));
    let longer = format!("{}\nK-1\n", "x".repeat(1_000_000));
    let refused = desk.stock("long.txt", &longer, strict()).await;
    let counts = (1, 2);
    assert!(
        matches!(refused, Err(Fault::RowsRefused { refused, rows, .. }) if (refused, rows) == counts)
    );
    desk.stock("long.txt", &longer, lenient()).await.unwrap();
    assert_eq!(desk.available().await, Availability::Units(7));
}

#[tokio::test]
async fn a_row_without_end_is_told_by_its_line() {
    let desk = Desk::open().await;
    let text = format!("{HEADER}A,One,1,,\nB,\"{}", "x\n".repeat(1_000_000));
    let refused = desk.products(&text, lenient()).await;
    let told = refused.unwrap_err().told();
    assert!(told.contains("row on line 3 has more than"), "{told}");
}

#[tokio::test]
async fn too_many_rows_for_one_part_are_refused_or_taken_in_parts() {
    let desk = Desk::open().await;
    let text = format!("{HEADER}KEY,A key,15000,,\n");
    desk.products(&text, strict()).await.unwrap();
    let lines = |count: usize| (0..count).map(|row| format!("{row}\n")).collect::<String>();
    let refused = desk.stock("many.txt", lines(ROWS_MAX + 1), strict()).await;
    assert!(matches!(refused, Err(Fault::TooManyRows { .. })));
    assert_eq!(desk.available().await, Availability::Units(0));
    let parts = RowArgs {
        chunked: true,
        ..strict()
    };
    desk.stock("parts.txt", lines(PART + 1), parts)
        .await
        .unwrap();
    assert_eq!(desk.available().await, Availability::Units(10_001));
}

#[tokio::test]
async fn a_file_without_rows_or_without_text_is_told() {
    let desk = Desk::open().await;
    let empty = desk.products(HEADER, lenient()).await.unwrap_err().told();
    assert!(empty.ends_with("products.csv has no rows"), "{empty}");
    let latin = desk.catalogue(b"code\xe9,name\n", true, strict()).await;
    assert_eq!(latin.unwrap_err().told(), "line 1: it is not UTF-8 text");
    desk.products(&format!("{HEADER}KEY,A key,15000,,\n"), strict())
        .await
        .unwrap();
    for (name, text) in [
        ("keys.txt", "\n \n"),
        ("keys.txt", ""),
        ("keys.csv", "content\n"),
    ] {
        let empty = desk.stock(name, text, lenient()).await;
        assert!(matches!(empty, Err(Fault::NoRows(_))), "{name}: {empty:?}");
    }
}

#[tokio::test]
async fn categories_that_are_missing_are_told_once_with_what_makes_them() {
    let desk = Desk::open().await;
    let text = format!("{HEADER}A,One,1,,Games\nB,Two,1,,Games\nC,Three,1,,Gift\n");
    let refused = desk.catalogue(&text, false, strict()).await.unwrap_err();
    assert_eq!(
        refused.told(),
        "3 of 3 rows are refused, so nothing was imported; --create-categories makes the categories"
    );
    let mut checked = Checked::<()>::new();
    for (line, name) in [(2, "Games"), (3, "Games"), (4, "Gift")] {
        let name = Name::parse(name).unwrap();
        checked.refuse(Place::Line(line), Reason::UnknownCategory(name));
    }
    checked.refuse(Place::Line(5), Reason::Fields { has: 1, header: 5 });
    assert_eq!(
        checked.refusals_told(),
        [
            "line 2: unknown category Games; --create-categories makes it (2 rows)",
            "line 4: unknown category Gift; --create-categories makes it",
            "line 5: it has 1 field, the header has 5",
        ]
    );
    assert_eq!(checked.advice(), Advice::Mend);
}
