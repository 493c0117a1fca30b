//! Panels of the oracles' program: whom they are drawn from, disputes for them to judge, and what their members seal and show.
use crate::{
    Market, RESOLVE, Receipt, Refusal, SALT_OF_VOTES, Token, World,
    address::oracles as at,
    instruction::{
        market as market_ix,
        oracles::{self as ix, PanelVote},
    },
    members,
    oracles_world::{BOND, Bonds, MARKET_ANSWER, OWN_TOKENS, bond_settings},
    passed,
};
use anchor_lang::{Address, bytemuck::Zeroable};
use market::state::{Order, judge, order_state};
use oracles::state::{Panel, panel_state};
use protocol::{
    panel::sealing_ends,
    seal::{self, Subject},
};
use solana_instruction::Instruction;

/// Version of the oracle set that panels are drawn from.
pub const PANEL_SET: u32 = 2;
/// Seats of a panel.
pub const PANEL_SIZE: u8 = 3;

/// What a member of a panel shows, sealed under [`SALT_OF_VOTES`].
#[must_use]
pub fn panel_vote(ballot: u8) -> PanelVote {
    PanelVote { ballot, reason: 9, report: [8; 32], salt: SALT_OF_VOTES }
}

impl World {
    /// The panel on an order.
    #[must_use]
    pub fn panel(&self, order: &Address) -> Panel {
        self.read(&at::panel(order))
    }

    /// The members that were drawn for an order's panel.
    #[must_use]
    pub fn panel_members(&self, order: &Address) -> Vec<Address> {
        let panel = self.panel(order);
        panel.members[..panel.size.into()].to_vec()
    }

    /// A member's seal of this ballot.
    #[must_use]
    pub fn seal_ballot_ix(&self, order: &Address, member: &Address, ballot: u8) -> Instruction {
        let panel = self.panel(order);
        let subject = Subject {
            order: order.as_array(),
            opened_at: panel.opened_at.get(),
            audit_seed: &panel.seed,
            oracle: member.as_array(),
        };
        ix::seal_panel_vote(*member, *order, seal::commitment(&subject, ballot, &SALT_OF_VOTES))
    }

    /// Lets enough slots pass and draws the members.
    pub fn draw_panel(&mut self, order: &Address) -> Vec<Address> {
        self.set_slot(self.slot() + 5);
        passed(self.send(ix::draw_panel(*order, 1, PANEL_SET)));
        self.panel_members(order)
    }

    /// Each member of a sitting panel seals its ballot; then they show them in turn, until nobody has to.
    pub fn decide_panel(&mut self, order: &Address, ballots: &[u8]) {
        let members = self.panel_members(order);
        assert_eq!(members.len(), ballots.len(), "a ballot for each seat");
        for (member, ballot) in members.iter().zip(ballots) {
            passed(self.send(self.seal_ballot_ix(order, member, *ballot)));
        }
        for (member, ballot) in members.iter().zip(ballots) {
            if self.panel(order).state != panel_state::FINAL {
                passed(self.send(ix::show_panel_vote(*member, *order, panel_vote(*ballot))));
            }
        }
    }
}

impl Bonds {
    /// Bonds, and an order that awaits its panel, which is drawn from set [`PANEL_SET`]: the members of set 1 and so many more.
    #[must_use]
    pub fn disputed(fresh: usize) -> (Self, Address) {
        let mut bonds = Self::new();
        bonds.add_panel_set(fresh);
        let order = bonds.disputed_order(|_| ());
        (bonds, order)
    }

    /// Writes set [`PANEL_SET`]: the members of set 1, and newcomers, whom this registers and bonds.
    pub fn add_panel_set(&mut self, fresh: usize) -> Vec<Address> {
        let newcomers: Vec<Address> = (0..fresh).map(|_| self.world.wallet()).collect();
        let token = self.token;
        for newcomer in &newcomers {
            self.world.fund_with(newcomer, &token, BOND + OWN_TOKENS);
            passed(self.world.send(self.register_ix(*newcomer)));
            passed(self.world.send(self.deposit_ix(*newcomer, BOND)));
        }
        self.world.put_oracle_set(PANEL_SET, &[&self.oracles[..], &newcomers].concat(), |_| ());
        newcomers
    }

    /// An order whose accepting verdict, by members 0 and 1, was disputed just now, and the dispute answered.
    pub fn disputed_order(&mut self, change: impl FnOnce(&mut Order)) -> Address {
        let (now, challenger) = (self.world.now(), self.challenger);
        self.order(|order| {
            order.state = order_state::DISPUTED;
            (order.disputed, order.answered) = (1, 1);
            order.challenger = challenger;
            order.settled_at = 0.into();
            order.answer_by = (now + MARKET_ANSWER).into();
            order.resolve_seconds = RESOLVE.into();
            order.resolve_by = (now + MARKET_ANSWER + RESOLVE).into();
            change(order);
        })
    }

    /// A stranger convenes the order's panel.
    pub fn convene(&mut self, order: &Address) -> Result<Receipt, Refusal> {
        self.world.send(ix::convene_panel(self.stranger, *order, 1, PANEL_SET))
    }

    /// Convenes the order's panel and draws its members.
    pub fn seat(&mut self, order: &Address) -> Vec<Address> {
        passed(self.convene(order));
        self.world.draw_panel(order)
    }

    /// The second from which a panel on the order shows its votes.
    #[must_use]
    pub fn seal_by(&self, order: &Address) -> i64 {
        let order: Order = self.world.read(order);
        sealing_ends(order.resolve_by.get(), order.resolve_seconds.get())
    }
}

impl Market {
    /// Adds the oracles' program, with bonds in the market's token, and set [`PANEL_SET`]: the members of set 1, and newcomers.
    /// Orders that are there pinned set 1; new ones would have to pin this one.
    pub fn add_oracles(&mut self, fresh: usize) {
        let (admin, token, money) = (self.world.admin, Token::classic(self.mint), self.setup.money);
        passed(self.world.send(ix::initialize(admin, self.mint, bond_settings())));
        let newcomers: Vec<Address> = (0..fresh).map(|_| self.world.wallet()).collect();
        let all = [&self.oracles[..], &newcomers].concat();
        for oracle in &all {
            let tokens = money.fund(&mut self.world, oracle, &self.mint, BOND);
            passed(self.world.send(ix::register_oracle(*oracle, *oracle, token)));
            passed(self.world.send(ix::deposit_bond(*oracle, tokens, token, BOND)));
        }
        let majority = u8::try_from(all.len() / 2 + 1).unwrap();
        passed(self.world.send(market_ix::create_oracle_set(admin, PANEL_SET, members(&all, majority))));
    }

    /// Convenes a panel on an answered dispute, and lets its members seal and show these ballots.
    pub fn hold_panel(&mut self, order: Address, ballots: &[u8]) {
        passed(self.world.send(ix::convene_panel(self.stranger, order, 1, PANEL_SET)));
        self.world.draw_panel(&order);
        self.world.decide_panel(&order, ballots);
    }

    /// Writes the account of a panel that found for the buyer, as the program `oracles` would leave it.
    pub fn put_panel(&mut self, order: Address, change: impl FnOnce(&mut Panel)) -> Address {
        let (address, bump) = Address::find_program_address(&[b"panel", order.as_ref()], &oracles::ID);
        let mut panel = Panel { order, rent_payer: self.stranger, bump, ..Panel::zeroed() };
        panel.opened_at = self.order(order).opened_at;
        (panel.kind, panel.state) = (judge::ORACLES, panel_state::FINAL);
        change(&mut panel);
        self.world.put_account(address, oracles::ID, &panel);
        address
    }

    /// Lets the time pass in which a panel has the dispute to itself.
    pub fn wait_for_panel(&mut self, order: Address) {
        let order = self.order(order);
        let until = protocol::panel::sits_until(order.resolve_by.get(), order.resolve_seconds.get());
        self.world.set_time(until.max(self.world.now()));
    }
}
