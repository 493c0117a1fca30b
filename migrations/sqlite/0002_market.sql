-- Projections of the market's events. Codes (kind, state, verdict, reason) are the program's (programs/market, state).

CREATE TABLE market_config (
    id               INTEGER PRIMARY KEY, -- always 1
    seq              INTEGER NOT NULL,
    admin            TEXT    NOT NULL,
    pending_admin    TEXT,
    treasury         TEXT    NOT NULL,
    fee_bps          INTEGER NOT NULL,
    paused           INTEGER NOT NULL,
    oracle_set       INTEGER NOT NULL,
    accept_seconds   INTEGER NOT NULL,
    delivery_seconds INTEGER NOT NULL,
    audit_seconds    INTEGER NOT NULL,
    dispute_seconds  INTEGER NOT NULL,
    resolve_seconds  INTEGER NOT NULL,
    award_seconds    INTEGER NOT NULL,
    mints            TEXT    NOT NULL, -- JSON array of addresses
    updated_slot     INTEGER NOT NULL
);

CREATE TABLE oracle_sets (
    version      INTEGER PRIMARY KEY,
    threshold    INTEGER NOT NULL,
    samples      INTEGER NOT NULL,
    members      TEXT    NOT NULL, -- JSON array of addresses
    retired      BOOLEAN NOT NULL,
    created_slot INTEGER NOT NULL,
    updated_slot INTEGER NOT NULL
);

CREATE TABLE listings (
    address       TEXT PRIMARY KEY,
    seq           INTEGER NOT NULL,
    seller        TEXT    NOT NULL,
    listing_id    TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    kind          INTEGER NOT NULL,
    unit          INTEGER NOT NULL,
    active        BOOLEAN NOT NULL,
    closed        BOOLEAN NOT NULL,
    price         TEXT    NOT NULL, -- base units for each unit
    mint          TEXT    NOT NULL,
    metadata_hash TEXT    NOT NULL,
    uri           TEXT    NOT NULL,
    open_orders   INTEGER NOT NULL,
    created_slot  INTEGER NOT NULL,
    updated_slot  INTEGER NOT NULL
);
CREATE INDEX listings_page ON listings (created_slot, address);
CREATE INDEX listings_seller ON listings (seller);

CREATE TABLE orders (
    address         TEXT PRIMARY KEY,
    seq             INTEGER NOT NULL,
    order_id        TEXT    NOT NULL,
    listing         TEXT    NOT NULL,
    listing_version INTEGER NOT NULL,
    buyer           TEXT    NOT NULL,
    seller          TEXT    NOT NULL,
    mint            TEXT    NOT NULL,
    quantity        TEXT    NOT NULL,
    amount          TEXT    NOT NULL, -- base units in the vault
    fee_bps         INTEGER NOT NULL,
    manifest_hash   TEXT    NOT NULL,
    oracle_set      INTEGER NOT NULL,
    state           INTEGER NOT NULL,
    result_root     TEXT,
    result_log      TEXT,
    audit_slot      INTEGER,
    audit_seed      TEXT,
    samples         INTEGER,
    votes_for       INTEGER NOT NULL,
    votes_against   INTEGER NOT NULL,
    verdict         INTEGER NOT NULL,
    payable         TEXT    NOT NULL,
    disputed        BOOLEAN NOT NULL,
    disputed_by     TEXT,
    dispute_reason  TEXT,
    paid            TEXT    NOT NULL, -- base units to the seller, to the treasury, back to the buyer
    fee             TEXT    NOT NULL,
    refunded        TEXT    NOT NULL,
    refund_reason   INTEGER,
    awarded         BOOLEAN NOT NULL,
    award_source    TEXT,
    closed          BOOLEAN NOT NULL,
    accept_by       INTEGER NOT NULL, -- deadlines: Unix seconds
    deliver_by      INTEGER,
    audit_by        INTEGER,
    dispute_until   INTEGER,
    resolve_by      INTEGER,
    opened_at       INTEGER,
    settled_at      INTEGER,
    opened_slot     INTEGER NOT NULL,
    updated_slot    INTEGER NOT NULL
);
CREATE INDEX orders_page ON orders (opened_slot, address);
CREATE INDEX orders_buyer ON orders (buyer);
CREATE INDEX orders_seller ON orders (seller);
CREATE INDEX orders_state ON orders (state);

-- The slot of the order's opening is part of the key: a closed order's address can be used again.
CREATE TABLE votes (
    order_address TEXT    NOT NULL,
    opened_slot   INTEGER NOT NULL,
    oracle        TEXT    NOT NULL,
    oracle_set    INTEGER NOT NULL,
    result_root   TEXT    NOT NULL,
    verdict       INTEGER NOT NULL,
    reason        INTEGER NOT NULL,
    report        TEXT    NOT NULL,
    voted_at      INTEGER,
    slot          INTEGER NOT NULL,
    signature     TEXT    NOT NULL,
    PRIMARY KEY (order_address, opened_slot, oracle)
);
