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
        let args = ProductsArgs {
            file: self.file("products.csv", text),
            create_categories: true,
            rows,
        };
        products(&self.shop, &args, &self.output).await
    }

    async fn stock(&self, name: &str, text: impl AsRef<[u8]>, rows: RowArgs) -> Result<(), Fault> {
        let args = StockArgs {
            product: ProductCode::parse("KEY").unwrap(),
            file: self.file(name, text),
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

fn strict() -> RowArgs {
    RowArgs {
        skip_bad: false,
        chunked: false,
    }
}

fn lenient() -> RowArgs {
    RowArgs {
        skip_bad: true,
        ..strict()
    }
}

#[tokio::test]
async fn a_file_with_a_bad_row_changes_nothing_unless_bad_rows_are_skipped() {
    let desk = Desk::open().await;
    let text = format!("{HEADER}A,One,15.000,,Games\nB,,1,,\nA,Again,1,,\nC,Three,-1,,\nD,x\n");
    let refused = desk.products(&text, strict()).await;
    let Err(Fault::RowsRefused { refused, rows }) = refused else {
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
    desk.stock("keys.txt", "K-1\nK-2\n", strict())
        .await
        .unwrap();
    assert!(
        desk.stock("keys.txt", "K-1\nK-2\n", strict())
            .await
            .is_err()
    );
    desk.stock("keys.txt", "K-1\nK-2\n", lenient())
        .await
        .unwrap();
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
async fn columns_that_are_unknown_missing_or_doubled_are_refused_by_name() {
    let desk = Desk::open().await;
    for (header, told) in [
        ("code,name,price,description,category,colour", "colour"),
        ("code,name,price,description", "category"),
        ("code,name,price,description,category,code", "code"),
        ("", "code"),
    ] {
        let refused = desk.products(&format!("{header}\n"), strict()).await;
        let text = refused.unwrap_err().told();
        assert!(text.contains(told), "{text}");
    }
}

#[tokio::test]
async fn contents_are_lines_or_quoted_fields() {
    let desk = Desk::open().await;
    let text = format!("{HEADER}KEY,A key,15000,,\n");
    desk.products(&text, strict()).await.unwrap();
    desk.stock("keys.txt", "a,b\r\n\"c\"\n😀\nلا", strict())
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
            rows: 4
        })
    ));
    let long = "x".repeat(10_000);
    assert!(desk.stock("long.txt", long, strict()).await.is_err());
    assert_eq!(desk.available().await, Availability::Units(6));
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
