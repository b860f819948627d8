//! Dialogs, plug-ins' state, and carried-out requests.

use super::member::{Member, Part, in_order};
use super::script::{Script, Step};
use crate::customer::Chat;
use crate::store::{ChatWrite, Dialog, RequestOutcome};

// A dialog that was never stored has version 0, which no row has.
const START_DIALOGS: Step = Step::silent(
    "INSERT INTO dialogs (shop_id, frontend, chat, plugin, state, version)
    SELECT i.*, 1 FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bytea[]) AS i",
);

const PUT_DIALOGS: Step = Step::guarded(
    "UPDATE dialogs SET plugin = i.plugin, state = i.state, version = i.version + 1
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::int8[])
        WITH ORDINALITY AS i (shop_id, frontend, chat, plugin, state, version, ord)
    WHERE dialogs.shop_id = i.shop_id AND dialogs.frontend = i.frontend AND dialogs.chat = i.chat
        AND dialogs.version = i.version -- guard: dialog_version
    RETURNING i.ord",
);

const END_DIALOGS: Step = Step::silent(
    "DELETE FROM dialogs USING unnest($1::uuid[], $2::text[], $3::text[]) AS i (shop_id, frontend, chat)
    WHERE dialogs.shop_id = i.shop_id AND dialogs.frontend = i.frontend AND dialogs.chat = i.chat",
);

const PUT_STATES: Step = Step::silent(
    "INSERT INTO plugin_states (shop_id, plugin, key, value)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[])
    ON CONFLICT (shop_id, plugin, key) DO UPDATE SET value = excluded.value",
);

const DROP_STATES: Step = Step::silent(
    "DELETE FROM plugin_states
    USING unnest($1::uuid[], $2::text[], $3::text[]) AS i (shop_id, plugin, key)
    WHERE plugin_states.shop_id = i.shop_id AND plugin_states.plugin = i.plugin
        AND plugin_states.key = i.key",
);

const START_STATES: Step = Step::silent(
    "INSERT INTO plugin_states (shop_id, plugin, key, value)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[])",
);

const SWAP_STATES: Step = Step::guarded(
    "UPDATE plugin_states SET value = i.value
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::bytea[])
        WITH ORDINALITY AS i (shop_id, plugin, key, was, value, ord)
    WHERE plugin_states.shop_id = i.shop_id AND plugin_states.plugin = i.plugin
        AND plugin_states.key = i.key
        AND plugin_states.value = i.was -- guard: state_was
    RETURNING i.ord",
);

const RECORD_REQUESTS: Step = Step::silent(
    "INSERT INTO requests (shop_id, request, order_id, deposit_id, refund_id, transfer_id)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[])",
);

#[cfg(test)]
pub(super) const STEPS: &[Step] = &[
    START_DIALOGS,
    PUT_DIALOGS,
    END_DIALOGS,
    PUT_STATES,
    DROP_STATES,
    START_STATES,
    SWAP_STATES,
    RECORD_REQUESTS,
];

struct Put<'a> {
    dialog: &'a Dialog,
    was: u32,
}

struct State<'a> {
    plugin: &'a str,
    key: &'a str,
    value: &'a [u8],
}

struct Swap<'a> {
    state: State<'a>,
    was: &'a [u8],
}

struct Request<'a> {
    key: &'a str,
    outcome: RequestOutcome,
}

/// What a group does to dialogs and plug-ins' state, and the requests it records.
#[derive(Default)]
pub(super) struct Chats<'a> {
    started: Vec<Part<&'a Dialog>>,
    put: Vec<Part<Put<'a>>>,
    ended: Vec<Part<&'a Chat>>,
    states: Vec<Part<State<'a>>>,
    dropped: Vec<Part<(&'a str, &'a str)>>,
    begun: Vec<Part<State<'a>>>,
    swapped: Vec<Part<Swap<'a>>>,
    requests: Vec<Part<Request<'a>>>,
}

impl<'a> Chats<'a> {
    pub(super) fn add(&mut self, member: Member, write: &'a ChatWrite) {
        match write {
            ChatWrite::PutDialog { dialog, was: 0 } => self.started.push(member.part(dialog)),
            ChatWrite::PutDialog { dialog, was } => {
                self.put.push(member.part(Put { dialog, was: *was }));
            }
            ChatWrite::EndDialog { chat } => self.ended.push(member.part(chat)),
            ChatWrite::PutState {
                plugin,
                key,
                value: Some(value),
            } => self.states.push(member.part(State { plugin, key, value })),
            ChatWrite::PutState {
                plugin,
                key,
                value: None,
            } => self.dropped.push(member.part((plugin, key))),
            ChatWrite::SwapState {
                plugin,
                key,
                was,
                value,
            } => {
                let state = State { plugin, key, value };
                match was {
                    None => self.begun.push(member.part(state)),
                    Some(was) => self.swapped.push(member.part(Swap { state, was })),
                }
            }
            ChatWrite::RecordRequest { request, outcome } => {
                let (key, outcome) = (request.0.as_str(), *outcome);
                self.requests.push(member.part(Request { key, outcome }));
            }
        }
    }

    /// Requests that are carried out.
    pub(super) fn place(&mut self, script: &mut Script) {
        in_order(&mut self.requests, |row| row.key);
        let id_if = |outcome: RequestOutcome, is: bool| is.then(|| outcome.id());
        script
            .lay(RECORD_REQUESTS, &self.requests)
            .shops()
            .col(|part| part.row.key)
            .col(|part| {
                let outcome = part.row.outcome;
                id_if(outcome, matches!(outcome, RequestOutcome::Order(_)))
            })
            .col(|part| {
                let outcome = part.row.outcome;
                id_if(outcome, matches!(outcome, RequestOutcome::Deposit(_)))
            })
            .col(|part| {
                let outcome = part.row.outcome;
                id_if(outcome, matches!(outcome, RequestOutcome::Refund(_)))
            })
            .col(|part| {
                let outcome = part.row.outcome;
                id_if(outcome, matches!(outcome, RequestOutcome::Transfer(_)))
            });
    }

    /// Dialogs and plug-ins' state.
    pub(super) fn mark(&mut self, script: &mut Script) {
        self.lay_dialogs(script);
        in_order(&mut self.states, |row| (row.plugin, row.key));
        script
            .lay(PUT_STATES, &self.states)
            .shops()
            .col(|part| part.row.plugin)
            .col(|part| part.row.key)
            .col(|part| part.row.value);
        in_order(&mut self.dropped, |row| *row);
        script
            .lay(DROP_STATES, &self.dropped)
            .shops()
            .col(|part| part.row.0)
            .col(|part| part.row.1);
        self.swap_states(script);
    }

    fn swap_states(&mut self, script: &mut Script) {
        in_order(&mut self.begun, |row| (row.plugin, row.key));
        script
            .lay(START_STATES, &self.begun)
            .shops()
            .col(|part| part.row.plugin)
            .col(|part| part.row.key)
            .col(|part| part.row.value);
        in_order(&mut self.swapped, |row| (row.state.plugin, row.state.key));
        script
            .lay(SWAP_STATES, &self.swapped)
            .shops()
            .col(|part| part.row.state.plugin)
            .col(|part| part.row.state.key)
            .col(|part| part.row.was)
            .col(|part| part.row.state.value)
            .or_conflict();
    }

    fn lay_dialogs(&mut self, script: &mut Script) {
        in_order(&mut self.started, |dialog| &dialog.chat);
        script
            .lay(START_DIALOGS, &self.started)
            .shops()
            .col(|part| part.row.chat.frontend.as_str())
            .col(|part| part.row.chat.id.as_str())
            .col(|part| part.row.plugin.as_str())
            .col(|part| part.row.state.as_bytes());
        in_order(&mut self.put, |row| &row.dialog.chat);
        script
            .lay(PUT_DIALOGS, &self.put)
            .shops()
            .col(|part| part.row.dialog.chat.frontend.as_str())
            .col(|part| part.row.dialog.chat.id.as_str())
            .col(|part| part.row.dialog.plugin.as_str())
            .col(|part| part.row.dialog.state.as_bytes())
            .col(|part| i64::from(part.row.was))
            .or_conflict();
        in_order(&mut self.ended, |chat| *chat);
        script
            .lay(END_DIALOGS, &self.ended)
            .shops()
            .col(|part| part.row.frontend.as_str())
            .col(|part| part.row.id.as_str());
    }
}
