-- Votes are sealed before they are shown. The table is made anew because its stages are checked; audits that were open under
-- the first version belong to programs that took votes without seals, and end there.
ALTER TABLE audits RENAME TO audits_v1;
DROP INDEX audits_open;
CREATE TABLE audits (
    id                   INTEGER PRIMARY KEY,
    order_address        BLOB    NOT NULL,
    opened_at            INTEGER NOT NULL, -- Unix seconds of the chain
    audit_seed           BLOB    NOT NULL,
    oracle_set           INTEGER NOT NULL,
    samples              INTEGER NOT NULL,
    manifest_hash        BLOB    NOT NULL,
    result_root          BLOB    NOT NULL,
    result_log           BLOB    NOT NULL,
    seal_by              INTEGER NOT NULL, -- Unix seconds of the chain
    audit_by             INTEGER NOT NULL, -- Unix seconds of the chain
    stage                TEXT    NOT NULL CHECK (stage IN ('seen', 'judged', 'sealing', 'sealed', 'sent', 'voted', 'void')),
    accept               INTEGER CHECK (accept IN (0, 1)),
    reason               INTEGER,
    report               BLOB,             -- content address of the report
    signature            TEXT,             -- of the seal's or the vote's transaction
    signed_bytes         BLOB,             -- stored before they are submitted
    attempts             INTEGER NOT NULL DEFAULT 0,
    next_attempt_ms      INTEGER NOT NULL DEFAULT 0,
    unavailable_since_ms INTEGER,
    note                 TEXT,             -- the last thing that went wrong, or why the audit is void
    created_ms           INTEGER NOT NULL,
    changed_ms           INTEGER NOT NULL,
    UNIQUE (order_address, audit_seed),
    CHECK (stage NOT IN ('judged', 'sealing', 'sealed', 'sent') OR (accept IS NOT NULL AND reason IS NOT NULL AND report IS NOT NULL)),
    CHECK (stage NOT IN ('sealing', 'sent') OR (signature IS NOT NULL AND signed_bytes IS NOT NULL))
);
INSERT INTO audits
    SELECT id, order_address, 0, audit_seed, oracle_set, samples, manifest_hash, result_root, result_log, 0, audit_by,
           CASE stage WHEN 'voted' THEN 'voted' ELSE 'void' END, accept, reason, report, signature, NULL, attempts,
           next_attempt_ms, unavailable_since_ms, note, created_ms, changed_ms
    FROM audits_v1;
DROP TABLE audits_v1;
CREATE INDEX audits_open ON audits (stage, next_attempt_ms) WHERE stage NOT IN ('voted', 'void');
