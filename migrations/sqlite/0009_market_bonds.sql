-- Bonds, judges, disputes with an answer, and reputation (programs/market). Codes are the program's.

ALTER TABLE market_config ADD COLUMN answer_seconds       INTEGER NOT NULL DEFAULT 0;
ALTER TABLE market_config ADD COLUMN award_category       INTEGER NOT NULL DEFAULT 0;
ALTER TABLE market_config ADD COLUMN seller_bond_bps      INTEGER NOT NULL DEFAULT 0;
ALTER TABLE market_config ADD COLUMN challenge_bond_bps   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE market_config ADD COLUMN slash_challenger_bps INTEGER NOT NULL DEFAULT 0;
ALTER TABLE market_config ADD COLUMN slash_buyer_bps      INTEGER NOT NULL DEFAULT 0;

ALTER TABLE oracle_sets ADD COLUMN min_bond TEXT NOT NULL DEFAULT '0'; -- base units

ALTER TABLE listings ADD COLUMN content_root TEXT; -- of a dataset or a model

ALTER TABLE orders ADD COLUMN content_root    TEXT;
ALTER TABLE orders ADD COLUMN judge           INTEGER NOT NULL DEFAULT 1;
ALTER TABLE orders ADD COLUMN allow_partial   BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE orders ADD COLUMN sealed_key      TEXT; -- of a licence, hex
ALTER TABLE orders ADD COLUMN seller_bond     TEXT    NOT NULL DEFAULT '0'; -- base units
ALTER TABLE orders ADD COLUMN challenge_bond  TEXT    NOT NULL DEFAULT '0';
ALTER TABLE orders ADD COLUMN answer_by       INTEGER;
ALTER TABLE orders ADD COLUMN answer_evidence TEXT;
ALTER TABLE orders ADD COLUMN judged_by       INTEGER;
ALTER TABLE orders ADD COLUMN resolution      INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN rewarded        TEXT    NOT NULL DEFAULT '0'; -- base units to the challenger, and burned
ALTER TABLE orders ADD COLUMN burned          TEXT    NOT NULL DEFAULT '0';

CREATE TABLE reputations (
    seller        TEXT    NOT NULL,
    mint          TEXT    NOT NULL,
    accepted      INTEGER NOT NULL,
    released      INTEGER NOT NULL,
    rejected      INTEGER NOT NULL,
    not_delivered INTEGER NOT NULL,
    disputed      INTEGER NOT NULL,
    disputes_lost INTEGER NOT NULL,
    volume        TEXT    NOT NULL, -- base units paid, fees included
    slashed       TEXT    NOT NULL, -- base units of bonds lost
    updated_slot  INTEGER NOT NULL,
    PRIMARY KEY (seller, mint)
);
