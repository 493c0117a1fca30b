-- Proofs about training jobs (programs/proofs): kind 1, faults 3 to 5, of a step.
ALTER TABLE verdicts ADD COLUMN blame BOOLEAN NOT NULL DEFAULT FALSE; -- every oracle that judged the job had to find the fault
