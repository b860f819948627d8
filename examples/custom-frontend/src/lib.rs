//! Customers over TCP, line by line: the first line of a connection is the customer's name, each
//! further one the number of a button, or a text. A message is its lines and a `.` alone; other lines
//! that begin with a dot have one more. What is for someone who is away waits until they are back.

use std::collections::HashMap;
use std::io::{Error, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use shopcore::bot::frontend::{Frontend, FrontendError};
use shopcore::bot::incoming::{Incoming, Kind};
use shopcore::bot::{Dispatcher, numbered::Numbered, view::View};
use shopcore::customer::{Chat, FrontendName, MessageId};
use shopcore::{id::IdSource, jobs::Shutdown, message::Reach, time::SystemClock};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf};
use tokio::{select, sync::Notify, time::timeout};

const LINE_MAX: u64 = 4_096;
const CONNECTIONS_MAX: usize = 64;
const NAMELESS: Duration = Duration::from_secs(30);
/// How long one who does not read may keep the shop waiting.
const SLOW: Duration = Duration::from_secs(1);
const BAD_NAME: &[u8] = b"A name has 1 to 64 visible letters of ASCII and no space.\n.\n";
const FULL: &[u8] = b"Too many customers are here: come back later.\n.\n";

/// The frontend. It believes every name: its listener is one of this machine, and not of a network.
#[derive(Debug)]
pub struct Lines {
    name: FrontendName,
    listener: TcpListener,
    ids: IdSource,
    here: Mutex<HashMap<Chat, Arc<Line>>>,
}

/// A connection: where to write, what stands there, and whether it is to end.
#[derive(Debug)]
struct Line(tokio::sync::Mutex<OwnedWriteHalf>, Mutex<Numbered>, Notify);

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lines {
    /// Serves who connects there.
    #[must_use]
    pub fn new(name: FrontendName, listener: TcpListener) -> Self {
        let (ids, here) = (IdSource::new(Arc::new(SystemClock)), Mutex::default());
        Self {
            name,
            listener,
            ids,
            here,
        }
    }

    fn next_id(&self) -> String {
        self.ids.next::<uuid::Uuid>().to_string()
    }

    fn leave(&self, chat: &Chat, line: &Arc<Line>) {
        lock(&self.here).retain(|other, now| other != chat || !Arc::ptr_eq(now, line));
        line.2.notify_one();
    }

    /// A connection, from its first line to its end.
    async fn serve(&self, stream: TcpStream, bot: &Dispatcher) -> Result<(), Error> {
        let (read, mut out) = stream.into_split();
        let mut read = BufReader::new(read);
        let who = timeout(NAMELESS, next(&mut read))
            .await??
            .unwrap_or_default();
        let deed = |kind| Incoming::private(&self.name, &who, &self.next_id(), kind);
        let Ok(mut todo) = deed(Kind::typed("/again")) else {
            return out.write_all(BAD_NAME).await;
        };
        let chat = todo.chat.clone();
        let line = Arc::new(Line(out.into(), Mutex::default(), Notify::new()));
        let former = lock(&self.here).insert(chat.clone(), Arc::clone(&line));
        former.inspect(|former| former.2.notify_one());
        loop {
            bot.handle(todo).await;
            let said = select! { () = line.2.notified() => break, said = next(&mut read) => said };
            let Ok(said) = said else { break };
            let meant = said.map(|said| lock(&line.1).meant(&said));
            todo = deed(meant.unwrap_or(Kind::Other)).map_err(Error::other)?;
        }
        self.leave(&chat, &line);
        Ok(())
    }
}

/// The next line; nothing in the place of one that is too long.
async fn next(read: &mut BufReader<OwnedReadHalf>) -> Result<Option<String>, Error> {
    let (mut line, mut fits) = (Vec::new(), true);
    while !line.ends_with(b"\n") {
        fits &= line.is_empty();
        line.clear();
        if read.take(LINE_MAX).read_until(b'\n', &mut line).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(fits.then(|| String::from_utf8_lossy(&line).trim_end().to_owned()))
}

#[async_trait::async_trait]
impl Frontend for Lines {
    fn name(&self) -> &FrontendName {
        &self.name
    }

    fn reach(&self) -> Vec<Reach> {
        lock(&self.here).keys().cloned().map(Reach::Chat).collect()
    }

    /// Who does not take it in time is cut off, perhaps amid a line.
    async fn send(&self, chat: &Chat, view: &View) -> Result<MessageId, FrontendError> {
        let line = lock(&self.here).get(chat).cloned();
        let line = line.ok_or_else(|| Error::from(ErrorKind::NotConnected))?;
        let text = format!("\n{}", lock(&line.1).show(view)).replace("\n.", "\n..") + "\n.\n";
        let write = async { line.0.lock().await.write_all(&text.as_bytes()[1..]).await };
        let written = timeout(SLOW, write).await.map_err(Error::from).flatten();
        written.inspect_err(|_| self.leave(chat, &line))?;
        Ok(MessageId::parse(&self.next_id()).map_err(Error::other)?)
    }

    async fn run(&self, bot: Dispatcher, mut end: Shutdown) -> Result<(), FrontendError> {
        let mut served = FuturesUnordered::new();
        loop {
            select! {
                () = end.wait() => break,
                Some(_) = served.next() => {}
                met = self.listener.accept() => match met {
                    Ok((stream, _)) if served.len() < CONNECTIONS_MAX => {
                        served.push(self.serve(stream, &bot));
                    }
                    Ok((mut full, _)) => drop(full.write_all(FULL).await),
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        }
        lock(&self.here)
            .values()
            .for_each(|line| line.2.notify_one());
        let _ = timeout(SLOW, served.count()).await;
        Ok(())
    }
}
