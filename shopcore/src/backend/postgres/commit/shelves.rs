//! Which units the lines of a group get.
//!
//! Free units are locked before anything is written, and dealt out batch by batch, each product's
//! in the order of their ids. So a batch that finds too few is refused alone, and what it would
//! have taken is left to the next.

use std::collections::{BTreeMap, VecDeque};

use sqlx::PgConnection;
use uuid::Uuid;

use super::failure::Failure;
use super::hints::{Hints, Product};
use super::member::{Member, Part};
use super::script::{Answers, Script, Step};
use super::stock::{self, CLAIM, CLAIM_ALL, Taken};
use crate::id::ProductId;
use crate::store::{Rejection, StockClaim, StockWrite};

/// The free units of a product.
#[derive(Default)]
struct Shelf {
    wanted: u64,
    free: VecDeque<Uuid>,
    last: Option<Uuid>,
}

/// A write that takes units.
struct Order<'a> {
    product: ProductId,
    claims: &'a [StockClaim],
    becomes: &'static str,
}

impl<'a> Order<'a> {
    fn of(write: &'a StockWrite) -> Option<Self> {
        let (product, claims, becomes) = match write {
            StockWrite::Hold { product, claims } => (*product, claims, "held"),
            StockWrite::Take { product, claims } => (*product, claims, "sold"),
            StockWrite::Add { .. }
            | StockWrite::Sell(_)
            | StockWrite::Release(_)
            | StockWrite::Withdraw { .. }
            | StockWrite::Restore { .. } => return None,
        };
        Some(Self {
            product,
            claims,
            becomes,
        })
    }

    fn wanted(&self) -> u64 {
        self.claims
            .iter()
            .map(|claim| u64::from(claim.quantity))
            .sum()
    }
}

/// The free units of all products that a group takes some of.
#[derive(Default)]
pub(super) struct Shelves {
    shelves: BTreeMap<Product, Shelf>,
    taken: Vec<Part<Taken>>,
    now: i64,
}

impl Shelves {
    /// Notes what a write wants.
    pub(super) fn ask(&mut self, shop: Uuid, write: &StockWrite, at: i64) {
        if let Some(order) = Order::of(write) {
            let shelf = self
                .shelves
                .entry((shop, order.product.into()))
                .or_default();
            shelf.wanted = shelf.wanted.saturating_add(order.wanted());
            self.now = self.now.max(at);
        }
    }

    /// Locks free units.
    pub(super) fn lay(&self, hints: &Hints, script: &mut Script) {
        let shelves: Vec<_> = self.shelves.iter().collect();
        script
            .lay(CLAIM, &shelves)
            .col(|((shop, _), _)| *shop)
            .col(|((_, product), _)| *product)
            .col(|(product, _)| hints.first(**product, self.now))
            .col(|(_, shelf)| shelf.limit());
    }

    /// Reads which were locked.
    pub(super) fn read(&mut self, answers: &Answers) {
        self.fill(CLAIM, answers, |_| true);
    }

    /// Looks again where too few were found, and waits for whoever is about to take the others: it
    /// may yet leave them.
    pub(super) async fn look_again(&mut self, conn: &mut PgConnection) -> Result<(), sqlx::Error> {
        let short: Vec<_> = self
            .shelves
            .iter()
            .filter(|(_, shelf)| shelf.is_short())
            .collect();
        if short.is_empty() {
            return Ok(());
        }
        let mut script = Script::default();
        script
            .lay(CLAIM_ALL, &short)
            .col(|((shop, _), _)| *shop)
            .col(|((_, product), _)| *product)
            .col(|(_, shelf)| shelf.limit());
        let answers = script.run(conn).await?;
        self.fill(CLAIM_ALL, &answers, Shelf::is_short);
        Ok(())
    }

    /// Fills the shelves that were asked about, in their order.
    fn fill(&mut self, step: Step, answers: &Answers, asked: impl Fn(&Shelf) -> bool) {
        let mut shelves: Vec<_> = self
            .shelves
            .values_mut()
            .filter(|shelf| asked(shelf))
            .collect();
        for row in answers.of(step) {
            if let Some(shelf) = shelves.get_mut(row.place()) {
                shelf.free = row.ids.iter().copied().collect();
            }
        }
    }

    /// Whether enough units are left for a write.
    pub(super) fn check(&self, shop: Uuid, write: &StockWrite) -> Result<(), Failure> {
        let Some(order) = Order::of(write) else {
            return Ok(());
        };
        let product = order.product;
        let shelf = self.shelves.get(&(shop, product.into()));
        let available = shelf.map_or(0, Shelf::available);
        if order.wanted() <= available {
            return Ok(());
        }
        Err(Rejection::OutOfStock { product, available }.into()) // guard: stock_enough
    }

    /// Deals out the units of a write for which enough are left.
    pub(super) fn take(&mut self, member: Member, write: &StockWrite) {
        let Some(order) = Order::of(write) else {
            return;
        };
        let product = (member.shop(), order.product.into());
        let Some(shelf) = self.shelves.get_mut(&product) else {
            return;
        };
        for claim in order.claims {
            for _ in 0..claim.quantity {
                let unit = shelf.free.pop_front();
                shelf.last = unit.or(shelf.last);
                self.taken.extend(unit.map(|unit| {
                    member.part(Taken {
                        unit,
                        line: claim.line.into(),
                        state: order.becomes,
                    })
                }));
            }
        }
    }

    /// Writes what was dealt out.
    pub(super) fn write(&mut self, script: &mut Script) {
        stock::take(&mut self.taken, script);
    }

    /// Lets later groups begin where this one ended.
    pub(super) fn raise(&self, hints: &Hints) {
        for (product, shelf) in &self.shelves {
            if let Some(first) = shelf.free.front().copied().or(shelf.last) {
                hints.raise(*product, first, self.now);
            }
        }
    }

    /// Lets later groups find what this one gave back.
    pub(super) fn forget(&self, hints: &Hints) {
        for product in self.shelves.keys() {
            hints.forget(*product);
        }
    }
}

impl Shelf {
    fn available(&self) -> u64 {
        u64::try_from(self.free.len()).unwrap_or(u64::MAX)
    }

    fn is_short(&self) -> bool {
        self.available() < self.wanted
    }

    fn limit(&self) -> i64 {
        i64::try_from(self.wanted).unwrap_or(i64::MAX)
    }
}
