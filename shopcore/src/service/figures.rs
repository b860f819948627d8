//! Figures: the business of days, told from the audit and kept, so that a year is read at once.
//!
//! A day is told anew from its entries and put in the place of what was kept, so any number of
//! flushes, by any number of processes and however they end, leave it exact. How often people
//! looked is kept by process, so that none overwrites another's.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{Days, NaiveDate, TimeDelta};
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use uuid::Uuid;

use super::Shop;
use crate::audit::{Kind, Record};
use crate::id::{AuditId, InvoiceId, OrderId, RefundId, first_at};
use crate::invoice::{InvoiceState, Subject};
use crate::money::MoneyError;
use crate::order::OrderState;
use crate::refund::RefundState;
use crate::store::{ChatWrite, CommitError, Page, StoreError};
use crate::telemetry::{Daily, Deed, Figures as Day, Glance, Period, Views};
use crate::time::{Timestamp, midnight};

/// Whose small values the days are kept among: `day/DATE`, `views/DATE/PROCESS` and `flushed`.
const KEEPER: &str = "telemetry_daily";
/// Up to which day all days are kept.
const FLUSHED: &str = "flushed";
/// An entry is named before its batch is committed. A day that ended longer ago gets no more.
const APPEARS: TimeDelta = TimeDelta::hours(1);
const ENTRIES_AT_ONCE: u32 = 1_000;
const PROCESSES_AT_ONCE: u32 = 200;
/// Who lost a race to keep a day tells it anew. Who loses again lost to one who read the day's
/// place after the first race, so began to tell the day later: what stands lacks nothing.
const TRIES: u32 = 2;
/// The longest period that is told at once.
pub const DAYS_MAX: u32 = 3_660;

/// Why there are no figures.
#[derive(Debug, Error)]
pub enum FiguresError {
    /// The period ends before it begins, or is longer than ten years.
    #[error("a period begins before it ends and has at most {DAYS_MAX} days")]
    Period,
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The figures can't be kept; they are told again by the next flush.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// A sum does not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// What this process counted and when, by day.
#[derive(Debug)]
pub(super) struct Counters {
    process: Uuid,
    days: Mutex<BTreeMap<NaiveDate, Views>>,
}

impl Counters {
    pub(super) fn new(process: Uuid) -> Self {
        Self {
            process,
            days: Mutex::default(),
        }
    }

    fn change(&self, day: NaiveDate, change: impl FnOnce(&mut Views)) {
        let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        change(days.entry(day).or_default());
    }

    fn all(&self) -> BTreeMap<NaiveDate, Views> {
        let days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        days.clone()
    }

    /// Forgets days that are kept and get no more.
    fn forget(&self, before: NaiveDate) {
        let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        days.retain(|day, _| *day >= before);
    }
}

/// The shop's figures; see [`Shop::figures`].
#[derive(Debug, Clone, Copy)]
pub struct Figures<'a>(pub(super) &'a Shop);

impl Figures<'_> {
    /// The day it is in the shop.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.day_of(self.0.now())
    }

    fn day_of(&self, at: Timestamp) -> NaiveDate {
        at.with_timezone(&self.0.settings().zone).date_naive()
    }

    /// Counts that someone looked at something today.
    pub fn count(&self, glance: Glance) {
        let counters = &self.0.0.counters;
        counters.change(self.today(), |views| views.count(glance));
    }

    /// Counts that someone was answered today, after so long, well or with an apology.
    pub fn answered(&self, after: Duration, apologised: bool) {
        let millis = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
        let answer = Views {
            answers: 1,
            failures: u64::from(apologised),
            millis,
            slowest: millis,
            ..Views::default()
        };
        let counters = &self.0.0.counters;
        counters.change(self.today(), |views| views.add(&answer));
    }

    /// Tells the business of a day from what is recorded of it by now.
    ///
    /// # Errors
    /// [`FiguresError`].
    ///
    /// ```
    /// # use shopcore::money::Currency;
    /// # use shopcore::{MemoryStore, Shop};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let shop = Shop::builder(Currency::USD).store(MemoryStore::default()).build().await?;
    /// let today = shop.figures().compute(shop.figures().today()).await?;
    /// assert_eq!((today.placed, today.revenue.minor()), (0, 0));
    /// # Ok(()) }
    /// ```
    pub async fn compute(&self, day: NaiveDate) -> Result<Daily, FiguresError> {
        let mut daily = Daily::new(day, self.0.currency());
        let end: AuditId = first_at(self.midnight(day.checked_add_days(Days::new(1))));
        let mut after: AuditId = first_at(self.midnight(Some(day)));
        loop {
            let store = self.0.store();
            let records = store.follow_audit(self.0.id(), after, ENTRIES_AT_ONCE);
            let records = records.await?;
            for record in &records {
                if record.entry.id >= end {
                    return Ok(daily);
                }
                self.count_record(&mut daily, record).await?;
            }
            match records.last() {
                Some(last) => after = last.entry.id,
                None => return Ok(daily),
            }
        }
    }

    /// When a day begins in the shop.
    fn midnight(&self, day: Option<NaiveDate>) -> Timestamp {
        let zone = self.0.settings().zone;
        let begins = day.and_then(|day| midnight(day, zone));
        begins.unwrap_or(Timestamp::MAX_UTC)
    }

    async fn count_record(&self, daily: &mut Daily, record: &Record) -> Result<(), FiguresError> {
        let (entity, store, shop) = (record.entry.entity, self.0.store(), self.0.id());
        let Some(edge) = &record.entry.edge else {
            if entity.kind == Kind::Customer && record.entry.action == super::customers::MET {
                daily.count(Deed::Met)?;
            }
            return Ok(());
        };
        match entity.kind {
            Kind::Order => match order_state(&edge.to) {
                Some(OrderState::AwaitingPayment) => daily.count(Deed::Placed)?,
                Some(OrderState::Paid) => {
                    let order = store.find_order(shop, OrderId::from(entity.id)).await?;
                    if let Some(order) = order {
                        daily.count(Deed::Paid(&order))?;
                    }
                }
                Some(OrderState::Expired) => daily.count(Deed::Expired)?,
                Some(OrderState::Cancelled) => daily.count(Deed::Cancelled)?,
                Some(OrderState::Delivered | OrderState::Refunded) | None => {}
            },
            Kind::Invoice if edge.to == InvoiceState::Paid.as_str() => {
                let invoice = store.find_invoice(shop, InvoiceId::from(entity.id)).await?;
                if let Some(invoice) = invoice
                    && invoice.subject == Subject::Deposit
                {
                    daily.count(Deed::Deposited(invoice.amount))?;
                }
            }
            Kind::Refund if edge.to == RefundState::Done.as_str() => {
                let refund = store.find_refund(shop, RefundId::from(entity.id)).await?;
                if let Some(refund) = refund
                    && refund.order.is_some()
                {
                    daily.count(Deed::Refunded(refund.value))?;
                }
            }
            Kind::Shop
            | Kind::Category
            | Kind::Product
            | Kind::Voucher
            | Kind::Invoice
            | Kind::Payment
            | Kind::Customer
            | Kind::Case
            | Kind::Refund => {}
        }
        Ok(())
    }

    /// Keeps every day that may have changed since the last flush; tells how many they were.
    ///
    /// # Errors
    /// [`FiguresError`]; days that were kept stay kept, and the next flush goes on.
    pub async fn flush(&self) -> Result<usize, FiguresError> {
        self.keep_views().await?;
        let today = self.today();
        let kept: Option<NaiveDate> = self.find(FLUSHED).await?;
        let mut day = match kept {
            Some(kept) => kept,
            None => self.first_day().await?.unwrap_or(today),
        };
        let mut count = 0;
        while day <= today {
            self.keep(day).await?;
            count += 1;
            let Some(next) = day.checked_add_days(Days::new(1)) else {
                break;
            };
            day = next;
        }
        // The days before are over for so long that nothing is added to them.
        let settled = self.day_of(self.0.now() - APPEARS);
        if kept != Some(settled) {
            self.put(FLUSHED, &settled).await?;
        }
        self.0.0.counters.forget(settled);
        Ok(count)
    }

    /// The day of the first entry of the audit.
    async fn first_day(&self) -> Result<Option<NaiveDate>, FiguresError> {
        let nothing = AuditId::from(Uuid::nil());
        let first = self.0.store().follow_audit(self.0.id(), nothing, 1).await?;
        Ok(first.first().map(|record| self.day_of(record.at)))
    }

    /// Tells a day and puts it in the place of what was kept of it when it was begun to be told.
    async fn keep(&self, day: NaiveDate) -> Result<(), FiguresError> {
        for _ in 0..TRIES {
            let key = day_key(day);
            let was = self.0.store().find_state(self.0.id(), KEEPER, &key).await?;
            let value = encoded(&self.compute(day).await?)?;
            if was.as_ref() == Some(&value) {
                return Ok(());
            }
            let mut batch = self.0.chore();
            batch.push(ChatWrite::SwapState {
                plugin: KEEPER.to_owned(),
                key,
                was,
                value,
            });
            match self.0.commit(batch).await {
                Err(CommitError::Conflict) => {}
                kept => return Ok(kept?),
            }
        }
        Ok(())
    }

    async fn keep_views(&self) -> Result<(), FiguresError> {
        let counters = &self.0.0.counters;
        for (day, views) in counters.all() {
            let key = format!("{}{}", views_prefix(day), counters.process);
            self.put(&key, &views).await?;
        }
        Ok(())
    }

    /// The figures of every day from `from` to `to`, both included, as they are now.
    ///
    /// # Errors
    /// [`FiguresError`].
    pub async fn period(&self, from: NaiveDate, to: NaiveDate) -> Result<Period, FiguresError> {
        let length = to.signed_duration_since(from).num_days();
        if !(0..i64::from(DAYS_MAX)).contains(&length) {
            return Err(FiguresError::Period);
        }
        self.flush().await?;
        let mut days = Vec::new();
        for day in from.iter_days().take_while(|day| *day <= to) {
            let kept = self.find(&day_key(day)).await?;
            days.push(Day {
                business: kept.unwrap_or_else(|| Daily::new(day, self.0.currency())),
                views: self.views(day).await?,
            });
        }
        Ok(Period::of(days, Daily::new(to, self.0.currency()))?)
    }

    async fn views(&self, day: NaiveDate) -> Result<Views, FiguresError> {
        let (mut sum, prefix) = (Views::default(), views_prefix(day));
        for number in 0.. {
            let page = Page::number(number, PROCESSES_AT_ONCE);
            let store = self.0.store();
            let found = store
                .list_states(self.0.id(), KEEPER, &prefix, page)
                .await?;
            if found.items.is_empty() {
                break;
            }
            for (_, stored) in &found.items {
                sum.add(&decoded(stored)?);
            }
        }
        Ok(sum)
    }

    async fn find<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, FiguresError> {
        let stored = self.0.store().find_state(self.0.id(), KEEPER, key).await?;
        stored.as_deref().map(decoded).transpose()
    }

    async fn put<T: Serialize>(&self, key: &str, value: &T) -> Result<(), FiguresError> {
        let mut batch = self.0.chore();
        batch.push(ChatWrite::PutState {
            plugin: KEEPER.to_owned(),
            key: key.to_owned(),
            value: Some(encoded(value)?),
        });
        Ok(self.0.commit(batch).await?)
    }
}

fn order_state(name: &str) -> Option<OrderState> {
    OrderState::ALL
        .into_iter()
        .find(|state| state.as_str() == name)
}

fn day_key(day: NaiveDate) -> String {
    format!("day/{day}")
}

fn views_prefix(day: NaiveDate) -> String {
    format!("views/{day}/")
}

fn encoded<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(value).map_err(damaged)
}

fn decoded<T: DeserializeOwned>(stored: &[u8]) -> Result<T, FiguresError> {
    Ok(serde_json::from_slice(stored).map_err(damaged)?)
}

fn damaged(error: serde_json::Error) -> StoreError {
    StoreError::Damaged(format!("figures: {error}"))
}
