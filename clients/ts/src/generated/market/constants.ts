// Generated from the IDL by scripts/generate.mjs: do not edit.

/** The administrator resolved a dispute. */
export const JUDGED_BY_ADMIN = 3;

/** The buyer approved. */
export const JUDGED_BY_BUYER = 1;

/** A panel of oracles that had no part in the order judged a dispute. */
export const JUDGED_BY_PANEL = 5;

/** The program `proofs` found a fault, or compared the gold labels. */
export const JUDGED_BY_PROOFS = 4;

/** The seller conceded. */
export const JUDGED_BY_SELLER = 2;

/** The buyer: by approving, or by not disputing within the window. */
export const JUDGE_APPROVAL = 2;

/** Hidden gold labels, which `proofs` compares with the answers. */
export const JUDGE_GOLD = 4;

/** The members of the pinned oracle set, who re-execute parts of a training job. */
export const JUDGE_ORACLES = 1;

/** The content itself: a buyer that got the wrong key or chunk proves it to `proofs`. */
export const JUDGE_PROOF = 3;

export const LISTING_KIND_COMPUTE = 1;

export const LISTING_KIND_DATASET = 2;

export const LISTING_KIND_LABELLING = 4;

export const LISTING_KIND_MODEL = 3;

/** The most that a fee may be, in basis points. */
export const MAX_FEE_BPS = 1000;

/** Mints that one configuration can allow. */
export const MAX_MINTS = 4n;

/** The most members that a set can have: one bit each in an order's votes. */
export const MAX_ORACLES = 16n;

/** The longest listing uri, in bytes. */
export const MAX_URI = 96n;

/** The seller works until `deliver_by`. */
export const ORDER_STATE_ACCEPTED = 2;

/** There is a verdict; it can be disputed until `dispute_until`. */
export const ORDER_STATE_AUDITED = 5;

/** Oracles replay and vote until `audit_by`. */
export const ORDER_STATE_AUDITING = 4;

/** Disputed: the side that the verdict favours answers until `answer_by`, a panel, a proof or the administrator resolves until `resolve_by`. */
export const ORDER_STATE_DISPUTED = 6;

/** In the vault, waiting for the seller until `accept_by`. */
export const ORDER_STATE_FUNDED = 1;

export const ORDER_STATE_REFUNDED = 8;

export const ORDER_STATE_RELEASED = 7;

/** The result is committed and waits for its judge until `audit_by`: for the draw of the audit's seed, or for the gold. */
export const ORDER_STATE_SUBMITTED = 3;

/** Accepting orders. */
export const PAUSE_ACCEPTANCE = 4;

/** New listings and changes to listings. */
export const PAUSE_LISTINGS = 1;

/** New orders. */
export const PAUSE_ORDERS = 2;

export const REFUND_REASON_CANCELLED = 1;

export const REFUND_REASON_NOT_ACCEPTED = 2;

export const REFUND_REASON_NOT_AUDITED = 4;

export const REFUND_REASON_NOT_DELIVERED = 3;

export const REFUND_REASON_REJECTED = 5;

export const REFUND_REASON_RESOLVED = 6;

/** The side that the verdict favoured did not answer, or conceded: it lost, but nobody judged the verdict. */
export const RESOLUTION_FORFEITED = 3;

export const RESOLUTION_NONE = 0;

/** The verdict was changed: the challenger was right. */
export const RESOLUTION_OVERTURNED = 2;

/** A proof or a panel changed the verdict, and the oracles may have erred without fault of their own: in what not all of them replay, or for want of data. The challenger was right. */
export const RESOLUTION_PROVEN = 4;

/** The verdict stands: the challenger was wrong. */
export const RESOLUTION_UPHELD = 1;

/** Rented through `rental`, not ordered. */
export const UNIT_HOUR = 2;

export const UNIT_JOB = 1;

export const UNIT_LABEL = 4;

export const UNIT_LICENCE = 3;

export const VERDICT_ACCEPT = 1;

export const VERDICT_NONE = 0;

export const VERDICT_REJECT = 2;
