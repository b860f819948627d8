//! The bot as the shop's courier: what waits in the outbox becomes messages in chats.

use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;

use super::desk::Desk;
use super::dispatch::{Core, Dispatcher};
use super::error::BotError;
use super::frontend::{Frontend, FrontendError};
use super::news::{Manner, News, Piece, Wishes, put_off};
use super::notices;
use super::permission::Permission;
use super::plugin::Event;
use super::shop::goods;
use super::view::View;
use crate::audit::Actor;
use crate::courier::{Courier, CourierError, Receipt};
use crate::customer::{Chat, Customer};
use crate::id::{InvoiceId, OrderId};
use crate::message::{Destination, MessageKind, Notice, OutboxItem, Reach, SentMessage, Task};
use crate::service::{OrderError, StockError};

#[async_trait]
impl Courier for Dispatcher {
    fn reach(&self) -> Vec<Reach> {
        let mut reach: Vec<_> = self.0.frontends.iter().flat_map(|f| f.reach()).collect();
        if self
            .0
            .team
            .contacts()
            .any(|admin| self.0.frontend(&admin.frontend).is_some())
        {
            reach.push(Reach::Admins);
        }
        reach
    }

    fn patience(&self) -> Duration {
        let patience = self.0.frontends.iter().map(|frontend| frontend.patience());
        patience.max().unwrap_or_default()
    }

    async fn bring(&self, item: &OutboxItem) -> Result<Receipt, CourierError> {
        let core = &self.0;
        core.take_up_replies().await;
        match (&item.task, &item.destination) {
            (Task::Delivery { order }, Destination::Chat(chat)) => core.deliver(*order, chat).await,
            (Task::Notice(notice), Destination::Chat(chat)) => core.tell(notice, chat).await,
            (Task::Notice(notice), Destination::Admins) => core.tell_admins(item, notice).await,
            (Task::Retract { invoice }, Destination::Chat(chat)) => {
                core.retract(*invoice, std::slice::from_ref(chat)).await
            }
            (Task::Retract { invoice }, Destination::Admins) => {
                let admins = core.admins(Permission::Orders).await?;
                let chats: Vec<_> = admins.into_iter().map(|admin| admin.chat).collect();
                core.retract(*invoice, &chats).await
            }
            (Task::Delivery { .. }, Destination::Admins | Destination::Gateway)
            | (Task::Notice(_) | Task::Retract { .. }, Destination::Gateway)
            | (Task::CancelCharge { .. } | Task::Refund { .. }, _) => Err(CourierError::Refused(
                "this can't be brought to a chat".to_owned(),
            )),
        }
    }
}

/// How often a notice to admins of whom none has met the bot is tried.
const ATTEMPTS_MAX: u32 = 100;

/// No admin has met the bot in a chat that is served here.
#[derive(Debug, Error)]
#[error("no admin can be reached from here")]
struct NobodyHere;

impl Core {
    async fn deliver(&self, order: OrderId, chat: &Chat) -> Result<Receipt, CourierError> {
        let (shop, locale) = (&self.shop, self.locale_of(chat).await);
        let frontend = self.reachable(chat)?;
        let goods = match shop.orders().goods(&Actor::job("outbox"), order).await {
            Ok(goods) => goods,
            // Refunded meanwhile: there is nothing left to hand over.
            Err(OrderError::NotPaid(_)) => return Ok(Receipt::default()),
            Err(error) => return Err(undeliverable(error)),
        };
        let order = shop
            .orders()
            .get(order)
            .await
            .map_err(|e| unavailable(e.into()))?;
        let found = shop.store().find_invoice_of(shop.id(), order.id).await;
        let invoice = found
            .map_err(|e| unavailable(e.into()))?
            .map(|invoice| invoice.id);
        let views = goods::views(shop, locale, &order, &goods, frontend.limits()).await;
        let mut receipt = Receipt::default();
        for view in views.map_err(unavailable)? {
            let sent = self
                .send(frontend, chat, view, invoice, MessageKind::Goods)
                .await?;
            receipt.sent.extend(sent);
        }
        for plugin in &self.plugins {
            let event = Event::Delivered(order.id);
            if let Err(error) = plugin.on_event(&Desk::new(self), event).await {
                let (plugin, error) = (plugin.id(), super::middleware::Chain(&error));
                tracing::warn!(plugin, %error, "a plug-in failed over an event");
            }
        }
        Ok(receipt)
    }

    async fn tell(&self, notice: &Notice, chat: &Chat) -> Result<Receipt, CourierError> {
        let (frontend, locale) = (self.reachable(chat)?, self.locale_of(chat).await);
        let told = notices::view(&self.shop, locale, notice)
            .await
            .map_err(unavailable)?;
        let sent = self
            .send(frontend, chat, told.view, told.invoice, MessageKind::Notice)
            .await?;
        Ok(Receipt {
            sent: sent.into_iter().collect(),
            gone: Vec::new(),
        })
    }

    /// Tells every admin who is met here. It counts as told once one was; while none could be,
    /// it waits for them, but not for ever for one who has never met the bot.
    async fn tell_admins(
        &self,
        item: &OutboxItem,
        notice: &Notice,
    ) -> Result<Receipt, CourierError> {
        let Some(news) = News::of(notice) else {
            return Err(CourierError::Refused("no news for admins".to_owned()));
        };
        if news == News::Alert
            && let Some(told) = self.alert(notice).await?
        {
            return Ok(told);
        }
        let admins = self.admins(news.permission()).await?;
        if admins.is_empty() && item.attempts > ATTEMPTS_MAX {
            tracing::warn!(item = %item.id, "no admin has met the bot; a notice is given up");
            return Ok(Receipt::default());
        }
        let (mut told, mut failure) = (None, CourierError::Unavailable(Box::new(NobodyHere)));
        for admin in admins {
            match self.tell_admin(&admin, (news, item), notice).await {
                Ok(receipt) => told
                    .get_or_insert_with(Receipt::default)
                    .sent
                    .extend(receipt.sent),
                Err(error) => failure = error,
            }
        }
        told.ok_or(failure)
    }

    /// Tells of trouble in the chats that are set aside for it; `None` where none takes it.
    async fn alert(&self, notice: &Notice) -> Result<Option<Receipt>, CourierError> {
        let mut told = None;
        for chat in self.alerts.iter().filter(|chat| self.serves(chat)) {
            match self.tell(notice, chat).await {
                Ok(receipt) => told = Some(receipt),
                Err(CourierError::Refused(reason)) => {
                    tracing::warn!(%chat.id, reason, "the chat for alerts takes no message");
                }
                Err(error) if told.is_none() => return Err(error),
                Err(_) => {}
            }
        }
        Ok(told)
    }

    /// Tells one of the team as they wish to be told.
    async fn tell_admin(
        &self,
        admin: &Customer,
        (news, item): (News, &OutboxItem),
        notice: &Notice,
    ) -> Result<Receipt, CourierError> {
        let shop = &self.shop;
        let wishes = Wishes::of(shop, admin.id).await;
        let wishes = wishes.map_err(|error| unavailable(error.into()))?;
        let zone = shop.settings().zone;
        match wishes.manner(news, shop.now(), zone) {
            Manner::Now => self.tell(notice, &admin.chat).await,
            Manner::Never => Ok(Receipt::default()),
            Manner::Later => {
                let piece = Piece::Notice(notice.clone());
                let kept = put_off(shop, admin.id, (news, item.id), &piece).await;
                kept.map(|()| Receipt::default()).map_err(unavailable)
            }
        }
    }

    /// Those who have a permission and have met the bot in a chat that is served here.
    async fn admins(&self, permission: Permission) -> Result<Vec<Customer>, CourierError> {
        let admins = Desk::new(self).admins(permission).await;
        admins.map_err(unavailable)
    }

    async fn retract(&self, invoice: InvoiceId, chats: &[Chat]) -> Result<Receipt, CourierError> {
        let logged = self
            .shop
            .store()
            .list_messages(self.shop.id(), invoice)
            .await;
        let mut receipt = Receipt::default();
        for message in logged.map_err(|error| unavailable(error.into()))? {
            if message.kind == MessageKind::Invoice && chats.contains(&message.chat) {
                self.take_away(&message).await?;
                receipt.gone.push(message);
            }
        }
        Ok(receipt)
    }

    /// Deletes a message, or empties it where the platform does not let it be deleted.
    async fn take_away(&self, message: &SentMessage) -> Result<(), CourierError> {
        let SentMessage { chat, message, .. } = message;
        let frontend = self.reachable(chat)?;
        let closed = match frontend.delete(chat, message).await {
            Err(FrontendError::Unchangeable) => {
                let view = notices::closed(self.locale_of(chat).await);
                frontend.edit(chat, message, &view).await
            }
            done => done,
        };
        match closed {
            Ok(()) | Err(FrontendError::Unchangeable | FrontendError::Refused(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn send(
        &self,
        frontend: &dyn Frontend,
        chat: &Chat,
        view: View,
        invoice: Option<InvoiceId>,
        kind: MessageKind,
    ) -> Result<Option<SentMessage>, CourierError> {
        let sent = frontend
            .send(chat, &self.fit(view, frontend.limits()))
            .await;
        if let Err(FrontendError::Refused(_)) = &sent {
            self.lost(chat).await;
        }
        let message = sent?;
        Ok(invoice.map(|invoice| SentMessage {
            chat: chat.clone(),
            message,
            invoice,
            kind,
            sent_at: self.shop.now(),
        }))
    }

    pub(super) fn serves(&self, chat: &Chat) -> bool {
        let destination = Destination::Chat(chat.clone());
        let mut frontends = self.frontends.iter();
        frontends.any(|frontend| {
            let mut reach = frontend.reach().into_iter();
            reach.any(|reach| reach.covers(&destination))
        })
    }

    fn reachable(&self, chat: &Chat) -> Result<&dyn Frontend, CourierError> {
        let unknown = || CourierError::Refused(format!("no frontend is named {}", chat.frontend));
        self.frontend(&chat.frontend).ok_or_else(unknown)
    }
}

/// Why the goods of an order are not brought. Those that are damaged or lost stay so: a person has
/// to see to the order.
fn undeliverable(error: OrderError) -> CourierError {
    match error {
        OrderError::Stock(StockError::Vault(_) | StockError::Content(_)) => {
            CourierError::Refused("the goods of the order can't be opened".to_owned())
        }
        OrderError::Incomplete => CourierError::Refused(error.to_string()),
        OrderError::Unknown
        | OrderError::NotPaid(_)
        | OrderError::Stock(_)
        | OrderError::Table(_)
        | OrderError::Store(_)
        | OrderError::Commit(_) => unavailable(error.into()),
    }
}

fn unavailable(error: BotError) -> CourierError {
    CourierError::Unavailable(Box::new(error))
}

impl From<FrontendError> for CourierError {
    fn from(error: FrontendError) -> Self {
        match error {
            FrontendError::Wait(wait) => Self::Wait(wait),
            FrontendError::Unavailable(source) => Self::Unavailable(source),
            FrontendError::Refused(reason) => Self::Refused(reason),
            FrontendError::Unchangeable => Self::Refused(error.to_string()),
        }
    }
}
