//! Decodes the programs' events from the inner instructions of a transaction.
//!
//! Pure: bytes in, events out, and no input makes it panic. The layout is written down once, in the program crates: the
//! structs here are theirs. Format (Anchor's `emit_cpi!`): [`TAG`], 8 bytes of discriminator, then the fields in borsh's
//! layout; the instruction's only account is the program's [`authority`], which only the program itself can sign for.

mod fields;

use anchor_lang::{BORSH_CONFIG, Discriminator as _, wincode};
use serde_json::{Map, Value};
use solana_pubkey::Pubkey;

/// The first 8 bytes of every event instruction: `sha256("anchor:event")[..8]`, reversed, as Anchor has it.
pub const TAG: [u8; 8] = anchor_lang::event::EVENT_IX_TAG.to_le_bytes();

/// Seed of the address that signs for a program's events.
pub const AUTHORITY_SEED: &[u8] = b"__event_authority";

/// Why the data of an event instruction is not an event of ours.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EventError {
    /// Fewer than 16 bytes.
    #[error("event of {program} is {len} bytes long and so has no discriminator: inspect the transaction")]
    TooShort {
        /// The program that emitted it.
        program: Program,
        /// Bytes given.
        len: usize,
    },
    /// No event of this build has this discriminator.
    #[error("unknown event {discriminator:02x?} of {program}: run a build that knows the deployed program")]
    Unknown {
        /// The program that emitted it.
        program: Program,
        /// The 8 bytes after the tag.
        discriminator: [u8; 8],
    },
    /// The fields do not read, or bytes are left over.
    #[error("event {event} of {program} does not read ({reason}): run a build that knows the deployed program")]
    Malformed {
        /// The program that emitted it.
        program: Program,
        /// Name of the event.
        event: &'static str,
        /// What the reader said.
        reason: String,
    },
}

/// A program whose events are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Program {
    /// Listings, orders, audits.
    Market,
    /// Points, epochs, claims.
    Rewards,
    /// Proposals, votes, milestones.
    Grants,
    /// Bonds of oracles, and what their votes came to.
    Oracles,
    /// Compute by time.
    Rental,
    /// Proofs of wrong deliveries, labels compared with gold.
    Proofs,
}

impl Program {
    /// All programs.
    pub const ALL: [Self; 6] = [Self::Market, Self::Rewards, Self::Grants, Self::Oracles, Self::Rental, Self::Proofs];

    /// The name in SQL and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Market => "market",
            Self::Rewards => "rewards",
            Self::Grants => "grants",
            Self::Oracles => "oracles",
            Self::Rental => "rental",
            Self::Proofs => "proofs",
        }
    }

    /// The program's address.
    #[must_use]
    pub const fn id(self) -> Pubkey {
        match self {
            Self::Market => market::ID,
            Self::Rewards => rewards::ID,
            Self::Grants => grants::ID,
            Self::Oracles => oracles::ID,
            Self::Rental => rental::ID,
            Self::Proofs => proofs::ID,
        }
    }

    /// The program at `id`, if it is one of ours.
    #[must_use]
    pub fn of(id: &Pubkey) -> Option<Self> {
        Self::ALL.into_iter().find(|program| program.id() == *id)
    }
}

impl core::fmt::Display for Program {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

/// The address that signs for `program`'s events.
#[must_use]
pub fn authority(program: Program) -> Pubkey {
    Pubkey::find_program_address(&[AUTHORITY_SEED], &program.id()).0
}

/// Whether an inner instruction of `program` is an event: it starts with the tag, and its single account is `authority`
/// (pass [`authority`]`(program)`; it is a parameter because deriving it takes thousands of hashes).
#[must_use]
pub fn is_event(authority: &Pubkey, accounts: &[Pubkey], data: &[u8]) -> bool {
    data.starts_with(&TAG) && accounts == core::slice::from_ref(authority)
}

/// An event of one of the programs.
#[derive(Clone, Debug, PartialEq)]
// events are few and short-lived
#[allow(clippy::large_enum_variant)]
pub enum Event {
    /// Of the market.
    Market(MarketEvent),
    /// Of the rewards.
    Rewards(RewardsEvent),
    /// Of grants.
    Grants(GrantsEvent),
    /// Of the oracles.
    Oracles(OraclesEvent),
    /// Of the rentals.
    Rental(RentalEvent),
    /// Of proofs.
    Proofs(ProofsEvent),
}

impl Event {
    /// Reads the data of an event instruction of `program`, tag included.
    ///
    /// # Errors
    /// When the discriminator is unknown or the fields do not fill the data exactly.
    pub fn decode(program: Program, data: &[u8]) -> Result<Self, EventError> {
        let short = EventError::TooShort { program, len: data.len() };
        let (discriminator, fields) = data.get(TAG.len()..).and_then(<[u8]>::split_first_chunk::<8>).ok_or(short)?;
        match program {
            Program::Market => MarketEvent::decode(discriminator, fields).map(Self::Market),
            Program::Rewards => RewardsEvent::decode(discriminator, fields).map(Self::Rewards),
            Program::Grants => GrantsEvent::decode(discriminator, fields).map(Self::Grants),
            Program::Oracles => OraclesEvent::decode(discriminator, fields).map(Self::Oracles),
            Program::Rental => RentalEvent::decode(discriminator, fields).map(Self::Rental),
            Program::Proofs => ProofsEvent::decode(discriminator, fields).map(Self::Proofs),
        }
    }

    /// The data of the instruction that emits this event, tag included: the inverse of [`Event::decode`].
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let fields = match self {
            Self::Market(event) => event.data(),
            Self::Rewards(event) => event.data(),
            Self::Grants(event) => event.data(),
            Self::Oracles(event) => event.data(),
            Self::Rental(event) => event.data(),
            Self::Proofs(event) => event.data(),
        };
        [TAG.as_slice(), &fields].concat()
    }

    /// The program that emitted it.
    #[must_use]
    pub const fn program(&self) -> Program {
        match self {
            Self::Market(_) => Program::Market,
            Self::Rewards(_) => Program::Rewards,
            Self::Grants(_) => Program::Grants,
            Self::Oracles(_) => Program::Oracles,
            Self::Rental(_) => Program::Rental,
            Self::Proofs(_) => Program::Proofs,
        }
    }

    /// The name of the event, as in the program (`OrderOpened`).
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Market(event) => event.name(),
            Self::Rewards(event) => event.name(),
            Self::Grants(event) => event.name(),
            Self::Oracles(event) => event.name(),
            Self::Rental(event) => event.name(),
            Self::Proofs(event) => event.name(),
        }
    }

    /// The fields as JSON: 64-bit integers and addresses as strings, times as numbers, hashes as hex, padded text as
    /// text.
    #[must_use]
    pub fn fields(&self) -> Map<String, Value> {
        match self {
            Self::Market(event) => event.fields(),
            Self::Rewards(event) => event.fields(),
            Self::Grants(event) => event.fields(),
            Self::Oracles(event) => event.fields(),
            Self::Rental(event) => event.fields(),
            Self::Proofs(event) => event.fields(),
        }
    }
}

/// Declares the enum over a program's events. The field lists are checked by the compiler to be complete.
macro_rules! events {
    ($(#[$doc:meta])* $enum:ident, $program:expr, $module:ident: $($event:ident { $($field:ident $(as $how:ident)?),* })*) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs, clippy::large_enum_variant)]
        pub enum $enum {
            $($event($module::events::$event),)*
        }

        impl $enum {
            /// Names of all events, in the order of the program's source.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($event)),*];

            /// Reads the fields of the event with this discriminator.
            ///
            /// # Errors
            /// When the discriminator is unknown or the fields do not fill `data` exactly.
            pub fn decode(discriminator: &[u8; 8], data: &[u8]) -> Result<Self, EventError> {
                $(if discriminator == $module::events::$event::DISCRIMINATOR {
                    return wincode::config::deserialize_exact(data, BORSH_CONFIG).map(Self::$event).map_err(|error| {
                        EventError::Malformed {
                            program: $program,
                            event: stringify!($event),
                            reason: error.to_string(),
                        }
                    });
                })*
                Err(EventError::Unknown { program: $program, discriminator: *discriminator })
            }

            /// The name of the event, as in the program.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$event(_) => stringify!($event),)* }
            }

            fn data(&self) -> Vec<u8> {
                match self { $(Self::$event(event) => anchor_lang::Event::data(event),)* }
            }

            fn fields(&self) -> Map<String, Value> {
                let mut map = Map::new();
                match self {
                    $(Self::$event($module::events::$event { $($field),* }) => {
                        $(map.insert(stringify!($field).into(), events!(@json $field $($how)?));)*
                    })*
                }
                map
            }
        }
    };
    (@json $field:ident) => { fields::Json::json($field) };
    (@json $field:ident text) => { fields::text($field).into() };
}

events! {
    /// What the market tells the world.
    MarketEvent, Program::Market, market:
    ConfigChanged {
        seq, admin, pending_admin, treasury, fee_bps, paused, oracle_set, accept_seconds, delivery_seconds,
        audit_seconds, dispute_seconds, answer_seconds, resolve_seconds, award_seconds, award_category,
        seller_bond_bps, challenge_bond_bps, slash_challenger_bps, slash_buyer_bps, mints
    }
    OracleSetCreated { seq, version, threshold, samples, min_bond, count, members }
    OracleSetRetired { seq, version }
    ListingChanged {
        listing, seq, seller, id, version, kind, unit, active, price, mint, metadata_hash, content_root,
        uri as text
    }
    ListingClosed { listing, seq }
    OrderOpened {
        order, seq, id, listing, listing_version, buyer, seller, mint, quantity, amount, fee_bps, manifest_hash,
        content_root, judge, allow_partial, oracle_set, opened_at, accept_by
    }
    OrderAccepted { order, seq, deliver_by, seller_bond }
    ResultSubmitted { order, seq, result_root, result_log, audit_slot, audit_by, state, payable, dispute_until }
    LicenceDelivered { order, seq, key_hash, sealed_key, sealed_hash, payable, dispute_until }
    AuditPostponed { order, seq, audit_slot }
    AuditArmed { order, seq, audit_seed, oracle_set, samples }
    OracleVoted {
        order, seq, oracle, oracle_set, result_root, verdict, reason, report, votes_for, votes_against, state,
        order_verdict, payable, dispute_until
    }
    OrderDisputed { order, seq, by, reason, bond, answer_by, resolve_by }
    DisputeAnswered { order, seq, by, evidence }
    OrderJudged { order, seq, by, verdict, resolution, payable, dispute_until }
    OrderSettled { order, seq, state, reason, resolution, payable, released, fee, refunded, rewarded, burned }
    OrderAwarded { order, seq, source }
    OrderClosed { order, seq }
}

events! {
    /// What the rewards program tells the world.
    RewardsEvent, Program::Rewards, rewards:
    ConfigChanged {
        seq, admin, pending_admin, mint, threshold, below_bps, review_seconds, lifetime_allocation, awards_paused,
        cap_per_point, claim_seconds, confirm_points, confirmer, reserve_delay_seconds, outflow_limit,
        outflow_window_seconds, profit_share_bps
    }
    CategorySet { seq, id, name as text, weight, min_quantity, max_quantity, enabled }
    IssuerSet { seq, issuer, epoch_cap, enabled }
    ScheduleSet { seq, first_month, count, pools, scheduled, lifetime_allocation }
    EpochOpened { epoch, seq, start, end, pool, threshold, below_bps, cap_per_point }
    TgeConverted { epoch, seq, pool }
    EpochClosed { epoch, seq, total_points, review_ends }
    EpochFinalized { epoch, seq, total_points, pool, distributed, to_reserve, expires_at }
    EpochExpired { epoch, seq, unclaimed }
    ContributorRegistered { wallet, seq, destination }
    DestinationChanged { wallet, seq, destination }
    AwardIssued {
        epoch, seq, wallet, issuer, source, category, quantity, points, state, wallet_points, total_points,
        lifetime_points
    }
    AwardReviewed {
        epoch, seq, source, wallet, by, state, reason, points, wallet_points, total_points, lifetime_points
    }
    RewardClaimed { epoch, seq, wallet, destination, points, amount, epoch_paid }
    PointsClosed { epoch, seq, wallet }
    AwardClosed { epoch, seq, source }
    ProfitDeposited { seq, from, amount, to_holders, to_reserve, profit_index, lifetime_points }
    ProfitClaimed { wallet, seq, destination, amount, profit_paid }
    SpendProposed { seq, id, amount, destination, purpose, executable_at, expires_at }
    SpendExecuted { seq, id, amount, spent }
    SpendCancelled { seq, id }
}

events! {
    /// What the grants program tells the world.
    GrantsEvent, Program::Grants, grants:
    ConfigChanged {
        seq, admin, pending_admin, reviewer, mint, allocation, quorum_points, min_points, proposal_bond,
        bond_floor_points, voting_seconds, review_seconds, approval_bps, paused
    }
    GrantsFunded { seq, by, amount, funded }
    ProposalOpened {
        proposal, seq, id, proposer, recipient, metadata_hash, uri as text, count, amounts, due, total, bond,
        bond_floor_points, quorum_points, approval_bps, snapshot_epoch, opened_at, ends_at, bonds
    }
    VoteCast {
        proposal, seq, voter, choice, weight, votes, votes_for, votes_against, abstained, voters
    }
    ProposalDecided {
        proposal, seq, state, reason, bond_state, committed, funded, pool_committed, bonds
    }
    MilestoneSubmitted { proposal, seq, index, evidence, review_by }
    MilestoneReviewed { proposal, seq, index, by, accepted }
    MilestonePaid {
        proposal, seq, index, destination, amount, paid, committed, state, pool_committed, disbursed
    }
    BondReturned { proposal, seq, destination, amount, bonds }
    BallotClosed { proposal, voter, seq }
    ProposalClosed { proposal, seq }
}

events! {
    /// What the oracles' program tells the world.
    OraclesEvent, Program::Oracles, oracles:
    ConfigChanged {
        seq, admin, pending_admin, mint, min_bond, unbonding_seconds, slash_changed_at, slash_bps, slash_bps_before,
        panel_set, panel_size
    }
    OracleRegistered { oracle, seq, rent_payer }
    BondDeposited { oracle, seq, amount, bond }
    UnbondRequested { oracle, seq, unbonding, unbond_at }
    BondWithdrawn { oracle, seq, amount, bond }
    VoteSealed { order, seq, opened_at, oracle, commitment, sealed, rent_payer }
    SealsClosed { order, seq }
    VoteRecorded {
        oracle, seq, order, opened_at, record_seq, vote, ended, missed, hidden, overturned, to_challenger, to_buyer,
        burned, bond, unbonding
    }
    RecordClosed { order, seq }
    OracleClosed { oracle, seq }
    PanelConvened { order, seq, opened_at, oracle_set, size, min_bond, slot, seal_by, rent_payer }
    PanelPostponed { order, seq, slot }
    PanelDrawn { order, seq, seed, members }
    PanelVoteSealed { order, seq, opened_at, oracle, commitment, sealed }
    PanelVoted {
        order, seq, opened_at, oracle, ballot, reason, report, votes_for, votes_against, state, payable_bps, blame
    }
    PanelClosed { order, seq }
}

events! {
    /// What the rental program tells the world.
    RentalEvent, Program::Rental, rental:
    RentalOpened {
        rental, seq, id, listing, listing_version, renter, provider, mint, rate, hours, deposit, fee_bps, accept_by
    }
    RentalStarted { rental, seq, started_at, ends_at }
    RentalExtended { rental, seq, hours, deposit, ends_at }
    RentalWithdrawn { rental, seq, paid, fee }
    RentalEnded { rental, seq, reason, paid, fee, returned, ended_at }
    RentalClosed { rental, seq }
}

events! {
    /// What the program proofs tells the world.
    ProofsEvent, Program::Proofs, proofs:
    ChunkClaimed { claim, seq, order, claimant, opened_at, chunk, plain_hash, cipher_hash }
    ClaimClosed { claim, seq }
    FaultProven { verdict, seq, order, rent_payer, opened_at, fault, chunk, blame }
    GoldOpened {
        verdict, seq, order, rent_payer, opened_at, answers_by, items, gold_count, floor_bps, full_bps
    }
    AnswersOpened { verdict, seq, leaf, compared, correct }
    GoldJudged { verdict, seq, compared, correct, payable_bps }
    VerdictClosed { verdict, seq }
}

pub use fields::text;

#[cfg(test)]
mod tests;
