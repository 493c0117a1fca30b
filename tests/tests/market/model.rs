//! What the market should do, written down once more: plain structs, exact arithmetic, nothing shared with the program but its
//! numbers for states and its errors.
use market::{
    MarketError::{self as E, *},
    state::{judge, listing_kind, order_state as s, pause, refund_reason as r, resolution as res, unit, verdict as v},
};

pub(crate) const ACTORS: usize = 8;
pub(crate) const MINTS: usize = 3;
/// Places of the actors. Buyers are 0 to 2, and the first seller orders too.
pub(crate) const SELLERS: [usize; 2] = [3, 4];
pub(crate) const TREASURY: usize = 6;
/// The mint whose tokens cannot be burned.
pub(crate) const NATIVE: usize = 2;

/// Why an instruction is refused.
#[derive(Clone)]
pub(crate) enum No {
    /// By the program.
    With(E),
    /// By the token program: too few tokens.
    Poor,
    /// By the framework or the runtime: an account is not what it should be.
    Account,
}

impl std::fmt::Debug for No {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::With(error) => write!(f, "error {}", u64::from(anchor_lang::Error::from(*error))),
            Self::Poor => f.write_str("too few tokens"),
            Self::Account => f.write_str("a wrong account"),
        }
    }
}

impl From<E> for No {
    fn from(error: E) -> Self {
        Self::With(error)
    }
}

pub(crate) type Ends = Result<(), No>;

macro_rules! ensure {
    ($that:expr, $error:expr) => {
        if !$that {
            return Err($error.into());
        }
    };
}

/// Settings that an order keeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) fee_bps: i128,
    pub(crate) seller_bond_bps: i128,
    pub(crate) challenge_bond_bps: i128,
    pub(crate) slash_challenger_bps: i128,
    pub(crate) slash_buyer_bps: i128,
    pub(crate) accept: i64,
    pub(crate) delivery: i64,
    pub(crate) audit: i64,
    pub(crate) dispute: i64,
    pub(crate) answer: i64,
    pub(crate) resolve: i64,
    pub(crate) award: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct Listing {
    pub(crate) seller: usize,
    pub(crate) kind: u8,
    pub(crate) unit: u8,
    pub(crate) mint: usize,
    pub(crate) price: i128,
    pub(crate) version: u32,
    pub(crate) active: bool,
    pub(crate) open_orders: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) listing: usize,
    pub(crate) buyer: usize,
    pub(crate) seller: usize,
    pub(crate) mint: usize,
    pub(crate) amount: i128,
    pub(crate) terms: Terms,
    pub(crate) judge: u8,
    pub(crate) partial: bool,
    pub(crate) state: u8,
    pub(crate) verdict: u8,
    pub(crate) resolution: u8,
    pub(crate) payable: i128,
    pub(crate) challenger: Option<usize>,
    pub(crate) answered: bool,
    pub(crate) seller_bond: i128,
    pub(crate) challenge_bond: i128,
    pub(crate) votes_for: u16,
    pub(crate) votes_against: u16,
    pub(crate) audit_slot: u64,
    pub(crate) opened_at: i64,
    pub(crate) accept_by: i64,
    pub(crate) deliver_by: i64,
    pub(crate) audit_by: i64,
    pub(crate) dispute_until: i64,
    pub(crate) answer_by: i64,
    pub(crate) resolve_by: i64,
    pub(crate) settled_at: i64,
    pub(crate) seq: u64,
    pub(crate) vault: i128,
    /// Seller, treasury, buyer, challenger, fire.
    pub(crate) shares: [i128; 5],
}

/// A verdict on an order: of `proofs`, or of a panel of oracles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verdict {
    pub(crate) opened_at: i64,
    pub(crate) bps: i128,
    pub(crate) kind: u8,
    pub(crate) done: bool,
    pub(crate) blame: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reputation {
    pub(crate) accepted: i128,
    pub(crate) released: i128,
    pub(crate) rejected: i128,
    pub(crate) not_delivered: i128,
    pub(crate) disputed: i128,
    pub(crate) disputes_lost: i128,
    pub(crate) volume: i128,
    pub(crate) slashed: i128,
}

/// What a buyer asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask {
    pub(crate) listing: usize,
    pub(crate) judge: u8,
    pub(crate) quantity: i128,
    pub(crate) partial: bool,
    pub(crate) version: u32,
    pub(crate) max_total: i128,
}

pub(crate) struct Model {
    pub(crate) now: i64,
    pub(crate) slot: u64,
    pub(crate) paused: u8,
    pub(crate) terms: Terms,
    pub(crate) tokens: [[i128; MINTS]; ACTORS],
    pub(crate) burned: [i128; MINTS],
    pub(crate) listings: Vec<Listing>,
    pub(crate) orders: Vec<Option<Order>>,
    /// For each place that of `proofs`, and that of a panel.
    pub(crate) verdicts: Vec<[Option<Verdict>; 2]>,
    pub(crate) reputations: [[Reputation; MINTS]; 2],
}

fn part(amount: i128, bps: i128) -> i128 {
    amount * bps.min(10_000) / 10_000
}

impl Order {
    fn favours_seller(&self) -> bool {
        self.verdict == v::ACCEPT
    }

    fn in_full(&mut self) {
        (self.state, self.verdict, self.payable) = (s::AUDITED, v::ACCEPT, self.amount);
    }

    /// The second before which a panel has the dispute to itself: half of the window remains, rounded up.
    pub(crate) fn panel_until(&self) -> i64 {
        self.resolve_by - (self.terms.resolve + 1) / 2
    }

    fn final_now(&mut self, now: i64) {
        (self.state, self.dispute_until) = (s::AUDITED, now);
    }
}

impl Model {
    fn order(&mut self, place: usize) -> Result<&mut Order, No> {
        self.orders[place].as_mut().ok_or(No::Account)
    }

    fn reputation(&mut self, seller: usize, mint: usize) -> &mut Reputation {
        let place = SELLERS.iter().position(|s| *s == seller).unwrap();
        &mut self.reputations[place][mint]
    }

    fn pay_in(&mut self, place: usize, from: usize, amount: i128) -> Ends {
        let order = self.orders[place].as_mut().unwrap();
        let purse = &mut self.tokens[from][order.mint];
        ensure!(*purse >= amount, No::Poor);
        *purse -= amount;
        order.vault += amount;
        Ok(())
    }

    pub(crate) fn update_listing(&mut self, listing: usize, price: i128, unit: u8, active: bool) -> Ends {
        ensure!(self.paused & pause::LISTINGS == 0, Paused);
        let listing = &mut self.listings[listing];
        (listing.price, listing.unit, listing.active) = (price, unit, active);
        listing.version += 1;
        Ok(())
    }

    pub(crate) fn open(&mut self, place: usize, buyer: usize, ask: Ask) -> Ends {
        ensure!(self.orders[place].is_none(), No::Account);
        let (now, terms) = (self.now, self.terms);
        let listing = &mut self.listings[ask.listing];
        ensure!(self.paused & pause::ORDERS == 0, Paused);
        ensure!(listing.active, ListingInactive);
        ensure!(listing.unit != unit::HOUR, RentedByTheHour);
        let ways: &[u8] = match listing.kind {
            listing_kind::COMPUTE => &[judge::ORACLES, judge::APPROVAL],
            listing_kind::LABELLING => &[judge::APPROVAL, judge::GOLD],
            _ => &[judge::PROOF],
        };
        ensure!(ways.contains(&ask.judge), JudgeNotOfKind);
        ensure!(listing.version == ask.version, ListingChanged);
        ensure!(listing.seller != buyer, SelfOrder);
        ensure!(ask.quantity > 0, NoQuantity);
        let amount = listing.price * ask.quantity;
        ensure!(amount <= ask.max_total, PriceAboveLimit);
        ensure!(self.tokens[buyer][listing.mint] >= amount, No::Poor);
        listing.open_orders += 1;
        self.orders[place] = Some(Order {
            listing: ask.listing,
            buyer,
            seller: listing.seller,
            mint: listing.mint,
            amount,
            terms,
            judge: ask.judge,
            partial: ask.partial,
            state: s::FUNDED,
            verdict: v::NONE,
            resolution: res::NONE,
            payable: 0,
            challenger: None,
            answered: false,
            seller_bond: 0,
            challenge_bond: 0,
            votes_for: 0,
            votes_against: 0,
            audit_slot: 0,
            opened_at: now,
            accept_by: now + terms.accept,
            deliver_by: 0,
            audit_by: 0,
            dispute_until: 0,
            answer_by: 0,
            resolve_by: 0,
            settled_at: 0,
            seq: 1,
            vault: 0,
            shares: [0; 5],
        });
        self.pay_in(place, buyer, amount)
    }

    pub(crate) fn accept(&mut self, place: usize, who: usize) -> Ends {
        let (now, paused) = (self.now, self.paused);
        let order = self.order(place)?;
        ensure!(who == order.seller, NotSeller);
        ensure!(paused & pause::ACCEPTANCE == 0, Paused);
        ensure!(order.state == s::FUNDED, WrongState);
        ensure!(now < order.accept_by, DeadlinePassed);
        let (bond, mint) = (part(order.amount, order.terms.seller_bond_bps), order.mint);
        self.pay_in(place, who, bond)?;
        let order = self.order(place)?;
        (order.state, order.seller_bond, order.deliver_by) = (s::ACCEPTED, bond, now + order.terms.delivery);
        order.seq += 1;
        self.reputation(who, mint).accepted += 1;
        Ok(())
    }

    pub(crate) fn deliver(&mut self, place: usize, who: usize, licence: bool) -> Ends {
        let (now, slot) = (self.now, self.slot);
        let order = self.order(place)?;
        ensure!((order.judge == judge::PROOF) == licence, WrongJudge);
        ensure!(who == order.seller, NotSeller);
        ensure!(order.state == s::ACCEPTED, WrongState);
        ensure!(now < order.deliver_by, DeadlinePassed);
        if !licence {
            order.audit_slot = slot;
        }
        if matches!(order.judge, judge::PROOF | judge::APPROVAL) {
            order.in_full();
            order.dispute_until = now + order.terms.dispute;
        } else {
            (order.state, order.audit_by) = (s::SUBMITTED, now + order.terms.audit);
        }
        order.seq += 1;
        Ok(())
    }

    pub(crate) fn arm(&mut self, place: usize) -> Ends {
        let (now, slot) = (self.now, self.slot);
        let order = self.order(place)?;
        ensure!(order.judge == judge::ORACLES, WrongOracleSet);
        ensure!(order.state == s::SUBMITTED, WrongState);
        ensure!(now < order.audit_by, DeadlinePassed);
        match slot - order.audit_slot {
            0..5 => return Err(AuditTooEarly.into()),
            5..=512 => order.state = s::AUDITING,
            _ => order.audit_slot = slot,
        }
        order.seq += 1;
        Ok(())
    }

    /// A vote of one of three oracles, of whom two decide.
    pub(crate) fn attest(&mut self, place: usize, oracle: usize, verdict: u8) -> Ends {
        let now = self.now;
        let order = self.order(place)?;
        ensure!(order.judge == judge::ORACLES, WrongOracleSet);
        let late = order.state == s::AUDITED && order.challenger.is_none();
        ensure!(order.state == s::AUDITING || late, WrongState);
        ensure!(now < order.audit_by, DeadlinePassed);
        ensure!((order.votes_for | order.votes_against) & 1 << oracle == 0, AlreadyVoted);
        let votes = if verdict == v::ACCEPT { &mut order.votes_for } else { &mut order.votes_against };
        *votes |= 1 << oracle;
        if !late && votes.count_ones() == 2 {
            (order.state, order.verdict) = (s::AUDITED, verdict);
            order.payable = if verdict == v::ACCEPT { order.amount } else { 0 };
            order.dispute_until = now + order.terms.dispute;
        }
        order.seq += 1;
        Ok(())
    }

    pub(crate) fn approve(&mut self, place: usize, who: usize) -> Ends {
        let now = self.now;
        let order = self.order(place)?;
        ensure!(who == order.buyer, NotBuyer);
        ensure!(order.challenger.is_none(), AlreadyDisputed);
        ensure!(matches!(order.state, s::SUBMITTED | s::AUDITING | s::AUDITED), WrongState);
        if !order.favours_seller() {
            order.in_full();
        }
        order.final_now(now);
        order.seq += 1;
        Ok(())
    }

    pub(crate) fn concede(&mut self, place: usize, who: usize, payable: i128) -> Ends {
        let now = self.now;
        let order = self.order(place)?;
        ensure!(who == order.seller, NotSeller);
        let before_dispute = order.state == s::AUDITED;
        match order.state {
            s::SUBMITTED | s::AUDITING => {}
            s::AUDITED => ensure!(order.challenger.is_none(), AlreadyDisputed),
            s::DISPUTED => {}
            _ => return Err(WrongState.into()),
        }
        if matches!(order.state, s::AUDITED | s::DISPUTED) {
            ensure!(payable < order.payable, NotAConcession);
        }
        ensure!(payable == 0 || before_dispute && order.partial, PartialNotAllowed);
        order.payable = payable;
        if payable == 0 {
            if order.challenger.is_some() {
                order.resolution = res::FORFEITED;
            } else {
                order.verdict = v::REJECT;
            }
            order.final_now(now);
        }
        order.seq += 1;
        Ok(())
    }

    pub(crate) fn dispute(&mut self, place: usize, who: usize) -> Ends {
        let now = self.now;
        let order = self.order(place)?;
        ensure!(order.challenger.is_none(), AlreadyDisputed);
        ensure!(order.state == s::AUDITED, WrongState);
        ensure!(now < order.dispute_until, DisputeWindowOver);
        let (favoured, other) =
            if order.payable > 0 { (order.seller, order.buyer) } else { (order.buyer, order.seller) };
        ensure!(who != favoured, FavouredSide);
        let bond = part(order.amount, order.terms.challenge_bond_bps);
        ensure!(bond > 0 || who == other, NotAParty);
        self.pay_in(place, who, bond)?;
        let order = self.order(place)?;
        (order.state, order.challenger, order.challenge_bond) = (s::DISPUTED, Some(who), bond);
        order.answer_by = now + order.terms.answer;
        order.resolve_by = order.answer_by + order.terms.resolve;
        order.seq += 1;
        let (seller, mint) = (order.seller, order.mint);
        self.reputation(seller, mint).disputed += 1;
        Ok(())
    }

    pub(crate) fn answer(&mut self, place: usize, who: usize) -> Ends {
        let now = self.now;
        let order = self.order(place)?;
        ensure!(order.state == s::DISPUTED, WrongState);
        ensure!(who == if order.payable > 0 { order.seller } else { order.buyer }, NotFavoured);
        ensure!(!order.answered, AlreadyAnswered);
        ensure!(now < order.answer_by, DeadlinePassed);
        order.answered = true;
        order.seq += 1;
        Ok(())
    }

    pub(crate) fn resolve(&mut self, place: usize, payable: i128) -> Ends {
        let now = self.now;
        let order = self.order(place)?;
        ensure!(order.state == s::DISPUTED, WrongState);
        ensure!(order.answered, NotAnswered);
        ensure!(now < order.resolve_by, DeadlinePassed);
        ensure!(order.judge != judge::ORACLES || now >= order.panel_until(), PanelSits);
        ensure!(payable <= order.amount, PayableAboveAmount);
        ensure!(order.partial || payable == 0 || payable == order.amount, PartialNotAllowed);
        order.resolution = if payable == order.payable { res::UPHELD } else { res::OVERTURNED };
        order.payable = payable;
        order.final_now(now);
        order.seq += 1;
        Ok(())
    }

    /// Of `proofs`, or of a panel.
    pub(crate) fn apply(&mut self, place: usize, panel: bool) -> Ends {
        let (now, verdict) = (self.now, self.verdicts[place][usize::from(panel)]);
        let order = self.order(place)?;
        let verdict = verdict.ok_or(No::Account)?;
        let fits = verdict.done && verdict.opened_at == order.opened_at && verdict.kind == order.judge;
        ensure!(fits, WrongVerdict);
        let mut payable = part(order.amount, verdict.bps);
        match (order.judge, order.state) {
            (judge::PROOF | judge::ORACLES, s::DISPUTED) => {
                let blamed = order.judge == judge::PROOF || verdict.blame;
                let changed = if blamed { res::OVERTURNED } else { res::PROVEN };
                if order.judge == judge::ORACLES && payable > 0 && order.payable > 0 {
                    // what the seller had conceded stays conceded
                    payable = order.payable;
                }
                order.resolution = if payable == order.payable { res::UPHELD } else { changed };
            }
            (judge::GOLD, s::SUBMITTED) => order.verdict = if payable > 0 { v::ACCEPT } else { v::REJECT },
            _ => return Err(WrongState.into()),
        }
        order.payable = payable;
        order.final_now(now);
        order.seq += 1;
        Ok(())
    }

    pub(crate) fn cancel(&mut self, place: usize, who: usize) -> Ends {
        let order = self.order(place)?;
        ensure!(who == order.buyer, NotBuyer);
        ensure!(order.state == s::FUNDED, WrongState);
        self.settle(place, 0, r::CANCELLED, None);
        Ok(())
    }

    /// Releases, or refunds.
    pub(crate) fn end(&mut self, place: usize, release: bool) -> Ends {
        let now = self.now;
        let order = self.order(place)?;
        let waits = |until: i64, error: E| if now < until { Err(No::With(error)) } else { Ok(()) };
        // what is payable, why not, and whether a challenger was right
        let (payable, reason, right) = match order.state {
            s::FUNDED => waits(order.accept_by, DeadlineNotPassed).map(|()| (0, r::NOT_ACCEPTED, None))?,
            s::ACCEPTED => waits(order.deliver_by, DeadlineNotPassed).map(|()| (0, r::NOT_DELIVERED, None))?,
            s::SUBMITTED if order.judge == judge::GOLD => {
                waits(order.audit_by + 2 * order.terms.resolve, DeadlineNotPassed)?;
                (order.amount, 0, None)
            }
            s::SUBMITTED | s::AUDITING => {
                waits(order.audit_by, DeadlineNotPassed).map(|()| (0, r::NOT_AUDITED, None))?
            }
            s::AUDITED => {
                waits(order.dispute_until, DisputeWindowOpen)?;
                let right = match order.resolution {
                    res::NONE => None,
                    res::UPHELD => Some(false),
                    _ => Some(true),
                };
                (order.payable, if right.is_some() { r::RESOLVED } else { r::REJECTED }, right)
            }
            s::DISPUTED if order.answered => {
                waits(order.resolve_by, DisputeWindowOpen).map(|()| (order.payable, r::REJECTED, None))?
            }
            s::DISPUTED => {
                waits(order.answer_by, DisputeWindowOpen)?;
                order.resolution = res::FORFEITED;
                (if order.payable > 0 { 0 } else { order.amount }, r::RESOLVED, Some(true))
            }
            _ => return Err(WrongState.into()),
        };
        let wrong = if release { NothingPayable } else { OrderIsPayable };
        if release != (payable > 0) {
            let order = self.order(place)?;
            if order.state == s::DISPUTED {
                order.resolution = res::NONE;
            }
            return Err(wrong.into());
        }
        self.settle(place, payable, if payable > 0 { 0 } else { reason }, right);
        Ok(())
    }

    fn settle(&mut self, place: usize, payable: i128, reason: u8, right: Option<bool>) {
        let now = self.now;
        let order = self.orders[place].as_mut().unwrap();
        let fault = matches!(reason, r::NOT_DELIVERED | r::REJECTED | r::RESOLVED);
        let fee = part(payable, order.terms.fee_bps);
        let surplus = order.vault - order.amount - order.seller_bond - order.challenge_bond;
        let mut to = [payable - fee, fee, order.amount - payable + surplus, 0, 0];
        if fault {
            let challenger = part(order.seller_bond, order.terms.slash_challenger_bps);
            let buyer = part(order.seller_bond, order.terms.slash_buyer_bps);
            let rest = order.seller_bond - challenger - buyer;
            to[if right == Some(true) { 3 } else { 2 }] += challenger;
            to[2] += buyer;
            to[if order.mint == NATIVE { 2 } else { 4 }] += rest;
        } else {
            to[0] += order.seller_bond;
        }
        let winner = match (right, order.favours_seller()) {
            (Some(false), true) => 0,
            (Some(false), false) => 2,
            _ => 3,
        };
        to[winner] += order.challenge_bond;
        assert_eq!(to.iter().sum::<i128>(), order.vault, "the model pays what it holds");
        assert!(to.iter().all(|share| *share >= 0));

        (order.state, order.payable) = (if payable > 0 { s::RELEASED } else { s::REFUNDED }, payable);
        (order.shares, order.settled_at, order.vault) = (to, now, 0);
        order.seq += 1;
        let order = order.clone();
        let payees = [Some(order.seller), Some(TREASURY), Some(order.buyer), order.challenger];
        for (payee, share) in payees.iter().zip(to) {
            match payee {
                Some(payee) => self.tokens[*payee][order.mint] += share,
                None => assert_eq!(share, 0),
            }
        }
        self.burned[order.mint] += to[4];
        self.listings[order.listing].open_orders -= 1;
        let lost = right == Some(order.favours_seller());
        let reputation = self.reputation(order.seller, order.mint);
        reputation.released += i128::from(payable > 0);
        reputation.not_delivered += i128::from(reason == r::NOT_DELIVERED);
        reputation.rejected += i128::from(fault && reason != r::NOT_DELIVERED);
        reputation.disputes_lost += i128::from(lost);
        reputation.volume += payable;
        reputation.slashed += if fault { order.seller_bond } else { 0 };
    }

    pub(crate) fn close(&mut self, place: usize) -> Ends {
        let now = self.now;
        let order = self.order(place)?;
        ensure!([s::REFUNDED, s::RELEASED].contains(&order.state), WrongState);
        let awaited = order.state == s::RELEASED || order.challenger.is_some();
        ensure!(!awaited || now >= order.settled_at + order.terms.award, AwardPending);
        ensure!(now > order.opened_at, ClosedTooSoon);
        self.orders[place] = None;
        Ok(())
    }
}
