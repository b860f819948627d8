//! Customers and their carts.

use uuid::Uuid;

use super::member::{Member, Part, in_order};
use super::script::{Script, Step};
use crate::backend::postgres::rows::Label;
use crate::cart::Cart;
use crate::customer::Customer;
use crate::store::{CartWrite, CustomerWrite};

const ADD: Step = Step::silent(
    "INSERT INTO customers (shop_id, id, frontend, external, chat_frontend, chat, name, name_folded,
        standing, banned_until, language, reachability, created_at, version)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[],
        $7::text[], $8::text[], $9::text[], $10::int8[], $11::text[], $12::text[], $13::int8[],
        $14::int8[])",
);

const UPDATE: Step = Step::guarded(
    "UPDATE customers SET chat_frontend = i.chat_frontend, chat = i.chat, name = i.name,
        name_folded = i.name_folded, standing = i.standing, banned_until = i.banned_until,
        language = i.language, reachability = i.reachability, version = i.version
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[],
            $7::text[], $8::int8[], $9::text[], $10::text[], $11::int8[], $12::int8[])
        WITH ORDINALITY AS i (shop_id, id, chat_frontend, chat, name, name_folded, standing,
            banned_until, language, reachability, version, was, ord)
    WHERE customers.shop_id = i.shop_id AND customers.id = i.id
        AND customers.version = i.was -- guard: customer_version
    RETURNING i.ord",
);

// A cart that was never stored has version 0, which no row has.
const START_CARTS: Step = Step::keyed(
    "INSERT INTO carts (shop_id, customer_id, lines, voucher, version)
    SELECT i.*, 1 FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS i
    ON CONFLICT (shop_id, customer_id) DO NOTHING
    RETURNING customer_id AS id",
);

const PUT_CARTS: Step = Step::guarded(
    "UPDATE carts SET lines = i.lines, voucher = i.voucher, version = i.version + 1
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int8[])
        WITH ORDINALITY AS i (shop_id, customer_id, lines, voucher, version, ord)
    WHERE carts.shop_id = i.shop_id AND carts.customer_id = i.customer_id
        AND carts.version = i.version -- guard: cart_version
    RETURNING i.ord",
);

#[cfg(test)]
pub(super) const STEPS: &[Step] = &[ADD, UPDATE, START_CARTS, PUT_CARTS];

struct Put<'a> {
    cart: &'a Cart,
    was: u32,
}

struct Update<'a> {
    customer: &'a Customer,
    was: u32,
}

fn folded(customer: &Customer) -> Option<String> {
    let name = customer.name.as_ref();
    name.map(|name| name.as_str().to_lowercase())
}

/// What a group does to customers and carts.
#[derive(Default)]
pub(super) struct Customers<'a> {
    added: Vec<Part<&'a Customer>>,
    updated: Vec<Part<Update<'a>>>,
    started: Vec<Part<&'a Cart>>,
    put: Vec<Part<Put<'a>>>,
}

impl<'a> Customers<'a> {
    pub(super) fn add(&mut self, member: Member, write: &'a CustomerWrite) {
        match write {
            CustomerWrite::Add(customer) => self.added.push(member.part(customer)),
            CustomerWrite::Update { customer, was } => {
                let was = *was;
                self.updated.push(member.part(Update { customer, was }));
            }
        }
    }

    pub(super) fn add_cart(&mut self, member: Member, write: &'a CartWrite) {
        match write {
            CartWrite::Put { cart, was: 0 } => self.started.push(member.part(cart)),
            CartWrite::Put { cart, was } => self.put.push(member.part(Put { cart, was: *was })),
        }
    }

    pub(super) fn found(&mut self, script: &mut Script) {
        script
            .lay(ADD, &self.added)
            .shops()
            .col(|part| Uuid::from(part.row.id))
            .col(|part| part.row.contact.frontend.as_str())
            .col(|part| part.row.contact.external.as_str())
            .col(|part| part.row.chat.frontend.as_str())
            .col(|part| part.row.chat.id.as_str())
            .col(|part| part.row.name.as_ref().map(|name| name.as_str()))
            .col(|part| folded(part.row))
            .col(|part| Label(part.row.standing).to_string())
            .col(|part| part.row.banned_until.map(|at| at.timestamp_micros()))
            .col(|part| part.row.language.as_ref().map(|tag| tag.as_str()))
            .col(|part| Label(part.row.reachability).to_string())
            .col(|part| part.row.created_at.timestamp_micros())
            .col(|part| i64::from(part.row.version));
        self.update(script);
    }

    fn update(&mut self, script: &mut Script) {
        in_order(&mut self.updated, |row| Uuid::from(row.customer.id));
        script
            .lay(UPDATE, &self.updated)
            .shops()
            .col(|part| Uuid::from(part.row.customer.id))
            .col(|part| part.row.customer.chat.frontend.as_str())
            .col(|part| part.row.customer.chat.id.as_str())
            .col(|part| part.row.customer.name.as_ref().map(|name| name.as_str()))
            .col(|part| folded(part.row.customer))
            .col(|part| Label(part.row.customer.standing).to_string())
            .col(|part| {
                let until = part.row.customer.banned_until;
                until.map(|at| at.timestamp_micros())
            })
            .col(|part| {
                let language = part.row.customer.language.as_ref();
                language.map(|tag| tag.as_str())
            })
            .col(|part| Label(part.row.customer.reachability).to_string())
            .col(|part| i64::from(part.row.customer.version))
            .col(|part| i64::from(part.row.was))
            .or_conflict();
    }

    pub(super) fn place(&mut self, script: &mut Script) {
        in_order(&mut self.started, |cart| cart.customer);
        script
            .lay(START_CARTS, &self.started)
            .shops()
            .col(|part| Uuid::from(part.row.customer))
            .json(|part| &part.row.lines)
            .col(|part| part.row.voucher.as_ref().map(|code| code.as_str()))
            .or_conflict_of(|cart| cart.customer.into());
        in_order(&mut self.put, |row| row.cart.customer);
        script
            .lay(PUT_CARTS, &self.put)
            .shops()
            .col(|part| Uuid::from(part.row.cart.customer))
            .json(|part| &part.row.cart.lines)
            .col(|part| part.row.cart.voucher.as_ref().map(|code| code.as_str()))
            .col(|part| i64::from(part.row.was))
            .or_conflict();
    }
}
