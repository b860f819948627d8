//! What every statement of the group commit has in common.

use super::script::Step;
use super::{
    catalog, chat, customer, import, invoice, ledger, order, outbox, premises, recount, refund,
    review, shop, stock, uses, voucher,
};

fn steps() -> impl Iterator<Item = &'static Step> {
    let rooms = [
        catalog::STEPS,
        chat::STEPS,
        customer::STEPS,
        import::STEPS,
        invoice::STEPS,
        ledger::STEPS,
        order::STEPS,
        outbox::STEPS,
        premises::STEPS,
        recount::STEPS,
        refund::STEPS,
        review::STEPS,
        shop::STEPS,
        stock::STEPS,
        uses::STEPS,
        voucher::STEPS,
    ];
    rooms.into_iter().flatten()
}

/// The words that come after one of these.
fn words_after<'a>(sql: &'a str, openers: &[&str]) -> Vec<&'a str> {
    let words: Vec<&str> = sql.split_whitespace().collect();
    let pairs = words.windows(2);
    let named = pairs
        .filter(|pair| openers.contains(&pair[0]))
        .map(|pair| pair[1]);
    named
        .filter(|word| {
            word.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        })
        .collect()
}

#[test]
fn every_statement_is_confined_to_the_shops_of_its_rows() {
    for step in steps() {
        let sql = step.sql();
        for table in words_after(sql, &["INTO"]) {
            let key = if table == "shops" { "id" } else { "shop_id" };
            assert!(
                sql.contains(&format!("INSERT INTO {table} ({key}, ")),
                "{sql}"
            );
        }
        for table in words_after(sql, &["FROM", "JOIN", "UPDATE"]) {
            let key = if table == "shops" { "id" } else { "shop_id" };
            let confined = format!("{table}.{key} = i.shop_id");
            let is_word = ["SET", "OF"].contains(&table);
            assert!(is_word || sql.contains(&confined), "{table} in {sql}");
        }
        let first = sql.find("$1::uuid[]").expect("an array of shops");
        assert!(sql.find("$2").is_none_or(|second| first < second), "{sql}");
    }
}

#[test]
fn parameters_are_numbered_without_a_gap() {
    for step in steps() {
        let sql = step.sql();
        let count = sql.matches('$').count();
        for number in 1..=count {
            assert!(sql.contains(&format!("${number}::")), "${number} in {sql}");
        }
    }
}
