//! Stock units.

use async_trait::async_trait;

use super::tables::Tables;
use super::{Done, MemoryStore, Read, count, part, rows};
use crate::id::{LineId, ProductId, ShopId, UnitId};
use crate::stock::{NewUnit, Unit, UnitState};
use crate::store::{CommitError, Page, Rejection, StockClaim, StockReader, StockWrite, UnitFilter};
use crate::time::Timestamp;
use crate::vault::Fingerprint;

impl Tables {
    pub(super) fn write_stock(&mut self, write: &StockWrite, at: Timestamp) -> Done {
        match write {
            StockWrite::Add { product, units } => self.add_units(*product, units, at),
            StockWrite::Hold { product, claims } => {
                self.claim_units(*product, claims, UnitState::Held)
            }
            StockWrite::Take { product, claims } => {
                self.claim_units(*product, claims, UnitState::Sold)
            }
            StockWrite::Sell(claim) => self.move_held(*claim, UnitState::Sold(claim.line)),
            StockWrite::Release(claim) => self.move_held(*claim, UnitState::Available),
            StockWrite::Withdraw { units } => {
                units.iter().try_for_each(|unit| self.withdraw(*unit))
            }
            StockWrite::Restore { units } => units.iter().try_for_each(|unit| self.restore(*unit)),
        }
    }

    fn add_units(&mut self, product: ProductId, units: &[NewUnit], at: Timestamp) -> Done {
        for (index, unit) in units.iter().enumerate() {
            let duplicate = Rejection::DuplicateContent { index };
            self.fingerprints
                .claim(unit.fingerprint, unit.id, duplicate)?;
            self.fingerprint_of.put(unit.id, unit.fingerprint);
            self.available.put((product, unit.id), ());
            let row = Unit {
                id: unit.id,
                product,
                state: UnitState::Available,
                content: unit.content.clone(),
                added_at: at,
            };
            self.units.insert(unit.id, row)?;
        }
        Ok(())
    }

    fn claim_units(
        &mut self,
        product: ProductId,
        claims: &[StockClaim],
        to: fn(LineId) -> UnitState,
    ) -> Done {
        let wanted: usize = claims.iter().map(|claim| rows(claim.quantity)).sum();
        let units: Vec<_> = self.available.under(product).take(wanted).collect();
        if units.len() < wanted {
            let available = count(units.len());
            return Err(Rejection::OutOfStock { product, available }.into());
        }
        let each = |claim: &StockClaim| std::iter::repeat_n(claim.line, rows(claim.quantity));
        for (unit, line) in units.into_iter().zip(claims.iter().flat_map(each)) {
            self.move_unit(unit, to(line))?;
        }
        Ok(())
    }

    fn move_held(&mut self, claim: StockClaim, to: UnitState) -> Done {
        let held = UnitState::Held(claim.line);
        let is_held = |unit: &UnitId| self.units.get(unit).is_some_and(|row| row.state == held);
        let units: Vec<_> = self.units_of.under(claim.line).filter(is_held).collect();
        if units.len() != rows(claim.quantity) {
            return Err(CommitError::Conflict);
        }
        units
            .into_iter()
            .try_for_each(|unit| self.move_unit(unit, to))
    }

    fn withdraw(&mut self, unit: UnitId) -> Done {
        self.move_unit(unit, UnitState::Withdrawn)
    }

    fn restore(&mut self, unit: UnitId) -> Done {
        // A held unit may become available as well, but not by being restored.
        match self.units.read(&unit)?.state {
            UnitState::Withdrawn => self.move_unit(unit, UnitState::Available),
            UnitState::Available | UnitState::Held(_) | UnitState::Sold(_) => {
                Err(CommitError::Conflict)
            }
        }
    }

    fn move_unit(&mut self, id: UnitId, to: UnitState) -> Done {
        let mut unit = self.units.read(&id)?;
        if !unit.state.may_become(to) {
            return Err(CommitError::Conflict);
        }
        match unit.state.line() {
            Some(line) => self.units_of.remove(&(line, id)),
            None => self.available.remove(&(unit.product, id)),
        }
        match to {
            UnitState::Available => self.available.put((unit.product, id), ()),
            UnitState::Held(line) | UnitState::Sold(line) => self.units_of.put((line, id), ()),
            UnitState::Withdrawn => {}
        }
        unit.state = to;
        self.units.put(id, unit);
        Ok(())
    }

    fn find_units(&self, filter: UnitFilter) -> Vec<UnitId> {
        match filter {
            UnitFilter::Available(product) => self.available.under(product).collect(),
            UnitFilter::Order(order) => {
                let order = self.orders.get(&order);
                let lines = order.iter().flat_map(|order| &order.lines);
                let mut lines: Vec<_> = lines.map(|line| line.id).collect();
                lines.sort_unstable();
                lines
                    .into_iter()
                    .flat_map(|line| self.units_of.under(line))
                    .collect()
            }
            UnitFilter::Unit(unit) => vec![unit],
        }
    }
}

#[async_trait]
impl StockReader for MemoryStore {
    async fn list_units(&self, shop: ShopId, filter: UnitFilter, page: Page) -> Read<Vec<Unit>> {
        Ok(self.read(shop, |tables| {
            let units = tables.find_units(filter).into_iter();
            part(units.filter_map(|id| tables.units.get(&id).cloned()), page)
        }))
    }

    async fn find_fingerprints(
        &self,
        shop: ShopId,
        fingerprints: &[Fingerprint],
    ) -> Read<Vec<Fingerprint>> {
        Ok(self.read(shop, |tables| {
            let known = |print: &&Fingerprint| tables.fingerprints.contains_key(*print);
            fingerprints.iter().filter(known).copied().collect()
        }))
    }

    async fn find_unit_state(&self, shop: ShopId, unit: UnitId) -> Read<Option<UnitState>> {
        Ok(self.read(shop, |tables| tables.units.get(&unit).map(|row| row.state)))
    }
}
