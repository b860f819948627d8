//! Customers and their carts.

use uuid::Uuid;

use super::member::{Member, Part, in_order};
use super::script::{Script, Step};
use crate::backend::postgres::rows::Label;
use crate::cart::Cart;
use crate::customer::{Customer, Standing};
use crate::store::{CartWrite, CustomerWrite};

const ADD: Step = Step::silent(
    "INSERT INTO customers (shop_id, id, frontend, external, chat_frontend, chat, name, standing,
        created_at)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[],
        $7::text[], $8::text[], $9::int8[])",
);

const SET_STANDING: Step = Step::guarded(
    "UPDATE customers SET standing = i.becomes
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[])
        WITH ORDINALITY AS i (shop_id, id, was, becomes, ord)
    WHERE customers.shop_id = i.shop_id AND customers.id = i.id
        AND customers.standing = i.was -- guard: customer_standing
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
pub(super) const STEPS: &[Step] = &[ADD, SET_STANDING, START_CARTS, PUT_CARTS];

struct Put<'a> {
    cart: &'a Cart,
    was: u32,
}

struct Stand {
    customer: Uuid,
    from: Standing,
    to: Standing,
}

/// What a group does to customers and carts.
#[derive(Default)]
pub(super) struct Customers<'a> {
    added: Vec<Part<&'a Customer>>,
    standings: Vec<Part<Stand>>,
    started: Vec<Part<&'a Cart>>,
    put: Vec<Part<Put<'a>>>,
}

impl<'a> Customers<'a> {
    pub(super) fn add(&mut self, member: Member, write: &'a CustomerWrite) {
        match write {
            CustomerWrite::Add(customer) => self.added.push(member.part(customer)),
            CustomerWrite::SetStanding { customer, from, to } => {
                self.standings.push(member.part(Stand {
                    customer: (*customer).into(),
                    from: *from,
                    to: *to,
                }));
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
            .col(|part| Label(part.row.standing).to_string())
            .col(|part| part.row.created_at.timestamp_micros());
        in_order(&mut self.standings, |row| row.customer);
        script
            .lay(SET_STANDING, &self.standings)
            .shops()
            .col(|part| part.row.customer)
            .col(|part| Label(part.row.from).to_string())
            .col(|part| Label(part.row.to).to_string())
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
