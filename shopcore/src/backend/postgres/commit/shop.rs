//! Shops, the ids of batches, and the audit.

use uuid::Uuid;

use super::member::{Member, Part, in_order};
use super::script::{Script, Step};
use crate::audit::{Actor, Entry};
use crate::store::{Batch, ShopRecord};

const OPEN: Step = Step::silent(
    "INSERT INTO shops (id, name, currency, fingerprint_key, created_at)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::int8[])",
);

const RECORD: Step = Step::silent(
    "INSERT INTO audit (shop_id, id, entity, entity_id, action, edge_from, edge_to, details,
        actor, actor_id, actor_name, at)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::text[],
        $7::text[], $8::text[], $9::text[], $10::uuid[], $11::text[], $12::int8[])",
);

/// Notes the ids of batches, but for those that are there.
pub(super) const NOTE: Step = Step::read(
    "INSERT INTO batches (shop_id, id, at)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int8[])
    ON CONFLICT DO NOTHING
    RETURNING NULL::int8[] AS numbers, ARRAY[id] AS ids",
);

const FORGET: Step = Step::silent(
    "DELETE FROM batches USING unnest($1::uuid[], $2::uuid[]) AS i (shop_id, id)
    WHERE batches.shop_id = i.shop_id AND batches.id = i.id",
);

/// The shops that are there.
pub(super) const KNOWN: Step = Step::read(
    "SELECT NULL::int8[] AS numbers, ARRAY[shops.id] AS ids
    FROM unnest($1::uuid[]) AS i (shop_id) JOIN shops ON shops.id = i.shop_id",
);

#[cfg(test)]
pub(super) const STEPS: &[Step] = &[OPEN, RECORD, NOTE, FORGET, KNOWN];

struct Told<'a> {
    entry: &'a Entry,
    actor: &'a Actor,
}

/// The shops a group opens, and what its batches tell of themselves.
#[derive(Default)]
pub(super) struct Shops<'a> {
    opened: Vec<Part<&'a ShopRecord>>,
    told: Vec<Part<Told<'a>>>,
}

impl<'a> Shops<'a> {
    pub(super) fn add(&mut self, member: Member, shop: &'a ShopRecord) {
        self.opened.push(member.part(shop));
    }

    /// A chore tells nothing.
    pub(super) fn tell(&mut self, member: Member, batch: &'a Batch) {
        if let Some(actor) = &batch.actor {
            let told = batch.audit.iter().map(|entry| Told { entry, actor });
            self.told.extend(told.map(|told| member.part(told)));
        }
    }

    pub(super) fn found(&self, script: &mut Script) {
        script
            .lay(OPEN, &self.opened)
            .col(|part| Uuid::from(part.row.id))
            .col(|part| part.row.name.as_str())
            .currency(|part| part.row.currency)
            .col(|part| part.row.fingerprint_key.as_bytes())
            .col(|part| part.row.created_at.timestamp_micros());
    }

    pub(super) fn record(&self, script: &mut Script) {
        script
            .lay(RECORD, &self.told)
            .shops()
            .col(|part| Uuid::from(part.row.entry.id))
            .col(|part| part.row.entry.entity.kind.as_str())
            .col(|part| part.row.entry.entity.id)
            .col(|part| part.row.entry.action.as_str())
            .col(|part| {
                part.row
                    .entry
                    .edge
                    .as_ref()
                    .and_then(|edge| edge.from.as_deref())
            })
            .col(|part| part.row.entry.edge.as_ref().map(|edge| edge.to.as_str()))
            .col(|part| details(part.row.entry))
            .col(|part| kind(part.row.actor))
            .col(|part| id(part.row.actor))
            .col(|part| name(part.row.actor))
            .col(|part| part.at);
    }
}

/// Notes the ids of batches.
pub(super) fn note(batches: &mut [Part<Uuid>], script: &mut Script) {
    in_order(batches, |id| *id);
    script
        .lay(NOTE, batches)
        .shops()
        .col(|part| part.row)
        .col(|part| part.at);
}

/// Takes back the ids of batches that were refused.
pub(super) fn forget(batches: &[Part<Uuid>], script: &mut Script) {
    script.lay(FORGET, batches).shops().col(|part| part.row);
}

fn details(entry: &Entry) -> Option<String> {
    (!entry.details.is_null()).then(|| entry.details.to_string())
}

const fn kind(actor: &Actor) -> &'static str {
    match actor {
        Actor::Customer(_) => "customer",
        Actor::Admin(_) => "admin",
        Actor::Operator => "operator",
        Actor::Job(_) => "job",
        Actor::Gateway(_) => "gateway",
    }
}

fn id(actor: &Actor) -> Option<Uuid> {
    match actor {
        Actor::Customer(id) | Actor::Admin(id) => Some((*id).into()),
        Actor::Operator | Actor::Job(_) | Actor::Gateway(_) => None,
    }
}

fn name(actor: &Actor) -> Option<&str> {
    match actor {
        Actor::Job(name) => Some(name),
        Actor::Gateway(name) => Some(name.as_str()),
        Actor::Customer(_) | Actor::Admin(_) | Actor::Operator => None,
    }
}
