//! A shop on a line protocol, in memory, paid in the sandbox. Start it with
//! `cargo run -p custom-frontend`, then in another terminal, or in several:
//!
//! ```text
//! $ nc localhost 7007
//! ann
//! ```
//!
//! The first line is your name; then a number presses its button, and anything else is typed.

use custom_frontend::Lines;
use shopcore::audit::Actor;
use shopcore::bot::{Bot, storefront};
use shopcore::customer::FrontendName;
use shopcore::money::{Currency, Money};
use shopcore::service::NewProduct;
use shopcore::stock::Content;
use shopcore::text::{Name, ProductCode};
use shopcore::{MemoryStore, Shop};
use shopcore_payments::Sandbox;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let shop = Shop::builder(Currency::IDR)
        .store(MemoryStore::default())
        .gateway(Sandbox::in_memory(std::sync::Arc::new(
            shopcore::time::SystemClock,
        ))?)
        .build()
        .await?;
    let (code, name) = (ProductCode::parse("KEY")?, Name::parse("A key")?);
    let keys = ["KEY-1", "KEY-2", "KEY-3"].map(Content::text);
    let new = NewProduct {
        contents: keys.into_iter().collect::<Result<_, _>>()?,
        ..NewProduct::new(code, name, Money::parse("10000", Currency::IDR)?)
    };
    shop.catalog().add_product(&Actor::Operator, new).await?;
    let listener = TcpListener::bind("127.0.0.1:7007").await?;
    let lines = Lines::new(FrontendName::parse("lines")?, listener);
    println!("open: nc localhost 7007");
    Bot::new(shop)
        .plugins(storefront())
        .frontend(lines)
        .run()
        .await?;
    Ok(())
}
