// Generated from the IDL by scripts/generate.mjs: do not edit.

/** The most of the supply that grants may give away, in basis points. */
export const ALLOCATION_BPS = 525;

/** Part of the pool now. */
export const BOND_STATE_FORFEITED = 4;

/** In the vault until the vote is over. */
export const BOND_STATE_HELD = 1;

/** None was asked for. */
export const BOND_STATE_NONE = 0;

/** In the vault for the proposer to be returned. */
export const BOND_STATE_RETURNABLE = 2;

export const BOND_STATE_RETURNED = 3;

/** Counts towards the quorum only. */
export const CHOICE_ABSTAIN = 3;

export const CHOICE_AGAINST = 2;

export const CHOICE_FOR = 1;

/** Carried, but the pool held less than its total. */
export const END_REASON_FUNDS_SHORT = 3;

/** A milestone was not submitted in time. */
export const END_REASON_LATE = 6;

export const END_REASON_NONE = 0;

/** Too few of them in favour. */
export const END_REASON_NO_MAJORITY = 2;

/** Too few points voted. */
export const END_REASON_NO_QUORUM = 1;

/** The administrator stopped it. */
export const END_REASON_STOPPED = 5;

/** Its proposer took it back. */
export const END_REASON_WITHDRAWN = 4;

/** The most milestones that a proposal can have. */
export const MAX_MILESTONES = 8n;

/** Bytes of a proposal's uri. */
export const MAX_URI = 96n;

/** To be paid. */
export const MILESTONE_STATE_ACCEPTED = 2;

export const MILESTONE_STATE_PAID = 3;

/** Not submitted, or refused: it may be submitted until it is due. */
export const MILESTONE_STATE_PENDING = 0;

/** Under review until `review_by`; after that it may be submitted again. */
export const MILESTONE_STATE_SUBMITTED = 1;

/** Tallies that would approve a proposal. */
export const PAUSE_APPROVALS = 2;

/** New proposals. */
export const PAUSE_PROPOSALS = 1;

/** Its total is set aside; milestones are worked on. */
export const PROPOSAL_STATE_APPROVED = 2;

/** Ended early; milestones that were accepted before are still paid. */
export const PROPOSAL_STATE_CANCELLED = 5;

/** Every milestone is paid. */
export const PROPOSAL_STATE_COMPLETED = 4;

export const PROPOSAL_STATE_REJECTED = 3;

/** Votes are cast until `ends_at`; then anyone tallies. */
export const PROPOSAL_STATE_VOTING = 1;
