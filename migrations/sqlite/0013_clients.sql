-- What clients need of every table: profit that is not claimed, the reserve, when things began, and the order of lists. Times are
-- Unix seconds, amounts base units. The indexer derives all rows again after this file.

ALTER TABLE rewards_config ADD COLUMN profit_index    TEXT NOT NULL DEFAULT '0'; -- base units for each point, scaled by 2^64
ALTER TABLE rewards_config ADD COLUMN profit_in       TEXT NOT NULL DEFAULT '00000000000000000000'; -- for holders of points
ALTER TABLE rewards_config ADD COLUMN profit_out      TEXT NOT NULL DEFAULT '00000000000000000000'; -- that they were paid
ALTER TABLE rewards_config ADD COLUMN reserved        TEXT NOT NULL DEFAULT '00000000000000000000'; -- moved to the reserve
ALTER TABLE rewards_config ADD COLUMN lifetime_points TEXT NOT NULL DEFAULT '00000000000000000000'; -- of everybody

ALTER TABLE contributors ADD COLUMN profit_index TEXT NOT NULL DEFAULT '0'; -- when the wallet was last settled
ALTER TABLE contributors ADD COLUMN profit_owed  TEXT NOT NULL DEFAULT '0'; -- until then, scaled by 2^64

ALTER TABLE reserve_spends ADD COLUMN proposed_at INTEGER;
ALTER TABLE reserve_spends ADD COLUMN ended_at    INTEGER; -- executed or cancelled
ALTER TABLE reserve_spends ADD COLUMN signature   TEXT NOT NULL DEFAULT ''; -- of the last transaction about it

ALTER TABLE records      ADD COLUMN created_slot INTEGER NOT NULL DEFAULT 0;
ALTER TABLE chunk_claims ADD COLUMN created_slot INTEGER NOT NULL DEFAULT 0;

-- The months that are scheduled or were opened, 0 being the time before the token: what was planned and what came of it.
CREATE VIEW months AS
SELECT coalesce(scheduled.epoch, epochs.epoch) AS epoch, scheduled.pool AS scheduled, epochs.pool AS pool,
       epochs.state, epochs.starts_at, epochs.ends_at, epochs.distributed, epochs.to_reserve, epochs.paid, epochs.unclaimed
FROM scheduled_months AS scheduled FULL JOIN epochs ON epochs.epoch = scheduled.epoch;

CREATE INDEX oracles_page ON oracles (registered_slot, oracle);
CREATE INDEX records_page ON records (created_slot, order_address);
CREATE INDEX recorded_votes_page ON recorded_votes (slot, order_address, opened_at, oracle);
CREATE INDEX verdicts_page ON verdicts (created_slot, address);
CREATE INDEX chunk_claims_page ON chunk_claims (created_slot, address);
CREATE INDEX chunk_claims_claimant ON chunk_claims (claimant);
CREATE INDEX reputations_mint ON reputations (mint);
CREATE INDEX profit_claims_page ON profit_claims (slot, wallet, seq);
CREATE INDEX votes_page ON votes (slot, order_address, opened_slot, oracle);
CREATE INDEX votes_oracle ON votes (oracle);
