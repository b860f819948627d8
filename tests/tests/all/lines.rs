//! A frontend from outside the shop: several people over TCP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use custom_frontend::Lines;
use shopcore::audit::Actor;
use shopcore::bot::{Bot, storefront};
use shopcore::jobs::{Shutdown, Stopper};
use shopcore::money::Currency;
use shopcore::service::NewProduct;
use shopcore::stock::Content;
use shopcore::text::{Name, ProductCode};
use shopcore::time::SystemClock;
use shopcore::vault::{Vault, VaultKey};
use shopcore::{MemoryStore, Shop};
use shopcore_payments::Sandbox;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::world::idr;

/// A shop that is met at an address of this machine.
struct Counter {
    address: SocketAddr,
    _stopper: Stopper,
    running: JoinHandle<()>,
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.running.abort();
    }
}

impl Counter {
    async fn open() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let shop = Shop::builder(Currency::IDR)
            .store(MemoryStore::default())
            .gateway(Sandbox::in_memory(Arc::new(SystemClock)).unwrap())
            .vault(Vault::new(&VaultKey::generate().unwrap()))
            .build()
            .await
            .unwrap();
        let (code, name) = (ProductCode::parse("GAME"), Name::parse("Game"));
        let contents = ["KEY-1", "KEY-2"].map(|key| Content::text(key).unwrap());
        let game = NewProduct {
            contents: contents.to_vec(),
            ..NewProduct::new(code.unwrap(), name.unwrap(), idr(15_000))
        };
        let added = shop.catalog().add_product(&Actor::Operator, game).await;
        added.unwrap();
        let lines = Lines::bind(&address.to_string()).await.unwrap();
        let bot = Bot::new(shop).plugins(storefront()).frontend(lines);
        let (stopper, shutdown) = Shutdown::new();
        let bot = bot.build().unwrap();
        let running = tokio::spawn(async move { bot.run(shutdown).await.unwrap() });
        Self {
            address,
            _stopper: stopper,
            running,
        }
    }

    async fn come(&self, name: &str) -> Caller {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let mut caller = Caller {
            stream,
            seen: String::new(),
        };
        caller.say(name).await;
        caller
    }
}

struct Caller {
    stream: TcpStream,
    seen: String,
}

impl Caller {
    /// Types a line as slowly as people do, or it would be taken for spam.
    async fn say(&mut self, line: &str) {
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        self.seen.clear();
        let line = format!("{line}\n");
        self.stream.write_all(line.as_bytes()).await.unwrap();
    }

    /// Reads until this is there.
    async fn sees(&mut self, text: &str) {
        while !self.seen.contains(text) {
            let mut bytes = [0; 4096];
            let read = timeout(Duration::from_secs(20), self.stream.read(&mut bytes)).await;
            let read = read.unwrap_or_else(|_| panic!("no {text:?} in {}", self.seen));
            let count = read.unwrap();
            assert!(count > 0, "hung up before {text:?}: {}", self.seen);
            self.seen += &String::from_utf8_lossy(&bytes[..count]);
        }
    }

    async fn presses(&mut self, label: &str) {
        self.sees(label).await;
        let mut rows = self.seen.lines().rev();
        let row = rows.find(|row| row.starts_with('[') && row.contains(label));
        let number = row.unwrap().trim_start_matches('[').split(']').next();
        let number = number.unwrap().to_owned();
        self.say(&number).await;
    }

    async fn orders(&mut self) {
        self.sees("What would you like to do?").await;
        self.say("/shop").await;
        self.presses("Game").await;
        self.presses("Add 1").await;
        self.presses("Order for").await;
    }
}

#[tokio::test]
async fn two_people_buy_at_once_and_each_gets_their_own() {
    let counter = Counter::open().await;
    let (mut ann, mut budi) = (counter.come("ann").await, counter.come("budi").await);
    tokio::join!(ann.orders(), budi.orders());
    for person in [&mut ann, &mut budi] {
        person.presses("Test payment").await;
        person.sees("here you are!").await;
        person.sees("KEY-").await;
    }
    let key = |seen: &str| seen.contains("KEY-1");
    assert_ne!(key(&ann.seen), key(&budi.seen));
}

#[tokio::test]
async fn whoever_was_cut_off_goes_on_where_they_were() {
    let counter = Counter::open().await;
    let mut ann = counter.come("ann").await;
    ann.sees("What would you like to do?").await;
    ann.say("/deposit").await;
    ann.sees("How much would you like to deposit?").await;
    drop(ann);
    let mut ann = counter.come("ann").await;
    ann.sees("How much would you like to deposit?").await;
    let mut elsewhere = counter.come("ann").await;
    ann.sees("elsewhere").await;
    elsewhere.sees("How much").await;
    elsewhere.say("/cancel").await;
    elsewhere.sees("nothing was changed").await;
}

#[tokio::test]
async fn a_line_that_is_too_long_is_told_and_the_next_is_heard() {
    let counter = Counter::open().await;
    let mut ann = counter.come("ann").await;
    ann.sees("What would you like to do?").await;
    ann.say(&"x".repeat(10_000)).await;
    ann.sees("too long").await;
    ann.say("/wallet").await;
    ann.sees("Your wallet").await;
}
