//! Orders and their lines.

use uuid::Uuid;

use super::member::{Member, Part, in_order};
use super::script::{Script, Step};
use crate::backend::postgres::rows::Label;
use crate::money::Money;
use crate::order::{Order, OrderLine, OrderState};
use crate::store::OrderWrite;

const PLACE: Step = Step::silent(
    "INSERT INTO orders (shop_id, id, number, customer_id, frontend, chat, state, currency,
        subtotal, discount, fee, total, refunded, voucher_id, late, placed_at, changed_at)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::text[],
        $7::text[], $8::text[], $9::int8[], $10::int8[], $11::int8[], $12::int8[], $13::int8[],
        $14::uuid[], $15::text[], $16::int8[], $17::int8[])",
);

const ADD_LINES: Step = Step::silent(
    "INSERT INTO order_lines (shop_id, id, order_id, place, product_id, name, quantity, price,
        currency, unlimited_unit_id)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int8[], $5::uuid[], $6::text[],
        $7::int8[], $8::int8[], $9::text[], $10::uuid[])",
);

const MOVE: Step = Step::guarded(
    "UPDATE orders SET state = i.becomes, changed_at = i.at
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int8[])
        WITH ORDINALITY AS i (shop_id, id, was, becomes, at, ord)
    WHERE orders.shop_id = i.shop_id AND orders.id = i.id
        AND orders.state = i.was -- guard: order_from
    RETURNING i.ord",
);

const REFUND: Step = Step::guarded(
    "UPDATE orders SET state = i.becomes, refunded = i.refunded,
        changed_at = CASE WHEN orders.state = i.becomes THEN changed_at ELSE i.at END
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int8[], $6::int8[], $7::text[],
            $8::int8[])
        WITH ORDINALITY AS i (shop_id, id, was, becomes, counted, refunded, currency, at, ord)
    WHERE orders.shop_id = i.shop_id AND orders.id = i.id
        AND orders.state = i.was AND orders.currency = i.currency
        AND i.refunded <= orders.total -- guard: order_refund_total
        AND orders.refunded = i.counted -- guard: order_refund_was
    RETURNING i.ord",
);

#[cfg(test)]
pub(super) const STEPS: &[Step] = &[PLACE, ADD_LINES, MOVE, REFUND];

struct Line<'a> {
    order: Uuid,
    place: i64,
    line: &'a OrderLine,
}

struct Move {
    order: Uuid,
    from: OrderState,
    to: OrderState,
}

struct Refund {
    order: Uuid,
    from: OrderState,
    to: OrderState,
    was: Money,
    refunded: Money,
}

/// What a group does to orders.
#[derive(Default)]
pub(super) struct Orders<'a> {
    placed: Vec<Part<&'a Order>>,
    lines: Vec<Part<Line<'a>>>,
    moves: Vec<Part<Move>>,
    refunds: Vec<Part<Refund>>,
}

impl<'a> Orders<'a> {
    pub(super) fn add(&mut self, member: Member, write: &'a OrderWrite) {
        match write {
            OrderWrite::Place(order) => {
                self.placed.push(member.part(order));
                let lines = order.lines.iter().zip(0..);
                self.lines.extend(lines.map(|(line, place)| {
                    let order = order.id.into();
                    member.part(Line { order, place, line })
                }));
            }
            OrderWrite::Move { order, from, to } => self.moves.push(member.part(Move {
                order: (*order).into(),
                from: *from,
                to: *to,
            })),
            OrderWrite::Refund {
                order,
                from,
                to,
                was,
                refunded,
            } => self.refunds.push(member.part(Refund {
                order: (*order).into(),
                from: *from,
                to: *to,
                was: *was,
                refunded: *refunded,
            })),
        }
    }

    pub(super) fn place(&self, script: &mut Script) {
        script
            .lay(PLACE, &self.placed)
            .shops()
            .col(|part| Uuid::from(part.row.id))
            .col(|part| part.row.number.to_string())
            .col(|part| Uuid::from(part.row.customer))
            .col(|part| part.row.chat.frontend.as_str())
            .col(|part| part.row.chat.id.as_str())
            .col(|part| part.row.state.as_str())
            .currency(|part| part.row.totals.currency())
            .col(|part| part.row.totals.subtotal.minor())
            .col(|part| part.row.totals.discount.minor())
            .col(|part| part.row.totals.fee.minor())
            .col(|part| part.row.totals.total.minor())
            .col(|part| part.row.refunded.minor())
            .col(|part| part.row.voucher.map(Uuid::from))
            .col(|part| Label(part.row.late).to_string())
            .col(|part| part.row.placed_at.timestamp_micros())
            .col(|part| part.row.changed_at.timestamp_micros());
        script
            .lay(ADD_LINES, &self.lines)
            .shops()
            .col(|part| Uuid::from(part.row.line.id))
            .col(|part| part.row.order)
            .col(|part| part.row.place)
            .col(|part| Uuid::from(part.row.line.product))
            .col(|part| part.row.line.name.as_str())
            .col(|part| i64::from(part.row.line.quantity))
            .col(|part| part.row.line.price.minor())
            .currency(|part| part.row.line.price.currency())
            .col(|part| part.row.line.unlimited.map(Uuid::from));
    }

    pub(super) fn advance(&mut self, script: &mut Script) {
        in_order(&mut self.moves, |row| row.order);
        script
            .lay(MOVE, &self.moves)
            .shops()
            .col(|part| part.row.order)
            .col(|part| part.row.from.as_str())
            .col(|part| part.row.to.as_str())
            .col(|part| part.at)
            .or_conflict();
        in_order(&mut self.refunds, |row| row.order);
        script
            .lay(REFUND, &self.refunds)
            .shops()
            .col(|part| part.row.order)
            .col(|part| part.row.from.as_str())
            .col(|part| part.row.to.as_str())
            .col(|part| part.row.was.minor())
            .col(|part| part.row.refunded.minor())
            .currency(|part| part.row.refunded.currency())
            .col(|part| part.at)
            .or_conflict();
    }
}
