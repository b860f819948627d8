//! Texts: every word the bot says is a Fluent message, looked up in the reader's language.
//!
//! A message is named where it is used, with its arguments: `t!(ctx, "cart-total", total = total)`.
//! Messages may use the markup of [`rich`](super::rich); arguments are shown literally.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, RwLock};

use chrono::{FixedOffset, Offset, Utc};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use thiserror::Error;
use unic_langid::LanguageIdentifier;

use super::rich::{Rich, escape};

mod languages;
mod moment;
mod replies;
mod wording;

pub(in crate::bot) use replies::{Replies, Scene};
use wording::Wording;
pub(in crate::bot) use wording::{Author, WordingError, mark_of};

/// The files of texts: their names, and what is in them in English and in Indonesian.
macro_rules! files {
    ($($file:literal),* $(,)?) => {
        /// The names of the files of texts.
        pub(in crate::bot) const FILES: &[&str] = &[$($file),*];
        const ENGLISH: [&str; FILES.len()] =
            [$(include_str!(concat!("../../locales/en/", $file, ".ftl"))),*];
        const INDONESIAN: [&str; FILES.len()] =
            [$(include_str!(concat!("../../locales/id/", $file, ".ftl"))),*];
    };
}
files!(
    "bot",
    "storefront",
    "checkout",
    "orders",
    "wallet",
    "admin",
    "catalogue",
    "stock",
    "team",
    "customers",
    "broadcast",
    "notices",
    "reports",
    "operations",
    "settings",
    "contact",
    "replies",
);

/// Why texts were refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TextsError {
    /// Not a language, such as `en` or `pt-BR`.
    #[error("{0:?} is not a language")]
    Language(String),
    /// Not Fluent's syntax.
    #[error("line {line} is not a Fluent message")]
    Syntax {
        /// The first line that is not understood, from 1.
        line: usize,
    },
    /// It replaces a message the bot does not have.
    #[error("there is no text {0:?} to replace")]
    Unknown(String),
}

struct Language {
    id: LanguageIdentifier,
    bundle: FluentBundle<FluentResource>,
    /// What its messages say, as people would type it.
    wordings: BTreeMap<String, Wording>,
}

impl Language {
    /// The markup of a message, where it is there.
    fn format<'a>(&'a self, id: &str, args: &'a Args) -> Option<Cow<'a, str>> {
        let pattern = self.bundle.get_message(id)?.value()?;
        let mut errors = Vec::new();
        let markup = self
            .bundle
            .format_pattern(pattern, Some(&args.0), &mut errors);
        if !errors.is_empty() {
            tracing::error!(id, "a text lacks arguments");
        }
        Some(markup)
    }
}

/// All texts, in all languages; the first language has every message.
pub struct Texts {
    languages: Vec<Language>,
    zone: FixedOffset,
    /// What the team words in chat, in front of everything else.
    replies: RwLock<Arc<Replies>>,
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self
            .languages
            .iter()
            .map(|language| language.id.to_string());
        f.debug_tuple("Texts")
            .field(&ids.collect::<Vec<_>>())
            .finish()
    }
}

impl Texts {
    /// The texts of the bot and its plug-ins in English.
    ///
    /// # Errors
    /// [`TextsError`] only where the built-in texts are broken.
    pub fn english() -> Result<Self, TextsError> {
        let mut texts = Self {
            languages: Vec::new(),
            zone: Utc.fix(),
            replies: RwLock::default(),
        };
        for (group, source) in ENGLISH.into_iter().enumerate() {
            texts = texts.adding("en", source, group)?;
        }
        Ok(texts)
    }

    /// The texts of the bot and its plug-ins in every language that comes with them: English, and
    /// Bahasa Indonesia.
    ///
    /// # Errors
    /// [`TextsError`] only where the built-in texts are broken.
    pub fn shipped() -> Result<Self, TextsError> {
        let mut indonesian = INDONESIAN.into_iter().enumerate();
        indonesian.try_fold(Self::english()?, |texts, (group, source)| {
            texts.adding("id", source, group)
        })
    }

    /// Adds messages in a language, such as those of a plug-in of one's own; messages that are
    /// there are replaced.
    ///
    /// # Errors
    /// [`TextsError`]; the texts are lost then.
    pub fn with(self, language: &str, source: &str) -> Result<Self, TextsError> {
        self.adding(language, source, FILES.len())
    }

    fn adding(mut self, language: &str, source: &str, group: usize) -> Result<Self, TextsError> {
        let resource = read(source)?;
        let language = self.language(language)?;
        language.bundle.add_resource_overriding(resource);
        language.note(source, Author::Program, group);
        Ok(self)
    }

    /// Replaces messages in a language in the owner's words, none of which may be unknown.
    ///
    /// # Errors
    /// [`TextsError`]; the texts are lost then.
    pub fn replacing(mut self, language: &str, source: &str) -> Result<Self, TextsError> {
        let resource = read(source)?;
        let first = self.languages.first();
        let unknown =
            message_ids(source).find(|id| !first.is_some_and(|first| first.bundle.has_message(id)));
        if let Some(id) = unknown {
            return Err(TextsError::Unknown(id.to_owned()));
        }
        let language = self.language(language)?;
        language.bundle.add_resource_overriding(resource);
        language.note(source, Author::File, FILES.len());
        Ok(self)
    }

    /// Tells times as a clock on the wall shows them that is so far from UTC.
    #[must_use]
    pub fn in_zone(self, zone: FixedOffset) -> Self {
        Self { zone, ..self }
    }

    fn language(&mut self, language: &str) -> Result<&mut Language, TextsError> {
        let id: LanguageIdentifier = language
            .parse()
            .map_err(|_| TextsError::Language(language.to_owned()))?;
        let index = match self.languages.iter().position(|known| known.id == id) {
            Some(index) => index,
            None => {
                let mut bundle = FluentBundle::new_concurrent(vec![id.clone()]);
                bundle.set_use_isolating(false);
                let wordings = BTreeMap::new();
                self.languages.push(Language {
                    id,
                    bundle,
                    wordings,
                });
                self.languages.len() - 1
            }
        };
        Ok(&mut self.languages[index])
    }

    /// The texts for a reader who asks for this language: the same language and region, else the
    /// same language, else the first.
    #[must_use]
    pub fn locale(&self, asked: Option<&str>) -> Locale<'_> {
        let asked: Option<LanguageIdentifier> = asked.and_then(|asked| asked.parse().ok());
        let exact = self
            .languages
            .iter()
            .position(|known| Some(&known.id) == asked.as_ref());
        let alike = || {
            self.languages
                .iter()
                .position(|known| Some(&known.id.language) == asked.as_ref().map(|a| &a.language))
        };
        Locale {
            texts: self,
            index: exact.or_else(alike).unwrap_or(0),
        }
    }
}

fn read(source: &str) -> Result<FluentResource, TextsError> {
    FluentResource::try_new(source.to_owned()).map_err(|(_, errors)| {
        let start = errors.first().map_or(0, |error| error.pos.start);
        let before = source.get(..start).unwrap_or("");
        TextsError::Syntax {
            line: before.matches('\n').count() + 1,
        }
    })
}

fn message_ids(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter_map(|line| {
        let (id, _) = line.split_once('=')?;
        let id = id.trim_end();
        id.starts_with(|c: char| c.is_ascii_alphabetic())
            .then_some(id)
    })
}

/// The texts as one reader reads them.
#[derive(Debug, Clone, Copy)]
pub struct Locale<'a> {
    texts: &'a Texts,
    index: usize,
}

impl Locale<'_> {
    /// The message of this id with its arguments; in the first language where the reader's has
    /// none, and the id itself where no language has one.
    #[must_use]
    pub fn format(&self, id: &str, args: &Args) -> Rich {
        let replies = self.texts.replies();
        let markup = [self.index, 0].into_iter().find_map(|index| {
            let own = replies.format(index, id, &args.0).map(Cow::Owned);
            own.or_else(|| self.texts.languages.get(index)?.format(id, args))
        });
        let Some(markup) = markup else {
            tracing::error!(id, "there is no such text");
            return Rich::plain(id);
        };
        Rich::parse(&markup)
    }
}

/// The arguments of a message.
#[derive(Debug, Default)]
pub struct Args(FluentArgs<'static>);

impl Args {
    /// The arguments with one more, shown literally.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Arg>) -> Self {
        self.0.set(name, value.into().0);
        self
    }
}

/// An argument of a message.
#[derive(Debug)]
pub struct Arg(FluentValue<'static>);

impl Arg {
    /// Whatever can be displayed, shown literally.
    #[must_use]
    pub fn shown(value: &impl fmt::Display) -> Self {
        Self(FluentValue::from(escape(&value.to_string())))
    }
}

macro_rules! counts {
    ($($number:ty),*) => {$(
        impl From<$number> for Arg {
            /// A count, which messages may choose their wording by.
            fn from(count: $number) -> Self {
                Self(FluentValue::from(count))
            }
        }
    )*};
}
counts!(u32, u64, usize);

macro_rules! shown {
    ($($shown:ty),* $(,)?) => {$(
        impl From<$shown> for Arg {
            fn from(value: $shown) -> Self {
                Self::shown(&value)
            }
        }
        impl From<&$shown> for Arg {
            fn from(value: &$shown) -> Self {
                Self::shown(value)
            }
        }
    )*};
}
shown!(
    String,
    Rich,
    crate::money::Money,
    crate::money::Percent,
    crate::order::OrderNumber,
    crate::text::Name,
    crate::text::Description,
    crate::text::ProductCode,
    crate::text::VoucherCode,
    crate::invoice::GatewayName,
);

impl From<&str> for Arg {
    fn from(value: &str) -> Self {
        Self::shown(&value)
    }
}

/// The message of an id in the reader's language: `t!(ctx, "id", name = value, …)`.
#[macro_export]
macro_rules! t {
    ($reader:expr, $id:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $reader.format(
            $id,
            &$crate::bot::texts::Args::default()$(.with(stringify!($name), $value))*,
        )
    };
}
pub use crate::t;

#[cfg(test)]
mod tests;
