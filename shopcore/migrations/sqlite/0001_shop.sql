-- Every key starts with the shop. Ids are UUIDv7 in 16 bytes, times are microseconds since 1970,
-- money is an integer of minor units beside its currency. Rows lie in the order of their primary
-- key, so what is born together is stored together.
--
-- States are listed with OR: for a longer IN list SQLite builds a table at every insert.

CREATE TABLE shops (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL UNIQUE, -- guard: shop_name
    currency TEXT NOT NULL,
    fingerprint_key BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE batches (
    shop_id BLOB NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    at INTEGER NOT NULL,
    PRIMARY KEY (shop_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE categories (
    shop_id BLOB NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    id BLOB NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL,
    emoji TEXT,
    place INTEGER NOT NULL DEFAULT 0 CHECK (place >= 0),
    version INTEGER NOT NULL CHECK (version >= 0),
    PRIMARY KEY (shop_id, id),
    UNIQUE (shop_id, name) -- guard: category_name
) STRICT, WITHOUT ROWID;

CREATE TABLE products (
    shop_id BLOB NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    id BLOB NOT NULL CHECK (length(id) = 16),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    description TEXT,
    terms TEXT,
    price INTEGER NOT NULL CHECK (price >= 0),
    currency TEXT NOT NULL,
    category_id BLOB,
    supply TEXT NOT NULL CHECK (supply IN ('units', 'unlimited')),
    late TEXT NOT NULL CHECK (
        late = 'deliver' OR late = 'credit' OR late = 'review'
    ),
    visibility TEXT NOT NULL CHECK (visibility IN ('listed', 'hidden', 'archived')),
    per_customer INTEGER CHECK (per_customer > 0),
    low_at INTEGER NOT NULL DEFAULT 3 CHECK (low_at >= 0),
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 0),
    PRIMARY KEY (shop_id, id),
    UNIQUE (shop_id, code), -- guard: product_code
    -- guard: products_category
    FOREIGN KEY (shop_id, category_id) REFERENCES categories (shop_id, id) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;
CREATE INDEX products_by_name ON products (shop_id, name, id);

CREATE TABLE customers (
    shop_id BLOB NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    id BLOB NOT NULL CHECK (length(id) = 16),
    frontend TEXT NOT NULL,
    external TEXT NOT NULL,
    chat_frontend TEXT NOT NULL,
    chat TEXT NOT NULL,
    name TEXT,
    name_folded TEXT,
    standing TEXT NOT NULL CHECK (standing IN ('welcome', 'banned')),
    banned_until INTEGER CHECK (banned_until IS NULL OR standing = 'banned'),
    language TEXT,
    reachability TEXT NOT NULL CHECK (reachability IN ('reachable', 'blocked')),
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 0),
    PRIMARY KEY (shop_id, id),
    UNIQUE (shop_id, frontend, external) -- guard: customer_contact
) STRICT, WITHOUT ROWID;

CREATE TABLE carts (
    shop_id BLOB NOT NULL,
    customer_id BLOB NOT NULL,
    lines TEXT NOT NULL,
    voucher TEXT,
    version INTEGER NOT NULL CHECK (version > 0),
    PRIMARY KEY (shop_id, customer_id),
    -- guard: carts_customer
    FOREIGN KEY (shop_id, customer_id) REFERENCES customers (shop_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE vouchers (
    shop_id BLOB NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    id BLOB NOT NULL CHECK (length(id) = 16),
    code TEXT NOT NULL,
    percent INTEGER CHECK (percent BETWEEN 0 AND 10000),
    fixed INTEGER CHECK (fixed >= 0),
    fixed_currency TEXT,
    scope TEXT NOT NULL,
    starts_at INTEGER,
    ends_at INTEGER,
    minimum_spend INTEGER CHECK (minimum_spend >= 0),
    minimum_spend_currency TEXT,
    maximum_discount INTEGER CHECK (maximum_discount >= 0),
    maximum_discount_currency TEXT,
    uses_max INTEGER NOT NULL CHECK (uses_max >= 0),
    uses_max_per_customer INTEGER CHECK (uses_max_per_customer >= 0),
    switch TEXT NOT NULL CHECK (switch IN ('on', 'off')),
    terms_version INTEGER NOT NULL CHECK (terms_version >= 0),
    held INTEGER NOT NULL CHECK (held >= 0),
    redeemed INTEGER NOT NULL CHECK (redeemed >= 0),
    PRIMARY KEY (shop_id, id),
    UNIQUE (shop_id, code), -- guard: voucher_code
    CHECK ((percent IS NULL) <> (fixed IS NULL)),
    CHECK (held + redeemed <= uses_max)
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
    shop_id BLOB NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    id BLOB NOT NULL CHECK (length(id) = 16),
    number TEXT NOT NULL,
    customer_id BLOB NOT NULL,
    frontend TEXT NOT NULL,
    chat TEXT NOT NULL,
    state TEXT NOT NULL CHECK (
        state = 'awaiting_payment' OR state = 'paid' OR state = 'delivered' OR state = 'cancelled'
            OR state = 'expired' OR state = 'refunded'
    ),
    currency TEXT NOT NULL,
    subtotal INTEGER NOT NULL CHECK (subtotal >= 0),
    discount INTEGER NOT NULL CHECK (discount BETWEEN 0 AND subtotal),
    fee INTEGER NOT NULL CHECK (fee >= 0),
    total INTEGER NOT NULL,
    refunded INTEGER NOT NULL CHECK (refunded BETWEEN 0 AND total),
    voucher_id BLOB,
    late TEXT NOT NULL CHECK (
        late = 'deliver' OR late = 'credit' OR late = 'review'
    ),
    placed_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (shop_id, id),
    UNIQUE (shop_id, number), -- guard: order_number
    CHECK (total = subtotal - discount + fee),
    -- guard: orders_customer
    FOREIGN KEY (shop_id, customer_id) REFERENCES customers (shop_id, id) ON DELETE RESTRICT,
    -- guard: orders_voucher
    FOREIGN KEY (shop_id, voucher_id) REFERENCES vouchers (shop_id, id) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_by_customer ON orders (shop_id, customer_id, id);

CREATE TABLE order_lines (
    shop_id BLOB NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    order_id BLOB NOT NULL,
    place INTEGER NOT NULL CHECK (place >= 0),
    product_id BLOB NOT NULL,
    name TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    price INTEGER NOT NULL CHECK (price >= 0),
    currency TEXT NOT NULL,
    unlimited_unit_id BLOB,
    PRIMARY KEY (shop_id, id),
    UNIQUE (shop_id, order_id, place),
    FOREIGN KEY (shop_id, order_id) REFERENCES orders (shop_id, id) ON DELETE RESTRICT,
    -- guard: order_lines_product
    FOREIGN KEY (shop_id, product_id) REFERENCES products (shop_id, id) ON DELETE RESTRICT,
    -- guard: order_lines_unlimited_unit
    FOREIGN KEY (shop_id, unlimited_unit_id) REFERENCES units (shop_id, id) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;

-- Contents lie apart: a unit that is held and sold is rewritten twice, its content never.
CREATE TABLE units (
    shop_id BLOB NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    id BLOB NOT NULL CHECK (length(id) = 16),
    product_id BLOB NOT NULL,
    state TEXT NOT NULL CHECK (
        state = 'available' OR state = 'held' OR state = 'sold' OR state = 'withdrawn'
    ),
    line_id BLOB,
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    added_at INTEGER NOT NULL,
    PRIMARY KEY (shop_id, id),
    UNIQUE (shop_id, fingerprint),
    CHECK ((state IN ('held', 'sold')) = (line_id IS NOT NULL)),
    -- guard: units_product
    FOREIGN KEY (shop_id, product_id) REFERENCES products (shop_id, id) ON DELETE RESTRICT,
    -- guard: units_line
    FOREIGN KEY (shop_id, line_id) REFERENCES order_lines (shop_id, id) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;
CREATE INDEX stock_free ON units (shop_id, product_id, id) WHERE state = 'available';
CREATE INDEX units_by_line ON units (shop_id, line_id, id) WHERE line_id IS NOT NULL;

CREATE TABLE unit_contents (
    shop_id BLOB NOT NULL,
    unit_id BLOB NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (shop_id, unit_id),
    FOREIGN KEY (shop_id, unit_id) REFERENCES units (shop_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE redemptions (
    shop_id BLOB NOT NULL,
    order_id BLOB NOT NULL,
    voucher_id BLOB NOT NULL,
    customer_id BLOB NOT NULL,
    state TEXT NOT NULL CHECK (
        state = 'held' OR state = 'redeemed' OR state = 'released'
    ),
    PRIMARY KEY (shop_id, order_id),
    -- guard: redemptions_order
    FOREIGN KEY (shop_id, order_id) REFERENCES orders (shop_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (shop_id, voucher_id) REFERENCES vouchers (shop_id, id) ON DELETE RESTRICT,
    -- guard: redemptions_customer
    FOREIGN KEY (shop_id, customer_id) REFERENCES customers (shop_id, id) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;
CREATE INDEX redemptions_live ON redemptions (shop_id, voucher_id, customer_id)
WHERE state <> 'released';

CREATE TABLE invoices (
    shop_id BLOB NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    id BLOB NOT NULL CHECK (length(id) = 16),
    order_id BLOB,
    customer_id BLOB NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    received INTEGER NOT NULL CHECK (received >= 0),
    currency TEXT NOT NULL,
    state TEXT NOT NULL CHECK (
        state = 'created' OR state = 'waiting' OR state = 'paid' OR state = 'expired'
            OR state = 'cancelled' OR state = 'failed'
    ),
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 0),
    PRIMARY KEY (shop_id, id),
    UNIQUE (shop_id, order_id), -- guard: invoice_of_order
    -- guard: invoices_order
    FOREIGN KEY (shop_id, order_id) REFERENCES orders (shop_id, id) ON DELETE RESTRICT,
    -- guard: invoices_customer
    FOREIGN KEY (shop_id, customer_id) REFERENCES customers (shop_id, id) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;
CREATE INDEX invoices_due ON invoices (shop_id, expires_at, id)
WHERE state IN ('created', 'waiting');
CREATE INDEX deposits_unpaid ON invoices (shop_id, customer_id, id)
WHERE order_id IS NULL AND state <> 'paid';

CREATE TABLE charges (
    shop_id BLOB NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    invoice_id BLOB NOT NULL,
    gateway TEXT NOT NULL,
    reference TEXT NOT NULL,
    gateway_id TEXT,
    asked INTEGER NOT NULL CHECK (asked >= 0),
    payable INTEGER NOT NULL CHECK (payable >= 0),
    payable_currency TEXT NOT NULL,
    covers INTEGER NOT NULL CHECK (covers >= 0),
    covers_currency TEXT NOT NULL,
    state TEXT NOT NULL CHECK (
        state = 'created' OR state = 'open' OR state = 'paid' OR state = 'closed'
            OR state = 'abandoned'
    ),
    pay_with TEXT,
    created_at INTEGER NOT NULL,
    poll_at INTEGER,
    polls INTEGER NOT NULL CHECK (polls >= 0),
    PRIMARY KEY (shop_id, id),
    UNIQUE (shop_id, gateway, reference), -- guard: charge_reference
    -- guard: charges_invoice
    FOREIGN KEY (shop_id, invoice_id) REFERENCES invoices (shop_id, id) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;
CREATE INDEX charges_by_invoice ON charges (shop_id, invoice_id, id);
CREATE INDEX charges_to_poll ON charges (shop_id, poll_at, id) WHERE poll_at IS NOT NULL;

CREATE TABLE payments (
    shop_id BLOB NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    id BLOB NOT NULL CHECK (length(id) = 16),
    gateway TEXT NOT NULL,
    event TEXT NOT NULL,
    reference TEXT NOT NULL,
    charge_id BLOB,
    invoice_id BLOB,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (
        outcome = 'paid' OR outcome = 'paid_with_excess' OR outcome = 'partial'
            OR outcome = 'surplus' OR outcome = 'late_delivered' OR outcome = 'late_credited'
            OR outcome = 'review'
    ),
    paid_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (shop_id, id),
    UNIQUE (shop_id, gateway, event), -- guard: payment_event
    -- guard: payments_charge
    FOREIGN KEY (shop_id, charge_id) REFERENCES charges (shop_id, id) ON DELETE RESTRICT,
    -- guard: payments_invoice
    FOREIGN KEY (shop_id, invoice_id) REFERENCES invoices (shop_id, id) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;
CREATE INDEX payments_of_invoice ON payments (shop_id, invoice_id, id)
WHERE invoice_id IS NOT NULL;

CREATE TABLE transfers (
    shop_id BLOB NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    id BLOB NOT NULL CHECK (length(id) = 16),
    purpose TEXT NOT NULL CHECK (
        purpose = 'payment' OR purpose = 'wallet_payment' OR purpose = 'leftover'
            OR purpose = 'review' OR purpose = 'refund' OR purpose = 'adjustment'
    ),
    invoice_id BLOB,
    payment_id BLOB,
    at INTEGER NOT NULL,
    PRIMARY KEY (shop_id, id),
    -- guard: transfers_invoice
    FOREIGN KEY (shop_id, invoice_id) REFERENCES invoices (shop_id, id) ON DELETE RESTRICT,
    -- guard: transfers_payment
    FOREIGN KEY (shop_id, payment_id) REFERENCES payments (shop_id, id) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;

CREATE TABLE postings (
    shop_id BLOB NOT NULL,
    transfer_id BLOB NOT NULL,
    place INTEGER NOT NULL CHECK (place >= 0),
    account TEXT NOT NULL CHECK (
        account = 'clearing' OR account = 'wallet' OR account = 'towards' OR account = 'suspense'
            OR account = 'sales' OR account = 'fees' OR account = 'refunds'
            OR account = 'adjustments' OR account = 'exchange'
    ),
    gateway TEXT,
    customer_id BLOB,
    invoice_id BLOB,
    payment_id BLOB,
    amount INTEGER NOT NULL CHECK (amount <> 0),
    currency TEXT NOT NULL,
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
) STRICT, WITHOUT ROWID;
CREATE INDEX postings_by_wallet ON postings (shop_id, customer_id, transfer_id)
WHERE customer_id IS NOT NULL;

CREATE TABLE wallets (
    shop_id BLOB NOT NULL,
    customer_id BLOB NOT NULL,
    currency TEXT NOT NULL,
    balance INTEGER NOT NULL CHECK (balance >= 0),
    PRIMARY KEY (shop_id, customer_id, currency),
    -- guard: wallet_customer
    FOREIGN KEY (shop_id, customer_id) REFERENCES customers (shop_id, id) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;

CREATE TABLE cases (
    shop_id BLOB NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    id BLOB NOT NULL CHECK (length(id) = 16),
    reason TEXT NOT NULL CHECK (
        reason = 'late_payment' OR reason = 'unknown_reference' OR reason = 'unknown_gateway'
            OR reason = 'wrong_currency' OR reason = 'unsettled' OR reason = 'delivery_refused'
            OR reason = 'proof' OR reason = 'payout' OR reason = 'not_in_statement' OR reason = 'other_in_statement'
    ),
    resolution TEXT CHECK (
        resolution = 'credited' OR resolution = 'delivered' OR resolution = 'accepted'
            OR resolution = 'closed'
    ),
    payment_id BLOB,
    invoice_id BLOB,
    order_id BLOB,
    customer_id BLOB,
    opened_at INTEGER NOT NULL,
    resolved_at INTEGER,
    PRIMARY KEY (shop_id, id),
    -- guard: cases_payment
    FOREIGN KEY (shop_id, payment_id) REFERENCES payments (shop_id, id) ON DELETE RESTRICT,
    -- guard: cases_invoice
    FOREIGN KEY (shop_id, invoice_id) REFERENCES invoices (shop_id, id) ON DELETE RESTRICT,
    -- guard: cases_order
    FOREIGN KEY (shop_id, order_id) REFERENCES orders (shop_id, id) ON DELETE RESTRICT,
    -- guard: cases_customer
    FOREIGN KEY (shop_id, customer_id) REFERENCES customers (shop_id, id) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;
CREATE INDEX cases_open ON cases (shop_id, id) WHERE resolution IS NULL;
CREATE INDEX cases_of_order ON cases (shop_id, order_id, id) WHERE order_id IS NOT NULL;

CREATE TABLE refunds (
    shop_id BLOB NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    id BLOB NOT NULL CHECK (length(id) = 16),
    order_id BLOB,
    payment_id BLOB,
    case_id BLOB,
    customer_id BLOB,
    value INTEGER NOT NULL CHECK (value > 0),
    value_currency TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    amount_currency TEXT NOT NULL,
    way TEXT NOT NULL CHECK (way = 'gateway' OR way = 'wallet' OR way = 'by_hand'),
    state TEXT NOT NULL CHECK (state = 'requested' OR state = 'done' OR state = 'failed'),
    reason TEXT,
    requested_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (shop_id, id),
    -- guard: refunds_order
    FOREIGN KEY (shop_id, order_id) REFERENCES orders (shop_id, id) ON DELETE RESTRICT,
    -- guard: refunds_payment
    FOREIGN KEY (shop_id, payment_id) REFERENCES payments (shop_id, id) ON DELETE RESTRICT,
    -- guard: refunds_case
    FOREIGN KEY (shop_id, case_id) REFERENCES cases (shop_id, id) ON DELETE RESTRICT,
    -- guard: refunds_customer
    FOREIGN KEY (shop_id, customer_id) REFERENCES customers (shop_id, id) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;
CREATE INDEX refunds_of_order ON refunds (shop_id, order_id, id) WHERE order_id IS NOT NULL;
CREATE INDEX refunds_of_payment ON refunds (shop_id, payment_id, id)
WHERE payment_id IS NOT NULL;
CREATE INDEX refunds_of_case ON refunds (shop_id, case_id, id) WHERE case_id IS NOT NULL;

CREATE TABLE outbox (
    shop_id BLOB NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    id BLOB NOT NULL CHECK (length(id) = 16),
    lane TEXT NOT NULL,
    destination TEXT NOT NULL CHECK (
        destination = 'chat' OR destination = 'admins' OR destination = 'gateway'
    ),
    frontend TEXT,
    chat TEXT,
    task TEXT NOT NULL,
    state TEXT NOT NULL CHECK (
        state = 'pending' OR state = 'sent' OR state = 'refused'
    ),
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    claimed_until INTEGER,
    PRIMARY KEY (shop_id, id),
    CHECK ((destination = 'chat') = (frontend IS NOT NULL AND chat IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_lanes ON outbox (shop_id, lane, id) WHERE state = 'pending';
CREATE INDEX outbox_pending ON outbox (shop_id, destination, frontend, id)
WHERE state = 'pending';

CREATE TABLE messages (
    shop_id BLOB NOT NULL,
    frontend TEXT NOT NULL,
    chat TEXT NOT NULL,
    message TEXT NOT NULL,
    invoice_id BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (
        kind = 'invoice' OR kind = 'goods' OR kind = 'notice'
    ),
    sent_at INTEGER NOT NULL,
    PRIMARY KEY (shop_id, frontend, chat, message),
    -- guard: messages_invoice
    FOREIGN KEY (shop_id, invoice_id) REFERENCES invoices (shop_id, id) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;
CREATE INDEX messages_by_invoice ON messages (shop_id, invoice_id);

CREATE TABLE dialogs (
    shop_id BLOB NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    frontend TEXT NOT NULL,
    chat TEXT NOT NULL,
    plugin TEXT NOT NULL,
    state BLOB NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    PRIMARY KEY (shop_id, frontend, chat)
) STRICT, WITHOUT ROWID;

CREATE TABLE plugin_states (
    shop_id BLOB NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    plugin TEXT NOT NULL,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (shop_id, plugin, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE requests (
    shop_id BLOB NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    request TEXT NOT NULL,
    order_id BLOB,
    deposit_id BLOB,
    refund_id BLOB,
    transfer_id BLOB,
    PRIMARY KEY (shop_id, request),
    CHECK (
        (order_id IS NOT NULL) + (deposit_id IS NOT NULL) + (refund_id IS NOT NULL)
            + (transfer_id IS NOT NULL) = 1
    )
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    shop_id BLOB NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    id BLOB NOT NULL CHECK (length(id) = 16),
    entity TEXT NOT NULL,
    entity_id BLOB NOT NULL,
    action TEXT NOT NULL,
    edge_from TEXT,
    edge_to TEXT,
    details TEXT,
    actor TEXT NOT NULL CHECK (
        actor = 'customer' OR actor = 'admin' OR actor = 'operator' OR actor = 'job'
            OR actor = 'gateway'
    ),
    actor_id BLOB,
    actor_name TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (shop_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_by_entity ON audit (shop_id, entity_id, id);

CREATE TABLE leases (
    shop_id BLOB NOT NULL REFERENCES shops (id) ON DELETE RESTRICT,
    name TEXT NOT NULL,
    holder BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (shop_id, name)
) STRICT, WITHOUT ROWID;
