//! The smallest whole shop: on SQLite, paid in the sandbox, met on Telegram.

use shopcore::bot::{Bot, storefront};
use shopcore::money::Currency;
use shopcore::{Shop, SqliteStore};
use shopcore_payments::{Sandbox, SandboxOptions};
use shopcore_telegram::Telegram;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let shop = Shop::builder(Currency::IDR)
        .store(SqliteStore::open("shop.db").await?)
        .gateway(Sandbox::open("sandbox.jsonl", SandboxOptions::default())?)
        .build()
        .await?;
    Bot::new(shop)
        .plugins(storefront())
        .frontend(Telegram::from_env()?)
        .run()
        .await?;
    Ok(())
}
