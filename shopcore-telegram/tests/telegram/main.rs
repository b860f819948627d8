//! Telegram from end to end: real bots against a server that is as strict as Telegram.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on fails"
)]

mod calls;
mod conversation;
mod delivery;
mod fake;
mod plugin;

use serde_json::{Value, json};
use shopcore::bot::permission::{Permission, Permissions};
use shopcore::bot::plugin::Plugin;
use shopcore::bot::{Bot, RunError};
use shopcore::customer::{Contact, ExternalId, FrontendName};
use shopcore::jobs::{Shutdown, Stopper};
use shopcore::money::Currency;
use shopcore::{MemoryStore, Shop};
use shopcore_telegram::Telegram;
use tokio::task::JoinHandle;

use fake::{Fake, TOKEN};

fn telegram(fake: &Fake) -> Telegram {
    Telegram::new(TOKEN).unwrap().api_url(&fake.url).unwrap()
}

/// A bot that runs.
struct Running {
    stopper: Stopper,
    ended: JoinHandle<Result<(), RunError>>,
}

impl Running {
    async fn start(fake: &Fake, plugins: Vec<Box<dyn Plugin>>) -> Self {
        let shop = Shop::builder(Currency::IDR).store(MemoryStore::default());
        let shop = shop.build().await.unwrap();
        let bot = Bot::new(shop).plugins(plugins).frontend(telegram(fake));
        // Tests are quicker than customers may be.
        let quick = Permissions::none().with(Permission::Reports);
        let bot = bot.grant(ann(), quick).build().unwrap();
        let (stopper, shutdown) = Shutdown::new();
        let ended = tokio::spawn(async move { bot.run(shutdown).await });
        Self { stopper, ended }
    }

    async fn stop(self) {
        self.stopper.stop();
        self.ended.await.unwrap().unwrap();
    }
}

fn ann() -> Contact {
    Contact {
        frontend: FrontendName::parse("telegram").unwrap(),
        external: ExternalId::parse("7").unwrap(),
    }
}

fn person(id: i64, first_name: &str) -> Value {
    json!({ "id": id, "is_bot": false, "first_name": first_name, "language_code": "en" })
}
