//! The framework's own error codes, which a program returns for an account that breaks its declared constraints.

/// Codes of `anchor_lang::ErrorCode` that reach the chain as custom codes; a test compares them with the framework.
pub(super) const ERRORS: &[(u32, &str, &str)] = &[
    (2000, "ConstraintMut", "an account must be writable: mark it so"),
    (2001, "ConstraintHasOne", "an account does not belong to the one that names it: check the addresses"),
    (2003, "ConstraintRaw", "an account breaks a condition of the instruction: check the addresses"),
    (2005, "ConstraintRentExempt", "an account holds less than its rent: fund it"),
    (2007, "ConstraintExecutable", "an account must be a program: check the addresses"),
    (2011, "ConstraintClose", "an account cannot be closed into itself: name another receiver"),
    (2012, "ConstraintAddress", "an account is not the one that is expected: check the addresses"),
    (2013, "ConstraintZero", "an account is already in use: choose another"),
    (2019, "ConstraintSpace", "an account has another size than expected: are program and client of one version?"),
    (2020, "ConstraintAccountIsNone", "an account is missing that is needed here: pass it"),
    (2040, "ConstraintDuplicateMutableAccount", "the same writable account was passed twice: pass different ones"),
    (2500, "RequireViolated", "a condition of the program does not hold"),
    (2501, "RequireEqViolated", "two values that must be equal differ"),
    (2502, "RequireKeysEqViolated", "two addresses that must be equal differ"),
    (2503, "RequireNeqViolated", "two values that must differ are equal"),
    (2504, "RequireKeysNeqViolated", "two addresses that must differ are equal"),
    (2505, "RequireGtViolated", "a value is not above its bound"),
    (2506, "RequireGteViolated", "a value is below its bound"),
];
