//! Incoming: what a person did on a platform, in the framework's terms.

use std::fmt;

use crate::customer::{Chat, ChatId, Contact, ExternalId, FrontendName, MessageId};
use crate::store::RequestKey;
use crate::text::{BadLabel, Name, labels};

use super::action::Packed;

labels! {
    /// A platform's own id of an update, the same when it is delivered twice.
    UpdateId: 64;
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The person.
    pub contact: Contact,
    /// What they call themselves, as far as it can be shown.
    pub name: Option<Name>,
    /// The language of their platform, such as `id` or `en-GB`.
    pub language: Option<String>,
}

/// Something a person did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Where.
    pub chat: Chat,
    /// Who.
    pub sender: Sender,
    /// The platform's id of it.
    pub update: UpdateId,
    /// What.
    pub kind: Kind,
}

/// What a person did. `Debug` shows neither words nor files: they may be contents of stock.
#[derive(Clone, PartialEq, Eq)]
pub enum Kind {
    /// They typed.
    Text(String),
    /// They gave a command.
    Command {
        /// Its name, without the slash, in lower case.
        name: String,
        /// What follows it.
        args: String,
    },
    /// They pressed a button.
    Button {
        /// What is behind it; `None` where no button of the bot can have carried it.
        action: Option<Packed>,
        /// The message it stands below, where the platform still knows it.
        message: Option<MessageId>,
    },
    /// They sent a file.
    File {
        /// Its name.
        name: String,
        /// What is in it.
        bytes: Vec<u8>,
    },
    /// They sent what the bot can't use, such as a sticker.
    Other,
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Command { name, .. } => write!(f, "Command({name})"),
            Self::Button { action, .. } => write!(f, "Button({action:?})"),
            Self::File { bytes, .. } => write!(f, "File({} bytes)", bytes.len()),
            Self::Other => f.write_str("Other"),
        }
    }
}

impl Kind {
    /// What typed words are: a command where they begin with a slash and a letter, else a text.
    /// A bot's name after the command, as in `/start@shop`, is left out.
    ///
    /// ```
    /// use shopcore::bot::incoming::Kind;
    ///
    /// assert_eq!(
    ///     Kind::typed("/search@shop  office"),
    ///     Kind::Command { name: "search".into(), args: "office".into() },
    /// );
    /// ```
    #[must_use]
    pub fn typed(text: &str) -> Self {
        let command = text
            .strip_prefix('/')
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
        let Some(rest) = command else {
            return Self::Text(text.to_owned());
        };
        let (name, args) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let name = name.split_once('@').map_or(name, |(name, _)| name);
        Self::Command {
            name: name.to_ascii_lowercase(),
            args: args.trim().to_owned(),
        }
    }
}

impl Incoming {
    /// What somebody did in the one chat they have with the bot: `who` names both, and is what they
    /// are called.
    ///
    /// # Errors
    /// [`BadLabel`] where `who` or `update` is not 1 to 64 visible ASCII characters.
    pub fn private(
        frontend: &FrontendName,
        who: &str,
        update: &str,
        kind: Kind,
    ) -> Result<Self, BadLabel> {
        let contact = Contact {
            frontend: frontend.clone(),
            external: ExternalId::parse(who)?,
        };
        Ok(Self {
            chat: Chat {
                frontend: frontend.clone(),
                id: ChatId::parse(who)?,
            },
            sender: Sender {
                contact,
                name: Name::parse(who).ok(),
                language: None,
            },
            update: UpdateId::parse(update)?,
            kind,
        })
    }

    /// Tells this deed from every other: an update that is delivered twice asks for one thing.
    #[must_use]
    pub fn request_key(&self) -> RequestKey {
        let Chat { frontend, id } = &self.chat;
        RequestKey(format!("{frontend}/{id}/{}", self.update))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_slash_and_a_letter_make_a_command() {
        for text in ["", "hello", "/", "/ start", "/1", "//x", "1/start"] {
            assert_eq!(Kind::typed(text), Kind::Text(text.to_owned()));
        }
        let start = Kind::Command {
            name: "start".into(),
            args: String::new(),
        };
        assert_eq!(Kind::typed("/START"), start);
    }

    #[test]
    fn debug_shows_no_words() {
        assert_eq!(format!("{:?}", Kind::typed("KEY-1")), "Text(5 bytes)");
        assert_eq!(format!("{:?}", Kind::typed("/add KEY-1")), "Command(add)");
    }
}
