//! Instructions of the market.

use crate::address::{
    self, SLOT_HASHES, SYSTEM_PROGRAM, market as at, oracles as oracles_at, rewards as rewards_at, token_account_of,
};
use ::market::{accounts, instruction as data};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

pub use ::market::instructions::{
    DeliveredLicence, ListingTerms, OracleMembers, OrderTerms, Settings, SubmittedResult, Vote,
};

/// Creates the configuration. `admin` signs: it must be the program's upgrade authority.
#[must_use]
pub fn initialize(admin: Pubkey, settings: Settings) -> Instruction {
    data::Initialize { settings }.to_instruction(accounts::Initialize {
        admin,
        config: at::config(),
        program_data: address::program_data(&at::PROGRAM),
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

fn administer(admin: Pubkey) -> accounts::Administer {
    accounts::Administer { admin, config: at::config(), event_authority: at::event_authority(), program: at::PROGRAM }
}

/// Names the next administrator. `admin` signs.
#[must_use]
pub fn propose_admin(admin: Pubkey, new_admin: Pubkey) -> Instruction {
    data::ProposeAdmin { new_admin }.to_instruction(administer(admin))
}

/// Takes the administration over. `new_admin` signs.
#[must_use]
pub fn accept_admin(new_admin: Pubkey) -> Instruction {
    data::AcceptAdmin {}.to_instruction(accounts::AcceptAdmin {
        new_admin,
        config: at::config(),
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Pauses kinds of action: bits of `market::state::pause`. `admin` signs.
#[must_use]
pub fn set_pause(admin: Pubkey, paused: u8) -> Instruction {
    data::SetPause { paused }.to_instruction(administer(admin))
}

/// Changes the settings. `admin` signs.
#[must_use]
pub fn update_config(admin: Pubkey, settings: Settings) -> Instruction {
    data::UpdateConfig { settings }.to_instruction(administer(admin))
}

/// Creates the oracle set `version`, which must be the next one. `admin` signs and pays.
#[must_use]
pub fn create_oracle_set(admin: Pubkey, version: u32, members: OracleMembers) -> Instruction {
    data::CreateOracleSet { version, members }.to_instruction(accounts::CreateOracleSet {
        admin,
        config: at::config(),
        oracle_set: at::oracle_set(version),
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Retires the oracle set `version`. `admin` signs.
#[must_use]
pub fn retire_oracle_set(admin: Pubkey, version: u32) -> Instruction {
    data::RetireOracleSet {}.to_instruction(accounts::RetireOracleSet {
        admin,
        config: at::config(),
        oracle_set: at::oracle_set(version),
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Creates the listing `id` of `seller`, who signs and pays, and the seller's reputation with its first listing in the mint.
/// `kind` is one of `market::state::listing_kind`.
#[must_use]
pub fn create_listing(seller: Pubkey, id: u64, kind: u8, terms: ListingTerms) -> Instruction {
    data::CreateListing { id, kind, terms }.to_instruction(accounts::CreateListing {
        seller,
        config: at::config(),
        listing: at::listing(&seller, id),
        reputation: at::reputation(&seller, &terms.mint),
        mint: terms.mint,
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Changes the terms of the listing `id` of `seller`, who signs.
#[must_use]
pub fn update_listing(seller: Pubkey, id: u64, terms: ListingTerms) -> Instruction {
    data::UpdateListing { terms }.to_instruction(accounts::UpdateListing {
        seller,
        config: at::config(),
        listing: at::listing(&seller, id),
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Closes the listing `id` of `seller`, who signs and receives its rent.
#[must_use]
pub fn close_listing(seller: Pubkey, id: u64) -> Instruction {
    data::CloseListing {}.to_instruction(accounts::CloseListing {
        seller,
        listing: at::listing(&seller, id),
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// What [`open_order`] needs.
#[derive(Clone, Copy, Debug)]
pub struct OpenOrder {
    /// Signs, pays the price and the rent.
    pub buyer: Pubkey,
    /// The order's number, chosen by the buyer.
    pub id: u64,
    /// Address of the listing.
    pub listing: Pubkey,
    /// Mint of the listing.
    pub mint: Pubkey,
    /// The mint's token program.
    pub token_program: Pubkey,
    /// Current oracle set in the market's configuration, where oracles are to judge.
    pub oracle_set: Option<u32>,
    /// The buyer's token account that the price comes from.
    pub funding: Pubkey,
    /// Quantity, price limit and manifest.
    pub terms: OrderTerms,
}

/// Opens an order and moves its price into the order's vault.
#[must_use]
pub fn open_order(open: OpenOrder) -> Instruction {
    let order = at::order(&open.buyer, open.id);
    data::OpenOrder { id: open.id, terms: open.terms }.to_instruction(accounts::OpenOrder {
        buyer: open.buyer,
        config: at::config(),
        oracle_set: open.oracle_set.map(at::oracle_set),
        listing: open.listing,
        order,
        vault: at::vault(&order),
        funding: open.funding,
        mint: open.mint,
        token_program: open.token_program,
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// What taking a bond for an order needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Deposit {
    /// Signs and pays the bond: the seller that accepts, or whoever disputes.
    pub actor: Pubkey,
    /// The order.
    pub order: Pubkey,
    /// Its seller.
    pub seller: Pubkey,
    /// Its mint.
    pub mint: Pubkey,
    /// The mint's token program.
    pub token_program: Pubkey,
}

fn deposit(deposit: Deposit) -> accounts::Deposit {
    let Deposit { actor, order, seller, mint, token_program } = deposit;
    accounts::Deposit {
        actor,
        config: at::config(),
        order,
        reputation: at::reputation(&seller, &mint),
        vault: at::vault(&order),
        funding: token_account_of(&actor, &mint, &token_program),
        mint,
        token_program,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    }
}

/// Takes an order on, with a bond from the associated token account of its seller, who signs.
#[must_use]
pub fn accept_order(accept: Deposit) -> Instruction {
    data::AcceptOrder {}.to_instruction(deposit(accept))
}

fn action(actor: Pubkey, order: Pubkey) -> accounts::OrderAction {
    accounts::OrderAction { actor, order, event_authority: at::event_authority(), program: at::PROGRAM }
}

/// Commits to the result of `order`. `seller` signs.
#[must_use]
pub fn submit_result(seller: Pubkey, order: Pubkey, result: SubmittedResult) -> Instruction {
    data::SubmitResult { result }.to_instruction(action(seller, order))
}

/// Delivers the content key of the dataset or model of `order`. `seller` signs.
#[must_use]
pub fn deliver_licence(seller: Pubkey, order: Pubkey, licence: DeliveredLicence) -> Instruction {
    data::DeliverLicence { licence }.to_instruction(action(seller, order))
}

/// Lets `order` be released at once. `buyer` signs.
#[must_use]
pub fn approve(buyer: Pubkey, order: Pubkey) -> Instruction {
    data::Approve {}.to_instruction(action(buyer, order))
}

/// Lowers what the seller of `order` will be paid to `payable` base units. `seller` signs.
#[must_use]
pub fn concede(seller: Pubkey, order: Pubkey, payable: u64) -> Instruction {
    data::Concede { payable }.to_instruction(action(seller, order))
}

/// Contradicts the challenger of `order`. `favoured`, the side that the verdict favours, signs; `evidence` is the hash of its
/// statement.
#[must_use]
pub fn answer(favoured: Pubkey, order: Pubkey, evidence: [u8; 32]) -> Instruction {
    data::Answer { evidence }.to_instruction(answered(favoured, order, None))
}

/// Calls for a judgement of the dispute about `order`, which pinned the oracle set `oracle_set`. `oracle`, a member of it, signs.
#[must_use]
pub fn answer_as_member(oracle: Pubkey, order: Pubkey, oracle_set: u32, evidence: [u8; 32]) -> Instruction {
    data::Answer { evidence }.to_instruction(answered(oracle, order, Some(at::oracle_set(oracle_set))))
}

fn answered(actor: Pubkey, order: Pubkey, oracle_set: Option<Pubkey>) -> accounts::Answer {
    accounts::Answer { actor, order, oracle_set, event_authority: at::event_authority(), program: at::PROGRAM }
}

/// Draws the audit's seed of `order`, which pinned the oracle set `oracle_set`. Nobody has to sign but the payer of fees.
#[must_use]
pub fn arm_audit(order: Pubkey, oracle_set: u32) -> Instruction {
    data::ArmAudit {}.to_instruction(accounts::ArmAudit {
        order,
        oracle_set: at::oracle_set(oracle_set),
        slot_hashes: SLOT_HASHES,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Shows the vote on the result of `order`, which pinned the oracle set `oracle_set`, that `oracle` sealed before. `oracle`
/// signs; where the set asks for a bond, `oracle_account` is the oracle's account in the program `oracles`.
#[must_use]
pub fn attest(
    oracle: Pubkey,
    order: Pubkey,
    oracle_set: u32,
    oracle_account: Option<Pubkey>,
    vote: Vote,
) -> Instruction {
    data::Attest { vote }.to_instruction(accounts::Attest {
        oracle,
        order,
        oracle_set: at::oracle_set(oracle_set),
        oracle_account,
        seals: oracles_at::seals(&order),
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Contests the verdict on an order, with a bond from the associated token account of the challenger, who signs; `reason` is
/// the hash of its statement.
#[must_use]
pub fn dispute(challenge: Deposit, reason: [u8; 32]) -> Instruction {
    data::Dispute { reason }.to_instruction(deposit(challenge))
}

/// Decides the dispute about `order`: the seller's side gets `payable` base units. `admin` signs.
#[must_use]
pub fn resolve(admin: Pubkey, order: Pubkey, payable: u64) -> Instruction {
    data::Resolve { payable }.to_instruction(accounts::Resolve {
        admin,
        config: at::config(),
        order,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Takes over the final verdict at `verdict` on `order`: of the program `proofs`, or of a panel of oracles. Nobody has to sign but
/// the payer of fees.
#[must_use]
pub fn apply_verdict(order: Pubkey, verdict: Pubkey) -> Instruction {
    data::ApplyVerdict {}.to_instruction(accounts::ApplyVerdict {
        order,
        verdict,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// What the settling of an order needs to know about it; all but the token program is in the order's account.
#[derive(Clone, Copy, Debug)]
pub struct Settlement {
    /// Address of the order.
    pub order: Pubkey,
    /// Its listing.
    pub listing: Pubkey,
    /// Its buyer.
    pub buyer: Pubkey,
    /// Its seller.
    pub seller: Pubkey,
    /// Who disputed it, where anybody did.
    pub challenger: Option<Pubkey>,
    /// Its mint.
    pub mint: Pubkey,
    /// The mint's token program.
    pub token_program: Pubkey,
    /// Who paid its rent.
    pub rent_payer: Pubkey,
}

impl Settlement {
    /// Reads it from the account of the order at `order`, whose mint is of `token_program`.
    #[must_use]
    pub fn of(order: Pubkey, state: &::market::state::Order, token_program: Pubkey) -> Self {
        Self {
            order,
            listing: state.listing,
            buyer: state.buyer,
            seller: state.seller,
            challenger: Some(state.challenger).filter(|challenger| *challenger != Pubkey::default()),
            mint: state.mint,
            token_program,
            rent_payer: state.rent_payer,
        }
    }
}

fn settle(caller: Pubkey, order: Settlement, treasury: Pubkey) -> accounts::Settle {
    let tokens = |wallet| token_account_of(&wallet, &order.mint, &order.token_program);
    accounts::Settle {
        caller,
        config: at::config(),
        order: order.order,
        listing: order.listing,
        reputation: at::reputation(&order.seller, &order.mint),
        vault: at::vault(&order.order),
        seller_tokens: tokens(order.seller),
        buyer_tokens: tokens(order.buyer),
        treasury_tokens: tokens(treasury),
        challenger_tokens: tokens(order.challenger.unwrap_or(order.buyer)),
        rent_payer: order.rent_payer,
        mint: order.mint,
        token_program: order.token_program,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    }
}

/// Pays an order whose verdict stands, into the associated token accounts of the seller, the buyer, `treasury` and the
/// challenger; those that get something must exist. `caller` is anybody, and signs.
#[must_use]
pub fn release(caller: Pubkey, order: Settlement, treasury: Pubkey) -> Instruction {
    data::Release {}.to_instruction(settle(caller, order, treasury))
}

/// Takes back an order that nobody accepted. Its buyer signs.
#[must_use]
pub fn cancel_order(order: Settlement) -> Instruction {
    // nothing goes to the treasury, so its account is not looked at
    data::CancelOrder {}.to_instruction(settle(order.buyer, order, order.buyer))
}

/// Returns an order that was rejected or missed a deadline to its buyer. `caller` is anybody, and signs.
#[must_use]
pub fn refund(caller: Pubkey, order: Settlement) -> Instruction {
    data::Refund {}.to_instruction(settle(caller, order, order.buyer))
}

/// What [`award_order`] needs.
#[derive(Clone, Copy, Debug)]
pub struct AwardOrder {
    /// Signs and pays the rent of the award.
    pub payer: Pubkey,
    /// Address of the order.
    pub order: Pubkey,
    /// Its seller, who gets the points.
    pub seller: Pubkey,
    /// The category in the order.
    pub category: u16,
    /// The open epoch.
    pub epoch: u32,
}

/// Awards points to the seller of a released order.
#[must_use]
pub fn award_order(award: AwardOrder) -> Instruction {
    let source = protocol::points::order_source(award.order.as_array());
    data::AwardOrder {}.to_instruction(accounts::AwardOrder {
        payer: award.payer,
        order: award.order,
        issuer_authority: at::issuer_authority(),
        rewards_config: rewards_at::config(),
        issuer: rewards_at::issuer(&at::issuer_authority()),
        category: rewards_at::category(award.category),
        epoch: rewards_at::epoch(award.epoch),
        contributor: rewards_at::contributor(&award.seller),
        points: rewards_at::points(award.epoch, &award.seller),
        award: rewards_at::award(&source),
        rewards_event_authority: rewards_at::event_authority(),
        rewards_program: rewards_at::PROGRAM,
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Closes a settled order. `rent_payer` paid its rent, gets it back and signs.
#[must_use]
pub fn close_order(order: Pubkey, rent_payer: Pubkey) -> Instruction {
    data::CloseOrder {}.to_instruction(accounts::CloseOrder {
        order,
        rent_payer,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}
