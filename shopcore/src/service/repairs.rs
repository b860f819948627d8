//! Setting right what the check of all records finds, as far as that needs nobody's judgement.

use thiserror::Error;

use super::Shop;
use super::settling::enqueue_delivery;
use crate::audit::Actor;
use crate::id::OrderId;
use crate::invariant::{Fix, Repair, Way};
use crate::order::OrderState;
use crate::store::{Batch, CommitError, StockWrite, StoreError, VoucherWrite};

/// Why something was left as it was.
#[derive(Debug, Error)]
pub enum RepairError {
    /// It is not any more as it was when the records were checked.
    #[error("it has changed meanwhile; check again")]
    Changed,
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store can't be written.
    #[error(transparent)]
    Commit(CommitError),
}

impl From<CommitError> for RepairError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict => Self::Changed,
            other @ (CommitError::Rejected(_)
            | CommitError::Malformed(_)
            | CommitError::Unavailable(_)
            | CommitError::OutcomeUnknown(_)) => Self::Commit(other),
        }
    }
}

impl Shop {
    /// Makes one of the repairs that a [`Report`](crate::invariant::Report) lists; the audit keeps
    /// who made it, and what was.
    ///
    /// # Errors
    /// [`RepairError`]; nothing is changed then.
    pub async fn repair(&self, actor: &Actor, repair: &Repair) -> Result<(), RepairError> {
        let mut batch = self.batch(actor);
        match repair.fix {
            Fix::Recount(write) => {
                batch.push(write);
            }
            Fix::Units { claim, way, .. } => {
                batch.push(match way {
                    Way::Sold => StockWrite::Sell(claim),
                    Way::Free => StockWrite::Release(claim),
                });
            }
            Fix::Use {
                order,
                voucher,
                way,
            } => {
                batch.push(match way {
                    Way::Sold => VoucherWrite::Redeem { voucher, order },
                    Way::Free => VoucherWrite::Release { voucher, order },
                });
            }
            Fix::Deliver(order) => self.deliver(&mut batch, order).await?,
        }
        batch.record(repair.entity(), "repaired", repair.details());
        Ok(self.commit(batch).await?)
    }

    async fn deliver(&self, batch: &mut Batch, order: OrderId) -> Result<(), RepairError> {
        let order = self.store().find_order(self.id(), order).await?;
        let paid = order.filter(|order| order.state == OrderState::Paid);
        let order = paid.ok_or(RepairError::Changed)?;
        let invoice = self.store().find_invoice_of(self.id(), order.id).await?;
        enqueue_delivery(batch, &order, &invoice.ok_or(RepairError::Changed)?);
        Ok(())
    }
}
