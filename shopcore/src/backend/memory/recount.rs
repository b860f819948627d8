//! Corrections of what is counted along the way.

use super::Done;
use super::ledger::wallet;
use super::tables::Tables;
use crate::id::{CustomerId, OrderId, VoucherId};
use crate::money::{self, Money};
use crate::refund::RefundState;
use crate::store::{CommitError, RecountWrite};
use crate::voucher::Uses;

impl Tables {
    pub(super) fn recount(&mut self, write: &RecountWrite) -> Done {
        match *write {
            RecountWrite::Voucher { voucher, was, to } => self.recount_uses(voucher, was, to),
            RecountWrite::Wallet { customer, was, to } => self.recount_wallet(customer, was, to),
            RecountWrite::Order { order, was, to } => self.recount_refunds(order, was, to),
        }
    }

    fn recount_uses(&mut self, id: VoucherId, was: Uses, to: Uses) -> Done {
        let mut voucher = self.vouchers.read(&id)?;
        let mut made = Uses::default();
        let all = self.redemptions.values();
        all.filter(|redemption| redemption.voucher == id)
            .for_each(|redemption| made.count(redemption.state));
        as_read(voucher.uses() == was && made == to)?;
        (voucher.held, voucher.redeemed) = (to.held, to.redeemed);
        self.vouchers.put(id, voucher);
        Ok(())
    }

    fn recount_wallet(&mut self, customer: CustomerId, was: Money, to: Money) -> Done {
        let currency = was.currency();
        let transfers = self.transfers.values();
        let postings = transfers.flat_map(|transfer| &transfer.postings);
        let theirs = postings.filter(|posting| {
            wallet(posting) == Some(customer) && posting.amount.currency() == currency
        });
        let made = money::sum(currency, theirs.map(|posting| posting.amount));
        as_read(self.balance(customer, currency) == was && made == Ok(to))?;
        self.wallets.put((customer, currency), to);
        Ok(())
    }

    fn recount_refunds(&mut self, id: OrderId, was: Money, to: Money) -> Done {
        let mut order = self.orders.read(&id)?;
        let refunds = self.refunds.values();
        let live = refunds
            .filter(|refund| refund.order == Some(id) && refund.state != RefundState::Failed);
        let made = money::sum(was.currency(), live.map(|refund| refund.value));
        as_read(order.refunded == was && made == Ok(to))?;
        order.refunded = to;
        self.orders.put(id, order);
        Ok(())
    }
}

fn as_read(holds: bool) -> Done {
    if holds {
        Ok(())
    } else {
        Err(CommitError::Conflict)
    }
}
