//! Vouchers from a CSV file.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate};
use shopcore::Shop;
use shopcore::audit::Actor;
use shopcore::id::{CategoryId, ProductId};
use shopcore::money::Money;
use shopcore::text::{Name, ProductCode, VoucherCode};
use shopcore::time::{Timestamp, midnight};
use shopcore::voucher::{Discount, Scope, Switch, VoucherTerms, check_terms};

use super::reasons::{Reason, in_column};
use super::table::{Fields, Table};
use super::{Checked, Firsts, Place, optional, part_size};
use crate::cli::TableArgs;
use crate::fault::Fault;
use crate::output::Output;
use crate::progress;

const NEEDED: &[&str] = &["code", "discount", "uses"];
const KNOWN: &[&str] = &[
    "code",
    "discount",
    "uses",
    "per_customer",
    "minimum",
    "at_most",
    "from",
    "until",
    "products",
    "categories",
    "switch",
];

type New = (VoucherCode, VoucherTerms);

/// Imports the vouchers of a file.
pub(crate) async fn vouchers(shop: &Shop, args: &TableArgs, output: &Output) -> Result<(), Fault> {
    let rows = Table::open(&args.file, KNOWN, NEEDED)?.read(&args.file, &args.rows)?;
    let checked = Desk::open(shop).await?.check(rows).await?;
    checked.settle(&args.rows, output)?;
    if args.rows.dry_run {
        return checked.foresee(output);
    }
    let new: Vec<New> = checked.good.iter().map(|(_, new)| new.clone()).collect();
    let bar = progress::storing(new.len(), part_size(&args.rows));
    for part in new.chunks(part_size(&args.rows)) {
        let desk = shop.vouchers();
        let imported = desk.import(&Actor::Operator, part.to_vec());
        bar.inc(progress::count(imported.await?.len()));
    }
    checked.report(output, new.len())
}

/// Checks rows against the shop as it is, and against each other.
struct Desk<'a> {
    shop: &'a Shop,
    firsts: Firsts<VoucherCode>,
    products: BTreeMap<ProductCode, ProductId>,
    categories: BTreeMap<Name, CategoryId>,
}

impl<'a> Desk<'a> {
    async fn open(shop: &'a Shop) -> Result<Self, Fault> {
        let categories = shop.catalog().categories().await?.into_iter();
        let products = shop.store().snapshot(shop.id()).await?.products.into_iter();
        Ok(Self {
            shop,
            firsts: Firsts::default(),
            products: products.map(|row| (row.code, row.id)).collect(),
            categories: categories.map(|row| (row.name, row.id)).collect(),
        })
    }

    async fn check(&mut self, mut rows: Checked<Fields>) -> Result<Checked<New>, Fault> {
        let mut checked = Checked::after(&mut rows);
        for (place, fields) in rows.good {
            match self.voucher(&fields, &place) {
                Err(reason) => checked.refuse(place, reason),
                Ok((code, _)) if self.shop.vouchers().find(&code).await?.is_some() => {
                    checked.refuse(place, Reason::VoucherTaken(code));
                }
                Ok(new) => checked.good.push((place, new)),
            }
        }
        Ok(checked.sorted())
    }

    fn voucher(&mut self, fields: &Fields, place: &Place) -> Result<New, Reason> {
        let needed = |column| fields.plain(column).unwrap_or_default();
        let currency = self.shop.currency();
        let amount = |text: &str| Money::parse(text, currency);
        let zone = self.shop.settings().zone;
        let code = VoucherCode::parse(needed("code")).map_err(in_column("code"))?;
        let discount = match needed("discount") {
            text if text.ends_with('%') => {
                Discount::Percent(text.parse().map_err(in_column("discount"))?)
            }
            text => Discount::Fixed(amount(text).map_err(in_column("discount"))?),
        };
        let uses = number(needed("uses")).map_err(in_column("uses"))?;
        let mut terms = VoucherTerms::simple(discount, uses);
        terms.uses_max_per_customer = optional(fields, "per_customer", number)?;
        terms.minimum_spend = optional(fields, "minimum", amount)?;
        terms.maximum_discount = optional(fields, "at_most", amount)?;
        terms.starts_at = optional(fields, "from", |text| moment(text, 0, zone))?;
        terms.ends_at = optional(fields, "until", |text| moment(text, 1, zone))?;
        terms.switch = optional(fields, "switch", switch)?.unwrap_or(terms.switch);
        terms.scope = self.scope(fields)?;
        check_terms(&terms, currency)?;
        self.firsts.check(&code)?;
        self.firsts.note(&code, place);
        Ok((code, terms))
    }

    /// What it applies to: products, or categories, or all.
    fn scope(&self, fields: &Fields) -> Result<Scope, Reason> {
        match (fields.plain("products"), fields.plain("categories")) {
            (None, None) => Ok(Scope::Everything),
            (Some(codes), None) => {
                let id = |text: &str| {
                    let code = ProductCode::parse(text).ok();
                    code.and_then(|code| self.products.get(&code).copied())
                };
                Ok(Scope::Products(all(codes, "products", id)?))
            }
            (None, Some(names)) => {
                let id = |text: &str| {
                    let name = Name::parse(text).ok();
                    name.and_then(|name| self.categories.get(&name).copied())
                };
                Ok(Scope::Categories(all(names, "categories", id)?))
            }
            (Some(_), Some(_)) => {
                let both = "a voucher is for products or for categories, not for both";
                Err(in_column("categories")(both))
            }
        }
    }
}

/// The ids of what a list names, its items separated by semicolons.
fn all<T>(
    list: &str,
    column: &'static str,
    id: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Reason> {
    let items = list
        .split(';')
        .map(str::trim)
        .filter(|item| !item.is_empty());
    let found = items.map(|item| {
        let unknown = || in_column(column)(format!("the shop has no {item}"));
        id(item).ok_or_else(unknown)
    });
    found.collect()
}

fn number(text: &str) -> Result<u32, &'static str> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or("it is a whole number from 1 on")
}

/// A moment, or a day by the shop's clock; `days` after it begins.
fn moment(text: &str, days: u64, zone: chrono::FixedOffset) -> Result<Timestamp, &'static str> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.into());
    }
    let day = text.parse::<NaiveDate>().ok();
    let day = day.and_then(|day| day.checked_add_days(Days::new(days)));
    let at = day.and_then(|day| midnight(day, zone));
    at.ok_or("it is a day such as 2026-01-31, or a moment such as 2026-01-31T18:00:00Z")
}

fn switch(text: &str) -> Result<Switch, &'static str> {
    match text.to_lowercase().as_str() {
        "on" => Ok(Switch::On),
        "off" => Ok(Switch::Off),
        _ => Err("it is on or off"),
    }
}

#[cfg(test)]
mod tests {
    use shopcore::MemoryStore;
    use shopcore::money::Currency;
    use shopcore::service::NewProduct;

    use super::super::tests::strict;
    use super::*;

    async fn shop() -> Shop {
        let store = MemoryStore::default();
        let shop = Shop::builder(Currency::IDR).store(store).build().await;
        let shop = shop.unwrap();
        let (code, name) = (ProductCode::parse("A1"), Name::parse("One"));
        let product = NewProduct::new(code.unwrap(), name.unwrap(), Money::new(9, Currency::IDR));
        let catalog = shop.catalog();
        catalog
            .add_product(&Actor::Operator, product)
            .await
            .unwrap();
        shop
    }

    async fn import(shop: &Shop, text: &str, dry_run: bool) -> Result<(), Fault> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vouchers.csv");
        std::fs::write(&file, text).unwrap();
        let rows = crate::cli::RowArgs {
            dry_run,
            ..strict()
        };
        vouchers(shop, &TableArgs { file, rows }, &Output::silent()).await
    }

    async fn reasons(shop: &Shop, text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vouchers.csv");
        std::fs::write(&file, text).unwrap();
        let table = Table::open(&file, KNOWN, NEEDED).unwrap();
        let read = table.read(&file, &strict()).unwrap();
        let checked = Desk::open(shop).await.unwrap().check(read).await.unwrap();
        let refused = checked.refused.iter();
        refused
            .map(|row| format!("{}: {}", row.place, row.reason))
            .collect()
    }

    #[tokio::test]
    async fn a_row_makes_a_voucher_with_all_of_its_terms() {
        let shop = shop().await;
        let text = "code,discount,uses,per_customer,minimum,at_most,from,until,products,switch\n\
            half,50%,9,2,10.000,5000,2026-01-31,2026-01-31,\"A1;\",off\nfive,5000,1,,,,,,,\n";
        import(&shop, text, true).await.unwrap();
        let find = async |code| {
            let code = VoucherCode::parse(code).unwrap();
            shop.vouchers().find(&code).await.unwrap()
        };
        assert!(find("half").await.is_none(), "a dry run changes nothing");
        import(&shop, text, false).await.unwrap();
        let terms = find("half").await.unwrap().terms;
        assert_eq!(terms.discount, Discount::Percent("50%".parse().unwrap()));
        assert_eq!((terms.uses_max, terms.uses_max_per_customer), (9, Some(2)));
        let idr = |minor| Some(Money::new(minor, Currency::IDR));
        assert_eq!(
            (terms.minimum_spend, terms.maximum_discount),
            (idr(10_000), idr(5_000))
        );
        let (start, end) = (terms.starts_at.unwrap(), terms.ends_at.unwrap());
        assert_eq!(
            end - start,
            chrono::TimeDelta::days(1),
            "the day counts whole"
        );
        assert!(matches!(&terms.scope, Scope::Products(ids) if ids.len() == 1));
        assert_eq!(terms.switch, Switch::Off);
        let simple = find("five").await.unwrap().terms;
        let fixed = Discount::Fixed(Money::new(5_000, Currency::IDR));
        assert_eq!(simple, VoucherTerms::simple(fixed, 1));
    }

    #[tokio::test]
    async fn a_row_that_makes_no_voucher_says_why_and_nothing_is_imported() {
        let shop = shop().await;
        import(&shop, "code,discount,uses\nOLD,10%,1\n", false)
            .await
            .unwrap();
        let header = "code,discount,uses,from,until,products,categories,switch\n";
        for (row, why) in [
            ("a b,10%,1,,,,,", "code:"),
            ("A,ten,1,,,,,", "discount:"),
            ("A,101%,1,,,,,", "discount:"),
            ("A,0%,1,,,,,", "must take something off"),
            ("A,-5,1,,,,,", "discount: the amount is negative"),
            ("A,10%,0,,,,,", "uses: it is a whole number from 1 on"),
            ("A,10%,many,,,,,", "uses:"),
            (
                "A,10%,1,tomorrow,,,,",
                "from: it is a day such as 2026-01-31",
            ),
            ("A,10%,1,2026-02-31,,,,", "from:"),
            ("A,10%,1,2026-02-02,2026-02-01,,,", "ends before it starts"),
            ("A,10%,1,,,B9,,", "products: the shop has no B9"),
            ("A,10%,1,,,,Games,", "categories: the shop has no Games"),
            ("A,10%,1,,,A1,Games,", "not for both"),
            ("A,10%,1,,,,,maybe", "switch: it is on or off"),
            ("old,10%,1,,,,,", "the shop has a voucher OLD"),
            (
                "A,10%,1,,,,,\nA,20%,1,,,,,",
                "line 3: a duplicate of line 2",
            ),
        ] {
            let text = format!("{header}{row}\n");
            let told = reasons(&shop, &text).await;
            assert_eq!(told.len(), 1, "{row}: {told:?}");
            assert!(told[0].contains(why), "{row}: {told:?}");
            let refused = import(&shop, &text, false).await;
            assert!(matches!(refused, Err(Fault::RowsRefused { .. })), "{row}");
        }
        let page = shopcore::store::Page::first(9);
        assert_eq!(shop.vouchers().list(page).await.unwrap().total, 1);
    }
}
