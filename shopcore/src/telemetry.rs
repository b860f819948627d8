//! Telemetry: a day's business figures, told from what was recorded, never counted along the way;
//! and how often people looked, counted along the way as well as it goes.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::id::ProductId;
use crate::money::{Currency, Money, MoneyError};
use crate::order::{Order, OrderLine};
use crate::text::Name;

/// The business of one day in the shop's time zone, or of several days. Everything counts on the
/// day it happened: an order placed in the evening and paid at night is placed on one day and paid
/// on the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Daily {
    /// The day; the last one where they are several.
    pub day: NaiveDate,
    /// Orders placed.
    pub placed: u64,
    /// Orders paid, also where the money went back later.
    pub paid: u64,
    /// Orders that expired.
    pub expired: u64,
    /// Orders that were cancelled.
    pub cancelled: u64,
    /// What the paid ones cost.
    pub revenue: Money,
    /// What was given back of orders.
    pub refunds: Money,
    /// The revenue without what was given back; below zero where more went back than came in.
    pub net: Money,
    /// What vouchers took off the paid ones.
    pub discounts: Money,
    /// What the paid ones cost for the way they were paid; part of the revenue.
    pub fees: Money,
    /// What was paid into wallets by deposits.
    pub deposits: Money,
    /// Customers who came for the first time.
    pub new_customers: u64,
    /// What was sold, the product with the highest revenue in front.
    pub products: Vec<Sold>,
}

/// What was sold of a product, before vouchers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sold {
    /// The product.
    pub product: ProductId,
    /// Its name when it was bought last.
    pub name: Name,
    /// How many.
    pub units: u64,
    /// What they cost.
    pub revenue: Money,
}

/// Something that happened and counts.
#[derive(Debug, Clone, Copy)]
pub enum Deed<'a> {
    /// An order was placed.
    Placed,
    /// This order was paid.
    Paid(&'a Order),
    /// An order expired.
    Expired,
    /// An order was cancelled.
    Cancelled,
    /// So much of an order was given back.
    Refunded(Money),
    /// So much was deposited.
    Deposited(Money),
    /// A customer came for the first time.
    Met,
}

impl Daily {
    /// A day on which nothing happened yet.
    #[must_use]
    pub const fn new(day: NaiveDate, currency: Currency) -> Self {
        let nothing = Money::zero(currency);
        Self {
            day,
            placed: 0,
            paid: 0,
            expired: 0,
            cancelled: 0,
            revenue: nothing,
            refunds: nothing,
            net: nothing,
            discounts: nothing,
            fees: nothing,
            deposits: nothing,
            new_customers: 0,
            products: Vec::new(),
        }
    }

    /// Counts what happened.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum does not fit.
    pub fn count(&mut self, deed: Deed<'_>) -> Result<(), MoneyError> {
        match deed {
            Deed::Placed => raise(&mut self.placed, 1),
            Deed::Paid(order) => self.count_paid(order)?,
            Deed::Expired => raise(&mut self.expired, 1),
            Deed::Cancelled => raise(&mut self.cancelled, 1),
            Deed::Refunded(value) => {
                self.refunds = self.refunds.checked_add(value)?;
                self.net = self.net.checked_sub(value)?;
            }
            Deed::Deposited(amount) => self.deposits = self.deposits.checked_add(amount)?,
            Deed::Met => raise(&mut self.new_customers, 1),
        }
        Ok(())
    }

    fn count_paid(&mut self, order: &Order) -> Result<(), MoneyError> {
        raise(&mut self.paid, 1);
        let totals = order.totals;
        self.revenue = self.revenue.checked_add(totals.total)?;
        self.net = self.net.checked_add(totals.total)?;
        self.discounts = self.discounts.checked_add(totals.discount)?;
        self.fees = self.fees.checked_add(totals.fee)?;
        for line in &order.lines {
            self.count_sold(&Sold::of(line)?)?;
        }
        self.rank();
        Ok(())
    }

    fn count_sold(&mut self, sold: &Sold) -> Result<(), MoneyError> {
        let known = self.products.iter_mut().find(|s| s.product == sold.product);
        let Some(known) = known else {
            self.products.push(sold.clone());
            return Ok(());
        };
        known.name.clone_from(&sold.name);
        raise(&mut known.units, sold.units);
        known.revenue = known.revenue.checked_add(sold.revenue)?;
        Ok(())
    }

    fn rank(&mut self) {
        self.products
            .sort_by_key(|sold| (std::cmp::Reverse(sold.revenue.minor()), sold.product));
    }

    /// Adds another day to this one.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum does not fit.
    pub fn add(&mut self, other: &Self) -> Result<(), MoneyError> {
        self.day = self.day.max(other.day);
        for (sum, more) in [
            (&mut self.placed, other.placed),
            (&mut self.paid, other.paid),
            (&mut self.expired, other.expired),
            (&mut self.cancelled, other.cancelled),
            (&mut self.new_customers, other.new_customers),
        ] {
            raise(sum, more);
        }
        for (sum, more) in [
            (&mut self.revenue, other.revenue),
            (&mut self.refunds, other.refunds),
            (&mut self.net, other.net),
            (&mut self.discounts, other.discounts),
            (&mut self.fees, other.fees),
            (&mut self.deposits, other.deposits),
        ] {
            *sum = sum.checked_add(more)?;
        }
        for sold in &other.products {
            self.count_sold(sold)?;
        }
        self.rank();
        Ok(())
    }
}

impl Sold {
    fn of(line: &OrderLine) -> Result<Self, MoneyError> {
        Ok(Self {
            product: line.product,
            name: line.name.clone(),
            units: u64::from(line.quantity),
            revenue: line.amount()?,
        })
    }
}

fn raise(count: &mut u64, by: u64) {
    *count = count.saturating_add(by);
}

/// Something people look at on their way to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glance {
    /// A list of products.
    Shelf,
    /// A product.
    Product,
    /// The cart.
    Cart,
}

/// How often people looked, and how they were answered. Best effort: what a process counted since
/// its last flush is lost when it is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Views {
    /// Lists of products that were shown.
    pub shelves: u64,
    /// Products that were shown.
    pub products: u64,
    /// Carts that were shown.
    pub carts: u64,
    /// Deeds of people that were answered.
    pub answers: u64,
    /// Of these, with an apology for a failure of the shop.
    pub failures: u64,
    /// How long the answers took in all, in milliseconds.
    pub millis: u64,
    /// How long the slowest took, in milliseconds.
    pub slowest: u64,
}

impl Views {
    /// Counts a glance.
    pub fn count(&mut self, glance: Glance) {
        let count = match glance {
            Glance::Shelf => &mut self.shelves,
            Glance::Product => &mut self.products,
            Glance::Cart => &mut self.carts,
        };
        raise(count, 1);
    }

    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.shelves, other.shelves),
            (&mut self.products, other.products),
            (&mut self.carts, other.carts),
            (&mut self.answers, other.answers),
            (&mut self.failures, other.failures),
            (&mut self.millis, other.millis),
        ] {
            raise(sum, more);
        }
        self.slowest = self.slowest.max(other.slowest);
    }

    /// How long an answer took on average, in milliseconds; nothing where there was none.
    #[must_use]
    pub const fn mean_millis(&self) -> Option<u64> {
        self.millis.checked_div(self.answers)
    }
}

/// The figures of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// The business.
    pub business: Daily,
    /// Who looked.
    pub views: Views,
}

/// The figures of days, and their sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// Each day, the first one in front; days without business too.
    pub days: Vec<Figures>,
    /// All of them together.
    pub sum: Figures,
}

impl Period {
    /// The figures of these days, together.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum does not fit.
    pub fn of(days: Vec<Figures>, empty: Daily) -> Result<Self, MoneyError> {
        let mut sum = Figures {
            business: empty,
            views: Views::default(),
        };
        for day in &days {
            sum.business.add(&day.business)?;
            sum.views.add(&day.views);
        }
        Ok(Self { days, sum })
    }
}

/// The days as a table with a header, a line a day, in comma-separated values. Amounts are as
/// [`Money::plain`] writes them.
#[must_use]
pub fn csv(period: &Period) -> String {
    let days = period.days.iter().map(csv_line);
    let header = "day,placed,paid,expired,cancelled,revenue,refunds,net,discounts,fees,deposits,\
        new_customers,shelves,products,carts"
        .to_owned();
    std::iter::once(header)
        .chain(days)
        .fold(String::new(), |table, line| table + &line + "\n")
}

fn csv_line(day: &Figures) -> String {
    let (business, views) = (&day.business, &day.views);
    let amounts = [
        business.revenue,
        business.refunds,
        business.net,
        business.discounts,
        business.fees,
        business.deposits,
    ];
    let cells = [
        business.day.to_string(),
        business.placed.to_string(),
        business.paid.to_string(),
        business.expired.to_string(),
        business.cancelled.to_string(),
        amounts.map(Money::plain).join(","),
        business.new_customers.to_string(),
        views.shelves.to_string(),
        views.products.to_string(),
        views.carts.to_string(),
    ];
    cells.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_add_up_and_products_are_one() {
        let day = NaiveDate::from_ymd_opt(2026, 1, 31).unwrap();
        let idr = |minor| Money::new(minor, Currency::IDR);
        let product = ProductId::from(uuid::Uuid::nil());
        let sold = |name: &str| Sold {
            product,
            name: Name::parse(name).unwrap(),
            units: 2,
            revenue: idr(500),
        };
        let mut first = Daily::new(day, Currency::IDR);
        first.count(Deed::Placed).unwrap();
        first.count(Deed::Deposited(idr(70))).unwrap();
        first.products = vec![sold("Old")];
        let mut second = Daily::new(day.succ_opt().unwrap(), Currency::IDR);
        second.count(Deed::Refunded(idr(30))).unwrap();
        second.products = vec![sold("New")];
        let both = [first, second].map(|business| Figures {
            business,
            views: Views {
                millis: 6,
                answers: 2,
                ..Views::default()
            },
        });
        let period = Period::of(both.to_vec(), Daily::new(day, Currency::IDR)).unwrap();
        let sum = period.sum.business;
        assert_eq!((sum.placed, sum.deposits, sum.net), (1, idr(70), idr(-30)));
        assert_eq!(sum.products.len(), 1);
        assert_eq!(
            (sum.products[0].units, sum.products[0].name.as_str()),
            (4, "New")
        );
        assert_eq!(period.sum.views.mean_millis(), Some(3));
        assert_eq!(Views::default().mean_millis(), None);
    }
}
