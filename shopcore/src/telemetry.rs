//! Telemetry: a day's business figures, computed from rows and never counted along the way.

use chrono::{NaiveDate, TimeZone};
use serde::Serialize;

use crate::customer::Customer;
use crate::money::{self, Currency, Money, MoneyError};
use crate::order::{Order, OrderState};
use crate::refund::{Refund, RefundState};

/// The business of one day in the shop's time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Daily {
    /// The day.
    pub day: NaiveDate,
    /// Orders placed that day.
    pub placed: usize,
    /// Of these, paid by now, also where the money went back later.
    pub paid: usize,
    /// Of these, expired.
    pub expired: usize,
    /// Of these, cancelled.
    pub cancelled: usize,
    /// What the paid ones cost.
    pub revenue: Money,
    /// What was given back of orders that day, whenever they were placed.
    pub refunds: Money,
    /// The revenue without what was given back; below zero where more went back than came in.
    pub net: Money,
    /// What vouchers took off the paid ones.
    pub discounts: Money,
    /// Customers who first came that day.
    pub new_customers: usize,
}

impl Daily {
    /// Computes the figures of `day` in `zone`.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum does not fit.
    pub fn of<Z: TimeZone>(
        orders: &[Order],
        refunds: &[Refund],
        customers: &[Customer],
        currency: Currency,
        day: NaiveDate,
        zone: &Z,
    ) -> Result<Self, MoneyError> {
        let today = |at: &crate::time::Timestamp| at.with_timezone(zone).date_naive() == day;
        let placed: Vec<_> = orders
            .iter()
            .filter(|order| today(&order.placed_at))
            .collect();
        let count = |state| placed.iter().filter(|order| order.state == state).count();
        let sold: Vec<_> = placed.iter().filter(|order| paid(order.state)).collect();
        let back = refunds
            .iter()
            .filter(|refund| gives_back(refund) && today(&refund.requested_at));
        let revenue = money::sum(currency, sold.iter().map(|order| order.totals.total))?;
        let refunds = money::sum(currency, back.map(|refund| refund.value))?;
        Ok(Self {
            day,
            placed: placed.len(),
            paid: sold.len(),
            expired: count(OrderState::Expired),
            cancelled: count(OrderState::Cancelled),
            revenue,
            refunds,
            net: revenue.checked_sub(refunds)?,
            discounts: money::sum(currency, sold.iter().map(|order| order.totals.discount))?,
            new_customers: customers.iter().filter(|c| today(&c.created_at)).count(),
        })
    }
}

fn paid(state: OrderState) -> bool {
    match state {
        OrderState::Paid | OrderState::Delivered | OrderState::Refunded => true,
        OrderState::AwaitingPayment | OrderState::Cancelled | OrderState::Expired => false,
    }
}

fn gives_back(refund: &Refund) -> bool {
    refund.order.is_some() && refund.state != RefundState::Failed
}
