use crate::{World, address::market as market_at, instruction::proofs::ChunkProof};
use anchor_lang::{Address, Discriminator, bytemuck};
use market::state::{Order, judge, listing_kind, order_state};
use protocol::{
    content::{self, CHUNK_BYTES},
    digest::{Digest, content_address, tagged},
    labelling::{GoldItem, Task, answers_leaf, answers_leaves, gold_hash},
    licence::{SEALED_KEY_BYTES, request_hash},
    licence_keys, merkle,
};

/// Seconds from the submission of the world's labelling orders in which the gold may be shown.
pub const GOLD_WINDOW: i64 = 3_000;
/// Seconds after that in which answers may be shown.
pub const ANSWERS_WINDOW: i64 = 500;
/// Salt of the world's gold.
pub const SALT: [u8; 32] = [0x5a; 32];
/// The buyer's X25519 secret for the world's licences.
pub const BUYER_SECRET: [u8; 32] = [0xb1; 32];

/// Orders of the market as its own instructions would leave them, and those who prove things about them.
#[derive(Clone)]
pub struct Proofs {
    /// The chain.
    pub world: World,
    /// Whose orders they are.
    pub buyer: Address,
    /// Who sells.
    pub seller: Address,
    /// Has no part in anything.
    pub stranger: Address,
    next_id: u64,
}

impl Proofs {
    /// No orders yet.
    #[must_use]
    pub fn new() -> Self {
        let mut world = World::new();
        let [buyer, seller, stranger] = std::array::from_fn(|_| world.wallet());
        Self { world, buyer, seller, stranger, next_id: 1 }
    }

    /// Writes an order of the buyer, opened 100 seconds ago, with the fields that `change` sets.
    pub fn order(&mut self, change: impl FnOnce(&mut Order)) -> Address {
        let id = self.next_id;
        self.next_id += 1;
        self.order_at(id, change)
    }

    /// [`Proofs::order`] with a number that may have been used before.
    pub fn order_at(&mut self, id: u64, change: impl FnOnce(&mut Order)) -> Address {
        let (address, bump) =
            Address::find_program_address(&[b"order", self.buyer.as_ref(), &id.to_le_bytes()], &market::ID);
        assert_eq!(address, market_at::order(&self.buyer, id));
        let mut order: Order = bytemuck::Zeroable::zeroed();
        order.buyer = self.buyer;
        order.seller = self.seller;
        order.rent_payer = self.buyer;
        order.id = id.into();
        order.seq = 1.into();
        order.amount = 1_000_000.into();
        order.opened_at = (self.world.now() - 100).into();
        order.bump = bump;
        change(&mut order);
        self.world.put(address, market::ID, [Order::DISCRIMINATOR, bytemuck::bytes_of(&order)].concat());
        address
    }

    /// Changes an order as the market's instructions would.
    pub fn change(&mut self, order: &Address, change: impl FnOnce(&mut Order)) {
        let mut state: Order = self.world.read(order);
        change(&mut state);
        self.world.put(*order, market::ID, [Order::DISCRIMINATOR, bytemuck::bytes_of(&state)].concat());
    }

    /// A licence that was delivered and disputed.
    pub fn licence(&mut self, sold: &Sold) -> Address {
        self.order(|order| sold.delivered(order))
    }

    /// A labelling order with submitted answers, whose gold may be shown from now on.
    pub fn labelled(&mut self, job: &Labelled) -> Address {
        let audit_by = self.world.now() + GOLD_WINDOW;
        self.order(|order| job.submitted(order, audit_by))
    }
}

impl Default for Proofs {
    fn default() -> Self {
        Self::new()
    }
}

/// Content under licence, as its seller encrypted and committed to it.
#[derive(Clone, Debug)]
pub struct Sold {
    /// The content key.
    pub key: [u8; 32],
    /// Hashes of the promised chunks.
    pub plain: Vec<Digest>,
    /// The ciphertext.
    pub cipher: Vec<Vec<u8>>,
    /// The key as sealed to the buyer.
    pub sealed: [u8; SEALED_KEY_BYTES],
}

impl Sold {
    /// Content of so many chunks, each with the bytes that `chunk` gives it; `corrupted` is encrypted with a bit changed.
    #[must_use]
    pub fn new(count: usize, chunk: impl Fn(usize) -> Vec<u8>, corrupted: Option<usize>) -> Self {
        let key = [0x4b; 32];
        let promised: Vec<Vec<u8>> = (0..count).map(chunk).collect();
        let plain = promised.iter().map(|chunk| content_address(chunk)).collect();
        let mut cipher = promised;
        if let Some(place) = corrupted {
            cipher[place][0] ^= 1;
        }
        (0..).zip(&mut cipher).for_each(|(index, chunk)| content::apply_key(&key, index, chunk));
        let sealed = licence_keys::seal(&key, &licence_keys::public_key(&BUYER_SECRET), &[0xe5; 32]).unwrap();
        Self { key, plain, cipher, sealed }
    }

    /// Full chunks.
    #[must_use]
    pub fn full(count: usize, corrupted: Option<usize>) -> Self {
        Self::new(count, |place| vec![place as u8; CHUNK_BYTES], corrupted)
    }

    /// The tree's leaves.
    #[must_use]
    pub fn leaves(&self) -> Vec<Digest> {
        let hashes = self.plain.iter().zip(&self.cipher);
        (0..)
            .zip(hashes)
            .map(|(index, (plain, cipher))| content::leaf(index, plain, &content_address(cipher)))
            .collect()
    }

    /// A chunk with its proof.
    #[must_use]
    pub fn chunk(&self, place: usize) -> ChunkProof {
        let proof = merkle::prove(&self.leaves(), place).unwrap();
        ChunkProof { plain: self.plain[place], cipher: content_address(&self.cipher[place]), proof }
    }

    /// The first chunk as if of content of the largest size, and the root over that.
    #[must_use]
    pub fn deepest_chunk(&self) -> (ChunkProof, Digest) {
        let siblings = vec![Digest([7; 32]); content::MAX_DEPTH];
        let node = |top: Digest, sibling: &Digest| tagged(b"aixblock/merkle/node/v1", &[&top.0, &sibling.0]);
        let top = siblings.iter().fold(self.leaves()[0], node);
        let count = 1u64 << content::MAX_DEPTH;
        let root = tagged(b"aixblock/merkle/root/v1", &[&count.to_le_bytes(), &top.0]);
        (ChunkProof { proof: merkle::Proof { index: 0, count, siblings }, ..self.chunk(0) }, root)
    }

    /// The fields of the order that it was delivered for, in dispute.
    pub fn delivered(&self, order: &mut Order) {
        order.kind = listing_kind::DATASET;
        order.judge = judge::PROOF;
        order.state = order_state::DISPUTED;
        order.disputed = 1;
        order.content_root = merkle::root(&self.leaves()).0;
        order.manifest_hash = request_hash(&licence_keys::public_key(&BUYER_SECRET)).0;
        order.result_root = content::key_hash(&self.key).0;
        order.result_log = content_address(&self.sealed).0;
    }
}

/// A labelling task with its gold, and the answers that were given.
#[derive(Clone, Debug)]
pub struct Labelled {
    /// What was ordered.
    pub task: Task,
    /// What the buyer knew.
    pub gold: Vec<GoldItem>,
    /// What the labeller answered.
    pub answers: Vec<u8>,
}

impl Labelled {
    /// A task that pays nothing below `floor_bps` and all from `full_bps` on.
    #[must_use]
    pub fn new(answers: Vec<u8>, gold: Vec<GoldItem>, floor_bps: u16, full_bps: u16) -> Self {
        let task = Task {
            items: answers.len().try_into().unwrap(),
            gold_count: gold.len().try_into().unwrap(),
            floor_bps,
            full_bps,
            gold: gold_hash(&SALT, &gold),
            brief: Digest([0xbf; 32]),
        };
        Self { task, gold, answers }
    }

    /// 1,000 items answered with 7, and gold at 0, 100, .. of which the labels of the first `correct` agree.
    #[must_use]
    pub fn usual(correct: usize) -> Self {
        let gold = (0..10).map(|n: u32| GoldItem { item: 100 * n, label: if (n as usize) < correct { 7 } else { 8 } });
        Self::new(vec![7; 1_000], gold.collect(), 5_000, 9_000)
    }

    /// The leaf with its siblings.
    #[must_use]
    pub fn leaf(&self, leaf: u32) -> (Vec<u8>, Vec<Digest>) {
        let place = leaf as usize;
        let answers = self.answers.chunks(256).nth(place).unwrap().to_vec();
        assert_eq!(answers_leaf(leaf, &answers), answers_leaves(&self.answers)[place]);
        (answers, merkle::prove(&answers_leaves(&self.answers), place).unwrap().siblings)
    }

    /// The fields of its order, whose gold is due by `audit_by`.
    pub fn submitted(&self, order: &mut Order, audit_by: i64) {
        order.kind = listing_kind::LABELLING;
        order.judge = judge::GOLD;
        order.state = order_state::SUBMITTED;
        order.manifest_hash = self.task.hash().0;
        order.result_root = merkle::root(&answers_leaves(&self.answers)).0;
        order.audit_by = audit_by.into();
        order.resolve_seconds = ANSWERS_WINDOW.into();
    }
}
