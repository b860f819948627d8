//! The outbox and the message log.

use async_trait::async_trait;

use super::tables::Tables;
use super::{Done, MemoryStore, Read};
use crate::id::{InvoiceId, ItemId, ShopId};
use crate::message::{ItemState, OutboxItem, SentMessage};
use crate::store::{Batch, CommitError, MessageReader, OutboxWrite};

impl Tables {
    /// Puts the batch's items into the outbox.
    pub(super) fn enqueue(&mut self, batch: &Batch) -> Done {
        for item in &batch.outbox {
            self.items.insert(item.id, item.clone())?;
            self.pending.put(item.id, ());
        }
        Ok(())
    }

    pub(super) fn write_outbox(&mut self, write: &OutboxWrite) -> Done {
        match write {
            OutboxWrite::Finish { item, state } => {
                self.change_item(*item, |row| row.state = *state)?;
                self.pending.remove(item);
            }
            OutboxWrite::Postpone { item, due_at } => {
                self.change_item(*item, |row| row.due_at = *due_at)?;
            }
            OutboxWrite::LogMessage(sent) => {
                let key = (sent.chat.clone(), sent.message.clone());
                if !self.messages.contains_key(&key) {
                    self.messages.put(key, sent.clone());
                }
            }
            OutboxWrite::ForgetMessage { chat, message } => {
                self.messages.remove(&(chat.clone(), message.clone()));
            }
        }
        Ok(())
    }

    /// Changes a pending item and gives up the claim on it.
    fn change_item(&mut self, id: ItemId, change: impl FnOnce(&mut OutboxItem)) -> Done {
        let mut item = self.items.read(&id)?;
        if item.state != ItemState::Pending {
            return Err(CommitError::Conflict);
        }
        change(&mut item);
        self.items.put(id, item);
        self.claims.remove(&id);
        Ok(())
    }
}

#[async_trait]
impl MessageReader for MemoryStore {
    async fn list_messages(&self, shop: ShopId, invoice: InvoiceId) -> Read<Vec<SentMessage>> {
        Ok(self.read(shop, |tables| {
            let about = |sent: &&SentMessage| sent.invoice == invoice;
            tables.messages.values().filter(about).cloned().collect()
        }))
    }
}
