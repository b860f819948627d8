//! A shop that is met over TCP: `cargo run -p custom-frontend`, then `nc 127.0.0.1 4000`. Say who you
//! are in the first line, such as `ann`; then type `/shop`, or the number of a button.

use custom_frontend::Lines;
use shopcore::bot::{Bot, storefront};
use shopcore::money::Currency;
use shopcore::{Shop, SqliteStore};
use shopcore_payments::{Sandbox, SandboxOptions};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let shop = Shop::builder(Currency::IDR)
        .store(SqliteStore::open("shop.db").await?)
        .gateway(Sandbox::open("sandbox.jsonl", SandboxOptions::default())?)
        .build()
        .await?;
    Bot::new(shop)
        .plugins(storefront())
        .frontend(Lines::bind("127.0.0.1:4000").await?)
        .run()
        .await?;
    Ok(())
}
