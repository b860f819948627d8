//! Products from a CSV file.

use std::collections::{BTreeMap, BTreeSet};

use shopcore::Shop;
use shopcore::audit::Actor;
use shopcore::catalog::{Category, LatePolicy, Supply, check_price};
use shopcore::id::CategoryId;
use shopcore::money::Money;
use shopcore::service::NewProduct;
use shopcore::terms::Terms;
use shopcore::text::{Description, Name, ProductCode};

use super::reasons::{Reason, in_column};
use super::table::{Fields, Table};
use super::{Checked, Firsts, Place, optional, part_size};
use crate::cli::{ProductsArgs, RowArgs};
use crate::fault::Fault;
use crate::output::Output;
use crate::progress;

const NEEDED: &[&str] = &["code", "name", "price", "description", "category"];
const KNOWN: &[&str] = &[
    "code",
    "name",
    "price",
    "description",
    "category",
    "terms",
    "supply",
    "late",
];

/// The rows of a file, which are read before there has to be a shop.
#[derive(Debug)]
pub(crate) struct Rows(Checked<Fields>);

impl Rows {
    /// Reads the file.
    pub(crate) fn read(args: &ProductsArgs) -> Result<Self, Fault> {
        let table = Table::open(&args.file, KNOWN, NEEDED)?;
        table.read(&args.file, &args.rows).map(Self)
    }
}

/// Imports the products of a file.
pub(crate) async fn products(
    shop: &Shop,
    rows: Rows,
    args: &ProductsArgs,
    output: &Output,
) -> Result<(), Fault> {
    let mut desk = Desk::open(shop, args.create_categories).await?;
    let checked = desk.check(rows.0);
    checked.settle(&args.rows, output)?;
    if args.rows.dry_run {
        return checked.foresee(output);
    }
    let products: Vec<_> = checked.good.iter().map(|(_, new)| new.clone()).collect();
    import(shop, products, &desk.new_categories, &args.rows).await?;
    checked.report(output, checked.good.len())
}

/// Imports what was checked, and before the first product the categories that it needs.
async fn import(
    shop: &Shop,
    products: Vec<NewProduct>,
    categories: &[Category],
    args: &RowArgs,
) -> Result<(), Fault> {
    let bar = progress::storing(products.len(), part_size(args));
    let mut categories = categories.to_vec();
    for part in products.chunks(part_size(args)) {
        let new = std::mem::take(&mut categories);
        let added = shop
            .catalog()
            .import(&Actor::Operator, new, part.to_vec())
            .await?;
        bar.inc(progress::count(added.len()));
    }
    Ok(())
}

/// Checks rows against the shop as it is, and against each other.
struct Desk<'a> {
    shop: &'a Shop,
    taken: BTreeSet<ProductCode>,
    firsts: Firsts<ProductCode>,
    categories: BTreeMap<Name, CategoryId>,
    unknown: Unknown,
    new_categories: Vec<Category>,
}

/// What becomes of a category that the shop does not have.
enum Unknown {
    Refuse,
    Create,
}

impl<'a> Desk<'a> {
    async fn open(shop: &'a Shop, create_categories: bool) -> Result<Self, Fault> {
        let categories = shop.catalog().categories().await?;
        let named = categories.into_iter().map(|c| (c.name, c.id));
        Ok(Self {
            shop,
            taken: shop.catalog().codes().await?.into_iter().collect(),
            firsts: Firsts::default(),
            categories: named.collect(),
            unknown: if create_categories {
                Unknown::Create
            } else {
                Unknown::Refuse
            },
            new_categories: Vec::new(),
        })
    }

    fn check(&mut self, mut rows: Checked<Fields>) -> Checked<NewProduct> {
        let mut checked = Checked::after(&mut rows);
        for (place, fields) in rows.good {
            match self.product(&fields, &place) {
                Ok(product) => checked.good.push((place, product)),
                Err(reason) => checked.refuse(place, reason),
            }
        }
        checked.sorted()
    }

    fn product(&mut self, fields: &Fields, place: &Place) -> Result<NewProduct, Reason> {
        let needed = |column| fields.plain(column).unwrap_or_default();
        let code = ProductCode::parse(needed("code")).map_err(in_column("code"))?;
        let name = Name::parse(needed("name")).map_err(in_column("name"))?;
        let currency = self.shop.currency();
        let price = Money::parse(needed("price"), currency).map_err(in_column("price"))?;
        let price = check_price(price).map_err(in_column("price"))?;
        let mut product = NewProduct::new(code, name, price);
        product.description = optional(fields, "description", Description::parse)?;
        product.terms = optional(fields, "terms", Terms::parse)?;
        product.supply = optional(fields, "supply", supply)?.unwrap_or(product.supply);
        product.late = optional(fields, "late", late)?.unwrap_or(product.late);
        if self.taken.contains(&product.code) {
            return Err(Reason::CodeTaken(product.code));
        }
        self.firsts.check(&product.code)?;
        let category = optional(fields, "category", Name::parse)?;
        product.category = category.map(|name| self.category(name)).transpose()?;
        self.firsts.note(&product.code, place);
        Ok(product)
    }

    fn category(&mut self, name: Name) -> Result<CategoryId, Reason> {
        if let Some(id) = self.categories.get(&name) {
            return Ok(*id);
        }
        match self.unknown {
            Unknown::Refuse => Err(Reason::UnknownCategory(name)),
            Unknown::Create => {
                let id: CategoryId = self.shop.ids().next();
                self.categories.insert(name.clone(), id);
                self.new_categories.push(Category::new(id, name));
                Ok(id)
            }
        }
    }
}

fn supply(text: &str) -> Result<Supply, &'static str> {
    match text.to_lowercase().as_str() {
        "units" => Ok(Supply::Units),
        "unlimited" => Ok(Supply::Unlimited),
        _ => Err("it is units or unlimited"),
    }
}

fn late(text: &str) -> Result<LatePolicy, &'static str> {
    match text.to_lowercase().as_str() {
        "deliver" => Ok(LatePolicy::Deliver),
        "credit" => Ok(LatePolicy::Credit),
        "review" => Ok(LatePolicy::Review),
        _ => Err("it is deliver, credit or review"),
    }
}
