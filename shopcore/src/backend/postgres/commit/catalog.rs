//! Categories and products.

use uuid::Uuid;

use super::member::{Member, Part, in_order};
use super::script::{Columns, Script, Step};
use crate::backend::postgres::rows::Label;
use crate::catalog::{Category, Product};
use crate::store::CatalogWrite;

const ADD_CATEGORIES: Step = Step::silent(
    "INSERT INTO categories (shop_id, id, name, emoji, place, version)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int8[], $6::int8[])",
);

const UPDATE_CATEGORIES: Step = Step::guarded(
    "UPDATE categories SET name = i.name, emoji = i.emoji, place = i.place, version = i.version
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int8[], $6::int8[], $7::int8[])
        WITH ORDINALITY AS i (shop_id, id, name, emoji, place, version, was, ord)
    WHERE categories.shop_id = i.shop_id AND categories.id = i.id
        AND categories.version = i.was -- guard: category_version
    RETURNING i.ord",
);

const ADD: Step = Step::silent(
    "INSERT INTO products (shop_id, id, code, name, name_folded, description, terms, price,
        currency, category_id, supply, late, visibility, per_customer, low_at, version, created_at)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[],
        $7::text[], $8::int8[], $9::text[], $10::uuid[], $11::text[], $12::text[], $13::text[],
        $14::int8[], $15::int8[], $16::int8[], $17::int8[])",
);

const UPDATE: Step = Step::guarded(
    "UPDATE products SET code = i.code, name = i.name, name_folded = i.name_folded,
        description = i.description, terms = i.terms, price = i.price, currency = i.currency,
        category_id = i.category_id, supply = i.supply, late = i.late, visibility = i.visibility,
        per_customer = i.per_customer, low_at = i.low_at, version = i.version
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::int8[], $9::text[], $10::uuid[], $11::text[], $12::text[], $13::text[], $14::int8[],
            $15::int8[], $16::int8[], $17::int8[])
        WITH ORDINALITY AS i (shop_id, id, code, name, name_folded, description, terms, price,
            currency, category_id, supply, late, visibility, per_customer, low_at, version, was,
            ord)
    WHERE products.shop_id = i.shop_id AND products.id = i.id
        AND products.version = i.was -- guard: product_version
    RETURNING i.ord",
);

#[cfg(test)]
pub(super) const STEPS: &[Step] = &[ADD_CATEGORIES, UPDATE_CATEGORIES, ADD, UPDATE];

struct Update<'a> {
    product: &'a Product,
    was: u32,
}

struct Change<'a> {
    category: &'a Category,
    was: u32,
}

/// What a group does to the catalogue.
#[derive(Default)]
pub(super) struct Catalog<'a> {
    categories: Vec<Part<&'a Category>>,
    changed: Vec<Part<Change<'a>>>,
    added: Vec<Part<&'a Product>>,
    updated: Vec<Part<Update<'a>>>,
}

impl<'a> Catalog<'a> {
    pub(super) fn add(&mut self, member: Member, write: &'a CatalogWrite) {
        match write {
            CatalogWrite::AddCategory(category) => self.categories.push(member.part(category)),
            CatalogWrite::UpdateCategory { category, was } => {
                let was = *was;
                self.changed.push(member.part(Change { category, was }));
            }
            CatalogWrite::AddProduct(product) => self.added.push(member.part(product)),
            CatalogWrite::UpdateProduct { product, was } => {
                self.updated
                    .push(member.part(Update { product, was: *was }));
            }
        }
    }

    pub(super) fn found(&mut self, script: &mut Script) {
        let added = script.lay(ADD_CATEGORIES, &self.categories).shops();
        category_columns(added, |category| category);
        in_order(&mut self.changed, |row| row.category.id);
        let changed = script.lay(UPDATE_CATEGORIES, &self.changed).shops();
        category_columns(changed, |row| row.category)
            .col(|part| i64::from(part.row.was))
            .or_conflict();
        let added = script.lay(ADD, &self.added).shops();
        columns(added, |product| product).col(|part| part.row.created_at.timestamp_micros());
        in_order(&mut self.updated, |row| row.product.id);
        let updated = script.lay(UPDATE, &self.updated).shops();
        columns(updated, |row| row.product)
            .col(|part| i64::from(part.row.was))
            .or_conflict();
    }
}

fn category_columns<'s, R>(
    columns: Columns<'s, Part<R>>,
    category: impl Fn(&'s R) -> &'s Category,
) -> Columns<'s, Part<R>> {
    let of = |part: &'s Part<R>| category(&part.row);
    columns
        .col(|part| Uuid::from(of(part).id))
        .col(|part| of(part).name.as_str())
        .col(|part| of(part).emoji.as_ref().map(|emoji| emoji.as_str()))
        .col(|part| i64::from(of(part).place))
        .col(|part| i64::from(of(part).version))
}

fn columns<'s, R>(
    columns: Columns<'s, Part<R>>,
    product: impl Fn(&'s R) -> &'s Product,
) -> Columns<'s, Part<R>> {
    let of = |part: &'s Part<R>| product(&part.row);
    columns
        .col(|part| Uuid::from(of(part).id))
        .col(|part| of(part).code.as_str())
        .col(|part| of(part).name.as_str())
        .col(|part| of(part).name.as_str().to_lowercase())
        .col(|part| of(part).description.as_ref().map(|text| text.as_str()))
        .col(|part| of(part).terms.as_ref().map(|text| text.as_str()))
        .col(|part| of(part).price.minor())
        .currency(|part| of(part).price.currency())
        .col(|part| of(part).category.map(Uuid::from))
        .col(|part| Label(of(part).supply).to_string())
        .col(|part| Label(of(part).late).to_string())
        .col(|part| Label(of(part).visibility).to_string())
        .col(|part| of(part).per_customer.map(i64::from))
        .col(|part| i64::from(of(part).low_at))
        .col(|part| i64::from(of(part).version))
}
