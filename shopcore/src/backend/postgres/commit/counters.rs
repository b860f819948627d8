//! What the batches of a group compete for, judged batch by batch as if each came alone.

use sqlx::PgConnection;
use uuid::Uuid;

use super::failure::Failure;
use super::hints::Hints;
use super::member::Member;
use super::premises::Premises;
use super::purses::Purses;
use super::script::{Answers, Script};
use super::shelves::Shelves;
use super::uses::Uses;
use crate::store::{Batch, Premise, Write};

/// The counters of a group, and what it has read.
#[derive(Default)]
pub(super) struct Counters {
    premises: Premises,
    shelves: Shelves,
    uses: Uses,
    purses: Purses,
}

impl Counters {
    /// Notes what a batch needs.
    pub(super) fn ask(&mut self, batch: &Batch) {
        let shop: Uuid = batch.shop.into();
        self.premises.ask(batch);
        for premise in &batch.premises {
            if let Premise::VoucherTerms { voucher, .. } = premise {
                self.uses.ask_terms(shop, *voucher);
            }
        }
        for write in &batch.writes {
            match write {
                Write::Stock(write) => {
                    self.shelves.ask(shop, write, batch.at.timestamp_micros());
                }
                Write::Voucher(write) => self.uses.ask(shop, write),
                Write::Transfer(transfer) => self.purses.ask(shop, transfer),
                Write::OpenShop(_)
                | Write::Catalog(_)
                | Write::Order(_)
                | Write::Invoice(_)
                | Write::Customer(_)
                | Write::Cart(_)
                | Write::Review(_)
                | Write::Refund(_)
                | Write::Recount(_)
                | Write::Outbox(_)
                | Write::Chat(_) => {}
            }
        }
    }

    /// Keeps other processes from the counters until the group is done.
    pub(super) fn lock(&self, script: &mut Script) {
        self.uses.lock(script);
    }

    pub(super) fn lay_premises(&self, script: &mut Script) {
        self.premises.lay(script);
    }

    pub(super) fn lay(&self, hints: &Hints, script: &mut Script) {
        self.shelves.lay(hints, script);
        self.uses.lay(script);
        self.purses.lay(script);
    }

    pub(super) fn read_premises(&mut self, answers: &Answers) {
        self.premises.read(answers);
    }

    pub(super) async fn read(
        &mut self,
        answers: &Answers,
        conn: &mut PgConnection,
    ) -> Result<(), sqlx::Error> {
        self.shelves.read(answers);
        self.uses.read(answers);
        self.purses.read(answers);
        self.shelves.look_again(conn).await
    }

    /// Whether a batch goes through after those that were counted.
    pub(super) fn check(&self, batch: &Batch) -> Result<(), Failure> {
        let shop: Uuid = batch.shop.into();
        self.premises.check(batch)?;
        for premise in &batch.premises {
            if let Premise::VoucherTerms { voucher, version } = *premise
                && !self.uses.has_version(shop, voucher, version)
            {
                return Err(Failure::Conflict);
            }
        }
        batch.writes.iter().try_for_each(|write| match write {
            Write::Stock(write) => self.shelves.check(shop, write),
            Write::Voucher(write) => self.uses.check(shop, write),
            Write::Transfer(transfer) => self.purses.check(shop, transfer),
            Write::OpenShop(_)
            | Write::Catalog(_)
            | Write::Order(_)
            | Write::Invoice(_)
            | Write::Customer(_)
            | Write::Cart(_)
            | Write::Review(_)
            | Write::Refund(_)
            | Write::Recount(_)
            | Write::Outbox(_)
            | Write::Chat(_) => Ok(()),
        })
    }

    /// Counts a batch that goes through.
    pub(super) fn count(&mut self, member: Member, batch: &Batch) {
        let shop = member.shop();
        for premise in &batch.premises {
            if let Premise::VoucherTerms { voucher, .. } = premise {
                self.uses.rest_on(shop, *voucher);
            }
        }
        for write in &batch.writes {
            match write {
                Write::Stock(write) => self.shelves.take(member, write),
                Write::Voucher(write) => self.uses.count(shop, write),
                Write::Transfer(transfer) => self.purses.count(shop, transfer),
                Write::OpenShop(_)
                | Write::Catalog(_)
                | Write::Order(_)
                | Write::Invoice(_)
                | Write::Customer(_)
                | Write::Cart(_)
                | Write::Review(_)
                | Write::Refund(_)
                | Write::Recount(_)
                | Write::Outbox(_)
                | Write::Chat(_) => {}
            }
        }
    }

    /// Deals out units.
    pub(super) fn write_units(&mut self, script: &mut Script) {
        self.shelves.write(script);
    }

    /// Changes balances.
    pub(super) fn write_balances(&self, script: &mut Script) {
        self.purses.write(script);
    }

    /// Changes the counters of vouchers.
    pub(super) fn write_uses(&self, script: &mut Script) {
        self.uses.write(script);
    }

    /// Whether customers are within the limits of vouchers still.
    pub(super) async fn within_limits(&self, conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
        self.uses.within_limits(conn).await
    }

    /// Lets later groups begin where this one ended.
    pub(super) fn raise(&self, hints: &Hints) {
        self.shelves.raise(hints);
    }

    /// Lets later groups find what this one gave back.
    pub(super) fn forget(&self, hints: &Hints) {
        self.shelves.forget(hints);
    }
}
