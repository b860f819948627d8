//! The shop's own replies as its store keeps them: taken up by every process with the next deed.

use serde_json::json;

use super::context::Ctx;
use super::dispatch::Core;
use super::error::BotError;
use super::middleware::Chain;
use super::permission::Permission;
use super::texts::{Replies, Scene};
use crate::audit::{Entity, Kind};
use crate::store::{Batch, ChatWrite, Page, StoreError};

/// The plug-in under whose name replies are kept.
pub(super) const KEEPER: &str = "replies";

/// Another one with every change.
const VERSION: &str = "version";

/// In front of the keys of words, and of pictures.
const WORDS: &str = "words/";
const PICTURE: &str = "picture/";

/// Texts that are read at a time.
const READ: u32 = 500;

/// A change of the shop's own replies; nothing brings back the usual.
#[derive(Debug)]
pub(super) enum Change<'a> {
    /// Words of a text, in a language.
    Words {
        tag: &'a str,
        id: &'a str,
        words: Option<&'a str>,
    },
    /// The picture of a view.
    Picture(Scene, Option<&'a [u8]>),
}

impl Core {
    /// Takes up what the team changed since, in whichever process. While the store can't be read,
    /// what is known goes on.
    pub(super) async fn take_up_replies(&self) {
        if let Err(error) = self.read_replies().await {
            tracing::debug!(error = %Chain(&error), "the shop's own replies can't be read");
        }
    }

    async fn read_replies(&self) -> Result<(), StoreError> {
        let (store, shop) = (self.shop.store(), self.shop.id());
        let version = store.find_state(shop, KEEPER, VERSION).await?;
        if version == self.texts.replies_version() {
            return Ok(());
        }
        let mut replies = Replies::of(version);
        for number in 0.. {
            let page = Page::number(number, READ);
            let listed = store.list_states(shop, KEEPER, WORDS, page).await?;
            if listed.items.is_empty() {
                break;
            }
            for (key, words) in listed.items {
                let place = key
                    .strip_prefix(WORDS)
                    .and_then(|rest| rest.split_once('/'));
                if let (Some(place), Ok(words)) = (place, String::from_utf8(words)) {
                    self.texts.word(&mut replies, place, &words);
                }
            }
        }
        for scene in Scene::ALL {
            let key = format!("{PICTURE}{}", scene.as_str());
            if let Some(picture) = store.find_state(shop, KEEPER, &key).await? {
                replies.picture(scene, picture);
            }
        }
        self.texts.adopt(replies);
        Ok(())
    }
}

impl Ctx<'_> {
    /// Changes the shop's own replies, as someone who may change its settings.
    pub(super) async fn change_replies(&self, change: Change<'_>) -> Result<(), BotError> {
        let (actor, shop) = (self.admin(Permission::Settings)?, self.shop());
        let (key, value, action, details) = match change {
            Change::Words { tag, id, words } => (
                format!("{WORDS}{tag}/{id}"),
                words.map(|words| words.as_bytes().to_vec()),
                "text changed",
                json!({ "text": id, "language": tag, "words": words }),
            ),
            Change::Picture(scene, picture) => (
                format!("{PICTURE}{}", scene.as_str()),
                picture.map(<[u8]>::to_vec),
                "picture of a view changed",
                json!({ "view": scene.as_str(), "bytes": picture.map_or(0, <[u8]>::len) }),
            ),
        };
        let version: uuid::Uuid = shop.ids().next();
        let put = |key, value| ChatWrite::PutState {
            plugin: KEEPER.to_owned(),
            key,
            value,
        };
        let mut batch = Batch::by(actor, shop.id(), shop.now(), shop.ids());
        batch
            .push(put(key, value))
            .push(put(VERSION.to_owned(), Some(version.as_bytes().to_vec())))
            .record(Entity::new(Kind::Shop, shop.id()), action, details);
        shop.commit(batch).await?;
        self.core().take_up_replies().await;
        Ok(())
    }
}
