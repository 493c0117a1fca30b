-- Panels on disputes (programs/oracles). Times are Unix seconds, amounts base units; states are the program's
-- (programs/oracles, panel_state), ballots the protocol's (protocol/src/panel.rs).

ALTER TABLE oracles_config ADD COLUMN panel_set  INTEGER NOT NULL DEFAULT 0; -- oracle set that members are drawn from
ALTER TABLE oracles_config ADD COLUMN panel_size INTEGER NOT NULL DEFAULT 0; -- 0 where there are no panels

-- an order's address can be used again: its panel is then another one
CREATE TABLE panels (
    order_address TEXT PRIMARY KEY,
    seq           INTEGER NOT NULL,
    opened_at     INTEGER NOT NULL, -- of the order
    rent_payer    TEXT    NOT NULL,
    state         INTEGER NOT NULL,
    oracle_set    INTEGER NOT NULL, -- that the members are drawn from
    size          INTEGER NOT NULL,
    min_bond      TEXT    NOT NULL,
    draw_slot     INTEGER NOT NULL, -- the first slots after it draw the members
    seed          TEXT,
    seal_by       INTEGER NOT NULL,
    sealed        INTEGER NOT NULL, -- members so far
    votes_for     INTEGER NOT NULL,
    votes_against INTEGER NOT NULL,
    payable_bps   INTEGER NOT NULL,
    blame         BOOLEAN NOT NULL, -- every oracle that judged the order before had to come to this verdict
    closed        BOOLEAN NOT NULL,
    convened_slot INTEGER NOT NULL,
    updated_slot  INTEGER NOT NULL
);
CREATE INDEX panels_page ON panels (convened_slot, order_address);

-- a row for each member, from the draw on
CREATE TABLE panel_votes (
    order_address TEXT    NOT NULL,
    opened_at     INTEGER NOT NULL,
    oracle        TEXT    NOT NULL,
    seat          INTEGER NOT NULL,
    commitment    TEXT,
    sealed_at     INTEGER,
    ballot        INTEGER,
    reason        INTEGER,
    report        TEXT,
    voted_at      INTEGER,
    drawn_slot    INTEGER NOT NULL,
    updated_slot  INTEGER NOT NULL,
    signature     TEXT    NOT NULL, -- of the last transaction about it
    PRIMARY KEY (order_address, opened_at, oracle)
);
CREATE INDEX panel_votes_page ON panel_votes (drawn_slot, order_address, opened_at, seat);
CREATE INDEX panel_votes_oracle ON panel_votes (oracle);
