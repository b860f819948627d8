//! A stage: a shop with its bot, and people who type and press.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use shopcore::audit::Actor;
use shopcore::bot::frontend::{Crowd, Frontend, FrontendError, Limits};
use shopcore::bot::incoming::{Incoming, Kind, Sender, UpdateId};
use shopcore::bot::permission::{Permission, Permissions};
use shopcore::bot::plugin::Plugin;
use shopcore::bot::view::{Button, Media, Press, View};
use shopcore::bot::{Bot, Dispatcher, storefront};
use shopcore::catalog::{Availability, Product};
use shopcore::customer::{Chat, ChatId, Contact, ExternalId, FrontendName, MessageId};
use shopcore::id::CustomerId;
use shopcore::jobs::{JobName, Jobs, Shutdown};
use shopcore::message::Reach;
use shopcore::money::{Currency, Money};
use shopcore::service::{NewProduct, ShopBuilder};
use shopcore::stock::Content;
use shopcore::store::{Dialog, Snapshot};
use shopcore::testing::fault::FaultStore;
use shopcore::text::{Name, ProductCode};
use shopcore::time::VirtualClock;
use shopcore::vault::{Vault, VaultKey};
use shopcore::{MemoryStore, Shop};
use shopcore_payments::Sandbox;

/// A frontend that keeps what every chat looks like.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    screens: Mutex<BTreeMap<Chat, Screen>>,
    count: AtomicUsize,
    /// Whether strangers write here.
    public: AtomicBool,
    /// How the next call goes wrong.
    pub(super) failure: Mutex<Option<FrontendError>>,
}

#[derive(Debug, Default)]
struct Screen {
    /// The messages that are there, oldest first.
    messages: Vec<(MessageId, View)>,
    /// What appeared or changed since it was looked at last.
    news: Vec<View>,
    remarks: Vec<String>,
}

fn frontend() -> FrontendName {
    FrontendName::parse("recorder").unwrap()
}

impl Recorder {
    fn on<T>(&self, chat: &Chat, act: impl FnOnce(&mut Screen) -> T) -> T {
        act(self
            .screens
            .lock()
            .unwrap()
            .entry(chat.clone())
            .or_default())
    }

    /// Lets strangers write here from now on.
    pub(super) fn open_to_all(&self) {
        self.public.store(true, Ordering::SeqCst);
    }

    fn crowd(&self) -> Crowd {
        if self.public.load(Ordering::SeqCst) {
            Crowd::Public
        } else {
            Crowd::Owner
        }
    }

    fn fail(&self) -> Result<(), FrontendError> {
        self.failure.lock().unwrap().take().map_or(Ok(()), Err)
    }
}

/// The recorder behind a pointer, since the bot and the stage both hold it.
#[derive(Debug)]
struct Shared(Arc<Recorder>, FrontendName);

#[async_trait]
impl Frontend for Shared {
    fn name(&self) -> &FrontendName {
        &self.1
    }

    fn limits(&self) -> Limits {
        Limits {
            text: 4_096,
            caption: 1_024,
            crowd: self.0.crowd(),
        }
    }

    fn reach(&self) -> Vec<Reach> {
        vec![Reach::Frontend(self.1.clone())]
    }

    async fn send(&self, chat: &Chat, view: &View) -> Result<MessageId, FrontendError> {
        self.0.fail()?;
        let id = self.0.count.fetch_add(1, Ordering::SeqCst).to_string();
        let id = MessageId::parse(&id).unwrap();
        self.0.on(chat, |screen| {
            screen.messages.push((id.clone(), view.clone()));
            screen.news.push(view.clone());
        });
        Ok(id)
    }

    async fn edit(
        &self,
        chat: &Chat,
        message: &MessageId,
        view: &View,
    ) -> Result<(), FrontendError> {
        self.0.fail()?;
        self.0.on(chat, |screen| {
            let found = screen.messages.iter_mut().find(|(id, _)| id == message);
            let (_, shown) = found.ok_or(FrontendError::Unchangeable)?;
            if shown.media.is_some() || view.media.is_some() {
                return Err(FrontendError::Unchangeable);
            }
            shown.clone_from(view);
            screen.news.push(view.clone());
            Ok(())
        })
    }

    async fn delete(&self, chat: &Chat, message: &MessageId) -> Result<(), FrontendError> {
        self.0.on(chat, |screen| {
            screen.messages.retain(|(id, _)| id != message)
        });
        Ok(())
    }

    async fn acknowledge(
        &self,
        press: &Incoming,
        remark: Option<&str>,
    ) -> Result<(), FrontendError> {
        self.0.on(&press.chat, |screen| {
            screen.remarks.extend(remark.map(str::to_owned))
        });
        Ok(())
    }

    async fn run(&self, _: Dispatcher, mut shutdown: Shutdown) -> Result<(), FrontendError> {
        shutdown.wait().await;
        Ok(())
    }
}

/// A shop with its bot on a clock that stands still.
pub(super) struct Stage {
    pub(super) shop: Shop,
    pub(super) clock: Arc<VirtualClock>,
    pub(super) store: Arc<FaultStore>,
    pub(super) sandbox: Sandbox,
    pub(super) recorder: Arc<Recorder>,
    pub(super) jobs: Jobs,
    pub(super) bot: Dispatcher,
    pub(super) without: Option<&'static str>,
}

impl Stage {
    /// A shop in rupiah with an admin named `boss`, and a `clerk` who sees to the products alone.
    pub(super) async fn open() -> Self {
        Self::paid_by(|builder, sandbox| builder.gateway(sandbox.clone())).await
    }

    /// Such a shop, with other ways to pay.
    pub(super) async fn paid_by(offer: impl FnOnce(ShopBuilder, &Sandbox) -> ShopBuilder) -> Self {
        let clock = Arc::new(VirtualClock::default());
        let memory = Arc::new(MemoryStore::new(clock.clone()));
        let store = Arc::new(FaultStore::new(memory));
        let sandbox = Sandbox::in_memory(clock.clone()).unwrap();
        let builder = Shop::builder(Currency::IDR)
            .shared_store(store.clone())
            .vault(Vault::new(&VaultKey::generate().unwrap()))
            .clock(clock.clone());
        let shop = offer(builder, &sandbox).build().await.unwrap();
        let recorder = Arc::new(Recorder::default());
        let bot = bot_of(&shop, &recorder);
        let jobs = Jobs::new(shop.clone(), Arc::new(bot.clone()));
        Self {
            shop,
            clock,
            store,
            sandbox,
            recorder,
            jobs,
            bot,
            without: None,
        }
    }

    /// The stage with another plug-in in the bot.
    pub(super) fn with(self, plugin: impl Plugin + 'static) -> Self {
        let bot = bot(&self.shop, &self.recorder).plugin(plugin);
        self.served_by(bot.build().unwrap())
    }

    /// The stage without one of the plug-ins, in chats in which nothing stands yet.
    pub(super) fn without(self, plugin: &'static str) -> Self {
        self.recorder.screens.lock().unwrap().clear();
        let without = Some(plugin);
        Self { without, ..self }.restarted()
    }

    /// The stage after a restart: the store is all that is left.
    pub(super) fn restarted(self) -> Self {
        let mut bot = bot(&self.shop, &self.recorder);
        if let Some(plugin) = self.without {
            bot = bot.without(plugin);
        }
        self.served_by(bot.build().unwrap())
    }

    fn served_by(self, bot: Dispatcher) -> Self {
        let jobs = Jobs::new(self.shop.clone(), Arc::new(bot.clone()));
        Self { bot, jobs, ..self }
    }

    /// Another process of the shop.
    pub(super) fn twin(&self) -> Dispatcher {
        bot_of(&self.shop, &self.recorder)
    }

    /// Puts a product on the shelf with these contents.
    pub(super) async fn product(&self, code: &str, price: i64, contents: &[&str]) -> Product {
        let name = Name::parse(&format!("Product {code}")).unwrap();
        let code = ProductCode::parse(code).unwrap();
        let contents = contents
            .iter()
            .map(|text| Content::text(text).unwrap())
            .collect();
        let price = Money::new(price, Currency::IDR);
        let new = NewProduct {
            contents,
            ..NewProduct::new(code, name, price)
        };
        self.shop
            .catalog()
            .add_product(&Actor::Operator, new)
            .await
            .unwrap()
    }

    /// How many units of a product can be bought.
    pub(super) async fn available(&self, product: &Product) -> u64 {
        match self
            .shop
            .catalog()
            .offer(product.id)
            .await
            .unwrap()
            .available
        {
            Availability::Units(count) => count,
            Availability::Unlimited => u64::MAX,
        }
    }

    /// Every row of the shop.
    pub(super) async fn rows(&self) -> Snapshot {
        self.shop.store().snapshot(self.shop.id()).await.unwrap()
    }

    /// A person, who says hello.
    pub(super) async fn person(&self, name: &str) -> Person<'_> {
        let person = self.returning(name);
        person.types("/start").await;
        person
    }

    /// A person whose platform tells their language, who says hello.
    pub(super) async fn speaker(&self, name: &str, language: &str) -> Person<'_> {
        let mut person = self.returning(name);
        person.sender.language = Some(language.to_owned());
        person.types("/start").await;
        person
    }

    /// A person who has said hello before.
    pub(super) fn returning(&self, name: &str) -> Person<'_> {
        Person {
            stage: self,
            chat: chat(name),
            sender: sender(name),
        }
    }

    /// Lets time pass, and the jobs do their work.
    pub(super) async fn pass(&self, time: Duration) {
        self.clock
            .advance(chrono::Duration::from_std(time).unwrap());
        for job in [JobName::Expiry, JobName::Reconcile, JobName::Outbox] {
            self.jobs.run_once(job).await.unwrap();
        }
    }
}

fn bot_of(shop: &Shop, recorder: &Arc<Recorder>) -> Dispatcher {
    bot(shop, recorder).build().unwrap()
}

fn bot(shop: &Shop, recorder: &Arc<Recorder>) -> Bot {
    let bot = Bot::new(shop.clone()).plugins(storefront());
    let bot = bot.frontend(Shared(Arc::clone(recorder), frontend()));
    let clerk = Permissions::none().with(Permission::Catalog);
    let bot = bot.grant(sender("clerk").contact, clerk);
    bot.admins([sender("boss").contact])
}

fn chat(name: &str) -> Chat {
    Chat {
        frontend: frontend(),
        id: ChatId::parse(name).unwrap(),
    }
}

fn sender(name: &str) -> Sender {
    Sender {
        contact: Contact {
            frontend: frontend(),
            external: ExternalId::parse(name).unwrap(),
        },
        name: Name::parse(name).ok(),
        language: None,
    }
}

/// Someone in a chat with the bot.
pub(super) struct Person<'a> {
    stage: &'a Stage,
    chat: Chat,
    sender: Sender,
}

impl Person<'_> {
    /// Types something and tells what is seen then.
    pub(super) async fn types(&self, text: &str) -> String {
        self.does(Kind::typed(text)).await
    }

    /// Presses the newest button whose label contains `label`.
    ///
    /// # Panics
    /// Where there is none.
    pub(super) async fn presses(&self, label: &str) -> String {
        let kind = self.finds(label);
        self.does(kind).await
    }

    /// Presses a button of the newest menu of what only the team may do.
    pub(super) async fn manages(&self, label: &str) -> String {
        self.presses("Manage the shop").await;
        self.presses(label).await
    }

    /// What pressing the newest button whose label contains `label` is.
    pub(super) fn finds(&self, label: &str) -> Kind {
        let found = self.stage.recorder.on(&self.chat, |screen| {
            screen.messages.iter().rev().find_map(|(message, view)| {
                let mut buttons = view.keyboard.iter().flatten();
                let button = buttons.find(|button| button.label.contains(label))?;
                Some((message.clone(), button.clone()))
            })
        });
        let (message, button) = found.unwrap_or_else(|| panic!("no button {label:?}"));
        let Press::Action(action) = button.press else {
            panic!("{label:?} opens a page")
        };
        Kind::Button {
            action: Some(action),
            message: Some(message),
        }
    }

    /// Does something and tells what is seen then, what the outbox brings included.
    pub(super) async fn does(&self, kind: Kind) -> String {
        self.does_as(kind, self.new_update()).await
    }

    pub(super) fn new_update(&self) -> UpdateId {
        let update = self.stage.recorder.count.fetch_add(1, Ordering::SeqCst);
        UpdateId::parse(&update.to_string()).unwrap()
    }

    /// A deed of this kind, new to the bot.
    pub(super) fn deed(&self, kind: Kind) -> Incoming {
        self.deed_as(kind, self.new_update())
    }

    fn deed_as(&self, kind: Kind, update: UpdateId) -> Incoming {
        let (chat, sender) = (self.chat.clone(), self.sender.clone());
        Incoming {
            chat,
            sender,
            update,
            kind,
        }
    }

    /// Does something as an update of this id.
    pub(super) async fn does_as(&self, kind: Kind, update: UpdateId) -> String {
        self.stage.bot.handle(self.deed_as(kind, update)).await;
        self.stage.jobs.run_once(JobName::Outbox).await.unwrap();
        self.sees()
    }

    /// Who they are to the shop.
    pub(super) async fn customer(&self) -> CustomerId {
        let desk = self.stage.shop.customers();
        let found = desk.find(&self.sender.contact).await.unwrap();
        found.unwrap().id
    }

    /// Who leads the dialog that is open, and where it stands.
    pub(super) async fn dialog(&self) -> Option<(String, Vec<u8>)> {
        let shop = &self.stage.shop;
        let found = shop.store().find_dialog(shop.id(), &self.chat).await;
        let dialog = found.unwrap()?;
        let row = Dialog::row(&self.chat);
        let kept = shop.vault().open(shop.id(), row, &dialog.state).unwrap();
        let (_thread, rest) = varint(&kept);
        let (length, rest) = varint(rest);
        Some((dialog.plugin, rest[..length].to_vec()))
    }

    /// What appeared since the person looked last: texts, labels of buttons, remarks.
    pub(super) fn sees(&self) -> String {
        self.stage.recorder.on(&self.chat, |screen| {
            let views: Vec<_> = screen
                .news
                .drain(..)
                .map(|view| transcript(&view))
                .collect();
            let remarks = screen.remarks.drain(..).map(|remark| format!("({remark})"));
            remarks.chain(views).collect::<Vec<_>>().join("\n")
        })
    }

    /// The messages that stand lowest in the chat, the newest last.
    pub(super) fn newest(&self) -> Vec<(MessageId, View)> {
        const NEAR: usize = 3;
        self.stage.recorder.on(&self.chat, |screen| {
            let skipped = screen.messages.len().saturating_sub(NEAR);
            screen.messages.iter().skip(skipped).cloned().collect()
        })
    }

    /// Everything that stands in the chat now.
    pub(super) fn chat_shows(&self) -> String {
        self.stage.recorder.on(&self.chat, |screen| {
            let views = screen.messages.iter().map(|(_, view)| transcript(view));
            views.collect::<Vec<_>>().join("\n")
        })
    }
}

/// A number as postcard writes it, and what follows it.
pub(super) fn varint(bytes: &[u8]) -> (usize, &[u8]) {
    let (byte, rest) = bytes.split_first().unwrap();
    let low = usize::from(byte & 0x7f);
    if byte & 0x80 == 0 {
        return (low, rest);
    }
    let (high, rest) = varint(rest);
    (low | (high << 7), rest)
}

fn transcript(view: &View) -> String {
    let mut text = view.text.to_string();
    match &view.media {
        Some(Media::Qr(code)) => text += &format!("\n{{qr {code}}}"),
        Some(Media::Picture(bytes)) => text += &format!("\n{{picture of {} bytes}}", bytes.len()),
        Some(Media::File { name, bytes }) => {
            text += &format!("\n{{file {name}: {}}}", String::from_utf8_lossy(bytes));
        }
        None => {}
    }
    for row in &view.keyboard {
        let labels: Vec<_> = row
            .iter()
            .map(|Button { label, .. }| format!("[{label}]"))
            .collect();
        text += &format!("\n{}", labels.join(" "));
    }
    text
}
