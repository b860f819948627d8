/* How fast SQLite itself writes what one purchase or one settlement writes: the same rows in the
 * shop's own schema, 32 to a transaction, one thread. Nothing is read or decided, and nobody waits
 * for an answer: what the library reaches is measured against this.
 *
 *     sqlite_loop purchase|settlement MIGRATIONS DATABASE [SECONDS [STOCK [PER_TRANSACTION]]]
 *
 * MIGRATIONS is the folder of the schema; DATABASE is a file that must not be there yet. Of the
 * STOCK every unit is ordered before settlements. Prints one JSON object with the operations per
 * second. */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sqlite3.h"

#define ID 16

static sqlite3 *db;
static unsigned char shop[ID], product[ID], customer[ID], voucher[ID];

static void fail(const char *doing) {
    fprintf(stderr, "sqlite_loop: %s: %s\n", doing, db ? sqlite3_errmsg(db) : "");
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int64_t micros(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* As a UUIDv7: milliseconds, then a counter, then what tells programs apart. */
static void new_id(unsigned char *id) {
    static uint64_t counter;
    uint64_t time = (uint64_t)(micros() / 1000), count = ++counter;
    for (int i = 0; i < 6; i++) id[i] = (unsigned char)(time >> (40 - 8 * i));
    for (int i = 0; i < 8; i++) id[6 + i] = (unsigned char)(count >> (56 - 8 * i));
    id[6] |= 0x70;
    id[14] = 0x5a;
    id[15] = 0xa5;
}

static void run(const char *sql) {
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail(sql);
}

static sqlite3_stmt *prepare(const char *sql) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
        fail(sql);
    return statement;
}

/* Binds by kind, in order: i an id, n a number, t a text, b a blob of 90 bytes, h one of 32. */
static void step(sqlite3_stmt *statement, const char *kinds, const void *const *values) {
    for (int i = 0; kinds[i]; i++) {
        const void *value = values[i];
        int at = i + 1;
        switch (kinds[i]) {
        case 'i': sqlite3_bind_blob(statement, at, value, ID, SQLITE_STATIC); break;
        case 'n': sqlite3_bind_int64(statement, at, *(const int64_t *)value); break;
        case 't': sqlite3_bind_text(statement, at, value, -1, SQLITE_STATIC); break; /* or NULL */
        case 'b': sqlite3_bind_blob(statement, at, value, 90, SQLITE_STATIC); break;
        case 'h': sqlite3_bind_blob(statement, at, value, 32, SQLITE_STATIC); break;
        }
    }
    if (sqlite3_step(statement) != SQLITE_DONE) fail(sqlite3_sql(statement));
    if (sqlite3_changes(db) != 1) fail("a guard refused");
    sqlite3_reset(statement);
}
#define STEP(statement, kinds, ...) \
    step(statement, kinds, (const void *const[]){__VA_ARGS__})

static int is_sql(const struct dirent *entry) { return strstr(entry->d_name, ".sql") != NULL; }

static void migrate(const char *folder) {
    struct dirent **files;
    int count = scandir(folder, &files, is_sql, alphasort);
    if (count <= 0) fail("no migrations found");
    for (int i = 0; i < count; i++) {
        char path[4096];
        static char sql[1 << 20];
        snprintf(path, sizeof path, "%s/%s", folder, files[i]->d_name);
        FILE *file = fopen(path, "r");
        if (!file) fail(path);
        size_t length = fread(sql, 1, sizeof sql - 1, file);
        sql[length] = 0;
        fclose(file);
        run(sql);
    }
}

static void open_database(const char *path) {
    FILE *there = fopen(path, "r");
    if (there) fail("the database is there already");
    if (sqlite3_open(path, &db) != SQLITE_OK) fail(path);
    run("PRAGMA page_size = 4096; PRAGMA journal_mode = wal; PRAGMA synchronous = FULL;"
        "PRAGMA wal_autocheckpoint = 1000; PRAGMA cache_size = -16000;"
        "PRAGMA temp_store = memory; PRAGMA foreign_keys = on;");
}

static void stock_up(int64_t stock) {
    sqlite3_stmt *unit = prepare("INSERT INTO units VALUES (?, ?, ?, 'available', NULL, ?, ?)");
    sqlite3_stmt *content = prepare("INSERT INTO unit_contents VALUES (?, ?, ?)");
    unsigned char id[ID], sealed[90] = {0}, fingerprint[32] = {0};
    int64_t at = micros();
    for (int64_t i = 0; i < stock; i++) {
        new_id(id);
        uint64_t spread = (uint64_t)(i + 1) * 0x9e3779b97f4a7c15u;
        memcpy(fingerprint, &spread, sizeof spread);
        STEP(unit, "iiihn", shop, id, product, fingerprint, &at);
        STEP(content, "iib", shop, id, sealed);
    }
    sqlite3_finalize(unit);
    sqlite3_finalize(content);
}

static void open_shop(int64_t stock) {
    int64_t at = micros(), price = 15000;
    unsigned char sealed[90] = {0};
    new_id(shop);
    new_id(product);
    new_id(customer);
    new_id(voucher);
    run("BEGIN");
    STEP(prepare("INSERT INTO shops (id, name, currency, fingerprint_key, created_at)"
                 " VALUES (?, 'limit', 'IDR', ?, ?)"),
         "ibn", shop, sealed, &at);
    STEP(prepare("INSERT INTO products (shop_id, id, code, name, name_folded, price, currency,"
                 " supply, late, visibility, created_at, version)"
                 " VALUES (?, ?, 'HOT', 'Hot', 'hot', ?, 'IDR', 'units', 'deliver', 'listed', ?, 1)"),
         "iinn", shop, product, &price, &at);
    STEP(prepare("INSERT INTO customers (shop_id, id, frontend, external, chat_frontend, chat,"
                 " standing, reachability, created_at, version)"
                 " VALUES (?, ?, 'limit', '1', 'limit', '1', 'welcome', 'reachable', ?, 0)"),
         "iin", shop, customer, &at);
    STEP(prepare("INSERT INTO vouchers (shop_id, id, code, percent, scope, uses_max, switch,"
                 " terms_version, held, redeemed)"
                 " VALUES (?, ?, 'HOT', 1000, '\"everything\"', 4000000000, 'on', 1, 0, 0)"),
         "ii", shop, voucher);
    stock_up(stock);
    run("COMMIT");
}

/* The statements of one purchase. */
static sqlite3_stmt *batch, *request, *order, *line, *claim, *use, *redemption, *invoice, *audit;

static void prepare_purchase(void) {
    batch = prepare("INSERT INTO batches (shop_id, id, at) VALUES (?, ?, ?)");
    request = prepare("INSERT INTO requests (shop_id, request, order_id) VALUES (?, ?, ?)");
    order = prepare("INSERT INTO orders (shop_id, id, number, customer_id, frontend, chat, state,"
                    " currency, subtotal, discount, fee, total, refunded, voucher_id, late,"
                    " placed_at, changed_at) VALUES (?, ?, ?, ?, 'limit', '1',"
                    " 'awaiting_payment', 'IDR', 15000, 1500, 0, 13500, 0, ?, 'deliver', ?, ?)");
    line = prepare("INSERT INTO order_lines (shop_id, id, order_id, place, product_id, name,"
                   " quantity, price, currency) VALUES (?, ?, ?, 0, ?, 'Hot', 1, 15000, 'IDR')");
    claim = prepare("UPDATE units SET state = 'held', line_id = ? WHERE shop_id = ? AND id IN"
                    " (SELECT id FROM units INDEXED BY stock_free WHERE shop_id = ?"
                    " AND product_id = ? AND state = 'available' ORDER BY id LIMIT 1)");
    use = prepare("UPDATE vouchers SET held = held + 1 WHERE shop_id = ? AND id = ?"
                  " AND held + redeemed < uses_max");
    redemption = prepare("INSERT INTO redemptions (shop_id, order_id, voucher_id, customer_id,"
                         " state) VALUES (?, ?, ?, ?, 'held')");
    invoice = prepare("INSERT INTO invoices (shop_id, id, order_id, customer_id, amount, received,"
                      " currency, state, expires_at, created_at, version)"
                      " VALUES (?, ?, ?, ?, 13500, 0, 'IDR', 'created', ?, ?, 1)");
    audit = prepare("INSERT INTO audit (shop_id, id, entity, entity_id, action, edge_to, details,"
                    " actor, actor_id, at) VALUES (?, ?, ?, ?, ?, ?, ?, 'customer', ?, ?)");
}

/* What is known of an order by those who pay it. */
struct bill {
    unsigned char order[ID], line[ID], invoice[ID], charge[ID];
};

static struct bill purchase(int64_t serial) {
    struct bill bill;
    unsigned char ids[3][ID];
    char number[16], key[32], placed[96], made[48];
    int64_t at = micros(), end = at + 900000000;
    for (int i = 0; i < 3; i++) new_id(ids[i]);
    new_id(bill.order);
    new_id(bill.line);
    new_id(bill.invoice);
    snprintf(number, sizeof number, "%08lX", (unsigned long)serial);
    snprintf(key, sizeof key, "limit/1/%ld", (long)serial);
    snprintf(placed, sizeof placed, "{\"lines\":1,\"number\":\"%s\",\"total\":\"Rp 13.500\"}", number);
    snprintf(made, sizeof made, "{\"order\":\"%s\"}", number);
    STEP(batch, "iin", shop, ids[0], &at);
    STEP(order, "iitiinn", shop, bill.order, number, customer, voucher, &at, &at);
    STEP(request, "iti", shop, key, bill.order);
    STEP(line, "iiii", shop, bill.line, bill.order, product);
    STEP(claim, "iiii", bill.line, shop, shop, product);
    STEP(use, "ii", shop, voucher);
    STEP(redemption, "iiii", shop, bill.order, voucher, customer);
    STEP(invoice, "iiiinn", shop, bill.invoice, bill.order, customer, &end, &at);
    STEP(audit, "iititttin", shop, ids[1], "order", bill.order, "placed", "awaiting_payment",
         placed, customer, &at);
    STEP(audit, "iititttin", shop, ids[2], "invoice", bill.invoice, "created", "created", made,
         customer, &at);
    return bill;
}

/* The statements of one settlement. */
static sqlite3_stmt *payment, *charge_paid, *invoice_paid, *order_paid, *sell, *redeem, *redeemed,
    *transfer, *clearing, *sales, *post, *told;

static void prepare_settlement(void) {
    payment = prepare("INSERT INTO payments (shop_id, id, gateway, event, reference, charge_id,"
                      " invoice_id, amount, currency, outcome, paid_at, recorded_at)"
                      " VALUES (?, ?, 'till', ?, ?, ?, ?, 13500, 'IDR', 'paid', ?, ?)");
    charge_paid = prepare("UPDATE charges SET state = 'paid' WHERE shop_id = ? AND id = ?"
                          " AND state = 'open'");
    invoice_paid = prepare("UPDATE invoices SET state = 'paid', received = 13500, version = 4"
                           " WHERE shop_id = ? AND id = ? AND version = 3 AND state = 'waiting'");
    order_paid = prepare("UPDATE orders SET state = 'paid', changed_at = ? WHERE shop_id = ?"
                         " AND id = ? AND state = 'awaiting_payment'");
    sell = prepare("UPDATE units INDEXED BY units_by_line SET state = 'sold' WHERE shop_id = ?"
                   " AND line_id = ? AND state = 'held'");
    redeem = prepare("UPDATE vouchers SET held = held - 1, redeemed = redeemed + 1"
                     " WHERE shop_id = ? AND id = ?");
    redeemed = prepare("UPDATE redemptions SET state = 'redeemed' WHERE shop_id = ?"
                       " AND order_id = ? AND state = 'held'");
    transfer = prepare("INSERT INTO transfers (shop_id, id, purpose, invoice_id, payment_id, at)"
                       " VALUES (?, ?, 'payment', ?, ?, ?)");
    clearing = prepare("INSERT INTO postings (shop_id, transfer_id, place, account, gateway,"
                       " amount, currency) VALUES (?, ?, 0, 'clearing', 'till', -13500, 'IDR')");
    sales = prepare("INSERT INTO postings (shop_id, transfer_id, place, account, amount, currency)"
                    " VALUES (?, ?, 1, 'sales', 13500, 'IDR')");
    post = prepare("INSERT INTO outbox (shop_id, id, lane, destination, frontend, chat, task,"
                   " state, due_at, attempts)"
                   " VALUES (?, ?, ?, 'chat', 'limit', '1', ?, 'pending', ?, 0)");
    told = prepare("INSERT INTO audit (shop_id, id, entity, entity_id, action, edge_from, edge_to,"
                   " details, actor, actor_name, at)"
                   " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'gateway', 'till', ?)");
}

static void text_of(const unsigned char *id, char *text) {
    for (int i = 0; i < ID; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *text++ = '-';
        text += sprintf(text, "%02x", id[i]);
    }
}

/* Opens the charge of an order, as it is before it is paid. */
static void open_charge(struct bill *bill) {
    static sqlite3_stmt *charge, *waiting;
    char text[37], qr[64];
    int64_t at = micros();
    if (!charge) {
        charge = prepare("INSERT INTO charges (shop_id, id, invoice_id, gateway, reference,"
                         " asked, payable, payable_currency, covers, covers_currency, state,"
                         " pay_with, created_at, poll_at, polls) VALUES (?, ?, ?, 'till', ?, 13500,"
                         " 13500, 'IDR', 13500, 'IDR', 'open', ?, ?, ?, 0)");
        waiting = prepare("UPDATE invoices SET state = 'waiting', version = 3 WHERE shop_id = ?"
                          " AND id = ?");
    }
    new_id(bill->charge);
    text_of(bill->charge, text);
    snprintf(qr, sizeof qr, "{\"qr\":\"till:%s\"}", text);
    STEP(charge, "iiittnn", shop, bill->charge, bill->invoice, text, qr, &at, &at);
    STEP(waiting, "ii", shop, bill->invoice);
}

static void settle(const struct bill *bill) {
    unsigned char ids[8][ID];
    char charge[37], event[37], order_text[37], invoice_text[37];
    char lane[64], delivery[80], retract[80], received[160];
    int64_t at = micros();
    for (int i = 0; i < 8; i++) new_id(ids[i]);
    text_of(bill->charge, charge);
    text_of(ids[1], event);
    text_of(bill->order, order_text);
    text_of(bill->invoice, invoice_text);
    snprintf(lane, sizeof lane, "limit/1/%s", invoice_text);
    snprintf(retract, sizeof retract, "{\"retract\":{\"invoice\":\"%s\"}}", invoice_text);
    snprintf(delivery, sizeof delivery, "{\"delivery\":{\"order\":\"%s\"}}", order_text);
    snprintf(received, sizeof received, "{\"amount\":\"Rp 13.500\",\"event\":\"%s\","
             "\"gateway\":\"till\",\"outcome\":\"paid\"}", event);
    STEP(batch, "iin", shop, ids[0], &at);
    STEP(payment, "iittiinn", shop, ids[1], event, charge, bill->charge, bill->invoice, &at, &at);
    STEP(charge_paid, "ii", shop, bill->charge);
    STEP(invoice_paid, "ii", shop, bill->invoice);
    STEP(order_paid, "nii", &at, shop, bill->order);
    STEP(sell, "ii", shop, bill->line);
    STEP(redeem, "ii", shop, voucher);
    STEP(redeemed, "ii", shop, bill->order);
    STEP(transfer, "iiiin", shop, ids[2], bill->invoice, ids[1], &at);
    STEP(clearing, "ii", shop, ids[2]);
    STEP(sales, "ii", shop, ids[2]);
    STEP(post, "iittn", shop, ids[3], lane, retract, &at);
    STEP(post, "iittn", shop, ids[4], lane, delivery, &at);
    STEP(told, "iitittttn", shop, ids[5], "payment", ids[1], "received", NULL, NULL, received, &at);
    STEP(told, "iitittttn", shop, ids[6], "invoice", bill->invoice, "paid", "waiting", "paid",
         "{\"received\":\"Rp 13.500\"}", &at);
    STEP(told, "iitittttn", shop, ids[7], "order", bill->order, "paid", "awaiting_payment", "paid",
         "{}", &at);
}

/* Orders everything in stock. */
static struct bill *bill_everything(int64_t stock) {
    struct bill *bills = calloc((size_t)stock + 1, sizeof *bills);
    if (!bills) fail("out of memory");
    run("BEGIN");
    for (int64_t i = 0; i < stock; i++) {
        bills[i] = purchase(i + 1);
        open_charge(&bills[i]);
    }
    run("COMMIT");
    return bills;
}

int main(int count, char **given) {
    int settlement = count > 1 && strcmp(given[1], "settlement") == 0;
    if (count < 4 || (!settlement && strcmp(given[1], "purchase") != 0)) {
        fprintf(stderr, "usage: sqlite_loop purchase|settlement MIGRATIONS DATABASE"
                        " [SECONDS [STOCK [PER_TRANSACTION]]]\n");
        return 2;
    }
    double seconds = count > 4 ? atof(given[4]) : 5;
    int64_t stock = count > 5 ? atoll(given[5]) : 500000;
    int64_t group = count > 6 ? atoll(given[6]) : 32;
    open_database(given[3]);
    migrate(given[2]);
    open_shop(stock);
    prepare_purchase();
    prepare_settlement();
    struct bill *bills = settlement ? bill_everything(stock) : NULL;
    int64_t done = 0;
    double began = now(), passed = 0;
    while (passed < seconds && done + group <= stock) {
        run("BEGIN IMMEDIATE");
        for (int64_t i = 0; i < group; i++, done++) {
            if (settlement)
                settle(&bills[done]);
            else
                purchase(done + 1);
        }
        run("COMMIT");
        passed = now() - began;
    }
    printf("{\"ops\":%ld,\"seconds\":%.3f,\"ops_per_s\":%.0f,\"per_transaction\":%ld,"
           "\"sqlite\":\"%s\"}\n",
           (long)done, passed, passed > 0 ? (double)done / passed : 0, (long)group, sqlite3_libversion());
    return 0;
}
