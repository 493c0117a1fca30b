use super::Journey;
use crate::{BUYER_SECRET, Labelled, Proofs, SALT, Sold, instruction::proofs as proofs_ix};
use market::state::order_state as state;
use protocol::{labelling::GoldItem, licence_keys};

/// Each at its most: a full chunk at the deepest place, all gold items in one leaf of a large tree.
pub(super) fn travel(journey: &mut dyn Journey) {
    let mut p = Proofs::new();
    let (buyer, sold) = (p.buyer, Sold::full(1, Some(0)));
    let mut run = |p: &mut Proofs, name: &str, i| journey.send(&mut p.world, "proofs", name, i);
    let (chunk, root) = sold.deepest_chunk();
    let order = p.order(|order| {
        sold.delivered(order);
        order.content_root = root.0;
    });
    run(&mut p, "open_chunk", proofs_ix::open_chunk(buyer, order, &chunk));
    let (key, cipher) = (sold.key, sold.cipher[0].clone());
    let prove = proofs_ix::ProveChunk { payer: buyer, order, claimant: buyer, key, cipher };
    run(&mut p, "prove_chunk", proofs_ix::prove_chunk(prove));
    run(&mut p, "close_claim", proofs_ix::close_claim(buyer, order));
    let wrong = p.order(|order| {
        sold.delivered(order);
        order.result_root = [1; 32];
    });
    let evidence = licence_keys::evidence(&BUYER_SECRET, &sold.sealed);
    run(&mut p, "prove_key", proofs_ix::prove_key(buyer, wrong, &evidence, sold.sealed));
    let gold = (0..64).map(|item| GoldItem { item: 2 * item, label: 7 }).collect();
    let job = Labelled::new(vec![7; 100_000], gold, 5_000, 9_000);
    let order = p.labelled(&job);
    let (answers, siblings) = job.leaf(0);
    run(&mut p, "open_gold", proofs_ix::open_gold(buyer, order, &job.task, SALT, &job.gold));
    run(&mut p, "open_answers", proofs_ix::open_answers(order, &answers, 0, &siblings));
    run(&mut p, "finish_gold", proofs_ix::finish_gold(order));
    p.change(&order, |order| order.state = state::RELEASED);
    run(&mut p, "close_verdict", proofs_ix::close_verdict(order, buyer));
}
