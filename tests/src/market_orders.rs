//! Orders of the test market: the calls of their parties, and driving one into a state.
use crate::{
    AMOUNT, DISPUTE, KEY_HASH, MANIFEST, METADATA, Market, PURSE, QUANTITY, ROOT, Receipt, Refusal, passed, vote,
};
use anchor_lang::Address;
use chain::address::market as at;
use chain::instruction::market::{self as ix, Deposit, OpenOrder, Settlement};
use market::{
    foreign::ForeignAccount,
    instructions::{DeliveredLicence, OrderTerms, SubmittedResult},
    state::{Order, Reputation, judge, order_state, verdict},
    views::{FINAL, VerdictView},
};
use solana_instruction::Instruction;

impl Market {
    /// The buyer's order with this number, of the world's listing.
    #[must_use]
    pub fn open_ix(&self, id: u64) -> OpenOrder {
        let terms = OrderTerms {
            quantity: QUANTITY,
            expected_version: 1,
            expected_metadata: METADATA,
            max_total: AMOUNT,
            manifest_hash: MANIFEST,
            judge: self.setup.judge,
            allow_partial: true,
        };
        let (buyer, mint, funding) = (self.buyer, self.mint, self.buyer_tokens);
        let (listing, token_program) = (self.listing(), self.setup.money.program());
        let oracle_set = (self.setup.judge == judge::ORACLES).then_some(1);
        OpenOrder { buyer, id, listing, mint, token_program, oracle_set, funding, terms }
    }

    /// Opens an order.
    pub fn open(&mut self) -> Address {
        let id = self.next_id;
        self.next_id += 1;
        passed(self.world.send(ix::open_order(self.open_ix(id))));
        at::order(&self.buyer, id)
    }

    /// The seller's acceptance.
    #[must_use]
    pub fn accept_ix(&self, order: Address) -> Instruction {
        ix::accept_order(self.deposit(self.seller, order))
    }

    fn deposit(&self, actor: Address, order: Address) -> Deposit {
        let (seller, mint, token_program) = (self.seller, self.mint, self.setup.money.program());
        Deposit { actor, order, seller, mint, token_program }
    }

    /// What the seller delivers: a result, or the key of a licence.
    #[must_use]
    pub fn submit_ix(&self, order: Address) -> Instruction {
        if self.setup.judge == judge::PROOF {
            return ix::deliver_licence(
                self.seller,
                order,
                DeliveredLicence { key_hash: KEY_HASH, sealed_key: [14; 80] },
            );
        }
        ix::submit_result(self.seller, order, SubmittedResult { root: ROOT, log: [5; 32] })
    }

    /// A challenge of the verdict.
    #[must_use]
    pub fn dispute_ix(&self, by: Address, order: Address) -> Instruction {
        ix::dispute(self.deposit(by, order), [6; 32])
    }

    /// The administrator's decision.
    #[must_use]
    pub fn resolve_ix(&self, order: Address, payable: u64) -> Instruction {
        ix::resolve(self.world.admin, order, payable)
    }

    /// Opens an order and drives it to an answered dispute by the buyer, or, where the verdict is the buyer's, by the seller.
    pub fn answered_order(&mut self) -> Address {
        let order = self.order_in(order_state::DISPUTED);
        passed(self.world.send(ix::answer(self.seller, order, [7; 32])));
        order
    }

    /// Writes the account in which the program `proofs` keeps a verdict on an order.
    pub fn put_verdict(&mut self, order: Address, change: impl FnOnce(&mut VerdictView)) -> Address {
        let mut view = VerdictView {
            order,
            rent_payer: self.buyer,
            opened_at: self.order(order).opened_at,
            payable_bps: 0.into(),
            kind: self.setup.judge,
            state: FINAL,
            blame: 0,
        };
        change(&mut view);
        let address = at::verdict(&order);
        let mut data = VerdictView::DISCRIMINATOR.to_vec();
        data.extend(anchor_lang::bytemuck::bytes_of(&view));
        // what the program keeps besides
        data.extend([0; 200]);
        self.world.put(address, VerdictView::PROGRAM, data);
        address
    }

    /// A vote of the oracle with this place in the set.
    #[must_use]
    pub fn vote_ix(&self, order: Address, oracle: usize, verdict: u8) -> Instruction {
        ix::attest(self.oracles[oracle], order, 1, None, vote(verdict))
    }

    /// Seals and votes; the others count as having sealed, so that nobody is waited for.
    pub fn vote(&mut self, order: Address, oracle: usize, verdict: u8) -> Result<Receipt, Refusal> {
        self.world.put_seal(order, &self.oracles, oracle, verdict);
        self.world.send(self.vote_ix(order, oracle, verdict))
    }

    /// Payment of an order to whom it belongs.
    #[must_use]
    pub fn release_ix(&self, order: Address) -> Instruction {
        ix::release(self.stranger, self.settlement(order), self.treasury)
    }

    /// Return of an order to its buyer, called by a stranger.
    #[must_use]
    pub fn refund_ix(&self, order: Address) -> Instruction {
        ix::refund(self.stranger, self.settlement(order))
    }

    /// What an order's settlement names.
    #[must_use]
    pub fn settlement(&self, order: Address) -> Settlement {
        let state = self.world.svm.get_account(&order).filter(|account| account.data.len() > 8);
        let challenger = state.map(|_| self.order(order).challenger).filter(|who| *who != Address::default());
        let (listing, buyer, seller, mint) = (self.listing(), self.buyer, self.seller, self.mint);
        let token_program = self.setup.money.program();
        Settlement { order, listing, buyer, seller, challenger, mint, token_program, rent_payer: buyer }
    }

    /// The account of an order.
    #[must_use]
    pub fn order(&self, order: Address) -> Order {
        self.world.read(&order)
    }

    /// Opens an order and drives it into a state of `order_state` by the ordinary instructions. `RELEASED` lets the
    /// dispute window pass; every other state is reached within one second.
    pub fn order_in(&mut self, state: u8) -> Address {
        let order = self.open();
        if state == order_state::REFUNDED {
            passed(self.world.send(ix::cancel_order(self.settlement(order))));
            return order;
        }
        if state >= order_state::ACCEPTED {
            passed(self.world.send(self.accept_ix(order)));
        }
        if state >= order_state::SUBMITTED {
            passed(self.world.send(self.submit_ix(order)));
        }
        let oracles = self.setup.judge == judge::ORACLES;
        if state >= order_state::AUDITING && oracles {
            self.world.set_slot(self.world.slot() + 5);
            passed(self.world.send(ix::arm_audit(order, 1)));
        }
        if state >= order_state::AUDITED && oracles {
            passed(self.vote(order, 0, verdict::ACCEPT));
            passed(self.vote(order, 1, verdict::ACCEPT));
        }
        if state == order_state::DISPUTED {
            passed(self.world.send(self.dispute_ix(self.buyer, order)));
        }
        if state == order_state::RELEASED {
            self.world.pass(DISPUTE);
            passed(self.world.send(self.release_ix(order)));
        }
        assert_eq!(self.order(order).state, state);
        order
    }

    /// An order that two oracles rejected.
    pub fn rejected_order(&mut self) -> Address {
        let order = self.order_in(order_state::AUDITING);
        passed(self.vote(order, 0, verdict::REJECT));
        passed(self.vote(order, 1, verdict::REJECT));
        assert_eq!(self.order(order).state, order_state::AUDITED);
        order
    }

    /// Base units of seller, treasury and buyer.
    #[must_use]
    pub fn balances(&self) -> [u64; 3] {
        [self.seller_tokens, self.treasury_tokens, self.buyer_tokens].map(|t| self.world.tokens(&t))
    }

    /// Base units of seller, treasury, buyer and challenger.
    #[must_use]
    pub fn holdings(&self) -> [u64; 4] {
        let [seller, treasury, buyer] = self.balances();
        [seller, treasury, buyer, self.world.tokens(&self.challenger_tokens)]
    }

    /// The seller's reputation in the world's mint.
    #[must_use]
    pub fn reputation(&self) -> Reputation {
        self.world.read(&at::reputation(&self.seller, &self.mint))
    }

    /// The account at which an order's tokens wait.
    #[must_use]
    pub fn vault(&self, order: Address) -> Address {
        at::vault(&order)
    }

    /// A token account of `wallet` for another mint.
    pub fn foreign_tokens(&mut self, wallet: &Address) -> (Address, Address) {
        let mint = self.world.mint();
        let tokens = self.world.fund(wallet, &mint, PURSE);
        (mint, tokens)
    }
}
