-- Projections of the rewards program's events. Times are Unix seconds, amounts base units.

CREATE TABLE rewards_config (
    id                  INTEGER PRIMARY KEY, -- always 1
    seq                 INTEGER NOT NULL,
    admin               TEXT    NOT NULL,
    pending_admin       TEXT,
    mint                TEXT    NOT NULL,
    threshold           TEXT    NOT NULL,
    below_bps           INTEGER NOT NULL,
    review_seconds      INTEGER NOT NULL,
    lifetime_allocation TEXT    NOT NULL,
    awards_paused       BOOLEAN NOT NULL,
    updated_slot        INTEGER NOT NULL
);

CREATE TABLE categories (
    category     INTEGER PRIMARY KEY,
    name         TEXT    NOT NULL,
    weight       TEXT    NOT NULL, -- points for each unit of quantity
    min_quantity TEXT    NOT NULL,
    max_quantity TEXT    NOT NULL,
    enabled      BOOLEAN NOT NULL,
    updated_slot INTEGER NOT NULL
);

CREATE TABLE issuers (
    issuer       TEXT PRIMARY KEY,
    epoch_cap    TEXT    NOT NULL, -- points in one epoch
    enabled      BOOLEAN NOT NULL,
    updated_slot INTEGER NOT NULL
);

CREATE TABLE epochs (
    epoch        INTEGER PRIMARY KEY,
    seq          INTEGER NOT NULL,
    starts_at    INTEGER NOT NULL,
    ends_at      INTEGER NOT NULL,
    pool         TEXT    NOT NULL,
    threshold    TEXT    NOT NULL, -- points
    below_bps    INTEGER NOT NULL,
    state        INTEGER NOT NULL,
    total_points TEXT    NOT NULL,
    contributors INTEGER NOT NULL,
    review_ends  INTEGER,
    distributed  TEXT    NOT NULL,
    to_reserve   TEXT    NOT NULL,
    paid         TEXT    NOT NULL,
    claims       INTEGER NOT NULL,
    created_slot INTEGER NOT NULL,
    updated_slot INTEGER NOT NULL
);

CREATE TABLE contributors (
    wallet          TEXT PRIMARY KEY,
    seq             INTEGER NOT NULL,
    destination     TEXT    NOT NULL,
    lifetime_points TEXT    NOT NULL,
    registered_slot INTEGER NOT NULL,
    updated_slot    INTEGER NOT NULL
);
CREATE INDEX contributors_page ON contributors (registered_slot, wallet);

CREATE TABLE points (
    epoch        INTEGER NOT NULL,
    wallet       TEXT    NOT NULL,
    points       TEXT    NOT NULL,
    claimed      BOOLEAN NOT NULL,
    paid         TEXT    NOT NULL,
    updated_slot INTEGER NOT NULL,
    PRIMARY KEY (epoch, wallet)
);
CREATE INDEX points_wallet ON points (wallet);

CREATE TABLE awards (
    source    TEXT PRIMARY KEY, -- hash that names the contribution
    epoch     INTEGER NOT NULL,
    wallet    TEXT    NOT NULL,
    issuer    TEXT    NOT NULL,
    category  INTEGER NOT NULL,
    quantity  TEXT    NOT NULL,
    points    TEXT    NOT NULL,
    issued_at INTEGER,
    slot      INTEGER NOT NULL,
    signature TEXT    NOT NULL
);
CREATE INDEX awards_page ON awards (slot, source);
CREATE INDEX awards_wallet ON awards (wallet);
CREATE INDEX awards_epoch ON awards (epoch);

CREATE TABLE claims (
    epoch       INTEGER NOT NULL,
    wallet      TEXT    NOT NULL,
    destination TEXT    NOT NULL,
    points      TEXT    NOT NULL,
    amount      TEXT    NOT NULL,
    claimed_at  INTEGER,
    slot        INTEGER NOT NULL,
    signature   TEXT    NOT NULL,
    PRIMARY KEY (epoch, wallet)
);
CREATE INDEX claims_wallet ON claims (wallet);
