//! Proofs of payment: where a gateway can't tell what was paid, the customer shows it and a person
//! of the shop looks. While one waits, the invoice does not expire.

use chrono::Duration;
use serde_json::json;
use thiserror::Error;

use super::settling::Bill;
use super::{ReviewError, SettleError, Shop, deciding, open_case, outdated};
use crate::audit::{Actor, Entity, Kind};
use crate::id::{CaseId, ChargeId, CustomerId, InvoiceId};
use crate::invoice::{Charge, ChargeState, EventId, Invoice, InvoiceState, PaymentEvent};
use crate::message::Notice;
use crate::review::{Case, CaseReason, CaseState, Resolution};
use crate::stock::Content;
use crate::store::{Batch, ChatWrite, CommitError, InvoiceWrite, ReviewWrite, StoreError};
use crate::text::Reason;
use crate::time::whole_micros;
use crate::vault::{Sealed, VaultError};

/// How long a proof may wait for a person before its invoice expires after all.
const PATIENCE: Duration = Duration::hours(24);

/// How long after an invoice ended unpaid its proof is still taken, as that of a late payment.
const LATE: Duration = Duration::days(3);

/// Among whose small values the proofs are kept, sealed, each under its case.
const KEEPER: &str = "proofs";

/// Why a proof was not taken, or not judged.
#[derive(Debug, Error)]
pub enum ProofError {
    /// There is no such invoice of this customer.
    #[error("there is no such invoice")]
    UnknownInvoice,
    /// The invoice asks for nothing any more.
    #[error("the invoice is {}", .0.as_str())]
    NotOpen(InvoiceState),
    /// No charge of the invoice is paid in a way that takes proofs.
    #[error("the invoice is not paid in a way that takes proofs")]
    NotWanted,
    /// Another proof waits.
    #[error("a proof waits already")]
    Waiting,
    /// The case is about no proof.
    #[error("the case is about no proof")]
    NoProof,
    /// The case can't be read or decided.
    #[error(transparent)]
    Review(#[from] ReviewError),
    /// The payment could not be settled.
    #[error(transparent)]
    Settle(#[from] SettleError),
    /// The proof can't be sealed or opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store can't be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}
outdated!(ProofError);

/// Proofs of payment of a shop.
#[derive(Debug, Clone, Copy)]
pub struct Proofs<'a>(pub(super) &'a Shop);

impl Proofs<'_> {
    /// Whether a charge is paid in a way that takes proofs.
    #[must_use]
    pub fn wants(&self, charge: &Charge) -> bool {
        let gateway = self.0.gateway(&charge.gateway);
        gateway.is_some_and(|gateway| gateway.needs_proof())
    }

    /// Takes a customer's proof that they paid an invoice, opens a case about it, and gives a
    /// person a day to judge it. Up to three days after the invoice ended it is that of a late
    /// payment.
    ///
    /// # Errors
    /// [`ProofError`]; nothing changes then.
    pub async fn send(
        &self,
        customer: CustomerId,
        invoice: InvoiceId,
        proof: &Content,
    ) -> Result<CaseId, ProofError> {
        deciding(|| self.try_send(customer, invoice, proof)).await
    }

    /// Whether a proof of an invoice waits for a person.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn is_waiting(&self, invoice: InvoiceId) -> Result<bool, StoreError> {
        let waiting = self.waiting(invoice).await?;
        let case = waiting.and_then(|(_, case)| case);
        Ok(case.is_some_and(|case| case.state == CaseState::Open))
    }

    /// Whether a proof of an invoice would be taken.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn may_send(&self, invoice: &Invoice) -> Result<bool, StoreError> {
        if !self.takes(invoice) || self.is_waiting(invoice.id).await? {
            return Ok(false);
        }
        let charges = self.0.store().list_charges(self.0.id(), invoice.id).await?;
        Ok(charges.iter().any(|charge| self.proves(invoice, charge)))
    }

    /// Whether it is open, or ended unpaid not long ago.
    fn takes(&self, invoice: &Invoice) -> bool {
        let now = self.0.now();
        match invoice.state_at(now) {
            InvoiceState::Created | InvoiceState::Waiting => true,
            InvoiceState::Expired | InvoiceState::Cancelled => now < invoice.expires_at + LATE,
            InvoiceState::Paid | InvoiceState::Failed => false,
        }
    }

    /// Whether the customer may have paid a charge that a proof tells of.
    fn proves(&self, invoice: &Invoice, charge: &Charge) -> bool {
        let was_shown = match charge.state {
            ChargeState::Open => true,
            ChargeState::Closed | ChargeState::Abandoned => {
                charge.pay_with.is_some() && !invoice.state_at(self.0.now()).is_open()
            }
            ChargeState::Created | ChargeState::Paid => false,
        };
        was_shown && self.wants(charge)
    }

    async fn try_send(
        &self,
        customer: CustomerId,
        invoice: InvoiceId,
        proof: &Content,
    ) -> Result<CaseId, ProofError> {
        let found = self.0.store().find_invoice(self.0.id(), invoice).await?;
        let invoice = found
            .filter(|invoice| invoice.customer == customer)
            .ok_or(ProofError::UnknownInvoice)?;
        if !self.takes(&invoice) {
            return Err(ProofError::NotOpen(invoice.state_at(self.0.now())));
        }
        let bill = Bill::read(self.0, invoice).await?;
        let mut shown = bill.charges.iter().rev();
        let charge = shown.find(|charge| self.proves(&bill.invoice, charge));
        let charge = charge.ok_or(ProofError::NotWanted)?.id;
        let waiting = self.waiting(bill.invoice.id).await?;
        if let Some((_, Some(case))) = &waiting
            && case.state == CaseState::Open
        {
            return Err(ProofError::Waiting);
        }
        let was = waiting.map(|(stored, _)| stored);
        let mut batch = self.0.batch(&Actor::Customer(customer));
        let case = self.case(&bill, &batch);
        self.keep(&mut batch, &bill, (case.id, charge), was, proof)?;
        let id = case.id;
        open_case(&mut batch, case);
        self.0.commit(batch).await?;
        Ok(id)
    }

    fn case(&self, bill: &Bill, batch: &Batch) -> Case {
        Case {
            id: self.0.ids().next(),
            reason: CaseReason::Proof,
            state: CaseState::Open,
            payment: None,
            invoice: Some(bill.invoice.id),
            order: bill.invoice.subject.order(),
            customer: Some(bill.invoice.customer),
            opened_at: batch.at,
            resolved_at: None,
        }
    }

    /// Keeps the proof sealed, and its invoice open for as long as it may wait.
    fn keep(
        &self,
        batch: &mut Batch,
        bill: &Bill,
        (case, charge): (CaseId, ChargeId),
        was: Option<Vec<u8>>,
        proof: &Content,
    ) -> Result<(), ProofError> {
        let sealed = self.0.vault().seal(self.0.id(), case, &proof.to_bytes())?;
        let until = whole_micros(self.0.now() + PATIENCE).max(bill.invoice.expires_at);
        let (invoice, version) = (bill.invoice.id, bill.invoice.version);
        batch
            .push(ChatWrite::SwapState {
                plugin: KEEPER.to_owned(),
                key: invoice.to_string(),
                was,
                value: format!("{case} {charge}").into_bytes(),
            })
            .push(ChatWrite::PutState {
                plugin: KEEPER.to_owned(),
                key: case.to_string(),
                value: Some(sealed.as_bytes().to_vec()),
            })
            .record(
                Entity::new(Kind::Invoice, invoice),
                "proof sent",
                json!({ "until": until }),
            );
        if bill.invoice.state_at(self.0.now()).is_open() {
            batch.push(InvoiceWrite::SetExpiry {
                invoice,
                version,
                expires_at: until,
            });
        }
        Ok(())
    }

    /// The proof that is kept for an invoice, as stored, and its case.
    async fn waiting(
        &self,
        invoice: InvoiceId,
    ) -> Result<Option<(Vec<u8>, Option<Case>)>, StoreError> {
        let (store, shop) = (self.0.store(), self.0.id());
        let stored = store.find_state(shop, KEEPER, &invoice.to_string()).await?;
        let Some(stored) = stored else {
            return Ok(None);
        };
        let case = match kept(&stored) {
            Some((case, _)) => store.find_case(shop, case).await?,
            None => None,
        };
        Ok(Some((stored, case)))
    }

    /// The charge that the proof of a case tells of, until another proof comes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn charge(&self, case: &Case) -> Result<Option<Charge>, StoreError> {
        let Some(invoice) = case.invoice else {
            return Ok(None);
        };
        let (store, shop) = (self.0.store(), self.0.id());
        let stored = store.find_state(shop, KEEPER, &invoice.to_string()).await?;
        match stored.as_deref().and_then(kept) {
            Some((of, charge)) if of == case.id => store.get_charge(shop, charge).await,
            Some(_) | None => Ok(None),
        }
    }

    /// The proof of a case, until the case is decided. That it was looked at is recorded first.
    ///
    /// # Errors
    /// [`ProofError`].
    pub async fn look(&self, actor: &Actor, case: CaseId) -> Result<Content, ProofError> {
        let (store, shop) = (self.0.store(), self.0.id());
        let sealed = store.find_state(shop, KEEPER, &case.to_string()).await?;
        let sealed = Sealed::stored(sealed.ok_or(ProofError::NoProof)?);
        let plain = self.0.vault().open(shop, case, &sealed)?;
        let proof = Content::from_bytes(&plain).map_err(|_| ProofError::NoProof)?;
        let mut batch = self.0.batch(actor);
        batch.record(Entity::new(Kind::Case, case), "proof seen", json!({}));
        self.0.commit(batch).await?;
        Ok(proof)
    }

    /// Believes a proof: settles its charge as paid whole, and decides the case. A proof that is
    /// believed late is settled as a late payment.
    ///
    /// # Errors
    /// [`ProofError`]; asking again goes on where it stopped.
    pub async fn accept(&self, actor: &Actor, case: CaseId) -> Result<(), ProofError> {
        let found = self.0.reviews().get(case).await?;
        if found.reason != CaseReason::Proof {
            return Err(ProofError::NoProof);
        }
        if found.state != CaseState::Open {
            return Err(ReviewError::NotOpen(found.state).into());
        }
        let charge = self.charge(&found).await?;
        let charge = charge.ok_or(ProofError::NotWanted)?;
        let event = EventId::parse(charge.reference.as_str()).map_err(|_| ProofError::NoProof)?;
        let paid = PaymentEvent {
            gateway: charge.gateway.clone(),
            event,
            reference: charge.reference.clone(),
            amount: charge.payable,
            paid_at: self.0.now(),
        };
        self.0.settlement().settle(&paid).await?;
        let mut batch = self.0.batch(actor);
        let (resolution, open) = (Resolution::Accepted, CaseState::Open.as_str());
        let to = CaseState::Resolved(resolution).as_str();
        let entity = Entity::new(Kind::Case, case);
        batch
            .push(ReviewWrite::Resolve { case, resolution })
            .record_move(entity, to, Some(open), to, json!({}));
        forget(&mut batch, case);
        match self.0.commit(batch).await {
            Err(CommitError::Conflict) => {
                let decided = self.0.reviews().get(case).await?;
                Err(ReviewError::NotOpen(decided.state).into())
            }
            done => Ok(done?),
        }
    }
}

/// The case of a proof and its charge, as they are kept.
fn kept(stored: &[u8]) -> Option<(CaseId, ChargeId)> {
    let (case, charge) = std::str::from_utf8(stored).ok()?.split_once(' ')?;
    Some((case.parse().ok()?, charge.parse().ok()?))
}

/// Forgets a proof that was judged.
fn forget(batch: &mut Batch, case: CaseId) {
    batch.push(ChatWrite::PutState {
        plugin: KEEPER.to_owned(),
        key: case.to_string(),
        value: None,
    });
}

/// Tells the customer that their proof was not believed, and gives them time for another.
pub(super) async fn decline(
    shop: &Shop,
    batch: &mut Batch,
    case: &Case,
    reason: &Reason,
) -> Result<(), StoreError> {
    forget(batch, case.id);
    let Some(invoice) = case.invoice else {
        return Ok(());
    };
    if let Some(found) = shop.store().find_invoice(shop.id(), invoice).await? {
        let bill = Bill::read(shop, found).await?;
        if bill.invoice.state_at(shop.now()).is_open() {
            batch.push(InvoiceWrite::SetExpiry {
                invoice,
                version: bill.invoice.version,
                expires_at: whole_micros(shop.now() + shop.settings().order_ttl),
            });
        }
        let reason = reason.clone();
        bill.notify(batch, Notice::ProofDeclined { invoice, reason });
    }
    Ok(())
}
