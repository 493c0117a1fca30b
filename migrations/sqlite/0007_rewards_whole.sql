-- Rewards: schedule, review of awards, expiry, profit and the reserve. Times are Unix seconds, amounts base units.

ALTER TABLE rewards_config ADD COLUMN cap_per_point BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE rewards_config ADD COLUMN claim_seconds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rewards_config ADD COLUMN confirm_points TEXT NOT NULL DEFAULT '00000000000000000000';
ALTER TABLE rewards_config ADD COLUMN confirmer TEXT;
ALTER TABLE rewards_config ADD COLUMN reserve_delay_seconds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rewards_config ADD COLUMN outflow_limit TEXT NOT NULL DEFAULT '00000000000000000000';
ALTER TABLE rewards_config ADD COLUMN outflow_window_seconds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rewards_config ADD COLUMN profit_share_bps INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rewards_config ADD COLUMN scheduled TEXT NOT NULL DEFAULT '00000000000000000000';
ALTER TABLE rewards_config ADD COLUMN spent TEXT NOT NULL DEFAULT '00000000000000000000';

ALTER TABLE epochs ADD COLUMN cap_per_point BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE epochs ADD COLUMN expires_at INTEGER;
ALTER TABLE epochs ADD COLUMN unclaimed TEXT NOT NULL DEFAULT '00000000000000000000';

ALTER TABLE contributors ADD COLUMN profit_paid TEXT NOT NULL DEFAULT '00000000000000000000';

ALTER TABLE awards ADD COLUMN state INTEGER NOT NULL DEFAULT 1; -- award_state of the program
ALTER TABLE awards ADD COLUMN reviewed_by TEXT;
ALTER TABLE awards ADD COLUMN reason TEXT; -- hash of the document that says why it was taken back

CREATE TABLE scheduled_months (
    epoch        INTEGER PRIMARY KEY,
    pool         TEXT    NOT NULL,
    updated_slot INTEGER NOT NULL
);

CREATE TABLE profit_deposits (
    seq             INTEGER PRIMARY KEY, -- of the configuration
    sender          TEXT    NOT NULL,
    amount          TEXT    NOT NULL,
    to_holders      TEXT    NOT NULL,
    to_reserve      TEXT    NOT NULL,
    profit_index    TEXT    NOT NULL, -- base units for each point, scaled by 2^64, as decimal digits
    lifetime_points TEXT    NOT NULL,
    deposited_at    INTEGER,
    slot            INTEGER NOT NULL,
    signature       TEXT    NOT NULL
);

CREATE TABLE profit_claims (
    wallet      TEXT    NOT NULL,
    seq         INTEGER NOT NULL, -- of the contributor
    destination TEXT    NOT NULL,
    amount      TEXT    NOT NULL,
    claimed_at  INTEGER,
    slot        INTEGER NOT NULL,
    signature   TEXT    NOT NULL,
    PRIMARY KEY (wallet, seq)
);

CREATE TABLE reserve_spends (
    id            TEXT PRIMARY KEY, -- 20 digits
    state         TEXT    NOT NULL CHECK (state IN ('proposed', 'executed', 'cancelled')),
    amount        TEXT    NOT NULL,
    destination   TEXT    NOT NULL,
    purpose       TEXT    NOT NULL, -- hash of the document that says what for
    executable_at INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    created_slot  INTEGER NOT NULL,
    updated_slot  INTEGER NOT NULL
);
