-- An oracle is asked as a member of an order's set, or of the panel on the dispute about the set's verdict.
ALTER TABLE audits ADD COLUMN seat TEXT NOT NULL DEFAULT 'set' CHECK (seat IN ('set', 'panel'));
-- Whether every oracle had to find what is wrong.
ALTER TABLE audits ADD COLUMN plain INTEGER NOT NULL DEFAULT 0 CHECK (plain IN (0, 1));
