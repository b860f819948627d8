//! Tables of what is in a shop, for a spreadsheet or another shop. All rows are of one moment.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use csv::Writer;
use serde_json::json;
use shopcore::Shop;
use shopcore::audit::Actor;
use shopcore::catalog::{LatePolicy, Product, Supply};
use shopcore::customer::Customer;
use shopcore::id::ProductId;
use shopcore::money::Money;
use shopcore::order::Order;
use shopcore::service::tables::{ORDER_COLUMNS, cell as text, moment, order_cells};
use shopcore::stock::{Content, UnitState};
use shopcore::store::Snapshot;
use shopcore::voucher::{Discount, Scope, Switch, Voucher};

use crate::cli::{ExportArgs, Exported};
use crate::fault::Fault;
use crate::output::Output;
use crate::progress;

/// The columns of a table, and its rows.
struct Table(&'static [&'static str], Vec<Vec<String>>);

/// Writes a table to a file, or to standard output.
pub(crate) async fn export(shop: &Shop, args: &ExportArgs, output: &Output) -> Result<(), Fault> {
    let rows = shop.store().snapshot(shop.id()).await?;
    let table = match args.what {
        Exported::Products => products(&rows),
        Exported::Stock => stock(shop, &rows, args).await?,
        Exported::Vouchers => vouchers(&rows),
        Exported::Customers => customers(&rows),
        Exported::Orders => orders(&rows),
    };
    let count = table.1.len();
    match &args.to {
        None if output.is_json() => return Err(Fault::NoData),
        None => write(&table, io::stdout().lock()).map_err(Fault::Output)?,
        Some(path) => {
            let refused = |source| Fault::Unwritable {
                path: path.clone(),
                source,
            };
            save(&table, path, args).map_err(refused)?;
            output.data(&json!({ "file": path, "rows": count }), || {
                format!("{} holds {count} rows", path.display())
            })?;
        }
    }
    Ok(())
}

/// Writes the whole file, or none: it gets its name when it is on the disk. Only its owner reads it.
fn save(table: &Table, path: &Path, args: &ExportArgs) -> io::Result<()> {
    if path.exists() && !args.force {
        let told = "it is there already; --force writes over it";
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, told));
    }
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part)?;
    write(table, &mut file)?;
    file.sync_all()?;
    fs::rename(&part, path)
}

fn write(table: &Table, to: impl Write) -> io::Result<()> {
    let mut writer = Writer::from_writer(to);
    writer.write_record(table.0)?;
    for row in &table.1 {
        writer.write_record(row)?;
    }
    writer.flush()
}

fn optional<T: Display>(value: Option<&T>) -> String {
    value.map_or_else(String::new, text)
}

fn amount(amount: Option<Money>) -> String {
    amount.map_or_else(String::new, Money::plain)
}

fn products(rows: &Snapshot) -> Table {
    let categories: BTreeMap<_, _> = rows.categories.iter().map(|c| (c.id, &c.name)).collect();
    let shown: BTreeMap<_, _> = rows.shown.iter().copied().collect();
    let row = |product: &Product| {
        let category = product.category.and_then(|id| categories.get(&id).copied());
        vec![
            text(&product.code),
            text(&product.name),
            product.price.plain(),
            optional(product.description.as_ref()),
            optional(category),
            product
                .terms
                .as_ref()
                .map_or_else(String::new, |terms| text(terms.as_str())),
            match product.supply {
                Supply::Units => "units".to_owned(),
                Supply::Unlimited => "unlimited".to_owned(),
            },
            match product.late {
                LatePolicy::Deliver => "deliver".to_owned(),
                LatePolicy::Credit => "credit".to_owned(),
                LatePolicy::Review => "review".to_owned(),
            },
            shown.get(&product.id).copied().unwrap_or(0).to_string(),
        ]
    };
    let columns = &[
        "code",
        "name",
        "price",
        "description",
        "category",
        "terms",
        "supply",
        "late",
        "available",
    ];
    Table(columns, rows.products.iter().map(row).collect())
}

fn codes(rows: &Snapshot) -> BTreeMap<ProductId, String> {
    let codes = rows.products.iter().map(|p| (p.id, text(&p.code)));
    codes.collect()
}

/// Contents are revealed only where they are asked for, on the record, and only those that are for
/// sale; they stand in their cells as they are.
async fn stock(shop: &Shop, rows: &Snapshot, args: &ExportArgs) -> Result<Table, Fault> {
    let codes = codes(rows);
    let mut found = Vec::new();
    let bar = progress::revealing(if args.content { rows.units.len() } else { 0 });
    for unit in &rows.units {
        let code = codes.get(&unit.product).cloned().unwrap_or_default();
        let state = match unit.state {
            UnitState::Available => "available",
            UnitState::Held(_) => "held",
            UnitState::Sold(_) => "sold",
            UnitState::Withdrawn => "withdrawn",
        };
        let state = state.to_owned();
        let mut row = vec![code, unit.id.to_string(), state];
        if args.content {
            bar.inc(1);
            if unit.state != UnitState::Available {
                continue;
            }
            let content = shop.stock().reveal(&Actor::Operator, unit.id).await?;
            row.extend(match content {
                Content::Text(text) => [text, String::new()],
                Content::File { name, .. } => [String::new(), text(name)],
            });
        }
        found.push(row);
    }
    let columns: &[_] = match args.content {
        true => &["product", "unit", "state", "content", "file"],
        false => &["product", "unit", "state"],
    };
    Ok(Table(columns, found))
}

fn vouchers(rows: &Snapshot) -> Table {
    let codes = codes(rows);
    let categories: BTreeMap<_, _> = rows.categories.iter().map(|c| (c.id, &c.name)).collect();
    let products = |scope: &Scope| match scope {
        Scope::Products(ids) => {
            let named = ids.iter().filter_map(|id| codes.get(id).cloned());
            named.collect::<Vec<_>>().join("; ")
        }
        Scope::Everything | Scope::Categories(_) => String::new(),
    };
    let shelves = |scope: &Scope| match scope {
        Scope::Categories(ids) => {
            let named = ids.iter().filter_map(|id| categories.get(id));
            let named: Vec<_> = named.map(ToString::to_string).collect();
            text(named.join("; "))
        }
        Scope::Everything | Scope::Products(_) => String::new(),
    };
    let row = |voucher: &Voucher| {
        let terms = &voucher.terms;
        vec![
            text(&voucher.code),
            match terms.discount {
                Discount::Percent(percent) => percent.to_string(),
                Discount::Fixed(amount) => amount.plain(),
            },
            terms.uses_max.to_string(),
            voucher.redeemed.to_string(),
            voucher.held.to_string(),
            optional(terms.uses_max_per_customer.as_ref()),
            amount(terms.minimum_spend),
            amount(terms.maximum_discount),
            terms.starts_at.map_or_else(String::new, moment),
            terms.ends_at.map_or_else(String::new, moment),
            products(&terms.scope),
            shelves(&terms.scope),
            match terms.switch {
                Switch::On => "on".to_owned(),
                Switch::Off => "off".to_owned(),
            },
        ]
    };
    let columns = &[
        "code",
        "discount",
        "uses",
        "redeemed",
        "held",
        "per_customer",
        "minimum",
        "at_most",
        "from",
        "until",
        "products",
        "categories",
        "switch",
    ];
    Table(columns, rows.vouchers.iter().map(row).collect())
}

fn customers(rows: &Snapshot) -> Table {
    let wallets = rows.wallets.iter().map(|w| (w.customer, w.balance));
    let wallets: BTreeMap<_, _> = wallets.collect();
    let mut orders: BTreeMap<_, u64> = BTreeMap::new();
    for order in &rows.orders {
        let count = orders.entry(order.customer).or_default();
        *count = count.saturating_add(1);
    }
    let row = |customer: &Customer| {
        vec![
            text(&customer.contact.frontend),
            text(&customer.contact.external),
            optional(customer.name.as_ref()),
            customer
                .language
                .as_ref()
                .map_or_else(String::new, |l| l.as_str().to_owned()),
            moment(customer.created_at),
            orders.get(&customer.id).copied().unwrap_or(0).to_string(),
            wallets
                .get(&customer.id)
                .map_or_else(|| "0".to_owned(), |held| held.plain()),
        ]
    };
    let columns = &[
        "frontend", "account", "name", "language", "since", "orders", "wallet",
    ];
    Table(columns, rows.customers.iter().map(row).collect())
}

fn orders(rows: &Snapshot) -> Table {
    let people = rows.customers.iter().map(|c| (c.id, &c.contact));
    let people: BTreeMap<_, _> = people.collect();
    let vouchers = rows.vouchers.iter().map(|v| (v.id, &v.code));
    let vouchers: BTreeMap<_, _> = vouchers.collect();
    let row = |order: &Order| {
        let voucher = order.voucher.and_then(|id| vouchers.get(&id).copied());
        order_cells(order, people.get(&order.customer).copied(), voucher)
    };
    Table(&ORDER_COLUMNS, rows.orders.iter().map(row).collect())
}
