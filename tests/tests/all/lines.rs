//! A frontend from outside the shop: customers on real connections, line by line.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use custom_frontend::Lines;
use shopcore::audit::Actor;
use shopcore::bot::frontend::Frontend;
use shopcore::bot::rich::Rich;
use shopcore::bot::view::View;
use shopcore::bot::{Bot, storefront};
use shopcore::customer::{Chat, ChatId, FrontendName};
use shopcore::jobs::{Shutdown, Stopper};
use shopcore::message::Reach;
use shopcore::money::{Currency, Money};
use shopcore::order::OrderState;
use shopcore::service::NewProduct;
use shopcore::stock::Content;
use shopcore::store::{OrderFilter, Page};
use shopcore::text::{Name, ProductCode};
use shopcore::time::{Clock, VirtualClock};
use shopcore::{MemoryStore, Shop};
use shopcore_payments::Sandbox;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

const PATIENCE: Duration = Duration::from_secs(30);

/// A shop that sells keys on a port, until it is dropped.
struct Kiosk {
    shop: Shop,
    sandbox: Sandbox,
    clock: Arc<VirtualClock>,
    lines: Arc<Lines>,
    address: SocketAddr,
    stop: Stopper,
    served: tokio::task::JoinHandle<()>,
}

impl Kiosk {
    async fn open(keys: &[&str]) -> Self {
        let clock = Arc::new(VirtualClock::default());
        let sandbox = Sandbox::in_memory(clock.clone()).unwrap();
        let shop = Shop::builder(Currency::IDR)
            .store(MemoryStore::new(clock.clone()))
            .clock(clock.clone())
            .gateway(sandbox.clone());
        let shop = shop.build().await.unwrap();
        let (code, name) = (ProductCode::parse("KEY"), Name::parse("A key"));
        let price = Money::new(10_000, Currency::IDR);
        let contents = keys.iter().map(|key| Content::text(key).unwrap());
        let new = NewProduct {
            contents: contents.collect(),
            ..NewProduct::new(code.unwrap(), name.unwrap(), price)
        };
        let catalog = shop.catalog();
        catalog.add_product(&Actor::Operator, new).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let name = FrontendName::parse("lines").unwrap();
        let lines = Arc::new(Lines::new(name, listener));
        let bot = Bot::new(shop.clone())
            .plugins(storefront())
            .shared_frontend(lines.clone());
        let (bot, (stop, shutdown)) = (bot.build().unwrap(), Shutdown::new());
        let served = tokio::spawn(async move { bot.run(shutdown).await.unwrap() });
        Self {
            shop,
            sandbox,
            clock,
            lines,
            address,
            stop,
            served,
        }
    }

    async fn customer(&self, name: &str) -> Customer {
        let mut customer = self.visitor(name).await;
        let greeting = customer.reads().await;
        assert!(greeting.contains("[1] "), "{greeting}");
        customer
    }

    /// Someone who says a name, and has read nothing yet.
    async fn visitor(&self, name: &str) -> Customer {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let mut customer = Customer {
            stream: BufReader::new(stream),
            shown: String::new(),
            clock: Arc::clone(&self.clock),
        };
        customer.writes(name).await;
        customer
    }

    fn chat(&self, name: &str) -> Chat {
        Chat {
            frontend: self.lines.name().clone(),
            id: ChatId::parse(name).unwrap(),
        }
    }

    async fn orders(&self, state: OrderState) -> u64 {
        let filter = OrderFilter {
            customer: None,
            state: Some(state),
        };
        let orders = self.shop.orders();
        orders.list(filter, Page::first(1)).await.unwrap().total
    }

    async fn close(self) {
        self.stop.stop();
        tokio::time::timeout(PATIENCE, self.served)
            .await
            .unwrap()
            .unwrap();
    }
}

/// A connection, and the last message with buttons.
struct Customer {
    stream: BufReader<TcpStream>,
    shown: String,
    clock: Arc<VirtualClock>,
}

impl Customer {
    async fn writes(&mut self, line: &str) {
        // Nobody is taken for a flood.
        self.clock.advance(chrono::Duration::seconds(3));
        let line = format!("{line}\n");
        self.stream
            .get_mut()
            .write_all(line.as_bytes())
            .await
            .unwrap();
    }

    /// The next message.
    async fn reads(&mut self) -> String {
        let message = async {
            let mut message = String::new();
            let mut line = String::new();
            while self.stream.read_line(&mut line).await.unwrap() > 0 && line != ".\n" {
                message.push_str(line.strip_prefix('.').unwrap_or(&line));
                line.clear();
            }
            assert_eq!(line, ".\n", "the connection ended after {message:?}");
            message
        };
        let message = tokio::time::timeout(PATIENCE, message).await.unwrap();
        if message.contains("[1] ") {
            self.shown.clone_from(&message);
        }
        message
    }

    async fn types(&mut self, line: &str) -> String {
        self.writes(line).await;
        self.reads().await
    }

    /// Types the number of the button whose label contains `label`.
    async fn presses(&mut self, label: &str) -> String {
        let button = self.shown.lines().find(|line| line.contains(label));
        let number = button.and_then(|line| line.strip_prefix('[')?.split(']').next());
        let number = number.unwrap_or_else(|| panic!("no {label:?} in {}", self.shown));
        let number = number.to_owned();
        self.types(&number).await
    }

    /// Orders a key, and is asked to pay.
    async fn orders(&mut self) -> String {
        self.types("/shop").await;
        self.presses("A key").await;
        self.presses("Add 1").await;
        self.waits_for("is in your cart").await;
        let ordered = self.presses("Order for").await;
        assert!(ordered.contains("Rp 10.000"), "{ordered}");
        ordered
    }

    /// Reads until there is something of this.
    async fn waits_for(&mut self, text: &str) -> String {
        loop {
            let read = self.reads().await;
            if read.contains(text) {
                return read;
            }
        }
    }

    /// Whether the other side has ended the connection, after what was still to be read.
    async fn is_cut(&mut self) {
        let mut rest = Vec::new();
        let end = self.stream.read_to_end(&mut rest);
        // A reset is an end, too.
        let _ = tokio::time::timeout(PATIENCE, end).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_customers_are_served_at_once() {
    let kiosk = Kiosk::open(&["KEY-1", "KEY-2"]).await;
    let (mut ann, mut ben) = (kiosk.customer("ann").await, kiosk.customer("ben").await);
    ann.orders().await;
    ben.orders().await;
    ann.presses("Test payment").await;
    let goods = ann.waits_for("KEY-1").await;
    assert!(!goods.contains("KEY-2"), "{goods}");
    let other = ben.types("/orders").await;
    assert!(!other.contains("KEY-"), "{other}");
    kiosk.close().await;
    ann.is_cut().await;
    ben.is_cut().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_too_long_is_refused_and_the_next_one_answered() {
    let kiosk = Kiosk::open(&["KEY-1"]).await;
    let mut ann = kiosk.customer("ann").await;
    let refused = ann.types(&"x".repeat(1_000_000)).await;
    assert!(refused.contains("not sure what to do"), "{refused}");
    let shop = ann.types("/shop").await;
    assert!(shop.contains("A key"), "{shop}");
    let mut nobody = kiosk.visitor("").await;
    let refused = nobody.reads().await;
    assert!(refused.contains("A name has"), "{refused}");
    nobody.is_cut().await;
    kiosk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_away_gets_what_is_owed_on_their_return() {
    let kiosk = Kiosk::open(&["KEY-1"]).await;
    let mut ann = kiosk.customer("ann").await;
    ann.orders().await;
    drop(ann);
    let ann = kiosk.chat("ann");
    tokio::time::timeout(PATIENCE, async {
        while kiosk.lines.reach().contains(&Reach::Chat(ann.clone())) {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    let charges = kiosk.sandbox.list().await.unwrap();
    let (reference, amount) = (&charges[0].reference, charges[0].amount);
    let paid = kiosk.sandbox.pay(reference, amount, kiosk.clock.now());
    let paid = paid.await.unwrap();
    kiosk.shop.settlement().settle(&paid).await.unwrap();
    // What can be sent is sent by now: someone else hears of their own.
    let mut ben = kiosk.customer("ben").await;
    ben.types("/shop").await;
    assert_eq!(kiosk.orders(OrderState::Paid).await, 1);
    let mut ann = kiosk.customer("ann").await;
    ann.waits_for("KEY-1").await;
    kiosk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_does_not_read_is_cut_off_and_nobody_waits_for_them() {
    let kiosk = Kiosk::open(&["KEY-1"]).await;
    let mut deaf = kiosk.customer("ann").await;
    let mut ben = kiosk.customer("ben").await;
    let flood = View::text(Rich::plain("x".repeat(64 * 1024 * 1024)));
    let (lines, ann) = (Arc::clone(&kiosk.lines), kiosk.chat("ann"));
    let sent = tokio::spawn(async move { lines.send(&ann, &flood).await });
    let shop = ben.types("/shop").await;
    assert!(shop.contains("A key"), "{shop}");
    let sent = tokio::time::timeout(PATIENCE, sent).await.unwrap().unwrap();
    assert!(sent.is_err());
    deaf.is_cut().await;
    kiosk.customer("ann").await;
    kiosk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_at_its_last_connection_and_crowds_are_told_to_come_back() {
    let kiosk = Kiosk::open(&["KEY-1"]).await;
    let mut first = kiosk.customer("ann").await;
    let mut ann = kiosk.customer("ann").await;
    first.is_cut().await;
    ann.types("/shop").await;
    let mut crowd = Vec::new();
    for number in 1..64 {
        crowd.push(kiosk.customer(&format!("guest-{number}")).await);
    }
    let mut late = kiosk.visitor("late").await;
    let refused = late.reads().await;
    assert!(refused.contains("come back later"), "{refused}");
    kiosk.close().await;
}
