//! The desk: what a plug-in has at hand when no one asked for anything.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::action::PackError;
use super::dispatch::Core;
use super::error::BotError;
use super::frontend::FrontendError;
use super::permission::Permission;
use super::texts::Locale;
use super::view::View;
use crate::Shop;
use crate::customer::{Chat, Contact, Customer, Language, MessageId};
use crate::store::{Batch, ChatWrite};

/// The shop, its texts and its frontends, for events and jobs.
#[derive(Clone, Copy)]
pub struct Desk<'a>(&'a Core);

impl fmt::Debug for Desk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Desk({:?})", self.0.shop)
    }
}

impl<'a> Desk<'a> {
    pub(super) fn new(core: &'a Core) -> Self {
        Self(core)
    }

    /// The shop.
    #[must_use]
    pub fn shop(&self) -> &'a Shop {
        &self.0.shop
    }

    /// The texts as the shop's team reads them.
    #[must_use]
    pub fn locale(&self) -> Locale<'a> {
        self.0.texts.locale(None)
    }

    /// The texts as this customer reads them.
    #[must_use]
    pub fn locale_of(&self, customer: &Customer) -> Locale<'a> {
        let chosen = customer.language.as_ref().map(Language::as_str);
        self.0.texts.locale(chosen)
    }

    /// What a plug-in keeps under a key.
    ///
    /// # Errors
    /// [`BotError::Store`]; [`BotError::Stale`] where something else is kept there.
    pub async fn find<T: DeserializeOwned>(
        &self,
        plugin: &str,
        key: &str,
    ) -> Result<Option<T>, BotError> {
        let shop = self.shop();
        let stored = shop.store().find_state(shop.id(), plugin, key).await?;
        let value = stored.map(|value| postcard::from_bytes(&value));
        value.transpose().map_err(|_| BotError::Stale)
    }

    /// Keeps something small for a plug-in under a key, in the place of what was kept there.
    ///
    /// # Errors
    /// [`BotError::Commit`].
    pub async fn keep<T: Serialize>(
        &self,
        plugin: &'static str,
        key: &str,
        value: &T,
    ) -> Result<(), BotError> {
        let value = postcard::to_stdvec(value)
            .map_err(|source| PackError::Unpackable { plugin, source })?;
        let shop = self.shop();
        let mut batch = Batch::chore(shop.id(), shop.now(), shop.ids());
        batch.push(ChatWrite::PutState {
            plugin: plugin.to_owned(),
            key: key.to_owned(),
            value: Some(value),
        });
        Ok(shop.commit(batch).await?)
    }

    /// Those of the team who may do this now.
    ///
    /// # Errors
    /// [`BotError::Team`].
    pub async fn team(&self, permission: Permission) -> Result<Vec<Contact>, BotError> {
        Ok(self.0.who_may(permission).await?)
    }

    /// Those of the team who may do this now, and have met the bot in a chat that is served here.
    ///
    /// # Errors
    /// [`BotError::Team`], [`BotError::Store`].
    pub async fn admins(&self, permission: Permission) -> Result<Vec<Customer>, BotError> {
        let shop = self.shop();
        let mut admins = Vec::new();
        for contact in self.team(permission).await? {
            admins.extend(shop.store().find_customer(shop.id(), &contact).await?);
        }
        admins.retain(|admin| self.serves(&admin.chat));
        Ok(admins)
    }

    /// Whether chats of this frontend are served here.
    #[must_use]
    pub fn serves(&self, chat: &Chat) -> bool {
        self.0.serves(chat)
    }

    /// Sends a message.
    ///
    /// # Errors
    /// [`FrontendError`]; [`Refused`](FrontendError::Refused) where no frontend serves the chat.
    pub async fn send(&self, chat: &Chat, view: View) -> Result<MessageId, FrontendError> {
        let frontend = self.0.frontend(&chat.frontend).ok_or_else(|| {
            FrontendError::Refused(format!("no frontend is named {}", chat.frontend))
        })?;
        let sent = frontend
            .send(chat, &self.0.fit(view, frontend.limits()))
            .await;
        if let Err(FrontendError::Refused(_)) = &sent {
            self.0.lost(chat).await;
        }
        sent
    }

    /// Replaces a message.
    ///
    /// # Errors
    /// [`FrontendError`]; [`Refused`](FrontendError::Refused) where no frontend serves the chat.
    pub async fn edit(
        &self,
        chat: &Chat,
        message: &MessageId,
        view: View,
    ) -> Result<(), FrontendError> {
        let frontend = self.0.frontend(&chat.frontend).ok_or_else(|| {
            FrontendError::Refused(format!("no frontend is named {}", chat.frontend))
        })?;
        let view = self.0.fit(view, frontend.limits());
        frontend.edit(chat, message, &view).await
    }
}
