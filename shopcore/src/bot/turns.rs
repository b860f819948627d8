//! Turns: deeds in one chat are answered one after another, and each of them once.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as Turnstile, OwnedMutexGuard};

use crate::customer::Chat;
use crate::store::RequestKey;

/// Lets one deed of a chat through at a time, in the order of arrival.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<HashMap<Chat, Weak<Turnstile<()>>>>);

/// Chats kept before those in which nothing happens are forgotten.
const IDLE_MAX: usize = 1_024;

impl Turns {
    /// Waits for the chat's turn, which lasts as long as the guard.
    pub(super) async fn of(&self, chat: &Chat) -> OwnedMutexGuard<()> {
        self.turnstile(chat).lock_owned().await
    }

    fn turnstile(&self, chat: &Chat) -> Arc<Turnstile<()>> {
        let mut chats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turnstile) = chats.get(chat).and_then(Weak::upgrade) {
            return turnstile;
        }
        if chats.len() >= IDLE_MAX {
            chats.retain(|_, turnstile| turnstile.strong_count() > 0);
        }
        let turnstile = Arc::new(Turnstile::new(()));
        chats.insert(chat.clone(), Arc::downgrade(&turnstile));
        turnstile
    }
}

/// Remembers the latest deeds, so that an update delivered twice is answered once. What must not
/// happen twice even across restarts is guarded in the store.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<Recent>);

#[derive(Debug, Default)]
struct Recent {
    known: HashSet<RequestKey>,
    order: VecDeque<RequestKey>,
}

const RECENT_MAX: usize = 8_192;

impl Seen {
    /// Whether this deed is new.
    pub(super) fn is_new(&self, key: RequestKey) -> bool {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !recent.known.insert(key.clone()) {
            return false;
        }
        recent.order.push_back(key);
        if recent.order.len() > RECENT_MAX
            && let Some(oldest) = recent.order.pop_front()
        {
            recent.known.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer::{ChatId, FrontendName};

    #[test]
    fn a_deed_is_new_once_and_memory_is_bounded() {
        let seen = Seen::default();
        let key = |n: usize| RequestKey(n.to_string());
        assert!(seen.is_new(key(0)));
        assert!(!seen.is_new(key(0)));
        for n in 1..=RECENT_MAX {
            assert!(seen.is_new(key(n)));
        }
        assert!(seen.is_new(key(0)), "the oldest is forgotten");
        assert_eq!(seen.0.lock().unwrap().known.len(), RECENT_MAX);
    }

    #[tokio::test]
    async fn idle_chats_are_forgotten_and_busy_ones_kept() {
        let turns = Turns::default();
        let chat = |n: usize| Chat {
            frontend: FrontendName::parse("test").unwrap(),
            id: ChatId::parse(&n.to_string()).unwrap(),
        };
        let busy = turns.of(&chat(0)).await;
        for n in 1..=IDLE_MAX {
            drop(turns.of(&chat(n)).await);
        }
        assert!(turns.turnstile(&chat(0)).try_lock().is_err());
        assert!(turns.0.lock().unwrap().len() < IDLE_MAX);
        drop(busy);
        assert!(turns.turnstile(&chat(0)).try_lock().is_ok());
    }
}
