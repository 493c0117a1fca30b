use crate::{SALT_OF_VOTES, World, address::oracles as at};
use anchor_lang::{Address, bytemuck::Zeroable};
use market::state::Order;
use oracles::state::Seals;
use protocol::seal::{self, Subject};

impl World {
    /// What a member that votes `verdict` on `order` seals under [`SALT_OF_VOTES`].
    #[must_use]
    pub fn commitment(&self, order: &Address, member: &Address, verdict: u8) -> [u8; 32] {
        let state: Order = self.read(order);
        let subject = Subject {
            order: order.as_array(),
            opened_at: state.opened_at.get(),
            audit_seed: &state.audit_seed,
            oracle: member.as_array(),
        };
        seal::commitment(&subject, verdict, &SALT_OF_VOTES)
    }

    /// Writes the account in which the program `oracles` keeps what the `members` of an order's set sealed: all of them did, and
    /// the one at `place` this verdict.
    pub fn put_seal(&mut self, order: Address, members: &[Address], place: usize, verdict: u8) {
        let state: Order = self.read(&order);
        let address = at::seals(&order);
        let there = self.svm.get_account(&address).is_some_and(|account| account.owner == oracles::ID);
        let mut seals = if there { self.read(&address) } else { Seals::zeroed() };
        let (_, bump) = Address::find_program_address(&[b"seals", order.as_ref()], &oracles::ID);
        (seals.order, seals.rent_payer, seals.opened_at, seals.bump) = (order, members[0], state.opened_at, bump);
        seals.sealed = u16::try_from((1u32 << members.len()) - 1).unwrap().into();
        seals.commitments[place] = self.commitment(&order, &members[place], verdict);
        self.put_account(address, oracles::ID, &seals);
    }
}
