//! What the batches of a group have read, and the shops they change.
//!
//! Rows that a premise names are kept as they are until the group is committed; vouchers, which
//! are counted last of all, only then.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::failure::Failure;
use super::script::{Answers, Script, Step};
use super::{shop, stock};
use crate::store::{Batch, Premise, Rejection, Write};

const PRODUCTS: Step = Step::read(
    "SELECT ARRAY[i.ord, products.version]::int8[] AS numbers, NULL::uuid[] AS ids
    FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS i (shop_id, id, ord)
    JOIN products ON products.shop_id = i.shop_id AND products.id = i.id
    FOR SHARE OF products",
);

#[cfg(test)]
pub(super) const STEPS: &[Step] = &[PRODUCTS];

type Key = (Uuid, Uuid);

/// The rows that the premises of a group name.
#[derive(Default)]
pub(super) struct Premises {
    products: BTreeMap<Key, Option<i64>>,
    units: BTreeMap<Key, bool>,
    shops: BTreeSet<Uuid>,
}

impl Premises {
    /// Notes what a batch rests on.
    pub(super) fn ask(&mut self, batch: &Batch) {
        let shop = batch.shop.into();
        if !opens(batch) {
            self.shops.insert(shop);
        }
        for premise in &batch.premises {
            match *premise {
                Premise::Product { product, .. } => {
                    self.products.insert((shop, product.into()), None);
                }
                Premise::UnitAvailable { unit } => {
                    self.units.insert((shop, unit.into()), false);
                }
                Premise::VoucherTerms { .. } => {}
            }
        }
    }

    pub(super) fn lay(&self, script: &mut Script) {
        let shops: Vec<_> = self.shops.iter().copied().collect();
        script.lay(shop::KNOWN, &shops).col(|shop| *shop);
        let mut lay = |step, keys: Vec<Key>| {
            script
                .lay(step, &keys)
                .col(|(shop, _)| *shop)
                .col(|(_, id)| *id);
        };
        lay(PRODUCTS, self.products.keys().copied().collect());
        lay(stock::AVAILABLE, self.units.keys().copied().collect());
    }

    pub(super) fn read(&mut self, answers: &Answers) {
        self.shops = answers
            .of(shop::KNOWN)
            .flat_map(|row| row.ids.iter().copied())
            .collect();
        let mut products: Vec<_> = self.products.values_mut().collect();
        for row in answers.of(PRODUCTS) {
            if let Some(version) = products.get_mut(row.place()) {
                **version = Some(row.number(1));
            }
        }
        let mut units: Vec<_> = self.units.values_mut().collect();
        for row in answers.of(stock::AVAILABLE) {
            if let Some(is_available) = units.get_mut(row.place()) {
                **is_available = true;
            }
        }
    }

    /// Whether a batch's shop is there, and its products and units are as it read them.
    pub(super) fn check(&self, batch: &Batch) -> Result<(), Failure> {
        let shop = batch.shop.into();
        let holds = |premise: &Premise| match *premise {
            Premise::Product { product, version } => {
                let stored = self
                    .products
                    .get(&(shop, product.into()))
                    .copied()
                    .flatten();
                stored == Some(i64::from(version)) // guard: premise_product
            }
            Premise::UnitAvailable { unit } => self
                .units
                .get(&(shop, unit.into()))
                .copied()
                .unwrap_or(false),
            Premise::VoucherTerms { .. } => true,
        };
        if !batch.premises.iter().all(holds) {
            return Err(Failure::Conflict);
        }
        // guard: shop_opened
        if !self.shops.contains(&shop) && !opens(batch) {
            return Err(Rejection::Dangling.into());
        }
        Ok(())
    }
}

/// Whether a batch opens its shop.
fn opens(batch: &Batch) -> bool {
    let mut writes = batch.writes.iter();
    writes.any(|write| matches!(write, Write::OpenShop(_)))
}
