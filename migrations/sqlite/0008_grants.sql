-- Projections of the grants program's events. Times are Unix seconds, amounts base units, weights points.

CREATE TABLE grants_config (
    id                INTEGER PRIMARY KEY, -- always 1
    seq               INTEGER NOT NULL,
    admin             TEXT    NOT NULL,
    pending_admin     TEXT,
    reviewer          TEXT,
    mint              TEXT    NOT NULL,
    allocation        TEXT    NOT NULL,
    funded            TEXT    NOT NULL,
    committed         TEXT    NOT NULL,
    disbursed         TEXT    NOT NULL,
    bonds             TEXT    NOT NULL,
    quorum_points     TEXT    NOT NULL,
    min_points        TEXT    NOT NULL,
    proposal_bond     TEXT    NOT NULL,
    bond_floor_points TEXT    NOT NULL,
    voting_seconds    INTEGER NOT NULL,
    review_seconds    INTEGER NOT NULL,
    approval_bps      INTEGER NOT NULL,
    paused            INTEGER NOT NULL,
    updated_slot      INTEGER NOT NULL
);

CREATE TABLE proposals (
    address           TEXT PRIMARY KEY,
    proposal_id       TEXT    NOT NULL,
    seq               INTEGER NOT NULL,
    proposer          TEXT    NOT NULL,
    recipient         TEXT    NOT NULL,
    metadata_hash     TEXT    NOT NULL,
    uri               TEXT    NOT NULL,
    total             TEXT    NOT NULL,
    committed         TEXT    NOT NULL,
    paid              TEXT    NOT NULL,
    bond              TEXT    NOT NULL,
    bond_state        INTEGER NOT NULL,
    bond_floor_points TEXT    NOT NULL,
    quorum_points     TEXT    NOT NULL,
    approval_bps      INTEGER NOT NULL,
    snapshot_epoch    INTEGER NOT NULL,
    opened_at         INTEGER NOT NULL,
    ends_at           INTEGER NOT NULL,
    votes_for         TEXT    NOT NULL,
    votes_against     TEXT    NOT NULL,
    abstained         TEXT    NOT NULL,
    voters            INTEGER NOT NULL,
    state             INTEGER NOT NULL,
    reason            INTEGER NOT NULL,
    closed            BOOLEAN NOT NULL,
    created_slot      INTEGER NOT NULL,
    updated_slot      INTEGER NOT NULL
);
CREATE INDEX proposals_page ON proposals (proposal_id);
CREATE INDEX proposals_proposer ON proposals (proposer);
CREATE INDEX proposals_recipient ON proposals (recipient);

CREATE TABLE milestones (
    proposal     TEXT    NOT NULL,
    place        INTEGER NOT NULL,
    amount       TEXT    NOT NULL,
    due          INTEGER NOT NULL,
    state        INTEGER NOT NULL,
    evidence     TEXT,    -- of the last submission
    review_by    INTEGER,
    reviewed_by  TEXT,
    paid_to      TEXT,
    updated_slot INTEGER NOT NULL,
    PRIMARY KEY (proposal, place)
);

CREATE TABLE ballots (
    proposal     TEXT    NOT NULL,
    voter        TEXT    NOT NULL,
    choice       INTEGER NOT NULL,
    weight       TEXT    NOT NULL,
    seq          INTEGER NOT NULL,
    closed       BOOLEAN NOT NULL,
    updated_slot INTEGER NOT NULL,
    PRIMARY KEY (proposal, voter)
);
CREATE INDEX ballots_voter ON ballots (voter);
