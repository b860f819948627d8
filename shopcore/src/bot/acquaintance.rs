//! What a bot knows of the people it meets: their language, and whether they can be reached.

use super::dispatch::Core;
use super::incoming::Incoming;
use super::middleware::Chain;
use super::texts::Locale;
use crate::audit::Actor;
use crate::customer::{Chat, Contact, Customer, ExternalId, Language, Reachability};
use crate::service::CustomerError;

impl Core {
    /// Notes what a deed tells of its customer: that they can be reached, and their language where
    /// they chose none.
    pub(super) async fn greet(&self, mut customer: Customer, incoming: &Incoming) -> Customer {
        let customers = self.shop.customers();
        let actor = Actor::Customer(customer.id);
        if customer.reachability == Reachability::Blocked {
            customer.reachability = Reachability::Reachable;
            let reachable = customers.set_reachability(&actor, customer.id, customer.reachability);
            note(reachable.await);
        }
        let told = incoming.sender.language.as_deref();
        let told = told.and_then(|told| Language::parse(told).ok());
        if let (None, Some(language)) = (&customer.language, told) {
            customer.language = Some(language.clone());
            note(
                customers
                    .set_language(&actor, customer.id, Some(language))
                    .await,
            );
        }
        customer
    }

    /// Whoever is met in a chat, as far as is known.
    async fn met_in(&self, chat: &Chat) -> Option<Customer> {
        // In a chat of two a platform's id of the chat is that of the person.
        let contact = Contact {
            frontend: chat.frontend.clone(),
            external: ExternalId::parse(chat.id.as_str()).ok()?,
        };
        let found = self.shop.store().find_customer(self.shop.id(), &contact);
        found.await.unwrap_or(None)
    }

    /// Notes that a chat can't be written to.
    pub(super) async fn lost(&self, chat: &Chat) {
        if let Some(customer) = self.met_in(chat).await {
            let customers = self.shop.customers();
            let (actor, id) = (Actor::job("outbox"), customer.id);
            let blocked = customers.set_reachability(&actor, id, Reachability::Blocked);
            note(blocked.await);
        }
    }

    /// The texts as whoever is met in a chat reads them.
    pub(super) async fn locale_of(&self, chat: &Chat) -> Locale<'_> {
        let met = self.met_in(chat).await;
        let language = met.and_then(|customer| customer.language);
        self.texts.locale(language.as_ref().map(Language::as_str))
    }
}

fn note(noted: Result<(), CustomerError>) {
    if let Err(error) = noted {
        tracing::warn!(error = %Chain(&error), "what is known of a customer is not noted");
    }
}
