//! The till of the example: it passes the kit as every gateway does.

use std::sync::Arc;

use async_trait::async_trait;
use custom_gateway::Till;
use custom_gateway::till::{Drawer, Told};
use serde_json::json;
use shopcore::gateway::{Gateway, GatewayName};
use shopcore::invoice::Charge;
use shopcore::money::Money;
use shopcore::testing::gateway::{Counterpart, Delivery, Pays, Trouble};
use shopcore::time::{Clock, VirtualClock};
use shopcore_tests::fakes::{Answer, Book, Call, Fake, limits};

struct Counter(Drawer);

impl Book for Counter {
    fn answer(&mut self, call: &Call) -> Answer {
        let (method, path) = call.route();
        let ["charges", reference] = path[..] else {
            return Answer::new(404, json!({}));
        };
        let told: Option<Told> = match method {
            "PUT" => match call.json() {
                Ok(asked) => Some(self.0.ask(reference, asked)),
                Err(wrong) => return Answer::new(400, json!({ "wrong": wrong })),
            },
            "GET" => self.0.tell(reference),
            "DELETE" => self.0.give_up(reference),
            _ => return Answer::new(405, json!({})),
        };
        match told {
            Some(told) => Answer::new(200, json!(told)),
            None => Answer::new(404, json!({})),
        }
    }
}

#[derive(Debug)]
struct Side {
    fake: Fake<Counter>,
    gateway: Arc<Till>,
    clock: Arc<VirtualClock>,
}

pub(super) async fn till(clock: Arc<VirtualClock>) -> Arc<dyn Counterpart> {
    let fake = Fake::serve(Counter(Drawer::default())).await;
    let name = GatewayName::parse("till").unwrap();
    let gateway = Till::new(name, fake.base(), limits(), clock.clone()).unwrap();
    let gateway = Arc::new(gateway);
    Arc::new(Side {
        fake,
        gateway,
        clock,
    })
}

#[async_trait]
impl Counterpart for Side {
    fn gateway(&self) -> Arc<dyn Gateway> {
        self.gateway.clone()
    }

    fn pays(&self) -> Pays {
        Pays::AnyAmount
    }

    async fn pay(&self, charge: &Charge, amount: Money) -> Delivery {
        let reference = charge.reference.as_str();
        let now = self.clock.now();
        let paid = self.fake.book().0.pay(reference, amount.minor(), now);
        paid.unwrap();
        Delivery {
            headers: Vec::new(),
            body: json!({ "reference": reference }).to_string().into_bytes(),
        }
    }

    fn set_trouble(&self, trouble: Option<Trouble>) {
        self.fake.set_trouble(trouble);
    }

    fn charges(&self) -> usize {
        self.fake.book().0.count()
    }

    fn refunded(&self) -> i64 {
        0
    }
}
