//! A shop that takes money through a till of this machine, met on Telegram:
//! `TELEGRAM_BOT_TOKEN=… cargo run -p custom-gateway`. The page of an invoice pays it.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use custom_gateway::Till;
use custom_gateway::till::{Asked, Drawer, Told};
use shopcore::bot::{Bot, storefront};
use shopcore::gateway::GatewayName;
use shopcore::money::Currency;
use shopcore::time::{Clock, SystemClock};
use shopcore::{Shop, SqliteStore};
use shopcore_payments::call::Limits;
use shopcore_telegram::Telegram;
use tokio::net::TcpListener;

const BASE: &str = "http://127.0.0.1:4001";

type Shared = State<Arc<Mutex<Drawer>>>;
type Answer = Result<Json<Told>, StatusCode>;

fn answer(told: Option<Told>) -> Answer {
    told.map(Json).ok_or(StatusCode::NOT_FOUND)
}

fn on<T>(drawer: &Mutex<Drawer>, act: impl FnOnce(&mut Drawer) -> T) -> T {
    act(&mut drawer.lock().unwrap_or_else(PoisonError::into_inner))
}

async fn ask(drawer: Shared, reference: Path<String>, asked: Json<Asked>) -> Json<Told> {
    Json(on(&drawer, |drawer| drawer.ask(&reference, *asked)))
}

async fn tell(drawer: Shared, reference: Path<String>) -> Answer {
    answer(on(&drawer, |drawer| drawer.tell(&reference)))
}

async fn give_up(drawer: Shared, reference: Path<String>) -> Answer {
    answer(on(&drawer, |drawer| drawer.give_up(&reference)))
}

async fn pay(drawer: Shared, reference: Path<String>) -> Answer {
    let paid = on(&drawer, |drawer| {
        let amount = drawer.tell(&reference)?.amount;
        drawer.pay(&reference, amount, SystemClock.now())
    });
    answer(paid)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let till = Router::new()
        .route("/charges/{reference}", get(tell).put(ask).delete(give_up))
        .route("/pay/{reference}", get(pay))
        .with_state(Arc::default());
    let listener = TcpListener::bind("127.0.0.1:4001").await?;
    tokio::spawn(async move { axum::serve(listener, till).await });
    let name = GatewayName::parse("till")?;
    let gateway = Till::new(name, BASE, Limits::default(), Arc::new(SystemClock))?;
    let shop = Shop::builder(Currency::IDR)
        .store(SqliteStore::open("shop.db").await?)
        .gateway(gateway)
        .build()
        .await?;
    Bot::new(shop)
        .plugins(storefront())
        .frontend(Telegram::from_env()?)
        .run()
        .await?;
    Ok(())
}
