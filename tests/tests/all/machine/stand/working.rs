//! How the team's work at the counter, and what customers do beside buying, are carried out.

use shopcore::cart::CartLine;
use shopcore::catalog::Category;
use shopcore::customer::{Language, Reachability, Standing};
use shopcore::id::UnitId;
use shopcore::invoice::Reference;
use shopcore::service::{BroadcastState, NewCustomer, PaidElsewhere};
use shopcore::stock::{Content, UnitState};
use shopcore::store::Page;
use shopcore::terms::Terms;
use shopcore::text::{Name, Reason};
use shopcore::voucher::Switch;

use super::*;
use crate::machine::command::Work;

const BOSS: Actor = Actor::Operator;

impl Stand {
    pub(super) async fn work(&mut self, deed: &Work) -> Told {
        match *deed {
            Work::Withdraw { product, count } => self.withdraw(product, count).await,
            Work::Restore { product } => self.restore(product).await,
            Work::Reveal { product } => self.reveal(product).await,
            Work::Limit { product, most } => {
                let limit = |product: &mut Product| product.per_customer = most;
                self.edit(product, limit).await
            }
            Work::Late { product, late } => self.edit(product, |product| product.late = late).await,
            Work::Terms { product } => {
                let terms = Terms::parse("Be kind.").unwrap();
                self.edit(product, |product| product.terms = Some(terms))
                    .await
            }
            Work::Categorize { product } => self.categorize(product).await,
            Work::Sort => self.sort().await,
            Work::Rename => self.rename().await,
            Work::Turn { voucher } => self.turn(voucher).await,
            Work::Resend { order } => self.resend(order).await,
            Work::Ban { customer, hours } => self.ban(customer, hours).await,
            Work::Welcome { customer } => self.welcome(customer).await,
            Work::Speak { customer } => self.speak(customer).await,
            Work::Lose { customer } => self.lose(customer).await,
            Work::Write { customer } => self.write(customer).await,
            Work::SendTerms { order } => self.send_terms(order).await,
            Work::Prove { order } => self.prove(order).await,
            Work::Broadcast { to } => self.broadcast(to).await,
            Work::BringIn => self.bring_in().await,
            Work::Furnish => self.bring_vouchers().await,
            Work::HandOver { customer, product } => self.hand_over(customer, product).await,
        }
    }

    /// Units of a product in a state, oldest first.
    fn units(&self, product: u8, state: UnitState, count: usize) -> Vec<UnitId> {
        let id = self.product(product).id;
        let units = self.rows.units.iter();
        let units = units.filter(|unit| unit.product == id && unit.state == state);
        units.take(count).map(|unit| unit.id).collect()
    }

    async fn withdraw(&self, product: u8, count: u8) -> Told {
        let units = self.units(product, UnitState::Available, count.into());
        let id = self.product(product).id;
        if units.is_empty() {
            return nothing();
        }
        told(self.shop.stock().withdraw(&BOSS, id, units).await)
    }

    async fn restore(&self, product: u8) -> Told {
        let units = self.units(product, UnitState::Withdrawn, usize::MAX);
        let id = self.product(product).id;
        if units.is_empty() {
            return nothing();
        }
        told(self.shop.stock().restore(&BOSS, id, units).await)
    }

    async fn reveal(&self, product: u8) -> Told {
        let units = self.units(product, UnitState::Available, 1);
        match units.first() {
            Some(unit) => told(self.shop.stock().reveal(&BOSS, *unit).await),
            None => nothing(),
        }
    }

    /// Puts a product into a category, which is made where there is none.
    async fn categorize(&self, product: u8) -> Told {
        let (catalog, name) = (self.shop.catalog(), Name::parse("Games").unwrap());
        match self.rows.categories.first().cloned() {
            None => told(catalog.add_category(&BOSS, name).await),
            Some(category) => {
                let into = |product: &mut Product| product.category = Some(category.id);
                self.edit(product, into).await
            }
        }
    }

    /// Turns the order of the categories, of which there are two at least from then on.
    async fn sort(&self) -> Told {
        let catalog = self.shop.catalog();
        let mut categories = self.rows.categories.clone();
        if categories.len() < 2 {
            let id = self.shop.ids().next();
            let name = Name::parse(&format!("Shelf {}", categories.len())).unwrap();
            return told(
                catalog
                    .import(&BOSS, vec![Category::new(id, name)], Vec::new())
                    .await,
            );
        }
        categories.sort_by_key(|category| category.place);
        categories.reverse();
        told(catalog.order_categories(&BOSS, categories).await)
    }

    async fn rename(&self) -> Told {
        let Some(mut category) = self.rows.categories.first().cloned() else {
            return nothing();
        };
        category.name = Name::parse(&format!("Games {}", category.version)).unwrap();
        let catalog = self.shop.catalog();
        told(catalog.update_category(&BOSS, category).await)
    }

    async fn turn(&self, voucher: u8) -> Told {
        let index = usize::from(voucher) % self.rows.vouchers.len();
        let voucher = &self.rows.vouchers[index];
        let mut terms = voucher.terms.clone();
        terms.switch = match terms.switch {
            Switch::On => Switch::Off,
            Switch::Off => Switch::On,
        };
        told(self.shop.vouchers().update(&BOSS, voucher, terms).await)
    }

    async fn resend(&self, order: u8) -> Told {
        match pick_newest(&self.rows.orders, order) {
            Some(order) => told(self.shop.orders().resend(&BOSS, order.id).await),
            None => nothing(),
        }
    }

    async fn ban(&self, customer: u8, hours: Option<u8>) -> Told {
        let until = hours.map(|hours| self.clock.now() + chrono::Duration::hours(hours.into()));
        let reason = Reason::parse("tricks").unwrap();
        let id = self.customer(customer).id;
        let desk = self.shop.customers();
        let banned = desk.set_standing(&BOSS, id, Standing::Banned, until, Some(&reason));
        told(banned.await)
    }

    async fn welcome(&self, customer: u8) -> Told {
        let id = self.customer(customer).id;
        let desk = self.shop.customers();
        let welcome = desk.set_standing(&BOSS, id, Standing::Welcome, None, None);
        told(welcome.await)
    }

    async fn speak(&self, customer: u8) -> Told {
        let id = self.customer(customer).id;
        let language = Language::parse("id").unwrap();
        let desk = self.shop.customers();
        told(
            desk.set_language(&Actor::Customer(id), id, Some(language))
                .await,
        )
    }

    async fn lose(&self, customer: u8) -> Told {
        let id = self.customer(customer).id;
        let desk = self.shop.customers();
        let courier = Actor::job("outbox");
        let lost = desk.set_reachability(&courier, id, Reachability::Blocked);
        told(lost.await)
    }

    async fn write(&mut self, customer: u8) -> Told {
        let request = self.request();
        let words = Content::text("hello").unwrap();
        let id = self.customer(customer).id;
        told(self.shop.letters().write(id, &words, &request).await)
    }

    async fn send_terms(&self, order: u8) -> Told {
        match pick_newest(&self.rows.orders, order) {
            Some(order) => told(self.shop.terms().send(order.id).await),
            None => nothing(),
        }
    }

    async fn prove(&self, order: u8) -> Told {
        let Some(order) = pick_newest(&self.rows.orders, order) else {
            return nothing();
        };
        let proof = Content::text("done").unwrap();
        let (customer, product) = (order.customer, order.lines[0].product);
        let desk = self.shop.terms();
        told(desk.prove(customer, order.id, product, &proof).await)
    }

    /// Writes a broadcast, or moves the newest one on.
    async fn broadcast(&self, to: Option<BroadcastState>) -> Told {
        let book = self.shop.broadcasts();
        let Some(to) = to else {
            return told(book.draft("Hello".to_owned(), None).await.map(drop));
        };
        let all = book.list(Page::first(100)).await.unwrap().items;
        match all.iter().max_by_key(|broadcast| broadcast.id) {
            Some(last) => told(book.set_state(&BOSS, last.id, to).await.map(drop)),
            None => nothing(),
        }
    }

    async fn bring_in(&mut self) -> Told {
        self.added += 1;
        let (contact, chat) = person(&format!("guest-{}", self.added));
        let guest = NewCustomer {
            contact,
            chat,
            name: None,
            language: None,
            balance: idr(50),
        };
        told(self.shop.customers().import(&BOSS, vec![guest]).await)
    }

    /// Brings in an order that was paid elsewhere, twice.
    async fn hand_over(&mut self, customer: u8, product: u8) -> Told {
        self.added += 1;
        let (customer, product) = (self.customer(customer), self.product(product));
        let line = CartLine {
            product: product.id,
            quantity: 1,
            accepted: product.price,
        };
        let paid = PaidElsewhere {
            reference: Reference::parse(&format!("market-{}", self.added)).unwrap(),
            customer: customer.id,
            chat: customer.chat.clone(),
            lines: vec![line],
        };
        let checkout = self.shop.checkout();
        let (first, again) = (
            checkout.place_paid(&BOSS, &paid).await,
            checkout.place_paid(&BOSS, &paid).await,
        );
        if let (Ok(first), Ok(again)) = (&first, &again) {
            assert_eq!(first.order.id, again.order.id);
        }
        told(first.map(drop))
    }

    async fn bring_vouchers(&mut self) -> Told {
        self.added += 1;
        let code = VoucherCode::parse(&format!("EXTRA{}", self.added)).unwrap();
        let terms = VoucherTerms::simple(Discount::Fixed(idr(10)), 2);
        told(
            self.shop
                .vouchers()
                .import(&BOSS, vec![(code, terms)])
                .await,
        )
    }
}
