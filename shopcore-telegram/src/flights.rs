//! Flights: updates that were fetched and are not confirmed to Telegram yet.
//!
//! Telegram forgets every update below the offset that it is asked for, so the offset stays at the
//! oldest update that is not answered. What comes again meanwhile is known and not begun twice.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use teloxide::types::ChatId;
use tokio::sync::oneshot::{self, error::TryRecvError};
use tokio::task::{Id, JoinError, JoinSet};

/// Updates on their way through the bot.
#[derive(Default)]
pub(crate) struct Flights {
    tasks: JoinSet<()>,
    /// Every update that Telegram may send again, with the task that answers it, if one still does.
    known: BTreeMap<u32, Option<Id>>,
    /// What the next update of a chat waits for.
    last: HashMap<ChatId, oneshot::Receiver<()>>,
    next: u32,
}

impl Flights {
    /// The first update that is not answered: all before it may be forgotten.
    pub(crate) fn offset(&self) -> u32 {
        let mut known = self.known.iter();
        let flying = known.find(|(_, task)| task.is_some());
        flying.map_or(self.next, |(number, _)| *number)
    }

    /// Whether nothing is on its way.
    pub(crate) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Telegram was asked for what begins at `offset` and forgot what lies before.
    pub(crate) fn confirmed(&mut self, offset: u32) {
        self.known = self.known.split_off(&offset);
    }

    /// Whether the update is new.
    pub(crate) fn is_new(&self, number: u32) -> bool {
        !self.known.contains_key(&number)
    }

    /// Takes note of an update that needs no answer.
    pub(crate) fn pass(&mut self, number: u32) {
        self.known.insert(number, None);
        self.next = number.saturating_add(1);
    }

    /// Has an update answered, after the earlier ones of its chat.
    pub(crate) fn begin(
        &mut self,
        number: u32,
        chat: ChatId,
        answer: impl Future<Output = ()> + Send + 'static,
    ) {
        let (done, after) = oneshot::channel::<()>();
        let before = self.last.insert(chat, after);
        let task = self.tasks.spawn(async move {
            if let Some(before) = before {
                // It never sends, but is dropped when the one before ends, however that ends.
                let _ = before.await;
            }
            answer.await;
            drop(done);
        });
        self.pass(number);
        self.known.insert(number, Some(task.id()));
    }

    /// Waits until all are answered, but no longer than `patience`.
    pub(crate) async fn land(&mut self, patience: Duration) {
        // What it waits for is kept in `self`, so nothing is lost when the time is up.
        let _ = tokio::time::timeout(patience, self.land_all()).await;
        self.last
            .retain(|_, last| last.try_recv() == Err(TryRecvError::Empty));
    }

    /// Waits until all are answered.
    pub(crate) async fn land_all(&mut self) {
        while let Some(ended) = self.tasks.join_next_with_id().await {
            self.landed(ended);
        }
    }

    fn landed(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                tracing::error!(%error, "answering an update ended badly");
                error.id()
            }
        };
        for task in self.known.values_mut() {
            task.take_if(|task| *task == id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    const SOON: Duration = Duration::from_millis(1);
    const ANN: ChatId = ChatId(1);
    const BEN: ChatId = ChatId(2);

    #[tokio::test]
    async fn the_offset_stays_at_what_is_not_answered() {
        let mut flights = Flights::default();
        let (go, wait) = oneshot::channel::<()>();
        flights.begin(5, ANN, async {
            let _ = wait.await;
        });
        flights.begin(6, BEN, async {});
        flights.pass(7);
        flights.land(SOON).await;
        assert_eq!((flights.offset(), flights.is_new(6)), (5, false));
        drop(go);
        flights.land_all().await;
        assert_eq!((flights.offset(), flights.is_new(6)), (8, false));
        flights.confirmed(8);
        assert!(
            flights.is_new(6),
            "numbers may begin anew after a quiet week"
        );
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn updates_of_a_chat_keep_their_order() {
        let (mut flights, said) = (Flights::default(), Arc::new(Mutex::new(Vec::new())));
        for number in 0..100 {
            let said = Arc::clone(&said);
            flights.begin(number, ANN, async move {
                tokio::task::yield_now().await;
                said.lock().unwrap().push(number);
            });
        }
        flights.land_all().await;
        assert_eq!(*said.lock().unwrap(), Vec::from_iter(0..100));
    }

    #[tokio::test]
    async fn a_panic_holds_up_nobody() {
        let mut flights = Flights::default();
        flights.begin(1, ANN, async { panic!("on purpose") });
        let (told, heard) = oneshot::channel();
        flights.begin(2, ANN, async {
            let _ = told.send(());
        });
        flights.land_all().await;
        assert_eq!((heard.await, flights.offset()), (Ok(()), 3));
        flights.land(SOON).await;
        assert!(flights.last.is_empty());
    }
}
