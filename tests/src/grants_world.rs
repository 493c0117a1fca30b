//! Grants on the chain of a [`World`]: a funded pool, contributors with points, proposals in any state.
use crate::{
    Receipt, Refusal, START, World,
    address::{self, grants as at},
    instruction::grants::{self as ix, Fund, OpenProposal, Token},
    passed,
};
use anchor_lang::{
    Address,
    bytemuck::{self, Zeroable},
};
use grants::{
    foreign::ForeignAccount,
    foreign_views::ContributorView,
    instructions::{ProposalTerms, Settings},
    state::{Ballot, Config, Proposal, bond_state, choice, proposal_state},
};
use protocol::{calendar::next_month_start, points::PointsHistory};
use rewards::state::Epoch;
use solana_instruction::Instruction;

/// The epoch of rewards that begins at [`START`]; three are open from there on.
pub const EPOCH: u32 = 5;
/// Base units of the token that exist.
pub const SUPPLY: u64 = 1_000_000_000_000;
/// 5.25 % of them.
pub const ALLOCATION: u64 = 52_500_000_000;
/// What the pool of a new world holds, in base units.
pub const POOL: u64 = 10_000_000_000;
/// What each actor has, in base units.
pub const PURSE: u64 = 1_000_000_000;
/// Points that must vote.
pub const QUORUM: u64 = 600;
/// Points that a proposer must have.
pub const MIN_POINTS: u64 = 10;
/// Base units of a bond.
pub const BOND: u64 = 5_000_000;
/// Points in favour that save the bond of a rejected proposal.
pub const FLOOR: u64 = 100;
/// Seconds of a vote.
pub const VOTING: i64 = 5 * DAY;
/// Seconds of a review.
pub const REVIEW: i64 = 2 * DAY;
/// Points of the world's voters.
pub const WEIGHTS: [u64; 3] = [600, 400, 200];
/// Seconds in a day.
pub const DAY: i64 = 86_400;

/// Grants with a funded pool, a proposer, a recipient, a reviewer and three voters.
#[derive(Clone)]
pub struct Grants {
    /// The chain.
    pub world: World,
    /// The token that is granted.
    pub token: Token,
    /// May review.
    pub reviewer: Address,
    /// Has points enough to propose.
    pub proposer: Address,
    /// Is paid.
    pub recipient: Address,
    /// Contributors with [`WEIGHTS`].
    pub voters: [Address; 3],
    /// Has no points and no part in anything.
    pub stranger: Address,
}

impl Grants {
    /// Ready for proposals, in the classic token.
    #[must_use]
    pub fn new() -> Self {
        Self::of_token(address::TOKEN_PROGRAM, &[])
    }

    /// As [`Grants::new`], with a mint of `program` that carries `extensions` (type and bytes).
    #[must_use]
    pub fn of_token(program: Address, extensions: &[(u16, usize)]) -> Self {
        let mut grants = Self::uninitialized(program, extensions);
        let admin = grants.world.admin;
        passed(grants.world.send(ix::initialize(admin, grants.token, ALLOCATION, grants.settings())));
        passed(grants.world.send(grants.fund_ix(POOL)));
        grants
    }

    /// The actors, their tokens and points, before the program is initialized.
    #[must_use]
    pub fn uninitialized(program: Address, extensions: &[(u16, usize)]) -> Self {
        let mut world = World::new();
        let mint = world.wallet();
        world.put(mint, program, mint_bytes(SUPPLY, extensions));
        let [reviewer, recipient, stranger] = std::array::from_fn(|_| world.wallet());
        let nobody = Address::default();
        let token = Token { mint, program };
        let mut grants = Self { world, token, reviewer, proposer: nobody, recipient, voters: [nobody; 3], stranger };
        let mut start = START;
        for index in EPOCH..EPOCH + 3 {
            let end = next_month_start(start);
            grants.put_epoch(index, start, end);
            start = end;
        }
        grants.proposer = grants.contributor(50);
        grants.voters = WEIGHTS.map(|points| grants.contributor(points));
        let admin = grants.world.admin;
        for wallet in [admin, recipient, stranger] {
            grants.give(&wallet, PURSE);
        }
        grants.give(&admin, ALLOCATION + PURSE);
        grants
    }

    /// The settings that grants are initialized with.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings {
            reviewer: self.reviewer,
            quorum_points: QUORUM,
            min_points: MIN_POINTS,
            proposal_bond: BOND,
            bond_floor_points: FLOOR,
            voting_seconds: VOTING,
            review_seconds: REVIEW,
            approval_bps: 5_000,
        }
    }

    /// Writes an epoch of rewards.
    pub fn put_epoch(&mut self, index: u32, start: i64, end: i64) {
        let (address, bump) = Address::find_program_address(&[b"epoch", &index.to_le_bytes()], &rewards::ID);
        let mut epoch = Epoch { index: index.into(), bump, ..Epoch::zeroed() };
        epoch.start = start.into();
        epoch.end = end.into();
        self.world.put_account(address, rewards::ID, &epoch);
    }

    /// A new contributor, who earned `points` before [`EPOCH`], with tokens.
    pub fn contributor(&mut self, points: u64) -> Address {
        let wallet = self.world.wallet();
        self.give(&wallet, PURSE);
        self.put_history(
            &wallet,
            PointsHistory { lifetime: points, last_epoch: EPOCH - 1, ..PointsHistory::default() },
        );
        wallet
    }

    /// Writes the account in rewards of `wallet`.
    pub fn put_history(&mut self, wallet: &Address, history: PointsHistory) {
        let (address, bump) = Address::find_program_address(&[b"contributor", wallet.as_ref()], &rewards::ID);
        let view = ContributorView {
            wallet: *wallet,
            destination: self.tokens_of(wallet),
            lifetime_points: history.lifetime.into(),
            seq: 1.into(),
            before_last: history.before_last.into(),
            before_previous: history.before_previous.into(),
            last_epoch: history.last_epoch.into(),
            previous_epoch: history.previous_epoch.into(),
            profit_index: [0; 16],
            profit_owed: [0; 16],
            profit_paid: 0.into(),
            bump,
        };
        let mut data = ContributorView::DISCRIMINATOR.to_vec();
        data.extend(bytemuck::bytes_of(&view));
        self.world.put(address, rewards::ID, data);
    }

    /// Gives `wallet` a token account with `amount` base units.
    pub fn give(&mut self, wallet: &Address, amount: u64) -> Address {
        let tokens = self.tokens_of(wallet);
        self.world.put(tokens, self.token.program, crate::token_account(&self.token.mint, wallet, amount));
        tokens
    }

    /// The token account of a wallet.
    #[must_use]
    pub fn tokens_of(&self, wallet: &Address) -> Address {
        let (program, mint) = (self.token.program, self.token.mint);
        let seeds: [&[u8]; 3] = [wallet.as_ref(), program.as_ref(), mint.as_ref()];
        let associated = Address::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
        Address::find_program_address(&seeds, &associated).0
    }

    /// Base units of a wallet.
    #[must_use]
    pub fn purse(&self, wallet: &Address) -> u64 {
        self.world.tokens(&self.tokens_of(wallet))
    }

    /// The administrator funds the pool.
    #[must_use]
    pub fn fund_ix(&self, amount: u64) -> Instruction {
        let funder = self.world.admin;
        ix::fund(Fund { funder, funding: self.tokens_of(&funder), token: self.token, amount })
    }

    /// Terms with these amounts, due every ten days after a vote that begins now.
    #[must_use]
    pub fn terms(&self, amounts: &[u64]) -> ProposalTerms {
        let mut terms = ProposalTerms {
            recipient: self.recipient,
            metadata_hash: [7; 32],
            uri: [0; 96],
            count: u8::try_from(amounts.len()).unwrap(),
            amounts: [0; 8],
            due: [0; 8],
        };
        terms.uri[..19].copy_from_slice(b"https://example.org");
        let first = self.world.now() + VOTING;
        for (place, amount) in amounts.iter().enumerate() {
            terms.amounts[place] = *amount;
            terms.due[place] = first + i64::try_from(place + 1).unwrap() * 10 * DAY;
        }
        terms
    }

    /// A proposal of the world's proposer under the next number.
    #[must_use]
    pub fn open_ix(&self, terms: ProposalTerms) -> Instruction {
        self.open_by_ix(&self.proposer, terms)
    }

    /// A proposal of anybody under the next number.
    #[must_use]
    pub fn open_by_ix(&self, proposer: &Address, terms: ProposalTerms) -> Instruction {
        let (id, epoch, token) = (self.config().next_proposal.get(), self.epoch_now(), self.token);
        ix::open_proposal(OpenProposal {
            proposer: *proposer,
            id,
            epoch,
            funding: self.tokens_of(proposer),
            token,
            terms,
        })
    }

    /// The epoch that holds the present.
    #[must_use]
    pub fn epoch_now(&self) -> u32 {
        let (mut end, mut index) = (next_month_start(START), EPOCH);
        while end <= self.world.now() {
            (end, index) = (next_month_start(end), index + 1);
        }
        index
    }

    /// Opens a proposal with these amounts.
    pub fn open(&mut self, amounts: &[u64]) -> u64 {
        let id = self.config().next_proposal.get();
        passed(self.world.send(self.open_ix(self.terms(amounts))));
        id
    }

    /// Votes.
    pub fn vote(&mut self, voter: usize, id: u64, choice: u8) -> Result<Receipt, Refusal> {
        self.world.send(ix::vote(self.voters[voter], id, choice))
    }

    /// Moves the chain to the end of a vote and tallies it.
    pub fn finish(&mut self, id: u64) -> Receipt {
        self.world.set_time(self.proposal(id).ends_at.get());
        passed(self.world.send(ix::tally(id)))
    }

    /// Opens a proposal that is carried.
    pub fn approved(&mut self, amounts: &[u64]) -> u64 {
        let id = self.open(amounts);
        passed(self.vote(0, id, choice::FOR));
        self.finish(id);
        assert_eq!(self.proposal(id).state, proposal_state::APPROVED);
        id
    }

    /// The recipient's submission of a milestone.
    #[must_use]
    pub fn submit_ix(&self, id: u64, index: u8) -> Instruction {
        ix::submit_milestone(self.recipient, id, index, [9; 32])
    }

    /// The reviewer's review of a milestone.
    #[must_use]
    pub fn review_ix(&self, id: u64, index: u8, approve: bool) -> Instruction {
        ix::review_milestone(self.reviewer, id, index, approve)
    }

    /// Payment of a milestone to the recipient.
    #[must_use]
    pub fn pay_ix(&self, id: u64, index: u8) -> Instruction {
        ix::disburse(id, index, self.tokens_of(&self.recipient), self.token)
    }

    /// Return of a bond to the world's proposer.
    #[must_use]
    pub fn bond_ix(&self, id: u64) -> Instruction {
        ix::return_bond(id, self.tokens_of(&self.proposer), self.token)
    }

    /// Submits and accepts a milestone.
    pub fn accept(&mut self, id: u64, index: u8) {
        passed(self.world.send(self.submit_ix(id, index)));
        passed(self.world.send(self.review_ix(id, index, true)));
    }

    /// Submits, accepts and pays a milestone.
    pub fn deliver(&mut self, id: u64, index: u8) -> Receipt {
        self.accept(id, index);
        passed(self.world.send(self.pay_ix(id, index)))
    }

    /// A proposal of two milestones in a state of `proposal_state`. All but `VOTING` let the time of a vote pass.
    pub fn proposal_in(&mut self, state: u8) -> u64 {
        match state {
            proposal_state::VOTING => self.open(&[100, 200]),
            proposal_state::REJECTED => {
                let id = self.open(&[100, 200]);
                self.finish(id);
                id
            }
            _ => {
                let id = self.approved(&[100, 200]);
                match state {
                    proposal_state::COMPLETED => {
                        self.deliver(id, 0);
                        self.deliver(id, 1);
                    }
                    proposal_state::CANCELLED => {
                        passed(self.world.send(ix::cancel_proposal(self.world.admin, id)));
                    }
                    _ => {}
                }
                id
            }
        }
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> Config {
        self.world.read(&at::config())
    }

    /// A proposal.
    #[must_use]
    pub fn proposal(&self, id: u64) -> Proposal {
        self.world.read(&at::proposal(id))
    }

    /// A ballot.
    #[must_use]
    pub fn ballot(&self, id: u64, voter: &Address) -> Ballot {
        self.world.read(&at::ballot(&at::proposal(id), voter))
    }

    /// Base units in the vault.
    #[must_use]
    pub fn vault(&self) -> u64 {
        self.world.tokens(&at::vault())
    }

    /// What must hold after every instruction: nothing is promised or paid that did not come in, and the vault holds all that
    /// it owes.
    #[track_caller]
    pub fn assert_solvent(&self) {
        let c = self.config();
        let (funded, committed, disbursed) = (c.funded.get(), c.committed.get(), c.disbursed.get());
        assert!(committed + disbursed <= funded, "{committed} + {disbursed} > {funded}");
        assert!(self.vault() >= funded - disbursed + c.bonds.get());
        let (mut set_aside, mut bonds, mut paid) = (0, 0, 0);
        for id in 0..c.next_proposal.get() {
            if self.world.is_gone(&at::proposal(id)) {
                continue;
            }
            let p = self.proposal(id);
            assert!(p.paid.get() + p.committed.get() <= p.total.get());
            (set_aside, paid) = (set_aside + p.committed.get(), paid + p.paid.get());
            if p.bond_state == bond_state::HELD || p.bond_state == bond_state::RETURNABLE {
                bonds += p.bond.get();
            }
        }
        assert_eq!((set_aside, bonds), (committed, c.bonds.get()));
        assert!(paid <= disbursed, "closed proposals are no longer counted");
    }
}

impl Default for Grants {
    fn default() -> Self {
        Self::new()
    }
}

/// The bytes of a mint of six decimals; with extensions (type and length) it is one of Token-2022.
#[must_use]
pub fn mint_bytes(supply: u64, extensions: &[(u16, usize)]) -> Vec<u8> {
    let mut data = vec![0; 82];
    data[36..44].copy_from_slice(&supply.to_le_bytes());
    data[44] = 6;
    data[45] = 1;
    if !extensions.is_empty() {
        data.resize(165, 0);
        data.push(1);
        for (kind, length) in extensions {
            data.extend(kind.to_le_bytes());
            data.extend(u16::try_from(*length).unwrap().to_le_bytes());
            data.resize(data.len() + length, 0);
        }
    }
    data
}
