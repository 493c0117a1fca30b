-- What was read from the chain. Slots, times (Unix seconds) and indexes are INTEGER; amounts, points and ids, which use
-- all 64 bits on chain, are TEXT of exactly 20 decimal digits, so that they sort as numbers in every engine.

-- One row: how far the tables follow the chain. Every write compares and swaps it.
CREATE TABLE head (
    id             INTEGER PRIMARY KEY CHECK (id = 1),
    writer         INTEGER NOT NULL, -- raised by each process that starts to write; older ones are fenced
    slot           INTEGER NOT NULL, -- of the last applied block; -1 before the first
    blockhash      TEXT    NOT NULL,
    block_time     INTEGER,
    checked_slot   INTEGER NOT NULL, -- every block up to here was read
    tip_slot       INTEGER NOT NULL, -- the source's newest slot at the commitment followed
    finalized_slot INTEGER NOT NULL,
    commitment     TEXT    NOT NULL,
    polled_at      INTEGER NOT NULL  -- wall clock, Unix milliseconds, of the last answer of the source
);
INSERT INTO head VALUES (1, 0, -1, '', NULL, -1, -1, -1, '', 0);

-- Applied blocks. Those without transactions of ours are dropped once they are final.
CREATE TABLE blocks (
    slot         INTEGER PRIMARY KEY,
    blockhash    TEXT    NOT NULL,
    parent_slot  INTEGER NOT NULL,
    parent_hash  TEXT    NOT NULL,
    block_time   INTEGER,
    transactions INTEGER NOT NULL -- that touch our programs
);

-- Transactions that touch our programs, as JSON (block::Transaction): all that a rebuild needs.
CREATE TABLE raw_transactions (
    slot      INTEGER NOT NULL REFERENCES blocks (slot) ON DELETE CASCADE,
    tx_index  INTEGER NOT NULL,
    signature TEXT    NOT NULL,
    body      TEXT    NOT NULL,
    PRIMARY KEY (slot, tx_index)
);
CREATE INDEX raw_transactions_signature ON raw_transactions (signature);

CREATE TABLE events (
    slot        INTEGER NOT NULL REFERENCES blocks (slot) ON DELETE CASCADE,
    blockhash   TEXT    NOT NULL,
    tx_index    INTEGER NOT NULL,
    top_index   INTEGER NOT NULL,
    inner_index INTEGER NOT NULL, -- flat, within the top-level instruction
    signature   TEXT    NOT NULL,
    program     TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    block_time  INTEGER,
    body        TEXT    NOT NULL, -- the fields as JSON
    PRIMARY KEY (slot, blockhash, tx_index, top_index, inner_index)
);
CREATE INDEX events_name ON events (name, slot);

-- What could not be decoded or does not fit what came before; readiness says so until a rebuild clears it.
CREATE TABLE dead_letter (
    slot        INTEGER NOT NULL REFERENCES blocks (slot) ON DELETE CASCADE,
    blockhash   TEXT    NOT NULL,
    tx_index    INTEGER NOT NULL,
    top_index   INTEGER NOT NULL,
    inner_index INTEGER NOT NULL,
    signature   TEXT    NOT NULL,
    program     TEXT    NOT NULL,
    data        TEXT    NOT NULL, -- hex
    reason      TEXT    NOT NULL,
    PRIMARY KEY (slot, blockhash, tx_index, top_index, inner_index)
);

-- Rows of projections as they were before a block changed them. Kept until the block is final.
CREATE TABLE undo (
    slot     INTEGER NOT NULL REFERENCES blocks (slot) ON DELETE CASCADE,
    step     INTEGER NOT NULL,
    relation TEXT    NOT NULL,
    row_key  TEXT    NOT NULL, -- JSON array of the key's columns
    row_was  TEXT,             -- JSON object; NULL when the row did not exist
    PRIMARY KEY (slot, step)
);

-- The feed: events as they were applied and, after a fork, reverted.
CREATE TABLE outbox (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT    NOT NULL CHECK (kind IN ('apply', 'revert')),
    slot        INTEGER NOT NULL,
    blockhash   TEXT    NOT NULL,
    tx_index    INTEGER NOT NULL,
    top_index   INTEGER NOT NULL,
    inner_index INTEGER NOT NULL,
    signature   TEXT    NOT NULL,
    program     TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    block_time  INTEGER,
    body        TEXT    NOT NULL
);
