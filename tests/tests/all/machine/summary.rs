//! A shop's rows in words that two shops with the same history share: ids become ranks.

use std::collections::BTreeMap;
use std::fmt::Debug;

use shopcore::store::Snapshot;

/// The names of what has an id, a number or a reference of its own.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    pub(super) fn of(rows: &Snapshot) -> Self {
        let mut names = Self::default();
        names.rank(
            "product",
            rows.products.iter().map(|row| row.id.to_string()),
        );
        names.rank("unit", rows.units.iter().map(|row| row.id.to_string()));
        names.rank(
            "voucher",
            rows.vouchers.iter().map(|row| row.id.to_string()),
        );
        names.rank(
            "customer",
            rows.customers.iter().map(|row| row.id.to_string()),
        );
        names.rank("order", rows.orders.iter().map(|row| row.id.to_string()));
        names.rank(
            "number",
            rows.orders.iter().map(|row| row.number.to_string()),
        );
        names.rank(
            "invoice",
            rows.invoices.iter().map(|row| row.id.to_string()),
        );
        names.rank("charge", rows.charges.iter().map(|row| row.id.to_string()));
        names.rank(
            "reference",
            rows.charges.iter().map(|row| row.reference.to_string()),
        );
        names.rank(
            "payment",
            rows.payments.iter().map(|row| row.id.to_string()),
        );
        let lines = rows.orders.iter().flat_map(|order| &order.lines);
        names.rank("line", lines.map(|line| line.id.to_string()));
        names
    }

    fn rank(&mut self, kind: &str, ids: impl Iterator<Item = String>) {
        for (id, rank) in ids.zip(0_u32..) {
            self.0.insert(id, format!("{kind}-{rank}"));
        }
    }

    /// The text with every id replaced by its name; ids without a name are all the same.
    pub(super) fn relabel(&self, text: &str) -> String {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(is_word) {
            let (between, word) = rest.split_at(start);
            let end = word.find(|c| !is_word(c)).unwrap_or(word.len());
            let (word, after) = word.split_at(end);
            out.push_str(between);
            match self.0.get(word) {
                Some(name) => out.push_str(name),
                None if is_uuid(word) => out.push('#'),
                None => out.push_str(word),
            }
            rest = after;
        }
        out + rest
    }
}

fn is_uuid(word: &str) -> bool {
    word.len() == 36 && word.bytes().filter(|b| *b == b'-').count() == 4
}

/// Every row in words, sorted.
pub(super) fn summary(rows: &Snapshot, names: &Names) -> Vec<String> {
    let mut all = Vec::new();
    let mut add = |row: &dyn Debug| all.push(names.relabel(&format!("{row:?}")));
    for unit in &rows.units {
        add(&("unit", unit.id, unit.product, unit.state));
    }
    rows.products.iter().for_each(|row| add(row));
    rows.shown.iter().for_each(|row| add(&("shown", row)));
    rows.vouchers.iter().for_each(|row| add(row));
    rows.redemptions.iter().for_each(|row| add(row));
    rows.customers.iter().for_each(|row| add(row));
    rows.wallets.iter().for_each(|row| add(row));
    rows.orders.iter().for_each(|row| add(row));
    rows.invoices.iter().for_each(|row| add(row));
    rows.charges.iter().for_each(|row| add(row));
    rows.payments.iter().for_each(|row| add(row));
    rows.transfers.iter().for_each(|row| add(row));
    rows.cases.iter().for_each(|row| add(row));
    rows.outbox.iter().for_each(|row| add(row));
    rows.audit.iter().for_each(|row| add(row));
    all.sort_unstable();
    all
}

/// What only one of two summaries has.
pub(super) fn differences(left: &[String], right: &[String]) -> String {
    let only = |these: &[String], those: &[String], mark: char| {
        let mut left_over = those.to_vec();
        let mut found = String::new();
        for row in these {
            match left_over.iter().position(|other| other == row) {
                Some(index) => drop(left_over.swap_remove(index)),
                None => found += &format!("{mark} {row}\n"),
            }
        }
        found
    };
    only(left, right, '<') + &only(right, left, '>')
}
