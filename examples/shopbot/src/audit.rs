//! The audit on the command line: who did what to which thing.

use chrono::{Days, FixedOffset, NaiveDate};
use serde_json::{Map, Value, json};
use shopcore::Shop;
use shopcore::audit::{ActorKind, Search, Whose};
use shopcore::id::first_at;
use shopcore::service::Told;
use shopcore::time::midnight;

use crate::cli::{AuditArgs, WhoseArg};
use crate::fault::Fault;
use crate::output::Output;

/// Prints the entries that are asked for, newest first.
pub(crate) async fn audit(shop: &Shop, args: &AuditArgs, output: &Output) -> Result<(), Fault> {
    let zone = shop.settings().zone;
    let search = search(shop, args, zone).await?;
    let found = shop.audit().search(&search, args.limit).await?;
    let data: Vec<_> = found.iter().map(as_json).collect();
    output.data(&json!(data), || match found.is_empty() {
        true => "nothing fits; `shopbot audit --help` tells how to search".to_owned(),
        false => {
            let lines = found.iter().map(|told| as_text(told, zone));
            lines.collect::<Vec<_>>().join("\n")
        }
    })
}

async fn search(shop: &Shop, args: &AuditArgs, zone: FixedOffset) -> Result<Search, Fault> {
    let next = |day: NaiveDate| day.checked_add_days(Days::new(1));
    let search = Search {
        whose: match &args.actor {
            Some(actor) => Some(whose(shop, actor).await?),
            None => None,
        },
        kind: args.kind,
        action: args.action.clone(),
        from: args.from.and_then(|day| midnight(day, zone)).map(first_at),
        before: args
            .to
            .and_then(next)
            .and_then(|day| midnight(day, zone))
            .map(first_at),
        ..Search::default()
    };
    about(shop, args, search).await
}

async fn whose(shop: &Shop, actor: &WhoseArg) -> Result<Whose, Fault> {
    Ok(match actor {
        WhoseArg::Kind(kind) => Whose::Kind(*kind),
        WhoseArg::Named(kind, name) => Whose::Named(*kind, name.clone()),
        WhoseArg::Person(contact) => {
            let found = shop.store().find_customer(shop.id(), contact).await?;
            let person = found.ok_or_else(|| {
                Fault::UnknownPerson(format!("{}:{}", contact.frontend, contact.external))
            })?;
            Whose::Person(person.id)
        }
    })
}

/// The thing that is asked for by the name people know.
async fn about(shop: &Shop, args: &AuditArgs, mut search: Search) -> Result<Search, Fault> {
    if let Some(number) = &args.order {
        let found = shop.store().find_order_number(shop.id(), number).await?;
        let order = found.ok_or_else(|| Fault::UnknownOrder(number.clone()))?;
        search.about = Some(order.id.into());
    }
    if let Some(code) = &args.product {
        let found = shop.catalog().find(code).await?;
        let product = found.ok_or_else(|| Fault::UnknownProduct(code.clone()))?;
        search.about = Some(product.id.into());
    }
    if let Some(code) = &args.voucher {
        let found = shop.vouchers().find(code).await?;
        let voucher = found.ok_or_else(|| Fault::UnknownVoucher(code.clone()))?;
        search.about = Some(voucher.id.into());
    }
    Ok(search)
}

fn as_json(told: &Told) -> Value {
    let (record, entry) = (&told.record, &told.record.entry);
    json!({
        "id": entry.id,
        "at": record.at,
        "actor": record.actor,
        "who": told.who,
        "kind": entry.entity.kind,
        "entity": entry.entity.id,
        "what": told.what,
        "action": entry.action,
        "edge": entry.edge,
        "details": entry.details,
    })
}

fn as_text(told: &Told, zone: FixedOffset) -> String {
    let (record, entry) = (&told.record, &told.record.entry);
    let at = record.at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S");
    let who = match record.actor.kind() {
        kind @ ActorKind::Operator => kind.as_str().to_owned(),
        kind @ (ActorKind::Customer | ActorKind::Admin | ActorKind::Job | ActorKind::Gateway) => {
            format!("{} {}", kind.as_str(), told.who)
        }
    };
    let (kind, what, action) = (entry.entity.kind.as_str(), &told.what, &entry.action);
    let moved = match &entry.edge {
        Some(edge) => format!(
            " [{} -> {}]",
            edge.from.as_deref().unwrap_or("new"),
            edge.to
        ),
        None => String::new(),
    };
    let nothing = entry.details.as_object().is_some_and(Map::is_empty) || entry.details.is_null();
    let details = match nothing {
        true => String::new(),
        false => format!(" {}", entry.details),
    };
    format!("{at}  {who}: {kind} {what} {action}{moved}{details}")
}
