//! The one writer: a thread that commits what waits in its queue together.
//!
//! What waits shares one transaction and one flush to disk; each piece of work has a savepoint of
//! its own, so one that a guard refuses leaves no trace and the others stand. Nobody is answered
//! before the transaction is committed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::failure::{Failure, Outage};
use super::rows::{Sql, run};

/// The most pieces of work in one transaction.
const GROUP_MAX: usize = 256;

/// The most pieces of work that wait; further callers wait to be let in.
const QUEUE_MAX: usize = 1_024;

/// Hands work to the writer's thread.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Box<dyn Work>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread; `conn` is its own from here on.
    pub(super) fn start(conn: Connection) -> std::io::Result<Self> {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let thread = Builder::new()
            .name("shopcore-sqlite".to_owned())
            .spawn(move || serve(&conn, waiting))?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// Runs `work` in a savepoint of the next transaction; answers once that is committed.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let submitted = Box::new(Submitted {
            state: State::Waits(work),
            reply,
        });
        let queue = self.queue.as_ref().ok_or(Failure::Down(Outage::Closed))?;
        let taken = queue.send(submitted).await;
        taken.map_err(|_| Failure::Down(Outage::Closed))?;
        answer
            .await
            .unwrap_or(Err(Failure::Unknown(Outage::Closed)))
    }
}

impl Drop for Writer {
    /// Lets the thread finish what waits, and waits for it, so that the file is at rest.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer of the database has panicked");
        }
    }
}

/// A piece of work in the queue.
trait Work: Send {
    /// Does it and keeps what came of it.
    fn run(&mut self, conn: &Connection) -> Fate;

    /// Answers the caller: with what came of it, or with what ended the transaction.
    fn answer(self: Box<Self>, ended: Option<Failure>);
}

/// What the transaction does about a piece of work.
enum Fate {
    Keep,
    Undo,
    End(Outage),
}

enum State<T, F> {
    Waits(F),
    Runs,
    Ran(Result<T, Failure>),
}

struct Submitted<T, F> {
    state: State<T, F>,
    reply: oneshot::Sender<Result<T, Failure>>,
}

impl<T, F> Work for Submitted<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<T, Failure> + Send,
{
    fn run(&mut self, conn: &Connection) -> Fate {
        let State::Waits(work) = std::mem::replace(&mut self.state, State::Runs) else {
            return Fate::Undo;
        };
        let result = work(conn);
        let fate = match &result {
            Ok(_) => Fate::Keep,
            Err(Failure::Down(outage)) if outage.ends_group() => Fate::End(outage.clone()),
            Err(_) => Fate::Undo,
        };
        self.state = State::Ran(result);
        fate
    }

    fn answer(self: Box<Self>, ended: Option<Failure>) {
        let result = match (ended, self.state) {
            (Some(failure), _) => Err(failure),
            (None, State::Ran(result)) => result,
            (None, State::Waits(_) | State::Runs) => {
                let text = "a defect stopped the work".to_owned();
                Err(Failure::Down(Outage::Refused(text)))
            }
        };
        // A caller that went away has no use for the answer.
        drop(self.reply.send(result));
    }
}

fn serve(conn: &Connection, mut waiting: mpsc::Receiver<Box<dyn Work>>) {
    let mut group = Vec::with_capacity(GROUP_MAX);
    while waiting.blocking_recv_many(&mut group, GROUP_MAX) > 0 {
        let ended = commit_group(conn, &mut group).err();
        if let Some(Failure::Down(Outage::Locked)) = ended {
            add_waiting(&mut waiting, &mut group);
        }
        for work in group.drain(..) {
            work.answer(ended.clone());
        }
    }
}

/// Adds those who came while a lock was waited for in vain: they share the failure, or each would
/// wait as long again, behind all who came before.
fn add_waiting(waiting: &mut mpsc::Receiver<Box<dyn Work>>, group: &mut Vec<Box<dyn Work>>) {
    let came = std::iter::from_fn(|| waiting.try_recv().ok());
    group.extend(came.take(QUEUE_MAX));
}

fn commit_group(conn: &Connection, group: &mut [Box<dyn Work>]) -> Result<(), Failure> {
    let applied = apply_group(conn, group).and_then(|()| commit(conn));
    if applied.is_err()
        && !conn.is_autocommit()
        && let Err(error) = run(conn, "ROLLBACK", ())
    {
        tracing::error!(%error, "the database could not roll back");
    }
    applied
}

fn apply_group(conn: &Connection, group: &mut [Box<dyn Work>]) -> Result<(), Failure> {
    let down = |error| Failure::Down(Outage::from(error));
    run(conn, "BEGIN IMMEDIATE", ()).map_err(down)?;
    for work in group {
        in_savepoint(conn, work.as_mut())?;
    }
    Ok(())
}

fn in_savepoint(conn: &Connection, work: &mut dyn Work) -> Result<(), Failure> {
    let down = |error| Failure::Down(Outage::from(error));
    run(conn, "SAVEPOINT work", ()).map_err(down)?;
    // A defect in one piece of work must not take the writer from all others.
    let fate = catch_unwind(AssertUnwindSafe(|| work.run(conn))).unwrap_or(Fate::Undo);
    let done = match fate {
        Fate::Keep => release(conn),
        Fate::Undo => run(conn, "ROLLBACK TO work", ()).and_then(|_| release(conn)),
        Fate::End(outage) => return Err(Failure::Down(outage)),
    };
    done.map_err(down)
}

fn release(conn: &Connection) -> Sql<()> {
    run(conn, "RELEASE work", ()).map(drop)
}

fn commit(conn: &Connection) -> Result<(), Failure> {
    let committed = run(conn, "COMMIT", ()).map(drop).map_err(Outage::from);
    committed.map_err(|outage| {
        // The frames may lie in the log already, and recovery after a crash would find them.
        if matches!(outage, Outage::Disk(_)) {
            Failure::Unknown(outage)
        } else {
            Failure::Down(outage)
        }
    })
}
