//! Dialogs: conversations of several steps, whose state survives restarts.
//!
//! A plug-in keeps where a dialog stands in a serde enum. The state is sealed before it is stored,
//! since people paste contents of stock into dialogs. Every question carries a button to cancel;
//! a command, `/cancel` among them, or a button outside the dialog leaves it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::action::{PackError, Packed, Stale};
use super::context::Ctx;
use super::error::BotError;
use super::permission::Permission;
use super::rich::Rich;
use super::texts::t;
use super::view::{Button, Expects, Press, View};
use crate::store::{self, Batch, ChatWrite};

/// Where a dialog of a plug-in stands: an enum of its own.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use shopcore::bot::dialog::{Answer, Open, Question, State};
/// use shopcore::bot::rich::Rich;
/// use shopcore::bot::view::View;
/// use shopcore::bot::{BotError, Ctx};
///
/// #[derive(Serialize, Deserialize)]
/// enum Survey {
///     Name,
///     Colour(String),
/// }
///
/// impl State for Survey {
///     const PLUGIN: &'static str = "survey";
/// }
///
/// /// What the plug-in's `on_answer` does.
/// async fn answered(ctx: &Ctx<'_>, dialog: &Open, answer: Answer<'_>) -> Result<(), BotError> {
///     match (dialog.state(ctx)?, answer) {
///         (Survey::Name, Answer::Text(name)) => {
///             let question = Question::line(Rich::plain("Which colour do you like?"));
///             ctx.ask(&Survey::Colour(name.to_owned()), question).await
///         }
///         (Survey::Colour(name), Answer::Text(colour)) => {
///             ctx.leave_dialog().await?;
///             let thanks = Rich::plain(format!("{colour} it is, {name}. Thank you!"));
///             ctx.reply(View::text(thanks)).await?;
///             Ok(())
///         }
///         (state, Answer::File { .. } | Answer::Choice(_)) => {
///             ctx.ask(&state, Question::line(Rich::plain("In words, please."))).await
///         }
///     }
/// }
/// ```
pub trait State: Serialize + DeserializeOwned {
    /// The id of the plug-in that leads it.
    const PLUGIN: &'static str;

    /// What one must be permitted to be in it; checked at every step.
    fn require(&self) -> Option<Permission> {
        None
    }
}

/// What a button of a dialog's question says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Choice {
    /// Yes, do it.
    Confirm,
    /// Go on without an answer.
    Skip,
    /// That was all.
    Done,
    /// Leave the dialog.
    Cancel,
}

/// What a person answers in a dialog. `Debug` shows neither words nor files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Answer<'a> {
    /// Words.
    Text(&'a str),
    /// A file.
    File {
        /// Its name.
        name: &'a str,
        /// What is in it.
        bytes: &'a [u8],
    },
    /// A button of the question; never [`Choice::Cancel`], which the bot carries out itself.
    Choice(Choice),
}

impl<'a> Answer<'a> {
    /// The words, where it is words.
    #[must_use]
    pub const fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::File { .. } | Self::Choice(_) => None,
        }
    }
}

impl std::fmt::Debug for Answer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::File { bytes, .. } => write!(f, "File({} bytes)", bytes.len()),
            Self::Choice(choice) => write!(f, "Choice({choice:?})"),
        }
    }
}

/// The prefix of packed choices; no plug-in has this id.
pub(super) const CHOICE: &str = "~";

/// Tells the dialogs of a chat apart, so that a button of one can't answer another.
type Thread = u32;

/// A choice as it stands behind a button.
type Packing = (Thread, Choice);

/// The open dialog of a chat.
pub struct Open {
    plugin: String,
    kept: Kept,
}

/// What is kept of a dialog, sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    thread: Thread,
    state: Vec<u8>,
    /// The question that waits for an answer.
    asked: Asked,
}

/// A question without what accompanied it.
#[derive(Clone, Serialize, Deserialize)]
struct Asked {
    text: Rich,
    keyboard: Vec<Vec<Button>>,
    expects: Option<Expects>,
    require: Option<Permission>,
}

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Open({})", self.plugin)
    }
}

impl Open {
    /// The id of the plug-in that leads it.
    #[must_use]
    pub fn plugin(&self) -> &str {
        &self.plugin
    }

    /// Its state, for someone with these permissions.
    ///
    /// # Errors
    /// [`BotError::Stale`] when another version of the program stored it, or
    /// [`BotError::Forbidden`].
    pub fn state<S: State>(&self, ctx: &Ctx<'_>) -> Result<S, BotError> {
        let state: S = postcard::from_bytes(&self.kept.state).map_err(|_| Stale)?;
        ctx.require(state.require())?;
        Ok(state)
    }

    /// What a pressed button of this dialog says.
    pub(super) fn choice(&self, packed: &Packed) -> Result<Choice, Stale> {
        let (thread, choice): Packing = packed.unpack()?;
        if thread == self.kept.thread {
            Ok(choice)
        } else {
            Err(Stale)
        }
    }
}

/// A question of a dialog: a view that can also carry choices.
#[derive(Debug)]
pub struct Question {
    /// What is asked.
    pub view: View,
    /// The choices offered beside the one to cancel.
    pub choices: Vec<(Choice, String)>,
    /// What is to be typed, if anything.
    pub expects: Option<Expects>,
}

impl Question {
    /// Asks for one line.
    #[must_use]
    pub fn line(text: Rich) -> Self {
        Self {
            view: View::text(text),
            choices: Vec::new(),
            expects: Some(Expects::Line),
        }
    }

    /// Asks for several lines or a file.
    #[must_use]
    pub fn paste(text: Rich) -> Self {
        Self {
            expects: Some(Expects::Paste),
            ..Self::line(text)
        }
    }

    /// Asks for a choice only.
    #[must_use]
    pub fn choice(text: Rich) -> Self {
        Self {
            expects: None,
            ..Self::line(text)
        }
    }

    /// Offers a choice.
    #[must_use]
    pub fn or(mut self, choice: Choice, label: impl std::fmt::Display) -> Self {
        self.choices.push((choice, label.to_string()));
        self
    }
}

fn button(thread: Thread, choice: Choice, label: String) -> Result<Button, PackError> {
    let packing: Packing = (thread, choice);
    Ok(Button {
        label,
        press: Press::Action(Packed::pack(CHOICE, &packing)?),
        require: None,
    })
}

impl Ctx<'_> {
    /// Stores where the dialog stands and asks the next question. A dialog of another plug-in
    /// ends.
    ///
    /// # Errors
    /// [`BotError`] when the state can't be stored or the question can't be sent.
    pub async fn ask<S: State>(&self, state: &S, question: Question) -> Result<(), BotError> {
        self.require(state.require())?;
        let stored = self.stored_dialog().await?;
        let thread = self.thread_of::<S>(stored.as_ref());
        let mut view = question.view;
        view.expects = question.expects;
        let offered = question.choices.into_iter();
        let offered = offered.map(|(choice, label)| button(thread, choice, label));
        let view = view
            .row(offered.collect::<Result<Vec<_>, _>>()?)
            .row([button(
                thread,
                Choice::Cancel,
                t!(self, "button-cancel").to_string(),
            )?]);
        let asked = Asked {
            text: view.text.clone(),
            keyboard: view.keyboard.clone(),
            expects: view.expects,
            require: state.require(),
        };
        let state = postcard::to_stdvec(state).map_err(unpackable::<S>)?;
        let kept = Kept {
            thread,
            state,
            asked,
        };
        self.store_dialog::<S>(&kept, stored).await?;
        self.reply(view).await?;
        Ok(())
    }

    /// Asks the open question again, such as after the chat was closed.
    ///
    /// # Errors
    /// [`BotError::Forbidden`] where its answer is no longer the person's to give;
    /// [`BotError::Frontend`].
    pub async fn ask_again(&self, dialog: &Open) -> Result<(), BotError> {
        let asked = dialog.kept.asked.clone();
        self.require(asked.require)?;
        let view = View {
            text: asked.text,
            media: None,
            keyboard: asked.keyboard,
            expects: asked.expects,
        };
        self.reply(view).await?;
        Ok(())
    }

    async fn stored_dialog(&self) -> Result<Option<store::Dialog>, BotError> {
        let shop = self.shop();
        Ok(shop.store().find_dialog(shop.id(), self.chat()).await?)
    }

    /// The thread of the plug-in's dialog that is open, or a new one.
    fn thread_of<S: State>(&self, stored: Option<&store::Dialog>) -> Thread {
        let open = stored.and_then(|dialog| self.unseal(dialog).ok());
        match open.filter(|open| open.plugin == S::PLUGIN) {
            Some(open) => open.kept.thread,
            None => new_thread(self),
        }
    }

    async fn store_dialog<S: State>(
        &self,
        kept: &Kept,
        stored: Option<store::Dialog>,
    ) -> Result<(), BotError> {
        let shop = self.shop();
        let row = store::Dialog::row(self.chat());
        let plain = postcard::to_stdvec(kept).map_err(unpackable::<S>)?;
        let dialog = store::Dialog {
            chat: self.chat().clone(),
            plugin: S::PLUGIN.to_owned(),
            state: shop.vault().seal(shop.id(), row, &plain)?,
            version: 0,
        };
        let was = stored.map_or(0, |dialog| dialog.version);
        let mut batch = Batch::chore(shop.id(), shop.now(), shop.ids());
        batch.push(ChatWrite::PutDialog { dialog, was });
        Ok(shop.commit(batch).await?)
    }

    /// The dialog of the chat. One that can't be read is left, so that nobody is stuck in it.
    ///
    /// # Errors
    /// [`BotError::Store`] or [`BotError::Commit`]; [`BotError::Vault`] when no key opens it;
    /// [`BotError::Stale`] when another version of the program stored it.
    pub async fn dialog(&self) -> Result<Option<Open>, BotError> {
        let opened = self
            .stored_dialog()
            .await?
            .map(|dialog| self.unseal(&dialog))
            .transpose();
        if opened.is_err() {
            self.leave_dialog().await?;
        }
        opened
    }

    fn unseal(&self, dialog: &store::Dialog) -> Result<Open, BotError> {
        let shop = self.shop();
        let row = store::Dialog::row(self.chat());
        let plain = shop.vault().open(shop.id(), row, &dialog.state)?;
        Ok(Open {
            plugin: dialog.plugin.clone(),
            kept: postcard::from_bytes(&plain).map_err(|_| Stale)?,
        })
    }

    /// Leaves the dialog of the chat, if there is one.
    ///
    /// # Errors
    /// [`BotError::Store`] or [`BotError::Commit`].
    pub async fn leave_dialog(&self) -> Result<(), BotError> {
        let shop = self.shop();
        if self.stored_dialog().await?.is_none() {
            return Ok(());
        }
        let mut batch = Batch::chore(shop.id(), shop.now(), shop.ids());
        let chat = self.chat().clone();
        batch.push(ChatWrite::EndDialog { chat });
        Ok(shop.commit(batch).await?)
    }
}

fn unpackable<S: State>(source: postcard::Error) -> PackError {
    let plugin = S::PLUGIN;
    PackError::Unpackable { plugin, source }
}

/// The random end of a fresh id.
fn new_thread(ctx: &Ctx<'_>) -> Thread {
    let id: uuid::Uuid = ctx.shop().ids().next();
    let bytes = id.as_bytes();
    Thread::from_be_bytes([bytes[12], bytes[13], bytes[14], bytes[15]])
}
