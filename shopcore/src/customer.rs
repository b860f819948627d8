//! Customers, and the chats in which they are met.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::id::CustomerId;
use crate::text::{Name, labels};
use crate::time::Timestamp;

labels! {
    /// The name of a frontend, such as `telegram`.
    FrontendName: 16;
    /// A platform's own id of a person.
    ExternalId: 64;
    /// A platform's own id of a chat.
    ChatId: 64;
    /// A platform's own id of a message in a chat.
    MessageId: 64;
}

/// A person as a platform knows them; unique in the shop.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Contact {
    /// Where they are met.
    pub frontend: FrontendName,
    /// Who they are there.
    pub external: ExternalId,
}

/// A chat on a platform.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Chat {
    /// The platform.
    pub frontend: FrontendName,
    /// The chat there.
    pub id: ChatId,
}

/// Whether a customer may use the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// They may.
    Welcome,
    /// They may not.
    Banned,
}

/// Whether a customer can be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reachability {
    /// They can, as far as is known.
    Reachable,
    /// Their platform refused the last message for good: they stopped the bot, or are gone.
    Blocked,
}

/// A text is no language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a language is named by 2 to 16 letters, digits and hyphens, such as en or id")]
pub struct BadLanguage;

/// A language that someone chose: the tag of BCP 47, such as `en` or `id`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

impl Language {
    /// Takes a tag: 2 to 16 letters, digits and hyphens, a letter in front.
    ///
    /// # Errors
    /// [`BadLanguage`].
    pub fn parse(tag: &str) -> Result<Self, BadLanguage> {
        let fits = (2..=16).contains(&tag.len())
            && tag.starts_with(|c: char| c.is_ascii_alphabetic())
            && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if fits {
            Ok(Self(tag.to_owned()))
        } else {
            Err(BadLanguage)
        }
    }

    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Language {
    type Error = BadLanguage;

    fn try_from(tag: String) -> Result<Self, Self::Error> {
        Self::parse(&tag)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

/// Someone who came to the shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Their id.
    pub id: CustomerId,
    /// How they were first met.
    pub contact: Contact,
    /// Where they are written to.
    pub chat: Chat,
    /// What they call themselves, as far as it can be shown.
    pub name: Option<Name>,
    /// Whether they may use the shop.
    pub standing: Standing,
    /// When a ban lifts by itself; none where it is for good, or there is none.
    pub banned_until: Option<Timestamp>,
    /// The language they chose; without one they read their platform's.
    pub language: Option<Language>,
    /// Whether they can be written to.
    pub reachability: Reachability,
    /// When they first came.
    pub created_at: Timestamp,
    /// Raised by every change.
    pub version: u32,
}

impl Customer {
    /// Whether they may use the shop at `at`: a ban whose time is over bans no more, even before
    /// that is stored.
    #[must_use]
    pub fn standing_at(&self, at: Timestamp) -> Standing {
        match (self.standing, self.banned_until) {
            (Standing::Banned, Some(until)) if until <= at => Standing::Welcome,
            (standing, _) => standing,
        }
    }

    /// Whether they may and can be written to at `at` without having asked.
    #[must_use]
    pub fn is_open_at(&self, at: Timestamp) -> bool {
        match (self.standing_at(at), self.reachability) {
            (Standing::Welcome, Reachability::Reachable) => true,
            (Standing::Banned, _) | (_, Reachability::Blocked) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_a_short_tag() {
        for tag in ["id", "en", "pt-BR", "zh-Hant-TW"] {
            assert_eq!(Language::parse(tag).unwrap().as_str(), tag);
        }
        for tag in ["", "e", "-en", "en_GB", "\u{e9}n", "en-a-very-long-one"] {
            assert_eq!(Language::parse(tag), Err(BadLanguage), "{tag}");
        }
    }
}
