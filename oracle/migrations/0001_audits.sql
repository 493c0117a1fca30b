-- What this oracle knows of each audit that it is asked to take part in. An order's address can be used again after the
-- order was closed; its audit seed cannot.
CREATE TABLE audits (
    id                   INTEGER PRIMARY KEY,
    order_address        BLOB    NOT NULL,
    audit_seed           BLOB    NOT NULL,
    oracle_set           INTEGER NOT NULL,
    samples              INTEGER NOT NULL,
    manifest_hash        BLOB    NOT NULL,
    result_root          BLOB    NOT NULL,
    result_log           BLOB    NOT NULL,
    audit_by             INTEGER NOT NULL, -- Unix seconds of the chain
    stage                TEXT    NOT NULL CHECK (stage IN ('seen', 'judged', 'sent', 'voted', 'void')),
    accept               INTEGER CHECK (accept IN (0, 1)),
    reason               INTEGER,
    report               BLOB,             -- content address of the report
    signature            TEXT,
    signed_bytes         BLOB,             -- stored before they are submitted
    attempts             INTEGER NOT NULL DEFAULT 0,
    next_attempt_ms      INTEGER NOT NULL DEFAULT 0,
    unavailable_since_ms INTEGER,
    note                 TEXT,             -- the last thing that went wrong, or why the audit is void
    created_ms           INTEGER NOT NULL,
    changed_ms           INTEGER NOT NULL,
    UNIQUE (order_address, audit_seed),
    CHECK (stage NOT IN ('judged', 'sent') OR (accept IS NOT NULL AND reason IS NOT NULL AND report IS NOT NULL)),
    CHECK (stage <> 'sent' OR (signature IS NOT NULL AND signed_bytes IS NOT NULL))
);
CREATE INDEX audits_open ON audits (stage, next_attempt_ms) WHERE stage IN ('seen', 'judged', 'sent');
