-- Projections of the oracles' events. Times are Unix seconds, amounts base units; votes and ends are 1 accept, 2 reject, 0
-- neither.

CREATE TABLE oracles_config (
    id                INTEGER PRIMARY KEY, -- always 1
    seq               INTEGER NOT NULL,
    admin             TEXT    NOT NULL,
    pending_admin     TEXT,
    mint              TEXT    NOT NULL,
    min_bond          TEXT    NOT NULL,
    unbonding_seconds INTEGER NOT NULL,
    slash_changed_at  INTEGER NOT NULL,
    slash_bps         INTEGER NOT NULL,
    slash_bps_before  INTEGER NOT NULL, -- for results submitted before the change
    updated_slot      INTEGER NOT NULL
);

CREATE TABLE oracles (
    oracle          TEXT PRIMARY KEY, -- the key that votes
    seq             INTEGER NOT NULL,
    rent_payer      TEXT    NOT NULL,
    bond            TEXT    NOT NULL,
    unbonding       TEXT    NOT NULL, -- the part of the bond that is on its way out
    unbond_at       INTEGER,
    votes           INTEGER NOT NULL,
    agreed          INTEGER NOT NULL,
    dissented       INTEGER NOT NULL,
    missed          INTEGER NOT NULL,
    overturned      INTEGER NOT NULL,
    slashed         TEXT    NOT NULL,
    closed          BOOLEAN NOT NULL,
    registered_slot INTEGER NOT NULL,
    updated_slot    INTEGER NOT NULL
);

-- whose votes on an order were recorded; an order's address can be used again, its opening's second not
CREATE TABLE records (
    order_address TEXT PRIMARY KEY,
    seq           INTEGER NOT NULL,
    opened_at     INTEGER NOT NULL,
    closed        BOOLEAN NOT NULL,
    updated_slot  INTEGER NOT NULL
);

CREATE TABLE recorded_votes (
    order_address TEXT    NOT NULL,
    opened_at     INTEGER NOT NULL,
    oracle        TEXT    NOT NULL,
    vote          INTEGER NOT NULL,
    ended         INTEGER NOT NULL,
    missed        BOOLEAN NOT NULL,
    overturned    BOOLEAN NOT NULL,
    to_challenger TEXT    NOT NULL,
    to_buyer      TEXT    NOT NULL,
    burned        TEXT    NOT NULL,
    recorded_at   INTEGER,
    slot          INTEGER NOT NULL,
    signature     TEXT    NOT NULL,
    PRIMARY KEY (order_address, opened_at, oracle)
);
CREATE INDEX recorded_votes_oracle ON recorded_votes (oracle);
