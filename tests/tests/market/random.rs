//! Random instructions of many actors on many orders, each compared with [`crate::model`]: how it ends, and what everything
//! and everybody then holds.
//!
//! `AIXBLOCK_STEPS` is the number of steps, `AIXBLOCK_SEED` the sequence; a failure names both.
use crate::model::{
    ACTORS, Ask, Ends, Listing, MINTS, Model, NATIVE, No, Reputation, SELLERS, TREASURY, Terms, Verdict,
};
use anchor_lang::Address;
use e2e_tests::{
    METADATA, Money, Receipt, Refusal, START, World,
    address::{market as at, token_account_of},
    answer,
    instruction::market as ix,
    members, passed, terms_of, vote,
};
use market::{
    foreign::ForeignAccount,
    instructions::{DeliveredLicence, ListingTerms, OrderTerms, Settings, SubmittedResult},
    state::{judge, listing_kind, order_state, pause, unit, verdict},
    views::VerdictView,
};
use solana_instruction::Instruction;
use solana_transaction_error::TransactionError;
use std::env;

/// Steps where the environment names none: about twenty seconds.
const STEPS: u64 = 12_000;
const PURSE: u64 = 1 << 40;
/// Orders that can exist at a time: four of each buyer.
pub(crate) const PLACES: usize = 16;
const BUYERS: [usize; 4] = [0, 1, 2, SELLERS[0]];
const MONIES: [Money; MINTS] = [Money::Classic, Money::Token2022, Money::Native];

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }
}

pub(crate) struct Run {
    pub(crate) world: World,
    pub(crate) model: Model,
    dice: Dice,
    pub(crate) actors: [Address; ACTORS],
    pub(crate) mints: [Address; MINTS],
    oracles: [Address; 3],
    /// Addresses, which take long to derive: token accounts by actor and mint, orders and vaults by place, listings.
    pub(crate) tokens: [[Address; MINTS]; ACTORS],
    pub(crate) orders: [(Address, Address); PLACES],
    pub(crate) listings: [Address; 8],
    /// Tokens that exist, in each mint.
    pub(crate) minted: [i128; MINTS],
}

fn terms(dice: &mut Dice) -> Terms {
    let shares = dice.one(&[(0, 0), (3_000, 5_000), (10_000, 0), (0, 10_000), (3_333, 3_333)]);
    let [accept, delivery, audit, dispute, answer, resolve, award] = std::array::from_fn(|_| dice.one(&[1, 60, 500]));
    Terms {
        fee_bps: dice.one(&[0, 1, 250, 1_000]),
        seller_bond_bps: dice.one(&[0, 1, 1_000, 10_000]),
        challenge_bond_bps: dice.one(&[0, 500, 10_000]),
        slash_challenger_bps: shares.0,
        slash_buyer_bps: shares.1,
        accept,
        delivery,
        audit,
        dispute,
        answer,
        resolve,
        award,
    }
}

impl Run {
    fn new(seed: u64) -> Self {
        let (mut world, mut dice) = (World::new(), Dice(seed));
        let actors: [Address; ACTORS] = std::array::from_fn(|_| world.wallet());
        let oracles = std::array::from_fn(|_| world.wallet());
        let mints = MONIES.map(|money| money.mint(&mut world));
        for (money, mint) in MONIES.iter().zip(&mints) {
            for actor in &actors {
                money.fund(&mut world, actor, mint, PURSE);
            }
        }
        let terms = terms(&mut dice);
        let tokens = [[i128::from(PURSE); MINTS]; ACTORS];
        let mut model = Model {
            now: START,
            slot: world.slot(),
            paused: 0,
            terms,
            tokens,
            burned: [0; MINTS],
            listings: Vec::new(),
            orders: vec![None; PLACES],
            verdicts: vec![[None; 2]; PLACES],
            reputations: [[Reputation::default(); MINTS]; 2],
        };
        let admin = world.admin;
        passed(world.send(ix::initialize(admin, settings(&terms, actors[TREASURY], &mints))));
        passed(world.send(ix::create_oracle_set(admin, 1, members(&oracles, 2))));
        let kinds = [listing_kind::COMPUTE, listing_kind::DATASET, listing_kind::MODEL, listing_kind::LABELLING];
        for id in 0..8 {
            let (seller, kind, mint) = (SELLERS[id % 2], kinds[id / 2], id % MINTS);
            let unit = terms_of(kind).0;
            let listing = Listing { seller, kind, unit, mint, price: 1_001, version: 1, active: true, open_orders: 0 };
            let create = ix::create_listing(actors[seller], id as u64, kind, listing_terms(&listing, &mints));
            passed(world.send(create));
            model.listings.push(listing);
        }
        let minted = [i128::from(PURSE) * ACTORS as i128; MINTS];
        let tokens = actors
            .map(|actor| std::array::from_fn(|mint| token_account_of(&actor, &mints[mint], &MONIES[mint].program())));
        let orders = std::array::from_fn(|place| {
            let order = at::order(&actors[BUYERS[place % 4]], place as u64);
            (order, at::vault(&order))
        });
        let listings = std::array::from_fn(|id| at::listing(&actors[SELLERS[id % 2]], id as u64));
        Self { world, model, dice, actors, mints, oracles, tokens, orders, listings, minted }
    }

    fn address(&self, place: usize) -> Address {
        self.orders[place].0
    }

    pub(crate) fn listing_address(&self, listing: usize) -> Address {
        self.listings[listing]
    }

    fn deposit(&self, place: usize, actor: usize) -> ix::Deposit {
        let (seller, mint) = self.model.orders[place].as_ref().map_or((SELLERS[0], 0), |o| (o.seller, o.mint));
        ix::Deposit {
            actor: self.actors[actor],
            order: self.address(place),
            seller: self.actors[seller],
            mint: self.mints[mint],
            token_program: MONIES[mint].program(),
        }
    }

    fn settlement(&self, place: usize) -> ix::Settlement {
        let order = self.model.orders[place].as_ref();
        let (seller, mint, listing) = order.map_or((SELLERS[0], 0, 0), |o| (o.seller, o.mint, o.listing));
        let buyer = self.actors[BUYERS[place % 4]];
        ix::Settlement {
            order: self.address(place),
            listing: self.listing_address(listing),
            buyer,
            seller: self.actors[seller],
            challenger: order.and_then(|o| o.challenger).map(|who| self.actors[who]),
            mint: self.mints[mint],
            token_program: MONIES[mint].program(),
            rent_payer: buyer,
        }
    }

    /// Somebody, most often who may act on the order.
    fn somebody(&mut self, place: usize, seller: bool) -> usize {
        match &self.model.orders[place] {
            Some(order) if self.dice.chance(85) => {
                if seller {
                    order.seller
                } else {
                    order.buyer
                }
            }
            _ => self.dice.below(ACTORS),
        }
    }

    /// A place, most often one whose order is in one of these states.
    fn place(&mut self, states: &[u8]) -> usize {
        let fits: Vec<usize> = (0..PLACES)
            .filter(|place| self.model.orders[*place].as_ref().is_some_and(|order| states.contains(&order.state)))
            .collect();
        if fits.is_empty() || self.dice.chance(10) { self.dice.below(PLACES) } else { self.dice.one(&fits) }
    }

    fn amount_of(&mut self, place: usize) -> i128 {
        let amount = self.model.orders[place].as_ref().map_or(0, |order| order.amount);
        match self.dice.below(5) {
            0 => 0,
            1 => amount,
            2 => amount + 1,
            3 => 1,
            _ => amount * self.dice.below(1_000) as i128 / 1_000,
        }
    }

    fn step(&mut self) -> String {
        let act = self.dice.below(100);
        let (call, ends, name) = match act {
            0..8 => return self.pass(),
            8..11 => return self.outside(),
            11..13 => self.configure(),
            13..25 => self.open(),
            25..36 => self.accept(),
            36..47 => self.deliver(),
            47..62 => self.judge(),
            62..76 => self.argue(),
            _ => self.settle(),
        };
        let result = self.world.send(call);
        assert!(agrees(&result, &ends), "{name}: the model says {ends:?}, the program {result:?}");
        name
    }

    fn pass(&mut self) -> String {
        let place = self.dice.below(PLACES);
        let next = self.model.orders[place].as_ref().and_then(|order| {
            let deadlines = [
                order.accept_by,
                order.deliver_by,
                order.audit_by,
                order.audit_by + 2 * order.terms.resolve,
                order.dispute_until,
                order.answer_by,
                order.panel_until(),
                order.resolve_by,
                order.settled_at + order.terms.award,
            ];
            deadlines.into_iter().filter(|at| *at > self.model.now).min()
        });
        // both sides of a deadline's second, or a little while
        let to = match next.filter(|_| self.dice.chance(30)) {
            Some(deadline) => deadline - i64::from(self.dice.chance(50)),
            None => self.model.now + self.dice.one(&[0, 1, 5, 30]),
        };
        self.model.now = to.max(self.model.now);
        self.world.set_time(self.model.now);
        format!("time {}", self.model.now)
    }

    /// What others do: tokens sent to a vault, a verdict of `proofs` or of a panel, slots.
    fn outside(&mut self) -> String {
        match self.dice.below(4) {
            0 => {
                let place = self.place(&[order_state::FUNDED, order_state::ACCEPTED, order_state::AUDITED]);
                let address = self.address(place);
                let Some(order) = self.model.orders[place].as_mut().filter(|o| o.vault > 0 && o.mint != NATIVE) else {
                    return "nothing".into();
                };
                order.vault += 3;
                self.minted[order.mint] += 3;
                self.world.donate(&at::vault(&address), 3);
                format!("donate to {place}")
            }
            1 => {
                let place = self.place(&[order_state::SUBMITTED, order_state::DISPUTED]);
                let order = self.model.orders[place].as_ref();
                let (opened_at, kind) = order.map_or((self.model.now, judge::GOLD), |o| (o.opened_at, o.judge));
                let opened_at = opened_at - i64::from(self.dice.chance(10));
                let kind = if self.dice.chance(10) { judge::PROOF } else { kind };
                let bps = if kind != judge::GOLD { 0 } else { self.dice.one(&[0, 1, 3_333, 10_000]) };
                let (done, blame) = (self.dice.chance(85), false);
                self.put_verdict(place, false, Verdict { opened_at, bps, kind, done, blame });
                format!("verdict on {place}")
            }
            2 => {
                let place = self.place(&[order_state::DISPUTED]);
                let opened_at = self.model.orders[place].as_ref().map_or(self.model.now, |order| order.opened_at);
                let opened_at = opened_at - i64::from(self.dice.chance(10));
                let (bps, kind) = (self.dice.one(&[0, 10_000]), judge::ORACLES);
                let (done, blame) = (self.dice.chance(85), self.dice.chance(50));
                self.put_verdict(place, true, Verdict { opened_at, bps, kind, done, blame });
                format!("panel on {place}")
            }
            _ => {
                self.model.slot += self.dice.one(&[1, 5, 512]);
                self.world.set_slot(self.model.slot);
                format!("slot {}", self.model.slot)
            }
        }
    }

    fn put_verdict(&mut self, place: usize, panel: bool, verdict: Verdict) {
        self.model.verdicts[place][usize::from(panel)] = Some(verdict);
        let order = self.address(place);
        let view = VerdictView {
            order,
            rent_payer: order,
            opened_at: verdict.opened_at.into(),
            payable_bps: u16::try_from(verdict.bps).unwrap().into(),
            kind: verdict.kind,
            state: if verdict.done { 2 } else { 1 },
            blame: verdict.blame.into(),
        };
        let of_proofs = (VerdictView::PROGRAM, VerdictView::DISCRIMINATOR);
        let (program, kind) = if panel { VerdictView::OR.unwrap() } else { of_proofs };
        let data = [kind.as_slice(), anchor_lang::bytemuck::bytes_of(&view)].concat();
        self.world.put(verdict_at(&order, panel), program, data);
    }

    fn configure(&mut self) -> (Instruction, Ends, String) {
        let admin = self.world.admin;
        match self.dice.below(3) {
            0 => {
                self.model.terms = terms(&mut self.dice);
                let settings = settings(&self.model.terms, self.actors[TREASURY], &self.mints);
                (ix::update_config(admin, settings), Ok(()), "settings".into())
            }
            1 => {
                self.model.paused = self.dice.one(&[0, 0, 0, pause::LISTINGS, pause::ORDERS, pause::ACCEPTANCE]);
                (ix::set_pause(admin, self.model.paused), Ok(()), format!("pause {}", self.model.paused))
            }
            _ => {
                let listing = self.dice.below(8);
                let (price, active) = (1 + self.dice.below(1 << 20) as i128, self.dice.chance(80));
                let hours = self.model.listings[listing].kind == listing_kind::COMPUTE && self.dice.chance(10);
                let unit = if hours { unit::HOUR } else { terms_of(self.model.listings[listing].kind).0 };
                let ends = self.model.update_listing(listing, price, unit, active);
                let mut wanted = self.model.listings[listing].clone();
                (wanted.price, wanted.unit, wanted.active) = (price, unit, active);
                let seller = self.actors[wanted.seller];
                let update = ix::update_listing(seller, listing as u64, listing_terms(&wanted, &self.mints));
                (update, ends, format!("listing {listing} at {price}"))
            }
        }
    }

    fn open(&mut self) -> (Instruction, Ends, String) {
        let free: Vec<usize> = (0..PLACES).filter(|place| self.model.orders[*place].is_none()).collect();
        let place = if free.is_empty() { self.dice.below(PLACES) } else { self.dice.one(&free) };
        // half of them for compute, which has the longest way
        let listing = if self.dice.chance(40) { self.dice.below(2) } else { self.dice.below(8) };
        let buyer = BUYERS[place % 4];
        let l = &self.model.listings[listing];
        let ways: &[u8] = match l.kind {
            listing_kind::COMPUTE => &[judge::ORACLES, judge::ORACLES, judge::APPROVAL],
            listing_kind::LABELLING => &[judge::GOLD, judge::GOLD, judge::APPROVAL],
            _ => &[judge::PROOF],
        };
        let judge = if self.dice.chance(95) { self.dice.one(ways) } else { self.dice.below(6) as u8 };
        let quantity = self.dice.below(40) as i128;
        let stale = u32::from(self.dice.chance(3));
        let l = &self.model.listings[listing];
        let short = i128::from(self.dice.chance(3));
        let ask = Ask {
            listing,
            judge,
            quantity,
            partial: self.dice.chance(50),
            version: l.version + stale,
            max_total: l.price * quantity - short * i128::from(quantity > 0),
        };
        let (mint, money) = (self.mints[l.mint], MONIES[l.mint]);
        let open = ix::OpenOrder {
            buyer: self.actors[buyer],
            id: place as u64,
            listing: self.listing_address(listing),
            mint,
            token_program: money.program(),
            oracle_set: (judge == judge::ORACLES).then_some(1),
            funding: self.tokens[buyer][l.mint],
            terms: OrderTerms {
                quantity: quantity as u64,
                expected_version: ask.version,
                expected_metadata: METADATA,
                max_total: ask.max_total as u64,
                manifest_hash: [3; 32],
                judge,
                allow_partial: ask.partial,
            },
        };
        (ix::open_order(open), self.model.open(place, buyer, ask), format!("open {place}: {ask:?}"))
    }

    fn accept(&mut self) -> (Instruction, Ends, String) {
        let place = self.place(&[order_state::FUNDED]);
        let who = self.somebody(place, true);
        let call = ix::accept_order(self.deposit(place, who));
        (call, self.model.accept(place, who), format!("{who} accepts {place}"))
    }

    fn deliver(&mut self) -> (Instruction, Ends, String) {
        let place = self.place(&[order_state::ACCEPTED]);
        let who = self.somebody(place, true);
        let judged = self.model.orders[place].as_ref().map_or(0, |order| order.judge);
        let licence = (judged == judge::PROOF) != self.dice.chance(5);
        let (actor, order) = (self.actors[who], self.address(place));
        let call = if licence {
            ix::deliver_licence(actor, order, DeliveredLicence { key_hash: [4; 32], sealed_key: [5; 80] })
        } else {
            ix::submit_result(actor, order, SubmittedResult { root: e2e_tests::ROOT, log: [5; 32] })
        };
        (call, self.model.deliver(place, who, licence), format!("{who} delivers {place}"))
    }

    fn judge(&mut self) -> (Instruction, Ends, String) {
        match self.dice.below(3) {
            0 => {
                let place = self.place(&[order_state::SUBMITTED]);
                if self.dice.chance(60) {
                    self.model.slot += 5;
                    self.world.set_slot(self.model.slot);
                }
                (ix::arm_audit(self.address(place), 1), self.model.arm(place), format!("arm {place}"))
            }
            1 => {
                let place = self.place(&[order_state::AUDITING]);
                let (oracle, verdict) = (self.dice.below(3), self.dice.one(&[verdict::ACCEPT, verdict::REJECT]));
                let order = self.address(place);
                if self.world.svm.get_account(&order).is_some_and(|account| account.owner == market::ID) {
                    self.world.put_seal(order, &self.oracles, oracle, verdict);
                }
                let call = ix::attest(self.oracles[oracle], order, 1, None, vote(verdict));
                (call, self.model.attest(place, oracle, verdict), format!("oracle {oracle} votes {verdict} on {place}"))
            }
            _ => {
                let place = self.place(&[order_state::SUBMITTED, order_state::DISPUTED]);
                let (order, panel) = (self.address(place), self.dice.chance(40));
                let apply = ix::apply_verdict(order, verdict_at(&order, panel));
                (apply, self.model.apply(place, panel), format!("apply {place}, a panel's: {panel}"))
            }
        }
    }

    fn argue(&mut self) -> (Instruction, Ends, String) {
        match self.dice.below(5) {
            0 => {
                let place = self.place(&[order_state::SUBMITTED, order_state::AUDITING, order_state::AUDITED]);
                let who = self.somebody(place, false);
                let call = ix::approve(self.actors[who], self.address(place));
                (call, self.model.approve(place, who), format!("{who} approves {place}"))
            }
            1 => {
                let place = self.place(&[order_state::SUBMITTED, order_state::AUDITED, order_state::DISPUTED]);
                let (who, payable) = (self.somebody(place, true), self.amount_of(place));
                let call = ix::concede(self.actors[who], self.address(place), payable as u64);
                (call, self.model.concede(place, who, payable), format!("{who} concedes {payable} of {place}"))
            }
            2 => {
                let place = self.place(&[order_state::AUDITED]);
                let seller = self.dice.chance(30);
                let who = if self.dice.chance(30) { 5 } else { self.somebody(place, seller) };
                let call = ix::dispute(self.deposit(place, who), [6; 32]);
                (call, self.model.dispute(place, who), format!("{who} disputes {place}"))
            }
            3 => {
                let place = self.place(&[order_state::DISPUTED]);
                let seller = self.dice.chance(70);
                let who = self.somebody(place, seller);
                let call = ix::answer(self.actors[who], self.address(place), [7; 32]);
                (call, self.model.answer(place, who), format!("{who} answers {place}"))
            }
            _ => {
                let place = self.place(&[order_state::DISPUTED]);
                let payable = self.amount_of(place);
                let call = ix::resolve(self.world.admin, self.address(place), payable as u64);
                (call, self.model.resolve(place, payable), format!("resolve {place} to {payable}"))
            }
        }
    }

    fn settle(&mut self) -> (Instruction, Ends, String) {
        let treasury = self.actors[TREASURY];
        match self.dice.below(8) {
            0 => {
                let place = self.place(&[order_state::FUNDED]);
                let who = self.somebody(place, false);
                let mut cancel = ix::cancel_order(self.settlement(place));
                cancel.accounts[0].pubkey = self.actors[who];
                (cancel, self.model.cancel(place, who), format!("{who} cancels {place}"))
            }
            1..3 => {
                let place = self.place(&[order_state::RELEASED, order_state::REFUNDED]);
                let buyer = self.actors[BUYERS[place % 4]];
                (ix::close_order(self.address(place), buyer), self.model.close(place), format!("close {place}"))
            }
            act => {
                let place = self.dice.below(PLACES);
                let (caller, release) = (self.dice.below(ACTORS), act % 2 == 0);
                let (caller, order) = (self.actors[caller], self.settlement(place));
                let call = if release { ix::release(caller, order, treasury) } else { ix::refund(caller, order) };
                (call, self.model.end(place, release), format!("settle {place}, release: {release}"))
            }
        }
    }
}

/// Where a verdict on an order is: of `proofs`, or of a panel.
fn verdict_at(order: &Address, panel: bool) -> Address {
    if panel { e2e_tests::address::oracles::panel(order) } else { at::verdict(order) }
}

fn settings(terms: &Terms, treasury: Address, mints: &[Address; MINTS]) -> Settings {
    let bps = |share: i128| u16::try_from(share).unwrap();
    Settings {
        treasury,
        mints: [mints[0], mints[1], mints[2], Address::default()],
        fee_bps: bps(terms.fee_bps),
        award_category: 1,
        accept_seconds: terms.accept,
        delivery_seconds: terms.delivery,
        audit_seconds: terms.audit,
        dispute_seconds: terms.dispute,
        answer_seconds: terms.answer,
        resolve_seconds: terms.resolve,
        award_seconds: terms.award,
        seller_bond_bps: bps(terms.seller_bond_bps),
        challenge_bond_bps: bps(terms.challenge_bond_bps),
        slash_challenger_bps: bps(terms.slash_challenger_bps),
        slash_buyer_bps: bps(terms.slash_buyer_bps),
    }
}

fn listing_terms(listing: &Listing, mints: &[Address; MINTS]) -> ListingTerms {
    ListingTerms {
        price: u64::try_from(listing.price).unwrap(),
        mint: mints[listing.mint],
        unit: listing.unit,
        active: listing.active,
        metadata_hash: METADATA,
        content_root: terms_of(listing.kind).1,
        uri: [0; 96],
    }
}

fn agrees(result: &Result<Receipt, Refusal>, ends: &Ends) -> bool {
    let error = |code| TransactionError::InstructionError(0, code);
    match (result, ends) {
        (Ok(_), Ok(())) | (Err(_), Err(No::Account)) => true,
        (Err(refusal), Err(No::With(expected))) => refusal.err == error(answer(*expected)),
        // the token program's own words: insufficient funds
        (Err(refusal), Err(No::Poor)) => refusal.err == error(answer(anchor_lang::prelude::ProgramError::Custom(1))),
        _ => false,
    }
}

#[test]
fn random_orders_end_as_the_model_says_step_by_step() {
    let number = |name, default| env::var(name).map_or(default, |text| text.parse().expect("a number"));
    let (steps, seed) = (number("AIXBLOCK_STEPS", STEPS), number("AIXBLOCK_SEED", 0x5eed));
    let mut run = Run::new(seed);
    let (mut done, mut last) = ([0u64; 9], Vec::new());
    for step in 0..steps {
        let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let told = run.step();
            run.check();
            if step % 64 == 0 {
                run.check_reputations();
            }
            told
        }));
        let Ok(told) = told else {
            panic!("step {step} of AIXBLOCK_SEED={seed} AIXBLOCK_STEPS={steps}, after: {:#?}", last);
        };
        if last.len() == 30 {
            last.remove(0);
        }
        last.push(told);
        for order in run.model.orders.iter().flatten() {
            done[usize::from(order.state)] += 1;
        }
    }
    run.check_reputations();
    if steps >= STEPS {
        // a walk that never gets anywhere would agree with anything
        assert!(done[1..].iter().all(|seen| *seen > 0), "some state was never reached: {done:?}");
        assert!(run.model.burned[0] > 0 && run.model.burned[NATIVE] == 0);
        let total = run.model.reputations.iter().flatten().fold(Reputation::default(), |sum, r| Reputation {
            released: sum.released + r.released,
            rejected: sum.rejected + r.rejected,
            not_delivered: sum.not_delivered + r.not_delivered,
            disputes_lost: sum.disputes_lost + r.disputes_lost,
            ..sum
        });
        assert!([total.released, total.rejected, total.not_delivered, total.disputes_lost].iter().all(|n| *n > 0));
    }
}
