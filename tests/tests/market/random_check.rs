//! What a step of [`crate::random`] leaves on the chain, against the model.
use crate::{
    model::{self, MINTS, Reputation, SELLERS},
    random::{PLACES, Run},
};
use anchor_lang::Address;
use e2e_tests::address::market as at;
use market::state as chain;

impl Run {
    /// Everything that the program keeps is what the model says, and no token came from nowhere or went there.
    pub(crate) fn check(&self) {
        for mint in 0..MINTS {
            let mut sum = self.model.burned[mint];
            for (tokens, held) in self.tokens.iter().zip(&self.model.tokens) {
                assert_eq!(i128::from(self.world.tokens(&tokens[mint])), held[mint]);
                sum += held[mint];
            }
            sum += self.model.orders.iter().flatten().filter(|o| o.mint == mint).map(|o| o.vault).sum::<i128>();
            assert_eq!(sum, self.minted[mint], "tokens of mint {mint}");
        }
        for place in 0..PLACES {
            let (address, vault) = self.orders[place];
            let vault = i128::from(self.world.tokens(&vault));
            match &self.model.orders[place] {
                None => assert!(self.world.is_gone(&address) && vault == 0),
                Some(order) => {
                    assert_eq!(vault, order.vault);
                    self.same(order, &self.world.read(&address));
                }
            }
        }
        for (listing, expected) in self.model.listings.iter().enumerate() {
            let found: chain::Listing = self.world.read(&self.listing_address(listing));
            assert_eq!((found.open_orders.get(), found.version.get()), (expected.open_orders, expected.version));
            assert_eq!(i128::from(found.price.get()), expected.price);
        }
    }

    fn same(&self, model: &model::Order, found: &chain::Order) {
        let codes = [found.state, found.verdict, found.resolution, found.answered, found.disputed];
        let disputed = u8::from(model.challenger.is_some());
        assert_eq!(codes, [model.state, model.verdict, model.resolution, u8::from(model.answered), disputed]);
        assert_eq!(found.challenger, model.challenger.map_or(Address::default(), |who| self.actors[who]));
        let amounts =
            [found.amount, found.payable, found.seller_bond, found.challenge_bond].map(|a| i128::from(a.get()));
        assert_eq!(amounts, [model.amount, model.payable, model.seller_bond, model.challenge_bond]);
        let shares = [found.released, found.fee, found.refunded, found.rewarded, found.burned];
        assert_eq!(shares.map(|a| i128::from(a.get())), model.shares);
        let times = [
            found.accept_by,
            found.deliver_by,
            found.audit_by,
            found.dispute_until,
            found.answer_by,
            found.resolve_by,
            found.settled_at,
        ];
        let expected = [
            model.accept_by,
            model.deliver_by,
            model.audit_by,
            model.dispute_until,
            model.answer_by,
            model.resolve_by,
            model.settled_at,
        ];
        assert_eq!(times.map(|time| time.get()), expected);
        assert_eq!((found.votes_for.get(), found.votes_against.get()), (model.votes_for, model.votes_against));
        assert_eq!(found.seq.get(), model.seq);
    }

    pub(crate) fn check_reputations(&self) {
        for (seller, of_mints) in SELLERS.iter().zip(&self.model.reputations) {
            for (mint, expected) in self.mints.iter().zip(of_mints) {
                let address = at::reputation(&self.actors[*seller], mint);
                if self.world.is_gone(&address) {
                    assert_eq!(*expected, Reputation::default());
                    continue;
                }
                let r: chain::Reputation = self.world.read(&address);
                let found = Reputation {
                    accepted: r.accepted.get().into(),
                    released: r.released.get().into(),
                    rejected: r.rejected.get().into(),
                    not_delivered: r.not_delivered.get().into(),
                    disputed: r.disputed.get().into(),
                    disputes_lost: r.disputes_lost.get().into(),
                    volume: r.volume.get().into(),
                    slashed: r.slashed.get().into(),
                };
                assert_eq!(found, *expected);
            }
        }
    }
}
