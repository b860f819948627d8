//! The invariant of the audit.

use std::collections::BTreeMap;

use super::rows::Rows;
use crate::audit::{Edge, Entity, Kind};
use crate::invoice::InvoiceState;
use crate::order::OrderState;
use crate::refund::RefundState;
use crate::review::{CaseState, Resolution};

const CASE_STATES: [CaseState; 5] = [
    CaseState::Open,
    CaseState::Resolved(Resolution::Credited),
    CaseState::Resolved(Resolution::Delivered),
    CaseState::Resolved(Resolution::Accepted),
    CaseState::Resolved(Resolution::Closed),
];

/// The recorded edges of a thing lead from nothing to where it stands, each legal, each once.
pub(super) fn trail(rows: &Rows<'_>) -> Vec<String> {
    let mut edges: BTreeMap<Entity, Vec<&Edge>> = BTreeMap::new();
    for row in &rows.all.audit {
        if let Some(edge) = &row.edge {
            edges.entry(row.entity).or_default().push(edge);
        }
    }
    let mut found = Vec::new();
    for (entity, state) in states(rows) {
        let recorded = edges.remove(&entity).unwrap_or_default();
        if let Err(why) = walk(entity.kind, recorded, state) {
            found.push(format!("{} {}: {why}", entity.kind.as_str(), entity.id));
        }
    }
    let audited = |entity: &Entity| start(entity.kind).is_some();
    let ghosts = edges.keys().filter(|entity| audited(entity));
    found.extend(ghosts.map(|entity| {
        format!(
            "{} {} is in the audit alone",
            entity.kind.as_str(),
            entity.id
        )
    }));
    found
}

fn states<'a>(rows: &'a Rows<'_>) -> impl Iterator<Item = (Entity, &'static str)> + 'a {
    let orders = rows.all.orders.iter();
    let orders = orders.map(|row| (Entity::new(Kind::Order, row.id), row.state.as_str()));
    let invoices = rows.all.invoices.iter();
    let invoices = invoices.map(|row| (Entity::new(Kind::Invoice, row.id), row.state.as_str()));
    let cases = rows.all.cases.iter();
    let cases = cases.map(|row| (Entity::new(Kind::Case, row.id), row.state.as_str()));
    let refunds = rows.all.refunds.iter();
    let refunds = refunds.map(|row| (Entity::new(Kind::Refund, row.id), row.state.as_str()));
    orders.chain(invoices).chain(cases).chain(refunds)
}

/// Walks from nothing along the recorded edges. No state is reached twice in a legal life, so the
/// next edge is the only one that starts here.
fn walk(kind: Kind, mut edges: Vec<&Edge>, end: &str) -> Result<(), String> {
    let mut at: Option<&str> = None;
    while let Some(next) = edges.iter().position(|edge| edge.from.as_deref() == at) {
        let edge = edges.swap_remove(next);
        if !is_legal(kind, at, &edge.to) {
            return Err(format!(
                "went from {} to {}",
                at.unwrap_or("nothing"),
                edge.to
            ));
        }
        at = Some(&edge.to);
    }
    if at != Some(end) {
        let seen = at.unwrap_or("nothing");
        return Err(format!("is {end}, and the audit ends at {seen}"));
    }
    if edges.is_empty() {
        return Ok(());
    }
    Err(format!("the audit has {} changes too many", edges.len()))
}

/// The state a thing of this kind is born in, where it has states.
fn start(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Order => Some(OrderState::AwaitingPayment.as_str()),
        Kind::Invoice => Some(InvoiceState::Created.as_str()),
        Kind::Case => Some(CaseState::Open.as_str()),
        Kind::Refund => Some(RefundState::Requested.as_str()),
        Kind::Shop
        | Kind::Category
        | Kind::Product
        | Kind::Voucher
        | Kind::Payment
        | Kind::Customer => None,
    }
}

fn is_legal(kind: Kind, from: Option<&str>, to: &str) -> bool {
    let Some(from) = from else {
        return start(kind) == Some(to);
    };
    match kind {
        Kind::Order => edge(&OrderState::ALL, OrderState::as_str, from, to)
            .is_some_and(|(from, to)| from.may_become(to)),
        Kind::Invoice => edge(&InvoiceState::ALL, InvoiceState::as_str, from, to)
            .is_some_and(|(from, to)| from.may_become(to)),
        Kind::Refund => edge(&RefundState::ALL, RefundState::as_str, from, to)
            .is_some_and(|(from, to)| from.may_become(to)),
        Kind::Case => edge(&CASE_STATES, CaseState::as_str, from, to)
            .is_some_and(|(from, to)| from.may_become(to)),
        Kind::Shop
        | Kind::Category
        | Kind::Product
        | Kind::Voucher
        | Kind::Payment
        | Kind::Customer => false,
    }
}

fn edge<S: Copy>(all: &[S], name: fn(S) -> &'static str, from: &str, to: &str) -> Option<(S, S)> {
    let find = |wanted: &str| all.iter().copied().find(|state| name(*state) == wanted);
    Some((find(from)?, find(to)?))
}
