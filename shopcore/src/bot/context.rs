//! The context of one deed: who did what where, and the ways to answer it.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::action::{Action, PackError, Packed};
use super::desk::Desk;
use super::dispatch::Core;
use super::error::BotError;
use super::frontend::{Frontend, FrontendError, Limits};
use super::incoming::{Incoming, Kind};
use super::permission::{Permission, Permissions};
use super::rich::Rich;
use super::roster::{Change, Roster, TeamError};
use super::texts::{Args, Locale};
use super::view::View;
use crate::Shop;
use crate::audit::Actor;
use crate::customer::{Chat, Customer, Language, MessageId};
use crate::id::InvoiceId;
use crate::message::{MessageKind, SentMessage};
use crate::store::{Batch, ChatWrite, OutboxWrite, RequestKey};
use crate::time::Timestamp;

/// Everything a plug-in needs to answer one deed of a person.
pub struct Ctx<'a> {
    core: &'a Core,
    frontend: &'a dyn Frontend,
    incoming: &'a Incoming,
    customer: Customer,
    permissions: Permissions,
    locale: Locale<'a>,
    remark: Mutex<Option<String>>,
}

impl fmt::Debug for Ctx<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ctx({:?})", self.incoming)
    }
}

impl<'a> Ctx<'a> {
    pub(super) fn new(
        core: &'a Core,
        frontend: &'a dyn Frontend,
        incoming: &'a Incoming,
        customer: Customer,
        permissions: Permissions,
    ) -> Self {
        let chosen = customer.language.as_ref().map(Language::as_str);
        let locale = core
            .texts
            .locale(chosen.or(incoming.sender.language.as_deref()));
        Self {
            core,
            frontend,
            incoming,
            customer,
            permissions,
            locale,
            remark: Mutex::new(None),
        }
    }

    pub(super) fn core(&self) -> &'a Core {
        self.core
    }

    /// The shop.
    #[must_use]
    pub fn shop(&self) -> &'a Shop {
        &self.core.shop
    }

    /// The desk, to reach others than the person.
    #[must_use]
    pub fn desk(&self) -> Desk<'a> {
        Desk::new(self.core)
    }

    /// Who did it.
    #[must_use]
    pub fn customer(&self) -> &Customer {
        &self.customer
    }

    /// What was done.
    #[must_use]
    pub fn incoming(&self) -> &'a Incoming {
        self.incoming
    }

    /// Where it was done.
    #[must_use]
    pub fn chat(&self) -> &'a Chat {
        &self.incoming.chat
    }

    /// What the platform carries.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.frontend.limits()
    }

    /// What the person may do.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// Who is on the team beside those whom the program itself permits something.
    ///
    /// # Errors
    /// [`BotError::Team`].
    pub async fn roster(&self) -> Result<Roster, BotError> {
        Ok(Roster::load(self.shop()).await?)
    }

    /// Changes the roster as the person, who needs [`Permission::Team`] at that moment and all that
    /// the change gives or takes.
    ///
    /// # Errors
    /// [`BotError::Team`]; nothing changes then.
    pub async fn change_team(&self, change: &Change) -> Result<Roster, BotError> {
        Ok(self.core.change_team(&self.customer, change).await?)
    }

    /// Checks that the person may decide on another: nobody does on one whom the program itself
    /// permits something, nor on one who holds more than they do.
    ///
    /// # Errors
    /// [`BotError::Team`].
    pub async fn check_rank(&self, other: &Customer) -> Result<(), BotError> {
        if self.core.team.has(&other.contact) {
            return Err(TeamError::Fixed.into());
        }
        let theirs = self.core.permissions(other).await?;
        match self.permissions.lacking(theirs) {
            Some(permission) => Err(TeamError::NotHeld(permission).into()),
            None => Ok(()),
        }
    }

    /// The person as the actor of what they do for themselves.
    #[must_use]
    pub fn buyer(&self) -> Actor {
        Actor::Customer(self.customer.id)
    }

    /// The person as the actor of what needs a permission.
    ///
    /// # Errors
    /// [`BotError::Forbidden`] when they lack it.
    pub fn admin(&self, permission: Permission) -> Result<Actor, BotError> {
        self.require(Some(permission))?;
        Ok(Actor::Admin(self.customer.id))
    }

    /// Checks that the person has a permission, where one is required.
    ///
    /// # Errors
    /// [`BotError::Forbidden`].
    pub fn require(&self, permission: Option<Permission>) -> Result<(), BotError> {
        match permission {
            Some(lacking) if !self.permissions.allow(permission) => {
                Err(BotError::Forbidden(lacking))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Unpacks a pressed action that the person may carry out.
    ///
    /// # Errors
    /// [`BotError::Stale`] or [`BotError::Forbidden`].
    pub fn open<A: Action>(&self, packed: &Packed) -> Result<A, BotError> {
        let action: A = packed.unpack()?;
        self.require(action.require())?;
        Ok(action)
    }

    /// Tells this deed from every other: business that is asked for twice under one key is done
    /// once.
    #[must_use]
    pub fn request_key(&self) -> RequestKey {
        self.incoming.request_key()
    }

    /// The message of an id in the person's language; usually called as
    /// [`t!`](crate::bot::texts::t).
    #[must_use]
    pub fn format(&self, id: &str, args: &Args) -> Rich {
        self.locale.format(id, args)
    }

    /// The texts as the person reads them.
    #[must_use]
    pub fn locale(&self) -> Locale<'a> {
        self.locale
    }

    /// A moment as the shop's clock on the wall shows it, in the person's language.
    #[must_use]
    pub fn moment(&self, at: Timestamp) -> Rich {
        self.locale.moment(at)
    }

    /// Sends a message.
    ///
    /// # Errors
    /// [`BotError::Frontend`].
    pub async fn reply(&self, view: View) -> Result<MessageId, BotError> {
        let view = self
            .core
            .fit(view.for_reader(self.permissions), self.limits());
        Ok(patiently(|| self.frontend.send(self.chat(), &view)).await?)
    }

    /// Puts `view` in the place of the message whose button was pressed; sends it where there is
    /// none or it can't be changed. Tells which message shows it now.
    ///
    /// # Errors
    /// [`BotError::Frontend`].
    pub async fn show(&self, view: View) -> Result<MessageId, BotError> {
        let Some(pressed) = self.pressed() else {
            return self.reply(view).await;
        };
        let fitted = self
            .core
            .fit(view.clone().for_reader(self.permissions), self.limits());
        match patiently(|| self.frontend.edit(self.chat(), pressed, &fitted)).await {
            Ok(()) => Ok(pressed.clone()),
            Err(FrontendError::Unchangeable) => {
                self.remove(pressed).await?;
                self.reply(view).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The message whose button was pressed.
    #[must_use]
    pub fn pressed(&self) -> Option<&'a MessageId> {
        match &self.incoming.kind {
            Kind::Button { message, .. } => message.as_ref(),
            Kind::Text(_) | Kind::Command { .. } | Kind::File { .. } | Kind::Other => None,
        }
    }

    /// Deletes a message of the chat; one that can't be deleted stays.
    ///
    /// # Errors
    /// [`BotError::Frontend`].
    pub async fn remove(&self, message: &MessageId) -> Result<(), BotError> {
        match patiently(|| self.frontend.delete(self.chat(), message)).await {
            Ok(()) | Err(FrontendError::Unchangeable) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Shows a short remark beside the pressed button, once the deed is answered.
    pub fn remark(&self, text: &Rich) {
        let mut remark = self.remark.lock().unwrap_or_else(PoisonError::into_inner);
        *remark = Some(text.to_string());
    }

    /// Tells the platform that a press is answered.
    pub(super) async fn acknowledge(&self) {
        if !matches!(self.incoming.kind, Kind::Button { .. }) {
            return;
        }
        let remark = self
            .remark
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let told = self
            .frontend
            .acknowledge(self.incoming, remark.as_deref())
            .await;
        if let Err(error) = told {
            tracing::debug!(%error, "a press could not be acknowledged");
        }
    }

    /// Notes that a message is about an invoice, so that it can be deleted when that ends.
    ///
    /// # Errors
    /// [`BotError::Commit`].
    pub async fn log_message(
        &self,
        message: MessageId,
        invoice: InvoiceId,
        kind: MessageKind,
    ) -> Result<(), BotError> {
        let shop = self.shop();
        let mut batch = Batch::chore(shop.id(), shop.now(), shop.ids());
        batch.push(OutboxWrite::LogMessage(SentMessage {
            chat: self.chat().clone(),
            message,
            invoice,
            kind,
            sent_at: shop.now(),
        }));
        Ok(shop.commit(batch).await?)
    }

    /// What a plug-in noted about this chat.
    ///
    /// # Errors
    /// [`BotError::Store`].
    pub async fn recall<T: DeserializeOwned>(&self, plugin: &str) -> Result<Option<T>, BotError> {
        let key = self.note_key();
        let value = self
            .shop()
            .store()
            .find_state(self.shop().id(), plugin, &key)
            .await?;
        Ok(value.and_then(|bytes| postcard::from_bytes(&bytes).ok()))
    }

    /// Notes something small about this chat for a plug-in; it replaces what was noted before.
    ///
    /// # Errors
    /// [`BotError::Commit`].
    pub async fn note<T: Serialize>(
        &self,
        plugin: &'static str,
        value: &T,
    ) -> Result<(), BotError> {
        let value = postcard::to_stdvec(value)
            .map_err(|source| PackError::Unpackable { plugin, source })?;
        let shop = self.shop();
        let mut batch = Batch::chore(shop.id(), shop.now(), shop.ids());
        batch.push(ChatWrite::PutState {
            plugin: plugin.to_owned(),
            key: self.note_key(),
            value: Some(value),
        });
        Ok(shop.commit(batch).await?)
    }

    fn note_key(&self) -> String {
        let Chat { frontend, id } = self.chat();
        format!("{frontend}/{id}")
    }
}

/// How often, and how long at most, an answer waits for a platform that asks for patience.
const PATIENCE: (u32, Duration) = (3, Duration::from_secs(5));

/// Calls again what a platform asks to be called later, as long as a person would wait for it.
async fn patiently<T, F: Future<Output = Result<T, FrontendError>>>(
    call: impl Fn() -> F,
) -> Result<T, FrontendError> {
    let (times, longest) = PATIENCE;
    for _ in 0..times {
        match call().await {
            Err(FrontendError::Wait(wait)) if wait <= longest => tokio::time::sleep(wait).await,
            done => return done,
        }
    }
    call().await
}
