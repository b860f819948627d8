//! Vouchers and their uses.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::tables::Tables;
use super::{Done, MemoryStore, Read, count, listing};
use crate::id::{CustomerId, OrderId, ShopId, VoucherId};
use crate::store::{CommitError, Listing, Page, Rejection, VoucherReader, VoucherWrite};
use crate::text::VoucherCode;
use crate::voucher::{Redemption, RedemptionState, Voucher, VoucherTerms};

impl Tables {
    pub(super) fn write_voucher(&mut self, write: &VoucherWrite) -> Done {
        let used = |voucher, order, customer, state| Redemption {
            order,
            voucher,
            customer,
            state,
        };
        match write {
            VoucherWrite::Add(voucher) => self.add_voucher(voucher),
            VoucherWrite::UpdateTerms {
                voucher,
                terms,
                was,
            } => self.update_terms(*voucher, terms, *was),
            VoucherWrite::Hold {
                voucher,
                order,
                customer,
            } => self.use_voucher(used(*voucher, *order, *customer, RedemptionState::Held)),
            VoucherWrite::Take {
                voucher,
                order,
                customer,
            } => self.use_voucher(used(*voucher, *order, *customer, RedemptionState::Redeemed)),
            VoucherWrite::Redeem { voucher, order } => {
                self.end_hold(*voucher, *order, RedemptionState::Redeemed)
            }
            VoucherWrite::Release { voucher, order } => {
                self.end_hold(*voucher, *order, RedemptionState::Released)
            }
        }
    }

    fn add_voucher(&mut self, voucher: &Voucher) -> Done {
        let taken = Rejection::VoucherCodeTaken;
        self.voucher_codes
            .claim(voucher.code.clone(), voucher.id, taken)?;
        let unused = Voucher {
            held: 0,
            redeemed: 0,
            ..voucher.clone()
        };
        self.vouchers.insert(voucher.id, unused)
    }

    fn update_terms(&mut self, id: VoucherId, terms: &VoucherTerms, was: u32) -> Done {
        let mut voucher = self.vouchers.read(&id)?;
        if voucher.terms_version != was {
            return Err(CommitError::Conflict);
        }
        if voucher.held.saturating_add(voucher.redeemed) > terms.uses_max {
            return Err(Rejection::VoucherExhausted { voucher: id }.into());
        }
        if self.most_uses_by_one(id) > terms.uses_max_per_customer.map_or(u64::MAX, u64::from) {
            return Err(Rejection::VoucherExhaustedForCustomer { voucher: id }.into());
        }
        voucher.terms = terms.clone();
        voucher.terms_version = was.saturating_add(1);
        self.vouchers.put(id, voucher);
        Ok(())
    }

    /// Uses a voucher for an order: holds it, or redeems it at once.
    fn use_voucher(&mut self, redemption: Redemption) -> Done {
        let Redemption {
            order,
            voucher: id,
            customer,
            state,
        } = redemption;
        if let Some(before) = self.redemptions.get(&order)
            && !(before.voucher == id && before.state.may_become(state) && !before.state.is_live())
        {
            return Err(CommitError::Conflict);
        }
        let Some(mut voucher) = self.vouchers.get(&id).cloned() else {
            return Err(Rejection::Dangling.into());
        };
        if voucher.uses_left() == 0 {
            return Err(Rejection::VoucherExhausted { voucher: id }.into());
        }
        let most = voucher.terms.uses_max_per_customer;
        if most.is_some_and(|most| self.uses_by(id, customer) >= u64::from(most)) {
            return Err(Rejection::VoucherExhaustedForCustomer { voucher: id }.into());
        }
        match state {
            RedemptionState::Held => voucher.held += 1,
            RedemptionState::Redeemed => voucher.redeemed += 1,
            RedemptionState::Released => {}
        }
        self.vouchers.put(id, voucher);
        self.redemptions.put(order, redemption);
        self.redemptions_of.put(((id, customer), order), ());
        Ok(())
    }

    fn uses_by(&self, voucher: VoucherId, customer: CustomerId) -> u64 {
        let orders = self.redemptions_of.under((voucher, customer));
        let uses = orders.filter_map(|order| self.redemptions.get(&order));
        count(uses.filter(|redemption| redemption.state.is_live()).count())
    }

    fn most_uses_by_one(&self, voucher: VoucherId) -> u64 {
        let uses = self.redemptions.values();
        let customers: BTreeSet<_> = uses
            .filter(|redemption| redemption.voucher == voucher)
            .map(|redemption| redemption.customer)
            .collect();
        let counts = customers
            .into_iter()
            .map(|customer| self.uses_by(voucher, customer));
        counts.max().unwrap_or(0)
    }

    /// Redeems or releases what is held.
    fn end_hold(&mut self, id: VoucherId, order: OrderId, to: RedemptionState) -> Done {
        let mut redemption = self.redemptions.read(&order)?;
        let held = redemption.state == RedemptionState::Held && redemption.state.may_become(to);
        if redemption.voucher != id || !held {
            return Err(CommitError::Conflict);
        }
        let mut voucher = self.vouchers.read(&id)?;
        voucher.held = voucher.held.saturating_sub(1);
        if to == RedemptionState::Redeemed {
            voucher.redeemed += 1;
        }
        redemption.state = to;
        self.vouchers.put(id, voucher);
        self.redemptions.put(order, redemption);
        Ok(())
    }
}

#[async_trait]
impl VoucherReader for MemoryStore {
    async fn find_voucher(&self, shop: ShopId, code: &VoucherCode) -> Read<Option<Voucher>> {
        Ok(self.read(shop, |tables| {
            let id = tables.voucher_codes.get(code)?;
            tables.vouchers.get(id).cloned()
        }))
    }

    async fn get_voucher(&self, shop: ShopId, voucher: VoucherId) -> Read<Option<Voucher>> {
        Ok(self.read(shop, |tables| tables.vouchers.get(&voucher).cloned()))
    }

    async fn list_vouchers(&self, shop: ShopId, page: Page) -> Read<Listing<Voucher>> {
        Ok(self.read(shop, |tables| {
            let ids = tables.voucher_codes.values();
            let all: Vec<_> = ids.filter_map(|id| tables.vouchers.get(id)).collect();
            listing(&all, page)
        }))
    }

    async fn find_redemption(&self, shop: ShopId, order: OrderId) -> Read<Option<Redemption>> {
        Ok(self.read(shop, |tables| tables.redemptions.get(&order).copied()))
    }
}
