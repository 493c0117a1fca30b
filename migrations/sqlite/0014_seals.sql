-- Sealed votes (programs/oracles). Times are Unix seconds.

ALTER TABLE oracles ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0; -- missed votes that it had sealed
ALTER TABLE recorded_votes ADD COLUMN hidden BOOLEAN NOT NULL DEFAULT FALSE;

-- what the members of an order's oracle set sealed; an order's address can be used again
CREATE TABLE seals (
    order_address TEXT PRIMARY KEY,
    seq           INTEGER NOT NULL,
    opened_at     INTEGER NOT NULL,
    rent_payer    TEXT    NOT NULL,
    sealed        INTEGER NOT NULL, -- members so far
    closed        BOOLEAN NOT NULL,
    updated_slot  INTEGER NOT NULL
);

CREATE TABLE sealed_votes (
    order_address TEXT    NOT NULL,
    opened_at     INTEGER NOT NULL,
    oracle        TEXT    NOT NULL,
    commitment    TEXT    NOT NULL,
    sealed_at     INTEGER,
    slot          INTEGER NOT NULL,
    signature     TEXT    NOT NULL,
    PRIMARY KEY (order_address, opened_at, oracle)
);
