//! A Bot API server for tests, as strict as Telegram: it keeps chats and messages, refuses what
//! Telegram refuses, and fails on demand.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

use self::form::Form;
use self::messages::{Content, Message};

mod form;
mod html;
pub(crate) mod messages;

pub(crate) const TOKEN: &str = "4242:SECRET-secret_secret0123456789abcde";

/// What a method refuses: an HTTP status, a description, and perhaps seconds to wait.
#[derive(Clone, Debug)]
pub(crate) struct Refusal(u16, String, Option<u32>);

impl Refusal {
    pub(crate) fn bad(description: &str) -> Self {
        Self(400, format!("Bad Request: {description}"), None)
    }

    pub(crate) fn flood(seconds: u32) -> Self {
        let description = format!("Too Many Requests: retry after {seconds}");
        Self(429, description, Some(seconds))
    }
}

/// Everything the server knows.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) messages: BTreeMap<(i64, i64), Message>,
    /// Presses that were answered, with their remarks.
    pub(crate) answered: Vec<(String, Option<String>)>,
    pub(crate) updates: VecDeque<Value>,
    files: BTreeMap<String, Vec<u8>>,
    people: BTreeSet<i64>,
    blocked: BTreeSet<i64>,
    open_presses: BTreeSet<String>,
    faults: BTreeMap<String, VecDeque<Refusal>>,
    webhook: bool,
    numbers: i64,
    polls: usize,
}

impl World {
    fn number(&mut self) -> i64 {
        self.numbers += 1;
        self.numbers
    }

    /// What a chat shows, oldest first.
    pub(crate) fn chat(&self, chat: i64) -> Vec<&Message> {
        let here = self.messages.range((chat, 0)..(chat + 1, 0));
        here.map(|(_, message)| message).collect()
    }

    /// The newest message of a chat.
    pub(crate) fn last(&self, chat: i64) -> Option<&Message> {
        self.chat(chat).pop()
    }

    /// How often updates were asked for.
    pub(crate) fn polls(&self) -> usize {
        self.polls
    }
}

#[derive(Clone)]
pub(crate) struct Fake {
    pub(crate) url: String,
    world: Arc<watch::Sender<World>>,
}

impl Fake {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let world = World {
            webhook: true,
            ..World::default()
        };
        let fake = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            world: Arc::new(watch::Sender::new(world)),
        };
        let router = Router::new().fallback(serve).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        fake
    }

    /// Waits until `seen` finds what it looks for.
    pub(crate) async fn until<T>(&self, mut seen: impl FnMut(&World) -> Option<T>) -> T {
        let mut world = self.world.subscribe();
        let waiting = async {
            loop {
                if let Some(found) = seen(&world.borrow_and_update()) {
                    return found;
                }
                world.changed().await.unwrap();
            }
        };
        let found = timeout(Duration::from_secs(20), waiting).await;
        found.expect("what was waited for did not happen")
    }

    /// Looks at the world as it is, or changes it.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let (mut act, mut done) = (Some(act), None);
        self.world
            .send_modify(|world| done = act.take().map(|act| act(world)));
        done.unwrap()
    }

    /// Someone writes to the bot; gives the update.
    pub(crate) fn write(&self, person: &Value, text: &str) -> Value {
        self.say(person, json!({ "text": text }))
    }

    /// Someone sends a file to the bot.
    pub(crate) fn upload(&self, person: &Value, name: &str, bytes: &[u8], told_size: usize) {
        let id = self.with(|world| {
            let id = format!("file-{}", world.number());
            world.files.insert(id.clone(), bytes.to_vec());
            id
        });
        let document = json!({
            "file_id": id, "file_unique_id": id, "file_name": name, "file_size": told_size,
        });
        self.say(person, json!({ "document": document }));
    }

    /// Someone sends a photo to the bot, which Telegram tells of in several sizes.
    pub(crate) fn show(&self, person: &Value, bytes: &[u8]) {
        let (small, large) = self.with(|world| {
            let mut keep = |bytes: &[u8]| {
                let id = format!("file-{}", world.number());
                world.files.insert(id.clone(), bytes.to_vec());
                id
            };
            (keep(b"small"), keep(bytes))
        });
        let size = |id: &str, width: u32| {
            json!({
                "file_id": id, "file_unique_id": id, "file_size": 5, "width": width, "height": 9,
            })
        };
        self.say(
            person,
            json!({ "photo": [size(&small, 9), size(&large, 90)] }),
        );
    }

    /// Someone says something in the private chat with the bot, or wherever `said` puts it.
    pub(crate) fn say(&self, person: &Value, said: Value) -> Value {
        self.with(|world| {
            let id = person["id"].as_i64().unwrap();
            world.people.insert(id);
            let mut message = json!({
                "message_id": world.number(), "date": 1_767_225_600, "from": person,
                "chat": { "id": id, "type": "private", "first_name": person["first_name"] },
            });
            let fields = said.as_object().unwrap().clone();
            message.as_object_mut().unwrap().extend(fields);
            let update = json!({ "update_id": world.number(), "message": message });
            world.updates.push_back(update.clone());
            update
        })
    }

    /// Someone presses the button with this label below a message; gives the id of the press.
    pub(crate) fn press(&self, person: &Value, message: i64, label: &str) -> String {
        self.with(|world| {
            let chat = person["id"].as_i64().unwrap();
            let pressed = &world.messages[&(chat, message)];
            let data = pressed.button(label)["callback_data"].clone();
            let shown = pressed.to_json(chat);
            let press = format!("9{:018}", world.number());
            world.open_presses.insert(press.clone());
            let query = json!({
                "id": press, "from": person, "chat_instance": "1", "message": shown, "data": data,
            });
            let update = json!({ "update_id": world.number(), "callback_query": query });
            world.updates.push_back(update);
            press
        })
    }

    /// Makes the next call of a method fail.
    pub(crate) fn fail(&self, method: &str, refusal: Refusal) {
        self.with(|world| {
            let faults = world.faults.entry(method.to_owned()).or_default();
            faults.push_back(refusal);
        });
    }

    pub(crate) fn block(&self, chat: i64) {
        self.with(|world| world.blocked.insert(chat));
    }

    /// Makes a chat known without a word.
    pub(crate) fn befriend(&self, chat: i64) {
        self.with(|world| world.people.insert(chat));
    }

    async fn updates(&self, form: &Form) -> Answer {
        if self.with(|world| world.webhook) {
            let description = "Conflict: can't use getUpdates method while webhook is active";
            return Err(Refusal(409, description.to_owned(), None));
        }
        let offset = form.number("offset").unwrap_or(0);
        let wait = Duration::from_secs(form.number("timeout").unwrap_or(0).unsigned_abs());
        self.with(|world| {
            world.polls += 1;
            let number = |update: &Value| update["update_id"].as_i64().unwrap();
            world.updates.retain(|update| number(update) >= offset);
        });
        let mut world = self.world.subscribe();
        let some = world.wait_for(|world| !world.updates.is_empty());
        let _ = timeout(wait, some).await;
        let limit = form.number("limit").unwrap_or(100);
        let limit = usize::try_from(limit).unwrap();
        let updates: Vec<_> =
            self.with(|world| world.updates.iter().take(limit).cloned().collect());
        Ok(json!(updates))
    }
}

type Answer = Result<Value, Refusal>;

async fn serve(State(fake): State<Fake>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if let Some(file) = path.strip_prefix(&format!("/file/bot{TOKEN}/files%2F")) {
        return fake.with(|world| world.files[file].clone()).into_response();
    }
    let Some(method) = path.strip_prefix(&format!("/bot{TOKEN}/")) else {
        return respond(Err(Refusal(401, "Unauthorized".to_owned(), None)));
    };
    let form = Form::read(request).await;
    let fault = fake.with(|world| world.faults.get_mut(method)?.pop_front());
    respond(match (fault, method) {
        (Some(refusal), _) => Err(refusal),
        (None, "GetUpdates") => fake.updates(&form).await,
        (None, _) => fake.with(|world| world.call(method, &form)),
    })
}

fn respond(answer: Answer) -> Response {
    let (status, body) = match answer {
        Ok(result) => (200, json!({ "ok": true, "result": result })),
        Err(Refusal(status, description, wait)) => {
            let mut body = json!({ "ok": false, "error_code": status, "description": description });
            if let Some(seconds) = wait {
                body["parameters"] = json!({ "retry_after": seconds });
            }
            (status, body)
        }
    };
    let status = StatusCode::from_u16(status).unwrap();
    (status, body.to_string()).into_response()
}

impl World {
    fn call(&mut self, method: &str, form: &Form) -> Answer {
        match method {
            "GetMe" => Ok(me()),
            "DeleteWebhook" => {
                self.webhook = false;
                Ok(json!(true))
            }
            "SendMessage" => self.send(form, Content::Text),
            "SendPhoto" => self.send(form, Content::Photo(form.file("photo"))),
            "SendDocument" => self.send(
                form,
                Content::Document(form.name("document"), form.file("document")),
            ),
            "EditMessageText" => self.edit_text(form),
            "EditMessageMedia" => self.edit_media(form),
            "DeleteMessage" => self.delete(form),
            "AnswerCallbackQuery" => self.answer(form),
            "GetFile" => self.file(form),
            _ => Err(Refusal(404, format!("Not Found: method {method}"), None)),
        }
    }

    fn answer(&mut self, form: &Form) -> Answer {
        let id = form.text("callback_query_id").unwrap();
        let remark = form.text("text");
        if !self.open_presses.remove(&id) {
            let gone = "query is too old and response timeout expired or query id is invalid";
            return Err(Refusal::bad(gone));
        }
        if remark
            .as_ref()
            .is_some_and(|text| text.encode_utf16().count() > 200)
        {
            return Err(Refusal::bad("MESSAGE_TOO_LONG"));
        }
        self.answered.push((id, remark));
        Ok(json!(true))
    }

    fn file(&self, form: &Form) -> Answer {
        let id = form.text("file_id").unwrap();
        let Some(bytes) = self.files.get(&id) else {
            return Err(Refusal::bad("invalid file id"));
        };
        Ok(json!({
            "file_id": id, "file_unique_id": id, "file_size": bytes.len(),
            "file_path": format!("files/{id}"),
        }))
    }
}

fn me() -> Value {
    json!({
        "id": 4242, "is_bot": true, "first_name": "Shop", "username": "shop_bot",
        "can_join_groups": false, "can_read_all_group_messages": false,
        "supports_inline_queries": false, "can_connect_to_business": false,
        "has_main_web_app": false,
    })
}
