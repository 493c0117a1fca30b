//! The chain as an oracle sees it.

use crate::audit::{Audit, Opinion, Seat, Signed};
use crate::panel::ballot_of;
use chain::account::field_is;
use chain::address::market::{oracle_account, oracle_set as set_address, order as order_address};
use chain::address::oracles::seals as seals_address;
use chain::instruction::{market as build, oracles as oracles_ix};
use chain::{Instruction, Keypair, Prepared, Pubkey, Rpc, RpcError, SendError, Signer};
use market::MarketError;
use market::state::{OracleSet, Order, judge, order_state, verdict};
use oracles::{OraclesError, state::Seals};
use protocol::{
    audit_seed,
    digest::Digest,
    sampling,
    seal::{self, Subject},
};
use std::mem::offset_of;

/// How the chain stands to this oracle's vote on an audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It waits for the vote to be sealed.
    Open,
    /// It has the seal, and waits for those of others.
    Sealed,
    /// It has the seal, and waits for the vote.
    Showing,
    /// It has the vote.
    Voted,
    /// It no longer takes the vote.
    Closed(String),
}

/// What became of a submitted seal or vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Landing {
    /// It is on the chain.
    Landed,
    /// It is not, and these bytes never will be.
    Expired,
    /// The chain refused it.
    Refused(String),
}

/// The chain could not be asked, or refused for a reason that may pass.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct NodeError(pub String);

impl From<RpcError> for NodeError {
    fn from(error: RpcError) -> Self {
        Self(error.to_string())
    }
}

/// The chain as an oracle sees it.
pub trait Node: Send + Sync {
    /// The oracle's key.
    fn oracle(&self) -> Pubkey;
    /// The oracle's signature over `protocol::sampling::message`, which chooses the segments that it replays.
    fn sign_sample(&self, audit: &Audit) -> [u8; 64];
    /// Audits that wait for this oracle's vote.
    fn audits(&self) -> impl Future<Output = Result<Vec<Audit>, NodeError>> + Send;
    /// Draws the seeds of submitted results that this oracle will have to judge and whose slots are over; the orders that
    /// it armed. The sooner somebody does, the less a seller can choose.
    fn arm(&self) -> impl Future<Output = Result<Vec<Pubkey>, NodeError>> + Send;
    /// Convenes and draws panels for disputes that wait for one, and carries their verdicts to the market; the orders, and what
    /// was done for each.
    fn serve_panels(&self) -> impl Future<Output = Result<Vec<(Pubkey, &'static str)>, NodeError>> + Send;
    /// How the chain stands to this oracle's vote on `audit`.
    fn standing(&self, audit: &Audit) -> impl Future<Output = Result<Standing, NodeError>> + Send;
    /// The chain's time, in Unix seconds.
    fn unix_seconds(&self) -> impl Future<Output = Result<i64, NodeError>> + Send;
    /// Signs a seal of the vote, without sending it.
    fn seal(&self, audit: &Audit, opinion: &Opinion) -> impl Future<Output = Result<Signed, NodeError>> + Send;
    /// Signs a vote, without sending it.
    fn sign(&self, audit: &Audit, opinion: &Opinion) -> impl Future<Output = Result<Signed, NodeError>> + Send;
    /// Submits a signed seal or vote until its fate is known. May be repeated with the same bytes.
    fn submit(&self, signed: &Signed) -> impl Future<Output = Result<Landing, NodeError>> + Send;
}

/// The market on a Solana node.
pub struct SolanaNode {
    pub(crate) rpc: Rpc,
    pub(crate) key: Keypair,
}

impl std::fmt::Debug for SolanaNode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SolanaNode({:?}, oracle {})", self.rpc, self.key.pubkey())
    }
}

impl SolanaNode {
    /// An oracle that votes with `key` through `rpc`.
    #[must_use]
    pub fn new(rpc: Rpc, key: Keypair) -> Self {
        Self { rpc, key }
    }

    /// Place of this oracle in `set`, if it is a member of a set that is not retired.
    fn place(&self, set: &OracleSet) -> Option<usize> {
        let members = set.members.iter().take(usize::from(set.count));
        let place = members.clone().position(|member| *member == self.key.pubkey());
        place.filter(|_| set.retired == 0)
    }

    /// Sets whose members this oracle is, with its place in them.
    async fn sets(&self) -> Result<Vec<(OracleSet, usize)>, RpcError> {
        let sets = self.rpc.list::<OracleSet>(&[]).await?;
        Ok(sets.into_iter().filter_map(|(_, set)| self.place(&set).map(|place| (set, place))).collect())
    }

    async fn orders(&self, set: &OracleSet, state: u8) -> Result<Vec<(Pubkey, Order)>, RpcError> {
        let filters = [
            field_is::<Order>(offset_of!(Order, state), &[state]),
            field_is::<Order>(offset_of!(Order, oracle_set), &set.version.get().to_le_bytes()),
        ];
        self.rpc.list::<Order>(&filters).await
    }

    async fn audits_of(&self, set: &OracleSet, place: usize, state: u8, now: i64) -> Result<Vec<Audit>, RpcError> {
        let mut audits = Vec::new();
        for (address, order) in self.orders(set, state).await? {
            // most need no look at the seals
            let waits = over(&order, place, now).is_none()
                && !matches!(self.stands(address, &order, set, place, now).await?, Standing::Closed(_));
            if waits {
                audits.push(read(address, &order, set));
            }
        }
        Ok(audits)
    }

    /// [`stands`] with the order's seals.
    async fn stands(
        &self,
        address: Pubkey,
        order: &Order,
        set: &OracleSet,
        place: usize,
        now: i64,
    ) -> Result<Standing, RpcError> {
        let seals = self.rpc.find::<Seals>(&seals_address(&address)).await?;
        let seals = seals.filter(|seals| seals.opened_at == order.opened_at);
        Ok(stands(order, seals.as_ref(), place, set.count, now))
    }

    pub(crate) fn key(&self) -> Pubkey {
        self.key.pubkey()
    }

    /// What only this oracle can compute before it shows it.
    fn salt(&self, audit: &Audit) -> [u8; 32] {
        seal::salt(&self.key.sign_message(&seal::salt_message(audit.order.as_array(), &audit.seed)).into())
    }

    async fn prepare(&self, instruction: Instruction) -> Result<Signed, NodeError> {
        match self.rpc.prepare(&[instruction], &[&self.key]).await {
            Ok(prepared) => Ok(Signed { signature: prepared.signature(), bytes: prepared.to_bytes() }),
            Err(error) => Err(NodeError(error.to_string())),
        }
    }
}

fn code(seat: Seat, opinion: &Opinion) -> u8 {
    match seat {
        Seat::Panel => ballot_of(opinion),
        Seat::Set if opinion.accept => verdict::ACCEPT,
        Seat::Set => verdict::REJECT,
    }
}

fn read(address: Pubkey, order: &Order, set: &OracleSet) -> Audit {
    Audit {
        seat: Seat::Set,
        order: address,
        opened_at: order.opened_at.get(),
        seed: order.audit_seed,
        oracle_set: set.version.get(),
        samples: set.samples.get(),
        manifest_hash: Digest(order.manifest_hash),
        result_root: Digest(order.result_root),
        result_log: Digest(order.result_log),
        seal_by: seal_by(order),
        audit_by: order.audit_by.get(),
    }
}

fn seal_by(order: &Order) -> i64 {
    seal::sealing_ends(order.audit_by.get(), order.audit_seconds.get())
}

/// What the programs' `attest` would say to the member at `place`, whatever it sealed.
fn over(order: &Order, place: usize, now: i64) -> Option<Standing> {
    if (order.votes_for.get() | order.votes_against.get()) & (1 << place) != 0 {
        return Some(Standing::Voted);
    }
    // a buyer can approve before the audit's seed is drawn: then there is nothing to replay
    let open = order.state == order_state::AUDITING
        || order.state == order_state::AUDITED && order.disputed == 0 && order.audit_seed != [0; 32];
    if !open {
        return Some(Standing::Closed("the order is no longer under audit".into()));
    }
    (now >= order.audit_by.get()).then(|| Standing::Closed("the audit's deadline has passed".into()))
}

/// What the programs' `seal_vote` and `attest` would say to the member at `place` of `members`.
fn stands(order: &Order, seals: Option<&Seals>, place: usize, members: u8, now: i64) -> Standing {
    if let Some(standing) = over(order, place, now) {
        return standing;
    }
    let bit = 1 << place;
    let (sealed, sealing) = (seals.map_or(0, |seals| seals.sealed.get()), now < seal_by(order));
    match (sealed & bit != 0, sealing) {
        (true, true) if sealed.count_ones() < members.into() => Standing::Sealed,
        (true, _) => Standing::Showing,
        (false, true) if order.state == order_state::AUDITING => Standing::Open,
        (false, _) => Standing::Closed("votes are shown already, and this oracle sealed none".into()),
    }
}

impl Node for SolanaNode {
    fn oracle(&self) -> Pubkey {
        self.key.pubkey()
    }

    fn sign_sample(&self, audit: &Audit) -> [u8; 64] {
        self.key.sign_message(&sampling::message(audit.order.as_array(), &audit.seed)).into()
    }

    async fn audits(&self) -> Result<Vec<Audit>, NodeError> {
        let now = self.rpc.unix_seconds().await?;
        let mut audits = Vec::new();
        for (set, place) in self.sets().await? {
            // a late vote decides nothing but is part of the record
            for state in [order_state::AUDITING, order_state::AUDITED] {
                audits.extend(self.audits_of(&set, place, state, now).await?);
            }
        }
        audits.extend(self.panel_audits(now).await?);
        Ok(audits)
    }

    async fn arm(&self) -> Result<Vec<Pubkey>, NodeError> {
        let (mut armed, now, slot) = (Vec::new(), self.rpc.unix_seconds().await?, self.rpc.slot().await?);
        for (set, _) in self.sets().await? {
            for (address, order) in self.orders(&set, order_state::SUBMITTED).await? {
                // gold labels need no seed
                let over = order.audit_slot.get().saturating_add(audit_seed::SLOTS as u64) < slot;
                if order.judge == judge::GOLD || !over || now >= order.audit_by.get() {
                    continue;
                }
                match self.rpc.send(&[build::arm_audit(address, set.version.get())], &[&self.key]).await {
                    Ok(_) => armed.push(address),
                    // another member was faster, or some of the slots were skipped and it is still too early
                    Err(error) if error.failure().is_some() => {
                        tracing::debug!(order = %address, %error, "not armed");
                    }
                    Err(error) => return Err(NodeError(error.to_string())),
                }
            }
        }
        Ok(armed)
    }

    async fn serve_panels(&self) -> Result<Vec<(Pubkey, &'static str)>, NodeError> {
        self.serve().await
    }

    async fn standing(&self, audit: &Audit) -> Result<Standing, NodeError> {
        if audit.seat == Seat::Panel {
            return Ok(self.panel_standing(audit).await?);
        }
        let Some(set) = self.rpc.find::<OracleSet>(&set_address(audit.oracle_set)).await? else {
            return Ok(Standing::Closed("the oracle set is gone".into()));
        };
        let Some(place) = self.place(&set) else {
            return Ok(Standing::Closed("the oracle set is retired".into()));
        };
        let Some(order) = self.rpc.find::<Order>(&audit.order).await? else {
            return Ok(Standing::Closed("the order is closed".into()));
        };
        // another order can take the address of a closed one
        let same = order_address(&order.buyer, order.id.get()) == audit.order && order.audit_seed == audit.seed;
        if !same || Digest(order.result_root) != audit.result_root {
            return Ok(Standing::Closed("the order was closed and opened anew".into()));
        }
        Ok(self.stands(audit.order, &order, &set, place, self.rpc.unix_seconds().await?).await?)
    }

    async fn unix_seconds(&self) -> Result<i64, NodeError> {
        Ok(self.rpc.unix_seconds().await?)
    }

    async fn seal(&self, audit: &Audit, opinion: &Opinion) -> Result<Signed, NodeError> {
        let oracle = self.key.pubkey();
        let subject = Subject {
            order: audit.order.as_array(),
            opened_at: audit.opened_at,
            audit_seed: &audit.seed,
            oracle: oracle.as_array(),
        };
        let commitment = seal::commitment(&subject, code(audit.seat, opinion), &self.salt(audit));
        let seal = match audit.seat {
            Seat::Set => oracles_ix::seal_vote(oracle, audit.order, audit.oracle_set, commitment),
            Seat::Panel => oracles_ix::seal_panel_vote(oracle, audit.order, commitment),
        };
        self.prepare(seal).await
    }

    async fn sign(&self, audit: &Audit, opinion: &Opinion) -> Result<Signed, NodeError> {
        let (verdict, salt) = (code(audit.seat, opinion), self.salt(audit));
        let (reason, report) = (opinion.reason, opinion.report.0);
        if audit.seat == Seat::Panel {
            let vote = oracles_ix::PanelVote { ballot: verdict, reason, report, salt };
            return self.prepare(oracles_ix::show_panel_vote(self.key(), audit.order, vote)).await;
        }
        let vote = build::Vote { result_root: audit.result_root.0, verdict, reason, report, salt };
        let set = self.rpc.find::<OracleSet>(&set_address(audit.oracle_set)).await?;
        let bonded = set.is_some_and(|set| !set.min_bond.is_zero());
        let oracle = self.key.pubkey();
        let account = bonded.then(|| oracle_account(&oracle));
        self.prepare(build::attest(oracle, audit.order, audit.oracle_set, account, vote)).await
    }

    async fn submit(&self, signed: &Signed) -> Result<Landing, NodeError> {
        let prepared = Prepared::from_bytes(&signed.bytes).map_err(|error| NodeError(error.to_string()))?;
        match self.rpc.submit(&prepared).await {
            Ok(_) => Ok(Landing::Landed),
            Err(SendError::Expired { .. }) => Ok(Landing::Expired),
            Err(error) => match error.failure() {
                Some(failure) if failure.is_market(MarketError::AlreadyVoted) => Ok(Landing::Landed),
                Some(failure) if failure.is_oracles(OraclesError::AlreadySealed) => Ok(Landing::Landed),
                Some(failure) if failure.is_oracles(OraclesError::AlreadyShown) => Ok(Landing::Landed),
                Some(failure) => Ok(Landing::Refused(failure.to_string())),
                None => Err(NodeError(error.to_string())),
            },
        }
    }
}
