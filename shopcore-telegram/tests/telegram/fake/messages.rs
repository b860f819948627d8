//! Messages of chats, and what may be done to them.

use serde_json::{Value, json};

use super::form::Form;
use super::{Answer, Refusal, World, html};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    Text,
    Photo(Vec<u8>),
    Document(String, Vec<u8>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Message {
    pub(crate) id: i64,
    /// As people read it.
    pub(crate) text: String,
    pub(crate) content: Content,
    pub(crate) keyboard: Value,
    /// Whether it is older than 48 hours.
    pub(crate) old: bool,
}

impl Message {
    fn buttons(&self) -> impl Iterator<Item = &Value> {
        let rows = self.keyboard["inline_keyboard"].as_array();
        rows.into_iter()
            .flatten()
            .flat_map(|row| row.as_array().unwrap())
    }

    /// What stands on the buttons, in reading order.
    pub(crate) fn labels(&self) -> Vec<&str> {
        self.buttons()
            .map(|button| button["text"].as_str().unwrap())
            .collect()
    }

    pub(crate) fn button(&self, label: &str) -> &Value {
        let found = self.buttons().find(|button| button["text"] == label);
        found.unwrap_or_else(|| panic!("no button {label:?} among {:?}", self.labels()))
    }

    pub(super) fn to_json(&self, chat: i64) -> Value {
        let mut json = json!({
            "message_id": self.id, "date": 1_767_225_600,
            "chat": { "id": chat, "type": "private", "first_name": "x" },
        });
        let file = |bytes: &[u8]| json!({ "file_id": "f", "file_unique_id": "f", "file_size": bytes.len() });
        match &self.content {
            Content::Text => json["text"] = json!(self.text),
            Content::Photo(bytes) => {
                let mut size = file(bytes);
                size["width"] = json!(100);
                size["height"] = json!(100);
                json["photo"] = json!([size]);
            }
            Content::Document(name, bytes) => {
                json["document"] = file(bytes);
                json["document"]["file_name"] = json!(name);
            }
        }
        json
    }
}

impl World {
    pub(super) fn send(&mut self, form: &Form, content: Content) -> Answer {
        let chat = form.number("chat_id").unwrap();
        if self.blocked.contains(&chat) {
            let description = "Forbidden: bot was blocked by the user";
            return Err(Refusal(403, description.to_owned(), None));
        }
        if !self.people.contains(&chat) {
            return Err(Refusal::bad("chat not found"));
        }
        let message = Message {
            id: self.number(),
            text: words(form, &content)?,
            content,
            keyboard: keyboard(form)?,
            old: false,
        };
        let shown = message.to_json(chat);
        self.messages.insert((chat, message.id), message);
        Ok(shown)
    }

    pub(super) fn edit_text(&mut self, form: &Form) -> Answer {
        if self.editable(form)?.content != Content::Text {
            return Err(Refusal::bad("there is no text in the message to edit"));
        }
        let text = words(form, &Content::Text)?;
        self.put(form, text, Content::Text)
    }

    pub(super) fn edit_media(&mut self, form: &Form) -> Answer {
        self.editable(form)?;
        let media = form.json("media");
        let address = media["media"].as_str().unwrap();
        let content = match media["type"].as_str().unwrap() {
            "photo" => Content::Photo(form.bytes_of(address)),
            "document" => Content::Document(form.name_of(address), form.bytes_of(address)),
            other => panic!("no such media: {other}"),
        };
        assert_eq!(media["parse_mode"], "HTML");
        let caption = media["caption"].as_str().unwrap_or_default();
        let text = checked(caption, 1_024)?;
        self.put(form, text, content)
    }

    fn put(&mut self, form: &Form, text: String, content: Content) -> Answer {
        let keyboard = keyboard(form)?;
        let chat = form.number("chat_id").unwrap();
        let message = self.editable(form)?;
        let changed = Message {
            text,
            content,
            keyboard,
            ..message.clone()
        };
        if *message == changed {
            return Err(Refusal::bad(
                "message is not modified: specified new message content and reply markup are \
                 exactly the same as a current content and reply markup of the message",
            ));
        }
        *message = changed;
        Ok(message.to_json(chat))
    }

    fn editable(&mut self, form: &Form) -> Result<&mut Message, Refusal> {
        match self.messages.get_mut(&key(form)) {
            None => Err(Refusal::bad("message to edit not found")),
            Some(message) if message.old => Err(Refusal::bad("message can't be edited")),
            Some(message) => Ok(message),
        }
    }

    pub(super) fn delete(&mut self, form: &Form) -> Answer {
        match self.messages.get(&key(form)) {
            None => Err(Refusal::bad("message to delete not found")),
            Some(message) if message.old => {
                Err(Refusal::bad("message can't be deleted for everyone"))
            }
            Some(_) => {
                self.messages.remove(&key(form));
                Ok(json!(true))
            }
        }
    }
}

fn key(form: &Form) -> (i64, i64) {
    (
        form.number("chat_id").unwrap(),
        form.number("message_id").unwrap(),
    )
}

fn words(form: &Form, content: &Content) -> Result<String, Refusal> {
    let (field, max) = match content {
        Content::Text => ("text", 4_096),
        Content::Photo(_) | Content::Document(..) => ("caption", 1_024),
    };
    assert_eq!(form.text("parse_mode").as_deref(), Some("HTML"));
    let text = checked(&form.text(field).unwrap_or_default(), max)?;
    if *content == Content::Text && text.trim().is_empty() {
        return Err(Refusal::bad("message text is empty"));
    }
    Ok(text)
}

fn checked(html: &str, max: usize) -> Result<String, Refusal> {
    let text = html::read(html);
    let text = text.map_err(|why| Refusal::bad(&format!("can't parse entities: {why}")))?;
    match text.encode_utf16().count() {
        length if length > max => Err(Refusal::bad("message is too long")),
        _ => Ok(text),
    }
}

fn keyboard(form: &Form) -> Result<Value, Refusal> {
    let keyboard = form.json("reply_markup");
    let rows = keyboard["inline_keyboard"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    for button in rows.iter().flat_map(|row| row.as_array().unwrap()) {
        if button["text"].as_str().unwrap().is_empty() {
            return Err(Refusal::bad("inline keyboard button text is empty"));
        }
        if button["callback_data"]
            .as_str()
            .is_some_and(|data| data.len() > 64)
        {
            return Err(Refusal::bad("BUTTON_DATA_INVALID"));
        }
    }
    Ok(keyboard)
}
