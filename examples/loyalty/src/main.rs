//! A shop with stamps: on SQLite, paid in the sandbox, met on Telegram. Try it with
//! `TELEGRAM_TOKEN=… cargo run -p loyalty`.

use loyalty::Loyalty;
use shopcore::bot::{Bot, storefront};
use shopcore::money::{Currency, Money};
use shopcore::text::Reason;
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
    let gift = Money::parse("5000", Currency::IDR)?;
    let stamps = Loyalty(gift, Reason::parse("a full card of stamps")?);
    Bot::new(shop)
        .plugins(storefront())
        .plugin(stamps)
        .frontend(Telegram::from_env()?)
        .run()
        .await?;
    Ok(())
}
