//! What a stand is put through, operation by operation.

use std::io;

use clap::ValueEnum;
use serde::Serialize;
use shopcore::cart::Change;
use shopcore::invoice::Outcome;
use shopcore::jobs::JobError;
use shopcore::service::{ChargeError, CheckoutError, SettleError, StockError};
use shopcore::stock::ContentError;
use shopcore::store::CommitError;
use shopcore::text::BadLabel;
use shopcore::voucher::VoucherRefusal;
use thiserror::Error;

use super::acks::Acks;
use crate::stand::{Bill, BillError, Notice, SendError, Stand, new_contents};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scenario {
    /// Place an order of one unit with a voucher.
    Checkout,
    /// Place an order, open its charge, settle its payment.
    PaidCheckout,
    /// Settle payments: `--stock` orders of each product are placed and charged before.
    Settlement,
    /// Post signed webhooks over HTTP, until they are settled: `--stock` orders of each product are
    /// placed and paid at the sandbox before.
    Webhooks,
    /// Fight for vouchers of a few uses: place an order with one, then cancel it.
    Voucher,
    /// Let the expiry job end `--stock` overdue orders at once.
    Expiry,
    /// Add `--stock` contents to a product in one batch.
    Import,
}

/// What came of an operation that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// So many things were done and acknowledged.
    Acknowledged(u64),
    /// The shop had nothing left to give.
    Refused,
    /// There was nothing left to do it to.
    NothingLeft,
}

/// Why an operation failed.
#[derive(Debug, Error)]
pub enum OpError {
    /// The order was not placed or given up.
    #[error(transparent)]
    Checkout(#[from] CheckoutError),
    /// There was no charge.
    #[error(transparent)]
    Charge(#[from] ChargeError),
    /// The bills could not be written.
    #[error(transparent)]
    Bill(#[from] BillError),
    /// The payment was not settled.
    #[error(transparent)]
    Settle(#[from] SettleError),
    /// The payment did not pay the order.
    #[error("the payment ended as {0:?}")]
    NotPaid(Outcome),
    /// The webhook was not taken.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The stock was not added.
    #[error(transparent)]
    Stock(#[from] StockError),
    /// A content was refused.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// A label was refused.
    #[error(transparent)]
    Label(#[from] BadLabel),
    /// The store failed, or did not refuse what it must.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The job failed.
    #[error(transparent)]
    Job(#[from] JobError),
    /// The acknowledgement could not be told.
    #[error("an acknowledgement can't be told")]
    Untold(#[from] io::Error),
    /// A task of the load generator ended early.
    #[error("a client ended early")]
    Client(#[from] tokio::task::JoinError),
}

impl Scenario {
    /// What one operation is.
    #[must_use]
    pub const fn operation(self) -> &'static str {
        match self {
            Self::Checkout => "order placed",
            Self::PaidCheckout => "order placed and paid",
            Self::Settlement => "payment settled",
            Self::Webhooks => "webhook settled",
            Self::Voucher => "order placed and cancelled",
            Self::Expiry => "order expired",
            Self::Import => "content imported",
        }
    }

    /// How often each voucher of the stand may be used.
    #[must_use]
    pub const fn voucher_uses(self) -> u32 {
        match self {
            Self::Voucher => 5,
            Self::Checkout
            | Self::PaidCheckout
            | Self::Settlement
            | Self::Webhooks
            | Self::Expiry
            | Self::Import => 4_000_000_000,
        }
    }

    /// Carries out one turn. An import adds `batch` contents; of overdue orders there are `batch`.
    pub(super) async fn turn(
        self,
        stand: &Stand,
        turn: usize,
        batch: usize,
        acks: Acks,
    ) -> Result<Answer, OpError> {
        match self {
            Self::Checkout => answer(place(stand, turn, acks).await),
            Self::PaidCheckout => answer(pay(stand, turn, acks).await),
            Self::Settlement => match stand.take_bill() {
                Some(bill) => answer(settle(stand, bill, acks).await),
                None => Ok(Answer::NothingLeft),
            },
            Self::Webhooks => match stand.take_notice() {
                Some(notice) => answer(post(stand, notice, acks).await),
                None => Ok(Answer::NothingLeft),
            },
            Self::Voucher => answer(place_and_cancel(stand, turn, acks).await),
            Self::Expiry => expire(stand, acks).await,
            Self::Import => import(stand, turn, batch, acks).await,
        }
    }
}

/// A sold-out product and a used-up voucher are what the shop should say when they are.
fn answer(done: Result<(), OpError>) -> Result<Answer, OpError> {
    match done {
        Ok(()) => Ok(Answer::Acknowledged(1)),
        Err(OpError::Checkout(CheckoutError::Voucher(VoucherRefusal::Exhausted))) => {
            Ok(Answer::Refused)
        }
        Err(OpError::Checkout(CheckoutError::Changed(changes))) if sold_out(&changes) => {
            Ok(Answer::Refused)
        }
        Err(error) => Err(error),
    }
}

fn sold_out(changes: &[Change]) -> bool {
    changes
        .iter()
        .all(|change| matches!(change, Change::Fewer { .. }))
}

async fn place(stand: &Stand, turn: usize, acks: Acks) -> Result<(), OpError> {
    let placed = stand.place(turn).await?;
    Ok(acks.tell(format_args!("placed {}", placed.order.id))?)
}

async fn pay(stand: &Stand, turn: usize, acks: Acks) -> Result<(), OpError> {
    let placed = stand.place(turn).await?;
    acks.tell(format_args!("placed {}", placed.order.id))?;
    let bill = stand.bill(&placed).await?;
    settle(stand, bill, acks).await
}

async fn settle(stand: &Stand, bill: Bill, acks: Acks) -> Result<(), OpError> {
    let event = stand.payment(&bill)?;
    let settled = stand.shop.settlement().settle(&event).await?;
    acks.tell(format_args!("paid {} {}", event.event, bill.order))?;
    let outcome = settled.payment.outcome;
    if outcome == Outcome::Paid {
        Ok(())
    } else {
        Err(OpError::NotPaid(outcome))
    }
}

async fn post(stand: &Stand, notice: Notice, acks: Acks) -> Result<(), OpError> {
    stand.post(&notice).await?;
    Ok(acks.tell(format_args!("paid {} {}", notice.event, notice.order))?)
}

async fn place_and_cancel(stand: &Stand, turn: usize, acks: Acks) -> Result<(), OpError> {
    let placed = stand.place(turn).await?;
    acks.tell(format_args!("placed {}", placed.order.id))?;
    stand.cancel(&placed).await?;
    Ok(acks.tell(format_args!("cancelled {}", placed.order.id))?)
}

async fn expire(stand: &Stand, acks: Acks) -> Result<Answer, OpError> {
    let ended = stand.expire().await?;
    acks.tell(format_args!("expired {ended}"))?;
    Ok(Answer::Acknowledged(count(ended)))
}

async fn import(stand: &Stand, turn: usize, batch: usize, acks: Acks) -> Result<Answer, OpError> {
    let contents = new_contents(&stand.shop, batch)?;
    let added = stand.import(turn, &contents).await?;
    acks.tell(format_args!("imported {} {added}", stand.product(turn).id))?;
    Ok(Answer::Acknowledged(count(added)))
}

fn count(things: usize) -> u64 {
    u64::try_from(things).unwrap_or(u64::MAX)
}
