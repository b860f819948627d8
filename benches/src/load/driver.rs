//! Who does the turns, and when.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::{JoinHandle, JoinSet, spawn_blocking};

use super::acks::Acks;
use super::progress::Progress;
use super::scenario::{Answer, OpError, Scenario};
use super::tally::Tally;
use crate::stand::Stand;
use crate::stopwatch::Stopwatch;

/// When turns begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// So many clients, each of which begins a turn when its last one has ended.
    Clients(u32),
    /// So many turns a second, whatever became of those before. A turn is timed from the moment
    /// it was due, so one that had to wait is not taken for a quick one.
    PerSecond(u32),
}

/// What is asked of a stand.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// What the turns do.
    pub scenario: Scenario,
    /// When they begin.
    pub pace: Pace,
    /// How long turns begin.
    pub lasting: Duration,
    /// How many contents an import adds, and how many orders expire at once.
    pub batch: u32,
    /// Of so many turns the last is a batch that the store must refuse.
    pub refused: Option<NonZeroUsize>,
    /// Where acknowledgements are told.
    pub acks: Acks,
}

/// Puts stands under load, turn by turn; tells what was counted and how long the measured work
/// took.
///
/// # Panics
/// When there is no stand.
pub async fn drive(
    stands: &[Arc<Stand>],
    load: Load,
    progress: &Arc<Progress>,
) -> (Tally, Duration) {
    let crew = Crew {
        stands: stands.into(),
        load,
        progress: Arc::clone(progress),
        turns: Arc::default(),
        began: Stopwatch::start(),
    };
    match (load.scenario, load.pace) {
        (Scenario::Expiry, Pace::Clients(clients) | Pace::PerSecond(clients)) => {
            crew.expire_in_rounds(clients).await
        }
        (
            Scenario::Checkout
            | Scenario::PaidCheckout
            | Scenario::Settlement
            | Scenario::Webhooks
            | Scenario::Voucher
            | Scenario::Import,
            Pace::Clients(clients),
        ) => crew.by_clients(clients).await,
        (
            Scenario::Checkout
            | Scenario::PaidCheckout
            | Scenario::Settlement
            | Scenario::Webhooks
            | Scenario::Voucher
            | Scenario::Import,
            Pace::PerSecond(rate),
        ) => crew.at_rate(rate).await,
    }
}

#[derive(Clone)]
struct Crew {
    stands: Arc<[Arc<Stand>]>,
    load: Load,
    progress: Arc<Progress>,
    turns: Arc<AtomicUsize>,
    began: Stopwatch,
}

impl Crew {
    async fn by_clients(self, clients: u32) -> (Tally, Duration) {
        let mut tasks = JoinSet::new();
        for _ in 0..clients {
            tasks.spawn(self.clone().keep_turning());
        }
        let tally = gather(tasks).await;
        (tally, self.began.elapsed())
    }

    async fn keep_turning(self) -> Tally {
        let mut tally = Tally::default();
        while self.began.elapsed() < self.load.lasting {
            if self.turn(self.began.elapsed(), &mut tally).await.is_break() {
                break;
            }
        }
        tally
    }

    /// The stand that is next, and the number of its turn.
    fn next(&self) -> (&Arc<Stand>, usize) {
        let turn = self.turns.fetch_add(1, Ordering::Relaxed);
        let stands = self.stands.len();
        (&self.stands[turn % stands], turn / stands)
    }

    fn batch(&self) -> usize {
        usize::try_from(self.load.batch).unwrap_or(usize::MAX)
    }

    /// Does the next turn, which was due at `due` after the beginning; tells whether others may
    /// follow.
    async fn turn(&self, due: Duration, tally: &mut Tally) -> ControlFlow<()> {
        let (stand, turn) = self.next();
        self.turn_at(stand, turn, due, tally).await
    }

    async fn turn_at(
        &self,
        stand: &Arc<Stand>,
        turn: usize,
        due: Duration,
        tally: &mut Tally,
    ) -> ControlFlow<()> {
        let load = self.load;
        let scenario = load.scenario;
        let answer = match load.refused {
            Some(every) if (turn + 1).is_multiple_of(every.get()) => {
                let asked = stand.ask_in_vain(turn / every.get()).await;
                asked.map(|()| Answer::Refused).map_err(OpError::from)
            }
            Some(_) | None => scenario.turn(stand, turn, self.batch(), load.acks).await,
        };
        self.progress.add(&answer);
        let is_last = matches!(answer, Ok(Answer::NothingLeft));
        tally.count(answer, self.began.elapsed().saturating_sub(due));
        match is_last {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }

    async fn at_rate(self, rate: u32) -> (Tally, Duration) {
        let (crew, runtime) = (self.clone(), Handle::current());
        let mut tally = Tally::default();
        match spawn_blocking(move || crew.begin_turns(rate, &runtime)).await {
            Ok(turns) => {
                for turn in turns {
                    match turn.await {
                        Ok(other) => tally.merge(other),
                        Err(error) => tally.count(Err(error.into()), Duration::ZERO),
                    }
                }
            }
            Err(error) => tally.count(Err(error.into()), Duration::ZERO),
        }
        (tally, self.began.elapsed())
    }

    /// Begins every turn when it is due. On a thread of its own: timers of the runtime are coarse
    /// beside a turn, and late when it is busy.
    fn begin_turns(&self, rate: u32, runtime: &Handle) -> Vec<JoinHandle<Tally>> {
        let mut turns = Vec::new();
        loop {
            let number = u64::try_from(turns.len()).unwrap_or(u64::MAX);
            let due = Duration::from_nanos(number.saturating_mul(1_000_000_000) / u64::from(rate));
            if due >= self.load.lasting {
                return turns;
            }
            std::thread::sleep(due.saturating_sub(self.began.elapsed()));
            let crew = self.clone();
            turns.push(runtime.spawn(async move {
                let mut tally = Tally::default();
                // One that finds nothing left counts nothing.
                let _ = crew.turn(due, &mut tally).await;
                tally
            }));
        }
    }

    /// Lets orders lapse and ends them, again and again; only the ending is timed.
    async fn expire_in_rounds(self, clients: u32) -> (Tally, Duration) {
        let mut tally = Tally::default();
        let mut busy = Duration::ZERO;
        while self.began.elapsed() < self.load.lasting {
            let (stand, turn) = self.next();
            if let Err(error) = stand.place_many(self.batch(), clients).await {
                tally.count(Err(error.into()), Duration::ZERO);
            }
            stand.let_orders_lapse();
            let due = self.began.elapsed();
            let turned = self.turn_at(stand, turn, due, &mut tally).await;
            busy += self.began.elapsed().saturating_sub(due);
            if turned.is_break() {
                break;
            }
        }
        (tally, busy)
    }
}

async fn gather(mut tasks: JoinSet<Tally>) -> Tally {
    let mut tally = Tally::default();
    while let Some(client) = tasks.join_next().await {
        match client {
            Ok(other) => tally.merge(other),
            Err(error) => tally.count(Err(OpError::Client(error)), Duration::ZERO),
        }
    }
    tally
}
