//! Replies: texts in the words of the shop's team, and pictures of its main views, which take effect
//! without a restart and go before what the shop's file says.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

use super::wording::message;
use super::{Locale, Texts};
use crate::bot::view::{Media, View};

/// The longest text that platforms carry beside a picture, in UTF-16 units.
const CAPTION: usize = 1_024;

/// A view that may have a picture of the shop's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::bot) enum Scene {
    Welcome,
    Catalogue,
    Products,
    Checkout,
    Wallet,
    Help,
    Terms,
}

impl Scene {
    pub(in crate::bot) const ALL: [Self; 7] = [
        Self::Welcome,
        Self::Catalogue,
        Self::Products,
        Self::Checkout,
        Self::Wallet,
        Self::Help,
        Self::Terms,
    ];

    /// Its name in keys.
    pub(in crate::bot) const fn as_str(self) -> &'static str {
        match self {
            Self::Welcome => "welcome",
            Self::Catalogue => "catalogue",
            Self::Products => "products",
            Self::Checkout => "checkout",
            Self::Wallet => "wallet",
            Self::Help => "help",
            Self::Terms => "terms",
        }
    }
}

/// The words of the team, by language and text, and their pictures, as of a version.
#[derive(Default)]
pub(in crate::bot) struct Replies {
    version: Option<Vec<u8>>,
    words: BTreeMap<(usize, String), String>,
    bundles: BTreeMap<usize, FluentBundle<FluentResource>>,
    pictures: BTreeMap<&'static str, Vec<u8>>,
}

impl fmt::Debug for Replies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (words, pictures) = (self.words.len(), self.pictures.len());
        write!(f, "Replies({words} texts, {pictures} pictures)")
    }
}

impl Replies {
    /// None yet, as of a version.
    pub(in crate::bot) fn of(version: Option<Vec<u8>>) -> Self {
        Self {
            version,
            ..Self::default()
        }
    }

    /// Adds a picture.
    pub(in crate::bot) fn picture(&mut self, scene: Scene, picture: Vec<u8>) {
        self.pictures.insert(scene.as_str(), picture);
    }

    /// The markup of a message in a language, where the team worded it so that it can be told.
    pub(super) fn format(
        &self,
        language: usize,
        id: &str,
        args: &FluentArgs<'_>,
    ) -> Option<String> {
        let bundle = self.bundles.get(&language)?;
        let pattern = bundle.get_message(id)?.value()?;
        let mut errors = Vec::new();
        let markup = bundle.format_pattern(pattern, Some(args), &mut errors);
        if errors.is_empty() {
            return Some(markup.into_owned());
        }
        tracing::warn!(
            id,
            "a text of the shop's own lacks arguments; the usual one is used"
        );
        None
    }
}

impl Texts {
    /// Adds words of the team to those that are to be used. What can't be understood, or is of a
    /// language or a text that is not there, is left out.
    pub(in crate::bot) fn word(&self, replies: &mut Replies, (tag, id): (&str, &str), words: &str) {
        let known = self
            .languages
            .iter()
            .position(|language| language.id == tag);
        let Some(language) = known.filter(|index| self.languages[*index].knows(id)) else {
            tracing::debug!(id, tag, "words of a text that is not there are left out");
            return;
        };
        let Ok(resource) = FluentResource::try_new(message(id, words)) else {
            tracing::warn!(id, tag, "a text of the shop's own can't be read");
            return;
        };
        let bundle = replies.bundles.entry(language).or_insert_with(|| {
            let id = self.languages[language].id.clone();
            let mut bundle = FluentBundle::new_concurrent(vec![id]);
            bundle.set_use_isolating(false);
            bundle
        });
        bundle.add_resource_overriding(resource);
        replies
            .words
            .insert((language, id.to_owned()), words.to_owned());
    }

    /// Uses these from now on, in place of those that were used.
    pub(in crate::bot) fn adopt(&self, replies: Replies) {
        let mut used = self.replies.write().unwrap_or_else(PoisonError::into_inner);
        *used = Arc::new(replies);
    }

    /// What is used now.
    pub(super) fn replies(&self) -> Arc<Replies> {
        let used = self.replies.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&used)
    }

    /// The version of what is used now.
    pub(in crate::bot) fn replies_version(&self) -> Option<Vec<u8>> {
        self.replies().version.clone()
    }

    /// The team's words of a text.
    pub(in crate::bot) fn words_of(&self, language: usize, id: &str) -> Option<String> {
        let used = self.replies();
        used.words.get(&(language, id.to_owned())).cloned()
    }
}

impl<'a> Locale<'a> {
    /// All texts.
    pub(in crate::bot) fn texts(self) -> &'a Texts {
        self.texts
    }

    /// The place of this language among all.
    pub(in crate::bot) fn place(self) -> usize {
        self.index
    }

    /// The picture that the team gave a view.
    pub(in crate::bot) fn picture(self, scene: Scene) -> Option<Vec<u8>> {
        self.texts.replies().pictures.get(scene.as_str()).cloned()
    }

    /// The view with the picture that the team gave it, where it carries nothing else and its text
    /// fits beside a picture.
    pub(in crate::bot) fn illustrated(self, scene: Scene, view: View) -> View {
        if view.media.is_some() || view.text.len_utf16() > CAPTION {
            return view;
        }
        match self.picture(scene) {
            Some(picture) => view.media(Media::Picture(picture)),
            None => view,
        }
    }
}
