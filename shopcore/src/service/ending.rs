//! How an open invoice ends unpaid: cancelled by someone, expired, or failed. One batch takes the
//! order along, gives units and voucher back, and moves part payments to the wallet.

use super::checkout::{Checkout, CheckoutError, check_owner};
use super::deciding;
use super::settling::Bill;
use crate::audit::Actor;
use crate::id::InvoiceId;
use crate::invoice::InvoiceState;
use crate::ledger::{Account, Purpose, Transfer};
use crate::message::{CreditReason, Destination, Notice, Task};
use crate::order::OrderState;
use crate::store::{Batch, CommitError};

/// How an invoice ends unpaid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Cancelled,
    Expired,
    Failed,
}

impl End {
    fn invoice(self) -> InvoiceState {
        match self {
            Self::Cancelled => InvoiceState::Cancelled,
            Self::Expired => InvoiceState::Expired,
            Self::Failed => InvoiceState::Failed,
        }
    }

    fn order(self) -> OrderState {
        match self {
            Self::Cancelled | Self::Failed => OrderState::Cancelled,
            Self::Expired => OrderState::Expired,
        }
    }
}

impl Checkout<'_> {
    /// Gives an open invoice and its order up; of customers, only the one who is asked to pay may.
    ///
    /// # Errors
    /// [`CheckoutError::NotOpen`] when it has ended already; nothing changes then.
    pub async fn cancel(&self, actor: &Actor, invoice: InvoiceId) -> Result<(), CheckoutError> {
        deciding(|| self.end(actor, invoice, End::Cancelled)).await
    }

    /// Ends an invoice that was not paid in time. Doing so again changes nothing.
    ///
    /// # Errors
    /// [`CheckoutError`] of the store.
    pub(crate) async fn expire(
        &self,
        actor: &Actor,
        invoice: InvoiceId,
    ) -> Result<(), CheckoutError> {
        match deciding(|| self.end(actor, invoice, End::Expired)).await {
            Err(CheckoutError::NotOpen(_)) => Ok(()),
            done => done,
        }
    }

    /// Ends an invoice that no gateway takes; one that a charge still collects stays as it is.
    pub(super) async fn fail(&self, invoice: InvoiceId) -> Result<(), CommitError> {
        let actor = Actor::job("checkout");
        match deciding(|| self.end(&actor, invoice, End::Failed)).await {
            Err(CheckoutError::Commit(error)) => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    async fn end(&self, actor: &Actor, invoice: InvoiceId, end: End) -> Result<(), CheckoutError> {
        let found = self.0.store().find_invoice(self.0.id(), invoice).await?;
        let invoice = found.ok_or(CheckoutError::UnknownInvoice)?;
        check_owner(actor, &invoice)?;
        if !invoice.state.is_open() {
            return Err(CheckoutError::NotOpen(invoice.state));
        }
        if end == End::Expired && invoice.expires_at > self.0.now() {
            return Ok(());
        }
        let bill = Bill::read(self.0, invoice).await?;
        if end == End::Failed && bill.is_payable() {
            return Ok(());
        }
        let mut batch = self.0.batch(actor);
        let why = end.invoice().as_str();
        bill.change(&mut batch, end.invoice(), bill.invoice.received, why);
        bill.move_order(&mut batch, end.order(), why);
        bill.release_held(&mut batch);
        bill.close_charges(&mut batch, None);
        self.leftover(&mut batch, &bill)?;
        bill.retract(&mut batch);
        if end == End::Expired {
            tell(&mut batch, &bill);
        }
        Ok(self.0.commit(batch).await?)
    }

    fn leftover(&self, batch: &mut Batch, bill: &Bill) -> Result<(), CheckoutError> {
        let invoice = &bill.invoice;
        if invoice.received.is_zero() {
            return Ok(());
        }
        let postings = [
            (
                Account::Towards(invoice.id),
                invoice.received.checked_neg()?,
            ),
            (Account::Wallet(invoice.customer), invoice.received),
        ];
        let transfer = Transfer::new(self.0.ids().next(), Purpose::Leftover, postings)?;
        batch.push(transfer.about_invoice(invoice.id));
        bill.credit(batch, invoice.received, CreditReason::Leftover);
        Ok(())
    }
}

fn tell(batch: &mut Batch, bill: &Bill) {
    let invoice = bill.invoice.id;
    bill.notify(batch, Notice::Expired { invoice });
    let notice = Notice::ExpiredForAdmin { invoice };
    batch.enqueue(Destination::Admins, invoice, Task::Notice(notice));
}
