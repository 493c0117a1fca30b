-- Projections of the events of proofs. Codes (kind, state, fault) are the program's (programs/proofs, state).

CREATE TABLE verdicts (
    address       TEXT PRIMARY KEY,
    seq           INTEGER NOT NULL,
    order_address TEXT    NOT NULL,
    opened_at     INTEGER NOT NULL, -- of the order: tells orders at one address apart
    rent_payer    TEXT    NOT NULL,
    kind          INTEGER NOT NULL,
    state         INTEGER NOT NULL,
    payable_bps   INTEGER NOT NULL,
    fault         INTEGER NOT NULL,
    chunk         INTEGER,          -- the faulty one
    answers_by    INTEGER,          -- from here on: of gold labels
    items         INTEGER,
    gold_count    INTEGER,
    floor_bps     INTEGER,
    full_bps      INTEGER,
    compared      INTEGER NOT NULL,
    correct       INTEGER NOT NULL,
    closed        BOOLEAN NOT NULL,
    created_slot  INTEGER NOT NULL,
    updated_slot  INTEGER NOT NULL
);
CREATE INDEX verdicts_order ON verdicts (order_address);

CREATE TABLE chunk_claims (
    address       TEXT PRIMARY KEY,
    seq           INTEGER NOT NULL,
    order_address TEXT    NOT NULL,
    opened_at     INTEGER NOT NULL,
    claimant      TEXT    NOT NULL,
    chunk         INTEGER NOT NULL,
    plain_hash    TEXT    NOT NULL,
    cipher_hash   TEXT    NOT NULL,
    closed        BOOLEAN NOT NULL,
    updated_slot  INTEGER NOT NULL
);
CREATE INDEX chunk_claims_order ON chunk_claims (order_address);
