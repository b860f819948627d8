/* How fast SQLite itself writes what one checkout writes: the same rows in the shop's own schema,
 * 32 purchases a transaction, one thread. Nothing is read or decided, and nobody waits for an
 * answer: what the library reaches is measured against this.
 *
 *     sqlite_loop MIGRATIONS DATABASE [SECONDS [STOCK [PER_TRANSACTION]]]
 *
 * MIGRATIONS is the folder of the schema; DATABASE is a file that must not be there yet. Prints one
 * JSON object with the purchases per second. */

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
        case 't': sqlite3_bind_text(statement, at, value, -1, SQLITE_STATIC); break;
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
                 " standing, created_at) VALUES (?, ?, 'limit', '1', 'limit', '1', 'welcome', ?)"),
         "iin", shop, customer, &at);
    STEP(prepare("INSERT INTO vouchers (shop_id, id, code, percent, scope, uses_max, switch,"
                 " terms_version, held, redeemed)"
                 " VALUES (?, ?, 'HOT', 1000, '\"everything\"', 4000000000, 'on', 1, 0, 0)"),
         "ii", shop, voucher);
    stock_up(stock);
    run("COMMIT");
}

/* The statements of one checkout. */
static sqlite3_stmt *batch, *request, *order, *line, *claim, *use, *redemption, *invoice, *audit;

static void prepare_checkout(void) {
    batch = prepare("INSERT INTO batches (shop_id, id, at) VALUES (?, ?, ?)");
    request = prepare("INSERT INTO requests (shop_id, request, order_id) VALUES (?, ?, ?)");
    order = prepare("INSERT INTO orders (shop_id, id, number, customer_id, frontend, chat, state,"
                    " currency, subtotal, discount, fee, total, voucher_id, late, placed_at,"
                    " changed_at) VALUES (?, ?, ?, ?, 'limit', '1', 'awaiting_payment', 'IDR',"
                    " 15000, 1500, 0, 13500, ?, 'deliver', ?, ?)");
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

static void checkout(int64_t serial) {
    unsigned char ids[6][ID];
    char number[16], key[32], placed[96], made[48];
    int64_t at = micros(), end = at + 900000000;
    for (int i = 0; i < 6; i++) new_id(ids[i]);
    snprintf(number, sizeof number, "%08lX", (unsigned long)serial);
    snprintf(key, sizeof key, "limit/1/%ld", (long)serial);
    snprintf(placed, sizeof placed, "{\"lines\":1,\"number\":\"%s\",\"total\":\"Rp 13.500\"}", number);
    snprintf(made, sizeof made, "{\"order\":\"%s\"}", number);
    STEP(batch, "iin", shop, ids[0], &at);
    STEP(order, "iitiinn", shop, ids[1], number, customer, voucher, &at, &at);
    STEP(request, "iti", shop, key, ids[1]);
    STEP(line, "iiii", shop, ids[2], ids[1], product);
    STEP(claim, "iiii", ids[2], shop, shop, product);
    STEP(use, "ii", shop, voucher);
    STEP(redemption, "iiii", shop, ids[1], voucher, customer);
    STEP(invoice, "iiiinn", shop, ids[3], ids[1], customer, &end, &at);
    STEP(audit, "iititttin", shop, ids[4], "order", ids[1], "placed", "awaiting_payment", placed,
         customer, &at);
    STEP(audit, "iititttin", shop, ids[5], "invoice", ids[3], "created", "created", made, customer,
         &at);
}

int main(int count, char **given) {
    if (count < 3) {
        fprintf(stderr, "usage: sqlite_loop MIGRATIONS DATABASE [SECONDS [STOCK [PER_TRANSACTION]]]\n");
        return 2;
    }
    double seconds = count > 3 ? atof(given[3]) : 5;
    int64_t stock = count > 4 ? atoll(given[4]) : 500000;
    int64_t group = count > 5 ? atoll(given[5]) : 32;
    open_database(given[2]);
    migrate(given[1]);
    open_shop(stock);
    prepare_checkout();
    int64_t done = 0;
    double began = now(), passed = 0;
    while (passed < seconds && done + group <= stock) {
        run("BEGIN IMMEDIATE");
        for (int64_t i = 0; i < group; i++) checkout(++done);
        run("COMMIT");
        passed = now() - began;
    }
    printf("{\"ops\":%ld,\"seconds\":%.3f,\"ops_per_s\":%.0f,\"per_transaction\":%ld,"
           "\"sqlite\":\"%s\"}\n",
           (long)done, passed, passed > 0 ? (double)done / passed : 0, (long)group, sqlite3_libversion());
    return 0;
}
