//! Updates in the framework's terms: who did what in which private chat.

use shopcore::bot::action::Packed;
use shopcore::bot::incoming::{Incoming, Kind, Sender, UpdateId};
use shopcore::customer::{Chat, ChatId, Contact, ExternalId, FrontendName, MessageId};
use shopcore::text::{BadLabel, Name};
use teloxide::types::{self, CallbackQueryId, FileMeta, UpdateKind, User};

/// The longest file that is taken from a customer, in bytes. Longer ones are not fetched.
pub const FILE_BYTES_MAX: u32 = 8 * 1024 * 1024;

/// Stands in front of the ids of button presses, whose rest answers the press.
const PRESS: &str = "press-";

/// Something a person did, perhaps with a file that is still to be fetched.
pub(crate) struct Deed {
    pub(crate) incoming: Incoming,
    pub(crate) file: Option<Enclosed>,
}

/// A file that came with a message: a document, or the largest size of a photo.
pub(crate) struct Enclosed {
    pub(crate) file: FileMeta,
    pub(crate) name: String,
}

/// What an update says; `None` where it is not for a shop.
pub(crate) fn read(frontend: &FrontendName, update: types::Update) -> Option<Deed> {
    let number = update.id.0;
    let read = if let UpdateKind::Message(message) = update.kind {
        from_message(frontend, number, &message)?
    } else if let UpdateKind::CallbackQuery(press) = update.kind {
        from_press(frontend, press)?
    } else {
        return None;
    };
    let told = read.inspect_err(|error| tracing::warn!(number, %error, "an update is unreadable"));
    told.ok()
}

/// The press that `incoming` is, as Telegram wants it acknowledged.
pub(crate) fn query_of(incoming: &Incoming) -> Option<CallbackQueryId> {
    let id = incoming.update.as_str().strip_prefix(PRESS)?;
    Some(CallbackQueryId(id.to_owned()))
}

type Read = Result<Deed, BadLabel>;

fn from_message(frontend: &FrontendName, number: u32, message: &types::Message) -> Option<Read> {
    let from = message.from.as_ref()?;
    let is_said = matches!(message.kind, types::MessageKind::Common(_));
    if !message.chat.is_private() || !is_said {
        return None;
    }
    let kind = message.text().map_or(Kind::Other, Kind::typed);
    let incoming = incoming(frontend, &message.chat, from, &number.to_string(), kind);
    let file = enclosed(message).filter(|enclosed| enclosed.file.size <= FILE_BYTES_MAX);
    Some(incoming.map(|incoming| Deed { incoming, file }))
}

fn enclosed(message: &types::Message) -> Option<Enclosed> {
    if let Some(document) = message.document() {
        let name = document.file_name.clone();
        return Some(Enclosed {
            file: document.file.clone(),
            name: name.unwrap_or_else(|| "file".to_owned()),
        });
    }
    let largest = message.photo()?.iter().max_by_key(|size| size.width)?;
    Some(Enclosed {
        file: largest.file.clone(),
        name: "photo.jpg".to_owned(),
    })
}

fn from_press(frontend: &FrontendName, press: types::CallbackQuery) -> Option<Read> {
    let message = press
        .message
        .filter(|message| message.chat().is_private())?;
    let kind = Kind::Button {
        action: press.data.and_then(|text| Packed::received(&text).ok()),
        message: MessageId::parse(&message.id().0.to_string()).ok(),
    };
    let update = format!("{PRESS}{}", press.id.0);
    let incoming = incoming(frontend, message.chat(), &press.from, &update, kind);
    let file = None;
    Some(incoming.map(|incoming| Deed { incoming, file }))
}

fn incoming(
    frontend: &FrontendName,
    chat: &types::Chat,
    from: &User,
    update: &str,
    kind: Kind,
) -> Result<Incoming, BadLabel> {
    Ok(Incoming {
        chat: Chat {
            frontend: frontend.clone(),
            id: ChatId::parse(&chat.id.0.to_string())?,
        },
        sender: Sender {
            contact: Contact {
                frontend: frontend.clone(),
                external: ExternalId::parse(&from.id.0.to_string())?,
            },
            name: shown_name(from),
            language: from.language_code.clone(),
        },
        update: UpdateId::parse(update)?,
        kind,
    })
}

/// The person's name, cut to what a shop keeps.
fn shown_name(from: &User) -> Option<Name> {
    let name: String = from.full_name().chars().take(Name::MAX).collect();
    Name::parse(&name).ok()
}
