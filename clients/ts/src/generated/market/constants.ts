// Generated from the IDL by scripts/generate.mjs: do not edit.

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

/** The oracles decided; parties may dispute until `dispute_until`. */
export const ORDER_STATE_AUDITED = 5;

/** Oracles replay and vote until `audit_by`. */
export const ORDER_STATE_AUDITING = 4;

/** Disputed; the administrator resolves until `resolve_by`. */
export const ORDER_STATE_DISPUTED = 6;

/** In the vault, waiting for the seller until `accept_by`. */
export const ORDER_STATE_FUNDED = 1;

export const ORDER_STATE_REFUNDED = 8;

export const ORDER_STATE_RELEASED = 7;

/** The result is committed; the audit's seed is not drawn yet. Decided by `audit_by` or refunded. */
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

export const VERDICT_ACCEPT = 1;

export const VERDICT_NONE = 0;

export const VERDICT_REJECT = 2;
