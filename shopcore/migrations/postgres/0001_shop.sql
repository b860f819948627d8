-- Every key starts with the shop. Ids are UUIDv7, times are microseconds since 1970, money is an
-- integer of minor units beside its currency. What is sorted or looked up by text is compared byte
-- by byte, so that it stands in one order wherever the server runs.
--
-- Rows refer to `shops` where no other key leads there. The audit, the outbox, requests, transfers,
-- payments, refunds and cases do not: each batch is checked to be of a shop that is open, and no shop goes.
--
-- A fillfactor leaves room on its page for the next version of a row that changes often.

CREATE TABLE shops (
    id uuid NOT NULL PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE, -- guard: shop_name
    currency text NOT NULL,
    fingerprint_key bytea NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE batches (
    shop_id uuid NOT NULL,
    id uuid NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (shop_id, id)
);

CREATE TABLE categories (
    shop_id uuid NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    emoji text,
    place bigint NOT NULL DEFAULT 0 CHECK (place >= 0),
    version bigint NOT NULL CHECK (version >= 0),
    PRIMARY KEY (shop_id, id),
    UNIQUE (shop_id, name) -- guard: category_name
);

CREATE TABLE products (
    shop_id uuid NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    id uuid NOT NULL,
    code text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_folded text NOT NULL,
    description text,
    terms text,
    price bigint NOT NULL CHECK (price >= 0),
    currency text NOT NULL,
    category_id uuid,
    supply text NOT NULL CHECK (supply IN ('units', 'unlimited')),
    late text NOT NULL CHECK (late IN ('deliver', 'credit', 'review')),
    visibility text NOT NULL CHECK (visibility IN ('listed', 'hidden', 'archived')),
    per_customer bigint CHECK (per_customer > 0),
    low_at bigint NOT NULL DEFAULT 3 CHECK (low_at >= 0),
    created_at bigint NOT NULL,
    version bigint NOT NULL CHECK (version >= 0),
    PRIMARY KEY (shop_id, id),
    UNIQUE (shop_id, code), -- guard: product_code
    -- guard: products_category
    FOREIGN KEY (shop_id, category_id) REFERENCES categories (shop_id, id) ON DELETE RESTRICT
);
CREATE INDEX products_by_name ON products (shop_id, name, id);

CREATE TABLE customers (
    shop_id uuid NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    id uuid NOT NULL,
    frontend text COLLATE "C" NOT NULL,
    external text COLLATE "C" NOT NULL,
    chat_frontend text NOT NULL,
    chat text NOT NULL,
    name text,
    name_folded text,
    standing text NOT NULL CHECK (standing IN ('welcome', 'banned')),
    banned_until bigint CHECK (banned_until IS NULL OR standing = 'banned'),
    language text,
    reachability text NOT NULL CHECK (reachability IN ('reachable', 'blocked')),
    created_at bigint NOT NULL,
    version bigint NOT NULL CHECK (version >= 0),
    PRIMARY KEY (shop_id, id),
    UNIQUE (shop_id, frontend, external) -- guard: customer_contact
);

CREATE TABLE carts (
    shop_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    lines text NOT NULL,
    voucher text,
    version bigint NOT NULL CHECK (version > 0),
    PRIMARY KEY (shop_id, customer_id),
    -- guard: carts_customer
    FOREIGN KEY (shop_id, customer_id) REFERENCES customers (shop_id, id) ON DELETE CASCADE
) WITH (fillfactor = 85);

CREATE TABLE vouchers (
    shop_id uuid NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    id uuid NOT NULL,
    code text COLLATE "C" NOT NULL,
    percent bigint CHECK (percent BETWEEN 0 AND 10000),
    fixed bigint CHECK (fixed >= 0),
    fixed_currency text,
    scope text NOT NULL,
    starts_at bigint,
    ends_at bigint,
    minimum_spend bigint CHECK (minimum_spend >= 0),
    minimum_spend_currency text,
    maximum_discount bigint CHECK (maximum_discount >= 0),
    maximum_discount_currency text,
    uses_max bigint NOT NULL CHECK (uses_max >= 0),
    uses_max_per_customer bigint CHECK (uses_max_per_customer >= 0),
    switch text NOT NULL CHECK (switch IN ('on', 'off')),
    terms_version bigint NOT NULL CHECK (terms_version >= 0),
    held bigint NOT NULL CHECK (held >= 0),
    redeemed bigint NOT NULL CHECK (redeemed >= 0),
    PRIMARY KEY (shop_id, id),
    UNIQUE (shop_id, code), -- guard: voucher_code
    CHECK ((percent IS NULL) <> (fixed IS NULL)),
    CHECK (held + redeemed <= uses_max)
) WITH (fillfactor = 50);

CREATE TABLE orders (
    shop_id uuid NOT NULL,
    id uuid NOT NULL,
    number text COLLATE "C" NOT NULL,
    customer_id uuid NOT NULL,
    frontend text NOT NULL,
    chat text NOT NULL,
    state text NOT NULL CHECK (
        state IN ('awaiting_payment', 'paid', 'delivered', 'cancelled', 'expired', 'refunded')
    ),
    currency text NOT NULL,
    subtotal bigint NOT NULL CHECK (subtotal >= 0),
    discount bigint NOT NULL CHECK (discount BETWEEN 0 AND subtotal),
    fee bigint NOT NULL CHECK (fee >= 0),
    total bigint NOT NULL,
    refunded bigint NOT NULL CHECK (refunded BETWEEN 0 AND total),
    voucher_id uuid,
    late text NOT NULL CHECK (late IN ('deliver', 'credit', 'review')),
    placed_at bigint NOT NULL,
    changed_at bigint NOT NULL,
    PRIMARY KEY (shop_id, id),
    UNIQUE (shop_id, number), -- guard: order_number
    CHECK (total = subtotal - discount + fee),
    -- guard: orders_customer
    FOREIGN KEY (shop_id, customer_id) REFERENCES customers (shop_id, id) ON DELETE RESTRICT,
    -- guard: orders_voucher
    FOREIGN KEY (shop_id, voucher_id) REFERENCES vouchers (shop_id, id) ON DELETE RESTRICT
) WITH (fillfactor = 85);
CREATE INDEX orders_by_customer ON orders (shop_id, customer_id, id);

CREATE TABLE order_lines (
    shop_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    place bigint NOT NULL CHECK (place >= 0),
    product_id uuid NOT NULL,
    name text NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    price bigint NOT NULL CHECK (price >= 0),
    currency text NOT NULL,
    unlimited_unit_id uuid,
    PRIMARY KEY (shop_id, id),
    UNIQUE (shop_id, order_id, place),
    FOREIGN KEY (shop_id, order_id) REFERENCES orders (shop_id, id) ON DELETE RESTRICT,
    -- guard: order_lines_product
    FOREIGN KEY (shop_id, product_id) REFERENCES products (shop_id, id) ON DELETE RESTRICT
);

-- Contents lie apart: a unit that is held and sold is rewritten twice, its content never.
CREATE TABLE units (
    shop_id uuid NOT NULL,
    id uuid NOT NULL,
    product_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('available', 'held', 'sold', 'withdrawn')),
    line_id uuid,
    fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
    added_at bigint NOT NULL,
    PRIMARY KEY (shop_id, id),
    UNIQUE (shop_id, fingerprint), -- guard: content_once
    CHECK ((state IN ('held', 'sold')) = (line_id IS NOT NULL)),
    -- guard: units_product
    FOREIGN KEY (shop_id, product_id) REFERENCES products (shop_id, id) ON DELETE RESTRICT,
    -- guard: units_line
    FOREIGN KEY (shop_id, line_id) REFERENCES order_lines (shop_id, id) ON DELETE RESTRICT
) WITH (fillfactor = 85);
ALTER TABLE order_lines ADD
    -- guard: order_lines_unlimited_unit
    FOREIGN KEY (shop_id, unlimited_unit_id) REFERENCES units (shop_id, id) ON DELETE RESTRICT
;
CREATE INDEX stock_free ON units (shop_id, product_id, id) WHERE state = 'available';
CREATE INDEX units_by_line ON units (shop_id, line_id, id) WHERE line_id IS NOT NULL;

CREATE TABLE unit_contents (
    shop_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (shop_id, unit_id),
    FOREIGN KEY (shop_id, unit_id) REFERENCES units (shop_id, id) ON DELETE CASCADE
);

CREATE TABLE redemptions (
    shop_id uuid NOT NULL,
    order_id uuid NOT NULL,
    voucher_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('held', 'redeemed', 'released')),
    PRIMARY KEY (shop_id, order_id),
    -- guard: redemptions_order
    FOREIGN KEY (shop_id, order_id) REFERENCES orders (shop_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (shop_id, voucher_id) REFERENCES vouchers (shop_id, id) ON DELETE RESTRICT,
    -- guard: redemptions_customer
    FOREIGN KEY (shop_id, customer_id) REFERENCES customers (shop_id, id) ON DELETE RESTRICT
) WITH (fillfactor = 85);
CREATE INDEX redemptions_live ON redemptions (shop_id, voucher_id, customer_id)
WHERE state <> 'released';

CREATE TABLE invoices (
    shop_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid,
    customer_id uuid NOT NULL,
    amount bigint NOT NULL CHECK (amount >= 0),
    received bigint NOT NULL CHECK (received >= 0),
    currency text NOT NULL,
    state text NOT NULL CHECK (
        state IN ('created', 'waiting', 'paid', 'expired', 'cancelled', 'failed')
    ),
    expires_at bigint NOT NULL,
    created_at bigint NOT NULL,
    version bigint NOT NULL CHECK (version >= 0),
    PRIMARY KEY (shop_id, id),
    UNIQUE (shop_id, order_id), -- guard: invoice_of_order
    -- guard: invoices_order
    FOREIGN KEY (shop_id, order_id) REFERENCES orders (shop_id, id) ON DELETE RESTRICT,
    -- guard: invoices_customer
    FOREIGN KEY (shop_id, customer_id) REFERENCES customers (shop_id, id) ON DELETE RESTRICT
) WITH (fillfactor = 85);
CREATE INDEX invoices_due ON invoices (shop_id, expires_at, id)
WHERE state IN ('created', 'waiting');
CREATE INDEX deposits_unpaid ON invoices (shop_id, customer_id, id)
WHERE order_id IS NULL AND state <> 'paid';

CREATE TABLE charges (
    shop_id uuid NOT NULL,
    id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    gateway text COLLATE "C" NOT NULL,
    reference text COLLATE "C" NOT NULL,
    gateway_id text,
    asked bigint NOT NULL CHECK (asked >= 0),
    payable bigint NOT NULL CHECK (payable >= 0),
    payable_currency text NOT NULL,
    covers bigint NOT NULL CHECK (covers >= 0),
    covers_currency text NOT NULL,
    state text NOT NULL CHECK (
        state IN ('created', 'open', 'paid', 'closed', 'abandoned')
    ),
    pay_with text,
    created_at bigint NOT NULL,
    poll_at bigint,
    polls bigint NOT NULL CHECK (polls >= 0),
    PRIMARY KEY (shop_id, id),
    UNIQUE (shop_id, gateway, reference), -- guard: charge_reference
    -- guard: charges_invoice
    FOREIGN KEY (shop_id, invoice_id) REFERENCES invoices (shop_id, id) ON DELETE RESTRICT
) WITH (fillfactor = 85);
CREATE INDEX charges_by_invoice ON charges (shop_id, invoice_id, id);
CREATE INDEX charges_to_poll ON charges (shop_id, poll_at, id) WHERE poll_at IS NOT NULL;

CREATE TABLE payments (
    shop_id uuid NOT NULL,
    id uuid NOT NULL,
    gateway text COLLATE "C" NOT NULL,
    event text COLLATE "C" NOT NULL,
    reference text NOT NULL,
    charge_id uuid,
    invoice_id uuid,
    amount bigint NOT NULL,
    currency text NOT NULL,
    outcome text NOT NULL CHECK (
        outcome IN ('paid', 'paid_with_excess', 'partial', 'surplus', 'late_delivered',
            'late_credited', 'review')
    ),
    paid_at bigint NOT NULL,
    recorded_at bigint NOT NULL,
    PRIMARY KEY (shop_id, id),
    UNIQUE (shop_id, gateway, event), -- guard: payment_event
    -- guard: payments_charge
    FOREIGN KEY (shop_id, charge_id) REFERENCES charges (shop_id, id) ON DELETE RESTRICT,
    -- guard: payments_invoice
    FOREIGN KEY (shop_id, invoice_id) REFERENCES invoices (shop_id, id) ON DELETE RESTRICT
);
CREATE INDEX payments_of_invoice ON payments (shop_id, invoice_id, id)
WHERE invoice_id IS NOT NULL;

CREATE TABLE transfers (
    shop_id uuid NOT NULL,
    id uuid NOT NULL,
    purpose text NOT NULL CHECK (
        purpose IN ('payment', 'wallet_payment', 'leftover', 'review', 'refund', 'adjustment')
    ),
    invoice_id uuid,
    payment_id uuid,
    at bigint NOT NULL,
    PRIMARY KEY (shop_id, id),
    -- guard: transfers_invoice
    FOREIGN KEY (shop_id, invoice_id) REFERENCES invoices (shop_id, id) ON DELETE RESTRICT,
    -- guard: transfers_payment
    FOREIGN KEY (shop_id, payment_id) REFERENCES payments (shop_id, id) ON DELETE RESTRICT
);

CREATE TABLE postings (
    shop_id uuid NOT NULL,
    transfer_id uuid NOT NULL,
    place bigint NOT NULL CHECK (place >= 0),
    account text NOT NULL CHECK (
        account IN ('clearing', 'wallet', 'towards', 'suspense', 'sales', 'fees', 'refunds',
            'adjustments', 'exchange')
    ),
    gateway text,
    customer_id uuid,
    invoice_id uuid,
    payment_id uuid,
    amount bigint NOT NULL CHECK (amount <> 0),
    currency text NOT NULL,
    PRIMARY KEY (shop_id, transfer_id, place),
    CHECK ((account = 'clearing') = (gateway IS NOT NULL)),
    CHECK ((account = 'wallet') = (customer_id IS NOT NULL)),
    CHECK ((account = 'towards') = (invoice_id IS NOT NULL)),
    CHECK ((account = 'suspense') = (payment_id IS NOT NULL)),
    FOREIGN KEY (shop_id, transfer_id) REFERENCES transfers (shop_id, id) ON DELETE RESTRICT,
    -- guard: wallet_customer
    FOREIGN KEY (shop_id, customer_id) REFERENCES customers (shop_id, id) ON DELETE RESTRICT,
    -- guard: postings_invoice
    FOREIGN KEY (shop_id, invoice_id) REFERENCES invoices (shop_id, id) ON DELETE RESTRICT,
    -- guard: postings_payment
    FOREIGN KEY (shop_id, payment_id) REFERENCES payments (shop_id, id) ON DELETE RESTRICT
);
CREATE INDEX postings_by_wallet ON postings (shop_id, customer_id, transfer_id)
WHERE customer_id IS NOT NULL;

CREATE TABLE wallets (
    shop_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    currency text COLLATE "C" NOT NULL,
    balance bigint NOT NULL CHECK (balance >= 0),
    PRIMARY KEY (shop_id, customer_id, currency),
    -- guard: wallet_customer
    FOREIGN KEY (shop_id, customer_id) REFERENCES customers (shop_id, id) ON DELETE RESTRICT
) WITH (fillfactor = 70);

CREATE TABLE cases (
    shop_id uuid NOT NULL,
    id uuid NOT NULL,
    reason text NOT NULL CHECK (
        reason IN ('late_payment', 'unknown_reference', 'unknown_gateway', 'wrong_currency',
            'unsettled', 'delivery_refused', 'proof', 'payout',
            'not_in_statement', 'other_in_statement')
    ),
    resolution text CHECK (resolution IN ('credited', 'delivered', 'accepted', 'closed')),
    payment_id uuid,
    invoice_id uuid,
    order_id uuid,
    customer_id uuid,
    opened_at bigint NOT NULL,
    resolved_at bigint,
    PRIMARY KEY (shop_id, id),
    -- guard: cases_payment
    FOREIGN KEY (shop_id, payment_id) REFERENCES payments (shop_id, id) ON DELETE RESTRICT,
    -- guard: cases_invoice
    FOREIGN KEY (shop_id, invoice_id) REFERENCES invoices (shop_id, id) ON DELETE RESTRICT,
    -- guard: cases_order
    FOREIGN KEY (shop_id, order_id) REFERENCES orders (shop_id, id) ON DELETE RESTRICT,
    -- guard: cases_customer
    FOREIGN KEY (shop_id, customer_id) REFERENCES customers (shop_id, id) ON DELETE RESTRICT
);
CREATE INDEX cases_open ON cases (shop_id, id) WHERE resolution IS NULL;
CREATE INDEX cases_of_order ON cases (shop_id, order_id, id) WHERE order_id IS NOT NULL;

CREATE TABLE refunds (
    shop_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid,
    payment_id uuid,
    case_id uuid,
    customer_id uuid,
    value bigint NOT NULL CHECK (value > 0),
    value_currency text NOT NULL,
    amount bigint NOT NULL CHECK (amount >= 0),
    amount_currency text NOT NULL,
    way text NOT NULL CHECK (way IN ('gateway', 'wallet', 'by_hand')),
    state text NOT NULL CHECK (state IN ('requested', 'done', 'failed')),
    reason text,
    requested_at bigint NOT NULL,
    ended_at bigint,
    PRIMARY KEY (shop_id, id),
    -- guard: refunds_order
    FOREIGN KEY (shop_id, order_id) REFERENCES orders (shop_id, id) ON DELETE RESTRICT,
    -- guard: refunds_payment
    FOREIGN KEY (shop_id, payment_id) REFERENCES payments (shop_id, id) ON DELETE RESTRICT,
    -- guard: refunds_case
    FOREIGN KEY (shop_id, case_id) REFERENCES cases (shop_id, id) ON DELETE RESTRICT,
    -- guard: refunds_customer
    FOREIGN KEY (shop_id, customer_id) REFERENCES customers (shop_id, id) ON DELETE RESTRICT
);
CREATE INDEX refunds_of_order ON refunds (shop_id, order_id, id) WHERE order_id IS NOT NULL;
CREATE INDEX refunds_of_payment ON refunds (shop_id, payment_id, id)
WHERE payment_id IS NOT NULL;
CREATE INDEX refunds_of_case ON refunds (shop_id, case_id, id) WHERE case_id IS NOT NULL;

CREATE TABLE outbox (
    shop_id uuid NOT NULL,
    id uuid NOT NULL,
    lane text COLLATE "C" NOT NULL,
    destination text COLLATE "C" NOT NULL CHECK (destination IN ('chat', 'admins', 'gateway')),
    frontend text COLLATE "C",
    chat text,
    task text NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'sent', 'refused')),
    due_at bigint NOT NULL,
    attempts bigint NOT NULL CHECK (attempts >= 0),
    claimed_until bigint,
    PRIMARY KEY (shop_id, id),
    CHECK ((destination = 'chat') = (frontend IS NOT NULL AND chat IS NOT NULL))
) WITH (fillfactor = 85);
CREATE INDEX outbox_lanes ON outbox (shop_id, lane, id) WHERE state = 'pending';
CREATE INDEX outbox_pending ON outbox (shop_id, destination, coalesce(frontend, ''), id)
WHERE state = 'pending';

CREATE TABLE messages (
    shop_id uuid NOT NULL,
    frontend text COLLATE "C" NOT NULL,
    chat text COLLATE "C" NOT NULL,
    message text COLLATE "C" NOT NULL,
    invoice_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('invoice', 'goods', 'notice')),
    sent_at bigint NOT NULL,
    PRIMARY KEY (shop_id, frontend, chat, message),
    -- guard: messages_invoice
    FOREIGN KEY (shop_id, invoice_id) REFERENCES invoices (shop_id, id) ON DELETE RESTRICT
);
CREATE INDEX messages_by_invoice ON messages (shop_id, invoice_id);

CREATE TABLE dialogs (
    shop_id uuid NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    frontend text COLLATE "C" NOT NULL,
    chat text COLLATE "C" NOT NULL,
    plugin text NOT NULL,
    state bytea NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    PRIMARY KEY (shop_id, frontend, chat)
) WITH (fillfactor = 85);

CREATE TABLE plugin_states (
    shop_id uuid NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    plugin text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    value bytea NOT NULL,
    PRIMARY KEY (shop_id, plugin, key)
);

CREATE TABLE requests (
    shop_id uuid NOT NULL,
    request text COLLATE "C" NOT NULL,
    order_id uuid,
    deposit_id uuid,
    refund_id uuid,
    transfer_id uuid,
    PRIMARY KEY (shop_id, request),
    CHECK (num_nonnulls(order_id, deposit_id, refund_id, transfer_id) = 1)
);

CREATE TABLE audit (
    shop_id uuid NOT NULL,
    id uuid NOT NULL,
    entity text NOT NULL,
    entity_id uuid NOT NULL,
    action text NOT NULL,
    edge_from text,
    edge_to text,
    details text,
    actor text NOT NULL CHECK (
        actor IN ('customer', 'admin', 'operator', 'job', 'gateway')
    ),
    actor_id uuid,
    actor_name text,
    at bigint NOT NULL,
    PRIMARY KEY (shop_id, id)
);
CREATE INDEX audit_by_entity ON audit (shop_id, entity_id, id);

CREATE TABLE leases (
    shop_id uuid NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    name text COLLATE "C" NOT NULL,
    holder uuid NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (shop_id, name)
) WITH (fillfactor = 50);
