//! The outbox and the message log.
//!
//! The state of an item is compared with a sub-query, so that no plan takes an index of pending
//! items instead of the key.

use uuid::Uuid;

use super::member::{Member, Part, in_order};
use super::script::{Script, Step};
use crate::backend::postgres::rows::Label;
use crate::customer::{Chat, MessageId};
use crate::message::{Destination, ItemState, OutboxItem, SentMessage};
use crate::store::OutboxWrite;
use crate::time::Timestamp;

const ENQUEUE: Step = Step::silent(
    "INSERT INTO outbox (shop_id, id, lane, destination, frontend, chat, task, state, due_at,
        attempts)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[],
        $7::text[], $8::text[], $9::int8[], $10::int8[])",
);

const FINISH: Step = Step::guarded(
    "UPDATE outbox SET state = i.becomes, claimed_until = NULL
    FROM unnest($1::uuid[], $2::uuid[], $3::text[])
        WITH ORDINALITY AS i (shop_id, id, becomes, ord)
    WHERE outbox.shop_id = i.shop_id AND outbox.id = i.id
        AND outbox.state = (SELECT 'pending') -- guard: outbox_finish_from
    RETURNING i.ord",
);

const POSTPONE: Step = Step::guarded(
    "UPDATE outbox SET due_at = i.due_at, claimed_until = NULL
    FROM unnest($1::uuid[], $2::uuid[], $3::int8[])
        WITH ORDINALITY AS i (shop_id, id, due_at, ord)
    WHERE outbox.shop_id = i.shop_id AND outbox.id = i.id
        AND outbox.state = (SELECT 'pending') -- guard: outbox_postpone_from
    RETURNING i.ord",
);

const LOG: Step = Step::silent(
    "INSERT INTO messages (shop_id, frontend, chat, message, invoice_id, kind, sent_at)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::text[],
        $7::int8[])
    ON CONFLICT (shop_id, frontend, chat, message) DO NOTHING",
);

const FORGET: Step = Step::silent(
    "DELETE FROM messages
    USING unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
        AS i (shop_id, frontend, chat, message)
    WHERE messages.shop_id = i.shop_id AND messages.frontend = i.frontend
        AND messages.chat = i.chat AND messages.message = i.message",
);

#[cfg(test)]
pub(super) const STEPS: &[Step] = &[ENQUEUE, FINISH, POSTPONE, LOG, FORGET];

/// What a group does to the outbox and the message log.
#[derive(Default)]
pub(super) struct Outbox<'a> {
    enqueued: Vec<Part<&'a OutboxItem>>,
    finished: Vec<Part<(Uuid, ItemState)>>,
    postponed: Vec<Part<(Uuid, Timestamp)>>,
    logged: Vec<Part<&'a SentMessage>>,
    forgotten: Vec<Part<(&'a Chat, &'a MessageId)>>,
}

impl<'a> Outbox<'a> {
    pub(super) fn enqueue(&mut self, member: Member, items: &'a [OutboxItem]) {
        self.enqueued
            .extend(items.iter().map(|item| member.part(item)));
    }

    pub(super) fn add(&mut self, member: Member, write: &'a OutboxWrite) {
        match write {
            OutboxWrite::Finish { item, state } => {
                self.finished.push(member.part(((*item).into(), *state)));
            }
            OutboxWrite::Postpone { item, due_at } => {
                self.postponed.push(member.part(((*item).into(), *due_at)));
            }
            OutboxWrite::LogMessage(sent) => self.logged.push(member.part(sent)),
            OutboxWrite::ForgetMessage { chat, message } => {
                self.forgotten.push(member.part((chat, message)));
            }
        }
    }

    /// New items.
    pub(super) fn fill(&self, script: &mut Script) {
        script
            .lay(ENQUEUE, &self.enqueued)
            .shops()
            .col(|part| Uuid::from(part.row.id))
            .col(|part| part.row.lane.as_str())
            .col(|part| destination(&part.row.destination))
            .col(|part| chat(&part.row.destination).map(|chat| chat.frontend.as_str()))
            .col(|part| chat(&part.row.destination).map(|chat| chat.id.as_str()))
            .json(|part| &part.row.task)
            .col(|part| Label(part.row.state).to_string())
            .col(|part| part.row.due_at.timestamp_micros())
            .col(|part| i64::from(part.row.attempts));
    }

    /// Marks of items, and the message log.
    pub(super) fn mark(&mut self, script: &mut Script) {
        in_order(&mut self.finished, |(item, _)| *item);
        script
            .lay(FINISH, &self.finished)
            .shops()
            .col(|part| part.row.0)
            .col(|part| Label(part.row.1).to_string())
            .or_conflict();
        in_order(&mut self.postponed, |(item, _)| *item);
        script
            .lay(POSTPONE, &self.postponed)
            .shops()
            .col(|part| part.row.0)
            .col(|part| part.row.1.timestamp_micros())
            .or_conflict();
        in_order(&mut self.logged, |sent| (&sent.chat, &sent.message));
        script
            .lay(LOG, &self.logged)
            .shops()
            .col(|part| part.row.chat.frontend.as_str())
            .col(|part| part.row.chat.id.as_str())
            .col(|part| part.row.message.as_str())
            .col(|part| Uuid::from(part.row.invoice))
            .col(|part| Label(part.row.kind).to_string())
            .col(|part| part.row.sent_at.timestamp_micros());
        in_order(&mut self.forgotten, |row| *row);
        script
            .lay(FORGET, &self.forgotten)
            .shops()
            .col(|part| part.row.0.frontend.as_str())
            .col(|part| part.row.0.id.as_str())
            .col(|part| part.row.1.as_str());
    }
}

const fn destination(destination: &Destination) -> &'static str {
    match destination {
        Destination::Chat(_) => "chat",
        Destination::Admins => "admins",
        Destination::Gateway => "gateway",
    }
}

const fn chat(destination: &Destination) -> Option<&Chat> {
    match destination {
        Destination::Chat(chat) => Some(chat),
        Destination::Admins | Destination::Gateway => None,
    }
}
