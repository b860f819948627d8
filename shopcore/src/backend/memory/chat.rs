//! Dialogs, plug-ins' state, and carried-out requests.

use async_trait::async_trait;

use super::tables::Tables;
use super::{Done, MemoryStore, Read, listing};
use crate::customer::Chat;
use crate::id::ShopId;
use crate::store::{
    ChatReader, ChatWrite, CommitError, Dialog, Listing, Page, Rejection, RequestKey,
    RequestOutcome,
};

impl Tables {
    pub(super) fn write_chat(&mut self, write: &ChatWrite) -> Done {
        match write {
            ChatWrite::PutDialog { dialog, was } => self.put_dialog(dialog, *was),
            ChatWrite::EndDialog { chat } => {
                self.dialogs.remove(chat);
                Ok(())
            }
            ChatWrite::PutState { plugin, key, value } => {
                let key = (plugin.clone(), key.clone());
                match value {
                    Some(value) => self.states.put(key, value.clone()),
                    None => self.states.remove(&key),
                }
                Ok(())
            }
            ChatWrite::SwapState {
                plugin,
                key,
                was,
                value,
            } => {
                let key = (plugin.clone(), key.clone());
                if self.states.get(&key) != was.as_ref() {
                    return Err(CommitError::Conflict);
                }
                self.states.put(key, value.clone());
                Ok(())
            }
            ChatWrite::RecordRequest { request, outcome } => {
                let seen = Rejection::RequestSeen;
                self.requests.claim(request.clone(), *outcome, seen)
            }
        }
    }

    fn put_dialog(&mut self, dialog: &Dialog, was: u32) -> Done {
        let stored = self.dialogs.get(&dialog.chat);
        if stored.map_or(0, |dialog| dialog.version) != was {
            return Err(CommitError::Conflict);
        }
        let version = was.saturating_add(1);
        let dialog = Dialog {
            version,
            ..dialog.clone()
        };
        self.dialogs.put(dialog.chat.clone(), dialog);
        Ok(())
    }
}

#[async_trait]
impl ChatReader for MemoryStore {
    async fn find_dialog(&self, shop: ShopId, chat: &Chat) -> Read<Option<Dialog>> {
        Ok(self.read(shop, |tables| tables.dialogs.get(chat).cloned()))
    }

    async fn find_state(&self, shop: ShopId, plugin: &str, key: &str) -> Read<Option<Vec<u8>>> {
        let key = (plugin.to_owned(), key.to_owned());
        Ok(self.read(shop, |tables| tables.states.get(&key).cloned()))
    }

    async fn list_states(
        &self,
        shop: ShopId,
        plugin: &str,
        prefix: &str,
        page: Page,
    ) -> Read<Listing<(String, Vec<u8>)>> {
        Ok(self.read(shop, |tables| {
            let of = |(owner, key): &(String, String)| owner == plugin && key.starts_with(prefix);
            let all = tables.states.iter().filter(|(key, _)| of(key));
            let all: Vec<_> = all
                .map(|((_, key), value)| (key.clone(), value.clone()))
                .collect();
            listing(&all.iter().collect::<Vec<_>>(), page)
        }))
    }

    async fn find_request(
        &self,
        shop: ShopId,
        request: &RequestKey,
    ) -> Read<Option<RequestOutcome>> {
        Ok(self.read(shop, |tables| tables.requests.get(request).copied()))
    }
}
