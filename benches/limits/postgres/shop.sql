-- A shop with :products products of :stock units each, :vouchers vouchers, and one customer.

INSERT INTO limit_shop SELECT limit_id(), limit_id();
INSERT INTO shops (id, name, currency, fingerprint_key, created_at)
SELECT id, 'limit', 'IDR', decode(repeat('00', 90), 'hex'), limit_micros() FROM limit_shop;
INSERT INTO customers (shop_id, id, frontend, external, chat_frontend, chat, standing,
    reachability, created_at, version)
SELECT id, customer, 'limit', '1', 'limit', '1', 'welcome', 'reachable', limit_micros(), 0 FROM limit_shop;
INSERT INTO products (shop_id, id, code, name, name_folded, price, currency, supply, late,
    visibility, created_at, version)
SELECT s.id, limit_numbered('1', n), 'HOT' || n, 'Hot', 'hot', 15000, 'IDR', 'units', 'credit',
    'listed', limit_micros(), 1
FROM limit_shop AS s, generate_series(1, :products) AS n;
INSERT INTO vouchers (shop_id, id, code, percent, scope, uses_max, switch, terms_version, held,
    redeemed)
SELECT s.id, limit_numbered('2', n), 'HOT' || n, 1000, '"everything"', 4000000000, 'on', 1, 0, 0
FROM limit_shop AS s, generate_series(1, :vouchers) AS n;
WITH added AS (
    INSERT INTO units (shop_id, id, product_id, state, fingerprint, added_at)
    SELECT s.id, limit_id(), limit_numbered('1', p), 'available',
        sha256(int8send(p) || int8send(u)), limit_micros()
    FROM limit_shop AS s, generate_series(1, :products) AS p, generate_series(1, :stock) AS u
    RETURNING shop_id, id
)
INSERT INTO unit_contents (shop_id, unit_id, content)
SELECT shop_id, id, decode(repeat('00', 90), 'hex') FROM added;
