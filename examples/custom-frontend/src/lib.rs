//! A frontend of lines over TCP: the first says who it is, each one after it is typed, or the number
//! of a button. Who says a name is believed, so listening beyond this machine asks for more.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use futures_util::stream::FuturesUnordered;
use futures_util::{SinkExt, StreamExt};
use shopcore::bot::Dispatcher;
use shopcore::bot::frontend::{Crowd, Frontend, FrontendError, Limits};
use shopcore::bot::incoming::{Incoming, Kind};
use shopcore::bot::view::{Press, View};
use shopcore::customer::{Chat, FrontendName, MessageId};
use shopcore::jobs::Shutdown;
use shopcore::message::Reach;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc};
use tokio_util::codec::{Framed, LinesCodec, LinesCodecError as Broken};

/// The longest line, in bytes.
const LINE_MAX: usize = 4_096;
/// Messages that may wait for someone who reads slowly.
const WAITING_MAX: usize = 64;
/// Connections at a time.
const PEOPLE_MAX: usize = 1_000;

/// The frontend.
#[derive(Debug)]
pub struct Lines {
    name: FrontendName,
    listener: TcpListener,
    people: Mutex<HashMap<String, Seat>>,
    /// An id is one for good: they count on from the microsecond in which the frontend began.
    count: AtomicU64,
}

/// Someone who is here, and the buttons of the newest message that has any.
type Seat = (mpsc::Sender<String>, Vec<(MessageId, Press)>);

impl Lines {
    /// Listens at an address, such as `127.0.0.1:4000`.
    ///
    /// # Errors
    /// The address can't be listened at.
    pub async fn bind(address: &str) -> io::Result<Self> {
        let began = std::time::UNIX_EPOCH.elapsed().map_err(io::Error::other)?;
        let began = u64::try_from(began.as_micros()).map_err(io::Error::other)?;
        Ok(Self {
            name: FrontendName::parse("lines").map_err(io::Error::other)?,
            listener: TcpListener::bind(address).await?,
            people: Mutex::default(),
            count: AtomicU64::new(began),
        })
    }

    fn next_id(&self) -> String {
        self.count.fetch_add(1, Ordering::Relaxed).to_string()
    }

    /// Hands a line of someone to the bot.
    async fn hear(&self, who: &str, line: &str, bot: &Dispatcher) {
        let people = self.people.lock().await;
        let place = line.trim().parse().unwrap_or(0_usize).checked_sub(1);
        let newest = people.get(who).zip(place);
        let kind = match newest.and_then(|((_, buttons), place)| buttons.get(place)) {
            Some((message, Press::Action(action))) => Kind::pressed(action, message),
            Some((_, Press::Url(_))) | None => Kind::typed(line),
        };
        drop(people);
        if let Ok(deed) = Incoming::private(&self.name, who, &self.next_id(), kind) {
            bot.handle(deed).await;
        }
    }

    /// Serves a connection until it ends, or someone of the same name comes.
    async fn serve(&self, stream: TcpStream, bot: &Dispatcher) -> Result<(), Broken> {
        let mut lines = Framed::new(stream, LinesCodec::new_with_max_length(LINE_MAX));
        let Some(who) = lines.next().await.transpose()? else {
            return Ok(());
        };
        let (seat, mut said) = mpsc::channel(WAITING_MAX);
        let seat = (seat, Vec::new());
        self.people.lock().await.insert(who.clone(), seat);
        self.hear(&who, "/again", bot).await;
        loop {
            tokio::select! {
                text = said.recv() => match text {
                    Some(text) => lines.send(text).await?,
                    None => return lines.send("You are here once more, elsewhere.").await,
                },
                line = lines.next() => match line {
                    Some(Ok(line)) => self.hear(&who, &line, bot).await,
                    Some(Err(Broken::MaxLineLengthExceeded)) => {
                        lines.send("That line is too long.").await?;
                        let _end_of_that_line = lines.next().await;
                    }
                    end => return end.transpose().map(drop),
                },
            }
        }
    }
}

#[async_trait]
impl Frontend for Lines {
    fn name(&self) -> &FrontendName {
        &self.name
    }

    fn limits(&self) -> Limits {
        Limits::same(LINE_MAX, Crowd::Public)
    }

    fn reach(&self) -> Reach {
        Reach::Frontend(self.name.clone())
    }

    async fn send(&self, chat: &Chat, view: &View) -> Result<MessageId, FrontendError> {
        let message = MessageId::parse(&self.next_id()).map_err(FrontendError::unavailable)?;
        let mut people = self.people.lock().await;
        let gone = || FrontendError::unavailable("they are not here");
        let (lines, newest) = people.get_mut(chat.id.as_str()).ok_or_else(gone)?;
        let sent = lines.try_send(view.in_lines());
        sent.map_err(FrontendError::unavailable)?;
        let buttons = view.keyboard.iter().flatten().map(|button| &button.press);
        if !view.keyboard.is_empty() {
            *newest = buttons
                .map(|press| (message.clone(), press.clone()))
                .collect();
        }
        Ok(message)
    }

    async fn run(&self, bot: Dispatcher, mut shutdown: Shutdown) -> Result<(), FrontendError> {
        let mut talks = FuturesUnordered::new();
        loop {
            tokio::select! {
                () = shutdown.wait() => return Ok(()),
                Some(_) = talks.next() => {}
                accepted = self.listener.accept(), if talks.len() < PEOPLE_MAX => {
                    let stream = accepted.map_err(FrontendError::unavailable)?.0;
                    talks.push(self.serve(stream, &bot));
                }
            }
        }
    }
}
