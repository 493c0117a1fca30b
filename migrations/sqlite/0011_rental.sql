-- Projections of the rentals' events. Times are Unix seconds, amounts base units; states and reasons are the program's
-- (programs/rental, state).

CREATE TABLE rentals (
    address         TEXT PRIMARY KEY,
    seq             INTEGER NOT NULL,
    rental_id       TEXT    NOT NULL,
    listing         TEXT    NOT NULL,
    listing_version INTEGER NOT NULL,
    renter          TEXT    NOT NULL,
    provider        TEXT    NOT NULL,
    mint            TEXT    NOT NULL,
    rate            TEXT    NOT NULL, -- for an hour
    hours           INTEGER NOT NULL,
    deposit         TEXT    NOT NULL,
    fee_bps         INTEGER NOT NULL,
    state           INTEGER NOT NULL,
    end_reason      INTEGER,
    paid            TEXT    NOT NULL,
    fee             TEXT    NOT NULL,
    returned        TEXT    NOT NULL,
    closed          BOOLEAN NOT NULL,
    accept_by       INTEGER NOT NULL,
    started_at      INTEGER,
    ends_at         INTEGER,
    ended_at        INTEGER,
    opened_at       INTEGER,
    opened_slot     INTEGER NOT NULL,
    updated_slot    INTEGER NOT NULL
);
CREATE INDEX rentals_page ON rentals (opened_slot, address);
CREATE INDEX rentals_renter ON rentals (renter);
CREATE INDEX rentals_provider ON rentals (provider);
CREATE INDEX rentals_listing ON rentals (listing);
