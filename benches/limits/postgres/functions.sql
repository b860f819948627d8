-- What a purchase and a settlement write, each in one function of the server: no round trip within
-- a transaction, the hottest row last.

CREATE TABLE limit_shop (id uuid NOT NULL, customer uuid NOT NULL);
CREATE TABLE limit_orders (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id uuid NOT NULL, line_id uuid NOT NULL, invoice_id uuid NOT NULL,
    charge_id uuid NOT NULL, voucher_id uuid NOT NULL
);
CREATE SEQUENCE limit_next CACHE 1;
CREATE SEQUENCE limit_serial CACHE 100;

CREATE FUNCTION limit_micros() RETURNS bigint LANGUAGE sql VOLATILE
RETURN (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;

-- As a UUIDv7: milliseconds, then chance.
CREATE FUNCTION limit_id() RETURNS uuid LANGUAGE sql VOLATILE
RETURN encode(
    set_byte(
        overlay(uuid_send(gen_random_uuid())
            PLACING substring(int8send(limit_micros() / 1000) FROM 3) FROM 1 FOR 6),
        6, 112),
    'hex')::uuid;

-- The ids of products and vouchers follow from their numbers.
CREATE FUNCTION limit_numbered(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
RETURN ('01900000-0000-7000-800' || kind || '-' || lpad(to_hex(n), 12, '0'))::uuid;

CREATE FUNCTION limit_purchase(product_n bigint, voucher_n bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    shop uuid; buyer uuid;
    product uuid := limit_numbered('1', product_n);
    voucher uuid := limit_numbered('2', voucher_n);
    new_order uuid := limit_id(); line uuid := limit_id(); invoice uuid := limit_id();
    micros bigint := limit_micros();
    numbered text := lpad(upper(to_hex(nextval('limit_serial'))), 8, '0');
BEGIN
    SELECT id, customer INTO shop, buyer FROM limit_shop;
    INSERT INTO batches (shop_id, id, at) VALUES (shop, limit_id(), micros);
    INSERT INTO orders (shop_id, id, number, customer_id, frontend, chat, state, currency,
        subtotal, discount, fee, total, refunded, voucher_id, late, placed_at, changed_at)
    VALUES (shop, new_order, numbered, buyer, 'limit', '1', 'awaiting_payment', 'IDR',
        15000, 1500, 0, 13500, 0, voucher, 'credit', micros, micros);
    INSERT INTO requests (shop_id, request, order_id)
    VALUES (shop, 'limit/' || numbered, new_order);
    INSERT INTO order_lines (shop_id, id, order_id, place, product_id, name, quantity, price,
        currency)
    VALUES (shop, line, new_order, 0, product, 'Hot', 1, 15000, 'IDR');
    INSERT INTO invoices (shop_id, id, order_id, customer_id, amount, received, currency, state,
        expires_at, created_at, version)
    VALUES (shop, invoice, new_order, buyer, 13500, 0, 'IDR', 'created', micros + 86400000000,
        micros, 1);
    INSERT INTO redemptions (shop_id, order_id, voucher_id, customer_id, state)
    VALUES (shop, new_order, voucher, buyer, 'held');
    INSERT INTO audit (shop_id, id, entity, entity_id, action, edge_to, details, actor, actor_id,
        at)
    VALUES
        (shop, limit_id(), 'order', new_order, 'placed', 'awaiting_payment',
            '{"lines":1,"number":"' || numbered || '","total":"Rp 13.500"}', 'customer', buyer,
            micros),
        (shop, limit_id(), 'invoice', invoice, 'created', 'created',
            '{"order":"' || numbered || '"}', 'customer', buyer, micros);
    UPDATE units SET state = 'held', line_id = line
    WHERE shop_id = shop AND id = (
        SELECT id FROM units
        WHERE shop_id = shop AND product_id = product AND state = 'available'
        ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
    );
    IF NOT FOUND THEN
        RAISE EXCEPTION 'out of stock';
    END IF;
    UPDATE vouchers SET held = held + 1
    WHERE shop_id = shop AND id = voucher AND held + redeemed < uses_max;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the voucher is used up';
    END IF;
END $$;

-- Orders all the stock, so that it can be paid. In one transaction a hot voucher would grow slow.
CREATE PROCEDURE limit_order_all(products bigint, vouchers bigint, stock bigint)
LANGUAGE plpgsql AS $$
BEGIN
    FOR n IN 1..products * stock LOOP
        PERFORM limit_purchase(1 + n % products, 1 + n % vouchers);
        COMMIT;
    END LOOP;
END $$;

-- Opens a charge for every order.
CREATE FUNCTION limit_charge() RETURNS void LANGUAGE sql BEGIN ATOMIC
    INSERT INTO limit_orders (order_id, line_id, invoice_id, charge_id, voucher_id)
    SELECT o.id, l.id, i.id, limit_id(), o.voucher_id
    FROM orders AS o
    JOIN order_lines AS l ON l.shop_id = o.shop_id AND l.order_id = o.id
    JOIN invoices AS i ON i.shop_id = o.shop_id AND i.order_id = o.id
    WHERE o.state = 'awaiting_payment' AND i.state = 'created';
    INSERT INTO charges (shop_id, id, invoice_id, gateway, reference, asked, payable,
        payable_currency, covers, covers_currency, state, pay_with, created_at, poll_at, polls)
    SELECT s.id, o.charge_id, o.invoice_id, 'till', 'limit-' || o.n, 13500, 13500, 'IDR', 13500,
        'IDR', 'open', '{"qr":"till:limit-' || o.n || '"}', limit_micros(), limit_micros() + 2000000, 0
    FROM limit_orders AS o, limit_shop AS s;
    UPDATE invoices SET state = 'waiting', version = version + 2 WHERE state = 'created';
END;

CREATE FUNCTION limit_settle() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    shop uuid; buyer uuid; due limit_orders;
    payment uuid := limit_id(); transfer uuid := limit_id();
    micros bigint := limit_micros();
    next bigint := nextval('limit_next');
BEGIN
    SELECT id, customer INTO shop, buyer FROM limit_shop;
    SELECT * INTO STRICT due FROM limit_orders WHERE n = next;
    INSERT INTO batches (shop_id, id, at) VALUES (shop, limit_id(), micros);
    UPDATE charges SET state = 'paid'
    WHERE shop_id = shop AND id = due.charge_id AND state = 'open';
    INSERT INTO payments (shop_id, id, gateway, event, reference, charge_id, invoice_id, amount,
        currency, outcome, paid_at, recorded_at)
    VALUES (shop, payment, 'till', payment::text, 'limit-' || due.n, due.charge_id,
        due.invoice_id, 13500, 'IDR', 'paid', micros, micros);
    UPDATE invoices SET state = 'paid', received = 13500, version = version + 1
    WHERE shop_id = shop AND id = due.invoice_id AND state = 'waiting';
    UPDATE orders SET state = 'paid', changed_at = micros
    WHERE shop_id = shop AND id = due.order_id AND state = 'awaiting_payment';
    INSERT INTO transfers (shop_id, id, purpose, invoice_id, payment_id, at)
    VALUES (shop, transfer, 'payment', due.invoice_id, payment, micros);
    INSERT INTO postings (shop_id, transfer_id, place, account, gateway, amount, currency)
    VALUES
        (shop, transfer, 0, 'clearing', 'till', -13500, 'IDR'),
        (shop, transfer, 1, 'sales', NULL, 13500, 'IDR');
    INSERT INTO outbox (shop_id, id, lane, destination, frontend, chat, task, state, due_at,
        attempts)
    VALUES
        (shop, limit_id(), 'limit/1/' || due.invoice_id, 'chat', 'limit', '1',
            '{"delivery":{"order":"' || due.order_id || '"}}', 'pending', micros, 0),
        (shop, limit_id(), 'limit/1/' || due.invoice_id, 'chat', 'limit', '1',
            '{"retract":{"invoice":"' || due.invoice_id || '"}}', 'pending', micros, 0);
    INSERT INTO audit (shop_id, id, entity, entity_id, action, edge_from, edge_to, details, actor,
        actor_name, at)
    VALUES
        (shop, limit_id(), 'payment', payment, 'received', NULL, NULL,
            '{"amount":"Rp 13.500","event":"' || payment
                || '","gateway":"till","outcome":"paid"}',
            'gateway', 'till', micros),
        (shop, limit_id(), 'invoice', due.invoice_id, 'paid', 'waiting', 'paid',
            '{"received":"Rp 13.500"}', 'gateway', 'till', micros),
        (shop, limit_id(), 'order', due.order_id, 'paid', 'awaiting_payment', 'paid', '{}',
            'gateway', 'till', micros);
    UPDATE units SET state = 'sold' WHERE shop_id = shop AND line_id = due.line_id
        AND state = 'held';
    UPDATE redemptions SET state = 'redeemed' WHERE shop_id = shop AND order_id = due.order_id
        AND state = 'held';
    UPDATE vouchers SET held = held - 1, redeemed = redeemed + 1
    WHERE shop_id = shop AND id = due.voucher_id;
END $$;
