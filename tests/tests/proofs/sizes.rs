//! The largest evidence fits into one transaction, with a limit of units and a price for them.
use anchor_lang::Address;
use e2e_tests::{
    BUYER_SECRET, Labelled, Proofs, SALT, Sold,
    instruction::proofs::{self as ix, ProveChunk},
    passed,
};
use protocol::{
    content::{CHUNK_BYTES, MAX_DEPTH},
    digest::Digest,
    labelling::{GoldItem, LEAF_ANSWERS, MAX_GOLD, MAX_ITEMS},
    licence_keys,
    merkle::Proof,
};
use solana_instruction::Instruction;
use solana_transaction::Transaction;

/// Bytes that a transaction may have.
const MOST: usize = 1_232;

/// Bytes of a transaction of `signer` with this instruction and the two of a compute budget.
fn bytes(signer: &Address, instruction: Instruction) -> usize {
    let budget = Address::from_str_const("ComputeBudget111111111111111111111111111111");
    let limit = Instruction { program_id: budget, accounts: vec![], data: vec![2; 5] };
    let price = Instruction { program_id: budget, accounts: vec![], data: vec![3; 9] };
    let transaction = Transaction::new_with_payer(&[limit, price, instruction], Some(signer));
    // each signature has 64 bytes, and their number one
    1 + 64 * usize::from(transaction.message.header.num_required_signatures) + transaction.message.serialize().len()
}

#[test]
fn the_largest_evidence_fits_into_a_transaction() {
    let (signer, order) = (Address::new_unique(), Address::new_unique());
    let mut chunk = Sold::full(1, None).chunk(0);
    chunk.proof = Proof { index: 0, count: 1 << MAX_DEPTH, siblings: vec![Digest::ZERO; MAX_DEPTH] };
    let cipher = vec![0; CHUNK_BYTES];
    let prove = ProveChunk { payer: signer, order, claimant: signer, key: [0; 32], cipher };
    let sealed = Sold::full(1, None).sealed;
    let gold = (0..MAX_GOLD as u32).map(|item| GoldItem { item, label: 0 }).collect();
    let job = Labelled::new(vec![0; 100], gold, 0, 10_000);
    let depth = (MAX_ITEMS / LEAF_ANSWERS).ilog2() as usize;
    let rows = [
        ("open_chunk", ix::open_chunk(signer, order, &chunk)),
        ("prove_chunk", ix::prove_chunk(prove)),
        ("prove_key", ix::prove_key(signer, order, &licence_keys::evidence(&BUYER_SECRET, &sealed), sealed)),
        ("open_gold", ix::open_gold(signer, order, &job.task, SALT, &job.gold)),
        ("open_answers", ix::open_answers(order, &[0; LEAF_ANSWERS as usize], 0, &vec![Digest::ZERO; depth])),
    ];
    for (name, instruction) in rows {
        let bytes = bytes(&signer, instruction);
        assert!(bytes <= MOST, "{name}: {bytes} bytes");
    }
}

#[test]
fn a_chunk_of_the_largest_content_is_proven() {
    let mut p = Proofs::new();
    let sold = Sold::full(1, Some(0));
    let (chunk, root) = sold.deepest_chunk();
    let order = p.order(|order| {
        sold.delivered(order);
        order.content_root = root.0;
    });
    passed(p.world.send(ix::open_chunk(p.buyer, order, &chunk)));
    let (key, cipher) = (sold.key, sold.cipher[0].clone());
    passed(p.world.send(ix::prove_chunk(ProveChunk { payer: p.buyer, order, claimant: p.buyer, key, cipher })));
}
