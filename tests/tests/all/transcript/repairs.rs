//! `shopbot check --repair`: what it finds, shows, asks, does and leaves.

use rusqlite::Connection;

use super::Corner;
use crate::world::Backend;

fn damage(corner: &Corner, sql: &str) {
    let file = Connection::open(corner.path().join("data/shop.db")).unwrap();
    assert_eq!(file.execute(sql, ()).unwrap(), 1, "{sql}");
}

#[test]
fn what_is_damaged_is_shown_asked_about_and_set_right() {
    let Some(corner) = Corner::open(Backend::Sqlite) else {
        return;
    };
    corner.write(
        "products.csv",
        "code,name,price,description,category\nA1,One,100,,\n",
    );
    corner.run(&["import", "products", "products.csv"]);
    corner.talk(&[]).wait_for("Wallet");
    let whole = corner.run(&["check", "--repair"]);
    assert!(whole.contains("nothing needs a repair"), "{whole}");
    let customer = "(SELECT id FROM customers), 'IDR', 5000";
    let sql = format!(
        "INSERT INTO wallets (shop_id, customer_id, currency, balance) SELECT id, {customer} FROM shops"
    );
    damage(&corner, &sql);

    let found = corner.output(&["check"]);
    let told = String::from_utf8_lossy(&found.stderr);
    assert!(!found.status.success());
    assert!(
        told.contains("1 can be set right safely: `shopbot check --repair`"),
        "{told}"
    );

    let asked = corner.output(&["check", "--repair"]);
    let told = String::from_utf8_lossy(&asked.stderr);
    assert!(!asked.status.success());
    assert!(
        told.contains("hold Rp 0, as its entries say, not Rp 5.000"),
        "{told}"
    );
    assert!(
        told.contains("nothing was changed") && told.contains("--yes"),
        "{told}"
    );
    let alone = corner.output(&["check", "--yes"]);
    assert!(String::from_utf8_lossy(&alone.stderr).contains("--repair"));

    let done = corner.run(&["check", "--repair", "--yes", "--json"]);
    assert!(
        done.contains("\"violations\": 0") && done.contains("done: the wallet"),
        "{done}"
    );
    corner.check();
    let audit = corner.run(&["audit", "--action", "repaired"]);
    assert!(
        audit.contains("operator") && audit.contains("5000"),
        "{audit}"
    );
}

#[test]
fn what_needs_a_person_stays_and_is_told() {
    let Some(corner) = Corner::open(Backend::Sqlite) else {
        return;
    };
    corner.write(
        "products.csv",
        "code,name,price,description,category\nA1,One,100,,\n",
    );
    corner.run(&["import", "products", "products.csv"]);
    corner.write("keys.txt", "KEY-1\n");
    corner.run(&["import", "stock", "--product", "A1", "keys.txt"]);
    corner.run(&["chat", "--user", "ann"]);
    let sql =
        "INSERT INTO orders (shop_id, id, number, customer_id, frontend, chat, state, currency,
            subtotal, discount, fee, total, refunded, late, placed_at, changed_at)
        SELECT s.id, x'00000000000000000000000000000001', 'ABCD-EFGH', c.id, 'terminal', 'ann',
            'paid', 'IDR', 100, 0, 0, 100, 0, 'deliver', 0, 0 FROM shops AS s, customers AS c";
    damage(&corner, sql);
    let left = corner.output(&["check", "--repair", "--yes"]);
    let told = String::from_utf8_lossy(&left.stderr);
    assert!(!left.status.success());
    assert!(
        told.contains("what is left needs a person") && !told.contains("left: "),
        "{told}"
    );
}
