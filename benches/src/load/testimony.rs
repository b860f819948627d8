//! What processes told of their work, held against the rows of the shop.

use std::collections::{BTreeMap, BTreeSet};

use shopcore::id::OrderId;
use shopcore::invoice::EventId;
use shopcore::order::OrderState;
use shopcore::store::Snapshot;

/// One thing that a process told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// An order was placed.
    Placed(OrderId),
    /// A payment of an order was settled.
    Paid(EventId, OrderId),
    /// These contents, by their hashes, went to the customer of an order.
    Delivered(OrderId, Vec<String>),
}

impl Line {
    /// Reads a line; `None` where it tells of something else.
    pub(super) fn read(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let (what, first) = (words.next()?, words.next()?);
        match what {
            "placed" => Some(Self::Placed(first.parse().ok()?)),
            "paid" => Some(Self::Paid(
                EventId::parse(first).ok()?,
                words.next()?.parse().ok()?,
            )),
            "delivered" => Some(Self::Delivered(
                first.parse().ok()?,
                words.map(str::to_owned).collect(),
            )),
            _ => None,
        }
    }
}

/// What one process told, from its start to its end.
#[derive(Debug)]
pub struct Life {
    /// Whether it did not end by itself.
    pub was_killed: bool,
    /// What it told.
    pub lines: Vec<Line>,
}

/// What all processes told.
#[derive(Debug)]
pub struct Testimony {
    lives: Vec<Life>,
}

/// How the goods of an order came to its customer.
#[derive(Debug, Default)]
struct Delivery<'a> {
    contents: BTreeSet<&'a [String]>,
    /// The processes that brought them, by number.
    lives: Vec<usize>,
}

impl Testimony {
    pub(super) fn new(lives: Vec<Life>) -> Self {
        Self { lives }
    }

    /// How many processes were killed.
    #[must_use]
    pub fn kills(&self) -> usize {
        self.lives.iter().filter(|life| life.was_killed).count()
    }

    /// How many payments were acknowledged.
    #[must_use]
    pub fn purchases(&self) -> usize {
        self.lines()
            .filter(|line| matches!(line, Line::Paid(..)))
            .count()
    }

    /// How often goods were brought that had been brought before.
    #[must_use]
    pub fn repeats(&self) -> usize {
        let deliveries = self.deliveries();
        let told: usize = deliveries
            .values()
            .map(|delivery| delivery.lives.len())
            .sum();
        told.saturating_sub(deliveries.len())
    }

    /// What does not hold: something acknowledged that is gone, an order that is paid and was not
    /// delivered, a content that went to two orders, a delivery repeated without a kill.
    #[must_use]
    pub fn contradictions(&self, rows: &Snapshot) -> Vec<String> {
        let mut found = self.lost(rows);
        let deliveries = self.deliveries();
        for order in rows.orders.iter().filter(|order| was_paid(order.state)) {
            if order.state != OrderState::Delivered || !deliveries.contains_key(&order.id) {
                found.push(format!("order {} is paid and was not delivered", order.id));
            }
        }
        let mut owners = BTreeMap::new();
        for (order, delivery) in &deliveries {
            found.extend(self.repeated(*order, delivery));
            for content in delivery.contents.iter().copied().flatten() {
                if owners
                    .insert(content, *order)
                    .is_some_and(|other| other != *order)
                {
                    found.push(format!(
                        "a content of order {order} went to another one too"
                    ));
                }
            }
        }
        found
    }

    fn lines(&self) -> impl Iterator<Item = &Line> {
        self.lives.iter().flat_map(|life| &life.lines)
    }

    fn deliveries(&self) -> BTreeMap<OrderId, Delivery<'_>> {
        let mut deliveries = BTreeMap::<_, Delivery<'_>>::new();
        for (number, life) in self.lives.iter().enumerate() {
            for line in &life.lines {
                if let Line::Delivered(order, contents) = line {
                    let delivery = deliveries.entry(*order).or_default();
                    delivery.contents.insert(contents);
                    delivery.lives.push(number);
                }
            }
        }
        deliveries
    }

    /// What was acknowledged and is not there.
    fn lost(&self, rows: &Snapshot) -> Vec<String> {
        let orders: BTreeMap<_, _> = rows.orders.iter().map(|o| (o.id, o.state)).collect();
        let events: BTreeSet<_> = rows.payments.iter().map(|row| &row.event).collect();
        let mut lost = Vec::new();
        for line in self.lines() {
            let is_there = match line {
                Line::Placed(order) => orders.contains_key(order),
                Line::Paid(event, order) => {
                    events.contains(event) && orders.get(order).copied().is_some_and(was_paid)
                }
                Line::Delivered(order, _) => orders.get(order).copied().is_some_and(was_paid),
            };
            if !is_there {
                lost.push(format!("acknowledged and gone: {line:?}"));
            }
        }
        lost
    }

    /// Whoever brings something again does so because the one before was killed over it.
    fn repeated(&self, order: OrderId, delivery: &Delivery<'_>) -> Vec<String> {
        let mut found = Vec::new();
        if delivery.contents.len() > 1 {
            found.push(format!(
                "order {order} was delivered with different contents"
            ));
        }
        let lives: BTreeSet<_> = delivery.lives.iter().collect();
        let finished = lives.iter().filter(|life| !self.lives[***life].was_killed);
        if lives.len() < delivery.lives.len() || finished.count() > 1 {
            found.push(format!("order {order} was delivered again without a kill"));
        }
        found
    }
}

fn was_paid(state: OrderState) -> bool {
    match state {
        OrderState::Paid | OrderState::Delivered => true,
        OrderState::AwaitingPayment
        | OrderState::Cancelled
        | OrderState::Expired
        | OrderState::Refunded => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str = "018f0000-0000-7000-8000-000000000001";
    const OTHER: &str = "018f0000-0000-7000-8000-000000000002";

    fn life(was_killed: bool, lines: &[&str]) -> Life {
        let lines = lines.iter().filter_map(|line| Line::read(line)).collect();
        Life { was_killed, lines }
    }

    fn found(lives: Vec<Life>) -> Vec<String> {
        Testimony::new(lives).contradictions(&Snapshot::default())
    }

    #[test]
    fn a_delivery_may_be_repeated_by_a_kill_and_not_without() {
        let line = format!("delivered {ORDER} aa");
        let once = |was_killed| life(was_killed, &[&line]);
        let repeated = |found: Vec<String>| found.iter().any(|text| text.contains("again"));
        assert!(!repeated(found(vec![once(true), once(true), once(false)])));
        assert!(repeated(found(vec![once(false), once(false)])));
        assert!(repeated(found(vec![life(true, &[&line, &line])])));
        assert_eq!(Testimony::new(vec![once(true), once(false)]).repeats(), 1);
    }

    #[test]
    fn a_content_that_goes_to_two_orders_is_found() {
        let lines = [ORDER, OTHER].map(|order| format!("delivered {order} aa"));
        let told = found(vec![life(false, &[&lines[0], &lines[1]])]);
        assert!(
            told.iter().any(|text| text.contains("another one")),
            "{told:?}"
        );
    }

    #[test]
    fn what_was_acknowledged_and_is_gone_is_found() {
        let told = found(vec![life(true, &[&format!("paid event {ORDER}"), "done"])]);
        assert_eq!(told.len(), 1, "{told:?}");
    }
}
