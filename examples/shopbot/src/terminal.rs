//! A chat in the terminal: views as text with numbered buttons, for a person or for a pipe.
//!
//! A line that is the number of a button presses it, or its letter below a question; any other line
//! is what the person types; `=a` types a where there is a button of that letter, `/file PATH` sends a file. In a pipe every line is answered in full, with
//! all that the shop has to say because of it, before the next one is read.

use std::fmt;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use shopcore::bot::Dispatcher;
use shopcore::bot::frontend::{Crowd, Frontend, FrontendError, Limits};
use shopcore::bot::incoming::{Incoming, Kind, Sender, UpdateId};
use shopcore::bot::view::{Expects, Media, Press, View};
use shopcore::customer::{Chat, ChatId, Contact, ExternalId, FrontendName, MessageId};
use shopcore::jobs::{JobName, Jobs, Shutdown};
use shopcore::message::Reach;
use shopcore::text::{BadLabel, Name};
use tokio::io::{AsyncBufReadExt, BufReader};

mod draw;
mod files;

use draw::Ink;

/// The name of the terminal among the frontends.
pub(crate) const NAME: &str = "terminal";

const TEXT_MAX: usize = 16_000;
const LINE_MAX: usize = 64 * 1024;

/// How long a person waits for what else the shop has to say.
const SAYING_MAX: Duration = Duration::from_secs(5);

/// The chat of one person at their terminal.
pub(crate) struct Terminal {
    name: FrontendName,
    chat: Chat,
    sender: Sender,
    ink: Ink,
    downloads: PathBuf,
    session: String,
    count: AtomicU64,
    screen: Mutex<Screen>,
    /// What is said once, before everything else.
    introduction: Option<String>,
    /// Whether the person is at the prompt: what comes unasked then draws it again.
    is_prompting: AtomicBool,
}

/// What can be pressed: the buttons of the newest message that has some.
#[derive(Default)]
struct Screen {
    message: Option<MessageId>,
    buttons: Vec<Press>,
    expects: Option<Expects>,
}

impl Screen {
    /// Whether there is nothing to do but press a button.
    fn presses_only(&self) -> bool {
        !self.buttons.is_empty() && self.expects.is_none()
    }
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Terminal({})", self.chat.id)
    }
}

impl Terminal {
    /// The chat of `user`; `session` tells this run's messages from those of every other, files
    /// are saved in `downloads`.
    ///
    /// # Errors
    /// [`BadLabel`] when the user's name is not 1 to 64 visible ASCII characters.
    pub(crate) fn new(user: &str, session: String, downloads: PathBuf) -> Result<Self, BadLabel> {
        let name = FrontendName::parse(NAME)?;
        let contact = Contact {
            frontend: name.clone(),
            external: ExternalId::parse(user)?,
        };
        let chat = Chat {
            frontend: name.clone(),
            id: ChatId::parse(user)?,
        };
        let ink = if std::io::stdout().is_terminal() {
            Ink::Coloured
        } else {
            Ink::Plain
        };
        let sender = Sender {
            contact,
            name: Name::parse(user).ok(),
            language: None,
        };
        let (count, screen) = (AtomicU64::new(1), Mutex::default());
        let is_prompting = AtomicBool::new(false);
        Ok(Self {
            name,
            chat,
            sender,
            ink,
            downloads,
            session,
            count,
            screen,
            introduction: None,
            is_prompting,
        })
    }

    /// Says what this shop is before everything else.
    pub(crate) fn introduced(mut self, introduction: String) -> Self {
        self.introduction = Some(introduction);
        self
    }

    /// Who sits at the terminal.
    pub(crate) fn contact(&self) -> &Contact {
        &self.sender.contact
    }

    fn screen(&self) -> MutexGuard<'_, Screen> {
        self.screen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An id that no other message or update of this chat has or will have.
    fn next_id(&self) -> String {
        format!(
            "{}-{}",
            self.session,
            self.count.fetch_add(1, Ordering::Relaxed)
        )
    }

    fn print(&self, text: &str) -> Result<(), FrontendError> {
        let mut out = std::io::stdout().lock();
        let printed = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        printed.map_err(|error| FrontendError::Unavailable(error.into()))
    }

    fn show(&self, message: &MessageId, view: &View) -> Result<(), FrontendError> {
        let mut text = draw::view(view, self.ink);
        let file = match &view.media {
            Some(Media::File { name, bytes }) => Some((name.as_str(), bytes)),
            Some(Media::Picture(bytes)) => Some(("picture.png", bytes)),
            Some(Media::Qr(_)) | None => None,
        };
        if let Some((name, bytes)) = file {
            let saved = files::save(&self.downloads, name, bytes);
            let path = saved.map_err(|error| FrontendError::Unavailable(error.into()))?;
            text.push_str(&draw::saved(&path, self.ink));
        }
        let buttons: Vec<_> = view
            .keyboard
            .iter()
            .flatten()
            .map(|b| b.press.clone())
            .collect();
        if self.is_prompting.load(Ordering::Relaxed) {
            text = draw::around_prompt(&text);
        }
        if !buttons.is_empty() {
            let (message, expects) = (Some(message.clone()), view.expects);
            *self.screen() = Screen {
                message,
                buttons,
                expects,
            };
        }
        self.print(&text)
    }

    /// What a line means.
    fn read(&self, line: &str) -> Typed {
        let screen = self.screen();
        let button = |text: &str| {
            let text = text.trim().to_lowercase();
            let marked = screen.buttons.iter().enumerate();
            let mut found = marked.filter(|(index, _)| draw::mark(*index, screen.expects) == text);
            found.next().map(|(_, press)| press)
        };
        match button(line) {
            Some(Press::Action(action)) => Typed::Deed(Kind::Button {
                action: Some(action.clone()),
                message: screen.message.clone(),
            }),
            Some(Press::Url(url)) => Typed::Page(url.clone()),
            None => match line.strip_prefix('=').filter(|rest| button(rest).is_some()) {
                Some(number) => Typed::Deed(Kind::Text(number.to_owned())),
                None if screen.presses_only() && is_number(line) => Typed::NoButton,
                None => match line.strip_prefix("/file ").map(str::trim) {
                    Some(path) => Typed::File(PathBuf::from(path)),
                    None => Typed::Deed(Kind::typed(line)),
                },
            },
        }
    }

    async fn answer(&self, bot: &Dispatcher, jobs: &Jobs, line: &str) -> Result<(), FrontendError> {
        match self.read(line) {
            Typed::Page(url) => self.print(&draw::page(&url, self.ink))?,
            Typed::NoButton => self.print(&draw::no_button(line, self.ink))?,
            Typed::File(path) => match files::read(&path) {
                Ok((name, bytes)) => self.act(bot, Kind::File { name, bytes }).await?,
                Err(error) => self.print(&draw::unreadable(&path, &error, self.ink))?,
            },
            Typed::Deed(kind) => self.act(bot, kind).await?,
        }
        self.finish(jobs).await;
        Ok(())
    }

    /// Hands to the bot what the person did.
    async fn act(&self, bot: &Dispatcher, kind: Kind) -> Result<(), FrontendError> {
        let update = UpdateId::parse(&self.next_id());
        let update = update.map_err(|error| FrontendError::Unavailable(error.into()))?;
        let (chat, sender) = (self.chat.clone(), self.sender.clone());
        bot.handle(Incoming {
            chat,
            sender,
            update,
            kind,
        })
        .await;
        Ok(())
    }

    /// Says how to act here, and greets or goes on where a question was left open.
    async fn begin(&self, bot: &Dispatcher, jobs: &Jobs) -> Result<(), FrontendError> {
        self.print(&draw::guide(self.introduction.as_deref(), self.ink))?;
        let shop = bot.shop();
        let asked = shop.store().find_dialog(shop.id(), &self.chat).await;
        match asked.map_err(|error| FrontendError::Unavailable(error.into()))? {
            Some(_) => {
                self.print(&draw::unanswered(self.ink))?;
                self.answer(bot, jobs, "/again").await
            }
            None => self.answer(bot, jobs, "/start").await,
        }
    }

    /// Lets everything be printed that the shop has to say by now. Where that takes long, it comes
    /// when it comes.
    async fn finish(&self, jobs: &Jobs) {
        let jobs = jobs.clone();
        // Not dropped when the patience ends: a message that is on its way would be sent twice.
        let run = tokio::spawn(async move { jobs.run_once(JobName::Outbox).await });
        match tokio::time::timeout(SAYING_MAX, run).await {
            Ok(Ok(Ok(_))) => {}
            Ok(Ok(Err(error))) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "the outbox could not be emptied");
            }
            Ok(Err(panic)) => tracing::error!(%panic, "emptying the outbox ended badly"),
            Err(_) => tracing::warn!("the outbox could not be emptied in time"),
        }
    }

    fn prompt(&self) -> Result<(), FrontendError> {
        match self.ink {
            Ink::Coloured => {
                self.print(draw::PROMPT)?;
                self.is_prompting.store(true, Ordering::Relaxed);
                Ok(())
            }
            Ink::Plain => Ok(()),
        }
    }
}

/// What a person typed.
enum Typed {
    /// Something for the bot.
    Deed(Kind),
    /// The number of a button that opens a page.
    Page(String),
    /// A file to send.
    File(PathBuf),
    /// A number where only buttons are asked for, but none has it.
    NoButton,
}

fn is_number(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit())
}

#[async_trait]
impl Frontend for Terminal {
    fn name(&self) -> &FrontendName {
        &self.name
    }

    fn limits(&self) -> Limits {
        Limits {
            text: TEXT_MAX,
            caption: TEXT_MAX,
            crowd: Crowd::Owner,
        }
    }

    fn reach(&self) -> Vec<Reach> {
        vec![Reach::Chat(self.chat.clone())]
    }

    /// Printing takes no time; what a killed program was about to print comes soon.
    fn patience(&self) -> Duration {
        Duration::from_secs(2)
    }

    async fn send(&self, _chat: &Chat, view: &View) -> Result<MessageId, FrontendError> {
        let id = MessageId::parse(&self.next_id());
        let id = id.map_err(|error| FrontendError::Unavailable(error.into()))?;
        self.show(&id, view)?;
        Ok(id)
    }

    async fn edit(
        &self,
        _chat: &Chat,
        message: &MessageId,
        view: &View,
    ) -> Result<(), FrontendError> {
        let mut screen = self.screen();
        if view.keyboard.is_empty() && screen.message.as_ref() == Some(message) {
            *screen = Screen::default();
        }
        drop(screen);
        self.show(message, view)
    }

    async fn delete(&self, _chat: &Chat, message: &MessageId) -> Result<(), FrontendError> {
        let mut screen = self.screen();
        if screen.message.as_ref() == Some(message) {
            *screen = Screen::default();
        }
        Ok(())
    }

    async fn acknowledge(
        &self,
        _press: &Incoming,
        remark: Option<&str>,
    ) -> Result<(), FrontendError> {
        remark.map_or(Ok(()), |remark| self.print(&draw::remark(remark, self.ink)))
    }

    async fn run(&self, bot: Dispatcher, mut shutdown: Shutdown) -> Result<(), FrontendError> {
        let jobs = Jobs::new(bot.shop().clone(), Arc::new(bot.clone()));
        let mut lines = Lines::new();
        self.begin(&bot, &jobs).await?;
        loop {
            self.prompt()?;
            let line = tokio::select! {
                () = shutdown.wait() => break,
                line = lines.next() => line,
            };
            self.is_prompting.store(false, Ordering::Relaxed);
            match line.map_err(|error| FrontendError::Unavailable(error.into()))? {
                Some(line) => self.answer(&bot, &jobs, &line).await?,
                None => break,
            }
        }
        self.finish(&jobs).await;
        Ok(())
    }
}

/// The lines of standard input. What is no UTF-8 is replaced, what is too long is cut.
struct Lines {
    input: BufReader<tokio::io::Stdin>,
    partial: Vec<u8>,
}

impl Lines {
    fn new() -> Self {
        Self {
            input: BufReader::new(tokio::io::stdin()),
            partial: Vec::new(),
        }
    }

    /// The next line. May be dropped while it waits; nothing that was read is lost.
    async fn next(&mut self) -> std::io::Result<Option<String>> {
        loop {
            let read = self.input.fill_buf().await?;
            let end = read.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(read.len(), |end| end + 1);
            let room = LINE_MAX.saturating_sub(self.partial.len());
            self.partial
                .extend(read.iter().take(end.unwrap_or(read.len())).take(room));
            self.input.consume(taken);
            if end.is_none() && taken > 0 {
                continue;
            }
            if end.is_none() && self.partial.is_empty() {
                return Ok(None);
            }
            let bytes = std::mem::take(&mut self.partial);
            let line = String::from_utf8_lossy(&bytes);
            return Ok(Some(line.trim_end_matches('\r').to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(terminal: &Terminal, line: &str) -> String {
        match terminal.read(line) {
            Typed::Deed(Kind::Text(text)) => format!("text {text}"),
            Typed::Deed(Kind::Command { name, .. }) => format!("command {name}"),
            Typed::Deed(_) => "other".to_owned(),
            Typed::Page(url) => format!("page {url}"),
            Typed::File(path) => format!("file {}", path.display()),
            Typed::NoButton => "no button".to_owned(),
        }
    }

    #[test]
    fn only_numbers_of_buttons_press_and_only_they_are_escaped() {
        let terminal = Terminal::new("ann", "1".to_owned(), PathBuf::new()).unwrap();
        let url = Press::Url("https://example.com".to_owned());
        *terminal.screen() = Screen {
            message: None,
            buttons: vec![url],
            expects: None,
        };
        assert_eq!(typed(&terminal, " 1 "), "page https://example.com");
        assert_eq!(typed(&terminal, "2"), "no button");
        assert_eq!(typed(&terminal, "=1"), "text 1");
        for content in ["=abc", "==1", "=2", "=", "1a"] {
            assert_eq!(typed(&terminal, content), format!("text {content}"));
        }
        terminal.screen().expects = Some(Expects::Line);
        assert_eq!(typed(&terminal, " A "), "page https://example.com");
        assert_eq!(typed(&terminal, "=a"), "text a");
        assert_eq!(typed(&terminal, "1"), "text 1");
        assert_eq!(typed(&terminal, "2"), "text 2");
        assert_eq!(typed(&terminal, "/menu"), "command menu");
        assert_eq!(typed(&terminal, "/file a b.png "), "file a b.png");
        assert_eq!(typed(&terminal, "/files"), "command files");
    }
}
